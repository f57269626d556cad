/* SPDX-License-Identifier: BSD-3-Clause */
/* What this system's CPUs have and EL3 lets us use; found out once, on the boot CPU. */
#ifndef ARCH_FEATURES_H
#define ARCH_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

struct cpu_features {
	bool pauth;
	bool no_ecv; /* the EL1 virtual timer cannot be trapped */
	bool fp; /* V0-V31; not where EL3 keeps FP for the normal world */
	bool fpmr;
	bool gcs;
	bool tpidr2; /* TPIDR2_EL0 is there, and nothing can deny it to SPs */
	bool rare; /* gcs, tpidr2 or mpam: one look for all */
	bool sve;
	bool sme;
	bool fgt;
	bool fgt2;
	bool hcrx;
	bool mpam;
	bool pmu;
	uint32_t sve_bytes; /* longest vector, SVE or streaming; 0 without both */
};

extern struct cpu_features cpu_features;

/*
 * Fills cpu_features; the EL2 vectors must work, because what EL3 keeps closed is found by trying.
 */
void cpu_features_init(void);

#endif
