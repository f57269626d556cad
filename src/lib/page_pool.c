/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/page_pool.h"

#include <stdbool.h>
#include <stdint.h>

#include "arch/page.h"
#include "lib/addr.h"

/* Called with the lock, as the others before page_pool_add(). */
static void push(void **list, void *page)
{
	*(void **)page = *list;
	*list = page;
}

static void *pop(void **list)
{
	void *page = *list;

	*list = *(void **)page;
	return page;
}

static void *take_run(struct page_pool *p, size_t pages)
{
	void *taken = p->run;

	p->run += pages * PAGE_SIZE;
	p->run_pages -= pages;
	p->free_count -= pages;
	return taken;
}

/* *clean: it is zero but for its first word. */
static void *take(struct page_pool *p, bool *clean)
{
	void **list = p->clean != NULL ? &p->clean : &p->free;

	*clean = list == &p->clean;
	if (*list == NULL) {
		return p->run_pages > 0 ? take_run(p, 1) : NULL;
	}
	p->free_count--;
	return pop(list);
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
		push(&p->free, rest);
	}
	spin_unlock(&p->lock);
}

bool page_pool_move(struct page_pool *to, struct page_pool *from, size_t pages)
{
	size_t in_run;
	void *run;
	bool clean;

	if (page_pool_count(from) < pages) {
		return false;
	}
	spin_lock(&from->lock);
	in_run = from->run_pages < pages ? from->run_pages : pages;
	run = take_run(from, in_run);
	spin_unlock(&from->lock);
	if (in_run > 0) {
		page_pool_add(to, run, in_run);
	}
	for (; in_run < pages; in_run++) {
		spin_lock(&from->lock);
		run = take(from, &clean);
		spin_unlock(&from->lock);
		page_pool_put(to, run);
	}
	return true;
}

void *page_pool_get(struct page_pool *p)
{
	bool clean;
	void *page;

	spin_lock(&p->lock);
	page = take(p, &clean);
	spin_unlock(&p->lock);
	if (page != NULL && clean) {
		*(void **)page = NULL;
	} else if (page != NULL) {
		arch_page_clear(page);
	}
	return page;
}

static void put(struct page_pool *p, void **list, void *page)
{
	spin_lock(&p->lock);
	push(list, page);
	p->free_count++;
	spin_unlock(&p->lock);
}

void page_pool_put(struct page_pool *p, void *page)
{
	put(p, &p->free, page);
}

void page_pool_put_clean(struct page_pool *p, void *page)
{
	put(p, &p->clean, page);
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
			push(&p->free, p->run);
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
