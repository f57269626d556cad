/* SPDX-License-Identifier: BSD-3-Clause */
/* Direct messages, FFA_RUN and FFA_YIELD: FF-A 1.2 chapters 8, 14 and 15. */
#include <stddef.h>

#include "call.h"
#include "cpu.h"
#include "gic.h"
#include "print.h"
#include "test.h"
#include "tester.h"

#define MESSAGES 200u
#define SPIN_NS 600000000000u /* cut short by a managed exit, when all has been seen */
#define PATIENCE_NS 60000000000u
#define NOBODY 0x8fffu

/* Partition ids for TESTER_FORWARD, the first to be called first. */
#define CHAIN(a, b, c) ((uint64_t)sp_id(a) | (uint64_t)sp_id(b) << 16 | (uint64_t)sp_id(c) << 32)

static bool ping_32(uint16_t id)
{
	/* What is in the upper halves is not the receiver's business. */
	uint64_t junk = random_next() << 32;
	uint32_t p[4];
	struct ffa_regs r;

	for (unsigned int i = 0; i < 4; i++) {
		p[i] = (uint32_t)random_next();
	}
	r = FFA_CALL(FFA_MSG_SEND_DIRECT_REQ_32, junk | FFA_IDS(FFA_ID_NWD, id), junk,
		     junk | TESTER_PING, junk | p[0], junk | p[1], junk | p[2], junk | p[3]);
	CHECK(r.x[0] == FFA_MSG_SEND_DIRECT_RESP_32 && r.x[1] == FFA_IDS(id, FFA_ID_NWD) &&
		      r.x[2] == 0 && r.x[3] == TESTER_OK && r.x[4] == (uint32_t)TESTER_PONG(p[0]) &&
		      r.x[5] == p[1] && r.x[6] == p[2] && r.x[7] == p[3],
	      "CPU %u: 32-bit ping of %#x: %s", cpu_index(), id, ffa_text(&r));
	return true;
}

static void messages_job(uint64_t count)
{
	for (uint64_t i = 0; i < count && !test_failed(); i++) {
		for (unsigned int t = 0; t < TESTER_KINDS; t++) {
			if (!tester_pings(tester_id(&testers[t])) ||
			    !ping_32(tester_id(&testers[t]))) {
				return;
			}
		}
	}
}

static bool direct_messages(void)
{
	for (uint32_t i = 0; i < CPU_COUNT; i++) {
		cpu_run(i, messages_job, test_count(MESSAGES));
	}
	return !test_failed();
}

static void mp_messages_job(uint64_t count)
{
	for (uint64_t i = 0; i < count && !test_failed(); i++) {
		if (!tester_pings(sp_id(SAMPLE_TESTER)) || !tester_pings(sp_id(SAMPLE_TESTER_ME))) {
			return;
		}
	}
}

static bool direct_all_cpus(void)
{
	cpu_run_all(mp_messages_job, test_count(MESSAGES));
	return !test_failed();
}

static void who_job(uint64_t arg)
{
	(void)arg;
	for (unsigned int t = 0; t < TESTER_KINDS; t++) {
		uint16_t id = tester_id(&testers[t]);
		uint64_t index = testers[t].up ? 0 : cpu_index();
		struct ffa_regs r = FFA_DIRECT(id, TESTER_WHO);

		if (!tester_ok(&r, id)) {
			return;
		}
		if (r.x[4] != index || (r.x[5] & 0xffffff) != index || r.x[6] != id) {
			test_fail("CPU %u: WHO of %#x: vCPU %lu, MPIDR %#lx, id %#lx", cpu_index(),
				  id, r.x[4], r.x[5], r.x[6]);
		}
	}
}

/* vCPU n of an MP partition is on CPU n; MPIDR_EL1 says which vCPU it is. */
static bool direct_who(void)
{
	for (uint32_t i = 0; i < CPU_COUNT; i++) {
		cpu_run(i, who_job, 0);
	}
	return !test_failed();
}

static bool refused(uint64_t fid, uint64_t w1, uint64_t w2)
{
	struct ffa_regs r = FFA_CALL(fid, w1, w2, TESTER_PING, 1, 2, 3, 4);

	CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS), "call %#lx w1 %#lx w2 %#lx: %s", fid, w1,
	      w2, ffa_text(&r));
	return true;
}

static bool direct_errors(void)
{
	static const uint64_t fids[] = { FFA_MSG_SEND_DIRECT_REQ_32, FFA_MSG_SEND_DIRECT_REQ_64 };
	uint16_t id = sp_id(SAMPLE_TESTER);
	struct ffa_regs r;

	for (size_t i = 0; i < sizeof(fids) / sizeof(fids[0]); i++) {
		uint64_t f = fids[i];
		bool ok = refused(f, FFA_IDS(FFA_ID_NWD, NOBODY), 0) &&
			  refused(f, FFA_IDS(FFA_ID_NWD, FFA_ID_NWD), 0) &&
			  refused(f, FFA_IDS(FFA_ID_NWD, 5), 0) &&
			  refused(f, FFA_IDS(FFA_ID_NWD, FFA_ID_SPMC), 0) &&
			  refused(f, FFA_IDS(FFA_ID_NWD, FFA_ID_SPMD), 0) &&
			  refused(f, FFA_IDS(id, sp_id(SAMPLE_TESTER_UP)), 0) &&
			  refused(f, FFA_IDS(id, id), 0) &&
			  refused(f, FFA_IDS(FFA_ID_SPMC, id), 0) &&
			  refused(f, FFA_IDS(FFA_ID_NWD, id), 1) &&
			  refused(f, FFA_IDS(FFA_ID_NWD, id), 0x100) &&
			  refused(f, FFA_IDS(FFA_ID_NWD, id), FFA_MSG_FRAMEWORK) &&
			  refused(f, FFA_IDS(FFA_ID_NWD, id), FFA_MSG_FRAMEWORK | 0x55) &&
			  refused(f, FFA_IDS(FFA_ID_NWD, sp_id(SAMPLE_TESTER_UP)),
				  FFA_MSG_FRAMEWORK | FFA_FW_VM_CREATED_REQ) &&
			  refused(f, FFA_IDS(FFA_ID_NWD, FFA_ID_SPMC), FFA_MSG_FRAMEWORK) &&
			  refused(f, FFA_IDS(FFA_ID_NWD, FFA_ID_SPMC),
				  FFA_MSG_FRAMEWORK | FFA_FW_VERSION_REQ);

		if (!ok) {
			return false;
		}
	}
	r = FFA_CALL(FFA_MSG_SEND_DIRECT_RESP_64, FFA_IDS(FFA_ID_NWD, id));
	CHECK(ffa_fid(&r) == FFA_ERROR_32, "DIRECT_RESP of ours: %s", ffa_text(&r));
	return tester_pings(id);
}

/* What a partition may not send; it reports the status. */
static bool direct_sp_errors(void)
{
	uint16_t id = sp_id(SAMPLE_TESTER);
	const uint16_t receivers[] = { FFA_ID_NWD, 7, id, NOBODY, FFA_ID_SPMC, FFA_ID_SPMD };

	for (size_t i = 0; i < sizeof(receivers) / sizeof(receivers[0]); i++) {
		struct ffa_regs r = FFA_DIRECT(id, TESTER_SEND_ONCE, receivers[i], TESTER_PING, 1);

		if (!tester_failed_with(&r, id, FFA_INVALID_PARAMETERS)) {
			return false;
		}
	}
	return tester_pings(id);
}

static void chain_job(uint64_t arg)
{
	uint16_t first = sp_id(SAMPLE_TESTER);
	uint64_t chains[] = {
		CHAIN(SAMPLE_TESTER_UP, SAMPLE_TESTER_ME, SAMPLE_TESTER_UP_ME),
		CHAIN(SAMPLE_TESTER_ME, SAMPLE_TESTER_QUEUED, SAMPLE_TESTER_UP),
		CHAIN(SAMPLE_TESTER_UP_ME, SAMPLE_TESTER_UP, SAMPLE_TESTER_QUEUED),
	};

	for (uint64_t i = 0; i < arg && !test_failed(); i++) {
		uint64_t n = random_next();
		struct ffa_regs r =
			FFA_DIRECT(first, TESTER_FORWARD, chains[i % 3], TESTER_PING, n, i);

		if (tester_ok(&r, first) && (r.x[4] != TESTER_PONG(n) || r.x[5] != i)) {
			test_fail("CPU %u: chain %lu: %s", cpu_index(), i % 3, ffa_text(&r));
		}
	}
}

/* Normal world to a first partition, from there over three others, and back. */
static bool direct_chains(void)
{
	for (uint32_t i = 0; i < CPU_COUNT; i++) {
		cpu_run(i, chain_job, MESSAGES);
	}
	return !test_failed();
}

/* A partition that waits for an answer, or for its own callers' cycles, cannot be called. */
static bool direct_busy_in_chain(void)
{
	uint16_t first = sp_id(SAMPLE_TESTER);
	struct ffa_regs r;

	r = FFA_DIRECT(first, TESTER_FORWARD,
		       CHAIN(SAMPLE_TESTER_UP, SAMPLE_TESTER, SAMPLE_TESTER_ME), TESTER_PING, 1);
	CHECK(tester_failed_with(&r, first, FFA_BUSY), "a loop of two");
	r = FFA_DIRECT(first, TESTER_FORWARD,
		       CHAIN(SAMPLE_TESTER_ME, SAMPLE_TESTER_UP, SAMPLE_TESTER_ME), TESTER_PING, 1);
	CHECK(tester_failed_with(&r, first, FFA_BUSY), "a loop at the end");
	chain_job(6);
	return !test_failed();
}

/* The last of the chain was told to leave, as spin_end() wants it. */
static void check_left(const struct ffa_regs *r, uint16_t id)
{
	if (tester_answers(r, id) && r->x[3] != TESTER_MANAGED_EXIT) {
		test_fail("CPU %u: %#x has not been told to leave: %s", cpu_index(), id,
			  ffa_text(r));
	}
}

static void spin_job(uint64_t id)
{
	struct ffa_regs r;

	cpu_irq_on();
	do {
		r = FFA_DIRECT((uint16_t)id, TESTER_SPIN, SPIN_NS);
	} while (ffa_is_error(&r, FFA_BUSY)); /* one of gets_busy()'s questions was faster */
	check_left(&r, (uint16_t)id);
}

/* An interrupt of ours ends what CPU 1 does. Once it has begun: see gets_busy(). */
static void spin_end(bool begun)
{
	if (begun) {
		gic_send(INTID_TEST, 1);
	}
	cpu_wait(1);
}

/* Asks until it is BUSY; false when it never is. */
static bool gets_busy(uint16_t id)
{
	uint64_t end = cpu_now() + timer_ticks(PATIENCE_NS);

	while (cpu_now() < end) {
		struct ffa_regs r = FFA_DIRECT(id, TESTER_PING, 1);

		if (ffa_is_error(&r, FFA_BUSY)) {
			return true;
		}
		if (!tester_ok(&r, id)) {
			return false;
		}
	}
	test_fail("%#x runs on another CPU and is not BUSY", id);
	return false;
}

/* One vCPU runs on one CPU; the others are told so, for requests and for RUN. */
static bool direct_busy_elsewhere(void)
{
	uint16_t id = sp_id(SAMPLE_TESTER_UP_ME);
	struct ffa_regs r;
	bool ok;

	cpu_start(1, spin_job, id);
	ok = gets_busy(id);
	if (ok) {
		r = ffa_run(id, 0);
		if (!ffa_is_error(&r, FFA_BUSY)) {
			test_fail("RUN of what runs on another CPU: %s", ffa_text(&r));
		}
		r = FFA_DIRECT(sp_id(SAMPLE_TESTER), TESTER_SEND_ONCE, id, TESTER_PING, 1);
		tester_failed_with(&r, sp_id(SAMPLE_TESTER), FFA_BUSY);
	}
	spin_end(ok);
	return !test_failed() && tester_pings(id);
}

static void forward_spin_job(uint64_t arg)
{
	uint16_t first = sp_id(SAMPLE_TESTER_UP);
	struct ffa_regs r;

	cpu_irq_on();
	do {
		r = FFA_DIRECT(first, TESTER_FORWARD, arg, TESTER_SPIN, SPIN_NS);
	} while (r.x[3] == TESTER_FFA && (int64_t)r.x[4] == FFA_BUSY); /* as in spin_job() */
	r = tester_resume(r, NULL); /* the first one is preempted, by the same interrupt */
	check_left(&r, first);
}

/* A chain that is on another CPU is nobody else's: not its head either. */
static bool direct_run_of_blocked(void)
{
	struct ffa_regs r;
	bool ok;

	cpu_start(1, forward_spin_job, sp_id(SAMPLE_TESTER_UP_ME));
	ok = gets_busy(sp_id(SAMPLE_TESTER_UP_ME));
	if (ok) {
		r = ffa_run(sp_id(SAMPLE_TESTER_UP), 0);
		if (!ffa_is_error(&r, FFA_DENIED) && !ffa_is_error(&r, FFA_BUSY)) {
			test_fail("RUN of the blocked head of a chain: %s", ffa_text(&r));
		}
		r = FFA_DIRECT(sp_id(SAMPLE_TESTER_UP), TESTER_PING, 1);
		if (!ffa_is_error(&r, FFA_BUSY)) {
			test_fail("request to the blocked head of a chain: %s", ffa_text(&r));
		}
	}
	spin_end(ok);
	return !test_failed() && tester_pings(sp_id(SAMPLE_TESTER_UP));
}

/* --- RUN and YIELD -------------------------------------------------------------------------- */

static bool run_refused(uint16_t id, uint16_t vcpu, bool denied_is_fine)
{
	struct ffa_regs r = ffa_run(id, vcpu);

	CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS) ||
		      (denied_is_fine && ffa_is_error(&r, FFA_DENIED)),
	      "RUN(%#x, %u): %s", id, vcpu, ffa_text(&r));
	return true;
}

static bool direct_run_errors(void)
{
	uint16_t id = sp_id(SAMPLE_TESTER);

	return run_refused(NOBODY, 0, false) && run_refused(id, CPU_COUNT, false) &&
	       run_refused(id, 0xffff, false) && run_refused(id, 1, false) &&
	       run_refused(sp_id(SAMPLE_TESTER_UP), 1, false) && run_refused(FFA_ID_NWD, 0, true) &&
	       run_refused(FFA_ID_SPMC, 0, true) && run_refused(FFA_ID_SPMD, 0, true) &&
	       tester_pings(id);
}

/* RUN of a partition that waits: it gets cycles until its MSG_WAIT. */
static void run_job(uint64_t arg)
{
	(void)arg;
	for (unsigned int t = 0; t < TESTER_KINDS && !test_failed(); t++) {
		uint16_t id = tester_id(&testers[t]);
		uint32_t context = tester_context(&testers[t]);
		uint64_t n = random_next();
		struct ffa_regs r = FFA_DIRECT(id, TESTER_QUEUE, TESTER_PING, n);

		if (!tester_ok(&r, id)) {
			return;
		}
		r = FFA_CALL(FFA_RUN_32, context);
		if (!ffa_is_context(&r, FFA_MSG_WAIT_32, context)) {
			test_fail("CPU %u: RUN(%#x): %s", cpu_index(), context, ffa_text(&r));
		}
		r = FFA_DIRECT(id, TESTER_RESULT);
		if (tester_ok(&r, id) && r.x[4] != TESTER_PONG(n)) {
			test_fail("CPU %u: %#x in RUN: %s", cpu_index(), id, ffa_text(&r));
		}
	}
}

static bool direct_run(void)
{
	for (uint32_t i = 0; i < CPU_COUNT; i++) {
		cpu_run(i, run_job, 0);
	}
	return !test_failed();
}

static bool yields(const struct tester *t, uint64_t count)
{
	uint16_t id = tester_id(t);
	uint32_t context = tester_context(t);
	struct ffa_regs r = FFA_DIRECT(id, TESTER_YIELD, count);

	for (uint64_t i = 0; i < count; i++) {
		CHECK(ffa_is_context(&r, FFA_YIELD_32, context), "yield %lu of %#x: %s", i, context,
		      ffa_text(&r));
		r = FFA_DIRECT(id, TESTER_PING, 1);
		CHECK(ffa_is_error(&r, FFA_BUSY), "request to %#x that has yielded: %s", id,
		      ffa_text(&r));
		r = FFA_CALL(FFA_RUN_32, context);
	}
	CHECK(tester_ok(&r, id) && r.x[4] == count, "%#x has yielded: %s", id, ffa_text(&r));
	return true;
}

static bool direct_yield(void)
{
	for (unsigned int t = 0; t < TESTER_KINDS; t++) {
		if (!yields(&testers[t], 3)) {
			return false;
		}
	}
	return true;
}

/* A partition that was called by another yields to that one, which runs it again. */
static bool direct_yield_in_chain(void)
{
	uint16_t first = sp_id(SAMPLE_TESTER), second = sp_id(SAMPLE_TESTER_UP);
	struct ffa_regs r = FFA_DIRECT(first, TESTER_SEND_ONCE, second, TESTER_YIELD, 1);

	CHECK(tester_failed_with(&r, first, FFA_YIELD_32) && r.x[5] == FFA_CTX(second, 0),
	      "a callee's YIELD: %s", ffa_text(&r));
	r = FFA_DIRECT(first, TESTER_RESUME);
	CHECK(tester_ok(&r, first) && r.x[4] == 1, "running it again: %s", ffa_text(&r));
	r = FFA_DIRECT(first, TESTER_FORWARD, second, TESTER_YIELD, 5);
	CHECK(tester_ok(&r, first) && r.x[4] == 5, "five yields: %s", ffa_text(&r));
	return true;
}

const struct test direct_tests[] = {
	{ "direct.messages", direct_messages, ALL_TESTERS },
	{ "direct.all_cpus", direct_all_cpus, ALL_TESTERS },
	{ "direct.who", direct_who, ALL_TESTERS },
	{ "direct.errors", direct_errors, ALL_TESTERS },
	{ "direct.sp_errors", direct_sp_errors, ALL_TESTERS },
	{ "direct.chains", direct_chains, ALL_TESTERS },
	{ "direct.busy_in_chain", direct_busy_in_chain, ALL_TESTERS },
	{ "direct.busy_elsewhere", direct_busy_elsewhere, ALL_TESTERS },
	{ "direct.run_of_blocked", direct_run_of_blocked, ALL_TESTERS },
	{ "direct.run_errors", direct_run_errors, ALL_TESTERS },
	{ "direct.run", direct_run, ALL_TESTERS },
	{ "direct.yield", direct_yield, ALL_TESTERS },
	{ "direct.yield_in_chain", direct_yield_in_chain, ALL_TESTERS },
	{ 0 },
};
