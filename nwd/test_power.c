/* SPDX-License-Identifier: BSD-3-Clause */
/* CPUs go off and on in any order, and lose what EL3 does not keep over a suspend. */
#include "bulkhead/hyp.h"
#include "bulkhead/mon.h"
#include "cpu.h"
#include "pend.h"
#include "print.h"
#include "scramble.h"
#include "smc.h"
#include "state.h"
#include "test.h"
#include "tester.h"

#define ROUNDS 6u

static bool is_mp(const struct tester *t)
{
	return !t->up;
}

static struct ffa_regs ask_on(uint32_t cpu, const struct tester *t, uint64_t p0, uint64_t p1,
			      uint64_t p2)
{
	struct ffa_regs in = { .x = { FFA_MSG_SEND_DIRECT_REQ_64, FFA_IDS(FFA_ID_NWD, tester_id(t)),
				      0, p0, p1, p2 } };

	return scrambled_call_on(cpu, in, "a response");
}

/* All partitions answer on every CPU that is on (bits of `on`), and hold their registers. */
static bool all_answer(uint32_t on)
{
	for (uint32_t cpu = 0; cpu < CPU_COUNT; cpu++) {
		for (unsigned int i = 0; i < TESTER_KINDS && (on & 1u << cpu); i++) {
			uint64_t seed = random_next() >> 24;
			struct ffa_regs r =
				ask_on(cpu, &testers[i], TESTER_SWEEP, TESTER_SWEEP_CALL, seed);

			if (!tester_ok(&r, tester_id(&testers[i]))) {
				return false;
			}
		}
	}
	return !test_failed();
}

static uint64_t starts(uint32_t cpu, const struct tester *t)
{
	struct ffa_regs r = ask_on(cpu, t, TESTER_WHO, 0, 0);

	return r.x[7];
}

static bool off(uint32_t cpu, uint32_t *on)
{
	CHECK(cpu_off(cpu), "CPU %u does not go off", cpu);
	*on &= ~(1u << cpu);
	return all_answer(*on);
}

/* Comes back, with its vCPUs started once more and as new. */
static bool on_again(uint32_t cpu, uint32_t *on, const uint64_t before[TESTER_KINDS])
{
	CHECK(cpu_on(cpu), "CPU %u does not come on", cpu);
	*on |= 1u << cpu;
	for (unsigned int i = 0; i < TESTER_KINDS; i++) {
		uint16_t id = tester_id(&testers[i]);
		uint64_t more = is_mp(&testers[i]);
		struct ffa_regs r;

		CHECK(starts(cpu, &testers[i]) == before[i] + more,
		      "%#x on CPU %u started %lu times, not %lu", id, cpu,
		      starts(cpu, &testers[i]) - before[i], more);
		r = ask_on(cpu, &testers[i], TESTER_BOOT, 0, 0);
		if (!tester_ok(&r, id)) {
			return false;
		}
	}
	return all_answer(*on);
}

/* A random order of the CPUs 1 to 3. */
static void shuffle(uint32_t order[CPU_COUNT - 1])
{
	for (uint32_t i = 0; i < CPU_COUNT - 1; i++) {
		uint32_t k = (uint32_t)random_below(i + 1);

		order[i] = order[k];
		order[k] = i + 1;
	}
}

static bool power_off_on(void)
{
	uint32_t on = (1u << CPU_COUNT) - 1;

	for (uint64_t round = 0; round < test_count(ROUNDS); round++) {
		uint64_t before[CPU_COUNT][TESTER_KINDS];
		uint32_t order[CPU_COUNT - 1];
		uint32_t count = 1 + (uint32_t)random_below(CPU_COUNT - 1);

		shuffle(order);
		for (uint32_t i = 0; i < count; i++) {
			for (unsigned int t = 0; t < TESTER_KINDS; t++) {
				before[order[i]][t] = starts(order[i], &testers[t]);
			}
			if (!off(order[i], &on)) {
				return false;
			}
		}
		for (uint32_t i = count; i-- > 0;) {
			if (!on_again(order[i], &on, before[order[i]])) {
				return false;
			}
		}
	}
	return true;
}

/* A UP partition that has left in the middle of its work on a CPU that goes off lives on. */
static bool power_up_lives_on(void)
{
	const struct tester *t = &testers[1];
	uint16_t id = tester_id(t);

	for (uint32_t cpu = 1; cpu < CPU_COUNT; cpu++) {
		struct ffa_regs run = { .x = { FFA_RUN_32, FFA_CTX(id, 0) } };
		struct ffa_regs r = ask_on(cpu, t, TESTER_SWEEP, TESTER_SWEEP_YIELD, cpu);

		CHECK(ffa_fid(&r) == FFA_YIELD_32, "CPU %u: %s", cpu, ffa_text(&r));
		CHECK(cpu_off(cpu), "CPU %u does not go off", cpu);
		r = scrambled_call_on(0, run, "FFA_RUN");
		if (!tester_ok(&r, id)) {
			return false;
		}
		CHECK(cpu_on(cpu), "CPU %u does not come on", cpu);
	}
	return all_answer((1u << CPU_COUNT) - 1);
}

static void forget_job(uint64_t arg)
{
	(void)arg;
	smc(MON_FORGET, 0, 0, 0);
}

/* What a suspend may take, with every vCPU idle, and with one in the middle of its work. */
static bool power_forget(void)
{
	uint32_t all = (1u << CPU_COUNT) - 1;

	for (uint32_t cpu = 0; cpu < CPU_COUNT; cpu++) {
		cpu_run(cpu, forget_job, 0);
		if (!all_answer(1u << cpu)) {
			return false;
		}
		for (unsigned int i = 0; i < TESTER_KINDS; i++) {
			const struct tester *t = &testers[i];
			uint16_t id = tester_id(t);
			struct ffa_regs run = { .x = { FFA_RUN_32, FFA_CTX(id, t->up ? 0 : cpu) } };
			struct ffa_regs r =
				ask_on(cpu, t, TESTER_SWEEP, TESTER_SWEEP_YIELD, cpu + 1);

			CHECK(ffa_fid(&r) == FFA_YIELD_32, "CPU %u: %s", cpu, ffa_text(&r));
			cpu_run(cpu, forget_job, 0);
			r = scrambled_call_on(cpu, run, "FFA_RUN");
			if (!tester_ok(&r, id)) {
				return false;
			}
		}
	}
	return all_answer(all);
}

/* Secure interrupts still come after it. */
static bool power_forget_interrupts(void)
{
	for (unsigned int i = 0; i < TESTER_KINDS; i++) {
		const struct tester *t = &testers[i];
		struct ffa_regs r;
		uint64_t before;

		if (!tester_enable(t, true, HYP_PIN_IRQ)) {
			return false;
		}
		r = FFA_DIRECT(tester_id(t), TESTER_COUNTS, t->intid);
		before = r.x[4];
		smc(MON_FORGET, 0, 0, 0);
		if (!pend(t->intid, 0)) {
			return false;
		}
		r = FFA_DIRECT(tester_id(t), TESTER_COUNTS, t->intid);
		/* It may have waited for this call; the next one sees it in any case. */
		r = FFA_DIRECT(tester_id(t), TESTER_COUNTS, t->intid);
		CHECK(r.x[4] == before + 1, "%#x took its interrupt %lu times, not once",
		      tester_id(t), r.x[4] - before);
		if (!tester_enable(t, false, HYP_PIN_IRQ)) {
			return false;
		}
	}
	return true;
}

const struct test power_tests[] = {
	{ "power.off_on", power_off_on, ALL_TESTERS },
	{ "power.up_lives_on", power_up_lives_on, ALL_TESTERS },
	{ "power.forget", power_forget, ALL_TESTERS | NEED_MONITOR },
	{ "power.forget_interrupts", power_forget_interrupts, ALL_TESTERS | NEED_MONITOR },
	{ 0 },
};
