/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The partition that system tests are made with: an interpreter of the commands in tester.h. Each
 * vCPU has its own state and nothing is shared, so that all may work at once.
 */
#include "memory.h"
#include "reach.h"
#include "sweep.h"
#include "version.h"

#include "bulkhead/hyp.h"
#include "bulkhead/tester.h"
#include "sp/probe.h"
#include "sp/sp.h"

#include <string.h>

#define PAYLOAD 5
#define INTIDS 64
#define LOOPS_DEFAULT (1ul << 28)
#define FAR_TOO_MANY_ERRORS 1000

struct tester {
	struct sweeper sweeper;
	uint64_t starts;
	uint64_t taken[INTIDS]; /* interrupts */
	uint64_t taken_at[INTIDS];
	uint64_t woken; /* FFA_INTERRUPT */
	uint64_t runs; /* FFA_RUN */
	bool managed_exit; /* asked for since this request came */
	uint32_t callee; /* context that has not answered yet; 0: none */

	/* What the vCPU found when it started. */
	uint64_t boot_wrong;
	struct findings init_wait;

	/* Sweeps that are to be done by the next response, the next FFA_MSG_WAIT. */
	bool sweep_response;
	bool sweep_wait;
	bool starting; /* the next FFA_MSG_WAIT ends the initialisation */
	uint64_t response_seed;
	uint64_t wait_seed;
	struct findings later; /* what these found */

	uint64_t queued[PAYLOAD]; /* command for the next FFA_RUN, then its answer */
	bool has_queued;
	bool has_result;

	uint64_t vms_created, vms_destroyed; /* TESTER_VMS */
	uint16_t vm;
	enum ffa_status vm_status;

	uint64_t exceptions; /* TESTER_TOUCH */
	uint64_t esr, far, elr;
};

static struct tester testers[SP_MAX_VCPUS];

static struct tester *self(void)
{
	return &testers[sp_vcpu_index()];
}

static void answer(uint64_t p[PAYLOAD], uint64_t p0, uint64_t p1, uint64_t p2, uint64_t p3,
		   uint64_t p4)
{
	p[0] = p0;
	p[1] = p1;
	p[2] = p2;
	p[3] = p3;
	p[4] = p4;
}

/* --- What came back from calls ------------------------------------------------------- */

static void answer_ffa(uint64_t p[PAYLOAD], const struct ffa_regs *r, uint32_t whom)
{
	int64_t what = ffa_is(r, FFA_ERROR_32) ? (int32_t)r->x[2] : (int64_t)ffa_fid(r);

	answer(p, TESTER_FFA, (uint64_t)what, r->x[1], whom, 0);
}

static void answer_findings(uint64_t p[PAYLOAD], const struct findings *f, uint64_t ok)
{
	if (f->differences == 0) {
		answer(p, TESTER_OK, ok, 0, 0, 0);
	} else {
		answer(p, f->leaked ? TESTER_LEAKED : TESTER_DIFFERS, f->differences, f->where,
		       f->expected, f->found);
	}
}

static bool gave_cycles_back(const struct ffa_regs *r)
{
	return ffa_is(r, FFA_INTERRUPT_32) || ffa_is(r, FFA_YIELD_32);
}

/* A sweep around each call that a command makes. */
struct swept {
	uint64_t seed;
	bool unmasked;
	struct findings findings;
};

static void call(struct tester *t, struct ffa_regs *r, struct swept *how)
{
	if (how == NULL) {
		ffa_call(r);
	} else {
		sweep_call(&t->sweeper, r, how->seed, how->unmasked, &how->findings);
	}
}

/* Set by an interrupt handler, so it is read anew each time. */
static bool managed_exit_asked(const struct tester *t)
{
	return *(const volatile bool *)&t->managed_exit;
}

/*
 * Makes the call *r (how: NULL or a sweep around it) and stays with the callee until it has
 * answered: *r is the answer. False when a managed exit is asked of us before; t->callee has to be
 * run later then.
 */
static bool call_and_stay(struct tester *t, struct ffa_regs *r, struct swept *how)
{
	call(t, r, how);
	while (gave_cycles_back(r)) {
		/*
		 * w1 = 0: it was for an interrupt of ours that we got our cycles back, which RUN
		 * ends. Before that we may not respond.
		 */
		if ((uint32_t)r->x[1] != 0) {
			t->callee = (uint32_t)r->x[1];
			if (managed_exit_asked(t)) {
				return false;
			}
		}
		*r = (struct ffa_regs){ .x = { FFA_RUN_32, t->callee } };
		call(t, r, how);
		if (ffa_status(r) == FFA_INVALID_PARAMETERS && FFA_CTX_VCPU(t->callee) != 0) {
			/* It has one vCPU only. */
			t->callee = FFA_CTX(FFA_CTX_ID(t->callee), 0);
			*r = (struct ffa_regs){ .x = { FFA_RUN_32, t->callee } };
			call(t, r, how);
		}
	}
	t->callee = 0;
	return true;
}

/* A direct request of ours; t->callee is the vCPU that would answer, as far as we know. */
static struct ffa_regs request(struct tester *t, uint16_t to, const uint64_t p[PAYLOAD])
{
	struct ffa_regs r = { .x = { FFA_MSG_SEND_DIRECT_REQ_64, FFA_IDS(sp_id, to) } };

	memcpy(&r.x[3], p, PAYLOAD * sizeof(p[0]));
	t->callee = FFA_CTX(to, sp_vcpu_index());
	return r;
}

/* Makes the call *r, stays with the callee, and makes its answer ours. */
static void pass_on(struct tester *t, struct ffa_regs *r, uint16_t whom, uint64_t p[PAYLOAD])
{
	if (!call_and_stay(t, r, NULL)) {
		answer(p, TESTER_MANAGED_EXIT, 0, t->callee, 0, 0);
	} else if (ffa_is(r, FFA_MSG_SEND_DIRECT_RESP_32)) {
		memcpy(p, &r->x[3], PAYLOAD * sizeof(p[0]));
	} else {
		answer_ffa(p, r, whom);
	}
}

/* --- Commands ------------------------------------------------------------------------ */

static void do_ping(struct tester *t, uint64_t p[PAYLOAD])
{
	(void)t;
	answer(p, TESTER_OK, TESTER_PONG(p[1]), p[2], p[3], p[4]);
}

static void do_who(struct tester *t, uint64_t p[PAYLOAD])
{
	uint64_t mpidr;

	__asm__("mrs %0, mpidr_el1" : "=r"(mpidr));
	answer(p, TESTER_OK, sp_vcpu_index(), mpidr, sp_id, t->starts);
}

static void do_boot(struct tester *t, uint64_t p[PAYLOAD])
{
	uint64_t wrong = t->boot_wrong;
	const struct findings *f = &t->init_wait;

	if (f->sweeps != 1 || f->differences != 0) {
		wrong |= TESTER_BOOT_WAIT;
	}
	answer(p, wrong == 0 ? TESTER_OK : TESTER_DIFFERS, wrong, f->where, f->expected, f->found);
}

static void do_counts(struct tester *t, uint64_t p[PAYLOAD])
{
	answer(p, TESTER_OK, t->taken[p[1] % INTIDS], t->taken[FFA_VINT_MEI], t->woken, t->runs);
}

static void do_enable(struct tester *t, uint64_t p[PAYLOAD])
{
	(void)t;
	answer(p, TESTER_OK,
	       sp_interrupt_enable((uint32_t)p[1], p[2] != 0, (uint32_t)p[3]) ? 0 : ~0ul, 0, 0, 0);
}

static void do_yield(struct tester *t, uint64_t p[PAYLOAD])
{
	(void)t;
	for (uint64_t i = 0; i < p[1]; i++) {
		struct ffa_regs r;

		ffa_yield(&r);
		if (!ffa_is(&r, FFA_SUCCESS_32)) {
			answer_ffa(p, &r, 0);
			return;
		}
	}
	answer(p, TESTER_OK, p[1], 0, 0, 0);
}

static void do_busy(struct tester *t, uint64_t p[PAYLOAD])
{
	uint64_t rounds = p[1];
	uint64_t sum = p[2];
	uint64_t i = 0;

	while (i < rounds && !managed_exit_asked(t)) {
		sum = tester_sum_round(sum);
		i++;
	}
	answer(p, i == rounds ? TESTER_OK : TESTER_MANAGED_EXIT, sum, i, 0, 0);
}

static uint64_t counter(void)
{
	uint64_t now;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(now)::"memory");
	return now;
}

static void do_spin(struct tester *t, uint64_t p[PAYLOAD])
{
	uint64_t frequency;
	uint64_t start = counter();
	uint64_t ticks;

	__asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
	ticks = p[1] * (frequency / 1000) / 1000000;
	while (counter() - start < ticks) {
		if (managed_exit_asked(t)) {
			answer(p, TESTER_MANAGED_EXIT, counter() - start, 0, 0, 0);
			return;
		}
	}
	answer(p, TESTER_OK, counter() - start, 0, 0, 0);
}

static void do_taken(struct tester *t, uint64_t p[PAYLOAD])
{
	answer(p, TESTER_OK, t->taken[p[1] % INTIDS], t->taken_at[p[1] % INTIDS], 0, 0);
}

static void do_reconfigure(struct tester *t, uint64_t p[PAYLOAD])
{
	(void)t;
	answer(p, TESTER_OK, (uint64_t)sp_hypercall(HYP_INTERRUPT_RECONFIGURE, p[1], p[2], p[3]), 0,
	       0, 0);
}

static void do_timer(struct tester *t, uint64_t p[PAYLOAD])
{
	uint64_t ctl, cval;
	uint64_t now = sp_now();

	(void)t;
	__asm__ volatile("mrs %0, cntp_ctl_el0\n\tmrs %1, cntp_cval_el0" : "=r"(ctl), "=r"(cval));
	(void)sp_interrupt_enable(FFA_VINT_TIMER, true, HYP_PIN_IRQ);
	if (p[1] != 0) {
		sp_timer_set(now + sp_ticks(p[1]));
	} else {
		sp_timer_stop();
	}
	answer(p, TESTER_OK, ctl, cval - now, 0, 0);
}

static void do_ipi(struct tester *t, uint64_t p[PAYLOAD])
{
	(void)t;
	answer(p, TESTER_OK, (uint64_t)sp_hypercall(HYP_INTERRUPT_SEND_IPI, p[1], 0, 0), 0, 0, 0);
}

static void do_vms(struct tester *t, uint64_t p[PAYLOAD])
{
	t->vm_status = (enum ffa_status)(int32_t)p[1];
	answer(p, TESTER_OK, t->vms_created, t->vms_destroyed, t->vm, 0);
}

static void do_queue(struct tester *t, uint64_t p[PAYLOAD])
{
	memcpy(t->queued, &p[1], (PAYLOAD - 1) * sizeof(p[0]));
	t->queued[PAYLOAD - 1] = 0;
	t->has_queued = true;
	answer(p, TESTER_OK, 0, 0, 0, 0);
}

static void do_result(struct tester *t, uint64_t p[PAYLOAD])
{
	if (t->has_result) {
		memcpy(p, t->queued, sizeof(t->queued));
		t->has_result = false;
		return;
	}
	answer_findings(p, &t->later, t->later.sweeps);
	t->later = (struct findings){ 0 };
}

static void do_forward(struct tester *t, uint64_t p[PAYLOAD])
{
	uint16_t to = (uint16_t)p[1];
	uint64_t rest = p[1] >> 16;
	struct ffa_regs r;

	if (rest != 0) {
		p[1] = rest;
	} else {
		memmove(&p[0], &p[2], 3 * sizeof(p[0]));
		p[3] = p[4] = 0;
	}
	r = request(t, to, p);
	pass_on(t, &r, to, p);
}

static void do_resume(struct tester *t, uint64_t p[PAYLOAD])
{
	struct ffa_regs r = { .x = { FFA_RUN_32, t->callee } };

	if (t->callee == 0) {
		answer(p, TESTER_UNKNOWN, 0, 0, 0, 0);
		return;
	}
	pass_on(t, &r, FFA_CTX_ID(t->callee), p);
}

static void do_send_once(struct tester *t, uint64_t p[PAYLOAD])
{
	uint64_t payload[PAYLOAD] = { p[2], p[3], p[4] };
	struct ffa_regs r = request(t, (uint16_t)p[1], payload);

	ffa_call(&r);
	if (!gave_cycles_back(&r)) {
		t->callee = 0;
	} else if ((uint32_t)r.x[1] != 0) {
		t->callee = (uint32_t)r.x[1];
	}
	answer(p, TESTER_FFA,
	       ffa_is(&r, FFA_ERROR_32) ? (uint64_t)(int64_t)(int32_t)r.x[2] : r.x[0], r.x[1],
	       r.x[2], r.x[3]);
}

static void do_hammer(struct tester *t, uint64_t p[PAYLOAD])
{
	uint64_t right = 0, busy = 0, wrong = 0, errors = 0;
	uint64_t count = p[2];
	bool go_on = true;

	while (go_on && right + wrong < count && errors < FAR_TOO_MANY_ERRORS) {
		uint64_t n = tester_pattern(p[3], (uint32_t)(right + wrong));
		uint64_t ping[PAYLOAD] = { TESTER_PING, n, ~n, n >> 1, n << 1 };
		const uint64_t pong[PAYLOAD] = { TESTER_OK, TESTER_PONG(n), ~n, n >> 1, n << 1 };
		struct ffa_regs r = request(t, (uint16_t)p[1], ping);

		go_on = call_and_stay(t, &r, NULL);
		if (ffa_is(&r, FFA_MSG_SEND_DIRECT_RESP_32)) {
			bool same = memcmp(&r.x[3], pong, sizeof(pong)) == 0;

			right += same;
			wrong += !same;
		} else if (ffa_status(&r) == FFA_BUSY) {
			busy++;
		} else {
			errors += go_on;
		}
	}
	answer(p, go_on ? TESTER_OK : TESTER_MANAGED_EXIT, right, busy, wrong, errors);
}

static void do_touch(struct tester *t, uint64_t p[PAYLOAD])
{
	static const uint32_t instructions[] = {
		0x39400000, /* ldrb w0, [x0] */
		0x3900001F, /* strb wzr, [x0] */
		0xD61F0000, /* br x0 */
	};
	uint64_t x0 = p[1];

	if (p[2] >= sizeof(instructions) / sizeof(instructions[0])) {
		answer(p, TESTER_UNKNOWN, 0, 0, 0, 0);
		return;
	}
	t->exceptions = t->esr = t->far = t->elr = 0;
	(void)sp_try(instructions[p[2]], &x0);
	answer(p, TESTER_OK, t->exceptions, t->esr, t->far, t->elr);
}

static void do_foreign(struct tester *t, uint64_t p[PAYLOAD])
{
	memcpy(t->sweeper.foreign, &p[1], sizeof(t->sweeper.foreign));
	answer(p, TESTER_OK, 0, 0, 0, 0);
}

static void do_list(struct tester *t, uint64_t p[PAYLOAD])
{
	(void)t;
	reach_print();
	answer(p, TESTER_OK, reach_count, reach_readable, reach_left_out, 0);
}

/* --- Sweeps -------------------------------------------------------------------------- */

static void answer_sweep(struct tester *t, uint64_t p[PAYLOAD], const struct findings *f)
{
	answer_findings(p, f, f->compared);
	if (p[0] == TESTER_OK && managed_exit_asked(t)) {
		p[0] = TESTER_MANAGED_EXIT;
	}
}

/* A request and all that follows from it, a sweep around each call. */
static void sweep_request(struct tester *t, uint64_t p[PAYLOAD], bool unmasked)
{
	const uint64_t payload[PAYLOAD] = { TESTER_SWEEP, TESTER_SWEEP_RESPONSE, p[2] + 1 };
	struct swept how = { .seed = p[2], .unmasked = unmasked };
	struct ffa_regs r = request(t, (uint16_t)p[3], payload);

	if (!call_and_stay(t, &r, &how) || ffa_is(&r, FFA_MSG_SEND_DIRECT_RESP_32)) {
		answer_sweep(t, p, &how.findings);
	} else {
		answer_ffa(p, &r, (uint16_t)p[3]);
	}
}

static void do_sweep(struct tester *t, uint64_t p[PAYLOAD])
{
	struct sweeper *s = &t->sweeper;
	bool unmasked = p[1] & TESTER_SWEEP_UNMASKED;
	uint64_t seed = p[2];
	struct findings f = { 0 };
	struct ffa_regs r;

	switch (p[1] & ~(uint64_t)TESTER_SWEEP_UNMASKED) {
	case TESTER_SWEEP_CALL:
		r = (struct ffa_regs){ .x = { FFA_ID_GET_32 } };
		sweep_call(s, &r, seed, unmasked, &f);
		answer_sweep(t, p, &f);
		break;
	case TESTER_SWEEP_RESPONSE:
		t->sweep_response = true;
		t->response_seed = seed;
		answer(p, TESTER_OK, 0, 0, 0, 0);
		break;
	case TESTER_SWEEP_REQUEST:
		sweep_request(t, p, unmasked);
		break;
	case TESTER_SWEEP_WAIT:
		t->sweep_wait = true;
		t->wait_seed = seed;
		answer(p, TESTER_OK, 0, 0, 0, 0);
		break;
	case TESTER_SWEEP_YIELD:
		r = (struct ffa_regs){ .x = { FFA_YIELD_32 } };
		sweep_call(s, &r, seed, unmasked, &f);
		if (ffa_is(&r, FFA_SUCCESS_32)) {
			answer_sweep(t, p, &f);
		} else {
			answer_ffa(p, &r, 0);
		}
		break;
	case TESTER_SWEEP_SPIN:
		sweep_spin(s, p[3] != 0 ? p[3] : 1, seed, unmasked, &f);
		answer_sweep(t, p, &f);
		break;
	case TESTER_SWEEP_IRQ:
		/* A managed exit may have been asked for before we came here. */
		if (!managed_exit_asked(t) &&
		    sweep_until_interrupt(s, p[3] != 0 ? p[3] : LOOPS_DEFAULT, seed, &f)) {
			answer_sweep(t, p, &f);
		} else {
			answer(p, TESTER_TIMEOUT, 0, 0, 0, 0);
		}
		break;
	default:
		answer(p, TESTER_UNKNOWN, 0, 0, 0, 0);
		break;
	}
}

static void do_info_regs(struct tester *t, uint64_t p[PAYLOAD])
{
	struct ffa_regs r = { .x = { FFA_PARTITION_INFO_GET_REGS_64, p[1], p[2], p[3] } };

	(void)t;
	ffa_call(&r);
	if (ffa_fid(&r) == FFA_SUCCESS_64) {
		answer(p, TESTER_OK, r.x[2], r.x[3], r.x[4], r.x[5]);
	} else {
		answer_ffa(p, &r, 0);
	}
}

/* --- The interpreter ----------------------------------------------------------------- */

static void do_call(struct tester *t, uint64_t p[PAYLOAD])
{
	struct ffa_regs r = { 0 };

	(void)t;
	for (unsigned int i = 0; i < 8; i++) {
		r.x[i] = (uint32_t)(p[1 + i / 2] >> (i % 2 * 32));
	}
	ffa_call(&r);
	memory_call_done();
	p[0] = TESTER_OK;
	for (unsigned int i = 0; i < 8; i += 2) {
		p[1 + i / 2] = (uint32_t)r.x[i] | r.x[i + 1] << 32;
	}
}

typedef void command(struct tester *t, uint64_t p[PAYLOAD]);

static command *const commands[] = {
	[TESTER_PING] = do_ping,
	[TESTER_WHO] = do_who,
	[TESTER_BOOT] = do_boot,
	[TESTER_COUNTS] = do_counts,
	[TESTER_ENABLE] = do_enable,
	[TESTER_YIELD] = do_yield,
	[TESTER_BUSY] = do_busy,
	[TESTER_SPIN] = do_spin,
	[TESTER_QUEUE] = do_queue,
	[TESTER_RESULT] = do_result,
	[TESTER_FORWARD] = do_forward,
	[TESTER_RESUME] = do_resume,
	[TESTER_SEND_ONCE] = do_send_once,
	[TESTER_HAMMER] = do_hammer,
	[TESTER_TOUCH] = do_touch,
	[TESTER_SWEEP] = do_sweep,
	[TESTER_FOREIGN] = do_foreign,
	[TESTER_LIST] = do_list,
	[TESTER_CALL] = do_call,
	[TESTER_INFO_REGS] = do_info_regs,
	[TESTER_TAKEN] = do_taken,
	[TESTER_RECONFIGURE] = do_reconfigure,
	[TESTER_TIMER] = do_timer,
	[TESTER_IPI] = do_ipi,
	[TESTER_VMS] = do_vms,
};

static void interpret(struct tester *t, uint64_t p[PAYLOAD])
{
	if (memory_interpret(p)) {
		return;
	}
	if (p[0] >= sizeof(commands) / sizeof(commands[0]) || commands[p[0]] == NULL) {
		answer(p, TESTER_UNKNOWN, 0, 0, 0, 0);
		return;
	}
	commands[p[0]](t, p);
}

static void tester_direct_req(uint16_t from, uint64_t p[PAYLOAD])
{
	struct tester *t = self();

	(void)from;
	interpret(t, p);
	/* Not before: the interrupt may be the first thing that happens to a request. */
	t->managed_exit = false;
}

static void tester_direct_req2(uint16_t from, const struct ffa_uuid *service,
			       uint64_t p[FFA_PAYLOAD2])
{
	uint16_t next = (uint16_t)p[0];
	struct ffa_regs r;

	(void)from;
	if (next != 0) {
		p[0] >>= 16;
		ffa_direct_req2(&r, sp_id, next, service, p);
		memcpy(p, &r.x[4], FFA_PAYLOAD2 * sizeof(p[0]));
		if (!ffa_is(&r, FFA_MSG_SEND_DIRECT_RESP2_32)) {
			p[0] = TESTER_FFA;
			p[1] = ffa_is(&r, FFA_ERROR_32) ? (uint64_t)ffa_status(&r) : ffa_fid(&r);
		}
		return;
	}
	for (unsigned int i = 0; i < FFA_PAYLOAD2; i++) {
		p[i] = TESTER_PONG(p[i]);
	}
}

static enum ffa_status tester_vm(uint16_t vm, bool created)
{
	struct tester *t = self();
	enum ffa_status status = t->vm_status;

	t->vm = vm;
	t->vms_created += created;
	t->vms_destroyed += !created;
	t->vm_status = FFA_OK;
	return status;
}

static void tester_run(void)
{
	struct tester *t = self();

	if (t->has_queued) {
		t->has_queued = false;
		interpret(t, t->queued);
		t->has_result = true;
		t->managed_exit = false;
	}
}

static void tester_interrupt(uint32_t intid)
{
	struct tester *t = self();

	t->taken[intid % INTIDS]++;
	t->taken_at[intid % INTIDS] = counter();
	if (intid == FFA_VINT_MEI) {
		t->managed_exit = true;
	} else if (intid == FFA_VINT_TIMER) {
		sp_timer_stop();
	}
}

static bool tester_fault(struct sp_frame *f)
{
	struct tester *t = self();
	bool tried, jumped;

	if (memory_fault(f)) {
		return true;
	}
	tried = sp_probe_fault(f);
	jumped = !tried && f->far == f->pc; /* TESTER_TOUCH, execute: back to sp_try() */
	if (!tried && !jumped) {
		return false;
	}
	t->exceptions++;
	t->esr = f->esr;
	t->far = f->far;
	t->elr = tried ? f->pc - 4 : f->pc;
	if (jumped) {
		f->pc = f->x[30];
	}
	return true;
}

/* How responses and FFA_MSG_WAIT leave: with the sweep that was asked for. */
static void tester_call(struct ffa_regs *r)
{
	struct tester *t = self();
	bool starting = t->starting;

	t->starting = false;
	if (t->sweep_response && ffa_is(r, FFA_MSG_SEND_DIRECT_RESP_32)) {
		t->sweep_response = false;
		sweep_call(&t->sweeper, r, t->response_seed, false, &t->later);
	} else if (t->sweep_wait && ffa_is(r, FFA_MSG_WAIT_32)) {
		t->sweep_wait = false;
		sweep_call(&t->sweeper, r, t->wait_seed, false,
			   starting ? &t->init_wait : &t->later);
	} else {
		ffa_call(r);
	}
	t->woken += ffa_is(r, FFA_INTERRUPT_32);
	t->runs += ffa_is(r, FFA_RUN_32);
}

/* --- The start ----------------------------------------------------------------------- */

static bool boot_info_is_right(uint64_t address)
{
	const struct ffa_boot_info_header *h = (const void *)(uintptr_t)address;
	const struct ffa_boot_info_desc *d = (const void *)(uintptr_t)(address + sizeof(*h));

	return address != 0 && h->signature == FFA_BOOT_INFO_SIGNATURE && h->desc_count == 1 &&
	       h->desc_size == sizeof(*d) && h->desc_offset == sizeof(*h) &&
	       d->type == FFA_BOOT_INFO_TYPE_FDT &&
	       *(const uint32_t *)(uintptr_t)d->content == 0xEDFE0DD0u;
}

/* General registers of this start: boot information for the first vCPU, the CPU's index in x4. */
static uint64_t check_entry(const struct sp_vcpu *v, bool first)
{
	uint64_t wrong = 0;

	for (unsigned int i = first ? 1 : 0; i < 31; i++) {
		if (i != 4 && v->x[i] != 0) {
			wrong |= TESTER_BOOT_GPRS;
		}
	}
	if (first && !boot_info_is_right(v->x[0])) {
		wrong |= TESTER_BOOT_INFO;
	}
	if (v->x[4] != v->index) {
		wrong |= TESTER_BOOT_INDEX;
	}
	return wrong;
}

/*
 * System registers of this start against those of the first. CPACR_EL1 has been changed since; the
 * flags are C's.
 */
static uint64_t check_sysregs(uint64_t cpacr)
{
	uint64_t now[REACH_MAX];
	uint64_t wrong = 0;

	reach_values_save(now);
	for (uint32_t i = 0; i < reach_count; i++) {
		uint64_t value = reach_enc[i] == SP_ENC(3, 0, 1, 0, 2) ? cpacr : now[i];

		if (reach_enc[i] != SP_ENC(3, 3, 4, 2, 0) && value != reach_first[i]) {
			sp_print("start: S%u_%u_C%u_C%u_%u is %#lx, was %#lx on vCPU 0\n",
				 reach_enc[i] >> 14, (reach_enc[i] >> 11) & 7,
				 (reach_enc[i] >> 7) & 15, (reach_enc[i] >> 3) & 15,
				 reach_enc[i] & 7, value, reach_first[i]);
			wrong = TESTER_BOOT_SYSREGS;
		}
	}
	return wrong;
}

/* Opens FP, SIMD and all that CPACR_EL1 could close; returns what it was. */
static uint64_t open_cpacr(void)
{
	uint64_t was;

	__asm__ volatile("mrs %0, cpacr_el1\n\tmsr cpacr_el1, %1\n\tisb"
			 : "=&r"(was)
			 : "r"(3ul << 16 | 3ul << 20 | 3ul << 24));
	return was;
}

static void tester_init(const struct sp_vcpu *v)
{
	struct tester *t = self();
	bool first = reach_count == 0;
	uint64_t cpacr = open_cpacr();
	uint64_t starts = t->starts;

	memset(t, 0, sizeof(*t));
	t->starts = starts + 1;
	t->boot_wrong = check_entry(v, first);
	if (first) {
		memory_init();
		reach_find(cpacr);
		sp_print("id %#x, ready; %u registers to sweep\n", sp_id, reach_count);
	} else {
		t->boot_wrong |= check_sysregs(cpacr);
	}
	t->sweep_wait = true;
	t->starting = true;
	t->wait_seed = tester_init_seed(sp_id, v->index);
}

const struct sp_ops sp_ops = {
	.init = tester_init,
	.direct_req = tester_direct_req,
	.direct_req2 = tester_direct_req2,
	.run = tester_run,
	.vm = tester_vm,
	.interrupt = tester_interrupt,
	.fault = tester_fault,
	.call = tester_call,
	.version = version_of_manifest,
};
