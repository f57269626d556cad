/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_PANIC_H
#define ARCH_PANIC_H

/* The end of panic(): writes what this architecture knows of where we are, and stops this CPU. */
_Noreturn void arch_panic(void);

#endif
