/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Translation tables of the 4 KiB granule: what stages 1 and 2 have in common. An entry is written
 * in one piece, and a new table is complete before the entry that leads to it. What the CPUs have
 * cached is the caller's business, and so is the lock.
 */
#ifndef ARCH_TABLE_H
#define ARCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/page_pool.h"

#define TABLE_ENTRIES 512
#define TABLE_LAST_LEVEL 3u

#define TABLE_VALID (1ul << 0)
#define TABLE_BLOCK 1ul /* bits 1:0 of a leaf of levels 1 and 2 */
#define TABLE_PAGE 3ul /* of a leaf of level 3 */
#define TABLE_TABLE 3ul /* of an entry that leads to the next level */
#define TABLE_TYPE_MASK 3ul
#define TABLE_ADDRESS_MASK 0x0000fffffffff000ul
#define TABLE_INPUT_MASK 0x0000fffffffffffful /* the bits of an address that are looked up */

/*
 * Bits that no CPU looks at, in leaves of stage 1 and of stage 2: what core/memory.h keeps in them. In
 * entries that are not valid there is more of them; the whole entry is kept then but for bit 0.
 */
#define TABLE_STATE_SHIFT 55
#define TABLE_STATE_MASK (7ul << TABLE_STATE_SHIFT)

struct table;

/* What differs from one kind of tree to the next: stage 2, stage 1 of a partition at S-EL0. */
struct table_format {
	/* The bits of a valid leaf for MEM_*, without address, type and state; and back. */
	uint64_t (*leaf)(unsigned int attrs);
	unsigned int (*attrs)(uint64_t leaf);
	/*
	 * No CPU has anything cached of [ia, ia + size) any more, tables on the way included. What was
	 * written to the tree before is seen by the walkers of all CPUs.
	 */
	void (*flush)(const struct table *t, uint64_t ia, uint64_t size);
};

struct table {
	uint64_t *root;
	struct page_pool *pages; /* where tables come from and go back to */
	const struct table_format *format; /* NULL: the SPMC's own */
	uint64_t context; /* the format's: for stage 2 VTTBR_EL2, with the VMID */
	uint8_t root_level; /* 0, 1 or 2; the last two may be several tables in a row */
	uint8_t leaf_level; /* first level that may have leaves: 1, 2 or 3 */
	bool ns; /* all leaves are non-secure, and do not say so themselves */
};

/* Bits of the address below an entry of this level. */
static inline unsigned int table_shift(unsigned int level)
{
	return PAGE_SHIFT + 9 * (TABLE_LAST_LEVEL - level);
}

static inline uint64_t table_span(unsigned int level)
{
	return 1ul << table_shift(level);
}

static inline unsigned int table_index(uint64_t ia, unsigned int level)
{
	return (ia >> table_shift(level)) & (TABLE_ENTRIES - 1);
}

/* The entry that decides about ia: a leaf, or an invalid one; *level says where it was found. */
uint64_t *table_find(const struct table *t, uint64_t ia, unsigned int *level);

/*
 * Maps [ia, ia + size) to [pa, pa + size), all page aligned, with leaves as large as leaf_level
 * lets them be; attrs are the bits of a leaf but address and type. What is mapped already in
 * just that way stays. False, with nothing mapped, when part of it is mapped in another way, or
 * when a table is missing: then *list is as from table_unmap().
 */
bool table_map(struct table *t, uint64_t ia, uint64_t pa, uint64_t size, uint64_t attrs,
	       void **list);

/* Makes a valid entry invalid, or an invalid one lead to a table. */
void table_entry_set(uint64_t *entry, uint64_t value);

/* Fills a table with what the block `leaf` of the level above says. */
void table_fill_split(uint64_t *table, uint64_t leaf, unsigned int level);

/* The leaves in [ia, ia + size), none of which may reach beyond it, get `bits` in place of `mask`. */
void table_change(struct table *t, uint64_t ia, uint64_t size, uint64_t mask, uint64_t bits);

/*
 * Takes the leaves in [ia, ia + size) out, none of which may reach beyond it, and tables that
 * lead nowhere any more. The tables are returned as a list: they go to table_release() once no
 * CPU can have them cached.
 */
void *table_unmap(struct table *t, uint64_t ia, uint64_t size);
void table_release(struct table *t, void *list);

#endif
