/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What C cannot say: the first instructions of a CPU, the exception vectors, and a call to EL3 with
 * all 31 registers given and taken.
 */
#include "cpu.h"

.macro function name
	.global \name
	.type \name, %function
\name:
.endm

/* --- Start --------------------------------------------------------------------------------- */

	.section .text.entry, "ax"

/* The primary CPU: EL2 or EL1, MMU off. */
function entry
	adrp	x0, bss_start
	add	x0, x0, :lo12:bss_start
	adrp	x1, bss_end
	add	x1, x1, :lo12:bss_end
1:	cmp	x0, x1
	b.hs	2f
	stp	xzr, xzr, [x0], #16
	b	1b
2:	mov	x19, xzr
	adr	x20, nwd_main
	b	start

/* A CPU that PSCI CPU_ON has started: x0 = its index. */
function entry_secondary
	mov	x19, x0
	adr	x20, cpu_secondary_main

/* x19 = index, x20 = where to go. */
start:
	msr	spsel, #1
	adrp	x0, cpu_stacks
	add	x0, x0, :lo12:cpu_stacks
	add	x1, x19, #1
	mov	x2, #CPU_STACK_SIZE
	madd	x0, x1, x2, x0
	mov	sp, x0
	mrs	x0, CurrentEL
	cmp	x0, #(2 << 2)
	b.ne	1f
	adr	x0, vectors_el2
	msr	vbar_el2, x0
	b	2f
1:	adr	x0, vectors_el1
	msr	vbar_el1, x0
2:	isb
	mov	x0, x19
	bl	cpu_init
	mov	x0, x19
	blr	x20
	b	.

/* --- Exceptions ---------------------------------------------------------------------------- */

.macro vector el, kind
	.balign	128
	sub	sp, sp, #CPU_FRAME_SIZE
	stp	x0, x1, [sp, #0]
	mov	x0, #\kind
	b	exception_\el
.endm

.macro vectors el
	.balign	2048
vectors_\el:
	.irp kind, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vector	\el, \kind
	.endr

exception_\el:
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x30, [sp, #144]
	mrs	x2, elr_\el
	mrs	x3, spsr_\el
	stp	x2, x3, [sp, #160]
	mrs	x2, esr_\el
	mrs	x3, far_\el
	stp	x2, x3, [sp, #176]
	mov	x1, sp
	bl	exception_handle
	ldp	x2, x3, [sp, #160]
	msr	elr_\el, x2
	msr	spsr_\el, x3
	ldp	x18, x30, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp, #0]
	add	sp, sp, #CPU_FRAME_SIZE
	eret
	dsb	nsh
	isb
.endm

	.text
	vectors	el2
	vectors	el1

/* --- Calls --------------------------------------------------------------------------------- */

/* SMC with x0-x30 from *x0; what they are after it goes there. begin and end stand around it. */
.macro smc_with_frame begin, end
	sub	sp, sp, #112
	stp	x19, x20, [sp, #0]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	str	x0, [sp, #96]
	mov	x30, x0
	ldp	x0, x1, [x30, #0]
	ldp	x2, x3, [x30, #16]
	ldp	x4, x5, [x30, #32]
	ldp	x6, x7, [x30, #48]
	ldp	x8, x9, [x30, #64]
	ldp	x10, x11, [x30, #80]
	ldp	x12, x13, [x30, #96]
	ldp	x14, x15, [x30, #112]
	ldp	x16, x17, [x30, #128]
	ldp	x18, x19, [x30, #144]
	ldp	x20, x21, [x30, #160]
	ldp	x22, x23, [x30, #176]
	ldp	x24, x25, [x30, #192]
	ldp	x26, x27, [x30, #208]
	ldp	x28, x29, [x30, #224]
	ldr	x30, [x30, #240]
	\begin
	smc	#0
	\end
	str	x30, [sp, #104]
	ldr	x30, [sp, #96]
	stp	x0, x1, [x30, #0]
	stp	x2, x3, [x30, #16]
	stp	x4, x5, [x30, #32]
	stp	x6, x7, [x30, #48]
	stp	x8, x9, [x30, #64]
	stp	x10, x11, [x30, #80]
	stp	x12, x13, [x30, #96]
	stp	x14, x15, [x30, #112]
	stp	x16, x17, [x30, #128]
	stp	x18, x19, [x30, #144]
	stp	x20, x21, [x30, #160]
	stp	x22, x23, [x30, #176]
	stp	x24, x25, [x30, #192]
	stp	x26, x27, [x30, #208]
	stp	x28, x29, [x30, #224]
	ldr	x0, [sp, #104]
	str	x0, [x30, #240]
	ldp	x19, x20, [sp, #0]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	add	sp, sp, #112
	ret
.endm

/* void smc_call(struct smc_frame *f) */
function smc_call
	smc_with_frame

/* void bench_call(struct smc_frame *f): the markers tell the counting plugin when to count. */
function bench_call
	smc_with_frame "mov x28, x28", "mov x27, x27"
