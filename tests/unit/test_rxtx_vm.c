/* SPDX-License-Identifier: BSD-3-Clause */

/* Buffers of VMs, for which the hypervisor speaks: FF-A 1.2 chapter 7.2, 13.5 to 13.7, 15.6. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#include "arch/host.h"

#define MAP_32 0x84000066u
#define MAP_64 0xC4000066u
#define UNMAP 0x84000067u
#define RELEASE 0x84000065u
#define ACQUIRE 0x84000084u
#define INFO 0x84000068u
#define BITMAP_CREATE 0x8400007Du
#define BITMAP_DESTROY 0x8400007Eu

#define PAGE 0x1000u
#define NWD_TX NWD_MEMORY
#define NWD_RX (NWD_MEMORY + PAGE)
#define A_VM 7u
#define VM_TX (NWD_MEMORY + 8 * PAGE)
#define VM_RX (NWD_MEMORY + 24 * PAGE)

static struct {
	uint16_t vm, reserved;
	uint32_t rx_offset, tx_offset, end;
	struct {
		uint32_t total, count;
		uint64_t reserved;
		uint64_t base;
		uint32_t pages, reserved_end;
	} rx, tx;
} desc;

_Static_assert(offsetof(__typeof__(desc), rx) == 16 && sizeof(desc) == 80, "as FF-A has it");

static void describe(uint16_t vm, uint64_t tx, uint64_t rx, uint32_t pages)
{
	memset(&desc, 0, sizeof(desc));
	desc.vm = vm;
	desc.rx_offset = offsetof(__typeof__(desc), rx);
	desc.tx_offset = offsetof(__typeof__(desc), tx);
	desc.rx.count = desc.tx.count = 1;
	desc.rx.total = desc.tx.total = pages;
	desc.rx.pages = desc.tx.pages = pages;
	desc.rx.base = rx;
	desc.tx.base = tx;
}

static int setup(void **state)
{
	(void)state;
	system_create();
	system_boot();
	CALL(0, nwd(0), MAP_64, NWD_TX, NWD_RX, 1);
	assert_true(got_success(nwd(0), 0, 0));
	return 0;
}

static void map(uint32_t fid, enum ffa_status status)
{
	memcpy((void *)NWD_TX, &desc, sizeof(desc));
	if (status != FFA_OK) {
		snapshot_take();
	}
	assert_ptr_equal(CALL(0, nwd(0), fid, 0, 0, 0, 4, 5, 6, 7), nwd(0));
	if (status == FFA_OK) {
		assert_true(got_success(nwd(0), 0, 0));
	} else {
		assert_true(got_error(nwd(0), status));
		assert_true(snapshot_same(nwd(0)));
	}
}

static void nwd_call(uint32_t fid, uint64_t w1, enum ffa_status status)
{
	if (status != FFA_OK) {
		snapshot_take();
	}
	CALL(0, nwd(0), fid, w1);
	if (status == FFA_OK) {
		assert_true(got_success(nwd(0), 0, 0));
	} else {
		assert_true(got_error(nwd(0), status));
		assert_true(snapshot_same(nwd(0)));
	}
}

static void test_map(void **state)
{
	(void)state;
	for (uint32_t pages = 1; pages <= 16; pages++) {
		for (uint32_t wide = 0; wide < 2; wide++) {
			describe(A_VM, VM_TX, VM_RX, pages);
			map(wide ? MAP_64 : MAP_32, FFA_OK);
			map(MAP_64, FFA_DENIED);
			nwd_call(UNMAP, A_VM << 16, FFA_OK);
			nwd_call(UNMAP, A_VM << 16, FFA_INVALID_PARAMETERS);
		}
	}
	/* The hypervisor's own stay. */
	nwd_call(UNMAP, 0, FFA_OK);
	map(MAP_64, FFA_INVALID_PARAMETERS);
}

static void test_bad_descriptors(void **state)
{
	static const uint32_t bad_offsets[] = { 0,         8,    12,   17,         20,
						4096 - 24, 4096, 4104, 0x80000000, UINT32_MAX - 7 };
	static const uint32_t bad_pages[] = { 0, 17, 63, 64, 0x80000000, UINT32_MAX };
	static const uint16_t bad_vms[] = { 0, 0x8000, 0x8001, 0xFFFF };

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(bad_offsets); i++) {
		describe(A_VM, VM_TX, VM_RX, 1);
		desc.rx_offset = bad_offsets[i];
		map(MAP_64, FFA_INVALID_PARAMETERS);
		describe(A_VM, VM_TX, VM_RX, 1);
		desc.tx_offset = bad_offsets[i];
		map(MAP_64, FFA_INVALID_PARAMETERS);
	}
	for (size_t i = 0; i < NUMBER_OF(bad_pages); i++) {
		describe(A_VM, VM_TX, VM_RX, bad_pages[i]);
		map(MAP_64, FFA_INVALID_PARAMETERS);
		describe(A_VM, VM_TX, VM_RX, 1);
		desc.tx.pages = desc.tx.total = bad_pages[i];
		map(MAP_64, FFA_INVALID_PARAMETERS);
		describe(A_VM, VM_TX, VM_RX, 1);
		desc.rx.total = bad_pages[i];
		map(MAP_64, FFA_INVALID_PARAMETERS);
	}
	for (size_t i = 0; i < NUMBER_OF(bad_vms); i++) {
		describe(bad_vms[i], VM_TX, VM_RX, 1);
		map(MAP_64, FFA_INVALID_PARAMETERS);
	}
	for (uint32_t count = 0; count < 4; count++) {
		describe(A_VM, VM_TX, VM_RX, 1);
		desc.rx.count = count;
		map(MAP_64, count == 1 ? FFA_OK : FFA_INVALID_PARAMETERS);
	}
	nwd_call(UNMAP, A_VM << 16, FFA_OK);
}

static void test_bad_buffers(void **state)
{
	const uint64_t end = NWD_MEMORY + NWD_PAGES * PAGE;

	(void)state;
	describe(A_VM, VM_TX + 8, VM_RX, 1);
	map(MAP_64, FFA_INVALID_PARAMETERS);
	describe(A_VM, VM_TX, VM_RX + 0x800, 1);
	map(MAP_64, FFA_INVALID_PARAMETERS);
	describe(A_VM, VM_TX, VM_TX, 1);
	map(MAP_64, FFA_INVALID_PARAMETERS);
	describe(A_VM, VM_TX, VM_TX + PAGE, 2);
	map(MAP_64, FFA_INVALID_PARAMETERS);
	describe(A_VM, UINT64_MAX - PAGE + 1, VM_RX, 2);
	map(MAP_64, FFA_INVALID_PARAMETERS);
	/* Not the normal world's. */
	describe(A_VM, end, VM_RX, 1);
	map(MAP_64, FFA_DENIED);
	describe(A_VM, end - PAGE, VM_RX, 2);
	map(MAP_64, FFA_DENIED);
	describe(A_VM, VM_TX, SP_MEMORY(MP_A), 1);
	map(MAP_64, FFA_DENIED);
	describe(A_VM, NWD_MEMORY - PAGE, VM_RX, 1);
	map(MAP_64, FFA_DENIED);
}

/* The hypervisor's TX is gone: all of it, or where a composite is. */
static void test_tx_taken_away(void **state)
{
	(void)state;
	describe(A_VM, VM_TX, VM_RX, 1);
	for (uint64_t offset = 0; offset < sizeof(desc); offset += 8) {
		memcpy((void *)NWD_TX, &desc, sizeof(desc));
		host_memory_refuse(NWD_TX + offset, 8);
		snapshot_take();
		CALL(0, nwd(0), MAP_64);
		host_memory_refuse(0, 0);
		assert_true(got_error(nwd(0), FFA_INVALID_PARAMETERS));
		assert_true(snapshot_same(nwd(0)));
	}
	map(MAP_64, FFA_OK);
}

/* Pages that no other VM has. */
static void describe_own(uint16_t vm)
{
	describe(vm, VM_TX + 2u * vm * PAGE, VM_TX + (2u * vm + 1) * PAGE, 1);
}

/* What is a buffer already is nobody's second one. */
static void test_taken(void **state)
{
	const uint64_t free = VM_RX + 16 * PAGE;

	(void)state;
	describe(A_VM, VM_TX, VM_RX, 2);
	map(MAP_64, FFA_OK);
	for (uint64_t page = 0; page < 2; page++) {
		describe(A_VM + 1, VM_TX + page * PAGE, free, 1);
		map(MAP_64, FFA_DENIED);
		describe(A_VM + 1, free, VM_RX + page * PAGE, 1);
		map(MAP_64, FFA_DENIED);
	}
	describe(A_VM + 1, NWD_RX, free, 1);
	map(MAP_64, FFA_DENIED);
	describe(A_VM + 1, free, VM_TX + 2 * PAGE, 1);
	map(MAP_64, FFA_OK);
	nwd_call(UNMAP, A_VM << 16, FFA_OK);
	describe(A_VM + 2, VM_TX, VM_RX, 2);
	map(MAP_64, FFA_OK);
}

/* There is room for so many VMs, and for others when they have gone. */
static void test_quota(void **state)
{
	(void)state;
	for (uint16_t vm = 1; vm <= VM_MAX; vm++) {
		describe_own(vm);
		map(MAP_64, FFA_OK);
	}
	describe_own(VM_MAX + 1);
	map(MAP_64, FFA_DENIED);
	nwd_call(UNMAP, 5u << 16, FFA_OK);
	map(MAP_64, FFA_OK);
	describe_own(5);
	map(MAP_64, FFA_DENIED);
	for (uint16_t vm = 1; vm <= VM_MAX + 1; vm++) {
		nwd_call(UNMAP, (uint32_t)vm << 16, vm == 5 ? FFA_INVALID_PARAMETERS : FFA_OK);
	}
}

/* A table page is the normal world's own, and comes back to it; the others' are left alone. */
static void test_no_memory(void **state)
{
	size_t common = page_pool_count(&spmc.pages);
	size_t own;

	(void)state;
	nwd_call(UNMAP, 0, FFA_OK);
	own = page_pool_count(&spmc.nwd_pages.pool);
	CALL(0, nwd(0), MAP_64, NWD_TX, NWD_RX, 1);
	assert_true(got_success(nwd(0), 0, 0));
	assert_int_equal(page_pool_count(&spmc.nwd_pages.pool), own - 1);
	nwd_call(UNMAP, 0, FFA_OK);
	assert_int_equal(page_pool_count(&spmc.nwd_pages.pool), own);
	while (page_pool_count(&spmc.nwd_pages.pool) > 0) {
		assert_non_null(page_pool_get(&spmc.nwd_pages.pool));
	}
	CALL(0, nwd(0), MAP_64, NWD_TX, NWD_RX, 1);
	assert_true(got_error(nwd(0), FFA_NO_MEMORY));
	assert_int_equal(page_pool_count(&spmc.pages), common);
}

/* A VM is known for its bitmap, for its buffers, or for both. */
static void test_uses(void **state)
{
	(void)state;
	describe(A_VM, VM_TX, VM_RX, 1);
	CALL(0, nwd(0), BITMAP_CREATE, A_VM, 1);
	nwd_call(UNMAP, A_VM << 16, FFA_INVALID_PARAMETERS);
	nwd_call(ACQUIRE, A_VM, FFA_INVALID_PARAMETERS);
	nwd_call(RELEASE, A_VM, FFA_DENIED);
	map(MAP_64, FFA_OK);
	nwd_call(BITMAP_DESTROY, A_VM, FFA_OK);
	nwd_call(ACQUIRE, A_VM, FFA_OK);
	CALL(0, nwd(0), BITMAP_CREATE, A_VM, 1);
	assert_true(got_success(nwd(0), 0, 0));
	nwd_call(UNMAP, A_VM << 16, FFA_OK);
	nwd_call(ACQUIRE, A_VM, FFA_INVALID_PARAMETERS);
	nwd_call(BITMAP_DESTROY, A_VM, FFA_OK);
	nwd_call(RELEASE, A_VM, FFA_INVALID_PARAMETERS);
}

/*
 * Who has found a VM just before its last use ended, and looks under the lock when the place is
 * about to be another's, does not take it for the one that it was.
 */
static void test_place_is_reused(void **state)
{
	struct endpoint *e;

	(void)state;
	describe(A_VM, VM_TX, VM_RX, 1);
	map(MAP_64, FFA_OK);
	e = vm_find(A_VM);
	assert_int_equal(e->id, A_VM);
	nwd_call(UNMAP, A_VM << 16, FFA_OK);
	assert_int_not_equal(e->id, A_VM);
	describe(A_VM + 1, VM_TX, VM_RX, 1);
	map(MAP_64, FFA_OK);
	assert_ptr_equal(vm_find(A_VM + 1), e);
	assert_int_equal(e->id, A_VM + 1);
}

/* RX goes from us to the hypervisor and back. */
static void test_ownership(void **state)
{
	(void)state;
	describe(A_VM, VM_TX, VM_RX, 1);
	map(MAP_64, FFA_OK);
	nwd_call(RELEASE, A_VM, FFA_DENIED);
	nwd_call(ACQUIRE, A_VM, FFA_OK);
	nwd_call(ACQUIRE, A_VM, FFA_DENIED);
	nwd_call(RELEASE, A_VM, FFA_OK);
	nwd_call(RELEASE, A_VM, FFA_DENIED);
	/* It is given up with the buffers. */
	nwd_call(ACQUIRE, A_VM, FFA_OK);
	nwd_call(UNMAP, A_VM << 16, FFA_OK);
	map(MAP_64, FFA_OK);
	nwd_call(ACQUIRE, A_VM, FFA_OK);
	/* Id 0 is who calls. */
	nwd_call(ACQUIRE, 0, FFA_OK);
	snapshot_take();
	CALL(0, nwd(0), INFO);
	assert_true(got_error(nwd(0), FFA_BUSY));
	assert_true(snapshot_same(nwd(0)));
	nwd_call(RELEASE, 0, FFA_OK);
	CALL(0, nwd(0), INFO);
	assert_int_equal(got(nwd(0), 0), 0x84000061);
	nwd_call(ACQUIRE, 0, FFA_DENIED);
	nwd_call(RELEASE, 0, FFA_OK);
}

static void test_bad_ids(void **state)
{
	static const uint16_t nobody[] = { 1, 8, 0x7FFF };
	static const uint16_t secure[] = { 0x8000, 0x8001, 0x8003, 0xFFFF };

	(void)state;
	describe(A_VM, VM_TX, VM_RX, 1);
	map(MAP_64, FFA_OK);
	for (size_t i = 0; i < NUMBER_OF(nobody); i++) {
		nwd_call(UNMAP, (uint32_t)nobody[i] << 16, FFA_INVALID_PARAMETERS);
		nwd_call(RELEASE, nobody[i], FFA_INVALID_PARAMETERS);
		nwd_call(ACQUIRE, nobody[i], FFA_INVALID_PARAMETERS);
	}
	for (size_t i = 0; i < NUMBER_OF(secure); i++) {
		nwd_call(UNMAP, (uint32_t)secure[i] << 16, FFA_INVALID_PARAMETERS);
		nwd_call(RELEASE, secure[i], FFA_INVALID_PARAMETERS);
		nwd_call(ACQUIRE, secure[i], FFA_NOT_SUPPORTED);
	}
	nwd_call(UNMAP, A_VM << 16 | 1, FFA_INVALID_PARAMETERS);
}

/* An SP speaks for itself only; all zero is no form of its RXTX_MAP. */
static void test_from_partitions(void **state)
{
	struct vcpu *v = sp(MP_A, 0);

	(void)state;
	describe(A_VM, VM_TX, VM_RX, 1);
	map(MAP_64, FFA_OK);
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(MP_A), 0));
	for (uint32_t fid = 0; fid < 3; fid++) {
		static const uint32_t fids[] = { UNMAP, RELEASE, ACQUIRE };
		uint32_t ids[] = { A_VM, id_of(MP_A), id_of(UP_A), 1 };

		for (size_t i = 0; i < NUMBER_OF(ids); i++) {
			snapshot_take();
			CALL(0, v, fids[fid], fid == 0 ? ids[i] << 16 : ids[i]);
			assert_true(got_error(v, fid == 2 ? FFA_NOT_SUPPORTED
							  : FFA_INVALID_PARAMETERS));
			assert_true(snapshot_same(v));
		}
	}
	CALL(0, v, MAP_64);
	assert_true(got_error(v, FFA_INVALID_PARAMETERS));
}

/* FF-A 1.0 has neither the form of RXTX_MAP nor RX_ACQUIRE. */
static void test_version_1_0(void **state)
{
	(void)state;
	system_create();
	system_boot();
	CALL(0, nwd(0), FFA_VERSION_32, FFA_VERSION_1_0);
	CALL(0, nwd(0), MAP_64, NWD_TX, NWD_RX, 1);
	assert_true(got_success(nwd(0), 0, 0));
	describe(A_VM, VM_TX, VM_RX, 1);
	map(MAP_64, FFA_DENIED); /* there is a pair */
	nwd_call(ACQUIRE, 0, FFA_NOT_SUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_map, setup),
		cmocka_unit_test_setup(test_bad_descriptors, setup),
		cmocka_unit_test_setup(test_bad_buffers, setup),
		cmocka_unit_test_setup(test_tx_taken_away, setup),
		cmocka_unit_test_setup(test_taken, setup),
		cmocka_unit_test_setup(test_quota, setup),
		cmocka_unit_test_setup(test_no_memory, setup),
		cmocka_unit_test_setup(test_uses, setup),
		cmocka_unit_test_setup(test_place_is_reused, setup),
		cmocka_unit_test_setup(test_ownership, setup),
		cmocka_unit_test_setup(test_bad_ids, setup),
		cmocka_unit_test_setup(test_from_partitions, setup),
		cmocka_unit_test(test_version_1_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
