/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/cpu.h"

struct spmc spmc;

struct partition *partition_find(uint16_t id)
{
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		if (spmc.partitions[i]->id == id) {
			return spmc.partitions[i];
		}
	}
	return NULL;
}
