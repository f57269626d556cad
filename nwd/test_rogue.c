/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A partition that misbehaves: whatever it does, the others go on as if nothing had happened. Some
 * of what it does ends it, so those tests are for a boot of their own.
 */
#include <stddef.h>

#include "cpu.h"
#include "gic.h"
#include "print.h"
#include "test.h"
#include "tester.h"

#define ALL (ALL_TESTERS | NEED(SAMPLE_ROGUE))
#define TICK_NS 1000000u
#define LOOP_ROUNDS 20u

#define EC(esr) ((esr) >> 26 & 0x3f)
#define EC_FETCH_ABORT 0x21u /* at the same exception level */
#define EC_DATA_ABORT 0x25u

/* What it survives: it says so. */
static bool survives(uint64_t command, uint64_t argument, struct ffa_regs *r)
{
	uint16_t id = sp_id(SAMPLE_ROGUE);

	*r = FFA_DIRECT(id, command, argument);
	CHECK(tester_answers(r, id) && r->x[3] == command && r->x[4] == ROGUE_SURVIVED,
	      "rogue command %lu, %#lx: %s", command, argument, ffa_text(r));
	return testers_answer(3);
}

static bool rogue_touches(void)
{
	static const uint64_t places[] = {
		0x0e100000, /* the SPMC */
		0x0e300000, /* another partition */
		0x0e040000, /* EL3 */
		0x60000000, /* the normal world */
		0x00001000, /* flash */
		0x08000000, /* the GIC */
		0x09040000, /* the secure console */
		0x7f000000, /* nobody */
		0x100000000, /* beyond memory */
		0x7f00000000,
	};
	struct ffa_regs r;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		for (uint64_t command = ROGUE_READ; command <= ROGUE_EXECUTE; command++) {
			uint64_t ec = command == ROGUE_EXECUTE ? EC_FETCH_ABORT : EC_DATA_ABORT;

			if (!survives(command, places[i], &r)) {
				return false;
			}
			CHECK(r.x[7] == 1 && EC(r.x[5]) == ec && r.x[6] == places[i],
			      "rogue command %lu, %#lx: %lu exceptions, ESR %#lx, FAR %#lx",
			      command, places[i], r.x[7], r.x[5], r.x[6]);
		}
	}
	return true;
}

/* Instructions and calls that are not for it. The last register counts what should have failed. */
static bool rogue_tries(void)
{
	struct ffa_regs r;

	if (!survives(ROGUE_UNDEFINED, 0, &r)) {
		return false;
	}
	CHECK(r.x[7] > 10, "only %lu undefined instructions", r.x[7]);
	for (uint64_t command = ROGUE_HYPERCALLS; command <= ROGUE_FFA; command++) {
		if (!survives(command, 0, &r)) {
			return false;
		}
		CHECK(r.x[7] == 0, "rogue command %lu: %lu wrong answers", command, r.x[7]);
	}
	return survives(ROGUE_REGISTERS, 0, &r) && survives(ROGUE_SYSTEM, 0, &r);
}

/* An endless loop with interrupts masked: it is preempted all the same, again and again. */
static bool rogue_loop(void)
{
	uint16_t id = sp_id(SAMPLE_ROGUE);
	struct ffa_regs r;

	timer_tick(TICK_NS, 2 * TICK_NS);
	r = FFA_DIRECT(id, ROGUE_LOOP);
	for (unsigned int i = 0; i < LOOP_ROUNDS; i++) {
		timer_stop();
		CHECK(ffa_is_context(&r, FFA_INTERRUPT_32, FFA_CTX(id, 0)), "loop: %s",
		      ffa_text(&r));
		if (!testers_answer(3)) {
			return false;
		}
		timer_tick(TICK_NS, 2 * TICK_NS);
		r = ffa_run(id, 0);
	}
	timer_stop();
	return testers_answer(3);
}

/* Ends it; its caller hears of it, and everybody who calls it after. */
static bool ends(uint64_t command)
{
	uint16_t id = sp_id(SAMPLE_ROGUE);
	struct ffa_regs r = FFA_DIRECT(id, command);

	CHECK(ffa_is_error(&r, FFA_ABORTED), "rogue command %lu: %s", command, ffa_text(&r));
	for (unsigned int i = 0; i < 3; i++) {
		r = FFA_DIRECT(id, ROGUE_UNDEFINED);
		CHECK(ffa_is_error(&r, FFA_ABORTED), "request to the dead: %s", ffa_text(&r));
		r = ffa_run(id, 0);
		CHECK(ffa_is_error(&r, FFA_ABORTED), "RUN of the dead: %s", ffa_text(&r));
		r = FFA_DIRECT(sp_id(SAMPLE_TESTER), TESTER_SEND_ONCE, id, ROGUE_UNDEFINED);
		if (!tester_failed_with(&r, sp_id(SAMPLE_TESTER), FFA_ABORTED) ||
		    !testers_answer(3)) {
			return false;
		}
	}
	return true;
}

static bool rogue_bad_vector(void)
{
	return ends(ROGUE_BAD_VECTOR);
}

static bool rogue_nowhere(void)
{
	return ends(ROGUE_NOWHERE);
}

static bool rogue_abort(void)
{
	return ends(ROGUE_ABORT);
}

/* Every fault's handler faults: it may be ended, or go on like that, but is preempted. */
static bool rogue_bad_stack(void)
{
	uint16_t id = sp_id(SAMPLE_ROGUE);
	struct ffa_regs r;

	timer_tick(TICK_NS, 2 * TICK_NS);
	r = FFA_DIRECT(id, ROGUE_BAD_STACK);
	timer_stop();
	CHECK(ffa_is_error(&r, FFA_ABORTED) || ffa_is_context(&r, FFA_INTERRUPT_32, FFA_CTX(id, 0)),
	      "bad stack: %s", ffa_text(&r));
	return testers_answer(3);
}

/* It dies while another partition waits for its answer. */
static bool rogue_dies_called(void)
{
	uint16_t first = sp_id(SAMPLE_TESTER);
	struct ffa_regs r =
		FFA_DIRECT(first, TESTER_FORWARD,
			   (uint64_t)sp_id(SAMPLE_TESTER_UP) | (uint64_t)sp_id(SAMPLE_ROGUE) << 16,
			   ROGUE_NOWHERE);

	return tester_failed_with(&r, first, FFA_ABORTED) && testers_answer(3);
}

const struct test rogue_tests[] = {
	{ "rogue.touches", rogue_touches, ALL },
	{ "rogue.tries", rogue_tries, ALL },
	{ "rogue.loop", rogue_loop, ALL },
	{ "rogue_ends.bad_vector", rogue_bad_vector, ALL },
	{ "rogue_ends.bad_stack", rogue_bad_stack, ALL },
	{ "rogue_ends.nowhere", rogue_nowhere, ALL },
	{ "rogue_ends.abort", rogue_abort, ALL },
	{ "rogue_ends.called", rogue_dies_called, ALL },
	{ 0 },
};
