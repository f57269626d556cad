/* SPDX-License-Identifier: BSD-3-Clause */
/* What happens to an SP that did something: emulation, injected exceptions, stage-2 faults. */
#include "arch/features.h"
#include "arch/fixup.h"
#include "arch/sysreg.h"
#include "arch/vcpu.h"
#include "simd.h"

/* Slots of the vector table at VBAR_EL1, for a synchronous exception taken from: */
#define VECTOR_FROM_EL1T 0x000ul
#define VECTOR_FROM_EL1H 0x200ul
#define VECTOR_FROM_EL0 0x400ul
#define VECTOR_FROM_EL0_32 0x600ul
#define VECTOR_SLOT 0x80ul

static uint64_t vector_offset(const struct arch_vcpu *v)
{
	switch (v->pstate & PSTATE_MODE_MASK) {
	case PSTATE_EL1H:
		return VECTOR_FROM_EL1H;
	case PSTATE_EL1T:
		return VECTOR_FROM_EL1T;
	default:
		return (v->pstate & PSTATE_AARCH32) == 0 ? VECTOR_FROM_EL0 : VECTOR_FROM_EL0_32;
	}
}

static bool from_el0(const struct arch_vcpu *v)
{
	return (v->pstate & PSTATE_MODE_MASK) == PSTATE_EL0;
}

/*
 * Lets v take a synchronous exception to EL1 from where it stands (Arm ARM, D1.3: PSTATE on an
 * exception). v is current, so that its EL1 registers are in the registers.
 */
static void inject(struct arch_vcpu *v, uint64_t esr)
{
	uint64_t sctlr = sysreg_read(SCTLR_EL12);
	uint64_t pstate = PSTATE_EL1H | PSTATE_DAIF;

	pstate |= v->pstate & (PSTATE_NZCV | PSTATE_PAN | PSTATE_DIT);
	if ((sctlr & SCTLR_EL1_SPAN) == 0) {
		pstate |= PSTATE_PAN;
	}
	if ((sctlr & SCTLR_EL1_DSSBS) != 0) {
		pstate |= PSTATE_SSBS;
	}
	sysreg_write(ELR_EL12, v->pc);
	sysreg_write(SPSR_EL12, v->pstate);
	sysreg_write(ESR_EL12, esr);
	v->pc = sysreg_read(VBAR_EL12) + vector_offset(v);
	v->pstate = pstate;
}

/* What v may not do: Undefined at its EL1; false at S-EL0, where there is none. */
static bool inject_undefined(struct arch_vcpu *v)
{
	if (v->world == ARCH_SP_EL0) {
		return false;
	}
	inject(v, (uint64_t)EC_UNKNOWN << ESR_EC_SHIFT | ESR_IL);
	return true;
}

/* --- ID registers -------------------------------------------------------------------------- */

enum id_kind { UNSIGNED, SIGNED, PAUTH, FP };

struct id_field {
	uint8_t crm;
	uint8_t op2;
	uint8_t lsb;
	uint8_t width;
	enum id_kind kind;
	uint8_t max;
};

static const struct id_field id_fields[] = {
#define ID_FIELD(reg, crm, op2, lsb, width, kind, max, why) { crm, op2, lsb, width, kind, max },
#include "id_regs.def"
#undef ID_FIELD
};

#define ID_READ(crm, op2)                                                                          \
	case (crm)*8 + (op2):                                                                      \
		return sysreg_read(S3_0_C0_C##crm##_##op2)

/* The registers that id_regs.def has rows for; the others read as zero and are not asked. */
static uint64_t id_hardware(unsigned int crm, unsigned int op2)
{
	switch (crm * 8 + op2) {
		ID_READ(4, 0);
		ID_READ(4, 1);
		ID_READ(5, 0);
		ID_READ(6, 0);
		ID_READ(6, 1);
		ID_READ(6, 2);
		ID_READ(7, 0);
		ID_READ(7, 1);
		ID_READ(7, 2);
	default:
		return 0;
	}
}

static uint64_t id_field_shown(const struct id_field *f, uint64_t hardware)
{
	uint64_t ones = (1ul << f->width) - 1;
	uint64_t value = (hardware >> f->lsb) & ones;
	bool absent = value >> (f->width - 1) != 0;

	if (f->kind == PAUTH && !cpu_features.pauth) {
		return 0;
	}
	if (f->kind == FP && !cpu_features.fp) {
		return ones << f->lsb;
	}
	absent = absent && (f->kind == SIGNED || f->kind == FP);
	return (absent || value <= f->max ? value : f->max) << f->lsb;
}

static uint64_t id_shown(unsigned int crm, unsigned int op2)
{
	uint64_t hardware = id_hardware(crm, op2);
	uint64_t shown = 0;

	for (unsigned int i = 0; i < sizeof(id_fields) / sizeof(id_fields[0]); i++) {
		if (id_fields[i].crm == crm && id_fields[i].op2 == op2) {
			shown |= id_field_shown(&id_fields[i], hardware);
		}
	}
	return shown;
}

/* --- Traps --------------------------------------------------------------------------------- */

/* ISS of a trapped MSR, MRS or system instruction. */
#define SYSREG_IS_READ(iss) (((iss)&1) != 0)
#define SYSREG_CRM(iss) (((iss) >> 1) & 0xf)
#define SYSREG_RT(iss) (((iss) >> 5) & 0x1f)
#define SYSREG_OP2(iss) (((iss) >> 17) & 0x7)
#define SYSREG_MASK 0x3ffc1eul /* all but direction and Rt */
#define SYSREG_ID_MASK 0x31fc00ul /* op0, op1, CRn */
#define SYSREG_ID_SPACE 0x300000ul /* op0 = 3, op1 = 0, CRn = 0 */
#define SYSREG_TIMER_MASK (SYSREG_MASK & ~(7ul << 17)) /* all of it but op2 */
#define SYSREG_TIMER (3ul << 20 | 3ul << 14 | 14ul << 10 | 2ul << 1) /* CNTP_*_EL0 */

/* The trapped instruction has been done. */
static void step_over(struct arch_vcpu *v)
{
	v->pc += 4;
	v->pstate &= ~PSTATE_BTYPE;
}

bool arch_vcpu_timer_access(const struct arch_vcpu *v, struct arch_timer_access *a)
{
	uint64_t esr = sysreg_read(ESR_EL2);
	unsigned int reg = SYSREG_OP2(esr);
	unsigned int rt = SYSREG_RT(esr);

	if (ESR_EC(esr) != EC_SYSREG || (esr & SYSREG_TIMER_MASK) != SYSREG_TIMER ||
	    reg > ARCH_TIMER_CVAL) {
		return false;
	}
	*a = (struct arch_timer_access){
		.reg = (enum arch_timer_reg)reg, /* in the order of op2 */
		.write = !SYSREG_IS_READ(esr),
		.value = rt == 31 ? 0 : v->x[rt],
	};
	return true;
}

void arch_vcpu_timer_done(struct arch_vcpu *v, uint64_t value)
{
	uint64_t esr = sysreg_read(ESR_EL2);

	if (SYSREG_IS_READ(esr) && SYSREG_RT(esr) != 31) {
		v->x[SYSREG_RT(esr)] = value;
	}
	step_over(v);
}

static bool trap_sysreg(struct arch_vcpu *v)
{
	uint64_t iss = sysreg_read(ESR_EL2) & ESR_ISS_MASK;
	unsigned int crm = SYSREG_CRM(iss);
	unsigned int rt = SYSREG_RT(iss);

	if ((iss & SYSREG_ID_MASK) != SYSREG_ID_SPACE || crm == 0 || crm > 7 ||
	    !SYSREG_IS_READ(iss)) {
		return inject_undefined(v);
	}
	if (rt != 31) {
		v->x[rt] = id_shown(crm, SYSREG_OP2(iss));
	}
	step_over(v);
	return true;
}

bool arch_vcpu_trap(struct arch_cpu *c, struct arch_vcpu *v)
{
	switch (ESR_EC(sysreg_read(ESR_EL2))) {
	case EC_FP:
		if (!cpu_features.fp) {
			return inject_undefined(v);
		}
		simd_take(c, v);
		return true;
	case EC_SYSREG:
		/*
		 * At S-EL0 an ID register may trap, or be undefined (FEAT_IDST): it is not there.
		 */
		return v->world == ARCH_SP_EL0 ? false : trap_sysreg(v);
	default:
		return inject_undefined(v);
	}
}

/* --- Refused accesses ------------------------------------------------------------------------ */

#define HPFAR_FIPA_MASK 0x00000ffffffffff0ul
#define HPFAR_NS (1ul << 63)
#define PAR_F (1ul << 0)
#define PAR_NS (1ul << 9)
#define PAR_PA_MASK 0x000ffffffffff000ul

/* AT, which may be refused: not 0 if it was not. */
#define PROBE_AT(operation, va)                                                                    \
	({                                                                                         \
		uint64_t done_ = 0;                                                                \
		__asm__ volatile("1:	at " operation ", %1\n\tmov %0, #1\n2:\n" PROBE_ROW        \
				 : "+r"(done_)                                                     \
				 : "r"(va)                                                         \
				 : "memory");                                                      \
		done_;                                                                             \
	})

/*
 * The IPA of va by the SP's own stage 1. False when that does not translate (any more), or when the
 * walk itself is refused, which may be an abort at EL2.
 */
static bool stage1_translate(uint64_t va, bool write, uint64_t *par)
{
	uint64_t saved = sysreg_read(PAR_EL1);
	uint64_t done = write ? PROBE_AT("s1e1w", va) : PROBE_AT("s1e1r", va);

	isb();
	*par = sysreg_read(PAR_EL1);
	sysreg_write(PAR_EL1, saved);
	return done != 0 && (*par & PAR_F) == 0;
}

/* A translation, access flag or permission fault. */
static bool is_table_fault(uint64_t esr)
{
	uint64_t fsc = (esr & ISS_FSC_MASK) & ~FSC_LEVEL_MASK;

	return fsc == FSC_TRANSLATION || fsc == FSC_ACCESS_FLAG || fsc == FSC_PERMISSION;
}

static struct arch_fault stage2_fault(void)
{
	uint64_t esr = sysreg_read(ESR_EL2);
	uint64_t hpfar = sysreg_read(HPFAR_EL2);
	struct arch_fault f = {
		.va = sysreg_read(FAR_EL2),
		.fetch = ESR_EC(esr) == EC_IABT_LOWER,
		.walk = (esr & ISS_S1PTW) != 0,
		.esr = (uint32_t)esr,
		.ipa = (hpfar & HPFAR_FIPA_MASK) << 8,
		.ns = (hpfar & HPFAR_NS) != 0,
		.table = is_table_fault(esr),
	};
	uint64_t par;

	f.write = !f.fetch && (esr & ISS_WNR) != 0 && (esr & ISS_CM) == 0;
	/*
	 * HPFAR_EL2 is UNKNOWN after a permission fault that is not on a walk (Arm ARM, HPFAR_EL2).
	 */
	f.ipa_known = f.walk || ((esr & ISS_FSC_MASK) & ~FSC_LEVEL_MASK) != FSC_PERMISSION;
	if (!f.walk && stage1_translate(f.va, f.write, &par)) {
		f.ipa_known = true;
		f.ipa = par & PAR_PA_MASK;
		f.ns = (par & PAR_NS) != 0;
	}
	return f;
}

/* At S-EL0 there is one stage, and one address: what FAR_EL2 holds. */
static struct arch_fault el0_fault(void)
{
	uint64_t esr = sysreg_read(ESR_EL2);
	uint64_t far = sysreg_read(FAR_EL2);
	bool fetch = ESR_EC(esr) == EC_IABT_LOWER;

	return (struct arch_fault){
		.va = far,
		.ipa = far & ~0xffful,
		.ipa_known = true,
		.fetch = fetch,
		.write = !fetch && (esr & ISS_WNR) != 0 && (esr & ISS_CM) == 0,
		.table = is_table_fault(esr),
		.esr = (uint32_t)esr,
	};
}

struct arch_fault arch_vcpu_fault(const struct arch_vcpu *v)
{
	if (v->world == ARCH_SP_EL0) {
		return el0_fault();
	}
	return stage2_fault();
}

void arch_vcpu_inject_abort(struct arch_vcpu *v, const struct arch_fault *f)
{
	uint64_t class = f->fetch ? EC_IABT_LOWER : EC_DABT_LOWER;
	/* ISV and what it validates describe an access for its emulation: not the SP's business. */
	uint64_t iss = f->esr & (f->fetch ? 0x3ful : ISS_WNR | ISS_CM | 0x3ful);

	if (f->walk) {
		/* To EL1 its table is simply not there. */
		iss = (iss & ~0x3ful) | FSC_EXTERNAL_WALK | (f->esr & FSC_LEVEL_MASK);
	}
	if (!from_el0(v)) {
		class += EC_IABT_SAME - EC_IABT_LOWER;
	}
	sysreg_write(FAR_EL12, f->va);
	inject(v, class << ESR_EC_SHIFT | (f->esr & ESR_IL) | iss);
}

bool arch_vcpu_vector_dead(const struct arch_vcpu *v, const struct arch_fault *f)
{
	bool again = f->fetch || sysreg_read(ELR_EL12) == v->pc;

	return again && v->pc - (sysreg_read(VBAR_EL12) + vector_offset(v)) < VECTOR_SLOT;
}
