/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pages of working memory. A pool is a list of free pages, filled from ranges of memory at boot;
 * a page comes zeroed and is given back to the pool that it came from.
 */
#ifndef LIB_PAGE_POOL_H
#define LIB_PAGE_POOL_H

#include <stddef.h>

#include "lib/spinlock.h"

struct page_pool {
	struct spinlock lock;
	void *free; /* guarded by lock; the first word of a free page is the next */
	size_t free_count; /* guarded by lock */
};

/* Gives [base, base + pages * 4096) to the pool; base page aligned, mapped, ours from now on. */
void page_pool_add(struct page_pool *p, void *base, size_t pages);

/* A zeroed page, or NULL when the pool is empty. */
void *page_pool_get(struct page_pool *p);

void page_pool_put(struct page_pool *p, void *page);

/* `pages` contiguous zeroed pages, or NULL. For boot: takes them only if the pool still holds an
 * untouched run, so it is called before pages are taken and given back. */
void *page_pool_get_run(struct page_pool *p, size_t pages);

#endif
