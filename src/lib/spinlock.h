/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ticket lock: fair, so that no CPU can keep another out. Held for short, bounded work only, and
 * never across a world switch.
 */
#ifndef LIB_SPINLOCK_H
#define LIB_SPINLOCK_H

#include <stdatomic.h>
#include <stdint.h>

#include "arch/relax.h"

struct spinlock {
	_Atomic uint32_t next;
	_Atomic uint32_t serving;
};

static inline void spin_lock(struct spinlock *l)
{
	uint32_t ticket = atomic_fetch_add_explicit(&l->next, 1, memory_order_relaxed);

	while (atomic_load_explicit(&l->serving, memory_order_acquire) != ticket) {
		arch_relax();
	}
}

static inline void spin_unlock(struct spinlock *l)
{
	uint32_t ticket = atomic_load_explicit(&l->serving, memory_order_relaxed);

	atomic_store_explicit(&l->serving, ticket + 1, memory_order_release);
}

#endif
