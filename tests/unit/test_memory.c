/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Who owns a page: the matrix, every operation on lists of every shape, what a CPU can see
 * meanwhile, what is left when table pages run out, and random operations beside a plain list of
 * pages.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host.h"
#include "arch/space.h"
#include "core/memory.h"

#define MIB (1ul << 20)
#define GIB (1ul << 30)
#define RW (MEM_R | MEM_W)
#define NUMBER_OF(a) (sizeof(a) / sizeof((a)[0]))

#define POOL_PAGES 128u
#define SPS 2
#define NWD 2 /* after them */

static char memory[(SPS + 2) * POOL_PAGES * PAGE_SIZE] __attribute__((aligned(64 * PAGE_SIZE)));
static struct page_pool roots;
static struct space spaces[SPS];
static struct memory_space owners[SPS + 1];
static struct table nwd_tree;
static const struct memory_world world[] = {
	{ { 0x08000000, 16 * PAGE_SIZE }, RW | MEM_DEVICE | MEM_NS },
	{ { 0x40000000, 3 * GIB }, RW | MEM_X | MEM_NS },
};

/* What an SP has: pages of all kinds in one table, a block of 2 MiB each, one of 1 GiB. */
#define SP_MEMORY(sp) (0x10000000ul + (sp)*16 * MIB)
#define SP_BLOCKS(sp) (SP_MEMORY(sp) + 4 * MIB)
#define SP_NS(sp) (0x50000000ul + (sp)*4 * MIB)
#define SP_DEVICE(sp) (0x09000000ul + (sp)*PAGE_SIZE * 16)
#define SP_HUGE(sp) ((16ul + (sp)) * GIB)

static const struct area {
	uint64_t offset, size;
	unsigned int attrs;
} areas[] = {
	{ 0, 64 * PAGE_SIZE, RW | MEM_X },
	{ 64 * PAGE_SIZE, 16 * PAGE_SIZE, MEM_R },
	{ 80 * PAGE_SIZE, 16 * PAGE_SIZE, RW },
	{ 4 * MIB, 8 * MIB, RW },
};

static void map(struct space *s, uint64_t base, uint64_t size, unsigned int attrs)
{
	assert_true(space_map(s, (struct range){ base, size }, attrs));
}

static int setup(void **state)
{
	(void)state;
	memset(&roots, 0, sizeof(roots));
	memset(owners, 0, sizeof(owners));
	memset(memory, 0xa5, sizeof(memory));
	page_pool_add(&roots, memory, POOL_PAGES);
	for (unsigned int i = 0; i <= NWD; i++) {
		page_pool_add(&owners[i].pool, memory + (i + 1) * POOL_PAGES * PAGE_SIZE,
			      POOL_PAGES);
	}
	for (unsigned int sp = 0; sp < SPS; sp++) {
		assert_true(space_init(&spaces[sp], SPACE_STAGE2, (uint16_t)(sp + 1), &roots));
		for (size_t i = 0; i < NUMBER_OF(areas); i++) {
			map(&spaces[sp], SP_MEMORY(sp) + areas[i].offset, areas[i].size,
			    areas[i].attrs);
		}
		map(&spaces[sp], SP_NS(sp), 4 * PAGE_SIZE, RW | MEM_NS);
		map(&spaces[sp], SP_DEVICE(sp), 4 * PAGE_SIZE, RW | MEM_DEVICE);
		map(&spaces[sp], SP_HUGE(sp), GIB, RW);
		memory_space_init(&owners[sp], &spaces[sp]);
	}
	owners[NWD].world = world;
	owners[NWD].world_count = NUMBER_OF(world);
	assert_true(memory_world_init(&owners[NWD], &nwd_tree, 4 * GIB));
	for (unsigned int sp = 0; sp < SPS; sp++) {
		assert_true(memory_world_exclude(&owners[NWD],
						 (struct range){ SP_NS(sp), 4 * PAGE_SIZE }));
	}
	host_on_flush = NULL;
	return 0;
}

/* --- Lists ----------------------------------------------------------------------------------- */

#define PIECES_MAX 256
struct pages {
	struct memory_list list;
	struct ffa_constituent pieces[PIECES_MAX];
};

static void add(struct pages *p, uint64_t base, uint32_t pages)
{
	p->list.pieces = p->pieces;
	p->pieces[p->list.count++] = (struct ffa_constituent){ base, pages, 0 };
}

static struct pages *one(uint64_t base, uint32_t count)
{
	static struct pages p;

	p.list.count = 0;
	add(&p, base, count);
	return &p;
}

/* --- Operations ------------------------------------------------------------------------------ */

static enum memory_status begin(unsigned int who, enum memory_op op, const struct memory_list *l,
				unsigned int *attrs)
{
	enum memory_status status = memory_check(&owners[who], op, l, attrs);

	return status != MEMORY_OK ? status : memory_prepare(&owners[who], op, l, *attrs);
}

static enum memory_status operate(unsigned int who, enum memory_op op, const struct memory_list *l,
				  unsigned int attrs)
{
	enum memory_status status = begin(who, op, l, &attrs);

	if (status == MEMORY_OK) {
		memory_commit(&owners[who], op, l, attrs);
	}
	return status;
}

static size_t left(unsigned int who)
{
	return page_pool_count(&owners[who].pool);
}

static enum memory_state look(unsigned int who, uint64_t address, bool ns)
{
	return memory_look(&owners[who], address, ns, NULL);
}

/* --- The matrix ------------------------------------------------------------------------------ */

/* What leads to each state from the beginning, in a space that owns the page or does not. */
static const struct {
	bool owns;
	enum memory_op op[2];
	unsigned int ops;
} ways[MEMORY_STATES] = {
	[MEMORY_OWNED] = { .owns = true },
	[MEMORY_OWNED_SHARED] = { true, { MEMORY_SHARE }, 1 },
	[MEMORY_OWNED_LENT] = { true, { MEMORY_LEND }, 1 },
	[MEMORY_OWNED_DONATED] = { true, { MEMORY_DONATE }, 1 },
	[MEMORY_OWNED_BUFFER] = { true, { MEMORY_BUFFER_MAP }, 1 },
	[MEMORY_BORROWED] = { false, { MEMORY_RETRIEVE_LENT }, 1 },
	[MEMORY_BORROWED_SHARED] = { false, { MEMORY_RETRIEVE_SHARED }, 1 },
	[MEMORY_NONE] = { .owns = false },
};

/* The specification, as a reader of it would write it down: the only cells that are allowed. */
static enum memory_state expected(enum memory_op op, enum memory_state s)
{
	if (s == MEMORY_OWNED) {
		return op == MEMORY_SHARE        ? MEMORY_OWNED_SHARED
		       : op == MEMORY_LEND       ? MEMORY_OWNED_LENT
		       : op == MEMORY_DONATE     ? MEMORY_OWNED_DONATED
		       : op == MEMORY_BUFFER_MAP ? MEMORY_OWNED_BUFFER
						 : MEMORY_STATES;
	}
	if (s == MEMORY_NONE) {
		return op == MEMORY_RETRIEVE_SHARED    ? MEMORY_BORROWED_SHARED
		       : op == MEMORY_RETRIEVE_LENT    ? MEMORY_BORROWED
		       : op == MEMORY_RETRIEVE_DONATED ? MEMORY_OWNED
						       : MEMORY_STATES;
	}
	if ((s == MEMORY_OWNED_SHARED && op == MEMORY_RECLAIM_SHARED) ||
	    (s == MEMORY_OWNED_LENT && op == MEMORY_RECLAIM_LENT) ||
	    (s == MEMORY_OWNED_DONATED && op == MEMORY_RECLAIM_DONATED) ||
	    (s == MEMORY_OWNED_BUFFER && op == MEMORY_BUFFER_UNMAP)) {
		return MEMORY_OWNED;
	}
	if ((s == MEMORY_BORROWED && op == MEMORY_RELINQUISH_LENT) ||
	    (s == MEMORY_BORROWED_SHARED && op == MEMORY_RELINQUISH_SHARED) ||
	    (s == MEMORY_OWNED_DONATED && op == MEMORY_GIVE)) {
		return MEMORY_NONE;
	}
	return MEMORY_STATES;
}

static bool accessible(enum memory_state s)
{
	return s != MEMORY_NONE && s != MEMORY_OWNED_LENT && s != MEMORY_OWNED_DONATED;
}

/*
 * Every operation in every state, for pages of an SP and of the normal world, in pages and blocks.
 */
static void check_cell(unsigned int who, uint64_t own, uint64_t others, unsigned int attrs,
		       uint32_t pages, enum memory_op op, enum memory_state s)
{
	uint64_t base = ways[s].owns ? own : others;
	bool ns = (attrs & MEM_NS) != 0;
	enum memory_status status;

	(void)setup(NULL);
	if (who == NWD && !ways[s].owns) {
		return; /* nobody shares with the normal world by page */
	}
	for (unsigned int i = 0; i < ways[s].ops; i++) {
		assert_int_equal(operate(who, ways[s].op[i], &one(base, pages)->list, attrs),
				 MEMORY_OK);
	}
	assert_int_equal(look(who, base, ns), s);
	assert_int_equal(memory_next(op, s), expected(op, s));
	status = operate(who, op, &one(base, pages)->list, attrs);
	assert_int_equal(status, expected(op, s) == MEMORY_STATES ? MEMORY_DENIED : MEMORY_OK);
	if (status == MEMORY_OK) {
		s = expected(op, s);
	}
	for (uint32_t i = 0; i < pages; i++) {
		uint64_t at = base + i * PAGE_SIZE;

		assert_int_equal(look(who, at, ns), s);
		if (who != NWD) {
			assert_int_equal(space_lookup(&spaces[who], ipa_of(at), ns),
					 accessible(s) ? attrs : 0);
		}
	}
}

static void test_matrix(void **state)
{
	(void)state;
	for (enum memory_op op = 0; op < MEMORY_OPS; op++) {
		for (enum memory_state s = 0; s < MEMORY_STATES; s++) {
			check_cell(0, SP_MEMORY(0), SP_MEMORY(1), RW | MEM_X, 3, op, s);
			check_cell(0, SP_MEMORY(0) + 80 * PAGE_SIZE, SP_MEMORY(1), RW, 1, op, s);
			check_cell(0, SP_NS(0), SP_NS(1), RW | MEM_NS, 2, op, s);
			check_cell(0, SP_DEVICE(0), SP_DEVICE(1), RW | MEM_DEVICE, 4, op, s);
			check_cell(0, SP_BLOCKS(0), SP_BLOCKS(1), RW, 512, op, s);
			check_cell(0, SP_BLOCKS(0) + PAGE_SIZE, SP_BLOCKS(1), RW, 1024, op, s);
			check_cell(NWD, 0x60000000, 0, RW | MEM_X | MEM_NS, 5, op, s);
			check_cell(NWD, 0x60000000, 0, RW | MEM_X | MEM_NS, 512, op, s);
			check_cell(NWD, 0x08000000, 0, RW | MEM_DEVICE | MEM_NS, 2, op, s);
		}
	}
}

/* --- There and back, on lists of every shape ------------------------------------------------- */

static void shape_page(struct pages *p, uint64_t base)
{
	add(p, base + 5 * PAGE_SIZE, 1);
}

static void shape_contiguous(struct pages *p, uint64_t base)
{
	add(p, base + PAGE_SIZE, 512);
}

static void shape_block(struct pages *p, uint64_t base)
{
	add(p, base + 2 * MIB, 512);
}

static void shape_blocks_and_ends(struct pages *p, uint64_t base)
{
	add(p, base + MIB, 1536);
}

static void shape_separate(struct pages *p, uint64_t base)
{
	for (uint32_t i = 0; i < 200; i++) {
		add(p, base + 2 * i * PAGE_SIZE, 1);
	}
}

static void shape_descending(struct pages *p, uint64_t base)
{
	for (uint32_t i = 0; i < 100; i++) {
		add(p, base + (2000 - 20 * i) * PAGE_SIZE, 1 + i % 3);
	}
}

static void shape_two_halves(struct pages *p, uint64_t base)
{
	add(p, base + 3 * MIB, 256);
	add(p, base + 2 * MIB, 256);
}

static void (*const shapes[])(struct pages *p, uint64_t base) = {
	shape_page,     shape_contiguous, shape_block,      shape_blocks_and_ends,
	shape_separate, shape_descending, shape_two_halves,
};

/* Sending, what the receiver does with it, and how all is undone. */
static const struct {
	enum memory_op send, retrieve, relinquish, reclaim;
} ways_there[] = {
	{ MEMORY_SHARE, MEMORY_RETRIEVE_SHARED, MEMORY_RELINQUISH_SHARED, MEMORY_RECLAIM_SHARED },
	{ MEMORY_LEND, MEMORY_RETRIEVE_LENT, MEMORY_RELINQUISH_LENT, MEMORY_RECLAIM_LENT },
};

static void check_all(const struct pages *p, unsigned int who, bool ns, enum memory_state s)
{
	for (uint32_t i = 0; i < p->list.count; i++) {
		for (uint32_t k = 0; k < p->pieces[i].pages; k++) {
			assert_int_equal(look(who, p->pieces[i].base + k * PAGE_SIZE, ns), s);
		}
	}
}

static void round_trip(unsigned int from, uint64_t base, unsigned int attrs, size_t shape,
		       size_t way)
{
	bool ns = (attrs & MEM_NS) != 0;
	struct pages p = { 0 };
	size_t before[2] = { left(from), left(1) };
	uint64_t pages;

	shapes[shape](&p, base);
	assert_int_equal(memory_list_check(&p.list, &roots, &pages), MEMORY_OK);
	assert_int_equal(operate(from, ways_there[way].send, &p.list, attrs), MEMORY_OK);
	check_all(&p, from, ns, memory_next(ways_there[way].send, MEMORY_OWNED));
	assert_int_equal(operate(1, ways_there[way].retrieve, &p.list, attrs & ~MEM_X), MEMORY_OK);
	check_all(&p, 1, ns, memory_next(ways_there[way].retrieve, MEMORY_NONE));
	/* No more than once, and not by somebody else's address space. */
	assert_int_equal(operate(1, ways_there[way].retrieve, &p.list, attrs), MEMORY_DENIED);
	memory_commit(&owners[1], ways_there[way].relinquish, &p.list, attrs);
	check_all(&p, 1, ns, MEMORY_NONE);
	assert_int_equal(left(1), before[1]);
	memory_commit(&owners[from], ways_there[way].reclaim, &p.list, attrs);
	check_all(&p, from, ns, MEMORY_OWNED);
	assert_int_equal(left(from), before[0]);
}

static void test_round_trips(void **state)
{
	(void)state;
	for (size_t shape = 0; shape < NUMBER_OF(shapes); shape++) {
		for (size_t way = 0; way < NUMBER_OF(ways_there); way++) {
			round_trip(0, SP_BLOCKS(0), RW, shape, way);
			round_trip(0, SP_HUGE(0) + 512 * MIB, RW, shape, way);
			round_trip(NWD, 0x80000000, RW | MEM_X | MEM_NS, shape, way);
		}
	}
	/* All of a gibibyte: one entry. */
	assert_int_equal(operate(0, MEMORY_LEND, &one(SP_HUGE(0), 1 << 18)->list, 0), MEMORY_OK);
	assert_int_equal(left(0), POOL_PAGES);
	assert_int_equal(look(0, SP_HUGE(0) + GIB - 1, false), MEMORY_OWNED_LENT);
	memory_commit(&owners[0], MEMORY_RECLAIM_LENT, &one(SP_HUGE(0), 1 << 18)->list, 0);
	assert_int_equal(space_lookup(&spaces[0], ipa_of(SP_HUGE(0)), false), RW);
}

/*
 * Donated and taken: the pages are the receiver's, who can send them on. Blocks do not come back.
 */
static void test_donation(void **state)
{
	(void)state;
	for (size_t shape = 0; shape < NUMBER_OF(shapes); shape++) {
		struct pages p = { 0 };
		size_t before;

		(void)setup(NULL);
		before = left(1);
		shapes[shape](&p, SP_BLOCKS(0));
		for (unsigned int i = 0; i < 3; i++) {
			unsigned int from = i % 2;
			unsigned int to = 1 - from;

			assert_int_equal(operate(from, MEMORY_DONATE, &p.list, 0), MEMORY_OK);
			check_all(&p, from, false, MEMORY_OWNED_DONATED);
			assert_int_equal(
				operate(to, MEMORY_RETRIEVE_DONATED, &p.list, i == 0 ? RW : MEM_R),
				MEMORY_OK);
			memory_commit(&owners[from], MEMORY_GIVE, &p.list, 0);
			check_all(&p, from, false, MEMORY_NONE);
			check_all(&p, to, false, MEMORY_OWNED);
		}
		/* From 1 back to 0 and to 1 again, who gives them to nobody now. */
		assert_int_equal(operate(1, MEMORY_DONATE, &p.list, 0), MEMORY_OK);
		memory_commit(&owners[1], MEMORY_GIVE, &p.list, 0);
		assert_int_equal(left(1), before);
	}
}

/* --- What a list may not mix ----------------------------------------------------------------- */

static void test_mixed(void **state)
{
	static const struct {
		unsigned int who;
		uint64_t a, b;
	} rows[] = {
		{ 0, SP_MEMORY(0), SP_MEMORY(0) + 64 * PAGE_SIZE }, /* attributes */
		{ 0, SP_MEMORY(0) + 63 * PAGE_SIZE, SP_MEMORY(0) + 80 * PAGE_SIZE },
		{ 0, SP_MEMORY(0), SP_BLOCKS(0) },
		{ 0, SP_MEMORY(0) + 80 * PAGE_SIZE, SP_DEVICE(0) },
		{ 0, SP_MEMORY(0) + 80 * PAGE_SIZE, SP_NS(0) },
		{ 0, SP_MEMORY(0), SP_MEMORY(1) }, /* owners */
		{ 0, SP_MEMORY(0), SP_MEMORY(0) + 96 * PAGE_SIZE },
		{ NWD, 0x60000000, 0x08000000 },
		{ NWD, 0x60000000, SP_NS(0) },
		{ NWD, 0x60000000, 0x10000000 },
	};

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(rows); i++) {
		for (enum memory_op op = MEMORY_SHARE; op <= MEMORY_DONATE; op++) {
			for (unsigned int swap = 0; swap < 2; swap++) {
				struct pages p = { 0 };
				size_t before = left(rows[i].who);

				add(&p, swap ? rows[i].b : rows[i].a, 1);
				add(&p, swap ? rows[i].a : rows[i].b, 1);
				assert_int_equal(operate(rows[i].who, op, &p.list, 0),
						 MEMORY_DENIED);
				assert_int_equal(left(rows[i].who), before);
			}
		}
	}
	/* In one piece. */
	assert_int_equal(operate(0, MEMORY_SHARE, &one(SP_MEMORY(0), 65)->list, 0), MEMORY_DENIED);
	assert_int_equal(operate(0, MEMORY_SHARE, &one(SP_BLOCKS(0) - PAGE_SIZE, 2)->list, 0),
			 MEMORY_DENIED);
	assert_int_equal(
		operate(0, MEMORY_SHARE, &one(SP_BLOCKS(0) + 8 * MIB - PAGE_SIZE, 2)->list, 0),
		MEMORY_DENIED);
	assert_int_equal(operate(NWD, MEMORY_SHARE, &one(0x40000000 - PAGE_SIZE, 2)->list, 0),
			 MEMORY_DENIED);
	/* States: one page of 600 is lent already. */
	for (unsigned int who = 0; who <= NWD; who += 2) {
		uint64_t base = who == NWD ? 0x60000000 : SP_BLOCKS(0);

		assert_int_equal(
			operate(who, MEMORY_LEND, &one(base + 555 * PAGE_SIZE, 1)->list, 0),
			MEMORY_OK);
		assert_int_equal(operate(who, MEMORY_SHARE, &one(base, 600)->list, 0),
				 MEMORY_DENIED);
		assert_int_equal(
			operate(who, MEMORY_BUFFER_MAP, &one(base + 555 * PAGE_SIZE, 1)->list, 0),
			MEMORY_DENIED);
		assert_int_equal(operate(who, MEMORY_SHARE, &one(base, 555)->list, 0), MEMORY_OK);
	}
}

/* --- What a CPU sees ------------------------------------------------------------------------- */

/* Pages that are watched: leaf and level as a CPU may have them in its TLB. */
#define WATCHED 64
static struct watch {
	uint64_t address;
	uint64_t leaf;
	unsigned int level;
} watched[WATCHED];
static unsigned int watched_count;
static unsigned int watched_space;

static uint64_t software_bits(uint64_t leaf)
{
	return leaf & ~(15ul << 55);
}

/* Now, in the secure tree. */
static struct watch observe(uint64_t address)
{
	unsigned int level;
	uint64_t leaf = *table_find(&spaces[watched_space].trees[0], address, &level);

	return (struct watch){ address, (leaf & 1) != 0 ? software_bits(leaf) : 0, level };
}

/*
 * A flush: nothing of before is left, but what is there now may be cached at once. What was there
 * before and what is now may not be two translations of another size: that is break before make.
 */
static void observe_flush(void)
{
	for (unsigned int i = 0; i < watched_count; i++) {
		struct watch now = observe(watched[i].address);

		assert_true(now.leaf == 0 || watched[i].leaf == 0 || now.level == watched[i].level);
		watched[i] = now;
	}
}

static void watch_begin(unsigned int sp, uint64_t base, uint64_t size)
{
	watched_space = sp;
	for (watched_count = 0; watched_count < WATCHED; watched_count++) {
		uint64_t at = base + size / WATCHED * watched_count;

		watched[watched_count] = observe(page_align_down(at));
	}
	host_stage2_flushes = 0;
	host_on_flush = observe_flush;
}

/* No CPU has what is not there any more; returns how often was flushed. */
static unsigned int watch_end(void)
{
	host_on_flush = NULL;
	for (unsigned int i = 0; i < watched_count; i++) {
		struct watch now = observe(watched[i].address);

		if (watched[i].leaf != 0) {
			assert_int_equal(watched[i].leaf, now.leaf);
			assert_int_equal(watched[i].level, now.level);
		}
	}
	if (host_stage2_flushes != 0) {
		assert_int_equal(host_stage2_flushed, spaces[watched_space].vttbr);
	}
	return host_stage2_flushes;
}

static void test_tlb(void **state)
{
	(void)state;
	for (size_t shape = 0; shape < NUMBER_OF(shapes); shape++) {
		for (size_t way = 0; way < NUMBER_OF(ways_there); way++) {
			struct pages p = { 0 };
			unsigned int attrs = 0;
			bool lends = ways_there[way].send == MEMORY_LEND;

			shapes[shape](&p, SP_BLOCKS(0));
			watch_begin(0, SP_BLOCKS(0), 8 * MIB);
			assert_int_equal(begin(0, ways_there[way].send, &p.list, &attrs),
					 MEMORY_OK);
			(void)watch_end();
			/* One for all of it; none where nothing is taken away. */
			watch_begin(0, SP_BLOCKS(0), 8 * MIB);
			memory_commit(&owners[0], ways_there[way].send, &p.list, attrs);
			assert_int_equal(watch_end(), lends);

			watch_begin(1, SP_BLOCKS(0), 8 * MIB);
			assert_int_equal(operate(1, ways_there[way].retrieve, &p.list, RW),
					 MEMORY_OK);
			assert_int_equal(watch_end(), 0);
			watch_begin(1, SP_BLOCKS(0), 8 * MIB);
			memory_commit(&owners[1], ways_there[way].relinquish, &p.list, 0);
			assert_int_equal(watch_end(), 1);
			/* Blocks come back: one more when a table goes. */
			watch_begin(0, SP_BLOCKS(0), 8 * MIB);
			memory_commit(&owners[0], ways_there[way].reclaim, &p.list, 0);
			assert_in_range(watch_end(), 0, 1);
		}
	}
	/* A gibibyte, taken apart twice and made whole again in two steps. */
	watch_begin(0, SP_HUGE(0), GIB);
	assert_int_equal(operate(0, MEMORY_LEND, &one(SP_HUGE(0), 1)->list, 0), MEMORY_OK);
	assert_int_equal(watch_end(), 3);
	watch_begin(0, SP_HUGE(0), GIB);
	memory_commit(&owners[0], MEMORY_RECLAIM_LENT, &one(SP_HUGE(0), 1)->list, 0);
	assert_int_equal(watch_end(), 2);
	assert_int_equal(left(0), POOL_PAGES);
}

/* --- Table pages run out --------------------------------------------------------------------- */

static void *take_all_but(unsigned int who, size_t keep)
{
	void *taken = NULL;

	while (left(who) > keep) {
		void **page = page_pool_get(&owners[who].pool);

		*page = taken;
		taken = page;
	}
	return taken;
}

static void give_back(unsigned int who, void *taken)
{
	while (taken != NULL) {
		void *next = *(void **)taken;

		page_pool_put(&owners[who].pool, taken);
		taken = next;
	}
}

/* With every number of free pages: done, or nothing has changed, and no page lost. */
static void exhaust(unsigned int who, enum memory_op op, enum memory_op undo, size_t shape,
		    uint64_t base, unsigned int attrs)
{
	bool ns = (attrs & MEM_NS) != 0;
	enum memory_status status = MEMORY_NO_MEMORY;
	struct pages p = { 0 };
	enum memory_state was;

	shapes[shape](&p, base);
	was = look(who, p.pieces[0].base, ns);
	for (size_t keep = 0; status == MEMORY_NO_MEMORY; keep++) {
		void *taken = take_all_but(who, keep);

		if (who != NWD) {
			watch_begin(who, base, 8 * MIB);
		}
		status = begin(who, op, &p.list, &attrs);
		if (who != NWD) {
			(void)watch_end();
		}
		if (status == MEMORY_OK) {
			/* Given up: as if nothing had been asked for. */
			memory_cancel(&owners[who], &p.list, attrs);
			check_all(&p, who, ns, was);
			assert_int_equal(left(who), keep);
			assert_int_equal(operate(who, op, &p.list, attrs), MEMORY_OK);
			check_all(&p, who, ns, memory_next(op, was));
			memory_commit(&owners[who], undo, &p.list, attrs);
		}
		check_all(&p, who, ns, was);
		assert_int_equal(left(who), keep);
		give_back(who, taken);
		assert_true(keep < 32);
	}
	assert_int_equal(status, MEMORY_OK);
}

static void test_out_of_tables(void **state)
{
	(void)state;
	for (size_t shape = 0; shape < NUMBER_OF(shapes); shape++) {
		exhaust(0, MEMORY_SHARE, MEMORY_RECLAIM_SHARED, shape, SP_BLOCKS(0), 0);
		exhaust(0, MEMORY_LEND, MEMORY_RECLAIM_LENT, shape, SP_BLOCKS(0), 0);
		exhaust(0, MEMORY_BUFFER_MAP, MEMORY_BUFFER_UNMAP, shape, SP_HUGE(0), 0);
		exhaust(0, MEMORY_RETRIEVE_LENT, MEMORY_RELINQUISH_LENT, shape, SP_BLOCKS(1), RW);
		exhaust(0, MEMORY_RETRIEVE_SHARED, MEMORY_RELINQUISH_SHARED, shape, 0x80000000,
			RW | MEM_NS);
		exhaust(NWD, MEMORY_SHARE, MEMORY_RECLAIM_SHARED, shape, 0x80000000,
			RW | MEM_X | MEM_NS);
	}
}

/* --- Anything, beside a list of pages -------------------------------------------------------- */

#define MODEL_PAGES 2048
#define MODEL_SP SP_BLOCKS(0)
#define MODEL_NWD 0x80000000ul
static enum memory_state model[SPS + 1][MODEL_PAGES]; /* SP 0 and 1: MODEL_SP; NWd: MODEL_NWD */

static void random_list(struct pages *p, uint64_t base)
{
	uint32_t at = (uint32_t)rand() % 64;
	uint32_t count = (uint32_t)rand() % 12 + 1;

	p->list.count = 0;
	for (uint32_t i = 0; i < count && at < MODEL_PAGES; i++) {
		uint32_t pages = rand() % 4 == 0 ? 512 : (uint32_t)rand() % 40 + 1;

		if (pages == 512) {
			at = (at + 511) & ~511u;
		}
		if (at + pages > MODEL_PAGES) {
			break;
		}
		add(p, base + at * PAGE_SIZE, pages);
		at += pages + (uint32_t)rand() % 100;
	}
	if (p->list.count == 0) {
		add(p, base, 1);
	}
}

static bool model_allows(const struct pages *p, unsigned int who, uint64_t base, enum memory_op op)
{
	for (uint32_t i = 0; i < p->list.count; i++) {
		for (uint32_t k = 0; k < p->pieces[i].pages; k++) {
			size_t page = (p->pieces[i].base - base) / PAGE_SIZE + k;

			if (memory_next(op, model[who][page]) == MEMORY_STATES) {
				return false;
			}
		}
	}
	return true;
}

static void model_do(const struct pages *p, unsigned int who, uint64_t base, enum memory_op op)
{
	for (uint32_t i = 0; i < p->list.count; i++) {
		for (uint32_t k = 0; k < p->pieces[i].pages; k++) {
			size_t page = (p->pieces[i].base - base) / PAGE_SIZE + k;

			model[who][page] = memory_next(op, model[who][page]);
		}
	}
}

/* The lists of what is under way, and what would undo it. */
#define OPEN_MAX 24
static struct {
	unsigned int who;
	enum memory_op undo;
	struct pages pages;
} open_ops[OPEN_MAX];
static unsigned int open_count;

static const struct {
	enum memory_op op, undo;
	bool sender;
} undoable[] = {
	{ MEMORY_SHARE, MEMORY_RECLAIM_SHARED, true },
	{ MEMORY_LEND, MEMORY_RECLAIM_LENT, true },
	{ MEMORY_DONATE, MEMORY_RECLAIM_DONATED, true },
	{ MEMORY_BUFFER_MAP, MEMORY_BUFFER_UNMAP, true },
	{ MEMORY_RETRIEVE_SHARED, MEMORY_RELINQUISH_SHARED, false },
	{ MEMORY_RETRIEVE_LENT, MEMORY_RELINQUISH_LENT, false },
};

static void undo_one(unsigned int i)
{
	unsigned int who = open_ops[i].who;
	uint64_t base = who == NWD ? MODEL_NWD : MODEL_SP;

	memory_commit(&owners[who], open_ops[i].undo, &open_ops[i].pages.list,
		      who == NWD ? MEM_NS : 0);
	model_do(&open_ops[i].pages, who, base, open_ops[i].undo);
	open_ops[i] = open_ops[--open_count];
	for (unsigned int k = 0; k < OPEN_MAX; k++) {
		open_ops[k].pages.list.pieces = open_ops[k].pages.pieces;
	}
}

static void do_one(void)
{
	unsigned int way = (unsigned int)rand() % NUMBER_OF(undoable);
	unsigned int who = undoable[way].sender ? (unsigned int)rand() % 2 * NWD : 1;
	uint64_t base = who == NWD ? MODEL_NWD : MODEL_SP;
	struct pages *p = &open_ops[open_count].pages;
	enum memory_op op = undoable[way].op;
	enum memory_status status;

	random_list(p, base);
	status = operate(who, op, &p->list, RW);
	if (!model_allows(p, who, base, op)) {
		assert_int_equal(status, MEMORY_DENIED);
		return;
	}
	if (status == MEMORY_NO_MEMORY) {
		return;
	}
	assert_int_equal(status, MEMORY_OK);
	model_do(p, who, base, op);
	open_ops[open_count].who = who;
	open_ops[open_count].undo = undoable[way].undo;
	open_count++;
}

static void model_compare(void)
{
	for (unsigned int who = 0; who <= NWD; who++) {
		uint64_t base = who == NWD ? MODEL_NWD : MODEL_SP;

		for (size_t i = 0; i < MODEL_PAGES; i++) {
			uint64_t at = base + i * PAGE_SIZE;

			assert_int_equal(look(who, at, who == NWD), model[who][i]);
			if (who != NWD) {
				assert_int_equal(space_lookup(&spaces[who], ipa_of(at), false),
						 accessible(model[who][i]) ? RW : 0);
			}
		}
	}
}

static void test_random(void **state)
{
	size_t before[SPS + 1];

	(void)state;
	srand(4);
	for (unsigned int pa = 1; pa < 6; pa++) {
		host_ID_AA64MMFR0_EL1 = 0x20 | pa;
		(void)setup(NULL);
		for (unsigned int who = 0; who <= NWD; who++) {
			before[who] = left(who);
			for (size_t i = 0; i < MODEL_PAGES; i++) {
				model[who][i] = who == 1 ? MEMORY_NONE : MEMORY_OWNED;
			}
		}
		for (unsigned int round = 0; round < 4000; round++) {
			watch_begin(round % 2, MODEL_SP, 8 * MIB);
			if (open_count == OPEN_MAX || (open_count > 0 && rand() % 2)) {
				undo_one((unsigned int)rand() % open_count);
			} else {
				do_one();
			}
			host_stage2_flushed = spaces[round % 2].vttbr; /* or the other one's */
			(void)watch_end();
			if (round % 64 == 0) {
				model_compare();
			}
		}
		while (open_count > 0) {
			undo_one(open_count - 1);
		}
		model_compare();
		for (unsigned int who = 0; who <= NWD; who++) {
			assert_int_equal(left(who), before[who]);
		}
	}
	host_ID_AA64MMFR0_EL1 = 0x25;
}

/* --- Lists that are none --------------------------------------------------------------------- */

static enum memory_status list_check(struct pages *p)
{
	size_t before = page_pool_count(&roots);
	uint64_t pages;
	enum memory_status status = memory_list_check(&p->list, &roots, &pages);

	assert_int_equal(page_pool_count(&roots), before);
	for (uint32_t i = 0; i < p->list.count; i++) {
		assert_int_equal(p->pieces[i].reserved, 0);
	}
	return status;
}

static void test_list_form(void **state)
{
	static const struct {
		uint64_t base;
		uint32_t pages;
		enum memory_status status;
	} rows[] = {
		{ 0, 1, MEMORY_OK },
		{ 0, 0, MEMORY_INVALID },
		{ 0x1000, 0, MEMORY_INVALID },
		{ 0x1800, 1, MEMORY_INVALID },
		{ 1, 1, MEMORY_INVALID },
		{ (1ul << 48) - 0x1000, 1, MEMORY_OK },
		{ (1ul << 48) - 0x1000, 2, MEMORY_INVALID },
		{ 1ul << 48, 1, MEMORY_INVALID },
		{ UINT64_MAX & ~0xffful, 1, MEMORY_INVALID },
		{ UINT64_MAX & ~0xffful, UINT32_MAX, MEMORY_INVALID },
		{ 0x1000, UINT32_MAX, MEMORY_OK },
	};
	struct pages empty = { 0 };

	(void)state;
	assert_int_equal(list_check(&empty), MEMORY_INVALID);
	for (size_t i = 0; i < NUMBER_OF(rows); i++) {
		struct pages p = { 0 };

		add(&p, rows[i].base, rows[i].pages);
		assert_int_equal(list_check(&p), rows[i].status);
		/* As one of several, it is as wrong. */
		add(&p, 0x7fff00000000, 1);
		if (rows[i].status == MEMORY_INVALID) {
			assert_int_equal(list_check(&p), rows[i].status);
		}
	}
}

static bool naive_overlap(const struct pages *p)
{
	for (uint32_t i = 0; i < p->list.count; i++) {
		for (uint32_t k = 0; k < i; k++) {
			const struct ffa_constituent *a = &p->pieces[i];
			const struct ffa_constituent *b = &p->pieces[k];

			if (a->base < b->base + b->pages * PAGE_SIZE &&
			    b->base < a->base + a->pages * PAGE_SIZE) {
				return true;
			}
		}
	}
	return false;
}

static void test_overlap(void **state)
{
	unsigned int seen[2] = { 0 };

	(void)state;
	srand(3);
	for (unsigned int round = 0; round < 20000; round++) {
		struct pages p = { 0 };
		uint32_t count = (uint32_t)rand() % (round % 100 == 0 ? 200 : 9) + 1;
		bool overlap;

		for (uint32_t i = 0; i < count; i++) {
			add(&p, (uint64_t)rand() % (count * 40) * PAGE_SIZE,
			    (uint32_t)rand() % 12 + 1);
		}
		overlap = naive_overlap(&p);
		seen[overlap]++;
		assert_int_equal(list_check(&p), overlap ? MEMORY_INVALID : MEMORY_OK);
	}
	assert_true(seen[0] > 1000 && seen[1] > 1000);
}

/* A page that is in two pieces of different chunks, far from each other; and no page to sort in. */
static void test_overlap_of_chunks(void **state)
{
	static struct pages chunks[20];
	struct page_pool none = { 0 };
	uint64_t pages;

	(void)state;
	for (unsigned int c = 0; c < NUMBER_OF(chunks); c++) {
		chunks[c].list.count = 0;
		for (uint32_t i = 0; i < PIECES_MAX; i++) {
			/* Descending, so that it has to be sorted. */
			add(&chunks[c], (200000ul - (c * PIECES_MAX + i) * 2) * PAGE_SIZE, 1);
		}
		chunks[c].list.next = c + 1 < NUMBER_OF(chunks) ? &chunks[c + 1].list : NULL;
	}
	assert_int_equal(memory_list_check(&chunks[0].list, &roots, &pages), MEMORY_OK);
	assert_int_equal(pages, NUMBER_OF(chunks) * PIECES_MAX);
	assert_int_equal(memory_list_check(&chunks[0].list, &none, &pages), MEMORY_NO_MEMORY);
	for (uint32_t i = 0; i < PIECES_MAX; i += 17) {
		struct ffa_constituent *p = &chunks[19].pieces[PIECES_MAX - 1 - i];
		uint64_t was = p->base;

		p->base = chunks[0].pieces[i].base;
		assert_int_equal(memory_list_check(&chunks[0].list, &roots, &pages),
				 MEMORY_INVALID);
		p->base = was;
		assert_int_equal(p->reserved, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_matrix, setup),
		cmocka_unit_test_setup(test_round_trips, setup),
		cmocka_unit_test_setup(test_donation, setup),
		cmocka_unit_test_setup(test_mixed, setup),
		cmocka_unit_test_setup(test_tlb, setup),
		cmocka_unit_test_setup(test_out_of_tables, setup),
		cmocka_unit_test_setup(test_random, setup),
		cmocka_unit_test_setup(test_list_form, setup),
		cmocka_unit_test_setup(test_overlap, setup),
		cmocka_unit_test_setup(test_overlap_of_chunks, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
