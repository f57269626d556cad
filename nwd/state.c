/* SPDX-License-Identifier: BSD-3-Clause */
#include "state.h"

#include <stddef.h>

#include "cpu.h"
#include "print.h"
#include "simd.h"
#include "test.h"

/* Encodings as in MRS and MSR, bits 20:5. */
#define ENC(op0, op1, crn, crm, op2)                                                               \
	((uint32_t)((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2)))
#define ENC_OP0(e) ((e) >> 14)
#define ENC_OP1(e) ((e) >> 11 & 7)
#define ENC_CRN(e) ((e) >> 7 & 15)
#define ENC_CRM(e) ((e) >> 3 & 15)
#define ENC_OP2(e) ((e)&7)
#define ENC_END 0x10000u

#define INSN_MRS_X0 0xd5200000u
#define INSN_MSR_X0 0xd5000000u
#define INSN_RET 0xd65f03c0u

#define ALL_BITS (~0ull)
#define REGS_MAX 512u

/* How an encoding is reached: made when it is found, called ever after. */
struct stub {
	uint32_t read[2];
	uint32_t write[2];
};

struct reg {
	uint32_t enc;
	uint64_t bits; /* that may be written, and are compared */
};

static struct stub stubs[REGS_MAX + 1] __attribute__((aligned(4096)));
static struct reg regs[REGS_MAX];
static uint32_t reg_count;

static struct {
	uint64_t before[REGS_MAX]; /* to go back to */
	uint64_t wanted[REGS_MAX];
} kept[CPU_COUNT];

/* --- What is left alone --------------------------------------------------------------------- */

struct limit {
	uint32_t first, last;
	uint64_t bits; /* that may be written; 0: the encoding is not tried at all */
};

/* Registers that do more than hold what is written to them. */
static const struct limit limits[] = {
	{ ENC(2, 0, 0, 0, 2), ENC(2, 0, 0, 0, 2), 0 }, /* OSDTRRX: debug channel */
	{ ENC(2, 0, 0, 2, 2), ENC(2, 0, 0, 2, 2), ~0xf001ull }, /* MDSCR: no stepping, no events */
	{ ENC(2, 0, 0, 3, 2), ENC(2, 0, 0, 3, 2), 0 }, /* OSDTRTX */
	{ ENC(2, 0, 1, 0, 0), ENC(2, 0, 1, 3, 7), 0 }, /* OS lock, OS double lock */
	{ ENC(2, 3, 0, 4, 0), ENC(2, 3, 0, 5, 7), 0 }, /* DBGDTR */
	{ ENC(3, 0, 4, 1, 1), ENC(3, 0, 4, 15, 7), 0 }, /* PSTATE fields; ICC_PMR: see extra */
	{ ENC(3, 0, 12, 0, 2), ENC(3, 0, 12, 0, 2), 0 }, /* RMR: resets */
	{ ENC(3, 0, 12, 8, 0), ENC(3, 0, 12, 15, 7), 0 }, /* ICC: acknowledges, generates */
	{ ENC(3, 3, 4, 2, 0), ENC(3, 3, 4, 4, 1), 0 }, /* PSTATE fields; SVCR, FPCR, FPSR: simd.c */
	{ ENC(3, 3, 9, 12, 0), ENC(3, 3, 9, 12, 0), 0x78 }, /* PMCR: neither enables nor resets */
	{ ENC(3, 3, 14, 2, 0), ENC(3, 3, 14, 2, 0), 0 }, /* CNTP_TVAL moves */
	{ ENC(3, 3, 14, 2, 1), ENC(3, 3, 14, 2, 1), 2 }, /* CNTP_CTL: stays off */
	{ ENC(3, 3, 14, 3, 0), ENC(3, 3, 14, 3, 0), 0 }, /* CNTV_TVAL */
	{ ENC(3, 3, 14, 3, 1), ENC(3, 3, 14, 3, 1), 2 }, /* CNTV_CTL */
};

/* Breakpoint and watchpoint controls, DBGB/WCR<n>_EL1: not enabled. */
#define IS_DEBUG_CONTROL(e)                                                                        \
	(ENC_OP0(e) == 2 && ENC_OP1(e) == 0 && ENC_CRN(e) == 0 &&                                  \
	 (ENC_OP2(e) == 5 || ENC_OP2(e) == 7))

/* At EL1 the program itself stands on these: compared, and written only with what they hold. */
static const uint32_t own_at_el1[] = {
	ENC(3, 0, 1, 0, 0), /* SCTLR */
	ENC(3, 0, 1, 0, 1), /* ACTLR */
	ENC(3, 0, 1, 0, 2), /* CPACR */
	ENC(3, 0, 1, 0, 3), /* SCTLR2 */
	ENC(3, 0, 1, 2, 0), /* ZCR: simd.c */
	ENC(3, 0, 1, 2, 6), /* SMCR: simd.c */
	ENC(3, 0, 2, 0, 0), /* TTBR0 */
	ENC(3, 0, 2, 0, 2), /* TCR */
	ENC(3, 0, 2, 0, 3), /* TCR2 */
	ENC(3, 0, 2, 5, 0), /* GCSCR */
	ENC(3, 0, 10, 2, 0), /* MAIR */
	ENC(3, 0, 10, 2, 1), /* MAIR2 */
	ENC(3, 0, 10, 2, 2), /* PIRE0 */
	ENC(3, 0, 10, 2, 3), /* PIR */
	ENC(3, 0, 10, 2, 4), /* POR */
	ENC(3, 0, 12, 0, 0), /* VBAR */
};

/* Beside EL1's and EL0's: what has an EL2 name, or is in a range that is left alone. */
static const struct reg extra[] = {
	{ ENC(3, 0, 4, 6, 0), 0x40 }, /* ICC_PMR: both values let our interrupts through */
	{ ENC(3, 4, 4, 1, 0), ALL_BITS }, /* SP_EL1 */
	{ ENC(3, 4, 1, 2, 5), ALL_BITS }, /* SMPRIMAP_EL2 */
	{ ENC(3, 4, 3, 0, 0), ALL_BITS }, /* DACR32_EL2 */
	{ ENC(3, 4, 4, 3, 0), ALL_BITS }, /* SPSR_irq */
	{ ENC(3, 4, 4, 3, 1), ALL_BITS }, /* SPSR_abt */
	{ ENC(3, 4, 4, 3, 2), ALL_BITS }, /* SPSR_und */
	{ ENC(3, 4, 4, 3, 3), ALL_BITS }, /* SPSR_fiq */
	{ ENC(3, 4, 5, 0, 1), ALL_BITS }, /* IFSR32_EL2 */
	{ ENC(3, 4, 5, 3, 0), ALL_BITS }, /* FPEXC32_EL2 */
	{ ENC(2, 4, 0, 7, 0), ALL_BITS }, /* DBGVCR32_EL2 */
	{ ENC(3, 4, 12, 9, 0), ALL_BITS }, /* ICH_AP1R0 */
	{ ENC(3, 4, 12, 12, 0), ALL_BITS >> 3 }, /* ICH_LR0-3: no interrupt in them */
	{ ENC(3, 4, 12, 12, 1), ALL_BITS >> 3 },
	{ ENC(3, 4, 12, 12, 2), ALL_BITS >> 3 },
	{ ENC(3, 4, 12, 12, 3), ALL_BITS >> 3 },
	{ ENC(3, 4, 14, 2, 1), 2 }, /* CNTHP_CTL */
	{ ENC(3, 4, 14, 2, 2), ALL_BITS }, /* CNTHP_CVAL */
	{ ENC(3, 4, 14, 3, 1), 2 }, /* CNTHV_CTL */
	{ ENC(3, 4, 14, 3, 2), ALL_BITS }, /* CNTHV_CVAL */
};

static bool is_own_at_el1(uint32_t enc)
{
	for (size_t i = 0; i < sizeof(own_at_el1) / sizeof(own_at_el1[0]); i++) {
		if (own_at_el1[i] == enc) {
			return cpu_el() == 1;
		}
	}
	return false;
}

/* Which bits of an encoding may be tried; 0: none, and it is not read either. */
static uint64_t allowed_bits(uint32_t enc)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (enc >= limits[i].first && enc <= limits[i].last) {
			return limits[i].bits;
		}
	}
	return IS_DEBUG_CONTROL(enc) ? ~1ull : ALL_BITS;
}

/* --- Finding --------------------------------------------------------------------------------- */

/* Makes what was written to memory executable. */
static void sync_code(const void *code, size_t size)
{
	for (size_t i = 0; i < size; i += 4) {
		__asm__ volatile("dc cvau, %0" ::"r"((uintptr_t)code + i) : "memory");
	}
	__asm__ volatile("dsb ish" ::: "memory");
	for (size_t i = 0; i < size; i += 4) {
		__asm__ volatile("ic ivau, %0" ::"r"((uintptr_t)code + i) : "memory");
	}
	__asm__ volatile("dsb ish\n isb" ::: "memory");
}

static void make_stub(struct stub *s, uint32_t enc)
{
	s->read[0] = INSN_MRS_X0 | enc << 5;
	s->read[1] = INSN_RET;
	s->write[0] = INSN_MSR_X0 | enc << 5;
	s->write[1] = INSN_RET;
	sync_code(s, sizeof(*s));
}

static uint64_t stub_read(const struct stub *s)
{
	return ((uint64_t(*)(void))(uintptr_t)s->read)();
}

static void stub_write(const struct stub *s, uint64_t value)
{
	((void (*)(uint64_t))(uintptr_t)s->write)(value);
}

/* Both are false when the instruction is undefined or trapped; EL3 may only make it undefined. */
static bool try_read(const struct stub *s, uint64_t *value)
{
	struct cpu *c = cpu_this();

	c->probe_failed = false;
	*value = stub_read(s);
	return !c->probe_failed;
}

static bool try_write(const struct stub *s, uint64_t value)
{
	struct cpu *c = cpu_this();

	c->probe_failed = false;
	stub_write(s, value);
	isb();
	return !c->probe_failed;
}

/*
 * Adds the register when some of its bits can be written: each is inverted once. What changes by
 * itself between two reads is left out.
 */
static void try_encoding(uint32_t enc, uint64_t bits)
{
	struct stub *s = &stubs[reg_count];
	uint64_t old, again, inverted;

	make_stub(s, enc);
	if (!try_read(s, &old) || !try_read(s, &again) || old != again) {
		return;
	}
	if (is_own_at_el1(enc)) {
		bits = 0;
		inverted = ~old;
	} else {
		if (!try_write(s, old ^ bits) || !try_read(s, &inverted)) {
			return;
		}
		stub_write(s, old);
		isb();
	}
	if (inverted != old && reg_count < REGS_MAX) {
		regs[reg_count++] = (struct reg){ enc, bits };
	}
}

/*
 * Finds all of them, once; CPUs have the same. Interrupts masked: at EL1 what an exception leaves
 * is among them. Returns how many.
 */
uint32_t state_find(void)
{
	struct cpu *c = cpu_this();

	if (reg_count != 0) {
		return reg_count;
	}
	c->probing = true;
	for (uint32_t enc = ENC(2, 0, 0, 0, 0); enc < ENC_END; enc++) {
		/* op1 4 to 7: EL2, EL3, other names of EL1's, and EL1's of the secure world. */
		if (ENC_OP1(enc) < 4 && allowed_bits(enc) != 0) {
			try_encoding(enc, allowed_bits(enc));
		}
	}
	for (size_t i = 0; i < sizeof(extra) / sizeof(extra[0]); i++) {
		try_encoding(extra[i].enc, extra[i].bits);
	}
	c->probing = false;
	print_line("%u system registers keep what is written to them", reg_count);
	return reg_count;
}

/* --- Filling and comparing ------------------------------------------------------------------- */

/* Compared are the bits that are written; of one of our own, all. */
static uint64_t compared(const struct reg *r)
{
	return r->bits != 0 ? r->bits : ALL_BITS;
}

/* Fills them with random numbers, on this CPU; remembers what they then hold and held before. */
void state_fill(void)
{
	uint32_t cpu = cpu_index();

	for (uint32_t i = 0; i < reg_count; i++) {
		kept[cpu].before[i] = stub_read(&stubs[i]);
	}
	state_scramble();
	for (uint32_t i = 0; i < reg_count; i++) {
		kept[cpu].wanted[i] = stub_read(&stubs[i]);
	}
}

/* As state_fill(), but remembers nothing. */
void state_scramble(void)
{
	for (uint32_t i = 0; i < reg_count; i++) {
		uint64_t old = stub_read(&stubs[i]);

		stub_write(&stubs[i], (old & ~regs[i].bits) | (random_next() & regs[i].bits));
	}
	isb();
}

/*
 * Leaving streaming mode clears FPMR, and an EL3 like TF-A closes it to the secure world, which
 * cannot keep it then: when SIMD was in that mode it may be lost.
 */
static bool may_be_lost(uint32_t enc, uint64_t found)
{
	return enc == ENC(3, 3, 4, 4, 2) && found == 0 && simd_is_streaming();
}

/* Compares with what state_fill() left. */
bool state_check(const char *after)
{
	uint32_t cpu = cpu_index();

	for (uint32_t i = 0; i < reg_count; i++) {
		uint64_t found = stub_read(&stubs[i]), wanted = kept[cpu].wanted[i];
		uint32_t e = regs[i].enc;

		CHECK(((found ^ wanted) & compared(&regs[i])) == 0 || may_be_lost(e, found),
		      "CPU %u: S%u_%u_C%u_C%u_%u is %#lx, was %#lx, after %s", cpu, ENC_OP0(e),
		      ENC_OP1(e), ENC_CRN(e), ENC_CRM(e), ENC_OP2(e), found, wanted, after);
	}
	return true;
}

/* Gives them back what they held before state_fill(). */
void state_restore(void)
{
	uint32_t cpu = cpu_index();

	for (uint32_t i = 0; i < reg_count; i++) {
		stub_write(&stubs[i], kept[cpu].before[i]);
	}
	isb();
}
