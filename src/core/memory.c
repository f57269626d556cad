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
		(void)table_run_change(&run, 0, state_bits(MEMORY_NONE), 0);
	}
	return true;
}

/* --- Check ----------------------------------------------------------------------------------- */

/* The pages of a list have to be all like the first one. */
struct expect {
	uint64_t leaf; /* LEAF_MASK */
	unsigned int attrs; /* the normal world: all in memory of one kind */
};

/* Whether the entries are `first` and, each by `step` more, what follows. */
static bool run_is(const struct table_run *r, uint64_t first, uint64_t step)
{
	const uint64_t *end = r->entries + r->count;
	uint64_t differ = 0;

	for (const uint64_t *e = r->entries; e < end; e++, first += step) {
		differ |= *e ^ first;
	}
	return differ == 0;
}

static bool piece_check(const struct table *t, struct table_cursor *c, enum memory_state from,
			const struct expect *e, struct range piece)
{
	bool same = is_ledger(t) || from == MEMORY_NONE;
	struct table_run r;

	for (uint64_t done = 0; done < piece.size; done += r.size) {
		uint64_t first = e->leaf;
		uint64_t step = 0;

		table_run(t, c, piece.base + done, piece.size - done, &r);
		if (!same) {
			first = r.entries[0];
			step = table_span(r.level);
			if (((first ^ e->leaf) & LEAF_MASK) != 0) {
				return false;
			}
		}
		if (!run_is(&r, first, step)) {
			return false;
		}
	}
	return true;
}

static struct range piece_range(const struct ffa_constituent *p)
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

	if (from == MEMORY_NONE) {
		e->leaf = 0;
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

/* The piece is of the normal world's memory, of the same kind as the others. */
static bool world_check(const struct memory_space *s, const struct memory_world **last,
			const struct expect *e, struct range piece)
{
	if (*last == NULL || !range_contains((*last)->range, piece)) {
		*last = world_find(s, piece);
	}
	return *last != NULL && (*last)->attrs == e->attrs;
}

enum memory_status memory_check(struct memory_space *s, enum memory_op op,
				const struct memory_list *list, unsigned int *attrs)
{
	enum memory_state from = matrix[op].from;
	struct range first = piece_range(first_piece(list));
	const struct table *t =
		from == MEMORY_NONE ? s->trees[(*attrs & MEM_NS) != 0] : sender_tree(s, first.base);
	struct table_cursor c = TABLE_CURSOR_NONE;
	const struct memory_world *last = NULL;
	struct expect e = { 0 };

	if (!expect_make(s, t, from, first, &e)) {
		return MEMORY_DENIED;
	}
	for (; list != NULL; list = list->next) {
		for (uint32_t i = 0; i < list->count; i++) {
			struct range piece = piece_range(&list->pieces[i]);

			if (is_ledger(t) && !world_check(s, &last, &e, piece)) {
				return MEMORY_DENIED;
			}
			if (!piece_check(t, &c, from, &e, piece)) {
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
				memory_cancel(s, op, list, attrs);
				return MEMORY_NO_MEMORY;
			}
		}
	}
	return MEMORY_OK;
}

void memory_cancel(struct memory_space *s, enum memory_op op, const struct memory_list *list,
		   unsigned int attrs)
{
	struct table *t = s->trees[(attrs & MEM_NS) != 0];
	void *removed = NULL;

	(void)op;
	for (; list != NULL; list = list->next) {
		for (uint32_t i = 0; i < list->count; i++) {
			struct range piece = piece_range(&list->pieces[i]);

			table_tidy_range(t, piece.base, piece.size, &removed);
		}
	}
	table_finish(t, removed, false, 0, UINT64_MAX);
}

/* --- Commit ---------------------------------------------------------------------------------- */

/* What becomes of an entry: (entry & keep) | set, and its address and type if it is a new leaf. */
struct change {
	enum memory_state from;
	uint64_t keep, set;
	bool leaf;
};

static struct change change_make(const struct table *t, enum memory_op op, unsigned int attrs)
{
	enum memory_state from = matrix[op].from;
	enum memory_state to = matrix[op].to;

	if (is_ledger(t)) {
		return (struct change){ from, 0, state_bits(to), false };
	}
	if (from == MEMORY_NONE) {
		return (struct change){ from, 0, t->format->leaf(attrs) | state_bits(to), true };
	}
	if (to == MEMORY_NONE) {
		return (struct change){ from, 0, 0, false };
	}
	return (struct change){ from, ~(TABLE_STATE_MASK | TABLE_VALID),
				state_bits(to) | (mapped[to] ? TABLE_VALID : 0), false };
}

static void piece_commit(struct table *t, struct table_cursor *c, const struct change *change,
			 struct range piece, void **removed)
{
	struct table_run r;

	for (uint64_t done = 0; done < piece.size; done += r.size) {
		uint64_t at = piece.base + done;
		uint64_t value = change->set;

		table_run(t, c, at, piece.size - done, &r);
		ASSERT(entry_state(t, r.entries[0]) == change->from &&
		       r.size == (uint64_t)r.count << table_shift(r.level));
		if (change->leaf) {
			value = table_leaf(at, value, r.level);
		}
		if (table_run_change(&r, change->keep, value,
				     change->leaf ? table_span(r.level) : 0)) {
			table_tidy(t, at, removed);
			*c = TABLE_CURSOR_NONE;
		}
	}
}

void memory_commit(struct memory_space *s, enum memory_op op, const struct memory_list *list,
		   unsigned int attrs)
{
	struct table *t = s->trees[(attrs & MEM_NS) != 0];
	struct change change = change_make(t, op, attrs);
	struct table_cursor c = TABLE_CURSOR_NONE;
	bool flush = mapped[matrix[op].from] && !mapped[matrix[op].to] && !is_ledger(t);
	void *removed = NULL;

	for (; list != NULL; list = list->next) {
		for (uint32_t i = 0; i < list->count; i++) {
			piece_commit(t, &c, &change, piece_range(&list->pieces[i]), &removed);
		}
	}
	table_finish(t, removed, flush, 0, UINT64_MAX);
}

static bool is_borrowed(enum memory_state state)
{
	return state == MEMORY_BORROWED || state == MEMORY_BORROWED_SHARED;
}

/* Each entry of its own: what is borrowed and what is owned may be in one table. */
static void run_drop(struct table *t, const struct table_run *r, uint64_t at, void **removed)
{
	bool last = false;

	for (unsigned int i = 0; i < r->count; i++) {
		struct table_run one = *r;

		one.entries += i;
		one.count = 1;
		if (is_borrowed(entry_state(t, *one.entries))) {
			last = table_run_change(&one, 0, 0, 0);
		}
	}
	if (last) {
		table_tidy(t, at, removed);
	}
}

void memory_drop_borrowed(struct memory_space *s)
{
	const uint64_t limit = 1ul << space_pa_bits();

	for (unsigned int ns = 0; ns < 2; ns++) {
		struct table *t = s->trees[ns];
		void *removed = NULL;
		struct table_run r;

		if (t == NULL || is_ledger(t)) {
			continue;
		}
		for (uint64_t at = 0; at < limit; at += r.size) {
			struct table_cursor c = TABLE_CURSOR_NONE;

			table_run(t, &c, at, limit - at, &r);
			run_drop(t, &r, at, &removed);
		}
		table_finish(t, removed, true, 0, UINT64_MAX);
	}
}
