/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The timer of S-EL2 itself (CNTHPS): one for each CPU, from which the timers of all SPs there are
 * made. Its interrupt is GIC_PPI_SEL2_TIMER, by level: while it is due.
 */
#ifndef ARCH_TIMER_H
#define ARCH_TIMER_H

#include <stdbool.h>
#include <stdint.h>

/* The counter as SPs read it, CNTPCT_EL0. Not before what comes before it in the program. */
uint64_t arch_timer_now(void);

/* Counts of it in a second. */
uint64_t arch_timer_frequency(void);

/* This CPU's timer is due once the counter has come to `deadline`; it is not before. */
void arch_timer_set(uint64_t deadline);

/* It is never due. */
void arch_timer_stop(void);

/* The registers of the EL1 physical timer, which SPs are shown one that is made of the above. */
enum arch_timer_reg { ARCH_TIMER_TVAL, ARCH_TIMER_CTL, ARCH_TIMER_CVAL };

#define ARCH_TIMER_ENABLE (1u << 0) /* ARCH_TIMER_CTL */
#define ARCH_TIMER_IMASK (1u << 1)
#define ARCH_TIMER_ISTATUS (1u << 2) /* it only reads */

struct arch_timer_access {
	enum arch_timer_reg reg;
	bool write;
	uint64_t value; /* to write */
};

#endif
