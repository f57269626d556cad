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

static struct vm *vm_of(const struct endpoint *e)
{
	return (struct vm *)(void *)((char *)(uintptr_t)e - offsetof(struct vm, endpoint));
}

/* Which place in the table a VM has, other than id 0: the same as long as it is in use. */
uint32_t vm_place(const struct endpoint *e)
{
	return (uint32_t)(vm_of(e) - spmc.vms.vms);
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

/* The place of a VM, or the one that it would get; NULL: there is none left. */
static struct vm *place_for(uint16_t id)
{
	struct vm *vm = find(id);
	uint32_t count = atomic_load_explicit(&spmc.vms.count, memory_order_relaxed);

	if (vm == NULL) {
		vm = find(0);
	}
	if (vm == NULL && count < VM_MAX) {
		vm = &spmc.vms.vms[count];
	}
	return vm;
}

/*
 * The endpoint that vm_use() of id (not 0) would return now, for what has to be done before: nobody
 * else finds it yet, unless the VM is in use already. NULL: as there.
 */
struct endpoint *vm_reserve(uint16_t id)
{
	struct vm *vm = place_for(id);

	return vm != NULL ? &vm->endpoint : NULL;
}

static void take_place(struct vm *vm, uint16_t id)
{
	uint32_t count = atomic_load_explicit(&spmc.vms.count, memory_order_relaxed);

	vm->endpoint.id = id;
	vm->endpoint.kind = ENDPOINT_NWD;
	endpoint_set_version(&vm->endpoint, spmc.nwd.version);
	atomic_store_explicit(&vm->id, id, memory_order_release);
	if (vm == &spmc.vms.vms[count]) {
		atomic_store_explicit(&spmc.vms.count, count + 1, memory_order_release);
	}
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
	vm = place_for(id);
	if (vm == NULL) {
		return NULL;
	}
	if (atomic_load_explicit(&vm->id, memory_order_relaxed) != id) {
		take_place(vm, id);
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
	vm = vm_of(e);
	vm->uses &= ~use;
	if (vm->uses == 0) {
		/* Who has found it by its id learns under the lock that it is gone. */
		e->id = FFA_ID_NWD;
		atomic_store_explicit(&vm->id, 0, memory_order_release);
	}
}
