/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as the SPMC manifest: no crash, and nothing accepted that does not fit together. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arch/host.h"
#include "boot/manifest.h"
#include "lib/addr.h"
#include "lib/print.h"

#define BOOT_MPIDR 0

static void check_cpus(const struct manifest *m)
{
	ASSERT(m->cpu_count >= 1 && m->cpu_count <= MANIFEST_MAX_CPUS);
	ASSERT(m->mpidr[0] == BOOT_MPIDR);
	for (uint32_t i = 0; i < m->cpu_count; i++) {
		for (uint32_t k = 0; k < i; k++) {
			ASSERT(m->mpidr[i] != m->mpidr[k]);
		}
	}
}

static void check_range(struct range r)
{
	struct range same;

	ASSERT(range_make(&same, r.base, r.size));
	ASSERT(is_page_aligned(r.base) && is_page_aligned(r.size));
}

static void check_memory(const struct manifest *m)
{
	ASSERT(m->memory_count >= 1 && m->memory_count <= MANIFEST_MAX_MEMORY);
	for (uint32_t i = 0; i < m->memory_count; i++) {
		check_range(m->memory[i].range);
	}
	ASSERT(m->working_count <= MANIFEST_MAX_WORKING);
	for (uint32_t i = 0; i < m->working_count; i++) {
		check_range(m->working[i]);
		ASSERT(manifest_has_memory(m, MEMORY_SECURE, m->working[i]));
	}
	if (m->has_gic) {
		check_range(m->gic.distributor);
		ASSERT(m->gic.redistributor_count <= GIC_MAX_REGIONS);
	}
}

static void check_sps(const struct manifest *m)
{
	ASSERT(m->sp_count <= MANIFEST_MAX_SPS);
	for (uint32_t i = 0; i < m->sp_count; i++) {
		const struct manifest_sp *sp = &m->sps[i];

		ASSERT(sp->number == i + 1);
		ASSERT(memchr(sp->name, '\0', sizeof(sp->name)) != NULL);
		if (!sp->usable) {
			continue;
		}
		check_range(sp->memory);
		ASSERT(sp->is_ffa && sp->name[0] != '\0');
		ASSERT(sp->vcpu_count == 1 || sp->vcpu_count == m->cpu_count);
		ASSERT(manifest_has_memory(m, MEMORY_SECURE, sp->memory));
		ASSERT(dt_value_cells(&sp->whitelist) <= PARTITION_MAX_WHITELIST);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct manifest m;
	void *copy = malloc(size + 1); /* of this size, so that a byte too far is seen */

	memset(&m, 0, sizeof(m));
	memcpy(copy, data, size);
	host_console_clear();
	if (manifest_read(&m, copy, size, BOOT_MPIDR)) {
		check_cpus(&m);
		check_memory(&m);
		check_sps(&m);
	} else {
		ASSERT(strstr(host_console(), "error: SPMC manifest: ") != NULL);
	}
	free(copy);
	return 0;
}
