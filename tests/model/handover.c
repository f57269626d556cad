/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How vCPUs go from CPU to CPU, and how nobody's interrupt is lost on the way: the SPMC's own code
 * (src/core, src/ffa) on two or three CPUs, in every order.
 */
#include "explore.h"

#include "handover.h"

#include <string.h>

#include "arch/gic.h"
#include "arch/gic_fake.h"
#include "arch/host.h"
#include "bulkhead/hyp.h"
#include "core/interrupt.h"
#include "core/switch.h"
#include "ffa/call.h"

#include "../unit/spmc_fixture.h"

/* --- A CPU: the loop of src/main.c ------------------------------------------------------------ */

static struct vcpu *at[CPUS];
static uint32_t shown[CPUS]; /* the lines that the SP sees */
static uint32_t answered[CPUS][4]; /* w0-w3 of the normal world's last call */
static struct vcpu *runs_on[SPS][CPUS]; /* whose registers are in a CPU: that CPU's NWd vCPU */

static struct vcpu *(*const exit_handler[ARCH_EXIT_COUNT])(struct cpu *c, struct vcpu *v) = {
	[ARCH_EXIT_NWD] = ffa_call,          [ARCH_EXIT_CALL] = ffa_call,
	[ARCH_EXIT_IRQ] = preempt_secure,    [ARCH_EXIT_FIQ] = preempt_other,
	[ARCH_EXIT_FAULT] = lifecycle_fault, [ARCH_EXIT_SERROR] = lifecycle_serror,
};

static struct vcpu **place_of(const struct vcpu *v)
{
	return &runs_on[v->partition - sys.partitions][v->index];
}

static void switch_to(uint32_t cpu, struct vcpu *from, struct vcpu *to)
{
	if (!vcpu_is_nwd(from)) {
		if (*place_of(from) != nwd(cpu)) {
			explore_fail("%s runs on two CPUs", from->partition->name);
		}
		*place_of(from) = NULL;
	}
	context_switch(&sys.cpus[cpu], from, to);
	if (!vcpu_is_nwd(to)) {
		if (*place_of(to) != NULL) {
			explore_fail("%s is entered while it runs on another CPU",
				     to->partition->name);
		}
		*place_of(to) = nwd(cpu);
	}
	at[cpu] = to;
}

static void turn(uint32_t cpu, enum arch_exit exit)
{
	struct vcpu *v = at[cpu];
	struct vcpu *next = exit_handler[exit](&sys.cpus[cpu], v);

	if (!vcpu_is_nwd(v) && next == v && partition_is_aborted(v->partition)) {
		next = lifecycle_abort(v);
	}
	if (next != v) {
		switch_to(cpu, v, next);
	}
	if (!vcpu_is_nwd(next)) {
		shown[cpu] = vint_lines(&next->vint);
	} else if (got(next, 0) != FFA_NORMAL_WORLD_RESUME_32) {
		for (unsigned int i = 0; i < 4; i++) {
			answered[cpu][i] = got(next, i);
		}
	}
}

static bool is_error(uint32_t cpu, enum ffa_status status)
{
	return answered[cpu][0] == FFA_ERROR_32 && answered[cpu][2] == (uint32_t)status;
}

static void make_call(uint32_t cpu, enum arch_conduit conduit, uint64_t x0, uint64_t x1,
		      uint64_t x2, uint64_t x3)
{
	struct vcpu *v = at[cpu];
	const uint64_t x[8] = { x0, x1, x2, x3 };

	for (unsigned int i = 0; i < NUMBER_OF(x); i++) {
		v->arch.x[i] = x[i];
	}
	sys.cpus[cpu].arch.conduit = conduit;
	turn(cpu, vcpu_is_nwd(v) ? ARCH_EXIT_NWD : ARCH_EXIT_CALL);
}

/* The CPU finds intid when it asks the GIC. False: it holds such interrupts off. */
static bool take(uint32_t cpu)
{
	if (vcpu_is_nwd(at[cpu])) {
		make_call(cpu, ARCH_SMC, FFA_INTERRUPT_32, 0, 0, 0);
		return true;
	}
	if (explore_pmr() == GIC_PMR_CLOSED) {
		return false;
	}
	turn(cpu, ARCH_EXIT_IRQ);
	return true;
}

static void take_kicks(uint32_t cpu)
{
	while ((vcpu_is_nwd(at[cpu]) || explore_pmr() != GIC_PMR_CLOSED) &&
	       explore_take_kick(cpu)) {
		(void)take(cpu);
	}
}

/* The SP that runs takes the interrupts that it sees and ends its work, and whoever is after it. */
static void finish(uint32_t cpu)
{
	while (at[cpu] != nwd(cpu)) {
		struct vcpu *v = at[cpu];

		take_kicks(cpu);
		if (at[cpu] != v) {
			continue;
		}
		if (shown[cpu] != 0) {
			make_call(cpu, ARCH_HVC, HYP_INTERRUPT_GET, 0, 0, 0);
		} else if (vcpu_model(v) == RT_DIRECT_REQ) {
			make_call(cpu, ARCH_SMC, FFA_MSG_SEND_DIRECT_RESP_32,
				  FFA_IDS(v->partition->id, v->requester), 0, 0x5E5);
		} else {
			make_call(cpu, ARCH_SMC, FFA_MSG_WAIT_32, 0, 0, 0);
		}
	}
	take_kicks(cpu);
}

/* Nothing happens on this CPU any more, but for kicks. */
static _Noreturn void rest(uint32_t cpu)
{
	for (;;) {
		explore_wait(cpu);
		take_kicks(cpu);
		finish(cpu);
	}
}

/* --- What happens in scenarios ---------------------------------------------------------------- */

static void begin(void)
{
	memset(runs_on, 0, sizeof(runs_on));
	gic_fake.sgi_count = 0;
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		at[cpu] = running(cpu);
		if (!vcpu_is_nwd(at[cpu])) {
			*place_of(at[cpu]) = nwd(cpu);
			shown[cpu] = vint_lines(&at[cpu]->vint);
		}
	}
}

static bool request(uint32_t cpu, enum which which)
{
	take_kicks(cpu);
	finish(cpu);
	make_call(cpu, ARCH_SMC, FFA_MSG_SEND_DIRECT_REQ_32, id_of(which), 0, 0);
	if (at[cpu] != nwd(cpu)) {
		return true;
	}
	if (!is_error(cpu, FFA_BUSY)) {
		explore_fail("a request is refused with %#x", answered[cpu][2]);
	}
	return false;
}

static void request_and_finish(uint32_t cpu, enum which which)
{
	if (request(cpu, which)) {
		finish(cpu);
		if (answered[cpu][3] != 0x5E5) {
			explore_fail("not a response: %#x %#x", answered[cpu][0], answered[cpu][2]);
		}
	}
}

static void interrupt(uint32_t cpu, uint32_t intid)
{
	take_kicks(cpu);
	explore_interrupt(cpu, intid);
	(void)take(cpu);
}

static void create(void)
{
	system_create();
	system_boot();
}

/* Some are run by the normal world, which is asked to: for virtual interrupts, or by manifest. */
static bool nwd_knows(struct vcpu *v)
{
	bool asked = gic_fake.sgi_count != 0;

	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		asked |= sys.cpus[cpu].sri_delayed;
	}
	return asked && (v->partition->sri_policy != 0 || !vint_takes_cycles(&v->vint));
}

/* Nobody waits with an interrupt, nobody runs without seeing it, nobody is forgotten. */
static void check(void)
{
	for (enum which which = 0; which < SPS; which++) {
		for (uint32_t i = 0; i < sys.partitions[which].vcpu_count; i++) {
			struct vcpu *v = &sys.vcpus[which][i];
			uint32_t lines = vint_lines(&v->vint);

			if (state_of(v) == VCPU_WAITING && lines != 0 && !nwd_knows(v)) {
				explore_fail("%s waits, and nobody knows of its interrupt",
					     v->partition->name);
			}
			if (state_of(v) == VCPU_RUNNING &&
			    shown[vcpu_word_cpu(vcpu_peek(v))] != lines) {
				explore_fail("%s runs and does not see its interrupt",
					     v->partition->name);
			}
			if (state_of(v) == VCPU_BLOCKED) {
				explore_fail("%s is blocked for ever", v->partition->name);
			}
		}
	}
}

/* --- Scenarios -------------------------------------------------------------------------------- */

static void cpu_requests(uint32_t cpu)
{
	request_and_finish(cpu, UP_A);
	rest(cpu);
}

static void cpu_requests_twice(uint32_t cpu)
{
	request_and_finish(cpu, UP_A);
	request_and_finish(cpu, UP_A);
	rest(cpu);
}

static void cpu_gets_interrupt(uint32_t cpu)
{
	interrupt(cpu, EDGE(UP_A));
	finish(cpu);
	rest(cpu);
}

/* The SP computes and computes: only a kick brings it back. */
static void cpu_requests_for_long(uint32_t cpu)
{
	(void)request(cpu, UP_A);
	for (;;) {
		take_kicks(cpu);
		explore_wait(cpu);
	}
}

static void cpu_pinned_requests(uint32_t cpu)
{
	request_and_finish(cpu, MP_A);
	rest(cpu);
}

/* One vCPU of an MP SP sends interrupts to another one. */
static void cpu_sends_ipi(uint32_t cpu)
{
	if (request(cpu, MP_A)) {
		make_call(cpu, ARCH_HVC, HYP_INTERRUPT_SEND_IPI, 0, 0, 0);
		finish(cpu);
	}
	rest(cpu);
}

/* The SP runs already; it ends its work. */
static void create_running(void)
{
	create();
	CALL(0, nwd(0), FFA_MSG_SEND_DIRECT_REQ_32, id_of(UP_A));
}

static void cpu_finishes(uint32_t cpu)
{
	finish(cpu);
	rest(cpu);
}

static void create_ipi(void)
{
	create();
	(void)vint_enable(&sp(MP_A, 0)->vint, VINT_SLOT_IPI, true);
}

/* The normal world schedules the SP for its interrupts. */
static void create_sri(void)
{
	system_create();
	sys.partitions[UP_A].sri_policy = SRI_WHEN_WAITING | SRI_WHEN_PENDING;
	system_boot();
}

static void create_preempted(void)
{
	create();
	bring_to(UP_A, 0, VCPU_PREEMPTED);
}

/* Preempted here, to be resumed anywhere. */
static void cpu_preempts(uint32_t cpu)
{
	uint32_t context = FFA_CTX(id_of(UP_A), 0);

	if (request(cpu, UP_A)) {
		turn(cpu, ARCH_EXIT_FIQ);
		while (at[cpu] == nwd(cpu) && answered[cpu][0] == FFA_INTERRUPT_32) {
			make_call(cpu, ARCH_SMC, FFA_RUN_32, context, 0, 0);
		}
		finish(cpu);
	}
	rest(cpu);
}

static void cpu_resumes(uint32_t cpu)
{
	make_call(cpu, ARCH_SMC, FFA_RUN_32, FFA_CTX(id_of(UP_A), 0), 0, 0);
	finish(cpu);
	rest(cpu);
}

/* The SP dies here. */
static void cpu_aborts(uint32_t cpu)
{
	make_call(cpu, ARCH_SMC, FFA_MSG_SEND_DIRECT_REQ_32, id_of(MP_A), 0, 0);
	if (at[cpu] != nwd(cpu)) {
		turn(cpu, ARCH_EXIT_SERROR);
	}
	finish(cpu);
	rest(cpu);
}

static void cpu_meets_death(uint32_t cpu)
{
	make_call(cpu, ARCH_SMC, FFA_MSG_SEND_DIRECT_REQ_32, id_of(MP_A), 0, 0);
	finish(cpu);
	if (answered[cpu][3] != 0x5E5 && !is_error(cpu, FFA_ABORTED)) {
		explore_fail("neither a response nor ABORTED: %#x %#x", answered[cpu][0],
			     answered[cpu][2]);
	}
	rest(cpu);
}

static const struct explore_scenario scenarios[] = {
	{ "two CPUs request", create, begin, { cpu_requests_twice, cpu_requests_twice }, check },
	{ "three CPUs request",
	  create,
	  begin,
	  { cpu_requests, cpu_requests, cpu_requests },
	  check },
	{ "request and interrupt", create, begin, { cpu_requests, cpu_gets_interrupt }, check },
	{ "request, for long, and interrupt",
	  create,
	  begin,
	  { cpu_requests_for_long, cpu_gets_interrupt },
	  check },
	{ "response, interrupt and request, for long",
	  create_running,
	  begin,
	  { cpu_finishes, cpu_gets_interrupt, cpu_requests_for_long },
	  check },
	{ "request and IPI", create_ipi, begin, { cpu_pinned_requests, cpu_sends_ipi }, check },
	{ "preempted and resumed", create, begin, { cpu_preempts, cpu_resumes }, check },
	{ "preempted and interrupt", create, begin, { cpu_preempts, cpu_gets_interrupt }, check },
	{ "two resume", create_preempted, begin, { cpu_resumes, cpu_resumes }, check },
	{ "resume and interrupt",
	  create_preempted,
	  begin,
	  { cpu_resumes, cpu_gets_interrupt },
	  check },
	{ "request and interrupt for the normal world",
	  create_sri,
	  begin,
	  { cpu_requests, cpu_gets_interrupt },
	  check },
	{ "abort", create, begin, { cpu_aborts, cpu_meets_death }, check },
};

bool handover_explore(void)
{
	/* No scenario shares memory: who ends has many places to look at, all empty. */
	explore_constant((volatile void *)&spmc.transactions, sizeof(spmc.transactions));
	for (size_t i = 0; i < NUMBER_OF(scenarios); i++) {
		if (!explore(&scenarios[i], &sys, sizeof(sys))) {
			return false;
		}
	}
	return true;
}
