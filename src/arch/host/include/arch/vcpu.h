/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The architectural half of a vCPU on the host. Nothing runs here: a test says what a context did,
 * and what brought it back. What moves is as real as it can be: each context has registers of its
 * own, they are in the CPU while it runs, and in plain memory while it does not. The contracts are
 * in the header of the same name in src/arch/aarch64.
 */
#ifndef ARCH_VCPU_H
#define ARCH_VCPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/lines.h"
#include "arch/simd.h"
#include "arch/space.h"
#include "arch/timer.h"

/* They stand for all that a switch moves but x0-x30. */
#define HOST_REGS 32

enum arch_world { ARCH_SP, ARCH_NWD, ARCH_SP_EL0 };

struct arch_vcpu {
	uint64_t x[31];
	uint64_t pc;
	uint64_t regs[HOST_REGS];
	uint32_t resets; /* calls of arch_vcpu_reset() */
	enum arch_world world;
	uint64_t vmpidr;
	struct space *space;
	struct arch_simd simd;
};

struct arch_fault {
	uint64_t ipa;
	uint64_t va;
	bool ipa_known;
	bool ns;
	bool write;
	bool fetch;
	bool walk;
	bool table;
	uint32_t esr;
};

enum arch_conduit { ARCH_SMC, ARCH_HVC, ARCH_SVC };

struct arch_cpu {
	uint64_t regs[HOST_REGS]; /* of the context that runs */
	bool sp_ready; /* what EL3 may lose has been set up since the normal world ran */
	bool virq, vfiq; /* the virtual lines, as set last */

	/* What a test says of the last exit. */
	enum arch_conduit conduit;
	uint64_t syndrome;
	struct arch_fault fault;
	const struct arch_timer_access *timer; /* a trapped access; NULL: it was something else */
	bool vector_dead;
	void (*el3)(uint64_t x[18]); /* what EL3 makes of a call; NULL: SMCCC's "unknown" */

	/* What came of it. */
	uint32_t aborts_injected;
	uint32_t el3_calls;
	uint64_t el3_x[18]; /* arguments of the last one */
	bool timer_on; /* S-EL2's own timer, as set last */
	uint64_t timer_deadline;
};

enum arch_exit {
	ARCH_EXIT_TRAP,
	ARCH_EXIT_NWD,
	ARCH_EXIT_CALL,
	ARCH_EXIT_IRQ,
	ARCH_EXIT_FIQ,
	ARCH_EXIT_FAULT,
	ARCH_EXIT_SERROR,
	ARCH_EXIT_COUNT,
};

struct arch_cpu *arch_cpu_this(void);
void host_cpu_set(struct arch_cpu *c); /* what arch_cpu_this() gives on this thread */

void arch_vcpu_reset(struct arch_vcpu *v, uint64_t pc, uint32_t index);
void arch_vcpu_init_nwd(struct arch_vcpu *v, void *simd);
void arch_vcpu_save(struct arch_cpu *c, struct arch_vcpu *v);
void arch_vcpu_restore(struct arch_cpu *c, struct arch_vcpu *v);
void arch_world_enter(const struct arch_vcpu *v);
void arch_vcpu_lines(struct arch_cpu *c, const struct arch_vcpu *v, uint32_t lines);
enum arch_conduit arch_exit_conduit(void);
uint64_t arch_exit_syndrome(void);
bool arch_vcpu_timer_access(const struct arch_vcpu *v, struct arch_timer_access *a);
void arch_vcpu_timer_done(struct arch_vcpu *v, uint64_t value);
struct arch_fault arch_vcpu_fault(const struct arch_vcpu *v);
void arch_vcpu_inject_abort(struct arch_vcpu *v, const struct arch_fault *f);
bool arch_vcpu_vector_dead(const struct arch_vcpu *v, const struct arch_fault *f);
void arch_el3_call(struct arch_cpu *c, struct arch_vcpu *live, uint64_t x[18]);

#endif
