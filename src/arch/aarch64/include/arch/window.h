/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_WINDOW_H
#define ARCH_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/stage1_layout.h"

/* Where the physical address is seen in its window, mapped or not. */
static inline void *stage1_window(uint64_t pa, bool ns)
{
	return (void *)((ns ? STAGE1_WINDOW_NS : STAGE1_WINDOW_SECURE) + pa);
}

#endif
