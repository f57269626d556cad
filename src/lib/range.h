/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checked ranges: all arithmetic on addresses and sizes that come from outside goes through here.
 * A struct range that was made by range_make() is not empty and does not wrap.
 */
#ifndef LIB_RANGE_H
#define LIB_RANGE_H

#include <stdbool.h>
#include <stdint.h>

struct range {
	uint64_t base;
	uint64_t size; /* bytes, not 0 */
};

/* Makes a range; false, and *r untouched, when size is 0 or base + size wraps 64 bits. */
static inline bool range_make(struct range *r, uint64_t base, uint64_t size)
{
	uint64_t last;

	if (size == 0 || __builtin_add_overflow(base, size - 1, &last)) {
		return false;
	}
	*r = (struct range){ .base = base, .size = size };
	return true;
}

/* The last byte (not one past it, which may not exist). */
static inline uint64_t range_last(struct range r)
{
	return r.base + (r.size - 1);
}

static inline bool range_overlaps(struct range a, struct range b)
{
	return a.base <= range_last(b) && b.base <= range_last(a);
}

static inline bool range_contains(struct range outer, struct range inner)
{
	return outer.base <= inner.base && range_last(inner) <= range_last(outer);
}

static inline bool range_has(struct range r, uint64_t addr)
{
	return r.base <= addr && addr <= range_last(r);
}

#endif
