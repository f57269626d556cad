/* SPDX-License-Identifier: BSD-3-Clause */
#include "pend.h"

#include "gic.h"
#include "sysreg.h"

#define NS_PER_SECOND 1000000000UL
#define DELAY_MAX (3600 * NS_PER_SECOND) /* keeps delay * frequency far from overflow */
#define TIMER_ENABLE 1u

/* Handles MON_PEND, see mon.h; false for an INTID, CPU or delay out of range. */
bool pend_request(struct cpu *cpu, uint64_t intid, uint64_t target, uint64_t delay_ns)
{
	uint64_t frequency = sysreg_read(CNTFRQ_EL0);
	uint64_t ticks;

	if (!gic_exists(intid, target) || delay_ns > DELAY_MAX) {
		return false;
	}
	if (delay_ns == 0) {
		gic_set_pending(intid, target);
		return true;
	}
	ticks = delay_ns / NS_PER_SECOND * frequency +
		delay_ns % NS_PER_SECOND * frequency / NS_PER_SECOND;
	cpu->pend_intid = intid;
	cpu->pend_cpu = target;
	cpu->pend_armed = true;
	sysreg_write(CNTPS_CVAL_EL1, sysreg_read(CNTPCT_EL0) + ticks);
	sysreg_write(CNTPS_CTL_EL1, TIMER_ENABLE);
	isb();
	return true;
}

/* For a CPU that is about to go off, or to come on. */
void pend_reset(struct cpu *cpu)
{
	sysreg_write(CNTPS_CTL_EL1, 0);
	cpu->pend_armed = false;
}

/* The timer has fired. It is level-triggered: switched off, its interrupt is gone. */
void pend_fire(struct cpu *cpu)
{
	sysreg_write(CNTPS_CTL_EL1, 0);
	isb();
	if (cpu->pend_armed) {
		cpu->pend_armed = false;
		gic_set_pending(cpu->pend_intid, cpu->pend_cpu);
	}
}
