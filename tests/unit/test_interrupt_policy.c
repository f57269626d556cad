/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Who runs when an interrupt hits: the actions of the manifests against what runs, and secure
 * interrupts against the state of whose they are (FF-A 1.2 chapter 9).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#include "arch/gic_fake.h"
#include "bulkhead/hyp.h"
#include "core/interrupt.h"

#define REQ 0x8400006Fu
#define RESP 0x84000070u
#define WAIT 0x8400006Bu
#define YIELD 0x8400006Cu
#define RUN 0x8400006Du
#define INTERRUPT 0x84000062u
#define NWD_RESUME 0x8400007Cu

#define MEI 4u

static uint32_t context_of(const struct vcpu *v)
{
	return (uint32_t)v->endpoint->id << 16 | v->index;
}

static struct vcpu *run(uint32_t cpu, struct vcpu *by, const struct vcpu *target)
{
	return CALL(cpu, by, RUN, context_of(target));
}

static struct vcpu *request(uint32_t cpu, struct vcpu *from, enum which to)
{
	return CALL(cpu, from, REQ, FFA_IDS(from->endpoint->id, id_of(to)));
}

static struct vcpu *respond(uint32_t cpu, struct vcpu *from)
{
	return CALL(cpu, from, RESP, FFA_IDS(from->endpoint->id, from->requester));
}

static uint32_t get(uint32_t cpu, struct vcpu *v)
{
	return (uint32_t)hvc(cpu, v, HYP_INTERRUPT_GET, 0, 0, 0);
}

static struct vcpu *hit(uint32_t cpu, uint32_t intid)
{
	interrupt_raise(cpu, intid);
	assert_true(interrupt_take_one(cpu, intid));
	return running(cpu);
}

static bool virq(uint32_t cpu)
{
	return sys.cpus[cpu].arch.virq;
}

static bool vfiq(uint32_t cpu)
{
	return sys.cpus[cpu].arch.vfiq;
}

/* --- Non-secure interrupts -------------------------------------------------------------------- */

static void boot_with(enum which which, enum ns_action action, bool mei_virq)
{
	sys.partitions[which].ns_action = action;
	sys.partitions[which].managed_exit_virq = mei_virq;
}

static void test_signalled(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		i == 0 ? request(0, nwd(0), UP_A) : run(0, nwd(0), v);
		for (uint32_t times = 0; times < 3; times++) {
			assert_true(interrupt_ns(0));
			assert_int_equal(state_of(v), VCPU_PREEMPTED);
			assert_ptr_equal(running(0), nwd(0));
			assert_true(got_call(nwd(0), INTERRUPT, context_of(v), 0, 0));
			assert_ptr_equal(run(0, nwd(0), v), v);
		}
		i == 0 ? respond(0, v) : CALL(0, v, WAIT);
		assert_int_equal(got(nwd(0), 0), i == 0 ? RESP : WAIT);
	}
}

static void test_queued(void **state)
{
	(void)state;
	system_create();
	boot_with(UP_A, NS_QUEUED, false);
	system_boot();
	request(0, nwd(0), UP_A);
	assert_int_equal(mask_of(0), 0x80);
	assert_false(interrupt_ns(0));
	/* Secure ones are not held. */
	assert_ptr_equal(hit(0, EDGE(UP_B)), sp(UP_B, 0));
	system_settle();
	assert_int_equal(mask_of(0), 0xFF);
}

/* The most restrictive of a chain counts, whoever is called in it. */
static void test_masks_of_chains(void **state)
{
	static const struct {
		enum ns_action ns[2];
		enum other_s_action other[2];
		uint8_t mask;
	} rows[] = {
		{ { NS_SIGNALED, NS_SIGNALED }, { OTHER_S_SIGNALED, OTHER_S_SIGNALED }, 0xFF },
		{ { NS_QUEUED, NS_SIGNALED }, { OTHER_S_SIGNALED, OTHER_S_SIGNALED }, 0x80 },
		{ { NS_SIGNALED, NS_QUEUED }, { OTHER_S_SIGNALED, OTHER_S_SIGNALED }, 0x80 },
		{ { NS_QUEUED, NS_MANAGED_EXIT }, { OTHER_S_SIGNALED, OTHER_S_SIGNALED }, 0x80 },
		{ { NS_MANAGED_EXIT, NS_SIGNALED }, { OTHER_S_SIGNALED, OTHER_S_SIGNALED }, 0xFF },
		{ { NS_SIGNALED, NS_SIGNALED }, { OTHER_S_QUEUED, OTHER_S_SIGNALED }, 0x00 },
		{ { NS_SIGNALED, NS_SIGNALED }, { OTHER_S_SIGNALED, OTHER_S_QUEUED }, 0x00 },
		{ { NS_QUEUED, NS_QUEUED }, { OTHER_S_QUEUED, OTHER_S_SIGNALED }, 0x00 },
	};

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(rows); i++) {
		system_create();
		for (unsigned int k = 0; k < 2; k++) {
			struct partition *p = &sys.partitions[k == 0 ? UP_A : UP_B];

			p->ns_action = rows[i].ns[k];
			p->other_s_action = rows[i].other[k];
		}
		system_boot();
		request(0, nwd(0), UP_A);
		request(0, sp(UP_A, 0), UP_B);
		assert_int_equal(mask_of(0), rows[i].mask);
		assert_int_equal(interrupt_ns(0), rows[i].mask == 0xFF);
		system_settle();
	}
}

/* What the normal world masks stays masked, but it cannot mask our interrupts. */
static void test_mask_of_the_normal_world(void **state)
{
	(void)state;
	for (uint32_t mask = 0; mask < 0x100; mask += 0x11) {
		nwd_mask(0, (uint8_t)mask);
		request(0, nwd(0), UP_A);
		assert_int_equal(mask_of(0), mask < 0x80 ? 0x80 : mask);
		respond(0, sp(UP_A, 0));
		assert_int_equal(mask_of(0), mask);
		assert_ptr_equal(hit(0, EDGE(UP_A)), sp(UP_A, 0));
		assert_int_equal(mask_of(0), 0);
		assert_int_equal(get(0, sp(UP_A, 0)), EDGE(UP_A));
		CALL(0, sp(UP_A, 0), WAIT);
		assert_int_equal(mask_of(0), mask);
	}
}

/* --- Managed exit ---------------------------------------------------------------------------- */

static void check_managed_exit(bool by_virq)
{
	struct vcpu *v = sp(UP_A, 0);

	request(0, nwd(0), UP_A);
	assert_true(interrupt_ns(0));
	assert_ptr_equal(running(0), v);
	assert_int_equal(virq(0), by_virq);
	assert_int_equal(vfiq(0), !by_virq);
	assert_int_equal(mask_of(0), 0x80);
	assert_false(interrupt_ns(0));
	assert_int_equal(get(0, v), MEI);
	assert_false(virq(0) || vfiq(0));
	assert_ptr_equal(respond(0, v), nwd(0));
	assert_int_equal(got(nwd(0), 0), RESP);
	assert_int_equal(mask_of(0), 0xFF);
}

static void test_managed_exit(void **state)
{
	(void)state;
	for (uint32_t by_virq = 0; by_virq < 2; by_virq++) {
		system_create();
		boot_with(UP_A, NS_MANAGED_EXIT, by_virq != 0);
		system_boot();
		check_managed_exit(by_virq != 0);
		check_managed_exit(by_virq != 0);
	}
}

/* It answers without asking why: nothing of the managed exit is left for the next request. */
static void test_managed_exit_not_taken(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	system_create();
	boot_with(UP_A, NS_MANAGED_EXIT, true);
	system_boot();
	request(0, nwd(0), UP_A);
	assert_true(interrupt_ns(0));
	assert_ptr_equal(respond(0, v), nwd(0));
	request(0, nwd(0), UP_A);
	assert_false(virq(0) || vfiq(0));
	assert_int_equal(mask_of(0), 0xFF);
	assert_int_equal(get(0, v), HYP_NO_INTERRUPT);
}

/* Disabled: the SP is preempted like any other. Only in a request it can be asked to leave. */
static void test_managed_exit_impossible(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	system_create();
	boot_with(UP_A, NS_MANAGED_EXIT, false);
	system_boot();
	run(0, nwd(0), v);
	assert_true(interrupt_ns(0));
	assert_ptr_equal(running(0), nwd(0));
	run(0, nwd(0), v);
	assert_int_equal(hvc(0, v, HYP_INTERRUPT_ENABLE, MEI, 0, 0), 0);
	CALL(0, v, WAIT);
	request(0, nwd(0), UP_A);
	assert_true(interrupt_ns(0));
	assert_ptr_equal(running(0), nwd(0));
	assert_true(got_call(nwd(0), INTERRUPT, context_of(v), 0, 0));
}

/* nwd -> a (managed exit) -> b (signalled): b is preempted, then a is asked to leave. */
static void test_managed_exit_of_a_requester(void **state)
{
	struct vcpu *a = sp(MP_B, 0);
	struct vcpu *b = sp(UP_A, 0);

	(void)state;
	system_create();
	boot_with(MP_B, NS_MANAGED_EXIT, false);
	system_boot();
	request(0, nwd(0), MP_B);
	request(0, a, UP_A);
	assert_true(interrupt_ns(0));
	assert_ptr_equal(running(0), a);
	assert_true(got_call(a, INTERRUPT, context_of(b), 0, 0));
	assert_true(interrupt_ns(0)); /* it is still there */
	assert_ptr_equal(running(0), a);
	assert_true(vfiq(0));
	respond(0, a);
	/* Asked again, it goes on with b. */
	request(0, nwd(0), MP_B);
	assert_ptr_equal(run(0, a, b), b);
	respond(0, b);
	assert_int_equal(got(a, 0), RESP);
	respond(0, a);
	system_settle();
}

/*
 * nwd -> a -> b, both by managed exit: b first, then a. In it, b's callee is not preempted either.
 */
static void test_managed_exits_of_a_chain(void **state)
{
	struct vcpu *a = sp(UP_B, 0);
	struct vcpu *b = sp(MP_B, 0);

	(void)state;
	system_create();
	boot_with(UP_B, NS_MANAGED_EXIT, true);
	boot_with(MP_B, NS_MANAGED_EXIT, false);
	system_boot();
	request(0, nwd(0), UP_B);
	request(0, a, MP_B);
	assert_true(interrupt_ns(0));
	assert_ptr_equal(running(0), b);
	assert_true(vfiq(0));
	assert_ptr_equal(request(0, b, UP_A), sp(UP_A, 0));
	assert_int_equal(mask_of(0), 0x80);
	assert_false(interrupt_ns(0));
	respond(0, sp(UP_A, 0));
	assert_int_equal(mask_of(0), 0x80);
	respond(0, b);
	assert_ptr_equal(running(0), a);
	assert_int_equal(got(a, 0), RESP);
	assert_int_equal(mask_of(0), 0xFF);
	assert_true(interrupt_ns(0));
	assert_true(virq(0));
	assert_ptr_equal(respond(0, a), nwd(0));
	assert_int_equal(got(nwd(0), 0), RESP);
}

/* nwd -> a (signalled) -> b (managed exit): b answers, a is preempted. */
static void test_managed_exit_of_a_callee(void **state)
{
	struct vcpu *a = sp(MP_A, 0);
	struct vcpu *b = sp(MP_B, 0);

	(void)state;
	system_create();
	boot_with(MP_B, NS_MANAGED_EXIT, false);
	system_boot();
	request(0, nwd(0), MP_A);
	request(0, a, MP_B);
	assert_true(interrupt_ns(0));
	respond(0, b);
	assert_ptr_equal(running(0), a);
	assert_true(interrupt_ns(0));
	assert_true(got_call(nwd(0), INTERRUPT, context_of(a), 0, 0));
	assert_ptr_equal(run(0, nwd(0), a), a);
	respond(0, a);
	system_settle();
}

/* --- Secure interrupts: whose it is waits ----------------------------------------------------- */

/* The normal world runs: it does not notice. */
static void test_waiting_under_the_normal_world(void **state)
{
	(void)state;
	for (enum which which = 0; which < SPS; which++) {
		struct vcpu *v = sp(which, 0);

		assert_ptr_equal(hit(0, EDGE(which)), v);
		assert_true(got_call(v, INTERRUPT, 0, EDGE(which), 0));
		assert_int_equal(model_of(v), RT_SEC_INTERRUPT);
		assert_int_equal(mask_of(0), 0);
		assert_true(virq(0));
		/* Nothing else gets in: the next one waits at the GIC. */
		assert_false(interrupt_ns(0));
		interrupt_raise(0, LEVEL(UP_B));
		assert_false(interrupt_take(0));
		assert_int_equal(get(0, v), EDGE(which));
		assert_ptr_equal(CALL(0, v, WAIT), nwd(0));
		assert_true(got_call(nwd(0), NWD_RESUME, 0, 0, 0));
		assert_true(interrupt_take(0));
		assert_ptr_equal(running(0), sp(UP_B, 0));
		assert_int_equal(get(0, sp(UP_B, 0)), LEVEL(UP_B));
		hvc(0, sp(UP_B, 0), HYP_INTERRUPT_DEACTIVATE, LEVEL(UP_B), LEVEL(UP_B), 0);
		CALL(0, sp(UP_B, 0), WAIT);
	}
}

/* Another SP runs: it goes on where it was (the fixture looks at its registers). */
static void test_waiting_under_an_sp(void **state)
{
	struct vcpu *a = sp(MP_A, 2);
	struct vcpu *v = sp(UP_B, 2);

	(void)state;
	request(2, nwd(2), MP_A);
	assert_ptr_equal(hit(2, EDGE(UP_B)), v);
	assert_int_equal(state_of(a), VCPU_BLOCKED);
	assert_int_equal(get(2, v), EDGE(UP_B));
	/* In the meantime it may ask others. */
	assert_ptr_equal(request(2, v, MP_B), sp(MP_B, 2));
	respond(2, sp(MP_B, 2));
	/* But not whom it has preempted. */
	request(2, v, MP_A);
	assert_true(got_error(v, FFA_BUSY));
	assert_ptr_equal(CALL(2, v, WAIT), a);
	assert_int_equal(mask_of(2), 0xFF);
	respond(2, a);
	system_settle();
}

/* Several are pending when it is done: it handles them all, one entry after the other. */
static void test_more_while_it_handles_one(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	hit(0, EDGE(UP_A));
	interrupt_pend(PPI(UP_A), &sys.cpus[0]);
	assert_int_equal(get(0, v), EDGE(UP_A));
	assert_ptr_equal(CALL(0, v, WAIT), v);
	assert_true(got_call(v, INTERRUPT, 0, PPI(UP_A), 0));
	assert_int_equal(get(0, v), PPI(UP_A));
	assert_ptr_equal(CALL(0, v, WAIT), nwd(0));
	assert_true(got_call(nwd(0), NWD_RESUME, 0, 0, 0));
}

/* --- Secure interrupts: whose it is runs, or is on its way out -------------------------------- */

static void test_running(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	request(0, nwd(0), UP_A);
	assert_ptr_equal(hit(0, EDGE(UP_A)), v);
	assert_true(virq(0));
	assert_int_equal(model_of(v), RT_DIRECT_REQ);
	assert_int_equal(get(0, v), EDGE(UP_A));
	assert_ptr_equal(respond(0, v), nwd(0));
}

/* It has not taken it when it answers: the answer arrives after it has. */
static void test_running_and_not_taken(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		i == 0 ? request(0, nwd(0), UP_A) : run(0, nwd(0), v);
		hit(0, EDGE(UP_A));
		assert_ptr_equal(i == 0 ? respond(0, v) : CALL(0, v, WAIT), v);
		assert_true(got_call(v, INTERRUPT, 0, EDGE(UP_A), 0));
		assert_int_equal(model_of(v), RT_SEC_INTERRUPT);
		assert_int_equal(mask_of(0), 0);
		assert_int_equal(get(0, v), EDGE(UP_A));
		assert_ptr_equal(CALL(0, v, WAIT), nwd(0));
		assert_int_equal(got(nwd(0), 0), i == 0 ? RESP : WAIT);
		assert_int_equal(mask_of(0), 0xFF);
	}
}

/* In its initialisation: after its first MSG_WAIT. */
static void test_initialising(void **state)
{
	struct vcpu *v;

	(void)state;
	system_create();
	v = system_boot_into(UP_A, RT_INIT);
	assert_int_equal(hvc(0, v, HYP_INTERRUPT_ENABLE, EDGE(UP_A), 1, 0), 0);
	assert_ptr_equal(hit(0, EDGE(UP_A)), v);
	assert_ptr_equal(CALL(0, v, WAIT), v);
	assert_true(got_call(v, INTERRUPT, 0, EDGE(UP_A), 0));
	assert_int_equal(get(0, v), EDGE(UP_A));
	assert_ptr_equal(CALL(0, v, WAIT), sp(MP_B, 0));
}

/* A UP partition runs on another CPU: that one is told. */
static void test_running_elsewhere(void **state)
{
	struct vcpu *v = sp(UP_A, 3);

	(void)state;
	request(3, nwd(3), UP_A);
	assert_ptr_equal(hit(0, EDGE(UP_A)), nwd(0));
	assert_true(got_call(nwd(0), NWD_RESUME, 0, 0, 0));
	assert_true(interrupt_take(3)); /* the kick */
	assert_ptr_equal(running(3), v);
	assert_true(virq(3));
	assert_int_equal(get(3, v), EDGE(UP_A));
	respond(3, v);
}

/* --- Secure interrupts: whose it is has given its cycles away --------------------------------- */

/* It waits for who runs, over one or two links: it is woken, and ends with RUN. */
static void test_blocked_in_the_chain(void **state)
{
	struct vcpu *a = sp(UP_A, 1);
	struct vcpu *b = sp(MP_B, 1);
	struct vcpu *c = sp(UP_B, 1);

	(void)state;
	for (uint32_t links = 1; links <= 2; links++) {
		struct vcpu *last = links == 1 ? b : c;

		request(1, nwd(1), UP_A);
		request(1, a, MP_B);
		if (links == 2) {
			request(1, b, UP_B);
		}
		assert_ptr_equal(hit(1, EDGE(UP_A)), a);
		assert_true(got_call(a, INTERRUPT, 0, 0, 0));
		assert_int_equal(model_of(a), RT_DIRECT_REQ);
		assert_int_equal(state_of(last), VCPU_BLOCKED);
		assert_false(interrupt_ns(1)); /* the chain is not to be torn now */
		assert_int_equal(get(1, a), EDGE(UP_A));
		/* Nothing but RUN ends that. */
		CALL(1, a, WAIT);
		assert_true(got_error(a, FFA_DENIED));
		CALL(1, a, YIELD);
		assert_true(got_error(a, FFA_DENIED));
		respond(1, a);
		assert_true(got_error(a, FFA_DENIED));
		request(1, a, MP_A);
		assert_true(got_error(a, FFA_DENIED));
		/* Whomever it names. */
		assert_ptr_equal(CALL(1, a, RUN, links == 1 ? context_of(b) : 0x12345678), last);
		assert_int_equal(mask_of(1), 0xFF);
		if (links == 2) {
			assert_ptr_equal(respond(1, c), b);
		}
		assert_ptr_equal(respond(1, b), a);
		assert_int_equal(got(a, 0), RESP);
		assert_ptr_equal(respond(1, a), nwd(1));
	}
	system_settle();
}

/* It waits for somebody on another CPU: the interrupt waits for it. */
static void test_blocked_elsewhere(void **state)
{
	struct vcpu *a = sp(UP_A, 1);

	(void)state;
	request(1, nwd(1), UP_A);
	request(1, a, MP_B);
	request(0, nwd(0), MP_A);
	assert_ptr_equal(hit(0, EDGE(UP_A)), sp(MP_A, 0));
	assert_int_equal(state_of(a), VCPU_BLOCKED);
	assert_ptr_equal(respond(1, sp(MP_B, 1)), a);
	assert_true(virq(1));
	assert_int_equal(get(1, a), EDGE(UP_A));
	system_settle();
}

/* Preempted, yielded: it sees it when it goes on. */
static void test_left(void **state)
{
	static const enum vcpu_state states[] = { VCPU_PREEMPTED, VCPU_YIELDED };

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(states); i++) {
		struct vcpu *v = sp(UP_A, 0);

		fixture_boot(state);
		bring_to(UP_A, 0, states[i]);
		assert_ptr_equal(hit(0, EDGE(UP_A)), nwd(0));
		assert_true(got_call(nwd(0), NWD_RESUME, 0, 0, 0));
		assert_int_equal(state_of(v), states[i]);
		request(0, nwd(0), MP_A);
		assert_ptr_equal(hit(0, PPI(UP_A)), sp(MP_A, 0));
		assert_ptr_equal(run(2, nwd(2), v), v);
		assert_true(virq(2));
		assert_int_equal(get(2, v), EDGE(UP_A));
		assert_int_equal(get(2, v), PPI(UP_A));
		CALL(2, v, WAIT);
		system_settle();
	}
}

static void test_off_and_not_started(void **state)
{
	static const enum vcpu_state states[] = { VCPU_OFF, VCPU_CREATED };

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(states); i++) {
		fixture_boot(state);
		bring_to(UP_A, 0, states[i]);
		assert_ptr_equal(hit(0, EDGE(UP_A)), nwd(0));
		assert_true(got_call(nwd(0), NWD_RESUME, 0, 0, 0));
	}
}

/* Its partition has ended: the interrupt is off, and stays off. */
static void test_dead(void **state)
{
	(void)state;
	bring_to(UP_A, 0, VCPU_ABORTED);
	assert_false(gic_fake_line(EDGE(UP_A), 0)->enabled);
	interrupt_raise(0, EDGE(UP_A));
	assert_false(interrupt_take(0));
	/* One that was on its way. */
	gic_fake.pending = EDGE(UP_A);
	CALL(0, nwd(0), INTERRUPT);
	assert_true(got_call(nwd(0), NWD_RESUME, 0, 0, 0));
	assert_int_equal(gic_fake.ended, EDGE(UP_A));
}

/* --- Interrupts of nobody --------------------------------------------------------------------- */

static void test_spurious(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	CALL(0, nwd(0), INTERRUPT);
	assert_true(got_call(nwd(0), NWD_RESUME, 0, 0, 0));
	request(0, nwd(0), UP_A);
	interrupt_raise(0, EDGE(UP_B));
	snapshot_take();
	CALL(0, v, INTERRUPT);
	assert_true(got_error(v, FFA_DENIED));
	assert_true(snapshot_same(v));
}

/* Nobody declares it: off it goes. */
static void test_undeclared(void **state)
{
	(void)state;
	gic_fake.pending = 77;
	CALL(0, nwd(0), INTERRUPT);
	assert_true(got_call(nwd(0), NWD_RESUME, 0, 0, 0));
	assert_int_equal(gic_fake.ended, 77);
	assert_false(gic_fake_line(77, 0)->enabled);
}

/* Group 0 is EL3's; it comes before anything of the normal world's. */
static void test_group0(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	request(0, nwd(0), UP_A);
	gic_fake.group0 = true;
	assert_true(interrupt_ns(0));
	assert_ptr_equal(running(0), v);
	assert_int_equal(sys.cpus[0].arch.el3_calls, 1);
	assert_int_equal(sys.cpus[0].arch.el3_x[0], 0x8400008C);
	for (unsigned int i = 1; i < 18; i++) {
		assert_int_equal(sys.cpus[0].arch.el3_x[i], 0);
	}
	gic_fake.group0 = false;
	respond(0, v);
}

/* --- sri-interrupts-policy -------------------------------------------------------------------- */

/* Bit 0: one that waits is not run, the normal world is asked to. */
static void test_sri_when_waiting(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	system_create();
	sys.partitions[UP_A].sri_policy = SRI_WHEN_WAITING;
	system_boot();
	assert_ptr_equal(hit(0, EDGE(UP_A)), nwd(0));
	assert_int_equal(sri_count[0], 1);
	assert_int_equal(state_of(v), VCPU_WAITING);
	/* Under an SP it takes until the normal world is back. */
	request(0, nwd(0), MP_A);
	assert_ptr_equal(hit(0, PPI(UP_A)), sp(MP_A, 0));
	assert_int_equal(sri_count[0], 1);
	respond(0, sp(MP_A, 0));
	assert_int_equal(sri_count[0], 2);
	assert_ptr_equal(run(0, nwd(0), v), v);
	assert_true(virq(0));
	assert_int_equal(get(0, v), EDGE(UP_A));
	assert_int_equal(get(0, v), PPI(UP_A));
	CALL(0, v, WAIT);
}

/* Bit 1: one that goes to wait with an interrupt is let go. */
static void test_sri_when_pending(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	system_create();
	sys.partitions[UP_A].sri_policy = SRI_WHEN_PENDING | SRI_WHEN_WAITING;
	system_boot();
	request(0, nwd(0), UP_A);
	hit(0, EDGE(UP_A));
	assert_ptr_equal(respond(0, v), nwd(0));
	assert_int_equal(got(nwd(0), 0), RESP);
	assert_int_equal(sri_count[0], 1);
	assert_ptr_equal(run(0, nwd(0), v), v);
	assert_true(virq(0));
}

/* --- Between vCPUs ---------------------------------------------------------------------------- */

/* An IPI reaches a vCPU of the same partition wherever it is, and whatever it does. */
static void test_ipi(void **state)
{
	struct vcpu *from = sp(MP_A, 0);
	struct vcpu *to = sp(MP_A, 2);

	(void)state;
	request(2, nwd(2), MP_A);
	assert_int_equal(hvc(2, to, HYP_INTERRUPT_ENABLE, 9, 1, 0), 0);
	request(0, nwd(0), MP_A);
	/* It runs. */
	assert_int_equal(hvc(0, from, HYP_INTERRUPT_SEND_IPI, 2, 0, 0), 0);
	assert_true(interrupt_take(2));
	assert_true(virq(2));
	assert_int_equal(get(2, to), 9);
	/* It waits: software takes no cycles from anybody, the normal world schedules it. */
	respond(2, to);
	assert_int_equal(hvc(0, from, HYP_INTERRUPT_SEND_IPI, 2, 0, 0), 0);
	assert_true(interrupt_take(2));
	assert_ptr_equal(running(2), nwd(2));
	run(2, nwd(2), to);
	assert_true(virq(2));
	assert_int_equal(get(2, to), 9);
	CALL(2, to, WAIT);
	/* It waits for its own callee: the same, when it goes on. */
	request(2, nwd(2), MP_A);
	request(2, to, UP_B);
	assert_int_equal(hvc(0, from, HYP_INTERRUPT_SEND_IPI, 2, 0, 0), 0);
	assert_true(interrupt_take(2));
	assert_ptr_equal(running(2), sp(UP_B, 2));
	system_settle();
}

/* An IPI to oneself buys no cycles that the normal world cannot take back. */
static void test_ipi_to_itself(void **state)
{
	struct vcpu *v = sp(MP_A, 1);

	(void)state;
	request(1, nwd(1), MP_A);
	assert_int_equal(hvc(1, v, HYP_INTERRUPT_ENABLE, 9, 1, 0), 0);
	assert_int_equal(hvc(1, v, HYP_INTERRUPT_SEND_IPI, 1, 0, 0), 0);
	respond(1, v);
	assert_ptr_equal(running(1), nwd(1));
	(void)interrupt_take(1);
	assert_ptr_equal(running(1), nwd(1));
	system_settle();
}

/* An interrupt that is pending where it comes to is seen there at once. */
static void test_moved(void **state)
{
	struct vcpu *a = sp(MP_A, 0);
	struct vcpu *b = sp(MP_A, 1);

	(void)state;
	run(0, nwd(0), a);
	run(1, nwd(1), b);
	assert_int_equal(hvc(0, a, HYP_INTERRUPT_RECONFIGURE, EDGE(MP_A), 0, 1), 0);
	assert_ptr_equal(hit(1, EDGE(MP_A)), b);
	assert_int_equal(hvc(1, b, HYP_INTERRUPT_ENABLE, EDGE(MP_A), 0, 0), 0);
	CALL(1, b, WAIT);
	assert_int_equal(state_of(b), VCPU_WAITING);
	/* Disabled, so b does not see it; it comes back enabled. */
	assert_int_equal(hvc(0, a, HYP_INTERRUPT_RECONFIGURE, EDGE(MP_A), 0, 0), 0);
	assert_int_equal(hvc(0, a, HYP_INTERRUPT_ENABLE, EDGE(MP_A), 1, 0), 0);
	assert_int_equal(hvc(0, a, HYP_INTERRUPT_RECONFIGURE, EDGE(MP_A), 0, 1), 0);
	assert_true(interrupt_take(1));
	assert_ptr_equal(running(1), b);
	assert_int_equal(get(1, b), EDGE(MP_A));
	system_settle();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_signalled, fixture_boot),
		cmocka_unit_test(test_queued),
		cmocka_unit_test(test_masks_of_chains),
		cmocka_unit_test_setup(test_mask_of_the_normal_world, fixture_boot),
		cmocka_unit_test(test_managed_exit),
		cmocka_unit_test(test_managed_exit_not_taken),
		cmocka_unit_test(test_managed_exit_impossible),
		cmocka_unit_test(test_managed_exit_of_a_requester),
		cmocka_unit_test(test_managed_exits_of_a_chain),
		cmocka_unit_test(test_managed_exit_of_a_callee),
		cmocka_unit_test_setup(test_waiting_under_the_normal_world, fixture_boot),
		cmocka_unit_test_setup(test_waiting_under_an_sp, fixture_boot),
		cmocka_unit_test_setup(test_more_while_it_handles_one, fixture_boot),
		cmocka_unit_test_setup(test_running, fixture_boot),
		cmocka_unit_test_setup(test_running_and_not_taken, fixture_boot),
		cmocka_unit_test(test_initialising),
		cmocka_unit_test_setup(test_running_elsewhere, fixture_boot),
		cmocka_unit_test_setup(test_blocked_in_the_chain, fixture_boot),
		cmocka_unit_test_setup(test_blocked_elsewhere, fixture_boot),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_off_and_not_started),
		cmocka_unit_test_setup(test_dead, fixture_boot),
		cmocka_unit_test_setup(test_spurious, fixture_boot),
		cmocka_unit_test_setup(test_undeclared, fixture_boot),
		cmocka_unit_test_setup(test_group0, fixture_boot),
		cmocka_unit_test(test_sri_when_waiting),
		cmocka_unit_test(test_sri_when_pending),
		cmocka_unit_test_setup(test_ipi, fixture_boot),
		cmocka_unit_test_setup(test_ipi_to_itself, fixture_boot),
		cmocka_unit_test_setup(test_moved, fixture_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
