/* SPDX-License-Identifier: BSD-3-Clause */
/* SP packages ("SPKG"): a header, the SP manifest, the image. */
#ifndef BOOT_PACKAGE_H
#define BOOT_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/range.h"

#define PACKAGE_MAGIC 0x474B5053u /* "SPKG" */
#define PACKAGE_MAGIC_TRANSFER_LIST 0x4A0FB10Bu

struct package {
	/* Offsets from the load address. */
	struct range manifest;
	struct range image;
	uint64_t boot_info_room; /* bytes at offset 0 that the boot information may use */
};

bool package_read(struct package *p, const void *head, uint64_t mem_size, const char *name);

#endif
