/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_PAGE_H
#define ARCH_PAGE_H

#include <stdint.h>

#include "arch/sysreg.h"
#include "lib/addr.h"

#define DCZID_DZP (1u << 4)

/* Zeroes a page of Normal memory, by the CPU's largest steps. */
static inline void arch_page_clear(void *page)
{
	uint64_t dczid = sysreg_read(DCZID_EL0);
	char *end = (char *)page + PAGE_SIZE;

	if (dczid & DCZID_DZP) {
		for (char *at = page; at < end; at += 16) {
			__asm__ volatile("stp xzr, xzr, [%0]" : : "r"(at) : "memory");
		}
		return;
	}
	for (char *at = page; at < end; at += 4ul << (dczid & 0xf)) {
		__asm__ volatile("dc zva, %0" : : "r"(at) : "memory");
	}
}

#endif
