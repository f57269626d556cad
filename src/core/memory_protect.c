/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that the normal world has lent or given away becomes secure memory, where EL3 can do that
 * (RME): by the calls that Arm's reference platforms have for it.
 */
#include "core/cpu.h"
#include "core/memory.h"
#include "lib/print.h"

#define PLAT_PROTECT_MEM 0xC2000101u
#define PLAT_UNPROTECT_MEM 0xC2000102u
#define PLAT_OK 0
#define PLAT_DENIED (-3)
#define PLAT_INVALID (-4)

/* Returns EL3's status; *last: its x1. */
static int32_t plat_call(struct vcpu *caller, uint32_t function, struct range r, uint64_t *last)
{
	uint64_t x[18] = { function, r.base, r.size };

	arch_el3_call(&cpu_this()->arch, &caller->arch, x);
	*last = x[1];
	return (int32_t)x[0];
}

static void unprotect(struct vcpu *caller, struct range r)
{
	uint64_t last;
	int32_t status = plat_call(caller, PLAT_UNPROTECT_MEM, r, &last);

	if (status != PLAT_OK) {
		log_error("EL3 does not give memory back to the normal world: 0x%lx, size 0x%lx "
			  "(status %d, x1 0x%lx)",
			  r.base, r.size, status, last);
	}
}

/* The pieces before the one at `end` of list `last_list`. */
static void unprotect_before(struct vcpu *caller, const struct memory_list *list,
			     const struct memory_list *last_list, uint32_t end)
{
	for (; list != NULL; list = list->next) {
		uint32_t count = list == last_list ? end : list->count;

		for (uint32_t i = 0; i < count; i++) {
			unprotect(caller,
				  (struct range){ list->pieces[i].base,
						  (uint64_t)list->pieces[i].pages << PAGE_SHIFT });
		}
		if (list == last_list) {
			return;
		}
	}
}

/* One piece. What EL3 has moved of a piece that it refuses, up to `last`, is moved back. */
static int32_t protect(struct vcpu *caller, struct range r)
{
	uint64_t last;
	int32_t status = plat_call(caller, PLAT_PROTECT_MEM, r, &last);

	if (status == PLAT_DENIED && range_has(r, last)) {
		unprotect(caller,
			  (struct range){ r.base, page_align_down(last) - r.base + PAGE_SIZE });
	}
	return status;
}

enum memory_status memory_protect(struct vcpu *caller, const struct memory_list *list, bool *secure)
{
	const struct memory_list *first = list;

	*secure = false;
	if (!spmc.protects) {
		return MEMORY_OK;
	}
	for (; list != NULL; list = list->next) {
		for (uint32_t i = 0; i < list->count; i++) {
			struct range r = { list->pieces[i].base,
					   (uint64_t)list->pieces[i].pages << PAGE_SHIFT };
			int32_t status = protect(caller, r);

			if (status == PLAT_OK) {
				*secure = true;
				continue;
			}
			unprotect_before(caller, first, list, i);
			if (status != PLAT_DENIED && status != PLAT_INVALID && !*secure) {
				return MEMORY_OK; /* it knows no such call */
			}
			*secure = false;
			return status == PLAT_INVALID ? MEMORY_INVALID : MEMORY_DENIED;
		}
	}
	return MEMORY_OK;
}

void memory_unprotect(struct vcpu *caller, const struct memory_list *list)
{
	unprotect_before(caller, list, NULL, 0);
}
