/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Notifications: FF-A 1.2 chapters 10 and 16. Every valid form, every error with nothing changed by
 * it, and long random conversations beside a model that is as simple as the text of the rules.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#include "bulkhead/hyp.h"
#include "ffa/call.h"

#define CREATE 0x8400007Du
#define DESTROY 0x8400007Eu
#define BIND 0x8400007Fu
#define UNBIND 0x84000080u
#define SET 0x84000081u
#define GET 0x84000082u
#define INFO_32 0x84000083u
#define INFO_64 0xC4000083u

#define PER_VCPU 1u
#define DELAY 2u
#define VCPU(n) ((uint32_t)(n) << 16)

#define FROM_SPS 1u
#define FROM_VMS 2u
#define FROM_SPM 4u
#define FROM_HYP 8u

#define NPI 5u
#define A_VM 7u /* which has a bitmap of three vCPUs in some tests */

static int setup(void **state)
{
	(void)state;
	system_create();
	for (enum which which = 0; which < SPS; which++) {
		sys.partitions[which].notifications = true;
	}
	system_boot();
	return 0;
}

/* --- Calls on CPU 0 -------------------------------------------------------------------------- */

static uint32_t lo(uint64_t bits)
{
	return (uint32_t)bits;
}

static uint32_t hi(uint64_t bits)
{
	return (uint32_t)(bits >> 32);
}

/* w1-w4 of BIND, UNBIND and SET. */
static struct vcpu *call_bits(struct vcpu *v, uint32_t fid, uint16_t sender, uint16_t receiver,
			      uint32_t flags, uint64_t bits)
{
	uint32_t cpu = vcpu_word_cpu(vcpu_peek(v));

	assert_ptr_equal(CALL(cpu, v, fid, FFA_IDS(sender, receiver), flags, lo(bits), hi(bits)),
			 v);
	return v;
}

static void ok(const struct vcpu *v)
{
	assert_true(got_success(v, 0, 0));
}

static void create(uint16_t id, uint32_t vcpus)
{
	CALL(0, nwd(0), CREATE, id, vcpus);
	ok(nwd(0));
}

/* `which` gets CPU 0 from the normal world. */
static struct vcpu *run(enum which which)
{
	struct vcpu *v = sp(which, 0);

	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(which), v->index));
	assert_ptr_equal(running(0), v);
	return v;
}

static void wait(struct vcpu *v)
{
	CALL(0, v, FFA_MSG_WAIT_32);
	assert_ptr_equal(running(0), nwd(0));
}

/* SP `which` binds for itself. */
static void sp_binds(enum which which, uint16_t sender, uint32_t flags, uint64_t bits)
{
	struct vcpu *v = run(which);

	ok(call_bits(v, BIND, sender, id_of(which), flags, bits));
	wait(v);
}

static void check_get(struct vcpu *v, uint64_t sps, uint64_t vms, uint64_t framework)
{
	const uint64_t expected[8] = { FFA_SUCCESS_32, 0,       lo(sps),       hi(sps),
				       lo(vms),        hi(vms), lo(framework), hi(framework) };

	assert_memory_equal(v->arch.x, expected, sizeof(expected));
}

static void get(struct vcpu *v, uint32_t vcpu, uint16_t receiver, uint32_t flags)
{
	assert_ptr_equal(CALL(0, v, GET, VCPU(vcpu) | receiver, flags), v);
}

static uint64_t next_interrupt(struct vcpu *v)
{
	return hvc(0, v, HYP_INTERRUPT_GET, 0, 0, 0);
}

static void check_error(struct vcpu *v, enum ffa_status status, uint64_t x0, uint64_t x1,
			uint64_t x2, uint64_t x3, uint64_t x4)
{
	uint32_t sris = sri_count[0];

	snapshot_take();
	assert_ptr_equal(CALL(0, v, x0, x1, x2, x3, x4), v);
	if (!got_error(v, status) || !snapshot_same(v) || sri_count[0] != sris) {
		fail_msg("%#lx %#lx %#lx %#lx %#lx: not %d but %#x %d", x0, x1, x2, x3, x4, status,
			 got(v, 0), (int)got(v, 2));
	}
}

/* --- Bitmaps of VMs -------------------------------------------------------------------------- */

static void test_bitmaps(void **state)
{
	struct vcpu *v = nwd(0);
	size_t pages = spmc.pages.free_count;

	(void)state;
	check_error(v, FFA_INVALID_PARAMETERS, CREATE, 0xFFFF, 1, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, CREATE, 0x8000, 1, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, CREATE, id_of(UP_A), 1, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, CREATE, 0, 0, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, CREATE, 1, 0, 0, 0);
	check_error(v, FFA_NO_MEMORY, CREATE, 0, NOTIFICATION_MAX_VCPUS + 1, 0, 0);
	check_error(v, FFA_NO_MEMORY, CREATE, 1, UINT32_MAX, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, DESTROY, 0xFFFF, 0, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, DESTROY, id_of(UP_A), 0, 0, 0);
	for (uint16_t id = 0; id < 3; id++) {
		check_error(v, FFA_DENIED, DESTROY, id, 0, 0, 0);
		create(id, NOTIFICATION_MAX_VCPUS);
		check_error(v, FFA_DENIED, CREATE, id, 1, 0, 0);
	}
	assert_int_equal(spmc.pages.free_count, pages - 3 * NOTIFICATION_CHUNKS);
	for (uint16_t id = 0; id < 3; id++) {
		CALL(0, v, DESTROY, id);
		ok(v);
		check_error(v, FFA_DENIED, DESTROY, id, 0, 0, 0);
	}
	assert_int_equal(spmc.pages.free_count, pages);
}

/* VM_MAX at a time, whichever; the memory that others need is left to them. */
static void test_bitmap_quota(void **state)
{
	struct vcpu *v = nwd(0);
	uint16_t count = 0;
	size_t left;

	(void)state;
	while (CALL(0, v, CREATE, 0x7FFF - count, 1), got(v, 0) == FFA_SUCCESS_32) {
		count++;
	}
	assert_int_equal(count, VM_MAX);
	assert_true(got_error(v, FFA_NO_MEMORY));
	create(0, 1);
	CALL(0, v, DESTROY, 0x7FFF - 5);
	ok(v);
	create(3, 1);
	check_error(v, FFA_NO_MEMORY, CREATE, 4, 1, 0, 0);
	for (uint16_t i = 0; i < VM_MAX; i++) {
		CALL(0, v, DESTROY, i == 5 ? 3 : 0x7FFF - i);
		ok(v);
	}
	for (count = 1;
	     CALL(0, v, CREATE, count, NOTIFICATION_MAX_VCPUS), got(v, 0) == FFA_SUCCESS_32;
	     count++) {
	}
	assert_true(got_error(v, FFA_NO_MEMORY));
	left = spmc.pages.free_count;
	assert_true(left >= 8 && left < 8 + NOTIFICATION_CHUNKS);
}

/* --- Errors of BIND, UNBIND, SET, GET -------------------------------------------------------- */

/* Senders and receivers that a caller may not name, for BIND and UNBIND. */
static void check_binding_ids(struct vcpu *v, uint32_t fid, uint16_t sender, uint16_t receiver)
{
	static const uint32_t wrong_flags[] = { 0x10, 0x2, 0x80000000, 0x10001, 0x3 };
	uint32_t ids_ok = FFA_IDS(sender, receiver);

	for (size_t i = 0; i < NUMBER_OF(wrong_flags); i++) {
		check_error(v, FFA_INVALID_PARAMETERS, fid, ids_ok, wrong_flags[i], 1, 0);
	}
	check_error(v, FFA_INVALID_PARAMETERS, fid, ids_ok, 0, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, fid, ids_ok, 0, 1ul << 32, 1ul << 32);
	check_error(v, FFA_INVALID_PARAMETERS, fid, FFA_IDS(receiver, receiver), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, fid, FFA_IDS(sender, id_of(MP_B)), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, fid, FFA_IDS(sender, 0xFFFF), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, fid, FFA_IDS(sender, 0x8000), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, fid, FFA_IDS(sender, 0x8007), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, fid, FFA_IDS(0xFFFF, receiver), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, fid, FFA_IDS(0xFFC0, receiver), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, fid, FFA_IDS(0x8000, receiver), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, fid, FFA_IDS(0x8007, receiver), 0, 1, 0);
}

static void test_binding_errors(void **state)
{
	const uint64_t bits = 1ul << 63 | 2;
	struct vcpu *v = nwd(0);

	(void)state;
	for (uint32_t fid = BIND; fid <= UNBIND; fid++) {
		/* A VM that nobody knows; the normal world before it has a bitmap. */
		check_error(v, FFA_INVALID_PARAMETERS, fid, FFA_IDS(id_of(UP_A), A_VM), 0, 1, 0);
		check_error(v, FFA_NOT_SUPPORTED, fid, FFA_IDS(id_of(UP_A), 0), 0, 1, 0);
	}
	create(0, 1);
	create(A_VM, 3);
	for (uint32_t fid = BIND; fid <= UNBIND; fid++) {
		check_binding_ids(v, fid, id_of(UP_A), 0);
		check_binding_ids(v, fid, id_of(UP_A), A_VM);
		/* VMs among themselves are their hypervisor's. */
		check_error(v, FFA_INVALID_PARAMETERS, fid, FFA_IDS(A_VM, 0), 0, 1, 0);
	}
	check_error(v, FFA_INVALID_PARAMETERS, UNBIND, FFA_IDS(id_of(UP_A), 0), 1, 1, 0);
	v = run(MP_A);
	for (uint32_t fid = BIND; fid <= UNBIND; fid++) {
		check_binding_ids(v, fid, id_of(UP_A), id_of(MP_A));
		check_binding_ids(v, fid, A_VM, id_of(MP_A));
		check_error(v, FFA_INVALID_PARAMETERS, fid, FFA_IDS(id_of(UP_A), 0), 0, 1, 0);
	}
	/* Bound is bound, whoever it is bound to; all or nothing. */
	ok(call_bits(v, BIND, id_of(UP_A), id_of(MP_A), 0, bits));
	check_error(v, FFA_DENIED, BIND, FFA_IDS(id_of(UP_A), id_of(MP_A)), 0, 2, 0);
	check_error(v, FFA_DENIED, BIND, FFA_IDS(id_of(MP_B), id_of(MP_A)), 0, 6, 0);
	check_error(v, FFA_DENIED, BIND, FFA_IDS(id_of(MP_B), id_of(MP_A)), 1, 1, 1u << 31);
	ok(call_bits(v, BIND, 0, id_of(MP_A), 1, bits)); /* the other world has its own */
	check_error(v, FFA_DENIED, UNBIND, FFA_IDS(id_of(UP_A), id_of(MP_A)), 0, 3, 0);
	check_error(v, FFA_DENIED, UNBIND, FFA_IDS(id_of(MP_B), id_of(MP_A)), 0, 2, 0);
	ok(call_bits(v, UNBIND, id_of(UP_A), id_of(MP_A), 0, 2));
	check_error(v, FFA_DENIED, UNBIND, FFA_IDS(id_of(UP_A), id_of(MP_A)), 0, 2, 0);
	ok(call_bits(v, BIND, id_of(MP_B), id_of(MP_A), 1, 6));
	/* What is pending stays bound: a global one of SPs, a per-vCPU one of VMs. */
	wait(v);
	v = run(UP_A);
	ok(call_bits(v, SET, id_of(UP_A), id_of(MP_A), DELAY, 1ul << 63));
	wait(v);
	ok(call_bits(nwd(0), SET, 0, id_of(MP_A), PER_VCPU | VCPU(3), 2));
	v = run(MP_A);
	check_error(v, FFA_DENIED, UNBIND, FFA_IDS(id_of(UP_A), id_of(MP_A)), 0, 0, 1u << 31);
	check_error(v, FFA_DENIED, UNBIND, FFA_IDS(0, id_of(MP_A)), 0, 2, 1u << 31);
	ok(call_bits(v, UNBIND, 0, id_of(MP_A), 0, 1ul << 63));
	get(v, 3, id_of(MP_A), FROM_SPS | FROM_VMS);
	check_get(v, 1ul << 63, 2, 0);
	ok(call_bits(v, UNBIND, 0, id_of(MP_A), 0, 2));
	ok(call_bits(v, UNBIND, id_of(UP_A), id_of(MP_A), 0, 1ul << 63));
}

static void test_not_a_receiver(void **state)
{
	struct vcpu *v;

	(void)state;
	system_create();
	sys.partitions[MP_A].notifications = true;
	sys.partitions[MP_A].ffa_version = FFA_VERSION_1_0;
	system_boot();
	v = run(UP_A);
	for (uint32_t fid = BIND; fid <= UNBIND; fid++) {
		check_error(v, FFA_NOT_SUPPORTED, fid, FFA_IDS(0, id_of(UP_A)), 0, 1, 0);
	}
	check_error(v, FFA_NOT_SUPPORTED, GET, id_of(UP_A), FROM_SPS, 0, 0);
	check_error(v, FFA_DENIED, SET, FFA_IDS(id_of(UP_A), id_of(MP_B)), 0, 1, 0);
	check_error(v, FFA_DENIED, SET, FFA_IDS(id_of(UP_A), id_of(MP_A)), 0, 1, 0);
	check_error(v, FFA_DENIED, SET, FFA_IDS(id_of(UP_A), 0), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, FFA_IDS(id_of(UP_A), A_VM), 0, 1, 0);
	wait(v);
	v = run(MP_A);
	for (uint32_t fid = BIND; fid <= GET; fid++) {
		check_error(v, FFA_NOT_SUPPORTED, fid, FFA_IDS(0, id_of(MP_A)), 0, 1, 0);
	}
}

static void test_set_errors(void **state)
{
	struct vcpu *v = nwd(0);
	uint32_t good = FFA_IDS(0, id_of(MP_A));

	(void)state;
	sp_binds(MP_A, 0, 0, 1);
	sp_binds(MP_A, 0, PER_VCPU, 2);
	sp_binds(MP_A, A_VM, 0, 4);
	sp_binds(MP_A, id_of(UP_A), 0, 3);
	for (unsigned int bit = 2; bit < 16; bit++) {
		check_error(v, FFA_INVALID_PARAMETERS, SET, good, 1u << bit, 1, 0);
	}
	check_error(v, FFA_INVALID_PARAMETERS, SET, good, VCPU(1), 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, good, DELAY, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, good, 0, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, FFA_IDS(0, 0), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, FFA_IDS(0, A_VM), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, FFA_IDS(id_of(UP_A), id_of(MP_A)), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, FFA_IDS(0, 0xFFFF), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, FFA_IDS(0, 0xFFC0), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, FFA_IDS(0, 0x8007), 0, 1, 0);
	check_error(v, FFA_DENIED, SET, good, 0, 4, 0); /* of another VM */
	check_error(v, FFA_DENIED, SET, good, 0, 1, 1); /* of nobody */
	check_error(v, FFA_DENIED, SET, FFA_IDS(0, id_of(UP_A)), 0, 1, 0);
	check_error(v, FFA_DENIED, SET, FFA_IDS(A_VM + 1, id_of(MP_A)), 0, 4, 0);
	/* The other kind; a vCPU that is not there. */
	check_error(v, FFA_INVALID_PARAMETERS, SET, good, 0, 2, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, good, 0, 3, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, good, PER_VCPU, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, good, PER_VCPU | VCPU(1), 3, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, good, PER_VCPU | VCPU(CPUS), 2, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, good, PER_VCPU | VCPU(0xFFFF), 2, 0);
	v = run(UP_A);
	check_error(v, FFA_INVALID_PARAMETERS, SET, FFA_IDS(id_of(UP_A), id_of(UP_A)), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, FFA_IDS(id_of(UP_B), id_of(MP_A)), 0, 1, 0);
	check_error(v, FFA_INVALID_PARAMETERS, SET, good, 0, 1, 0);
	check_error(v, FFA_DENIED, SET, FFA_IDS(id_of(UP_A), id_of(MP_A)), DELAY, 7, 0);
	ok(call_bits(v, SET, id_of(UP_A), id_of(MP_A), DELAY, 3));
	wait(v);
	v = run(MP_A);
	get(v, 0, id_of(MP_A), FROM_SPS | FROM_VMS);
	check_get(v, 3, 0, 0);
}

static void test_get(void **state)
{
	struct vcpu *v = nwd(0);

	(void)state;
	check_error(v, FFA_NOT_SUPPORTED, GET, 0, FROM_SPS, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, GET, A_VM, FROM_SPS, 0, 0);
	create(0, 1);
	create(A_VM, 3);
	check_error(v, FFA_INVALID_PARAMETERS, GET, 0, FROM_VMS, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, GET, 0, FROM_SPS | FROM_HYP, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, GET, 0xFFFF, FROM_SPS, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, GET, id_of(UP_A), FROM_SPS, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, GET, VCPU(3) | A_VM, FROM_SPS, 0, 0);
	for (unsigned int bit = 4; bit < 32; bit++) {
		check_error(v, FFA_INVALID_PARAMETERS, GET, 0, 1ul << bit, 0, 0);
	}
	/* The normal world has as many vCPUs as there are CPUs, at least. */
	check_error(v, FFA_INVALID_PARAMETERS, GET, VCPU(CPUS), FROM_SPS, 0, 0);
	get(v, CPUS - 1, 0, FROM_SPS | FROM_SPM);
	check_get(v, 0, 0, 0);
	get(v, 0, 0, 0);
	check_get(v, 0, 0, 0);

	ok(call_bits(v, BIND, id_of(UP_A), A_VM, PER_VCPU, 0xF0F0ul << 40));
	ok(call_bits(v, BIND, id_of(UP_A), A_VM, 0, 5));
	v = run(UP_A);
	check_error(v, FFA_INVALID_PARAMETERS, GET, 0, FROM_SPS, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, GET, id_of(MP_A), FROM_SPS, 0, 0);
	check_error(v, FFA_INVALID_PARAMETERS, GET, VCPU(1) | id_of(UP_A), FROM_SPS, 0, 0);
	ok(call_bits(v, SET, id_of(UP_A), A_VM, DELAY, 4));
	ok(call_bits(v, SET, id_of(UP_A), A_VM, PER_VCPU | VCPU(2) | DELAY, 0xF0F0ul << 40));
	ok(call_bits(v, SET, id_of(UP_A), A_VM, PER_VCPU | VCPU(1) | DELAY, 0x1000ul << 40));
	wait(v);
	v = nwd(0);
	check_error(v, FFA_DENIED, DESTROY, A_VM, 0, 0, 0);
	get(v, 1, A_VM, FROM_SPM);
	check_get(v, 0, 0, 0);
	get(v, 1, A_VM, FROM_SPS);
	check_get(v, 4 | 0x1000ul << 40, 0, 0);
	check_error(v, FFA_DENIED, DESTROY, A_VM, 0, 0, 0);
	get(v, 2, A_VM, FROM_SPS | FROM_SPM);
	check_get(v, 0xF0F0ul << 40, 0, 0);
	CALL(0, v, DESTROY, A_VM);
	ok(v);
	/* Nothing of it is found by who comes after. */
	create(A_VM, 3);
	ok(call_bits(v, BIND, id_of(UP_B), A_VM, 0, UINT64_MAX));
}

/* --- INFO_GET -------------------------------------------------------------------------------- */

static uint16_t info_id(const struct vcpu *v, uint32_t i)
{
	bool wide = got(v, 0) == FFA_SUCCESS_64;
	uint32_t per_register = wide ? 4 : 2;

	return (uint16_t)(v->arch.x[3 + i / per_register] >> (i % per_register * 16));
}

static void check_no_data(uint32_t fid)
{
	CALL(0, nwd(0), fid);
	assert_true(got_error(nwd(0), FFA_NO_DATA));
}

static void test_info_get(void **state)
{
	struct vcpu *v = nwd(0);

	(void)state;
	check_no_data(INFO_32);
	check_no_data(INFO_64);
	sp_binds(MP_A, 0, 0, 1);
	sp_binds(MP_A, 0, PER_VCPU, 2);
	sp_binds(UP_B, 0, 0, 1ul << 40);
	for (uint32_t wide = 0; wide < 2; wide++) {
		uint32_t fid = wide != 0 ? INFO_64 : INFO_32;

		ok(call_bits(v, SET, 0, id_of(UP_B), 0, 1ul << 40));
		CALL(0, v, fid);
		assert_true(got_call(v, wide != 0 ? FFA_SUCCESS_64 : FFA_SUCCESS_32, 0, 1 << 7,
				     id_of(UP_B)));
		check_no_data(fid);
		/* Again when it is set again, also if nobody has asked for it. */
		ok(call_bits(v, SET, 0, id_of(UP_B), 0, 1ul << 40));
		ok(call_bits(v, SET, 0, id_of(MP_A), PER_VCPU | VCPU(0), 2));
		for (uint32_t i = 0; i < CPUS; i++) {
			ok(call_bits(v, SET, 0, id_of(MP_A), PER_VCPU | VCPU(i), 2));
		}
		ok(call_bits(v, SET, 0, id_of(MP_A), 0, 1));
		CALL(0, v, fid);
		assert_int_equal(v->arch.x[2], 4 << 7 | (0ul | 3 << 2 | 1 << 4) << 12);
		assert_int_equal(info_id(v, 0), id_of(MP_A));
		assert_int_equal(info_id(v, 1), id_of(MP_A));
		assert_int_equal(info_id(v, 2), 0);
		assert_int_equal(info_id(v, 3), 1);
		assert_int_equal(info_id(v, 4), 2);
		assert_int_equal(info_id(v, 5), id_of(MP_A));
		assert_int_equal(info_id(v, 6), 3);
		assert_int_equal(info_id(v, 7), id_of(UP_B));
		check_no_data(fid);
	}
	/* What has been got before is not told of. */
	ok(call_bits(v, SET, 0, id_of(UP_B), 0, 1ul << 40));
	v = run(UP_B);
	get(v, 0, id_of(UP_B), FROM_VMS);
	check_get(v, 0, 1ul << 40, 0);
	wait(v);
	check_no_data(INFO_64);
}

/* VMs with ids 1 to `count`, each with one global notification, and per-vCPU ones, pending. */
static void many_pend(uint16_t count, uint32_t vcpus)
{
	for (uint16_t id = 1; id <= count; id++) {
		create(id, vcpus);
		ok(call_bits(nwd(0), BIND, id_of(UP_A), id, vcpus == 1 ? 0 : PER_VCPU, 1));
	}
	for (uint16_t id = 1; id <= count; id++) {
		struct vcpu *v = run(UP_A);

		for (uint32_t i = 0; i < vcpus; i++) {
			ok(call_bits(v, SET, id_of(UP_A), id,
				     vcpus == 1 ? DELAY : PER_VCPU | DELAY | VCPU(i), 1));
		}
		wait(v);
	}
}

/* More than there is room for: 19 or 9 ids in a reply, in the order in which they come. */
static void check_many(uint32_t fid, uint32_t room, uint16_t count)
{
	uint16_t next = 1;

	while (next <= count) {
		uint32_t here = (uint32_t)(count + 1 - next) < room ? count + 1u - next : room;

		CALL(0, nwd(0), fid);
		assert_int_equal(nwd(0)->arch.x[2], here << 7 | (next + here <= count));
		for (uint32_t i = 0; i < 20; i++) {
			bool wide = fid == INFO_64;

			if (i < 10 || wide) {
				assert_int_equal(info_id(nwd(0), i), i < here ? next + i : 0);
			}
		}
		next = (uint16_t)(next + here);
	}
	check_no_data(fid);
}

static void test_info_many(void **state)
{
	(void)state;
	for (uint16_t count = 1; count <= 60; count = (uint16_t)(count + 1 + count / 8)) {
		(void)setup(NULL);
		many_pend(count, 1);
		check_many(INFO_64, 19, count);
		(void)setup(NULL);
		many_pend(count, 1);
		check_many(INFO_32, 9, count);
	}
}

/* Lists of vCPUs keep their endpoint, whatever room there is; each vCPU comes once. */
static void check_many_vcpus(uint32_t fid, uint32_t room, uint16_t count, uint32_t vcpus)
{
	uint32_t seen = 0;
	bool more = true;

	while (more) {
		const struct vcpu *v = nwd(0);
		uint32_t at = 0;
		uint64_t x2;

		CALL(0, nwd(0), fid);
		x2 = v->arch.x[2];
		more = FFA_NOTIFICATION_INFO_MORE & x2;
		for (uint32_t list = 0; list < FFA_NOTIFICATION_INFO_LISTS(x2); list++) {
			uint32_t size = FFA_NOTIFICATION_INFO_VCPUS(x2, list);

			assert_in_range(size, 1, 3);
			assert_int_equal(info_id(v, at++), seen / vcpus + 1);
			while (size-- > 0) {
				assert_int_equal(info_id(v, at++), seen++ % vcpus);
			}
		}
		assert_true(at <= room);
		assert_true(!more || at + 2 > room || (seen % vcpus != 0 && at + 2 > room));
	}
	assert_int_equal(seen, count * vcpus);
	check_no_data(fid);
}

static void test_info_many_vcpus(void **state)
{
	(void)state;
	for (uint32_t vcpus = 2; vcpus < 9; vcpus++) {
		(void)setup(NULL);
		many_pend(9, vcpus);
		check_many_vcpus(INFO_64, 19, 9, vcpus);
		(void)setup(NULL);
		many_pend(9, vcpus);
		check_many_vcpus(INFO_32, 9, 9, vcpus);
	}
}

/* Sizes of lists beyond the tenth lie in the upper half of x2. */
static void test_info_late_sizes(void **state)
{
	struct vcpu *v = nwd(0);

	(void)state;
	many_pend(12, 1);
	sp_binds(MP_A, 0, PER_VCPU, 1);
	for (uint32_t i = 0; i < CPUS; i++) {
		ok(call_bits(v, SET, 0, id_of(MP_A), PER_VCPU | VCPU(i), 1));
	}
	CALL(0, v, INFO_64);
	assert_int_equal(v->arch.x[2], 14 << 7 | (3ul << 24 | 1ul << 26) << 12);
	for (uint32_t i = 0; i < 19; i++) {
		static const uint16_t last[] = { 0x8003, 0, 1, 2, 0x8003, 3, 0 };

		assert_int_equal(info_id(v, i), i < 12 ? i + 1 : last[i - 12]);
	}
	check_no_data(INFO_64);
}

/* A vCPU that waits with an interrupt, for the normal world to schedule it. */
static void test_info_interrupts(void **state)
{
	(void)state;
	for (uint32_t policy = 1; policy <= 2; policy++) {
		struct vcpu *v;

		(void)setup(NULL);
		sys.partitions[MP_B].sri_policy = policy;
		if (policy == SRI_WHEN_PENDING) {
			/* It comes while the SP runs, and is still there when it waits. */
			v = run(MP_B);
			interrupt_raise(0, EDGE(MP_B));
			assert_true(interrupt_take(0));
			CALL(0, v, FFA_MSG_WAIT_32);
		} else {
			interrupt_raise(0, EDGE(MP_B));
			assert_true(interrupt_take(0));
		}
		assert_ptr_equal(running(0), nwd(0));
		assert_int_equal(sri_count[0], 1);
		CALL(0, nwd(0), INFO_64);
		assert_true(got_call(nwd(0), FFA_SUCCESS_64, 0, 1 << 7 | 1 << 12, id_of(MP_B)));
		check_no_data(INFO_64);
		v = run(MP_B);
		assert_int_equal(next_interrupt(v), EDGE(MP_B));
		wait(v);
		check_no_data(INFO_64);
	}
}

/* --- Interrupts ------------------------------------------------------------------------------ */

static void test_npi(void **state)
{
	struct vcpu *v;

	(void)state;
	sp_binds(MP_A, 0, 0, 3);
	sp_binds(MP_A, 0, PER_VCPU, 4);
	/* Global: in whichever vCPU comes first, once. */
	ok(call_bits(nwd(0), SET, 0, id_of(MP_A), 0, 1));
	CALL(2, nwd(2), FFA_MSG_SEND_DIRECT_REQ_32, id_of(MP_A));
	v = sp(MP_A, 2);
	assert_ptr_equal(running(2), v);
	assert_int_equal(hvc(2, v, HYP_INTERRUPT_GET, 0, 0, 0), NPI);
	finish_work(2);
	v = run(MP_A);
	assert_int_equal(next_interrupt(v), HYP_NO_INTERRUPT);
	wait(v);
	/* Pending already: no news. Another one: news. */
	ok(call_bits(nwd(0), SET, 0, id_of(MP_A), 0, 1));
	v = run(MP_A);
	assert_int_equal(next_interrupt(v), HYP_NO_INTERRUPT);
	wait(v);
	ok(call_bits(nwd(0), SET, 0, id_of(MP_A), 0, 2));
	v = run(MP_A);
	assert_int_equal(next_interrupt(v), NPI);
	get(v, 0, id_of(MP_A), FROM_VMS);
	check_get(v, 0, 3, 0);
	wait(v);
	/* Per-vCPU: in that one only. */
	ok(call_bits(nwd(0), SET, 0, id_of(MP_A), PER_VCPU | VCPU(1), 4));
	v = run(MP_A);
	assert_int_equal(next_interrupt(v), HYP_NO_INTERRUPT);
	wait(v);
	CALL(1, nwd(1), FFA_RUN_32, FFA_CTX(id_of(MP_A), 1));
	v = sp(MP_A, 1);
	assert_int_equal(hvc(1, v, HYP_INTERRUPT_GET, 0, 0, 0), NPI);
	finish_work(1);
	assert_int_equal(partition_attention(&sys.partitions[MP_A]), 0);
	system_settle();
}

/* Nothing is left that it would tell of: there is no interrupt. */
static void test_npi_withdrawn(void **state)
{
	struct vcpu *v;

	(void)state;
	sp_binds(UP_A, 0, 0, 1);
	sp_binds(UP_A, 0, PER_VCPU, 2);
	for (uint32_t flags = 0; flags < 2; flags++) {
		ok(call_bits(nwd(0), SET, 0, id_of(UP_A), flags, 1 + flags));
		v = run(UP_A);
		get(v, 0, id_of(UP_A), FROM_SPS | FROM_SPM);
		assert_int_equal(vint_lines(&v->vint), VINT_IRQ);
		get(v, 0, id_of(UP_A), FROM_VMS);
		check_get(v, 0, 1 + flags, 0);
		assert_int_equal(vint_lines(&v->vint), 0);
		assert_int_equal(next_interrupt(v), HYP_NO_INTERRUPT);
		wait(v);
	}
	/* It was due in nobody yet. */
	sp_binds(MP_A, 0, PER_VCPU, 2);
	ok(call_bits(nwd(0), SET, 0, id_of(MP_A), PER_VCPU | VCPU(3), 2));
	v = run(MP_A);
	assert_int_equal(partition_attention(&sys.partitions[MP_A]), PARTITION_NPI);
	get(v, 3, id_of(MP_A), FROM_VMS);
	check_get(v, 0, 2, 0);
	assert_int_equal(partition_attention(&sys.partitions[MP_A]), 0);
}

/* Also who gets its cycles back, or gets them for an interrupt. S-EL0 has no such interrupt. */
static void test_npi_ways_in(void **state)
{
	struct vcpu *a = sp(MP_A, 0);
	struct vcpu *b = sp(MP_B, 0);

	(void)state;
	sp_binds(MP_A, id_of(MP_B), 0, 1);
	sp_binds(MP_B, 0, 0, 1);
	CALL(0, nwd(0), FFA_MSG_SEND_DIRECT_REQ_32, id_of(MP_A));
	CALL(0, a, FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(id_of(MP_A), id_of(MP_B)));
	ok(call_bits(b, SET, id_of(MP_B), id_of(MP_A), DELAY, 1));
	CALL(0, b, FFA_MSG_SEND_DIRECT_RESP_32, FFA_IDS(id_of(MP_B), id_of(MP_A)));
	assert_ptr_equal(running(0), a);
	assert_int_equal(next_interrupt(a), NPI);
	finish_work(0);
	ok(call_bits(nwd(0), SET, 0, id_of(MP_B), 0, 1));
	interrupt_raise(0, EDGE(MP_B));
	assert_true(interrupt_take(0));
	assert_int_equal(got(b, 2), EDGE(MP_B));
	assert_int_equal(next_interrupt(b), EDGE(MP_B));
	assert_int_equal(next_interrupt(b), NPI);
	finish_work(0);

	system_create();
	sys.partitions[UP_A].notifications = true;
	sys.partitions[UP_A].el0 = true;
	system_boot();
	sp_binds(UP_A, 0, 0, 1);
	ok(call_bits(nwd(0), SET, 0, id_of(UP_A), 0, 1));
	a = run(UP_A);
	assert_int_equal(next_interrupt(a), HYP_NO_INTERRUPT);
	get(a, 0, id_of(UP_A), FROM_VMS);
	check_get(a, 0, 1, 0);
}

static void test_sri(void **state)
{
	struct vcpu *v;

	(void)state;
	create(0, 1);
	ok(call_bits(nwd(0), BIND, id_of(UP_A), 0, 0, 3));
	sp_binds(UP_B, 0, 0, 1);
	v = run(UP_A);
	assert_int_equal(sri_count[0], 0);
	ok(call_bits(v, SET, id_of(UP_A), 0, DELAY, 1));
	assert_int_equal(sri_count[0], 0);
	wait(v);
	assert_int_equal(sri_count[0], 1);
	v = run(UP_A);
	ok(call_bits(v, SET, id_of(UP_A), 0, 0, 1));
	assert_int_equal(sri_count[0], 2);
	wait(v);
	assert_int_equal(sri_count[0], 2);
	ok(call_bits(nwd(0), SET, 0, id_of(UP_B), 0, 1));
	assert_int_equal(sri_count[0], 3);
	/* Out of an interrupt that hit the normal world, too. */
	interrupt_raise(0, EDGE(UP_A));
	assert_true(interrupt_take(0));
	v = sp(UP_A, 0);
	ok(call_bits(v, SET, id_of(UP_A), 0, DELAY, 2));
	finish_work(0);
	assert_int_equal(got(nwd(0), 0), 0x8400007C);
	assert_int_equal(sri_count[0], 4);
	get(nwd(0), 0, 0, FROM_SPS);
	check_get(nwd(0), 3, 0, 0);
}

/* --- The framework's ------------------------------------------------------------------------- */

static void test_rx_full(void **state)
{
	struct vcpu *v;

	(void)state;
	/* Of who may not be notified nothing is heard. */
	notification_rx_full(&spmc.nwd, false, true);
	assert_false(sys.cpus[0].sri_delayed);
	create(0, 1);
	notification_rx_full(&spmc.nwd, false, true);
	assert_true(sys.cpus[0].sri_delayed);
	CALL(0, nwd(0), INFO_64);
	assert_true(got_call(nwd(0), FFA_SUCCESS_64, 0, 1 << 7, 0));
	check_error(nwd(0), FFA_DENIED, DESTROY, 0, 0, 0, 0);
	get(nwd(0), 0, 0, FROM_SPS);
	check_get(nwd(0), 0, 0, 0);
	get(nwd(0), 0, 0, FROM_SPM);
	check_get(nwd(0), 0, 0, 1);

	/* An SP asks for either, and gets both. */
	for (uint32_t flag = FROM_SPM; flag <= FROM_HYP; flag <<= 1) {
		notification_rx_full(&sys.partitions[UP_A].endpoint, false, true);
		notification_rx_full(&sys.partitions[UP_A].endpoint, true, true);
		v = run(UP_A);
		assert_int_equal(next_interrupt(v), NPI);
		get(v, 0, id_of(UP_A), FROM_SPS | FROM_VMS);
		check_get(v, 0, 0, 0);
		get(v, 0, id_of(UP_A), flag);
		check_get(v, 0, 0, 1ul << 32 | 1);
		get(v, 0, id_of(UP_A), FROM_SPM | FROM_HYP);
		check_get(v, 0, 0, 0);
		wait(v);
	}
}

/* --- The end of a partition ------------------------------------------------------------------ */

static void test_abort(void **state)
{
	struct partition *p = &sys.partitions[MP_A];

	(void)state;
	create(0, 1);
	sp_binds(MP_A, 0, 0, 1);
	sp_binds(MP_A, 0, PER_VCPU, 2);
	sp_binds(MP_A, id_of(UP_A), 0, 1);
	ok(call_bits(nwd(0), BIND, id_of(MP_A), 0, 0, 8));
	ok(call_bits(nwd(0), SET, 0, id_of(MP_A), 0, 1));
	ok(call_bits(nwd(0), SET, 0, id_of(MP_A), PER_VCPU | VCPU(2), 2));
	(void)run(MP_A);
	ok(call_bits(sp(MP_A, 0), SET, id_of(MP_A), 0, DELAY, 8));
	(void)serror(0);
	assert_ptr_equal(running(0), nwd(0));
	assert_int_equal(partition_attention(p), PARTITION_ABORTED);
	check_error(nwd(0), FFA_DENIED, SET, FFA_IDS(0, id_of(MP_A)), 0, 1, 0);
	/* What it had said to others was said. */
	CALL(0, nwd(0), INFO_64);
	assert_true(got_call(nwd(0), FFA_SUCCESS_64, 0, 1 << 7, 0));
	check_no_data(INFO_64);
	get(nwd(0), 0, 0, FROM_SPS);
	check_get(nwd(0), 8, 0, 0);
	ok(call_bits(nwd(0), UNBIND, id_of(MP_A), 0, 0, 8));
	/* The other CPUs' vCPUs learn of the end, not of notifications. */
	CALL(2, nwd(2), FFA_RUN_32, FFA_CTX(id_of(MP_A), 2));
	assert_true(got_error(nwd(2), FFA_ABORTED));
	CALL(2, nwd(2), FFA_MSG_SEND_DIRECT_REQ_32, id_of(MP_A));
	assert_true(got_error(nwd(2), FFA_ABORTED));
	assert_int_equal(p->endpoint.notifications.bindings[0].bound, 0);
}

/* --- Beside a model -------------------------------------------------------------------------- */

#define RECEIVERS (SPS + 2) /* the SPs, the normal world, A_VM */
#define SENDERS (SPS + 3) /* the same, and a VM that has no bitmap */
#define NOBODY 0xFFFFFFFFu
#define SOME_BITS 6u

static const unsigned int some_bits[SOME_BITS] = { 0, 1, 31, 32, 62, 63 };

static struct {
	bool enabled;
	uint32_t vcpus;
	uint32_t bound[2][64]; /* a sender's id, or NOBODY */
	bool per_vcpu[2][64];
	bool pending[2][CPUS + 1][64]; /* last: global */
	bool told[2][CPUS + 1][64];
	bool npi[CPUS + 1];
} model[RECEIVERS];

static uint16_t party_id(uint32_t i)
{
	static const uint16_t vms[] = { 0, A_VM, A_VM + 1 };

	return i < SPS ? id_of((enum which)i) : vms[i - SPS];
}

static void model_reset(void)
{
	memset(model, 0, sizeof(model));
	for (uint32_t r = 0; r < RECEIVERS; r++) {
		memset(model[r].bound, 0xFF, sizeof(model[r].bound));
		model[r].enabled = r < SPS;
		model[r].vcpus = r >= SPS || partition_is_up(&sys.partitions[r]) ? 1 : CPUS;
	}
	model[SPS].vcpus = CPUS;
	model[SPS + 1].vcpus = 3;
}

static unsigned int dice(unsigned int n)
{
	return (unsigned int)rand() % n;
}

static uint64_t dice_bits(void)
{
	uint64_t bits = 0;

	for (unsigned int i = 0; i < SOME_BITS; i++) {
		bits |= (uint64_t)(dice(4) == 0) << some_bits[i];
	}
	return bits;
}

#define FOR_EACH_BIT(bit, bits)                                                                    \
	for (unsigned int bit = 0; bit < 64; bit++)                                                \
		if (((bits) >> bit & 1) != 0)

/* Who calls: SP `party` on its vCPU of CPU 0, or the normal world. With it, its interrupt. */
static struct vcpu *caller_enter(uint32_t party)
{
	struct vcpu *v;
	bool npi;

	if (party >= SPS) {
		return nwd(0);
	}
	v = run((enum which)party);
	npi = model[party].npi[CPUS] || model[party].npi[0];
	model[party].npi[CPUS] = model[party].npi[0] = false;
	assert_int_equal(next_interrupt(v), npi ? NPI : HYP_NO_INTERRUPT);
	return v;
}

static void caller_leave(struct vcpu *v)
{
	if (!vcpu_is_nwd(v)) {
		wait(v);
	}
}

static void step_binding(bool bind)
{
	uint32_t r = dice(RECEIVERS);
	uint32_t s = dice(SENDERS);
	uint32_t from = s >= SPS;
	uint64_t bits = dice_bits();
	uint32_t flags = bind ? dice(2) : 0;
	enum ffa_status expected = FFA_OK;
	struct vcpu *v = caller_enter(r);

	if (s == r || (r >= SPS && s >= SPS) || bits == 0 || (r > SPS && !model[r].enabled)) {
		expected = FFA_INVALID_PARAMETERS;
	} else if (!model[r].enabled) {
		expected = FFA_NOT_SUPPORTED;
	}
	FOR_EACH_BIT(bit, bits)
	{
		if (expected != FFA_OK) {
			break;
		}
		if (model[r].bound[from][bit] != (bind ? NOBODY : party_id(s))) {
			expected = FFA_DENIED;
		}
		for (uint32_t i = 0; i <= CPUS; i++) {
			if (model[r].pending[from][i][bit]) {
				expected = FFA_DENIED;
			}
		}
	}
	(void)call_bits(v, bind ? BIND : UNBIND, party_id(s), party_id(r), flags, bits);
	assert_true(expected == FFA_OK ? got_success(v, 0, 0) : got_error(v, expected));
	FOR_EACH_BIT(bit, bits)
	{
		if (expected == FFA_OK) {
			model[r].bound[from][bit] = bind ? party_id(s) : NOBODY;
			model[r].per_vcpu[from][bit] = flags != 0;
		}
	}
	caller_leave(v);
}

static void step_set(void)
{
	uint32_t r = dice(RECEIVERS);
	uint32_t s = dice(SENDERS);
	uint32_t from = s >= SPS;
	uint64_t bits = dice_bits();
	bool per_vcpu = dice(2) != 0;
	uint32_t vcpu = per_vcpu ? dice(CPUS + 1) : 0;
	uint32_t place = per_vcpu ? vcpu : CPUS;
	enum ffa_status expected = FFA_OK;
	struct vcpu *v = caller_enter(s);

	if (s == r || (r >= SPS && s >= SPS) || bits == 0 || (r > SPS && !model[r].enabled)) {
		expected = FFA_INVALID_PARAMETERS;
	} else if (!model[r].enabled) {
		expected = FFA_DENIED;
	} else if (vcpu >= model[r].vcpus) {
		expected = FFA_INVALID_PARAMETERS;
	} else {
		FOR_EACH_BIT(bit, bits)
		{
			if (model[r].bound[from][bit] != party_id(s)) {
				expected = FFA_DENIED;
			} else if (model[r].per_vcpu[from][bit] != per_vcpu && expected == FFA_OK) {
				expected = FFA_INVALID_PARAMETERS;
			}
		}
	}
	(void)call_bits(v, SET, party_id(s), party_id(r), (per_vcpu ? PER_VCPU : 0) | VCPU(vcpu),
			bits);
	assert_true(expected == FFA_OK ? got_success(v, 0, 0) : got_error(v, expected));
	FOR_EACH_BIT(bit, bits)
	{
		if (expected == FFA_OK) {
			model[r].npi[place] |= r < SPS && !model[r].pending[from][place][bit];
			model[r].pending[from][place][bit] = true;
			model[r].told[from][place][bit] = false;
		}
	}
	caller_leave(v);
}

static uint64_t model_take(uint32_t r, uint32_t from, uint32_t place)
{
	uint64_t bits = 0;

	for (unsigned int bit = 0; bit < 64; bit++) {
		bits |= (uint64_t)model[r].pending[from][place][bit] << bit;
		model[r].pending[from][place][bit] = false;
		model[r].told[from][place][bit] = false;
	}
	return bits;
}

static bool model_any(uint32_t r, uint32_t place, bool untold)
{
	bool any = false;

	for (unsigned int i = 0; i < 2 * 64; i++) {
		any |= model[r].pending[i / 64][place][i % 64] &&
		       !(untold && model[r].told[i / 64][place][i % 64]);
	}
	return any;
}

static void step_get(void)
{
	uint32_t r = dice(RECEIVERS);
	uint32_t vcpu = dice(CPUS + 1);
	uint32_t flags = dice(4);
	struct vcpu *v = caller_enter(r);
	uint64_t bits[2] = { 0, 0 };

	get(v, vcpu, party_id(r), flags);
	if ((r >= SPS && (flags & FROM_VMS) != 0) || (r > SPS && !model[r].enabled)) {
		assert_true(got_error(v, FFA_INVALID_PARAMETERS));
	} else if (!model[r].enabled) {
		assert_true(got_error(v, FFA_NOT_SUPPORTED));
	} else if (vcpu >= model[r].vcpus) {
		assert_true(got_error(v, FFA_INVALID_PARAMETERS));
	} else {
		for (uint32_t from = 0; from < 2; from++) {
			if ((flags & (1u << from)) != 0) {
				bits[from] = model_take(r, from, CPUS) | model_take(r, from, vcpu);
			}
		}
		check_get(v, bits[0], bits[1], 0);
		model[r].npi[CPUS] &= model_any(r, CPUS, false);
		model[r].npi[vcpu] &= model_any(r, vcpu, false);
	}
	caller_leave(v);
}

static void step_bitmap(void)
{
	uint32_t r = SPS + dice(2);
	bool make = dice(3) != 0;
	bool any = false;

	for (uint32_t i = 0; i <= CPUS; i++) {
		any |= model_any(r, i, false);
	}
	CALL(0, nwd(0), make ? CREATE : DESTROY, party_id(r), 3);
	if (model[r].enabled == make || (!make && any)) {
		assert_true(got_error(nwd(0), FFA_DENIED));
		return;
	}
	ok(nwd(0));
	model[r].enabled = make;
	memset(model[r].bound, 0xFF, sizeof(model[r].bound));
}

static uint32_t party_of(uint16_t id)
{
	for (uint32_t i = 0; i < RECEIVERS; i++) {
		if (party_id(i) == id) {
			return i;
		}
	}
	fail_msg("%#x is no receiver", id);
	return 0;
}

static void model_tell(uint32_t r, uint32_t place)
{
	assert_true(model_any(r, place, true));
	for (uint32_t from = 0; from < 2; from++) {
		memcpy(model[r].told[from][place], model[r].pending[from][place],
		       sizeof(model[r].told[from][place]));
	}
}

static bool model_any_untold(void)
{
	for (uint32_t i = 0; i < RECEIVERS * (CPUS + 1); i++) {
		if (model_any(i / (CPUS + 1), i % (CPUS + 1), true)) {
			return true;
		}
	}
	return false;
}

static void step_info(void)
{
	const struct vcpu *v = nwd(0);
	uint32_t at = 0;
	uint64_t x2;

	CALL(0, nwd(0), dice(2) != 0 ? INFO_64 : INFO_32);
	if (!model_any_untold()) {
		assert_true(got_error(v, FFA_NO_DATA));
		return;
	}
	x2 = v->arch.x[2];
	for (uint32_t list = 0; list < FFA_NOTIFICATION_INFO_LISTS(x2); list++) {
		uint32_t r = party_of(info_id(v, at++));
		uint32_t size = FFA_NOTIFICATION_INFO_VCPUS(x2, list);

		if (size == 0) {
			model_tell(r, CPUS);
		}
		while (size-- > 0) {
			model_tell(r, info_id(v, at++));
		}
	}
	assert_int_equal((x2 & FFA_NOTIFICATION_INFO_MORE) != 0, model_any_untold());
}

static void test_model(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed <= 20; seed++) {
		srand(seed);
		(void)setup(NULL);
		model_reset();
		for (unsigned int i = 0; i < 1500; i++) {
			switch (dice(10)) {
			case 0:
				step_bitmap();
				break;
			case 1:
			case 2:
			case 3:
				step_binding(true);
				break;
			case 4:
				step_binding(false);
				break;
			case 5:
			case 6:
			case 7:
				step_set();
				break;
			case 8:
				step_get();
				break;
			default:
				step_info();
				break;
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_bitmaps, setup),
		cmocka_unit_test_setup(test_bitmap_quota, setup),
		cmocka_unit_test_setup(test_binding_errors, setup),
		cmocka_unit_test(test_not_a_receiver),
		cmocka_unit_test_setup(test_set_errors, setup),
		cmocka_unit_test_setup(test_get, setup),
		cmocka_unit_test_setup(test_info_get, setup),
		cmocka_unit_test(test_info_many),
		cmocka_unit_test(test_info_many_vcpus),
		cmocka_unit_test_setup(test_info_late_sizes, setup),
		cmocka_unit_test(test_info_interrupts),
		cmocka_unit_test_setup(test_npi, setup),
		cmocka_unit_test_setup(test_npi_withdrawn, setup),
		cmocka_unit_test_setup(test_npi_ways_in, setup),
		cmocka_unit_test_setup(test_sri, setup),
		cmocka_unit_test_setup(test_rx_full, setup),
		cmocka_unit_test_setup(test_abort, setup),
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
