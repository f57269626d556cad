/* SPDX-License-Identifier: BSD-3-Clause */
#include "arch/timer.h"

#include "arch/host.h"
#include "arch/vcpu.h"

_Atomic uint64_t host_timer_now;

uint64_t arch_timer_now(void)
{
	return host_timer_now;
}

uint64_t arch_timer_frequency(void)
{
	return HOST_TIMER_FREQUENCY;
}

void arch_timer_set(uint64_t deadline)
{
	arch_cpu_this()->timer_on = true;
	arch_cpu_this()->timer_deadline = deadline;
}

void arch_timer_stop(void)
{
	arch_cpu_this()->timer_on = false;
}
