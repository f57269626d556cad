/* SPDX-License-Identifier: BSD-3-Clause */
#include "arch/timer.h"

#include "arch/sysreg.h"

/* Their own names: the assembler knows none of them at our -march. */
#define CNTHPS_CTL_EL2 S3_4_C14_C5_1
#define CNTHPS_CVAL_EL2 S3_4_C14_C5_2

uint64_t arch_timer_now(void)
{
	isb(); /* or it may be read early */
	return sysreg_read(CNTPCT_EL0);
}

uint64_t arch_timer_frequency(void)
{
	return sysreg_read(CNTFRQ_EL0);
}

void arch_timer_set(uint64_t deadline)
{
	sysreg_write(CNTHPS_CVAL_EL2, deadline);
	sysreg_write(CNTHPS_CTL_EL2, ARCH_TIMER_ENABLE);
	isb(); /* before its interrupt is ended: the line has fallen then */
}

void arch_timer_stop(void)
{
	sysreg_write(CNTHPS_CTL_EL2, 0);
	isb();
}
