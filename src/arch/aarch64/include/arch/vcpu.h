/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The architectural half of a vCPU and of a CPU: what the registers of a context are while they
 * are not in the registers, and how contexts are entered, left and switched.
 */
#ifndef ARCH_VCPU_H
#define ARCH_VCPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/lines.h"
#include "arch/offsets.h"
#include "arch/simd.h"
#include "arch/space.h"
#include "arch/sysreg.h"
#include "arch/timer.h"

/* The EL1 and EL0 system registers that a switch moves, one field for each row. */
struct arch_el1 {
#define EL1_REG(name, sysreg, reset, who, feature) uint64_t name;
#include "el1_regs.def"
#undef EL1_REG
};

/* Whose registers they are: a partition's at S-EL1, the normal world's, a partition's at S-EL0. */
enum arch_world { ARCH_SP, ARCH_NWD, ARCH_SP_EL0 };

/*
 * What assembly knows of it (offsets below) comes first. SP_EL2 points here while the context runs,
 * hence the alignment.
 */
struct __attribute__((aligned(16))) arch_vcpu {
	uint64_t x[31];
	uint64_t pc;
	uint64_t pstate;
	struct arch_cpu *cpu; /* where it is entered; set before each entry */
	uint64_t apia[2]; /* PAuth key A: the one that our own code uses too */

	struct arch_el1 el1 __attribute__((aligned(16))); /* loaded in pairs */
	enum arch_world world;
	bool cntp_masked, cntv_masked; /* normal world: see timers_mask() */
	uint64_t hcr; /* HCR_EL2 while it runs, VI and VF aside */
	uint64_t vmpidr;
	struct space *space; /* NULL for the normal world */
	struct arch_simd simd;
};

_Static_assert(offsetof(struct arch_vcpu, x) == 0, "assembly");
_Static_assert(offsetof(struct arch_vcpu, pc) == ARCH_VCPU_PC, "assembly");
_Static_assert(offsetof(struct arch_vcpu, pstate) == ARCH_VCPU_PSTATE, "assembly");
_Static_assert(offsetof(struct arch_vcpu, cpu) == ARCH_VCPU_CPU, "assembly");
_Static_assert(offsetof(struct arch_vcpu, apia) == ARCH_VCPU_APIA, "assembly");

struct arch_cpu {
	uint64_t sp; /* our stack pointer while a context runs */
	uint64_t pauth; /* not 0: this system has PAuth */
	uint64_t apia[2]; /* our own PAuth key on this CPU */
	struct arch_vcpu *simd_owner; /* whose FP/SIMD state the registers hold; NULL: nobody's */
	uint64_t hcr; /* what HCR_EL2 holds */
};

_Static_assert(offsetof(struct arch_cpu, sp) == ARCH_CPU_SP, "assembly");
_Static_assert(offsetof(struct arch_cpu, apia) == ARCH_CPU_APIA, "assembly");
_Static_assert(offsetof(struct arch_cpu, pauth) == ARCH_CPU_PAUTH, "assembly");

/* Why a context came back. */
enum arch_exit {
	ARCH_EXIT_TRAP, /* an instruction that SPs are denied, or that we emulate */
	ARCH_EXIT_NWD, /* the normal world calls (or EL3 says FFA_INTERRUPT): x0-x17 */
	ARCH_EXIT_CALL, /* an SP's SMC, HVC or SVC: x0-x17 */
	ARCH_EXIT_IRQ, /* a secure interrupt is pending */
	ARCH_EXIT_FIQ, /* a group 0 or a non-secure interrupt is pending */
	ARCH_EXIT_FAULT, /* its address space refused an access */
	ARCH_EXIT_SERROR, /* an SP's SError */
	ARCH_EXIT_COUNT,
};

/* How an SP made its call. */
enum arch_conduit { ARCH_SMC, ARCH_HVC, ARCH_SVC };

/*
 * enter.S: see there. They keep no register but sp and x29, which is why C gets there by arch_go().
 */
void arch_enter_nwd(void);
void arch_enter_sp(void);

#define arch_go(function, v, c)                                                                    \
	({                                                                                         \
		register uint64_t x0_ __asm__("x0") = (uint64_t)(v);                               \
		register uint64_t x1_ __asm__("x1") = (uint64_t)(c);                               \
		__asm__ volatile("bl " #function                                                   \
				 : "+r"(x0_), "+r"(x1_)                                            \
				 :                                                                 \
				 : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",   \
				   "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20",  \
				   "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x30",  \
				   "cc", "memory");                                                \
		x0_;                                                                               \
	})

/* The exit that a synchronous exception is. */
enum arch_exit arch_exit_sync(struct arch_vcpu *v);

/*
 * Run v on this CPU until something happens that is for the SPMC to handle, and say what. v's state
 * has been restored (arch_vcpu_restore); v->x, and pc and pstate of an SP, are v's own again when
 * they return, the rest stays in the registers until arch_vcpu_save(). For the normal world that is
 * an SMC and the return from it; everything but EL2 state is taken for lost by then.
 *
 * Inline, because in the loop that calls them no register has to survive.
 */
static inline enum arch_exit arch_nwd_enter(struct arch_cpu *c, struct arch_vcpu *v)
{
	(void)arch_go(arch_enter_nwd, v, c);
	return ARCH_EXIT_NWD;
}

static inline enum arch_exit arch_sp_enter(struct arch_cpu *c, struct arch_vcpu *v)
{
	/* What the four vectors are; a synchronous exception may be much. */
	static const uint8_t exit_of_vector[] = {
		[VECTOR_IRQ] = ARCH_EXIT_IRQ,
		[VECTOR_FIQ] = ARCH_EXIT_FIQ,
		[VECTOR_SERROR] = ARCH_EXIT_SERROR,
	};
	uint64_t vector = arch_go(arch_enter_sp, v, c);

	return vector == VECTOR_SYNC ? arch_exit_sync(v) : (enum arch_exit)exit_of_vector[vector];
}

/*
 * Sets v up to start at pc as a fresh context, at S-EL1 or S-EL0 as v->space is, with the given
 * vCPU index: all registers at their reset values, SIMD zero. v->space is kept.
 */
void arch_vcpu_reset(struct arch_vcpu *v, uint64_t pc, uint32_t index);

/* Sets v up as the normal world's context of this CPU; simd is arch_simd_nwd_bytes() bytes. */
void arch_vcpu_init_nwd(struct arch_vcpu *v, void *simd);

/*
 * Moves what v has left in the registers of this CPU into v. After it nothing of v is live, save
 * that a normal world without live SVE state keeps V0-V31, FPSR and FPCR in the
 * registers until somebody needs them.
 */
void arch_vcpu_save(struct arch_cpu *c, struct arch_vcpu *v);

/* The first SP after the normal world: what EL3 may have lost of S-EL2's own since. */
void arch_world_enter(const struct arch_vcpu *v);
void arch_vcpu_restore(struct arch_cpu *c, struct arch_vcpu *v);

/* ARCH_EXIT_CALL: which conduit it was. */
static inline enum arch_conduit arch_exit_conduit(void)
{
	switch (ESR_EC(sysreg_read(ESR_EL2))) {
	case EC_SMC64:
		return ARCH_SMC;
	case EC_HVC64:
		return ARCH_HVC;
	default:
		return ARCH_SVC;
	}
}

/* ESR_EL2 of the last exit. */
uint64_t arch_exit_syndrome(void);

/*
 * ARCH_EXIT_TRAP: emulates what is emulated, gives the FP registers to v when it asked for them,
 * and injects Undefined for the rest: v is ready to be entered again. False: v is at S-EL0, where
 * nobody can take an exception.
 */
bool arch_vcpu_trap(struct arch_cpu *c, struct arch_vcpu *v);

/*
 * ARCH_EXIT_TRAP: true when it was an access to v's EL1 physical timer, which is not
 * arch_vcpu_trap()'s. arch_vcpu_timer_done() then, with what a read gets.
 */
bool arch_vcpu_timer_access(const struct arch_vcpu *v, struct arch_timer_access *a);
void arch_vcpu_timer_done(struct arch_vcpu *v, uint64_t value);

/* ARCH_EXIT_FAULT. */
struct arch_fault {
	uint64_t ipa; /* page of the access */
	uint64_t va; /* FAR_EL2 */
	bool ipa_known;
	bool ns; /* in the non-secure IPA space */
	bool write;
	bool fetch;
	bool walk; /* on a stage-1 table walk */
	bool table; /* by a translation table, and not by the memory itself */
	uint32_t esr;
};
struct arch_fault arch_vcpu_fault(const struct arch_vcpu *v);

/* Makes v, of S-EL1, take the fault as an abort at its EL1 when it is entered next. */
void arch_vcpu_inject_abort(struct arch_vcpu *v, const struct arch_fault *f);

/*
 * True when v can do nothing with an injected abort: f is that its vector cannot be fetched, or an
 * access in the vector that has faulted there before.
 */
bool arch_vcpu_vector_dead(const struct arch_vcpu *v, const struct arch_fault *f);

/* Sets the virtual interrupt lines as v, which is current, will see them from its next entry on. */
static inline void arch_vcpu_lines(struct arch_cpu *c, const struct arch_vcpu *v, uint32_t lines)
{
	uint64_t hcr = v->hcr | (uint64_t)lines * HCR_VF;

	if (c->hcr != hcr) {
		c->hcr = hcr;
		sysreg_write(HCR_EL2, hcr);
	}
}
_Static_assert(ARCH_LINE_FIQ *HCR_VF == HCR_VF && ARCH_LINE_IRQ * HCR_VF == HCR_VI,
	       "as in HCR_EL2");

/*
 * Calls EL3 from the SPMC itself: x[0..17] in, x[0..17] out. All that the current context `live`
 * (NULL: none) and the normal world have in the registers is in memory before, and back after.
 */
void arch_el3_call(struct arch_cpu *c, struct arch_vcpu *live, uint64_t x[18]);

/*
 * Once per CPU, each time it comes up: EL2 registers as every context expects them. False, with a
 * message, for a CPU that has more state than we have room for.
 */
bool arch_cpu_init(struct arch_cpu *c);

/* c->apia, if there are keys, is what the CPU has: what runs now is signed with it. */
void arch_cpu_keep_key(struct arch_cpu *c);

/* This CPU's struct (TPIDR_EL2). */
static inline struct arch_cpu *arch_cpu_this(void)
{
	return (struct arch_cpu *)sysreg_read(TPIDR_EL2);
}

#endif
