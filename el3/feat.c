/* SPDX-License-Identifier: BSD-3-Clause */
#include "feat.h"

#include "sysreg.h"

static uint64_t features;

bool feat_has(enum feat feat)
{
	return (features >> feat & 1) != 0;
}

static void feat_set(enum feat feat, bool present)
{
	features |= (uint64_t)present << feat;
}

/* The four-bit field of an ID register that begins at bit lsb. */
static unsigned int field(uint64_t reg, unsigned int lsb)
{
	return reg >> lsb & 0xF;
}

/* Reads the ID registers once, on the primary CPU: all CPUs are of one kind. */
void feat_detect(void)
{
	uint64_t pfr0 = sysreg_read(ID_AA64PFR0_EL1);
	uint64_t pfr1 = sysreg_read(ID_AA64PFR1_EL1);
	uint64_t pfr2 = sysreg_read(ID_AA64PFR2_EL1);
	uint64_t dfr0 = sysreg_read(ID_AA64DFR0_EL1);
	uint64_t isar1 = sysreg_read(ID_AA64ISAR1_EL1);
	uint64_t isar2 = sysreg_read(ID_AA64ISAR2_EL1);
	uint64_t mmfr0 = sysreg_read(ID_AA64MMFR0_EL1);
	uint64_t mmfr1 = sysreg_read(ID_AA64MMFR1_EL1);
	uint64_t mmfr2 = sysreg_read(ID_AA64MMFR2_EL1);
	uint64_t mmfr3 = sysreg_read(ID_AA64MMFR3_EL1);
	unsigned int pmu = field(dfr0, 8);
	bool mpam = field(pfr0, 40) != 0 || field(pfr1, 16) != 0;
	bool sme = field(pfr1, 24) != 0;

	_Static_assert(FEAT_COUNT <= 64, "one bit per feature");
	feat_set(FEAT_ALWAYS, true);
	feat_set(FEAT_AMU_V1P1, field(pfr0, 44) >= 2);
	feat_set(FEAT_AIE, field(mmfr3, 24) != 0);
	feat_set(FEAT_CSV2_2, field(pfr0, 56) >= 2 || field(pfr1, 32) >= 2);
	feat_set(FEAT_D128, field(mmfr3, 32) != 0);
	feat_set(FEAT_ECV_POFF, field(mmfr0, 60) >= 2);
	feat_set(FEAT_FGT, field(mmfr0, 56) >= 1);
	feat_set(FEAT_FGT2, field(mmfr0, 56) >= 2);
	feat_set(FEAT_FGT_AMU, field(mmfr0, 56) >= 1 && field(pfr0, 44) >= 1);
	feat_set(FEAT_FPMR, field(pfr2, 32) != 0);
	feat_set(FEAT_GCS, field(pfr1, 44) != 0);
	feat_set(FEAT_HCX, field(mmfr1, 40) != 0);
	feat_set(FEAT_LS64_ACCDATA, field(isar1, 60) >= 3);
	feat_set(FEAT_MPAM, mpam);
	feat_set(FEAT_MPAM_HCR, mpam && (sysreg_read(S3_0_C10_C4_4) >> 17 & 1) != 0);
	feat_set(FEAT_MTE2, field(pfr1, 8) >= 2);
	feat_set(FEAT_NV2, field(mmfr2, 24) >= 2);
	feat_set(FEAT_PAUTH, field(isar1, 4) != 0 || field(isar1, 8) != 0 || field(isar2, 12) != 0);
	feat_set(FEAT_PFAR, field(pfr1, 60) != 0);
	feat_set(FEAT_PMUV3P5, pmu >= 6 && pmu != 0xF);
	feat_set(FEAT_PMUV3P7, pmu >= 7 && pmu != 0xF);
	feat_set(FEAT_RAS, field(pfr0, 28) != 0);
	feat_set(FEAT_S1PIE, field(mmfr3, 8) != 0);
	feat_set(FEAT_S2PIE, field(mmfr3, 12) != 0);
	feat_set(FEAT_S1POE, field(mmfr3, 16) != 0);
	feat_set(FEAT_SCTLR2, field(mmfr3, 4) != 0);
	feat_set(FEAT_SME, sme);
	feat_set(FEAT_SME2, field(pfr1, 24) >= 2);
	feat_set(FEAT_SME_FA64, sme && (sysreg_read(ID_AA64SMFR0_EL1) >> 63 & 1) != 0);
	feat_set(FEAT_SPE, field(dfr0, 32) != 0);
	feat_set(FEAT_SVE, field(pfr0, 32) != 0);
	feat_set(FEAT_TCR2, field(mmfr3, 0) != 0);
	feat_set(FEAT_THE, field(pfr1, 48) != 0);
	feat_set(FEAT_TRBE, field(dfr0, 44) != 0);
	feat_set(FEAT_TRF, field(dfr0, 40) != 0);
	feat_set(FEAT_VHE, field(mmfr1, 8) != 0);
}

struct scr_row {
	uint8_t feat;
	bool secure; /* TF-A opens it for the secure world too */
	uint64_t bits;
};

static const struct scr_row scr_rows[] = {
	{ FEAT_ALWAYS, true, SCR_HCE | SCR_RW | SCR_EEL2 },
	{ FEAT_PAUTH, true, SCR_APK | SCR_API },
	{ FEAT_MTE2, true, SCR_ATA },
	{ FEAT_FGT, true, SCR_FGTEN },
	{ FEAT_FGT2, true, SCR_FGTEN2 },
	{ FEAT_ECV_POFF, true, SCR_ECVEN },
	{ FEAT_AMU_V1P1, true, SCR_AMVOFFEN },
	{ FEAT_LS64_ACCDATA, true, SCR_ENAS0 | SCR_ADEN },
	{ FEAT_HCX, true, SCR_HXEN },
	{ FEAT_GCS, true, SCR_GCSEN },
	{ FEAT_SME, true, SCR_ENTP2 },
	{ FEAT_TCR2, true, SCR_TCR2EN },
	{ FEAT_S1PIE, true, SCR_PIEN },
	{ FEAT_S1POE, true, SCR_PIEN },
	{ FEAT_CSV2_2, false, SCR_ENSCXT },
	{ FEAT_THE, false, SCR_RCWMASKEN },
	{ FEAT_SCTLR2, false, SCR_SCTLR2EN },
	{ FEAT_AIE, false, SCR_AIEN },
	{ FEAT_D128, false, SCR_D128EN },
	{ FEAT_FPMR, false, SCR_ENFPM },
	{ FEAT_PFAR, false, SCR_PFAREN },
};

/* SCR_EL3 of a world: what TF-A built with SVE, SME and their FOR_SWD options lets it use. */
uint64_t feat_scr_bits(bool secure)
{
	uint64_t scr = secure ? SCR_SIF : SCR_NS | SCR_FIQ;

	for (unsigned int i = 0; i < sizeof(scr_rows) / sizeof(scr_rows[0]); i++) {
		if (feat_has(scr_rows[i].feat) && (scr_rows[i].secure || !secure)) {
			scr |= scr_rows[i].bits;
		}
	}
	return scr;
}

#define MDCR_NSPB_NS (3ULL << 12) /* profiling buffer: non-secure, accessible there */
#define MDCR_SPD32_OFF (2ULL << 14)
#define MDCR_SDD (1ULL << 16) /* no self-hosted debug in the secure world */
#define MDCR_SCCD (1ULL << 23) /* the cycle counter stands still there */
#define MDCR_NSTB_NS (3ULL << 24) /* trace buffer likewise */
#define MDCR_MCCD (1ULL << 34) /* and at EL3 */
#define CPTR_EZ (1ULL << 8)
#define CPTR_ESM (1ULL << 12)
#define ZCR_LEN_MAX 0xFULL
#define SMCR_EZT0 (1ULL << 30)
#define SMCR_FA64 (1ULL << 31)

/* Opens floating point, SVE and SME at their greatest length, debug and PMU, for both worlds. */
void feat_open_el3(void)
{
	sysreg_write(CPTR_EL3,
		     (feat_has(FEAT_SVE) ? CPTR_EZ : 0) | (feat_has(FEAT_SME) ? CPTR_ESM : 0));
	sysreg_write(MDCR_EL3, MDCR_SPD32_OFF | MDCR_SDD | (feat_has(FEAT_SPE) ? MDCR_NSPB_NS : 0) |
				       (feat_has(FEAT_TRBE) ? MDCR_NSTB_NS : 0) |
				       (feat_has(FEAT_PMUV3P5) ? MDCR_SCCD : 0) |
				       (feat_has(FEAT_PMUV3P7) ? MDCR_MCCD : 0));
	isb();
	if (feat_has(FEAT_SVE)) {
		sysreg_write(ZCR_EL3, ZCR_LEN_MAX);
	}
	if (feat_has(FEAT_SME)) {
		sysreg_write(SMCR_EL3, ZCR_LEN_MAX | (feat_has(FEAT_SME2) ? SMCR_EZT0 : 0) |
					       (feat_has(FEAT_SME_FA64) ? SMCR_FA64 : 0));
	}
	isb();
}
