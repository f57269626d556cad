/* SPDX-License-Identifier: BSD-3-Clause */
/* What becomes of a partition with lifecycle-support that ends: abort-action, each of them. */
#include "spmc_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "arch/gic_fake.h"
#include "arch/host.h"
#include "bulkhead/hyp.h"
#include "core/memory.h"
#include "lib/addr.h"

#define REQ FFA_MSG_SEND_DIRECT_REQ_32
#define RESP FFA_MSG_SEND_DIRECT_RESP_32
#define SECOND HOST_TIMER_FREQUENCY
#define IMAGE_BYTE 0x5a

static char *memory_of(enum which which)
{
	return (char *)SP_MEMORY(which);
}

/* UP_A ends like that. */
static void setup(enum abort_action action)
{
	system_create();
	sys.partitions[UP_A].lifecycle = true;
	sys.partitions[UP_A].abort_action = action;
	sys.partitions[UP_A].notifications = true;
	sys.partitions[UP_A].methods |= FFA_PROP_INDIRECT;
	memset(memory_of(UP_A), IMAGE_BYTE, SP_PACKAGE_PAGES * PAGE_SIZE);
	system_boot();
}

static bool log_has(const char *text)
{
	return strstr(host_console(), text) != NULL;
}

static struct vcpu *request(uint32_t cpu, struct vcpu *from, enum which to)
{
	return CALL(cpu, from, REQ, FFA_IDS(from->endpoint->id, id_of(to)));
}

static struct vcpu *respond(uint32_t cpu, struct vcpu *from)
{
	return CALL(cpu, from, RESP, FFA_IDS(from->endpoint->id, from->requester));
}

static struct vcpu *ends(uint32_t cpu, struct vcpu *v)
{
	return CALL(cpu, v, FFA_ABORT_32, 0, (uint32_t)FFA_ABORTED);
}

static bool answers(enum which which, uint32_t cpu)
{
	struct vcpu *v = request(cpu, nwd(cpu), which);

	if (v != sp(which, cpu)) {
		return false;
	}
	(void)respond(cpu, v);
	return got_call(nwd(cpu), RESP, FFA_IDS(id_of(which), 0), 0, 0);
}

static bool others_answer(void)
{
	return answers(MP_A, 0) && answers(MP_B, 1) && answers(UP_B, 2);
}

static uint32_t found(void)
{
	CALL(0, nwd(0), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, FFA_PARTITION_INFO_COUNT_ONLY);
	assert_int_equal(got(nwd(0), 0), FFA_SUCCESS_32);
	return got(nwd(0), 2);
}

/* --- FFA_ABORT -------------------------------------------------------------------------------- */

/* In every runtime model, of a partition without lifecycle-support. */
static void test_abort(void **state)
{
	(void)state;
	for (enum runtime_model model = RT_INIT; model < RT_COUNT; model++) {
		struct vcpu *v;

		system_create();
		v = system_boot_into(UP_A, model);
		for (unsigned int reg = 1; reg < 8; reg++) {
			uint64_t x[18] = { FFA_ABORT_32 };

			x[reg] = 1;
			if (reg != 2) {
				assert_ptr_equal(call_18(0, v, x), v);
				assert_true(got_error(v, FFA_INVALID_PARAMETERS));
			}
		}
		(void)ends(0, v);
		assert_int_equal(state_of(v), VCPU_ABORTED);
		assert_true(log_has("up-a: vCPU 0 says that it cannot go on (FFA_ABORT, -8)"));
		assert_true(log_has("up-a: ends here"));
		if (model == RT_INIT) {
			system_finish_boot();
		} else if (model != RT_SEC_INTERRUPT) {
			assert_true(got_error(nwd(0), FFA_ABORTED));
		}
		assert_true(others_answer());
		assert_ptr_equal(request(0, nwd(0), UP_A), nwd(0));
		assert_true(got_error(nwd(0), FFA_ABORTED));
		system_settle();
	}
}

/* --- Stop ------------------------------------------------------------------------------------- */

static void test_stop(void **state)
{
	struct vcpu *other;

	(void)state;
	setup(ABORT_STOP);
	(void)ends(0, request(0, nwd(0), UP_A));
	assert_true(got_error(nwd(0), FFA_ABORTED)); /* whose request it was */
	assert_true(log_has("it stays stopped"));
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		(void)request(cpu, nwd(cpu), UP_A);
		assert_true(got_error(nwd(cpu), FFA_BUSY));
		CALL(cpu, nwd(cpu), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0));
		assert_true(got_error(nwd(cpu), FFA_BUSY));
	}
	other = request(0, nwd(0), MP_A);
	(void)request(0, other, UP_A);
	assert_true(got_error(other, FFA_BUSY));
	CALL(0, other, FFA_RUN_32, FFA_CTX(id_of(UP_A), 0));
	assert_true(got_error(other, FFA_DENIED));
	(void)respond(0, other);
	CALL(0, nwd(0), FFA_NOTIFICATION_SET_32, id_of(UP_A), 0, 1);
	assert_true(got_error(nwd(0), FFA_DENIED));
	assert_int_equal(found(), SPS);
	assert_true(others_answer());
	system_settle();
}

/* --- Destroy ---------------------------------------------------------------------------------- */

static void test_destroy(void **state)
{
	uint32_t ids = FFA_IDS(id_of(UP_A), id_of(UP_B));
	struct vcpu *b;

	(void)state;
	system_create();
	sys.partitions[UP_A].lifecycle = true;
	sys.partitions[UP_A].abort_action = ABORT_DESTROY;
	sys.partitions[UP_B].notifications = true;
	system_boot();
	b = request(1, nwd(1), UP_B);
	CALL(1, b, FFA_NOTIFICATION_BIND_32, ids, 0, 3);
	assert_true(got_success(b, 0, 0));
	(void)respond(1, b);
	(void)request(0, nwd(0), UP_A);
	CALL(0, running(0), FFA_NOTIFICATION_SET_32, ids, 0, 1);
	assert_true(got_success(running(0), 0, 0));
	(void)ends(0, running(0));
	assert_true(got_error(nwd(0), FFA_ABORTED));

	assert_int_equal(found(), SPS - 1);
	CALL(0, nwd(0), FFA_PARTITION_INFO_GET_32, UP_A + 1, 0x11, 0x22, 0x33,
	     FFA_PARTITION_INFO_COUNT_ONLY);
	assert_true(got_error(nwd(0), FFA_INVALID_PARAMETERS));
	(void)request(0, nwd(0), UP_A);
	assert_true(got_error(nwd(0), FFA_INVALID_PARAMETERS));
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0));
	assert_true(got_error(nwd(0), FFA_INVALID_PARAMETERS));
	/* What was bound to it is free; nothing of it is pending. */
	b = request(1, nwd(1), UP_B);
	CALL(1, b, FFA_NOTIFICATION_GET_32, id_of(UP_B), FFA_NOTIFICATION_FROM_SPS);
	assert_true(got_success(b, 0, 0));
	CALL(1, b, FFA_NOTIFICATION_BIND_32, ids, 0, 4);
	assert_true(got_error(b, FFA_INVALID_PARAMETERS));
	CALL(1, b, FFA_NOTIFICATION_BIND_32, FFA_IDS(id_of(MP_A), id_of(UP_B)), 0, 3);
	assert_true(got_success(b, 0, 0));
	(void)respond(1, b);
	assert_true(others_answer());
	system_settle();
}

/* --- Propagate -------------------------------------------------------------------------------- */

/* EL3 does not return from it; ours does, and the partition stays stopped. */
static void test_propagate(void **state)
{
	(void)state;
	setup(ABORT_PROPAGATE);
	(void)ends(3, request(3, nwd(3), UP_A));
	assert_int_equal(sys.cpus[3].arch.el3_calls, 1);
	assert_int_equal(sys.cpus[3].arch.el3_x[0], FFA_ABORT_32);
	assert_true(log_has("EL3 goes on though it was told"));
	(void)request(0, nwd(0), UP_A);
	assert_true(got_error(nwd(0), FFA_BUSY));
	assert_true(others_answer());
	system_settle();
}

/* --- Restart ---------------------------------------------------------------------------------- */

/* v is at its first instruction, its memory as it was loaded. */
static void check_first(const struct vcpu *v, uint32_t cpu)
{
	const struct partition *p = v->partition;
	const char *memory = (const char *)p->memory.base;

	assert_int_equal(model_of(v), RT_INIT);
	assert_int_equal(v->arch.pc, p->entry);
	for (int i = 0; i < 31; i++) {
		uint64_t expected = i == p->gp_register ? p->boot_info : i == 4 ? cpu : 0;

		assert_int_equal(v->arch.x[i], expected);
	}
	for (unsigned int i = 0; i < HOST_REGS; i++) {
		assert_int_equal(sys.cpus[cpu].arch.regs[i], 0);
	}
	for (size_t i = 0; i < SP_PAGES * PAGE_SIZE; i++) {
		assert_int_equal(memory[i], i < SP_PACKAGE_PAGES * PAGE_SIZE ? IMAGE_BYTE : 0);
	}
}

/*
 * In the middle of a request of the normal world's, or a run: that goes on when it has initialised.
 */
static void test_restart(void **state)
{
	(void)state;
	for (unsigned int run = 0; run < 2; run++) {
		struct vcpu *v = sp(UP_A, 2);

		setup(ABORT_RESTART);
		memset(memory_of(UP_A), 0xEE, SP_PAGES * PAGE_SIZE);
		if (run) {
			CALL(2, nwd(2), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0));
		} else {
			(void)request(2, nwd(2), UP_A);
		}
		assert_ptr_equal(ends(2, v), v);
		check_first(v, 2);
		assert_true(log_has("up-a: starts anew"));
		/* Meanwhile nobody else gets it. */
		(void)request(0, nwd(0), UP_A);
		assert_true(got_error(nwd(0), FFA_BUSY));
		initialise(2);
		assert_ptr_equal(running(2), nwd(2));
		assert_true(got_error(nwd(2), FFA_ABORTED));
		assert_true(answers(UP_A, 0) && answers(UP_A, 3));
		assert_true(others_answer());
		system_settle();
	}
}

/* All that it had with others is as at its first start. */
static void test_renewed(void **state)
{
	uint64_t page = SP_MEMORY(UP_A) + 8 * PAGE_SIZE;
	struct vcpu *v;

	(void)state;
	setup(ABORT_RESTART);
	v = request(0, nwd(0), UP_A);
	CALL(0, v, FFA_RXTX_MAP_64, page, page + PAGE_SIZE, 1);
	assert_true(got_success(v, 0, 0));
	CALL(0, v, FFA_NOTIFICATION_BIND_32, FFA_IDS(0, id_of(UP_A)), 0, 1);
	assert_true(got_success(v, 0, 0));
	assert_int_equal(hvc(0, v, HYP_INTERRUPT_ENABLE, FFA_VINT_TIMER, 1, 0), 0);
	timer_start(0, v, 10);
	assert_int_equal(
		hvc(0, v, HYP_INTERRUPT_RECONFIGURE, EDGE(UP_A), HYP_RECONFIGURE_SECURITY, 0), 0);
	interrupt_raise(0, LEVEL(UP_A));
	assert_true(interrupt_take(0));
	assert_ptr_equal(ends(0, v), v);
	assert_int_equal(vint_lines(&v->vint), 0);
	assert_false(gic_fake_line(EDGE(UP_A), 0)->enabled ||
		     gic_fake_line(LEVEL(UP_A), 0)->enabled);
	assert_true(gic_fake_line(EDGE(UP_A), 0)->secure);
	CALL(0, v, FFA_VERSION_32, FFA_VERSION_1_1); /* not locked */
	assert_int_equal(got(v, 0), FFA_VERSION_1_2);
	CALL(0, v, FFA_RXTX_UNMAP_32);
	assert_true(got_error(v, FFA_INVALID_PARAMETERS));
	CALL(0, v, FFA_RXTX_MAP_64, page, page + PAGE_SIZE, 1);
	assert_true(got_success(v, 0, 0));
	assert_int_equal(timer_read(0, v, ARCH_TIMER_CTL), 0);
	time_pass(10);
	initialise(0);
	CALL(0, nwd(0), FFA_NOTIFICATION_SET_32, id_of(UP_A), 0, 1);
	assert_true(got_error(nwd(0), FFA_DENIED)); /* is not bound any more */
	interrupt_raise(1, EDGE(UP_A));
	assert_true(interrupt_take(1));
	assert_int_equal(hvc(1, v, HYP_INTERRUPT_GET, 0, 0, 0), EDGE(UP_A));
	CALL(1, v, FFA_MSG_WAIT_32);
	system_settle();
}

/* A message to UP_A, of the normal world, which has buffers. */
static void send_message(uint32_t cpu)
{
	struct ffa_msg_header *tx = (struct ffa_msg_header *)NWD_MEMORY;

	*tx = (struct ffa_msg_header){ .offset = sizeof(*tx), .ids = FFA_IDS(0, id_of(UP_A)) };
	CALL(cpu, nwd(cpu), FFA_MSG_SEND2_32);
}

/*
 * RX and TX that its manifest places are there again, empty; a message that it has not read, and
 * what told of it, are gone.
 */
static void test_buffers_of_the_manifest(void **state)
{
	uint64_t page = SP_MEMORY(UP_A) + 8 * PAGE_SIZE;
	struct vcpu *v;

	(void)state;
	setup(ABORT_RESTART);
	sys.partitions[UP_A].boot_rxtx = (struct rxtx_place){ page, page + PAGE_SIZE, 1 };
	CALL(0, nwd(0), FFA_RXTX_MAP_64, NWD_MEMORY, NWD_MEMORY + PAGE_SIZE, 1);
	assert_true(got_success(nwd(0), 0, 0));
	v = request(0, nwd(0), UP_A);
	CALL(0, v, FFA_RXTX_MAP_64, page, page + PAGE_SIZE, 1); /* which boot would have done */
	assert_true(got_success(v, 0, 0));
	(void)respond(0, v);
	for (unsigned int i = 0; i < 2; i++) {
		send_message(0);
		assert_true(got_success(nwd(0), 0, 0));
		send_message(1);
		assert_true(got_error(nwd(1), FFA_BUSY)); /* RX is full */
		(void)request(0, nwd(0), UP_A);
		assert_ptr_equal(running(0), v);
		assert_ptr_equal(ends(0, v), v);
		assert_int_equal(vint_lines(&v->vint), 0);
		CALL(0, v, FFA_RX_RELEASE_32);
		assert_true(got_error(v, FFA_DENIED)); /* it is empty */
		CALL(0, v, FFA_NOTIFICATION_GET_32, id_of(UP_A), FFA_NOTIFICATION_FROM_SPM);
		assert_true(got_success(v, 0, 0));
		CALL(0, v, FFA_RXTX_MAP_64, page, page + PAGE_SIZE, 1);
		assert_true(got_error(v, FFA_DENIED)); /* there is a pair */
		initialise(0);
		assert_true(got_error(nwd(0), FFA_ABORTED));
	}
	CALL(0, nwd(0), FFA_NOTIFICATION_INFO_GET_64);
	assert_true(got_error(nwd(0), FFA_NO_DATA));
	system_settle();
}

/* --- Restart at S-EL0 ------------------------------------------------------------------------- */

#define DATA (SP_MEMORY(UP_A) + 8 * PAGE_SIZE)

static uint32_t permission(struct vcpu *v, uint64_t page)
{
	CALL(1, v, FFA_MEM_PERM_GET_64, page);
	assert_int_equal(got(v, 0), FFA_SUCCESS_32);
	return got(v, 2);
}

/* It says what is data, and initialises. */
static void initialise_el0(struct vcpu *v)
{
	assert_int_equal(permission(v, DATA), FFA_PAGES_RX);
	CALL(1, v, FFA_MEM_PERM_SET_64, DATA, 4, FFA_PAGES_RW);
	assert_true(got_success(v, 0, 0));
	CALL(1, v, FFA_RXTX_MAP_64, DATA, DATA + PAGE_SIZE, 1);
	assert_true(got_success(v, 0, 0));
	CALL(1, v, FFA_MEM_PERM_SET_64, DATA + 2 * PAGE_SIZE, 1, FFA_PAGES_RO);
	assert_true(got_success(v, 0, 0));
	assert_int_equal(permission(v, DATA + PAGE_SIZE), FFA_PAGES_RW);
	assert_int_equal(permission(v, DATA + 2 * PAGE_SIZE), FFA_PAGES_RO);
	initialise(1);
}

/* Whatever ends it: it begins with the rights of its first start, and may set them again. */
static void test_restart_el0(void **state)
{
	struct vcpu *v = sp(UP_A, 1);

	(void)state;
	system_create();
	sys.partitions[UP_A].lifecycle = true;
	sys.partitions[UP_A].abort_action = ABORT_RESTART;
	sys.partitions[UP_A].el0 = true;
	memset(memory_of(UP_A), IMAGE_BYTE, SP_PACKAGE_PAGES * PAGE_SIZE);
	system_boot();
	for (unsigned int i = 0; i < 8; i++) {
		unsigned int flushes;

		time_pass(SECOND);
		memset(memory_of(UP_A), 0xEE, SP_PAGES * PAGE_SIZE);
		(void)request(1, nwd(1), UP_A);
		assert_ptr_equal(running(1), v);
		flushes = host_el0_flushes;
		switch (i % 4) {
		case 0:
			(void)not_allowed(1);
			break;
		case 1:
			(void)fault(1, false);
			break;
		case 2:
			(void)serror(1);
			break;
		default:
			(void)ends(1, v);
			break;
		}
		assert_ptr_equal(running(1), v);
		check_first(v, 1);
		assert_true(host_el0_flushes > flushes);
		assert_int_equal(host_el0_flushed, sys.partitions[UP_A].space.vttbr);
		initialise_el0(v);
		assert_true(got_error(nwd(1), FFA_ABORTED));
		assert_true(answers(UP_A, i % CPUS));
	}
	/* It is told of interrupts as before: by FFA_INTERRUPT. */
	interrupt_raise(1, EDGE(UP_A));
	assert_true(interrupt_take(1));
	assert_true(got_call(v, FFA_INTERRUPT_32, 0, EDGE(UP_A), 0));
	assert_int_equal(vint_lines(&v->vint), 0);
	CALL(1, v, FFA_MSG_WAIT_32);
	assert_true(others_answer());
	system_settle();
}

/* While it handled an interrupt: who was preempted goes on and knows nothing of it. */
static void test_in_an_interrupt(void **state)
{
	(void)state;
	for (unsigned int by_nwd = 0; by_nwd < 2; by_nwd++) {
		struct vcpu *v = sp(UP_A, 1);
		struct vcpu *current;

		setup(ABORT_RESTART);
		current = by_nwd ? nwd(1) : request(1, nwd(1), MP_B);
		interrupt_raise(1, EDGE(UP_A));
		assert_true(interrupt_take(1));
		assert_ptr_equal(running(1), v);
		assert_ptr_equal(ends(1, v), v);
		assert_int_equal(mask_of(1), 0);
		assert_ptr_equal(CALL(1, v, FFA_MSG_WAIT_32), current);
		if (!by_nwd) {
			(void)respond(1, current);
			assert_int_equal(got(nwd(1), 0), RESP);
		}
		assert_true(answers(UP_A, 1));
		system_settle();
	}
}

/* While it handled one in the middle of its own request: its callee goes on first. */
static void test_in_the_middle(void **state)
{
	struct vcpu *v = sp(UP_A, 0);
	struct vcpu *callee;

	(void)state;
	setup(ABORT_RESTART);
	(void)request(0, nwd(0), UP_A);
	callee = request(0, v, MP_B);
	interrupt_raise(0, EDGE(UP_A));
	assert_true(interrupt_take(0));
	assert_ptr_equal(running(0), v);
	assert_ptr_equal(ends(0, v), callee);
	assert_int_equal(state_of(v), VCPU_ABORTED);
	assert_ptr_equal(respond(0, callee), v);
	check_first(v, 0);
	initialise(0);
	assert_true(got_error(nwd(0), FFA_ABORTED));
	assert_true(answers(UP_A, 0));
	system_settle();
}

/* The normal world preempts it, and runs it: the answer is that of its request. */
static void test_preempted(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	setup(ABORT_RESTART);
	(void)ends(0, request(0, nwd(0), UP_A));
	assert_true(interrupt_ns(0));
	assert_true(got_call(nwd(0), FFA_INTERRUPT_32, FFA_CTX(id_of(UP_A), 0), 0, 0));
	(void)request(1, nwd(1), UP_A);
	assert_true(got_error(nwd(1), FFA_BUSY));
	assert_ptr_equal(CALL(3, nwd(3), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0)), v);
	assert_true(interrupt_ns(3));
	assert_ptr_equal(CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0)), v);
	initialise(0);
	assert_true(got_error(nwd(0), FFA_ABORTED));
	assert_true(answers(UP_A, 0));
	system_settle();
}

/* The same for a partition that had called it; nobody else may. */
static void test_preempted_in_a_chain(void **state)
{
	struct vcpu *v = sp(UP_A, 0);
	struct vcpu *caller, *other;

	(void)state;
	setup(ABORT_RESTART);
	caller = request(0, nwd(0), MP_A);
	(void)ends(0, request(0, caller, UP_A));
	assert_true(interrupt_ns(0));
	assert_ptr_equal(running(0), caller);
	assert_int_equal(got(caller, 0), FFA_INTERRUPT_32);
	other = request(1, nwd(1), MP_B);
	CALL(1, other, FFA_RUN_32, FFA_CTX(id_of(UP_A), 0));
	assert_true(got_error(other, FFA_DENIED));
	(void)respond(1, other);
	CALL(1, nwd(1), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0));
	assert_true(got_error(nwd(1), FFA_DENIED));
	assert_ptr_equal(CALL(0, caller, FFA_RUN_32, FFA_CTX(id_of(UP_A), 0)), v);
	initialise(0);
	assert_ptr_equal(running(0), caller);
	assert_true(got_error(caller, FFA_ABORTED));
	(void)respond(0, caller);
	assert_true(answers(UP_A, 0));
	system_settle();
}

/* --- Not for ever ----------------------------------------------------------------------------- */

static void stays_stopped(const char *why)
{
	assert_true(log_has(why));
	(void)request(0, nwd(0), UP_A);
	assert_true(got_error(nwd(0), FFA_BUSY));
	assert_int_equal(state_of(sp(UP_A, 0)), VCPU_ABORTED);
	assert_true(others_answer());
	system_settle();
}

/* At boot it would only fail again. */
static void test_fails_at_boot(void **state)
{
	struct vcpu *v;

	(void)state;
	system_create();
	sys.partitions[UP_A].lifecycle = true;
	sys.partitions[UP_A].abort_action = ABORT_RESTART;
	v = system_boot_into(UP_A, RT_INIT);
	CALL(0, v, FFA_ERROR_32, 0, (uint32_t)FFA_ABORTED);
	system_finish_boot();
	(void)request(0, nwd(0), UP_A);
	assert_true(got_error(nwd(0), FFA_BUSY));
	system_settle();
}

/* It fails to initialise again, whoever waits for it: nobody is held up. */
static void test_fails_again(void **state)
{
	(void)state;
	for (unsigned int in_interrupt = 0; in_interrupt < 2; in_interrupt++) {
		struct vcpu *v = sp(UP_A, 0);

		setup(ABORT_RESTART);
		if (in_interrupt) {
			interrupt_raise(0, EDGE(UP_A));
			assert_true(interrupt_take(0));
		} else {
			(void)request(0, nwd(0), UP_A);
		}
		assert_ptr_equal(ends(0, v), v);
		CALL(0, v, FFA_ERROR_32, 0, (uint32_t)FFA_ABORTED);
		assert_ptr_equal(running(0), nwd(0));
		if (in_interrupt) {
			assert_int_equal(got(nwd(0), 0), FFA_NORMAL_WORLD_RESUME_32);
		} else {
			assert_true(got_error(nwd(0), FFA_ABORTED));
		}
		stays_stopped("up-a: has not initialised: it stays stopped");
	}
}

/* It ends at each request. */
static void test_in_a_row(void **state)
{
	(void)state;
	setup(ABORT_RESTART);
	for (unsigned int i = 0; i < 4; i++) {
		time_pass(SECOND - 1);
		assert_ptr_equal(ends(0, request(0, nwd(0), UP_A)), sp(UP_A, 0));
		initialise(0);
	}
	assert_ptr_equal(ends(0, request(0, nwd(0), UP_A)), nwd(0));
	assert_true(got_error(nwd(0), FFA_ABORTED));
	stays_stopped("up-a: has ended 5 times, each time soon after its start");
}

/* One that lives for a while in between does so for ever. */
static void test_now_and_then(void **state)
{
	(void)state;
	setup(ABORT_RESTART);
	for (unsigned int i = 0; i < 40; i++) {
		if (i % 4 == 3) {
			time_pass(SECOND);
		}
		assert_ptr_equal(ends(0, request(0, nwd(0), UP_A)), sp(UP_A, 0));
		initialise(0);
	}
	assert_true(answers(UP_A, 0));
	system_settle();
}

/* Another endpoint has some of its memory: what was loaded does not fit in any more. */
static void test_memory_away(void **state)
{
	struct partition *p = &sys.partitions[UP_A];
	struct memory_piece piece;
	unsigned int attrs;

	(void)state;
	setup(ABORT_RESTART);
	memory_piece_make(&piece, (struct range){ SP_MEMORY(UP_A) + PAGE_SIZE, PAGE_SIZE });
	assert_int_equal(memory_check(&p->pages, MEMORY_LEND, &piece.list, &attrs), MEMORY_OK);
	assert_int_equal(memory_prepare(&p->pages, MEMORY_LEND, &piece.list, attrs), MEMORY_OK);
	memory_commit(&p->pages, MEMORY_LEND, &piece.list, attrs);
	assert_ptr_equal(ends(0, request(0, nwd(0), UP_A)), nwd(0));
	assert_true(got_error(nwd(0), FFA_ABORTED));
	stays_stopped("up-a: another endpoint has some of its memory: it stays stopped");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_destroy),
		cmocka_unit_test(test_propagate),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_renewed),
		cmocka_unit_test(test_in_an_interrupt),
		cmocka_unit_test(test_in_the_middle),
		cmocka_unit_test(test_preempted),
		cmocka_unit_test(test_preempted_in_a_chain),
		cmocka_unit_test(test_fails_at_boot),
		cmocka_unit_test(test_fails_again),
		cmocka_unit_test(test_in_a_row),
		cmocka_unit_test(test_now_and_then),
		cmocka_unit_test(test_memory_away),
		cmocka_unit_test(test_restart_el0),
		cmocka_unit_test(test_buffers_of_the_manifest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
