/* SPDX-License-Identifier: BSD-3-Clause */
/* The virtual interrupt lines of a vCPU. */
#ifndef ARCH_LINES_H
#define ARCH_LINES_H

#define ARCH_LINE_FIQ 1u
#define ARCH_LINE_IRQ 2u

#endif
