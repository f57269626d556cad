/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A conversation of all partitions on two CPUs, and everything that can come between: at each of
 * its steps each event, and each pair of events. Then all comes to rest, nobody is stuck, and
 * whoever is not dead answers on every CPU.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spmc_fixture.h"

/* --- The conversation ------------------------------------------------------------------------ */

static void request(uint32_t cpu, struct vcpu *from, enum which to)
{
	CALL(cpu, from, FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(from->endpoint->id, id_of(to)));
	assert_ptr_equal(running(cpu), sp(to, cpu));
}

static void respond(uint32_t cpu, enum which from, struct vcpu *to)
{
	CALL(cpu, sp(from, cpu), FFA_MSG_SEND_DIRECT_RESP_32,
	     FFA_IDS(id_of(from), to->endpoint->id));
	assert_ptr_equal(running(cpu), to);
	assert_int_equal(got(to, 0), FFA_MSG_SEND_DIRECT_RESP_32);
}

static void step(unsigned int n)
{
	switch (n) {
	case 0:
		request(0, nwd(0), UP_A);
		break;
	case 1:
		request(0, sp(UP_A, 0), MP_A);
		break;
	case 2:
		request(1, nwd(1), MP_B);
		break;
	case 3:
		request(0, sp(MP_A, 0), MP_B);
		break;
	case 4:
		request(1, sp(MP_B, 1), UP_B);
		break;
	case 5:
		CALL(0, sp(MP_B, 0), FFA_YIELD_32);
		assert_ptr_equal(running(0), sp(MP_A, 0));
		break;
	case 6:
		CALL(0, sp(MP_A, 0), FFA_RUN_32, FFA_CTX(id_of(MP_B), 0));
		assert_ptr_equal(running(0), sp(MP_B, 0));
		break;
	case 7:
		respond(0, MP_B, sp(MP_A, 0));
		break;
	case 8:
		respond(1, UP_B, sp(MP_B, 1));
		break;
	case 9:
		respond(0, MP_A, sp(UP_A, 0));
		break;
	case 10:
		respond(0, UP_A, nwd(0));
		break;
	default:
		respond(1, MP_B, nwd(1));
		break;
	}
}

#define STEPS 12u

/* --- What comes between ---------------------------------------------------------------------- */

enum event {
	NS_INTERRUPT,
	INTERRUPT_OF, /* ... each of the partitions */
	SERROR = INTERRUPT_OF + SPS,
	BAD_FAULT,
	FAULT,
	END_OF_WORK,
	EVENTS_PER_CPU,
};

#define EVENTS (2 * EVENTS_PER_CPU)

static void happen(unsigned int n)
{
	uint32_t cpu = n / EVENTS_PER_CPU;
	unsigned int event = n % EVENTS_PER_CPU;
	bool in_sp = running(cpu) != nwd(cpu);

	switch (event) {
	case NS_INTERRUPT:
		(void)interrupt_ns(cpu);
		break;
	case SERROR:
		if (in_sp) {
			(void)serror(cpu);
		}
		break;
	case BAD_FAULT:
	case FAULT:
		if (in_sp) {
			(void)fault(cpu, event == BAD_FAULT);
		}
		break;
	case END_OF_WORK:
		if (in_sp) {
			finish_work(cpu);
		}
		break;
	default:
		interrupt_raise(cpu, EDGE(event - INTERRUPT_OF));
		(void)interrupt_take(cpu);
		break;
	}
}

/* Rest, and an answer from everybody alive. */
static void check_alive(void)
{
	system_settle();
	for (enum which which = 0; which < SPS; which++) {
		for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
			if (partition_is_aborted(&sys.partitions[which])) {
				CALL(cpu, nwd(cpu), FFA_MSG_SEND_DIRECT_REQ_32, id_of(which));
				assert_true(got_error(nwd(cpu), FFA_ABORTED));
			} else {
				request(cpu, nwd(cpu), which);
				respond(cpu, which, nwd(cpu));
			}
		}
	}
}

static void boot_with(enum ns_action ns, enum other_s_action other)
{
	system_create();
	for (enum which which = 0; which < SPS; which++) {
		sys.partitions[which].ns_action = ns;
		sys.partitions[which].other_s_action = other;
	}
	system_boot();
}

static void begin(unsigned int steps)
{
	for (unsigned int i = 0; i < steps; i++) {
		step(i);
	}
}

static void test_undisturbed(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		boot_with((enum ns_action)i, OTHER_S_SIGNALED);
		begin(STEPS);
		check_alive();
	}
}

/*
 * Interrupts that an SP does not notice, or handles: the conversation goes on as if nothing were.
 */
static void test_unnoticed(void **state)
{
	(void)state;
	for (unsigned int at = 0; at <= STEPS; at++) {
		for (unsigned int event = 0; event < EVENTS; event++) {
			uint32_t cpu = event / EVENTS_PER_CPU;
			struct vcpu *before;

			if (event % EVENTS_PER_CPU != FAULT &&
			    event % EVENTS_PER_CPU != NS_INTERRUPT) {
				continue;
			}
			boot_with(NS_QUEUED, OTHER_S_QUEUED);
			begin(at);
			before = running(cpu);
			happen(event);
			assert_ptr_equal(running(cpu), before);
			for (unsigned int i = at; i < STEPS; i++) {
				step(i);
			}
			check_alive();
		}
	}
}

static void test_each_event(void **state)
{
	(void)state;
	for (unsigned int config = 0; config < 6; config++) {
		for (unsigned int at = 0; at <= STEPS; at++) {
			for (unsigned int event = 0; event < EVENTS; event++) {
				boot_with((enum ns_action)(config % 3),
					  (enum other_s_action)(config / 3));
				begin(at);
				happen(event);
				check_alive();
			}
		}
	}
}

static void test_each_pair_of_events(void **state)
{
	(void)state;
	for (unsigned int at = 1; at <= STEPS; at++) {
		for (unsigned int pair = 0; pair < EVENTS * EVENTS; pair++) {
			boot_with((enum ns_action)(1 + pair % 2), OTHER_S_SIGNALED);
			begin(at);
			happen(pair / EVENTS);
			happen(pair % EVENTS);
			check_alive();
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_undisturbed),
		cmocka_unit_test(test_unnoticed),
		cmocka_unit_test(test_each_event),
		cmocka_unit_test(test_each_pair_of_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
