/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trying an instruction: it is written into memory, followed by RET, and called; an exception skips
 * it. Rewriting code that has just run is slow, so many can be written at once, and single ones
 * take a slot after the other.
 */
#include "sp/probe.h"

#define RET 0xD65F03C0u

struct slot {
	uint32_t instruction;
	uint32_t ret;
};

static struct slot slots[SP_MAX_VCPUS][SP_TRIES] __attribute__((aligned(4096)));
static uint32_t next_slot[SP_MAX_VCPUS];
static bool refused[SP_MAX_VCPUS];

static void write_slot(struct slot *s, uint32_t instruction)
{
	*s = (struct slot){.instruction = instruction, .ret = RET};
	__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0" ::"r"(s) : "memory");
}

static bool run_slot(uint32_t n, uint64_t *x0)
{
	uint32_t vcpu = sp_vcpu_index();
	uint64_t (*run)(uint64_t) = (uint64_t(*)(uint64_t))(uintptr_t)&slots[vcpu][n];

	refused[vcpu] = false;
	*x0 = run(*x0);
	return !*(volatile bool *)&refused[vcpu];
}

/* False when it takes an exception, which sp_try_fault() has to see. x0 goes in and comes out. */
bool sp_try(uint32_t instruction, uint64_t *x0)
{
	uint32_t vcpu = sp_vcpu_index();
	uint32_t n = next_slot[vcpu]++ % SP_TRIES;

	write_slot(&slots[vcpu][n], instruction);
	__asm__ volatile("dsb ish\n\tisb" ::: "memory");
	return run_slot(n, x0);
}

/* Gets SP_TRIES instructions ready for sp_try_prepared(): `first`, and each `step` more. */
void sp_try_prepare(uint32_t first, uint32_t step)
{
	for (uint32_t i = 0; i < SP_TRIES; i++) {
		write_slot(&slots[sp_vcpu_index()][i], first + i * step);
	}
	__asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

/* sp_try() of the nth of them. A sp_try() in between spoils them. */
bool sp_try_prepared(uint32_t n, uint64_t *x0)
{
	return run_slot(n, x0);
}

/* For sp_ops.fault: true when the exception came from one of these, which then goes on. */
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
