/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory management of an endpoint: descriptors of FF-A 1.0, 1.1 and 1.2, in as many fragments as
 * the buffers want, and the calls.
 */
#include "ffa/mem.h"

#include <stddef.h>
#include <string.h>

#define CONSTITUENT sizeof(struct ffa_constituent)

/* Where the parts of a descriptor are, in bytes from its start. */
struct layout {
	uint32_t access; /* borrowers */
	uint32_t access_size; /* of each */
	uint32_t composite;
	uint32_t parts;
	uint32_t end;
};

static struct layout layout_of(uint32_t version, const struct ffa_mem_request *t)
{
	struct layout l = { .access = sizeof(struct ffa_mem_transaction) };

	if (version < FFA_VERSION_1_1) {
		l.access = sizeof(struct ffa_mem_transaction_1_0);
	}
	l.access_size = t->access_size;
	if (l.access_size == 0) {
		l.access_size = version < FFA_VERSION_1_2 ? sizeof(struct ffa_mem_access_1_0)
							  : sizeof(struct ffa_mem_access);
	}
	l.end = l.access + t->borrower_count * l.access_size;
	if (t->part_count != 0) {
		l.composite = l.end;
		l.parts = l.composite + sizeof(struct ffa_composite);
		l.end = l.parts + t->part_count * CONSTITUENT;
	}
	return l;
}

static void write_head(uint8_t *b, uint32_t version, const struct ffa_mem_request *t,
		       const struct layout *l)
{
	if (version < FFA_VERSION_1_1) {
		struct ffa_mem_transaction_1_0 head = {
			.sender = t->sender,
			.attributes = (uint8_t)t->attributes,
			.flags = t->flags,
			.handle = t->handle,
			.tag = t->tag,
			.access_count = t->borrower_count,
		};
		memcpy(b, &head, sizeof(head));
	} else {
		struct ffa_mem_transaction head = {
			.sender = t->sender,
			.attributes = t->attributes,
			.flags = t->flags,
			.handle = t->handle,
			.tag = t->tag,
			.access_size = t->borrower_count == 0 ? 0 : l->access_size,
			.access_count = t->borrower_count,
			.access_offset = t->borrower_count == 0 ? 0 : l->access,
		};
		memcpy(b, &head, sizeof(head));
	}
}

static void write_borrower(uint8_t *b, const struct ffa_mem_borrower *borrower,
			   const struct layout *l)
{
	struct ffa_mem_access access = {
		.endpoint = borrower->id,
		.permissions = borrower->permissions,
		.flags = borrower->flags,
		.composite_offset = l->composite,
	};

	if (l->access_size == sizeof(access)) {
		memcpy(access.impdef, borrower->impdef, sizeof(access.impdef));
	}
	memcpy(b, &access, l->access_size); /* the reserved word of the short one is zero too */
}

static uint64_t sum_of_pages(const struct ffa_mem_request *t)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < t->part_count; i++) {
		sum += t->parts[i].pages;
	}
	return sum;
}

/* The whole descriptor in bytes. */
uint32_t ffa_mem_length(uint32_t version, const struct ffa_mem_request *t)
{
	return layout_of(version, t).end;
}

/*
 * Writes the descriptor from byte `offset` on, 0 or where a fragment has ended, as far as it fits
 * into size bytes at buffer: all of what precedes the constituents, and whole constituents. Returns
 * how many bytes it wrote; 0 when nothing fits.
 */
uint32_t ffa_mem_write(void *buffer, uint32_t size, uint32_t version,
		       const struct ffa_mem_request *t, uint32_t offset)
{
	struct layout l = layout_of(version, t);
	uint32_t head = t->part_count != 0 ? l.parts : l.end;
	uint32_t done = 0;
	uint8_t *b = buffer;

	if (offset == 0) {
		if (size < head) {
			return 0;
		}
		write_head(b, version, t, &l);
		for (uint32_t i = 0; i < t->borrower_count; i++) {
			write_borrower(b + l.access + i * l.access_size, &t->borrowers[i], &l);
		}
		if (t->part_count != 0) {
			struct ffa_composite composite = {
				.pages = (uint32_t)sum_of_pages(t),
				.count = t->part_count,
			};
			memcpy(b + l.composite, &composite, sizeof(composite));
		}
		done = head;
	}
	while (offset + done < l.end && done + CONSTITUENT <= size) {
		const struct ffa_constituent *p =
			&t->parts[(offset + done - l.parts) / CONSTITUENT];
		struct ffa_constituent part = { .base = p->base, .pages = p->pages };

		memcpy(b + done, &part, sizeof(part));
		done += sizeof(part);
	}
	return done;
}

/*
 * Reads what precedes the constituents, from the `length` bytes that an answer begins with. False
 * when it is not a descriptor of that version: something points beyond, or fields disagree.
 */
bool ffa_mem_read(const void *buffer, uint32_t length, uint32_t version, struct ffa_mem_response *r)
{
	const uint8_t *b = buffer;
	struct ffa_mem_transaction head = { 0 };
	struct ffa_mem_access access = { 0 };
	struct ffa_composite composite;
	uint32_t first;

	if (version < FFA_VERSION_1_1) {
		struct ffa_mem_transaction_1_0 old;

		first = sizeof(old);
		if (length < first) {
			return false;
		}
		memcpy(&old, b, sizeof(old));
		head = (struct ffa_mem_transaction){
			.sender = old.sender,
			.attributes = old.attributes,
			.flags = old.flags,
			.handle = old.handle,
			.tag = old.tag,
			.access_size = sizeof(struct ffa_mem_access_1_0),
			.access_count = old.access_count,
			.access_offset = first,
		};
	} else {
		first = sizeof(head);
		if (length < first) {
			return false;
		}
		memcpy(&head, b, sizeof(head));
	}
	if ((head.access_size != sizeof(struct ffa_mem_access_1_0) &&
	     head.access_size != sizeof(access)) ||
	    head.access_count == 0 || head.access_offset < first || head.access_offset > length ||
	    head.access_count > (length - head.access_offset) / head.access_size) {
		return false;
	}
	memcpy(&access, b + head.access_offset, head.access_size);
	if (head.access_size != sizeof(access)) {
		memset(access.impdef, 0, sizeof(access.impdef));
	}
	if (length < sizeof(composite) || access.composite_offset < head.access_offset ||
	    access.composite_offset > length - sizeof(composite)) {
		return false;
	}
	memcpy(&composite, b + access.composite_offset, sizeof(composite));
	*r = (struct ffa_mem_response){
		.sender = head.sender,
		.attributes = head.attributes,
		.flags = head.flags,
		.handle = head.handle,
		.tag = head.tag,
		.borrower_count = head.access_count,
		.borrower = { .id = access.endpoint,
			      .permissions = access.permissions,
			      .flags = access.flags,
			      .impdef = { access.impdef[0], access.impdef[1] } },
		.pages = composite.pages,
		.part_count = composite.count,
		.parts_offset = access.composite_offset + (uint32_t)sizeof(composite),
	};
	return true;
}

/* --- Calls ----------------------------------------------------------------------------------- */

static bool is(const uint64_t x[8], uint32_t fid_32)
{
	return ((uint32_t)x[0] & ~FFA_FID_64BIT) == fid_32;
}

/* What went wrong, when an answer is not what it should be. */
static enum ffa_status error_of(const uint64_t x[8])
{
	return is(x, FFA_ERROR_32) ? (enum ffa_status)(int32_t)x[2] : FFA_INVALID_PARAMETERS;
}

/* In register w4 of the fragment calls: who continues, said in the normal world only. */
static uint64_t whose(uint16_t id)
{
	return id & FFA_ID_SECURE ? 0 : (uint64_t)id << 16;
}

/*
 * Shares, lends or donates (fid: FFA_MEM_SHARE_32 ..., either width), in fragments of at most
 * `fragment` bytes (0: the size of the buffer). FFA_OK and *handle, or the SPMC's status; then
 * nothing has changed.
 */
enum ffa_status ffa_mem_send(const struct ffa_mem_endpoint *me, uint32_t fid,
			     const struct ffa_mem_request *t, uint32_t fragment, uint64_t *handle)
{
	uint32_t total = ffa_mem_length(me->version, t);
	uint32_t size = fragment != 0 && fragment < me->size ? fragment : me->size;
	uint32_t sent = ffa_mem_write(me->tx, size, me->version, t, 0);
	uint64_t x[8] = { fid, total, sent };

	if (sent == 0) {
		return FFA_NO_MEMORY;
	}
	ffa_mem_call(x);
	while (is(x, FFA_MEM_FRAG_RX_32)) {
		uint64_t next[8] = { FFA_MEM_FRAG_TX_32, x[1], x[2], 0, whose(t->sender) };
		uint32_t length = ffa_mem_write(me->tx, size, me->version, t, (uint32_t)x[3]);

		if ((uint32_t)x[3] != sent || length == 0) {
			return FFA_INVALID_PARAMETERS;
		}
		sent += length;
		next[3] = length;
		memcpy(x, next, sizeof(x));
		ffa_mem_call(x);
	}
	if (!is(x, FFA_SUCCESS_32)) {
		return error_of(x);
	}
	*handle = FFA_MEM_HANDLE(x[2], x[3]);
	return FFA_OK;
}

static void rx_release(void)
{
	uint64_t x[8] = { FFA_RX_RELEASE_32 };

	ffa_mem_call(x);
}

/*
 * Retrieves, and fetches all fragments of the answer. The first `max` constituents go to parts; *r
 * says how many there are. RX is ours to begin with and released at the end. FFA_OK, the SPMC's
 * status, or FFA_ABORTED: the answer is no descriptor; then it is retrieved all the same.
 */
enum ffa_status ffa_mem_retrieve(const struct ffa_mem_endpoint *me, const struct ffa_mem_request *t,
				 struct ffa_constituent *parts, uint32_t max,
				 struct ffa_mem_response *r)
{
	uint32_t length = ffa_mem_write(me->tx, me->size, me->version, t, 0);
	uint64_t x[8] = { FFA_MEM_RETRIEVE_REQ_32, length, length };
	uint32_t total, offset, skip, fragments = 0, stored = 0;

	if (length == 0) {
		return FFA_NO_MEMORY;
	}
	ffa_mem_call(x);
	if (!is(x, FFA_MEM_RETRIEVE_RESP_32)) {
		return error_of(x);
	}
	total = (uint32_t)x[1];
	length = (uint32_t)x[2];
	if (length > me->size || !ffa_mem_read(me->rx, length, me->version, r) ||
	    r->parts_offset > length ||
	    total != r->parts_offset + (uint64_t)r->part_count * CONSTITUENT) {
		rx_release();
		return FFA_ABORTED;
	}
	skip = r->parts_offset;
	for (offset = length;; offset += length) {
		const uint8_t *rx = me->rx;

		fragments++;
		for (uint32_t at = skip; at + CONSTITUENT <= length; at += CONSTITUENT) {
			if (stored < max) {
				memcpy(&parts[stored++], rx + at, CONSTITUENT);
			}
		}
		rx_release();
		skip = 0;
		if (offset >= total) {
			break;
		}
		x[0] = FFA_MEM_FRAG_RX_32;
		x[1] = (uint32_t)r->handle;
		x[2] = r->handle >> 32;
		x[3] = offset;
		x[4] = whose(me->id);
		x[5] = x[6] = x[7] = 0;
		ffa_mem_call(x);
		length = (uint32_t)x[3];
		if (!is(x, FFA_MEM_FRAG_TX_32)) {
			return error_of(x);
		}
		if (length == 0 || length % CONSTITUENT != 0 || length > me->size ||
		    length > total - offset) {
			rx_release();
			return FFA_ABORTED;
		}
	}
	r->fragments = fragments;
	return offset == total ? FFA_OK : FFA_ABORTED;
}

/* Gives back what was retrieved. flags: 0 or FFA_MEM_FLAG_ZERO. */
enum ffa_status ffa_mem_relinquish(const struct ffa_mem_endpoint *me, uint64_t handle,
				   uint32_t flags)
{
	struct ffa_mem_relinquish head = { .handle = handle, .flags = flags, .count = 1 };
	uint64_t x[8] = { FFA_MEM_RELINQUISH_32 };
	uint8_t *tx = me->tx;

	memcpy(tx, &head, sizeof(head));
	memcpy(tx + sizeof(head), &me->id, sizeof(me->id));
	ffa_mem_call(x);
	return is(x, FFA_SUCCESS_32) ? FFA_OK : error_of(x);
}

/* The lender has it for itself again, once no borrower has. flags: 0 or FFA_MEM_FLAG_ZERO. */
enum ffa_status ffa_mem_reclaim(uint64_t handle, uint32_t flags)
{
	uint64_t x[8] = { FFA_MEM_RECLAIM_32, (uint32_t)handle, handle >> 32, flags };

	ffa_mem_call(x);
	return is(x, FFA_SUCCESS_32) ? FFA_OK : error_of(x);
}
