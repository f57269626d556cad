/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_CPU_ID_H
#define ARCH_CPU_ID_H

#include <stdint.h>

/* The CPU that boots in tests. */
static inline uint64_t arch_mpidr(void)
{
	return 0;
}

#endif
