/* SPDX-License-Identifier: BSD-3-Clause */
/* The SPMC manifest: what there is on this board, and which partitions to load. */
#ifndef BOOT_MANIFEST_H
#define BOOT_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/gic.h"
#include "boot/dt.h"
#include "core/partition.h"
#include "lib/range.h"

#define MANIFEST_MAX_BYTES 0x10000u
#define MANIFEST_MAX_CPUS 512
#define MANIFEST_MAX_SPS 64
#define MANIFEST_MAX_MEMORY 64
#define MANIFEST_MAX_WORKING 8

#define MANIFEST_COMPATIBLE "arm,ffa-core-manifest-1.0"

/* Device types of the nodes below the root, and what each range may be used for. */
enum memory_kind { MEMORY_SECURE, MEMORY_NS, DEVICE_SECURE, DEVICE_NS, MEMORY_KINDS };

struct memory_range {
	struct range range;
	enum memory_kind kind;
};

/* A partition as its node in the SPMC manifest describes it. */
struct manifest_sp {
	bool usable; /* false: it was reported, and the partition is not loaded */
	uint32_t number; /* N of vmN */
	int node;
	struct range memory;

	/* As read. */
	bool is_ffa;
	char name[PARTITION_NAME_SIZE];
	uint64_t load_address;
	uint64_t mem_size;
	uint32_t vcpu_count;
	uint64_t quota; /* pages; 0: not given */
	struct dt_value whitelist;
	bool permissive;
};

struct manifest {
	struct dt dt;
	struct range image; /* load_address and binary_size; size 0: not given */
	uint64_t nwd_quota; /* pages; 0: not given */
	bool protects; /* EL3 can make memory of the normal world secure */

	bool has_console;
	struct range console;

	bool has_gic;
	struct gic_regions gic;

	uint64_t mpidr[MANIFEST_MAX_CPUS]; /* boot CPU first, the others in the manifest's order */
	uint32_t cpu_count;
	bool cpus_wrong; /* nodes of CPUs are, so they are not counted */

	struct memory_range memory[MANIFEST_MAX_MEMORY];
	uint32_t memory_count;
	struct range working[MANIFEST_MAX_WORKING];
	uint32_t working_count;

	struct manifest_sp sps[MANIFEST_MAX_SPS]; /* vm1, vm2, ... */
	uint32_t sp_count;
};

bool manifest_read(struct manifest *m, const void *fdt, size_t size, uint64_t boot_mpidr);
bool manifest_has_memory(const struct manifest *m, enum memory_kind kind, struct range r);
const char *memory_kind_name(enum memory_kind kind);

#endif
