/* SPDX-License-Identifier: BSD-3-Clause */
#include "boot_fixture.h"

#include <libfdt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "arch/gic_fake.h"
#include "arch/host.h"
#include "boot/boot.h"
#include "core/cpu.h"

#define MEMORY_PA 0x0e000000ul
#define MEMORY_BYTES 0x01000000ul
#define TREE_BYTES 0x10000

#define MANIFEST_OFFSET 0x1000u
#define IMAGE_OFFSET 0x4000u
#define IMAGE_BYTES 0x2000u

static const struct dt_edit good_spmc[] = {
	TEXT("/", "compatible", "arm,ffa-core-manifest-1.0"),
	CELLS("/", "#address-cells", 2),
	CELLS("/", "#size-cells", 2),
	CELLS("/attribute", "spmc_id", 0x8000),
	CELLS("/attribute", "maj_ver", 1),
	CELLS("/attribute", "min_ver", 2),
	CELLS("/attribute", "exec_state", 0),
	CELLS("/attribute", "load_address", 0, 0x0e100000),
	CELLS("/attribute", "entrypoint", 0, 0x0e100000),
	CELLS("/attribute", "binary_size", 0x100000),
	TEXT("/hypervisor", "compatible", "hafnium,hafnium"),
	EMPTY("/hypervisor/vm1", "is_ffa_partition"),
	TEXT("/hypervisor/vm1", "debug_name", "one"),
	CELLS("/hypervisor/vm1", "load_address", 0x0e300000),
	CELLS("/hypervisor/vm1", "mem_size", 0x100000),
	CELLS("/hypervisor/vm1", "vcpu_count", 4),
	EMPTY("/hypervisor/vm2", "is_ffa_partition"),
	TEXT("/hypervisor/vm2", "debug_name", "two"),
	CELLS("/hypervisor/vm2", "load_address", 0, 0x0e400000),
	CELLS("/hypervisor/vm2", "mem_size", 0x100000),
	CELLS("/hypervisor/vm2", "vcpu_count", 1),
	CELLS("/hypervisor/vm2", "smc_whitelist", 0x82001234, 0xC2005678),
	EMPTY("/hypervisor/vm3", "is_ffa_partition"),
	TEXT("/hypervisor/vm3", "debug_name", "three"),
	CELLS("/hypervisor/vm3", "load_address", 0x0e500000),
	CELLS("/hypervisor/vm3", "mem_size", 0x100000),
	CELLS("/hypervisor/vm3", "vcpu_count", 1),
	CELLS("/cpus", "#address-cells", 2),
	CELLS("/cpus", "#size-cells", 0),
	/* The CPU that boots, 0, comes third; one that is absent, 0x100, first. */
	TEXT("/cpus/cpu@1", "device_type", "cpu"),
	CELLS("/cpus/cpu@1", "reg", 0, 1),
	TEXT("/cpus/cpu@0", "device_type", "cpu"),
	CELLS("/cpus/cpu@0", "reg", 0, 0),
	TEXT("/cpus/cpu@3", "device_type", "cpu"),
	CELLS("/cpus/cpu@3", "reg", 3),
	TEXT("/cpus/cpu@100", "device_type", "cpu"),
	CELLS("/cpus/cpu@100", "reg", 0x100),
	NODE("/cpus/cpu-map"),
	TEXT("/memory@e000000", "device_type", "memory"),
	CELLS("/memory@e000000", "reg", 0, 0x0e000000, 0, 0x01000000),
	TEXT("/memory@e800000", "device_type", "memory"), /* overlaps the other */
	CELLS("/memory@e800000", "reg", 0, 0x0e800000, 0, 0x00800000),
	TEXT("/ns-memory", "device_type", "ns-memory"),
	CELLS("/ns-memory", "reg", 0, 0x40000000, 0, 0x20000000, 0, 0x60000000, 0, 0x20000000),
	TEXT("/devices", "device_type", "device-memory"),
	CELLS("/devices", "reg", 0, 0x08000000, 0, 0x02000000),
	TEXT("/ns-devices", "device_type", "ns-device-memory"),
	CELLS("/ns-devices", "reg", 0, 0x0a000000, 0, 0x00100000),
	CELLS("/interrupt-controller", "#redistributor-regions", 1),
	CELLS("/interrupt-controller", "reg", 0, 0x08000000, 0, 0x10000, 0, 0x080a0000, 0, 0x80000),
	{ .kind = DT_END },
};

static const struct dt_edit good_sp[] = {
	TEXT("/", "compatible", "arm,ffa-manifest-1.0"),
	CELLS("/", "ffa-version", 0x10002),
	CELLS("/", "messaging-method", 0x603),
	CELLS("/", "execution-ctx-count", 1),
	CELLS("/", "exception-level", 2),
	CELLS("/", "execution-state", 0),
	CELLS("/", "entrypoint-offset", IMAGE_OFFSET),
	CELLS("/", "xlat-granule", 0),
	{ .kind = DT_END },
};

/* What each has beside that. */
static const struct dt_edit good_sps[SPS][40] = {
	{
		CELLS("/", "execution-ctx-count", CPUS),
		CELLS("/", "uuid", 0x11111111, 1, 2, 3),
		CELLS("/", "load-address", 0, 0x0e300000),
		CELLS("/", "ns-interrupts-action", 1),
		EMPTY("/", "managed-exit-virq"),
		CELLS("/", "power-management-messages", 1),
		EMPTY("/", "notification-support"),
		CELLS("/", "boot-order", 7),
		CELLS("/", "gp-register-num", 0),
		TEXT("/boot-info", "compatible", "arm,ffa-manifest-boot-info"),
		EMPTY("/boot-info", "ffa_manifest"),
		CELLS("/memory-regions/shared", "base-address", 0, 0x0e900000),
		CELLS("/memory-regions/shared", "pages-count", 2),
		CELLS("/memory-regions/shared", "attributes", 3),
		CELLS("/memory-regions/ns", "base-address", 0x50000000),
		CELLS("/memory-regions/ns", "pages-count", 1),
		CELLS("/memory-regions/ns", "attributes", 0xb),
		CELLS("/memory-regions/rodata", "load-address-relative-offset", 0x10000),
		CELLS("/memory-regions/rodata", "pages-count", 16),
		CELLS("/memory-regions/rodata", "attributes", 1),
		CELLS("/device-regions/uart", "base-address", 0x09050000),
		CELLS("/device-regions/uart", "pages-count", 1),
		CELLS("/device-regions/uart", "attributes", 3),
		CELLS("/device-regions/uart", "interrupts", 41, 0x901, 42, 0xb20),
		CELLS("/device-regions/uart", "interrupts-target", 42, 0, 3),
		{ .kind = DT_END },
	},
	{
		CELLS("/", "uuid", 0x22222222, 1, 2, 3, 0x22222222, 1, 2, 4),
		CELLS("/", "messaging-method", 0x7, 0x1),
		CELLS("/", "boot-order", 5),
		CELLS("/", "power-management-messages", 7),
		EMPTY("/", "managed-exit"),
		CELLS("/device-regions/timer", "base-address", 0x09060000),
		CELLS("/device-regions/timer", "pages-count", 1),
		CELLS("/device-regions/timer", "attributes", 1),
		CELLS("/device-regions/timer", "interrupts", 43, 0x900, 22, 0x500),
		CELLS("/memory-regions/rx", "base-address", 0x0ea00000),
		CELLS("/memory-regions/rx", "pages-count", 2),
		CELLS("/memory-regions/rx", "attributes", 1),
		CELLS("/memory-regions/rx", "phandle", 1),
		CELLS("/memory-regions/tx", "base-address", 0x0ea02000),
		CELLS("/memory-regions/tx", "pages-count", 2),
		CELLS("/memory-regions/tx", "attributes", 3),
		CELLS("/memory-regions/tx", "phandle", 2),
		CELLS("/rx_tx-info", "rx-buffer", 1),
		CELLS("/rx_tx-info", "tx-buffer", 2),
		{ .kind = DT_END },
	},
	{
		CELLS("/", "uuid", 0x33333333, 1, 2, 3),
		CELLS("/", "ns-interrupts-action", 0),
		CELLS("/", "other-s-interrupts-action", 0),
		{ .kind = DT_END },
	},
};

static jmp_buf stopped;

_Noreturn void boot_stop(void)
{
	longjmp(stopped, 1);
}

static size_t make_tree(void *fdt, const struct dt_edit *a, const struct dt_edit *b,
			const struct wrong *w, enum where where)
{
	dtb_begin(fdt, TREE_BYTES);
	dtb_edit(fdt, a, SIZE_MAX);
	if (b != NULL) {
		dtb_edit(fdt, b, SIZE_MAX);
	}
	if (w != NULL && w->where == where) {
		dtb_edit(fdt, w->edits, EDITS_MAX);
		if (w->tree != NULL) {
			w->tree(fdt);
		}
	}
	assert_int_equal(fdt_pack(fdt), 0);
	return fdt_totalsize(fdt);
}

uint32_t *package_word(enum where vm, unsigned int word)
{
	return (uint32_t *)SP_PA(vm) + word;
}

/* vm3 has a package of version 1, the others of version 2. */
static void make_package(const struct wrong *w, enum where vm)
{
	static uint64_t tree[TREE_BYTES / sizeof(uint64_t)];
	size_t size = make_tree(tree, good_sp, good_sps[vm - 1], w, vm);
	uint32_t version = vm == VM3 ? 1 : 2;
	uint32_t offset = version == 1 ? 24 : MANIFEST_OFFSET;
	uint32_t header[6] = { PACKAGE_MAGIC,  version,      offset,
			       (uint32_t)size, IMAGE_OFFSET, IMAGE_BYTES };

	assert_true(offset + size <= IMAGE_OFFSET);
	memset((void *)SP_PA(vm), 0, IMAGE_OFFSET);
	memcpy((void *)SP_PA(vm), header, sizeof(header));
	memcpy((void *)(SP_PA(vm) + offset), tree, size);
}

unsigned int boot_machine(const struct wrong *w)
{
	static bool has_memory;
	static struct boot boot;
	unsigned int there = 0;

	if (!has_memory) {
		assert_true(host_memory_add(MEMORY_PA, MEMORY_BYTES));
		has_memory = true;
	}
	gic_fake_reset();
	host_console_clear();
	memset(&spmc, 0, sizeof(spmc));
	memset((void *)MANIFEST_PA, 0, TREE_BYTES);
	make_tree((void *)MANIFEST_PA, good_spmc, NULL, w, SPMC);
	for (enum where vm = VM1; vm <= VM3; vm++) {
		make_package(w, vm);
	}
	if (w != NULL && w->bytes != NULL) {
		w->bytes();
	}
	if (setjmp(stopped) != 0) {
		return NO_SYSTEM;
	}
	boot_system(&boot, MANIFEST_PA);
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		there |= 1u << (spmc.partitions[i]->id - FFA_ID_SPMC - 1);
	}
	return there;
}

struct partition *booted(enum where vm)
{
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		if (spmc.partitions[i]->id == FFA_ID_SPMC + vm) {
			return spmc.partitions[i];
		}
	}
	return NULL;
}

void check_wrong(const struct wrong *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct wrong *w = &rows[i];
		unsigned int there = boot_machine(w);
		const char *missing = NULL;

		for (size_t k = 0; k < SAYS_MAX && w->says[k] != NULL; k++) {
			if (strstr(host_console(), w->says[k]) == NULL) {
				missing = w->says[k];
			}
		}
		if (there != w->boots || missing != NULL) {
			fail_msg("%s: boots %#x, not %#x; not said: %s\nlog:\n%s", w->name, there,
				 w->boots, missing == NULL ? "-" : missing, host_console());
		}
	}
}
