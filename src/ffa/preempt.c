/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who runs when a physical interrupt hits (FF-A 1.2 chapter 9). Delivery into a vCPU is
 * core/interrupt.c; here it is decided whose cycles are taken for it.
 */
#include "core/interrupt.h"

#include "arch/gic.h"
#include "arch/panic.h"
#include "core/switch.h"
#include "ffa/call.h"
#include "lib/print.h"

/*
 * v (claimed, or about to become idle) handles its virtual interrupts in the SEC_INTERRUPT model,
 * all physical ones held; `preempted` (BLOCKED) goes on after that. v sees FFA_INTERRUPT, with the
 * id in w2, as the completion of its own last call. At S-EL0 that is all it sees of the interrupt,
 * so it has taken it by that.
 */
void preempt_enter_sec(struct vcpu *v, struct vcpu *preempted)
{
	int slot = v->partition->el0 ? vint_get(&v->vint) : vint_peek(&v->vint);

	v->preempted = preempted;
	v->caller = NULL;
	v->request = REQUEST_DIRECT;
	v->pmr = GIC_PMR_CLOSED;
	answer(v, FFA_INTERRUPT_32, 0, slot == VINT_NO_SLOT ? 0 : vint_intid(v->partition, slot),
	       0);
	cycles_enter(v);
}

/* True if `v` waits, directly or over others, for `current`. */
static bool precedes(const struct vcpu *v, const struct vcpu *current)
{
	for (const struct vcpu *link = current->caller; link != NULL; link = link->caller) {
		if (link == v) {
			return true;
		}
	}
	return false;
}

/*
 * Can target, BLOCKED on this CPU or another, be woken for its interrupt? It has to be able to end
 * that with FFA_RUN, which is denied in its initialisation, and to handle one at a time. What only
 * software has pended waits, and so does all for an SP at S-EL0, which does not expect it there.
 */
static bool may_interrupt_own_request(struct vcpu *target, const struct vcpu *current)
{
	return !target->partition->el0 && precedes(target, current) &&
	       vcpu_model(target) != RT_INIT && target->preempted == NULL &&
	       vint_takes_cycles(&target->vint);
}

/*
 * target, BLOCKED, waits for `current` over the links of a chain on this CPU: handles its interrupt
 * in the middle of its own request, and ends that with FFA_RUN (FF-A 1.2, 9.3).
 */
static struct vcpu *preempt_blocked(struct vcpu *target, struct vcpu *current)
{
	vcpu_leave(current, VCPU_BLOCKED);
	vcpu_unblock(target);
	target->preempted = current;
	answer(target, FFA_INTERRUPT_32, 0, 0, 0);
	cycles_enter(target);
	return target;
}

/*
 * A virtual interrupt is pending in `target`: runs it now if it waits for work, or for somebody
 * whom this CPU runs; else it is queued there and seen when `target` runs next. One that only
 * software has pended takes no cycles: the normal world is asked to schedule. `current` is who
 * this CPU was running. Returns who runs. (FF-A 1.2, 9.3: secure interrupt by state of its target)
 */
static struct vcpu *deliver(struct cpu *c, struct vcpu *current, struct vcpu *target)
{
	uint32_t word;

	if (target == NULL || target == current || vint_lines(&target->vint) == 0 ||
	    partition_is_aborted(target->partition)) {
		return current;
	}
	do {
		word = atomic_load(&target->word); /* after vint_pend(): see core/vint.h */
		switch (vcpu_word_state(word)) {
		case VCPU_WAITING:
			break;
		case VCPU_BLOCKED:
			return may_interrupt_own_request(target, current)
				       ? preempt_blocked(target, current)
				       : current;
		case VCPU_RUNNING:
			gic_send_secure_sgi(GIC_SGI_KICK, spmc.cpus[vcpu_word_cpu(word)].mpidr);
			return current;
		default:
			return current;
		}
		if ((target->partition->sri_policy & SRI_WHEN_WAITING) != 0 ||
		    !vint_takes_cycles(&target->vint)) {
			notification_schedule(target);
			return current;
		}
	} while (!vcpu_claim(target, word, RT_SEC_INTERRUPT, c->index));
	if (vcpu_is_nwd(current)) {
		current->pmr = gic_pmr();
	}
	vcpu_leave(current, VCPU_BLOCKED);
	preempt_enter_sec(target, current);
	return target;
}

/*
 * True when v waits with an interrupt that it starts to handle by itself. If it is one for the
 * normal world to schedule, that knows of it afterwards.
 */
static bool wakes_by_itself(struct vcpu *v)
{
	if (vcpu_word_state(vcpu_peek(v)) != VCPU_WAITING || vint_lines(&v->vint) == 0) {
		return false;
	}
	if ((v->partition->sri_policy & SRI_WHEN_PENDING) == 0 && vint_takes_cycles(&v->vint)) {
		return true;
	}
	if (!atomic_load_explicit(&v->unscheduled, memory_order_relaxed)) {
		notification_schedule(v);
	}
	return false;
}

/*
 * Somebody has pended an interrupt for a vCPU of ours, or one slipped in while a vCPU became idle:
 * finds it. The current vCPU's lines are looked at anyway when it is entered.
 */
static struct vcpu *kicked(struct cpu *c, struct vcpu *current)
{
	arch_panic_join();
	timer_restore(c); /* a timer may have come from a CPU that went off */
	c->sri_delayed |= atomic_exchange(&c->sri_left, false);
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		struct vcpu *v = partition_vcpu(spmc.partitions[i], c);
		struct vcpu *next;

		if (!wakes_by_itself(v)) {
			continue;
		}
		next = deliver(c, current, v);
		if (next != current) {
			gic_send_secure_sgi(GIC_SGI_KICK, c->mpidr); /* there may be more */
			return next;
		}
	}
	return current;
}

/*
 * A secure interrupt is pending while this CPU runs `current` (an SP, or the normal world, which
 * EL3 has stopped for it). Acknowledges and ends it; returns who runs.
 */
struct vcpu *preempt_secure(struct cpu *c, struct vcpu *current)
{
	uint32_t intid = gic_acknowledge();
	struct vcpu *target;

	if (intid == GIC_SPURIOUS) {
		return current;
	}
	if (intid == GIC_SGI_KICK) {
		gic_end(intid);
		return kicked(c, current);
	}
	target = intid == GIC_PPI_SEL2_TIMER ? timer_expire(c) : interrupt_pend(intid, c);
	gic_end(intid);
	return deliver(c, current, target);
}

/* The normal world is about to run on c: asks it to schedule whoever has something to do. */
void preempt_raise_sri(struct cpu *c)
{
	if (c->sri_delayed) {
		c->sri_delayed = false;
		gic_send_nwd_sgi(FFA_SRI_INTID);
	}
}

/* FFA_INTERRUPT from the SPMD: a secure interrupt has hit the normal world. An SP is DENIED it. */
struct vcpu *ffa_interrupt_call(struct vcpu *nwd)
{
	struct cpu *c = cpu_this();
	struct vcpu *next;

	if (!vcpu_is_nwd(nwd)) {
		return answer_error(nwd, FFA_DENIED);
	}
	gic_cpu_restore_end(); /* how an interrupt is ended is nothing that EL3 keeps */
	next = preempt_secure(c, nwd);
	if (next != nwd) {
		c->nwd_interrupted = true;
		return next;
	}
	answer(nwd, FFA_NORMAL_WORLD_RESUME_32, 0, 0, 0);
	preempt_raise_sri(c);
	return nwd;
}

/* A group 0 interrupt is EL3's: it handles it, and v goes on. */
static struct vcpu *group0(struct cpu *c, struct vcpu *v)
{
	uint64_t x[18] = { FFA_EL3_INTR_HANDLE_32 };

	arch_el3_call(&c->arch, &v->arch, x);
	return v;
}

/* True if v can be asked to leave by a managed exit, and has not been yet. */
static bool managed_exit_possible(struct vcpu *v)
{
	const struct partition *p = v->partition;

	return p->ns_action == NS_MANAGED_EXIT && !v->managed_exit &&
	       vcpu_model(v) == RT_DIRECT_REQ && vint_open(&v->vint, VINT_SLOT_MEI);
}

/*
 * The normal world wants its CPU (FIQ), or EL3 does. What happens to v, which runs, is its
 * manifest's ns-interrupts-action (FF-A 1.2, 9.2): told by the managed exit interrupt and left
 * alone until it answers, or preempted, so that its caller gets FFA_INTERRUPT. (Queued is a mask:
 * such an SP is not interrupted, or only by what EL3 masks not yet.)
 */
struct vcpu *preempt_other(struct cpu *c, struct vcpu *v)
{
	if (gic_group0_pending()) {
		return group0(c, v);
	}
	if (managed_exit_possible(v)) {
		v->managed_exit = true;
		gic_set_pmr(context_pmr(v));
		(void)vint_pend(&v->vint, VINT_SLOT_MEI);
		return v;
	}
	if (context_pmr(v) <= GIC_PMR_SECURE_ONLY) {
		gic_set_pmr(context_pmr(v)); /* withdrawn, or masked too late */
		return v;
	}
	answer(v->caller, FFA_INTERRUPT_32, endpoint_context(v), 0, 0);
	vcpu_leave(v, VCPU_PREEMPTED);
	return cycles_return(v);
}
