/* SPDX-License-Identifier: BSD-3-Clause */
/* The timers of SPs: what they read and write, and where the interrupt finds them. */
#include "spmc_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "arch/gic.h"
#include "arch/gic_fake.h"
#include "arch/host.h"
#include "bulkhead/hyp.h"

#define SOON 100u
#define LATE 1000u

static void enable(uint32_t cpu, struct vcpu *v)
{
	assert_int_equal(hvc(cpu, v, HYP_INTERRUPT_ENABLE, FFA_VINT_TIMER, 1, HYP_PIN_IRQ), 0);
}

static uint32_t get(uint32_t cpu, struct vcpu *v)
{
	return (uint32_t)hvc(cpu, v, HYP_INTERRUPT_GET, 0, 0, 0);
}

static bool line_up(const struct vcpu *v)
{
	return vint_lines(&v->vint) != 0;
}

/* v runs on cpu by the normal world's request. */
static struct vcpu *request(enum which which, uint32_t cpu)
{
	struct vcpu *v = sp(which, cpu);

	CALL(cpu, nwd(cpu), FFA_MSG_SEND_DIRECT_REQ_32, id_of(which));
	assert_ptr_equal(running(cpu), v);
	return v;
}

static void respond(uint32_t cpu, struct vcpu *v)
{
	CALL(cpu, v, FFA_MSG_SEND_DIRECT_RESP_32, FFA_IDS(v->partition->id, v->requester));
}

/* v waits, and its timer will interrupt it. */
static struct vcpu *waits_for_timer(enum which which, uint32_t cpu)
{
	struct vcpu *v = request(which, cpu);

	enable(cpu, v);
	timer_start(cpu, v, SOON);
	respond(cpu, v);
	assert_ptr_equal(running(cpu), nwd(cpu));
	return v;
}

static void setup(enum timer_action action)
{
	system_create();
	sys.partitions[UP_A].timer_action = action;
	sys.partitions[MP_A].timer_action = action;
	system_boot();
}

/* --- Registers -------------------------------------------------------------------------------- */

static void test_registers(void **state)
{
	struct vcpu *v = request(UP_A, 0);

	(void)state;
	assert_int_equal(timer_read(0, v, ARCH_TIMER_CTL), 0);
	timer_write(0, v, ARCH_TIMER_CVAL, 0x123456789abcdef0);
	assert_int_equal(timer_read(0, v, ARCH_TIMER_CVAL), 0x123456789abcdef0);
	timer_write(0, v, ARCH_TIMER_CTL, ~0ul);
	assert_int_equal(timer_read(0, v, ARCH_TIMER_CTL), ARCH_TIMER_ENABLE | ARCH_TIMER_IMASK);
	timer_write(0, v, ARCH_TIMER_CVAL, host_timer_now + 1);
	assert_int_equal(timer_read(0, v, ARCH_TIMER_CTL), ARCH_TIMER_ENABLE | ARCH_TIMER_IMASK);
	time_pass(1);
	assert_int_equal(timer_read(0, v, ARCH_TIMER_CTL),
			 ARCH_TIMER_ENABLE | ARCH_TIMER_IMASK | ARCH_TIMER_ISTATUS);
	timer_write(0, v, ARCH_TIMER_CTL, ARCH_TIMER_IMASK);
	assert_int_equal(timer_read(0, v, ARCH_TIMER_CTL), ARCH_TIMER_IMASK);
	assert_false(sys.cpus[0].arch.timer_on);
}

/* TVAL is 32 bits, signed when written. */
static void test_tval(void **state)
{
	struct vcpu *v = request(MP_A, 0);

	(void)state;
	time_pass(1ul << 40);
	timer_write(0, v, ARCH_TIMER_TVAL, 0xdeadbeef00000010);
	assert_int_equal(timer_read(0, v, ARCH_TIMER_CVAL), host_timer_now + 0x10);
	time_pass(0x30);
	assert_int_equal(timer_read(0, v, ARCH_TIMER_TVAL), 0xffffffe0);
	timer_write(0, v, ARCH_TIMER_TVAL, 0xffffffff);
	assert_int_equal(timer_read(0, v, ARCH_TIMER_CVAL), host_timer_now - 1);
}

/* Each vCPU has its own, and whoever is given the CPU finds its own. */
static void test_of_each(void **state)
{
	struct vcpu *a = request(MP_A, 0);
	struct vcpu *b;

	(void)state;
	timer_write(0, a, ARCH_TIMER_CVAL, 11);
	b = request(MP_A, 1);
	assert_int_equal(timer_read(1, b, ARCH_TIMER_CVAL), 0);
	timer_write(1, b, ARCH_TIMER_CVAL, 22);
	CALL(0, a, FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(id_of(MP_A), id_of(UP_B)));
	b = running(0);
	assert_int_equal(timer_read(0, b, ARCH_TIMER_CVAL), 0);
	timer_write(0, b, ARCH_TIMER_CVAL, 33);
	respond(0, b);
	assert_int_equal(timer_read(0, a, ARCH_TIMER_CVAL), 11);
	assert_int_equal(timer_read(1, sp(MP_A, 1), ARCH_TIMER_CVAL), 22);
}

/* --- Where it finds the vCPU ------------------------------------------------------------------ */

static void test_running(void **state)
{
	struct vcpu *v = request(UP_A, 0);

	(void)state;
	enable(0, v);
	timer_start(0, v, SOON);
	assert_true(sys.cpus[0].arch.timer_on);
	assert_int_equal(sys.cpus[0].arch.timer_deadline, host_timer_now + SOON);
	time_pass(SOON - 1);
	assert_false(interrupt_take(0));
	time_pass(1);
	assert_true(interrupt_take(0));
	assert_ptr_equal(running(0), v);
	assert_true(sys.cpus[0].arch.virq);
	assert_int_equal(get(0, v), FFA_VINT_TIMER);
	/* Once, until it is set again. */
	time_pass(LATE);
	assert_false(interrupt_take(0));
	assert_false(line_up(v));
	timer_write(0, v, ARCH_TIMER_CVAL, host_timer_now);
	assert_true(line_up(v));
}

/* As a level: it falls when the SP masks it, sets it off or into the future. */
static void test_withdrawn(void **state)
{
	static const struct {
		enum arch_timer_reg reg;
		uint64_t value;
	} falls[] = { { ARCH_TIMER_CTL, 0 },
		      { ARCH_TIMER_CTL, ARCH_TIMER_ENABLE | ARCH_TIMER_IMASK },
		      { ARCH_TIMER_CVAL, UINT64_MAX },
		      { ARCH_TIMER_TVAL, LATE } };

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(falls); i++) {
		struct vcpu *v = request(UP_A, 0);

		enable(0, v);
		timer_start(0, v, SOON);
		time_pass(SOON);
		assert_true(interrupt_take(0));
		assert_true(line_up(v));
		timer_write(0, v, falls[i].reg, falls[i].value);
		assert_false(line_up(v));
		assert_int_equal(get(0, v), HYP_NO_INTERRUPT);
		timer_write(0, v, ARCH_TIMER_CTL, 0);
		respond(0, v);
	}
}

/* It waits: the normal world is asked to schedule it, and keeps its CPU. */
static void test_waiting(void **state)
{
	(void)state;
	for (enum which which = MP_A; which <= UP_A; which++) {
		struct vcpu *v;
		uint32_t sris;

		setup(TIMER_SCHEDULED);
		v = waits_for_timer(which, 0);
		sris = sri_count[0];
		time_pass(SOON);
		assert_true(interrupt_take(0));
		assert_ptr_equal(running(0), nwd(0));
		assert_int_equal(sri_count[0], sris + 1);
		assert_int_equal(state_of(v), VCPU_WAITING);
		CALL(0, nwd(0), FFA_NOTIFICATION_INFO_GET_64);
		assert_int_equal(nwd(0)->arch.x[3], id_of(which));
		CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(which), 0));
		assert_int_equal(model_of(v), RT_RUN);
		assert_int_equal(get(0, v), FFA_VINT_TIMER);
		CALL(0, v, FFA_MSG_WAIT_32);
		system_settle();
	}
}

/* If its manifest wants it so, as an interrupt of a device of its own. */
static void test_waiting_secure(void **state)
{
	(void)state;
	for (enum which which = MP_A; which <= UP_A; which++) {
		struct vcpu *v;

		setup(TIMER_SECURE);
		v = waits_for_timer(which, 0);
		time_pass(SOON);
		assert_true(interrupt_take(0));
		assert_ptr_equal(running(0), v);
		assert_int_equal(model_of(v), RT_SEC_INTERRUPT);
		assert_true(got_call(v, FFA_INTERRUPT_32, 0, FFA_VINT_TIMER, 0));
		assert_int_equal(get(0, v), FFA_VINT_TIMER);
		CALL(0, v, FFA_MSG_WAIT_32);
		assert_ptr_equal(running(0), nwd(0));
		system_settle();
	}
}

/* At S-EL0 it is told by FFA_INTERRUPT, and has taken it by that; or it asks when it is run. */
static void test_el0(void **state)
{
	(void)state;
	for (enum timer_action action = TIMER_SCHEDULED; action <= TIMER_SECURE; action++) {
		struct vcpu *v;

		system_create();
		sys.partitions[UP_A].el0 = true;
		sys.partitions[UP_A].timer_action = action;
		system_boot();
		v = waits_for_timer(UP_A, 0);
		time_pass(SOON);
		assert_true(interrupt_take(0));
		if (action == TIMER_SECURE) {
			assert_ptr_equal(running(0), v);
			assert_true(got_call(v, FFA_INTERRUPT_32, 0, FFA_VINT_TIMER, 0));
			assert_int_equal(get(0, v), HYP_NO_INTERRUPT);
		} else {
			assert_ptr_equal(running(0), nwd(0));
			CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0));
			assert_ptr_equal(running(0), v);
			assert_int_equal(get(0, v), FFA_VINT_TIMER);
		}
		CALL(0, v, FFA_MSG_WAIT_32);
		assert_ptr_equal(running(0), nwd(0));
		system_settle();
	}
}

/* Another SP runs on its CPU. */
static void test_other_runs(void **state)
{
	(void)state;
	for (enum timer_action action = TIMER_SCHEDULED; action <= TIMER_SECURE; action++) {
		struct vcpu *v, *other;

		setup(action);
		v = waits_for_timer(UP_A, 0);
		other = request(MP_B, 0);
		time_pass(SOON);
		assert_true(interrupt_take(0));
		assert_ptr_equal(running(0), action == TIMER_SECURE ? v : other);
		if (action == TIMER_SECURE) {
			assert_int_equal(get(0, v), FFA_VINT_TIMER);
			CALL(0, v, FFA_MSG_WAIT_32);
			assert_ptr_equal(running(0), other);
		}
		respond(0, other);
		system_settle();
	}
}

/* It waits for the answer of its own request. */
static void test_blocked(void **state)
{
	(void)state;
	for (enum timer_action action = TIMER_SCHEDULED; action <= TIMER_SECURE; action++) {
		struct vcpu *v, *callee;

		setup(action);
		v = request(UP_A, 0);
		enable(0, v);
		timer_start(0, v, SOON);
		CALL(0, v, FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(id_of(UP_A), id_of(MP_B)));
		callee = running(0);
		time_pass(SOON);
		assert_true(interrupt_take(0));
		if (action == TIMER_SECURE) {
			assert_ptr_equal(running(0), v);
			assert_int_equal(get(0, v), FFA_VINT_TIMER);
			CALL(0, v, FFA_RUN_32);
		}
		assert_ptr_equal(running(0), callee);
		respond(0, callee);
		assert_ptr_equal(running(0), v);
		assert_int_equal(line_up(v), action == TIMER_SCHEDULED);
		respond(0, v);
		system_settle();
	}
}

/* It was preempted: pending when it is run again. */
static void test_preempted(void **state)
{
	struct vcpu *v = request(UP_A, 0);

	(void)state;
	enable(0, v);
	timer_start(0, v, SOON);
	assert_true(interrupt_ns(0));
	time_pass(SOON);
	assert_true(interrupt_take(0));
	assert_ptr_equal(running(0), nwd(0));
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0));
	assert_ptr_equal(running(0), v);
	assert_int_equal(get(0, v), FFA_VINT_TIMER);
}

/* The normal world's interrupts are off, and all others: it is seen when that is over. */
static void test_masked(void **state)
{
	struct vcpu *v = waits_for_timer(UP_A, 0);
	struct vcpu *other = sp(MP_B, 0);

	(void)state;
	interrupt_raise(0, EDGE(MP_B));
	assert_true(interrupt_take(0));
	assert_ptr_equal(running(0), other);
	time_pass(SOON);
	assert_false(interrupt_take(0));
	(void)get(0, other);
	CALL(0, other, FFA_MSG_WAIT_32);
	assert_true(interrupt_take(0));
	assert_true(line_up(v));
	assert_ptr_equal(running(0), nwd(0));
}

/* --- Where it is ------------------------------------------------------------------------------ */

/* A UP partition takes it along. */
static void test_migrates(void **state)
{
	struct vcpu *v = waits_for_timer(UP_A, 0);

	(void)state;
	assert_int_equal(v->timer.cpu, 0);
	(void)request(UP_A, 1);
	assert_int_equal(v->timer.cpu, 1);
	assert_true(sys.cpus[1].arch.timer_on);
	time_pass(SOON);
	/* CPU 0 is interrupted for nothing, once. */
	assert_true(interrupt_take(0));
	assert_false(line_up(v));
	assert_false(interrupt_take(0));
	assert_true(interrupt_take(1));
	assert_ptr_equal(running(1), v);
	assert_int_equal(get(1, v), FFA_VINT_TIMER);
}

/* It is due when the vCPU gets cycles elsewhere: pending from the first instruction on. */
static void test_migrates_due(void **state)
{
	struct vcpu *v = waits_for_timer(UP_A, 0);

	(void)state;
	time_pass(LATE);
	(void)request(UP_A, 3);
	assert_true(sys.cpus[3].arch.virq);
	assert_int_equal(get(3, v), FFA_VINT_TIMER);
	respond(3, v);
	system_settle();
	assert_false(sys.cpus[0].arch.timer_on);
}

/* The CPU that it is set on fires it although the vCPU runs elsewhere: that one is told. */
static void test_fires_elsewhere(void **state)
{
	struct vcpu *v = request(UP_A, 2);

	(void)state;
	enable(2, v);
	timer_start(2, v, SOON);
	assert_true(interrupt_ns(2));
	CALL(2, nwd(2), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0));
	timer_write(2, v, ARCH_TIMER_CVAL, host_timer_now + LATE);
	time_pass(SOON);
	assert_false(interrupt_take(2)); /* set anew, this CPU's hardware too */
	time_pass(LATE);
	assert_true(interrupt_take(2));
	assert_true(line_up(v));
}

/* A suspend has taken the hardware's: the way into any SP sets it again. */
static void test_forgotten(void **state)
{
	struct vcpu *v = waits_for_timer(UP_A, 0);
	struct vcpu *other;

	(void)state;
	timer_forget(0);
	other = request(MP_B, 0);
	time_pass(SOON);
	assert_true(interrupt_take(0));
	assert_true(line_up(v));
	respond(0, other);
	system_settle();
}

static void test_forgotten_due(void **state)
{
	struct vcpu *v = waits_for_timer(MP_A, 1);

	(void)state;
	timer_forget(1);
	time_pass(LATE);
	(void)request(MP_A, 1);
	assert_int_equal(get(1, v), FFA_VINT_TIMER);
}

static void go_off(uint32_t cpu)
{
	CALL(cpu, nwd(cpu), FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(FFA_ID_SPMD, FFA_ID_SPMC),
	     FFA_MSG_FRAMEWORK | FFA_FW_PSCI_REQ, PSCI_CPU_OFF_32);
	while (running(cpu) != nwd(cpu)) {
		finish_work(cpu);
	}
	cpu_down(cpu);
}

/* A CPU goes off: a UP partition's timer goes on elsewhere, or with the last CPU that comes on. */
static void test_cpu_off(void **state)
{
	struct vcpu *v = waits_for_timer(UP_A, 2);

	(void)state;
	go_off(2);
	assert_int_equal(v->timer.cpu, 0);
	time_pass(SOON);
	assert_true(interrupt_take(0)); /* the kick, by which it is set */
	assert_true(interrupt_take(0));
	assert_true(line_up(v));
	assert_ptr_equal(running(0), nwd(0));
}

static void test_last_cpu_off(void **state)
{
	struct vcpu *v = waits_for_timer(UP_A, 3);

	(void)state;
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		go_off(cpu);
	}
	time_pass(SOON);
	cpu_up(3);
	assert_true(interrupt_take(3));
	assert_true(line_up(v));
}

/* An MP partition's vCPU ends with its CPU, and so does its timer. */
static void test_cpu_off_pinned(void **state)
{
	struct vcpu *v = waits_for_timer(MP_A, 2);

	(void)state;
	go_off(2);
	assert_false(v->timer.listed);
	cpu_up(2);
	v = request(MP_A, 2);
	assert_int_equal(timer_read(2, v, ARCH_TIMER_CTL), 0);
	assert_int_equal(timer_read(2, v, ARCH_TIMER_CVAL), 0);
}

/* --- Several ---------------------------------------------------------------------------------- */

/* Those of one CPU, set in any order, come in the order of their times. */
static void test_order(void **state)
{
	static const enum which by_time[] = { MP_B, UP_A, UP_B, MP_A };
	static const uint64_t counts[SPS] = { [MP_B] = 1, [UP_A] = 2, [UP_B] = 3, [MP_A] = 4 };

	(void)state;
	for (enum which which = 0; which < SPS; which++) {
		struct vcpu *v = request(which, 0);

		enable(0, v);
		timer_start(0, v, SOON * counts[which]);
		respond(0, v);
	}
	for (size_t i = 0; i < SPS; i++) {
		assert_false(interrupt_take(0));
		time_pass(SOON);
		assert_true(interrupt_take(0));
		for (size_t k = 0; k < SPS; k++) {
			assert_int_equal(line_up(sp(by_time[k], 0)), k <= i);
		}
	}
}

/* All at once: one interrupt each. */
static void test_together(void **state)
{
	(void)state;
	for (enum which which = 0; which < SPS; which++) {
		(void)waits_for_timer(which, 1);
	}
	time_pass(SOON);
	for (enum which which = 0; which < SPS; which++) {
		assert_true(interrupt_take(1));
	}
	assert_false(interrupt_take(1));
	for (enum which which = 0; which < SPS; which++) {
		assert_true(line_up(sp(which, 1)));
	}
}

/* Of a partition that has ended none comes, even if it has another vCPU that runs yet. */
static void test_aborted(void **state)
{
	struct vcpu *v;

	(void)state;
	(void)waits_for_timer(MP_A, 0);
	(void)waits_for_timer(UP_A, 0);
	v = request(MP_A, 1);
	(void)request(MP_A, 2);
	enable(1, v);
	(void)serror(2);
	timer_write(1, v, ARCH_TIMER_CVAL, host_timer_now + SOON);
	assert_ptr_equal(sys.cpus[0].timers, sp(UP_A, 0));
}

/* --- At random -------------------------------------------------------------------------------- */

static uint64_t seed;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 6364136223846793005ul + 1442695040888963407ul;
	return (uint32_t)(seed >> 33) % n;
}

static void random_step(void)
{
	uint32_t cpu = random_below(CPUS);
	struct vcpu *v = running(cpu);
	enum which which = (enum which)random_below(SPS);

	switch (random_below(8)) {
	case 0:
		time_pass(random_below(SOON));
		break;
	case 1:
	case 2:
		(void)interrupt_take(cpu);
		break;
	case 3:
		(void)interrupt_ns(cpu);
		break;
	case 4:
		if (vcpu_is_nwd(v)) {
			timer_forget(cpu);
		}
		break;
	case 5:
		if (!vcpu_is_nwd(v)) {
			finish_work(cpu);
		}
		break;
	default:
		if (vcpu_is_nwd(v)) {
			CALL(cpu, v, random_below(2) ? FFA_MSG_SEND_DIRECT_REQ_32 : FFA_RUN_32,
			     random_below(2) ? id_of(which)
					     : FFA_CTX(id_of(which), sp(which, cpu)->index));
		} else if (random_below(4) == 0) {
			CALL(cpu, v, FFA_MSG_SEND_DIRECT_REQ_32,
			     FFA_IDS(v->partition->id, id_of(which)));
		} else {
			enable(cpu, v);
			timer_start(cpu, v, random_below(LATE));
		}
		break;
	}
}

/* What always holds (check_timers()) holds; nothing is left over. */
static void test_random(void **state)
{
	(void)state;
	for (seed = 1; seed < 40; seed++) {
		uint64_t before = seed;

		system_create();
		for (enum which which = 0; which < SPS; which++) {
			sys.partitions[which].timer_action = (enum timer_action)random_below(2);
		}
		system_boot();
		for (unsigned int step = 0; step < 400; step++) {
			random_step();
		}
		system_settle();
		seed = before;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_registers, fixture_boot),
		cmocka_unit_test_setup(test_tval, fixture_boot),
		cmocka_unit_test_setup(test_of_each, fixture_boot),
		cmocka_unit_test_setup(test_running, fixture_boot),
		cmocka_unit_test_setup(test_withdrawn, fixture_boot),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_waiting_secure),
		cmocka_unit_test(test_el0),
		cmocka_unit_test(test_other_runs),
		cmocka_unit_test(test_blocked),
		cmocka_unit_test_setup(test_preempted, fixture_boot),
		cmocka_unit_test_setup(test_masked, fixture_boot),
		cmocka_unit_test_setup(test_migrates, fixture_boot),
		cmocka_unit_test_setup(test_migrates_due, fixture_boot),
		cmocka_unit_test_setup(test_fires_elsewhere, fixture_boot),
		cmocka_unit_test_setup(test_forgotten, fixture_boot),
		cmocka_unit_test_setup(test_forgotten_due, fixture_boot),
		cmocka_unit_test_setup(test_cpu_off, fixture_boot),
		cmocka_unit_test_setup(test_last_cpu_off, fixture_boot),
		cmocka_unit_test_setup(test_cpu_off_pinned, fixture_boot),
		cmocka_unit_test_setup(test_order, fixture_boot),
		cmocka_unit_test_setup(test_together, fixture_boot),
		cmocka_unit_test_setup(test_aborted, fixture_boot),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
