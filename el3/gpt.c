/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The granule protection table: 4 KiB pages for the DRAM, where all pages are the normal world's
 * when it is switched on; everything else belongs to whoever reaches it. Only with the argument
 * `rme`, on a CPU that has RME.
 */
#include "gpt.h"

#include <stdatomic.h>

#include "args.h"
#include "console.h"
#include "sysreg.h"

#define PAGE 4096ull
#define GIB 0x40000000ull
#define DRAM GIB /* and as long */

#define GPCCR_EL3 S3_6_C2_C1_6
#define GPTBR_EL3 S3_6_C2_C1_4
#define GPCCR_PPS_4G (0ull << 0)
#define GPCCR_IRGN_ORGN_SH_INNER (1ull << 8 | 1ull << 10 | 3ull << 12)
#define GPCCR_GPC (1ull << 16)

#define L0_BLOCK(gpi) (1ull | (uint64_t)(gpi) << 4)
#define L0_TABLE 3ull
#define PER_WORD 16u /* pages whose entries are in one word */
#define PFR0_RME_SHIFT 52

static uint64_t level_0[4] __attribute__((aligned(4096))); /* of 1 GiB each */
/* In its place by the linker script: it has to be aligned to its size. */
static uint64_t dram[GIB / PAGE / PER_WORD] __attribute__((section(".gpt")));
static atomic_flag lock = ATOMIC_FLAG_INIT;

/* On the primary CPU, before any world runs. */
void gpt_init(void)
{
	if (!args.rme) {
		return;
	}
	if ((sysreg_read(ID_AA64PFR0_EL1) >> PFR0_RME_SHIFT & 0xF) == 0) {
		console_die("argument rme: this CPU has no RME");
	}
	for (uint64_t i = 0; i < sizeof(dram) / sizeof(dram[0]); i++) {
		dram[i] = 0x1111111111111111ull * GPI_NORMAL;
	}
	for (unsigned int i = 0; i < 4; i++) {
		level_0[i] = L0_BLOCK(GPI_ANY);
	}
	level_0[DRAM / GIB] = (uint64_t)dram | L0_TABLE;
	dsb();
}

/* On each CPU. */
void gpt_enable_cpu(void)
{
	if (!args.rme) {
		return;
	}
	sysreg_write(GPTBR_EL3, (uint64_t)level_0 >> 12);
	sysreg_write(GPCCR_EL3, GPCCR_PPS_4G | GPCCR_IRGN_ORGN_SH_INNER);
	isb();
	sysreg_write(GPCCR_EL3, GPCCR_PPS_4G | GPCCR_IRGN_ORGN_SH_INNER | GPCCR_GPC);
	isb();
	__asm__ volatile("sys #6, c8, c7, #4\n\tdsb sy\n\tisb" ::: "memory"); /* TLBI PAALL */
}

bool gpt_covers(uint64_t base, uint64_t size)
{
	return args.rme && base % PAGE == 0 && size % PAGE == 0 && size != 0 && base >= DRAM &&
	       base < DRAM + GIB && size <= DRAM + GIB - base;
}

static enum gpi entry(uint64_t page)
{
	uint64_t n = (page - DRAM) / PAGE;

	return (enum gpi)(dram[n / PER_WORD] >> (n % PER_WORD * 4) & 0xF);
}

static void set_entry(uint64_t page, enum gpi gpi)
{
	uint64_t n = (page - DRAM) / PAGE;
	unsigned int shift = n % PER_WORD * 4;

	dram[n / PER_WORD] = (dram[n / PER_WORD] & ~(0xFull << shift)) | (uint64_t)gpi << shift;
}

/*
 * Pages that are `from`'s become `to`'s, one after the other; no CPU uses what it knew of them. The
 * range is one that gpt_covers(). False: it stopped at a page that is somebody else's; *last is the
 * last one that it has changed, or base - PAGE.
 */
bool gpt_set(uint64_t base, uint64_t size, enum gpi from, enum gpi to, uint64_t *last)
{
	uint64_t page = base;

	while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire)) {
	}
	while (page < base + size && (from == GPI_ANY || entry(page) == from)) {
		set_entry(page, to);
		page += PAGE;
	}
	dsb();
	__asm__ volatile("sys #6, c8, c1, #4\n\tdsb sy\n\tisb" ::: "memory"); /* TLBI PAALLOS */
	atomic_flag_clear_explicit(&lock, memory_order_release);
	*last = page - PAGE;
	return page == base + size;
}
