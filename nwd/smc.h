/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls to EL3. */
#ifndef NWD_SMC_H
#define NWD_SMC_H

#include <stdint.h>

struct smc_frame {
	uint64_t x[31];
};

/* SMC with x0-x30 of f; what the registers are after it goes to f. */
void smc_call(struct smc_frame *f);

/* One that is not FF-A. */
static inline uint64_t smc(uint64_t fid, uint64_t x1, uint64_t x2, uint64_t x3)
{
	struct smc_frame f = { .x = { fid, x1, x2, x3 } };

	smc_call(&f);
	return f.x[0];
}

#endif
