/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trying an instruction: it is written into memory, followed by RET, and called; an exception skips
 * it. Each try takes the next slot, because rewriting code that has just run is slow.
 */
#include "sp/probe.h"

#define SLOTS 2048u
#define RET 0xD65F03C0u

struct slot {
	uint32_t instruction;
	uint32_t ret;
};

static struct slot slots[SP_MAX_VCPUS][SLOTS] __attribute__((aligned(4096)));
static uint32_t next_slot[SP_MAX_VCPUS];
static bool refused[SP_MAX_VCPUS];

/* False when it takes an exception, which sp_try_fault() has to see. x0 goes in and comes out. */
bool sp_try(uint32_t instruction, uint64_t *x0)
{
	uint32_t vcpu = sp_vcpu_index();
	struct slot *s = &slots[vcpu][next_slot[vcpu]++ % SLOTS];
	uint64_t (*run)(uint64_t) = (uint64_t(*)(uint64_t))(uintptr_t)s;

	*s = (struct slot){.instruction = instruction, .ret = RET};
	__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" ::"r"(s)
			 : "memory");
	refused[vcpu] = false;
	*x0 = run(*x0);
	return !*(volatile bool *)&refused[vcpu];
}

/* For sp_ops.fault: true when the exception came from sp_try(), which then goes on. */
bool sp_try_fault(struct sp_frame *f)
{
	uint32_t vcpu = sp_vcpu_index();
	uint64_t offset = f->pc - (uintptr_t)slots[vcpu];

	if (offset >= sizeof(slots[vcpu])) {
		return false;
	}
	refused[vcpu] = true;
	f->pc += 4;
	return true;
}
