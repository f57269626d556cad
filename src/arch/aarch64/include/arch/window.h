/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_WINDOW_H
#define ARCH_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/stage1_layout.h"
#include "lib/addr.h"

/* Physical address of the image, and what the linker has laid out. */
extern uint64_t image_pa;
extern char image_start[], image_end[];

/* Where the physical address is seen in its window, mapped or not. */
static inline void *stage1_window(uint64_t pa, bool ns)
{
	return (void *)((ns ? STAGE1_WINDOW_NS : STAGE1_WINDOW_SECURE) + pa);
}

/* Physical address of something of ours: an object of the image, or seen through a window. */
static inline pa_t stage1_pa(const void *va)
{
	uint64_t offset = (uint64_t)va - STAGE1_IMAGE_VA;
	uint64_t size = (uint64_t)(image_end - image_start);

	return pa_of(offset < size ? image_pa + offset
				   : (uint64_t)va & (STAGE1_WINDOW_NS - STAGE1_WINDOW_SECURE - 1));
}

/* The inverse: where something of ours, in secure memory, is seen. Each step of a walk asks. */
static inline void *stage1_va(pa_t pa)
{
	uint64_t offset = pa.pa - image_pa;
	uint64_t size = (uint64_t)(image_end - image_start);

	return offset < size ? image_start + offset : stage1_window(pa.pa, false);
}

#endif
