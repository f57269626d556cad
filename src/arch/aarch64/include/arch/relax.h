/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_RELAX_H
#define ARCH_RELAX_H

/* A hint to the CPU inside a waiting loop. */
static inline void arch_relax(void)
{
	__asm__ volatile("yield" ::: "memory");
}

#endif
