/* SPDX-License-Identifier: BSD-3-Clause */
/* Our own timer: the EL1 physical one, FFA_VINT_TIMER. */
#include "sp/sp.h"

#define TIMER_ENABLE 1ul

/* The counter: CNTPCT_EL0. */
uint64_t sp_now(void)
{
	uint64_t now;

	__asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(now));
	return now;
}

/* How far the counter comes in so many nanoseconds, up to a day or so. */
uint64_t sp_ticks(uint64_t ns)
{
	uint64_t frequency;

	__asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
	return ns / 1000 * (frequency / 1000) / 1000;
}

/*
 * FFA_VINT_TIMER is pending on this vCPU when the counter has come to `deadline`, if it has already
 * at once. In place of an earlier deadline; that one's interrupt is withdrawn if it has not been
 * taken. To be let through by sp_interrupt_enable().
 */
void sp_timer_set(uint64_t deadline)
{
	__asm__ volatile("msr cntp_cval_el0, %0\n\tmsr cntp_ctl_el0, %1" ::"r"(deadline),
			 "r"(TIMER_ENABLE));
}

/* It does not come any more. */
void sp_timer_stop(void)
{
	__asm__ volatile("msr cntp_ctl_el0, xzr");
}
