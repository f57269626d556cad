/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/switch.h"

#include "arch/gic.h"
#include "lib/print.h"

static uint8_t min_mask(uint8_t a, uint8_t b)
{
	return a < b ? a : b;
}

/*
 * The mask under which v runs now: that of its chain, and the normal world held off as long as v
 * is asked to leave anyway, or handles an interrupt in the middle of a chain that lies on this CPU.
 */
uint8_t context_pmr(const struct vcpu *v)
{
	return v->managed_exit || v->preempted != NULL ? min_mask(v->pmr, GIC_PMR_SECURE_ONLY)
						       : v->pmr;
}

/*
 * The only place where state moves between contexts: save `from`, publish it as what
 * vcpu_leave() said, restore `to`. from is NULL when nothing runs on this CPU yet. After it
 * `from` may run on another CPU, and is not touched any more.
 */
void context_switch(struct cpu *c, struct vcpu *from, struct vcpu *to)
{
	ASSERT(vcpu_word_state(vcpu_peek(to)) == VCPU_RUNNING);
	if (from != NULL) {
		bool waits = from->leave_as == VCPU_WAITING;

		arch_vcpu_save(&c->arch, &from->arch);
		vcpu_publish(from);
		/*
		 * Whoever pends an interrupt looks at the state after it, we look at the lines
		 * after the state is out: one of us sees the other (core/vint.h).
		 */
		if (waits && vint_lines(&from->vint) != 0) {
			gic_send_secure_sgi(GIC_SGI_KICK, c->mpidr);
		}
	}
	if (!vcpu_is_nwd(to) && (from == NULL || vcpu_is_nwd(from))) {
		gic_cpu_restore();
		if (atomic_load_explicit(&c->has_timers, memory_order_relaxed)) {
			timer_restore(c);
		}
		arch_world_enter(&to->arch);
	}
	gic_set_pmr(context_pmr(to));
	arch_vcpu_restore(&c->arch, &to->arch);
}

/* v, which is current, begins anew at pc: what it has left in the registers is lost. */
void context_renew(struct cpu *c, struct vcpu *v, uint64_t pc)
{
	arch_vcpu_save(&c->arch, &v->arch);
	arch_vcpu_reset(&v->arch, pc, v->index);
	gic_set_pmr(context_pmr(v));
	arch_vcpu_restore(&c->arch, &v->arch);
}

/*
 * Sets the priority mask under which `to` runs on behalf of `from` (FF-A 1.2 chapter 9, interrupt
 * actions): the most restrictive of the call chain. ICC_PMR_EL1 has one copy for both worlds, so
 * the normal world's value is taken down here, where its CPU is about to be given away.
 */
void context_mask(struct vcpu *from, struct vcpu *to)
{
	const struct partition *p = to->partition;
	enum runtime_model model = vcpu_model(to);
	uint8_t mask = context_pmr(from);

	if (vcpu_is_nwd(from)) {
		from->pmr = gic_pmr();
		/*
		 * What the normal world masks for itself stays masked, or an SP would be preempted
		 * again and again for an interrupt that nobody takes. It cannot mask ours.
		 */
		mask = from->pmr < GIC_PMR_SECURE_ONLY ? GIC_PMR_SECURE_ONLY : from->pmr;
	}
	if (model == RT_SEC_INTERRUPT || p->other_s_action == OTHER_S_QUEUED) {
		mask = GIC_PMR_CLOSED;
	} else if ((model == RT_INIT && to->restart == RESTART_NOT) || p->ns_action == NS_QUEUED) {
		mask = min_mask(mask, GIC_PMR_SECURE_ONLY);
	}
	to->pmr = mask;
}
