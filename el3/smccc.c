/* SPDX-License-Identifier: BSD-3-Clause */
#include "smccc.h"

#include "args.h"
#include "bulkhead/mon.h"
#include "console.h"
#include "ffa/ffa.h"
#include "gic.h"
#include "pend.h"
#include "psci.h"
#include "spmd.h"
#include "sysreg.h"

#define SMCCC_1_2 0x10002
#define SMCCC_UNKNOWN (-1)

static void forget(void)
{
	gic_forget();
	sysreg_write(CNTHPS_CTL_EL2, 0);
	sysreg_write(CNTHPS_CVAL_EL2, 0);
	sysreg_write(CNTHVS_CTL_EL2, 0);
	sysreg_write(CNTHVS_CVAL_EL2, 0);
	sysreg_write(VSTCR_EL2, 0);
	sysreg_write(VSTTBR_EL2, 0);
	isb();
}

/* The test calls, see bulkhead/mon.h. */
static int64_t monitor_call(struct cpu *cpu, uint32_t fid, const uint64_t *x)
{
	switch (fid) {
	case MON_EXIT:
		qemu_exit(x[1]);
	case MON_PEND:
		return pend_request(cpu, x[1], x[2], x[3]) ? 0 : MON_ERROR;
	case MON_FORGET:
		forget();
		return 0;
	case MON_NS_GROUP:
		return x[2] <= 1 && gic_set_secure(x[1], x[2] == 1) ? 0 : MON_ERROR;
	case MON_GROUP0_COUNT:
		return (int64_t)gic_group0_count();
	default:
		return SMCCC_UNKNOWN;
	}
}

static int64_t other_call(struct cpu *cpu, uint32_t fid, uint64_t *x)
{
	switch (fid) {
	case SMCCC_VERSION:
		return SMCCC_1_2;
	case SMCCC_ARCH_FEATURES:
		return (uint32_t)x[1] == SMCCC_VERSION || (uint32_t)x[1] == SMCCC_ARCH_FEATURES
			       ? 0
			       : SMCCC_UNKNOWN;
	case MON_MODE:
		x[1] = args.seed;
		return (args.hostile ? MON_MODE_HOSTILE : 0) |
		       (args.tfa_2_14 ? MON_MODE_TFA_2_14 : 0) |
		       (args.nwd_el1 ? MON_MODE_NWD_EL1 : 0);
	default:
		return cpu->current == WORLD_NORMAL ? monitor_call(cpu, fid, x) : SMCCC_UNKNOWN;
	}
}

/* Handles the SMC that the current world has made. False: the CPU goes off. */
bool smccc_handle(struct cpu *cpu)
{
	uint64_t *x = cpu->world[cpu->current].x;
	uint32_t fid = (uint32_t)x[0] & ~FFA_FID_SVE_HINT;

	if (cpu->current == WORLD_SECURE) {
		cpu->fiq_yielded = false;
	}
	if (spmd_is_duty_over(cpu)) {
		return spmd_finish_duty(cpu);
	}
	if (spmd_is_ffa(fid)) {
		return spmd_call(cpu, fid);
	}
	if (cpu->current == WORLD_NORMAL && psci_is_psci(fid)) {
		return psci_call(cpu, fid, x);
	}
	x[0] = (uint64_t)other_call(cpu, fid, x);
	return true;
}
