/* SPDX-License-Identifier: BSD-3-Clause */
/* Entering, leaving and switching contexts: see arch/vcpu.h. */
#include "arch/vcpu.h"

#include "arch/features.h"
#include "arch/fixup.h"
#include "arch/sysreg.h"
#include "lib/print.h"
#include "simd.h"

/* HCR_EL2 of an SP at S-EL1. What each bit is for: docs/state.md. */
#define HCR_SP                                                                                     \
	(HCR_VM | HCR_PTW | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB | HCR_BSU_INNER | HCR_TID3 |      \
	 HCR_TSC | HCR_TIDCP | HCR_TACR | HCR_TSW | HCR_RW | HCR_E2H | HCR_TLOR | HCR_TERR |       \
	 HCR_TID5)
#define HCR_SP_PAUTH (HCR_APK | HCR_API)
/* Of an SP at S-EL0: its regime is the one that we are in ourselves. */
#define HCR_SP_EL0 HCR_HOST

#define VSTTBR_EL2 S3_4_C2_C6_0
#define VSTCR_EL2 S3_4_C2_C6_2

#define VMPIDR_RES1 (1ul << 31)

/* What an exception is, by class; ARCH_EXIT_TRAP unless it stands here. */
static const uint8_t exit_of_class[64] = {
	[EC_SVC64] = ARCH_EXIT_CALL,       [EC_HVC64] = ARCH_EXIT_CALL,
	[EC_SMC64] = ARCH_EXIT_CALL,       [EC_IABT_LOWER] = ARCH_EXIT_FAULT,
	[EC_DABT_LOWER] = ARCH_EXIT_FAULT,
};

enum arch_exit arch_exit_sync(struct arch_vcpu *v)
{
	uint64_t class = ESR_EC(sysreg_read(ESR_EL2));

	if (class == EC_SMC64) {
		v->pc += 4; /* a trapped SMC reports itself; HVC and SVC report what follows */
	}
	return (enum arch_exit)exit_of_class[class];
}

uint64_t arch_exit_syndrome(void)
{
	return sysreg_read(ESR_EL2);
}

/* Numbers that nobody outside can know, as far as this CPU has such. */
static uint64_t unguessable(void)
{
	static uint64_t last;
	uint64_t random = 0;

	(void)probe_sysreg_read(S3_3_C2_C4_0 /* RNDR */, &random);
	last = (last ^ random) * 0x9e3779b97f4a7c15ul + sysreg_read(CNTPCT_EL0);
	return last ^ last >> 29;
}

/* An SP at S-EL0 cannot choose PAuth keys: they come with it. */
static void el0_keys(struct arch_vcpu *v)
{
	uint64_t *const keys[] = { &v->apia[0],     &v->apia[1],     &v->el1.apib_lo,
				   &v->el1.apib_hi, &v->el1.apda_lo, &v->el1.apda_hi,
				   &v->el1.apdb_lo, &v->el1.apdb_hi, &v->el1.apga_lo,
				   &v->el1.apga_hi };

	for (unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		*keys[i] = unguessable();
	}
}

void arch_vcpu_reset(struct arch_vcpu *v, uint64_t pc, uint32_t index)
{
	struct space *space = v->space;
	bool el0 = space->kind == SPACE_EL0;
	uint64_t hcr = HCR_SP | (cpu_features.pauth ? HCR_SP_PAUTH : 0);
	void *simd = v->simd.regs;

	*v = (struct arch_vcpu){
		.pc = pc,
		/* Interrupts are ours: those that would go to EL2 can be masked at EL0 with TGE. */
		.pstate = el0 ? PSTATE_EL0 | PSTATE_D : PSTATE_EL1H | PSTATE_DAIF,
		.el1 =
			{
#define EL1_REG(name, sysreg, reset, who, feature) .name = (reset),
#include "el1_regs.def"
#undef EL1_REG
			},
		.world = el0 ? ARCH_SP_EL0 : ARCH_SP,
		.hcr = el0 ? HCR_SP_EL0 : hcr,
		.vmpidr = VMPIDR_RES1 | index,
		.space = space,
		.simd = {.regs = simd},
	};
	if (el0) {
		el0_keys(v);
	}
	simd_reset(&v->simd);
}

void arch_vcpu_init_nwd(struct arch_vcpu *v, void *simd)
{
	*v = (struct arch_vcpu){
		.world = ARCH_NWD,
		.el1 = { .sctlr = SCTLR_EL1_RESET },
		.hcr = HCR_HOST,
		.simd = { .regs = simd },
	};
}

/* Predicates of the rows of el1_regs.def; they fold to constants where they can. */
#define HAS_always true
#define HAS_pauth cpu_features.pauth
#define HAS_gcs (cpu_features.rare && cpu_features.gcs)
#define HAS_mpam (cpu_features.rare && cpu_features.mpam)
#define MPAM0_EL1 S3_0_C10_C5_1 /* their PARTID and PMG go with every access, trapped or not */
#define MPAM1_EL12 S3_5_C10_C5_0
#define HAS_tpidr2 (cpu_features.rare && cpu_features.tpidr2)
#define TPIDR2_EL0 S3_3_C13_C0_5
#define GCSCR_EL12 S3_5_C2_C5_0 /* its EXLOCKEN acts on exception returns whatever HCRX_EL2 says */
#define GCSCRE0_EL1 S3_0_C2_C5_2 /* likewise on EL0 */
#define HAS_no_ecv cpu_features.no_ecv
#define SAVED_ALL(world) true
#define SAVED_EL1(world) ((world) != ARCH_SP_EL0)
#define SAVED_NWD(world) ((world) == ARCH_NWD)
#define SAVED_SP(world) ((world) == ARCH_SP)
#define LOADED_ALL(world) true
#define LOADED_EL1(world) ((world) != ARCH_SP_EL0)
#define LOADED_NWD(world) true /* an SP runs with the reset value */
#define LOADED_SP(world) ((world) == ARCH_SP)

/*
 * Functions of their own, so that within them the compiler may put the accesses in any order and
 * pair the moves to and from memory; around them it may not.
 */
static inline __attribute__((always_inline)) void el1_save(struct arch_el1 *r,
							   enum arch_world world)
{
#define EL1_REG(name, sysreg, reset, who, feature)                                                 \
	if (SAVED_##who(world) && HAS_##feature) {                                                 \
		__asm__("mrs %0, " sysreg_string(sysreg) : "=r"(r->name));                         \
	}
#include "el1_regs.def"
#undef EL1_REG
}

/*
 * Here the compiler does not pair by itself, because a write of a system register keeps its place:
 * every other row loads two fields.
 */
static inline __attribute__((always_inline)) void el1_load(const struct arch_el1 *r,
							   enum arch_world world)
{
	uint64_t even = 0;
	uint64_t odd = 0;

#define EL1_REG(name, sysreg, reset, who, feature)                                                 \
	if (offsetof(struct arch_el1, name) % 16 == 0) {                                           \
		__asm__("ldp %0, %1, [%2, %3]"                                                     \
			: "=r"(even), "=r"(odd)                                                    \
			: "r"(r), "i"(offsetof(struct arch_el1, name)), "m"(*r));                  \
	}                                                                                          \
	if (LOADED_##who(world) && HAS_##feature) {                                                \
		__asm__ volatile("msr " sysreg_string(sysreg) ", %0"                               \
				 :                                                                 \
				 : "r"(offsetof(struct arch_el1, name) % 16 == 0 ? even : odd));   \
	}
#include "el1_regs.def"
#undef EL1_REG
}

static __attribute__((noinline)) void el1_save_nwd(struct arch_el1 *r)
{
	el1_save(r, ARCH_NWD);
}

static __attribute__((noinline)) void el1_save_sp(struct arch_el1 *r)
{
	el1_save(r, ARCH_SP);
}

static __attribute__((noinline)) void el1_save_el0(struct arch_el1 *r)
{
	el1_save(r, ARCH_SP_EL0);
}

static __attribute__((noinline)) void el1_load_nwd(const struct arch_el1 *r)
{
	el1_load(r, ARCH_NWD);
}

static __attribute__((noinline)) void el1_load_sp(const struct arch_el1 *r)
{
	el1_load(r, ARCH_SP);
}

static __attribute__((noinline)) void el1_load_el0(const struct arch_el1 *r)
{
	el1_load(r, ARCH_SP_EL0);
}

#define TIMER_ENABLE 1ul
#define TIMER_IMASK 2ul
#define TIMER_ISTATUS 4ul
#define TIMER_ASSERTED (TIMER_ENABLE | TIMER_ISTATUS) /* and not masked */

/*
 * The normal world's timers go on while SPs run, and take the CPU back. But one whose interrupt is
 * there already as it leaves stays masked until it is back: either the normal world holds it off
 * itself, or it is there only because EL3 has taken the normal world's offset (CNTVOFF_EL2,
 * CNTPOFF_EL2) away with the rest of its EL2. In both cases it would preempt every SP at once and
 * then never be taken.
 */
static void timers_mask(struct arch_vcpu *nwd)
{
	uint64_t ctl = sysreg_read(CNTP_CTL_EL02);

	nwd->cntp_masked = ctl == TIMER_ASSERTED;
	if (nwd->cntp_masked) {
		sysreg_write(CNTP_CTL_EL02, TIMER_ENABLE | TIMER_IMASK);
	}
	if (cpu_features.no_ecv) {
		sysreg_write(CNTV_CTL_EL02, 0); /* it is switched: no SP's CVAL with its ENABLE */
		return;
	}
	ctl = sysreg_read(CNTV_CTL_EL02);
	nwd->cntv_masked = ctl == TIMER_ASSERTED;
	if (nwd->cntv_masked) {
		sysreg_write(CNTV_CTL_EL02, TIMER_ENABLE | TIMER_IMASK);
	}
}

static void timers_unmask(const struct arch_vcpu *nwd)
{
	if (nwd->cntp_masked) {
		sysreg_write(CNTP_CTL_EL02, TIMER_ENABLE);
	}
	if (nwd->cntv_masked) {
		sysreg_write(CNTV_CTL_EL02, TIMER_ENABLE);
	}
}

static void hcr_set(struct arch_cpu *c, uint64_t hcr)
{
	c->hcr = hcr;
	sysreg_write(HCR_EL2, hcr);
}

/* Its cache and TLB maintenance is complete, should it go on on another CPU. */
static inline void maintenance_end(void)
{
	__asm__ volatile("dsb ish" ::: "memory");
}

/* --- An SP at S-EL0 ------------------------------------------------------------------------- */

/*
 * Walks from TTBR0_EL2 are off (TCR_EL2.EPD0) whenever it does not hold the table of the SP that is
 * current: no CPU walks from the one with what belongs to the other.
 */
static __attribute__((noinline)) void el0_save(struct arch_cpu *c, struct arch_vcpu *v)
{
	hcr_set(c, HCR_HOST);
	sysreg_write(TCR_EL2, sysreg_read(TCR_EL2) | TCR_EPD0);
	isb();
	sysreg_write(TTBR0_EL2, 0);
	el1_save_el0(&v->el1);
	maintenance_end();
}

static __attribute__((noinline)) void el0_restore(struct arch_cpu *c, struct arch_vcpu *v)
{
	el1_load_el0(&v->el1);
	sysreg_write(TTBR0_EL2, v->space->vttbr);
	isb();
	sysreg_write(TCR_EL2, sysreg_read(TCR_EL2) & ~TCR_EPD0);
	sysreg_write(CPTR_EL2, CPTR_SP);
	isb();
	hcr_set(c, v->hcr);
}

/* --- All contexts --------------------------------------------------------------------------- */

/*
 * Nothing below takes an exception, and EL1&0 is out of context (TGE) from before the first
 * register of one context is read until after the last of the other is written: at no time can
 * the CPU walk tables with one context's base and another's controls. An SP at S-EL1 is what comes
 * most often: it comes first.
 */
void arch_vcpu_save(struct arch_cpu *c, struct arch_vcpu *v)
{
	if (c->simd_owner == v) {
		simd_save(c, v);
	}
	if (v->world == ARCH_SP) {
		hcr_set(c, HCR_HOST);
		isb();
		el1_save_sp(&v->el1);
		maintenance_end();
	} else if (v->world == ARCH_NWD) {
		el1_save_nwd(&v->el1);
		timers_mask(v);
	} else {
		el0_save(c, v);
	}
}

#define ISR_A (1ul << 8)
#define DISR_A (1ul << 31)

/* ESB puts a pending SError into DISR_EL1, which is the normal world's. */
static __attribute__((noinline)) void serror_take(void)
{
	uint64_t kept = sysreg_read(DISR_EL1);
	uint64_t found;

	sysreg_write(DISR_EL1, 0);
	__asm__ volatile("hint #16" ::: "memory"); /* ESB */
	found = sysreg_read(DISR_EL1);
	sysreg_write(DISR_EL1, kept);
	if ((found & DISR_A) != 0) {
		log_error("SError of the normal world's, or of an access for it: DISR_EL1 %#lx",
			  found);
	}
}

void arch_world_enter(const struct arch_vcpu *v)
{
	/*
	 * An SError that is pending has come before the SP that is about to run, from the normal
	 * world or from an access of ours: the first SP that unmasks it must not end for it.
	 */
	if ((sysreg_read(ISR_EL1) & ISR_A) != 0) {
		serror_take();
	}
	sysreg_write(VTCR_EL2, v->space->vtcr);
	sysreg_write(VSTCR_EL2, v->space->vstcr);
}

void arch_vcpu_restore(struct arch_cpu *c, struct arch_vcpu *v)
{
	if (v->world == ARCH_SP) {
		el1_load_sp(&v->el1);
		sysreg_write(VMPIDR_EL2, v->vmpidr);
		sysreg_write(VTTBR_EL2, v->space->vttbr);
		sysreg_write(VSTTBR_EL2, v->space->vsttbr);
		sysreg_write(CPTR_EL2, CPTR_SP);
		isb();
		hcr_set(c, v->hcr);
	} else if (v->world == ARCH_NWD) {
		simd_restore_nwd(c, v);
		el1_load_nwd(&v->el1);
		timers_unmask(v);
	} else {
		el0_restore(c, v);
	}
}

void arch_el3_call(struct arch_cpu *c, struct arch_vcpu *live, uint64_t x[18])
{
	struct arch_vcpu call = { .world = ARCH_NWD };

	if (live != NULL) {
		arch_vcpu_save(c, live);
	}
	sysreg_write(CPTR_EL2, CPTR_HOST);
	isb();
	simd_flush(c);
	for (unsigned int i = 0; i < 18; i++) {
		call.x[i] = x[i];
	}
	(void)arch_go(arch_enter_nwd, &call, c);
	for (unsigned int i = 0; i < 18; i++) {
		x[i] = call.x[i];
	}
	if (live != NULL) {
		arch_vcpu_restore(c, live);
	}
}
