/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What becomes of the rogue partition that ends, by the abort-action in its manifest: a boot for
 * each. The others go on as if nothing had happened.
 */
#include <stddef.h>

#include "cpu.h"
#include "gic.h"
#include "partitions.h"
#include "test.h"
#include "tester.h"

#define ALL (ALL_TESTERS | NEED(SAMPLE_ROGUE))
#define LIFE_NS 1200000000u /* one that lives so long has not ended soon after its start */
#define ROW 4u /* how often it may */
#define SOON_NS 20000u

/* It answers, and its memory is what the last command left in it: ROGUE_FRESH after a start. */
static bool answers(uint16_t id, uint64_t expected)
{
	struct ffa_regs r = FFA_DIRECT(id, ROGUE_STATE, 1);

	CHECK(tester_answers(&r, id) && r.x[4] == ROGUE_SURVIVED && r.x[5] == expected,
	      "the rogue, of state %#lx: %s", expected, ffa_text(&r));
	return true;
}

/* --- 2: it starts anew ------------------------------------------------------------------------ */

static bool ends(uint16_t id, uint64_t command)
{
	struct ffa_regs r = FFA_DIRECT(id, command);

	CHECK(ffa_is_error(&r, FFA_ABORTED), "command %lu: %s", command, ffa_text(&r));
	return true;
}

static void ends_job(uint64_t id)
{
	(void)(ends((uint16_t)id, ROGUE_ABORT) && answers((uint16_t)id, ROGUE_FRESH));
}

static bool restart_often(void)
{
	static const uint64_t commands[] = { ROGUE_ABORT, ROGUE_BAD_VECTOR, ROGUE_NOWHERE };
	uint16_t id = sp_id(SAMPLE_ROGUE);

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!answers(id, ROGUE_FRESH) || !answers(id, 1) || !ends(id, commands[i]) ||
		    !testers_answer(1)) {
			return false;
		}
	}
	for (uint32_t cpu = 0; cpu < CPU_COUNT && !test_failed(); cpu++) {
		cpu_delay(LIFE_NS);
		cpu_run(cpu, ends_job, id);
	}
	return !test_failed() && testers_answer(1);
}

/* For another partition, which waits for its answer, over a third one. */
static bool restart_called(void)
{
	uint16_t id = sp_id(SAMPLE_ROGUE), first = sp_id(SAMPLE_TESTER);
	uint64_t chain = (uint64_t)sp_id(SAMPLE_TESTER_UP) | (uint64_t)id << 16;
	struct ffa_regs r;

	cpu_delay(LIFE_NS);
	r = FFA_DIRECT(first, TESTER_FORWARD, chain, ROGUE_ABORT);
	return tester_failed_with(&r, first, FFA_ABORTED) && answers(id, ROGUE_FRESH) &&
	       testers_answer(1);
}

#define DOUBLINGS 7u
#define TRIES_MAX 70u

/* We interrupt it, run it, and get what is owed to us in the end. */
static bool restart_preempted(void)
{
	uint16_t id = sp_id(SAMPLE_ROGUE);
	uint32_t interrupted = 0;
	struct ffa_regs r;

	/*
	 * Somewhere on the way: before its end, while it is loaded again, as it initialises. On a
	 * busy host all of them may come before it runs.
	 */
	for (uint32_t i = 0; i < DOUBLINGS || (interrupted == 0 && i < TRIES_MAX); i++) {
		cpu_delay(LIFE_NS);
		timer_start(SOON_NS << i % DOUBLINGS);
		r = tester_resume(FFA_DIRECT(id, ROGUE_ABORT), &interrupted);
		timer_stop();
		CHECK(ffa_is_error(&r, FFA_ABORTED), "after %u interruptions: %s", interrupted,
		      ffa_text(&r));
		if (!answers(id, ROGUE_FRESH)) {
			return false;
		}
	}
	CHECK(interrupted != 0, "it was never interrupted");
	return testers_answer(1);
}

/*
 * Not for ever: it is stopped in the end. On a busy host it may happen to live for so long that the
 * row begins anew.
 */
static bool restart_row(void)
{
	uint16_t id = sp_id(SAMPLE_ROGUE);
	struct ffa_regs r;

	for (unsigned int i = 0; i <= 100 * ROW; i++) {
		r = FFA_DIRECT(id, ROGUE_ABORT);
		if (ffa_is_error(&r, FFA_BUSY)) {
			break;
		}
		CHECK(ffa_is_error(&r, FFA_ABORTED), "%u: %s", i, ffa_text(&r));
	}
	r = FFA_DIRECT(id, ROGUE_STATE);
	CHECK(ffa_is_error(&r, FFA_BUSY), "it goes on: %s", ffa_text(&r));
	return testers_answer(1);
}

/* --- 0 and 1: it does not --------------------------------------------------------------------- */

static uint64_t found(void)
{
	struct ffa_regs r =
		FFA_CALL(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, FFA_PARTITION_INFO_COUNT_ONLY);

	return ffa_fid(&r) == FFA_SUCCESS_32 ? r.x[2] : 0;
}

/* Its end, and what everybody gets who calls it after. */
static bool is_gone(int32_t request, int32_t run, int32_t run_by_sp)
{
	uint16_t id = sp_id(SAMPLE_ROGUE), other = sp_id(SAMPLE_TESTER);
	struct ffa_regs r;

	if (!ends(id, ROGUE_ABORT)) {
		return false;
	}
	for (unsigned int i = 0; i < 3; i++) {
		r = FFA_DIRECT(id, ROGUE_STATE);
		CHECK(ffa_is_error(&r, request), "request: %s", ffa_text(&r));
		r = ffa_run(id, 0);
		CHECK(ffa_is_error(&r, run), "RUN: %s", ffa_text(&r));
		r = FFA_DIRECT(other, TESTER_SEND_ONCE, id, ROGUE_STATE);
		if (!tester_failed_with(&r, other, request)) {
			return false;
		}
		r = FFA_DIRECT(other, TESTER_CALL, FFA_RUN_32 | (uint64_t)FFA_CTX(id, 0) << 32);
		CHECK(tester_ok(&r, other) && (int32_t)r.x[5] == run_by_sp, "RUN by an SP: %s",
		      ffa_text(&r));
		if (!testers_answer(1)) {
			return false;
		}
	}
	return true;
}

static bool stop(void)
{
	uint64_t before = found();

	if (!is_gone(FFA_BUSY, FFA_BUSY, FFA_DENIED)) {
		return false;
	}
	CHECK(found() == before, "%lu of %lu are found", found(), before);
	return true;
}

static bool destroy(void)
{
	uint64_t before = found();

	if (!is_gone(FFA_INVALID_PARAMETERS, FFA_INVALID_PARAMETERS, FFA_INVALID_PARAMETERS)) {
		return false;
	}
	CHECK(found() == before - 1, "%lu of %lu are found", found(), before);
	return true;
}

/* --- 3: EL3 ends all -------------------------------------------------------------------------- */

static bool propagate(void)
{
	struct ffa_regs r = FFA_DIRECT(sp_id(SAMPLE_ROGUE), ROGUE_ABORT);

	test_fail("the system goes on: %s", ffa_text(&r));
	return false;
}

const struct test lifecycle_tests[] = {
	{ "lifecycle_restart.often", restart_often, ALL },
	{ "lifecycle_restart.called", restart_called, ALL },
	{ "lifecycle_restart.preempted", restart_preempted, ALL },
	{ "lifecycle_restart.row", restart_row, ALL },
	{ "lifecycle_stop.stop", stop, ALL },
	{ "lifecycle_destroy.destroy", destroy, ALL },
	{ "lifecycle_propagate.propagate", propagate, ALL },
	{ 0 },
};
