/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_PANIC_H
#define ARCH_PANIC_H

/* The end of panic(): writes what this architecture knows of where we are, and stops this CPU. */
_Noreturn void arch_panic(void);

/*
 * The other CPUs stop, too: one that has a context running, or is about to, when it is told by
 * GIC_SGI_KICK and calls arch_panic_join(); one that waits for a lock of ours waits for ever.
 */
void arch_panic_others(void);
void arch_panic_join(void); /* does not return once a CPU has panicked */

#endif
