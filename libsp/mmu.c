/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 1 of a partition: virtual = physical address, 4 KiB pages, 39 bits. For shared locks,
 * unaligned access and speed; protection from others is the SPMC's stage 2.
 */
#include "sp/sp.h"

#define PAGE 4096ul
#define ENTRIES 512u
#define TABLES 8u
#define ADDRESS_MASK 0x0000FFFFFFFFF000ul
#define ADDRESS_LIMIT (1ul << 39)

#define PTE_VALID (1ul << 0)
#define PTE_TABLE_OR_PAGE (1ul << 1)
#define PTE_ATTR_DEVICE (1ul << 2) /* MAIR attribute 1; attribute 0 is normal memory */
#define PTE_NS (1ul << 5)
#define PTE_RO (1ul << 7)
#define PTE_INNER_SHAREABLE (3ul << 8)
#define PTE_ACCESSED (1ul << 10)
#define PTE_PXN (1ul << 53)
#define PTE_UXN (1ul << 54)

#define MAIR 0x00FFul /* 0: write-back, allocating; 1: Device-nGnRnE */
/* T0SZ 25, tables write-back and inner shareable, TTBR1 off, 40-bit physical addresses. */
#define TCR (25ul | 1ul << 8 | 1ul << 10 | 3ul << 12 | 1ul << 23 | 2ul << 32)
/* M, C, SA, I, and what is RES1 without the features behind it; writable is not executable. */
#define SCTLR (0x30D00980ul | 1ul << 0 | 1ul << 2 | 1ul << 3 | 1ul << 12 | 1ul << 19)

static uint64_t tables[TABLES][ENTRIES] __attribute__((aligned(4096)));
static unsigned int tables_used; /* the first is the root */
static uint64_t (*more_tables)[ENTRIES]; /* the partition's, for when these are used up */
static unsigned int more_count;

extern char sp_image_start[], sp_rodata_start[], sp_data_start[], sp_image_end[];

/* A table with no entries; NULL: none is left. */
static uint64_t *table_take(void)
{
	if (tables_used < TABLES) {
		return tables[tables_used++];
	}
	return more_count != 0 ? more_tables[--more_count] : NULL;
}

/*
 * The entry for `address` at the last level, making the tables on the way; NULL: no table left, or
 * none there and `make` is false.
 */
static uint64_t *page_entry(uint64_t address, bool make)
{
	uint64_t *table = tables[0];

	for (unsigned int shift = 30; shift > 12; shift -= 9) {
		uint64_t *e = &table[(address >> shift) % ENTRIES];

		if (*e == 0) {
			uint64_t *next = make ? table_take() : NULL;

			if (next == NULL) {
				return NULL;
			}
			*e = (uintptr_t)next | PTE_TABLE_OR_PAGE | PTE_VALID;
		}
		table = (uint64_t *)(uintptr_t)(*e & ADDRESS_MASK);
	}
	return &table[(address >> 12) % ENTRIES];
}

/* No vCPU of ours uses what was said of that page any more. */
static void forget(uint64_t address)
{
	__asm__ volatile("dsb ishst\n\ttlbi vaae1is, %0" ::"r"(address >> 12) : "memory");
}

/*
 * Maps [base, base + size), page aligned and below 2^39. attrs is SP_MAP_RW with what else is
 * wanted; a page that was mapped before gets these. False when the tables are used up; some pages
 * may be mapped then. One vCPU at a time.
 */
bool sp_map(uint64_t base, uint64_t size, uint32_t attrs)
{
	uint64_t pte = PTE_VALID | PTE_TABLE_OR_PAGE | PTE_ACCESSED | PTE_UXN;

	if (base >= ADDRESS_LIMIT || size > ADDRESS_LIMIT - base) {
		return false;
	}
	pte |= attrs & SP_MAP_DEVICE ? PTE_ATTR_DEVICE : PTE_INNER_SHAREABLE;
	pte |= attrs & SP_MAP_RX ? PTE_RO : PTE_PXN;
	pte |= attrs & SP_MAP_RO ? PTE_RO : 0;
	pte |= attrs & SP_MAP_NS ? PTE_NS : 0;
	for (uint64_t a = base; a < base + size; a += PAGE) {
		uint64_t *e = page_entry(a, true);

		if (e == NULL) {
			return false;
		}
		/* Break before make. */
		if (*e != 0 && *e != (a | pte)) {
			*e = 0;
			forget(a);
			__asm__ volatile("dsb ish" ::: "memory");
		}
		*e = a | pte;
	}
	__asm__ volatile("dsb ishst\n\tisb" ::: "memory");
	return true;
}

/* Nothing is mapped at [base, base + size) any more, on any vCPU. One vCPU at a time. */
void sp_unmap(uint64_t base, uint64_t size)
{
	for (uint64_t a = base; a < base + size; a += PAGE) {
		uint64_t *e = a < ADDRESS_LIMIT ? page_entry(a, false) : NULL;

		if (e != NULL && *e != 0) {
			*e = 0;
			forget(a);
		}
	}
	__asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

/*
 * Gives sp_map() `count` zeroed pages at `pages` for page tables, beyond the few that the library
 * has. A table maps 2 MiB and is kept for good. Once.
 */
void sp_map_reserve(void *pages, uint32_t count)
{
	more_tables = pages;
	more_count = count;
}

/* Maps the package: header, manifest and constants to read, text to execute, data to write. */
void sp_mmu_init(void)
{
	uint64_t text = (uintptr_t)sp_image_start;
	uint64_t rodata = (uintptr_t)sp_rodata_start;
	uint64_t data = (uintptr_t)sp_data_start;

	tables_used = 1;
	if (!sp_map(text - SP_IMAGE_OFFSET, SP_IMAGE_OFFSET, SP_MAP_RO) ||
	    !sp_map(text, rodata - text, SP_MAP_RX) || !sp_map(rodata, data - rodata, SP_MAP_RO) ||
	    !sp_map(data, (uintptr_t)sp_image_end - data, SP_MAP_RW)) {
		sp_abort("the image does not fit the tables of sp_map()");
	}
}

/* Switches this vCPU's MMU and caches on. */
void sp_mmu_enable(void)
{
	__asm__ volatile("msr mair_el1, %0\n\t"
			 "msr tcr_el1, %1\n\t"
			 "msr ttbr0_el1, %2\n\t"
			 "tlbi vmalle1\n\t"
			 "dsb nsh\n\t"
			 "isb\n\t"
			 "msr sctlr_el1, %3\n\t"
			 "isb" ::"r"(MAIR),
			 "r"(TCR), "r"(tables[0]), "r"(SCTLR)
			 : "memory");
}
