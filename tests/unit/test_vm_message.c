/* SPDX-License-Identifier: BSD-3-Clause */

/* A hypervisor tells SPs of its VMs: FF-A 1.2 chapter 18.4. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#define REQ_32 0x8400006Fu
#define REQ_64 0xC400006Fu
#define RESP_32 0x84000070u
#define FRAMEWORK 0x80000000u
#define CREATED 4u
#define DESTROYED 6u
#define A_VM 0x1234u

/* MP_A wants to hear of both, MP_B of created ones, UP_A of destroyed ones, UP_B of none. */
static int setup(void **state)
{
	(void)state;
	system_create();
	sys.partitions[MP_A].vm_messages = 3;
	sys.partitions[MP_B].vm_messages = 1;
	sys.partitions[UP_A].vm_messages = 2;
	system_boot();
	return 0;
}

static void refused(uint32_t fid, uint32_t ids, uint32_t w2, uint32_t vm, enum ffa_status status)
{
	snapshot_take();
	assert_ptr_equal(CALL(0, nwd(0), fid, ids, w2, 1, 2, vm), nwd(0));
	assert_true(got_error(nwd(0), status));
	assert_true(snapshot_same(nwd(0)));
}

static void sp_refused(struct vcpu *v, uint32_t fid, uint32_t ids, uint32_t w2)
{
	snapshot_take();
	assert_ptr_equal(CALL(0, v, fid, ids, w2), v);
	assert_true(got_error(v, FFA_DENIED));
	assert_true(snapshot_same(v));
}

static void told(enum which which, uint32_t type, uint32_t status)
{
	struct vcpu *v = sp(which, 0);
	uint32_t back = (uint32_t)id_of(which) << 16;
	const uint64_t expected[8] = { REQ_32, id_of(which), FRAMEWORK | type, 1, 2, A_VM, 0, 0 };

	assert_ptr_equal(CALL(0, nwd(0), REQ_32, id_of(which), FRAMEWORK | type, 1, 2, A_VM), v);
	assert_int_equal(model_of(v), RT_DIRECT_REQ);
	assert_memory_equal(v->arch.x, expected, sizeof(expected));
	/* By nothing else than its own response. */
	sp_refused(v, RESP_32, back, 0);
	sp_refused(v, RESP_32, back, FRAMEWORK | type);
	sp_refused(v, RESP_32, back, FRAMEWORK | (type ^ 2) | 1);
	sp_refused(v, RESP_32, back, FRAMEWORK | FFA_FW_PSCI_RESP);
	sp_refused(v, FFA_MSG_SEND_DIRECT_RESP2_64, back, 0);
	sp_refused(v, FFA_MSG_WAIT_32, 0, 0);
	assert_ptr_equal(CALL(0, v, RESP_32, back, FRAMEWORK | (type + 1), status, 7, 7, 7, 7),
			 nwd(0));
	assert_true(got_call(nwd(0), RESP_32, back, FRAMEWORK | (type + 1), status));
}

static void test_told(void **state)
{
	(void)state;
	for (int32_t status = -7; status <= 0; status++) {
		told(MP_A, CREATED, (uint32_t)status);
		told(MP_A, DESTROYED, (uint32_t)status);
		told(MP_B, CREATED, (uint32_t)status);
		told(UP_A, DESTROYED, (uint32_t)status);
	}
	system_settle();
}

static void test_not_asked_for(void **state)
{
	(void)state;
	refused(REQ_32, id_of(MP_B), FRAMEWORK | DESTROYED, A_VM, FFA_INVALID_PARAMETERS);
	refused(REQ_32, id_of(UP_A), FRAMEWORK | CREATED, A_VM, FFA_INVALID_PARAMETERS);
	refused(REQ_32, id_of(UP_B), FRAMEWORK | CREATED, A_VM, FFA_INVALID_PARAMETERS);
	refused(REQ_32, id_of(UP_B), FRAMEWORK | DESTROYED, A_VM, FFA_INVALID_PARAMETERS);
	sys.partitions[MP_A].methods &= ~FFA_PROP_DIRECT_RECV;
	refused(REQ_32, id_of(MP_A), FRAMEWORK | CREATED, A_VM, FFA_INVALID_PARAMETERS);
}

static void test_wrong(void **state)
{
	static const uint16_t bad[] = { 0, 0x8005, FFA_ID_SPMC, FFA_ID_SPMD, A_VM };
	static const uint16_t no_vms[] = { 0, 0x8000, 0x8003, 0xFFFF };

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(bad); i++) {
		refused(REQ_32, bad[i], FRAMEWORK | CREATED, A_VM, FFA_INVALID_PARAMETERS);
	}
	/* Who speaks is the hypervisor, not a VM or somebody in the secure world. */
	refused(REQ_32, FFA_IDS(A_VM, id_of(MP_A)), FRAMEWORK | CREATED, A_VM,
		FFA_INVALID_PARAMETERS);
	refused(REQ_32, FFA_IDS(FFA_ID_SPMD, id_of(MP_A)), FRAMEWORK | CREATED, A_VM,
		FFA_INVALID_PARAMETERS);
	for (size_t i = 0; i < NUMBER_OF(no_vms); i++) {
		refused(REQ_32, id_of(MP_A), FRAMEWORK | CREATED, no_vms[i],
			FFA_INVALID_PARAMETERS);
	}
	refused(REQ_64, id_of(MP_A), FRAMEWORK | CREATED, A_VM, FFA_INVALID_PARAMETERS);
	for (uint32_t type = 0; type < 0x200; type++) {
		if (type != CREATED && type != DESTROYED) {
			refused(REQ_32, id_of(MP_A), FRAMEWORK | type, A_VM,
				FFA_INVALID_PARAMETERS);
		}
	}
	for (unsigned int bit = 8; bit < 31; bit++) {
		refused(REQ_32, id_of(MP_A), FRAMEWORK | CREATED | 1u << bit, A_VM,
			FFA_INVALID_PARAMETERS);
	}
}

/* As any other direct request: BUSY, ABORTED, preempted, yielding, calling others. */
static void test_as_a_request(void **state)
{
	struct vcpu *v = sp(UP_A, 0);
	uint32_t back = (uint32_t)id_of(UP_A) << 16;

	(void)state;
	CALL(1, nwd(1), REQ_32, id_of(UP_A));
	refused(REQ_32, id_of(UP_A), FRAMEWORK | DESTROYED, A_VM, FFA_BUSY);
	CALL(1, v, RESP_32, back);
	CALL(0, nwd(0), REQ_32, id_of(UP_A), FRAMEWORK | DESTROYED, 0, 0, A_VM);
	assert_true(interrupt_ns(0));
	assert_true(got_call(nwd(0), FFA_INTERRUPT_32, FFA_CTX(id_of(UP_A), 0), 0, 0));
	assert_ptr_equal(CALL(2, nwd(2), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0)), v);
	CALL(2, v, REQ_32, FFA_IDS(id_of(UP_A), id_of(MP_B)));
	CALL(2, sp(MP_B, 2), RESP_32, FFA_IDS(id_of(MP_B), id_of(UP_A)));
	assert_ptr_equal(CALL(2, v, FFA_YIELD_32), nwd(2));
	CALL(2, nwd(2), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0));
	assert_ptr_equal(CALL(2, v, RESP_32, back, FRAMEWORK | (DESTROYED + 1)), nwd(2));
	assert_true(got_call(nwd(2), RESP_32, back, FRAMEWORK | (DESTROYED + 1), 0));
	/* An ordinary request is not answered as if it were one. */
	CALL(0, nwd(0), REQ_32, id_of(UP_A));
	sp_refused(v, FFA_MSG_SEND_DIRECT_RESP2_64, back, 0);
	snapshot_take();
	CALL(0, v, RESP_32, back, FRAMEWORK | (DESTROYED + 1));
	assert_true(got_error(v, FFA_INVALID_PARAMETERS));
	assert_true(snapshot_same(v));
	(void)serror(0);
	refused(REQ_32, id_of(UP_A), FRAMEWORK | DESTROYED, A_VM, FFA_ABORTED);
	system_settle();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_told, setup),
		cmocka_unit_test_setup(test_not_asked_for, setup),
		cmocka_unit_test_setup(test_wrong, setup),
		cmocka_unit_test_setup(test_as_a_request, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
