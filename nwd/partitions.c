/* SPDX-License-Identifier: BSD-3-Clause */
#include "partitions.h"

#include <stddef.h>
#include <string.h>

#include "bulkhead/samples.h"
#include "call.h"

uint8_t rxtx_tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
uint8_t rxtx_rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

static struct ffa_partition_info found[PARTITIONS_MAX];
static uint32_t found_count;

bool rxtx_map(void)
{
	struct ffa_regs r = FFA_CALL(FFA_RXTX_MAP_64, (uint64_t)rxtx_tx, (uint64_t)rxtx_rx, 1);

	return ffa_fid(&r) == FFA_SUCCESS_32;
}

bool rxtx_unmap(void)
{
	struct ffa_regs r = FFA_CALL(FFA_RXTX_UNMAP_32);

	return ffa_fid(&r) == FFA_SUCCESS_32;
}

/*
 * Asks for all partitions, through buffers that are mapped for the while, and remembers them.
 * Returns how many; 0 also when the call fails or its answer is no list of 1.1 descriptors.
 */
uint32_t partitions_find(void)
{
	struct ffa_regs r;

	found_count = 0;
	if (!rxtx_map()) {
		return 0;
	}
	r = FFA_CALL(FFA_PARTITION_INFO_GET_32);
	if (ffa_fid(&r) == FFA_SUCCESS_32) {
		if (ffa_w(&r, 3) == sizeof(found[0]) && ffa_w(&r, 2) <= PARTITIONS_MAX) {
			found_count = ffa_w(&r, 2);
			memcpy(found, rxtx_rx, found_count * sizeof(found[0]));
		}
		FFA_CALL(FFA_RX_RELEASE_32);
	}
	rxtx_unmap();
	return found_count;
}

const struct ffa_partition_info *partitions_info(uint32_t index)
{
	return &found[index];
}

bool uuid_is(const struct ffa_uuid *uuid, uint32_t sample)
{
	const struct ffa_uuid wanted = SAMPLE_UUID(sample);

	return memcmp(uuid, &wanted, sizeof(wanted)) == 0;
}

/* The id of a sample partition as partitions_find() found it; 0: it is not there. */
uint16_t sp_id(uint32_t sample)
{
	for (uint32_t i = 0; i < found_count; i++) {
		if (uuid_is(&found[i].uuid, sample)) {
			return found[i].id;
		}
	}
	return 0;
}
