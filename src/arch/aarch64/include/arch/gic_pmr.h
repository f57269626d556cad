/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The priority mask of this CPU. One register for both worlds: the normal world's value is read
 * when it leaves the CPU and written back before it has the CPU again. Takes effect at once.
 */
#ifndef ARCH_GIC_PMR_H
#define ARCH_GIC_PMR_H

#include <stdint.h>

#include "arch/sysreg.h"

static inline uint8_t gic_pmr(void)
{
	return (uint8_t)sysreg_read(ICC_PMR_EL1);
}

static inline void gic_set_pmr(uint8_t pmr)
{
	sysreg_write(ICC_PMR_EL1, pmr);
}

#endif
