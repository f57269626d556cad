/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_RELAX_H
#define ARCH_RELAX_H

#include <sched.h>

static inline void arch_relax(void)
{
	sched_yield();
}

#endif
