/* SPDX-License-Identifier: BSD-3-Clause */
/* Direct messages 2 (x4-x17): FF-A 1.2 chapter 15.4, 15.5. */
#include <stddef.h>

#include "call.h"
#include "cpu.h"
#include "print.h"
#include "test.h"
#include "tester.h"

#define MESSAGES 100u
#define NOBODY 0x8fffu

/* x2 and x3 of the service UUID of a sample. */
#define SERVICE_LO ((uint64_t)0x1c4b47d2 << 32 | 0x9a64b16e)
#define SERVICE_HI(sample) ((uint64_t)(sample) << 32 | 0x8f5d3c20)

/*
 * Sends words of its own, p0 aside, to `first` (and on, as p0 says); each comes back
 * answered by the last that got it.
 */
static bool ping2(uint16_t first, uint64_t lo, uint64_t hi, uint64_t p0)
{
	struct ffa_regs in = { .x = { FFA_MSG_SEND_DIRECT_REQ2_64, FFA_IDS(FFA_ID_NWD, first), lo,
				      hi, p0 } };
	struct ffa_regs r;

	for (unsigned int i = 5; i < 18; i++) {
		in.x[i] = random_next();
	}
	r = ffa_call(in);
	CHECK(r.x[0] == FFA_MSG_SEND_DIRECT_RESP2_64 && r.x[1] == FFA_IDS(first, FFA_ID_NWD) &&
		      r.x[2] == 0 && r.x[3] == 0 && r.x[4] == TESTER_PONG(0),
	      "CPU %u: message 2 to %#x: %s", cpu_index(), first, ffa_text(&r));
	for (unsigned int i = 5; i < 18; i++) {
		CHECK(r.x[i] == TESTER_PONG(in.x[i]), "CPU %u: message 2 to %#x: x%u is %#lx",
		      cpu_index(), first, i, r.x[i]);
	}
	return true;
}

static void messages_job(uint64_t count)
{
	for (uint64_t i = 0; i < count && !test_failed(); i++) {
		for (unsigned int t = 0; t < TESTER_KINDS; t++) {
			uint16_t id = tester_id(&testers[t]);

			if (!ping2(id, 0, 0, 0) ||
			    !ping2(id, SERVICE_LO, SERVICE_HI(testers[t].sample), 0) ||
			    !tester_pings(id)) {
				return;
			}
		}
	}
}

static bool direct2_messages(void)
{
	for (uint32_t i = 0; i < CPU_COUNT; i++) {
		cpu_run(i, messages_job, test_count(MESSAGES));
	}
	return !test_failed();
}

/* Along chains of partitions, there and back. */
static bool direct2_chains(void)
{
	for (unsigned int a = 0; a < TESTER_KINDS; a++) {
		for (unsigned int b = 0; b < TESTER_KINDS; b++) {
			for (unsigned int c = 0; c < TESTER_KINDS; c++) {
				uint64_t then = tester_id(&testers[b]) |
						(uint64_t)tester_id(&testers[c]) << 16;

				if (a != b && b != c && a != c &&
				    !ping2(tester_id(&testers[a]), 0, 0, then)) {
					return false;
				}
			}
		}
	}
	return true;
}

static bool refused(uint32_t ids, uint64_t lo, uint64_t hi, int32_t status)
{
	struct ffa_regs r = FFA_CALL(FFA_MSG_SEND_DIRECT_REQ2_64, ids, lo, hi, 1, 2, 3, 4, 5, 6, 7,
				     8, 9, 10, 11, 12, 13, 14);

	CHECK(ffa_is_error(&r, status), "REQ2 %#x for %#lx %#lx: %s", ids, lo, hi, ffa_text(&r));
	for (unsigned int i = 8; i < 18; i++) {
		CHECK(r.x[i] == i - 3, "refused REQ2: x%u is %#lx", i, r.x[i]);
	}
	return true;
}

static bool direct2_errors(void)
{
	uint16_t id = sp_id(SAMPLE_TESTER);

	return refused(FFA_IDS(FFA_ID_NWD, NOBODY), 0, 0, FFA_INVALID_PARAMETERS) &&
	       refused(FFA_IDS(FFA_ID_NWD, FFA_ID_NWD), 0, 0, FFA_INVALID_PARAMETERS) &&
	       refused(FFA_IDS(FFA_ID_NWD, FFA_ID_SPMC), 0, 0, FFA_INVALID_PARAMETERS) &&
	       refused(FFA_IDS(id, id), 0, 0, FFA_INVALID_PARAMETERS) &&
	       refused(id, SERVICE_LO, SERVICE_HI(SAMPLE_TESTER_UP), FFA_INVALID_PARAMETERS) &&
	       refused(id, 1, 0, FFA_INVALID_PARAMETERS) &&
	       refused(id, 0, 1ul << 63, FFA_INVALID_PARAMETERS) &&
	       refused(sp_id(SAMPLE_ROGUE), 0, 0, FFA_DENIED) && ping2(id, 0, 0, 0);
}

/* What partitions are refused: themselves, who called them, who takes no such messages. */
static bool sp_refused(uint16_t id, uint16_t to, int64_t status)
{
	struct ffa_regs r =
		FFA_CALL(FFA_MSG_SEND_DIRECT_REQ2_64, FFA_IDS(FFA_ID_NWD, id), 0, 0, to);

	CHECK(r.x[0] == FFA_MSG_SEND_DIRECT_RESP2_64 && r.x[4] == TESTER_FFA &&
		      (int64_t)r.x[5] == status,
	      "REQ2 from %#x to %#x: %s", id, to, ffa_text(&r));
	return true;
}

static bool direct2_sp_errors(void)
{
	for (unsigned int t = 0; t < TESTER_KINDS; t++) {
		uint16_t id = tester_id(&testers[t]);

		if (!sp_refused(id, id, FFA_INVALID_PARAMETERS) ||
		    !sp_refused(id, NOBODY, FFA_INVALID_PARAMETERS) ||
		    !sp_refused(id, FFA_ID_SPMC, FFA_INVALID_PARAMETERS) ||
		    !sp_refused(id, sp_id(SAMPLE_ROGUE), FFA_DENIED)) {
			return false;
		}
	}
	return true;
}

const struct test direct2_tests[] = {
	{ "direct2.messages", direct2_messages, ALL_TESTERS },
	{ "direct2.chains", direct2_chains, ALL_TESTERS },
	{ "direct2.errors", direct2_errors, ALL_TESTERS | NEED(SAMPLE_ROGUE) },
	{ "direct2.sp_errors", direct2_sp_errors, ALL_TESTERS | NEED(SAMPLE_ROGUE) },
	{ 0 },
};
