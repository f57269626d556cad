/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Virtual interrupts of one vCPU: paravirtual, no list registers. An SP knows few interrupts (the
 * virtual ids that FF-A or we define, and those of its manifest): each has a slot, a bit in one
 * word. Any CPU may pend; the lock covers all of it.
 *
 * `lines` sums up what the vCPU's vIRQ and vFIQ should show, for readers without the lock. No
 * interrupt is lost between a CPU that pends and one that gives the vCPU up, because each first
 * writes what the other one reads, and only then reads:
 *
 *	who pends				who leaves the vCPU
 *	vint_pend() writes lines		vcpu_publish() writes the state word
 *	reads the state word			vint_lines() reads lines
 *
 * At least one of the two sees what the other wrote: either the pending CPU finds the vCPU idle
 * and sees to it that it runs, or the leaving CPU finds the line up and does. That takes all four
 * accesses to be in one order, so all four are memory_order_seq_cst; vcpu_publish() writes so.
 */
#ifndef CORE_VINT_H
#define CORE_VINT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "arch/lines.h"
#include "core/partition.h"
#include "lib/spinlock.h"

#define VINT_SLOTS 64
#define VINT_NO_SLOT (-1)

/* Slots of the virtual ids. Those of the manifest's interrupts follow, in its order. */
enum vint_virtual_slot {
	VINT_SLOT_MEI,
	VINT_SLOT_NPI,
	VINT_SLOT_TIMER,
	VINT_SLOT_IPI,
	VINT_VIRTUAL_SLOTS,
};
_Static_assert(VINT_VIRTUAL_SLOTS + PARTITION_MAX_INTERRUPTS <= VINT_SLOTS, "one word");

/* Lines, as arch_vcpu_lines() takes them. */
#define VINT_FIQ ARCH_LINE_FIQ
#define VINT_IRQ ARCH_LINE_IRQ

struct vint {
	struct spinlock lock;
	uint64_t pending; /* guarded by lock, as all below; bit = slot */
	uint64_t enabled;
	uint64_t fiq; /* to the vFIQ line; else vIRQ */
	uint64_t takes; /* their interrupts take cycles: see vint_takes_cycles() */
	uint64_t held; /* physical level interrupts, masked until the SP deactivates them */
	uint8_t order[VINT_SLOTS]; /* pending slots, oldest first */
	uint8_t count; /* of pending slots */
	_Atomic bool taking; /* one of `takes` is pending and enabled; read without the lock */
	_Atomic uint32_t lines; /* VINT_IRQ | VINT_FIQ; read without the lock. Written after that */
};

void vint_reset(struct vint *v, const struct partition *p);
void vint_clear(struct vint *v);

extern const uint32_t vint_virtual_intid[VINT_VIRTUAL_SLOTS];

int vint_slot(const struct partition *p, uint32_t intid);

/* The inverse, for a slot that vint_slot() may give. */
static inline uint32_t vint_intid(const struct partition *p, int slot)
{
	return slot < VINT_VIRTUAL_SLOTS ? vint_virtual_intid[slot]
					 : p->interrupts[slot - VINT_VIRTUAL_SLOTS].intid;
}

bool vint_pend(struct vint *v, int slot);
void vint_withdraw(struct vint *v, int slot);
void vint_set_pin(struct vint *v, int slot, bool fiq);
bool vint_enable(struct vint *v, int slot, bool enable);
void vint_hold(struct vint *v, int slot, bool hold);
bool vint_open(struct vint *v, int slot);
bool vint_pending(struct vint *v, int slot);
void vint_copy(struct vint *to, struct vint *from, int slot);
int vint_get(struct vint *v);
int vint_peek(struct vint *v);

/* What the lines should show; see above. */
static inline uint32_t vint_lines(const struct vint *v)
{
	return atomic_load(&v->lines);
}

/*
 * True when a line is up by an interrupt for which a vCPU that waits gets cycles at once, which
 * nobody can preempt: a physical one of its manifest, or its timer if the manifest wants it so.
 * Else it is only for virtual ids, which an SP could pend for itself. Who has seen a line up before
 * asks about that state, or a later one.
 */
static inline bool vint_takes_cycles(const struct vint *v)
{
	return atomic_load(&v->taking);
}

#endif
