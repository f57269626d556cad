/* SPDX-License-Identifier: BSD-3-Clause */
#include "smccc.h"

#include "args.h"
#include "bulkhead/mon.h"
#include "console.h"
#include "ffa/ffa.h"
#include "gic.h"
#include "gpt.h"
#include "pend.h"
#include "psci.h"
#include "spmd.h"
#include "sysreg.h"

#define SMCCC_1_2 0x10002
#define SMCCC_UNKNOWN (-1)
#define PLAT_PROTECT_MEM 0xC2000101u
#define PLAT_UNPROTECT_MEM 0xC2000102u
#define PLAT_DENIED (-3)
#define PLAT_INVALID (-4)
#define GPT_PAGE 4096u

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

/* MON_PAS: any page, whoever has it. */
static bool set_owner(uint64_t page, uint64_t owner)
{
	static const enum gpi gpis[] = {
		[MON_PAS_NORMAL] = GPI_NORMAL,
		[MON_PAS_SECURE] = GPI_SECURE,
		[MON_PAS_ROOT] = GPI_ROOT,
	};
	uint64_t last;

	return owner < sizeof(gpis) / sizeof(gpis[0]) && gpt_covers(page, GPT_PAGE) &&
	       gpt_set(page, GPT_PAGE, GPI_ANY, gpis[owner], &last);
}

/*
 * PLAT_PROTECT_MEM_64 and its opposite, as Arm's platforms have them: x1 = base, x2 = size of what
 * becomes secure memory, or the normal world's again. -3: somebody else's is among it, and x1 is
 * the last page that was changed.
 */
static int64_t protect(uint64_t *x, bool secure)
{
	uint64_t last;

	if (!args.rme) {
		return SMCCC_UNKNOWN;
	}
	if (!gpt_covers(x[1], x[2])) {
		return PLAT_INVALID;
	}
	if (!gpt_set(x[1], x[2], secure ? GPI_NORMAL : GPI_SECURE, secure ? GPI_SECURE : GPI_NORMAL,
		     &last)) {
		x[1] = last;
		return PLAT_DENIED;
	}
	return 0;
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
	case MON_PAS:
		return set_owner(x[1], x[2]) ? 0 : MON_ERROR;
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
		       (args.nwd_el1 ? MON_MODE_NWD_EL1 : 0) | (args.rme ? MON_MODE_RME : 0);
	case PLAT_PROTECT_MEM:
	case PLAT_UNPROTECT_MEM:
		return cpu->current == WORLD_SECURE ? protect(x, fid == PLAT_PROTECT_MEM)
						    : SMCCC_UNKNOWN;
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
