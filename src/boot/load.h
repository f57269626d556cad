/* SPDX-License-Identifier: BSD-3-Clause */
/* From a package in memory to a partition that can be started. */
#ifndef BOOT_LOAD_H
#define BOOT_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "boot/claims.h"
#include "boot/manifest.h"
#include "boot/sp_manifest.h"
#include "core/partition.h"
#include "lib/page_pool.h"

/* Working memory for objects that stay: from one run of pages, each on cache lines of its own. */
struct arena {
	char *next;
	char *end;
};

#define ARENA_ALIGN 64ul

/* What an object of `size` bytes takes. */
static inline size_t arena_size(size_t size)
{
	return (size + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
}

void *arena_take(struct arena *a, size_t size);

size_t load_objects_size(const struct manifest_sp *sp);
bool load_read(struct claims *c, struct sp_manifest *s, const struct manifest_sp *sp);
size_t load_pages_needed(const struct partition *p);
bool load_make(struct partition *p, struct arena *a, struct page_pool *pages);

#endif
