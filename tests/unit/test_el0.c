/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What is different for a partition at S-EL0: permissions of its pages, interrupts as
 * FFA_INTERRUPT, and that it ends with the first thing that it may not do.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#include "arch/host.h"
#include "bulkhead/hyp.h"
#include "core/interrupt.h"
#include "ffa/call.h"

#define PAGE 0x1000ul
#define RX 3u
#define RW 5u
#define RO 7u
#define DEVICE_BASE 0x09000000ul
#define NS_BASE (NWD_MEMORY + 0x10000)
#define DATA (SP_MEMORY(UP_A) + 8 * PAGE)
#define PAGES (SP_PAGES - 1) /* with one permission; the last has another */

static struct partition *el0(void)
{
	return &sys.partitions[UP_A];
}

static void add(uint64_t base, uint32_t attrs, const char *name)
{
	struct region *r = &el0()->regions[el0()->region_count++];

	*r = (struct region){ .range = { base, 2 * PAGE }, .attrs = attrs };
	strcpy(r->name, name);
}

/* A system with UP_A at S-EL0, which has a device, and memory of the normal world; before boot. */
static void create(void)
{
	system_create();
	el0()->el0 = true;
	add(DEVICE_BASE, MEM_R | MEM_W | MEM_DEVICE, "device");
	add(DEVICE_BASE + 2 * PAGE, MEM_R | MEM_DEVICE, "read-only device");
	add(NS_BASE, MEM_R | MEM_W | MEM_NS, "normal world");
}

static struct vcpu *create_in(enum runtime_model model)
{
	create();
	return system_boot_into(UP_A, model);
}

/* The permission of a page, or a status. */
static int32_t get(struct vcpu *v, uint64_t va)
{
	assert_ptr_equal(CALL(0, v, FFA_MEM_PERM_GET_64, va), v);
	if (got(v, 0) == FFA_SUCCESS_32) {
		assert_true(got_success(v, got(v, 2), 0));
		return (int32_t)got(v, 2);
	}
	assert_true(got_error(v, (enum ffa_status)got(v, 2)));
	return (int32_t)got(v, 2);
}

static int32_t set(struct vcpu *v, uint64_t va, uint64_t pages, uint64_t permission)
{
	assert_ptr_equal(CALL(0, v, FFA_MEM_PERM_SET_64, va, pages, permission), v);
	if (got(v, 0) == FFA_SUCCESS_32) {
		assert_true(got_success(v, 0, 0));
		return 0;
	}
	assert_true(got_error(v, (enum ffa_status)got(v, 2)));
	return (int32_t)got(v, 2);
}

/* --- Permissions ------------------------------------------------------------------------------ */

/* Its image begins as code; the rest is what the manifest says. */
static void test_start(void **state)
{
	struct vcpu *v = create_in(RT_INIT);

	(void)state;
	for (uint64_t i = 0; i < PAGES; i++) {
		assert_int_equal(get(v, SP_MEMORY(UP_A) + i * PAGE), RX);
	}
	assert_int_equal(get(v, SP_READ_ONLY(UP_A)), RO);
	assert_int_equal(get(v, DEVICE_BASE), RW);
	assert_int_equal(get(v, DEVICE_BASE + 3 * PAGE), RO);
	assert_int_equal(get(v, NS_BASE), RW);
}

static void test_set(void **state)
{
	static const uint32_t permissions[] = { RW, RO, RX, RW, RX, RO };
	struct vcpu *v = create_in(RT_INIT);

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(permissions); i++) {
		unsigned int flushes = host_el0_flushes;

		assert_int_equal(set(v, DATA, 3, permissions[i]), 0);
		assert_true(host_el0_flushes > flushes);
		assert_int_equal(host_el0_flushed, el0()->space.vttbr);
		assert_int_equal(get(v, DATA - PAGE), RX);
		for (uint64_t page = 0; page < 3; page++) {
			assert_int_equal(get(v, DATA + page * PAGE), permissions[i]);
		}
		assert_int_equal(get(v, DATA + 3 * PAGE), RX);
	}
	/* What is no permission's: physical address space and memory type. */
	assert_int_equal(set(v, NS_BASE, 1, RO), 0);
	assert_int_equal(space_lookup(&el0()->space, ipa_of(NS_BASE), true), MEM_R | MEM_NS);
	assert_int_equal(set(v, DEVICE_BASE, 2, RO), 0);
	assert_int_equal(space_lookup(&el0()->space, ipa_of(DEVICE_BASE), false),
			 MEM_R | MEM_DEVICE);
	assert_int_equal(set(v, DEVICE_BASE, 1, RW), 0);
	/* All of the image. */
	assert_int_equal(set(v, SP_MEMORY(UP_A), PAGES, RW), 0);
	assert_int_equal(get(v, SP_MEMORY(UP_A)), RW);
}

/* The 32-bit forms look at lower halves only. */
static void test_32_bits(void **state)
{
	struct vcpu *v = create_in(RT_INIT);

	(void)state;
	CALL(0, v, FFA_MEM_PERM_SET_32, 0xABCD00000000 | DATA, 1ul << 32 | 1, 1ul << 40 | RW);
	assert_true(got_success(v, 0, 0));
	CALL(0, v, FFA_MEM_PERM_GET_32, 0xABCD00000000 | DATA);
	assert_true(got_success(v, RW, 0));
	assert_int_equal(get(v, 0xABCD00000000 | DATA), FFA_INVALID_PARAMETERS);
	assert_int_equal(set(v, 0xABCD00000000 | DATA, 1, RO), FFA_INVALID_PARAMETERS);
}

static void test_wrong(void **state)
{
	static const struct {
		uint64_t va, pages;
		uint32_t permission;
	} rows[] = {
		{ DATA + 1, 1, RW },
		{ DATA + 0x800, 1, RW },
		{ DATA, 0, RW },
		{ UINT64_MAX - PAGE + 1, 2, RW }, /* wraps */
		{ DATA, UINT32_MAX, RW },
		{ 1ul << 63 | DATA, 1, RW },
		{ SP_MEMORY(UP_A) - PAGE, 1, RW }, /* of others, or of nobody */
		{ SP_MEMORY(UP_A) - PAGE, 2, RW },
		{ SP_MEMORY(MP_A), 1, RW },
		{ SP_MEMORY(UP_B), 1, RX },
		{ NWD_MEMORY, 1, RW },
		{ 0, 1, RW },
		{ DEVICE_BASE, 1, RX }, /* the manifest does not let it */
		{ DEVICE_BASE + 2 * PAGE, 1, RW },
		{ DEVICE_BASE, 4, RW },
		{ NS_BASE, 1, RX },
		{ SP_READ_ONLY(UP_A), 1, RW },
		{ SP_READ_ONLY(UP_A), 1, RX },
		{ SP_READ_ONLY(UP_A) - PAGE, 2, RW },
	};
	struct vcpu *v = create_in(RT_INIT);

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(rows); i++) {
		snapshot_take();
		if (set(v, rows[i].va, rows[i].pages, rows[i].permission) !=
			    FFA_INVALID_PARAMETERS ||
		    !snapshot_same(v)) {
			fail_msg("row %zu: %d", i, (int)got(v, 2));
		}
	}
	for (uint64_t permission = 0; permission < 256; permission++) {
		if (permission != RX && permission != RW && permission != RO) {
			assert_int_equal(set(v, DATA, 1, permission), FFA_INVALID_PARAMETERS);
		}
	}
	for (unsigned int bit = 3; bit < 32; bit++) {
		assert_int_equal(set(v, DATA, 1, 1u << bit | RW), FFA_INVALID_PARAMETERS);
	}
	assert_int_equal(get(v, DATA), RX);
	assert_int_equal(get(v, DATA + 8), FFA_INVALID_PARAMETERS);
	assert_int_equal(get(v, SP_MEMORY(UP_A) - PAGE), FFA_INVALID_PARAMETERS);
	assert_int_equal(get(v, 1ul << 48), FFA_INVALID_PARAMETERS);
	assert_int_equal(get(v, 1ul << 63 | DATA), FFA_INVALID_PARAMETERS);
	assert_int_equal(get(v, UINT64_MAX - PAGE + 1), FFA_INVALID_PARAMETERS);
}

/* What it borrows, its lender gives it rights to. */
static void test_not_its_own(void **state)
{
	struct vcpu *v = create_in(RT_INIT);
	struct range r = { NWD_MEMORY, PAGE };

	(void)state;
	assert_true(space_map(&el0()->space, r, MEM_R | MEM_NS));
	assert_int_equal(get(v, NWD_MEMORY), RO);
	assert_int_equal(set(v, NWD_MEMORY, 1, RW), FFA_INVALID_PARAMETERS);
	/* And of its own only what is there. */
	assert_true(space_unmap(&el0()->space, (struct range){ DATA, PAGE }, false));
	assert_int_equal(get(v, DATA), FFA_INVALID_PARAMETERS);
	assert_int_equal(set(v, DATA, 1, RW), FFA_INVALID_PARAMETERS);
	assert_int_equal(set(v, DATA - PAGE, 2, RW), FFA_INVALID_PARAMETERS);
	assert_int_equal(get(v, DATA - PAGE), RX);
}

static void test_only_initialising(void **state)
{
	static const enum runtime_model models[] = { RT_RUN, RT_DIRECT_REQ, RT_SEC_INTERRUPT };

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(models); i++) {
		struct vcpu *v = create_in(models[i]);

		assert_int_equal(get(v, DATA), FFA_DENIED);
		assert_int_equal(set(v, DATA, 1, RW), FFA_DENIED);
	}
}

static void test_not_at_el1(void **state)
{
	struct vcpu *v;

	(void)state;
	system_create();
	v = system_boot_into(UP_A, RT_INIT);
	assert_int_equal(get(v, DATA), FFA_DENIED);
	assert_int_equal(set(v, DATA, 1, RO), FFA_DENIED);
	assert_int_equal(space_lookup(&el0()->space, ipa_of(DATA), false), MEM_R | MEM_W | MEM_X);
}

/* RX and TX have to be writable before. */
static void test_buffers(void **state)
{
	struct vcpu *v = create_in(RT_INIT);

	(void)state;
	CALL(0, v, FFA_RXTX_MAP_64, DATA, DATA + PAGE, 1);
	assert_true(got_error(v, FFA_INVALID_PARAMETERS));
	assert_int_equal(set(v, DATA, 2, RW), 0);
	CALL(0, v, FFA_RXTX_MAP_64, DATA, DATA + PAGE, 1);
	assert_true(got_success(v, 0, 0));
	/* And stay so: the SPMC writes there. */
	assert_int_equal(set(v, DATA, 1, RX), FFA_INVALID_PARAMETERS);
	assert_int_equal(set(v, DATA + PAGE, 1, RO), FFA_INVALID_PARAMETERS);
	assert_int_equal(get(v, DATA + PAGE), RW);
	CALL(0, v, FFA_RXTX_UNMAP_32);
	assert_int_equal(set(v, DATA, 2, RO), 0);
}

/* --- Interrupts ------------------------------------------------------------------------------- */

static void boot(void)
{
	create();
	system_boot();
}

static uint32_t secure_spi(void)
{
	return EDGE(UP_A);
}

/* It waits: runs with the id in w2, and has taken the interrupt by that. */
static void test_waiting(void **state)
{
	struct vcpu *v;

	(void)state;
	boot();
	v = sp(UP_A, 0);
	interrupt_raise(0, secure_spi());
	assert_true(interrupt_take(0));
	assert_ptr_equal(running(0), v);
	assert_int_equal(model_of(v), RT_SEC_INTERRUPT);
	assert_true(got_call(v, FFA_INTERRUPT_32, 0, secure_spi(), 0));
	assert_int_equal(vint_lines(&v->vint), 0);
	assert_int_equal(hvc(0, v, HYP_INTERRUPT_DEACTIVATE, secure_spi(), secure_spi(), 0), 0);
	assert_ptr_equal(CALL(0, v, FFA_MSG_WAIT_32), nwd(0));
}

/* A level interrupt stays masked until it is deactivated, one by one as they came. */
static void test_two_at_once(void **state)
{
	struct vcpu *v;

	(void)state;
	boot();
	v = sp(UP_A, 0);
	interrupt_raise(0, secure_spi());
	assert_true(interrupt_take(0));
	assert_true(got_call(v, FFA_INTERRUPT_32, 0, secure_spi(), 0));
	vint_pend(&v->vint, vint_slot(v->partition, LEVEL(UP_A)));
	vint_pend(&v->vint, vint_slot(v->partition, PPI(UP_A)));
	assert_ptr_equal(CALL(0, v, FFA_MSG_WAIT_32), v);
	assert_true(got_call(v, FFA_INTERRUPT_32, 0, LEVEL(UP_A), 0));
	assert_ptr_equal(CALL(0, v, FFA_MSG_WAIT_32), v);
	assert_true(got_call(v, FFA_INTERRUPT_32, 0, PPI(UP_A), 0));
	assert_ptr_equal(CALL(0, v, FFA_MSG_WAIT_32), nwd(0));
}

/* While it works it learns of nothing. The response goes out after it has handled the interrupt. */
static void test_running(void **state)
{
	struct vcpu *v;

	(void)state;
	boot();
	v = sp(UP_A, 0);
	CALL(0, nwd(0), FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(0, id_of(UP_A)), 0, 7);
	assert_ptr_equal(running(0), v);
	interrupt_raise(0, secure_spi());
	assert_true(interrupt_take(0));
	assert_ptr_equal(running(0), v);
	assert_int_equal(state_of(v), VCPU_RUNNING);
	assert_ptr_equal(CALL(0, v, FFA_MSG_SEND_DIRECT_RESP_32, FFA_IDS(id_of(UP_A), 0), 0, 8), v);
	assert_true(got_call(v, FFA_INTERRUPT_32, 0, secure_spi(), 0));
	assert_ptr_equal(CALL(0, v, FFA_MSG_WAIT_32), nwd(0));
	assert_true(got(nwd(0), 0) == FFA_MSG_SEND_DIRECT_RESP_32 && got(nwd(0), 3) == 8);
}

/* It waits for somebody else: the interrupt does, too; an S-EL1 partition would be woken for it. */
static void test_blocked(void **state)
{
	struct vcpu *v;
	struct vcpu *callee;

	(void)state;
	boot();
	v = sp(UP_A, 0);
	callee = sp(UP_B, 0);
	CALL(0, nwd(0), FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(0, id_of(UP_A)));
	CALL(0, v, FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(id_of(UP_A), id_of(UP_B)));
	assert_ptr_equal(running(0), callee);
	interrupt_raise(0, secure_spi());
	assert_true(interrupt_take(0));
	assert_ptr_equal(running(0), callee);
	assert_int_equal(state_of(v), VCPU_BLOCKED);
	CALL(0, callee, FFA_MSG_SEND_DIRECT_RESP_32, FFA_IDS(id_of(UP_B), id_of(UP_A)), 0, 9);
	assert_ptr_equal(running(0), v);
	assert_true(got(v, 0) == FFA_MSG_SEND_DIRECT_RESP_32 && got(v, 3) == 9);
	assert_ptr_equal(CALL(0, v, FFA_MSG_SEND_DIRECT_RESP_32, FFA_IDS(id_of(UP_A), 0)), v);
	assert_true(got_call(v, FFA_INTERRUPT_32, 0, secure_spi(), 0));
	assert_ptr_equal(CALL(0, v, FFA_MSG_WAIT_32), nwd(0));
}

/* The normal world's interrupts take its cycles, or wait for it, as its manifest says. */
static void test_ns_interrupts(void **state)
{
	(void)state;
	for (enum ns_action action = NS_QUEUED; action <= NS_SIGNALED; action++) {
		struct vcpu *v;

		if (action == NS_MANAGED_EXIT) {
			continue;
		}
		create();
		el0()->ns_action = action;
		system_boot();
		v = sp(UP_A, 0);
		CALL(0, nwd(0), FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(0, id_of(UP_A)));
		assert_int_equal(interrupt_ns(0), action == NS_SIGNALED);
		if (action == NS_QUEUED) {
			continue;
		}
		assert_true(got_call(nwd(0), FFA_INTERRUPT_32, FFA_CTX(id_of(UP_A), 0), 0, 0));
		assert_int_equal(state_of(v), VCPU_PREEMPTED);
		CALL(1, nwd(1), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0)); /* goes on elsewhere */
		assert_ptr_equal(running(1), v);
	}
}

/* There is no notification pending interrupt: it asks. */
static void test_notifications(void **state)
{
	struct vcpu *v;

	(void)state;
	create();
	el0()->notifications = true;
	system_boot();
	v = sp(UP_A, 0);
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0));
	CALL(0, v, FFA_NOTIFICATION_BIND_32, FFA_IDS(0, id_of(UP_A)), 0, 1);
	assert_true(got_success(v, 0, 0));
	CALL(0, v, FFA_MSG_WAIT_32);
	CALL(0, nwd(0), FFA_NOTIFICATION_SET_32, FFA_IDS(0, id_of(UP_A)), 0, 1);
	assert_true(got_success(nwd(0), 0, 0));
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0));
	assert_ptr_equal(running(0), v);
	assert_int_equal(vint_lines(&v->vint), 0);
	CALL(0, v, FFA_NOTIFICATION_GET_32, id_of(UP_A), 2);
	assert_true(got(v, 0) == FFA_SUCCESS_32 && got(v, 4) == 1);
}

/* --- It ends ---------------------------------------------------------------------------------- */

static void check_ended(const char *says)
{
	assert_true(partition_is_aborted(el0()));
	assert_ptr_equal(running(0), nwd(0));
	assert_true(got_error(nwd(0), FFA_ABORTED));
	assert_non_null(strstr(host_console(), says));
	assert_int_equal(sys.cpus[0].arch.aborts_injected, 0);
	/* Everybody else goes on. */
	CALL(0, nwd(0), FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(0, id_of(UP_B)));
	assert_ptr_equal(running(0), sp(UP_B, 0));
}

static void test_faults(void **state)
{
	(void)state;
	boot();
	CALL(0, nwd(0), FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(0, id_of(UP_A)));
	host_console_clear();
	fault(0, false);
	assert_non_null(strstr(host_console(), "may not read page 0x1000 (VA 0x1234"));
	assert_non_null(strstr(host_console(), "nearest is its region \"device\""));
	check_ended("ends here");
}

static void test_refused(void **state)
{
	(void)state;
	boot();
	CALL(0, nwd(0), FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(0, id_of(UP_A)));
	host_console_clear();
	not_allowed(0);
	check_ended("may not do what it does at pc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),         cmocka_unit_test(test_set),
		cmocka_unit_test(test_32_bits),       cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_not_its_own),   cmocka_unit_test(test_only_initialising),
		cmocka_unit_test(test_not_at_el1),    cmocka_unit_test(test_buffers),
		cmocka_unit_test(test_waiting),       cmocka_unit_test(test_two_at_once),
		cmocka_unit_test(test_running),       cmocka_unit_test(test_blocked),
		cmocka_unit_test(test_ns_interrupts), cmocka_unit_test(test_notifications),
		cmocka_unit_test(test_faults),        cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
