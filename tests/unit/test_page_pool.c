/* SPDX-License-Identifier: BSD-3-Clause */

/* Pools of pages: nothing twice, nothing lost, always zeroed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/addr.h"
#include "lib/page_pool.h"

#define PAGES 32

/* One page too low for the alignment of all of them, so that runs have to skip some. */
static char memory[(PAGES + 2) * PAGE_SIZE] __attribute__((aligned(2 * PAGE_SIZE)));
static char *const base = memory + PAGE_SIZE;

static bool is_zero(const char *page, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (page[i] != 0) {
			return false;
		}
	}
	return true;
}

/* Takes all there is; checks that each page is one of ours, zeroed, and was not taken before. */
static size_t drain(struct page_pool *p, bool seen[PAGES + 1])
{
	size_t count = 0;
	char *page;

	while ((page = page_pool_get(p)) != NULL) {
		size_t i = (size_t)(page - base) / PAGE_SIZE;

		assert_true(i <= PAGES && page == base + i * PAGE_SIZE);
		assert_false(seen[i]);
		assert_true(is_zero(page, PAGE_SIZE));
		seen[i] = true;
		memset(page, 0xa5, PAGE_SIZE);
		count++;
	}
	assert_int_equal(p->free_count, 0);
	return count;
}

static void test_get_put(void **state)
{
	struct page_pool p = { 0 };
	bool seen[PAGES + 1] = { false };
	bool again[PAGES + 1] = { false };

	(void)state;
	assert_null(page_pool_get(&p));
	memset(memory, 0x5a, sizeof(memory));
	page_pool_add(&p, base, PAGES);
	assert_int_equal(p.free_count, PAGES);
	assert_int_equal(drain(&p, seen), PAGES);
	for (size_t i = 0; i < PAGES; i += 3) {
		page_pool_put(&p, base + i * PAGE_SIZE);
	}
	assert_int_equal(p.free_count, (PAGES + 2) / 3);
	assert_int_equal(drain(&p, again), (PAGES + 2) / 3);
}

static void test_several_ranges(void **state)
{
	bool seen[PAGES + 1] = { false };
	struct page_pool p = { 0 };

	(void)state;
	page_pool_add(&p, base, 4);
	page_pool_add(&p, base + 6 * PAGE_SIZE, 16); /* takes the first one's place */
	page_pool_add(&p, base + 28 * PAGE_SIZE, 2);
	assert_int_equal(p.free_count, 22);
	assert_ptr_equal(page_pool_get_run(&p, 15), base + 6 * PAGE_SIZE);
	assert_int_equal(p.free_count, 7);
	assert_int_equal(drain(&p, seen), 7);
}

static void test_runs(void **state)
{
	bool seen[PAGES + 1] = { false };
	struct page_pool p = PAGE_POOL(base, PAGES);
	char *run;

	(void)state;
	memset(memory, 0x5a, sizeof(memory));
	assert_null(page_pool_get_run(&p, 0));
	assert_null(page_pool_get_run(&p, PAGES + 1));
	run = page_pool_get_run(&p, 4);
	assert_non_null(run);
	assert_int_equal((uintptr_t)run % (4 * PAGE_SIZE), 0);
	assert_true(is_zero(run, 4 * PAGE_SIZE));
	assert_int_equal(p.free_count, PAGES - 4);
	/* The pages that were skipped are not lost. */
	for (size_t i = 0; i < 4; i++) {
		seen[(size_t)(run - base) / PAGE_SIZE + i] = true;
	}
	assert_int_equal(drain(&p, seen), PAGES - 4);
	/* Pages that have come back are no run. */
	page_pool_put(&p, base);
	page_pool_put(&p, base + PAGE_SIZE);
	assert_null(page_pool_get_run(&p, 2));
	assert_non_null(page_pool_get_run(&p, 1));
}

/* Pages move with what is known of them, out of ranges and single ones. */
static void test_move(void **state)
{
	for (size_t count = 0; count <= PAGES + 1; count++) {
		struct page_pool from = { 0 };
		struct page_pool to = { 0 };
		bool seen[PAGES + 1] = { false };

		(void)state;
		memset(memory, 0x5a, sizeof(memory));
		page_pool_add(&from, base, PAGES / 2);
		page_pool_add(&from, base + (PAGES / 2 + 1) * PAGE_SIZE, PAGES / 2);
		assert_int_equal(page_pool_move(&to, &from, count), count <= PAGES);
		if (count > PAGES) {
			count = 0;
			assert_int_equal(drain(&to, seen), 0);
			assert_int_equal(drain(&from, seen), PAGES);
			break;
		}
		assert_int_equal(page_pool_count(&to), count);
		assert_int_equal(drain(&to, seen), count);
		assert_int_equal(drain(&from, seen), PAGES - count);
	}
}

/* What is given back as zero is handed out so, first, and not written again but for the link. */
static void test_clean(void **state)
{
	struct page_pool p = { 0 };
	uint64_t *page;
	uint64_t *other;

	(void)state;
	page_pool_add(&p, base, 3);
	page = page_pool_get(&p);
	other = page_pool_get(&p);
	page_pool_put_clean(&p, page);
	page_pool_put(&p, other);
	page[1] = 7; /* nobody would do that; it shows that nobody looks */
	assert_int_equal(p.free_count, 3);
	assert_ptr_equal(page_pool_get(&p), page);
	assert_int_equal(page[0], 0);
	assert_int_equal(page[1], 7);
	assert_ptr_equal(page_pool_get(&p), other);
	assert_true(is_zero((const char *)other, PAGE_SIZE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get_put), cmocka_unit_test(test_several_ranges),
		cmocka_unit_test(test_runs),    cmocka_unit_test(test_move),
		cmocka_unit_test(test_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
