/* SPDX-License-Identifier: BSD-3-Clause */
#include "arch/fault_safe.h"
#include "arch/stage1.h"
#include "core/cpu.h"
#include "core/memory.h"
#include "core/slot.h"

/*
 * Through the window that this CPU has for such things, which is cached. Who gets the memory may
 * read it past the caches, and must not find there what was in it before.
 */
static bool zero(struct range r, bool ns)
{
	unsigned int slot = slot_of_cpu(cpu_this());
	void *window = stage1_slot_map(slot, 0, r, MEM_R | MEM_W | (ns ? MEM_NS : 0));
	bool done = zero_fault_safe(window, r.size) && clean_fault_safe(window, r.size);

	stage1_slot_unmap(slot, 0, r);
	return done;
}

bool memory_zero(const struct memory_list *list, bool ns)
{
	const uint64_t most = STAGE1_SLOT_PAGES * PAGE_SIZE;

	for (; list != NULL; list = list->next) {
		for (uint32_t i = 0; i < list->count; i++) {
			uint64_t size = (uint64_t)list->pieces[i].pages << PAGE_SHIFT;

			for (uint64_t done = 0; done < size; done += most) {
				uint64_t left = size - done;
				struct range r = { list->pieces[i].base + done,
						   left < most ? left : most };

				if (!zero(r, ns)) {
					return false;
				}
			}
		}
	}
	return true;
}
