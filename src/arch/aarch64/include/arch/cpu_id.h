/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_CPU_ID_H
#define ARCH_CPU_ID_H

#include <stdint.h>

#include "arch/sysreg.h"

#define MPIDR_AFFINITY 0xFF00FFFFFFul

/* Which CPU this is: the affinity fields of its MPIDR, as manifests and the GIC name it. */
static inline uint64_t arch_mpidr(void)
{
	return sysreg_read(MPIDR_EL1) & MPIDR_AFFINITY;
}

#endif
