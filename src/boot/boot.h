/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs once, on the CPU that boots: from the SPMC manifest to partitions that can be started. */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include <stdint.h>

#include "boot/claims.h"
#include "boot/load.h"
#include "boot/manifest.h"
#include "boot/sp_manifest.h"

/* All that boot knows: too large for a stack, and not used afterwards. */
struct boot {
	struct manifest manifest;
	struct claims claims;
	struct range blob; /* the manifest in memory */
	struct range working[MANIFEST_MAX_WORKING + 1];
	uint32_t working_count;
	uint64_t pool_bytes; /* working memory without the tables to map it */
	struct arena arena;
	bool partitions_read;
	struct sp_manifest sp; /* the one that is being read */
};

void boot_system(struct boot *b, uint64_t manifest_pa);
void boot_read_partitions(struct boot *b);

/* main.c (tests and tools have their own): tells EL3 that there will be no SPMC, and stops. */
_Noreturn void boot_stop(void);

#endif
