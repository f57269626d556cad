/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_WINDOW_H
#define ARCH_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

static inline void *stage1_window(uint64_t pa, bool ns)
{
	(void)ns;
	return (void *)pa;
}

#endif
