/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * FFA_MEM_RETRIEVE_REQ, RETRIEVE_RESP, FRAG_RX: FF-A 1.2 chapters 10.8, 16.4, 16.8. Each check as a
 * change to a request that is good otherwise; what the answer says, in every version.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host.h"
#include "mem_fixture.h"

static const uint32_t versions[] = { FFA_VERSION_1_0, FFA_VERSION_1_1, FFA_VERSION_1_2 };
static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_LEND_32, FFA_MEM_DONATE_32 };

/* Situations in which a request is made. */
enum { SHARE = 1, LEND = 2, DONATE = 4, MANY = 8, ALONE = LEND | DONATE, ALL = 15 };
CHANGE(x3, d->x3 = d->party->memory)
CHANGE(w4, d->x4 = 1)
CHANGE(fragment, d->length -= 16)
CHANGE(longer, (d->total += 16, d->length += 16))
CHANGE(longer_by_one, (d->total += 1, d->length += 1))
CHANGE(shorter, (d->total -= 16, d->length -= 16))
CHANGE(shorter_by_one, (d->total -= 1, d->length -= 1))
CHANGE(longer_than_tx, (d->total = PAGE + 16, d->length = PAGE + 16))
CHANGE(nothing, (d->total = 0, d->length = 0))
CHANGE(header_reserved, d->reserved[1] = 1)
CHANGE(size_8, d->access_size = 8)
CHANGE(offset_in_header, d->access_offset = 32)
CHANGE(offset_outside, d->access_offset = 0x10000)
CHANGE(too_many, d->access_count = TRANSACTION_MAX_BORROWERS + 1)
CHANGE(nobody, d->access_count = 0)
CHANGE(other_handle, d->handle ^= 1ul << 16)
CHANGE(other_place, d->handle ^= 1)
CHANGE(far_place, d->handle ^= 0x8000)
CHANGE(hypervisors, d->handle |= 1ul << 63)
CHANGE(no_handle, d->handle = UINT64_MAX)
CHANGE(handle_0, d->handle = 0)
CHANGE(other_sender, d->sender = other_id())
CHANGE(vm_sender, d->sender = 77)
CHANGE(other_tag, d->tag ^= 1ul << 63)
CHANGE(type_share, d->flags |= 1u << 3)
CHANGE(type_lend, d->flags |= 2u << 3)
CHANGE(type_donate, d->flags |= 3u << 3)
CHANGE(zero, d->flags |= 1)
CHANGE(zero_after, d->flags |= 4)
CHANGE(time_slice, d->flags |= 2)
CHANGE(hint, d->flags |= 1u << 9)
CHANGE(hint_bits, d->flags |= 1u << 5)
CHANGE(hint_both, d->flags |= 1u << 9 | 3u << 5)
CHANGE(flag_11, d->flags |= 1u << 11)
CHANGE(flag_31, d->flags |= 1u << 31)
CHANGE(attr_ns, d->attributes = 0x6F)
CHANGE(attr_7, d->attributes = 0xAF)
CHANGE(attr_15, d->attributes = 0x802F)
CHANGE(attr_reserved, d->attributes = 0x3F)
CHANGE(attr_nc, d->attributes = 0x27)
CHANGE(attr_device, d->attributes = 0x13)
CHANGE(attr_outer, d->attributes = 0x2E)
CHANGE(attr_non_shareable, d->attributes = 0x2C)
CHANGE(not_listed, (d->access[0].endpoint = other_id(), d->real_count = 1))
CHANGE(one_more, (desc_add_receiver(d, 9, 2), d->attributes = 0))
CHANGE(twice, (d->access[1] = d->access[0], desc_layout(d)))
CHANGE(one_less, (d->access_count--, desc_layout(d)))
CHANGE(another, d->access[1].endpoint = parties[A].id)
CHANGE(unknown, d->access[1].endpoint = 0x8099)
CHANGE(bypass, d->flags |= 1u << 10)
CHANGE(composite, d->access[0].composite_offset = d->at_composite)
CHANGE(composite_of_other, d->access[1].composite_offset = 0x100)
CHANGE(access_reserved, d->access[0].reserved = 1)
CHANGE(not_mine, d->access[0].flags = 1)
CHANGE(access_flags, d->access[0].flags = 2)
CHANGE(other_flags, d->access[1].flags = 0x80)
CHANGE(data_reserved, d->access[0].permissions |= 3)
CHANGE(perm_reserved, d->access[0].permissions |= 0x40)
CHANGE(exec_none, d->access[0].permissions &= 3)
CHANGE(exec_xn, d->access[0].permissions = (d->access[0].permissions & 3) | 4)
CHANGE(exec_x, d->access[0].permissions = (d->access[0].permissions & 3) | 8)
CHANGE(exec_reserved, d->access[0].permissions |= 12)
CHANGE(impdef, d->access[0].impdef[0] ^= 1)
CHANGE(impdef_high, d->access[0].impdef[1] ^= 1ul << 63)
CHANGE(impdef_of_other, d->access[1].impdef[1] ^= 1)

static const struct check checks[] = {
	{ "x3 names a buffer", ALL, ANY_WORLD, ANY_VERSION, x3, FFA_INVALID_PARAMETERS },
	{ "w4 is not zero", ALL, ANY_WORLD, ANY_VERSION, w4, FFA_INVALID_PARAMETERS },
	{ "a fragment", ALL, ANY_WORLD, ANY_VERSION, fragment, FFA_INVALID_PARAMETERS },
	{ "longer", ALL, ANY_WORLD, ANY_VERSION, longer, FFA_INVALID_PARAMETERS },
	{ "a byte longer", ALL, ANY_WORLD, ANY_VERSION, longer_by_one, FFA_INVALID_PARAMETERS },
	{ "shorter", ALL, ANY_WORLD, ANY_VERSION, shorter, FFA_INVALID_PARAMETERS },
	{ "a byte shorter", ALL, ANY_WORLD, ANY_VERSION, shorter_by_one, FFA_INVALID_PARAMETERS },
	{ "longer than TX", ALL, ANY_WORLD, ANY_VERSION, longer_than_tx, FFA_INVALID_PARAMETERS },
	{ "0 long", ALL, ANY_WORLD, ANY_VERSION, nothing, FFA_INVALID_PARAMETERS },
	{ "reserved", ALL, ANY_WORLD, ANY_VERSION, header_reserved, FFA_INVALID_PARAMETERS },
	{ "access size", ALL, ANY_WORLD, V1_1 | V1_2, size_8, FFA_INVALID_PARAMETERS },
	{ "borrowers in the header", ALL, ANY_WORLD, V1_1 | V1_2, offset_in_header,
	  FFA_INVALID_PARAMETERS },
	{ "borrowers outside", ALL, ANY_WORLD, V1_1 | V1_2, offset_outside,
	  FFA_INVALID_PARAMETERS },
	{ "too many", ALL, ANY_WORLD, ANY_VERSION, too_many, FFA_INVALID_PARAMETERS },
	{ "nobody", ALL, ANY_WORLD, ANY_VERSION, nobody, FFA_INVALID_PARAMETERS },
	{ "another handle", ALL, ANY_WORLD, ANY_VERSION, other_handle, FFA_INVALID_PARAMETERS },
	{ "a handle of another place", ALL, ANY_WORLD, ANY_VERSION, other_place,
	  FFA_INVALID_PARAMETERS },
	{ "a handle of no place", ALL, ANY_WORLD, ANY_VERSION, far_place, FFA_INVALID_PARAMETERS },
	{ "a hypervisor's handle", ALL, ANY_WORLD, ANY_VERSION, hypervisors,
	  FFA_INVALID_PARAMETERS },
	{ "no handle", ALL, ANY_WORLD, ANY_VERSION, no_handle, FFA_INVALID_PARAMETERS },
	{ "handle 0", ALL, ANY_WORLD, ANY_VERSION, handle_0, FFA_INVALID_PARAMETERS },
	{ "another sender", ALL, ANY_WORLD, ANY_VERSION, other_sender, FFA_DENIED },
	{ "another sender, a VM", ALL, ANY_WORLD, ANY_VERSION, vm_sender, FFA_DENIED },
	{ "another tag", ALL, ANY_WORLD, ANY_VERSION, other_tag, FFA_INVALID_PARAMETERS },
	{ "not shared", LEND | DONATE | MANY, ANY_WORLD, ANY_VERSION, type_share,
	  FFA_INVALID_PARAMETERS },
	{ "not lent", SHARE | DONATE, ANY_WORLD, ANY_VERSION, type_lend, FFA_INVALID_PARAMETERS },
	{ "not donated", SHARE | LEND | MANY, ANY_WORLD, ANY_VERSION, type_donate,
	  FFA_INVALID_PARAMETERS },
	{ "zero what is shared", SHARE, ANY_WORLD, ANY_VERSION, zero, FFA_INVALID_PARAMETERS },
	{ "zero what was not zeroed", LEND | DONATE | MANY, ANY_WORLD, ANY_VERSION, zero,
	  FFA_DENIED },
	{ "zero after, shared", SHARE, ANY_WORLD, ANY_VERSION, zero_after, FFA_INVALID_PARAMETERS },
	{ "time slice", ALL, ANY_WORLD, ANY_VERSION, time_slice, FFA_INVALID_PARAMETERS },
	{ "hint", ALL, ANY_WORLD, ANY_VERSION, hint, FFA_INVALID_PARAMETERS },
	{ "hint without its flag", ALL, ANY_WORLD, ANY_VERSION, hint_bits, FFA_INVALID_PARAMETERS },
	{ "hint of 8 pages", ALL, ANY_WORLD, ANY_VERSION, hint_both, FFA_INVALID_PARAMETERS },
	{ "flag 11", ALL, ANY_WORLD, ANY_VERSION, flag_11, FFA_INVALID_PARAMETERS },
	{ "flag 31", ALL, ANY_WORLD, ANY_VERSION, flag_31, FFA_INVALID_PARAMETERS },
	{ "NS bit", ALL, ANY_WORLD, ANY_VERSION, attr_ns, FFA_INVALID_PARAMETERS },
	{ "attribute 7", ALL, ANY_WORLD, ANY_VERSION, attr_7, FFA_INVALID_PARAMETERS },
	{ "attribute 15", ALL, ANY_WORLD, V1_1 | V1_2, attr_15, FFA_INVALID_PARAMETERS },
	{ "reserved type", ALL, ANY_WORLD, ANY_VERSION, attr_reserved, FFA_INVALID_PARAMETERS },
	{ "non-cacheable", ALL, ANY_WORLD, ANY_VERSION, attr_nc, FFA_DENIED },
	{ "memory as a device", ALL, ANY_WORLD, ANY_VERSION, attr_device, FFA_DENIED },
	{ "outer shareable", ALL, ANY_WORLD, ANY_VERSION, attr_outer, FFA_DENIED },
	{ "non-shareable", ALL, ANY_WORLD, ANY_VERSION, attr_non_shareable, FFA_DENIED },
	{ "the borrower is not listed", SHARE | LEND | DONATE, ANY_WORLD, ANY_VERSION, not_listed,
	  FFA_INVALID_PARAMETERS },
	{ "one more", ALL, ANY_WORLD, ANY_VERSION, one_more, FFA_INVALID_PARAMETERS },
	{ "twice", MANY, ANY_WORLD, ANY_VERSION, twice, FFA_INVALID_PARAMETERS },
	{ "one less", MANY, ANY_WORLD, ANY_VERSION, one_less, FFA_INVALID_PARAMETERS },
	{ "another", MANY, NWD, ANY_VERSION, another, FFA_DENIED },
	{ "one that is none", MANY, ANY_WORLD, ANY_VERSION, unknown, FFA_DENIED },
	{ "bypass of one", SHARE | LEND | DONATE, ANY_WORLD, ANY_VERSION, bypass,
	  FFA_INVALID_PARAMETERS },
	{ "bypass, but all listed", MANY, ANY_WORLD, ANY_VERSION, bypass, FFA_INVALID_PARAMETERS },
	{ "addresses", ALL, ANY_WORLD, ANY_VERSION, composite, FFA_INVALID_PARAMETERS },
	{ "addresses of the other", MANY, ANY_WORLD, ANY_VERSION, composite_of_other,
	  FFA_INVALID_PARAMETERS },
	{ "access reserved", ALL, ANY_WORLD, ANY_VERSION, access_reserved, FFA_INVALID_PARAMETERS },
	{ "not for itself", ALL, ANY_WORLD, ANY_VERSION, not_mine, FFA_INVALID_PARAMETERS },
	{ "access flag", ALL, ANY_WORLD, ANY_VERSION, access_flags, FFA_INVALID_PARAMETERS },
	{ "access flag of the other", MANY, ANY_WORLD, ANY_VERSION, other_flags,
	  FFA_INVALID_PARAMETERS },
	{ "reserved access", ALL, ANY_WORLD, ANY_VERSION, data_reserved, FFA_INVALID_PARAMETERS },
	{ "permission 6", ALL, ANY_WORLD, ANY_VERSION, perm_reserved, FFA_INVALID_PARAMETERS },
	{ "X not said", ALONE, ANY_WORLD, ANY_VERSION, exec_none, FFA_INVALID_PARAMETERS },
	{ "XN said", SHARE | MANY, ANY_WORLD, ANY_VERSION, exec_xn, FFA_INVALID_PARAMETERS },
	{ "X", SHARE | MANY, ANY_WORLD, ANY_VERSION, exec_x, FFA_INVALID_PARAMETERS },
	{ "X of non-secure memory", ALONE, NWD, ANY_VERSION, exec_x, FFA_INVALID_PARAMETERS },
	{ "X reserved", ALL, ANY_WORLD, ANY_VERSION, exec_reserved, FFA_INVALID_PARAMETERS },
	{ "another value", ALL, ANY_WORLD, V1_2, impdef, FFA_INVALID_PARAMETERS },
	{ "another value, high", ALL, ANY_WORLD, V1_2, impdef_high, FFA_INVALID_PARAMETERS },
	{ "another value of the other", MANY, ANY_WORLD, V1_2, impdef_of_other,
	  FFA_INVALID_PARAMETERS },
};

/* What is sent in each situation, to B; with MANY also to another. */
static struct desc sent_make(unsigned int kind, struct party *from)
{
	struct desc d = desc_send(kind == 3 ? FFA_MEM_LEND_32 : fids[kind], from, parties[B].id,
				  from->memory + 4 * PAGE, 2);

	desc_add_memory(&d, from->memory, 1);
	if (kind == 3) {
		desc_add_receiver(&d, other_id(), 1);
	}
	for (uint32_t i = 0; i < d.access_count && d.real_size == 32; i++) {
		d.access[i].impdef[0] = 0x1111 + i;
		d.access[i].impdef[1] = 0x2222000000000000ul;
	}
	return d;
}

static void check_situation(unsigned int kind, struct party *from, unsigned int version)
{
	struct desc sent = sent_make(kind, from);
	uint64_t handle = desc_send_well(&sent);
	unsigned int world = from == &parties[N] ? NWD : SP;

	picture_take();
	for (unsigned int i = 0; i < NUMBER_OF(checks); i++) {
		const struct check *c = &checks[i];
		struct desc d = desc_retrieve(&sent, &parties[B], handle);

		if ((c->kinds & 1u << kind) == 0 || (c->from & world) == 0 ||
		    (c->versions & 1u << version) == 0) {
			continue;
		}
		c->change(&d);
		for (int wide = 0; wide < 2; wide++) {
			d.fid = wide != 0 ? FFA_MEM_RETRIEVE_REQ_64 : FFA_MEM_RETRIEVE_REQ_32;
			desc_call(&d);
			if (!got_error(parties[B].v, c->error) || !picture_same()) {
				print_error("%s: situation %u, sender %#x, version %#x: got %#x "
					    "%d\n",
					    c->name, kind, from->id, parties[B].version,
					    got(parties[B].v, 0), (int)got(parties[B].v, 2));
				fail();
			}
		}
	}
	mem_reclaim(from, handle, 0);
	assert_true(got_success(from->v, 0, 0));
}

static void every_check(void **state)
{
	(void)state;
	for (unsigned int version = 0; version < NUMBER_OF(versions); version++) {
		mem_boot_all(versions[version]);
		for (unsigned int kind = 0; kind < 4; kind++) {
			check_situation(kind, &parties[A], version);
			check_situation(kind, &parties[N], version);
		}
		mem_boot_el0(versions[version]);
		for (unsigned int kind = 0; kind < 4; kind++) {
			check_situation(kind, &parties[A], version);
			check_situation(kind, &parties[N], version);
		}
	}
}

/* --- What is answered ------------------------------------------------------------------------- */

static uint16_t rx16(const struct party *p, size_t at)
{
	uint16_t n;

	memcpy(&n, p->rx + at, sizeof(n));
	return n;
}

static uint32_t rx32(const struct party *p, size_t at)
{
	uint32_t n;

	memcpy(&n, p->rx + at, sizeof(n));
	return n;
}

static uint64_t rx64(const struct party *p, size_t at)
{
	uint64_t n;

	memcpy(&n, p->rx + at, sizeof(n));
	return n;
}

struct expect {
	uint16_t attributes; /* without the NS bit */
	uint32_t flags;
	uint8_t permissions;
};

/* The header in p's RX, in its version; returns where the borrowers begin. */
static uint32_t check_header(const struct party *p, const struct desc *sent, uint64_t handle,
			     const struct expect *e, uint32_t borrowers)
{
	bool ns = sent->party == &parties[N];

	assert_int_equal(rx16(p, 0), sent->sender);
	assert_int_equal(rx32(p, 4), e->flags);
	assert_true(rx64(p, 8) == handle);
	assert_true(rx64(p, 16) == sent->tag);
	assert_int_equal(rx32(p, 28), borrowers);
	if (p->version == FFA_VERSION_1_0) {
		assert_int_equal(rx16(p, 2), e->attributes);
		assert_int_equal(rx32(p, 24), 0);
		return 32;
	}
	assert_int_equal(rx16(p, 2), e->attributes | (ns ? 0x40 : 0));
	assert_int_equal(rx32(p, 24), access_bytes(p->version));
	assert_int_equal(rx32(p, 32), 48);
	assert_int_equal(rx32(p, 36) | rx32(p, 40) | rx32(p, 44), 0);
	return 48;
}

/* All of an answer that is in RX as a whole. */
static void check_response(const struct party *p, const struct desc *sent, uint64_t handle,
			   const struct expect *e)
{
	uint32_t at = check_header(p, sent, handle, e, 1);
	uint32_t composite = at + access_bytes(p->version);
	uint32_t size = composite + 16 + sent->list_count * 16;

	assert_true(got_call(p->v, FFA_MEM_RETRIEVE_RESP_32, size, size, 0));
	assert_int_equal(rx16(p, at), p->id);
	assert_int_equal((uint8_t)p->rx[at + 2], e->permissions);
	assert_int_equal(p->rx[at + 3], 0);
	assert_int_equal(rx32(p, at + 4), composite);
	if (p->version >= FFA_VERSION_1_2) {
		assert_true(rx64(p, at + 8) == sent->access[0].impdef[0]);
		assert_true(rx64(p, at + 16) == sent->access[0].impdef[1]);
	}
	assert_true(rx64(p, composite - 8) == 0);
	assert_int_equal(rx32(p, composite), sent->composite.pages);
	assert_int_equal(rx32(p, composite + 4), sent->list_count);
	assert_true(rx64(p, composite + 8) == 0);
	for (uint32_t i = 0; i < sent->list_count; i++) {
		assert_true(rx64(p, composite + 16 + i * 16) == sent->list[i].base);
		assert_int_equal(rx32(p, composite + 24 + i * 16), sent->list[i].pages);
		assert_int_equal(rx32(p, composite + 28 + i * 16), 0);
	}
}

static void check_pages(const struct party *p, const struct desc *sent, enum memory_state state,
			unsigned int attrs)
{
	for (uint32_t i = 0; i < sent->list_count; i++) {
		for (uint32_t k = 0; k < sent->list[i].pages; k++) {
			uint64_t page = sent->list[i].base + k * PAGE;

			assert_int_equal(page_state(p, page), state);
			if (state != MEMORY_NONE) {
				assert_int_equal(page_attrs(p, page), attrs);
			}
		}
	}
}

static const uint32_t types[] = { 1u << 3, 2u << 3, 3u << 3, 2u << 3 };
static const enum memory_state borrowed[] = { MEMORY_BORROWED_SHARED, MEMORY_BORROWED, MEMORY_OWNED,
					      MEMORY_BORROWED };

/* Sent, retrieved, given back, reclaimed; each version with each, from each world. */
static void round_trip(unsigned int kind, struct party *from, bool wide)
{
	struct party *b = &parties[B];
	struct desc sent = sent_make(kind, from);
	struct desc d;
	uint64_t handle;
	const struct expect e = { 0x2F, types[kind], 2 | 4 };
	unsigned int ns = from == &parties[N] ? MEM_NS : 0;

	picture_take();
	handle = desc_send_well(&sent);
	d = desc_retrieve(&sent, b, handle);
	d.fid = wide ? FFA_MEM_RETRIEVE_REQ_64 : FFA_MEM_RETRIEVE_REQ_32;
	if (wide) {
		d.flags = types[kind];
		d.attributes = 0x2F;
	}
	desc_call(&d);
	check_response(b, &sent, handle, &e);
	check_pages(b, &sent, borrowed[kind], MEM_R | MEM_W | ns);
	/* RX is the borrower's. */
	desc_call(&d);
	assert_true(got_error(b->v, FFA_BUSY));
	mem_rx_release(b);
	/* A second time: not while it holds it, and not what it owns now. */
	desc_call(&d);
	assert_true(got_error(b->v, kind == 2 ? FFA_INVALID_PARAMETERS : FFA_DENIED));
	mem_reclaim(from, handle, 0);
	assert_true(got_error(from->v, kind == 2 ? FFA_INVALID_PARAMETERS : FFA_DENIED));
	if (kind == 2) {
		mem_relinquish(b, handle, 0, 1, b->id);
		assert_true(got_error(b->v, FFA_INVALID_PARAMETERS));
		return;
	}
	mem_relinquish(b, handle, 0, 1, b->id);
	assert_true(got_success(b->v, 0, 0));
	check_pages(b, &sent, MEMORY_NONE, 0);
	/* And again, if it likes. */
	desc_retrieve_well(&d);
	mem_relinquish(b, handle, 0, 1, b->id);
	mem_reclaim(from, handle, 0);
	assert_true(got_success(from->v, 0, 0));
	assert_true(picture_same());
}

static void round_trips(void **state)
{
	(void)state;
	for (unsigned int from = 0; from < NUMBER_OF(versions); from++) {
		for (unsigned int to = 0; to < NUMBER_OF(versions); to++) {
			for (unsigned int kind = 0; kind < 4; kind++) {
				const uint32_t v[] = { versions[from], versions[to],
						       FFA_VERSION_1_2, versions[from] };

				mem_boot(v);
				round_trip(kind, &parties[A], false);
				round_trip(kind, &parties[N], true);
			}
		}
	}
}

static void round_trips_el0(void **state)
{
	(void)state;
	for (unsigned int version = 0; version < NUMBER_OF(versions); version++) {
		for (unsigned int kind = 0; kind < 4; kind++) {
			mem_boot_el0(versions[version]);
			round_trip(kind, &parties[A], true);
			round_trip(kind, &parties[N], false);
		}
	}
}

/* A borrower without pages for its tables: nothing is mapped; once it has some it is. */
static void no_memory(void **state)
{
	struct party *b = &parties[B];
	struct page_pool *pool;
	void *taken = NULL;
	void *page;

	(void)state;
	for (unsigned int kind = 0; kind < 4; kind++) {
		struct desc sent, d;

		mem_boot_all(FFA_VERSION_1_2);
		sent = sent_make(kind, &parties[N]); /* of which it has no tables */
		d = desc_retrieve(&sent, b, desc_send_well(&sent));
		pool = &memory_space_of(b->v->endpoint)->pool;
		while ((page = page_pool_get(pool)) != NULL) {
			*(void **)page = taken;
			taken = page;
		}
		picture_take();
		desc_call(&d);
		assert_true(got_error(b->v, FFA_NO_MEMORY));
		assert_true(picture_same());
		for (; taken != NULL; taken = page) {
			page = *(void **)taken;
			page_pool_put(pool, taken);
		}
		desc_retrieve_well(&d);
	}
}

/* A donation makes an owner of its receiver, who can do all with it that an owner can. */
static void donation(void **state)
{
	struct party *a = &parties[A];
	struct party *b = &parties[B];
	struct desc sent, d, back;
	uint64_t handle;

	(void)state;
	mem_boot_all(FFA_VERSION_1_2);
	sent = desc_send(FFA_MEM_DONATE_32, a, b->id, a->memory, 3);
	handle = desc_send_well(&sent);
	check_pages(a, &sent, MEMORY_OWNED_DONATED, MEM_R | MEM_W | MEM_X);
	d = desc_retrieve(&sent, b, handle);
	d.access[0].permissions = 8 | 2; /* it was executable */
	desc_call(&d);
	assert_int_equal((uint8_t)b->rx[48 + 2], 8 | 2);
	mem_rx_release(b);
	check_pages(a, &sent, MEMORY_NONE, 0);
	check_pages(b, &sent, MEMORY_OWNED, MEM_R | MEM_W | MEM_X);
	desc_call(&sent);
	assert_true(got_error(a->v, FFA_DENIED));
	back = desc_send(FFA_MEM_DONATE_32, b, a->id, a->memory, 3);
	handle = desc_send_well(&back);
	d = desc_retrieve(&back, a, handle);
	d.access[0].permissions = 8 | 2;
	desc_retrieve_well(&d);
	check_pages(a, &sent, MEMORY_OWNED, MEM_R | MEM_W | MEM_X);
	check_pages(b, &sent, MEMORY_NONE, 0);
}

/* Permissions: what is asked for, of what the lender and the pages allow. */
static void permissions(void **state)
{
	struct party *a = &parties[A];
	struct party *b = &parties[B];
	static const struct {
		unsigned int kind;
		bool read_only; /* the page */
		uint8_t granted, asked;
		enum ffa_status status;
		uint8_t got;
	} cases[] = {
		{ 0, false, 2, 2, FFA_OK, 6 },        { 0, false, 2, 1, FFA_OK, 5 },
		{ 0, false, 2, 0, FFA_OK, 6 },        { 0, false, 1, 2, FFA_DENIED, 0 },
		{ 0, false, 1, 1, FFA_OK, 5 },        { 0, false, 1, 0, FFA_OK, 5 },
		{ 0, true, 1, 0, FFA_OK, 5 },         { 0, true, 1, 2, FFA_DENIED, 0 },
		{ 1, false, 2, 2 | 4, FFA_OK, 6 },    { 1, false, 2, 1 | 8, FFA_OK, 9 },
		{ 1, false, 2, 8, FFA_OK, 10 },       { 1, false, 1, 2 | 4, FFA_DENIED, 0 },
		{ 1, true, 1, 1 | 4, FFA_OK, 5 },     { 1, true, 1, 1 | 8, FFA_DENIED, 0 },
		{ 2, false, 0, 2 | 8, FFA_OK, 10 },   { 2, false, 0, 1 | 4, FFA_OK, 5 },
		{ 2, false, 0, 4, FFA_OK, 6 },        { 2, true, 0, 4, FFA_OK, 5 },
		{ 2, true, 0, 2 | 4, FFA_DENIED, 0 }, { 2, true, 0, 1 | 8, FFA_DENIED, 0 },
	};

	(void)state;
	for (unsigned int i = 0; i < NUMBER_OF(cases); i++) {
		struct desc sent, d;

		mem_boot_all(FFA_VERSION_1_2);
		sent = desc_send(fids[cases[i].kind], a, b->id,
				 cases[i].read_only ? a->read_only : a->memory, 1);
		sent.access[0].permissions = cases[i].granted;
		d = desc_retrieve(&sent, b, desc_send_well(&sent));
		d.access[0].permissions = cases[i].asked;
		picture_take();
		desc_call(&d);
		if (cases[i].status != FFA_OK) {
			assert_true(got_error(b->v, cases[i].status));
			assert_true(picture_same());
			continue;
		}
		assert_int_equal(got(b->v, 0), FFA_MEM_RETRIEVE_RESP_32);
		assert_int_equal((uint8_t)b->rx[48 + 2], cases[i].got);
		check_pages(b, &sent, borrowed[cases[i].kind],
			    MEM_R | ((cases[i].got & 2) != 0 ? MEM_W : 0) |
				    ((cases[i].got & 8) != 0 ? MEM_X : 0));
	}
}

/* Several borrowers: each for itself, all listed or only the one. */
static void many(void **state)
{
	struct party *n = &parties[N];
	struct desc sent, d;
	uint64_t handle;

	(void)state;
	mem_boot_all(FFA_VERSION_1_2);
	sent = desc_send(FFA_MEM_SHARE_32, n, parties[A].id, n->memory, 2);
	desc_add_receiver(&sent, parties[B].id, 1);
	desc_add_receiver(&sent, parties[C].id, 2);
	handle = desc_send_well(&sent);
	for (unsigned int i = A; i <= C; i++) {
		d = desc_retrieve(&sent, &parties[i], handle);
		if (i == A) { /* one of the others twice, the other not at all */
			struct desc twice = d;

			twice.access[1] = d.access[2];
			desc_call(&twice);
			assert_true(got_error(parties[i].v, FFA_INVALID_PARAMETERS));
		}
		if (i == B) { /* the others are not mine to name */
			d.access[0].flags = 1;
			d.access[2].flags = 1;
		}
		if (i == C) {
			d.flags = FFA_MEM_FLAG_BYPASS;
			d.access[0] = d.access[2];
			d.access_count = 1;
			desc_layout(&d);
		}
		desc_retrieve_well(&d);
		check_pages(&parties[i], &sent, MEMORY_BORROWED_SHARED,
			    MEM_R | MEM_NS | (i == B ? 0 : MEM_W));
		mem_reclaim(n, handle, 0);
		assert_true(got_error(n->v, FFA_DENIED));
	}
	for (unsigned int i = A; i <= C; i++) {
		mem_reclaim(n, handle, 0);
		assert_true(got_error(n->v, FFA_DENIED));
		mem_relinquish(&parties[i], handle, 0, 1, parties[i].id);
		assert_true(got_success(parties[i].v, 0, 0));
		check_pages(&parties[i], &sent, MEMORY_NONE, 0);
	}
	mem_reclaim(n, handle, 0);
	assert_true(got_success(n->v, 0, 0));
}

/* What was zeroed is told. */
static void zeroed(void **state)
{
	struct party *b = &parties[B];
	struct desc sent, d;

	(void)state;
	mem_boot_all(FFA_VERSION_1_1);
	sent = desc_send(FFA_MEM_LEND_32, &parties[N], b->id, parties[N].memory, 1);
	sent.flags = FFA_MEM_FLAG_ZERO;
	d = desc_retrieve(&sent, b, desc_send_well(&sent));
	d.flags = FFA_MEM_FLAG_ZERO;
	desc_call(&d);
	assert_int_equal(rx32(b, 4), FFA_MEM_FLAG_ZERO | FFA_MEM_FLAG_TYPE_LEND);
	mem_rx_release(b);
	/* It is not zeroed under it. */
	desc_call(&d);
	assert_true(got_error(b->v, FFA_INVALID_PARAMETERS));
	/* Read-only, one has no say in what is in the memory. */
	mem_relinquish(b, d.handle, 0, 1, b->id);
	d.access[0].permissions = 1 | 4;
	desc_call(&d);
	assert_true(got_error(b->v, FFA_DENIED));
	d.flags = FFA_MEM_FLAG_ZERO_AFTER;
	desc_call(&d);
	assert_true(got_error(b->v, FFA_DENIED));
}

/* Whoever wrote it spoils what has been read of his TX, as soon as it has been read. */
static void spoil(const void *from, size_t n)
{
	for (unsigned int i = 0; i < PARTIES; i++) {
		char *tx = parties[i].tx;

		if ((const char *)from >= tx && (const char *)from < tx + PAGE) {
			memset(tx + ((const char *)from - tx), 0xFF, n);
		}
	}
}

/* Nothing in TX is read twice: what was checked is what is done. */
static void read_once(void **state)
{
	static const enum party_name lenders[] = { A, N };

	(void)state;
	for (unsigned int i = 0; i < 4 * NUMBER_OF(versions) * NUMBER_OF(lenders); i++) {
		struct party *from = &parties[lenders[i % 2]];
		struct party *b = &parties[B];
		unsigned int kind = i / 2 % 4;
		struct desc sent, d;
		uint64_t handle;

		mem_boot_all(versions[i / 8]);
		sent = sent_make(kind, from);
		picture_take();
		host_on_copy = spoil;
		handle = desc_send_well(&sent);
		mem_reclaim(from, handle, 0);
		assert_true(got_success(from->v, 0, 0));
		assert_true(picture_same());
		sent.length -= 16;
		desc_call(&sent);
		assert_int_equal(got(from->v, 0), FFA_MEM_FRAG_RX_32);
		handle = (uint64_t)got(from->v, 2) << 32 | got(from->v, 1);
		memcpy(from->tx, &sent.list[sent.list_count - 1], 16);
		CALL(from->cpu, from->v, FFA_MEM_FRAG_TX_32, (uint32_t)handle, handle >> 32, 16);
		assert_true(got_success(from->v, (uint32_t)handle, (uint32_t)(handle >> 32)));
		d = desc_retrieve(&sent, b, handle);
		desc_retrieve_well(&d);
		check_pages(b, &sent, borrowed[kind],
			    MEM_R | MEM_W | (from == &parties[N] ? MEM_NS : 0));
		if (kind != 2) {
			mem_relinquish(b, handle, 0, 1, b->id);
			assert_true(got_success(b->v, 0, 0));
			mem_reclaim(from, handle, 0);
			assert_true(picture_same());
		}
		host_on_copy = NULL;
	}
}

/* A lender that has no implementation defined value to give compares none. */
static void no_impdef(void **state)
{
	const uint32_t v[] = { FFA_VERSION_1_1, FFA_VERSION_1_2, FFA_VERSION_1_2, FFA_VERSION_1_2 };
	struct party *b = &parties[B];
	struct desc sent, d;

	(void)state;
	mem_boot(v);
	sent = desc_send(FFA_MEM_SHARE_32, &parties[A], b->id, parties[A].memory, 1);
	d = desc_retrieve(&sent, b, desc_send_well(&sent));
	d.access[0].impdef[0] = 7;
	d.access[0].impdef[1] = 9;
	desc_retrieve_well(&d);
	assert_true(rx64(b, 48 + 8) == 0 && rx64(b, 48 + 16) == 0);
}

/* A device: lent to one SP, as what it is; nobody executes it, nobody writes zeroes to it. */
static void device(void **state)
{
	struct party *n = &parties[N];
	struct party *b = &parties[B];
	struct desc sent, d;

	(void)state;
	mem_boot_all(FFA_VERSION_1_2);
	for (unsigned int kind = 0; kind < NUMBER_OF(fids); kind++) {
		sent = desc_send(fids[kind], n, b->id, NWD_DEVICE, 2);
		for (unsigned int how = 0; how < 3; how++) {
			struct desc bad = sent;

			bad.flags = how == 0 && kind != 0 ? FFA_MEM_FLAG_ZERO : 0;
			bad.attributes = kind == 0 && how != 0 ? 0x13 : sent.attributes;
			if (how == 1 && kind != 2) {
				desc_add_receiver(&bad, parties[C].id, 2);
			} else if (how == 2) {
				desc_add_memory(&bad, n->memory, 1); /* not of one kind */
			}
			picture_take();
			desc_call(&bad);
			assert_true(got_error(n->v, FFA_DENIED));
			assert_true(picture_same());
		}
	}
	sent = desc_send(FFA_MEM_LEND_32, n, b->id, NWD_DEVICE, 2);
	d = desc_retrieve(&sent, b, desc_send_well(&sent));
	picture_take();
	d.access[0].permissions = 2 | 8;
	desc_call(&d);
	assert_true(got_error(b->v, FFA_DENIED));
	d.access[0].permissions = 2 | 4;
	d.attributes = 0x2F;
	desc_call(&d);
	assert_true(got_error(b->v, FFA_DENIED));
	d.attributes = 0x17;
	desc_call(&d);
	assert_true(got_error(b->v, FFA_DENIED));
	assert_true(picture_same());
	d.attributes = 0x13;
	d.flags = FFA_MEM_FLAG_ZERO_AFTER;
	desc_call(&d);
	assert_int_equal(rx16(b, 2), 0x50);
	check_pages(b, &sent, MEMORY_BORROWED, MEM_R | MEM_W | MEM_NS | MEM_DEVICE);
	mem_relinquish(b, d.handle, FFA_MEM_FLAG_ZERO, 1, b->id);
	assert_true(got_success(b->v, 0, 0));
	mem_reclaim(n, d.handle, FFA_MEM_FLAG_ZERO);
	assert_true(got_success(n->v, 0, 0));
}

/* Zeroes that are asked for are there, also when somebody has had the memory since it was sent. */
static void zeroed_again(void **state)
{
	struct party *b = &parties[B];
	struct party *c = &parties[C];
	const uint64_t *word = (const uint64_t *)parties[N].memory;
	struct desc sent, d, e;

	(void)state;
	mem_boot_all(FFA_VERSION_1_2);
	sent = desc_send(FFA_MEM_LEND_32, &parties[N], b->id, parties[N].memory, 1);
	desc_add_receiver(&sent, c->id, 2);
	desc_add_receiver(&sent, other_id(), 1); /* who may not ask: that is only his business */
	sent.flags = FFA_MEM_FLAG_ZERO;
	d = desc_retrieve(&sent, b, desc_send_well(&sent));
	e = desc_retrieve(&sent, c, d.handle);
	desc_retrieve_well(&d);
	memset((void *)parties[N].memory, 0x5A, PAGE);
	/* It is not zeroed under who holds it, nor for who does not ask. */
	e.flags = FFA_MEM_FLAG_ZERO;
	desc_retrieve_well(&e);
	assert_true(word[0] == 0x5A5A5A5A5A5A5A5A);
	mem_relinquish(b, d.handle, 0, 1, b->id);
	mem_relinquish(c, d.handle, 0, 1, c->id);
	desc_retrieve_well(&d);
	mem_relinquish(b, d.handle, 0, 1, b->id);
	assert_true(word[0] == 0x5A5A5A5A5A5A5A5A);
	/* It is refused: nothing has changed. */
	host_memory_refuse((uint64_t)word, 1);
	picture_take();
	desc_call(&e);
	host_memory_refuse(0, 0);
	assert_true(got_error(c->v, FFA_ABORTED));
	assert_true(picture_same());
	assert_true(word[0] == 0x5A5A5A5A5A5A5A5A);
	desc_retrieve_well(&e);
	assert_true(word[0] == 0 && word[511] == 0);
	/* Once, until somebody has had it again. */
	mem_relinquish(c, d.handle, 0, 1, c->id);
	memset((void *)parties[N].memory, 0x5A, PAGE);
	desc_retrieve_well(&e);
	assert_true(word[0] == 0 && word[511] == 0);
	mem_relinquish(c, d.handle, FFA_MEM_FLAG_ZERO, 1, c->id);
	memset((void *)parties[N].memory, 0x5A, PAGE);
	desc_retrieve_well(&e);
	assert_true(word[0] == 0x5A5A5A5A5A5A5A5A);
}

/*
 * Who is not a borrower gets nothing, whatever it says; not even told that there is such a handle.
 */
static void strangers(void **state)
{
	struct party *strange[] = { &parties[A], &parties[C], &parties[N] };
	struct desc sent, d;

	(void)state;
	mem_boot_all(FFA_VERSION_1_2);
	sent = desc_send(FFA_MEM_LEND_32, &parties[A], parties[B].id, parties[A].memory, 1);
	d = desc_retrieve(&sent, &parties[B], desc_send_well(&sent));
	picture_take();
	for (unsigned int i = 0; i < NUMBER_OF(strange); i++) {
		d.party = strange[i];
		for (unsigned int k = 0; k < 6; k++) {
			d.sender = k % 2 == 0 ? sent.sender : other_id();
			d.access[0].endpoint = k < 2 ? parties[B].id : strange[i]->id;
			d.access_count = k < 4 ? 1 : 0;
			desc_layout(&d);
			desc_call(&d);
			assert_true(got_error(strange[i]->v, FFA_INVALID_PARAMETERS));
			assert_true(picture_same());
		}
	}
}

/* A buffer that is taken away: then the pages are not mapped either. */
static void buffers(void **state)
{
	struct party *b = &parties[B];
	struct desc sent, d;

	(void)state;
	mem_boot_all(FFA_VERSION_1_2);
	sent = sent_make(0, &parties[N]);
	d = desc_retrieve(&sent, b, desc_send_well(&sent));
	desc_retrieve_well(&d); /* tables have been there */
	mem_relinquish(b, d.handle, 0, 1, b->id);
	picture_take();
	for (uint32_t at = 0; at < d.total; at += 16) {
		desc_write(&d);
		host_memory_refuse((uint64_t)b->tx + at, 1);
		CALL(b->cpu, b->v, d.fid, d.total, d.length);
		assert_true(got_error(b->v, FFA_ABORTED));
		assert_true(picture_same());
	}
	for (uint32_t at = 0; at < 48 + 32 + 16 + 32; at += 16) {
		desc_write(&d);
		host_memory_refuse((uint64_t)b->rx + at, 1);
		CALL(b->cpu, b->v, d.fid, d.total, d.length);
		assert_true(got_error(b->v, FFA_ABORTED));
		assert_true(picture_same());
	}
	host_memory_refuse(0, 0);
	CALL(b->cpu, b->v, FFA_RXTX_UNMAP_32);
	CALL(b->cpu, b->v, d.fid, d.total, d.length);
	assert_true(got_error(b->v, FFA_INVALID_PARAMETERS));
}

/* --- VMs -------------------------------------------------------------------------------------- */

/* The hypervisor retrieves for VMs: they are counted, each by itself. */
static void vms_of(uint32_t version, uint32_t fid)
{
	struct party *n = &parties[N];
	uint32_t at = header_bytes(version);
	struct desc sent, d;
	uint64_t handle;

	mem_boot_all(version);
	sent = desc_send(FFA_MEM_SHARE_32, n, parties[B].id, n->memory, 1);
	sent.sender = 9;
	desc_add_receiver(&sent, 3, 1);
	desc_add_receiver(&sent, 4, 2);
	handle = desc_send_well(&sent);
	d = desc_retrieve(&sent, n, handle);
	d.fid = fid;
	desc_call(&d); /* which of the two? */
	assert_true(got_error(n->v, FFA_NOT_SUPPORTED));
	d.access[2].flags = 1;
	desc_call(&d);
	assert_int_equal(got(n->v, 0), FFA_MEM_RETRIEVE_RESP_32);
	assert_int_equal(rx16(n, at), 3);
	assert_int_equal((uint8_t)n->rx[at + 2], 1 | 4);
	desc_call(&d);
	assert_true(got_error(n->v, FFA_BUSY));
	mem_rx_release(n);
	desc_call(&d);
	assert_true(got_error(n->v, FFA_DENIED));
	d.access[2].flags = 0;
	d.access[1].flags = 1;
	desc_retrieve_well(&d);
	for (uint16_t vm = 3; vm <= 4; vm++) {
		mem_reclaim(n, handle, 0);
		assert_true(got_error(n->v, FFA_DENIED));
		mem_relinquish(n, handle, 0, 1, vm);
		assert_true(got_success(n->v, 0, 0));
		mem_relinquish(n, handle, 0, 1, vm);
		assert_true(got_error(n->v, FFA_INVALID_PARAMETERS));
	}
	mem_reclaim(n, handle, 0);
	assert_true(got_success(n->v, 0, 0));
}

static void vms(void **state)
{
	(void)state;
	for (unsigned int version = 0; version < NUMBER_OF(versions); version++) {
		vms_of(versions[version], FFA_MEM_RETRIEVE_REQ_32);
		vms_of(versions[version], FFA_MEM_RETRIEVE_REQ_64);
	}
}

/* The hypervisor's own retrieval: all that the lender said, and nothing changes. */
static void hypervisor(void **state)
{
	struct party *n = &parties[N];

	(void)state;
	for (unsigned int version = 0; version < NUMBER_OF(versions); version++) {
		struct desc sent, ask = { 0 };
		const struct expect e = { 0x2F, FFA_MEM_FLAG_TYPE_SHARE, 0 };
		uint32_t at, size, step;

		mem_boot_all(versions[version]);
		step = access_bytes(n->version);
		sent = desc_send(FFA_MEM_SHARE_32, n, parties[B].id, n->memory, 1);
		desc_add_memory(&sent, n->memory + 3 * PAGE, 2);
		desc_add_receiver(&sent, 3, 1);
		sent.sender = 9;
		ask.party = n;
		ask.fid = FFA_MEM_RETRIEVE_REQ_32;
		ask.handle = desc_send_well(&sent);
		ask.total = ask.length = header_bytes(n->version);
		for (int again = 0; again < 2; again++) {
			picture_take();
			desc_call(&ask);
			/* The NS bit is a retrieval's. */
			at = header_bytes(n->version);
			assert_int_equal(rx16(n, 2), 0x2F);
			n->rx[2] = n->version == FFA_VERSION_1_0 ? 0x2F : 0x6F;
			assert_int_equal(check_header(n, &sent, ask.handle, &e, 2), at);
			size = at + 2 * step + 16 + 2 * 16;
			assert_true(got_call(n->v, FFA_MEM_RETRIEVE_RESP_32, size, size, 0));
			for (uint32_t i = 0; i < 2; i++) {
				assert_int_equal(rx16(n, at + i * step), sent.access[i].endpoint);
				assert_int_equal((uint8_t)n->rx[at + i * step + 2],
						 sent.access[i].permissions);
				assert_int_equal(rx32(n, at + i * step + 4), at + 2 * step);
			}
			assert_true(memcmp(n->rx + at + 2 * step + 16, sent.list, 32) == 0);
			mem_rx_release(n);
		}
		/* Only with all else zero; and what SPs have among themselves is theirs. */
		for (unsigned int i = 0; i < 7; i++) {
			struct desc bad = ask;

			bad.sender = i == 0 ? 9 : 0;
			bad.attributes = i == 1 ? 0x2F : 0;
			bad.flags = i == 2 ? 1u << 3 : 0;
			bad.tag = i == 3 ? 1 : 0;
			bad.handle ^= i == 4 ? 1ul << 20 : 0;
			bad.reserved[1] = i == 5 ? 1 : 0;
			if (i == 6) {
				struct desc mine = desc_send(FFA_MEM_SHARE_32, &parties[A],
							     parties[B].id, parties[A].memory, 1);

				bad.handle = desc_send_well(&mine);
			}
			desc_call(&bad);
			assert_true(got_error(n->v, FFA_INVALID_PARAMETERS));
		}
		/* No SP may ask so. */
		ask.party = &parties[B];
		desc_call(&ask);
		assert_true(got_error(parties[B].v, FFA_INVALID_PARAMETERS));
	}
}

/* --- Fragments -------------------------------------------------------------------------------- */

#define LONG_LIST 520u /* constituents, of one page each, every other page */

/* Such a list from the normal world, in as many fragments as it takes. */
static uint64_t send_long(struct desc *d)
{
	struct party *n = &parties[N];
	uint32_t per_fragment = PAGE / 16;
	struct ffa_constituent *tx = (struct ffa_constituent *)(void *)n->tx;
	uint32_t sent;
	uint64_t handle;

	*d = desc_send(FFA_MEM_SHARE_32, n, parties[B].id, FAR_MEMORY, 1);
	d->composite.count = LONG_LIST;
	d->composite.pages = LONG_LIST;
	d->total = d->at_composite + 16 + LONG_LIST * 16;
	d->length = d->at_composite + 16 + 16;
	desc_call(d);
	handle = (uint64_t)got(n->v, 2) << 32 | got(n->v, 1);
	for (sent = 1; sent < LONG_LIST;) {
		uint32_t count = LONG_LIST - sent < per_fragment ? LONG_LIST - sent : per_fragment;

		assert_int_equal(got(n->v, 0), FFA_MEM_FRAG_RX_32);
		assert_int_equal(got(n->v, 3), d->at_composite + 16 + sent * 16);
		for (uint32_t i = 0; i < count; i++) {
			tx[i] = (struct ffa_constituent){
				.base = FAR_MEMORY + 2 * PAGE * (sent + i),
				.pages = 1,
			};
		}
		sent += count;
		CALL(n->cpu, n->v, FFA_MEM_FRAG_TX_32, (uint32_t)handle, handle >> 32, count * 16);
	}
	assert_true(got_success(n->v, (uint32_t)handle, (uint32_t)(handle >> 32)));
	return handle;
}

/* Fetches the rest of an answer; `at` bytes of `size` have been. Wrong calls come between. */
static void fetch(struct party *p, uint64_t handle, uint32_t size, uint32_t at, uint32_t w4)
{
	const struct party *n = &parties[N];
	uint32_t lo = (uint32_t)handle;
	uint64_t hi = handle >> 32;
	uint32_t list = size - LONG_LIST * 16;

	while (at < size) {
		uint32_t length = size - at < PAGE ? size - at : PAGE;

		CALL(p->cpu, p->v, FFA_MEM_FRAG_RX_32, lo, hi, at, w4);
		assert_true(got_error(p->v, FFA_BUSY));
		mem_rx_release(p);
		picture_take();
		CALL(p->cpu, p->v, FFA_MEM_FRAG_RX_32, lo, hi, at - 16, w4);
		assert_true(got_error(p->v, FFA_INVALID_PARAMETERS));
		CALL(p->cpu, p->v, FFA_MEM_FRAG_RX_32, lo, hi, at + 16, w4);
		assert_true(got_error(p->v, FFA_INVALID_PARAMETERS));
		CALL(p->cpu, p->v, FFA_MEM_FRAG_RX_32, lo + 1, hi, at, w4);
		assert_true(got_error(p->v, FFA_INVALID_PARAMETERS));
		CALL(p->cpu, p->v, FFA_MEM_FRAG_RX_32, lo, hi, at, w4 | 1);
		assert_true(got_error(p->v, FFA_INVALID_PARAMETERS));
		CALL(p->cpu, p->v, FFA_MEM_FRAG_RX_32, lo, hi, at, w4 ^ 0x80000000);
		assert_true(got_error(p->v, FFA_INVALID_PARAMETERS));
		/* What an SP fetches is none of the normal world's business. */
		CALL(n->cpu, n->v, FFA_MEM_FRAG_RX_32, lo, hi, at, FFA_IDS(parties[B].id, 0));
		assert_true(got_error(n->v, FFA_INVALID_PARAMETERS));
		assert_true(picture_same());
		host_memory_refuse((uint64_t)p->rx, 16);
		CALL(p->cpu, p->v, FFA_MEM_FRAG_RX_32, lo, hi, at, w4);
		host_memory_refuse(0, 0);
		assert_true(got_error(p->v, FFA_ABORTED));
		assert_true(picture_same());
		CALL(p->cpu, p->v, FFA_MEM_FRAG_RX_32, lo, hi, at, w4);
		assert_int_equal(got(p->v, 0), FFA_MEM_FRAG_TX_32);
		assert_true(got(p->v, 1) == lo && got(p->v, 2) == hi);
		assert_int_equal(got(p->v, 3), length);
		assert_int_equal(got(p->v, 4), w4);
		for (uint32_t i = 0; i < length; i += 16) {
			assert_true(rx64(p, i) == FAR_MEMORY + 2 * PAGE * ((at - list + i) / 16));
			assert_true(rx64(p, i + 8) == 1);
		}
		at += length;
	}
	mem_rx_release(p);
	CALL(p->cpu, p->v, FFA_MEM_FRAG_RX_32, lo, hi, at, w4);
	assert_true(got_error(p->v, FFA_INVALID_PARAMETERS));
}

/* An answer of many fragments, in every version: to an SP, and the hypervisor's copy. */
static void fragments(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 2 * NUMBER_OF(versions); i++) {
		uint32_t version = versions[i / 2];
		struct party *b = &parties[B];
		struct party *n = &parties[N];
		struct desc sent, d;
		struct desc ask = { .party = n, .fid = FFA_MEM_RETRIEVE_REQ_32 };
		uint64_t handle;

		if (i % 2 != 0) {
			mem_boot_el0(version);
		} else {
			mem_boot_all(version);
		}
		handle = send_long(&sent);
		sent.list_count = 0; /* a request has no list */
		d = desc_retrieve(&sent, b, handle);
		desc_call(&d);
		assert_true(got_call(b->v, FFA_MEM_RETRIEVE_RESP_32, sent.total, PAGE, 0));
		/* Not before it knows what it holds. */
		mem_relinquish(b, handle, 0, 1, b->id);
		assert_true(got_error(b->v, FFA_INVALID_PARAMETERS));
		mem_reclaim(n, handle, 0);
		assert_true(got_error(n->v, FFA_DENIED));
		fetch(b, handle, (uint32_t)sent.total, PAGE, 0);
		assert_int_equal(page_state(b, FAR_MEMORY + 2 * PAGE * (LONG_LIST - 1)),
				 MEMORY_BORROWED_SHARED);
		assert_int_equal(page_state(b, FAR_MEMORY + PAGE), MEMORY_NONE);

		ask.handle = handle;
		ask.total = ask.length = header_bytes(n->version);
		desc_call(&ask);
		assert_true(got_call(n->v, FFA_MEM_RETRIEVE_RESP_32, sent.total, PAGE, 0));
		fetch(n, handle, (uint32_t)sent.total, PAGE, 0);

		mem_relinquish(b, handle, 0, 1, b->id);
		assert_true(got_success(b->v, 0, 0));
		mem_reclaim(n, handle, 0);
		assert_true(got_success(n->v, 0, 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_check),
		cmocka_unit_test(round_trips),
		cmocka_unit_test(round_trips_el0),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(donation),
		cmocka_unit_test(permissions),
		cmocka_unit_test(many),
		cmocka_unit_test(read_once),
		cmocka_unit_test(no_impdef),
		cmocka_unit_test(device),
		cmocka_unit_test(zeroed),
		cmocka_unit_test(zeroed_again),
		cmocka_unit_test(strangers),
		cmocka_unit_test(buffers),
		cmocka_unit_test(vms),
		cmocka_unit_test(hypervisor),
		cmocka_unit_test(fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
