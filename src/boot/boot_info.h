/* SPDX-License-Identifier: BSD-3-Clause */
/* What a partition is told when it starts: the boot information blob of FF-A 1.1. */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include <stdint.h>

#include "boot/package.h"

void boot_info_write(void *blob, uint64_t load_address, const struct package *package,
		     uint32_t ffa_version);

#endif
