/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a package: no crash, and nothing accepted that collides with what others have. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arch/gic_fake.h"
#include "arch/host.h"
#include "boot/claims.h"
#include "boot/package.h"
#include "boot/sp_manifest.h"
#include "core/cpu.h"
#include "lib/addr.h"
#include "lib/print.h"

#define LOAD 0x0e300000ul
#define MEMORY_MAX 0x100000ul

static const struct range spmc_memory = { 0x0e100000, 0x100000 };
static struct partition other = {
	.id = FFA_ID_SPMC + 2,
	.name = "other",
	.regions = { { .range = { 0x0e400000, 0x100000 }, .name = "image" } },
	.region_count = 1,
	.interrupts = { { .intid = 40, .secure = true } },
	.interrupt_count = 1,
};
static struct partition *others[] = { &other };
static struct cpu cpus[1];

static struct manifest manifest = {
	.memory = {
		{ { 0x0e000000, 0x01000000 }, MEMORY_SECURE },
		{ { 0x40000000, 0x40000000 }, MEMORY_NS },
		{ { 0x08000000, 0x02000000 }, DEVICE_SECURE },
		{ { 0x0a000000, 0x01000000 }, DEVICE_NS },
	},
	.memory_count = 4,
	.cpu_count = 1,
	.sps = { { .usable = true, .number = 1, .name = "fuzzed", .vcpu_count = 1 } },
	.sp_count = 1,
};

static struct claims claims = {
	.console = { 0x09040000, 0x1000 },
	.manifest = &manifest,
	.partitions = others,
	.partition_count = 1,
};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	gic_fake_reset();
	claims_add(&claims, spmc_memory, "the SPMC");
	spmc.cpus = cpus;
	spmc.cpu_count = 1;
	spmc.partitions = others;
	spmc.partition_count = 1;
	return 0;
}

static void check_regions(const struct partition *p)
{
	ASSERT(p->region_count >= 1 && p->region_count <= PARTITION_MAX_REGIONS);
	for (uint32_t i = 0; i < p->region_count; i++) {
		const struct region *r = &p->regions[i];
		struct range same;

		ASSERT(range_make(&same, r->range.base, r->range.size));
		ASSERT(is_page_aligned(r->range.base | r->range.size));
		ASSERT((r->attrs & MEM_R) != 0);
		ASSERT((r->attrs & (MEM_DEVICE | MEM_X)) != (MEM_DEVICE | MEM_X));
		ASSERT(!range_overlaps(r->range, spmc_memory));
		ASSERT(!range_overlaps(r->range, other.regions[0].range));
		ASSERT(memchr(r->name, '\0', sizeof(r->name)) != NULL);
		for (uint32_t k = 0; k < i; k++) {
			ASSERT(!range_overlaps(r->range, p->regions[k].range));
		}
	}
}

static void check_partition(const struct partition *p)
{
	ASSERT(p->id == FFA_ID_SPMC + 1);
	ASSERT(range_has(p->memory, p->entry) && p->entry % 4 == 0);
	ASSERT(p->service_count >= 1 && p->service_count <= PARTITION_MAX_SERVICES);
	ASSERT(p->methods != 0 && (p->methods & ~FFA_METHOD_MASK) == 0);
	ASSERT(p->gp_register >= -1 && p->gp_register <= 3);
	ASSERT(p->endpoint.mailbox.pages <= FFA_RXTX_MAX_PAGES);
	ASSERT(p->interrupt_count <= PARTITION_MAX_INTERRUPTS);
	for (uint32_t i = 0; i < p->interrupt_count; i++) {
		ASSERT(p->interrupts[i].intid != other.interrupts[0].intid);
		for (uint32_t k = 0; k < i; k++) {
			ASSERT(p->interrupts[i].intid != p->interrupts[k].intid);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sp_manifest s;
	struct manifest_sp *sp = &manifest.sps[0];
	uint64_t bytes = page_align_up(size + (size == 0));
	struct package package = { 0 };
	uint64_t extent = PAGE_SIZE;
	bool good;
	char *copy;

	if (bytes > MEMORY_MAX) {
		return 0;
	}
	/* Nobody looks further than package_extent() says: what is beyond it is not there. */
	copy = calloc(1, bytes);
	memcpy(copy, data, size);
	host_console_clear();
	sp->memory = (struct range){ LOAD, bytes };
	sp_manifest_begin(&s, sp);
	good = package_extent(copy, bytes, &extent, s.dt.name);
	ASSERT(extent >= PAGE_SIZE && extent <= bytes && extent % PAGE_SIZE == 0);
	copy = realloc(copy, extent);
	if (good && package_read(&package, copy, bytes, s.dt.name) &&
	    sp_manifest_read(&s, copy + package.manifest.base, sp, &package) &&
	    claims_check(&claims, &s, sp)) {
		check_regions(&s.partition);
		check_partition(&s.partition);
		ASSERT(s.boot_info == 0 || package.boot_info_room >= PAGE_SIZE);
	} else {
		ASSERT(strstr(host_console(), "error: ") != NULL);
	}
	free(copy);
	return 0;
}
