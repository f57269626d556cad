/* SPDX-License-Identifier: BSD-3-Clause */
#include "sp/asm.inc"

func rogue_read
	ldrb	w1, [x0]
	ret
endfunc rogue_read

func rogue_write
	strb	wzr, [x0]
	ret
endfunc rogue_write

	/* The fault handler returns to x30. */
func rogue_execute
	br	x0
endfunc rogue_execute

func rogue_loop
	msr	daifset, #0xf
	b	.
endfunc rogue_loop

func rogue_bad_vector
	msr	vbar_el1, x0
	isb
	udf	#0
	b	.
endfunc rogue_bad_vector

func rogue_bad_stack
	mov	sp, x0
	str	xzr, [sp, #-16]!
	b	.
endfunc rogue_bad_stack

func rogue_nowhere
	msr	vbar_el1, x0
	isb
	br	x0
endfunc rogue_nowhere

	.macro rogue_call name, instruction
func \name
	mov	x1, #-1
	mov	x2, #-1
	mov	x3, #-1
	mov	x4, #0x8000000000000000
	mov	x5, xzr
	mov	x6, xzr
	mov	x7, xzr
	\instruction	#0
	ret
endfunc \name
	.endm

	rogue_call rogue_hvc, hvc
	rogue_call rogue_smc, smc
