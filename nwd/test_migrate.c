/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A UP partition on the move: it holds a different value in every register, leaves, and is resumed
 * on a CPU chosen at random, which has other values in all of them.
 */
#include "cpu.h"
#include "gic.h"
#include "print.h"
#include "scramble.h"
#include "test.h"
#include "tester.h"

#define YIELDS 10000u
#define PREEMPTIONS 1000u
#define SPIN_LOOPS 400000u
#define PREEMPT_NS_MIN 20000u
#define PREEMPT_NS_MAX 600000u

struct moves {
	uint32_t moved, resumed;
	uint32_t last; /* CPU that it ran on */
};

static uint32_t random_cpu(void)
{
	return (uint32_t)random_below(CPU_COUNT);
}

static void count_move(struct moves *m, uint32_t cpu)
{
	m->moved += cpu != m->last;
	m->last = cpu;
}

/* PSTATE.I and F take part every second time: no virtual interrupt comes meanwhile. */
static struct ffa_regs sweep_of(uint16_t id, uint64_t kind, uint64_t seed, uint64_t loops)
{
	uint64_t unmasked = seed & 1 ? TESTER_SWEEP_UNMASKED : 0;

	return (struct ffa_regs){ .x = { FFA_MSG_SEND_DIRECT_REQ_64, FFA_IDS(FFA_ID_NWD, id), 0,
					 TESTER_SWEEP, kind | unmasked, seed, loops } };
}

static struct ffa_regs run_of(uint16_t id)
{
	return (struct ffa_regs){ .x = { FFA_RUN_32, FFA_CTX(id, 0) } };
}

static bool report(const struct moves *m, uint16_t id)
{
	print_line("%#x was resumed %u times, and changed its CPU %u times", id, m->resumed,
		   m->moved);
	CHECK(m->moved > m->resumed / 2, "it moved %u times only", m->moved);
	return true;
}

static bool migrate_yield(void)
{
	uint16_t id = sp_id(SAMPLE_TESTER_UP);
	uint64_t count = test_count(YIELDS);
	struct moves m = { 0, 0, CPU_COUNT };

	for (uint64_t i = 0; i < count; i++) {
		uint32_t cpu = random_cpu();
		struct ffa_regs r = scrambled_call_on(
			cpu, sweep_of(id, TESTER_SWEEP_YIELD, i + 1, 0), "FFA_YIELD");

		count_move(&m, cpu);
		CHECK(ffa_is_context(&r, FFA_YIELD_32, FFA_CTX(id, 0)), "round %lu on CPU %u: %s",
		      i, cpu, ffa_text(&r));
		cpu = random_cpu();
		r = scrambled_call_on(cpu, run_of(id), "FFA_RUN");
		count_move(&m, cpu);
		m.resumed++;
		CHECK(tester_ok(&r, id) && !test_failed(), "round %lu on CPU %u: %s", i, cpu,
		      ffa_text(&r));
	}
	return report(&m, id);
}

/* Also more than once in the middle of the same work. */
static bool migrate_preempted(void)
{
	uint16_t id = sp_id(SAMPLE_TESTER_UP);
	uint64_t count = test_count(PREEMPTIONS);
	struct moves m = { 0, 0, CPU_COUNT };

	for (uint64_t i = 0; m.resumed < count; i++) {
		struct ffa_regs in = sweep_of(id, TESTER_SWEEP_SPIN, i + 1, SPIN_LOOPS);
		struct ffa_regs r;
		uint32_t cpu;

		CHECK(i < 20 * count + 100, "preempted %u times in %lu rounds", m.resumed, i);
		do {
			cpu = random_cpu();
			r = interrupted_call_on(
				cpu, in, INTID_TEST,
				PREEMPT_NS_MIN + random_below(PREEMPT_NS_MAX - PREEMPT_NS_MIN),
				"preemption");
			m.resumed += ffa_fid(&in) == FFA_RUN_32;
			count_move(&m, cpu);
			in = run_of(id);
		} while (ffa_is_context(&r, FFA_INTERRUPT_32, FFA_CTX(id, 0)) && !test_failed());
		CHECK(tester_ok(&r, id) && !test_failed(), "round %lu on CPU %u: %s", i, cpu,
		      ffa_text(&r));
	}
	return report(&m, id);
}

const struct test migrate_tests[] = {
	{ "migrate.yield", migrate_yield, NEED(SAMPLE_TESTER_UP) },
	{ "migrate.preempted", migrate_preempted, NEED(SAMPLE_TESTER_UP) },
	{ 0 },
};
