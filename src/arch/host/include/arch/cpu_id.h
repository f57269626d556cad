/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_CPU_ID_H
#define ARCH_CPU_ID_H

#include <stdint.h>

extern uint64_t host_mpidr; /* of the CPU that boots */

static inline uint64_t arch_mpidr(void)
{
	return host_mpidr;
}

#endif
