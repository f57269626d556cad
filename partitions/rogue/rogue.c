/* SPDX-License-Identifier: BSD-3-Clause */
/* A partition that does on command whatever a partition must not do. samples.h has the commands. */
#include "sp/probe.h"
#include "sp/sp.h"

#include "bulkhead/samples.h"

/* rogue.S: each touches or jumps to its argument and is not expected to come back as it went. */
void rogue_read(uint64_t address);
void rogue_write(uint64_t address);
void rogue_execute(uint64_t address);
_Noreturn void rogue_loop(void);
_Noreturn void rogue_bad_vector(uint64_t address);
_Noreturn void rogue_bad_stack(uint64_t address);
_Noreturn void rogue_nowhere(uint64_t address);
uint64_t rogue_hvc(uint64_t function);
uint64_t rogue_smc(uint64_t function);

/* The exceptions taken since the command began. */
static uint64_t exceptions;
static uint64_t last_esr;
static uint64_t last_far;

#define ESR_EC(esr) (((esr) >> 26) & 0x3F)
#define EC_FETCH 0x21 /* instruction abort, same exception level */
#define UNMAPPED 0x7F000000ul /* no partition has memory there */

static bool rogue_fault(struct sp_frame *f)
{
	exceptions++;
	last_esr = f->esr;
	last_far = f->far;
	if (sp_probe_fault(f)) {
		return true;
	}
	/* A jump: back to who jumped. Else: over the instruction. */
	f->pc = ESR_EC(f->esr) == EC_FETCH ? f->x[30] : f->pc + 4;
	return true;
}

static void rogue_undefined(void)
{
	static const uint32_t instructions[] = {
		0x00000000, /* UDF #0 */
		0xD53C1100, /* MRS X0, HCR_EL2 */
		0xD51CC000, /* MSR VBAR_EL2, X0 */
		0xD53C2100, /* MRS X0, VTTBR_EL2 */
		0xD53E1100, /* MRS X0, SCR_EL3 */
		0xD51E1100, /* MSR SCR_EL3, X0 */
		0xD53CC9A0, /* MRS X0, ICC_SRE_EL2 */
		0xD50C871F, /* TLBI ALLE2 */
		0xD50E871F, /* TLBI ALLE3 */
		0xD50C7800, /* AT S1E2R, X0 */
		0xD4A00001, /* DCPS1 */
		0xD6BF03E0, /* DRPS */
		0x1E601000, /* FMOV D0, #2.0: allowed or not, as CPACR_EL1 says */
		0x04A0E3E0, /* CNTW X0: SVE */
		0xD503477F, /* SMSTART: SME */
	};

	for (unsigned int i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++) {
		uint64_t x0 = 0;

		(void)sp_try(instructions[i], &x0);
	}
}

/* p4: answers that are not -1. */
static uint64_t rogue_hypercalls(void)
{
	static const uint64_t ids[] = { 0,      1,         0xFF00,     0xFF01,     0xFF02,
					0xFF05, 0xFF07,    0xFF0B,     0xFFFF,     0x10000,
					~0ul,   1ul << 63, 0x86000000, 0xC6000000, 0xFF04FF03FF04ul,
					0xFF03, 0xFF08,    0xFF09,     0xFF0A };
	uint64_t wrong = 0;

	/* The last four are known calls; their arguments (rogue.S) are beyond all limits. */
	for (unsigned int i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		wrong += rogue_hvc(ids[i]) != ~0ul;
	}
	for (uint32_t immediate = 0; immediate < 0x10000; immediate += 0x11) {
		uint64_t x0 = 0xFFFF;

		(void)sp_try(0xD4000002u | immediate << 5, &x0);
		wrong += x0 != ~0ul;
	}
	return wrong;
}

/* p4: answers that are not -1. None of these calls may reach EL3. */
static uint64_t rogue_smcs(void)
{
	static const uint64_t ids[] = {
		0x84000000, 0x84000001, 0xC4000001, 0x84000002, 0xC4000003, 0x84000003, 0x84000004,
		0x84000006, 0x84000008, 0x84000009, 0xC400000E, 0xC4000012, /* PSCI */
		0x80000000, 0x80000001, 0x80000002, 0x80007FFF, 0x80008000, 0x8000FFFF, /* SMCCC */
		0xC3000001, 0xC3000002, 0xC3000003, 0xC3000005, 0x82000000, 0xC2000000, /* vendor */
		0x83000000, 0xB2000000, 0xBF000000, 0x00000000, 0x01000000, 0x3F000000, ~0ul,
	};
	uint64_t wrong = 0;

	for (unsigned int i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		wrong += rogue_smc(ids[i]) != ~0ul;
	}
	return wrong;
}

/* Every FF-A number with rubbish in all arguments; p4: answers that are no FFA_ERROR. */
static uint64_t rogue_ffa(void)
{
	uint64_t wrong = 0;

	for (uint32_t fid = FFA_FID_BASE_32 + FFA_FID_NUM_FIRST;
	     fid <= FFA_FID_BASE_32 + FFA_FID_NUM_END; fid++) {
		for (uint32_t wide = 0; wide <= FFA_FID_64BIT; wide += FFA_FID_64BIT) {
			struct ffa_regs r = { .x = { fid | wide } };

			for (unsigned int i = 1; i < 18; i++) {
				r.x[i] = (uint64_t)fid * i * 0x9E3779B97F4A7C15ul | 0x80000001u;
			}
			/* These few take any argument, or say something else than FFA_ERROR. */
			if (fid == FFA_VERSION_32 || fid == FFA_ID_GET_32 || fid == FFA_YIELD_32 ||
			    fid == FFA_SPM_ID_GET_32) {
				continue;
			}
			ffa_call(&r);
			wrong += !ffa_is(&r, FFA_ERROR_32);
		}
	}
	return wrong;
}

/*
 * Every encoding: MRS, then MSR of what was read or of zero; SYS and SYSL on memory of ours. Not
 * the GIC's CPU interface: QEMU gives secure EL1 the physical one, whatever S-EL2 says.
 */
static void rogue_registers(void)
{
	static char scratch[4096] __attribute__((aligned(4096)));

	for (uint32_t enc = SP_ENC(1, 0, 0, 0, 0); enc <= SP_ENC(3, 7, 15, 15, 7); enc++) {
		uint32_t crn = (enc >> 7) & 0xF;
		uint32_t crm = (enc >> 3) & 0xF;
		uint64_t value = 0;

		if (enc >= SP_ENC(3, 0, 0, 0, 0) &&
		    ((crn == 12 && crm >= 8) || (crn == 4 && crm == 6))) {
			continue;
		}
		if (enc < SP_ENC(2, 0, 0, 0, 0)) {
			value = (uintptr_t)scratch;
			(void)sp_try_write(enc, value);
		} else {
			(void)sp_try_read(enc, &value);
			(void)sp_try_write(enc, value);
		}
	}
}

static void rogue_system(void)
{
	static const uint32_t instructions[] = {
		0xD503209F, /* SEV */
		0xD503205F, /* WFE */
		0xD508871F, /* TLBI VMALLE1 */
		0xD508831F, /* TLBI VMALLE1IS */
		0xD508751F, /* IC IALLU */
		0xD508711F, /* IC IALLUIS */
		0xD5087640, /* DC ISW, X0 */
		0xD5087A40, /* DC CSW, X0 */
		0xD5087E40, /* DC CISW, X0 */
		0xD5087800, /* AT S1E1R, X0 */
		0xD50C7880, /* AT S12E1R, X0 */
	};

	for (unsigned int i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++) {
		uint64_t x0 = 0;

		(void)sp_try(instructions[i], &x0);
	}
}

/* In .data: only who loads the image again makes it fresh. */
static volatile uint64_t state = ROGUE_FRESH;

static void rogue_direct_req(uint16_t from, uint64_t p[5])
{
	uint64_t wrong = 0;
	uint64_t result = ROGUE_SURVIVED;

	(void)from;
	exceptions = last_esr = last_far = 0;
	switch (p[0]) {
	case ROGUE_UNDEFINED:
		rogue_undefined();
		break;
	case ROGUE_READ:
		rogue_read(p[1]);
		break;
	case ROGUE_WRITE:
		rogue_write(p[1]);
		break;
	case ROGUE_EXECUTE:
		rogue_execute(p[1]);
		break;
	case ROGUE_HYPERCALLS:
		wrong = rogue_hypercalls();
		break;
	case ROGUE_SMCS:
		wrong = rogue_smcs();
		break;
	case ROGUE_FFA:
		wrong = rogue_ffa();
		break;
	case ROGUE_REGISTERS:
		rogue_registers();
		break;
	case ROGUE_SYSTEM:
		rogue_system();
		break;
	case ROGUE_STATE:
		last_esr = state;
		state = p[1];
		break;
	case ROGUE_LOOP:
		rogue_loop();
	case ROGUE_BAD_VECTOR:
		rogue_bad_vector(UNMAPPED);
	case ROGUE_BAD_STACK:
		rogue_bad_stack(UNMAPPED);
	case ROGUE_NOWHERE:
		rogue_nowhere(UNMAPPED);
	case ROGUE_ABORT:
		sp_abort("was told to");
	default:
		result = ROGUE_REFUSED;
		break;
	}
	p[1] = result;
	p[2] = last_esr;
	p[3] = last_far;
	p[4] = wrong != 0 ? wrong : exceptions;
}

static void rogue_init(const struct sp_vcpu *v)
{
	(void)v;
	sp_print("id %#x, ready to misbehave\n", sp_id);
}

const struct sp_ops sp_ops = {
	.init = rogue_init,
	.direct_req = rogue_direct_req,
	.fault = rogue_fault,
};
