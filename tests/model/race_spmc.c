/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The SPMC on four threads, one for each CPU: normal world and SPs request, respond, yield, are
 * preempted and resumed elsewhere, get interrupts and send them to each other, all at random.
 * ThreadSanitizer watches; whoever runs must find all its registers as it left them; in the end
 * nobody waits with an interrupt.
 */
#include "race_gic.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/gic.h"
#include "bulkhead/hyp.h"
#include "core/interrupt.h"
#include "core/switch.h"
#include "ffa/call.h"

#include "../unit/spmc_fixture.h"

#define ROUNDS 20000u
#define TOKEN 0x5E5u

static struct vcpu *at[CPUS];
static uint32_t shown[CPUS]; /* the lines that the SP sees */
static uint64_t left_with[SPS + 1][CPUS]; /* the value of all registers of each vCPU */
static _Atomic bool kicked[CPUS];
static _Atomic uint32_t busy = CPUS; /* CPUs that still begin something */
static _Atomic uint32_t responses;
static _Thread_local uint32_t pending = GIC_SPURIOUS;
static _Thread_local uint64_t random_state;

/* --- The GIC --------------------------------------------------------------------------------- */

void race_cpu_restore(void)
{
}

void race_kick(uint32_t sgi, uint64_t mpidr)
{
	(void)sgi;
	atomic_store(&kicked[mpidr], true);
}

uint32_t race_acknowledge(void)
{
	uint32_t intid = pending;

	pending = GIC_SPURIOUS;
	return intid;
}

/* --- A CPU: the loop of src/main.c ------------------------------------------------------------ */

static _Noreturn void wrong(uint32_t cpu, const char *what)
{
	const uint64_t *x = at[cpu]->arch.x;

	printf("CPU %u: %s: %#lx %#lx %#lx %#lx\n", cpu, what, x[0], x[1], x[2], x[3]);
	exit(1);
}

static uint32_t below(uint32_t n)
{
	random_state = random_state * 6364136223846793005ul + 1442695040888963407ul;
	return (uint32_t)(random_state >> 33) % n;
}

static struct vcpu *(*const exit_handler[ARCH_EXIT_COUNT])(struct cpu *c, struct vcpu *v) = {
	[ARCH_EXIT_NWD] = ffa_call,
	[ARCH_EXIT_CALL] = ffa_call,
	[ARCH_EXIT_IRQ] = preempt_secure,
	[ARCH_EXIT_FIQ] = preempt_other,
};

static uint64_t *stamp_of(const struct vcpu *v)
{
	return vcpu_is_nwd(v) ? &left_with[SPS][v->index]
			      : &left_with[v->partition - sys.partitions][v->index];
}

/* v runs: its registers are what they were, and then something else. */
static void compute(uint32_t cpu, const struct vcpu *v)
{
	uint64_t *regs = sys.cpus[cpu].arch.regs;
	uint64_t *stamp = stamp_of(v);

	for (unsigned int i = 0; i < HOST_REGS; i++) {
		if (regs[i] != *stamp) {
			wrong(cpu, "a register has changed");
		}
	}
	(*stamp)++;
	for (unsigned int i = 0; i < HOST_REGS; i++) {
		regs[i] = *stamp;
	}
}

static void turn(uint32_t cpu, enum arch_exit exit)
{
	struct vcpu *v = at[cpu];
	struct vcpu *next;

	compute(cpu, v);
	next = exit_handler[exit](&sys.cpus[cpu], v);
	if (next != v) {
		context_switch(&sys.cpus[cpu], v, next);
		at[cpu] = next;
	}
	if (!vcpu_is_nwd(next)) {
		shown[cpu] = vint_lines(&next->vint);
	}
}

static void make_call(uint32_t cpu, enum arch_conduit conduit, uint64_t x0, uint64_t x1,
		      uint64_t x3)
{
	struct vcpu *v = at[cpu];

	for (unsigned int i = 0; i < 8; i++) {
		v->arch.x[i] = 0;
	}
	v->arch.x[0] = x0;
	v->arch.x[1] = x1;
	v->arch.x[3] = x3;
	sys.cpus[cpu].arch.conduit = conduit;
	turn(cpu, vcpu_is_nwd(v) ? ARCH_EXIT_NWD : ARCH_EXIT_CALL);
}

static bool masked(uint32_t cpu)
{
	return !vcpu_is_nwd(at[cpu]) && gic_pmr() == GIC_PMR_CLOSED;
}

/* A secure interrupt, unless they are masked. */
static bool take(uint32_t cpu, uint32_t intid)
{
	if (masked(cpu)) {
		return false;
	}
	pending = intid;
	if (vcpu_is_nwd(at[cpu])) {
		make_call(cpu, ARCH_SMC, FFA_INTERRUPT_32, 0, 0);
	} else {
		turn(cpu, ARCH_EXIT_IRQ);
	}
	return true;
}

static void take_kick(uint32_t cpu)
{
	if (!masked(cpu) && atomic_exchange(&kicked[cpu], false)) {
		(void)take(cpu, GIC_SGI_KICK);
	}
}

/* --- What happens ---------------------------------------------------------------------------- */

/* The normal world's call has come back. */
static void check_answer(uint32_t cpu)
{
	const struct vcpu *v = nwd(cpu);

	switch (got(v, 0)) {
	case FFA_MSG_SEND_DIRECT_RESP_32:
		if (got(v, 3) != TOKEN) {
			wrong(cpu, "not what was sent");
		}
		atomic_fetch_add_explicit(&responses, 1, memory_order_relaxed);
		break;
	case FFA_ERROR_32:
		if (!got_error(v, FFA_BUSY) && !got_error(v, FFA_DENIED)) {
			wrong(cpu, "not refused as it should be");
		}
		break;
	case FFA_INTERRUPT_32:
	case FFA_YIELD_32:
	case FFA_MSG_WAIT_32:
	case FFA_NORMAL_WORLD_RESUME_32:
		break;
	default:
		wrong(cpu, "not an answer");
	}
}

static uint32_t any_context(uint32_t cpu)
{
	enum which which = (enum which)below(SPS);

	return FFA_CTX(id_of(which), sp(which, cpu)->index);
}

static void request_any(uint32_t cpu)
{
	uint16_t self = at[cpu]->endpoint->id;
	uint16_t other = id_of((enum which)below(SPS));

	if (self != other) {
		make_call(cpu, ARCH_SMC, FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(self, other), TOKEN);
	}
}

/* The SP does what brings its work to an end. */
static void finish_one(uint32_t cpu)
{
	struct vcpu *v = at[cpu];

	if (shown[cpu] != 0) {
		make_call(cpu, ARCH_HVC, HYP_INTERRUPT_GET, 0, 0);
	} else if (v->preempted != NULL && model_of(v) != RT_SEC_INTERRUPT) {
		make_call(cpu, ARCH_SMC, FFA_RUN_32, 0, 0);
	} else if (model_of(v) == RT_DIRECT_REQ) {
		make_call(cpu, ARCH_SMC, FFA_MSG_SEND_DIRECT_RESP_32,
			  FFA_IDS(v->partition->id, v->requester), TOKEN);
	} else {
		make_call(cpu, ARCH_SMC, FFA_MSG_WAIT_32, 0, 0);
	}
}

static void act_as_nwd(uint32_t cpu)
{
	switch (below(8)) {
	case 0:
		(void)take(cpu, EDGE(below(SPS)));
		break;
	case 1:
	case 2:
		make_call(cpu, ARCH_SMC, FFA_RUN_32, any_context(cpu), 0);
		break;
	default:
		request_any(cpu);
		break;
	}
}

static void act_as_sp(uint32_t cpu)
{
	struct vcpu *v = at[cpu];

	switch (below(16)) {
	case 0:
		(void)take(cpu, EDGE(below(SPS)));
		break;
	case 1:
		if (gic_pmr() > GIC_PMR_SECURE_ONLY) {
			turn(cpu, ARCH_EXIT_FIQ);
		}
		break;
	case 2:
		make_call(cpu, ARCH_SMC, FFA_YIELD_32, 0, 0);
		break;
	case 3:
		make_call(cpu, ARCH_SMC, FFA_RUN_32, any_context(cpu), 0);
		break;
	case 4:
	case 5:
		make_call(cpu, ARCH_HVC, HYP_INTERRUPT_SEND_IPI, below(v->partition->vcpu_count),
			  0);
		break;
	case 6:
	case 7:
	case 8:
		request_any(cpu);
		break;
	default:
		finish_one(cpu);
		break;
	}
}

static void act(uint32_t cpu, bool begin)
{
	bool was_sp = at[cpu] != nwd(cpu);

	take_kick(cpu);
	if (at[cpu] != nwd(cpu)) {
		begin ? act_as_sp(cpu) : finish_one(cpu);
	} else if (begin) {
		act_as_nwd(cpu);
		was_sp = true;
	}
	if (was_sp && at[cpu] == nwd(cpu)) {
		check_answer(cpu);
	}
}

static bool all_quiet(void)
{
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		if (atomic_load(&kicked[cpu])) {
			return false;
		}
	}
	return atomic_load(&busy) == 0;
}

static void *cpu_main(void *arg)
{
	uint32_t cpu = (uint32_t)(uintptr_t)arg;

	host_cpu_set(&sys.cpus[cpu].arch);
	random_state = cpu + 1;
	for (uint32_t i = 0; i < ROUNDS; i++) {
		act(cpu, true);
	}
	while (at[cpu] != nwd(cpu)) {
		act(cpu, false);
	}
	atomic_fetch_sub(&busy, 1);
	/* What it was asked for may only come now. */
	while (!all_quiet() || at[cpu] != nwd(cpu)) {
		act(cpu, false);
		arch_relax();
	}
	return NULL;
}

/* As it is left when all is said and done. */
static void check_end(void)
{
	for (enum which which = 0; which < SPS; which++) {
		for (uint32_t i = 0; i < sys.partitions[which].vcpu_count; i++) {
			struct vcpu *v = &sys.vcpus[which][i];

			if (state_of(v) == VCPU_RUNNING || state_of(v) == VCPU_BLOCKED) {
				wrong(0, "somebody is stuck");
			}
			/* For a virtual one the normal world is asked to run it. */
			if (state_of(v) == VCPU_WAITING && vint_takes_cycles(&v->vint)) {
				wrong(0, "an interrupt is lost");
			}
		}
	}
}

int main(void)
{
	pthread_t threads[CPUS];

	system_create();
	system_boot();
	CALL(0, nwd(0), FFA_ID_GET_32); /* versions are agreed on */
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		at[cpu] = nwd(cpu);
		for (enum which which = 0; which < SPS; which++) {
			struct vcpu *v = sp(which, cpu);

			(void)vint_enable(&v->vint, VINT_SLOT_IPI, true);
			*stamp_of(v) = 0;
			for (unsigned int i = 0; i < HOST_REGS; i++) {
				v->arch.regs[i] = 0;
			}
		}
		for (unsigned int i = 0; i < HOST_REGS; i++) {
			sys.cpus[cpu].arch.regs[i] = 0;
		}
	}
	for (uintptr_t cpu = 0; cpu < CPUS; cpu++) {
		if (pthread_create(&threads[cpu], NULL, cpu_main, (void *)cpu) != 0) {
			return 1;
		}
	}
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		(void)pthread_join(threads[cpu], NULL);
	}
	check_end();
	printf("%u responses\n", responses);
	return responses == 0;
}
