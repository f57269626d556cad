/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_CACHE_H
#define ARCH_CACHE_H

#include <stddef.h>

/* Everybody sees the same memory here. */
static inline void arch_cache_clean(const void *va, size_t size)
{
	(void)va;
	(void)size;
}

static inline void arch_cache_forget_code(void)
{
}

#endif
