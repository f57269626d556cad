/* SPDX-License-Identifier: BSD-3-Clause */
#include "arch/stage1.h"

#include "arch/boot.h"
#include "arch/tlb.h"
#include "boot_tables.h"
#include "lib/print.h"
#include "lib/spinlock.h"
#include "arch/stage1_format.h"

/*
 * Until there is a pool. A window takes two tables and one for each 2 MiB: enough for the console,
 * the GIC, a manifest and the first working memory.
 */
#define FIRST_PAGES 12
static char first_pages[FIRST_PAGES][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static struct page_pool first_pool = PAGE_POOL(first_pages, FIRST_PAGES);

static void flush(const struct table *t, uint64_t va, uint64_t size)
{
	(void)t;
	tlb_flush_stage1(va, size);
}

static const struct table_format format = { .flush = flush };

/* Pages only: nothing ever has to be taken apart under code that is running on it. */
static struct spinlock lock;
static struct table table = {
	/* guarded by lock */
	.root = stage1_root, .pages = &first_pool,           .format = &format,
	.root_level = 0,     .leaf_level = TABLE_LAST_LEVEL,
};

static bool in_reach(struct range r)
{
	return is_page_aligned(r.base | r.size) && range_last(r) >> STAGE1_PA_BITS == 0;
}

static uint64_t leaf_attrs(unsigned int attrs)
{
	return S1_AF | S1_INNER_SHAREABLE | S1_UXN | S1_PXN |
	       (attrs & MEM_DEVICE ? S1_ATTR_DEVICE : S1_ATTR_NORMAL) |
	       (attrs & MEM_W ? 0 : S1_READ_ONLY) | (attrs & MEM_NS ? S1_NS : 0);
}

void *stage1_map(struct range r, unsigned int attrs)
{
	void *window = stage1_window(r.base, (attrs & MEM_NS) != 0);
	bool mapped;

	if (!in_reach(r)) {
		return NULL;
	}
	spin_lock(&lock);
	mapped = table_map(&table, (uint64_t)window, r.base, r.size, leaf_attrs(attrs));
	spin_unlock(&lock);
	return mapped ? window : NULL;
}

void stage1_unmap(struct range r, bool ns)
{
	ASSERT(in_reach(r));
	spin_lock(&lock);
	table_unmap(&table, (uint64_t)stage1_window(r.base, ns), r.size);
	spin_unlock(&lock);
}

/* --- Slots ----------------------------------------------------------------------------------- */

static uint64_t slot_va(unsigned int slot, unsigned int page)
{
	return STAGE1_SLOTS + ((uint64_t)slot * STAGE1_SLOT_PAGES + page) * PAGE_SIZE;
}

bool stage1_slots_make(unsigned int count)
{
	struct table_cursor c = TABLE_CURSOR_NONE;
	bool made;

	spin_lock(&lock);
	made = table_make(&table, &c, slot_va(0, 0), slot_va(count, 0) - slot_va(0, 0));
	spin_unlock(&lock);
	return made;
}

size_t stage1_slots_pages(unsigned int count)
{
	return 2 + 1 + count * STAGE1_SLOT_PAGES / TABLE_ENTRIES; /* of levels 1 and 2, and 3 */
}

/*
 * The entries of a slot are in one table, which stays, and are its owner's alone: no lock, and
 * nothing counts them.
 */
_Static_assert(TABLE_ENTRIES % STAGE1_SLOT_PAGES == 0, "a slot is in one table");

static void slot_write(unsigned int slot, unsigned int page, struct range r, uint64_t leaf,
		       uint64_t step)
{
	unsigned int level;
	uint64_t *entry = table_find(&table, slot_va(slot, page), &level);

	ASSERT(level == TABLE_LAST_LEVEL && page + (r.size >> PAGE_SHIFT) <= STAGE1_SLOT_PAGES);
	for (uint64_t done = 0; done < r.size; done += PAGE_SIZE, leaf += step) {
		__atomic_store_n(entry++, leaf, __ATOMIC_RELAXED);
	}
}

void *stage1_slot_map(unsigned int slot, unsigned int page, struct range r, unsigned int attrs)
{
	ASSERT(in_reach(r));
	slot_write(slot, page, r, table_leaf(r.base, leaf_attrs(attrs), TABLE_LAST_LEVEL),
		   PAGE_SIZE);
	tlb_sync();
	return (void *)slot_va(slot, page);
}

void stage1_slot_unmap(unsigned int slot, unsigned int page, struct range r)
{
	slot_write(slot, page, r, 0, 0);
	tlb_flush_stage1(slot_va(slot, page), r.size);
}

void stage1_use_pool(struct page_pool *pages)
{
	void *page;

	spin_lock(&lock);
	while ((page = page_pool_get(&first_pool)) != NULL) {
		page_pool_put(pages, page);
	}
	table.pages = pages;
	spin_unlock(&lock);
}
