/* SPDX-License-Identifier: BSD-3-Clause */
#include "tester.h"

#include "bulkhead/hyp.h"
#include "cpu.h"
#include "test.h"

const struct tester testers[TESTER_KINDS] = {
	{ SAMPLE_TESTER, TESTER_INTID, false, false },
	{ SAMPLE_TESTER_UP, TESTER_UP_INTID, true, false },
	{ SAMPLE_TESTER_ME, TESTER_ME_INTID, false, true },
	{ SAMPLE_TESTER_UP_ME, TESTER_UP_ME_INTID, true, true },
	{ SAMPLE_TESTER_QUEUED, TESTER_QUEUED_INTID, true, false },
};

uint16_t tester_id(const struct tester *t)
{
	return sp_id(t->sample);
}

/* Its context for this CPU, as FFA_RUN and FFA_INTERRUPT name it. */
uint32_t tester_context(const struct tester *t)
{
	return FFA_CTX(tester_id(t), t->up ? 0 : cpu_index());
}

/* A response of that partition to us, whatever is in it. */
bool tester_answers(const struct ffa_regs *r, uint16_t id)
{
	CHECK(r->x[0] == FFA_MSG_SEND_DIRECT_RESP_64 && r->x[1] == FFA_IDS(id, FFA_ID_NWD) &&
		      r->x[2] == 0,
	      "CPU %u: no response of %#x but %s", cpu_index(), id, ffa_text(r));
	return true;
}

bool tester_ok(const struct ffa_regs *r, uint16_t id)
{
	if (!tester_answers(r, id)) {
		return false;
	}
	CHECK(r->x[3] == TESTER_OK, "CPU %u: partition %#x says %s", cpu_index(), id, ffa_text(r));
	return true;
}

/* The FF-A call that it was told to make has ended with that status, or that function id. */
bool tester_failed_with(const struct ffa_regs *r, uint16_t id, int64_t status)
{
	if (!tester_answers(r, id)) {
		return false;
	}
	CHECK(r->x[3] == TESTER_FFA && (int64_t)r->x[4] == status,
	      "CPU %u: partition %#x says %s, status %#lx expected", cpu_index(), id, ffa_text(r),
	      (uint64_t)status);
	return true;
}

bool tester_pings(uint16_t id)
{
	uint64_t p[5] = { TESTER_PING, random_next(), random_next(), random_next(), random_next() };
	struct ffa_regs r = ffa_direct(FFA_MSG_SEND_DIRECT_REQ_64, id, p);

	if (!tester_ok(&r, id)) {
		return false;
	}
	CHECK(r.x[4] == TESTER_PONG(p[1]) && r.x[5] == p[2] && r.x[6] == p[3] && r.x[7] == p[4],
	      "CPU %u: wrong pong of %#x: %s", cpu_index(), id, ffa_text(&r));
	return true;
}

/* Pings each of them that often: a job. */
void testers_ping(uint64_t rounds)
{
	for (uint64_t i = 0; i < rounds * TESTER_KINDS && !test_failed(); i++) {
		tester_pings(tester_id(&testers[i % TESTER_KINDS]));
	}
}

/* Do all of them answer that often, on every CPU? */
bool testers_answer(uint64_t rounds)
{
	for (uint32_t cpu = 0; cpu < CPU_COUNT; cpu++) {
		cpu_run(cpu, testers_ping, rounds);
	}
	return !test_failed();
}

/* Runs what was interrupted, or has yielded, until something else comes back. Counts how often. */
struct ffa_regs tester_resume(struct ffa_regs r, uint32_t *interrupted)
{
	while (ffa_fid(&r) == FFA_INTERRUPT_32 || ffa_fid(&r) == FFA_YIELD_32) {
		if (interrupted != NULL) {
			(*interrupted)++;
		}
		r = FFA_CALL(FFA_RUN_32, r.x[1]);
	}
	return r;
}

/*
 * A tester makes an FF-A call with w0-w7 as in `in`; what it got is in *in. False: it did not
 * answer. Counts how often it was interrupted.
 */
bool tester_call(uint16_t id, uint32_t in[8], uint32_t *interrupted)
{
	uint64_t p[5] = { TESTER_CALL };
	struct ffa_regs r;

	for (unsigned int i = 0; i < 8; i++) {
		p[1 + i / 2] |= (uint64_t)in[i] << (i % 2 * 32);
	}
	r = tester_resume(ffa_direct(FFA_MSG_SEND_DIRECT_REQ_64, id, p), interrupted);
	if (!tester_ok(&r, id)) {
		return false;
	}
	for (unsigned int i = 0; i < 8; i++) {
		in[i] = (uint32_t)(r.x[4 + i / 2] >> (i % 2 * 32));
	}
	return true;
}

/* Its device interrupt, at the vCPU of this CPU. */
bool tester_enable(const struct tester *t, bool on, uint32_t pin)
{
	struct ffa_regs r = FFA_DIRECT(tester_id(t), TESTER_ENABLE, t->intid, on, pin);

	if (!tester_ok(&r, tester_id(t))) {
		return false;
	}
	CHECK(r.x[4] == 0, "INTERRUPT_ENABLE(%u) of %#x is %#lx", t->intid, tester_id(t), r.x[4]);
	return true;
}
