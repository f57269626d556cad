/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupt storm (FF-A 1.2 chapter 9): on all CPUs our timers and the partitions' SPIs interrupt
 * one another at random, while we send requests and notifications. What interrupts is started
 * again only after it was seen to arrive, so that what was raised has to be what arrived.
 */
#include <stdatomic.h>
#include <stddef.h>

#include "bulkhead/hyp.h"
#include "bulkhead/mon.h"
#include "cpu.h"
#include "gic.h"
#include "histogram.h"
#include "pend.h"
#include "print.h"
#include "smc.h"
#include "test.h"
#include "tester.h"

#define INTERRUPTS 4000u
#define LATENCIES 300u
#define TICK_MIN_NS 50000u
#define TICK_MAX_NS 400000u
#define SPIN_MAX_NS 150000u
#define AFTER_MAX_NS 100000u
#define PATIENCE_NS 60000000000u

/*
 * The SPI of a tester, or the timer of its vCPU. CPU `cpu` has it, and is the only one that touches
 * this.
 */
static struct source {
	uint32_t tester, cpu;
	bool timer;
	bool armed; /* raised, and not seen to arrive */
	uint64_t base; /* what the tester had counted before */
	uint64_t raised, arrived;
} sources[] = {
	{ .tester = 0, .cpu = 0 },
	{ .tester = 1, .cpu = 1 },
	{ .tester = 2, .cpu = 2 },
	{ .tester = 3, .cpu = 3 },
	{ .tester = 4, .cpu = 0 },
	{ .tester = 0, .cpu = 0, .timer = true },
	{ .tester = 0, .cpu = 1, .timer = true },
	{ .tester = 2, .cpu = 2, .timer = true },
	{ .tester = 2, .cpu = 3, .timer = true },
};
#define SOURCES (sizeof(sources) / sizeof(sources[0]))

static struct {
	atomic_uint interrupts; /* of sources, that arrived */
	atomic_uint timers; /* ticks of our timers that arrived */
	atomic_uint requests, busy, interrupted;
	uint64_t until; /* so many interrupts in all */
} total;

/* --- Notifications: bit c of each tester is CPU c's to set ----------------------------------- */

static struct {
	atomic_bool due[TESTER_KINDS][CPU_COUNT];
	atomic_uint raised, arrived;
} notifications;

static void notify(uint32_t tester)
{
	uint32_t bit = cpu_index();
	struct ffa_regs r;

	if (atomic_exchange(&notifications.due[tester][bit], true)) {
		return;
	}
	notifications.raised++;
	r = FFA_CALL(FFA_NOTIFICATION_SET_32, FFA_IDS(FFA_ID_NWD, tester_id(&testers[tester])), 0,
		     1u << bit);
	if (r.x[0] != FFA_SUCCESS_32) {
		test_fail("CPU %u: NOTIFICATION_SET: %s", cpu_index(), ffa_text(&r));
	}
}

/* The tester has got these: each of them once. */
static void notifications_arrive(uint32_t tester, uint64_t bits)
{
	for (uint32_t bit = 0; bit < CPU_COUNT; bit++) {
		if ((bits & 1u << bit) == 0) {
			continue;
		}
		if (!atomic_exchange(&notifications.due[tester][bit], false)) {
			test_fail("notification %u of tester %u has come twice", bit, tester);
		}
		notifications.arrived++;
	}
	if (bits >> CPU_COUNT != 0) {
		test_fail("tester %u got notifications %#lx", tester, bits);
	}
}

/* --- Requests -------------------------------------------------------------------------------- */

/* Sends it and stays with it. False: the tester was busy; or the test has failed. */
static bool ask(uint32_t tester, const uint64_t p[5], struct ffa_regs *r)
{
	uint16_t id = tester_id(&testers[tester]);
	uint32_t interrupted = 0;

	*r = ffa_direct(FFA_MSG_SEND_DIRECT_REQ_64, id, p);
	if (ffa_is_error(r, FFA_BUSY) && testers[tester].up) {
		total.busy++;
		return false;
	}
	*r = tester_resume(*r, &interrupted);
	total.requests++;
	total.interrupted += interrupted;
	return tester_answers(r, id);
}

static void spin(uint32_t tester)
{
	const uint64_t p[5] = { TESTER_SPIN, random_below(SPIN_MAX_NS) };
	struct ffa_regs r;

	if (ask(tester, p, &r) && r.x[3] != TESTER_OK &&
	    !(testers[tester].managed_exit && r.x[3] == TESTER_MANAGED_EXIT)) {
		test_fail("CPU %u: tester %u: %s", cpu_index(), tester, ffa_text(&r));
	}
}

/*
 * A chain of two. A first one that was told to leave goes on with the second one at once; what the
 * second one leaves early with is the answer.
 */
static void forward(uint32_t first, uint32_t second)
{
	const uint64_t resume[5] = { TESTER_RESUME };
	const uint64_t p[5] = { TESTER_FORWARD, tester_id(&testers[second]), TESTER_SPIN,
				random_below(SPIN_MAX_NS) };
	struct ffa_regs r;
	bool busy, left;

	if (!ask(first, p, &r)) {
		return;
	}
	while (r.x[3] == TESTER_MANAGED_EXIT && r.x[5] != 0) {
		if (!ask(first, resume, &r)) {
			return;
		}
	}
	busy = r.x[3] == TESTER_FFA && (int64_t)r.x[4] == FFA_BUSY && testers[second].up;
	left = r.x[3] == TESTER_MANAGED_EXIT && testers[second].managed_exit;
	if (!busy && !left && r.x[3] != TESTER_OK) {
		test_fail("CPU %u: testers %u, %u: %s", cpu_index(), first, second, ffa_text(&r));
	}
}

static void yield(uint32_t tester)
{
	const uint64_t p[5] = { TESTER_YIELD, 1 };
	struct ffa_regs r;

	if (ask(tester, p, &r)) {
		(void)tester_ok(&r, tester_id(&testers[tester]));
	}
}

/* It takes what notifications it has. */
static void take_notifications(uint32_t tester)
{
	const uint64_t p[5] = { TESTER_CALL,
				FFA_NOTIFICATION_GET_32 |
					(uint64_t)FFA_CTX(0, tester_id(&testers[tester])) << 32,
				FFA_NOTIFICATION_FROM_VMS };
	struct ffa_regs r;

	if (!ask(tester, p, &r)) {
		return;
	}
	if (r.x[3] != TESTER_OK || (uint32_t)r.x[4] != FFA_SUCCESS_32) {
		test_fail("CPU %u: tester %u: %s", cpu_index(), tester, ffa_text(&r));
		return;
	}
	notifications_arrive(tester, r.x[6]);
}

/* The receivers that are to be told of to a scheduler; it gives none of them cycles here. */
static void ask_who(void)
{
	struct ffa_regs r = FFA_CALL(FFA_NOTIFICATION_INFO_GET_64);

	if (r.x[0] != FFA_SUCCESS_64 && !ffa_is_error(&r, FFA_NO_DATA)) {
		test_fail("CPU %u: NOTIFICATION_INFO_GET: %s", cpu_index(), ffa_text(&r));
	}
}

static void do_something(void)
{
	uint32_t tester = (uint32_t)random_below(TESTER_KINDS);

	switch (random_below(8)) {
	case 0:
		/* The MP ones: nobody else uses their vCPU of this CPU meanwhile. */
		if (tester != 0) {
			forward(0, tester);
		}
		break;
	case 1:
		if (tester != 2) {
			forward(2, tester);
		}
		break;
	case 2:
		yield(tester);
		break;
	case 3:
		take_notifications(tester);
		break;
	case 4:
		ask_who();
		break;
	case 5:
		notify(tester);
		break;
	default:
		spin(tester);
		break;
	}
}

/* --- Sources --------------------------------------------------------------------------------- */

/* What the tester has counted of its interrupt, and when the last came. False: it is busy. */
static bool taken(const struct source *s, uint64_t *count, uint64_t *at)
{
	const uint64_t p[5] = { TESTER_TAKEN,
				s->timer ? FFA_VINT_TIMER : testers[s->tester].intid };
	struct ffa_regs r;

	if (!ask(s->tester, p, &r) || !tester_ok(&r, tester_id(&testers[s->tester]))) {
		return false;
	}
	*count = r.x[4];
	*at = r.x[5];
	return true;
}

static void wait_taken(const struct source *s, uint64_t *count)
{
	uint64_t at;

	while (!taken(s, count, &at) && !test_failed()) {
		cpu_relax();
	}
}

/*
 * A tester's interrupt is on and comes to this CPU. In the beginning nobody else uses the tester.
 */
static void source_open(struct source *s)
{
	const struct tester *t = &testers[s->tester];
	struct ffa_regs r;

	s->armed = false;
	s->raised = s->arrived = 0;
	if (s->timer) {
		wait_taken(s, &s->base);
		return;
	}
	if (!tester_enable(t, true, s->tester & 1 ? HYP_PIN_FIQ : HYP_PIN_IRQ)) {
		return;
	}
	r = FFA_DIRECT(tester_id(t), TESTER_RECONFIGURE, t->intid, HYP_RECONFIGURE_TARGET,
		       cpu_index());
	if (!tester_ok(&r, tester_id(t)) || r.x[4] != 0) {
		test_fail("interrupt %u does not move to CPU %u", t->intid, cpu_index());
		return;
	}
	wait_taken(s, &s->base);
}

static void timer_raise(struct source *s)
{
	const uint64_t p[5] = { TESTER_TIMER, 1 + random_below(AFTER_MAX_NS) };
	struct ffa_regs r;

	s->armed = true;
	s->raised++;
	if (ask(s->tester, p, &r)) {
		(void)tester_ok(&r, tester_id(&testers[s->tester]));
	}
}

/* Raises it now or later, if all before has arrived. One can be later on each CPU. */
static void source_raise(struct source *s, bool *later)
{
	uint64_t ns = !*later && random_below(4) != 0 ? 1 + random_below(AFTER_MAX_NS) : 0;

	if (s->armed) {
		return;
	}
	if (s->timer) {
		timer_raise(s);
		return;
	}
	s->armed = true;
	s->raised++;
	*later |= ns != 0;
	(void)pend(testers[s->tester].intid, ns);
}

static void source_look(struct source *s)
{
	uint64_t count, at;

	if (!s->armed || !taken(s, &count, &at)) {
		return;
	}
	if (count - s->base == s->arrived) {
		return;
	}
	if (count - s->base != s->arrived + 1) {
		test_fail("tester %u took its interrupt %lu times, it was raised %lu times",
			  s->tester, count - s->base, s->raised);
		return;
	}
	s->armed = false;
	s->arrived++;
	total.interrupts++;
}

/* All of this CPU's sources. False: one is still to arrive. */
static bool sources_look(void)
{
	bool all = true;

	for (uint32_t i = 0; i < SOURCES; i++) {
		if (sources[i].cpu == cpu_index()) {
			source_look(&sources[i]);
			all = all && !sources[i].armed;
		}
	}
	return all;
}

static void sources_raise(void)
{
	bool later = false;

	for (uint32_t i = 0; i < SOURCES; i++) {
		if (sources[i].cpu == cpu_index() && !sources[i].timer) {
			later |= sources[i].armed;
		}
	}
	for (uint32_t i = 0; i < SOURCES; i++) {
		if (sources[i].cpu == cpu_index()) {
			source_raise(&sources[i], &later);
		}
	}
}

/* --- The storm ------------------------------------------------------------------------------- */

/* Ticks of this CPU's timer that have been taken since it had taken `before`. */
static uint32_t ticks_since(uint32_t before)
{
	return cpu_interrupts(timer_intid()) - before;
}

/* Nothing is started again; what was has to arrive. */
static void calm_down(uint32_t ticks_before)
{
	struct cpu *c = cpu_this();
	uint64_t end = cpu_now() + timer_ticks(PATIENCE_NS);

	c->tick_max = 0;
	while ((!sources_look() || ticks_since(ticks_before) != c->ticks) && !test_failed()) {
		if (cpu_now() > end) {
			test_fail("CPU %u: %u of %u ticks have arrived, or an SPI has not",
				  cpu_index(), ticks_since(ticks_before), c->ticks);
		}
	}
	timer_stop();
}

static void storm_job(uint64_t arg)
{
	struct cpu *c = cpu_this();
	uint32_t before = cpu_interrupts(timer_intid());
	uint32_t ticks = 0;

	(void)arg;
	c->ticks = 0;
	cpu_irq_on();
	timer_tick(TICK_MIN_NS, TICK_MAX_NS);
	while (total.interrupts + total.timers < total.until && !test_failed()) {
		sources_raise();
		do_something();
		(void)sources_look();
		total.timers += ticks_since(before) - ticks;
		ticks = ticks_since(before);
	}
	calm_down(before);
	total.timers += ticks_since(before) - ticks;
}

static void open_job(uint64_t arg)
{
	(void)arg;
	for (uint32_t i = 0; i < SOURCES && !test_failed(); i++) {
		if (sources[i].cpu == cpu_index()) {
			source_open(&sources[i]);
		}
	}
}

static bool notifications_bind(uint32_t fid)
{
	for (uint32_t i = 0; i < TESTER_KINDS; i++) {
		uint16_t id = tester_id(&testers[i]);
		uint32_t w[8] = { fid, FFA_IDS(FFA_ID_NWD, id), 0, (1u << CPU_COUNT) - 1 };

		if (!tester_call(id, w, NULL)) {
			return false;
		}
		CHECK(w[0] == FFA_SUCCESS_32, "tester %u: call %#x: status %d", i, fid, (int)w[2]);
	}
	return true;
}

/* The interrupts are off, and back on CPU 0 where the other tests want them. */
static bool storm_close(void)
{
	for (uint32_t i = 0; i < TESTER_KINDS; i++) {
		const struct tester *t = &testers[i];
		struct ffa_regs r = FFA_DIRECT(tester_id(t), TESTER_RECONFIGURE, t->intid,
					       HYP_RECONFIGURE_TARGET, 0);

		if (!tester_ok(&r, tester_id(t)) || !tester_enable(t, false, HYP_PIN_IRQ)) {
			return false;
		}
		take_notifications(i);
	}
	return notifications_bind(FFA_NOTIFICATION_UNBIND_32);
}

static bool storm_all(void)
{
	uint64_t raised = 0, timers = 0;

	total.until = test_count(INTERRUPTS);
	if (!notifications_bind(FFA_NOTIFICATION_BIND_32)) {
		return false;
	}
	for (uint32_t cpu = 0; cpu < CPU_COUNT; cpu++) {
		cpu_run(cpu, open_job, 0);
	}
	if (test_failed()) {
		return false;
	}
	cpu_run_all(storm_job, 0);
	if (test_failed() || !storm_close()) {
		return false;
	}
	for (uint32_t i = 0; i < SOURCES; i++) {
		raised += sources[i].raised;
		timers += sources[i].timer ? sources[i].raised : 0;
		CHECK(sources[i].raised == sources[i].arrived && sources[i].raised != 0,
		      "source %u: %lu raised, %lu arrived", i, sources[i].raised,
		      sources[i].arrived);
	}
	CHECK(notifications.raised == notifications.arrived, "notifications: %u set, %u arrived",
	      notifications.raised, notifications.arrived);
	print_line("%lu interrupts arrived: %u of our timers, %lu of partitions, of those %lu of "
		   "their timers; "
		   "%u notifications; "
		   "%u requests were answered, %u refused as BUSY, %u times one was interrupted",
		   total.timers + raised, total.timers, raised, timers, notifications.arrived,
		   total.requests, total.busy, total.interrupted);
	return true;
}

/* --- Latency --------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	uint32_t tester;
} running[] = {
	{ "our timer, a partition with signalled action runs", 1 },
	{ "our timer, a partition with managed exit runs", 3 },
	{ "our timer, a partition with queued action runs", 4 },
};

/* The others sleep: so it is instructions of this CPU, where time is the number of them. */
static bool latency_of_timer(uint32_t tester, const char *name)
{
	struct histogram late = { 0 };
	struct cpu *c = cpu_this();

	c->tick_late = &late;
	timer_tick(TICK_MIN_NS, TICK_MAX_NS);
	for (uint32_t i = 0; i < LATENCIES && !test_failed(); i++) {
		spin(tester);
	}
	timer_stop();
	c->tick_late = NULL;
	histogram_print(&late, name);
	return !test_failed();
}

static bool latency_of_spi(struct source *s)
{
	const struct tester *t = &testers[s->tester];
	struct histogram late = { 0 };

	for (uint32_t i = 0; i < LATENCIES && !test_failed(); i++) {
		uint64_t count, at;
		uint64_t raised = cpu_now();

		if (!pend(t->intid, 0) || !taken(s, &count, &at)) {
			return false;
		}
		CHECK(count == s->base + i + 1, "interrupt %u: %lu of %u have arrived", t->intid,
		      count - s->base, i + 1);
		histogram_add(&late, timer_ns(at - raised));
	}
	histogram_print(&late, "a partition's SPI, it waits and we run");
	return !test_failed();
}

static bool storm_latency(void)
{
	struct source *s = &sources[0];

	for (size_t i = 0; i < sizeof(running) / sizeof(running[0]); i++) {
		if (!latency_of_timer(running[i].tester, running[i].name)) {
			return false;
		}
	}
	source_open(s);
	return !test_failed() && latency_of_spi(s) &&
	       tester_enable(&testers[s->tester], false, HYP_PIN_IRQ);
}

const struct test storm_tests[] = {
	{ "storm.all", storm_all, ALL_TESTERS | NEED_MONITOR },
	{ "storm.latency", storm_latency, ALL_TESTERS | NEED_MONITOR },
	{ 0 },
};
