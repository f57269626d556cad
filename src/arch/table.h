/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Translation tables of the 4 KiB granule: what stages 1 and 2 have in common. An entry is written
 * in one piece, and a new table is complete before the entry that leads to it. The lock is the
 * caller's business.
 *
 * An entry that leads to a table counts, in bits that no CPU looks at, what keeps that table from
 * going: docs/memory.md. So a table that has become empty, or a whole block again, is known without
 * a look at its 512 entries.
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
 * Software bits of leaves, of stage 1 and of stage 2: what core/memory.h keeps in them; 0 of what
 * is just mapped. A leaf that is made invalid keeps all its other bits; an entry of nothing is 0.
 */
#define TABLE_STATE_SHIFT 55
#define TABLE_STATE_MASK (7ul << TABLE_STATE_SHIFT)

struct table;

/* What differs from one kind of tree to the next. */
struct table_format {
	/* The bits of a valid leaf for MEM_*, without address, type and state; and back. */
	uint64_t (*leaf)(unsigned int attrs);
	unsigned int (*attrs)(uint64_t leaf);
	/*
	 * What was written is seen by the walkers of all CPUs, and none has anything of before
	 * cached of [ia, ia + size), tables on the way included. NULL: no CPU walks such a tree.
	 */
	void (*flush)(const struct table *t, uint64_t ia, uint64_t size);
	uint64_t rights; /* the bits of a leaf that say what may be done */
};

struct table {
	uint64_t *root;
	struct page_pool *pages; /* where tables come from and go back to */
	const struct table_format *format;
	uint64_t context; /* the format's: VMID or ASID, with the base register */
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

/* A leaf of this level; attrs are its bits but address and type. */
static inline uint64_t table_leaf(uint64_t pa, uint64_t attrs, unsigned int level)
{
	return pa | attrs | (level == TABLE_LAST_LEVEL ? TABLE_PAGE : TABLE_BLOCK);
}

/* --- Ranges ---------------------------------------------------------------------------------- */

/*
 * Maps [ia, ia + size) to [pa, pa + size), all page aligned, with leaves as large as leaf_level
 * lets them be; attrs are the bits of a leaf but address and type. What is mapped already in
 * just that way stays. False, with nothing mapped, when part of it is mapped in another way, or
 * when a table is missing.
 */
bool table_map(struct table *t, uint64_t ia, uint64_t pa, uint64_t size, uint64_t attrs);

/*
 * Takes the leaves in [ia, ia + size) out, none of which may reach beyond it. No CPU has them
 * after.
 */
void table_unmap(struct table *t, uint64_t ia, uint64_t size);

/*
 * The leaves in [ia, ia + size), none of which may reach beyond it, get `bits` in place of `mask`.
 */
void table_change(struct table *t, uint64_t ia, uint64_t size, uint64_t mask, uint64_t bits);

/*
 * Makes no leaf reach across `at`, a page address: a block becomes a table that says the same, and
 * a CPU may find nothing there for a moment. False: there is no page for it, and all is as before.
 */
bool table_split(struct table *t, uint64_t at);

/*
 * Makes the tables in which [ia, ia + size), page aligned and empty, can be mapped with leaves as
 * large as may be. False: there are not enough pages; table_tidy() takes those back that were made.
 */
struct table_cursor;
bool table_make(struct table *t, struct table_cursor *c, uint64_t ia, uint64_t size);

/* --- Entry by entry -------------------------------------------------------------------------- */

/* The entry that decides about ia: a leaf, or an invalid one; *level says where it was found. */
uint64_t *table_find(const struct table *t, uint64_t ia, unsigned int *level);

/* Where a walk was last, in a table of the last level: what is near needs no other. */
struct table_cursor {
	uint64_t base; /* first address of the table */
	uint64_t *table;
	uint64_t *link; /* the entry that leads to it */
};
#define TABLE_CURSOR_NONE                                                                          \
	(struct table_cursor)                                                                      \
	{                                                                                          \
		.base = 1ul << 63                                                                  \
	} /* of no table */

/* Entries in a row that decide about the beginning of a range. */
struct table_run {
	uint64_t *entries;
	uint64_t *link; /* the entry that leads to their table; NULL: it is the root */
	unsigned int level;
	unsigned int count; /* 1 where a leaf is a block */
	uint64_t size; /* how much of the range; a block may reach beyond it */
};

void table_walk(const struct table *t, struct table_cursor *c, uint64_t ia, uint64_t size,
		struct table_run *r);

/* The run that [ia, ia + size) begins with. */
static inline void table_run(const struct table *t, struct table_cursor *c, uint64_t ia,
			     uint64_t size, struct table_run *r)
{
	unsigned int index = table_index(ia, TABLE_LAST_LEVEL);
	uint64_t left = TABLE_ENTRIES - index;

	if (ia - c->base >= table_span(TABLE_LAST_LEVEL - 1)) {
		table_walk(t, c, ia, size, r);
		return;
	}
	if (left > size >> PAGE_SHIFT) {
		left = size >> PAGE_SHIFT;
	}
	r->entries = &c->table[index];
	r->link = c->link;
	r->level = TABLE_LAST_LEVEL;
	r->count = (unsigned int)left;
	r->size = left << PAGE_SHIFT;
}

/* Whether [ia, ia + size) lies in the table that the cursor is at. */
static inline bool table_cursor_has(const struct table_cursor *c, uint64_t ia, uint64_t size)
{
	uint64_t offset = ia - c->base;

	return offset < table_span(TABLE_LAST_LEVEL - 1) &&
	       size <= table_span(TABLE_LAST_LEVEL - 1) - offset;
}

/* Its entry for ia. */
static inline uint64_t *table_cursor_entry(const struct table_cursor *c, uint64_t ia)
{
	return &c->table[(ia - c->base) >> PAGE_SHIFT];
}

static inline void table_write_one(uint64_t *entry, uint64_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELAXED);
}

/* Each of n entries becomes (entry & keep) | value, value + step, ... Nothing is counted. */
static inline void table_write(uint64_t *entries, uint64_t n, uint64_t keep, uint64_t value,
			       uint64_t step)
{
	uint64_t *end = entries + n;

	if (keep == 0) {
		for (; entries < end; entries++, value += step) {
			__atomic_store_n(entries, value, __ATOMIC_RELAXED);
		}
	} else {
		for (; entries < end; entries++) {
			__atomic_store_n(entries, (*entries & keep) | value, __ATOMIC_RELAXED);
		}
	}
}

/*
 * Counts that n entries of the table that link leads to (NULL: of the root), all of one kind
 * (empty, or leaves of one state) like `old`, have become such as `new`. True: the table may go
 * now, says table_tidy().
 */
bool table_count(uint64_t *link, uint64_t old, uint64_t new, uint64_t n);

/*
 * The tables on the way to ia that have become empty, or whole blocks again, leave the tree: to
 * *list, which is NULL at first. table_finish() flushes [ia, ia + size) if there are any or if
 * `flush` says so, puts the blocks there, and gives the pages back.
 */
void table_tidy(struct table *t, uint64_t ia, void **list);
void table_tidy_range(struct table *t, uint64_t ia, uint64_t size, void **list);
void table_finish(struct table *t, void *list, bool flush, uint64_t ia, uint64_t size);

#endif
