/* SPDX-License-Identifier: BSD-3-Clause */
/* The image that a test boots: nothing is in it, but it has a place and a size. */
#ifndef ARCH_BOOT_H
#define ARCH_BOOT_H

#include <stddef.h>
#include <stdint.h>

#define HOST_IMAGE_PA 0x0e100000ul
#define HOST_IMAGE_BYTES 0x20100ul

static inline uint64_t image_load_pa(void)
{
	return HOST_IMAGE_PA;
}

static inline size_t image_size(void)
{
	return HOST_IMAGE_BYTES;
}

#endif
