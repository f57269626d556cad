/* SPDX-License-Identifier: BSD-3-Clause */
#include "sp/asm.inc"

	/*
	 * uint64_t rogue_run(uint64_t x0, const void *code): runs one instruction, with x0 in all
	 * registers that may be lost, and returns what x0 is then. Nothing but x19-x30 and sp is
	 * relied on after.
	 */
func rogue_run
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	blr	x1
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret
endfunc rogue_run

func rogue_read
	ldrb	w0, [x0]
	ret
endfunc rogue_read

func rogue_write
	strb	wzr, [x0]
	ret
endfunc rogue_write

func rogue_execute
	br	x0
endfunc rogue_execute

func rogue_loop
	b	.
endfunc rogue_loop

	/* void rogue_state_set(const uint64_t state[5]): TPIDR_EL0, nothing, FPCR, FPSR, NZCV */
func rogue_state_set
	ldr	x1, [x0]
	msr	tpidr_el0, x1
	ldp	x1, x2, [x0, #16]
	msr	fpcr, x1
	msr	fpsr, x2
	ldr	x1, [x0, #32]
	msr	nzcv, x1
	ret
endfunc rogue_state_set

	/* void rogue_state_get(uint64_t state[5]): TPIDR_EL0, TPIDRRO_EL0, FPCR, FPSR, NZCV */
func rogue_state_get
	mrs	x1, tpidr_el0
	mrs	x2, tpidrro_el0
	stp	x1, x2, [x0]
	mrs	x1, fpcr
	mrs	x2, fpsr
	stp	x1, x2, [x0, #16]
	mrs	x1, nzcv
	str	x1, [x0, #32]
	ret
endfunc rogue_state_get
