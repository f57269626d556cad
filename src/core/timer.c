/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/timer.h"

#include <stddef.h>

#include "arch/gic.h"
#include "core/cpu.h"
#include "lib/print.h"

static struct spinlock lock;

/* --- Lists: the lock is held ------------------------------------------------------------------ */

static void list_add(struct cpu *c, struct vcpu *v)
{
	struct vcpu **at = &c->timers;

	while (*at != NULL && (*at)->timer.cval <= v->timer.cval) {
		at = &(*at)->timer.next;
	}
	v->timer.next = *at;
	*at = v;
	atomic_store_explicit(&v->timer.cpu, c->index, memory_order_relaxed);
	atomic_store_explicit(&v->timer.listed, true, memory_order_relaxed);
	atomic_store_explicit(&c->has_timers, true, memory_order_relaxed);
	if (v->partition->timers_listed++ == 0) {
		atomic_fetch_or_explicit(&v->partition->attention, PARTITION_TIMER,
					 memory_order_relaxed);
	}
}

static void list_remove(struct vcpu *v)
{
	struct cpu *c = &spmc.cpus[v->timer.cpu];
	struct vcpu **at = &c->timers;

	if (!v->timer.listed) {
		return;
	}
	while (*at != v) {
		at = &(*at)->timer.next;
	}
	*at = v->timer.next;
	v->timer.next = NULL;
	atomic_store_explicit(&v->timer.listed, false, memory_order_relaxed);
	atomic_store_explicit(&c->has_timers, c->timers != NULL, memory_order_relaxed);
	if (--v->partition->timers_listed == 0) {
		atomic_fetch_and_explicit(&v->partition->attention, ~PARTITION_TIMER,
					  memory_order_relaxed);
	}
}

/*
 * The hardware of c, which asks, is set to the first of its list. Another CPU's is not in reach:
 * what was taken from its list it finds out when it is interrupted for nothing.
 */
static void program(struct cpu *c)
{
	if (c->timers == NULL) {
		arch_timer_stop();
	} else {
		arch_timer_set(c->timers->timer.cval);
	}
}

static bool is_due(const struct timer *t)
{
	return arch_timer_now() >= t->cval;
}

/* True while it interrupts, now or when its time has come. */
static bool is_on(const struct timer *t)
{
	return (t->ctl & (ARCH_TIMER_ENABLE | ARCH_TIMER_IMASK)) == ARCH_TIMER_ENABLE;
}

/*
 * v, which c has, has a timer that changed, or may be in the list of another CPU: it is where it
 * belongs, and pending if it is due.
 */
static void place(struct cpu *c, struct vcpu *v)
{
	list_remove(v);
	if (is_on(&v->timer) && is_due(&v->timer)) {
		(void)vint_pend(&v->vint, VINT_SLOT_TIMER);
	} else if (is_on(&v->timer) && !partition_is_aborted(v->partition)) {
		list_add(c, v);
	}
	program(c);
}

/* --- What an SP does -------------------------------------------------------------------------- */

static uint64_t read(const struct timer *t, enum arch_timer_reg reg)
{
	switch (reg) {
	case ARCH_TIMER_TVAL:
		return (uint32_t)(t->cval - arch_timer_now());
	case ARCH_TIMER_CTL:
		return t->ctl |
		       ((t->ctl & ARCH_TIMER_ENABLE) != 0 && is_due(t) ? ARCH_TIMER_ISTATUS : 0);
	default:
		return t->cval;
	}
}

static void write(struct timer *t, enum arch_timer_reg reg, uint64_t value)
{
	switch (reg) {
	case ARCH_TIMER_TVAL:
		t->cval = arch_timer_now() + (uint64_t)(int64_t)(int32_t)value;
		break;
	case ARCH_TIMER_CTL:
		t->ctl = (uint32_t)value & (ARCH_TIMER_ENABLE | ARCH_TIMER_IMASK);
		break;
	default:
		t->cval = value;
		break;
	}
}

/*
 * v, which this CPU has, reads or writes a register of its timer: what a read gets (Arm ARM,
 * CNTP_*_EL0). A write withdraws the interrupt, as that of the hardware falls, unless the timer is
 * due by it too: then it is pending again, taken before or not.
 */
uint64_t timer_access(struct vcpu *v, const struct arch_timer_access *a)
{
	struct timer changed;

	if (!a->write) {
		return read(&v->timer, a->reg);
	}
	spin_lock(&lock);
	changed = v->timer;
	write(&changed, a->reg, a->value);
	list_remove(v); /* it is in order by what it was */
	v->timer.cval = changed.cval;
	v->timer.ctl = changed.ctl;
	if (!is_on(&v->timer) || !is_due(&v->timer)) {
		vint_withdraw(&v->vint, VINT_SLOT_TIMER);
	}
	place(cpu_this(), v);
	spin_unlock(&lock);
	return 0;
}

/* v, at S-EL1 or S-EL0, has trapped. If that was an access to its timer, it is made. */
bool timer_trap(struct vcpu *v)
{
	struct arch_timer_access a;

	if (!arch_vcpu_timer_access(&v->arch, &a)) {
		return false;
	}
	arch_vcpu_timer_done(&v->arch, timer_access(v, &a));
	return true;
}

/*
 * v gets cycles here, and its partition has PARTITION_TIMER: a timer comes along, and one that is
 * due is pending, whatever has become of the CPU that it was set on.
 */
void timer_attend(struct vcpu *v)
{
	struct cpu *c = cpu_this();
	struct timer *t = &v->timer;

	if (!atomic_load_explicit(&t->listed, memory_order_relaxed) ||
	    (atomic_load_explicit(&t->cpu, memory_order_relaxed) == c->index && !is_due(t))) {
		return;
	}
	spin_lock(&lock);
	if (t->listed) {
		place(c, v);
	}
	spin_unlock(&lock);
}

/* v starts afresh: its timer is off. */
void timer_reset(struct vcpu *v)
{
	spin_lock(&lock);
	list_remove(v);
	v->timer.cval = 0;
	v->timer.ctl = 0;
	spin_unlock(&lock);
}

/* --- What happens to CPUs and partitions ------------------------------------------------------ */

/*
 * The timer of c, which asks, has interrupted: the interrupt of the first vCPU whose time has come
 * is pending. Returns it; NULL: there is none (any more). If there are others c is interrupted for
 * them next.
 */
struct vcpu *timer_expire(struct cpu *c)
{
	struct vcpu *v;

	spin_lock(&lock);
	v = c->timers;
	if (v != NULL && is_due(&v->timer)) {
		list_remove(v);
		(void)vint_pend(&v->vint, VINT_SLOT_TIMER);
	} else {
		v = NULL;
	}
	program(c);
	spin_unlock(&lock);
	return v;
}

/*
 * The hardware of c, which asks, may have forgotten what it was set to, or another CPU has added to
 * c's list. Nothing to do for a CPU without timers: if it is interrupted it stops its own.
 */
void timer_restore(struct cpu *c)
{
	if (atomic_load_explicit(&c->has_timers, memory_order_relaxed)) {
		spin_lock(&lock);
		program(c);
		spin_unlock(&lock);
	}
}

/*
 * CPU `from` goes off. Timers of UP partitions go to CPU `to`, if there is one, which is to be
 * kicked; those of its own vCPUs end, as they do.
 */
void timer_leave_cpu(struct cpu *from, struct cpu *to)
{
	struct vcpu *next;

	spin_lock(&lock);
	for (struct vcpu *v = from->timers; v != NULL; v = next) {
		next = v->timer.next;
		if (!partition_is_up(v->partition)) {
			list_remove(v);
		} else if (to != NULL) {
			list_remove(v);
			list_add(to, v);
		}
	}
	arch_timer_stop();
	spin_unlock(&lock);
}

/* p has ended: none of its timers comes any more. */
void timer_drop(struct partition *p)
{
	spin_lock(&lock);
	for (uint32_t i = 0; i < p->vcpu_count; i++) {
		list_remove(&p->vcpus[i]);
	}
	spin_unlock(&lock);
}
