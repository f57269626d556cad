/* SPDX-License-Identifier: BSD-3-Clause */
/* Which optional features the CPUs have, and what EL3 lets the two worlds use of them. */
#ifndef EL3_FEAT_H
#define EL3_FEAT_H

#include <stdbool.h>
#include <stdint.h>

enum feat {
	FEAT_ALWAYS,
	FEAT_AMU_V1P1,
	FEAT_AIE,
	FEAT_CSV2_2,
	FEAT_D128,
	FEAT_ECV_POFF,
	FEAT_FGT,
	FEAT_FGT2,
	FEAT_FGT_AMU,
	FEAT_FPMR,
	FEAT_GCS,
	FEAT_HCX,
	FEAT_LS64_ACCDATA,
	FEAT_MPAM,
	FEAT_MPAM_HCR,
	FEAT_MTE2,
	FEAT_NV2,
	FEAT_PAUTH,
	FEAT_PFAR,
	FEAT_PMUV3P5,
	FEAT_PMUV3P7,
	FEAT_RAS,
	FEAT_S1PIE,
	FEAT_S1POE,
	FEAT_S2PIE,
	FEAT_SCTLR2,
	FEAT_SME,
	FEAT_SME2,
	FEAT_SME_FA64,
	FEAT_SPE,
	FEAT_SVE,
	FEAT_TCR2,
	FEAT_THE,
	FEAT_TRBE,
	FEAT_TRF,
	FEAT_VHE,
	FEAT_COUNT,
};

void feat_detect(void);
bool feat_has(enum feat feat);
uint64_t feat_scr_bits(bool secure);
void feat_open_el3(void);

#endif
