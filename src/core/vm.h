/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * VMs of the normal world, as far as we know of them: its hypervisor speaks for them, we only keep
 * what is theirs. The normal world itself, id 0, is spmc.nwd and always there.
 *
 * A VM has a place in the table as long as it is in use for something. Places never move, so that a
 * VM is found without a lock; but it may be gone, or its place another VM's, by the time of a look.
 * What is in use is therefore asked again under the lock that guards it.
 */
#ifndef CORE_VM_H
#define CORE_VM_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/endpoint.h"

#define VM_MAX 64u
#define VM_PAGES_LEFT 8u /* free pages that what is kept for VMs leaves to others */

/* What a VM may be in use for. */
#define VM_NOTIFICATIONS (1u << 0)
#define VM_RXTX (1u << 1) /* the hypervisor has mapped its buffers */

struct vm {
	_Atomic uint16_t id; /* 0: the place is free */
	uint32_t uses; /* guarded by the table's lock */
	struct endpoint endpoint;
};

struct vm_table {
	struct spinlock lock; /* held while a VM gets or loses a use; taken before the VM's own */
	_Atomic uint32_t count; /* places that have ever been taken */
	struct vm vms[VM_MAX];
};

uint32_t vm_place(const struct endpoint *e);
struct endpoint *vm_find(uint16_t id);
struct endpoint *endpoint_find(uint16_t id);

/* The table's lock is held. */
struct endpoint *vm_reserve(uint16_t id);
struct endpoint *vm_use(uint16_t id, uint32_t use);
void vm_unuse(struct endpoint *e, uint32_t use);

#endif
