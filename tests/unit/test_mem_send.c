/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * FFA_MEM_SHARE, LEND, DONATE, FRAG_TX: FF-A 1.2 chapters 10, 16.1 to 16.3, 16.9. Each check as a
 * change to a descriptor that is good otherwise, from SPs and the normal world, in every version.
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

enum kind_bit { SHARE = 1, LEND = 2, DONATE = 4, ALL = 7 };
static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_LEND_32, FFA_MEM_DONATE_32 };

CHANGE(x3, d->x3 = d->party->memory)
CHANGE(w4, d->x4 = 1)
CHANGE(fragment_longer, d->length += 16)
CHANGE(fragment_unaligned, d->length -= 8)
CHANGE(both_unaligned, (d->total += 8, d->length += 8))
CHANGE(both_longer, (d->total += 16, d->length += 16))
CHANGE(both_shorter, (d->total -= 16, d->length -= 16))
CHANGE(longer_than_tx, (d->total = PAGE + 16, d->length = PAGE + 16))
CHANGE(huge, (d->total = 0xFFFFFFF0, d->length = 0xFFFFFFF0))
CHANGE(nothing, (d->total = 0, d->length = 0))
CHANGE(header_only, d->length = header_bytes(d->party->version))
CHANGE(half_header, d->length = 16)
CHANGE(borrowers_only, d->length = d->at_composite)
CHANGE(header_reserved_0, d->reserved[0] = 1)
CHANGE(header_reserved_1, d->reserved[1] = 1)
CHANGE(header_reserved_2, d->reserved[2] = 0x80000000)
CHANGE(size_0, d->access_size = 0)
CHANGE(size_8, d->access_size = 8)
CHANGE(size_24, d->access_size = 24)
CHANGE(size_32_too_new, (d->access_size = 32, d->real_size = 32, desc_layout(d)))
CHANGE(size_64, d->access_size = 64)
CHANGE(size_huge, d->access_size = 0xFFFFFFF0)
CHANGE(offset_in_header, d->access_offset = 32)
CHANGE(offset_0, d->access_offset = 0)
CHANGE(offset_unaligned, d->access_offset += 8)
CHANGE(offset_outside, d->access_offset = 0x10000)
CHANGE(offset_wraps, d->access_offset = 0xFFFFFFF0)
CHANGE(nobody, d->access_count = 0)
CHANGE(too_many, d->access_count = TRANSACTION_MAX_BORROWERS + 1)
CHANGE(count_wraps, d->access_count = 0x10000001)
CHANGE(count_beyond, d->access_count = 4)
CHANGE(access_reserved, d->access[0].reserved = 1)
CHANGE(access_reserved_high, d->access[0].reserved = 1ul << 63)
CHANGE(access_flags, d->access[0].flags = 1)
CHANGE(access_flags_reserved, d->access[0].flags = 0x80)
CHANGE(composite_0, d->access[0].composite_offset = 0)
CHANGE(composite_in_header, d->access[0].composite_offset = 16)
CHANGE(composite_in_borrowers, d->access[0].composite_offset = d->at_composite - 16)
CHANGE(composite_unaligned, d->access[0].composite_offset += 8)
CHANGE(composite_outside, d->access[0].composite_offset = (uint32_t)d->length)
CHANGE(composite_far, d->access[0].composite_offset = 0xFFFFFFF0)
CHANGE(composite_late, d->access[0].composite_offset += 16)
CHANGE(composite_reserved, d->composite.reserved = 1)
CHANGE(count_0, d->composite.count = 0)
CHANGE(count_more, d->composite.count++)
CHANGE(count_less, d->composite.count--)
CHANGE(count_wide, d->composite.count += 0x10000000)
CHANGE(pages_0, d->composite.pages = 0)
CHANGE(pages_more, d->composite.pages++)
CHANGE(pages_less, d->composite.pages--)
CHANGE(empty_piece, (d->list[1].pages = 0, d->composite.pages--))
CHANGE(unaligned_base, d->list[1].base += 8)
CHANGE(wraps, d->list[1].base = 0xFFFFFFFFFFFFF000ul)
CHANGE(wraps_far, (d->list[0].base = 0xFFFFFFFFFFFFF000ul, d->list[0].pages = 2))
CHANGE(beyond_pa, d->list[0].base = 1ul << 52)
CHANGE(same_twice, d->list[1].base = d->list[0].base)
CHANGE(overlaps_head,
       (d->list[1].base = d->list[0].base - PAGE, d->list[1].pages = 2, d->composite.pages++))
CHANGE(overlap_behind_empty, (d->list[0].pages = 0, d->list[1].base = d->list[2].base,
			      d->composite.pages = d->list[1].pages + d->list[2].pages))
CHANGE(sender_other, d->sender = other_id())
CHANGE(sender_nwd, d->sender = 5)
CHANGE(sender_spmc, d->sender = FFA_ID_SPMC)
CHANGE(unknown_sp, d->access[0].endpoint = 0x8099)
CHANGE(to_spmc, d->access[0].endpoint = FFA_ID_SPMC)
CHANGE(to_spmd, d->access[0].endpoint = FFA_ID_SPMD)
CHANGE(to_nobody, d->access[0].endpoint = FFA_ID_NONE)
CHANGE(to_itself, d->access[0].endpoint = d->sender)
CHANGE(twice, desc_add_receiver(d, d->access[0].endpoint, 2))
CHANGE(two_of_donation, (desc_add_receiver(d, other_id(), 0), d->attributes = 0))
CHANGE(to_vm, d->access[0].endpoint = 3)
CHANGE(to_nwd, d->access[0].endpoint = 0)
CHANGE(also_vm, desc_add_receiver(d, 3, 2))
CHANGE(flag_zero, d->flags = 1)
CHANGE(flag_time_slice, d->flags = 2)
CHANGE(flag_zero_after, d->flags = 4)
CHANGE(flag_type_share, d->flags = 1u << 3)
CHANGE(flag_type_lend, d->flags = 2u << 3)
CHANGE(flag_type_donate, d->flags = 3u << 3)
CHANGE(flag_hint, d->flags = 1u << 9)
CHANGE(flag_bypass, d->flags = 1u << 10)
CHANGE(flag_31, d->flags = 1u << 31)
CHANGE(handle_given, d->handle = 1)
CHANGE(perm_none, d->access[0].permissions = 0)
CHANGE(perm_ro, d->access[0].permissions = 1)
CHANGE(perm_rw, d->access[0].permissions = 2)
CHANGE(perm_data_reserved, d->access[0].permissions = 3)
CHANGE(perm_xn, d->access[0].permissions |= 4)
CHANGE(perm_x, d->access[0].permissions |= 8)
CHANGE(perm_exec_reserved, d->access[0].permissions |= 12)
CHANGE(perm_reserved, d->access[0].permissions |= 0x10)
CHANGE(perm_reserved_7, d->access[0].permissions |= 0x80)
CHANGE(attr_ns, d->attributes |= 0x40)
CHANGE(attr_reserved_7, d->attributes |= 0x80)
CHANGE(attr_reserved_15, d->attributes |= 0x8000)
CHANGE(attr_none, d->attributes = 0)
CHANGE(attr_normal, d->attributes = 0x2F)
CHANGE(attr_device, d->attributes = 0x13)
CHANGE(attr_type_reserved, d->attributes = 0x3F)
CHANGE(attr_non_cacheable, d->attributes = 0x27)
CHANGE(attr_non_shareable, d->attributes = 0x2C)
CHANGE(attr_outer, d->attributes = 0x2E)
CHANGE(attr_shareability_reserved, d->attributes = 0x2D)
CHANGE(attr_device_gre, d->attributes = 0x1F)
CHANGE(attr_lend_many, (desc_add_receiver(d, other_id(), 2), d->attributes = 0))
CHANGE(not_mine, d->list[1].base = SP_MEMORY(MP_B) + 4 * PAGE)
CHANGE(not_mine_first, d->list[0].base = SP_MEMORY(MP_B) + 4 * PAGE)
CHANGE(nobodys, d->list[0].base = 0x20000000)
CHANGE(tx_page, d->list[0].base = (uint64_t)d->party->tx)
CHANGE(rx_page, d->list[1].base = (uint64_t)d->party->rx)
CHANGE(rx_inside, (d->list[0].base = (uint64_t)d->party->rx - PAGE, d->list[0].pages = 3,
		   d->composite.pages += 2))
CHANGE(read_only_rw, (d->list[0].base = d->party->read_only, d->list_count = 1, desc_layout(d)))
CHANGE(read_only_zero, (read_only_rw(d), d->access[0].permissions >>= 1, d->flags = 1))
CHANGE(mixed, (d->list[1].base = d->party->read_only, d->access[0].permissions >>= 1))

static const struct check checks[] = {
	/* The call. */
	{ "x3 names a buffer", ALL, ANY_WORLD, ANY_VERSION, x3, FFA_INVALID_PARAMETERS },
	{ "w4 is not zero", ALL, ANY_WORLD, ANY_VERSION, w4, FFA_INVALID_PARAMETERS },
	{ "fragment > total", ALL, ANY_WORLD, ANY_VERSION, fragment_longer,
	  FFA_INVALID_PARAMETERS },
	{ "fragment of half a constituent", ALL, ANY_WORLD, ANY_VERSION, fragment_unaligned,
	  FFA_INVALID_PARAMETERS },
	{ "half a constituent more", ALL, ANY_WORLD, ANY_VERSION, both_unaligned,
	  FFA_INVALID_PARAMETERS },
	{ "longer than it says", ALL, ANY_WORLD, ANY_VERSION, both_longer, FFA_INVALID_PARAMETERS },
	{ "shorter than it says", ALL, ANY_WORLD, ANY_VERSION, both_shorter,
	  FFA_INVALID_PARAMETERS },
	{ "longer than TX", ALL, ANY_WORLD, ANY_VERSION, longer_than_tx, FFA_INVALID_PARAMETERS },
	{ "4 GiB long", ALL, ANY_WORLD, ANY_VERSION, huge, FFA_INVALID_PARAMETERS },
	{ "0 long", ALL, ANY_WORLD, ANY_VERSION, nothing, FFA_INVALID_PARAMETERS },
	{ "fragment of half a header", ALL, ANY_WORLD, ANY_VERSION, half_header,
	  FFA_INVALID_PARAMETERS },
	{ "fragment without borrowers", ALL, ANY_WORLD, ANY_VERSION, header_only,
	  FFA_INVALID_PARAMETERS },
	{ "fragment without composite", ALL, ANY_WORLD, ANY_VERSION, borrowers_only,
	  FFA_INVALID_PARAMETERS },
	/* The header. */
	{ "reserved", ALL, ANY_WORLD, V1_1 | V1_2, header_reserved_0, FFA_INVALID_PARAMETERS },
	{ "reserved word", ALL, ANY_WORLD, ANY_VERSION, header_reserved_1, FFA_INVALID_PARAMETERS },
	{ "last reserved word", ALL, ANY_WORLD, V1_1 | V1_2, header_reserved_2,
	  FFA_INVALID_PARAMETERS },
	{ "access size 0", ALL, ANY_WORLD, V1_1 | V1_2, size_0, FFA_INVALID_PARAMETERS },
	{ "access size 8", ALL, ANY_WORLD, V1_1 | V1_2, size_8, FFA_INVALID_PARAMETERS },
	{ "access size 24", ALL, ANY_WORLD, V1_1 | V1_2, size_24, FFA_INVALID_PARAMETERS },
	{ "access size 32 before 1.2", ALL, ANY_WORLD, V1_1, size_32_too_new,
	  FFA_INVALID_PARAMETERS },
	{ "access size 64", ALL, ANY_WORLD, V1_1 | V1_2, size_64, FFA_INVALID_PARAMETERS },
	{ "access size 4 GiB", ALL, ANY_WORLD, V1_1 | V1_2, size_huge, FFA_INVALID_PARAMETERS },
	{ "borrowers in the header", ALL, ANY_WORLD, V1_1 | V1_2, offset_in_header,
	  FFA_INVALID_PARAMETERS },
	{ "borrowers at 0", ALL, ANY_WORLD, V1_1 | V1_2, offset_0, FFA_INVALID_PARAMETERS },
	{ "borrowers unaligned", ALL, ANY_WORLD, V1_1 | V1_2, offset_unaligned,
	  FFA_INVALID_PARAMETERS },
	{ "borrowers outside", ALL, ANY_WORLD, V1_1 | V1_2, offset_outside,
	  FFA_INVALID_PARAMETERS },
	{ "borrowers wrap", ALL, ANY_WORLD, V1_1 | V1_2, offset_wraps, FFA_INVALID_PARAMETERS },
	{ "no borrower", ALL, ANY_WORLD, ANY_VERSION, nobody, FFA_INVALID_PARAMETERS },
	{ "too many borrowers", ALL, ANY_WORLD, ANY_VERSION, too_many, FFA_INVALID_PARAMETERS },
	{ "so many that they wrap", ALL, ANY_WORLD, ANY_VERSION, count_wraps,
	  FFA_INVALID_PARAMETERS },
	{ "more than the fragment has", ALL, ANY_WORLD, ANY_VERSION, count_beyond,
	  FFA_INVALID_PARAMETERS },
	{ "flag zero", SHARE, ANY_WORLD, ANY_VERSION, flag_zero, FFA_INVALID_PARAMETERS },
	{ "flag time slice", ALL, ANY_WORLD, ANY_VERSION, flag_time_slice, FFA_INVALID_PARAMETERS },
	{ "flag zero after", ALL, ANY_WORLD, ANY_VERSION, flag_zero_after, FFA_INVALID_PARAMETERS },
	{ "type share", ALL, ANY_WORLD, ANY_VERSION, flag_type_share, FFA_INVALID_PARAMETERS },
	{ "type lend", ALL, ANY_WORLD, ANY_VERSION, flag_type_lend, FFA_INVALID_PARAMETERS },
	{ "type donate", ALL, ANY_WORLD, ANY_VERSION, flag_type_donate, FFA_INVALID_PARAMETERS },
	{ "hint", ALL, ANY_WORLD, ANY_VERSION, flag_hint, FFA_INVALID_PARAMETERS },
	{ "bypass", ALL, ANY_WORLD, ANY_VERSION, flag_bypass, FFA_INVALID_PARAMETERS },
	{ "flag 31", ALL, ANY_WORLD, ANY_VERSION, flag_31, FFA_INVALID_PARAMETERS },
	{ "handle", ALL, ANY_WORLD, ANY_VERSION, handle_given, FFA_INVALID_PARAMETERS },
	/* Attributes. */
	{ "NS bit", ALL, ANY_WORLD, ANY_VERSION, attr_ns, FFA_INVALID_PARAMETERS },
	{ "attribute 7", ALL, ANY_WORLD, ANY_VERSION, attr_reserved_7, FFA_INVALID_PARAMETERS },
	{ "attribute 15", ALL, ANY_WORLD, V1_1 | V1_2, attr_reserved_15, FFA_INVALID_PARAMETERS },
	{ "attributes of a loan", LEND | DONATE, ANY_WORLD, ANY_VERSION, attr_normal,
	  FFA_INVALID_PARAMETERS },
	{ "attributes of a device loan", LEND | DONATE, ANY_WORLD, ANY_VERSION, attr_device,
	  FFA_INVALID_PARAMETERS },
	{ "reserved type", ALL, ANY_WORLD, ANY_VERSION, attr_type_reserved,
	  FFA_INVALID_PARAMETERS },
	{ "no attributes", SHARE, ANY_WORLD, ANY_VERSION, attr_none, FFA_DENIED },
	{ "non-cacheable", SHARE, ANY_WORLD, ANY_VERSION, attr_non_cacheable, FFA_DENIED },
	{ "non-shareable", SHARE, ANY_WORLD, ANY_VERSION, attr_non_shareable, FFA_DENIED },
	{ "outer shareable", SHARE, ANY_WORLD, ANY_VERSION, attr_outer, FFA_DENIED },
	{ "reserved shareability", SHARE, ANY_WORLD, ANY_VERSION, attr_shareability_reserved,
	  FFA_DENIED },
	{ "device GRE", SHARE, ANY_WORLD, ANY_VERSION, attr_device_gre, FFA_DENIED },
	{ "memory as a device", SHARE, ANY_WORLD, ANY_VERSION, attr_device, FFA_DENIED },
	{ "no attributes, lent to two", LEND, ANY_WORLD, ANY_VERSION, attr_lend_many, FFA_DENIED },
	/* Borrowers. */
	{ "access reserved", ALL, ANY_WORLD, ANY_VERSION, access_reserved, FFA_INVALID_PARAMETERS },
	{ "access reserved, high", ALL, ANY_WORLD, ANY_VERSION, access_reserved_high,
	  FFA_INVALID_PARAMETERS },
	{ "access flag", ALL, ANY_WORLD, ANY_VERSION, access_flags, FFA_INVALID_PARAMETERS },
	{ "access flag, reserved", ALL, ANY_WORLD, ANY_VERSION, access_flags_reserved,
	  FFA_INVALID_PARAMETERS },
	{ "to an unknown SP", ALL, ANY_WORLD, ANY_VERSION, unknown_sp, FFA_INVALID_PARAMETERS },
	{ "to the SPMC", ALL, ANY_WORLD, ANY_VERSION, to_spmc, FFA_INVALID_PARAMETERS },
	{ "to the SPMD", ALL, ANY_WORLD, ANY_VERSION, to_spmd, FFA_INVALID_PARAMETERS },
	{ "to nobody", ALL, ANY_WORLD, ANY_VERSION, to_nobody, FFA_INVALID_PARAMETERS },
	{ "to itself", ALL, ANY_WORLD, ANY_VERSION, to_itself, FFA_INVALID_PARAMETERS },
	{ "twice", SHARE | LEND, ANY_WORLD, ANY_VERSION, twice, FFA_INVALID_PARAMETERS },
	{ "donation to two", DONATE, ANY_WORLD, ANY_VERSION, two_of_donation,
	  FFA_INVALID_PARAMETERS },
	{ "to a VM", ALL, ANY_WORLD, ANY_VERSION, to_vm, FFA_DENIED },
	{ "to the normal world", ALL, SP, ANY_VERSION, to_nwd, FFA_DENIED },
	{ "to a VM, too", SHARE | LEND, SP, ANY_VERSION, also_vm, FFA_DENIED },
	{ "to a VM, too", LEND, NWD, ANY_VERSION, also_vm, FFA_DENIED },
	{ "access not said", SHARE | LEND, ANY_WORLD, ANY_VERSION, perm_none,
	  FFA_INVALID_PARAMETERS },
	{ "reserved access", ALL, ANY_WORLD, ANY_VERSION, perm_data_reserved,
	  FFA_INVALID_PARAMETERS },
	{ "XN", ALL, ANY_WORLD, ANY_VERSION, perm_xn, FFA_INVALID_PARAMETERS },
	{ "X", ALL, ANY_WORLD, ANY_VERSION, perm_x, FFA_INVALID_PARAMETERS },
	{ "X reserved", ALL, ANY_WORLD, ANY_VERSION, perm_exec_reserved, FFA_INVALID_PARAMETERS },
	{ "permission 4", ALL, ANY_WORLD, ANY_VERSION, perm_reserved, FFA_INVALID_PARAMETERS },
	{ "permission 7", ALL, ANY_WORLD, ANY_VERSION, perm_reserved_7, FFA_INVALID_PARAMETERS },
	{ "donation RO", DONATE, ANY_WORLD, ANY_VERSION, perm_ro, FFA_INVALID_PARAMETERS },
	{ "donation RW", DONATE, ANY_WORLD, ANY_VERSION, perm_rw, FFA_INVALID_PARAMETERS },
	/* Who sends. */
	{ "another sends", ALL, SP, ANY_VERSION, sender_other, FFA_DENIED },
	{ "a VM sends", ALL, SP, ANY_VERSION, sender_nwd, FFA_DENIED },
	{ "an SP sends", ALL, NWD, ANY_VERSION, sender_other, FFA_DENIED },
	{ "the SPMC sends", ALL, ANY_WORLD, ANY_VERSION, sender_spmc, FFA_DENIED },
	/* The composite descriptor. */
	{ "composite at 0", ALL, ANY_WORLD, ANY_VERSION, composite_0, FFA_INVALID_PARAMETERS },
	{ "composite in the header", ALL, ANY_WORLD, ANY_VERSION, composite_in_header,
	  FFA_INVALID_PARAMETERS },
	{ "composite in the borrowers", ALL, ANY_WORLD, ANY_VERSION, composite_in_borrowers,
	  FFA_INVALID_PARAMETERS },
	{ "composite unaligned", ALL, ANY_WORLD, ANY_VERSION, composite_unaligned,
	  FFA_INVALID_PARAMETERS },
	{ "composite outside", ALL, ANY_WORLD, ANY_VERSION, composite_outside,
	  FFA_INVALID_PARAMETERS },
	{ "composite far outside", ALL, ANY_WORLD, ANY_VERSION, composite_far,
	  FFA_INVALID_PARAMETERS },
	{ "composite where it is not", ALL, ANY_WORLD, ANY_VERSION, composite_late,
	  FFA_INVALID_PARAMETERS },
	{ "composite reserved", ALL, ANY_WORLD, ANY_VERSION, composite_reserved,
	  FFA_INVALID_PARAMETERS },
	{ "no constituent", ALL, ANY_WORLD, ANY_VERSION, count_0, FFA_INVALID_PARAMETERS },
	{ "a constituent more", ALL, ANY_WORLD, ANY_VERSION, count_more, FFA_INVALID_PARAMETERS },
	{ "a constituent less", ALL, ANY_WORLD, ANY_VERSION, count_less, FFA_INVALID_PARAMETERS },
	{ "so many that they wrap", ALL, ANY_WORLD, ANY_VERSION, count_wide,
	  FFA_INVALID_PARAMETERS },
	{ "0 pages", ALL, ANY_WORLD, ANY_VERSION, pages_0, FFA_INVALID_PARAMETERS },
	{ "a page more", ALL, ANY_WORLD, ANY_VERSION, pages_more, FFA_INVALID_PARAMETERS },
	{ "a page less", ALL, ANY_WORLD, ANY_VERSION, pages_less, FFA_INVALID_PARAMETERS },
	/* The pages. */
	{ "0 pages of one", ALL, ANY_WORLD, ANY_VERSION, empty_piece, FFA_INVALID_PARAMETERS },
	{ "unaligned", ALL, ANY_WORLD, ANY_VERSION, unaligned_base, FFA_INVALID_PARAMETERS },
	{ "at the very end", ALL, ANY_WORLD, ANY_VERSION, wraps, FFA_INVALID_PARAMETERS },
	{ "wraps", ALL, ANY_WORLD, ANY_VERSION, wraps_far, FFA_INVALID_PARAMETERS },
	{ "beyond what there is", ALL, ANY_WORLD, ANY_VERSION, beyond_pa, FFA_INVALID_PARAMETERS },
	{ "a page twice", ALL, ANY_WORLD, ANY_VERSION, same_twice, FFA_INVALID_PARAMETERS },
	{ "overlap", ALL, ANY_WORLD, ANY_VERSION, overlaps_head, FFA_INVALID_PARAMETERS },
	{ "overlap behind 0 pages", ALL, ANY_WORLD, ANY_VERSION, overlap_behind_empty,
	  FFA_INVALID_PARAMETERS },
	{ "another's page", ALL, ANY_WORLD, ANY_VERSION, not_mine, FFA_DENIED },
	{ "another's page first", ALL, ANY_WORLD, ANY_VERSION, not_mine_first, FFA_DENIED },
	{ "nobody's page", ALL, ANY_WORLD, ANY_VERSION, nobodys, FFA_DENIED },
	{ "TX", ALL, ANY_WORLD, ANY_VERSION, tx_page, FFA_DENIED },
	{ "RX", ALL, ANY_WORLD, ANY_VERSION, rx_page, FFA_DENIED },
	{ "RX among others", ALL, ANY_WORLD, ANY_VERSION, rx_inside, FFA_DENIED },
	{ "RW of what is read-only", SHARE | LEND, SP, ANY_VERSION, read_only_rw, FFA_DENIED },
	{ "zero what is read-only", LEND | DONATE, SP, ANY_VERSION, read_only_zero, FFA_DENIED },
	{ "pages that differ", ALL, SP, ANY_VERSION, mixed, FFA_DENIED },
};

/* Good: three pieces of memory, of which the last is before the others. */
static struct desc good(uint32_t fid, struct party *from, uint16_t to)
{
	struct desc d = desc_send(fid, from, to, from->memory + 4 * PAGE, 1);

	desc_add_memory(&d, from->memory + 8 * PAGE, 2);
	desc_add_memory(&d, from->memory, 1);
	return d;
}

static void check_one(const struct check *c, uint32_t fid, struct party *from)
{
	struct desc d = good(fid, from, parties[B].id);

	c->change(&d);
	picture_take();
	desc_call(&d);
	if (!got_error(from->v, c->error) || !picture_same()) {
		print_error("%s: fid %#x, sender %#x, version %#x: got %#x %d\n", c->name, fid,
			    from->id, from->version, got(from->v, 0), (int)got(from->v, 2));
		fail();
	}
}

static void check_kind(unsigned int kind, struct party *from, unsigned int version)
{
	for (unsigned int i = 0; i < NUMBER_OF(checks); i++) {
		const struct check *c = &checks[i];
		unsigned int world = from == &parties[N] ? NWD : SP;

		if ((c->kinds & 1u << kind) == 0 || (c->from & world) == 0 ||
		    (c->versions & 1u << version) == 0) {
			continue;
		}
		check_one(c, fids[kind], from);
		check_one(c, fids[kind] | FFA_FID_64BIT, from);
	}
}

static void every_check(void **state)
{
	(void)state;
	for (unsigned int version = 0; version < NUMBER_OF(versions); version++) {
		mem_boot_all(versions[version]);
		for (unsigned int kind = 0; kind < NUMBER_OF(fids); kind++) {
			check_kind(kind, &parties[A], version);
			check_kind(kind, &parties[N], version);
		}
		mem_boot_el0(versions[version]);
		for (unsigned int kind = 0; kind < NUMBER_OF(fids); kind++) {
			check_kind(kind, &parties[A], version);
		}
	}
}

/* --- What is good ----------------------------------------------------------------------------- */

static const enum memory_state sent_state[] = { MEMORY_OWNED_SHARED, MEMORY_OWNED_LENT,
						MEMORY_OWNED_DONATED };

static void check_states(const struct party *p, const struct desc *d, enum memory_state s)
{
	for (uint32_t i = 0; i < d->list_count; i++) {
		for (uint32_t k = 0; k < d->list[i].pages; k++) {
			assert_int_equal(page_state(p, d->list[i].base + k * PAGE), s);
		}
	}
}

static void send_and_reclaim(const struct desc *d, unsigned int kind)
{
	struct party *from = d->party;
	uint64_t handle;

	picture_take();
	handle = desc_send_well(d);
	assert_true(handle != 0 && handle >> 63 == 0);
	check_states(from, d, sent_state[kind]);
	/* None of it can be sent again, nor the whole. */
	desc_call(d);
	assert_true(got_error(from->v, FFA_DENIED));
	mem_reclaim(from, handle, 0);
	assert_true(got_success(from->v, 0, 0));
	check_states(from, d, MEMORY_OWNED);
	assert_true(picture_same());
	mem_reclaim(from, handle, 0);
	assert_true(got_error(from->v, FFA_INVALID_PARAMETERS));
}

static void good_forms(struct party *from, unsigned int kind)
{
	struct desc d = good(fids[kind], from, parties[B].id);

	send_and_reclaim(&d, kind);
	d.fid |= FFA_FID_64BIT;
	send_and_reclaim(&d, kind);
	if (from->version >= FFA_VERSION_1_2) {
		d.access_size = d.real_size = 16;
		desc_layout(&d);
		send_and_reclaim(&d, kind);
	}
	if (from->version >= FFA_VERSION_1_1) { /* room between the parts */
		d.access_offset = d.at_access = 64;
		desc_layout(&d);
		d.at_composite += 32;
		d.access[0].composite_offset += 32;
		d.total = d.length += 32;
		send_and_reclaim(&d, kind);
	}
	if (fids[kind] != FFA_MEM_SHARE_32) {
		d.flags = FFA_MEM_FLAG_ZERO;
		send_and_reclaim(&d, kind);
	}
	d.list[0].reserved = 0xDEAD; /* of a constituent: what happened to be there */
	send_and_reclaim(&d, kind);
	if (fids[kind] != FFA_MEM_DONATE_32) {
		desc_add_receiver(&d, other_id(), 1);
		send_and_reclaim(&d, kind);
	}
}

static void what_is_good(void **state)
{
	(void)state;
	for (unsigned int version = 0; version < NUMBER_OF(versions); version++) {
		mem_boot_all(versions[version]);
		for (unsigned int kind = 0; kind < NUMBER_OF(fids); kind++) {
			good_forms(&parties[A], kind);
			good_forms(&parties[N], kind);
		}
		mem_boot_el0(versions[version]);
		for (unsigned int kind = 0; kind < NUMBER_OF(fids); kind++) {
			good_forms(&parties[A], kind);
		}
	}
}

/* A VM sends through its hypervisor; VMs are among the borrowers of what is shared. */
static void vms(void **state)
{
	struct desc d;
	uint64_t handle;

	(void)state;
	mem_boot_all(FFA_VERSION_1_1);
	d = good(FFA_MEM_SHARE_32, &parties[N], parties[A].id);
	d.sender = 7;
	handle = desc_send_well(&d);
	mem_reclaim(&parties[N], handle, 0);
	assert_true(got_success(parties[N].v, 0, 0));
	desc_add_receiver(&d, 3, 1);
	desc_add_receiver(&d, 0, 2);
	handle = desc_send_well(&d);
	mem_reclaim(&parties[N], handle, 0);
	assert_true(got_success(parties[N].v, 0, 0));
}

/* As many borrowers as there may be, and one more. */
static void many_borrowers(void **state)
{
	struct desc d;

	(void)state;
	mem_boot_all(FFA_VERSION_1_2);
	d = desc_send(FFA_MEM_SHARE_32, &parties[N], parties[A].id, parties[N].memory, 1);
	for (uint16_t vm = 1; vm < TRANSACTION_MAX_BORROWERS; vm++) {
		desc_add_receiver(&d, vm, 1);
	}
	mem_reclaim(&parties[N], desc_send_well(&d), 0);
	assert_true(got_success(parties[N].v, 0, 0));
	desc_add_receiver(&d, 0x100, 1);
	desc_call(&d);
	assert_true(got_error(parties[N].v, FFA_INVALID_PARAMETERS));
}

/* The zero flag clears the pages, no others; without it they stay. */
static void zeroing(void **state)
{
	struct party *from = &parties[A];
	struct desc d;
	char *page;

	(void)state;
	mem_boot_all(FFA_VERSION_1_2);
	for (unsigned int kind = 1; kind < NUMBER_OF(fids); kind++) {
		d = desc_send(fids[kind], from, parties[B].id, from->memory + PAGE, 2);
		page = (char *)from->memory;
		memset(page, 0x5A, 4 * PAGE);
		mem_reclaim(from, desc_send_well(&d), 0);
		assert_int_equal(page[PAGE], 0x5A);
		d.flags = FFA_MEM_FLAG_ZERO;
		mem_reclaim(from, desc_send_well(&d), 0);
		for (uint32_t i = 0; i < 4 * PAGE; i++) {
			assert_int_equal(page[i], i >= PAGE && i < 3 * PAGE ? 0 : 0x5A);
		}
	}
}

/* Without buffers, or with a TX that is taken away, nothing is sent. */
static void no_tx(void **state)
{
	struct party *from = &parties[N];
	struct desc d;

	(void)state;
	mem_boot_all(FFA_VERSION_1_2);
	d = good(FFA_MEM_LEND_32, from, parties[B].id);
	picture_take();
	for (uint32_t at = 0; at < d.total; at += 16) {
		desc_write(&d);
		host_memory_refuse((uint64_t)from->tx + at, 1);
		CALL(from->cpu, from->v, d.fid, d.total, d.length);
		host_memory_refuse(0, 0);
		assert_true(got_error(from->v, FFA_ABORTED));
		assert_true(picture_same());
	}
	CALL(from->cpu, from->v, FFA_RXTX_UNMAP_32);
	CALL(from->cpu, from->v, d.fid, d.total, d.length);
	assert_true(got_error(from->v, FFA_INVALID_PARAMETERS));
}

/* The normal world takes pages away that it has lent, before they are zeroed. */
static void taken_away(void **state)
{
	struct party *from = &parties[N];
	struct desc d;

	(void)state;
	mem_boot_all(FFA_VERSION_1_2);
	d = good(FFA_MEM_LEND_32, from, parties[B].id);
	d.flags = FFA_MEM_FLAG_ZERO;
	picture_take();
	host_memory_refuse(d.list[1].base, PAGE);
	desc_call(&d);
	host_memory_refuse(0, 0);
	assert_true(got_error(from->v, FFA_ABORTED));
	assert_true(picture_same());
	mem_reclaim(from, desc_send_well(&d), 0);
}

/* A page that the sender has no more of its quota for; then all is there again, and it goes. */
static void no_memory(void **state)
{
	static const enum party_name senders[] = { A, N };
	void *taken = NULL;
	void *page;

	(void)state;
	for (unsigned int i = 0; i < 2 * NUMBER_OF(senders) * NUMBER_OF(fids); i++) {
		struct party *from = &parties[senders[i % 2]];
		unsigned int kind = i / 2 % NUMBER_OF(fids);
		bool later = i >= 2 * NUMBER_OF(fids); /* not for the first fragment */
		struct page_pool *pool;
		struct desc d;

		mem_boot_all(FFA_VERSION_1_2);
		d = good(fids[kind], from, parties[B].id);
		pool = &memory_space_of(from->v->endpoint)->pool;
		for (unsigned int more = 0; more < 3; more++) { /* more than a place has room for */
			desc_add_memory(&d, from->memory + (12 + 2 * more) * PAGE, 1);
		}
		d.length -= later ? 48 : 0;
		taken = NULL;
		while ((page = page_pool_get(pool)) != NULL) {
			*(void **)page = taken;
			taken = page;
		}
		picture_take();
		desc_call(&d);
		if (later) {
			memcpy(from->tx, &d.list[3], 48);
			CALL(from->cpu, from->v, FFA_MEM_FRAG_TX_32, got(from->v, 1),
			     got(from->v, 2), 48);
		}
		assert_true(got_error(from->v, FFA_NO_MEMORY));
		assert_true(picture_same());
		for (; taken != NULL; taken = page) {
			page = *(void **)taken;
			page_pool_put(pool, taken);
		}
		d.length = d.total;
		mem_reclaim(from, desc_send_well(&d), 0);
		assert_true(got_success(from->v, 0, 0));
	}
}

/* --- Fragments -------------------------------------------------------------------------------- */

static void frag_tx(struct party *p, uint64_t handle, const void *list, uint32_t bytes, uint32_t w4)
{
	memcpy(p->tx, list, bytes <= DESC_LIST_MAX * 16 ? bytes : 16);
	CALL(p->cpu, p->v, FFA_MEM_FRAG_TX_32, (uint32_t)handle, handle >> 32, bytes, w4);
}

/* The first fragment has been sent: that much, and all is told as it should be. */
static uint64_t more_wanted(const struct party *p, uint32_t next, uint16_t sender)
{
	uint64_t handle = (uint64_t)got(p->v, 2) << 32 | got(p->v, 1);

	assert_int_equal(got(p->v, 0), FFA_MEM_FRAG_RX_32);
	assert_int_equal(got(p->v, 3), next);
	assert_int_equal(got(p->v, 4), (uint32_t)sender << 16);
	assert_true(handle != 0);
	return handle;
}

/* A descriptor of five constituents, cut after each number of them. */
static void fragments_of(struct party *from, uint16_t sender)
{
	const char *list;
	uint16_t told = from == &parties[N] ? sender : 0;
	struct desc d = good(FFA_MEM_LEND_64, from, parties[B].id);
	uint32_t begin;
	uint64_t handle;

	desc_add_memory(&d, from->memory + 12 * PAGE, 2);
	desc_add_memory(&d, from->memory + 15 * PAGE, 1);
	d.sender = sender;
	begin = d.at_composite + 16;
	list = (const char *)d.list;
	for (uint32_t first = 0; first < 5; first++) {
		for (uint32_t second = 1; second <= 5 - first; second++) {
			picture_take();
			d.length = begin + first * 16;
			desc_call(&d);
			handle = more_wanted(from, begin + first * 16, told);
			/* Nothing has happened to the pages, and it is nobody else's. */
			check_states(from, &d, MEMORY_OWNED);
			mem_reclaim(&parties[B], handle, 0);
			assert_true(got_error(parties[B].v, FFA_INVALID_PARAMETERS));
			frag_tx(from, handle, list + first * 16, second * 16, (uint32_t)told << 16);
			if (first + second < 5) {
				assert_true(more_wanted(from, begin + (first + second) * 16,
							told) == handle);
				frag_tx(from, handle, list + (first + second) * 16,
					(5 - first - second) * 16, (uint32_t)told << 16);
			}
			assert_true(
				got_success(from->v, (uint32_t)handle, (uint32_t)(handle >> 32)));
			check_states(from, &d, MEMORY_OWNED_LENT);
			/* It is complete. */
			frag_tx(from, handle, list, 16, (uint32_t)told << 16);
			assert_true(got_error(from->v, FFA_INVALID_PARAMETERS));
			mem_reclaim(from, handle, 0);
			assert_true(got_success(from->v, 0, 0));
			assert_true(picture_same());
		}
	}
}

static void fragments(void **state)
{
	(void)state;
	for (unsigned int version = 0; version < NUMBER_OF(versions); version++) {
		mem_boot_all(versions[version]);
		fragments_of(&parties[A], parties[A].id);
		fragments_of(&parties[N], 0);
		fragments_of(&parties[N], 9);
		mem_boot_el0(versions[version]);
		fragments_of(&parties[A], parties[A].id);
	}
}

/* What is wrong with a fragment leaves the transaction as it is. */
static void fragment_checks(void **state)
{
	struct party *a = &parties[A];
	struct party *n = &parties[N];
	struct desc d;
	uint64_t mine, vms;
	const struct {
		struct party *by;
		uint64_t *handle;
		uint64_t change;
		uint32_t bytes, w4;
	} wrong[] = {
		{ a, &mine, 0, 0, 0 },           { a, &mine, 0, 8, 0 },
		{ a, &mine, 0, 17, 0 },          { a, &mine, 0, 48, 0 }, /* more than is missing */
		{ a, &mine, 0, PAGE + 16, 0 },   { a, &mine, 0, 0xFFFFFFF0, 0 },
		{ a, &mine, 0, 16, 1 },          { a, &mine, 0, 16, 0x80010000 },
		{ a, &mine, 0, 16, 0x90000 },    { a, &mine, 1ul << 16, 16, 0 },
		{ a, &mine, 1, 16, 0 },          { a, &mine, 1ul << 63, 16, 0 },
		{ a, &vms, 0, 16, 0 }, /* another's */
		{ a, &vms, 0, 16, 0x90000 },     { &parties[B], &mine, 0, 16, 0 },
		{ n, &mine, 0, 16, 0 }, /* of an SP */
		{ n, &mine, 0, 16, 0x80010000 }, { n, &vms, 0, 16, 0 }, /* of another VM */
		{ n, &vms, 0, 16, 0x80000 },     { n, &vms, 0, 16, 0x90001 },
	};

	(void)state;
	mem_boot_all(FFA_VERSION_1_2);
	d = good(FFA_MEM_SHARE_32, a, parties[B].id);
	d.length -= 32;
	desc_call(&d);
	mine = more_wanted(a, (uint32_t)d.length, 0);
	d = good(FFA_MEM_SHARE_32, n, parties[B].id);
	d.sender = 9;
	d.length -= 32;
	desc_call(&d);
	vms = more_wanted(n, (uint32_t)d.length, 9);
	picture_take();
	for (unsigned int i = 0; i < NUMBER_OF(wrong); i++) {
		frag_tx(wrong[i].by, *wrong[i].handle ^ wrong[i].change, d.list, wrong[i].bytes,
			wrong[i].w4);
		assert_true(got_error(wrong[i].by->v, FFA_INVALID_PARAMETERS));
		assert_true(picture_same());
	}
}

/* What is wrong with the whole ends the transaction; so does a TX that is taken away. */
static void fragment_ends(void **state)
{
	struct party *a = &parties[A];
	struct desc d;
	uint64_t handle;

	(void)state;
	mem_boot_all(FFA_VERSION_1_1);
	d = good(FFA_MEM_SHARE_32, a, parties[B].id);
	picture_take();
	d.length -= 16;
	desc_call(&d);
	handle = more_wanted(a, (uint32_t)d.length, 0);
	frag_tx(a, handle, &d.list[0], 16, 0); /* a page twice */
	assert_true(got_error(a->v, FFA_INVALID_PARAMETERS));
	frag_tx(a, handle, &d.list[2], 16, 0);
	assert_true(got_error(a->v, FFA_INVALID_PARAMETERS));
	assert_true(picture_same());

	desc_call(&d);
	handle = more_wanted(a, (uint32_t)d.length, 0);
	host_memory_refuse((uint64_t)a->tx, 16);
	CALL(a->cpu, a->v, FFA_MEM_FRAG_TX_32, (uint32_t)handle, handle >> 32, 16);
	host_memory_refuse(0, 0);
	assert_true(got_error(a->v, FFA_ABORTED));
	assert_true(picture_same());

	desc_call(&d);
	handle = more_wanted(a, (uint32_t)d.length, 0);
	CALL(a->cpu, a->v, FFA_RXTX_UNMAP_32);
	CALL(a->cpu, a->v, FFA_MEM_FRAG_TX_32, (uint32_t)handle, handle >> 32, 16);
	assert_true(got_error(a->v, FFA_INVALID_PARAMETERS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_check),   cmocka_unit_test(what_is_good),
		cmocka_unit_test(vms),           cmocka_unit_test(many_borrowers),
		cmocka_unit_test(zeroing),       cmocka_unit_test(no_tx),
		cmocka_unit_test(taken_away),    cmocka_unit_test(no_memory),
		cmocka_unit_test(fragments),     cmocka_unit_test(fragment_checks),
		cmocka_unit_test(fragment_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
