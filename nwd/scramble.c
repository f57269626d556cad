/* SPDX-License-Identifier: BSD-3-Clause */
#include "scramble.h"

#include "bulkhead/mon.h"
#include "cpu.h"
#include "gic.h"
#include "simd.h"
#include "smc.h"
#include "state.h"

struct job {
	struct ffa_regs regs;
	uint64_t ns; /* an interrupt for us comes after so many; 0: none */
	const char *what;
};

/*
 * Makes the call with random numbers in every system and SIMD register of this CPU, and checks that
 * they are still there. Interrupts masked: at EL1 what an exception leaves is among the registers.
 */
struct ffa_regs scrambled_call(struct ffa_regs in, const char *what)
{
	struct ffa_regs out;

	cpu_irq_off();
	state_find();
	simd_fill(SIMD_PLAIN);
	state_fill();
	out = ffa_call(in);
	if (state_check(what)) {
		simd_check(what, true);
	}
	state_restore();
	cpu_irq_on();
	return out;
}

static void call_job(uint64_t arg)
{
	struct job *j = (struct job *)arg;

	if (j->ns != 0) {
		smc(MON_PEND, INTID_TEST, cpu_index(), j->ns);
	}
	j->regs = scrambled_call(j->regs, j->what);
}

/* The same on another CPU, or this one. */
struct ffa_regs scrambled_call_on(uint32_t cpu, struct ffa_regs in, const char *what)
{
	struct job j = { in, 0, what };

	cpu_run(cpu, call_job, (uint64_t)&j);
	return j.regs;
}

/*
 * The same with an interrupt of ours that comes ns after the call begins. It is taken when the call
 * has come back, as soon as interrupts are unmasked.
 */
struct ffa_regs interrupted_call_on(uint32_t cpu, struct ffa_regs in, uint64_t ns, const char *what)
{
	struct job j = { in, ns, what };

	cpu_run(cpu, call_job, (uint64_t)&j);
	return j.regs;
}
