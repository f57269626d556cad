/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SP packages: a header ("SPKG", or a transfer list), the SP manifest, perhaps a HOB list, the
 * image.
 */
#ifndef BOOT_PACKAGE_H
#define BOOT_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/range.h"

#define PACKAGE_MAGIC 0x474B5053u /* "SPKG" */

struct package {
	/* Offsets from the load address. */
	struct range manifest;
	struct range image;
	struct range hob_list; /* size 0: none */
	uint64_t boot_info_room; /* bytes at offset 0 that the boot information may use */
};

bool package_extent(const void *head, uint64_t mem_size, uint64_t *extent, const char *name);
bool package_read(struct package *p, const void *base, uint64_t mem_size, const char *name);

#endif
