/* SPDX-License-Identifier: BSD-3-Clause */
/* System registers: access, and the fields that this program names. */
#ifndef ARCH_SYSREG_H
#define ARCH_SYSREG_H

/* A 64-bit constant, for C and for assembly. */
#ifdef __ASSEMBLER__
#define U64(n) n
#else
#define U64(n) n##ul
#endif

/* --- HCR_EL2 ------------------------------------------------------------------------------- */

#define HCR_VM (U64(1) << 0)
#define HCR_PTW (U64(1) << 2)
#define HCR_FMO (U64(1) << 3)
#define HCR_IMO (U64(1) << 4)
#define HCR_AMO (U64(1) << 5)
#define HCR_VF (U64(1) << 6)
#define HCR_VI (U64(1) << 7)
#define HCR_FB (U64(1) << 9)
#define HCR_BSU_INNER (U64(1) << 10)
#define HCR_TID3 (U64(1) << 18)
#define HCR_TSC (U64(1) << 19)
#define HCR_TIDCP (U64(1) << 20)
#define HCR_TACR (U64(1) << 21)
#define HCR_TSW (U64(1) << 22)
#define HCR_TGE (U64(1) << 27)
#define HCR_RW (U64(1) << 31)
#define HCR_E2H (U64(1) << 34)
#define HCR_TLOR (U64(1) << 35)
#define HCR_TERR (U64(1) << 36)
#define HCR_APK (U64(1) << 40)
#define HCR_API (U64(1) << 41)
#define HCR_TID5 (U64(1) << 58)

/*
 * While no SP is current: VHE with EL1&0 out of context (TGE), so that nothing is walked or
 * predicted with registers that belong to two contexts at once.
 */
#define HCR_HOST (HCR_E2H | HCR_TGE | HCR_RW | HCR_APK | HCR_API)

/* --- TCR_EL2 ------------------------------------------------------------------------------- */

#define TCR_EPD0 (U64(1) << 7) /* TTBR0_EL2 is closed */

/* --- CPTR_EL2, in its VHE layout ------------------------------------------------------------ */

#define CPTR_ZEN (U64(3) << 16)
#define CPTR_FPEN (U64(3) << 20)
#define CPTR_SMEN (U64(3) << 24)
#define CPTR_TTA (U64(1) << 28)
#define CPTR_TAM (U64(1) << 30)

/* Nothing closed: also what the normal world's vector registers need on the way in and out. */
#define CPTR_HOST (CPTR_ZEN | CPTR_FPEN | CPTR_SMEN)
/* An SP that has not touched FP since it was entered, and one that has. */
#define CPTR_SP (CPTR_TTA | CPTR_TAM)
#define CPTR_SP_FP (CPTR_SP | CPTR_FPEN)

/* --- SPSR_EL2 ------------------------------------------------------------------------------ */

#define PSTATE_EL1H U64(0x5)
#define PSTATE_MODE_MASK U64(0xf)
#define PSTATE_EL0 U64(0x0)
#define PSTATE_AARCH32 (U64(1) << 4)
#define PSTATE_EL1T U64(0x4)
#define PSTATE_DAIF (U64(0xf) << 6)
#define PSTATE_D (U64(1) << 9)
#define PSTATE_BTYPE (U64(3) << 10)
#define PSTATE_SSBS (U64(1) << 12)
#define PSTATE_ALLINT (U64(1) << 13)
#define PSTATE_IL (U64(1) << 20)
#define PSTATE_SS (U64(1) << 21)
#define PSTATE_PAN (U64(1) << 22)
#define PSTATE_UAO (U64(1) << 23)
#define PSTATE_DIT (U64(1) << 24)
#define PSTATE_TCO (U64(1) << 25)
#define PSTATE_NZCV (U64(0xf) << 28)

/* --- SCTLR_EL1, as far as an injected exception depends on it -------------------------------- */

#define SCTLR_EL1_RESET U64(0x30d00800) /* the RES1 bits of Armv8.0: MMU, caches and checks off */
#define SCTLR_EL1_SPAN (U64(1) << 23)
#define SCTLR_EL1_DSSBS (U64(1) << 44)

/* --- ESR_EL2 ------------------------------------------------------------------------------- */

#define ESR_EC(esr) (((esr) >> 26) & 0x3f)
#define ESR_EC_SHIFT 26
#define ESR_IL (U64(1) << 25)
#define ESR_ISS_MASK U64(0x1ffffff)
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
#define ISS_WNR (U64(1) << 6)
#define ISS_S1PTW (U64(1) << 7)
#define ISS_CM (U64(1) << 8)
#define ISS_FSC_MASK 0x3f
#define FSC_LEVEL_MASK U64(0x3)
#define FSC_TRANSLATION U64(0x04) /* and the level, here as below */
#define FSC_ACCESS_FLAG U64(0x08)
#define FSC_PERMISSION U64(0x0c)
#define FSC_EXTERNAL U64(0x10)
#define FSC_EXTERNAL_WALK U64(0x14) /* and the level */

#ifndef __ASSEMBLER__

#include <stdint.h>

/* The name may be a macro for an encoding that the assembler does not know. */
#define sysreg_string(name) #name

#define sysreg_read(name)                                                                          \
	({                                                                                         \
		uint64_t value_;                                                                   \
		__asm__ volatile("mrs %0, " sysreg_string(name) : "=r"(value_));                   \
		value_;                                                                            \
	})

#define sysreg_write(name, value)                                                                  \
	({                                                                                         \
		__asm__ volatile("msr " sysreg_string(name) ", %x0" ::"rZ"((uint64_t)(value))      \
				 : "memory");                                                      \
	})

static inline void isb(void)
{
	__asm__ volatile("isb" ::: "memory");
}

#endif
#endif
