/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hostile mode. Which EL1 and EL0 registers there are is not read from a list, which would
 * have gaps: at boot every encoding is tried, and two pieces of code are written from what was
 * found, one that stores all registers into an array and one that loads them from an array. The
 * normal world's registers pass through both; scrambling is the second one fed with random values.
 */
#include "hostile.h"

#include <stddef.h>

#include "args.h"
#include "console.h"
#include "feat.h"
#include "scramble.h"
#include "sysreg.h"

#define REG_MAX 300

struct found {
	uint32_t reg; /* bits 20:5 of its MRS and MSR */
	uint32_t clear; /* if not 0: writing clears what is not set in reg */
	uint64_t fixed; /* bits that are 0 when scrambled */
};

static struct found found[REG_MAX];
static unsigned int found_count;
static uint32_t store_code[2 * REG_MAX + 1];
static uint32_t load_code[4 * REG_MAX + 1];

/* --- Which registers ------------------------------------------------------------------------- */

#define REG(op0, op1, crn, crm, op2)                                                               \
	((uint32_t)(op0) << 19 | (uint32_t)(op1) << 16 | (uint32_t)(crn) << 12 |                   \
	 (uint32_t)(crm) << 8 | (uint32_t)(op2) << 5)

#define ALL (~0ULL)
#define BIT(n) (1ULL << (n))

/* A field of an encoding: from a to b. */
#define TO(a, b) ((a) << 8 | (b))
#define JUST(n) TO(n, n)
#define ANY TO(0, 15)

struct rule {
	bool skip;
	uint8_t op0;
	uint16_t op1, crn, crm, op2;
	uint64_t fixed; /* as in struct found */
	uint32_t clear;
};

#define SKIP(op0, op1, crn, crm, op2)                                                              \
	{                                                                                          \
		true, op0, op1, crn, crm, op2, 0, 0                                                \
	}
#define FIX(op0, op1, crn, crm, op2, fixed)                                                        \
	{                                                                                          \
		false, op0, op1, crn, crm, op2, fixed, 0                                           \
	}
#define SET(op0, op1, crn, crm, op2, fixed, clear)                                                 \
	{                                                                                          \
		false, op0, op1, crn, crm, op2, fixed, clear                                       \
	}

/*
 * Registers that are not state of a context, and those whose random values have limits. The rule is
 * the first that fits; a register with none is kept and scrambled as it is.
 */
static const struct rule rules[] = {
	/* Implementation defined: nobody knows what they do. */
	SKIP(3, ANY, JUST(11), ANY, ANY),
	SKIP(3, ANY, JUST(15), ANY, ANY),
	/* PSTATE by field: it is in SPSR. SVCR is among them, see simd_*. */
	SKIP(3, JUST(0), JUST(4), JUST(2), ANY),
	SKIP(3, JUST(0), JUST(4), JUST(3), ANY),
	SKIP(3, JUST(3), JUST(4), JUST(2), ANY),
	/* The GIC's CPU interface: ICC_PMR, then the others, then GICv5's. */
	SKIP(3, JUST(0), JUST(4), JUST(6), ANY),
	SKIP(3, JUST(0), JUST(12), TO(8, 15), ANY),
	SKIP(3, JUST(1), JUST(12), ANY, ANY),
	/* RMR: a reset request. */
	SKIP(3, JUST(0), JUST(12), JUST(0), JUST(2)),
	/* RNDR, RNDRRS: no registers. */
	SKIP(3, JUST(3), JUST(2), JUST(4), ANY),
	/* Error records belong to the machine. */
	SKIP(3, JUST(0), JUST(5), TO(3, 5), ANY),
	/* CNTFRQ is EL3's. */
	SKIP(3, JUST(3), JUST(14), JUST(0), JUST(0)),
	/* Timers: CNTP and CNTV_TVAL are views of CVAL; CTL.ENABLE is 0. */
	SKIP(3, JUST(3), JUST(14), TO(2, 3), JUST(0)),
	FIX(3, JUST(3), JUST(14), TO(2, 3), JUST(1), BIT(0)),
	/* PMU: PMCR.E, P and C are 0, no counter and no interrupt is enabled. */
	FIX(3, JUST(3), JUST(9), JUST(12), JUST(0), BIT(0) | BIT(1) | BIT(2)),
	SET(3, JUST(3), JUST(9), JUST(12), JUST(1), ALL, REG(3, 3, 9, 12, 2)),
	SET(3, JUST(0), JUST(9), JUST(14), JUST(1), ALL, REG(3, 0, 9, 14, 2)),
	SET(3, JUST(3), JUST(9), JUST(14), JUST(3), 0, REG(3, 3, 9, 12, 3)),
	/* The other sides of those three, and PMSWINC. */
	SKIP(3, JUST(3), JUST(9), JUST(12), TO(2, 4)),
	SKIP(3, JUST(0), JUST(9), JUST(14), JUST(2)),
	/* PMXEVTYPER, PMXEVCNTR: views of what PMSELR selects. PMZR: an operation. */
	SKIP(3, JUST(3), JUST(9), JUST(13), TO(1, 4)),
	/* Profiling and trace buffers: EL3 gives them to the normal world alone. */
	SKIP(3, JUST(0), JUST(9), TO(9, 11), ANY),
	/* Activity monitors: counters of the machine. */
	SKIP(3, JUST(3), JUST(13), TO(2, 15), ANY),
	/* TRFCR: no trace of EL0 and EL1. */
	FIX(3, JUST(0), JUST(1), JUST(2), JUST(1), BIT(0) | BIT(1)),
	/* Debug: MDCCINT, MDSELR 0; MDSCR without SS, KDE, HDE, MDE; no break- or watchpoint. */
	FIX(2, JUST(0), JUST(0), JUST(2), JUST(0), ALL),
	FIX(2, JUST(0), JUST(0), JUST(4), JUST(2), ALL),
	FIX(2, JUST(0), JUST(0), JUST(2), JUST(2), BIT(0) | BIT(13) | BIT(14) | BIT(15)),
	FIX(2, JUST(0), JUST(0), ANY, JUST(5), BIT(0)),
	FIX(2, JUST(0), JUST(0), ANY, JUST(7), BIT(0)),
	/* The debug communication channel: OSDTRRX, OSDTRTX, OSECCR, then DBGDTR. */
	SKIP(2, JUST(0), JUST(0), JUST(0), JUST(2)),
	SKIP(2, JUST(0), JUST(0), JUST(3), JUST(2)),
	SKIP(2, JUST(0), JUST(0), JUST(6), JUST(2)),
	SKIP(2, JUST(3), JUST(0), ANY, ANY),
	/* Locks and power of debug, claim tags: an external debugger's. */
	SKIP(2, JUST(0), JUST(1), ANY, ANY),
	SKIP(2, JUST(0), JUST(7), ANY, ANY),
	/* System PMUs, trace unit, branch records. */
	SKIP(2, ANY, TO(8, 15), ANY, ANY),
	SKIP(2, JUST(1), ANY, ANY, ANY),
};

/* State of EL1 and EL0 that only has a name of EL2 (op1 = 4). */
static const uint32_t named_at_el2[] = {
	REG(3, 4, 4, 1, 0), /* SP_EL1 */
	REG(3, 4, 4, 3, 0), /* SPSR_irq */
	REG(3, 4, 4, 3, 1), /* SPSR_abt */
	REG(3, 4, 4, 3, 2), /* SPSR_und */
	REG(3, 4, 4, 3, 3), /* SPSR_fiq */
	REG(3, 4, 3, 0, 0), /* DACR32_EL2 */
	REG(3, 4, 5, 0, 1), /* IFSR32_EL2 */
	REG(3, 4, 5, 3, 0), /* FPEXC32_EL2 */
};

static bool is_within(unsigned int value, uint16_t range)
{
	return value >= range >> 8 && value <= (range & 0xFF);
}

static const struct rule *rule_of(uint32_t reg)
{
	for (unsigned int i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *rule = &rules[i];

		if ((reg >> 19 & 3) == rule->op0 && is_within(reg >> 16 & 7, rule->op1) &&
		    is_within(reg >> 12 & 15, rule->crn) && is_within(reg >> 8 & 15, rule->crm) &&
		    is_within(reg >> 5 & 7, rule->op2)) {
			return rule;
		}
	}
	return NULL;
}

#define INSN_MRS 0xD5200000u /* | register | Rt */
#define INSN_MSR 0xD5000000u
#define INSN_STR_X1 0xF9000001u /* str x1, [x0, #8 * n], n in bits 21:10 */
#define INSN_LDR_X1 0xF9400001u
#define INSN_MOV_X1_ONES 0x92800001u
#define INSN_RET 0xD65F03C0u
#define X1 1u

static void sync_code(const void *code, size_t size)
{
	uintptr_t end = (uintptr_t)code + size;

	for (uintptr_t p = (uintptr_t)code; p < end; p += 4) {
		__asm__ volatile("dc cvau, %0" : : "r"(p) : "memory");
	}
	dsb();
	for (uintptr_t p = (uintptr_t)code; p < end; p += 4) {
		__asm__ volatile("ic ivau, %0" : : "r"(p) : "memory");
	}
	dsb();
	isb();
}

/* Whether an instruction on x0 is defined; *x is x0 before and after. */
static bool try_insn(uint32_t insn, uint64_t *x)
{
	bool defined;

	regs_try_code[0] = insn;
	regs_try_code[1] = INSN_RET;
	sync_code(regs_try_code, sizeof(regs_try_code));
	*x = regs_try(*x, &defined);
	return defined;
}

/* Notes a register if it can be read and written, which is tried with its own value. */
static void try_reg(uint32_t reg)
{
	const struct rule *rule = rule_of(reg);
	uint64_t value = 0;

	if ((rule != NULL && rule->skip) || !try_insn(INSN_MRS | reg, &value) ||
	    !try_insn(INSN_MSR | reg, &value)) {
		return;
	}
	if (found_count == REG_MAX) {
		console_die("hostile mode: more than %u registers", REG_MAX);
	}
	found[found_count].reg = reg;
	if (rule != NULL) {
		found[found_count].fixed = rule->fixed;
		found[found_count].clear = rule->clear;
	}
	found_count++;
}

/* Loads in reverse order, so that a timer's compare value precedes its control register. */
static void write_code(void)
{
	uint32_t *store = store_code;
	uint32_t *load = load_code;

	for (unsigned int i = 0; i < found_count; i++) {
		unsigned int r = found_count - 1 - i;

		*store++ = INSN_MRS | found[i].reg | X1;
		*store++ = INSN_STR_X1 | i << 10;
		if (found[r].clear != 0) {
			*load++ = INSN_MOV_X1_ONES;
			*load++ = INSN_MSR | found[r].clear | X1;
		}
		*load++ = INSN_LDR_X1 | r << 10;
		*load++ = INSN_MSR | found[r].reg | X1;
	}
	*store = INSN_RET;
	*load = INSN_RET;
	sync_code(store_code, sizeof(store_code));
	sync_code(load_code, sizeof(load_code));
}

/* --- Random values --------------------------------------------------------------------------- */

#define POOL_WORDS 4096
static uint64_t pool[POOL_WORDS] __attribute__((aligned(16)));

/* splitmix64 */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9E3779B97F4A7C15;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return z ^ z >> 31;
}

/* Finds the registers. Once, on the primary CPU, after EL3 has opened all that it will. */
void hostile_init(void)
{
	uint64_t state = args.seed;

	for (uint32_t op0 = 2; op0 <= 3; op0++) {
		for (uint32_t rest = 0; rest < REG(0, 4, 0, 0, 0); rest += REG(0, 0, 0, 0, 1)) {
			try_reg(REG(op0, 0, 0, 0, 0) | rest);
		}
	}
	for (unsigned int i = 0; i < sizeof(named_at_el2) / sizeof(named_at_el2[0]); i++) {
		try_reg(named_at_el2[i]);
	}
	write_code();
	for (unsigned int i = 0; i < POOL_WORDS; i++) {
		pool[i] = random_next(&state);
	}
	console_print("hostile to %u registers, seed 0x%lx", found_count, args.seed);
}

/* --- SIMD ------------------------------------------------------------------------------------ */

#define VECTOR_MAX 256 /* bytes of the longest vector */
#define SVCR S3_3_C4_C2_2
#define SVCR_SM BIT(0)
#define SVCR_ZA BIT(1)

struct simd {
	uint8_t z[32][VECTOR_MAX];
	uint8_t p[16][VECTOR_MAX / 8];
	uint8_t ffr[VECTOR_MAX / 8];
	uint8_t za[VECTOR_MAX][VECTOR_MAX];
	uint8_t zt0[64];
	uint64_t svcr;
} __attribute__((aligned(16)));

static struct simd nwd_simd[CPU_MAX];
static uint64_t nwd_regs[CPU_MAX][REG_MAX];

/* Not where streaming mode lacks it. */
static bool has_ffr(uint64_t svcr)
{
	return feat_has(FEAT_SVE) && ((svcr & SVCR_SM) == 0 || feat_has(FEAT_SME_FA64));
}

static bool has_z(uint64_t svcr)
{
	return feat_has(FEAT_SVE) || (svcr & SVCR_SM) != 0;
}

static void simd_store(struct simd *simd)
{
	uint64_t svcr = feat_has(FEAT_SME) ? sysreg_read(SVCR) : 0;

	simd->svcr = svcr;
	if (has_z(svcr)) {
		simd_z_store(simd->z);
		simd_p_store(simd->p);
	} else {
		simd_v_store(simd->z);
	}
	if (has_ffr(svcr)) {
		simd_ffr_store(simd->ffr);
	}
	if ((svcr & SVCR_ZA) != 0) {
		simd_za_store(simd->za);
		if (feat_has(FEAT_SME2)) {
			simd_zt0_store(simd->zt0);
		}
	}
}

/* ZA and ZT0 may be NULL: they are then zero, if they are on at all. */
static void simd_load(uint64_t svcr, const void *z, const void *p, const void *ffr, const void *za,
		      const void *zt0)
{
	if (feat_has(FEAT_SME)) {
		sysreg_write(SVCR, 0);
		sysreg_write(SVCR, svcr);
	}
	if (has_ffr(svcr)) {
		simd_ffr_load(ffr);
	}
	if (has_z(svcr)) {
		simd_z_load(z);
		simd_p_load(p);
	} else {
		simd_v_load(z);
	}
	if ((svcr & SVCR_ZA) != 0 && za != NULL) {
		simd_za_load(za);
		if (feat_has(FEAT_SME2)) {
			simd_zt0_load(zt0);
		}
	}
}

/* FFR is some ones from bit 0 on, then zeros. */
static void simd_scramble(uint64_t *random)
{
	uint64_t choice = random_next(random);
	const uint8_t *from = (const uint8_t *)pool + (choice & 0x3FF0);
	unsigned int ones = choice >> 16 & 0x1F;
	uint8_t ffr[VECTOR_MAX / 8];

	_Static_assert(0x3FF0 + sizeof(nwd_simd[0].z) + sizeof(nwd_simd[0].p) <= sizeof(pool),
		       "the longest vectors from the last place");
	for (unsigned int i = 0; i < sizeof(ffr); i++) {
		ffr[i] = i < ones ? 0xFF : i == ones ? (1u << (choice >> 24 & 7)) - 1 : 0;
	}
	simd_load(choice >> 32 & (SVCR_SM | SVCR_ZA), from, from + sizeof(nwd_simd[0].z), ffr, NULL,
		  NULL);
}

/* --- The mode -------------------------------------------------------------------------------- */

/* A CPU's first start. What reset gave it is what the normal world will find. */
void hostile_power_up(struct cpu *cpu)
{
	cpu->random = args.seed + 0x1000000 * (cpu->index + 1);
	hostile_keep_nwd(cpu);
}

/* The CPU leaves the normal world: all that is live is the normal world's. */
void hostile_keep_nwd(struct cpu *cpu)
{
	regs_run(nwd_regs[cpu->index], store_code);
	simd_store(&nwd_simd[cpu->index]);
}

/* The CPU goes back to it. SIMD first: entering or leaving streaming mode changes FPSR and FPMR. */
void hostile_give_back_nwd(struct cpu *cpu)
{
	const struct simd *simd = &nwd_simd[cpu->index];

	simd_load(simd->svcr, simd->z, simd->p, simd->ffr, simd->za, simd->zt0);
	regs_run(nwd_regs[cpu->index], load_code);
}

/* The SPMC is about to return from an SMC, or to start: nothing but x0-x17 and EL2 is as it was. */
void hostile_scramble(struct cpu *cpu)
{
	uint64_t *x = cpu->world[WORLD_SECURE].x;
	uint64_t values[REG_MAX];

	for (unsigned int i = 18; i <= 30; i++) {
		x[i] = random_next(&cpu->random);
	}
	for (unsigned int i = 0; i < found_count; i++) {
		values[i] = random_next(&cpu->random) & ~found[i].fixed;
	}
	simd_scramble(&cpu->random);
	regs_run(values, load_code);
}

/* At its start nothing promises x0-x17 either; the caller sets those that something does. */
void hostile_scramble_arguments(struct cpu *cpu)
{
	for (unsigned int i = 0; i < 18; i++) {
		cpu->world[WORLD_SECURE].x[i] = random_next(&cpu->random);
	}
}
