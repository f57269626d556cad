/* SPDX-License-Identifier: BSD-3-Clause */
/* Exceptions to EL1: the whole of x0-x30 into a struct sp_frame on the stack, then C. */
#include "sp/asm.inc"

	.macro vector kind
	.balign 128
	sub	sp, sp, #SP_FRAME_SIZE
	store_x	sp, 0, 1
	mov	w1, #\kind
	b	sp_exception_entry
	.endm

	.section .text.sp_vectors, "ax", %progbits
	.balign 2048
	.global sp_vectors
	.hidden sp_vectors
sp_vectors:
	/* EL1t, EL1h, EL0; enum sp_exception. */
	.rept 4
	vector 0
	vector 1
	vector 2
	vector 3
	.endr

func sp_exception_entry
	store_x	sp, X2_X30
	add	x2, sp, #SP_FRAME_SIZE
	mrs	x3, elr_el1
	mrs	x4, spsr_el1
	mrs	x5, esr_el1
	mrs	x6, far_el1
	str	x2, [sp, #SP_FRAME_SP]
	stp	x3, x4, [sp, #SP_FRAME_PC]
	stp	x5, x6, [sp, #SP_FRAME_ESR]
	mov	x0, sp
	bl	sp_exception
	ldp	x3, x4, [sp, #SP_FRAME_PC]
	msr	elr_el1, x3
	msr	spsr_el1, x4
	load_x	sp, X2_X30
	load_x	sp, 0, 1
	add	sp, sp, #SP_FRAME_SIZE
	eret
	sb
endfunc sp_exception_entry
