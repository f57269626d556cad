/* SPDX-License-Identifier: BSD-3-Clause */
/* What has to follow a change of translation tables. */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H

#include <stdint.h>

#include "arch/sysreg.h"
#include "lib/addr.h"

/* New entries are seen by the walkers of all CPUs, and by this CPU's next instruction. */
static inline void tlb_sync(void)
{
	__asm__ volatile("dsb ishst\n\tisb" ::: "memory");
}

/*
 * Nothing that any CPU has cached for the VMID in vttbr is left, of either stage and IPA space.
 * EL1&0 is out of context (TGE) meanwhile: nobody's registers may be walked with this VMID.
 * By VMALLS12E1IS, which, unlike VMALLE1IS, means EL1&0 then too.
 */
static inline void tlb_flush_stage2(uint64_t vttbr)
{
	uint64_t hcr = sysreg_read(HCR_EL2);
	uint64_t live = sysreg_read(VTTBR_EL2);

	__asm__ volatile("dsb ishst" ::: "memory");
	sysreg_write(HCR_EL2, hcr | HCR_TGE);
	isb();
	sysreg_write(VTTBR_EL2, vttbr);
	isb();
	__asm__ volatile("tlbi vmalls12e1is\n\tdsb ish\n\tisb" ::: "memory");
	sysreg_write(VTTBR_EL2, live);
	isb();
	sysreg_write(HCR_EL2, hcr);
	isb();
}

/*
 * The same for the ASID in ttbr0, of EL2&0: that is what ASIDE1IS means with TGE, and only then.
 */
static inline void tlb_flush_el0(uint64_t ttbr0)
{
	uint64_t hcr = sysreg_read(HCR_EL2);

	__asm__ volatile("dsb ishst" ::: "memory");
	sysreg_write(HCR_EL2, hcr | HCR_TGE);
	isb();
	__asm__ volatile("tlbi aside1is, %0\n\tdsb ish\n\tisb"
			 :
			 : "r"(ttbr0 & ~((U64(1) << 48) - 1))
			 : "memory");
	sysreg_write(HCR_EL2, hcr);
	isb();
}

/* The same for [va, va + size) of our own address space: the half of TTBR1_EL2. */
#define TLB_FLUSH_ALL_FROM 64ul /* pages; more are not worth being named one by one */
static inline void tlb_flush_stage1(uint64_t va, uint64_t size)
{
	__asm__ volatile("dsb ishst" ::: "memory");
	if (size > TLB_FLUSH_ALL_FROM * PAGE_SIZE) {
		__asm__ volatile("tlbi alle2is" ::: "memory");
	} else {
		for (uint64_t done = 0; done < size; done += PAGE_SIZE) {
			uint64_t page = ((va + done) >> PAGE_SHIFT) & ((U64(1) << 44) - 1);

			__asm__ volatile("tlbi vae2is, %0" : : "r"(page) : "memory");
		}
	}
	__asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

#endif
