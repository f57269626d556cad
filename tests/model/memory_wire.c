/* SPDX-License-Identifier: BSD-3-Clause */
/* Descriptors as bytes, by the offsets of the specification: not by the SPMC's structures. */
#include "memory.h"

#include <string.h>

static void put(uint8_t *bytes, uint32_t at, uint64_t value, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++) {
		bytes[at + i] = (uint8_t)(value >> 8 * i);
	}
}

static uint64_t get(const uint8_t *bytes, uint32_t at, uint32_t size)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < size; i++) {
		value |= (uint64_t)bytes[at + i] << 8 * i;
	}
	return value;
}

static void put_receiver(const struct descriptor *d, const struct receiver *r, uint8_t *at)
{
	put(at, 0, r->id, 2);
	put(at, 2, r->permissions, 1);
	put(at, 3, r->flags, 1);
	put(at, 4, r->composite_offset, 4);
	if (d->size == 32) {
		put(at, 8, r->impdef[0], 8);
		put(at, 16, r->impdef[1], 8);
		put(at, 24, r->reserved, 8);
	} else {
		put(at, 8, r->reserved, 8);
	}
}

static void put_header(const struct descriptor *d, uint8_t *bytes)
{
	put(bytes, 0, d->sender, 2);
	put(bytes, 4, d->flags, 4);
	put(bytes, 8, d->handle, 8);
	put(bytes, 16, d->tag, 8);
	if (d->layout == LAYOUT_1_0) {
		put(bytes, 2, d->attributes, 1);
		put(bytes, 3, d->reserved_1_0, 1);
		put(bytes, 24, d->reserved[0], 4);
		put(bytes, 28, d->access_count, 4);
	} else {
		put(bytes, 2, d->attributes, 2);
		put(bytes, 24, d->access_size, 4);
		put(bytes, 28, d->access_count, 4);
		put(bytes, 32, d->access_offset, 4);
		put(bytes, 36, d->reserved[0], 4);
		put(bytes, 40, d->reserved[1], 4);
		put(bytes, 44, d->reserved[2], 4);
	}
}

/* Returns the length. */
uint32_t wire_put(const struct descriptor *d, uint8_t *bytes)
{
	uint32_t at = d->composite_at;

	put_header(d, bytes);
	for (uint32_t i = 0; i < d->receiver_count; i++) {
		put_receiver(d, &d->receivers[i], bytes + d->receivers_at + i * d->size);
	}
	if (!d->has_composite) {
		return d->receivers_at + d->receiver_count * d->size;
	}
	put(bytes, at, d->page_total, 4);
	put(bytes, at + 4, d->piece_count, 4);
	put(bytes, at + 8, d->composite_reserved, 8);
	at += 16;
	for (uint32_t i = 0; i < d->pieces_really; i++, at += 16) {
		put(bytes, at, d->pieces[i].base, 8);
		put(bytes, at + 8, d->pieces[i].pages, 4);
		put(bytes, at + 12, d->pieces[i].reserved, 4);
	}
	return at;
}

static void get_header(struct descriptor *d, uint32_t layout, const uint8_t *bytes)
{
	*d = (struct descriptor){
		.layout = layout,
		.sender = (uint16_t)get(bytes, 0, 2),
		.flags = (uint32_t)get(bytes, 4, 4),
		.handle = get(bytes, 8, 8),
		.tag = get(bytes, 16, 8),
		.access_count = (uint32_t)get(bytes, 28, 4),
		.attributes = (uint16_t)get(bytes, 2, 2),
		.access_size = (uint32_t)get(bytes, 24, 4),
		.access_offset = (uint32_t)get(bytes, 32, 4),
	};
	if (layout == LAYOUT_1_0) {
		d->attributes &= 0xFF;
		d->reserved_1_0 = bytes[3];
		d->reserved[0] = (uint32_t)get(bytes, 24, 4);
		d->access_size = 16;
		d->access_offset = 32;
	} else {
		for (uint32_t i = 0; i < 3; i++) {
			d->reserved[i] = (uint32_t)get(bytes, 36 + 4 * i, 4);
		}
	}
	d->size = d->access_size;
	d->receiver_count = d->access_count;
	d->receivers_at = d->access_offset;
}

/* A response of `size` bytes, all of it. False: it is not well-formed. */
bool wire_get(struct descriptor *d, uint32_t layout, const uint8_t *bytes, uint32_t size)
{
	get_header(d, layout, bytes);
	if (size < 64 || (d->size != 16 && d->size != 32) || d->access_count == 0 ||
	    d->access_count > BORROWERS_MAX ||
	    d->access_offset < (layout == LAYOUT_1_0 ? 32 : 48) ||
	    d->access_offset + d->access_count * d->size + 16 > size) {
		return false;
	}
	for (uint32_t i = 0; i < d->access_count; i++) {
		const uint8_t *at = bytes + d->receivers_at + i * d->size;
		bool wide = d->size == 32;

		d->receivers[i] = (struct receiver){
			.id = (uint16_t)get(at, 0, 2),
			.permissions = at[2],
			.flags = at[3],
			.composite_offset = (uint32_t)get(at, 4, 4),
			.impdef = { wide ? get(at, 8, 8) : 0, wide ? get(at, 16, 8) : 0 },
			.reserved = get(at, wide ? 24 : 8, 8),
		};
	}
	d->has_composite = true;
	d->composite_at = d->receivers[0].composite_offset;
	if (d->composite_at % 8 != 0 || d->composite_at > size - 16 ||
	    d->composite_at < d->receivers_at + d->access_count * d->size) {
		return false;
	}
	d->page_total = (uint32_t)get(bytes, d->composite_at, 4);
	d->piece_count = (uint32_t)get(bytes, d->composite_at + 4, 4);
	d->composite_reserved = get(bytes, d->composite_at + 8, 8);
	if (d->piece_count > RANGES_MAX || d->composite_at + 16 + d->piece_count * 16 != size) {
		return false;
	}
	d->pieces_really = d->piece_count;
	for (uint32_t i = 0; i < d->piece_count; i++) {
		const uint8_t *at = bytes + d->composite_at + 16 + i * 16;

		d->pieces[i] = (struct piece){
			.base = get(at, 0, 8),
			.pages = (uint32_t)get(at, 8, 4),
			.reserved = (uint32_t)get(at, 12, 4),
		};
	}
	return true;
}
