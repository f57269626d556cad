/* SPDX-License-Identifier: BSD-3-Clause */

/* CPU cycles: MSG_WAIT, YIELD, RUN in every state (FF-A 1.2 chapters 7, 8, 14). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#define REQ 0x8400006Fu
#define RESP 0x84000070u
#define WAIT 0x8400006Bu
#define YIELD 0x8400006Cu
#define RUN 0x8400006Du
#define INTERRUPT 0x84000062u

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

static void check_run(uint32_t cpu, struct vcpu *by, uint32_t target, enum ffa_status status)
{
	assert_ptr_equal(CALL(cpu, by, RUN, target), by);
	assert_true(got_error(by, status));
}

/* --- MSG_WAIT -------------------------------------------------------------------------------- */

static void test_run_and_wait(void **state)
{
	(void)state;
	for (enum which which = 0; which < SPS; which++) {
		for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
			struct vcpu *v = sp(which, cpu);

			assert_ptr_equal(run(cpu, nwd(cpu), v), v);
			assert_true(got_call(v, RUN, context_of(v), 0, 0));
			assert_int_equal(model_of(v), RT_RUN);
			assert_ptr_equal(CALL(cpu, v, WAIT), nwd(cpu));
			assert_true(got_call(nwd(cpu), WAIT, context_of(v), 0, 0));
			assert_int_equal(state_of(v), VCPU_WAITING);
		}
	}
}

/* RX goes back to the SPMC, unless the SP keeps it (1.2). */
static void test_wait_and_rx(void **state)
{
	(void)state;
	for (unsigned int minor = 0; minor <= 2; minor++) {
		for (uint32_t keep = 0; keep < 2; keep++) {
			struct mailbox *m = &sys.partitions[UP_A].endpoint.mailbox;
			struct vcpu *v;

			system_create();
			sys.partitions[UP_A].ffa_version = FFA_VERSION(1, minor);
			v = system_boot_into(UP_A, RT_RUN);
			m->rx_full = true;
			CALL(0, v, WAIT, 0, keep);
			if (keep != 0 && minor < 2) {
				assert_true(got_error(v, FFA_INVALID_PARAMETERS));
				assert_true(m->rx_full);
			} else {
				assert_ptr_equal(running(0), nwd(0));
				assert_int_equal(m->rx_full, keep != 0);
			}
		}
	}
}

/* Not while a request is open; then everything is as before. */
static void test_wait_in_a_request(void **state)
{
	struct vcpu *v = sp(UP_A, 0);
	struct mailbox *m = &sys.partitions[UP_A].endpoint.mailbox;

	(void)state;
	request(0, nwd(0), UP_A);
	m->rx_full = true;
	snapshot_take();
	CALL(0, v, WAIT);
	assert_true(got_error(v, FFA_DENIED));
	assert_true(snapshot_same(v));
	assert_true(m->rx_full);
	assert_ptr_equal(respond(0, v), nwd(0));
	assert_true(m->rx_full);
}

/* --- YIELD ------------------------------------------------------------------------------------ */

#define LOW 0x12345678u
#define HIGH 0x9ABCDEF0u

static void yield_to(uint32_t cpu, struct vcpu *v, struct vcpu *to)
{
	assert_ptr_equal(CALL(cpu, v, YIELD, 0xFFFF, LOW, HIGH), to);
	assert_true(got_call(to, YIELD, context_of(v), LOW, HIGH));
	assert_int_equal(state_of(v), VCPU_YIELDED);
}

static void test_yield_when_run(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	run(0, nwd(0), v);
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		/* A UP partition may go on anywhere. */
		uint32_t next = (cpu + 1) % CPUS;

		yield_to(cpu, v, nwd(cpu));
		assert_ptr_equal(run(next, nwd(next), v), v);
		assert_true(got_success(v, 0, 0));
		assert_int_equal(model_of(v), RT_RUN);
	}
	assert_ptr_equal(CALL(0, v, WAIT), nwd(0));
	assert_true(got_call(nwd(0), WAIT, context_of(v), 0, 0));
}

static void test_yield_in_a_request(void **state)
{
	struct vcpu *a = sp(MP_A, 1);
	struct vcpu *b = sp(UP_B, 1);

	(void)state;
	request(1, nwd(1), MP_A);
	request(1, a, UP_B);
	yield_to(1, b, a);
	/* Its requester may do other things, but not forget it. */
	assert_ptr_equal(request(1, a, UP_B), a);
	assert_true(got_error(a, FFA_BUSY));
	assert_ptr_equal(run(1, a, b), b);
	assert_true(got_success(b, 0, 0));
	yield_to(1, b, a);
	yield_to(1, a, nwd(1));
	/* What b does is a's business. */
	check_run(1, nwd(1), context_of(b), FFA_DENIED);
	check_run(2, nwd(2), context_of(b), FFA_DENIED);
	assert_ptr_equal(run(1, nwd(1), a), a);
	assert_ptr_equal(run(1, a, b), b);
	assert_ptr_equal(respond(1, b), a);
	assert_int_equal(got(a, 0), RESP);
	assert_ptr_equal(respond(1, a), nwd(1));
	assert_int_equal(got(nwd(1), 0), RESP);
	system_settle();
}

/* A request of one of the normal world's VMs is resumed by the normal world, for whichever VM. */
static void test_yield_to_a_vm(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	CALL(0, nwd(0), REQ, FFA_IDS(5, id_of(UP_A)));
	yield_to(0, v, nwd(0));
	assert_ptr_equal(run(2, nwd(2), v), v);
	assert_ptr_equal(respond(2, v), nwd(2));
	assert_int_equal(got(nwd(2), 1), FFA_IDS(id_of(UP_A), 5));
}

/* Nobody to yield to. */
static void test_yield_in_an_interrupt(void **state)
{
	struct vcpu *v;

	(void)state;
	system_create();
	v = system_boot_into(UP_A, RT_SEC_INTERRUPT);
	assert_ptr_equal(CALL(0, v, YIELD, 0, 1, 1), v);
	assert_true(got_success(v, 0, 0));
	assert_int_equal(state_of(v), VCPU_RUNNING);
}

/* --- RUN: whom -------------------------------------------------------------------------------- */

static void test_run_nobody(void **state)
{
	static const uint32_t unknown[] = { 0x80000000, 0x80050000, 0xFFFF0000 };
	struct vcpu *a = sp(MP_A, 1);
	struct vcpu *b = sp(UP_B, 1);

	(void)state;
	request(1, nwd(1), UP_B);
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t cpu = i;
		struct vcpu *by = i == 0 ? nwd(0) : b;

		for (size_t k = 0; k < NUMBER_OF(unknown); k++) {
			check_run(cpu, by, unknown[k], FFA_INVALID_PARAMETERS);
		}
		check_run(cpu, by, 0, FFA_DENIED); /* the normal world */
		check_run(cpu, by, 3, FFA_DENIED);
		check_run(cpu, by, 0x12340000, FFA_DENIED); /* VMs of it */
		check_run(cpu, by, 0x00010000, FFA_DENIED);
		for (uint32_t index = 1; index < 0x10000; index += 0x777) {
			check_run(cpu, by, context_of(sp(UP_A, 0)) | index, FFA_INVALID_PARAMETERS);
		}
		check_run(cpu, by, FFA_CTX(id_of(MP_A), CPUS), FFA_INVALID_PARAMETERS);
	}
	/* A vCPU that is pinned elsewhere. A UP SP may have been there when it called it. */
	check_run(0, nwd(0), context_of(a), FFA_INVALID_PARAMETERS);
	check_run(1, b, context_of(sp(MP_A, 2)), FFA_DENIED);
	respond(1, b);
	request(1, nwd(1), MP_A);
	check_run(1, a, context_of(sp(MP_B, 2)), FFA_INVALID_PARAMETERS);
	check_run(1, a, context_of(a), FFA_DENIED); /* itself */
}

/* --- RUN: every state ------------------------------------------------------------------------- */

static void test_run_in_every_state(void **state)
{
	static const enum ffa_status by_nwd[VCPU_STATE_COUNT] = {
		[VCPU_OFF] = FFA_INVALID_PARAMETERS, [VCPU_CREATED] = FFA_BUSY,
		[VCPU_RUNNING] = FFA_BUSY,           [VCPU_BLOCKED] = FFA_DENIED,
		[VCPU_ABORTED] = FFA_ABORTED,
	};
	static const enum ffa_status by_sp[VCPU_STATE_COUNT] = {
		[VCPU_OFF] = FFA_DENIED,       [VCPU_CREATED] = FFA_DENIED,
		[VCPU_RUNNING] = FFA_DENIED,   [VCPU_WAITING] = FFA_DENIED,
		[VCPU_BLOCKED] = FFA_DENIED,   [VCPU_YIELDED] = FFA_DENIED,
		[VCPU_PREEMPTED] = FFA_DENIED, [VCPU_ABORTED] = FFA_ABORTED,
	};

	(void)state;
	for (enum vcpu_state s = 0; s < VCPU_STATE_COUNT; s++) {
		struct vcpu *v = sp(UP_A, 3);
		struct vcpu *b = sp(UP_B, 1);

		fixture_boot(state);
		request(1, nwd(1), UP_B);
		bring_to(UP_A, 3, s);
		if (by_sp[s] == FFA_ABORTED) {
			/* HF says DENIED to an SP; that it is dead tells more. */
			CALL(1, b, RUN, context_of(v));
			assert_int_equal(got(b, 0), 0x84000060);
		} else {
			check_run(1, b, context_of(v), by_sp[s]);
		}
		if (by_nwd[s] != FFA_OK) {
			check_run(0, nwd(0), context_of(v), by_nwd[s]);
		} else {
			assert_ptr_equal(run(0, nwd(0), v), v);
		}
		assert_true(s == VCPU_OFF || s == VCPU_CREATED ||
			    state_of(v) == (by_nwd[s] == FFA_OK ? VCPU_RUNNING : s));
	}
}

/*
 * Preempted: it goes on as if nothing had been, on whatever CPU (the fixture looks at registers).
 */
static void test_run_preempted(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	for (uint32_t i = 0; i < 32; i++) {
		uint32_t cpu = i * 5 % CPUS;
		uint32_t next = i * 3 / 2 % CPUS;
		uint64_t x[31];

		assert_ptr_equal(request(cpu, nwd(cpu), UP_A), v);
		assert_true(interrupt_ns(cpu));
		assert_ptr_equal(running(cpu), nwd(cpu));
		assert_true(got_call(nwd(cpu), INTERRUPT, context_of(v), 0, 0));
		memcpy(x, v->arch.x, sizeof(x));
		assert_ptr_equal(run(next, nwd(next), v), v);
		assert_memory_equal(x, v->arch.x, sizeof(x));
		assert_ptr_equal(respond(next, v), nwd(next));
		assert_int_equal(got(nwd(next), 0), RESP);
	}
}

/* --- RUN: by whom ----------------------------------------------------------------------------- */

/* nwd -> a -> b, preempted: a hears of it, and only a may go on with b. */
static void test_run_by_the_requester(void **state)
{
	struct vcpu *a = sp(MP_A, 0);
	struct vcpu *b = sp(UP_B, 0);
	struct vcpu *c = sp(UP_A, 0);

	(void)state;
	request(0, nwd(0), MP_A);
	request(0, a, UP_B);
	assert_true(interrupt_ns(0));
	assert_ptr_equal(running(0), a);
	assert_true(got_call(a, INTERRUPT, context_of(b), 0, 0));
	assert_int_equal(state_of(b), VCPU_PREEMPTED);
	/* Others may not: the normal world, another SP. */
	check_run(1, nwd(1), context_of(b), FFA_DENIED);
	request(2, nwd(2), UP_A);
	check_run(2, c, context_of(b), FFA_DENIED);
	assert_int_equal(state_of(b), VCPU_PREEMPTED);
	/* Another vCPU of the same endpoint may. */
	request(3, nwd(3), MP_A);
	assert_ptr_equal(run(3, sp(MP_A, 3), b), b);
	assert_ptr_equal(respond(3, b), sp(MP_A, 3));
	assert_int_equal(got(sp(MP_A, 3), 1), FFA_IDS(id_of(UP_B), id_of(MP_A)));
	system_settle();
}

/* a was preempted itself after that: the chain is taken up from its top. */
static void test_run_a_chain(void **state)
{
	struct vcpu *a = sp(MP_A, 0);
	struct vcpu *b = sp(MP_B, 0);
	struct vcpu *c = sp(UP_A, 0);

	(void)state;
	request(0, nwd(0), MP_A);
	request(0, a, MP_B);
	request(0, b, UP_A);
	for (uint32_t rounds = 0; rounds < 3; rounds++) {
		assert_true(interrupt_ns(0));
		assert_ptr_equal(running(0), b);
		assert_true(interrupt_ns(0));
		assert_ptr_equal(running(0), a);
		assert_true(interrupt_ns(0));
		assert_true(got_call(nwd(0), INTERRUPT, context_of(a), 0, 0));
		check_run(0, nwd(0), context_of(b), FFA_DENIED);
		check_run(0, nwd(0), context_of(c), FFA_DENIED);
		assert_ptr_equal(run(0, nwd(0), a), a);
		check_run(0, a, context_of(c), FFA_DENIED);
		assert_ptr_equal(run(0, a, b), b);
		assert_ptr_equal(run(0, b, c), c);
	}
	respond(0, c);
	respond(0, b);
	assert_ptr_equal(respond(0, a), nwd(0));
	system_settle();
}

/* Not before it has initialised. */
static void test_run_from_an_initialisation(void **state)
{
	struct vcpu *v;

	(void)state;
	system_create();
	v = system_boot_into(UP_A, RT_INIT);
	check_run(0, v, context_of(sp(MP_A, 0)), FFA_DENIED);
}

/* Who was told that its CPU goes off starts nothing new. */
static void test_run_in_cpu_off(void **state)
{
	struct vcpu *a = sp(MP_A, 1);
	struct vcpu *b = sp(UP_B, 1);

	(void)state;
	request(1, nwd(1), MP_A);
	request(1, a, UP_B);
	assert_true(interrupt_ns(1));
	respond(1, a);
	assert_int_equal(state_of(b), VCPU_PREEMPTED);
	CALL(1, nwd(1), REQ, FFA_IDS(0xFFFF, 0x8000), 0x80000000, 0x84000002);
	assert_ptr_equal(running(1), a);
	CALL(1, a, YIELD);
	assert_true(got_error(a, FFA_DENIED));
	request(1, a, UP_A);
	assert_true(got_error(a, FFA_DENIED));
	check_run(1, a, context_of(b), FFA_DENIED);
}

/* In a secure interrupt nobody is run but who was called in it, and preempted cannot be. */
static void test_run_in_an_interrupt(void **state)
{
	struct vcpu *v;

	(void)state;
	system_create();
	v = system_boot_into(UP_A, RT_SEC_INTERRUPT);
	for (enum which which = 0; which < SPS; which++) {
		check_run(0, v, context_of(sp(which, 0)), FFA_DENIED);
	}
	request(0, v, UP_B);
	assert_int_equal(mask_of(0), 0);
	assert_false(interrupt_ns(0));
	CALL(0, sp(UP_B, 0), YIELD);
	assert_ptr_equal(running(0), v);
	assert_ptr_equal(run(0, v, sp(UP_B, 0)), sp(UP_B, 0));
	assert_ptr_equal(respond(0, sp(UP_B, 0)), v);
	assert_ptr_equal(CALL(0, v, WAIT), nwd(0));
	assert_true(got_call(nwd(0), 0x8400007C, 0, 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_run_and_wait, fixture_boot),
		cmocka_unit_test(test_wait_and_rx),
		cmocka_unit_test_setup(test_wait_in_a_request, fixture_boot),
		cmocka_unit_test_setup(test_yield_when_run, fixture_boot),
		cmocka_unit_test_setup(test_yield_in_a_request, fixture_boot),
		cmocka_unit_test_setup(test_yield_to_a_vm, fixture_boot),
		cmocka_unit_test(test_yield_in_an_interrupt),
		cmocka_unit_test_setup(test_run_nobody, fixture_boot),
		cmocka_unit_test(test_run_in_every_state),
		cmocka_unit_test_setup(test_run_preempted, fixture_boot),
		cmocka_unit_test_setup(test_run_by_the_requester, fixture_boot),
		cmocka_unit_test_setup(test_run_a_chain, fixture_boot),
		cmocka_unit_test(test_run_from_an_initialisation),
		cmocka_unit_test_setup(test_run_in_cpu_off, fixture_boot),
		cmocka_unit_test(test_run_in_an_interrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
