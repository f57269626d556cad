/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trying an instruction: it is written into memory, followed by RET, and called; an exception skips
 * it. Where code has just run, writing is slow (very slow in QEMU): who tries thousands takes as
 * many probes.
 */
#include "sp/probe.h"

#define RET 0xD65F03C0u
#define PROBES 64u /* of each vCPU, for sp_try() */

static const struct sp_probe *running[SP_MAX_VCPUS];
static bool refused[SP_MAX_VCPUS];

void sp_probe_write(struct sp_probe *p, uint32_t instruction)
{
	*p = (struct sp_probe){ .instruction = instruction, .ret = RET };
	__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" ::"r"(p)
			 : "memory");
}

/* False when it takes an exception, which sp_probe_fault() has to see. x0 goes in and comes out. */
bool sp_probe_run(const struct sp_probe *p, uint64_t *x0)
{
	uint32_t vcpu = sp_vcpu_index();
	uint64_t (*run)(uint64_t) = (uint64_t(*)(uint64_t))(uintptr_t)p;

	refused[vcpu] = false;
	running[vcpu] = p;
	*x0 = run(*x0);
	return !*(volatile bool *)&refused[vcpu];
}

/* For sp_ops.fault: true when the exception is the running probe's, which then goes on. */
bool sp_probe_fault(struct sp_frame *f)
{
	uint32_t vcpu = sp_vcpu_index();

	if (f->pc != (uintptr_t)running[vcpu]) {
		return false;
	}
	refused[vcpu] = true;
	f->pc += 4;
	return true;
}

/* sp_probe_run() with a probe of our own. */
bool sp_try(uint32_t instruction, uint64_t *x0)
{
	static struct sp_probe probes[SP_MAX_VCPUS][PROBES];
	static uint32_t next[SP_MAX_VCPUS];
	uint32_t vcpu = sp_vcpu_index();
	struct sp_probe *p = &probes[vcpu][next[vcpu]++ % PROBES];

	sp_probe_write(p, instruction);
	return sp_probe_run(p, x0);
}
