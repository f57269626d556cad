/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A vCPU: an SP's execution context, or the normal world as one CPU sees it.
 *
 * Who may touch it is told by one atomic word: state, runtime model, and the CPU that has it. A
 * CPU that wants to run a vCPU claims it (compare and swap, acquire); from then on everything in
 * the vCPU is that CPU's alone. It gives the vCPU up by publishing another state (store, release)
 * after the last register is in memory. So a vCPU that looks available is available; see
 * docs/adr/0002-saved-first-published-second.md.
 */
#ifndef CORE_VCPU_H
#define CORE_VCPU_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "arch/vcpu.h"
#include "core/partition.h"
#include "core/timer.h"
#include "core/vint.h"

struct cpu;

enum vcpu_state {
	VCPU_OFF, /* its CPU is off, or has not come up yet */
	VCPU_CREATED, /* may be started: registers at their reset values */
	VCPU_RUNNING, /* a CPU has it: its registers are, or may be, in the registers */
	VCPU_WAITING, /* idle: gets cycles by a message, RUN or an interrupt */
	VCPU_BLOCKED, /* gave, or lost, its cycles to somebody on this CPU, until that is done */
	VCPU_YIELDED, /* gave its cycles back, resumed by RUN of who had called it */
	VCPU_PREEMPTED, /* lost its cycles to the normal world, resumed by RUN of its caller */
	VCPU_ABORTED, /* runs again only if its partition starts anew */
	VCPU_STATE_COUNT,
};

/*
 * FF-A 1.2 chapter 8. Set when the vCPU gets cycles while it is idle, kept until it is idle again.
 */
enum runtime_model {
	RT_NONE, /* idle, or the normal world */
	RT_INIT,
	RT_RUN,
	RT_DIRECT_REQ,
	RT_SEC_INTERRUPT,
	RT_COUNT,
};

/* What an SP works on in RT_DIRECT_REQ, and so how it has to answer. */
enum vcpu_request {
	REQUEST_DIRECT,
	REQUEST_DIRECT2,
	REQUEST_CPU_OFF,
	REQUEST_VM_CREATED, /* of the hypervisor's */
	REQUEST_VM_DESTROYED,
};

/*
 * It initialises because its partition has ended and starts anew: before those who waited for it.
 */
enum vcpu_restart {
	RESTART_NOT,
	RESTART_OWES, /* its caller is told FFA_ERROR(ABORTED) after it */
	RESTART_PREEMPTS, /* its caller had only been preempted, and just goes on */
};

struct vcpu {
	struct arch_vcpu arch; /* first: assembly */
	_Atomic uint32_t word; /* see vcpu_word() */
	uint16_t index;
	struct partition *partition; /* NULL: the normal world */
	struct endpoint *endpoint; /* whose vCPU it is */

	/* All below belongs to the CPU that has the vCPU. */
	enum vcpu_state leave_as; /* what context_switch() will publish */
	struct vcpu *caller; /* who gave it its cycles, and gets them back */
	struct vcpu *preempted; /* who ran when it got its cycles to handle a secure interrupt, and
				   goes on after; BLOCKED meanwhile */
	enum vcpu_request request; /* RT_DIRECT_REQ. CPU_OFF does not outlast its answer */
	uint16_t requester; /* RT_DIRECT_REQ: endpoint that waits for the response */
	bool managed_exit; /* has been told to leave, and has not yet */
	enum vcpu_restart restart; /* RT_INIT */
	uint8_t pmr; /* an SP: the priority mask of its call chain. The normal world: its own, while
			its CPU is given away */
	char log[128]; /* FFA_CONSOLE_LOG, up to the end of the line */
	uint8_t log_length;

	bool npi_due; /* by per-vCPU notifications; guarded by their lock */
	_Atomic bool unscheduled; /* waits with an interrupt that the normal world knows not of */

	struct vint vint; /* virtual interrupts; has a lock of its own */
	struct timer timer; /* see there */
};

static inline uint32_t vcpu_word(enum vcpu_state s, enum runtime_model m, uint32_t cpu)
{
	return (uint32_t)s | (uint32_t)m << 8 | cpu << 16;
}

static inline enum vcpu_state vcpu_word_state(uint32_t word)
{
	return (enum vcpu_state)(word & 0xFF);
}

static inline enum runtime_model vcpu_word_model(uint32_t word)
{
	return (enum runtime_model)((word >> 8) & 0xFF);
}

static inline uint32_t vcpu_word_cpu(uint32_t word)
{
	return word >> 16;
}

static inline bool vcpu_is_nwd(const struct vcpu *v)
{
	return v->partition == NULL;
}

/* Low half of a register, as the SMC32 convention passes it. */
static inline uint32_t vcpu_w(const struct vcpu *v, unsigned int reg)
{
	return (uint32_t)v->arch.x[reg];
}

/* Its state as anybody may ask for it; it may have changed by the time of the answer. */
static inline uint32_t vcpu_peek(const struct vcpu *v)
{
	return atomic_load_explicit(&v->word, memory_order_relaxed);
}

/* The runtime model of a vCPU that this CPU has. */
static inline enum runtime_model vcpu_model(const struct vcpu *v)
{
	return vcpu_word_model(vcpu_peek(v));
}

/*
 * Says as what v, which this CPU has, will be published once its registers are in memory. Until
 * then everybody else still sees it RUNNING.
 */
static inline void vcpu_leave(struct vcpu *v, enum vcpu_state to)
{
	v->leave_as = to;
}

bool vcpu_claim(struct vcpu *v, uint32_t seen, enum runtime_model model, uint32_t cpu);
void vcpu_publish(struct vcpu *v);
void vcpu_unblock(struct vcpu *v);
void vcpu_set_model(struct vcpu *v, enum runtime_model model);
const char *vcpu_state_name(enum vcpu_state s);
const char *runtime_model_name(enum runtime_model m);
bool vcpu_transition_allowed(enum vcpu_state from, enum vcpu_state to);

#endif
