/* SPDX-License-Identifier: BSD-3-Clause */
/* Who owns which physical memory and which interrupt: nothing may have two owners. */
#ifndef BOOT_CLAIMS_H
#define BOOT_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/manifest.h"
#include "boot/sp_manifest.h"
#include "core/partition.h"
#include "lib/range.h"

#define CLAIMS_MAX (GIC_MAX_REGIONS + MANIFEST_MAX_WORKING + 4)

struct claim {
	struct range range;
	const char *owner;
};

struct claims {
	/* The SPMC's own. */
	struct claim list[CLAIMS_MAX];
	uint32_t count;
	struct range console; /* one partition may share it */

	const struct manifest *manifest; /* what there is, and the memory of each partition */

	/* Partitions that are accepted. */
	struct partition *const *partitions;
	uint32_t partition_count;
};

void claims_add(struct claims *c, struct range r, const char *owner);
const char *claims_ours(const struct claims *c, struct range r);
const char *claims_owner(const struct claims *c, struct range r, const struct manifest_sp *except);
bool claims_check(const struct claims *c, struct sp_manifest *s, const struct manifest_sp *sp);

#endif
