/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_CACHE_H
#define ARCH_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "arch/sysreg.h"

/* Puts what we wrote to [va, va + size) into memory, for readers whose caches are off. */
static inline void arch_cache_clean(const void *va, size_t size)
{
	size_t line = 4ul << (sysreg_read(CTR_EL0) >> 16 & 0xF); /* DminLine */
	uintptr_t end = (uintptr_t)va + size;

	for (uintptr_t at = (uintptr_t)va & ~(line - 1); at < end; at += line) {
		__asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
	}
	__asm__ volatile("dsb sy" : : : "memory");
}

/* What is in memory is what every CPU fetches from now on. */
static inline void arch_cache_forget_code(void)
{
	__asm__ volatile("ic ialluis\n\tdsb ish\n\tisb" : : : "memory");
}

#endif
