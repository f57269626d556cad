/* SPDX-License-Identifier: BSD-3-Clause */
#include "scramble.h"

#include "cpu.h"
#include "pend.h"
#include "gic.h"
#include "simd.h"
#include "smc.h"
#include "state.h"

struct job {
	struct ffa_regs regs;
	uint32_t intid; /* comes ... */
	uint64_t ns; /* ... after so many; 0: none */
	const char *what;
};

/*
 * Makes the call with random numbers in every system and SIMD register of this CPU, and checks that
 * they are still there. Interrupts masked: at EL1 what an exception leaves is among the registers.
 */
static void call_job(uint64_t arg)
{
	struct job *j = (struct job *)arg;

	cpu_irq_off();
	state_find();
	simd_fill(SIMD_PLAIN);
	state_fill();
	if (j->ns != 0) {
		pend(j->intid, j->ns);
	}
	j->regs = ffa_call(j->regs);
	if (state_check(j->what)) {
		simd_check(j->what, true);
	}
	state_restore();
	if (j->ns != 0 && j->intid == INTID_TEST) {
		pend_cancel(); /* one that comes too late would hit another call */
	}
	cpu_irq_on();
}

struct ffa_regs scrambled_call(struct ffa_regs in, const char *what)
{
	return scrambled_call_on(cpu_index(), in, what);
}

/* The same on another CPU, or this one. */
struct ffa_regs scrambled_call_on(uint32_t cpu, struct ffa_regs in, const char *what)
{
	return interrupted_call_on(cpu, in, 0, 0, what);
}

/*
 * The same with an interrupt that comes ns (0: none) after the call begins. One of ours is taken
 * when the call has come back, as soon as interrupts are unmasked.
 */
struct ffa_regs interrupted_call_on(uint32_t cpu, struct ffa_regs in, uint32_t intid, uint64_t ns,
				    const char *what)
{
	struct job j = { in, intid, ns, what };

	cpu_run(cpu, call_job, (uint64_t)&j);
	return j.regs;
}
