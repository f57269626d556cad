/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pages of working memory, filled from ranges of memory at boot; a page comes zeroed and is given
 * back to the pool that it came from. Memory that has never been taken is not touched.
 */
#ifndef LIB_PAGE_POOL_H
#define LIB_PAGE_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/spinlock.h"

struct page_pool {
	struct spinlock lock;
	char *run; /* guarded by lock, as all below; pages in a row that were never taken */
	size_t run_pages;
	void *clean; /* others that are zero; the first word of a free page is the next */
	void *free; /* the rest */
	size_t free_count; /* of all */
};

/* A pool of `pages` pages at `base`, as a constant. */
#define PAGE_POOL(base, pages)                                                                     \
	{                                                                                          \
		.run = (char *)(base), .run_pages = (pages), .free_count = (pages)                 \
	}

/* Gives [base, base + pages * 4096) to the pool; base page aligned, mapped, ours from now on. */
void page_pool_add(struct page_pool *p, void *base, size_t pages);

/* A zeroed page, or NULL when the pool is empty. */
void *page_pool_get(struct page_pool *p);

void page_pool_put(struct page_pool *p, void *page);

/* The same for a page that is zero, so that nobody has to make it so again. */
void page_pool_put_clean(struct page_pool *p, void *page);

/* Moves pages at boot, those that were never taken first. False: there are not that many. */
bool page_pool_move(struct page_pool *to, struct page_pool *from, size_t pages);

/* Pages that are free now. */
size_t page_pool_count(struct page_pool *p);

/*
 * `pages` contiguous zeroed pages, aligned to the power of two that divides `pages`, or NULL. For
 * boot: more than one page at a time comes only from the longest range that was never taken.
 */
void *page_pool_get_run(struct page_pool *p, size_t pages);

#endif
