/* SPDX-License-Identifier: BSD-3-Clause */
/* Is it a list of pages at all: core/memory.h. */
#include "arch/space.h"
#include "core/memory.h"

/* A piece by number, so that 32 bits are enough to lead from one to the next; 0: none. */
#define PIECE(list_index, index) (((uint32_t)(list_index) << 16) + (uint32_t)(index) + 1)
#define LISTS_MAX (PAGE_SIZE / sizeof(struct memory_list *))
#define BINS 32 /* in bin n are 2^n pieces */

static struct ffa_constituent *piece_of(struct memory_list *const *lists, uint32_t piece)
{
	return &lists[(piece - 1) >> 16]->pieces[(piece - 1) & 0xFFFF];
}

/* Merges two chains in ascending order, each linked by `reserved`. */
static uint32_t merge(struct memory_list *const *lists, uint32_t a, uint32_t b)
{
	uint32_t first = 0;
	uint32_t *tail = &first;

	while (a != 0 && b != 0) {
		struct ffa_constituent *pa = piece_of(lists, a);
		struct ffa_constituent *pb = piece_of(lists, b);
		bool take_a = pa->base <= pb->base;

		*tail = take_a ? a : b;
		tail = take_a ? &pa->reserved : &pb->reserved;
		if (take_a) {
			a = *tail;
		} else {
			b = *tail;
		}
	}
	*tail = a != 0 ? a : b;
	return first;
}

/* Links all pieces in ascending order of their bases; returns the first. */
static uint32_t sort(struct memory_list *const *lists, uint32_t list_count)
{
	uint32_t bins[BINS] = { 0 };
	uint32_t all = 0;

	for (uint32_t l = 0; l < list_count; l++) {
		for (uint32_t i = 0; i < lists[l]->count; i++) {
			uint32_t carry = PIECE(l, i);
			unsigned int bin = 0;

			for (; bins[bin] != 0; bin++) {
				carry = merge(lists, bins[bin], carry);
				bins[bin] = 0;
			}
			bins[bin] = carry;
		}
	}
	for (unsigned int bin = 0; bin < BINS; bin++) {
		all = merge(lists, bins[bin], all);
	}
	return all;
}

/*
 * Whether pieces that are not in ascending order overlap; what the sort has written is gone after.
 */
static bool sorted_overlap(struct memory_list *const *lists, uint32_t list_count)
{
	uint32_t piece = sort(lists, list_count);
	uint64_t end = 0;
	bool overlap = false;

	while (piece != 0) {
		struct ffa_constituent *p = piece_of(lists, piece);

		overlap |= p->base < end;
		end = p->base + ((uint64_t)p->pages << PAGE_SHIFT);
		piece = p->reserved;
		p->reserved = 0;
	}
	return overlap;
}

static enum memory_status check_overlap(struct memory_list *list, struct page_pool *scratch)
{
	struct memory_list **lists = page_pool_get(scratch);
	enum memory_status status = MEMORY_OK;
	uint32_t count = 0;

	if (lists == NULL) {
		return MEMORY_NO_MEMORY;
	}
	for (; list != NULL && count < LISTS_MAX; list = list->next) {
		lists[count++] = list;
	}
	if (list != NULL) {
		status = MEMORY_NO_MEMORY;
	} else if (sorted_overlap(lists, count)) {
		status = MEMORY_INVALID;
	}
	page_pool_put(scratch, lists);
	return status;
}

enum memory_status memory_list_check(struct memory_list *list, struct page_pool *scratch,
				     uint64_t *pages)
{
	const uint64_t limit = 1ul << space_pa_bits();
	const uint64_t not_base = ~(limit - 1) | (PAGE_SIZE - 1); /* no bits of a base */
	bool ascending = true;
	uint64_t end = 0; /* of the piece before */
	uint64_t total = 0;

	for (struct memory_list *l = list; l != NULL; l = l->next) {
		for (uint32_t i = 0; i < l->count; i++) {
			struct ffa_constituent *p = &l->pieces[i];
			uint64_t base = p->base;

			ascending &= base >= end;
			end = base + ((uint64_t)p->pages << PAGE_SHIFT); /* below 2^49 */
			if ((base & not_base) != 0 || p->pages == 0 || end > limit) {
				return MEMORY_INVALID;
			}
			p->reserved = 0;
			total += p->pages;
		}
	}
	*pages = total;
	if (total == 0) {
		return MEMORY_INVALID;
	}
	return ascending ? MEMORY_OK : check_overlap(list, scratch);
}
