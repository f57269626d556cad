/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The first translation tables. This runs with the MMU off, at whatever address the image was
 * loaded: addresses are PC-relative, so the address of an object is its physical one here, and
 * nothing may be read that holds an address of the link (no pointer tables, no switch tables).
 * Memory is of type Device meanwhile: every access has to be aligned.
 */
#include "boot_tables.h"

#include "arch/boot.h"
#include "arch/stage1.h"
#include "lib/addr.h"
#include "arch/stage1_format.h"

/* Cleared by boot.S before this runs. They stay: secondary CPUs need all of them, each time. */
#define BOOT_TABLE __attribute__((section(".bss.boot_tables"), aligned(PAGE_SIZE)))
uint64_t stage1_root[TABLE_ENTRIES] BOOT_TABLE;
uint64_t boot_identity[TABLE_ENTRIES] BOOT_TABLE;
static uint64_t image_tables[3][TABLE_ENTRIES] BOOT_TABLE;
static uint64_t identity_tables[3][TABLE_ENTRIES] BOOT_TABLE;

/* Hangs tables (of levels 1 to 3) under root for va. */
static void tables_hang(uint64_t *root, uint64_t tables[3][TABLE_ENTRIES], uint64_t va)
{
	uint64_t *above = root;

	for (unsigned int level = 0; level < TABLE_LAST_LEVEL; level++) {
		above[table_index(va, level)] = (uint64_t)tables[level] | TABLE_TABLE;
		above = tables[level];
	}
}

/* Maps the piece [from, to) of the image at its link address. */
static void image_map(const char *from, const char *to, uint64_t attrs)
{
	uint64_t load = (uint64_t)image_start;

	for (uint64_t pa = (uint64_t)from; pa < (uint64_t)to; pa += PAGE_SIZE) {
		image_tables[2][table_index(STAGE1_IMAGE_VA + (pa - load), 3)] = pa | attrs;
	}
}

void boot_tables_make(bool bti)
{
	uint64_t load = (uint64_t)image_start;

	tables_hang(stage1_root, image_tables, STAGE1_IMAGE_VA);
	image_map(image_start, image_text_end, S1_NORMAL_RX | (bti ? S1_GUARDED : 0));
	image_map(image_text_end, image_rodata_end, S1_NORMAL_RO);
	image_map(image_rodata_end, boot_guard, S1_NORMAL_RW);
	image_map(boot_stack, image_end, S1_NORMAL_RW);

	/* One page of TTBR0_EL2: the one with the code that switches the MMU on. */
	tables_hang(boot_identity, identity_tables, load);
	identity_tables[2][table_index(load, 3)] = load | S1_NORMAL_RX;
}
