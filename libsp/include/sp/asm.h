/* SPDX-License-Identifier: BSD-3-Clause */
/* For assembly only: functions, and blocks of registers by macro. */
#ifndef SP_ASM_H
#define SP_ASM_H

#include "sp/layout.h"

	.macro func name
	.section .text.\name, "ax", %progbits
	.balign 16
	.global \name
	.hidden \name
	.type \name, %function
\name:
	.endm

	.macro endfunc name
	.size \name, . - \name
	.endm

	/* Address of a symbol, wherever the image was loaded. */
	.macro address reg, symbol
	adrp	\reg, \symbol
	add	\reg, \reg, :lo12:\symbol
	.endm

	/* store_x BASE, 0, 1, ...: xN to BASE[N]; load_x is its inverse. */
	.macro store_x base, numbers:vararg
	.irp n, \numbers
	str	x\n, [\base, #8 * \n]
	.endr
	.endm

	.macro load_x base, numbers:vararg
	.irp n, \numbers
	ldr	x\n, [\base, #8 * \n]
	.endr
	.endm

#endif
