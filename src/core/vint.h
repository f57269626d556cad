/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Virtual interrupts of one vCPU: paravirtual, no list registers. An SP knows few interrupts (the
 * virtual ids that FF-A or we define, and those of its manifest): each has a slot, a bit in one
 * word. Any CPU may pend; the lock covers all of it.
 */
#ifndef CORE_VINT_H
#define CORE_VINT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/partition.h"
#include "lib/spinlock.h"

#define VINT_SLOTS 64

struct vint {
	struct spinlock lock;
	uint64_t pending; /* guarded by lock, as all below; bit = slot */
	uint64_t enabled;
	uint64_t fiq; /* to the vFIQ line; else vIRQ */
	uint8_t order[VINT_SLOTS]; /* pending slots, oldest first */
	uint8_t count; /* of pending slots */
	_Atomic uint32_t lines; /* VINT_IRQ | VINT_FIQ: what the lines should show; read without the lock */
};

#define VINT_IRQ 1u
#define VINT_FIQ 2u

#define VINT_NO_SLOT (-1)

/* The slot of intid for an SP, or VINT_NO_SLOT: neither virtual nor in the manifest. */
int vint_slot(const struct partition *p, uint32_t intid);

/* The inverse. slot is one that vint_slot() gave. */
uint32_t vint_intid(const struct partition *p, int slot);

/* Pends a slot; pending twice is pending once. True when it is enabled, so that a line is up. */
bool vint_pend(struct vint *v, int slot);

/* Takes a pending slot back (a managed exit that the SP answered without asking for its id). */
void vint_withdraw(struct vint *v, int slot);

void vint_enable(struct vint *v, int slot, bool enable, bool fiq);

/* The oldest pending enabled slot, no longer pending after; VINT_NO_SLOT when there is none. */
int vint_get(struct vint *v);

/* The oldest pending enabled slot, still pending after; VINT_NO_SLOT when there is none. */
int vint_peek(struct vint *v);

/* All pending and enabled interrupts gone: the vCPU is reset. */
void vint_reset(struct vint *v);

#endif
