/* SPDX-License-Identifier: BSD-3-Clause */
#include "arch/table.h"

#include "arch/stage1.h"

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

uint64_t *table_find(const struct table *t, uint64_t ia, unsigned int *level)
{
	uint64_t *entry = root_entry(t, ia);

	for (*level = t->root_level; leads_on(*entry, *level);) {
		(*level)++;
		entry = &next_table(*entry)[table_index(ia, *level)];
	}
	return entry;
}

void table_entry_set(uint64_t *entry, uint64_t value)
{
	/* Release: whoever walks to a new table finds in it what was written before. */
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

/* Leaves of one level in a row, the next ones to map: at most to the end of their table. */
struct run {
	unsigned int level;
	unsigned int leaves;
	uint64_t size;
};

/* How to begin [ia, ia + size): the more it is aligned, the larger the leaves. */
static struct run run_first(const struct table *t, uint64_t ia, uint64_t pa, uint64_t size)
{
	struct run r = { .level = t->leaf_level };
	uint64_t fit;

	while (r.level < TABLE_LAST_LEVEL &&
	       (((ia | pa) & (table_span(r.level) - 1)) != 0 || size < table_span(r.level))) {
		r.level++;
	}
	r.leaves = TABLE_ENTRIES - table_index(ia, r.level);
	fit = size >> table_shift(r.level);
	if (r.leaves > fit) {
		r.leaves = (unsigned int)fit;
	}
	r.size = (uint64_t)r.leaves << table_shift(r.level);
	return r;
}

static uint64_t leaf_make(uint64_t pa, uint64_t attrs, unsigned int level)
{
	return pa | attrs | (level == TABLE_LAST_LEVEL ? TABLE_PAGE : TABLE_BLOCK);
}

/*
 * The entry of ia at this level, with the tables on the way made; NULL when one is missing, or
 * when a larger leaf is in the way.
 */
static uint64_t *entry_make(struct table *t, uint64_t ia, unsigned int level)
{
	unsigned int at;
	uint64_t *entry = table_find(t, ia, &at);

	while (at < level) {
		void *page = (*entry & TABLE_VALID) == 0 ? page_pool_get(t->pages) : NULL;

		if (page == NULL) {
			return NULL;
		}
		table_entry_set(entry, stage1_pa(page).pa | TABLE_TABLE);
		entry = table_find(t, ia, &at);
	}
	return at == level ? entry : NULL;
}

static bool is_empty(const uint64_t *table)
{
	for (unsigned int i = 0; i < TABLE_ENTRIES; i++) {
		if (table[i] != 0) {
			return false;
		}
	}
	return true;
}

/* Takes the tables on the way to ia out of the tree that have become empty; puts them on *list. */
static void prune(struct table *t, uint64_t ia, void **list)
{
	uint64_t *path[TABLE_LAST_LEVEL + 1];
	unsigned int level = t->root_level;

	path[level] = root_entry(t, ia);
	while (leads_on(*path[level], level)) {
		uint64_t *table = next_table(*path[level]);

		level++;
		path[level] = &table[table_index(ia, level)];
	}
	for (; level > t->root_level; level--) {
		uint64_t *table = path[level] - table_index(ia, level);

		if (!is_empty(table)) {
			return;
		}
		table_entry_set(path[level - 1], 0);
		/* A link is aligned: to a CPU that still comes by it is an invalid entry. */
		table_entry_set(table, (uint64_t)*list);
		*list = table;
	}
}

/* The same for all of [ia, ia + size). */
static void *prune_range(struct table *t, uint64_t ia, uint64_t size)
{
	void *list = NULL;
	uint64_t span;

	for (uint64_t done = 0; done < size; done += span) {
		/* To the end of what one table of the last level covers. */
		span = table_span(TABLE_LAST_LEVEL - 1);
		span -= (ia + done) & (span - 1);
		prune(t, ia + done, &list);
	}
	return list;
}

/* Whether a run could be written over what is there. */
static bool run_check(const uint64_t *entry, struct run r, uint64_t leaf)
{
	for (unsigned int i = 0; i < r.leaves; i++, leaf += table_span(r.level)) {
		if (entry[i] != 0 && entry[i] != leaf) {
			return false;
		}
	}
	return true;
}

static void run_write(uint64_t *entry, struct run r, uint64_t leaf)
{
	for (unsigned int i = 0; i < r.leaves; i++, leaf += table_span(r.level)) {
		table_entry_set(&entry[i], leaf);
	}
}

bool table_map(struct table *t, uint64_t ia, uint64_t pa, uint64_t size, uint64_t attrs,
	       void **list)
{
	struct run r;

	for (uint64_t done = 0; done < size; done += r.size) {
		uint64_t *entry;

		r = run_first(t, ia + done, pa + done, size - done);
		entry = entry_make(t, ia + done, r.level);
		if (entry == NULL || !run_check(entry, r, leaf_make(pa + done, attrs, r.level))) {
			*list = prune_range(t, ia, done + r.size);
			return false;
		}
	}
	for (uint64_t done = 0; done < size; done += r.size) {
		r = run_first(t, ia + done, pa + done, size - done);
		run_write(entry_make(t, ia + done, r.level), r,
			  leaf_make(pa + done, attrs, r.level));
	}
	return true;
}

void table_fill_split(uint64_t *table, uint64_t leaf, unsigned int level)
{
	uint64_t attrs = leaf & ~(TABLE_ADDRESS_MASK | TABLE_TYPE_MASK);
	uint64_t pa = leaf & TABLE_ADDRESS_MASK;

	for (unsigned int i = 0; i < TABLE_ENTRIES; i++) {
		table[i] = leaf_make(pa + i * table_span(level), attrs, level);
	}
}

/*
 * Changes what decides about [ia, ia + size) and is not empty: a leaf becomes itself & keep | set, or 0
 * with both 0.
 */
static void leaves_change(struct table *t, uint64_t ia, uint64_t size, uint64_t keep, uint64_t set)
{
	uint64_t done = 0;

	while (done < size) {
		unsigned int level;
		uint64_t *entry = table_find(t, ia + done, &level);
		unsigned int left = TABLE_ENTRIES - table_index(ia + done, level);

		/* Leaves, or nothing, as far as the table goes. */
		for (; left > 0 && done < size && !leads_on(*entry, level); left--, entry++) {
			if (*entry != 0) {
				table_entry_set(entry, (*entry & keep) | set);
			}
			/* To the end of what the entry decides about. */
			done += table_span(level) - ((ia + done) & (table_span(level) - 1));
		}
	}
}

void table_change(struct table *t, uint64_t ia, uint64_t size, uint64_t mask, uint64_t bits)
{
	leaves_change(t, ia, size, ~mask, bits);
}

void *table_unmap(struct table *t, uint64_t ia, uint64_t size)
{
	leaves_change(t, ia, size, 0, 0);
	return prune_range(t, ia, size);
}

void table_release(struct table *t, void *list)
{
	while (list != NULL) {
		uint64_t *table = list;

		list = (void *)table[0];
		page_pool_put(t->pages, table);
	}
}
