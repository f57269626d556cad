/* SPDX-License-Identifier: BSD-3-Clause */
/* The manifest of a secure partition. */
#ifndef BOOT_SP_MANIFEST_H
#define BOOT_SP_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/dt.h"
#include "boot/manifest.h"
#include "boot/package.h"
#include "core/partition.h"

/*
 * A build for boards whose SMMUs somebody else has set up may let SPs own devices that do DMA.
 */
#ifndef CONFIG_ALLOW_UNCONFINED_DMA
#define CONFIG_ALLOW_UNCONFINED_DMA 0
#endif

struct sp_manifest {
	struct dt dt;

	/*
	 * What the partition will be. regions[] does not overlap: where a memory region lies inside
	 * the partition's own memory, that is what is left around it.
	 */
	struct partition partition;
	uint32_t phandles[PARTITION_MAX_REGIONS]; /* of its regions; 0: none */
	unsigned int boot_info; /* BOOT_INFO_* that it asks for */

	/* As read. */
	struct dt_value compatible, uuids, methods;
	uint32_t id, vcpu_count, exception_level, execution_state, granule;
	uint64_t load_address, entry_offset, ns_action, abort_action;
	bool managed_exit;
};

void sp_manifest_begin(struct sp_manifest *s, const struct manifest_sp *sp);
bool sp_manifest_read(struct sp_manifest *s, const void *fdt, const struct manifest_sp *sp,
		      const struct package *package);

#endif
