/* SPDX-License-Identifier: BSD-3-Clause */
/* What a partition is told when it starts: the boot information blob of FF-A 1.1. */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include <stdint.h>

#include "boot/package.h"
#include "ffa/ffa.h"

/* What a partition may ask for; bits. */
#define BOOT_INFO_MANIFEST (1u << FFA_BOOT_INFO_TYPE_FDT)
#define BOOT_INFO_HOB_LIST (1u << FFA_BOOT_INFO_TYPE_HOB)

void boot_info_write(void *blob, uint64_t load_address, const struct package *package,
		     unsigned int asked, uint32_t ffa_version);

#endif
