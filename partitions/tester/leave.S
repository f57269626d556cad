/* SPDX-License-Identifier: BSD-3-Clause */
#include "sp/asm.inc"
#include "leave.h"

	/*
	 * void NAME(struct leave *l): loads all that l says, does BODY, stores what is there after,
	 * and puts back what the C of this program needs. From the last `load_x` to the `store_x`
	 * every register but the current stack pointer holds a pattern; that one is l.
	 */
	.macro leave_by name, body
func \name
	sub	sp, sp, #192
	.irp n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	str	x\n, [sp, #8 * (\n - 19)]
	.endr
	.irp n, 8, 9, 10, 11, 12, 13, 14, 15
	str	d\n, [sp, #96 + 8 * (\n - 8)]
	.endr
	mov	x19, x0
	mov	x1, sp
	str	x1, [x19, #LEAVE_C_SP]

	add	x1, x19, #LEAVE_V
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	ldr	q\n, [x1, #16 * \n]
	.endr
	.irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ldr	q\n, [x1, #16 * \n]
	.endr
	ldr	x0, [x19, #LEAVE_IN]
	bl	reach_load
	ldr	x0, [x19, #LEAVE_READBACK]
	bl	reach_save

	/* From here on nothing may change the flags. */
	ldr	x1, [x19, #LEAVE_SPSEL]
	cbnz	x1, 1f
	msr	sp_el0, x19
	ldr	x1, [x19, #LEAVE_SP_EL1]
	mov	sp, x1
	msr	spsel, #0
	b	2f
1:	mov	sp, x19
2:	load_x	sp, 0, 1, X2_X30
	\body
	store_x	sp, 0, 1, X2_X30
	mov	x19, sp

	mrs	x1, spsel
	str	x1, [x19, #LEAVE_SPSEL]
	msr	spsel, #1
	mov	x1, sp
	str	x1, [x19, #LEAVE_SP_EL1]
	ldr	x0, [x19, #LEAVE_OUT]
	bl	reach_save
	ldr	x0, [x19, #LEAVE_BASE]
	bl	reach_load
	ldr	x1, [x19, #LEAVE_C_SP]
	mov	sp, x1

	add	x1, x19, #LEAVE_V
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	str	q\n, [x1, #16 * \n]
	.endr
	.irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	str	q\n, [x1, #16 * \n]
	.endr
	.irp n, 8, 9, 10, 11, 12, 13, 14, 15
	ldr	d\n, [sp, #96 + 8 * (\n - 8)]
	.endr
	.irp n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	ldr	x\n, [sp, #8 * (\n - 19)]
	.endr
	add	sp, sp, #192
	ret
endfunc \name
	.endm

	leave_by leave_by_call, "smc #0"
	leave_by leave_by_spinning, "3: sub x0, x0, #1; cbnz x0, 3b"
	leave_by leave_until_interrupt, \
		"3: mrs x0, isr_el1; sub x1, x1, #1; cbnz x0, 4f; cbnz x1, 3b; 4:"
