/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Identity map of the first 2 GiB: devices and flash below, memory above. Memory is writable and
 * executable: the tests make instructions of their own (state.c).
 */
#include "mmu.h"

#include "cpu.h"

#define GIB 0x40000000ull

#define BLOCK 1ull
#define ATTR_DEVICE (0ull << 2)
#define ATTR_MEMORY (1ull << 2)
#define AP_EL2 (1ull << 6) /* RES1 for EL2; at EL1 it would open the page to EL0 */
#define SH_INNER (3ull << 8)
#define AF (1ull << 10)
#define XN (3ull << 53) /* UXN and PXN at EL1; XN at EL2 */

#define MAIR 0xff00ull /* 0: Device-nGnRnE, 1: write-back */
#define TCR_39_BITS_WB (25ull | 1ull << 8 | 1ull << 10 | 3ull << 12)
#define TCR_EL2_BITS (TCR_39_BITS_WB | 2ull << 16 | 1ull << 23 | 1ull << 31)
#define TCR_EL1_BITS (TCR_39_BITS_WB | 2ull << 32 | 1ull << 23 /* EPD1 */)
#define SCTLR_M_C_I (1ull << 0 | 1ull << 2 | 1ull << 12)
#define SCTLR_EL2_RES1 0x30c50830ull
#define SCTLR_EL1_RES1 0x30d00800ull

static uint64_t table[512] __attribute__((aligned(4096)));

/* Called by CPU 0 before any other CPU is up. */
void mmu_make_table(void)
{
	uint64_t ap = cpu_el() == 2 ? AP_EL2 : 0;

	table[0] = 0 * GIB | BLOCK | ATTR_DEVICE | AF | XN | ap;
	table[1] = 1 * GIB | BLOCK | ATTR_MEMORY | SH_INNER | AF | ap;
	dsb();
}

void mmu_enable(void)
{
	if (cpu_el() == 2) {
		sysreg_write(mair_el2, MAIR);
		sysreg_write(tcr_el2, TCR_EL2_BITS);
		sysreg_write(ttbr0_el2, (uint64_t)table);
		isb();
		__asm__ volatile("tlbi alle2\n dsb nsh" ::: "memory");
		sysreg_write(sctlr_el2, SCTLR_EL2_RES1 | SCTLR_M_C_I);
	} else {
		sysreg_write(mair_el1, MAIR);
		sysreg_write(tcr_el1, TCR_EL1_BITS);
		sysreg_write(ttbr0_el1, (uint64_t)table);
		isb();
		__asm__ volatile("tlbi vmalle1\n dsb nsh" ::: "memory");
		sysreg_write(sctlr_el1, SCTLR_EL1_RES1 | SCTLR_M_C_I);
	}
	isb();
}
