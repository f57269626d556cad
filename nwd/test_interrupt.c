/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts while partitions run: ours, as ns-interrupts-action says (FF-A 1.2 chapter 9), and
 * secure ones for partitions in every state. Interrupts are unmasked on this CPU throughout.
 */
#include <stddef.h>

#include "bulkhead/hyp.h"
#include "bulkhead/mon.h"
#include "cpu.h"
#include "gic.h"
#include "monitor.h"
#include "pend.h"
#include "print.h"
#include "smc.h"
#include "test.h"
#include "tester.h"

#define AFTER_NS 500000u /* when the interrupt comes ... */
#define SPIN_NS 3000000u /* ... in the middle of so much work */
#define LONG_NS 2000000000u /* cut short by a managed exit */
#define SPIN_LOOPS 2000000u
#define STORM_ROUNDS 100u
#define PMR_ALL 0xf0u
#define PMR_CLOSED 0x80u /* masks everything of ours */

#define ICC_PMR_EL1 S3_0_C4_C6_0
#define pmr_read_(name) sysreg_read(name)
#define pmr_write_(name, value) sysreg_write(name, value)

/* --- Ours ------------------------------------------------------------------------------------- */

/* A timer interrupts soon; the partition spins longer than that. */
static struct ffa_regs spin_with(uint16_t id, uint64_t p0, uint64_t p1, uint64_t p2)
{
	timer_start(AFTER_NS);
	return FFA_DIRECT(id, p0, p1, p2, SPIN_NS);
}

static bool preempts(const struct tester *t, uint32_t intid)
{
	uint32_t before = cpu_interrupts(intid);
	uint16_t id = tester_id(t);
	struct ffa_regs r;

	timer_start_one(intid, AFTER_NS);
	r = FFA_DIRECT(id, TESTER_SPIN, SPIN_NS);
	CHECK(ffa_is_context(&r, FFA_INTERRUPT_32, tester_context(t)), "timer %u: %#x: %s", intid,
	      id, ffa_text(&r));
	CHECK(cpu_interrupts(intid) == before + 1, "timer %u: %u interrupts", intid,
	      cpu_interrupts(intid) - before);
	r = FFA_CALL(FFA_RUN_32, tester_context(t));
	return tester_ok(&r, id);
}

/* N1 */
static bool interrupt_signalled(void)
{
	return preempts(&testers[0], timer_intid()) && preempts(&testers[1], timer_intid());
}

/*
 * The EL1 timers are ours while a partition runs; CNTV where it can be trapped for partitions. A
 * hostile monitor takes both away.
 */
static bool interrupt_timers(void)
{
	bool ecv = sysreg_read(id_aa64mmfr0_el1) >> 60 != 0;

	if (monitor_mode() & MON_MODE_HOSTILE) {
		return true;
	}
	return preempts(&testers[0], INTID_CNTP) && (!ecv || preempts(&testers[0], INTID_CNTV));
}

#define GUEST_NS 10000000u
#define GUEST_SPINS 4u

/*
 * The virtual timer of a guest whose counter is behind ours (CNTVOFF_EL2): where EL3 takes our EL2
 * away it is early by the offset. The partition is not preempted for it again and again; and when
 * the guest goes on its timer is as it was, and comes when it should.
 */
static bool interrupt_guest_timer(void)
{
	const struct tester *t = &testers[0];
	uint32_t before = cpu_interrupts(INTID_CNTV);
	uint32_t interrupted = 0;
	uint64_t offset, at;
	struct ffa_regs r;

	if (cpu_el() != 2) {
		return true; /* its hypervisor has that */
	}
	offset = sysreg_read(cntpct_el0) - timer_ticks(SPIN_NS);
	sysreg_write(cntvoff_el2, offset);
	isb();
	at = sysreg_read(cntvct_el0) + timer_ticks(GUEST_NS);
	sysreg_write(cntv_cval_el0, at);
	sysreg_write(cntv_ctl_el0, 1);
	isb();
	for (unsigned int i = 0; i < GUEST_SPINS && !test_failed(); i++) {
		r = FFA_DIRECT(tester_id(t), TESTER_SPIN, SPIN_NS / 10);
		r = tester_resume(r, &interrupted);
		(void)tester_ok(&r, tester_id(t));
	}
	CHECK(interrupted == 0, "it was preempted %u times", interrupted);
	CHECK(sysreg_read(cntvoff_el2) == offset && sysreg_read(cntv_cval_el0) == at &&
		      sysreg_read(cntv_ctl_el0) == 1 && cpu_interrupts(INTID_CNTV) == before,
	      "offset %#lx, was %#lx; CVAL %#lx, was %#lx; CTL %#lx; %u interrupts",
	      sysreg_read(cntvoff_el2), offset, sysreg_read(cntv_cval_el0), at,
	      sysreg_read(cntv_ctl_el0), cpu_interrupts(INTID_CNTV) - before);
	cpu_delay(GUEST_NS);
	sysreg_write(cntvoff_el2, 0);
	isb();
	CHECK(cpu_interrupts(INTID_CNTV) == before + 1, "it came %u times, CTL %#lx",
	      cpu_interrupts(INTID_CNTV) - before, sysreg_read(cntv_ctl_el0));
	return true;
}

/* The response comes as if there were no interrupt; then the interrupt. */
static bool is_queued(struct ffa_regs r, uint16_t id, uint32_t before)
{
	if (!tester_ok(&r, id)) {
		return false;
	}
	CHECK(timer_ticks(SPIN_NS) <= r.x[4], "%#x: left after %lu ticks", id, r.x[4]);
	CHECK(cpu_interrupts(timer_intid()) == before + 1, "%#x: %u interrupts", id,
	      cpu_interrupts(timer_intid()) - before);
	return true;
}

/* N2 */
static bool interrupt_queued(void)
{
	uint16_t id = sp_id(SAMPLE_TESTER_QUEUED);
	uint32_t before = cpu_interrupts(timer_intid());

	timer_start(AFTER_NS);
	return is_queued(FFA_DIRECT(id, TESTER_SPIN, SPIN_NS), id, before);
}

/* N3: the most restrictive of a chain wins, wherever in it. */
static bool interrupt_queued_in_chain(void)
{
	uint16_t queued = sp_id(SAMPLE_TESTER_QUEUED), other = sp_id(SAMPLE_TESTER);
	uint32_t before = cpu_interrupts(timer_intid());

	if (!is_queued(spin_with(queued, TESTER_FORWARD, other, TESTER_SPIN), queued, before)) {
		return false;
	}
	/* Here it is over when the queued one has answered: its caller may be preempted then. */
	before = cpu_interrupts(timer_intid());
	return is_queued(tester_resume(spin_with(other, TESTER_FORWARD, queued, TESTER_SPIN), NULL),
			 other, before);
}

/* A chain of two that are both signalled is given up one by one, and taken up again likewise. */
static bool interrupt_signalled_in_chain(void)
{
	uint16_t first = sp_id(SAMPLE_TESTER), second = sp_id(SAMPLE_TESTER_UP);
	uint32_t before = cpu_interrupts(timer_intid());
	struct ffa_regs r = spin_with(first, TESTER_FORWARD, second, TESTER_SPIN);

	CHECK(ffa_is_context(&r, FFA_INTERRUPT_32, FFA_CTX(first, cpu_index())), "chain: %s",
	      ffa_text(&r));
	CHECK(cpu_interrupts(timer_intid()) == before + 1, "%u interrupts",
	      cpu_interrupts(timer_intid()) - before);
	r = ffa_run(first, (uint16_t)cpu_index());
	return tester_ok(&r, first);
}

static uint64_t managed_exits(uint16_t id)
{
	struct ffa_regs r = FFA_DIRECT(id, TESTER_COUNTS);

	return r.x[5];
}

/* N4, by vFIQ and by vIRQ. */
static bool interrupt_managed_exit(void)
{
	for (unsigned int i = 0; i < TESTER_KINDS; i++) {
		uint16_t id = tester_id(&testers[i]);
		uint32_t before = cpu_interrupts(timer_intid());
		uint64_t exits;
		struct ffa_regs r;

		if (!testers[i].managed_exit) {
			continue;
		}
		exits = managed_exits(id);
		timer_start(AFTER_NS);
		r = FFA_DIRECT(id, TESTER_SPIN, LONG_NS);
		CHECK(tester_answers(&r, id) && r.x[3] == TESTER_MANAGED_EXIT, "%#x: %s", id,
		      ffa_text(&r));
		CHECK(cpu_interrupts(timer_intid()) == before + 1, "%#x: %u interrupts", id,
		      cpu_interrupts(timer_intid()) - before);
		CHECK(managed_exits(id) == exits + 1, "%#x: told %lu times to leave", id,
		      managed_exits(id) - exits);
		/* It is over: nothing of it is left for the next request. */
		timer_start(LONG_NS);
		r = FFA_DIRECT(id, TESTER_SPIN, SPIN_NS);
		timer_stop();
		if (!tester_ok(&r, id)) {
			return false;
		}
	}
	return true;
}

/* N5: the caller has managed exit, the callee is preempted, and run again by a later request. */
static bool interrupt_exit_of_caller(void)
{
	uint16_t caller = sp_id(SAMPLE_TESTER_ME), callee = sp_id(SAMPLE_TESTER);
	struct ffa_regs r = spin_with(caller, TESTER_FORWARD, callee, TESTER_SPIN);

	CHECK(tester_answers(&r, caller) && r.x[3] == TESTER_MANAGED_EXIT, "caller: %s",
	      ffa_text(&r));
	r = FFA_DIRECT(callee, TESTER_PING, 1);
	CHECK(ffa_is_error(&r, FFA_BUSY), "request to the preempted callee: %s", ffa_text(&r));
	r = FFA_DIRECT(caller, TESTER_RESUME);
	return tester_ok(&r, caller) && tester_pings(callee);
}

/* N6: both have it: the callee leaves, then the caller. */
static bool interrupt_exit_of_both(void)
{
	uint16_t caller = sp_id(SAMPLE_TESTER_UP_ME), callee = sp_id(SAMPLE_TESTER_ME);
	uint64_t of_caller = managed_exits(caller), of_callee = managed_exits(callee);
	uint32_t before = cpu_interrupts(timer_intid());
	struct ffa_regs r = spin_with(caller, TESTER_FORWARD, callee, TESTER_SPIN);

	CHECK(tester_answers(&r, caller) && r.x[3] == TESTER_MANAGED_EXIT, "caller: %s",
	      ffa_text(&r));
	CHECK(cpu_interrupts(timer_intid()) == before + 1, "%u interrupts",
	      cpu_interrupts(timer_intid()) - before);
	CHECK(managed_exits(callee) == of_callee + 1 && managed_exits(caller) == of_caller + 1,
	      "told to leave: callee %lu times, caller %lu times",
	      managed_exits(callee) - of_callee, managed_exits(caller) - of_caller);
	return true;
}

/* N7: the callee leaves, its caller is preempted and goes on later. */
static bool interrupt_exit_of_callee(void)
{
	uint16_t caller = sp_id(SAMPLE_TESTER), callee = sp_id(SAMPLE_TESTER_ME);
	uint64_t of_callee = managed_exits(callee);
	struct ffa_regs r = spin_with(caller, TESTER_FORWARD, callee, TESTER_SPIN);

	CHECK(ffa_is_context(&r, FFA_INTERRUPT_32, FFA_CTX(caller, cpu_index())), "caller: %s",
	      ffa_text(&r));
	CHECK(managed_exits(callee) == of_callee + 1, "callee: told %lu times to leave",
	      managed_exits(callee) - of_callee);
	r = ffa_run(caller, (uint16_t)cpu_index());
	CHECK(tester_answers(&r, caller) && r.x[3] == TESTER_MANAGED_EXIT, "resumed caller: %s",
	      ffa_text(&r));
	return true;
}

/* ICC_PMR_EL1 is one for both worlds: ours comes back, also one that masks everything of ours. */
static bool interrupt_priority_mask(void)
{
	static const uint64_t values[] = { PMR_CLOSED, 0xa0, 0xc0, PMR_ALL };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		uint64_t found;
		bool ok;

		pmr_write_(ICC_PMR_EL1, values[i]);
		isb();
		ok = tester_pings(sp_id(SAMPLE_TESTER)) &&
		     tester_pings(sp_id(SAMPLE_TESTER_QUEUED)) &&
		     tester_pings(sp_id(SAMPLE_TESTER_ME));
		found = pmr_read_(ICC_PMR_EL1);
		pmr_write_(ICC_PMR_EL1, PMR_ALL);
		isb();
		CHECK(!ok || found == values[i], "PMR was %#lx and is %#lx", values[i], found);
		if (!ok) {
			return false;
		}
	}
	return true;
}

/* --- Secure ones ------------------------------------------------------------------------------ */

static uint64_t taken(const struct tester *t)
{
	struct ffa_regs r = FFA_DIRECT(tester_id(t), TESTER_COUNTS, t->intid);

	return r.x[4];
}

static bool took(const struct tester *t, uint64_t before, uint64_t times)
{
	uint64_t now;

	pend_settle();
	now = taken(t);
	CHECK(now == before + times, "%#x took its interrupt %lu times, not %lu", tester_id(t),
	      now - before, times);
	return true;
}

/* The testers whose interrupts we can make pend: the first so many. */
static unsigned int kinds(void)
{
	unsigned int count = 0;

	while (count < TESTER_KINDS && pend_can(testers[count].intid)) {
		count++;
	}
	return count;
}

/* For each of them, on CPU 0, with its interrupt enabled on both pins in turn. */
static bool for_each(bool (*what)(const struct tester *t))
{
	for (uint32_t pin = HYP_PIN_IRQ; pin <= HYP_PIN_FIQ; pin++) {
		for (unsigned int i = 0; i < kinds(); i++) {
			if (!tester_enable(&testers[i], true, pin) || !what(&testers[i]) ||
			    !tester_enable(&testers[i], false, pin)) {
				return false;
			}
		}
	}
	return true;
}

/* I1: the owner waits, we run. */
static bool while_waiting(const struct tester *t)
{
	uint64_t before = taken(t);

	return pend(t->intid, 0) && took(t, before, 1);
}

static bool interrupt_waiting(void)
{
	return for_each(while_waiting);
}

/* I2: the owner runs. */
static bool while_running(const struct tester *t)
{
	uint64_t before = taken(t);
	struct ffa_regs r;

	if (!pend(t->intid, AFTER_NS)) {
		return false;
	}
	r = FFA_DIRECT(tester_id(t), TESTER_SPIN, SPIN_NS);
	return tester_ok(&r, tester_id(t)) && took(t, before, 1);
}

static bool interrupt_running(void)
{
	return for_each(while_running);
}

/* I3: it runs and has its virtual interrupts masked. */
static bool while_masked(const struct tester *t)
{
	uint64_t before = taken(t);
	struct ffa_regs r;

	if (!pend(t->intid, AFTER_NS)) {
		return false;
	}
	r = FFA_DIRECT(tester_id(t), TESTER_SWEEP, TESTER_SWEEP_SPIN, 77, SPIN_LOOPS);
	return tester_ok(&r, tester_id(t)) && took(t, before, 1);
}

static bool interrupt_masked(void)
{
	return for_each(while_masked);
}

/* I1: the owner waits, another partition runs. */
static bool while_other_runs(const struct tester *t)
{
	uint16_t other = tester_id(t == &testers[0] ? &testers[1] : &testers[0]);
	uint64_t before = taken(t);
	struct ffa_regs r;

	if (!pend(t->intid, AFTER_NS)) {
		return false;
	}
	r = FFA_DIRECT(other, TESTER_SPIN, SPIN_NS);
	return tester_ok(&r, other) && took(t, before, 1);
}

static bool interrupt_other_runs(void)
{
	return for_each(while_other_runs);
}

/* I4: the owner is blocked in a request of its own, over one hop and over two. */
static bool while_blocked(const struct tester *t)
{
	uint16_t id = tester_id(t);
	const struct tester *a = t == &testers[1] ? &testers[0] : &testers[1];
	const struct tester *b = t == &testers[2] ? &testers[0] : &testers[2];
	uint64_t chains[] = { tester_id(a), tester_id(b) | (uint64_t)tester_id(a) << 16 };

	for (unsigned int i = 0; i < 2; i++) {
		uint64_t before = taken(t);
		struct ffa_regs r;

		if (!pend(t->intid, AFTER_NS)) {
			return false;
		}
		r = FFA_DIRECT(id, TESTER_FORWARD, chains[i], TESTER_SPIN, SPIN_NS);
		if (!tester_ok(&r, id) || !took(t, before, 1)) {
			return false;
		}
	}
	return true;
}

static bool interrupt_blocked(void)
{
	return for_each(while_blocked);
}

/* I5: the owner has yielded. */
static bool while_yielded(const struct tester *t)
{
	uint16_t id = tester_id(t);
	uint64_t before = taken(t);
	struct ffa_regs r = FFA_DIRECT(id, TESTER_YIELD, 1);

	CHECK(ffa_fid(&r) == FFA_YIELD_32, "%#x: %s", id, ffa_text(&r));
	if (!pend(t->intid, 0)) {
		return false;
	}
	r = FFA_CALL(FFA_RUN_32, tester_context(t));
	return tester_ok(&r, id) && took(t, before, 1);
}

static bool interrupt_yielded(void)
{
	return for_each(while_yielded);
}

/* I6: the owner was preempted by an interrupt of ours. */
static bool while_preempted(const struct tester *t)
{
	uint16_t id = tester_id(t);
	uint64_t before = taken(t);
	struct ffa_regs r;

	if (t->managed_exit || t->sample == SAMPLE_TESTER_QUEUED) {
		return true;
	}
	timer_start(AFTER_NS);
	r = FFA_DIRECT(id, TESTER_SPIN, SPIN_NS);
	CHECK(ffa_fid(&r) == FFA_INTERRUPT_32, "%#x: %s", id, ffa_text(&r));
	if (!pend(t->intid, 0)) {
		return false;
	}
	r = FFA_CALL(FFA_RUN_32, tester_context(t));
	return tester_ok(&r, id) && took(t, before, 1);
}

static bool interrupt_preempted(void)
{
	return for_each(while_preempted);
}

/* I7: several at once. */
static bool interrupt_together(void)
{
	uint64_t before[TESTER_KINDS];
	bool ok = true;

	for (unsigned int i = 0; i < kinds(); i++) {
		if (!tester_enable(&testers[i], true, HYP_PIN_IRQ)) {
			return false;
		}
		before[i] = taken(&testers[i]);
	}
	/* The first ones are taken before the next call; this one finds two pending. */
	for (unsigned int i = 0; i < kinds() && ok; i++) {
		ok = pend(testers[i].intid, i == 0 ? AFTER_NS : 0);
	}
	cpu_delay(SPIN_NS);
	for (unsigned int i = 0; i < kinds() && ok; i++) {
		ok = took(&testers[i], before[i], 1) &&
		     tester_enable(&testers[i], false, HYP_PIN_IRQ);
	}
	return ok;
}

/* I8: the owner does not want it now. */
static bool interrupt_disabled(void)
{
	for (unsigned int i = 0; i < kinds(); i++) {
		const struct tester *t = &testers[i];
		uint64_t before = taken(t);

		if (!tester_enable(t, true, HYP_PIN_IRQ) || !tester_enable(t, false, HYP_PIN_IRQ) ||
		    !pend(t->intid, 0) || !took(t, before, 0) ||
		    !tester_enable(t, true, HYP_PIN_IRQ) || !took(t, before, 1) ||
		    !tester_enable(t, false, HYP_PIN_IRQ)) {
			return false;
		}
	}
	return true;
}

static void spin_job(uint64_t id)
{
	struct ffa_regs r = FFA_DIRECT((uint16_t)id, TESTER_SPIN, 10 * SPIN_NS);

	r = tester_resume(r, NULL);
	tester_ok(&r, (uint16_t)id);
}

/* A UP owner runs on another CPU than the one that takes its interrupt. */
static bool interrupt_elsewhere(void)
{
	const struct tester *t = &testers[1];
	uint64_t before;
	bool ok;

	if (!tester_enable(t, true, HYP_PIN_IRQ)) {
		return false;
	}
	before = taken(t);
	cpu_start(2, spin_job, tester_id(t));
	cpu_delay(SPIN_NS);
	ok = pend(t->intid, 0);
	cpu_wait(2);
	return ok && took(t, before, 1) && tester_enable(t, false, HYP_PIN_IRQ);
}

/* Group 0 is EL3's: the partition that was interrupted goes on, and we hear nothing. */
static bool interrupt_group0(void)
{
	uint64_t before = smc(MON_GROUP0_COUNT, 0, 0, 0);

	for (unsigned int i = 0; i < TESTER_KINDS; i++) {
		uint16_t id = tester_id(&testers[i]);
		struct ffa_regs r;

		if (!pend(MON_GROUP0_INTID, AFTER_NS)) {
			return false;
		}
		r = FFA_DIRECT(id, TESTER_SPIN, SPIN_NS);
		if (!tester_ok(&r, id)) {
			return false;
		}
	}
	CHECK(smc(MON_GROUP0_COUNT, 0, 0, 0) == before + TESTER_KINDS, "EL3 has handled %lu of %u",
	      smc(MON_GROUP0_COUNT, 0, 0, 0) - before, TESTER_KINDS);
	return true;
}

/*
 * N8 and all the rest at random: our timer ticks fast while secure interrupts for everybody come at
 * random moments. Every one is taken once, and every request is answered.
 */
static bool storm_round(uint64_t sent[TESTER_KINDS])
{
	unsigned int victim = (unsigned int)random_below(kinds());
	const struct tester *t = &testers[random_below(TESTER_KINDS)];
	struct ffa_regs r;

	if (!pend(testers[victim].intid, 1 + random_below(AFTER_NS))) {
		return false;
	}
	sent[victim]++;
	r = FFA_DIRECT(tester_id(t), TESTER_SPIN, random_below(AFTER_NS));
	r = tester_resume(r, NULL);
	CHECK(tester_answers(&r, tester_id(t)) &&
		      (r.x[3] == TESTER_OK || (t->managed_exit && r.x[3] == TESTER_MANAGED_EXIT)),
	      "%#x: %s", tester_id(t), ffa_text(&r));
	cpu_delay(AFTER_NS); /* until it has come: the next one would take its place */
	return true;
}

static bool interrupt_storm(void)
{
	uint64_t before[TESTER_KINDS], sent[TESTER_KINDS] = { 0 };
	bool ok = true;

	for (unsigned int i = 0; i < kinds(); i++) {
		if (!tester_enable(&testers[i], true, i & 1 ? HYP_PIN_FIQ : HYP_PIN_IRQ)) {
			return false;
		}
		before[i] = taken(&testers[i]);
	}
	timer_tick(10000, AFTER_NS / 4);
	for (uint64_t i = 0; i < test_count(STORM_ROUNDS) && ok; i++) {
		ok = storm_round(sent);
	}
	timer_stop();
	for (unsigned int i = 0; i < kinds() && ok; i++) {
		ok = took(&testers[i], before[i], sent[i]) &&
		     tester_enable(&testers[i], false, HYP_PIN_IRQ);
	}
	return ok;
}

const struct test interrupt_tests[] = {
	{ "interrupt.signalled", interrupt_signalled, ALL_TESTERS },
	{ "interrupt.timers", interrupt_timers, ALL_TESTERS },
	{ "interrupt.guest_timer", interrupt_guest_timer, ALL_TESTERS },
	{ "interrupt.signalled_in_chain", interrupt_signalled_in_chain, ALL_TESTERS },
	{ "interrupt.queued", interrupt_queued, ALL_TESTERS },
	{ "interrupt.queued_in_chain", interrupt_queued_in_chain, ALL_TESTERS },
	{ "interrupt.managed_exit", interrupt_managed_exit, ALL_TESTERS },
	{ "interrupt.exit_of_caller", interrupt_exit_of_caller, ALL_TESTERS },
	{ "interrupt.exit_of_both", interrupt_exit_of_both, ALL_TESTERS },
	{ "interrupt.exit_of_callee", interrupt_exit_of_callee, ALL_TESTERS },
	{ "interrupt.priority_mask", interrupt_priority_mask, ALL_TESTERS },
	{ "interrupt.waiting", interrupt_waiting, ALL_TESTERS },
	{ "interrupt.running", interrupt_running, ALL_TESTERS },
	{ "interrupt.masked", interrupt_masked, ALL_TESTERS },
	{ "interrupt.other_runs", interrupt_other_runs, ALL_TESTERS },
	{ "interrupt.blocked", interrupt_blocked, ALL_TESTERS },
	{ "interrupt.yielded", interrupt_yielded, ALL_TESTERS },
	{ "interrupt.preempted", interrupt_preempted, ALL_TESTERS },
	{ "interrupt.together", interrupt_together, ALL_TESTERS },
	{ "interrupt.disabled", interrupt_disabled, ALL_TESTERS },
	{ "interrupt.elsewhere", interrupt_elsewhere, ALL_TESTERS },
	{ "interrupt.group0", interrupt_group0, ALL_TESTERS | NEED_MONITOR },
	{ "interrupt.storm", interrupt_storm, ALL_TESTERS },
	{ 0 },
};
