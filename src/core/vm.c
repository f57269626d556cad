/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/vm.h"

#include <stddef.h>

#include "core/cpu.h"

static struct vm *find(uint16_t id)
{
	uint32_t count = atomic_load_explicit(&spmc.vms.count, memory_order_acquire);

	for (uint32_t i = 0; i < count; i++) {
		struct vm *vm = &spmc.vms.vms[i];

		if (atomic_load_explicit(&vm->id, memory_order_acquire) == id) {
			return vm;
		}
	}
	return NULL;
}

/* The endpoint of a VM, id 0 included; NULL: it is in use for nothing. id without FFA_ID_SECURE. */
struct endpoint *vm_find(uint16_t id)
{
	struct vm *vm;

	if (id == FFA_ID_NWD) {
		return &spmc.nwd;
	}
	vm = find(id);
	return vm != NULL ? &vm->endpoint : NULL;
}

/* The endpoint of any partition or VM; NULL: there is none of that id. */
struct endpoint *endpoint_find(uint16_t id)
{
	struct partition *p;

	if ((id & FFA_ID_SECURE) == 0) {
		return vm_find(id);
	}
	p = partition_find(id);
	return p != NULL ? &p->endpoint : NULL;
}

static struct vm *take_place(uint16_t id)
{
	struct vm *vm = find(0);
	uint32_t count = atomic_load_explicit(&spmc.vms.count, memory_order_relaxed);

	if (vm == NULL) {
		if (count == VM_MAX) {
			return NULL;
		}
		vm = &spmc.vms.vms[count];
	}
	vm->endpoint.id = id;
	vm->endpoint.kind = ENDPOINT_NWD;
	endpoint_set_version(&vm->endpoint, spmc.nwd.version);
	atomic_store_explicit(&vm->id, id, memory_order_release);
	if (vm == &spmc.vms.vms[count]) {
		atomic_store_explicit(&spmc.vms.count, count + 1, memory_order_release);
	}
	return vm;
}

/*
 * The endpoint of a VM (id 0 included), which from now on is in use for `use`, too; NULL: there are
 * VM_MAX others. What is new in it is zero.
 */
struct endpoint *vm_use(uint16_t id, uint32_t use)
{
	struct vm *vm;

	if (id == FFA_ID_NWD) {
		return &spmc.nwd;
	}
	vm = find(id);
	if (vm == NULL) {
		vm = take_place(id);
	}
	if (vm == NULL) {
		return NULL;
	}
	vm->uses |= use;
	return &vm->endpoint;
}

/* It is not any more. Its owner has made zero what that use had in the endpoint. */
void vm_unuse(struct endpoint *e, uint32_t use)
{
	struct vm *vm;

	if (e == &spmc.nwd) {
		return;
	}
	vm = (struct vm *)(void *)((char *)e - offsetof(struct vm, endpoint));
	vm->uses &= ~use;
	if (vm->uses == 0) {
		atomic_store_explicit(&vm->id, 0, memory_order_release);
	}
}
