/* SPDX-License-Identifier: BSD-3-Clause */
/* System registers by name or encoding, and the bits of EL3's own ones. */
#ifndef EL3_SYSREG_H
#define EL3_SYSREG_H

#include <stdint.h>

/* In two steps, so that a name defined below becomes its encoding. */
#define sysreg_read(name) sysreg_read_(name)
#define sysreg_write(name, value) sysreg_write_(name, value)

#define sysreg_read_(name)                                                                         \
	({                                                                                         \
		uint64_t sysreg_value_;                                                            \
		__asm__ volatile("mrs %0, " #name : "=r"(sysreg_value_) : : "memory");             \
		sysreg_value_;                                                                     \
	})

#define sysreg_write_(name, value)                                                                 \
	__asm__ volatile("msr " #name ", %0" : : "r"((uint64_t)(value)) : "memory")

static inline void isb(void)
{
	__asm__ volatile("isb" : : : "memory");
}

static inline void dsb(void)
{
	__asm__ volatile("dsb sy" : : : "memory");
}

static inline void wfi(void)
{
	__asm__ volatile("wfi" : : : "memory");
}

static inline void wfe(void)
{
	__asm__ volatile("wfe" : : : "memory");
}

/* Names that not every assembler knows. */
#define CNTHVS_CTL_EL2 S3_4_C14_C4_1
#define CNTHVS_CVAL_EL2 S3_4_C14_C4_2
#define CNTHPS_CTL_EL2 S3_4_C14_C5_1
#define CNTHPS_CVAL_EL2 S3_4_C14_C5_2
#define VSTTBR_EL2 S3_4_C2_C6_0
#define VSTCR_EL2 S3_4_C2_C6_2
#define ZCR_EL2 S3_4_C1_C2_0
#define ZCR_EL3 S3_6_C1_C2_0
#define SMCR_EL2 S3_4_C1_C2_6
#define SMCR_EL3 S3_6_C1_C2_6
#define ID_AA64PFR2_EL1 S3_0_C0_C4_2
#define ID_AA64SMFR0_EL1 S3_0_C0_C4_5
#define ID_AA64ISAR2_EL1 S3_0_C0_C6_2
#define ID_AA64MMFR3_EL1 S3_0_C0_C7_3
#define ICC_PMR_EL1 S3_0_C4_C6_0
#define ICC_IAR0_EL1 S3_0_C12_C8_0
#define ICC_EOIR0_EL1 S3_0_C12_C8_1
#define ICC_HPPIR0_EL1 S3_0_C12_C8_2
#define ICC_BPR0_EL1 S3_0_C12_C8_3
#define ICC_AP1R0_EL1 S3_0_C12_C9_0
#define ICC_SGI1R_EL1 S3_0_C12_C11_5
#define ICC_BPR1_EL1 S3_0_C12_C12_3
#define ICC_CTLR_EL1 S3_0_C12_C12_4
#define ICC_SRE_EL1 S3_0_C12_C12_5
#define ICC_IGRPEN0_EL1 S3_0_C12_C12_6
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7
#define ICC_SRE_EL2 S3_4_C12_C9_5
#define ICC_CTLR_EL3 S3_6_C12_C12_4
#define ICC_SRE_EL3 S3_6_C12_C12_5
#define ICC_IGRPEN1_EL3 S3_6_C12_C12_7
#define ICH_VTR_EL2 S3_4_C12_C11_1

#define SCR_NS (1ULL << 0)
#define SCR_FIQ (1ULL << 2)
#define SCR_HCE (1ULL << 8)
#define SCR_SIF (1ULL << 9)
#define SCR_RW (1ULL << 10)
#define SCR_APK (1ULL << 16)
#define SCR_API (1ULL << 17)
#define SCR_EEL2 (1ULL << 18)
#define SCR_ENSCXT (1ULL << 25)
#define SCR_ATA (1ULL << 26)
#define SCR_FGTEN (1ULL << 27)
#define SCR_ECVEN (1ULL << 28)
#define SCR_AMVOFFEN (1ULL << 35)
#define SCR_ENAS0 (1ULL << 36)
#define SCR_ADEN (1ULL << 37)
#define SCR_HXEN (1ULL << 38)
#define SCR_GCSEN (1ULL << 39)
#define SCR_ENTP2 (1ULL << 41)
#define SCR_RCWMASKEN (1ULL << 42)
#define SCR_TCR2EN (1ULL << 43)
#define SCR_SCTLR2EN (1ULL << 44)
#define SCR_PIEN (1ULL << 45)
#define SCR_AIEN (1ULL << 46)
#define SCR_D128EN (1ULL << 47)
#define SCR_ENFPM (1ULL << 50)
#define SCR_PFAREN (1ULL << 53)
#define SCR_FGTEN2 (1ULL << 59)

#define SPSR_EL2H_MASKED 0x3C9u
#define SPSR_EL1H_MASKED 0x3C5u

#endif
