/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Address types: a physical, an intermediate physical and a virtual address never mix by accident.
 */
#ifndef LIB_ADDR_H
#define LIB_ADDR_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
	uint64_t pa;
} pa_t;

typedef struct {
	uint64_t ipa;
} ipa_t;

#define PAGE_SIZE 4096ul
#define PAGE_SHIFT 12

static inline pa_t pa_of(uint64_t addr)
{
	return (pa_t){ .pa = addr };
}

static inline ipa_t ipa_of(uint64_t addr)
{
	return (ipa_t){ .ipa = addr };
}

static inline bool is_page_aligned(uint64_t n)
{
	return (n & (PAGE_SIZE - 1)) == 0;
}

/* Rounds up to a page; the caller has made sure that n + 4095 does not wrap. */
static inline uint64_t page_align_up(uint64_t n)
{
	return (n + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

static inline uint64_t page_align_down(uint64_t n)
{
	return n & ~(PAGE_SIZE - 1);
}

#endif
