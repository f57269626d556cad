/* SPDX-License-Identifier: BSD-3-Clause */
/* The way into a world and back. Between worlds SP_EL3 is the CPU's stack in C code. */
#include "world.h"

	.macro frame op, base
	.irp r, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28
	frame_pair \op, \r, %(\r + 1), \base
	.endr
	.endm

	.altmacro
	.macro frame_pair op, a, b, base
	\op x\a, x\b, [\base, #(WORLD_X + \a * 8)]
	.endm

	.macro callee_saved op, base
	.irp r, 19, 21, 23, 25, 27, 29
	callee_pair \op, \r, %(\r + 1), \base
	.endr
	.endm

	.macro callee_pair op, a, b, base
	\op x\a, x\b, [\base, #((\a - 19) * 8)]
	.endm

	.section .text.world_enter, "ax"
	.global world_enter
world_enter:
	sub	sp, sp, #112
	callee_saved stp, sp
	str	x0, [sp, #96]		/* world_exit finds the world here */
	ldr	x1, [x0, #WORLD_ELR]
	ldr	x2, [x0, #WORLD_SPSR]
	msr	elr_el3, x1
	msr	spsr_el3, x2
	frame	ldp, x0
	ldr	x30, [x0, #(WORLD_X + 30 * 8)]
	ldp	x0, x1, [x0, #WORLD_X]
	eret
	dsb	nsh
	isb

	/* x0, x1 of the world are on the stack, x1 = EXIT_* */
world_exit:
	ldr	x0, [sp, #(16 + 96)]
	frame	stp, x0
	str	x30, [x0, #(WORLD_X + 30 * 8)]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0, #WORLD_X]
	mrs	x2, elr_el3
	mrs	x3, spsr_el3
	str	x2, [x0, #WORLD_ELR]
	str	x3, [x0, #WORLD_SPSR]
	callee_saved ldp, sp
	add	sp, sp, #112
	mov	w0, w1
	ret

	/* A fault of regs_try's instruction is its answer; any other at EL3 is our end. */
el3_exception:
	stp	x0, x1, [sp, #-16]!
	mrs	x0, elr_el3
	adrp	x1, regs_try_code
	add	x1, x1, :lo12:regs_try_code
	cmp	x0, x1
	b.ne	el3_fatal_exception
	adr	x0, regs_try_failed
	msr	elr_el3, x0
	ldp	x0, x1, [sp], #16
	eret
	dsb	nsh
	isb

	/* uint64_t regs_try(uint64_t x, bool *ok): x0 after the instruction at regs_try_code */
	.section .text.regs_try, "ax"
	.global regs_try
regs_try:
	stp	x29, x30, [sp, #-32]!
	str	x1, [sp, #16]
	adrp	x9, regs_try_code
	add	x9, x9, :lo12:regs_try_code
	blr	x9
	mov	w2, #1
	b	1f
regs_try_failed:
	mov	w2, #0
1:	ldr	x1, [sp, #16]
	strb	w2, [x1]
	ldp	x29, x30, [sp], #32
	ret

	.macro slot_el3
	.balign 0x80
	b	el3_exception
	.endm

	.macro slot_world kind
	.balign 0x80
	stp	x0, x1, [sp, #-16]!
	mov	w1, #\kind
	b	world_exit
	.endm

	.section .text.vectors, "ax"
	.balign 0x800
	.global el3_vectors
el3_vectors:
	.rept 8				/* from EL3 itself */
	slot_el3
	.endr
	slot_world EXIT_SYNC
	slot_world EXIT_IRQ
	slot_world EXIT_FIQ
	slot_world EXIT_SERROR
	.rept 4
	slot_world EXIT_AARCH32
	.endr

	/* The instruction that regs_try tries, on x0, and a RET. */
	.bss
	.balign 16
	.global regs_try_code
regs_try_code:
	.skip 16
