/* SPDX-License-Identifier: BSD-3-Clause */

/* Direct messages 2: FF-A 1.2 chapter 15.4, 15.5, and what clients expect of them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#define REQ_32 0x8400006Fu
#define RESP_32 0x84000070u
#define RESP_64 0xC4000070u
#define REQ2 0xC400008Du
#define RESP2 0xC400008Eu

#define ALL_METHODS                                                                                \
	(FFA_PROP_DIRECT_RECV | FFA_PROP_DIRECT_SEND | FFA_PROP_DIRECT2_RECV |                     \
	 FFA_PROP_DIRECT2_SEND)

/* The words of the second service; the first one's are the fixture's. */
#define SERVICE_LO(which) (((uint64_t)0xB0 << 32) | (0xA0 + (uint64_t)(which)))
#define SERVICE_HI 0xD0000000C0ul

static void offer(enum which which, uint32_t first, uint32_t second)
{
	struct partition *p = &sys.partitions[which];

	p->services[0].methods = first;
	p->services[1].uuid = (struct ffa_uuid){ { 0xA0 + which, 0xB0, 0xC0, 0xD0 } };
	p->services[1].methods = second;
	p->service_count = 2;
	p->methods = first | second;
}

static void create(void)
{
	system_create();
	for (enum which which = 0; which < SPS; which++) {
		offer(which, ALL_METHODS, ALL_METHODS);
	}
}

static int boot(void **state)
{
	(void)state;
	create();
	system_boot();
	return 0;
}

/* v sends a message 2 with a payload of its own; returns who runs after it. */
static struct vcpu *send2(uint32_t cpu, struct vcpu *v, uint32_t fid, uint32_t ids, uint64_t lo,
			  uint64_t hi, uint64_t payload[14])
{
	static uint64_t fresh = 0x1122334455660000;
	uint64_t x[18] = { fid, ids, lo, hi };

	for (unsigned int i = 0; i < 14; i++) {
		payload[i] = x[4 + i] = fresh++ * 0x9E3779B97F4A7C15;
	}
	return call_18(cpu, v, x);
}

static void check_got2(const struct vcpu *v, uint32_t fid, uint32_t ids, uint64_t lo, uint64_t hi,
		       const uint64_t payload[14])
{
	assert_int_equal(v->arch.x[0], fid);
	assert_int_equal(v->arch.x[1], ids);
	assert_int_equal(v->arch.x[2], lo);
	assert_int_equal(v->arch.x[3], hi);
	assert_memory_equal(&v->arch.x[4], payload, 14 * sizeof(payload[0]));
}

/* From v to p and back, with new words each way. */
static void round_trip(uint32_t cpu, struct vcpu *v, uint16_t as, enum which which, uint64_t lo,
		       uint64_t hi)
{
	struct vcpu *to = sp(which, cpu);
	uint32_t there = FFA_IDS(as, id_of(which));
	uint32_t back = FFA_IDS(id_of(which), as);
	uint64_t payload[14];

	assert_ptr_equal(send2(cpu, v, REQ2, there, lo, hi, payload), to);
	assert_int_equal(model_of(to), RT_DIRECT_REQ);
	check_got2(to, REQ2, there, lo, hi, payload);
	assert_ptr_equal(send2(cpu, to, RESP2, back, 0, 0, payload), v);
	check_got2(v, RESP2, back, 0, 0, payload);
}

static void test_there_and_back(void **state)
{
	(void)state;
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		for (enum which which = 0; which < SPS; which++) {
			uint64_t first_lo = 0x1100000001ul + which;

			round_trip(cpu, nwd(cpu), 0, which, 0, 0);
			round_trip(cpu, nwd(cpu), 0x1234, which, 0, 0); /* one of its VMs */
			round_trip(cpu, nwd(cpu), 0, which, first_lo, 0x3300000022ul);
			round_trip(cpu, nwd(cpu), 0, which, SERVICE_LO(which), SERVICE_HI);
		}
	}
	system_settle();
}

/* The SVE hint, and the upper half of x0 and x1, are not part of a message. */
static void test_around(void **state)
{
	uint64_t x[18] = { 0xFFFFFFFF00010000 | REQ2, 0xFFFFFFFF00000000 | id_of(MP_A) };
	struct vcpu *a = sp(MP_A, 0);

	(void)state;
	assert_ptr_equal(call_18(0, nwd(0), x), a);
	assert_int_equal(a->arch.x[0], REQ2);
	assert_int_equal(a->arch.x[1], id_of(MP_A));
	x[0] = 0xFFFFFFFF00010000 | RESP2;
	x[1] = 0xFFFFFFFF00000000 | FFA_IDS(id_of(MP_A), 0);
	assert_ptr_equal(call_18(0, a, x), nwd(0));
	assert_int_equal(nwd(0)->arch.x[0], RESP2);
	assert_int_equal(nwd(0)->arch.x[1], FFA_IDS(id_of(MP_A), 0));
}

static void test_between_partitions(void **state)
{
	struct vcpu *a = sp(MP_A, 1);

	(void)state;
	CALL(1, nwd(1), REQ_32, id_of(MP_A));
	round_trip(1, a, id_of(MP_A), UP_B, 0, 0);
	round_trip(1, a, id_of(MP_A), MP_B, SERVICE_LO(MP_B), SERVICE_HI);
	system_settle();
}

/* A request of each kind within one of the other; each is answered in its own. */
static void test_kinds_in_a_chain(void **state)
{
	uint64_t payload[14];

	(void)state;
	send2(0, nwd(0), REQ2, id_of(MP_A), 0, 0, payload);
	CALL(0, sp(MP_A, 0), REQ_32, FFA_IDS(id_of(MP_A), id_of(UP_A)), 0, 7);
	round_trip(0, sp(UP_A, 0), id_of(UP_A), MP_B, 0, 0);
	assert_ptr_equal(CALL(0, sp(UP_A, 0), RESP_32, FFA_IDS(id_of(UP_A), id_of(MP_A)), 0, 8),
			 sp(MP_A, 0));
	assert_true(got_call(sp(MP_A, 0), RESP_32, FFA_IDS(id_of(UP_A), id_of(MP_A)), 0, 8));
	assert_ptr_equal(send2(0, sp(MP_A, 0), RESP2, FFA_IDS(id_of(MP_A), 0), 0, 0, payload),
			 nwd(0));
	check_got2(nwd(0), RESP2, FFA_IDS(id_of(MP_A), 0), 0, 0, payload);
	system_settle();
}

/* --- Refused --------------------------------------------------------------------------------- */

/* Nothing but the caller's own x0-x7 changes. */
static void check_refused(uint32_t cpu, struct vcpu *v, uint32_t fid, uint32_t ids, uint64_t lo,
			  uint64_t hi, enum ffa_status status)
{
	uint64_t payload[14];

	snapshot_take();
	assert_ptr_equal(send2(cpu, v, fid, ids, lo, hi, payload), v);
	assert_true(got_error(v, status));
	assert_memory_equal(&v->arch.x[8], &payload[4], 10 * sizeof(payload[0]));
	assert_true(snapshot_same(v));
}

static void check_bad_requests(uint32_t cpu, struct vcpu *v)
{
	uint16_t self = v->endpoint->id;
	uint16_t other = id_of(MP_B);
	const uint32_t bad_ids[] = {
		FFA_IDS(self, self),    FFA_IDS(self, 0x8005),       FFA_IDS(self, FFA_ID_SPMC),
		FFA_IDS(self, 0),       FFA_IDS(self, 0x1234),       FFA_IDS(self, FFA_ID_SPMD),
		FFA_IDS(other, other),  FFA_IDS(0x8005, other),      FFA_IDS(FFA_ID_SPMC, other),
		FFA_IDS(0xFFC0, other), FFA_IDS(FFA_ID_SPMD, other),
	};

	for (size_t i = 0; i < NUMBER_OF(bad_ids); i++) {
		check_refused(cpu, v, REQ2, bad_ids[i], 0, 0, FFA_INVALID_PARAMETERS);
	}
	/* Each bit of the UUID counts; a service of another partition is none of this one. */
	for (unsigned int bit = 0; bit < 64; bit++) {
		check_refused(cpu, v, REQ2, FFA_IDS(self, other), SERVICE_LO(MP_B) ^ 1ul << bit,
			      SERVICE_HI, FFA_INVALID_PARAMETERS);
		check_refused(cpu, v, REQ2, FFA_IDS(self, other), SERVICE_LO(MP_B),
			      SERVICE_HI ^ 1ul << bit, FFA_INVALID_PARAMETERS);
	}
	check_refused(cpu, v, REQ2, FFA_IDS(self, other), SERVICE_LO(UP_B), SERVICE_HI,
		      FFA_INVALID_PARAMETERS);
}

static void test_bad_requests(void **state)
{
	(void)state;
	check_bad_requests(2, nwd(2));
	CALL(2, nwd(2), REQ_32, id_of(MP_A));
	check_refused(2, sp(MP_A, 2), REQ2, FFA_IDS(0, id_of(MP_B)), 0, 0, FFA_INVALID_PARAMETERS);
	check_bad_requests(2, sp(MP_A, 2));
	system_settle();
}

/* An SP may not take what it is not asked for, nor ask what it may not: service by service. */
static void test_methods(void **state)
{
	const uint64_t first_lo = 0x1100000001ul + MP_B, first_hi = 0x3300000022ul;
	const uint32_t to_b = FFA_IDS(0, id_of(MP_B));
	uint32_t ids;

	(void)state;
	create();
	offer(MP_B, FFA_PROP_DIRECT2_RECV | FFA_PROP_DIRECT_SEND, FFA_PROP_DIRECT_RECV);
	offer(UP_A, ALL_METHODS & ~FFA_PROP_DIRECT2_RECV, FFA_PROP_DIRECT_RECV);
	offer(MP_A, ALL_METHODS & ~FFA_PROP_DIRECT2_SEND, FFA_PROP_DIRECT_RECV);
	offer(UP_B, ALL_METHODS & ~FFA_PROP_DIRECT_SEND, FFA_PROP_DIRECT_RECV);
	system_boot();
	round_trip(0, nwd(0), 0, MP_B, 0, 0);
	round_trip(0, nwd(0), 0, MP_B, first_lo, first_hi);
	check_refused(0, nwd(0), REQ2, to_b, SERVICE_LO(MP_B), SERVICE_HI, FFA_DENIED);
	check_refused(0, nwd(0), REQ2, id_of(UP_A), 0, 0, FFA_DENIED);
	check_refused(0, nwd(0), REQ2, id_of(UP_A), SERVICE_LO(UP_A), SERVICE_HI, FFA_DENIED);
	/* Bit 1 does not stand in for bit 10. */
	CALL(0, nwd(0), REQ_32, id_of(MP_A));
	ids = FFA_IDS(id_of(MP_A), id_of(MP_B));
	check_refused(0, sp(MP_A, 0), REQ2, ids, 0, 0, FFA_DENIED);
	CALL(0, sp(MP_A, 0), RESP_32, FFA_IDS(id_of(MP_A), 0));
	/* Nor bit 10 for bit 1. */
	CALL(0, nwd(0), REQ_32, id_of(UP_B));
	round_trip(0, sp(UP_B, 0), id_of(UP_B), MP_B, 0, 0);
	CALL(0, sp(UP_B, 0), REQ_32, FFA_IDS(id_of(UP_B), id_of(MP_A)));
	assert_true(got_error(sp(UP_B, 0), FFA_DENIED));
	system_settle();
}

/* Both must speak 1.2: the caller's row is closed, a receiver without it is DENIED. */
static void test_versions(void **state)
{
	uint64_t payload[14];

	(void)state;
	for (unsigned int minor = 0; minor < 2; minor++) {
		create();
		sys.partitions[MP_B].ffa_version = FFA_VERSION(1, minor);
		system_boot();
		check_refused(0, nwd(0), REQ2, id_of(MP_B), 0, 0, FFA_DENIED);
		check_refused(0, nwd(0), REQ2, id_of(MP_B), SERVICE_LO(MP_B), SERVICE_HI,
			      FFA_DENIED);
		CALL(0, nwd(0), REQ_32, id_of(MP_B));
		check_refused(0, sp(MP_B, 0), REQ2, FFA_IDS(id_of(MP_B), id_of(MP_A)), 0, 0,
			      FFA_NOT_SUPPORTED);
		check_refused(0, sp(MP_B, 0), RESP2, FFA_IDS(id_of(MP_B), 0), 0, 0,
			      FFA_NOT_SUPPORTED);
		system_settle();

		create();
		system_boot();
		CALL(0, nwd(0), FFA_VERSION_32, FFA_VERSION(1, minor));
		snapshot_take();
		assert_ptr_equal(send2(0, nwd(0), REQ2, id_of(MP_B), 0, 0, payload), nwd(0));
		assert_true(got_error(nwd(0), FFA_NOT_SUPPORTED));
		assert_true(snapshot_same(nwd(0)));
	}
}

static void test_busy(void **state)
{
	uint64_t payload[14];

	(void)state;
	/* On another CPU; in the caller's own chain; yielded. */
	send2(0, nwd(0), REQ2, id_of(UP_A), 0, 0, payload);
	check_refused(1, nwd(1), REQ2, id_of(UP_A), 0, 0, FFA_BUSY);
	send2(0, sp(UP_A, 0), REQ2, FFA_IDS(id_of(UP_A), id_of(MP_A)), 0, 0, payload);
	check_refused(0, sp(MP_A, 0), REQ2, FFA_IDS(id_of(MP_A), id_of(UP_A)), 0, 0, FFA_BUSY);
	CALL(0, sp(MP_A, 0), FFA_YIELD_32);
	check_refused(0, sp(UP_A, 0), REQ2, FFA_IDS(id_of(UP_A), id_of(MP_A)), 0, 0, FFA_BUSY);
	system_settle();
}

static void test_aborted(void **state)
{
	uint64_t payload[14];

	(void)state;
	assert_ptr_equal(send2(0, nwd(0), REQ2, id_of(UP_A), 0, 0, payload), sp(UP_A, 0));
	assert_ptr_equal(serror(0), nwd(0));
	assert_true(got_error(nwd(0), FFA_ABORTED));
	assert_memory_equal(&nwd(0)->arch.x[8], &payload[4], 10 * sizeof(payload[0]));
	check_refused(0, nwd(0), REQ2, id_of(UP_A), 0, 0, FFA_ABORTED);
	system_settle();
}

static void test_bad_responses(void **state)
{
	uint16_t a = id_of(MP_A);
	struct vcpu *v = sp(MP_A, 0);
	uint64_t payload[14];

	(void)state;
	send2(0, nwd(0), REQ2, FFA_IDS(0x1234, a), 0, 0, payload);
	check_refused(0, v, RESP2, FFA_IDS(a, 0), 0, 0, FFA_INVALID_PARAMETERS);
	check_refused(0, v, RESP2, FFA_IDS(a, id_of(MP_B)), 0, 0, FFA_INVALID_PARAMETERS);
	check_refused(0, v, RESP2, FFA_IDS(a, a), 0, 0, FFA_INVALID_PARAMETERS);
	check_refused(0, v, RESP2, FFA_IDS(id_of(MP_B), 0x1234), 0, 0, FFA_INVALID_PARAMETERS);
	for (unsigned int bit = 0; bit < 64; bit++) {
		check_refused(0, v, RESP2, FFA_IDS(a, 0x1234), 1ul << bit, 0,
			      FFA_INVALID_PARAMETERS);
		check_refused(0, v, RESP2, FFA_IDS(a, 0x1234), 0, 1ul << bit,
			      FFA_INVALID_PARAMETERS);
	}
	/* Not by the other kind, nor as if it had been CPU_OFF. */
	check_refused(0, v, RESP_32, FFA_IDS(a, 0x1234), 0, 0, FFA_DENIED);
	check_refused(0, v, RESP_64, FFA_IDS(a, 0x1234), 0, 0, FFA_DENIED);
	check_refused(0, v, RESP_32, FFA_IDS(a, 0x1234), FFA_MSG_FRAMEWORK | FFA_FW_PSCI_RESP, 0,
		      FFA_DENIED);
	CALL(0, v, FFA_MSG_WAIT_32);
	assert_true(got_error(v, FFA_DENIED));
	assert_ptr_equal(send2(0, v, RESP2, FFA_IDS(a, 0x1234), 0, 0, payload), nwd(0));

	CALL(0, nwd(0), REQ_32, a);
	check_refused(0, v, RESP2, FFA_IDS(a, 0), 0, 0, FFA_DENIED);
	CALL(0, v, RESP_32, FFA_IDS(a, 0));
	/* Without a request. */
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(a, 0));
	check_refused(0, v, RESP2, FFA_IDS(a, 0), 0, 0, FFA_DENIED);
	system_settle();
	check_refused(0, nwd(0), RESP2, FFA_IDS(0, a), 0, 0, FFA_NOT_SUPPORTED);
}

/* CPU_OFF ends with its own answer, and sends no messages before. */
static void test_cpu_off(void **state)
{
	struct vcpu *v;
	uint16_t self;

	(void)state;
	CALL(3, nwd(3), REQ_32, FFA_IDS(FFA_ID_SPMD, FFA_ID_SPMC),
	     FFA_MSG_FRAMEWORK | FFA_FW_PSCI_REQ, PSCI_CPU_OFF_32);
	v = running(3);
	self = v->endpoint->id;
	assert_ptr_not_equal(v, nwd(3));
	check_refused(3, v, REQ2, FFA_IDS(self, id_of(UP_A)), 0, 0, FFA_DENIED);
	check_refused(3, v, RESP2, FFA_IDS(self, FFA_ID_SPMC), 0, 0, FFA_DENIED);
	finish_work(3);
}

/* --- Interrupted ------------------------------------------------------------------------------ */

/* What comes in between has nothing of the message; the response comes when it is run again. */
static void test_preempted(void **state)
{
	struct vcpu *v = sp(UP_B, 1);
	uint64_t sent[14], payload[14];

	(void)state;
	send2(1, nwd(1), REQ2, id_of(UP_B), 0, 0, sent);
	assert_true(interrupt_ns(1));
	assert_true(got_call(nwd(1), FFA_INTERRUPT_32, FFA_CTX(id_of(UP_B), 0), 0, 0));
	assert_memory_equal(&nwd(1)->arch.x[8], &sent[4], 10 * sizeof(sent[0]));
	assert_ptr_equal(CALL(1, nwd(1), FFA_RUN_32, FFA_CTX(id_of(UP_B), 0)), v);
	CALL(1, v, FFA_YIELD_32, 0, 5, 6);
	assert_true(got_call(nwd(1), FFA_YIELD_32, FFA_CTX(id_of(UP_B), 0), 5, 6));
	/* On another CPU: it has one vCPU. */
	assert_ptr_equal(CALL(2, nwd(2), FFA_RUN_32, FFA_CTX(id_of(UP_B), 0)), v);
	assert_true(got_success(v, 0, 0));
	assert_ptr_equal(send2(2, v, RESP2, FFA_IDS(id_of(UP_B), 0), 0, 0, payload), nwd(2));
	check_got2(nwd(2), RESP2, FFA_IDS(id_of(UP_B), 0), 0, 0, payload);
	system_settle();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_there_and_back, boot),
		cmocka_unit_test_setup(test_around, boot),
		cmocka_unit_test_setup(test_between_partitions, boot),
		cmocka_unit_test_setup(test_kinds_in_a_chain, boot),
		cmocka_unit_test_setup(test_bad_requests, boot),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_versions),
		cmocka_unit_test_setup(test_busy, boot),
		cmocka_unit_test_setup(test_aborted, boot),
		cmocka_unit_test_setup(test_bad_responses, boot),
		cmocka_unit_test_setup(test_cpu_off, boot),
		cmocka_unit_test_setup(test_preempted, boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
