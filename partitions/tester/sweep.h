/* SPDX-License-Identifier: BSD-3-Clause */
/* The register sweep: patterns into everything, leave, compare. */
#ifndef TESTER_SWEEP_H
#define TESTER_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "leave.h"

#include "sp/ffa.h"

#define FOREIGN_SEEDS 4

/* What comparisons found. */
struct findings {
	uint64_t sweeps;
	uint64_t compared; /* registers */
	uint64_t differences;
	uint64_t where; /* of the first difference: TESTER_AT_*, or an encoding */
	uint64_t expected;
	uint64_t found;
	bool leaked; /* one of them was a value of a foreign seed */
};

/* One vCPU's. */
struct sweeper {
	struct leave leave;
	uint64_t in[REACH_MAX];
	uint64_t readback[REACH_MAX];
	uint64_t out[REACH_MAX];
	uint64_t base[REACH_MAX];
	uint64_t foreign[FOREIGN_SEEDS]; /* 0: none */
};

void sweep_call(struct sweeper *s, struct ffa_regs *r, uint64_t seed, bool unmasked,
		struct findings *f);
void sweep_spin(struct sweeper *s, uint64_t count, uint64_t seed, bool unmasked,
		struct findings *f);
bool sweep_until_interrupt(struct sweeper *s, uint64_t count, uint64_t seed, struct findings *f);

#endif
