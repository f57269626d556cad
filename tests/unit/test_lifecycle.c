/* SPDX-License-Identifier: BSD-3-Clause */

/* Partitions begin and end, CPUs go off and on (FF-A 1.2 chapters 5, 8.2, 18.2). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#include "arch/gic.h"
#include "arch/gic_fake.h"
#include "arch/host.h"
#include "bulkhead/hyp.h"
#include "core/interrupt.h"

#define REQ 0x8400006Fu
#define RESP 0x84000070u
#define WAIT 0x8400006Bu
#define RUN 0x8400006Du
#define ERROR 0x84000060u
#define ABORTED ((uint32_t)FFA_ABORTED)

#define CPU_OFF 0x84000002u
#define FRAMEWORK 0x80000000u
#define SPMD_TO_US FFA_IDS(0xFFFF, 0x8000)
#define US_TO_SPMD FFA_IDS(0x8000, 0xFFFF)

static const enum which order[] = { MP_A, UP_A, MP_B, UP_B };

static struct vcpu *request(uint32_t cpu, struct vcpu *from, enum which to)
{
	return CALL(cpu, from, REQ, FFA_IDS(from->endpoint->id, id_of(to)));
}

static struct vcpu *respond(uint32_t cpu, struct vcpu *from)
{
	return CALL(cpu, from, RESP, FFA_IDS(from->endpoint->id, from->requester));
}

static bool log_has(const char *text)
{
	return strstr(host_console(), text) != NULL;
}

/* --- Boot ------------------------------------------------------------------------------------ */

static void check_entry(const struct vcpu *v, uint32_t cpu, uint64_t pc)
{
	const struct partition *p = v->partition;

	assert_int_equal(v->arch.pc, pc);
	for (int i = 0; i < 31; i++) {
		uint64_t expected = i == 4 ? cpu : 0;

		if (v->index == 0 && i == p->gp_register) {
			expected = p->boot_info;
		}
		assert_int_equal(v->arch.x[i], expected);
	}
	for (unsigned int i = 0; i < HOST_REGS; i++) {
		assert_int_equal(sys.cpus[cpu].arch.regs[i], 0);
	}
}

/* In boot order, each to its MSG_WAIT; then EL3 hears that we are ready. */
static void test_boot(void **state)
{
	(void)state;
	for (int gp = -1; gp <= 3; gp++) {
		system_create();
		for (enum which which = 0; which < SPS; which++) {
			sys.partitions[which].gp_register = gp;
		}
		system_start();
		for (size_t i = 0; i < NUMBER_OF(order); i++) {
			struct vcpu *v = sp(order[i], 0);

			assert_ptr_equal(running(0), v);
			assert_int_equal(model_of(v), RT_INIT);
			assert_int_equal(mask_of(0), 0x80);
			check_entry(v, 0, SP_MEMORY(order[i]));
			initialise(0);
		}
		assert_ptr_equal(running(0), nwd(0));
		assert_true(got_call(nwd(0), WAIT, 0, 0, 0));
		assert_int_equal(mask_of(0), 0xFF);
	}
}

/* Secure interrupts of others are held for an SP that says so, also in its initialisation. */
static void test_boot_mask(void **state)
{
	(void)state;
	system_create();
	sys.partitions[MP_A].other_s_action = OTHER_S_QUEUED;
	system_start();
	assert_int_equal(mask_of(0), 0);
}

/* Other CPUs: the MP partitions only, at their secondary entry point. */
static void test_secondary_cpus(void **state)
{
	(void)state;
	system_create();
	system_start();
	while (running(0) != nwd(0)) {
		initialise(0);
	}
	for (uint32_t cpu = CPUS - 1; cpu > 0; cpu--) {
		cpu_start(cpu);
		assert_ptr_equal(running(cpu), sp(MP_A, cpu));
		check_entry(running(cpu), cpu, SP_MEMORY(MP_A) + 0x1000);
		initialise(cpu);
		assert_ptr_equal(running(cpu), sp(MP_B, cpu));
		check_entry(running(cpu), cpu, SP_MEMORY(MP_B) + 0x1000);
		initialise(cpu);
		assert_true(got_call(nwd(cpu), WAIT, 0, 0, 0));
	}
	system_settle();
}

static void check_entry_point(struct vcpu *v, uint32_t fid, uint64_t pc, enum ffa_status status)
{
	snapshot_take();
	CALL(0, v, fid, pc);
	if (status == FFA_OK) {
		assert_true(got_success(v, 0, 0));
	} else {
		assert_true(got_error(v, status));
		assert_true(snapshot_same(v));
	}
}

static void test_secondary_entry_point(void **state)
{
	const uint64_t base = SP_MEMORY(MP_A);
	const uint64_t end = base + SP_PAGES * 0x1000;
	struct vcpu *v;

	(void)state;
	system_create();
	v = system_boot_into(MP_A, RT_INIT);
	check_entry_point(v, FFA_SECONDARY_EP_REGISTER_64, base - 4, FFA_INVALID_PARAMETERS);
	check_entry_point(v, FFA_SECONDARY_EP_REGISTER_64, end, FFA_INVALID_PARAMETERS);
	check_entry_point(v, FFA_SECONDARY_EP_REGISTER_64, base + 2, FFA_INVALID_PARAMETERS);
	check_entry_point(v, FFA_SECONDARY_EP_REGISTER_64, 1ul << 32 | base,
			  FFA_INVALID_PARAMETERS);
	check_entry_point(v, FFA_SECONDARY_EP_REGISTER_32, 1ul << 32 | base, FFA_OK);
	check_entry_point(v, FFA_SECONDARY_EP_REGISTER_64, UINT64_MAX, FFA_INVALID_PARAMETERS);
	check_entry_point(v, FFA_SECONDARY_EP_REGISTER_64, 1ul << 32 | base,
			  FFA_INVALID_PARAMETERS);
	check_entry_point(v, FFA_SECONDARY_EP_REGISTER_64, end - 4, FFA_OK);
	check_entry_point(v, FFA_SECONDARY_EP_REGISTER_64, base + 0x40, FFA_OK);
	system_finish_boot();
	assert_int_equal(sp(MP_A, 2)->arch.pc, base + 0x40);
	CALL(0, nwd(0), RUN, FFA_CTX(id_of(MP_A), 0));
	check_entry_point(v, FFA_SECONDARY_EP_REGISTER_64, base, FFA_DENIED);
	/* Not from the initialisation of another vCPU either: they have all started by then. */
}

/* --- Who cannot initialise -------------------------------------------------------------------- */

enum end { BY_ERROR, BY_FAULT, BY_SERROR, ENDS };

static void end_now(uint32_t cpu, enum end how)
{
	if (how == BY_ERROR) {
		CALL(cpu, running(cpu), ERROR, 0, ABORTED);
	} else if (how == BY_FAULT) {
		(void)fault(cpu, true);
	} else {
		(void)serror(cpu);
	}
}

/* The others boot; to the normal world it is dead. */
static void test_failing_initialisation(void **state)
{
	(void)state;
	for (enum which bad = 0; bad < SPS; bad++) {
		for (enum end how = 0; how < ENDS; how++) {
			system_create();
			system_start();
			while (running(0) != nwd(0)) {
				if (running(0) == sp(bad, 0)) {
					end_now(0, how);
				} else {
					initialise(0);
				}
			}
			assert_true(got_call(nwd(0), WAIT, 0, 0, 0));
			for (uint32_t cpu = 1; cpu < CPUS; cpu++) {
				cpu_up(cpu);
			}
			for (enum which which = 0; which < SPS; which++) {
				for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
					request(cpu, nwd(cpu), which);
					assert_int_equal(got_error(nwd(cpu), FFA_ABORTED),
							 which == bad);
					system_settle();
				}
			}
		}
	}
}

/* One of its vCPUs fails on another CPU: all of it ends. */
static void test_failing_secondary(void **state)
{
	(void)state;
	for (enum end how = 0; how < ENDS; how++) {
		system_create();
		system_start();
		while (running(0) != nwd(0)) {
			initialise(0);
		}
		cpu_up(1);
		cpu_start(2);
		end_now(2, how);
		assert_ptr_equal(running(2), sp(MP_B, 2));
		initialise(2);
		assert_true(got_call(nwd(2), WAIT, 0, 0, 0));
		cpu_up(3);
		assert_int_equal(state_of(sp(MP_A, 3)), VCPU_OFF);
		for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
			request(cpu, nwd(cpu), MP_A);
			assert_true(got_error(nwd(cpu), FFA_ABORTED));
		}
		system_settle();
	}
}

/* FFA_ERROR with another status, or later, ends nothing. */
static void test_error_that_is_none(void **state)
{
	struct vcpu *v;

	(void)state;
	system_create();
	v = system_boot_into(UP_A, RT_INIT);
	for (int status = -12; status < 2; status++) {
		if (status != FFA_ABORTED) {
			assert_ptr_equal(CALL(0, v, ERROR, 0, (uint32_t)status), v);
			assert_true(got_error(v, FFA_NOT_SUPPORTED));
		}
	}
	system_finish_boot();
	request(0, nwd(0), UP_A);
	CALL(0, v, ERROR, 0, ABORTED);
	assert_true(got_error(v, FFA_DENIED));
}

/* --- Faults ---------------------------------------------------------------------------------- */

/* A fault is the SP's own to handle; it is told of in the log, but not for ever. */
static void test_faults(void **state)
{
	struct vcpu *v = sp(UP_A, 0);

	(void)state;
	request(0, nwd(0), UP_A);
	for (uint32_t i = 1; i < 1000; i++) {
		assert_ptr_equal(fault(0, false), v);
		assert_int_equal(sys.cpus[0].arch.aborts_injected, i);
		if (i == 1) {
			assert_true(log_has("up-a: vCPU 0 may not read secure IPA 0x1000"));
			assert_true(log_has("\"memory\""));
		}
	}
	assert_true(log_has("further faults"));
	respond(0, v);
}

/*
 * What the tables allow by the time of the look is only tried again: a block was being taken apart.
 */
static void test_fault_is_over(void **state)
{
	static const struct {
		uint64_t ipa;
		unsigned int attrs;
		bool table, again;
	} rows[] = {
		{ SP_MEMORY(UP_A) + 0x5008, MEM_R, true, true },
		{ SP_MEMORY(UP_A) + 0x5008, MEM_W, true, true },
		{ SP_MEMORY(UP_A) + 0x5008, MEM_X, true, true },
		{ SP_MEMORY(UP_A) + 0x5008, MEM_R, false, false },
		{ SP_MEMORY(UP_A) + 0x5008, MEM_R | MEM_NS, true, false },
		{ SP_READ_ONLY(UP_A), MEM_R, true, true },
		{ SP_READ_ONLY(UP_A), MEM_W, true, false },
		{ SP_READ_ONLY(UP_A), MEM_X, true, false },
		{ SP_MEMORY(MP_A), MEM_R, true, false },
		{ UINT64_MAX, MEM_R, true, false },
	};
	struct vcpu *v = sp(UP_A, 0);
	uint32_t injected = 0;

	(void)state;
	request(0, nwd(0), UP_A);
	for (size_t i = 0; i < NUMBER_OF(rows); i++) {
		assert_ptr_equal(fault_at(0, rows[i].ipa, rows[i].attrs, rows[i].table), v);
		injected += !rows[i].again;
		assert_int_equal(sys.cpus[0].arch.aborts_injected, injected);
	}
	respond(0, v);
}

/* --- Ends in the middle of everything --------------------------------------------------------- */

/* nwd -> a -> b -> c; one of them ends while c runs. */
static void test_end_in_a_chain(void **state)
{
	static const enum which chain[] = { UP_A, MP_A, UP_B };

	(void)state;
	for (unsigned int depth = 1; depth <= 3; depth++) {
		struct vcpu *from = nwd(0);
		struct vcpu *caller;

		fixture_boot(state);
		for (unsigned int i = 0; i < depth; i++) {
			caller = from;
			request(0, from, chain[i]);
			from = sp(chain[i], 0);
		}
		caller = depth == 1 ? nwd(0) : sp(chain[depth - 2], 0);
		serror(0);
		assert_ptr_equal(running(0), caller);
		assert_true(got_error(caller, FFA_ABORTED));
		assert_int_equal(state_of(from), VCPU_ABORTED);
		system_settle();
		request(0, nwd(0), chain[depth - 1]);
		assert_true(got_error(nwd(0), FFA_ABORTED));
	}
}

/* It handles a secure interrupt: who was preempted for it goes on. */
static void test_end_in_an_interrupt(void **state)
{
	struct vcpu *a = sp(MP_A, 0);

	(void)state;
	request(0, nwd(0), MP_A);
	interrupt_raise(0, EDGE(UP_A));
	assert_true(interrupt_take(0));
	assert_ptr_equal(serror(0), a);
	respond(0, a);
	interrupt_raise(0, EDGE(UP_B));
	assert_true(interrupt_take(0));
	assert_ptr_equal(serror(0), nwd(0));
	assert_true(got_call(nwd(0), 0x8400007C, 0, 0, 0));
	system_settle();
}

/* nwd -> a -> b; a handles an interrupt in the middle, and ends: b goes on, nwd hears ABORTED. */
static void test_end_of_a_requester(void **state)
{
	struct vcpu *a = sp(UP_A, 0);
	struct vcpu *b = sp(MP_B, 0);

	(void)state;
	request(0, nwd(0), UP_A);
	request(0, a, MP_B);
	interrupt_raise(0, EDGE(UP_A));
	assert_true(interrupt_take(0));
	assert_ptr_equal(running(0), a);
	assert_ptr_equal(serror(0), b);
	assert_ptr_equal(respond(0, b), nwd(0));
	assert_true(got_error(nwd(0), FFA_ABORTED));
	assert_int_equal(state_of(b), VCPU_WAITING);
	system_settle();
}

/* The requester ends while its callee is preempted: the normal world inherits that. */
static void test_heritage(void **state)
{
	struct vcpu *a = sp(UP_A, 0);
	struct vcpu *b = sp(UP_B, 0);

	(void)state;
	request(0, nwd(0), UP_A);
	request(0, a, UP_B);
	assert_true(interrupt_ns(0));
	assert_ptr_equal(serror(0), nwd(0));
	assert_true(got_error(nwd(0), FFA_ABORTED));
	assert_int_equal(state_of(b), VCPU_PREEMPTED);
	assert_ptr_equal(CALL(3, nwd(3), RUN, FFA_CTX(id_of(UP_B), 0)), b);
	assert_ptr_equal(respond(3, b), nwd(3));
	assert_true(got_call(nwd(3), WAIT, FFA_CTX(id_of(UP_B), 0), 0, 0));
	system_settle();
}

/* An MP partition ends on one CPU while its vCPUs do all kinds of things on the others. */
static void test_end_on_all_cpus(void **state)
{
	struct vcpu *v[CPUS];

	(void)state;
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		v[cpu] = sp(MP_A, cpu);
	}
	request(0, nwd(0), MP_A);
	request(1, nwd(1), MP_A); /* runs */
	request(2, nwd(2), MP_A);
	request(2, v[2], UP_B); /* waits for another one */
	assert_ptr_equal(serror(0), nwd(0));
	assert_true(got_error(nwd(0), FFA_ABORTED));
	/* The kick brings back who runs, and nothing else of it runs ever again. */
	assert_true(interrupt_take(1));
	assert_ptr_equal(running(1), nwd(1));
	assert_true(got_error(nwd(1), FFA_ABORTED));
	assert_ptr_equal(respond(2, sp(UP_B, 2)), nwd(2));
	assert_true(got_error(nwd(2), FFA_ABORTED));
	request(3, nwd(3), MP_A);
	assert_true(got_error(nwd(3), FFA_ABORTED));
	CALL(3, nwd(3), RUN, FFA_CTX(id_of(MP_A), 3));
	assert_true(got_error(nwd(3), FFA_ABORTED));
	system_settle();
}

/* What runs makes a call before the kick arrives: it does not come back from it. */
static void test_end_before_the_kick(void **state)
{
	static const uint64_t calls[] = { FFA_ID_GET_32, 0xFF04, 0x84000000, FFA_MSG_WAIT_32 };

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(calls); i++) {
		fixture_boot(state);
		request(1, nwd(1), MP_A);
		request(0, nwd(0), MP_A);
		serror(0);
		assert_ptr_equal(CALL(1, sp(MP_A, 1), calls[i]), nwd(1));
		assert_true(got_error(nwd(1), FFA_ABORTED));
	}
	/* It gives its cycles away: the call is done, and then it ends. */
	fixture_boot(state);
	request(1, nwd(1), MP_A);
	request(0, nwd(0), MP_A);
	serror(0);
	assert_ptr_equal(request(1, sp(MP_A, 1), UP_A), sp(UP_A, 1));
	assert_ptr_equal(respond(1, sp(UP_A, 1)), nwd(1));
	assert_true(got_error(nwd(1), FFA_ABORTED));
	system_settle();
}

/* Interrupts of a dead partition are off on all CPUs; those of others are not. */
static void test_end_and_interrupts(void **state)
{
	(void)state;
	request(2, nwd(2), MP_A);
	serror(2);
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		assert_false(gic_fake_line(EDGE(MP_A), cpu)->enabled);
		assert_false(gic_fake_line(LEVEL(MP_A), cpu)->enabled);
		assert_false(gic_fake_line(PPI(MP_A), cpu)->enabled);
		assert_true(gic_fake_line(EDGE(MP_B), cpu)->enabled);
		assert_true(gic_fake_line(PPI(MP_B), cpu)->enabled);
	}
}

/* --- CPUs go off and on ----------------------------------------------------------------------- */

static struct vcpu *say_off(uint32_t cpu)
{
	return CALL(cpu, nwd(cpu), REQ, SPMD_TO_US, FRAMEWORK, CPU_OFF);
}

static bool is_off(uint32_t cpu)
{
	return running(cpu) == nwd(cpu) && got_call(nwd(cpu), RESP, US_TO_SPMD, FRAMEWORK | 2, 0);
}

static struct vcpu *answer_off(uint32_t cpu, struct vcpu *v, uint32_t status)
{
	return CALL(cpu, v, RESP, FFA_IDS(v->endpoint->id, 0x8000), FRAMEWORK | 2, status);
}

static void check_off_message(uint32_t cpu, const struct vcpu *v)
{
	assert_ptr_equal(running(cpu), v);
	assert_true(got_call(v, REQ, FFA_IDS(0x8000, v->endpoint->id), FRAMEWORK, CPU_OFF));
	assert_int_equal(model_of(v), RT_DIRECT_REQ);
	assert_int_equal(mask_of(cpu), 0);
}

static void test_off(void **state)
{
	struct vcpu *a = sp(MP_A, 2);
	struct vcpu *b = sp(MP_B, 2);

	(void)state;
	say_off(2);
	check_off_message(2, a);
	answer_off(2, a, 0);
	check_off_message(2, b);
	answer_off(2, b, 0);
	assert_true(is_off(2));
	assert_int_equal(state_of(a), VCPU_OFF);
	assert_int_equal(state_of(b), VCPU_OFF);
	assert_int_equal(state_of(sp(UP_A, 2)), VCPU_WAITING);
	assert_int_equal(state_of(sp(MP_A, 1)), VCPU_WAITING);
	cpu_down(2);
	cpu_up(2);
	assert_ptr_equal(request(2, nwd(2), MP_A), a);
	respond(2, a);
	system_settle();
}

/* Who does not want to know is not told; who cannot be told goes off all the same. */
static void test_off_untold(void **state)
{
	(void)state;
	system_create();
	sys.partitions[MP_A].pm_messages = 0;
	sys.partitions[MP_B].pm_messages = 0;
	system_boot();
	say_off(1);
	assert_true(is_off(1));
	assert_int_equal(state_of(sp(MP_A, 1)), VCPU_OFF);
	fixture_boot(state);
	bring_to(MP_A, 1, VCPU_PREEMPTED);
	bring_to(MP_B, 1, VCPU_YIELDED);
	say_off(1);
	assert_true(is_off(1));
	assert_int_equal(state_of(sp(MP_A, 1)), VCPU_OFF);
	assert_int_equal(state_of(sp(MP_B, 1)), VCPU_OFF);
	cpu_down(1);
	cpu_up(1);
	system_settle();
}

/* An SP cannot keep the CPU on: it may refuse, end, or answer something else. */
static void test_off_refused(void **state)
{
	struct vcpu *a = sp(MP_A, 1);
	struct vcpu *b = sp(MP_B, 1);

	(void)state;
	say_off(1);
	snapshot_take();
	CALL(1, a, RESP, FFA_IDS(id_of(MP_A), 0x8000));
	assert_true(got_error(a, FFA_DENIED));
	assert_true(snapshot_same(a));
	CALL(1, a, RESP, FFA_IDS(id_of(MP_A), 0x8000), FRAMEWORK | 3);
	assert_true(got_error(a, FFA_DENIED));
	CALL(1, a, RESP, FFA_IDS(id_of(MP_A), 0xFFFF), FRAMEWORK | 2);
	assert_true(got_error(a, FFA_INVALID_PARAMETERS));
	CALL(1, a, WAIT);
	assert_true(got_error(a, FFA_DENIED));
	assert_ptr_equal(answer_off(1, a, (uint32_t)-3), b);
	assert_true(log_has("cannot refuse"));
	assert_ptr_equal(serror(1), nwd(1));
	assert_true(is_off(1));
	assert_int_equal(state_of(a), VCPU_OFF);
	assert_int_equal(state_of(b), VCPU_ABORTED);
	cpu_down(1);
	cpu_up(1);
	assert_int_equal(state_of(a), VCPU_WAITING);
	system_settle();
}

/* Interrupts that came while it was told are handled before the CPU goes. */
static void test_off_with_interrupts(void **state)
{
	struct vcpu *a = sp(MP_A, 1);

	(void)state;
	say_off(1);
	interrupt_pend(PPI(MP_A), &sys.cpus[1]);
	assert_ptr_equal(answer_off(1, a, 0), a);
	assert_true(got_call(a, 0x84000062, 0, PPI(MP_A), 0));
	assert_int_equal(hvc(1, a, HYP_INTERRUPT_GET, 0, 0, 0), PPI(MP_A));
	assert_ptr_equal(CALL(1, a, WAIT), sp(MP_B, 1));
	answer_off(1, sp(MP_B, 1), 0);
	assert_true(is_off(1));
	assert_int_equal(state_of(a), VCPU_OFF);
}

/* The vCPU of MP_A on CPU 1, whose interrupts come there, runs and has got this one. */
static struct vcpu *interrupted_on_1(uint32_t intid)
{
	struct vcpu *v = sp(MP_A, 1);

	CALL(1, nwd(1), RUN, FFA_CTX(id_of(MP_A), 1));
	assert_int_equal(hvc(1, v, HYP_INTERRUPT_RECONFIGURE, intid, HYP_RECONFIGURE_TARGET, 1), 0);
	interrupt_raise(1, intid);
	assert_true(interrupt_take_one(1, intid));
	assert_ptr_equal(running(1), v);
	return v;
}

static void off_when_preempted(void)
{
	assert_true(interrupt_ns(1));
	assert_ptr_equal(say_off(1), sp(MP_B, 1));
	answer_off(1, sp(MP_B, 1), 0);
	assert_true(is_off(1));
	assert_int_equal(state_of(sp(MP_A, 1)), VCPU_OFF);
	cpu_down(1);
}

/* What it has not seen when its CPU goes off is handled where the interrupt comes from then on. */
static void test_off_before_the_handler(void **state)
{
	static const uint32_t intids[] = { EDGE(MP_A), LEVEL(MP_A) };
	struct vcpu *other = sp(MP_A, 0);

	for (size_t i = 0; i < NUMBER_OF(intids); i++) {
		fixture_boot(state);
		(void)interrupted_on_1(intids[i]);
		off_when_preempted();
		assert_true(interrupt_take(0));
		assert_ptr_equal(running(0), other);
		assert_int_equal(hvc(0, other, HYP_INTERRUPT_GET, 0, 0, 0), intids[i]);
		assert_int_equal(hvc(0, other, HYP_INTERRUPT_DEACTIVATE, intids[i], intids[i], 0),
				 0);
		CALL(0, other, WAIT);
		assert_true(gic_fake_line(intids[i], 0)->enabled);
		cpu_up(1);
		assert_int_equal(vint_lines(&sp(MP_A, 1)->vint), 0);
		system_settle();
	}
}

/* One that it was handling may come again: nobody is going to deactivate it. */
static void test_off_in_the_handler(void **state)
{
	(void)state;
	for (unsigned int last = 0; last < 2; last++) {
		struct vcpu *v;

		fixture_boot(state);
		v = interrupted_on_1(LEVEL(MP_A));
		assert_int_equal(hvc(1, v, HYP_INTERRUPT_GET, 0, 0, 0), LEVEL(MP_A));
		assert_false(gic_fake_line(LEVEL(MP_A), 0)->enabled);
		for (uint32_t cpu = 0; last && cpu < CPUS; cpu++) {
			/* No other CPU is up: it waits for this one. */
			atomic_store(&sys.cpus[cpu].up, cpu == 1);
		}
		off_when_preempted();
		assert_true(gic_fake_line(LEVEL(MP_A), 0)->enabled);
		assert_int_equal(gic_fake_line(LEVEL(MP_A), 0)->route, last ? 1 : 0);
		if (last) {
			cpu_up(1);
		}
		interrupt_raise(last, LEVEL(MP_A));
		assert_true(interrupt_take_one(last, LEVEL(MP_A)));
		assert_ptr_equal(running(last), sp(MP_A, last));
	}
}

/* A kick that was on its way to the CPU is lost with it: another one looks instead. */
static void test_off_with_a_kick(void **state)
{
	(void)state;
	interrupt_pend(EDGE(UP_A), &sys.cpus[0]);
	gic_send_secure_sgi(GIC_SGI_KICK, 1);
	say_off(1);
	answer_off(1, sp(MP_A, 1), 0);
	answer_off(1, sp(MP_B, 1), 0);
	assert_true(is_off(1));
	cpu_down(1);
	assert_true(interrupt_take(0));
	assert_ptr_equal(running(0), sp(UP_A, 0));
	system_settle();
}

/*
 * The schedule receiver interrupt of who is notified meanwhile would be lost with the CPU: another
 * one gets it.
 */
static void test_off_with_notifications(void **state)
{
	static const uint32_t flags[] = { 0, FFA_NOTIFICATION_DELAY_SRI };
	struct vcpu *a = sp(MP_A, 1);

	for (size_t i = 0; i <= NUMBER_OF(flags); i++) {
		fixture_boot(state);
		CALL(0, nwd(0), FFA_NOTIFICATION_BITMAP_CREATE_32, FFA_ID_NWD, CPUS);
		CALL(0, nwd(0), FFA_NOTIFICATION_BIND_32, FFA_IDS(id_of(MP_A), FFA_ID_NWD), 0, 1);
		say_off(1);
		if (i < NUMBER_OF(flags)) {
			CALL(1, a, FFA_NOTIFICATION_SET_32, FFA_IDS(id_of(MP_A), FFA_ID_NWD),
			     flags[i], 1);
			assert_true(got_success(a, 0, 0));
		}
		answer_off(1, a, 0);
		answer_off(1, sp(MP_B, 1), 0);
		assert_true(is_off(1));
		cpu_down(1);
		assert_int_equal(sri_count[0], 0);
		assert_true(interrupt_take(0));
		assert_int_equal(sri_count[0], i < NUMBER_OF(flags));
		system_settle();
	}
}

/* What has ended on another CPU is not told; it never runs again. */
static void test_off_and_dead(void **state)
{
	(void)state;
	request(0, nwd(0), MP_A);
	serror(0);
	say_off(1);
	check_off_message(1, sp(MP_B, 1));
	answer_off(1, sp(MP_B, 1), 0);
	assert_true(is_off(1));
	cpu_down(1);
	cpu_up(1);
	system_settle();
}

/* A UP partition that was left in the middle goes on elsewhere. */
static void test_off_and_up(void **state)
{
	struct vcpu *v = sp(UP_A, 1);

	(void)state;
	bring_to(UP_A, 1, VCPU_PREEMPTED);
	say_off(1);
	answer_off(1, sp(MP_A, 1), 0);
	answer_off(1, sp(MP_B, 1), 0);
	cpu_down(1);
	assert_ptr_equal(CALL(2, nwd(2), RUN, FFA_CTX(id_of(UP_A), 0)), v);
	assert_ptr_equal(CALL(2, v, WAIT), nwd(2));
	system_settle();
}

/* Off and on, in any order, many times. */
static void test_off_and_on(void **state)
{
	static const uint8_t cpus[] = { 1, 3, 3, 2, 1, 2, 0, 1, 0, 1, 3, 0, 2, 0, 2, 3 };

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(cpus); i++) {
		uint32_t cpu = cpus[i];

		if (running(cpu) == NULL) {
			cpu_up(cpu);
			continue;
		}
		say_off(cpu);
		answer_off(cpu, sp(MP_A, cpu), 0);
		answer_off(cpu, sp(MP_B, cpu), 0);
		assert_true(is_off(cpu));
		cpu_down(cpu);
		for (uint32_t other = 0; other < CPUS; other++) {
			if (running(other) != NULL) {
				assert_ptr_equal(request(other, nwd(other), UP_A), sp(UP_A, other));
				respond(other, sp(UP_A, other));
			}
		}
	}
	system_settle();
}

/* --- Framework messages ----------------------------------------------------------------------- */

static void test_framework_messages(void **state)
{
	(void)state;
	for (uint32_t type = 0; type < 0x100; type++) {
		for (uint32_t w3 = 0; w3 < 3; w3++) {
			uint32_t value = w3 == 0 ? 0 : w3 == 1 ? 0x84000001 : 0xC4000002;

			CALL(0, nwd(0), REQ, SPMD_TO_US, FRAMEWORK | type, value);
			assert_ptr_equal(running(0), nwd(0));
			if (type == 0) { /* PSCI, but not CPU_OFF */
				assert_true(got_call(nwd(0), RESP, US_TO_SPMD, FRAMEWORK | 2,
						     0xFFFFFFFF));
			} else if (type == 1) { /* warm boot */
				assert_true(got_call(nwd(0), RESP, US_TO_SPMD, FRAMEWORK | 2, 0));
			} else if (type == 8) { /* version */
				assert_true(got_call(nwd(0), RESP, US_TO_SPMD, FRAMEWORK | 9,
						     0xFFFFFFFF));
			} else {
				assert_true(got_error(nwd(0), FFA_INVALID_PARAMETERS));
			}
		}
	}
	CALL(0, nwd(0), REQ, SPMD_TO_US, FRAMEWORK | 8, FFA_VERSION_1_1);
	assert_true(got_call(nwd(0), RESP, US_TO_SPMD, FRAMEWORK | 9, FFA_VERSION_1_2));
	assert_int_equal(nwd(0)->endpoint->version, FFA_VERSION_1_1);
}

/* Only the SPMD, and only to us. */
static void test_framework_ids(void **state)
{
	static const uint32_t ids[] = { 0,
					FFA_IDS(0, 0x8000),
					FFA_IDS(0xFFFF, 0x8001),
					FFA_IDS(0xFFFE, 0x8000),
					FFA_IDS(0x8000, 0xFFFF),
					FFA_IDS(0x8001, 0x8000) };

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(ids); i++) {
		snapshot_take();
		CALL(0, nwd(0), REQ, ids[i], FRAMEWORK, CPU_OFF);
		assert_true(got_error(nwd(0), FFA_INVALID_PARAMETERS));
		assert_true(snapshot_same(nwd(0)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boot),
		cmocka_unit_test(test_boot_mask),
		cmocka_unit_test(test_secondary_cpus),
		cmocka_unit_test(test_secondary_entry_point),
		cmocka_unit_test(test_failing_initialisation),
		cmocka_unit_test(test_failing_secondary),
		cmocka_unit_test(test_error_that_is_none),
		cmocka_unit_test_setup(test_faults, fixture_boot),
		cmocka_unit_test_setup(test_fault_is_over, fixture_boot),
		cmocka_unit_test(test_end_in_a_chain),
		cmocka_unit_test_setup(test_end_in_an_interrupt, fixture_boot),
		cmocka_unit_test_setup(test_end_of_a_requester, fixture_boot),
		cmocka_unit_test_setup(test_heritage, fixture_boot),
		cmocka_unit_test_setup(test_end_on_all_cpus, fixture_boot),
		cmocka_unit_test(test_end_before_the_kick),
		cmocka_unit_test_setup(test_end_and_interrupts, fixture_boot),
		cmocka_unit_test_setup(test_off, fixture_boot),
		cmocka_unit_test_setup(test_off_untold, fixture_boot),
		cmocka_unit_test_setup(test_off_refused, fixture_boot),
		cmocka_unit_test_setup(test_off_with_interrupts, fixture_boot),
		cmocka_unit_test(test_off_before_the_handler),
		cmocka_unit_test(test_off_in_the_handler),
		cmocka_unit_test_setup(test_off_with_a_kick, fixture_boot),
		cmocka_unit_test(test_off_with_notifications),
		cmocka_unit_test_setup(test_off_and_dead, fixture_boot),
		cmocka_unit_test_setup(test_off_and_up, fixture_boot),
		cmocka_unit_test_setup(test_off_and_on, fixture_boot),
		cmocka_unit_test_setup(test_framework_messages, fixture_boot),
		cmocka_unit_test_setup(test_framework_ids, fixture_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
