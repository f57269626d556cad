/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/vint.h"

#include "arch/gic.h"
#include "ffa/ffa.h"

const uint32_t vint_virtual_intid[VINT_VIRTUAL_SLOTS] = {
	[VINT_SLOT_MEI] = FFA_VINT_MEI,
	[VINT_SLOT_NPI] = FFA_VINT_NPI,
	[VINT_SLOT_TIMER] = FFA_VINT_TIMER,
	[VINT_SLOT_IPI] = FFA_VINT_IPI,
};

static uint64_t bit(int slot)
{
	return 1ul << slot;
}

static void put(uint64_t *word, int slot, bool value)
{
	*word = value ? *word | bit(slot) : *word & ~bit(slot);
}

/* The slot of intid for p, or VINT_NO_SLOT: neither a virtual id nor one of p's manifest. */
int vint_slot(const struct partition *p, uint32_t intid)
{
	for (int slot = 0; slot < VINT_VIRTUAL_SLOTS; slot++) {
		if (vint_virtual_intid[slot] == intid) {
			return slot;
		}
	}
	for (uint32_t i = 0; i < p->interrupt_count; i++) {
		if (p->interrupts[i].intid == intid) {
			return VINT_VIRTUAL_SLOTS + (int)i;
		}
	}
	return VINT_NO_SLOT;
}

/* Called with the lock held after each change of pending, enabled or fiq. */
static void update_lines(struct vint *v)
{
	uint64_t active = v->pending & v->enabled;
	uint32_t irq = (active & ~v->fiq) != 0 ? VINT_IRQ : 0;
	uint32_t fiq = (active & v->fiq) != 0 ? VINT_FIQ : 0;

	atomic_store(&v->taking, (active & v->takes) != 0);
	atomic_store(&v->lines, irq | fiq);
}

/* Leaves of the pending slots those in `keep`. */
static void keep_pending(struct vint *v, uint64_t keep)
{
	uint8_t kept = 0;

	for (uint8_t i = 0; i < v->count; i++) {
		if ((keep & bit(v->order[i])) != 0) {
			v->order[kept++] = v->order[i];
		}
	}
	v->count = kept;
	v->pending &= keep;
}

/* Interrupts that belong to no CPU: where they stand survives one that goes off and on again. */
static uint64_t shared_slots(const struct partition *p)
{
	uint64_t slots = 0;

	for (uint32_t i = 0; i < p->interrupt_count; i++) {
		if (gic_is_shared(p->interrupts[i].intid)) {
			slots |= bit(VINT_VIRTUAL_SLOTS + (int)i);
		}
	}
	return slots;
}

/*
 * Sets v up for a vCPU of p that starts afresh: at boot (v zeroed), or when its CPU comes back.
 * Nothing is pending, and enabled is only what FF-A has us enable, the managed exit and the
 * notification pending interrupt, if p knows them. SPIs stay as they are, as in a GIC.
 */
void vint_reset(struct vint *v, const struct partition *p)
{
	uint64_t shared = shared_slots(p);

	spin_lock(&v->lock);
	keep_pending(v, shared);
	v->enabled &= shared;
	v->fiq &= shared;
	v->held &= shared;
	v->takes = ~(bit(VINT_VIRTUAL_SLOTS) - 1) |
		   (p->timer_action == TIMER_SECURE ? bit(VINT_SLOT_TIMER) : 0);
	if (!p->el0 && p->ns_action == NS_MANAGED_EXIT) {
		put(&v->enabled, VINT_SLOT_MEI, true);
		put(&v->fiq, VINT_SLOT_MEI, !p->managed_exit_virq);
	}
	if (!p->el0 && p->notifications) {
		put(&v->enabled, VINT_SLOT_NPI, true);
	}
	update_lines(v);
	spin_unlock(&v->lock);
}

/* Nothing is pending, enabled or held, SPIs neither. Then vint_reset() for who starts. */
void vint_clear(struct vint *v)
{
	spin_lock(&v->lock);
	v->pending = 0;
	v->enabled = 0;
	v->fiq = 0;
	v->held = 0;
	v->count = 0;
	update_lines(v);
	spin_unlock(&v->lock);
}

/*
 * Pends a slot, behind those that are pending; pending twice is pending once. True when it is
 * enabled, so that a line is up: the caller then looks at the vCPU's state (see core/vint.h).
 */
bool vint_pend(struct vint *v, int slot)
{
	bool enabled;

	spin_lock(&v->lock);
	if ((v->pending & bit(slot)) == 0) {
		v->pending |= bit(slot);
		v->order[v->count++] = (uint8_t)slot;
	}
	update_lines(v);
	enabled = (v->enabled & bit(slot)) != 0;
	spin_unlock(&v->lock);
	return enabled;
}

/* Takes a pending slot back (a managed exit that the SP answered without asking for its id). */
void vint_withdraw(struct vint *v, int slot)
{
	spin_lock(&v->lock);
	keep_pending(v, ~bit(slot));
	update_lines(v);
	spin_unlock(&v->lock);
}

/* Which line a slot goes to. */
void vint_set_pin(struct vint *v, int slot, bool fiq)
{
	spin_lock(&v->lock);
	put(&v->fiq, slot, fiq);
	update_lines(v);
	spin_unlock(&v->lock);
}

/* What is pending stays pending while disabled. True when it is pending and enabled now. */
bool vint_enable(struct vint *v, int slot, bool enable)
{
	bool up;

	spin_lock(&v->lock);
	put(&v->enabled, slot, enable);
	update_lines(v);
	up = (v->pending & v->enabled & bit(slot)) != 0;
	spin_unlock(&v->lock);
	return up;
}

/* Notes that the physical interrupt behind a slot is masked until the SP deactivates it, or not. */
void vint_hold(struct vint *v, int slot, bool hold)
{
	spin_lock(&v->lock);
	put(&v->held, slot, hold);
	spin_unlock(&v->lock);
}

/* True when the physical interrupt behind a slot may fire: it is enabled, and not held. */
bool vint_open(struct vint *v, int slot)
{
	bool open;

	spin_lock(&v->lock);
	open = (v->enabled & ~v->held & bit(slot)) != 0;
	spin_unlock(&v->lock);
	return open;
}

/* True when a slot is pending, enabled or not. */
bool vint_pending(struct vint *v, int slot)
{
	bool pending;

	spin_lock(&v->lock);
	pending = (v->pending & bit(slot)) != 0;
	spin_unlock(&v->lock);
	return pending;
}

/* A slot becomes in `to` (another one) what it is in `from`, but for what is pending in either. */
void vint_copy(struct vint *to, struct vint *from, int slot)
{
	uint64_t enabled;
	uint64_t fiq;
	uint64_t held;

	spin_lock(&from->lock);
	enabled = from->enabled & bit(slot);
	fiq = from->fiq & bit(slot);
	held = from->held & bit(slot);
	spin_unlock(&from->lock);

	spin_lock(&to->lock);
	put(&to->enabled, slot, enabled != 0);
	put(&to->fiq, slot, fiq != 0);
	put(&to->held, slot, held != 0);
	update_lines(to);
	spin_unlock(&to->lock);
}

/* Called with the lock held. */
static int oldest(const struct vint *v)
{
	for (uint8_t i = 0; i < v->count; i++) {
		if ((v->enabled & bit(v->order[i])) != 0) {
			return v->order[i];
		}
	}
	return VINT_NO_SLOT;
}

/* The oldest pending enabled slot, no longer pending after; VINT_NO_SLOT when there is none. */
int vint_get(struct vint *v)
{
	int slot;

	spin_lock(&v->lock);
	slot = oldest(v);
	if (slot != VINT_NO_SLOT) {
		keep_pending(v, ~bit(slot));
		update_lines(v);
	}
	spin_unlock(&v->lock);
	return slot;
}

/* The same, but it stays pending. */
int vint_peek(struct vint *v)
{
	int slot;

	spin_lock(&v->lock);
	slot = oldest(v);
	spin_unlock(&v->lock);
	return slot;
}
