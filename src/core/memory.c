/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/memory.h"

#include <stddef.h>

#include "arch/space.h"
#include "core/cpu.h"
#include "lib/print.h"

/*
 * The matrix: each operation is for pages of one state, and makes one other state of it. Whatever
 * else a page is, the operation is refused.
 */
static const struct {
	enum memory_state from, to;
} matrix[MEMORY_OPS] = {
	[MEMORY_SHARE] = { MEMORY_OWNED, MEMORY_OWNED_SHARED },
	[MEMORY_LEND] = { MEMORY_OWNED, MEMORY_OWNED_LENT },
	[MEMORY_DONATE] = { MEMORY_OWNED, MEMORY_OWNED_DONATED },
	[MEMORY_RETRIEVE_SHARED] = { MEMORY_NONE, MEMORY_BORROWED_SHARED },
	[MEMORY_RETRIEVE_LENT] = { MEMORY_NONE, MEMORY_BORROWED },
	[MEMORY_RETRIEVE_DONATED] = { MEMORY_NONE, MEMORY_OWNED },
	[MEMORY_RELINQUISH_SHARED] = { MEMORY_BORROWED_SHARED, MEMORY_NONE },
	[MEMORY_RELINQUISH_LENT] = { MEMORY_BORROWED, MEMORY_NONE },
	[MEMORY_RECLAIM_SHARED] = { MEMORY_OWNED_SHARED, MEMORY_OWNED },
	[MEMORY_RECLAIM_LENT] = { MEMORY_OWNED_LENT, MEMORY_OWNED },
	[MEMORY_RECLAIM_DONATED] = { MEMORY_OWNED_DONATED, MEMORY_OWNED },
	[MEMORY_GIVE] = { MEMORY_OWNED_DONATED, MEMORY_NONE },
	[MEMORY_BUFFER_MAP] = { MEMORY_OWNED, MEMORY_OWNED_BUFFER },
	[MEMORY_BUFFER_UNMAP] = { MEMORY_OWNED_BUFFER, MEMORY_OWNED },
};

/* In which states the endpoint itself can access the page. */
static const bool mapped[MEMORY_STATES] = {
	[MEMORY_OWNED] = true,    [MEMORY_OWNED_SHARED] = true,    [MEMORY_OWNED_BUFFER] = true,
	[MEMORY_BORROWED] = true, [MEMORY_BORROWED_SHARED] = true,
};

_Static_assert(MEMORY_OWNED == 0, "what is just mapped is owned");
_Static_assert(MEMORY_NONE <= TABLE_STATE_MASK >> TABLE_STATE_SHIFT, "fits the software bits");

/* What decides about a leaf but where it is: all but address, and page or block. */
#define LEAF_MASK (~(TABLE_ADDRESS_MASK | (TABLE_TYPE_MASK & ~TABLE_VALID)))

enum memory_state memory_next(enum memory_op op, enum memory_state from)
{
	return matrix[op].from == from ? matrix[op].to : MEMORY_STATES;
}

/* --- Entries --------------------------------------------------------------------------------- */

/*
 * The normal world's tree holds states and nothing else: no CPU walks it. What it says nothing
 * about the normal world owns, if it is in its world; in any other tree it is nobody's.
 */
static const struct table_format ledger = { .flush = NULL };

static bool is_ledger(const struct table *t)
{
	return t->format == &ledger;
}

static enum memory_state entry_state(const struct table *t, uint64_t entry)
{
	if (entry == 0 && !is_ledger(t)) {
		return MEMORY_NONE;
	}
	return (enum memory_state)((entry & TABLE_STATE_MASK) >> TABLE_STATE_SHIFT);
}

static uint64_t state_bits(enum memory_state state)
{
	return (uint64_t)state << TABLE_STATE_SHIFT;
}

static unsigned int leaf_attrs(const struct table *t, uint64_t leaf)
{
	return t->format->attrs(leaf) | (t->ns ? MEM_NS : 0);
}

/* What r belongs to of the normal world's memory; NULL: it does not, or only a part of it does. */
static const struct memory_world *world_find(const struct memory_space *s, struct range r)
{
	for (uint32_t i = 0; i < s->world_count; i++) {
		if (range_contains(s->world[i].range, r)) {
			return &s->world[i];
		}
	}
	return NULL;
}

enum memory_state memory_look(const struct memory_space *s, uint64_t address, bool ns,
			      unsigned int *attrs)
{
	const struct table *t = s->trees[ns];
	const struct memory_world *world;
	unsigned int level;
	unsigned int found;
	uint64_t entry;

	if (t == NULL || address >> space_pa_bits() != 0) {
		return MEMORY_NONE;
	}
	if (is_ledger(t)) {
		world = world_find(s, (struct range){ address, 1 });
		if (world == NULL) {
			return MEMORY_NONE;
		}
		found = world->attrs;
		entry = *table_find(t, address, &level);
	} else {
		entry = *table_find(t, address, &level);
		found = entry != 0 ? leaf_attrs(t, entry) : 0;
		if (((found & MEM_NS) != 0) != ns) {
			return MEMORY_NONE;
		}
	}
	if (attrs != NULL) {
		*attrs = found;
	}
	return entry_state(t, entry);
}

/* --- Spaces ---------------------------------------------------------------------------------- */

struct memory_space *memory_space_of(struct endpoint *e)
{
	return e->kind == ENDPOINT_NWD ? &spmc.nwd_pages : &endpoint_partition(e)->pages;
}

void memory_space_init(struct memory_space *s, struct space *space)
{
	s->trees[0] = &space->trees[0];
	s->trees[1] = &space->trees[1];
	space_use_pool(space, &s->pool);
}

/*
 * How the root of the ledger covers addresses below `end`: as few levels as 16 pages can make it.
 */
static unsigned int ledger_root(uint64_t end, size_t *pages)
{
	unsigned int level = 3;

	do {
		level--;
		*pages = ((end - 1) >> (table_shift(level) + 9)) + 1;
	} while (*pages > 16);
	return level;
}

size_t memory_world_pages(uint64_t end)
{
	size_t pages;

	(void)ledger_root(end, &pages);
	return pages;
}

bool memory_world_init(struct memory_space *s, struct table *tree, uint64_t end)
{
	size_t pages;
	unsigned int level = ledger_root(end, &pages);

	*tree = (struct table){
		.root = page_pool_get_run(&s->pool, pages),
		.pages = &s->pool,
		.format = &ledger,
		.root_level = (uint8_t)level,
		.leaf_level = (uint8_t)(level == 2 ? 2 : 1),
		.ns = true,
	};
	s->trees[1] = tree;
	return tree->root != NULL;
}

bool memory_world_exclude(struct memory_space *s, struct range r)
{
	struct table_cursor c = TABLE_CURSOR_NONE;
	struct table_run run;

	if (world_find(s, r) == NULL) {
		return true;
	}
	if (!table_make(s->trees[1], &c, r.base, r.size)) {
		return false;
	}
	for (uint64_t done = 0; done < r.size; done += run.size) {
		table_run(s->trees[1], &c, r.base + done, r.size - done, &run);
		table_write(run.entries, run.count, 0, state_bits(MEMORY_NONE), 0);
		(void)table_count(run.link, 0, state_bits(MEMORY_NONE), run.count);
	}
	return true;
}

/* --- Check ----------------------------------------------------------------------------------- */

/* The pages of a list have to be all like the first one. */
struct expect {
	bool same; /* all entries are equal: they have no addresses */
	uint64_t leaf; /* LEAF_MASK */
	unsigned int attrs; /* the normal world: all in memory of one kind */
	struct range within; /* of that, where the last piece was; else everywhere */
	struct range block; /* of an entry that has been looked at: a block, or empty */
};

/* Whether n entries are as they have to be and, each by `step` more, follow each other. */
static inline bool entries_are(const struct expect *e, const uint64_t *entries, uint64_t n,
			       uint64_t step)
{
	const uint64_t *end = entries + n;
	uint64_t first = e->same ? e->leaf : *entries;
	uint64_t differ = (first ^ e->leaf) & LEAF_MASK;

	if (e->same) {
		step = 0;
	}
	for (; entries < end; entries++, first += step) {
		differ |= *entries ^ first;
	}
	return differ == 0;
}

static bool runs_check(const struct table *t, struct table_cursor *c, struct expect *e,
		       struct range piece)
{
	struct table_run r;

	for (uint64_t done = 0; done < piece.size; done += r.size) {
		uint64_t at = piece.base + done;
		uint64_t span;

		table_run(t, c, at, piece.size - done, &r);
		span = table_span(r.level);
		if (!entries_are(e, r.entries, r.count, span)) {
			return false;
		}
		if (r.level < TABLE_LAST_LEVEL) {
			e->block = (struct range){ at & ~(span - 1), span };
		}
	}
	return true;
}

static inline struct range piece_range(const struct ffa_constituent *p)
{
	return (struct range){ .base = p->base, .size = (uint64_t)p->pages << PAGE_SHIFT };
}

/* The first piece of a list that is not empty. */
static const struct ffa_constituent *first_piece(const struct memory_list *list)
{
	while (list->count == 0) {
		list = list->next;
	}
	return list->pieces;
}

/* In which tree the pages that a sender names are: its own memory may be secure or not. */
static struct table *sender_tree(const struct memory_space *s, uint64_t address)
{
	unsigned int level;

	if (s->trees[0] == NULL || *table_find(s->trees[0], address, &level) == 0) {
		return s->trees[1];
	}
	return s->trees[0];
}

/* What all pages have to be like, given by the first one. False: that one is refused. */
static bool expect_make(const struct memory_space *s, const struct table *t, enum memory_state from,
			struct range first, struct expect *e)
{
	const struct memory_world *world = world_find(s, first);
	unsigned int level;
	uint64_t entry;

	e->same = is_ledger(t) || from == MEMORY_NONE;
	e->within = (struct range){ 0, is_ledger(t) ? 0 : UINT64_MAX };
	if (from == MEMORY_NONE) {
		return true;
	}
	if (is_ledger(t) && world == NULL) {
		return false;
	}
	entry = *table_find(t, first.base, &level);
	e->leaf = is_ledger(t) ? state_bits(from) : entry & LEAF_MASK;
	e->attrs = is_ledger(t) ? world->attrs : leaf_attrs(t, entry);
	return entry_state(t, entry) == from;
}

/* Whether the piece is of the normal world's memory, of the same kind as the others. */
static bool world_check(const struct memory_space *s, struct expect *e, struct range piece)
{
	const struct memory_world *world = world_find(s, piece);

	if (world == NULL || world->attrs != e->attrs) {
		return false;
	}
	e->within = world->range;
	return true;
}

static inline bool is_inside(struct range outer, struct range r)
{
	uint64_t offset = r.base - outer.base;

	return offset < outer.size && r.size <= outer.size - offset;
}

static inline bool piece_check(const struct memory_space *s, const struct table *t,
			       struct table_cursor *c, struct expect *e, struct range piece)
{
	if (!is_inside(e->within, piece) && !world_check(s, e, piece)) {
		return false;
	}
	if (table_cursor_has(c, piece.base, piece.size)) {
		const uint64_t *entries = table_cursor_entry(c, piece.base);

		return entries_are(e, entries, piece.size >> PAGE_SHIFT, PAGE_SIZE);
	}
	return is_inside(e->block, piece) || runs_check(t, c, e, piece);
}

enum memory_status memory_check(struct memory_space *s, enum memory_op op,
				const struct memory_list *list, unsigned int *attrs)
{
	enum memory_state from = matrix[op].from;
	struct range first = piece_range(first_piece(list));
	const struct table *t =
		from == MEMORY_NONE ? s->trees[(*attrs & MEM_NS) != 0] : sender_tree(s, first.base);
	struct table_cursor c = TABLE_CURSOR_NONE;
	struct expect e = { 0 };

	if (!expect_make(s, t, from, first, &e)) {
		return MEMORY_DENIED;
	}
	for (; list != NULL; list = list->next) {
		for (uint32_t i = 0; i < list->count; i++) {
			if (!piece_check(s, t, &c, &e, piece_range(&list->pieces[i]))) {
				return MEMORY_DENIED;
			}
		}
	}
	if (from != MEMORY_NONE) {
		*attrs = e.attrs;
	}
	return MEMORY_OK;
}

/* --- Prepare --------------------------------------------------------------------------------- */

static bool piece_prepare(struct table *t, struct table_cursor *c, bool empty, struct range piece)
{
	struct table_run r;

	if (table_cursor_has(c, piece.base, piece.size)) {
		return true; /* its table is there */
	}
	if (empty) {
		return table_make(t, c, piece.base, piece.size);
	}
	table_run(t, c, piece.base, piece.size, &r);
	if (r.level == TABLE_LAST_LEVEL && r.size == piece.size) {
		return true;
	}
	return table_split(t, piece.base) && ((piece.base + piece.size) >> space_pa_bits() != 0 ||
					      table_split(t, piece.base + piece.size));
}

enum memory_status memory_prepare(struct memory_space *s, enum memory_op op,
				  const struct memory_list *list, unsigned int attrs)
{
	enum memory_state from = matrix[op].from;
	struct table *t = s->trees[(attrs & MEM_NS) != 0];
	bool empty = from == MEMORY_NONE || is_ledger(t);
	struct table_cursor c = TABLE_CURSOR_NONE;

	if (from != MEMORY_NONE && from != MEMORY_OWNED) {
		return MEMORY_OK;
	}
	for (const struct memory_list *l = list; l != NULL; l = l->next) {
		for (uint32_t i = 0; i < l->count; i++) {
			if (!piece_prepare(t, &c, empty, piece_range(&l->pieces[i]))) {
				memory_cancel(s, list, attrs);
				return MEMORY_NO_MEMORY;
			}
		}
	}
	return MEMORY_OK;
}

void memory_cancel(struct memory_space *s, const struct memory_list *list, unsigned int attrs)
{
	struct table *t = s->trees[(attrs & MEM_NS) != 0];
	void *removed = NULL;

	for (; list != NULL; list = list->next) {
		for (uint32_t i = 0; i < list->count; i++) {
			struct range piece = piece_range(&list->pieces[i]);

			table_tidy_range(t, piece.base, piece.size, &removed);
		}
	}
	table_finish(t, removed, false, 0, UINT64_MAX);
}

/* --- Commit ---------------------------------------------------------------------------------- */

/* A list that is being committed. */
struct commit {
	struct table *t;
	struct table_cursor at;

	/* What each entry has been until now. */
	uint64_t was, was_mask;
	/* What becomes of it: (entry & keep) | set; of a new leaf with the address, too. */
	uint64_t keep, set;
	uint64_t address; /* all bits, or none */

	/*
	 * Entries of the table that `at` is at that have not been counted; as one was, and is now.
	 */
	uint64_t uncounted;
	uint64_t old, new;

	void *removed;
};

static struct commit commit_make(struct table *t, enum memory_op op, unsigned int attrs)
{
	enum memory_state from = matrix[op].from;
	enum memory_state to = matrix[op].to;
	struct commit c = {
		.t = t,
		.at = TABLE_CURSOR_NONE,
		.was = state_bits(from),
		.was_mask = TABLE_STATE_MASK,
	};

	if (is_ledger(t)) {
		c.set = state_bits(to);
		return c;
	}
	if (from == MEMORY_NONE) {
		c.was = 0;
		c.was_mask = UINT64_MAX;
		c.set = t->format->leaf(attrs) | state_bits(to);
		c.address = UINT64_MAX;
	} else if (to != MEMORY_NONE) {
		c.keep = ~(TABLE_STATE_MASK | TABLE_VALID);
		c.set = state_bits(to) | (mapped[to] ? TABLE_VALID : 0);
	}
	return c;
}

/* Before the cursor goes on to another table. */
static void commit_count(struct commit *c)
{
	if (c->uncounted != 0 && table_count(c->at.link, c->old, c->new, c->uncounted)) {
		table_tidy(c->t, c->at.base, &c->removed);
		c->at = TABLE_CURSOR_NONE;
	}
	c->uncounted = 0;
}

/* n entries of one table, which decide about what begins at ia, and no more than that. */
static inline void commit_entries(struct commit *c, uint64_t *entries, uint64_t n, uint64_t ia,
				  unsigned int level)
{
	uint64_t old = *entries;
	uint64_t value = c->set | (table_leaf(ia, 0, level) & c->address);

	ASSERT(((old ^ c->was) & c->was_mask) == 0);
	c->old = old;
	c->new = (old & c->keep) | value;
	if (n == 1) {
		table_write_one(entries, c->new);
	} else {
		table_write(entries, n, c->keep, value, table_span(level) & c->address);
	}
}

static void commit_runs(struct commit *c, struct range piece)
{
	struct table_run r;

	for (uint64_t done = 0; done < piece.size; done += r.size) {
		uint64_t at = piece.base + done;

		if (!table_cursor_has(&c->at, at, PAGE_SIZE)) {
			commit_count(c);
		}
		table_run(c->t, &c->at, at, piece.size - done, &r);
		ASSERT(r.size == (uint64_t)r.count << table_shift(r.level));
		commit_entries(c, r.entries, r.count, at, r.level);
		if (r.level == TABLE_LAST_LEVEL && c->at.link == r.link) {
			c->uncounted += r.count;
		} else if (table_count(r.link, c->old, c->new, r.count)) {
			table_tidy(c->t, at, &c->removed);
			c->at = TABLE_CURSOR_NONE;
		}
	}
}

static inline void commit_piece(struct commit *c, struct range piece)
{
	if (table_cursor_has(&c->at, piece.base, piece.size)) {
		uint64_t pages = piece.size >> PAGE_SHIFT;

		commit_entries(c, table_cursor_entry(&c->at, piece.base), pages, piece.base,
			       TABLE_LAST_LEVEL);
		c->uncounted += pages;
	} else {
		commit_runs(c, piece);
	}
}

void memory_commit(struct memory_space *s, enum memory_op op, const struct memory_list *list,
		   unsigned int attrs)
{
	struct table *t = s->trees[(attrs & MEM_NS) != 0];
	struct commit c = commit_make(t, op, attrs);
	bool flush = mapped[matrix[op].from] && !mapped[matrix[op].to] && !is_ledger(t);

	for (; list != NULL; list = list->next) {
		for (uint32_t i = 0; i < list->count; i++) {
			commit_piece(&c, piece_range(&list->pieces[i]));
		}
	}
	commit_count(&c);
	table_finish(t, c.removed, flush, 0, UINT64_MAX);
}
