/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The normal world's own state: it fills every register that it can reach, calls, and compares.
 * Each kind of call is made with every state of SIMD, on every CPU.
 */
#include <stddef.h>

#include "bulkhead/tester.h"
#include "call.h"
#include "cpu.h"
#include "gic.h"
#include "monitor.h"
#include "pend.h"
#include "print.h"
#include "simd.h"
#include "state.h"
#include "test.h"

#define ROUNDS 4u
#define SPIN_NS 3000000u
#define LONG_NS 3000000000u /* ended before */
#define PREEMPT_NS 400000u

/*
 * A kind of call: makes it, returns whether its answer is right. fid_bits go into the function id.
 * What the answers hold is tested elsewhere; here only that the calls go the way they are meant to.
 */
struct kind {
	const char *name;
	bool (*call)(uint32_t fid_bits);
};

static bool is_answer(const struct ffa_regs *r, uint32_t fid)
{
	CHECK(ffa_fid(r) == fid, "CPU %u: answer %s", cpu_index(), ffa_text(r));
	return true;
}

static bool null_call(uint32_t fid_bits)
{
	struct ffa_regs r = FFA_CALL(FFA_FEATURES_32 | fid_bits, FFA_MSG_SEND_DIRECT_REQ_64);

	return is_answer(&r, FFA_SUCCESS_32);
}

static bool unknown_call(uint32_t fid_bits)
{
	struct ffa_regs r = FFA_CALL(0x840000fe | fid_bits);

	return ffa_is_unknown(&r) || is_answer(&r, FFA_ERROR_32);
}

static struct ffa_regs ask(uint32_t fid_bits, uint16_t id, uint64_t command, uint64_t p1,
			   uint64_t p2)
{
	return ffa_direct(FFA_MSG_SEND_DIRECT_REQ_64 | fid_bits, id,
			  (const uint64_t[5]){ command, p1, p2 });
}

static bool request(uint32_t fid_bits)
{
	struct ffa_regs r = ask(fid_bits, sp_id(SAMPLE_TESTER), TESTER_PING, 7, 0);

	CHECK(r.x[4] == TESTER_PONG(7), "CPU %u: ping %s", cpu_index(), ffa_text(&r));
	return is_answer(&r, FFA_MSG_SEND_DIRECT_RESP_64);
}

static bool refused_request(uint32_t fid_bits)
{
	struct ffa_regs r = ask(fid_bits, 0x8fff, TESTER_PING, 7, 0);

	return is_answer(&r, FFA_ERROR_32);
}

static bool chain(uint32_t fid_bits)
{
	struct ffa_regs r = ffa_direct(
		FFA_MSG_SEND_DIRECT_REQ_64 | fid_bits, sp_id(SAMPLE_TESTER),
		(const uint64_t[5]){ TESTER_FORWARD, sp_id(SAMPLE_TESTER_ME), TESTER_PING, 9 });

	CHECK(r.x[4] == TESTER_PONG(9), "CPU %u: chain %s", cpu_index(), ffa_text(&r));
	return is_answer(&r, FFA_MSG_SEND_DIRECT_RESP_64);
}

static bool run_waiting(uint32_t fid_bits)
{
	struct ffa_regs r =
		FFA_CALL(FFA_RUN_32 | fid_bits, FFA_CTX(sp_id(SAMPLE_TESTER), cpu_index()));

	return is_answer(&r, FFA_MSG_WAIT_32);
}

static bool yielding(uint32_t fid_bits)
{
	uint16_t id = sp_id(SAMPLE_TESTER);
	struct ffa_regs r = ask(fid_bits, id, TESTER_YIELD, 2, 0);

	for (unsigned int i = 0; i < 2; i++) {
		if (!is_answer(&r, FFA_YIELD_32)) {
			return false;
		}
		r = FFA_CALL(FFA_RUN_32 | fid_bits, FFA_CTX(id, cpu_index()));
	}
	return is_answer(&r, FFA_MSG_SEND_DIRECT_RESP_64);
}

/* The SGI stays pending: we have interrupts masked, which does not keep it from an SP. */
static struct ffa_regs spin_interrupted(uint32_t fid_bits, uint16_t id, uint64_t ns)
{
	struct ffa_regs r;

	/* Without our monitor at once: the other CPUs may be at it, too. */
	pend(INTID_TEST, monitor_is_there() ? PREEMPT_NS : 0);
	r = ask(fid_bits, id, TESTER_SPIN, ns, 0);
	/* Not yet come, or not taken: it would hit another call. */
	pend_cancel();
	return r;
}

/* When the CPUs have not got the host's at the right time, the interrupt comes too late. */
static bool preempted(uint32_t fid_bits)
{
	uint16_t id = sp_id(SAMPLE_TESTER);

	for (unsigned int tries = 0; tries < 100; tries++) {
		struct ffa_regs r = spin_interrupted(fid_bits, id, SPIN_NS);

		if (ffa_fid(&r) == FFA_INTERRUPT_32) {
			r = FFA_CALL(FFA_RUN_32 | fid_bits, FFA_CTX(id, cpu_index()));
			return is_answer(&r, FFA_MSG_SEND_DIRECT_RESP_64);
		}
		if (!is_answer(&r, FFA_MSG_SEND_DIRECT_RESP_64)) {
			return false;
		}
	}
	test_fail("CPU %u: never preempted", cpu_index());
	return false;
}

static bool managed_exit(uint32_t fid_bits)
{
	struct ffa_regs r = spin_interrupted(fid_bits, sp_id(SAMPLE_TESTER_ME), LONG_NS);

	CHECK(r.x[3] == TESTER_MANAGED_EXIT, "CPU %u: no managed exit, %s", cpu_index(),
	      ffa_text(&r));
	return is_answer(&r, FFA_MSG_SEND_DIRECT_RESP_64);
}

static uint32_t secure_count(void)
{
	struct ffa_regs r = ask(0, sp_id(SAMPLE_TESTER), TESTER_COUNTS, TESTER_INTID, 0);

	return ffa_w(&r, 4);
}

/* The tester's interrupt is routed to CPU 0; it comes while we run. */
static bool secure_interrupt(uint32_t fid_bits)
{
	uint32_t before = secure_count();

	(void)fid_bits;
	if (cpu_index() != 0) {
		return true;
	}
	if (!pend(TESTER_INTID, 0)) {
		return false;
	}
	CHECK(secure_count() == before + 1, "the secure interrupt was taken %u times, not once",
	      secure_count() - before);
	return true;
}

static const struct kind kinds[] = {
	{ "a call that ends in the SPMC", null_call },
	{ "an unknown call", unknown_call },
	{ "a direct request", request },
	{ "a refused direct request", refused_request },
	{ "a chain of two partitions", chain },
	{ "FFA_RUN", run_waiting },
	{ "FFA_YIELD", yielding },
	{ "preemption", preempted },
	{ "a managed exit", managed_exit },
	{ "a secure interrupt", secure_interrupt },
};
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

/* Interrupts masked throughout: at EL1 what an exception leaves is among the registers. */
static bool check_kind(const struct kind *k, enum simd_mode mode, bool hint)
{
	bool ok;

	cpu_irq_off();
	simd_fill(mode);
	state_fill();
	ok = k->call(hint ? FFA_FID_SVE_HINT : 0);
	if (ok) {
		ok = state_check(k->name);
	}
	ok = simd_check(k->name, !hint) && ok;
	state_restore();
	cpu_irq_on();
	return ok;
}

static void check_kinds(uint64_t rounds)
{
	for (uint64_t i = 0; i < rounds * KIND_COUNT; i++) {
		const struct kind *k = &kinds[i % KIND_COUNT];

		for (enum simd_mode mode = SIMD_PLAIN; mode < SIMD_MODE_COUNT; mode++) {
			if (simd_has(mode) && !check_kind(k, mode, false)) {
				return;
			}
		}
		if (!check_kind(k, SIMD_PLAIN, true) || test_failed()) {
			return;
		}
	}
}

static bool state_one_cpu(void)
{
	struct ffa_regs r = ask(0, sp_id(SAMPLE_TESTER), TESTER_ENABLE, TESTER_INTID, 1);

	CHECK(r.x[3] == TESTER_OK && r.x[4] == 0, "TESTER_ENABLE: %s", ffa_text(&r));
	cpu_irq_off();
	state_find();
	cpu_irq_on();
	check_kinds(test_count(ROUNDS));
	return !test_failed();
}

static bool nothing(uint32_t fid_bits)
{
	(void)fid_bits;
	return true;
}

/* The instrument itself: without a call nothing may differ. */
static bool state_instrument(void)
{
	static const struct kind no_call = { "nothing", nothing };

	cpu_irq_off();
	CHECK(state_find() > 50, "only %u registers were found", state_find());
	cpu_irq_on();
	for (enum simd_mode mode = SIMD_PLAIN; mode < SIMD_MODE_COUNT; mode++) {
		if (simd_has(mode) && !check_kind(&no_call, mode, false)) {
			return false;
		}
	}
	return true;
}

/* All at once, each with values of its own: nothing of one CPU comes to another. */
static bool state_all_cpus(void)
{
	cpu_irq_off();
	state_find();
	cpu_irq_on();
	cpu_run_all(check_kinds, test_count(ROUNDS));
	return !test_failed();
}

const struct test state_tests[] = {
	{ "state.instrument", state_instrument, 0 },
	{ "state.one_cpu", state_one_cpu, NEED(SAMPLE_TESTER) | NEED(SAMPLE_TESTER_ME) },
	{ "state.all_cpus", state_all_cpus, NEED(SAMPLE_TESTER) | NEED(SAMPLE_TESTER_ME) },
	{ 0 },
};
