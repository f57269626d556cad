/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The first instructions of a vCPU: EL1h, interrupts masked, MMU off, every register as the SPMC
 * left it. They are kept for whoever wants to look (struct sp_vcpu), then C goes on.
 */
#include "sp/asm.inc"

	/*
	 * Stores x0-x30 into this vCPU's struct and leaves its address in x19, its number in x20.
	 * TPIDR_EL1 and TPIDR_EL0 hold two registers for a moment; they are zero after.
	 */
	.macro keep_entry_registers
	msr	tpidr_el1, x0
	msr	tpidr_el0, x1
	mrs	x0, mpidr_el1
	and	x0, x0, #0xffff
	cmp	x0, #SP_MAX_VCPUS
	b.hs	sp_entry_refused
	address	x1, sp_vcpus
	add	x1, x1, x0, lsl #8
	store_x	x1, X2_X30
	mov	x20, x0
	mov	x19, x1
	mrs	x0, tpidr_el1
	mrs	x1, tpidr_el0
	store_x	x19, 0, 1
	msr	tpidr_el1, xzr
	msr	tpidr_el0, xzr
	.endm

	/* The package's entry point: the first vCPU, once. */
func sp_entry
	keep_entry_registers
	init_image
	mov	w1, #1
	b	sp_entry_c
endfunc sp_entry

	/* Every other start: another vCPU, or a CPU that was off and comes on again. */
func sp_entry_warm
	keep_entry_registers
	mov	w1, #0
	b	sp_entry_c
endfunc sp_entry_warm

	/* x19: struct sp_vcpu, x20: its number, w1: 1 when it is the first start of all. */
func sp_entry_c
	mov	x0, x19
	str	w20, [x0, #8 * 31]
	add	x3, x20, #1
	address	x2, sp_stacks
	mov	x4, #SP_STACK_SIZE
	madd	x2, x3, x4, x2
	mov	sp, x2
	address	x2, sp_vectors
	msr	vbar_el1, x2
	isb
	mov	x29, xzr
	mov	x30, xzr
	b	sp_start
endfunc sp_entry_c

	/* This vCPU has no memory of its own: say so, FFA_ERROR(ABORTED). */
func sp_entry_refused
	mov	w0, #0x60
	movk	w0, #0x8400, lsl #16
	mov	w1, #0
	mov	w2, #-8
	smc	#0
	b	.
endfunc sp_entry_refused

	.section .noinit, "aw", %nobits
	.balign 16
	.global sp_vcpus
	.hidden sp_vcpus
sp_vcpus:
	.space	SP_VCPU_SIZE * SP_MAX_VCPUS
sp_stacks:
	.space	SP_STACK_SIZE * SP_MAX_VCPUS
