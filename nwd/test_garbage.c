/* SPDX-License-Identifier: BSD-3-Clause */
/* Random calls from all CPUs at once: each gets an answer of FF-A and does no harm. */
#include <stddef.h>

#include "cpu.h"
#include "gic.h"
#include "print.h"
#include "test.h"
#include "tester.h"

#define CALLS 40000u
#define NO_COMMAND 0x10000u /* greater than all commands of testers */

/* A number that says something to somebody, or any. */
static uint64_t argument(void)
{
	static const uint64_t known[] = {
		0,          1,          2,          0x8000,     0x80000000,         0xffff,
		0xffffffff, 0x1000,     0x60000000, 8,          0xffffffffffffffff, 0x0e300000,
		0x40000000, 1ull << 63, 0x84000002, 0x80000008,
	};

	switch (random_below(4)) {
	case 0:
		return known[random_below(sizeof(known) / sizeof(known[0]))];
	case 1:
		return random_below(64) << random_below(64);
	case 2: /* two endpoints, or a context */
		return (random_below(2) ? 0x80000000 : 0) | random_below(8) << 16 |
		       (random_below(2) ? 0x8000 : 0) | random_below(8);
	default:
		return random_next();
	}
}

static bool is_answer(uint32_t fid)
{
	switch (fid) {
	case FFA_ERROR_32:
	case FFA_SUCCESS_32:
	case FFA_SUCCESS_64:
	case FFA_INTERRUPT_32:
	case FFA_MSG_WAIT_32:
	case FFA_YIELD_32:
	case FFA_MSG_SEND_DIRECT_RESP_32:
	case FFA_MSG_SEND_DIRECT_RESP_64:
		return true;
	default:
		return false;
	}
}

static void garbage_job(uint64_t calls)
{
	for (uint64_t i = 0; i < calls && !test_failed(); i++) {
		struct ffa_regs in, r;
		uint32_t fid = (random_below(2) ? FFA_FID_BASE_32 : FFA_FID_BASE_64) |
			       (uint32_t)(0x60 + random_below(0xa0));

		in.x[0] = fid | (random_below(4) ? 0 : FFA_FID_SVE_HINT) |
			  (random_below(4) ? 0 : random_next() << 32);
		for (unsigned int n = 1; n < 18; n++) {
			in.x[n] = argument();
		}
		/* Partitions are not what is tested: no command that takes its time. */
		in.x[3] |= NO_COMMAND;
		r = ffa_call(in);
		if (fid != FFA_VERSION_32 && !is_answer(ffa_fid(&r)) && !ffa_is_unknown(&r)) {
			test_fail("CPU %u: call %#x(%#lx, %#lx, %#lx, %#lx): %s", cpu_index(), fid,
				  in.x[1], in.x[2], in.x[3], in.x[4], ffa_text(&r));
		}
	}
}

static bool garbage_calls(void)
{
	cpu_run_all(garbage_job, test_count(CALLS));
	/* What they have mapped, and asked for. */
	FFA_CALL(FFA_RX_RELEASE_32);
	FFA_CALL(FFA_RXTX_UNMAP_32);
	for (unsigned int t = 0; t < TESTER_KINDS && !test_failed(); t++) {
		tester_pings(tester_id(&testers[t]));
	}
	return !test_failed() && partitions_find() >= TESTER_KINDS;
}

const struct test garbage_tests[] = {
	{ "garbage.calls", garbage_calls, ALL_TESTERS },
	{ 0 },
};
