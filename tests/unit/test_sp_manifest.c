/* SPDX-License-Identifier: BSD-3-Clause */
/* SP manifests, right and wrong. */
#include <libfdt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host.h"
#include "arch/mem.h"
#include "boot_fixture.h"
#include "core/cpu.h"
#include "ffa/ffa.h"

#define REGION "/memory-regions/shared"
#define DEVICE "/device-regions/uart"
#define LONG_DEVICE                                                                                \
	"/device-regions/of-a-name-that-is-as-long-as-anybody-would-write-it-and-then-some-more"

static void add_region(void *fdt, unsigned int n, const char *base, uint32_t address)
{
	char path[32];
	const struct dt_edit edits[] = {
		CELLS(path, base, address),
		CELLS(path, "pages-count", 1),
		CELLS(path, "attributes", 3),
	};

	snprintf(path, sizeof(path), "/memory-regions/r%u", n);
	dtb_edit(fdt, edits, 3);
}

/* Nodes are read in the opposite order: r23 is the one too many. */
static void many_regions(void *fdt)
{
	for (unsigned int n = PARTITION_MAX_REGIONS; n-- > 0;) {
		add_region(fdt, n, "base-address", 0x0eb00000 + n * 0x1000);
	}
}

static void many_holes(void *fdt)
{
	for (unsigned int n = 0; n < PARTITION_MAX_REGIONS / 2; n++) {
		add_region(fdt, n, "load-address-relative-offset", 0x10000 + n * 0x2000);
	}
}

static void many_interrupts(void *fdt)
{
	static const char *const path[] = { "/device-regions/b", "/device-regions/a" };

	for (uint32_t i = 0; i < 2; i++) {
		struct dt_edit edits[] = {
			CELLS(path[i], "base-address", 0x09070000 + i * 0x1000),
			CELLS(path[i], "pages-count", 1),
			CELLS(path[i], "attributes", 3),
			CELLS(path[i], "interrupts", 0),
		};

		edits[3].count = DTB_CELLS_MAX;
		for (uint32_t k = 0; k < edits[3].count; k += 2) {
			edits[3].cells[k] = 100 + i * 100 + k;
			edits[3].cells[k + 1] = 0x900;
		}
		dtb_edit(fdt, edits, 4);
	}
}

static const struct wrong wrong[] = {
	{ "all that is wrong, at once",
	  VM1,
	  { CELLS("/", "ffa-version", 0x20000), CELLS("/", "execution-ctx-count", 2),
	    CELLS("/", "entrypoint-offset", 0x400001), CELLS(REGION, "base-address", 0x0e4ff000),
	    CELLS(DEVICE, "interrupts", 30, 0x901, 42, 0xb20),
	    CELLS("/memory-regions/rodata", "attributes", 0x11) },
	  .boots = WITHOUT(1),
	  .says = { "/: ffa-version: 0x20000 is not allowed",
		    "/: execution-ctx-count: 2 is not allowed: must be 4",
		    "/: entrypoint-offset: 0x400001 is not allowed",
		    "region shared: 0xe4ff000, size 0x2000 is not allowed: overlaps memory of two",
		    "interrupts: 30 is not allowed: belongs to the normal world's timer",
		    "/memory-regions/rodata: attributes: 0x11 is not allowed" } },
	{ "a long path",
	  VM1,
	  { CELLS(LONG_DEVICE, "base-address", 0x09080000), CELLS(LONG_DEVICE, "pages-count", 1),
	    CELLS(LONG_DEVICE, "attributes", 3), CELLS(LONG_DEVICE, "smmu-id", 0xffffffff) },
	  .boots = WITHOUT(1),
	  .says = { LONG_DEVICE ": smmu-id: 0xffffffff is not allowed: DMA cannot be confined yet; "
				"must be absent, or the SPMC built with "
				"CONFIG_ALLOW_UNCONFINED_DMA=1" } },
	{ "what nobody knows",
	  VM1,
	  { CELLS("/", "ns-interrupt-action", 0), CELLS(REGION, "page-count", 1),
	    EMPTY("/boot-info", "ffa-manifest"), NODE("/memory-region"),
	    CELLS("/", "image-size", 0x1000) },
	  .boots = ALL_BOOT,
	  .says = { "warning: SP one (vm1, package at 0xe300000): /: ns-interrupt-action: is not "
		    "known: ignored",
		    "/memory-regions/shared: page-count: is not known: ignored",
		    "/boot-info: ffa-manifest: is not known: ignored",
		    "/memory-region: is not known: ignored" } },
	{ "another compatible, and more",
	  VM1,
	  { TEXT("/", "compatible", "arm,ffa-manifest-9.9"), CELLS("/", "xlat-granule", 1),
	    CELLS(REGION, "pages-count", 0) },
	  .boots = WITHOUT(1),
	  .says = { "/: compatible: \"arm,ffa-manifest-9.9\" is not allowed",
		    "/: xlat-granule: 0x1 is not allowed",
		    "/memory-regions/shared: pages-count: 0x0 is not allowed" } },
	{ "regions that overlap, and what others have",
	  VM1,
	  { CELLS("/memory-regions/ns", "base-address", 0x0e901000),
	    CELLS(DEVICE, "base-address", 0x08000000) },
	  .boots = WITHOUT(1),
	  .says = { "overlaps region ", "of the same manifest", "\"ns-memory\"",
		    "region uart: 0x8000000, size 0x1000 is not allowed: overlaps memory of the "
		    "SPMC (GIC)" } },
	{ "no compatible",
	  VM1,
	  { DROP("/", "compatible") },
	  .boots = WITHOUT(1),
	  .says = { "SP one (vm1, package at 0xe300000): /: compatible: is missing",
		    "vm1 is not loaded; the others go on" } },
	{ "other compatible",
	  VM1,
	  { TEXT("/", "compatible", "arm,ffa-manifest-9.9") },
	  .boots = WITHOUT(1),
	  .says = { "/: compatible: \"arm,ffa-manifest-9.9\" is not allowed: must be "
		    "\"arm,ffa-manifest-1.0\"" } },
	{ "no version",
	  VM1,
	  { DROP("/", "ffa-version") },
	  .boots = WITHOUT(1),
	  .says = { "/: ffa-version: is missing: must be 0x10000 (1.0) to 0x10002 (1.2)" } },
	{ "unknown major version",
	  VM1,
	  { CELLS("/", "ffa-version", 0x20000) },
	  .boots = WITHOUT(1),
	  .says = { "/: ffa-version: 0x20000 is not allowed: must be 0x10000" } },
	{ "unknown minor version",
	  VM1,
	  { CELLS("/", "ffa-version", 0x10003) },
	  .boots = WITHOUT(1),
	  .says = { "/: ffa-version: 0x10003 is not allowed" } },
	{ "no UUID",
	  VM1,
	  { DROP("/", "uuid") },
	  .boots = WITHOUT(1),
	  .says = { "/: uuid: has 0 cells: must be 1 to 8 times 4" } },
	{ "half a UUID",
	  VM1,
	  { CELLS("/", "uuid", 1, 2, 3, 4, 5, 6) },
	  .boots = WITHOUT(1),
	  .says = { "/: uuid: has 6 cells: must be 1 to 8 times 4" } },
	{ "nil UUID",
	  VM1,
	  { CELLS("/", "uuid", 0, 0, 0, 0) },
	  .boots = WITHOUT(1),
	  .says = { "/: uuid: is all zeroes" } },
	{ "a UUID twice",
	  VM2,
	  { CELLS("/", "uuid", 1, 2, 3, 4, 1, 2, 3, 4) },
	  .boots = WITHOUT(2),
	  .says = { "SP two (vm2", "/: uuid: UUID 1 is there twice: must be unique" } },
	{ "nine UUIDs",
	  VM1,
	  { CELLS("/", "uuid", 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0,
		  0, 7, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0) },
	  .boots = WITHOUT(1),
	  .says = { "/: uuid: has 144 bytes: must be 1 to 8 times 4 cells" } },
	{ "no method",
	  VM1,
	  { DROP("/", "messaging-method") },
	  .boots = WITHOUT(1),
	  .says = { "/: messaging-method: has 0 cells: must be one" } },
	{ "method 0",
	  VM1,
	  { CELLS("/", "messaging-method", 0) },
	  .boots = WITHOUT(1),
	  .says = { "/: messaging-method: 0x0 is not allowed: must be made of bits 0, 1, 2, 9 and "
		    "10" } },
	{ "unknown method",
	  VM1,
	  { CELLS("/", "messaging-method", 0x13) },
	  .boots = WITHOUT(1),
	  .says = { "/: messaging-method: 0x13 is not allowed" } },
	{ "methods of 1.2 in a 1.1",
	  VM1,
	  { CELLS("/", "ffa-version", 0x10001) },
	  .boots = WITHOUT(1),
	  .says = { "/: messaging-method: 0x603 is not allowed: bits 9 and 10 need ffa-version "
		    "0x10002" } },
	{ "neither one method nor one for each",
	  VM2,
	  { CELLS("/", "messaging-method", 1, 1, 1) },
	  .boots = WITHOUT(2),
	  .says = { "/: messaging-method: has 3 cells: must be one, or 2: one for each UUID" } },
	{ "no context count",
	  VM1,
	  { DROP("/", "execution-ctx-count") },
	  .boots = WITHOUT(1),
	  .says = { "/: execution-ctx-count: is missing" } },
	{ "other context count",
	  VM1,
	  { CELLS("/", "execution-ctx-count", 1) },
	  .boots = WITHOUT(1),
	  .says = { "/: execution-ctx-count: 1 is not allowed: must be 4, the vcpu_count of vm1 in "
		    "the" } },
	{ "EL1",
	  VM2,
	  { CELLS("/", "exception-level", 0) },
	  .boots = WITHOUT(2),
	  .says = { "/: exception-level: 0x0 is not allowed: must be 2 (S-EL1) or 1 (S-EL0)" } },
	/* What an S-EL0 partition cannot have. */
	{ "S-EL0 with four contexts",
	  VM1,
	  { CELLS("/", "exception-level", 1), CELLS("/", "ns-interrupts-action", 2) },
	  .boots = WITHOUT(1),
	  .says = { "/: execution-ctx-count: 4 is not allowed: an S-EL0 partition has 1" } },
	{ "S-EL0 with managed-exit",
	  VM2,
	  { CELLS("/", "exception-level", 1) },
	  .boots = WITHOUT(2),
	  .says = { "/: managed-exit: not allowed: an S-EL0 partition cannot be told to leave; "
		    "ns-interrupts-action must be 0 or 2" } },
	{ "S-EL0 with ns-interrupts-action 1",
	  VM2,
	  { CELLS("/", "exception-level", 1), DROP("/", "managed-exit"),
	    CELLS("/", "ns-interrupts-action", 1) },
	  .boots = WITHOUT(2),
	  .says = { "/: ns-interrupts-action: not allowed: an S-EL0 partition cannot" } },
	{ "S-EL0 with an SRI policy",
	  VM2,
	  { CELLS("/", "exception-level", 1), DROP("/", "managed-exit"),
	    CELLS("/", "sri-interrupts-policy", 2) },
	  .boots = WITHOUT(2),
	  .says = { "/: sri-interrupts-policy: 0x2 is not allowed: must be 0 for an S-EL0" } },
	{ "S-EL0 with power messages",
	  VM2,
	  { CELLS("/", "exception-level", 1), DROP("/", "managed-exit"),
	    CELLS("/", "power-management-messages", 1) },
	  .boots = ALL_BOOT,
	  .says = { "warning: SP two", "/: power-management-messages: 0x1 is ignored: an S-EL0" } },
	{ "S-EL0 with memory to write and execute",
	  VM1,
	  { CELLS("/", "exception-level", 1), CELLS(REGION, "attributes", 7) },
	  .boots = WITHOUT(1),
	  .says = { "SP one (vm1, package at 0xe300000): region shared: attributes 0x7 are not "
		    "allowed: an S-EL0 partition has no memory that is writable and" } },
	{ "AArch32",
	  VM1,
	  { CELLS("/", "execution-state", 1) },
	  .boots = WITHOUT(1),
	  .says = { "/: execution-state: 0x1 is not allowed: must be 0 (AArch64)" } },
	{ "64 KiB granule",
	  VM1,
	  { CELLS("/", "xlat-granule", 2) },
	  .boots = WITHOUT(1),
	  .says = { "/: xlat-granule: 0x2 is not allowed: must be 0 (4 KiB)" } },
	{ "entry point outside",
	  VM1,
	  { CELLS("/", "entrypoint-offset", 0x100000) },
	  .boots = WITHOUT(1),
	  .says = { "/: entrypoint-offset: 0x100000 is not allowed: must be a multiple of 4 "
		    "below" } },
	{ "entry point that wraps",
	  VM1,
	  { CELLS("/", "entrypoint-offset", 0xffffffff, 0xfffff000) },
	  .boots = WITHOUT(1),
	  .says = { "/: entrypoint-offset: 0xfffffffffffff000 is not allowed" } },
	{ "entry point beside the image",
	  VM1,
	  { CELLS("/", "entrypoint-offset", 0) },
	  .boots = ALL_BOOT,
	  .says = { "warning: SP one", "/: entrypoint-offset: 0x0 is outside the image" } },
	{ "loaded elsewhere",
	  VM1,
	  { CELLS("/", "load-address", 0x0e200000) },
	  .boots = ALL_BOOT,
	  .says = { "warning: SP one",
		    "/: load-address: 0xe200000 is ignored: the SPMC manifest has" } },
	{ "other id",
	  VM1,
	  { CELLS("/", "id", 0x8009) },
	  .boots = ALL_BOOT,
	  .says = { "warning: SP one", "/: id: 0x8009 is ignored: it is 0x8001" } },
	{ "boot order too high",
	  VM1,
	  { CELLS("/", "boot-order", 0x10000) },
	  .boots = WITHOUT(1),
	  .says = { "/: boot-order: 0x10000 is not allowed: must be 0 to 0xFFFF" } },
	{ "register x4",
	  VM1,
	  { CELLS("/", "gp-register-num", 4) },
	  .boots = WITHOUT(1),
	  .says = { "/: gp-register-num: 0x4 is not allowed: must be 0 to 3" } },
	{ "no register",
	  VM1,
	  { DROP("/", "gp-register-num") },
	  .boots = ALL_BOOT,
	  .says = { "/: gp-register-num: is missing: boot information is not given without it" } },
	{ "action 3",
	  VM1,
	  { CELLS("/", "ns-interrupts-action", 3) },
	  .boots = WITHOUT(1),
	  .says = { "/: ns-interrupts-action: 0x3 is not allowed: must be 0 (queued), 1" } },
	{ "managed exit and signalled",
	  VM2,
	  { CELLS("/", "ns-interrupts-action", 2) },
	  .boots = ALL_BOOT,
	  .says = { "/: managed-exit: ignored: ns-interrupts-action is 2" } },
	{ "queued beside signalled",
	  VM1,
	  { CELLS("/", "other-s-interrupts-action", 0) },
	  .boots = WITHOUT(1),
	  .says = { "/: other-s-interrupts-action: 0 (queued) is not allowed with "
		    "ns-interrupts-action 1" } },
	{ "SRI policy",
	  VM1,
	  { CELLS("/", "sri-interrupts-policy", 4) },
	  .boots = WITHOUT(1),
	  .says = { "/: sri-interrupts-policy: 0x4 is not allowed: must be made of bits 0 and "
		    "1" } },
	{ "VM messages",
	  VM1,
	  { CELLS("/", "vm-availability-messages", 8) },
	  .boots = WITHOUT(1),
	  .says = { "/: vm-availability-messages: 0x8 is not allowed" } },
	{ "power messages",
	  VM1,
	  { CELLS("/", "power-management-messages", 8) },
	  .boots = WITHOUT(1),
	  .says = { "/: power-management-messages: 0x8 is not allowed" } },
	{ "HOB list",
	  VM1,
	  { EMPTY("/boot-info", "hob_list") },
	  .boots = WITHOUT(1),
	  .says = { "/boot-info: hob_list: not allowed: the package has none" } },
	{ "boot information in a package of version 1",
	  VM3,
	  { EMPTY("/boot-info", "ffa_manifest"), CELLS("/", "gp-register-num", 0) },
	  .boots = WITHOUT(3),
	  .says = { "/boot-info: ffa_manifest: not allowed: a package of version 1 has no room" } },
	/* Regions. */
	{ "no address",
	  VM1,
	  { DROP(REGION, "base-address") },
	  .boots = WITHOUT(1),
	  .says = { REGION ": base-address: is missing: must be either" } },
	{ "two addresses",
	  VM1,
	  { CELLS(REGION, "load-address-relative-offset", 0) },
	  .boots = WITHOUT(1),
	  .says = { REGION ": base-address: is there twice: must be either" } },
	{ "address within a page",
	  VM1,
	  { CELLS(REGION, "base-address", 0x0e900004) },
	  .boots = WITHOUT(1),
	  .says = { REGION ": base-address: 0xe900004 is not allowed" } },
	{ "no pages-count",
	  VM1,
	  { DROP(REGION, "pages-count") },
	  .boots = WITHOUT(1),
	  .says = { REGION ": pages-count: is missing" } },
	{ "no pages",
	  VM1,
	  { CELLS(REGION, "pages-count", 0) },
	  .boots = WITHOUT(1),
	  .says = { REGION ": pages-count: 0x0 is not allowed" } },
	{ "pages that wrap",
	  VM1,
	  { CELLS(REGION, "pages-count", 0x100000, 1) },
	  .boots = WITHOUT(1),
	  .says = { REGION ": pages-count: 0x10000000000001 is not allowed" } },
	{ "pages beyond 2^46",
	  VM1,
	  { CELLS(REGION, "pages-count", 4, 0) },
	  .boots = WITHOUT(1),
	  .says = { REGION
		    ": base-address: 0xe900000 with pages-count 0x400000000 is not allowed" } },
	{ "no attributes",
	  VM1,
	  { DROP(REGION, "attributes") },
	  .boots = WITHOUT(1),
	  .says = { REGION ": attributes: is missing" } },
	{ "attributes without R",
	  VM1,
	  { CELLS(REGION, "attributes", 2) },
	  .boots = WITHOUT(1),
	  .says = { REGION ": attributes: 0x2 is not allowed: must be R (1), RW (3)" } },
	{ "unknown attributes",
	  VM1,
	  { CELLS(REGION, "attributes", 0x13) },
	  .boots = WITHOUT(1),
	  .says = { REGION ": attributes: 0x13 is not allowed" } },
	{ "region behind an SMMU",
	  VM1,
	  { CELLS(REGION, "smmu-id", 0) },
	  .boots = WITHOUT(1),
	  .says = { REGION ": smmu-id: 0x0 is not allowed: DMA cannot be confined yet" } },
	{ "device behind an SMMU",
	  VM1,
	  { CELLS(DEVICE, "stream-ids", 1, 2) },
	  .boots = WITHOUT(1),
	  .says = { DEVICE ": stream-ids: not allowed: DMA cannot be confined yet" } },
	{ "secure region in normal memory",
	  VM1,
	  { CELLS(REGION, "base-address", 0x40000000) },
	  .boots = WITHOUT(1),
	  .says = { "region shared: 0x40000000, size 0x2000 is not allowed: must be inside one "
		    "range",
		    "device_type \"memory\"" } },
	{ "normal region in secure memory",
	  VM1,
	  { CELLS(REGION, "attributes", 0xb) },
	  .boots = WITHOUT(1),
	  .says = { "region shared: 0xe900000, size 0x2000 is not allowed",
		    "device_type \"ns-memory\"" } },
	{ "device in memory",
	  VM1,
	  { CELLS(DEVICE, "base-address", 0x0ef00000) },
	  .boots = WITHOUT(1),
	  .says = { "region uart: 0xef00000, size 0x1000 is not allowed",
		    "device_type \"device-memory\"" } },
	{ "normal device in secure devices",
	  VM1,
	  { CELLS(DEVICE, "attributes", 9) },
	  .boots = WITHOUT(1),
	  .says = { "region uart: 0x9050000", "device_type \"ns-device-memory\"" } },
	{ "executable device",
	  VM1,
	  { CELLS(DEVICE, "attributes", 5) },
	  .boots = WITHOUT(1),
	  .says = { DEVICE ": attributes: 0x5 is not allowed" } },
	{ "region half inside the image",
	  VM1,
	  { CELLS(REGION, "base-address", 0x0e3ff000) },
	  .boots = WITHOUT(1),
	  .says = { "region shared: 0xe3ff000, size 0x2000 is not allowed: overlaps the image "
		    "memory" } },
	{ "regions that overlap",
	  VM1,
	  { CELLS("/memory-regions/rodata", "load-address-relative-offset", 0x601000) },
	  .boots = WITHOUT(1),
	  .says = { "overlaps region ", "of the same manifest" } },
	{ "too many regions", VM3, .tree = many_regions, .boots = WITHOUT(3),
	  .says = { "/memory-regions/r23: too many regions: at most 24, the image counts" } },
	{ "too many pieces of image", VM3, .tree = many_holes, .boots = WITHOUT(3),
	  .says = { "/memory-regions: too many regions inside the image memory: at most 24" } },
	/* Interrupts. */
	{ "half an interrupt",
	  VM1,
	  { CELLS(DEVICE, "interrupts", 41, 0x900, 42) },
	  .boots = WITHOUT(1),
	  .says = { DEVICE ": interrupts: has 3 cells: must be pairs" } },
	{ "an interrupt twice",
	  VM1,
	  { CELLS(DEVICE, "interrupts", 41, 0x900, 41, 0x900, 42, 0x900) },
	  .boots = WITHOUT(1),
	  .says = { DEVICE ": interrupts: 41 is not allowed: this partition has it" } },
	{ "target of nothing",
	  VM1,
	  { CELLS(DEVICE, "interrupts-target", 49, 0, 3) },
	  .boots = WITHOUT(1),
	  .says = { DEVICE ": interrupts-target: 49 is not allowed: must be one of the ids" } },
	{ "half a target",
	  VM1,
	  { CELLS(DEVICE, "interrupts-target", 41, 0) },
	  .boots = WITHOUT(1),
	  .says = { DEVICE ": interrupts-target: has 2 cells: must be three for each" } },
	{ "target that is no CPU",
	  VM1,
	  { CELLS(DEVICE, "interrupts-target", 42, 0, 0x77) },
	  .boots = WITHOUT(1),
	  .says = { "SP one (vm1, package at 0xe300000): /device-regions: interrupts-target: 0x77 "
		    "of interrupt 42 is not allowed" } },
	{ "an SGI",
	  VM2,
	  { CELLS("/device-regions/timer", "interrupts", 8, 0x100) },
	  .boots = WITHOUT(2),
	  .says = { "SP two (vm2, package at 0xe400000): /device-regions: interrupts: 8 is not "
		    "allowed: must be a PPI or SPI of this GIC" } },
	{ "an interrupt that the GIC has not",
	  VM2,
	  { CELLS("/device-regions/timer", "interrupts", 2000, 0x900) },
	  .boots = WITHOUT(2),
	  .says = { "interrupts: 2000 is not allowed" } },
	{ "the SPMC's timer",
	  VM2,
	  { CELLS("/device-regions/timer", "interrupts", 20, 0x500) },
	  .boots = WITHOUT(2),
	  .says = { "interrupts: 20 is not allowed" } },
	{ "the normal world's timer",
	  VM2,
	  { CELLS("/device-regions/timer", "interrupts", 30, 0x500) },
	  .boots = WITHOUT(2),
	  .says = { "/device-regions: interrupts: 30 is not allowed: belongs to the normal world's "
		    "timer" } },
	{ "somebody else's interrupt",
	  VM2,
	  { CELLS("/device-regions/timer", "interrupts", 41, 0x900) },
	  .boots = WITHOUT(2),
	  .says = { "SP two (vm2, package at 0xe400000): /device-regions: interrupts: 41 is not "
		    "allowed: it belongs to one" } },
	{ "too many interrupts", VM3, .tree = many_interrupts, .boots = WITHOUT(3),
	  .says = { "/device-regions/b: interrupts: too many: at most 56 for a partition" } },
	/* RX and TX. */
	{ "no RX",
	  VM2,
	  { DROP("/rx_tx-info", "rx-buffer") },
	  .boots = WITHOUT(2),
	  .says = { "/rx_tx-info: rx-buffer: is missing" } },
	{ "unknown RX",
	  VM2,
	  { CELLS("/rx_tx-info", "rx-buffer", 9) },
	  .boots = WITHOUT(2),
	  .says = { "/rx_tx-info: rx-buffer: 0x9 is not allowed: must be the phandle of a "
		    "secure" } },
	{ "RX is TX",
	  VM2,
	  { CELLS("/rx_tx-info", "tx-buffer", 1) },
	  .boots = WITHOUT(2),
	  .says = { "/rx_tx-info: tx-buffer: 0x1 is not allowed: must be the phandle of "
		    "another" } },
	{ "RX and TX of different size",
	  VM2,
	  { CELLS("/memory-regions/tx", "pages-count", 1) },
	  .boots = WITHOUT(2),
	  .says = { "/rx_tx-info: tx-buffer: size 0x1000, and 0x2000 of rx-buffer" } },
	/* What becomes of one that ends. */
	{ "lifecycle of several vCPUs",
	  VM1,
	  { EMPTY("/", "lifecycle-support") },
	  .boots = WITHOUT(1),
	  .says = { "/: lifecycle-support: not allowed with execution-ctx-count 4: must be absent, "
		    "or that 1" } },
	{ "abort-action without lifecycle",
	  VM3,
	  { CELLS("/", "abort-action", 2) },
	  .boots = WITHOUT(3),
	  .says = { "/: abort-action: 2 is not allowed: must be absent without "
		    "lifecycle-support" } },
	{ "unknown abort-action",
	  VM3,
	  { EMPTY("/", "lifecycle-support"), CELLS("/", "abort-action", 4) },
	  .boots = WITHOUT(3),
	  .says = { "/: abort-action: 0x4 is not allowed: must be 0 (stop), 1 (destroy)" } },
	{ "unknown timer-interrupts-action",
	  VM3,
	  { CELLS("/", "timer-interrupts-action", 2) },
	  .boots = WITHOUT(3),
	  .says = { "/: timer-interrupts-action: 0x2 is not allowed: must be 0 (the normal" } },
	/* Manifest 1.1. */
	{ "1.1 without services",
	  VM3,
	  { TEXT("/", "compatible", "arm,ffa-manifest-1.1") },
	  .boots = WITHOUT(3),
	  .says = { "/: services: none: must be a node with at least one service" } },
	{ "1.1 with a short UUID",
	  VM3,
	  { TEXT("/", "compatible", "arm,ffa-manifest-1.1"),
	    TEXT("/services/a", "uuid", "486178e0-e7f8-11e3-bc5e-0002a5d5c51"),
	    CELLS("/services/a", "messaging-method", 3) },
	  .boots = WITHOUT(3),
	  .says = { "/services/a: uuid: \"486178e0-e7f8-11e3-bc5e-0002a5d5c51\" is not allowed" } },
};

static void test_wrong(void **state)
{
	(void)state;
	check_wrong(wrong, sizeof(wrong) / sizeof(wrong[0]));
}

static void test_good_one(void **state)
{
	const struct partition *p;

	(void)state;
	assert_int_equal(boot_machine(NULL), ALL_BOOT);
	p = booted(VM1);
	assert_string_equal(p->name, "one");
	assert_int_equal(p->ffa_version, FFA_VERSION_1_2);
	assert_int_equal(p->service_count, 1);
	assert_int_equal(p->services[0].uuid.w[0], 0x11111111);
	assert_int_equal(p->methods, 0x603);
	assert_true(p->notifications);
	assert_int_equal(p->pm_messages, PM_CPU_OFF);
	assert_int_equal(p->ns_action, NS_MANAGED_EXIT);
	assert_true(p->managed_exit_virq);
	assert_int_equal(p->other_s_action, OTHER_S_SIGNALED);
	assert_int_equal(p->boot_order, 7);
	assert_int_equal(p->entry, 0x0e304000);
	assert_int_equal(p->secondary_entry, 0x0e304000);
	assert_int_equal(p->gp_register, 0);
	assert_int_equal(p->boot_info, 0x0e300000);
	assert_int_equal(p->vcpu_count, CPUS);
	assert_int_equal(p->interrupt_count, 2);
	assert_int_equal(p->interrupts[0].intid, 41);
	assert_int_equal(p->interrupts[0].priority, 1);
	assert_true(p->interrupts[0].secure && !p->interrupts[0].level);
	assert_int_equal(p->interrupts[1].intid, 42);
	assert_int_equal(p->interrupts[1].priority, 0x20);
	assert_true(p->interrupts[1].secure && p->interrupts[1].level);
	assert_true(p->interrupts[1].has_target && p->interrupts[1].target == 3);
}

/* One that is to start anew has a copy of its package, boot information and all. */
static void test_lifecycle(void **state)
{
	static const struct wrong good[] = {
		{ "stops", VM3, { EMPTY("/", "lifecycle-support") }, .boots = ALL_BOOT },
		{ "starts anew",
		  VM3,
		  { EMPTY("/", "lifecycle-support"), CELLS("/", "abort-action", 2) },
		  .boots = ALL_BOOT },
	};
	const struct partition *p;

	(void)state;
	assert_int_equal(boot_machine(NULL), ALL_BOOT);
	assert_null(strstr(host_console(), "not known"));
	assert_false(booted(VM3)->lifecycle);
	assert_int_equal(boot_machine(&good[0]), ALL_BOOT);
	assert_true(booted(VM3)->lifecycle);
	assert_int_equal(booted(VM3)->abort_action, ABORT_STOP);
	assert_null(booted(VM3)->pristine);
	assert_int_equal(boot_machine(&good[1]), ALL_BOOT);
	p = booted(VM3);
	assert_int_equal(p->abort_action, ABORT_RESTART);
	assert_non_null(p->pristine);
	assert_true(p->package_size >= 0x5000);
	assert_memory_equal(p->pristine, (const void *)p->memory.base, p->package_size);
}

static void test_good_others(void **state)
{
	const struct partition *p;

	(void)state;
	assert_int_equal(boot_machine(NULL), ALL_BOOT);
	p = booted(VM2);
	assert_int_equal(p->service_count, 2);
	assert_int_equal(p->services[0].methods, 7);
	assert_int_equal(p->services[1].methods, 1);
	assert_int_equal(p->methods, 7);
	assert_int_equal(p->ns_action, NS_MANAGED_EXIT); /* the old property */
	assert_false(p->managed_exit_virq);
	assert_int_equal(p->pm_messages, 0); /* UP */
	assert_int_equal(p->gp_register, -1);
	assert_int_equal(p->whitelist_count, 2);
	assert_int_equal(p->whitelist[1], 0xC2005678);
	assert_int_equal(p->endpoint.mailbox.pages, 2);
	assert_int_equal(p->endpoint.mailbox.rx_ipa, 0x0ea00000);
	assert_int_equal(p->endpoint.mailbox.tx_ipa, 0x0ea02000);
	assert_non_null(p->endpoint.mailbox.rx);
	assert_non_null(p->endpoint.mailbox.tx);
	p = booted(VM3);
	assert_int_equal(p->ns_action, NS_QUEUED);
	assert_int_equal(p->other_s_action, OTHER_S_QUEUED);
	assert_int_equal(p->boot_order, 0xFFFF);
	assert_null(p->endpoint.mailbox.rx);
}

/* A 1.1 manifest gives a UUID as text: the bytes in memory are those of the text. */
static void test_services_1_1(void **state)
{
	static const struct wrong w = {
		.where = VM3,
		.edits = { TEXT("/", "compatible", "arm,ffa-manifest-1.1"), DROP("/", "uuid"),
			   TEXT("/services/a", "uuid", "486178e0-e7f8-11E3-bc5e-0002a5d5c51b"),
			   CELLS("/services/a", "messaging-method", 3) },
	};
	static const uint32_t want[4] = { 0xe0786148, 0xe311f8e7, 0x02005ebc, 0x1bc5d5a5 };

	(void)state;
	assert_int_equal(boot_machine(&w), ALL_BOOT);
	assert_int_equal(booted(VM3)->service_count, 1);
	assert_memory_equal(&booted(VM3)->services[0].uuid, want, sizeof(want));
	assert_int_equal(booted(VM3)->methods, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong),        cmocka_unit_test(test_good_one),
		cmocka_unit_test(test_lifecycle),    cmocka_unit_test(test_good_others),
		cmocka_unit_test(test_services_1_1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
