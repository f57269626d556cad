/* SPDX-License-Identifier: BSD-3-Clause */

/* Direct messages: FF-A 1.2 chapter 15, and what clients expect of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#define REQ_32 0x8400006Fu
#define REQ_64 0xC400006Fu
#define RESP_32 0x84000070u
#define RESP_64 0xC4000070u

#define FROM_TO(from, to) ((uint32_t)(from) << 16 | (to))
#define JUNK 0xFFFFFFFF00000000ul

static struct vcpu *request(uint32_t cpu, struct vcpu *from, enum which to)
{
	return CALL(cpu, from, REQ_32, FROM_TO(from->endpoint->id, id_of(to)));
}

static struct vcpu *respond(uint32_t cpu, struct vcpu *from, uint16_t to)
{
	return CALL(cpu, from, RESP_32, FROM_TO(from->endpoint->id, to));
}

/* --- What is in a message --------------------------------------------------------------------- */

static void check_message(const struct vcpu *v, uint32_t fid, uint32_t ids, const uint64_t *x)
{
	uint64_t mask = (fid & 0x40000000) != 0 ? UINT64_MAX : UINT32_MAX;

	assert_int_equal(v->arch.x[0], fid);
	assert_int_equal(v->arch.x[1], ids);
	assert_int_equal(v->arch.x[2], 0);
	for (unsigned int i = 3; i < 8; i++) {
		assert_int_equal(v->arch.x[i], x[i] & mask);
	}
}

/*
 * There and back in all widths (an answer may be of another width), with and without the SVE hint.
 */
static void converse(struct vcpu *from, enum which to)
{
	static const uint32_t requests[] = { REQ_32, REQ_64 };
	static const uint32_t responses[] = { RESP_32, RESP_64 };
	const uint64_t x[8] = { 0, 0, 0, 0x3333333344444444, 1ul << 63, 5, UINT64_MAX, 0x777 };
	const uint64_t y[8] = { 0, 0, 0, ~x[3], ~x[4], ~x[5], ~x[6], ~x[7] };
	uint32_t there = FROM_TO(from->endpoint->id, id_of(to));
	uint32_t back = FROM_TO(id_of(to), from->endpoint->id);
	struct vcpu *v = sp(to, 0);

	for (unsigned int i = 0; i < 8; i++) {
		uint32_t request_fid = requests[i & 1];
		uint32_t response_fid = responses[i >> 1 & 1];
		uint64_t hint = JUNK | (i >> 2) * 0x10000ul;

		assert_ptr_equal(CALL(0, from, hint | request_fid, JUNK | there, JUNK, x[3], x[4],
				      x[5], x[6], x[7]),
				 v);
		check_message(v, request_fid, there, x);
		assert_ptr_equal(CALL(0, v, hint | response_fid, JUNK | back, JUNK, y[3], y[4],
				      y[5], y[6], y[7]),
				 from);
		check_message(from, response_fid, back, y);
	}
}

static void test_payload(void **state)
{
	(void)state;
	for (enum which to = 0; to < SPS; to++) {
		converse(nwd(0), to);
	}
	for (enum which from = 0; from < SPS; from++) {
		CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(from), 0));
		for (enum which to = 0; to < SPS; to++) {
			if (to != from) {
				converse(sp(from, 0), to);
			}
		}
		CALL(0, sp(from, 0), FFA_MSG_WAIT_32);
	}
	system_settle();
}

/* --- Who may write to whom -------------------------------------------------------------------- */

static void check_request(struct vcpu *v, uint32_t ids, uint32_t w2, enum ffa_status status)
{
	uint32_t cpu = vcpu_word_cpu(vcpu_peek(v));

	snapshot_take();
	assert_ptr_equal(CALL(cpu, v, REQ_32, ids, w2, 3, 4, 5, 6, 7), v);
	assert_true(got_error(v, status));
	assert_true(snapshot_same(v));
	assert_ptr_equal(CALL(cpu, v, REQ_64, ids, w2, 3, 4, 5, 6, 7), v);
	assert_true(got_error(v, status));
	assert_true(snapshot_same(v));
}

static const uint16_t nobody[] = { 0, 1, 0x7FFF, 0x8000, 0x8005, 0x8006, 0xFFC0, 0xFFFE, 0xFFFF };

static void test_ids_of_a_request(void **state)
{
	struct vcpu *a = sp(MP_A, 0);

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(nobody); i++) {
		check_request(nwd(0), FROM_TO(0, nobody[i]), 0, FFA_INVALID_PARAMETERS);
		if ((nobody[i] & 0x8000) != 0) {
			check_request(nwd(0), FROM_TO(nobody[i], id_of(UP_A)), 0,
				      FFA_INVALID_PARAMETERS);
		}
	}
	check_request(nwd(0), FROM_TO(id_of(MP_A), id_of(UP_A)), 0, FFA_INVALID_PARAMETERS);
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(MP_A), 0));
	for (size_t i = 0; i < NUMBER_OF(nobody); i++) {
		check_request(a, FROM_TO(id_of(MP_A), nobody[i]), 0, FFA_INVALID_PARAMETERS);
		check_request(a, FROM_TO(nobody[i], id_of(UP_A)), 0, FFA_INVALID_PARAMETERS);
	}
	check_request(a, FROM_TO(id_of(UP_B), id_of(UP_A)), 0, FFA_INVALID_PARAMETERS);
	check_request(a, FROM_TO(id_of(MP_A), id_of(MP_A)), 0, FFA_INVALID_PARAMETERS);
}

/* w2 is zero in a partition message; an SP cannot send framework messages. */
static void test_w2_of_a_request(void **state)
{
	struct vcpu *a = sp(MP_A, 0);

	(void)state;
	for (unsigned int bit = 0; bit < 32; bit++) {
		check_request(nwd(0), FROM_TO(0, id_of(UP_A)), 1u << bit, FFA_INVALID_PARAMETERS);
	}
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(MP_A), 0));
	for (unsigned int bit = 0; bit < 32; bit++) {
		check_request(a, FROM_TO(id_of(MP_A), id_of(UP_A)), 1u << bit,
			      FFA_INVALID_PARAMETERS);
	}
	check_request(a, FROM_TO(id_of(MP_A), 0x8000), 0x80000000, FFA_INVALID_PARAMETERS);
}

/*
 * The virtual machines of a hypervisor write under ids of their own, and are answered under them.
 */
static void test_vm_ids(void **state)
{
	struct vcpu *a = sp(UP_A, 0);

	(void)state;
	for (uint32_t vm = 0; vm < 0x8000; vm += 0x7FF) {
		assert_ptr_equal(CALL(0, nwd(0), REQ_32, FROM_TO(vm, id_of(UP_A))), a);
		assert_int_equal(got(a, 1), FROM_TO(vm, id_of(UP_A)));
		snapshot_take();
		assert_ptr_equal(respond(0, a, (uint16_t)(vm ^ 1)), a);
		assert_true(got_error(a, FFA_INVALID_PARAMETERS));
		assert_true(snapshot_same(a));
		assert_ptr_equal(respond(0, a, (uint16_t)vm), nwd(0));
		assert_int_equal(got(nwd(0), 1), FROM_TO(id_of(UP_A), vm));
	}
}

static void test_methods(void **state)
{
	struct partition *a = &sys.partitions[MP_A];
	struct partition *b = &sys.partitions[UP_B];
	uint32_t ids = FROM_TO(id_of(MP_A), id_of(UP_B));

	(void)state;
	b->methods = FFA_PROP_DIRECT_SEND;
	check_request(nwd(0), FROM_TO(0, id_of(UP_B)), 0, FFA_DENIED);
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(MP_A), 0));
	check_request(sp(MP_A, 0), ids, 0, FFA_DENIED);
	b->methods = FFA_PROP_DIRECT_RECV;
	a->methods = FFA_PROP_DIRECT_RECV;
	check_request(sp(MP_A, 0), ids, 0, FFA_DENIED);
	a->methods = FFA_PROP_DIRECT_SEND;
	assert_ptr_equal(CALL(0, sp(MP_A, 0), REQ_32, ids), sp(UP_B, 0));
}

/* --- What the receiver is doing --------------------------------------------------------------- */

/* Only who waits gets a message; who is dead will never. */
static void test_states_of_the_receiver(void **state)
{
	(void)state;
	for (enum vcpu_state s = 0; s < VCPU_STATE_COUNT; s++) {
		if (s == VCPU_WAITING || s == VCPU_ABORTED) {
			continue;
		}
		fixture_boot(state);
		bring_to(UP_A, 3, s);
		check_request(nwd(0), FROM_TO(0, id_of(UP_A)), 0, FFA_BUSY);
		request(1, nwd(1), UP_B);
		check_request(sp(UP_B, 1), FROM_TO(id_of(UP_B), id_of(UP_A)), 0, FFA_BUSY);
	}
}

static void test_dead_receiver(void **state)
{
	struct vcpu *b = sp(UP_B, 0);

	(void)state;
	request(1, nwd(1), UP_A);
	serror(1);
	check_request(nwd(0), FROM_TO(0, id_of(UP_A)), 0, FFA_ABORTED);
	request(0, nwd(0), UP_B);
	check_request(b, FROM_TO(id_of(UP_B), id_of(UP_A)), 0, FFA_ABORTED);
	/* So is each vCPU of an MP partition of which one has died. */
	request(1, nwd(1), MP_A);
	serror(1);
	assert_ptr_equal(request(0, b, MP_A), b);
	assert_true(got_error(b, FFA_ABORTED));
	system_settle();
}

/* Who is not yet initialised is busy; the others can be reached from an initialisation. */
static void test_from_an_initialisation(void **state)
{
	struct vcpu *first = sp(MP_A, 0);
	struct vcpu *second = sp(UP_A, 0);

	(void)state;
	system_create();
	system_start();
	assert_ptr_equal(running(0), first);
	check_request(first, FROM_TO(id_of(MP_A), id_of(UP_A)), 0, FFA_BUSY);
	initialise(0);
	assert_ptr_equal(running(0), second);
	assert_ptr_equal(request(0, second, MP_A), first);
	assert_ptr_equal(respond(0, first, id_of(UP_A)), second);
	assert_int_equal(model_of(second), RT_INIT);
	initialise(0);
	assert_ptr_equal(running(0), sp(MP_B, 0));
}

/* --- Chains ---------------------------------------------------------------------------------- */

static void test_chain(void **state)
{
	static const enum which chain[] = { UP_A, MP_A, UP_B, MP_B };
	struct vcpu *from = nwd(2);

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(chain); i++) {
		struct vcpu *v = sp(chain[i], 2);

		assert_ptr_equal(request(2, from, chain[i]), v);
		assert_int_equal(state_of(from), VCPU_BLOCKED);
		/* None of those who wait can be reached, here or from another CPU. */
		for (size_t k = 0; k < i; k++) {
			assert_ptr_equal(request(2, v, chain[k]), v);
			assert_true(got_error(v, FFA_BUSY));
		}
		assert_ptr_equal(request(3, nwd(3), UP_A), nwd(3));
		assert_true(got_error(nwd(3), FFA_BUSY));
		from = v;
	}
	for (size_t i = NUMBER_OF(chain); i-- > 0;) {
		struct vcpu *v = sp(chain[i], 2);
		struct vcpu *to = i == 0 ? nwd(2) : sp(chain[i - 1], 2);

		assert_ptr_equal(respond(2, v, to->endpoint->id), to);
		assert_int_equal(got(to, 0), RESP_32);
		assert_int_equal(state_of(v), VCPU_WAITING);
	}
	system_settle();
}

/* A UP partition goes where it is wanted; an MP one is everywhere at once. */
static void test_on_all_cpus(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 64; i++) {
		uint32_t cpu = i * 7 / 3 % CPUS;

		assert_ptr_equal(request(cpu, nwd(cpu), UP_A), sp(UP_A, cpu));
		for (uint32_t other = 0; other < CPUS; other++) {
			if (other != cpu) {
				request(other, nwd(other), UP_A);
				assert_true(got_error(nwd(other), FFA_BUSY));
			}
		}
		assert_ptr_equal(respond(cpu, sp(UP_A, cpu), 0), nwd(cpu));
	}
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		assert_ptr_equal(request(cpu, nwd(cpu), MP_A), sp(MP_A, cpu));
	}
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		assert_ptr_equal(respond(cpu, sp(MP_A, cpu), 0), nwd(cpu));
	}
}

/* --- Responses ------------------------------------------------------------------------------- */

static void check_response(struct vcpu *v, uint32_t ids, uint32_t w2, enum ffa_status status)
{
	static const uint32_t fids[] = { RESP_32, RESP_64 };

	for (unsigned int i = 0; i < NUMBER_OF(fids); i++) {
		snapshot_take();
		assert_ptr_equal(CALL(0, v, fids[i], ids, w2, 3, 4, 5, 6, 7), v);
		assert_true(got_error(v, status));
		assert_true(snapshot_same(v));
	}
}

static void test_wrong_responses(void **state)
{
	struct vcpu *v = sp(UP_A, 0);
	uint16_t self = id_of(UP_A);

	(void)state;
	request(0, nwd(0), UP_A);
	for (size_t i = 0; i < NUMBER_OF(nobody); i++) {
		check_response(v, FROM_TO(nobody[i], 0), 0, FFA_INVALID_PARAMETERS);
		if (nobody[i] != 0) {
			check_response(v, FROM_TO(self, nobody[i]), 0, FFA_INVALID_PARAMETERS);
		}
	}
	check_response(v, FROM_TO(self, id_of(MP_A)), 0, FFA_INVALID_PARAMETERS);
	check_response(v, FROM_TO(self, self), 0, FFA_INVALID_PARAMETERS);
	for (unsigned int bit = 0; bit < 32; bit++) {
		check_response(v, FROM_TO(self, 0), 1u << bit, FFA_INVALID_PARAMETERS);
	}
	/* It may try again. */
	assert_ptr_equal(respond(0, v, 0), nwd(0));
}

/* Nobody has asked. */
static void test_responses_to_nothing(void **state)
{
	static const enum runtime_model models[] = { RT_INIT, RT_RUN, RT_SEC_INTERRUPT };

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(models); i++) {
		struct vcpu *v;

		system_create();
		v = system_boot_into(UP_A, models[i]);
		check_response(v, FROM_TO(id_of(UP_A), 0), 0, FFA_DENIED);
		check_response(v, FROM_TO(id_of(UP_A), id_of(MP_A)), 0, FFA_DENIED);
		check_response(v, FROM_TO(id_of(MP_A), id_of(UP_A)), 0, FFA_INVALID_PARAMETERS);
	}
	system_settle();
	check_response(nwd(0), FROM_TO(0, id_of(UP_A)), 0, FFA_NOT_SUPPORTED);
}

/* Once answered, a request is over. */
static void test_one_response(void **state)
{
	struct vcpu *a = sp(UP_A, 0);
	struct vcpu *b = sp(UP_B, 0);

	(void)state;
	request(0, nwd(0), UP_A);
	request(0, a, UP_B);
	respond(0, b, id_of(UP_A));
	respond(0, a, 0);
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0));
	check_response(a, FROM_TO(id_of(UP_A), 0), 0, FFA_DENIED);
	check_response(a, FROM_TO(id_of(UP_A), id_of(UP_B)), 0, FFA_DENIED);
	system_settle();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_payload, fixture_boot),
		cmocka_unit_test_setup(test_ids_of_a_request, fixture_boot),
		cmocka_unit_test_setup(test_w2_of_a_request, fixture_boot),
		cmocka_unit_test_setup(test_vm_ids, fixture_boot),
		cmocka_unit_test_setup(test_methods, fixture_boot),
		cmocka_unit_test_setup(test_states_of_the_receiver, fixture_boot),
		cmocka_unit_test_setup(test_dead_receiver, fixture_boot),
		cmocka_unit_test(test_from_an_initialisation),
		cmocka_unit_test_setup(test_chain, fixture_boot),
		cmocka_unit_test_setup(test_on_all_cpus, fixture_boot),
		cmocka_unit_test_setup(test_wrong_responses, fixture_boot),
		cmocka_unit_test(test_responses_to_nothing),
		cmocka_unit_test_setup(test_one_response, fixture_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
