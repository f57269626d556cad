/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/pristine.h"

#include <string.h>

#include "arch/cache.h"
#include "arch/page.h"
#include "arch/stage1.h"
#include "core/partition.h"
#include "lib/addr.h"
#include "lib/print.h"

/* We see so much of a partition's memory at a time: for that a table page is enough, or two. */
#define PIECE 0x200000ul

/* Makes the copy of p's package. False: there are too few pages. */
bool pristine_keep(struct partition *p, struct page_pool *pages)
{
	struct range r = { p->memory.base, p->package_size };
	char *copy = page_pool_get_run(pages, r.size >> PAGE_SHIFT);
	const void *package = copy != NULL ? stage1_map(r, MEM_R | MEM_W) : NULL;

	if (package == NULL) {
		return false;
	}
	memcpy(copy, package, r.size);
	stage1_unmap(r, false);
	p->pristine = copy;
	return true;
}

/* The bytes from `offset` on of the memory of p, which we see at va: package, then zeroes. */
static void fill(char *va, const struct partition *p, uint64_t offset, uint64_t size)
{
	for (uint64_t done = 0; done < size; done += PAGE_SIZE) {
		if (offset + done < p->package_size) {
			memcpy(va + done, p->pristine + offset + done, PAGE_SIZE);
		} else {
			arch_page_clear(va + done);
		}
	}
}

/*
 * The memory of p, of which nobody runs, is as it was at p's first instruction, for caches on or
 * off, zero where boot has loaded nothing. What else its manifest gives it is not touched. False:
 * we have no table pages to see it with.
 */
bool pristine_restore(const struct partition *p)
{
	for (uint64_t offset = 0; offset < p->memory.size; offset += PIECE) {
		uint64_t rest = p->memory.size - offset;
		struct range r = { p->memory.base + offset, rest < PIECE ? rest : PIECE };
		char *va = stage1_map(r, MEM_R | MEM_W);

		if (va == NULL) {
			return false;
		}
		fill(va, p, offset, r.size);
		arch_cache_clean(va, r.size);
		stage1_unmap(r, false);
	}
	arch_cache_forget_code();
	return true;
}
