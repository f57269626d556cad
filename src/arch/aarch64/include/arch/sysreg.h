/* SPDX-License-Identifier: BSD-3-Clause */
/* System registers: access, and the fields that this program names. */
#ifndef ARCH_SYSREG_H
#define ARCH_SYSREG_H

/* --- HCR_EL2 ------------------------------------------------------------------------------- */

#define HCR_VM (1ul << 0)
#define HCR_PTW (1ul << 2)
#define HCR_FMO (1ul << 3)
#define HCR_IMO (1ul << 4)
#define HCR_AMO (1ul << 5)
#define HCR_VF (1ul << 6)
#define HCR_VI (1ul << 7)
#define HCR_FB (1ul << 9)
#define HCR_BSU_INNER (1ul << 10)
#define HCR_TID3 (1ul << 18)
#define HCR_TSC (1ul << 19)
#define HCR_TIDCP (1ul << 20)
#define HCR_TACR (1ul << 21)
#define HCR_TSW (1ul << 22)
#define HCR_TGE (1ul << 27)
#define HCR_RW (1ul << 31)
#define HCR_E2H (1ul << 34)
#define HCR_TLOR (1ul << 35)
#define HCR_TERR (1ul << 36)
#define HCR_APK (1ul << 40)
#define HCR_API (1ul << 41)
#define HCR_TID5 (1ul << 58)

/*
 * While no SP is current: VHE with EL1&0 out of context (TGE), so that nothing is walked or
 * predicted with registers that belong to two contexts at once.
 */
#define HCR_HOST (HCR_E2H | HCR_TGE | HCR_RW | HCR_APK | HCR_API)

/* --- CPTR_EL2, in its VHE layout ------------------------------------------------------------ */

#define CPTR_ZEN (3ul << 16)
#define CPTR_FPEN (3ul << 20)
#define CPTR_SMEN (3ul << 24)
#define CPTR_TTA (1ul << 28)
#define CPTR_TAM (1ul << 30)

/* Nothing closed: also what the normal world's vector registers need on the way in and out. */
#define CPTR_HOST (CPTR_ZEN | CPTR_FPEN | CPTR_SMEN)
/* An SP that has not touched FP since it was entered, and one that has. */
#define CPTR_SP (CPTR_TTA | CPTR_TAM)
#define CPTR_SP_FP (CPTR_SP | CPTR_FPEN)

/* --- SPSR_EL2 ------------------------------------------------------------------------------ */

#define PSTATE_EL1H 0x5ul
#define PSTATE_MODE_MASK 0xful
#define PSTATE_EL0 0x0ul
#define PSTATE_EL1T 0x4ul
#define PSTATE_DAIF (0xful << 6)
#define PSTATE_BTYPE (3ul << 10)
#define PSTATE_SSBS (1ul << 12)
#define PSTATE_ALLINT (1ul << 13)
#define PSTATE_IL (1ul << 20)
#define PSTATE_SS (1ul << 21)
#define PSTATE_PAN (1ul << 22)
#define PSTATE_UAO (1ul << 23)
#define PSTATE_DIT (1ul << 24)
#define PSTATE_TCO (1ul << 25)
#define PSTATE_NZCV (0xful << 28)

/* --- SCTLR_EL1, as far as an injected exception depends on it -------------------------------- */

#define SCTLR_EL1_RESET 0x30d00800ul /* the RES1 bits of Armv8.0: MMU, caches and checks off */
#define SCTLR_EL1_SPAN (1ul << 23)
#define SCTLR_EL1_DSSBS (1ul << 44)

/* --- ESR_EL2 ------------------------------------------------------------------------------- */

#define ESR_EC(esr) (((esr) >> 26) & 0x3f)
#define ESR_EC_SHIFT 26
#define ESR_IL (1ul << 25)
#define ESR_ISS_MASK 0x1fffffful
#define EC_UNKNOWN 0x00
#define EC_FP 0x07
#define EC_SVC64 0x15
#define EC_HVC64 0x16
#define EC_SMC64 0x17
#define EC_SYSREG 0x18
#define EC_IABT_LOWER 0x20
#define EC_IABT_SAME 0x21
#define EC_DABT_LOWER 0x24
#define EC_DABT_SAME 0x25
#define ISS_WNR (1ul << 6)
#define ISS_S1PTW (1ul << 7)
#define ISS_CM (1ul << 8)
#define ISS_FSC(esr) ((esr) & 0x3f)
#define FSC_LEVEL_MASK 0x3ul
#define FSC_PERMISSION 0x0cul /* and the level */
#define FSC_EXTERNAL 0x10ul
#define FSC_EXTERNAL_WALK 0x14ul /* and the level */

#ifndef __ASSEMBLER__

#include <stdint.h>

#define sysreg_read(name)                                                                          \
	({                                                                                         \
		uint64_t value_;                                                                   \
		__asm__ volatile("mrs %0, " #name : "=r"(value_));                                 \
		value_;                                                                            \
	})

#define sysreg_write(name, value)                                                                  \
	__asm__ volatile("msr " #name ", %x0" : : "rZ"((uint64_t)(value)) : "memory")

static inline void isb(void)
{
	__asm__ volatile("isb" ::: "memory");
}

#endif
#endif
