/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The timers of partitions (bulkhead/tester.h: TESTER_TIMER), which interrupt them whatever they
 * do: run, wait, wait for others, are preempted, are elsewhere. One that waits is run by us, whom
 * the schedule receiver interrupt tells, or by the SPMC if its manifest says so.
 */
#include "bulkhead/mon.h"
#include "cpu.h"
#include "gic.h"
#include "smc.h"
#include "test.h"
#include "tester.h"

#define SOON_NS 500000u
#define SPIN_NS 3000000u
#define LONG_NS 20000000u

static uint64_t times(uint16_t id)
{
	struct ffa_regs r = FFA_DIRECT(id, TESTER_COUNTS, FFA_VINT_TIMER);

	return r.x[4];
}

static uint64_t woken(uint16_t id)
{
	struct ffa_regs r = FFA_DIRECT(id, TESTER_COUNTS, FFA_VINT_TIMER);

	return r.x[6];
}

static bool set(uint16_t id, uint64_t ns)
{
	struct ffa_regs r = FFA_DIRECT(id, TESTER_TIMER, ns);

	if (!tester_ok(&r, id)) {
		return false;
	}
	CHECK(r.x[4] == 0, "%#x: CNTP_CTL_EL0 was %#lx", id, r.x[4]);
	return true;
}

/* The partition's timer has interrupted it once more than `before`, and is off again. */
static bool came(uint16_t id, uint64_t before)
{
	uint64_t now = times(id);

	CHECK(now == before + 1, "CPU %u: the timer of %#x came %lu times", cpu_index(), id,
	      now - before);
	return set(id, 0);
}

/* Waits for the schedule receiver interrupt, which is about that partition's vCPU, and runs it. */
static bool schedule(uint16_t id, uint16_t vcpu, uint32_t sris)
{
	struct ffa_regs r;

	for (unsigned int i = 0; i < 100 && cpu_interrupts(FFA_SRI_INTID) == sris; i++) {
		cpu_delay(SOON_NS);
	}
	CHECK(cpu_interrupts(FFA_SRI_INTID) != sris, "CPU %u: no SRI for the timer of %#x",
	      cpu_index(), id);
	r = FFA_CALL(FFA_NOTIFICATION_INFO_GET_64);
	CHECK(ffa_fid(&r) == FFA_SUCCESS_64 && r.x[3] == (id | (uint64_t)vcpu << 16),
	      "information on %#x, vCPU %u: %s", id, vcpu, ffa_text(&r));
	r = ffa_run(id, vcpu);
	CHECK(ffa_is_context(&r, FFA_MSG_WAIT_32, FFA_CTX(id, vcpu)), "run of %#x: %s", id,
	      ffa_text(&r));
	return true;
}

/* --- What the partition does ------------------------------------------------------------------ */

static bool timer_running(void)
{
	for (unsigned int i = 0; i < TESTER_KINDS; i++) {
		uint16_t id = tester_id(&testers[i]);
		uint64_t before = times(id);
		struct ffa_regs r;

		if (!set(id, SOON_NS)) {
			return false;
		}
		r = FFA_DIRECT(id, TESTER_SPIN, SPIN_NS);
		if (!tester_ok(&r, id) || !came(id, before)) {
			return false;
		}
	}
	return true;
}

static bool waits(uint16_t id, uint16_t vcpu)
{
	uint32_t sris = cpu_interrupts(FFA_SRI_INTID);
	uint64_t before = times(id);

	return set(id, SOON_NS) && schedule(id, vcpu, sris) && came(id, before);
}

static void waits_job(uint64_t unused)
{
	(void)unused;
	cpu_irq_on();
	(void)waits(sp_id(SAMPLE_TESTER), (uint16_t)cpu_index());
	if (cpu_index() != 0) {
		cpu_irq_off();
	}
}

static bool timer_waiting(void)
{
	for (uint32_t cpu = 0; cpu < CPU_COUNT && !test_failed(); cpu++) {
		cpu_run(cpu, waits_job, 0);
	}
	return !test_failed() && waits(sp_id(SAMPLE_TESTER_UP), 0);
}

/* By its manifest this one takes the CPU, also from another partition; we do not notice. */
static bool timer_secure(void)
{
	uint16_t id = sp_id(SAMPLE_TESTER_QUEUED), other = sp_id(SAMPLE_TESTER);
	uint32_t sris = cpu_interrupts(FFA_SRI_INTID);
	uint64_t before = times(id), waking = woken(id);
	struct ffa_regs r;

	if (!set(id, SOON_NS)) {
		return false;
	}
	cpu_delay(SPIN_NS);
	CHECK(woken(id) == waking + 1, "it was woken %lu times", woken(id) - waking);
	if (!came(id, before) || !set(id, SOON_NS)) {
		return false;
	}
	r = FFA_DIRECT(other, TESTER_SPIN, SPIN_NS);
	CHECK(tester_ok(&r, other) && woken(id) == waking + 2, "it was woken %lu times",
	      woken(id) - waking);
	CHECK(cpu_interrupts(FFA_SRI_INTID) == sris, "%u SRIs",
	      cpu_interrupts(FFA_SRI_INTID) - sris);
	return came(id, before + 1);
}

static bool timer_other_runs(void)
{
	uint16_t id = sp_id(SAMPLE_TESTER_UP), other = sp_id(SAMPLE_TESTER);
	uint32_t sris = cpu_interrupts(FFA_SRI_INTID);
	uint64_t before = times(id);
	struct ffa_regs r;

	if (!set(id, SOON_NS)) {
		return false;
	}
	r = tester_resume(FFA_DIRECT(other, TESTER_SPIN, SPIN_NS), NULL);
	return tester_ok(&r, other) && schedule(id, 0, sris) && came(id, before);
}

static bool timer_blocked(void)
{
	uint16_t id = sp_id(SAMPLE_TESTER), callee = sp_id(SAMPLE_TESTER_UP);
	uint64_t before = times(id);
	struct ffa_regs r;

	if (!set(id, SOON_NS)) {
		return false;
	}
	r = FFA_DIRECT(id, TESTER_FORWARD, callee, TESTER_SPIN, SPIN_NS);
	return tester_ok(&r, id) && came(id, before);
}

static bool timer_preempted(void)
{
	uint16_t id = sp_id(SAMPLE_TESTER_UP);
	uint64_t before = times(id);
	struct ffa_regs r;

	if (!set(id, SPIN_NS)) {
		return false;
	}
	timer_start(SOON_NS);
	r = FFA_DIRECT(id, TESTER_SPIN, 2 * SPIN_NS);
	CHECK(ffa_is_context(&r, FFA_INTERRUPT_32, FFA_CTX(id, 0)), "not preempted: %s",
	      ffa_text(&r));
	cpu_delay(2 * SPIN_NS);
	r = tester_resume(r, NULL);
	return tester_ok(&r, id) && came(id, before);
}

/* --- Where it is ------------------------------------------------------------------------------ */

static void spin_job(uint64_t id)
{
	struct ffa_regs r = FFA_DIRECT((uint16_t)id, TESTER_SPIN, SPIN_NS);

	(void)tester_ok(&r, (uint16_t)id);
}

static void came_job(uint64_t id_and_before)
{
	(void)came((uint16_t)id_and_before, id_and_before >> 16);
}

/* A UP partition moves before its timer is due, and after. */
static bool timer_migrates(void)
{
	uint16_t id = sp_id(SAMPLE_TESTER_UP);
	uint64_t before = times(id);

	for (uint32_t cpu = 1; cpu < CPU_COUNT && !test_failed(); cpu++) {
		if (!set(id, SOON_NS)) {
			return false;
		}
		cpu_run(cpu, spin_job, id);
		if (!came(id, before++) || !set(id, SOON_NS)) {
			return false;
		}
		cpu_delay(SPIN_NS);
		cpu_run(cpu, came_job, before++ << 16 | id);
	}
	/* The CPUs that it has left have been told of a partition that has seen to it by now. */
	(void)FFA_CALL(FFA_NOTIFICATION_INFO_GET_64);
	return !test_failed();
}

static void set_job(uint64_t id)
{
	(void)set((uint16_t)id, LONG_NS);
}

/* Its CPU goes off meanwhile: it is told of on another one. */
static bool timer_cpu_off(void)
{
	uint16_t id = sp_id(SAMPLE_TESTER_UP);
	uint32_t sris = cpu_interrupts(FFA_SRI_INTID);
	uint64_t before = times(id);

	cpu_run(2, set_job, id);
	CHECK(cpu_off(2), "CPU 2 does not go off");
	if (!schedule(id, 0, sris) || !came(id, before)) {
		return false;
	}
	CHECK(cpu_on(2), "CPU 2 does not come on");
	return tester_pings(id);
}

/* What was set in the hardware is gone, as over a suspend: the next partition brings it back. */
static bool timer_forget(void)
{
	uint16_t id = sp_id(SAMPLE_TESTER_UP);
	uint32_t sris = cpu_interrupts(FFA_SRI_INTID);
	uint64_t before = times(id);

	if (!set(id, SPIN_NS)) {
		return false;
	}
	smc(MON_FORGET, 0, 0, 0);
	return tester_pings(sp_id(SAMPLE_TESTER)) && schedule(id, 0, sris) && came(id, before);
}

/* Many at once, on this CPU. */
static bool timer_all(void)
{
	uint64_t before[TESTER_KINDS];

	for (unsigned int i = 0; i < TESTER_KINDS; i++) {
		before[i] = times(tester_id(&testers[i]));
		if (!set(tester_id(&testers[i]), LONG_NS / (i + 1))) {
			return false;
		}
	}
	cpu_delay(LONG_NS + SPIN_NS);
	(void)FFA_CALL(FFA_NOTIFICATION_INFO_GET_64);
	for (unsigned int i = 0; i < TESTER_KINDS; i++) {
		(void)tester_pings(tester_id(&testers[i]));
		if (!came(tester_id(&testers[i]), before[i])) {
			return false;
		}
	}
	return true;
}

const struct test timer_tests[] = {
	{ "timer.running", timer_running, ALL_TESTERS },
	{ "timer.waiting", timer_waiting, ALL_TESTERS },
	{ "timer.secure", timer_secure, ALL_TESTERS },
	{ "timer.other_runs", timer_other_runs, ALL_TESTERS },
	{ "timer.blocked", timer_blocked, ALL_TESTERS },
	{ "timer.preempted", timer_preempted, ALL_TESTERS },
	{ "timer.migrates", timer_migrates, ALL_TESTERS },
	{ "timer.cpu_off", timer_cpu_off, ALL_TESTERS },
	{ "timer.all", timer_all, ALL_TESTERS },
	{ "timer.forget", timer_forget, ALL_TESTERS | NEED_MONITOR },
	{ 0 },
};
