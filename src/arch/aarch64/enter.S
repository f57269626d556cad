/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Contexts go in and out here, and nowhere else: the general registers, the PAuth key that our
 * own code shares with them, ERET and SMC. Nothing is decided here.
 *
 * While a context runs, SP_EL2 points at its struct arch_vcpu: an exit has a place for the first
 * registers before it needs one to work with. Offsets: arch/vcpu.h.
 */
#include "arch/offsets.h"
#include "arch/sysreg.h"

/*
 * pairs stp, 0, 29: stp x0, x1, [sp, #0]; stp x2, x3, [sp, #16]; ... stp x28, x29, [sp, #224]
 */
	.altmacro
	.macro pair op, a, b
	\op	x\a, x\b, [sp, #(\a * 8)]
	.endm
	.macro pairs op, from, to
	.set	i, \from
	.rept	(\to - \from + 1) / 2
	pair	\op, %i, %(i + 1)
	.set	i, i + 2
	.endr
	.endm

/* To the context x0 on the CPU x1: our stack pointer to where the way back finds it, its key in. */
	.macro leave
	stp	x29, x30, [sp, #-16]!
	ldr	x4, [x1, #ARCH_CPU_PAUTH]
	mov	x2, sp
	str	x2, [x1, #ARCH_CPU_SP]
	str	x1, [x0, #ARCH_VCPU_CPU]
	cbz	x4, 1f
	ldp	x2, x3, [x0, #ARCH_VCPU_APIA]
	msr	APIAKEYLO_EL1, x2		/* ERET and SMC synchronise it */
	msr	APIAKEYHI_EL1, x3
1:	mov	sp, x0
	.endm

/* Back on our stack, with our key, as the return from the call that went in. Keeps x0. */
	.macro arrive
	ldr	x1, [sp, #ARCH_VCPU_CPU]
	ldp	x5, x4, [x1, #ARCH_CPU_SP]	/* and ARCH_CPU_PAUTH */
	cbz	x4, 1f
	mrs	x2, APIAKEYLO_EL1
	mrs	x3, APIAKEYHI_EL1
	stp	x2, x3, [sp, #ARCH_VCPU_APIA]
	ldp	x2, x3, [x1, #ARCH_CPU_APIA]
	msr	APIAKEYLO_EL1, x2
	msr	APIAKEYHI_EL1, x3
	isb
1:	mov	sp, x5
	ldp	x29, x30, [sp], #16
	.endm

	.macro function name
	.section .text.\name, "ax"
	.global	\name
	.type	\name, %function
	.balign	16
\name:
	bti	c
	.endm

/*
 * arch_enter_nwd(vcpu, cpu): x0-x17 to EL3, and back with whatever EL3 brings. All else but EL2
 * state is lost by then: x18-x30, keys, everything of EL1 and EL0.
 */
	function arch_enter_nwd
	leave
	pairs	ldp, 0, 17
	smc	#0
	pairs	stp, 0, 17
	arrive
	ret

/* arch_enter_sp(vcpu, cpu): returns which of the four vectors brought it back. */
	function arch_enter_sp
	ldp	x2, x3, [x0, #ARCH_VCPU_PC]
	msr	ELR_EL2, x2
	msr	SPSR_EL2, x3
	leave
	pairs	ldp, 2, 29
	ldr	x30, [sp, #240]
	ldp	x0, x1, [sp]
	eret
	dsb	nsh			/* no speculation past it */
	isb

	.section .text.vectors, "ax"
	.balign	16
exit_common:
	mrs	x2, ELR_EL2
	mrs	x3, SPSR_EL2
	stp	x30, x2, [sp, #240]		/* x30 and pc are neighbours */
	str	x3, [sp, #ARCH_VCPU_PSTATE]
	arrive
	ret

/* An exception of our own: the whole frame on our stack, then C. It may say where to go on. */
	.macro own_exception kind
	sub	sp, sp, #OWN_FRAME_SIZE
	pairs	stp, 0, 29
	str	x30, [sp, #240]
	mov	x1, #\kind
	b	own_common
	.endm

own_common:
	mov	x0, sp
	bl	own_exception_handle
	msr	ELR_EL2, x0
	ldr	x30, [sp, #240]
	pairs	ldp, 0, 29
	add	sp, sp, #OWN_FRAME_SIZE
	eret
	dsb	nsh
	isb

	.macro vector_own kind
	.balign	128
	own_exception \kind
	.endm

	.macro vector_lower kind
	.balign	128
	pairs	stp, 0, 29
	mov	x0, #\kind
	b	exit_common
	.endm

	.global	vectors
	.balign	2048
vectors:
	/* Our own, on SP_EL0 (never used) and on SP_EL2: synchronous, IRQ, FIQ, SError. */
	.irp	kind, 0, 1, 2, 3, 0, 1, 2, 3
	vector_own \kind
	.endr
	/* A lower EL in AArch64, and in AArch32: an SP's EL0, where the CPU has it. */
	.irp	kind, VECTOR_SYNC, VECTOR_IRQ, VECTOR_FIQ, VECTOR_SERROR
	vector_lower \kind
	.endr
	.irp	kind, VECTOR_SYNC, VECTOR_IRQ, VECTOR_FIQ, VECTOR_SERROR
	vector_lower \kind
	.endr
