/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The register sweep, for every way out of a partition: it fills all that it can reach with a
 * pattern and leaves; we fill all that we can reach, let other partitions do the same, and give it
 * its cycles back, a UP partition on another CPU; it compares.
 */
#include <stddef.h>

#include "bulkhead/hyp.h"
#include "cpu.h"
#include "gic.h"
#include "pend.h"
#include "print.h"
#include "scramble.h"
#include "state.h"
#include "test.h"
#include "tester.h"

#define ROUNDS 3u
#define SPIN_LOOPS 4000000u
#define SPIN_NS_MIN 100000u
#define SPIN_NS_MAX 4000000u

static uint64_t next_seed(void)
{
	static uint64_t seed = 1000;

	return seed += 10;
}

static struct ffa_regs to(uint16_t id, uint64_t p0, uint64_t p1, uint64_t p2, uint64_t p3)
{
	return (struct ffa_regs){ .x = { FFA_MSG_SEND_DIRECT_REQ_64, FFA_IDS(FFA_ID_NWD, id), 0, p0,
					 p1, p2, p3 } };
}

/* A kind of sweep during which no virtual interrupt comes: PSTATE.I and F may be anything. */
static uint64_t unmasked(uint64_t kind)
{
	return kind | (random_below(2) ? TESTER_SWEEP_UNMASKED : 0);
}

static struct ffa_regs run_of(uint32_t context)
{
	return (struct ffa_regs){ .x = { FFA_RUN_32, context } };
}

/* The CPU that gives the next cycles: any for a UP partition, the same for others. */
static uint32_t next_cpu(const struct tester *t, uint32_t cpu)
{
	return t->up ? (uint32_t)random_below(CPU_COUNT) : cpu;
}

static uint32_t context_on(const struct tester *t, uint32_t cpu)
{
	return FFA_CTX(tester_id(t), t->up ? 0 : cpu);
}

/* Lets every other partition fill the registers of this CPU with patterns of its own. */
static bool others_sweep(const struct tester *t, uint32_t cpu)
{
	for (unsigned int i = 0; i < TESTER_KINDS; i++) {
		const struct tester *other = &testers[i];
		uint16_t id = tester_id(other);
		struct ffa_regs r;

		if (other == t) {
			continue;
		}
		r = scrambled_call_on(
			cpu, to(id, TESTER_SWEEP, unmasked(TESTER_SWEEP_CALL), next_seed(), 0),
			"a sweep");
		if (!tester_ok(&r, id)) {
			return false;
		}
	}
	return true;
}

/* A sweep that the partition compares later: asks for what it found. */
static bool result_is_right(const struct tester *t, uint32_t cpu)
{
	uint16_t id = tester_id(t);
	struct ffa_regs r = scrambled_call_on(cpu, to(id, TESTER_RESULT, 0, 0, 0), "a response");

	CHECK(tester_ok(&r, id) && r.x[4] == 1, "%#x on CPU %u compared %lu sweeps: %s", id, cpu,
	      r.x[4], ffa_text(&r));
	return true;
}

/* --- One for each way out -------------------------------------------------------------------- */

/* A call that the SPMC answers by itself. */
static bool by_call(const struct tester *t, uint32_t cpu)
{
	uint16_t id = tester_id(t);
	struct ffa_regs r = scrambled_call_on(
		cpu, to(id, TESTER_SWEEP, unmasked(TESTER_SWEEP_CALL), next_seed(), 0), "a sweep");

	CHECK(tester_ok(&r, id) && r.x[4] > 100, "%#x: %s", id, ffa_text(&r));
	return true;
}

static bool by_response(const struct tester *t, uint32_t cpu)
{
	uint16_t id = tester_id(t);
	struct ffa_regs r = scrambled_call_on(
		cpu, to(id, TESTER_SWEEP, TESTER_SWEEP_RESPONSE, next_seed(), 0), "a response");

	return tester_ok(&r, id) && others_sweep(t, cpu) && result_is_right(t, next_cpu(t, cpu));
}

/* Its own request to each of the others, which leave by response. */
static bool by_request(const struct tester *t, uint32_t cpu)
{
	uint16_t id = tester_id(t);

	for (unsigned int i = 0; i < TESTER_KINDS; i++) {
		struct ffa_regs r;

		if (&testers[i] == t) {
			continue;
		}
		r = scrambled_call_on(cpu,
				      to(id, TESTER_SWEEP, TESTER_SWEEP_REQUEST, next_seed(),
					 tester_id(&testers[i])),
				      "a chain");
		if (!tester_ok(&r, id) || !result_is_right(&testers[i], cpu)) {
			return false;
		}
	}
	return true;
}

static bool by_wait(const struct tester *t, uint32_t cpu)
{
	uint16_t id = tester_id(t);
	struct ffa_regs r = scrambled_call_on(
		cpu, to(id, TESTER_SWEEP, TESTER_SWEEP_WAIT, next_seed(), 0), "a response");

	if (!tester_ok(&r, id)) {
		return false;
	}
	r = scrambled_call_on(cpu, run_of(context_on(t, cpu)), "FFA_MSG_WAIT");
	CHECK(ffa_is_context(&r, FFA_MSG_WAIT_32, context_on(t, cpu)), "RUN of %#x: %s", id,
	      ffa_text(&r));
	return others_sweep(t, cpu) && result_is_right(t, next_cpu(t, cpu));
}

static bool by_yield(const struct tester *t, uint32_t cpu)
{
	uint16_t id = tester_id(t);
	struct ffa_regs r = scrambled_call_on(
		cpu, to(id, TESTER_SWEEP, unmasked(TESTER_SWEEP_YIELD), next_seed(), 0),
		"FFA_YIELD");

	CHECK(ffa_is_context(&r, FFA_YIELD_32, context_on(t, cpu)), "%#x yields: %s", id,
	      ffa_text(&r));
	if (!others_sweep(t, cpu)) {
		return false;
	}
	cpu = next_cpu(t, cpu);
	r = scrambled_call_on(cpu, run_of(context_on(t, cpu)), "FFA_RUN");
	return tester_ok(&r, id);
}

/* An interrupt of ours while it holds its patterns. One that comes too late is tried again. */
static bool by_preemption(const struct tester *t, uint32_t cpu)
{
	uint16_t id = tester_id(t);

	for (unsigned int tries = 0; tries < 20; tries++) {
		struct ffa_regs r = interrupted_call_on(
			cpu,
			to(id, TESTER_SWEEP, unmasked(TESTER_SWEEP_SPIN), next_seed(), SPIN_LOOPS),
			INTID_TEST, SPIN_NS_MIN + random_below(SPIN_NS_MAX - SPIN_NS_MIN),
			"preemption");

		if (ffa_fid(&r) == FFA_MSG_SEND_DIRECT_RESP_64) {
			if (!tester_ok(&r, id)) {
				return false;
			}
			continue;
		}
		CHECK(ffa_is_context(&r, FFA_INTERRUPT_32, context_on(t, cpu)), "%#x: %s", id,
		      ffa_text(&r));
		if (!others_sweep(t, cpu)) {
			return false;
		}
		cpu = next_cpu(t, cpu);
		r = scrambled_call_on(cpu, run_of(context_on(t, cpu)), "FFA_RUN");
		return tester_ok(&r, id);
	}
	test_fail("%#x was never preempted", id);
	return false;
}

/* Told to leave, it answers: the interrupt was virtual, and is over when we take the real one. */
static bool by_managed_exit(const struct tester *t, uint32_t cpu)
{
	uint16_t id = tester_id(t);
	struct ffa_regs r =
		interrupted_call_on(cpu, to(id, TESTER_SWEEP, TESTER_SWEEP_IRQ, next_seed(), 0),
				    INTID_TEST, SPIN_NS_MAX, "a managed exit");

	CHECK(tester_answers(&r, id) && r.x[3] == TESTER_MANAGED_EXIT, "%#x: %s", id, ffa_text(&r));
	return true;
}

/* Another partition's secure interrupt while this one holds its patterns. */
static bool by_secure_interrupt(const struct tester *t, uint32_t cpu)
{
	const struct tester *owner = &testers[t == &testers[0] ? 1 : 0];
	uint16_t id = tester_id(t), owner_id = tester_id(owner);
	struct ffa_regs r = FFA_DIRECT(owner_id, TESTER_COUNTS, owner->intid);
	uint64_t before = r.x[4];

	if (cpu != 0 || !tester_enable(owner, true, HYP_PIN_IRQ)) {
		return cpu != 0; /* where it is routed to */
	}
	r = interrupted_call_on(0, to(id, TESTER_SWEEP, TESTER_SWEEP_SPIN, next_seed(), SPIN_LOOPS),
				owner->intid, SPIN_NS_MIN + random_below(SPIN_NS_MAX),
				"a secure interrupt");
	if (!tester_ok(&r, id)) {
		return false;
	}
	cpu_delay(SPIN_NS_MAX);
	pend_settle();
	r = FFA_DIRECT(owner_id, TESTER_COUNTS, owner->intid);
	CHECK(r.x[4] == before + 1, "%#x took its interrupt %lu times, not once", owner_id,
	      r.x[4] - before);
	return tester_enable(owner, false, HYP_PIN_IRQ);
}

/* Its own secure interrupt while it holds its patterns. */
static bool by_own_interrupt(const struct tester *t, uint32_t cpu)
{
	uint16_t id = tester_id(t);
	struct ffa_regs r;

	if (cpu != 0) {
		return true;
	}
	if (!tester_enable(t, true, HYP_PIN_IRQ)) {
		return false;
	}
	r = interrupted_call_on(0, to(id, TESTER_SWEEP, TESTER_SWEEP_IRQ, next_seed(), 0), t->intid,
				SPIN_NS_MAX, "a secure interrupt");
	return tester_ok(&r, id) && tester_enable(t, false, HYP_PIN_IRQ);
}

/* A secure interrupt that finds its owner waiting, with patterns in its registers. */
static bool by_wait_for_interrupt(const struct tester *t, uint32_t cpu)
{
	uint16_t id = tester_id(t);
	struct ffa_regs r;

	if (cpu != 0) {
		return true;
	}
	if (!tester_enable(t, true, HYP_PIN_IRQ)) {
		return false;
	}
	r = FFA_DIRECT(id, TESTER_SWEEP, TESTER_SWEEP_WAIT, next_seed());
	if (!tester_ok(&r, id)) {
		return false;
	}
	r = FFA_CALL(FFA_RUN_32, context_on(t, cpu));
	return pend(t->intid, 0) && others_sweep(t, cpu) && result_is_right(t, cpu) &&
	       tester_enable(t, false, HYP_PIN_IRQ);
}

/* --- Tests ------------------------------------------------------------------------------------ */

typedef bool (*way_out)(const struct tester *t, uint32_t cpu);

static bool sweep(way_out way, bool (*takes_part)(const struct tester *t))
{
	for (uint64_t round = 0; round < test_count(ROUNDS); round++) {
		for (unsigned int i = 0; i < TESTER_KINDS; i++) {
			const struct tester *t = &testers[i];

			for (uint32_t cpu = 0; cpu < CPU_COUNT; cpu++) {
				if (takes_part(t) && (!way(t, cpu) || test_failed())) {
					return false;
				}
			}
		}
	}
	return true;
}

static bool everybody(const struct tester *t)
{
	(void)t;
	return true;
}

static bool is_signalled(const struct tester *t)
{
	return !t->managed_exit && t->sample != SAMPLE_TESTER_QUEUED;
}

static bool has_interrupt(const struct tester *t)
{
	return pend_can(t->intid);
}

static bool has_managed_exit(const struct tester *t)
{
	return t->managed_exit;
}

/*
 * What a vCPU found when it started, and whether its registers survived the MSG_WAIT that ended its
 * initialisation: the last partition to boot is among them.
 */
static bool boot_is_right(const struct tester *t, uint32_t cpu)
{
	uint16_t id = tester_id(t);
	struct ffa_regs r = scrambled_call_on(cpu, to(id, TESTER_BOOT, 0, 0, 0), "a response");

	return tester_ok(&r, id);
}

static bool sweep_init(void)
{
	return sweep(boot_is_right, everybody);
}

static bool sweep_call(void)
{
	return sweep(by_call, everybody);
}

static bool sweep_response(void)
{
	return sweep(by_response, everybody);
}

static bool sweep_request(void)
{
	return sweep(by_request, everybody);
}

static bool sweep_wait(void)
{
	return sweep(by_wait, everybody);
}

static bool sweep_yield(void)
{
	return sweep(by_yield, everybody);
}

static bool sweep_preemption(void)
{
	return sweep(by_preemption, is_signalled);
}

static bool sweep_managed_exit(void)
{
	return sweep(by_managed_exit, has_managed_exit);
}

static bool sweep_secure_interrupt(void)
{
	return sweep(by_secure_interrupt, everybody) && sweep(by_own_interrupt, has_interrupt) &&
	       sweep(by_wait_for_interrupt, has_interrupt);
}

/* The MP partitions on all CPUs at once. */
static void mp_job(uint64_t rounds)
{
	uint16_t id = sp_id(SAMPLE_TESTER), peer = sp_id(SAMPLE_TESTER_ME);

	for (uint64_t i = 0; i < rounds && !test_failed(); i++) {
		struct ffa_regs r = scrambled_call(
			to(id, TESTER_SWEEP, TESTER_SWEEP_REQUEST, random_next() >> 24, peer),
			"a chain");

		if (!tester_ok(&r, id)) {
			return;
		}
		r = scrambled_call(to(peer, TESTER_RESULT, 0, 0, 0), "a response");
		tester_ok(&r, peer);
	}
}

static bool sweep_all_cpus(void)
{
	cpu_irq_off();
	state_find();
	cpu_irq_on();
	cpu_run_all(mp_job, test_count(20));
	return !test_failed();
}

const struct test sweep_tests[] = {
	{ "sweep.init", sweep_init, ALL_TESTERS },
	{ "sweep.call", sweep_call, ALL_TESTERS },
	{ "sweep.response", sweep_response, ALL_TESTERS },
	{ "sweep.request", sweep_request, ALL_TESTERS },
	{ "sweep.wait", sweep_wait, ALL_TESTERS },
	{ "sweep.yield", sweep_yield, ALL_TESTERS },
	{ "sweep.preemption", sweep_preemption, ALL_TESTERS },
	{ "sweep.managed_exit", sweep_managed_exit, ALL_TESTERS },
	{ "sweep.secure_interrupt", sweep_secure_interrupt, ALL_TESTERS },
	{ "sweep.all_cpus", sweep_all_cpus, ALL_TESTERS },
	{ 0 },
};
