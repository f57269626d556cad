/* SPDX-License-Identifier: BSD-3-Clause */
/* Wrong SPMC manifests: each is named in the log, and costs no more than it has to. */
#include <libfdt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host.h"
#include "boot/manifest.h"
#include "boot_fixture.h"
#include "core/cpu.h"

static struct fdt_header *header(void)
{
	return (struct fdt_header *)MANIFEST_PA;
}

static void bad_magic(void)
{
	header()->magic = 0;
}

static void too_large(void)
{
	header()->totalsize = cpu_to_fdt32(MANIFEST_MAX_BYTES + 1);
}

static void truncated(void)
{
	header()->totalsize = cpu_to_fdt32(fdt_totalsize(header()) / 2);
}

static void broken_structure(void)
{
	memset((char *)header() + fdt_off_dt_struct(header()) + 8, 0xff, 4);
}

static void bad_version(void)
{
	header()->version = cpu_to_fdt32(100);
	header()->last_comp_version = cpu_to_fdt32(100);
}

static const struct wrong no_system[] = {
	{ "no device tree", .bytes = bad_magic, .boots = NO_SYSTEM,
	  .says = { "SPMC manifest: no device tree at 0xe010000 (x0)" } },
	{ "too large", .bytes = too_large, .boots = NO_SYSTEM,
	  .says = { "SPMC manifest: size 0x10001 at 0xe010000 is not allowed: must be at most "
		    "0x10000" } },
	{ "truncated", .bytes = truncated, .boots = NO_SYSTEM,
	  .says = { "SPMC manifest: not a device tree of at most", "FDT_ERR_" } },
	{ "broken structure", .bytes = broken_structure, .boots = NO_SYSTEM,
	  .says = { "SPMC manifest: not a device tree", "FDT_ERR_BADSTRUCTURE" } },
	{ "unknown version of the format", .bytes = bad_version, .boots = NO_SYSTEM,
	  .says = { "SPMC manifest: not a device tree", "FDT_ERR_BADVERSION" } },
	{ "no compatible", .edits = { DROP("/", "compatible") }, .boots = NO_SYSTEM,
	  .says = { "SPMC manifest: /: compatible: is missing: must be "
		    "\"arm,ffa-core-manifest-1.0\"" } },
	{ "other compatible", .edits = { TEXT("/", "compatible", "arm,ffa-core-manifest-2.0") },
	  .boots = NO_SYSTEM,
	  .says = { "SPMC manifest: /: compatible: \"arm,ffa-core-manifest-2.0\" is not allowed: "
		    "must be \"arm,ffa-core-manifest-1.0\"" } },
	{ "other compatible, and more",
	  .edits = { TEXT("/", "compatible", "arm,other"), CELLS("/attribute", "spmc_id", 1),
		     DROP("/hypervisor/vm1", "load_address"), CELLS("/cpus/cpu@1", "reg", 3) },
	  .boots = NO_SYSTEM,
	  .says = { "SPMC manifest: /: compatible: \"arm,other\" is not allowed",
		    "/attribute: spmc_id: 0x1 is not", "/hypervisor/vm1: load_address: is missing",
		    "it is listed twice" } },
	{ "address cells", .edits = { CELLS("/", "#address-cells", 3) }, .boots = NO_SYSTEM,
	  .says = { "SPMC manifest: /: #address-cells: 3 is not allowed: must be 1 or 2" } },
	{ "size cells", .edits = { CELLS("/", "#size-cells", 0) }, .boots = NO_SYSTEM,
	  .says = { "SPMC manifest: /: #size-cells: 0 is not allowed: must be 1 or 2" } },
	{ "other id", .edits = { CELLS("/attribute", "spmc_id", 0x9000) }, .boots = NO_SYSTEM,
	  .says = { "/attribute: spmc_id: 0x9000 is not allowed: must be 0x8000" } },
	{ "major version", .edits = { CELLS("/attribute", "maj_ver", 2) }, .boots = NO_SYSTEM,
	  .says = { "/attribute: maj_ver: 0x2 is not allowed: must be 1" } },
	{ "AArch32", .edits = { CELLS("/attribute", "exec_state", 1) }, .boots = NO_SYSTEM,
	  .says = { "/attribute: exec_state: 0x1 is not allowed: must be 0 (AArch64)" } },
	{ "number of three cells", .edits = { CELLS("/attribute", "load_address", 0, 0, 1) },
	  .boots = NO_SYSTEM,
	  .says = { "/attribute: load_address: has 12 bytes: must be one or two cells" } },
	{ "load address within a page",
	  .edits = { CELLS("/attribute", "load_address", 0x0e100800) }, .boots = NO_SYSTEM,
	  .says = { "/attribute: load_address: 0xe100800 is not allowed: must be a multiple of "
		    "0x1000" } },
	{ "image larger than its memory", .edits = { CELLS("/attribute", "binary_size", 0x20000) },
	  .boots = NO_SYSTEM,
	  .says = { "/attribute: binary_size: 0x20000 is not allowed: must be at least 0x20100" } },
	{ "too little working memory", .edits = { CELLS("/attribute", "binary_size", 0x40000) },
	  .boots = NO_SYSTEM,
	  .says = { "binary_size: too little working memory: 0x",
		    " bytes after the image are enough, 0x", " are there; must be larger" } },
	{ "not quite enough working memory",
	  .edits = { CELLS("/attribute", "binary_size", 0x4f000) }, .boots = NO_SYSTEM,
	  .says = { "binary_size: too little working memory: 0x" } },
	{ "no working memory", .edits = { CELLS("/attribute", "binary_size", 0x21000) },
	  .boots = NO_SYSTEM,
	  .says = { "binary_size: too little working memory: 0x", "are enough, 0x0 are there" } },
	{ "no CPUs", .edits = { DROP("/cpus", NULL) }, .boots = NO_SYSTEM,
	  .says = { "SPMC manifest: /cpus: reg: none of 0 CPUs is 0x0" } },
	{ "the CPU that boots is not listed", .edits = { CELLS("/cpus/cpu@0", "reg", 7) },
	  .boots = NO_SYSTEM,
	  .says = { "SPMC manifest: /cpus: reg: none of 4 CPUs is 0x0, the MPIDR of the CPU that "
		    "boots" } },
	{ "a CPU twice", .edits = { CELLS("/cpus/cpu@1", "reg", 3) }, .boots = NO_SYSTEM,
	  .says = { "/cpus/cpu@", "reg: 0x3 is not allowed: it is listed twice" } },
	{ "a CPU without number", .edits = { DROP("/cpus/cpu@1", "reg") }, .boots = NO_SYSTEM,
	  .says = { "/cpus/cpu@1: reg: is missing: must be an MPIDR" } },
	{ "a CPU with more than affinity", .edits = { CELLS("/cpus/cpu@1", "reg", 0x80000001) },
	  .boots = NO_SYSTEM,
	  .says = { "/cpus/cpu@1: reg: 0x80000001 is not allowed: must be an MPIDR: affinity "
		    "fields only" } },
	{ "no memory", .boots = NO_SYSTEM,
	  .edits = { DROP("/memory@e000000", NULL), DROP("/memory@e800000", NULL),
		     DROP("/ns-memory", NULL), DROP("/devices", NULL), DROP("/ns-devices", NULL) },
	  .says = { "SPMC manifest: /: no node with device_type \"memory\"" } },
	{ "memory without reg", .edits = { DROP("/memory@e000000", "reg") }, .boots = NO_SYSTEM,
	  .says = { "/memory@e000000: reg: 0 bytes are no list of address (2 cells)" } },
	{ "half a range", .edits = { CELLS("/memory@e000000", "reg", 0, 0x0e000000, 0) },
	  .boots = NO_SYSTEM,
	  .says = { "/memory@e000000: reg: 12 bytes are no list of address (2 cells) and size" } },
	{ "empty memory", .edits = { CELLS("/memory@e000000", "reg", 0, 0x0e000000, 0, 0) },
	  .boots = NO_SYSTEM,
	  .says = { "/memory@e000000: reg: 0xe000000, size 0x0 is not allowed: must be whole "
		    "pages" } },
	{ "memory that wraps", .boots = NO_SYSTEM,
	  .edits = { CELLS("/ns-memory", "reg", 0xffffffff, 0xfffff000, 0, 0x2000) },
	  .says = { "/ns-memory: reg: 0xfffffffffffff000, size 0x2000 is not allowed" } },
	{ "memory within pages", .boots = NO_SYSTEM,
	  .edits = { CELLS("/ns-memory", "reg", 0, 0x40000010, 0, 0x2000) },
	  .says = { "/ns-memory: reg: 0x40000010, size 0x2000 is not allowed: must be whole "
		    "pages" } },
	{ "two distributors", .boots = NO_SYSTEM,
	  .edits = { CELLS("/interrupt-controller", "#distributor-regions", 2) },
	  .says = { "/interrupt-controller: #distributor-regions: 0x2 is not allowed: must be "
		    "1" } },
	{ "too many redistributor regions", .boots = NO_SYSTEM,
	  .edits = { CELLS("/interrupt-controller", "#redistributor-regions", 9) },
	  .says = { "#redistributor-regions: 0x9 is not allowed: must be 1 to 8" } },
	{ "missing redistributor region", .boots = NO_SYSTEM,
	  .edits = { CELLS("/interrupt-controller", "#redistributor-regions", 2) },
	  .says = { "/interrupt-controller: reg: has 2 regions: must have 1 distributor, 2 "
		    "redistributor" } },
	{ "another console", .boots = NO_SYSTEM,
	  .edits = { TEXT("/console", "compatible", "ns16550"),
		     CELLS("/console", "reg", 0, 0, 0, 0x1000) },
	  .says = { "SPMC manifest: /console: compatible: \"ns16550\" is not allowed: must be "
		    "\"arm,pl011\"" } },
	{ "console without reg", .edits = { TEXT("/console", "compatible", "arm,pl011") },
	  .boots = NO_SYSTEM, .says = { "SPMC manifest: /console: reg: 0 bytes are no list" } },
	{ "working memory that is not secure", .boots = NO_SYSTEM,
	  .edits = { CELLS("/working-memory", "reg", 0, 0x40000000, 0, 0x1000) },
	  .says = { "/working-memory: reg: 0x40000000, size 0x1000 is not allowed: must be inside",
		    "device_type \"memory\"" } },
	{ "working memory where the manifest is", .boots = NO_SYSTEM,
	  .edits = { CELLS("/working-memory", "reg", 0, 0x0e010000, 0, 0x1000) },
	  .says = { "working memory 0xe010000, size 0x1000 is not allowed: overlaps memory of "
		    "the SPMC (manifest)" } },
	{ "working memory twice", .boots = NO_SYSTEM,
	  .edits = { CELLS("/working-memory", "reg", 0, 0x0ec00000, 0, 0x2000, 0, 0x0ec01000, 0,
			   0x1000) },
	  .says = { "working memory 0xec01000, size 0x1000 is not allowed: overlaps memory of the "
		    "SPMC" } },
};

static const struct wrong one_less[] = {
	{ "not FF-A", .edits = { DROP("/hypervisor/vm1", "is_ffa_partition") }, .boots = WITHOUT(1),
	  .says = { "SPMC manifest: /hypervisor/vm1: is_ffa_partition: is missing",
		    "vm1 is not loaded; the others go on" } },
	{ "no name", .edits = { DROP("/hypervisor/vm2", "debug_name") }, .boots = WITHOUT(2),
	  .says = { "/hypervisor/vm2: debug_name: is missing: must be a string" } },
	{ "name without end", .edits = { CELLS("/hypervisor/vm2", "debug_name", 0x41424344) },
	  .boots = WITHOUT(2), .says = { "/hypervisor/vm2: debug_name: is no text" } },
	{ "long name", .boots = ALL_BOOT,
	  .edits = { TEXT("/hypervisor/vm2", "debug_name",
			  "a name of more than thirty-one characters") },
	  .says = { "/hypervisor/vm2: debug_name: longer than 31 characters, cut off" } },
	{ "no load address", .edits = { DROP("/hypervisor/vm1", "load_address") },
	  .boots = WITHOUT(1),
	  .says = { "/hypervisor/vm1: load_address: is missing: must be a multiple" } },
	{ "load address within a page", .boots = WITHOUT(1),
	  .edits = { CELLS("/hypervisor/vm1", "load_address", 0x0e300008) },
	  .says = { "/hypervisor/vm1: load_address: 0xe300008 is not allowed: must be a multiple "
		    "of 0x1000" } },
	{ "load address beyond all", .boots = WITHOUT(1),
	  .edits = { CELLS("/hypervisor/vm1", "load_address", 0x4000, 0) },
	  .says = { "/hypervisor/vm1: load_address: 0x400000000000 is not allowed",
		    "below 2^46" } },
	{ "no size", .edits = { DROP("/hypervisor/vm1", "mem_size") }, .boots = WITHOUT(1),
	  .says = { "/hypervisor/vm1: mem_size: is missing" } },
	{ "size 0", .edits = { CELLS("/hypervisor/vm1", "mem_size", 0) }, .boots = WITHOUT(1),
	  .says = { "/hypervisor/vm1: mem_size: 0x0 is not allowed: must be a multiple of 0x1000, "
		    "not 0" } },
	{ "size of half a page", .edits = { CELLS("/hypervisor/vm1", "mem_size", 0x800) },
	  .boots = WITHOUT(1), .says = { "/hypervisor/vm1: mem_size: 0x800 is not allowed" } },
	{ "size beyond memory", .edits = { CELLS("/hypervisor/vm3", "mem_size", 0x01000000) },
	  .boots = WITHOUT(3),
	  .says = { "/hypervisor/vm3: load_address: 0xe500000, mem_size 0x1000000 is not allowed: "
		    "must "
		    "be inside one range",
		    "device_type \"memory\"" } },
	{ "in normal memory", .edits = { CELLS("/hypervisor/vm1", "load_address", 0x40000000) },
	  .boots = WITHOUT(1),
	  .says = { "/hypervisor/vm1: load_address: 0x40000000, mem_size 0x100000 is not "
		    "allowed" } },
	{ "no vCPU count", .edits = { DROP("/hypervisor/vm1", "vcpu_count") }, .boots = WITHOUT(1),
	  .says = { "/hypervisor/vm1: vcpu_count: is missing: must be 1 or the number of CPUs" } },
	{ "no vCPU", .edits = { CELLS("/hypervisor/vm1", "vcpu_count", 0) }, .boots = WITHOUT(1),
	  .says = { "/hypervisor/vm1: vcpu_count: 0x0 is not allowed" } },
	{ "three vCPUs", .edits = { CELLS("/hypervisor/vm1", "vcpu_count", 3) },
	  .boots = WITHOUT(1),
	  .says = { "/hypervisor/vm1: vcpu_count: 3 is not allowed: must be 1, or 4, the number of "
		    "CPUs" } },
	{ "whitelist of half a cell", .boots = WITHOUT(2),
	  .edits = { TEXT("/hypervisor/vm2", "smc_whitelist", "abcd") },
	  .says = { "/hypervisor/vm2: smc_whitelist: has 5 bytes: must be a list of at most 32 "
		    "cells" } },
	{ "long whitelist", .boots = WITHOUT(2),
	  .edits = { CELLS("/hypervisor/vm2", "smc_whitelist", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
			   12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
			   30, 31, 32) },
	  .says = { "/hypervisor/vm2: smc_whitelist: has 132 bytes: must be a list of at most 32 "
		    "cells" } },
	{ "flag with a value", .edits = { CELLS("/hypervisor/vm1", "is_ffa_partition", 1) },
	  .boots = WITHOUT(1),
	  .says = { "/hypervisor/vm1: is_ffa_partition: has 4 bytes: must be empty" } },
	{ "a gap", .edits = { DROP("/hypervisor/vm2", NULL) }, .boots = 1,
	  .says = { "/hypervisor/vm3: ignored: there is no vm2" } },
	{ "vm0", .edits = { NODE("/hypervisor/vm0") }, .boots = ALL_BOOT,
	  .says = { "/hypervisor/vm0: ignored: names are vm1 to vm64" } },
	{ "a number too high", .edits = { NODE("/hypervisor/vm65") }, .boots = ALL_BOOT,
	  .says = { "/hypervisor/vm65: ignored: names are vm1 to vm64" } },
	{ "no partitions", .edits = { DROP("/hypervisor", NULL) }, .boots = 0,
	  .says = { "0 of 0 partitions" } },
	{ "one on the SPMC's image", .boots = WITHOUT(1),
	  .edits = { CELLS("/hypervisor/vm1", "load_address", 0x0e100000),
		     CELLS("/hypervisor/vm1", "mem_size", 0x1000) },
	  .says = { "load_address 0xe100000, mem_size 0x1000 is not allowed: overlaps memory of "
		    "the SPMC" } },
	{ "one in working memory", .boots = WITHOUT(1),
	  .edits = { CELLS("/hypervisor/vm1", "load_address", 0x0e1f0000),
		     CELLS("/hypervisor/vm1", "mem_size", 0x20000) },
	  .says = { "load_address 0xe1f0000, mem_size 0x20000 is not allowed: overlaps memory of "
		    "the SPMC" } },
	{ "one on the manifest", .boots = WITHOUT(1),
	  .edits = { CELLS("/hypervisor/vm1", "load_address", 0x0e000000) },
	  .says = { "SP one (vm1, package at 0xe000000): SPMC manifest: load_address 0xe000000",
		    "overlaps memory of the SPMC (manifest)" } },
	{ "two in one place", .boots = 1 << 2,
	  .edits = { CELLS("/hypervisor/vm2", "load_address", 0x0e380000) },
	  .says = { "SP one (vm1", "overlaps memory of two", "overlaps memory of one" } },
	{ "no size of the image", .edits = { DROP("/attribute", "binary_size") }, .boots = ALL_BOOT,
	  .says = { "/attribute: binary_size: is missing: taking 0x80000 bytes from 0xe100000" } },
	{ "no attributes", .edits = { DROP("/attribute", NULL) }, .boots = ALL_BOOT,
	  .says = { "/attribute: binary_size: is missing" } },
	{ "loaded elsewhere", .edits = { CELLS("/attribute", "load_address", 0x0f000000) },
	  .boots = ALL_BOOT,
	  .says = { "/attribute: load_address: 0xf000000, binary_size 0x100000 is ignored: the "
		    "SPMC is "
		    "at 0xe100000" } },
	{ "more working memory", .boots = ALL_BOOT,
	  .edits = { CELLS("/attribute", "binary_size", 0x21000),
		     CELLS("/working-memory", "reg", 0, 0x0ec00000, 0, 0x100000) },
	  .says = { "3 of 3 partitions" } },
	{ "what nobody knows",
	  .edits = { CELLS("/hypervisor/vm1", "vcpus", 1), CELLS("/attribute", "minver", 1),
		     NODE("/hypervisor/vm-4"), NODE("/chosen") },
	  .boots = ALL_BOOT,
	  .says = { "/hypervisor/vm1: vcpus: is not known: ignored",
		    "/attribute: minver: is not known: ignored",
		    "/hypervisor/vm-4: ignored: names are vm1 to vm64" } },
};

static void test_no_system(void **state)
{
	(void)state;
	check_wrong(no_system, sizeof(no_system) / sizeof(no_system[0]));
}

static void test_one_less(void **state)
{
	(void)state;
	check_wrong(one_less, sizeof(one_less) / sizeof(one_less[0]));
}

static unsigned int binary_size;

static void set_binary_size(void *fdt)
{
	struct dt_edit edit = CELLS("/attribute", "binary_size", binary_size);

	dtb_edit(fdt, &edit, 1);
}

/* What is said to be enough is, wherever boot has found that there is too little. */
static void test_enough(void **state)
{
	static const char says[] = "too little working memory: ";
	const unsigned int image = 0x21000; /* in whole pages */
	const struct wrong w = { .name = "enough", .tree = set_binary_size };
	unsigned int too_little = 0;

	(void)state;
	for (unsigned int size = image; size < 0x80000; size += 0x3000) {
		const char *found;

		binary_size = size;
		if (boot_machine(&w) == ALL_BOOT) {
			continue;
		}
		found = strstr(host_console(), says);
		assert_non_null(found);
		too_little++;
		binary_size = image + (unsigned int)strtoul(found + strlen(says), NULL, 16);
		assert_int_equal(boot_machine(&w), ALL_BOOT);
		assert_null(strstr(host_console(), "working memory is short"));
	}
	assert_true(too_little > 5);
}

/* The boot CPU is the first, whatever the manifest's order; the others keep that. */
static void test_cpus(void **state)
{
	(void)state;
	assert_int_equal(boot_machine(NULL), ALL_BOOT);
	assert_int_equal(spmc.cpu_count, CPUS);
	/* The fixture's trees list nodes in the opposite order. */
	assert_int_equal(spmc.cpus[0].mpidr, 0);
	assert_int_equal(spmc.cpus[1].mpidr, 0x100);
	assert_int_equal(spmc.cpus[2].mpidr, 3);
	assert_int_equal(spmc.cpus[3].mpidr, 1);
}

static void test_memory(void **state)
{
	(void)state;
	assert_int_equal(boot_machine(NULL), ALL_BOOT);
	/* What touches is one. */
	assert_int_equal(spmc.nwd_pages.world_count, 2);
	assert_int_equal(spmc.nwd_pages.world[0].range.base, 0x0a000000);
	assert_int_equal(spmc.nwd_pages.world[0].range.size, 0x100000);
	assert_int_equal(spmc.nwd_pages.world[0].attrs, MEM_R | MEM_W | MEM_DEVICE | MEM_NS);
	assert_int_equal(spmc.nwd_pages.world[1].range.base, 0x40000000);
	assert_int_equal(spmc.nwd_pages.world[1].range.size, 0x40000000);
	assert_int_equal(spmc.nwd_pages.world[1].attrs, MEM_R | MEM_W | MEM_X | MEM_NS);
}

/* Memory that no CPU can address is nobody's, however generous the manifest is. */
static void test_memory_without_end(void **state)
{
	static const struct wrong rows[] = {
		{ "far away", .boots = ALL_BOOT,
		  .edits = { CELLS("/ns-memory", "reg", 0, 0x40000000, 0, 0x40000000, 0xffffffff,
				   0x40000000, 0, 0x40000000) } },
		{ "to the end", .boots = ALL_BOOT,
		  .edits = { CELLS("/ns-memory", "reg", 0, 0x40000000, 0xffffffff, 0xc0000000) } },
		{ "everything", .boots = ALL_BOOT,
		  .edits = { CELLS("/ns-memory", "reg", 0, 0, 0xffffffff, 0xfffff000) } },
	};
	const uint64_t top = 1ul << 48;
	const struct range want[] = {
		{ 0x40000000, 0x40000000 },
		{ 0x40000000, top - 0x40000000 },
		{ 0, top },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct memory_space *s = &spmc.nwd_pages;
		bool found = false;

		check_wrong(&rows[i], 1);
		assert_int_equal(s->world_count, 2); /* and ns-devices */
		for (uint32_t k = 0; k < 2; k++) {
			found |= s->world[k].range.base == want[i].base &&
				 s->world[k].range.size == want[i].size;
		}
		assert_true(found);
	}
}

/* What boards have that boot Hafnium: one cell for sizes, eight CPUs, labels, nodes of others. */
static const struct dt_edit hafnium[] = {
	TEXT("/", "compatible", "arm,ffa-core-manifest-1.0"),
	CELLS("/", "#address-cells", 2),
	CELLS("/", "#size-cells", 1),
	CELLS("/attribute", "spmc_id", 0x8000),
	CELLS("/attribute", "maj_ver", 1),
	CELLS("/attribute", "min_ver", 2),
	CELLS("/attribute", "exec_state", 0),
	CELLS("/attribute", "load_address", 0, 0x6000000),
	CELLS("/attribute", "entrypoint", 0, 0x6000000),
	CELLS("/attribute", "binary_size", 0x80000),
	TEXT("/hypervisor", "compatible", "hafnium,hafnium"),
	EMPTY("/hypervisor/vm1", "is_ffa_partition"),
	TEXT("/hypervisor/vm1", "debug_name", "op-tee"),
	CELLS("/hypervisor/vm1", "load_address", 0x6280000),
	CELLS("/hypervisor/vm1", "vcpu_count", 8),
	CELLS("/hypervisor/vm1", "mem_size", 1048576),
	CELLS("/cpus", "#address-cells", 2),
	CELLS("/cpus", "#size-cells", 0),
	TEXT("/cpus/cpu@0", "device_type", "cpu"),
	CELLS("/cpus/cpu@0", "reg", 0, 0),
	TEXT("/cpus/cpu@700", "device_type", "cpu"),
	CELLS("/cpus/cpu@700", "reg", 0, 0x700),
	TEXT("/cpus/cpu@600", "device_type", "cpu"),
	CELLS("/cpus/cpu@600", "reg", 0, 0x600),
	TEXT("/cpus/cpu@500", "device_type", "cpu"),
	CELLS("/cpus/cpu@500", "reg", 0, 0x500),
	TEXT("/cpus/cpu@400", "device_type", "cpu"),
	CELLS("/cpus/cpu@400", "reg", 0, 0x400),
	TEXT("/cpus/cpu@300", "device_type", "cpu"),
	CELLS("/cpus/cpu@300", "reg", 0, 0x300),
	TEXT("/cpus/cpu@200", "device_type", "cpu"),
	CELLS("/cpus/cpu@200", "reg", 0, 0x200),
	TEXT("/cpus/cpu@100", "device_type", "cpu"),
	CELLS("/cpus/cpu@100", "reg", 0, 0x100),
	TEXT("/memory@6000000", "device_type", "memory"),
	CELLS("/memory@6000000", "reg", 0, 0x6000000, 0x2000000),
	TEXT("/memory@1", "device_type", "ns-memory"),
	CELLS("/memory@1", "reg", 0, 0x88010000, 0x70000000, 8, 0x80000000, 0x80000000),
	TEXT("/memory@2", "device_type", "device-memory"),
	CELLS("/memory@2", "reg", 0, 0x1c090000, 0x40000),
	{ .kind = DT_END },
};

static void test_hafnium(void **state)
{
	static uint64_t tree[1024];
	static struct manifest m;

	(void)state;
	host_console_clear();
	dtb_begin(tree, sizeof(tree));
	dtb_edit(tree, hafnium, SIZE_MAX);
	assert_true(manifest_read(&m, tree, sizeof(tree), 0));
	assert_string_equal(host_console(), "");
	assert_int_equal(m.image.base, 0x6000000);
	assert_int_equal(m.image.size, 0x80000);
	assert_int_equal(m.cpu_count, 8);
	assert_int_equal(m.mpidr[7], 0x700);
	assert_false(m.has_console);
	assert_false(m.has_gic);
	assert_int_equal(m.memory_count, 4);
	assert_true(manifest_has_memory(&m, MEMORY_NS, (struct range){ 0x880000000, 0x1000 }));
	assert_int_equal(m.sp_count, 1);
	assert_true(m.sps[0].usable);
	assert_string_equal(m.sps[0].name, "op-tee");
	assert_int_equal(m.sps[0].memory.base, 0x6280000);
	assert_int_equal(m.sps[0].memory.size, 0x100000);
	assert_int_equal(m.sps[0].vcpu_count, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_system), cmocka_unit_test(test_one_less),
		cmocka_unit_test(test_enough),    cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_memory),    cmocka_unit_test(test_memory_without_end),
		cmocka_unit_test(test_hafnium),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
