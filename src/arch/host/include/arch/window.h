/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_WINDOW_H
#define ARCH_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"

static inline void *stage1_window(uint64_t pa, bool ns)
{
	(void)ns;
	return (void *)pa;
}

static inline pa_t stage1_pa(const void *va)
{
	return pa_of((uint64_t)va);
}

static inline void *stage1_va(pa_t pa)
{
	return stage1_window(pa.pa, false);
}

#endif
