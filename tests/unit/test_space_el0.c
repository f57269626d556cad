/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The address space of a partition at S-EL0: TTBR0_EL2, the leaves of stage 1, rights that change,
 * and random changes against a plain list of pages. What it has in common with stage 2:
 * test_space.c.
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
#define RX (MEM_R | MEM_X)
#define PA_48 (2ul << 4 | 5)

static char memory[POOL_PAGES * PAGE_SIZE] __attribute__((aligned(64 * PAGE_SIZE)));
static struct page_pool pool;
static struct space space;

static struct range range(uint64_t base, uint64_t size)
{
	return (struct range){ .base = base, .size = size };
}

static int setup(void **state)
{
	(void)state;
	memset(memory, 0xff, sizeof(memory));
	pool = (struct page_pool){ 0 };
	page_pool_add(&pool, memory, POOL_PAGES);
	host_ID_AA64MMFR0_EL1 = PA_48;
	host_el0_flushes = 0;
	host_stage2_flushes = 0;
	assert_true(space_init(&space, SPACE_EL0, 0x1234, &pool));
	return 0;
}

/* The hardware's walk of 48 bits: the leaf for va, or 0. */
static uint64_t walk(uint64_t va)
{
	const uint64_t *table = (const uint64_t *)(space.vttbr & 0xfffffffff000);

	for (unsigned int level = 0;; level++) {
		uint64_t entry = table[(va >> (39 - 9 * level)) & 511];

		if ((entry & 1) == 0) {
			return 0;
		}
		if (level == 3 || (entry & 2) == 0) {
			assert_true(level > 0 && (level < 3 || (entry & 3) == 3));
			return entry;
		}
		table = (const uint64_t *)(entry & 0xfffffffff000);
	}
}

/* One root, whatever the CPU can address; ASID; and what S-EL1 partitions need after it. */
static void test_registers(void **state)
{
	(void)state;
	for (unsigned int pa = 0; pa < 7; pa++) {
		struct space stage2;

		host_ID_AA64MMFR0_EL1 = 2ul << 4 | pa;
		pool = (struct page_pool){ 0 };
		page_pool_add(&pool, memory, POOL_PAGES);
		assert_true(space_init(&space, SPACE_EL0, 0xabcd, &pool));
		assert_int_equal(pool.free_count, POOL_PAGES - 1);
		assert_int_equal(space.vttbr >> 48, 0xabcd);
		assert_int_equal(space.vsttbr, space.vttbr);
		assert_true(space_init(&stage2, SPACE_STAGE2, 1, &pool));
		assert_int_equal(space.vtcr, stage2.vtcr);
		assert_int_equal(space.vstcr, stage2.vstcr);
		assert_true(space_map(&space, range(0x12345000, PAGE_SIZE), RW));
		assert_int_equal(walk(0x12345000) & 0xfffffffff000, 0x12345000);
	}
}

static void test_leaves(void **state)
{
	/* AF, nG, inner shareable, PXN; attribute 1 is normal memory; AP, UXN, NS. */
	static const uint64_t always = 3 | 1ul << 10 | 1ul << 11 | 3ul << 8 | 1ul << 53;
	static const struct {
		unsigned int attrs;
		uint64_t bits;
	} rows[] = {
		{ RX, 1ul << 2 | 1ul << 6 | 1ul << 7 },
		{ MEM_R, 1ul << 2 | 1ul << 6 | 1ul << 7 | 1ul << 54 },
		{ RW, 1ul << 2 | 1ul << 6 | 1ul << 54 },
		{ RW | MEM_NS, 1ul << 2 | 1ul << 5 | 1ul << 6 | 1ul << 54 },
		{ RW | MEM_DEVICE, 1ul << 6 | 1ul << 54 },
		{ MEM_R | MEM_DEVICE | MEM_NS, 1ul << 5 | 1ul << 6 | 1ul << 7 | 1ul << 54 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t at = 0x12345000 + i * PAGE_SIZE;
		bool ns = (rows[i].attrs & MEM_NS) != 0;

		assert_true(space_map(&space, range(at, PAGE_SIZE), rows[i].attrs));
		assert_int_equal(walk(at), at | always | rows[i].bits);
		assert_int_equal(space_lookup(&space, ipa_of(at + 0xfff), ns), rows[i].attrs);
		assert_int_equal(space_lookup(&space, ipa_of(at), !ns), 0);
		/* It is one address: nothing else can be there. */
		assert_false(space_map(&space, range(at, PAGE_SIZE), rows[i].attrs ^ MEM_NS));
	}
	assert_int_equal(host_stage2_flushes, 0);
}

/* Rights change in place; blocks are taken apart at the ends. */
static void test_protect(void **state)
{
	(void)state;
	assert_true(space_map(&space, range(2 * GIB, GIB), RX));
	host_el0_flushes = 0;
	assert_true(space_protect(&space, range(2 * GIB + 5 * PAGE_SIZE, 4 * MIB), false, RW));
	assert_true(host_el0_flushes > 0);
	assert_int_equal(host_el0_flushed, space.vttbr);
	for (uint64_t at = 0; at < 8 * MIB; at += PAGE_SIZE) {
		bool in = at >= 5 * PAGE_SIZE && at < 4 * MIB + 5 * PAGE_SIZE;

		assert_int_equal(space_lookup(&space, ipa_of(2 * GIB + at), false), in ? RW : RX);
	}
	assert_int_equal(space_lookup(&space, ipa_of(3 * GIB - 1), false), RX);
	/* What is not a right stays: address, type, address space. */
	assert_true(space_map(&space, range(GIB, 2 * PAGE_SIZE), RW | MEM_NS));
	assert_true(space_protect(&space, range(GIB, PAGE_SIZE), true, MEM_R));
	assert_int_equal(space_lookup(&space, ipa_of(GIB), true), MEM_R | MEM_NS);
	assert_int_equal(walk(GIB) & 0xfffffffff000, GIB);
	assert_int_equal(space_lookup(&space, ipa_of(GIB + PAGE_SIZE), true), RW | MEM_NS);
}

/* No page for the table that a block needs: nothing has changed. */
static void test_protect_without_pages(void **state)
{
	(void)state;
	assert_true(space_map(&space, range(2 * MIB, 2 * MIB), RX));
	while (page_pool_get(&pool) != NULL) {
	}
	assert_false(space_protect(&space, range(2 * MIB, PAGE_SIZE), false, RW));
	assert_false(space_protect(&space, range(4 * MIB - PAGE_SIZE, PAGE_SIZE), false, RW));
	assert_int_equal(space_lookup(&space, ipa_of(2 * MIB), false), RX);
	assert_int_equal(space_lookup(&space, ipa_of(4 * MIB - 1), false), RX);
	assert_true(space_protect(&space, range(2 * MIB, 2 * MIB), false, MEM_R));
	assert_int_equal(space_lookup(&space, ipa_of(3 * MIB), false), MEM_R);
}

#define MODEL_PAGES 2048 /* 8 MiB */
#define MODEL_BASE (GIB - 4 * MIB)

/* Mapped, unmapped, given other rights: as a list of pages says. */
static void test_random(void **state)
{
	static const unsigned int attrs[] = { MEM_R, RW, RX, RW | MEM_NS };
	static uint8_t model[MODEL_PAGES];
	size_t free = pool.free_count;

	(void)state;
	srand(2);
	memset(model, 0, sizeof(model));
	for (unsigned int round = 0; round < 2000; round++) {
		size_t unit = rand() % 2 ? 512 : 1;
		size_t first = (size_t)rand() % (MODEL_PAGES / unit) * unit;
		size_t count = ((size_t)rand() % 3 + 1) * unit;
		unsigned int a = attrs[rand() % 4];
		bool same = true;
		bool ns;
		struct range r;

		if (first + count > MODEL_PAGES) {
			continue;
		}
		for (size_t i = first; i < first + count; i++) {
			same = same && (model[i] & MEM_NS) == (model[first] & MEM_NS) &&
			       (model[i] != 0) == (model[first] != 0);
		}
		r = range(MODEL_BASE + first * PAGE_SIZE, count * PAGE_SIZE);
		ns = (model[first] & MEM_NS) != 0;
		if (!same) {
			continue;
		}
		if (model[first] == 0) {
			assert_true(space_map(&space, r, a));
			memset(&model[first], (int)a, count);
		} else if (rand() % 2) {
			assert_true(space_unmap(&space, r, ns));
			memset(&model[first], 0, count);
		} else {
			assert_true(space_protect(&space, r, ns, a & ~MEM_NS));
			memset(&model[first], (int)((a & ~MEM_NS) | (ns ? MEM_NS : 0)), count);
		}
		for (size_t i = 0; i < MODEL_PAGES; i += round % 16 == 0 ? 1 : 61) {
			ipa_t at = ipa_of(MODEL_BASE + i * PAGE_SIZE);
			bool there = model[i] != 0;
			bool is_ns = (model[i] & MEM_NS) != 0;

			assert_int_equal(space_lookup(&space, at, false),
					 there && !is_ns ? model[i] : 0);
			assert_int_equal(space_lookup(&space, at, true),
					 there && is_ns ? model[i] : 0);
		}
	}
	assert_true(space_unmap(&space, range(MODEL_BASE, MODEL_PAGES * PAGE_SIZE), false));
	assert_int_equal(pool.free_count, free);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_registers, setup),
		cmocka_unit_test_setup(test_leaves, setup),
		cmocka_unit_test_setup(test_protect, setup),
		cmocka_unit_test_setup(test_protect_without_pages, setup),
		cmocka_unit_test_setup(test_random, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
