/* SPDX-License-Identifier: BSD-3-Clause */
#include "world.h"

#include "args.h"
#include "feat.h"
#include "hostile.h"
#include "sysreg.h"

#define SCTLR_EL2_RES1 0x30C50830u
#define SCTLR_EL1_RES1 0x30D00980u
#define HCR_RW (1ULL << 31)
#define HCR_APK (1ULL << 40)
#define HCR_API (1ULL << 41)
#define HCR_ENSCXT (1ULL << 53)
#define HCR_ATA (1ULL << 56)
#define CNTHCTL_EL1PCTEN_EL1PCEN 3u
#define ICC_SRE_ALL 0xFu
#define ALL_ONES (~0ULL)

static void el2_save(struct world *world)
{
#define EL2_REG(name, encoding, feat)                                                              \
	if (feat_has(feat)) {                                                                      \
		world->el2[EL2_##name] = sysreg_read(encoding);                                    \
	}
#include "el2_regs.def"
#undef EL2_REG
}

static void el2_load(const struct world *world)
{
#define EL2_REG(name, encoding, feat)                                                              \
	if (feat_has(feat)) {                                                                      \
		sysreg_write(encoding, world->el2[EL2_##name]);                                    \
	}
#include "el2_regs.def"
#undef EL2_REG
}

/* EL2 as a hypervisor would set it up for a guest that may use all that the CPU has. */
static void el2_open_to_el1(struct world *nwd)
{
	/* The positive bits only: MSCEn, TCR2En, SCTLR2En, D128En, GCSEn, EnFPM, EnAS0/ALS/ASR. */
	const uint64_t hcrx = 7 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 17 | 1 << 22 | 1 << 23;

	nwd->el2[EL2_HCR] |= HCR_APK | HCR_API | HCR_ENSCXT | HCR_ATA;
	nwd->el2[EL2_HCRX] = hcrx;
	nwd->el2[EL2_HFGRTR] = ALL_ONES << 50; /* the bits that allow; those below trap */
	nwd->el2[EL2_HFGWTR] = ALL_ONES << 50;
	nwd->el2[EL2_HFGRTR2] = ALL_ONES; /* here all bits allow */
	nwd->el2[EL2_HFGWTR2] = ALL_ONES;
	nwd->el2[EL2_HDFGRTR2] = ALL_ONES;
	nwd->el2[EL2_HDFGWTR2] = ALL_ONES;
	nwd->el2[EL2_CNTHCTL] = CNTHCTL_EL1PCTEN_EL1PCEN;
	if (feat_has(FEAT_SVE)) {
		sysreg_write(ZCR_EL2, 0xF);
	}
	if (feat_has(FEAT_SME)) {
		sysreg_write(SMCR_EL2, sysreg_read(SMCR_EL3));
	}
}

/*
 * Both worlds of a CPU that comes on: EL2 registers zero but for what reset would give them. TF-A
 * 2.12 does so once for the SPMC, which then finds what it had left when the CPU went off.
 */
void world_power_up(struct cpu *cpu)
{
	struct world *secure = &cpu->world[WORLD_SECURE];
	struct world *nwd = &cpu->world[WORLD_NORMAL];

	if (!cpu->was_on || args.tfa_2_14) {
		*secure = (struct world){ .scr = feat_scr_bits(true) };
		secure->el2[EL2_ICC_SRE] = ICC_SRE_ALL;
	}

	*nwd = (struct world){ .scr = feat_scr_bits(false) };
	nwd->el2[EL2_SCTLR] = SCTLR_EL2_RES1;
	nwd->el2[EL2_HCR] = HCR_RW;
	nwd->el2[EL2_ICC_SRE] = ICC_SRE_ALL;
	nwd->el2[EL2_VPIDR] = sysreg_read(MIDR_EL1);
	nwd->el2[EL2_VMPIDR] = sysreg_read(MPIDR_EL1);
	nwd->el2[EL2_MDCR] = sysreg_read(PMCR_EL0) >> 11 & 0x1F; /* HPMN: all counters */

	sysreg_write(SCR_EL3, secure->scr);
	isb();
	if (args.nwd_el1) {
		el2_open_to_el1(nwd);
	}
	el2_load(secure);
	cpu->current = WORLD_SECURE;
	cpu->duty = DUTY_NONE;
	cpu->resume_exactly = false;
	cpu->fiq_yielded = false;
}

void world_power_down(struct cpu *cpu)
{
	el2_save(&cpu->world[cpu->current]);
	cpu->was_on = true;
}

/* Lets a world begin at an address; the caller has set its registers. */
void world_start(struct world *world, uint64_t entry, uint64_t spsr)
{
	world->elr = entry;
	world->spsr = spsr;
}

/*
 * Makes `to` the world whose registers are in the CPU. In bare mode that is the EL2 registers;
 * the general registers are moved by world_enter, and nothing else is anybody's but the worlds'.
 */
void world_switch(struct cpu *cpu, enum world_id to)
{
	if (cpu->current == to) {
		return;
	}
	el2_save(&cpu->world[cpu->current]);
	if (args.hostile && to == WORLD_SECURE) {
		hostile_keep_nwd(cpu);
	}
	if (args.hostile && to == WORLD_NORMAL) {
		hostile_give_back_nwd(cpu);
	}
	el2_load(&cpu->world[to]);
	cpu->current = to;
}

/* Runs the current world until an exception comes to EL3, and gives back its EXIT_*. */
unsigned int world_run(struct cpu *cpu)
{
	const struct world *secure = &cpu->world[WORLD_SECURE];
	uint64_t scr = cpu->world[cpu->current].scr;
	unsigned int exit;

	if (cpu->current == WORLD_SECURE && cpu->pend_armed && !cpu->fiq_yielded) {
		scr |= SCR_FIQ;
	}
	sysreg_write(SCR_EL3, scr);
	exit = world_enter(&cpu->world[cpu->current]);

	/* EL3 looks at all registers as the secure world does, S-EL2 enabled. */
	sysreg_write(SCR_EL3, secure->scr);
	isb();
	return exit;
}

/* Start of the normal world at EL1: as PSCI demands, MMU off. */
void world_reset_el1(void)
{
	sysreg_write(SCTLR_EL1, SCTLR_EL1_RES1);
	sysreg_write(CPACR_EL1, 0);
}

#define PSTATE_EL(spsr) ((spsr) >> 2 & 3)
#define HCR_TGE (1ULL << 27)
#define ESR_UNDEFINED (1ULL << 25) /* EC 0, IL */

/* EL3 took an access that it does not open: the world sees an undefined instruction instead. */
void world_inject_undefined(struct cpu *cpu)
{
	struct world *world = &cpu->world[cpu->current];
	unsigned int from = PSTATE_EL(world->spsr);
	bool to_el2 = from == 2 || (from == 0 && (sysreg_read(HCR_EL2) & HCR_TGE) != 0);
	unsigned int to = to_el2 ? 2 : 1;
	uint64_t offset = from < to ? 0x400 : (world->spsr & 1) != 0 ? 0x200 : 0;

	if (to_el2) {
		sysreg_write(ELR_EL2, world->elr);
		sysreg_write(SPSR_EL2, world->spsr);
		sysreg_write(ESR_EL2, ESR_UNDEFINED);
		world_start(world, sysreg_read(VBAR_EL2) + offset, SPSR_EL2H_MASKED);
	} else {
		sysreg_write(ELR_EL1, world->elr);
		sysreg_write(SPSR_EL1, world->spsr);
		sysreg_write(ESR_EL1, ESR_UNDEFINED);
		world_start(world, sysreg_read(VBAR_EL1) + offset, SPSR_EL1H_MASKED);
	}
}
