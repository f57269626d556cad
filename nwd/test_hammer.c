/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Races: all CPUs at once ask for what only one of them can have, while their timers interrupt at
 * random. Every request is answered, rightly, or refused as BUSY.
 */
#include <stdatomic.h>

#include "cpu.h"
#include "gic.h"
#include "print.h"
#include "test.h"
#include "tester.h"

#define REQUESTS 200000u
#define TICK_MIN_NS 20000u
#define TICK_MAX_NS 2000000u
#define HAMMER_STRIDE 50u

static struct {
	atomic_uint right, busy, interrupted;
	atomic_int left; /* requests still to be made, those that will be refused among them */
} count;

/*
 * Until all are made, and enough of them answered: on a busy host most may be refused, while who
 * has the partition has no CPU.
 */
static bool go_on(void)
{
	return (count.left > 0 || count.right <= test_count(REQUESTS) / 100) && !test_failed();
}

static void begin(void)
{
	atomic_store(&count.right, 0);
	atomic_store(&count.busy, 0);
	atomic_store(&count.interrupted, 0);
	atomic_store(&count.left, (int)test_count(REQUESTS));
}

static bool report(void)
{
	print_line("%u right answers, %u refused as BUSY, %u interrupted and resumed", count.right,
		   count.busy, count.interrupted);
	return !test_failed();
}

/* One request, resumed as often as it is interrupted. */
static void ping(uint16_t id)
{
	uint64_t n = random_next();
	uint32_t interrupted = 0;
	struct ffa_regs r = FFA_DIRECT(id, TESTER_PING, n, ~n);

	if (ffa_is_error(&r, FFA_BUSY)) {
		count.busy++;
		return;
	}
	r = tester_resume(r, &interrupted);
	count.interrupted += interrupted;
	if (tester_ok(&r, id) && (r.x[4] != TESTER_PONG(n) || r.x[5] != ~n)) {
		test_fail("CPU %u: wrong pong of %#x: %s", cpu_index(), id, ffa_text(&r));
	}
	count.right++;
}

static void up_job(uint64_t id)
{
	cpu_irq_on();
	timer_tick(TICK_MIN_NS, TICK_MAX_NS);
	while (go_on()) {
		count.left--;
		ping((uint16_t)id);
	}
	timer_stop();
}

/* Four CPUs, one vCPU. */
static bool hammer_up(void)
{
	begin();
	cpu_run_all(up_job, sp_id(SAMPLE_TESTER_UP));
	return report() && tester_pings(sp_id(SAMPLE_TESTER_UP));
}

/*
 * Lets partition `id` hammer partition `victim`. One with managed exit may leave before it is done:
 * then it is told to finish the request that it was in.
 */
static void hammer(uint16_t id, uint16_t victim)
{
	uint32_t interrupted = 0;
	struct ffa_regs r;

	r = FFA_DIRECT(id, TESTER_HAMMER, victim, HAMMER_STRIDE, random_next());
	if (ffa_is_error(&r, FFA_BUSY)) {
		count.busy++;
		count.left--;
		return;
	}
	r = tester_resume(r, &interrupted);
	count.interrupted += interrupted;
	if (!tester_answers(&r, id)) {
		return;
	}
	if (r.x[6] != 0 || r.x[7] != 0 || (r.x[3] != TESTER_OK && r.x[3] != TESTER_MANAGED_EXIT)) {
		test_fail("CPU %u: %#x hammers %#x: %s", cpu_index(), id, victim, ffa_text(&r));
		return;
	}
	count.right += (unsigned int)r.x[4];
	count.busy += (unsigned int)r.x[5];
	count.left -= (int)(r.x[4] + r.x[5]);
	while (r.x[3] == TESTER_MANAGED_EXIT && !test_failed()) {
		do {
			r = FFA_DIRECT(id, TESTER_RESUME);
		} while (ffa_is_error(&r, FFA_BUSY) && !test_failed());
		r = tester_resume(r, NULL);
	}
}

/* Who hammers whom on which CPU: each UP partition is a victim, and one is a culprit too. */
static void sps_job(uint64_t arg)
{
	const uint16_t culprits[CPU_COUNT] = { sp_id(SAMPLE_TESTER), sp_id(SAMPLE_TESTER_ME),
					       sp_id(SAMPLE_TESTER_QUEUED), sp_id(SAMPLE_TESTER) };
	const uint16_t victims[] = { sp_id(SAMPLE_TESTER_UP), sp_id(SAMPLE_TESTER_UP_ME) };
	uint32_t cpu = cpu_index();

	(void)arg;
	cpu_irq_on();
	timer_tick(TICK_MIN_NS, TICK_MAX_NS);
	while (go_on()) {
		hammer(culprits[cpu], victims[random_below(2)]);
	}
	timer_stop();
}

/* Partitions hammer each other, on all CPUs. */
static bool hammer_sps(void)
{
	begin();
	cpu_run_all(sps_job, 0);
	return report() && tester_pings(sp_id(SAMPLE_TESTER_UP)) &&
	       tester_pings(sp_id(SAMPLE_TESTER_UP_ME));
}

const struct test hammer_tests[] = {
	{ "hammer.up", hammer_up, NEED(SAMPLE_TESTER_UP) },
	{ "hammer.sps", hammer_sps, ALL_TESTERS },
	{ 0 },
};
