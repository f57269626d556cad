/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Stage 2: the registers and descriptors of the architecture, what is kept when tables run out,
 * and random changes against a plain list of pages.
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
#include "arch/table.h"

#define MIB (1ul << 20)
#define GIB (1ul << 30)
#define POOL_PAGES 256
#define RW (MEM_R | MEM_W)

static char memory[POOL_PAGES * PAGE_SIZE] __attribute__((aligned(64 * PAGE_SIZE)));

struct fixture {
	struct page_pool pool;
	struct space space;
};

static struct fixture fixture_make(void)
{
	struct fixture f = { 0 };

	memset(memory, 0xff, sizeof(memory));
	page_pool_add(&f.pool, memory, POOL_PAGES);
	return f;
}

static struct range range(uint64_t base, uint64_t size)
{
	return (struct range){ .base = base, .size = size };
}

/* PARange 0-6: bits of address, level of the root, tables in it. */
static const struct {
	unsigned int bits;
	unsigned int level;
	size_t roots;
} sizes[] = {
	{ 32, 2, 4 }, { 36, 1, 1 }, { 40, 1, 2 }, { 42, 1, 8 },
	{ 44, 0, 1 }, { 48, 0, 1 }, { 48, 0, 1 },
};

/* The hardware's walk, written once more: the leaf for ia, or 0; *level is where it was. */
static uint64_t walk(uint64_t root, uint64_t ia, unsigned int level, unsigned int *at)
{
	const uint64_t *table = (const uint64_t *)root;
	uint64_t index = ia >> (39 - 9 * level);

	for (;;) {
		uint64_t entry = table[index];

		*at = level;
		if ((entry & 1) == 0) {
			return 0;
		}
		if (level == 3) {
			assert_int_equal(entry & 3, 3);
			return entry;
		}
		if ((entry & 3) == 1) {
			assert_true(level > 0);
			assert_int_equal(entry & 0xffffffffffff & ((1ul << (39 - 9 * level)) - 1) &
						 ~0xffful,
					 0);
			return entry;
		}
		table = (const uint64_t *)(entry & 0xfffffffff000);
		level++;
		index = (ia >> (39 - 9 * level)) & 511;
	}
}

static void test_registers(void **state)
{
	(void)state;
	for (unsigned int pa = 0; pa < 7; pa++) {
		struct fixture f = fixture_make();
		struct space *s = &f.space;
		uint64_t table_size = sizes[pa].roots * PAGE_SIZE;

		host_ID_AA64MMFR0_EL1 = 0xabc0 | pa;
		assert_int_equal(space_pa_bits(), sizes[pa].bits);
		assert_true(space_init(s, SPACE_STAGE2, 0x1234, &f.pool));
		assert_int_equal(f.pool.free_count, POOL_PAGES - 2 * sizes[pa].roots);
		assert_int_equal(s->vttbr >> 48, 0x1234);
		assert_int_equal(s->vsttbr >> 48, 0);
		assert_int_equal((s->vttbr & 0xffffffffffff) % table_size, 0);
		assert_int_equal(s->vsttbr % table_size, 0);
		/* T0SZ, SL0, TG0 = 4K in both. */
		assert_int_equal(s->vtcr & 0x3f, 64 - sizes[pa].bits);
		assert_int_equal(s->vtcr >> 6 & 3, 2 - sizes[pa].level);
		assert_int_equal(s->vtcr >> 14 & 3, 0);
		assert_int_equal(s->vstcr, (s->vtcr & 0xff) | 1ul << 31);
		/* Walks write-back and inner shareable; PS; VMID of 16 bits; NSA without NSW. */
		assert_int_equal(s->vtcr >> 8 & 0x3f, 0x35);
		assert_int_equal(s->vtcr >> 16 & 7, pa < 5 ? pa : 5);
		assert_int_equal(s->vtcr >> 19 & 1, 1);
		assert_int_equal(s->vtcr >> 20, 0xc00);
	}
	host_ID_AA64MMFR0_EL1 = 2ul << 4 | 5;
}

static void test_vmid_of_8_bits(void **state)
{
	struct fixture f = fixture_make();

	(void)state;
	host_ID_AA64MMFR1_EL1 = 0;
	assert_true(space_init(&f.space, SPACE_STAGE2, 255, &f.pool));
	assert_int_equal(f.space.vtcr >> 19 & 1, 0);
	host_ID_AA64MMFR1_EL1 = 2ul << 4;
}

static void test_leaves(void **state)
{
	static const struct {
		unsigned int attrs;
		uint64_t leaf;
	} rows[] = {
		/* AF, inner shareable; memory type, S2AP, XN */
		{ MEM_R | MEM_W | MEM_X, 0x7ff },
		{ MEM_R | MEM_X, 0x77f },
		{ MEM_R, 1ul << 54 | 0x77f },
		{ RW, 1ul << 54 | 0x7ff },
		{ RW | MEM_DEVICE, 1ul << 54 | 0x7c3 },
		{ RW | MEM_NS, 1ul << 54 | 0x7ff },
		{ MEM_R | MEM_NS | MEM_DEVICE, 1ul << 54 | 0x743 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture f = fixture_make();
		bool ns = (rows[i].attrs & MEM_NS) != 0;
		uint64_t root;
		unsigned int level;

		assert_true(space_init(&f.space, SPACE_STAGE2, 1, &f.pool));
		root = ns ? f.space.vttbr & 0xffffffffffff : f.space.vsttbr;
		assert_true(space_map(&f.space, range(0x12345000, PAGE_SIZE), rows[i].attrs));
		assert_int_equal(walk(root, 0x12345678, 0, &level), 0x12345000 | rows[i].leaf);
		assert_int_equal(space_lookup(&f.space, ipa_of(0x12345fff), ns), rows[i].attrs);
		/* Neither around it nor in the other space. */
		assert_int_equal(space_lookup(&f.space, ipa_of(0x12345000), !ns), 0);
		assert_int_equal(space_lookup(&f.space, ipa_of(0x12344fff), ns), 0);
		assert_int_equal(space_lookup(&f.space, ipa_of(0x12346000), ns), 0);
	}
}

static void test_blocks(void **state)
{
	/* From a page below 1 GiB to a page above 2 GiB + 4 MiB: page, 1 GiB, 2 x 2 MiB, page. */
	struct range r = range(GIB - PAGE_SIZE, GIB + 4 * MIB + 2 * PAGE_SIZE);
	static const struct {
		uint64_t at;
		unsigned int level;
	} rows[] = {
		{ GIB - PAGE_SIZE, 3 },   { GIB, 1 },
		{ GIB + 77 * MIB, 1 },    { 2 * GIB + 3 * MIB, 2 },
		{ 2 * GIB + 4 * MIB, 3 },
	};
	struct fixture f = fixture_make();
	size_t free;

	(void)state;
	assert_true(space_init(&f.space, SPACE_STAGE2, 1, &f.pool));
	free = f.pool.free_count;
	assert_true(space_map(&f.space, r, RW));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned int level;
		uint64_t leaf = walk(f.space.vsttbr, rows[i].at, 0, &level);

		assert_int_equal(level, rows[i].level);
		assert_int_equal(leaf & TABLE_ADDRESS_MASK,
				 rows[i].at & ~((1ul << (39 - 9 * level)) - 1));
	}
	assert_int_equal(free - f.pool.free_count + 1, space_pages_needed(SPACE_STAGE2, r));

	/* A page out of the middle of 1 GiB; its neighbours stay. */
	host_stage2_flushes = 0;
	assert_true(space_unmap(&f.space, range(GIB + 5 * PAGE_SIZE, PAGE_SIZE), false));
	assert_true(host_stage2_flushes >= 3); /* two levels taken apart, one page */
	assert_int_equal(host_stage2_flushed, f.space.vttbr);
	assert_int_equal(space_lookup(&f.space, ipa_of(GIB + 4 * PAGE_SIZE), false), RW);
	assert_int_equal(space_lookup(&f.space, ipa_of(GIB + 5 * PAGE_SIZE), false), 0);
	assert_int_equal(space_lookup(&f.space, ipa_of(GIB + 6 * PAGE_SIZE), false), RW);
	assert_int_equal(space_lookup(&f.space, ipa_of(2 * GIB - PAGE_SIZE), false), RW);

	/* All of it: every table comes back. */
	assert_true(space_unmap(&f.space, r, false));
	assert_int_equal(f.pool.free_count, free);
}

static void test_refusals(void **state)
{
	struct fixture f = fixture_make();
	struct space *s = &f.space;
	size_t free;

	(void)state;
	assert_true(space_init(s, SPACE_STAGE2, 1, &f.pool));
	assert_true(space_map(s, range(4 * MIB, 2 * MIB), RW));
	assert_true(space_map(s, range(8 * MIB, PAGE_SIZE), RW));
	free = f.pool.free_count;
	/* The same again is nothing. Anything else that overlaps changes nothing. */
	assert_true(space_map(s, range(4 * MIB, 2 * MIB), RW));
	assert_false(space_map(s, range(4 * MIB, 2 * MIB), MEM_R));
	assert_false(space_map(s, range(4 * MIB, PAGE_SIZE), RW));
	assert_false(space_map(s, range(8 * MIB, 2 * MIB), RW));
	assert_false(space_map(s, range(0, 5 * MIB), RW));
	assert_false(space_map(s, range(7 * MIB, GIB), MEM_X));
	assert_int_equal(space_lookup(s, ipa_of(0), false), 0);
	assert_int_equal(space_lookup(s, ipa_of(7 * MIB), false), 0);
	/* Not pages, or beyond the physical addresses. */
	assert_false(space_map(s, range(16 * MIB + 1, PAGE_SIZE), RW));
	assert_false(space_map(s, range(16 * MIB, PAGE_SIZE - 1), RW));
	assert_false(space_map(s, range((1ul << 48) - PAGE_SIZE, 2 * PAGE_SIZE), RW));
	assert_int_equal(space_lookup(s, ipa_of(1ul << 48), false), 0);
	assert_int_equal(space_lookup(s, ipa_of(UINT64_MAX), false), 0);
	assert_int_equal(f.pool.free_count, free);
	assert_true(space_map(s, range((1ul << 48) - PAGE_SIZE, PAGE_SIZE), RW));
	assert_true(space_unmap(s, range((1ul << 48) - PAGE_SIZE, PAGE_SIZE), false));
	assert_int_equal(f.pool.free_count, free);
}

/* With every number of free pages: all of it or nothing, and no page lost. */
static void test_out_of_tables(void **state)
{
	struct range r = range(10 * MIB + PAGE_SIZE, GIB);
	size_t need = space_pages_needed(SPACE_STAGE2, r) - 1;

	(void)state;
	for (size_t left = 0; left <= need; left++) {
		struct fixture f = fixture_make();
		void *taken = NULL;

		assert_true(space_init(&f.space, SPACE_STAGE2, 1, &f.pool));
		while (f.pool.free_count > left) {
			void **page = page_pool_get(&f.pool);

			*page = taken;
			taken = page;
		}
		host_stage2_flushes = 0;
		assert_int_equal(space_map(&f.space, r, RW), left == need);
		if (left < need) {
			assert_int_equal(f.pool.free_count, left);
			assert_int_equal(space_lookup(&f.space, ipa_of(r.base), false), 0);
			/* Tables that were seen for a moment are flushed before they go back. */
			assert_int_equal(host_stage2_flushes, left != 0);
			continue;
		}
		/* No table for taking a block apart: it stays. */
		assert_int_equal(f.pool.free_count, 0);
		assert_false(space_unmap(&f.space, range(20 * MIB, PAGE_SIZE), false));
		assert_int_equal(space_lookup(&f.space, ipa_of(20 * MIB), false), RW);
		assert_true(space_unmap(&f.space, range(20 * MIB, 2 * MIB), false));
		assert_true(space_unmap(&f.space, r, false));
		assert_int_equal(f.pool.free_count, need);
	}
}

static void test_init_without_pages(void **state)
{
	(void)state;
	host_ID_AA64MMFR0_EL1 = 2ul << 4 | 3; /* 42 bits: eight tables at each root */
	for (size_t pages = 0; pages <= 16; pages++) {
		struct page_pool pool = PAGE_POOL(memory, pages);
		struct space s;

		assert_int_equal(space_init(&s, SPACE_STAGE2, 1, &pool), pages == 16);
		assert_int_equal(pool.free_count, pages == 16 ? 0 : pages);
	}
	host_ID_AA64MMFR0_EL1 = 2ul << 4 | 5;
}

#define MODEL_PAGES 4096 /* 16 MiB */
#define MODEL_BASE (GIB - 8 * MIB)

/* Whether [first, first + count) is all unmapped in the model, or all mapped. */
static bool all(const uint8_t *model, size_t first, size_t count, uint8_t value)
{
	for (size_t i = first; i < first + count; i++) {
		if (model[i] != value) {
			return false;
		}
	}
	return true;
}

static void test_random(void **state)
{
	static const unsigned int attrs[] = { MEM_R, RW, MEM_R | MEM_X, RW | MEM_DEVICE };
	static uint8_t model[2][MODEL_PAGES];

	(void)state;
	srand(1);
	for (unsigned int pa = 0; pa < 6; pa++) {
		struct fixture f = fixture_make();
		size_t free;

		host_ID_AA64MMFR0_EL1 = 2ul << 4 | pa;
		memset(model, 0, sizeof(model));
		assert_true(space_init(&f.space, SPACE_STAGE2, 1, &f.pool));
		free = f.pool.free_count;
		for (unsigned int round = 0; round < 400; round++) {
			size_t unit = rand() % 2 ? 512 : 1;
			size_t first = (size_t)rand() % (MODEL_PAGES / unit) * unit;
			size_t count = ((size_t)rand() % 3 + 1) * unit;
			unsigned int a = attrs[rand() % 4] | (rand() % 2 ? MEM_NS : 0);
			bool ns = (a & MEM_NS) != 0;
			struct range r;

			if (first + count > MODEL_PAGES) {
				continue;
			}
			r = range(MODEL_BASE + first * PAGE_SIZE, count * PAGE_SIZE);
			if (rand() % 2) {
				assert_true(space_unmap(&f.space, r, ns));
				memset(&model[ns][first], 0, count);
			} else if (all(model[ns], first, count, 0)) {
				assert_true(space_map(&f.space, r, a));
				memset(&model[ns][first], (int)a, count);
			}
			for (size_t i = 0; i < MODEL_PAGES; i += round % 16 == 0 ? 1 : 61) {
				uint64_t at = MODEL_BASE + i * PAGE_SIZE;

				assert_int_equal(space_lookup(&f.space, ipa_of(at), false),
						 model[0][i]);
				assert_int_equal(space_lookup(&f.space, ipa_of(at), true),
						 model[1][i]);
			}
		}
		for (unsigned int ns = 0; ns < 2; ns++) {
			assert_true(space_unmap(&f.space,
						range(MODEL_BASE, MODEL_PAGES * PAGE_SIZE), ns));
		}
		assert_int_equal(f.pool.free_count, free);
	}
	host_ID_AA64MMFR0_EL1 = 2ul << 4 | 5;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registers),
		cmocka_unit_test(test_vmid_of_8_bits),
		cmocka_unit_test(test_leaves),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_out_of_tables),
		cmocka_unit_test(test_init_without_pages),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
