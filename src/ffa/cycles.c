/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CPU cycles (FF-A 1.2 chapters 7, 8 and 14): how they are given along a call chain, how they come
 * back, and the calls that move them: MSG_WAIT, YIELD, RUN.
 *
 * A chain lies on one CPU. vcpu->caller points towards its root; whoever gave its cycles away is
 * BLOCKED and is taken back by the CPU that the chain lies on, without a race.
 */
#include "arch/gic_pmr.h"
#include "core/switch.h"
#include "ffa/call.h"
#include "lib/print.h"

/* `to`, just claimed, runs on the cycles of `from`, which waits for them. Returns `to`. */
struct vcpu *cycles_give(struct vcpu *from, struct vcpu *to)
{
	to->caller = from;
	context_mask(from, to);
	vcpu_leave(from, VCPU_BLOCKED);
	return to;
}

/* v, which this CPU has, learns of the notifications that have come, and of its timer. */
void cycles_learn(struct vcpu *v)
{
	uint32_t attention = partition_attention(v->partition);

	if ((attention & PARTITION_NPI) != 0) {
		notification_attend(v);
	}
	if ((attention & PARTITION_TIMER) != 0) {
		timer_attend(v);
	}
}

/*
 * There is something the matter with the partition of v, which has just been claimed or unblocked:
 * false when it has ended, v is given up then. Else v learns of what has come.
 */
bool cycles_attend(struct vcpu *v)
{
	if (partition_is_aborted(v->partition)) {
		vcpu_leave(v, VCPU_ABORTED);
		vcpu_publish(v);
		return false;
	}
	cycles_learn(v);
	return true;
}

/*
 * Who gets the cycles of v, which has died: first who it had preempted, then who had called it,
 * with FFA_ERROR(ABORTED) as the answer. It is asked twice for a v that died while it handled an
 * interrupt in the middle of its own request: its callee, whom it had preempted, goes on, and
 * when that comes back to v, v's caller learns of the death. If its partition starts anew it is v
 * itself, RUNNING then, and they come after it. Not inlined: no response needs it.
 */
__attribute__((noinline)) struct vcpu *cycles_of_dead(struct vcpu *v)
{
	struct vcpu *next = v->preempted;
	bool called = next != NULL && v->caller != NULL; /* who will come back to it */

	if (!called && lifecycle_restart(v)) {
		return v;
	}
	if (next != NULL) {
		v->preempted = NULL;
		return next;
	}
	return v->restart == RESTART_PREEMPTS ? v->caller : answer_error(v->caller, FFA_ABORTED);
}

/* The normal world's turn on this CPU, unless SPs have to be started or told of CPU_OFF first. */
static struct vcpu *resume_nwd(struct cpu *c)
{
	struct vcpu *v = &c->nwd;

	if (c->sequence == CPU_STARTING) {
		v = lifecycle_start_next(c);
	} else if (c->sequence == CPU_GOING_OFF) {
		v = framework_off_next(c);
	}
	if (v != &c->nwd) {
		return v;
	}
	vcpu_unblock(v);
	preempt_raise_sri(c);
	if (c->nwd_interrupted) {
		/* It never called: EL3 has all of its registers. */
		c->nwd_interrupted = false;
		answer(v, FFA_NORMAL_WORLD_RESUME_32, 0, 0, 0);
	}
	return v;
}

/*
 * BLOCKED v goes on: its answer is in its registers. If its partition has died in the meantime,
 * its cycles go on towards the root of the chain. Returns who runs.
 *
 * On that way there may be a v that has died itself (cycles_of_dead()), and one that is RUNNING:
 * who is current, has just ended an interrupt with RUN, and is told that its callee has died.
 */
struct vcpu *cycles_resume(struct vcpu *v)
{
	while (!vcpu_is_nwd(v)) {
		switch (vcpu_word_state(vcpu_peek(v))) {
		case VCPU_BLOCKED:
			vcpu_unblock(v);
			if (cycles_may_enter(v, v->partition)) {
				return v;
			}
			break;
		case VCPU_RUNNING:
			return v;
		default:
			break;
		}
		v = cycles_of_dead(v);
	}
	return resume_nwd(cpu_this());
}

/* v gives the cycles back to who gave them; v has said with vcpu_leave() what becomes of it. */
struct vcpu *cycles_return(struct vcpu *v)
{
	return cycles_resume(v->caller);
}

/* Ends what only lasts until the SP lets go of its cycles. */
static void managed_exit_end(struct vcpu *v)
{
	if (v->managed_exit) {
		v->managed_exit = false;
		vint_withdraw(&v->vint, VINT_SLOT_MEI);
	}
}

/*
 * v becomes idle, and `next` (BLOCKED, its answer is written) goes on, unless v has physical
 * interrupts to handle first: then v runs on to handle them, and `next` after that (FF-A 1.2,
 * 9.3). If only software has pended them, or the SP's sri-interrupts-policy says so, the normal
 * world is asked to schedule it instead: nobody can give an SP cycles that cannot be preempted.
 */
struct vcpu *cycles_wait(struct vcpu *v, struct vcpu *next)
{
	managed_exit_end(v);
	if (vint_lines(&v->vint) != 0) {
		if ((v->partition->sri_policy & SRI_WHEN_PENDING) == 0 &&
		    vint_takes_cycles(&v->vint)) {
			vcpu_set_model(v, RT_SEC_INTERRUPT);
			preempt_enter_sec(v, next);
			gic_set_pmr(context_pmr(v)); /* there is no switch that would */
			return v;
		}
		notification_schedule(v);
	}
	vcpu_leave(v, VCPU_WAITING);
	return cycles_resume(next);
}

/*
 * FFA_MSG_WAIT: the caller has nothing to do. In INIT it has initialised, and the next SP starts;
 * in RUN its runner gets FFA_MSG_WAIT; in SEC_INTERRUPT who ran before goes on. Releases RX
 * unless w2[0] says not to (1.2). DENIED in DIRECT_REQ by the table, and while an interrupt that
 * preempted one of its callees is not finished; INVALID_PARAMETERS for other bits.
 */
struct vcpu *ffa_msg_wait(struct vcpu *caller)
{
	struct partition *p = caller->partition;
	uint32_t flags = vcpu_w(caller, 2);
	uint32_t known = p->endpoint.version >= FFA_VERSION_1_2 ? FFA_MSG_WAIT_RETAIN_RX : 0;
	enum runtime_model model = vcpu_model(caller);

	if ((flags & ~known) != 0) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	if (caller->preempted != NULL && model != RT_SEC_INTERRUPT) {
		return answer_error(caller, FFA_DENIED);
	}
	if ((flags & FFA_MSG_WAIT_RETAIN_RX) == 0 &&
	    atomic_load_explicit(&p->endpoint.mailbox.rx_full, memory_order_relaxed)) {
		spin_lock(&p->endpoint.mailbox.lock);
		p->endpoint.mailbox.rx_full = false;
		spin_unlock(&p->endpoint.mailbox.lock);
	}
	switch (model) {
	case RT_INIT:
		return lifecycle_initialised(caller);
	case RT_RUN:
		answer(caller->caller, FFA_MSG_WAIT_32, endpoint_context(caller), 0, 0);
		return cycles_wait(caller, caller->caller);
	default: {
		struct vcpu *next = caller->preempted;

		caller->preempted = NULL;
		return cycles_wait(caller, next);
	}
	}
}

/*
 * FFA_YIELD: w2, w3 = a timeout in ns, a hint that goes to who gave the cycles, with the caller's
 * context. Resumed by FFA_RUN, with SUCCESS. An SPMC-scheduled context has nobody to yield to and
 * goes on. DENIED for CPU_OFF messages, and for a 1.0 SP that handles a direct request.
 */
struct vcpu *ffa_yield(struct vcpu *caller)
{
	enum runtime_model model = vcpu_model(caller);
	uint32_t timeout_low = vcpu_w(caller, 2);
	uint32_t timeout_high = vcpu_w(caller, 3);

	if (model == RT_SEC_INTERRUPT) {
		return answer_success(caller, 0, 0);
	}
	if (caller->preempted != NULL ||
	    (model == RT_DIRECT_REQ &&
	     (caller->request == REQUEST_CPU_OFF || caller->endpoint->version < FFA_VERSION_1_1))) {
		return answer_error(caller, FFA_DENIED);
	}
	managed_exit_end(caller);
	answer_success(caller, 0, 0);
	answer(caller->caller, FFA_YIELD_32, endpoint_context(caller), timeout_low, timeout_high);
	vcpu_leave(caller, VCPU_YIELDED);
	return cycles_return(caller);
}

/* Which vCPU FFA_RUN names, or why not. */
static enum ffa_status run_target(const struct vcpu *caller, struct vcpu **target)
{
	struct partition *p = partition_find(FFA_CTX_ID(vcpu_w(caller, 1)));
	uint16_t index = FFA_CTX_VCPU(vcpu_w(caller, 1));

	if ((FFA_CTX_ID(vcpu_w(caller, 1)) & FFA_ID_SECURE) == 0) {
		return FFA_DENIED;
	}
	if (p == NULL || index >= p->vcpu_count) {
		return FFA_INVALID_PARAMETERS;
	}
	if (!partition_is_up(p) && index != cpu_this()->index) {
		/* Pinned elsewhere. A UP SP that has migrated may well have called it there. */
		return vcpu_is_nwd(caller) || !partition_is_up(caller->partition)
			       ? FFA_INVALID_PARAMETERS
			       : FFA_DENIED;
	}
	*target = &p->vcpus[index];
	return FFA_OK;
}

/* True while v, in the middle of something, may still come back to what it has left behind. */
static bool is_busy(const struct vcpu *v)
{
	switch (vcpu_word_state(vcpu_peek(v))) {
	case VCPU_RUNNING:
	case VCPU_BLOCKED:
	case VCPU_YIELDED:
	case VCPU_PREEMPTED:
		return !partition_is_aborted(v->partition);
	default:
		return false;
	}
}

/*
 * May `caller` resume `target`, which is yielded or preempted? A direct request is resumed by the
 * endpoint that waits for its response, or for it to start anew after the partition has ended in
 * the middle of it; everything else by the normal world. That inherits, too, what the vCPU which
 * gave the cycles will not come back to, being idle, off or dead: no SP can keep another from
 * everybody by leaving it in the middle of a request.
 *
 * Asked before the claim, so that nobody is held up by one who may not, and again after it: before,
 * another CPU may be writing what is read here, each field by one store. The second answer counts.
 */
static __attribute__((no_sanitize("thread"))) bool run_allowed(const struct vcpu *caller,
							       const struct vcpu *target)
{
	const struct vcpu *giver = *(struct vcpu *const volatile *)&target->caller;
	uint16_t requester = *(const volatile uint16_t *)&target->requester;

	if (vcpu_model(target) != RT_DIRECT_REQ &&
	    *(const volatile enum vcpu_restart *)&target->restart != RESTART_OWES) {
		return vcpu_is_nwd(caller);
	}
	if (!vcpu_is_nwd(caller)) {
		return requester == caller->endpoint->id;
	}
	return (requester & FFA_ID_SECURE) == 0 || giver == NULL || vcpu_is_nwd(giver) ||
	       !is_busy(giver);
}

/* The end of an interrupt that the caller handled in the middle of its own request. */
static struct vcpu *run_preempted(struct vcpu *caller)
{
	struct vcpu *next = caller->preempted;

	caller->preempted = NULL;
	vcpu_leave(caller, VCPU_BLOCKED);
	return cycles_resume(next);
}

/*
 * FFA_RUN: w1 = the context that gets the caller's cycles. The completion comes when that context
 * lets go of them (FF-A 1.2, 14.3). A caller that got its cycles only to handle an interrupt while
 * its own callee was running ends that with RUN, whatever it names: who was preempted goes on.
 */
struct vcpu *ffa_run(struct vcpu *caller)
{
	struct cpu *c = cpu_this();
	bool nwd = vcpu_is_nwd(caller);
	struct vcpu *target;
	enum ffa_status status;
	uint32_t word;
	bool resumed;

	if (caller->preempted != NULL && vcpu_model(caller) != RT_SEC_INTERRUPT) {
		return run_preempted(caller);
	}
	if (caller->request == REQUEST_CPU_OFF) {
		return answer_error(caller, FFA_DENIED);
	}
	status = run_target(caller, &target);
	if (status != FFA_OK) {
		return answer_error(caller, status);
	}
	if (partition_is_aborted(target->partition)) {
		status = lifecycle_status(target->partition);
		return answer_error(caller, nwd || status != FFA_BUSY ? status : FFA_DENIED);
	}
	word = atomic_load_explicit(&target->word, memory_order_acquire);
	switch (vcpu_word_state(word)) {
	case VCPU_WAITING:
		if (!nwd) {
			return answer_error(caller, FFA_DENIED);
		}
		break;
	case VCPU_YIELDED:
	case VCPU_PREEMPTED:
		break;
	case VCPU_OFF:
		return answer_error(caller, nwd ? FFA_INVALID_PARAMETERS : FFA_DENIED);
	case VCPU_BLOCKED:
		return answer_error(caller, FFA_DENIED);
	case VCPU_ABORTED:
		return answer_error(caller, FFA_ABORTED);
	default:
		return answer_error(caller, nwd ? FFA_BUSY : FFA_DENIED);
	}
	resumed = vcpu_word_state(word) != VCPU_WAITING;
	if (resumed && !run_allowed(caller, target)) {
		return answer_error(caller, FFA_DENIED); /* and nobody has seen it claimed */
	}
	if (!vcpu_claim(target, word, RT_RUN, c->index)) {
		return answer_error(caller, nwd ? FFA_BUSY : FFA_DENIED);
	}
	if (resumed && !run_allowed(caller, target)) {
		/* It has been somebody else's in between. */
		vcpu_leave(target, vcpu_word_state(word));
		vcpu_publish(target);
		return answer_error(caller, FFA_DENIED);
	}
	if (!resumed) {
		answer(target, FFA_RUN_32, endpoint_context(target), 0, 0);
	}
	cycles_enter(target);
	return cycles_give(caller, target);
}

/*
 * FFA_ABORT: the caller's partition ends (FF-A 1.3), w2 = why, which the log tells. It does not
 * come back.
 */
struct vcpu *ffa_abort(struct vcpu *caller)
{
	log_error("%s: vCPU %u says that it cannot go on (FFA_ABORT, %d)", caller->partition->name,
		  caller->index, (int)vcpu_w(caller, 2));
	return lifecycle_abort(caller);
}

/* FFA_ERROR as a call: an SP cannot initialise (w2 = ABORTED). Anything else NOT_SUPPORTED. */
struct vcpu *ffa_error_call(struct vcpu *caller)
{
	if (vcpu_is_nwd(caller) || (int32_t)vcpu_w(caller, 2) != FFA_ABORTED) {
		return answer_error(caller, FFA_NOT_SUPPORTED);
	}
	log_error("%s: says that its initialisation failed (FFA_ERROR)", caller->partition->name);
	return lifecycle_abort(caller);
}
