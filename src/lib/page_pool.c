/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/page_pool.h"

#include <stdbool.h>
#include <stdint.h>

#include "arch/page.h"
#include "lib/addr.h"

/* Called with the lock, as the next two. */
static void push(struct page_pool *p, void *page)
{
	*(void **)page = p->free;
	p->free = page;
}

static void *take_run(struct page_pool *p, size_t pages)
{
	void *taken = p->run;

	p->run += pages * PAGE_SIZE;
	p->run_pages -= pages;
	p->free_count -= pages;
	return taken;
}

static void *take(struct page_pool *p)
{
	void *page = p->free;

	if (page != NULL) {
		p->free = *(void **)page;
		p->free_count--;
	} else if (p->run_pages > 0) {
		page = take_run(p, 1);
	}
	return page;
}

void page_pool_add(struct page_pool *p, void *base, size_t pages)
{
	char *rest = base;
	size_t rest_pages = pages;

	spin_lock(&p->lock);
	p->free_count += pages;
	/* The longer one stays in one piece. */
	if (pages > p->run_pages) {
		rest = p->run;
		rest_pages = p->run_pages;
		p->run = base;
		p->run_pages = pages;
	}
	for (; rest_pages > 0; rest_pages--, rest += PAGE_SIZE) {
		push(p, rest);
	}
	spin_unlock(&p->lock);
}

void *page_pool_get(struct page_pool *p)
{
	void *page;

	spin_lock(&p->lock);
	page = take(p);
	spin_unlock(&p->lock);
	if (page != NULL) {
		arch_page_clear(page);
	}
	return page;
}

void page_pool_put(struct page_pool *p, void *page)
{
	spin_lock(&p->lock);
	push(p, page);
	p->free_count++;
	spin_unlock(&p->lock);
}

void *page_pool_get_run(struct page_pool *p, size_t pages)
{
	size_t align = (pages & -pages) * PAGE_SIZE;
	size_t skip;
	char *taken = NULL;

	if (pages <= 1) {
		return pages == 0 ? NULL : page_pool_get(p);
	}
	spin_lock(&p->lock);
	skip = (-(uintptr_t)p->run & (align - 1)) / PAGE_SIZE;
	if (p->run_pages >= skip && p->run_pages - skip >= pages) {
		for (; skip > 0; skip--) {
			push(p, p->run);
			p->run += PAGE_SIZE;
			p->run_pages--;
		}
		taken = take_run(p, pages);
	}
	spin_unlock(&p->lock);
	for (size_t i = 0; taken != NULL && i < pages; i++) {
		arch_page_clear(taken + i * PAGE_SIZE);
	}
	return taken;
}

size_t page_pool_count(struct page_pool *p)
{
	size_t count;

	spin_lock(&p->lock);
	count = p->free_count;
	spin_unlock(&p->lock);
	return count;
}
