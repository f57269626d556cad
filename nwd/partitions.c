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

/* FF-A 1.0 does not say which services a partition has: they are asked for one by one. */
static uint32_t find_1_0(void)
{
	uint32_t count = 0;

	for (uint32_t sample = 1; sample < SAMPLES_END; sample++) {
		const struct ffa_uuid uuid = SAMPLE_UUID(sample);
		struct ffa_regs r = FFA_CALL(FFA_PARTITION_INFO_GET_32, uuid.w[0], uuid.w[1],
					     uuid.w[2], uuid.w[3]);

		if (ffa_fid(&r) != FFA_SUCCESS_32) {
			continue;
		}
		if (ffa_w(&r, 2) == 1 && count < PARTITIONS_MAX) {
			found[count].uuid = uuid;
			memcpy(&found[count++], rxtx_rx, FFA_PARTITION_INFO_SIZE_1_0);
		}
		FFA_CALL(FFA_RX_RELEASE_32);
	}
	return count;
}

static uint32_t find_all(void)
{
	struct ffa_regs r = FFA_CALL(FFA_PARTITION_INFO_GET_32);
	uint32_t count = 0;

	if (ffa_fid(&r) == FFA_SUCCESS_32) {
		if (ffa_w(&r, 3) == sizeof(found[0]) && ffa_w(&r, 2) <= PARTITIONS_MAX) {
			count = ffa_w(&r, 2);
			memcpy(found, rxtx_rx, count * sizeof(found[0]));
		}
		FFA_CALL(FFA_RX_RELEASE_32);
	}
	return count;
}

/*
 * Asks for all partitions, through buffers that are mapped for the while, and remembers them.
 * Returns how many; 0 also when the call fails or its answer is no list of descriptors of our
 * version.
 */
uint32_t partitions_find(void)
{
	found_count = 0;
	if (!rxtx_map()) {
		return 0;
	}
	found_count = ffa_our_version() < FFA_VERSION_1_1 ? find_1_0() : find_all();
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
