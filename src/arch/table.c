/* SPDX-License-Identifier: BSD-3-Clause */
#include "arch/table.h"

#include "arch/stage1.h"
#include "arch/tlb.h"

/*
 * A link, the entry that leads to a table, says in bits that no CPU looks at how many of the
 * table's entries keep it from going. Of a table that took a block's place these are the ones that
 * differ from the block: when none does, the block comes back. Of any other they are the ones that
 * are not empty.
 */
#define LINK_COUNT_SHIFT 2
#define LINK_COUNT_ONE (1ul << LINK_COUNT_SHIFT)
#define LINK_COUNT_MASK (0x3fful << LINK_COUNT_SHIFT)
#define LINK_SPLIT (1ul << 55)
#define LINK_MARK (1ul << 56) /* of every link: where the leaf of a block has 0 */

/* A table that has left its tree, as a list; its own first words. To a CPU that still comes by they
 * are invalid entries: all are aligned. */
struct removed {
	struct removed *next;
	uint64_t *link; /* where the block goes */
	uint64_t block; /* without TABLE_VALID; 0: nothing is to be put there */
	uint64_t ia;
	uint64_t *above; /* leads to the table that link is in; NULL: it is the root */
};

static bool leads_on(uint64_t entry, unsigned int level)
{
	return level < TABLE_LAST_LEVEL && (entry & TABLE_TYPE_MASK) == TABLE_TABLE;
}

static uint64_t *next_table(uint64_t entry)
{
	return stage1_va(pa_of(entry & TABLE_ADDRESS_MASK));
}

/* The root may be several tables in a row, so its index has no upper bound here. */
static uint64_t *root_entry(const struct table *t, uint64_t ia)
{
	return &t->root[(ia & TABLE_INPUT_MASK) >> table_shift(t->root_level)];
}

static void entry_set(uint64_t *entry, uint64_t value)
{
	/* Release: whoever walks to a new table finds in it what was written before. */
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

/* --- Walks ----------------------------------------------------------------------------------- */

/* The entries on the way to what decides about ia, from the root on: path[level]. */
static unsigned int walk_path(const struct table *t, uint64_t ia,
			      uint64_t *path[TABLE_LAST_LEVEL + 1])
{
	unsigned int level = t->root_level;

	path[level] = root_entry(t, ia);
	while (leads_on(*path[level], level)) {
		uint64_t *table = next_table(*path[level]);

		level++;
		path[level] = &table[table_index(ia, level)];
	}
	return level;
}

/* What leads to the table that path[level] is in; NULL: it is the root. */
static uint64_t *link_of(const struct table *t, uint64_t *path[TABLE_LAST_LEVEL + 1],
			 unsigned int level)
{
	return level > t->root_level ? path[level - 1] : NULL;
}

uint64_t *table_find(const struct table *t, uint64_t ia, unsigned int *level)
{
	uint64_t *path[TABLE_LAST_LEVEL + 1];

	*level = walk_path(t, ia, path);
	return path[*level];
}

void table_walk(const struct table *t, struct table_cursor *c, uint64_t ia, uint64_t size,
		struct table_run *r)
{
	uint64_t *path[TABLE_LAST_LEVEL + 1];
	unsigned int level = walk_path(t, ia, path);
	uint64_t span = table_span(level);

	if (level == TABLE_LAST_LEVEL && level > t->root_level) {
		unsigned int index = table_index(ia, level);

		c->base = ia & ~(table_span(level - 1) - 1);
		c->table = path[level] - index;
		c->link = path[level - 1];
		table_run(t, c, ia, size, r);
		return;
	}
	r->entries = path[level];
	r->link = link_of(t, path, level);
	r->level = level;
	r->count = 1;
	r->size = span - (ia & (span - 1));
	if (r->size > size) {
		r->size = size;
	}
}

/* --- What is counted ------------------------------------------------------------------------- */

static unsigned int link_count(uint64_t link)
{
	return (unsigned int)((link & LINK_COUNT_MASK) >> LINK_COUNT_SHIFT);
}

/* Whether an entry keeps its table from going. */
static bool counts(uint64_t entry, uint64_t link)
{
	if ((link & LINK_SPLIT) == 0) {
		return entry != 0;
	}
	return (entry & (TABLE_STATE_MASK | TABLE_VALID)) != TABLE_VALID;
}

static void link_set(uint64_t *link, uint64_t value)
{
	__atomic_store_n(link, value, __ATOMIC_RELAXED);
}

/* The table is one like any other from now on. */
static void forget_block(uint64_t *link)
{
	const uint64_t *table = next_table(*link);
	uint64_t value = *link & ~(LINK_SPLIT | LINK_COUNT_MASK);

	for (unsigned int i = 0; i < TABLE_ENTRIES; i++) {
		value += table[i] != 0 ? LINK_COUNT_ONE : 0;
	}
	link_set(link, value);
}

/*
 * n entries of the table that link leads to, which were all of a kind, have changed from old to
 * new.
 */
static void count_change(uint64_t *link, uint64_t old, uint64_t new, uint64_t n)
{
	if (link == NULL) {
		return;
	}
	if (new == 0 && (*link & LINK_SPLIT) != 0) {
		forget_block(link);
		return;
	}
	if (counts(old, *link) != counts(new, *link)) {
		link_set(link, counts(new, *link) ? *link + n * LINK_COUNT_ONE
						  : *link - n * LINK_COUNT_ONE);
	}
}

static void entry_change(uint64_t *link, uint64_t *entry, uint64_t new)
{
	uint64_t old = *entry;

	entry_set(entry, new);
	count_change(link, old, new, 1);
}

bool table_count(uint64_t *link, uint64_t old, uint64_t new, uint64_t n)
{
	count_change(link, old, new, n);
	return link != NULL && link_count(*link) == 0;
}

/* --- Tables go ------------------------------------------------------------------------------- */

static void remove_table(uint64_t *link, uint64_t block, uint64_t ia, uint64_t *above, void **list)
{
	struct removed *r = (struct removed *)(void *)next_table(*link);

	if (block == 0) {
		entry_change(above, link, 0);
	} else {
		entry_set(link, 0); /* for a moment: what it counts for above stays */
	}
	*r = (struct removed){ *list, link, block & ~TABLE_VALID, ia, above };
	*list = r;
}

/* The block that a table says in another way. */
static uint64_t block_of(const uint64_t *table)
{
	return (table[0] & ~TABLE_TYPE_MASK) | TABLE_BLOCK;
}

void table_tidy(struct table *t, uint64_t ia, void **list)
{
	uint64_t *path[TABLE_LAST_LEVEL + 1];

	for (unsigned int level = walk_path(t, ia, path); level > t->root_level; level--) {
		uint64_t *link = path[level - 1];
		bool split = (*link & LINK_SPLIT) != 0;

		if (link_count(*link) != 0) {
			return;
		}
		remove_table(link, split ? block_of(next_table(*link)) : 0, ia,
			     link_of(t, path, level - 1), list);
		if (split) {
			return; /* what is above is looked at when the block is there */
		}
	}
}

/* Puts the blocks there, whose tables no CPU has any more; *list: those that can go now. */
static void put_blocks(struct table *t, struct removed *r, void **list)
{
	struct removed *next;

	for (; r != NULL; r = next) {
		struct removed was = *r;

		next = was.next;
		if (was.block == 0) {
			*r = (struct removed){ 0 };
			page_pool_put_clean(t->pages, r);
			continue;
		}
		page_pool_put(t->pages, r);
		entry_set(was.link, was.block | TABLE_VALID);
		count_change(was.above, LINK_MARK, was.block | TABLE_VALID, 1);
		if (was.above != NULL && link_count(*was.above) == 0) {
			table_tidy(t, was.ia, list);
		}
	}
}

void table_finish(struct table *t, void *list, bool flush, uint64_t ia, uint64_t size)
{
	void (*flush_now)(const struct table *t, uint64_t ia, uint64_t size) = t->format->flush;

	while (list != NULL || flush) {
		void *next = NULL;

		if (flush_now != NULL) {
			flush_now(t, ia, size);
		}
		put_blocks(t, list, &next);
		list = next;
		flush = false;
	}
	if (flush_now != NULL) {
		tlb_sync();
	}
}

void table_tidy_range(struct table *t, uint64_t ia, uint64_t size, void **list)
{
	uint64_t span;

	for (uint64_t done = 0; done < size; done += span) {
		/* To the end of what one table of the last level covers. */
		span = table_span(TABLE_LAST_LEVEL - 1);
		span -= (ia + done) & (span - 1);
		table_tidy(t, ia + done, list);
	}
}

/* --- Tables come ----------------------------------------------------------------------------- */

/* Leaves of one level in a row, the next ones to map: at most to the end of their table. */
struct leaves {
	unsigned int level;
	unsigned int count;
	uint64_t size;
};

/* How to begin [ia, ia + size): the more it is aligned, the larger the leaves. */
static struct leaves leaves_first(const struct table *t, uint64_t ia, uint64_t pa, uint64_t size)
{
	struct leaves l = { .level = t->leaf_level };
	uint64_t fit;

	while (l.level < TABLE_LAST_LEVEL &&
	       (((ia | pa) & (table_span(l.level) - 1)) != 0 || size < table_span(l.level))) {
		l.level++;
	}
	l.count = TABLE_ENTRIES - table_index(ia, l.level);
	fit = size >> table_shift(l.level);
	if (l.count > fit) {
		l.count = (unsigned int)fit;
	}
	l.size = (uint64_t)l.count << table_shift(l.level);
	return l;
}

/*
 * The entry of ia at this level, with the tables on the way made, and in *link what leads to its
 * table; NULL when a table is missing, or when a larger leaf is in the way.
 */
static uint64_t *entry_make(struct table *t, uint64_t ia, unsigned int level, uint64_t **link)
{
	uint64_t *path[TABLE_LAST_LEVEL + 1];
	unsigned int at = walk_path(t, ia, path);

	while (at < level) {
		uint64_t *table = *path[at] == 0 ? page_pool_get(t->pages) : NULL;

		if (table == NULL) {
			return NULL;
		}
		entry_change(link_of(t, path, at), path[at],
			     stage1_pa(table).pa | LINK_MARK | TABLE_TABLE);
		at++;
		path[at] = &table[table_index(ia, at)];
	}
	*link = link_of(t, path, at);
	return at == level ? path[at] : NULL;
}

bool table_make(struct table *t, struct table_cursor *c, uint64_t ia, uint64_t size)
{
	struct leaves l;

	for (uint64_t done = 0; done < size; done += l.size) {
		uint64_t *link;
		uint64_t *entry;

		if (ia + done - c->base < table_span(TABLE_LAST_LEVEL - 1)) {
			l.size = table_span(TABLE_LAST_LEVEL - 1) - (ia + done - c->base);
			continue; /* its table is there */
		}
		l = leaves_first(t, ia + done, ia + done, size - done);
		entry = entry_make(t, ia + done, l.level, &link);
		if (entry == NULL) {
			return false;
		}
		if (l.level == TABLE_LAST_LEVEL && link != NULL) {
			c->base = (ia + done) & ~(table_span(l.level - 1) - 1);
			c->table = entry - table_index(ia + done, l.level);
			c->link = link;
		}
	}
	return true;
}

/* Whether leaves could be written over what is there. */
static bool leaves_fit(const uint64_t *entry, struct leaves l, uint64_t leaf)
{
	for (unsigned int i = 0; i < l.count; i++, leaf += table_span(l.level)) {
		if (entry[i] != 0 && entry[i] != leaf) {
			return false;
		}
	}
	return true;
}

bool table_map(struct table *t, uint64_t ia, uint64_t pa, uint64_t size, uint64_t attrs)
{
	uint64_t *link = NULL;
	struct leaves l;

	for (uint64_t done = 0; done < size; done += l.size) {
		uint64_t *entry;

		l = leaves_first(t, ia + done, pa + done, size - done);
		entry = entry_make(t, ia + done, l.level, &link);
		if (entry == NULL || !leaves_fit(entry, l, table_leaf(pa + done, attrs, l.level))) {
			void *list = NULL;

			table_tidy_range(t, ia, done + l.size, &list);
			table_finish(t, list, false, ia, done + l.size);
			return false;
		}
	}
	for (uint64_t done = 0; done < size; done += l.size) {
		uint64_t *entry;
		uint64_t leaf;

		l = leaves_first(t, ia + done, pa + done, size - done);
		entry = entry_make(t, ia + done, l.level, &link);
		leaf = table_leaf(pa + done, attrs, l.level);
		for (unsigned int i = 0; i < l.count; i++, leaf += table_span(l.level)) {
			entry_change(link, &entry[i], leaf);
		}
	}
	tlb_sync(); /* what gave a fault is never cached */
	return true;
}

/* Takes the block apart that `entry` is, in the table that link leads to. */
static bool split_block(struct table *t, uint64_t *link, uint64_t *entry, unsigned int level,
			uint64_t at)
{
	uint64_t *table = page_pool_get(t->pages);
	uint64_t block = *entry;
	uint64_t attrs = block & ~(TABLE_ADDRESS_MASK | TABLE_TYPE_MASK);
	uint64_t leaf = table_leaf(block & TABLE_ADDRESS_MASK, attrs, level + 1);

	if (table == NULL) {
		return false;
	}
	for (unsigned int i = 0; i < TABLE_ENTRIES; i++, leaf += table_span(level + 1)) {
		table[i] = leaf;
	}
	/*
	 * The block goes before its table comes: two translations of different size for one address
	 * are not allowed to meet in a TLB.
	 */
	entry_set(entry, 0);
	t->format->flush(t, at & ~(table_span(level) - 1), table_span(level));
	entry_set(entry, stage1_pa(table).pa | LINK_MARK | LINK_SPLIT | TABLE_TABLE);
	count_change(link, block, *entry, 1);
	tlb_sync();
	return true;
}

bool table_split(struct table *t, uint64_t at)
{
	for (;;) {
		uint64_t *path[TABLE_LAST_LEVEL + 1];
		unsigned int level = walk_path(t, at, path);
		uint64_t *entry = path[level];

		if (*entry == 0 || (at & (table_span(level) - 1)) == 0) {
			return true;
		}
		if (!split_block(t, link_of(t, path, level), entry, level, at)) {
			void *list = NULL;

			table_tidy(t, at, &list);
			table_finish(t, list, false, at, PAGE_SIZE);
			return false;
		}
	}
}

/*
 * Changes what decides about [ia, ia + size) and is not empty: a leaf becomes itself & keep | set,
 * or 0 with both 0.
 */
static void leaves_change(struct table *t, uint64_t ia, uint64_t size, uint64_t keep, uint64_t set)
{
	struct table_cursor c = TABLE_CURSOR_NONE;
	struct table_run r;

	for (uint64_t done = 0; done < size; done += r.size) {
		table_run(t, &c, ia + done, size - done, &r);
		for (unsigned int i = 0; i < r.count; i++) {
			if (r.entries[i] != 0) {
				entry_change(r.link, &r.entries[i], (r.entries[i] & keep) | set);
			}
		}
		/* What says something else than the block did cannot become it again. */
		if (r.link != NULL && (*r.link & LINK_SPLIT) != 0) {
			forget_block(r.link);
		}
	}
}

void table_change(struct table *t, uint64_t ia, uint64_t size, uint64_t mask, uint64_t bits)
{
	leaves_change(t, ia, size, ~mask, bits);
	table_finish(t, NULL, true, ia, size);
}

void table_unmap(struct table *t, uint64_t ia, uint64_t size)
{
	void *list = NULL;

	leaves_change(t, ia, size, 0, 0);
	table_tidy_range(t, ia, size, &list);
	table_finish(t, list, true, ia, size);
}
