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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get_put),
		cmocka_unit_test(test_several_ranges),
		cmocka_unit_test(test_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
