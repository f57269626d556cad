/* SPDX-License-Identifier: BSD-3-Clause */
/* The only file with FP, SIMD and SVE instructions: bulk moves between registers and memory. */
	.arch	armv8.5-a+sve+sme

	.altmacro
	.macro	q_pair op, a, b
	\op	q\a, q\b, [x0, #(\a * 16)]
	.endm
	.macro	q_all op
	.set	i, 0
	.rept	16
	q_pair	\op, %i, %(i + 1)
	.set	i, i + 2
	.endr
	.endm
	.macro	sve_reg op, kind, n, base
	\op	\kind\n, [\base, #\n, mul vl]
	.endm
	.macro	sve_all op, kind, count, base
	.set	i, 0
	.rept	\count
	sve_reg	\op, \kind, %i, \base
	.set	i, i + 1
	.endr
	.endm

	.macro	function name
	.section .text.simd, "ax"
	.global	\name
	.type	\name, %function
	.balign	16
\name:
	bti	c
	.endm

	.macro	save_controls to
	mrs	x9, FPCR
	mrs	x10, FPSR
	stp	x9, x10, [\to]
	.endm
	.macro	load_controls from
	ldp	x9, x10, [\from]
	msr	FPCR, x9
	msr	FPSR, x10
	.endm

/* \name: 1 if EL3 lets us have that register, else 0. */
	.macro	probe name, register
	function \name
	mov	x0, #0
1:	mrs	x1, \register
	mov	x0, #1
2:	ret
	.pushsection .fixups, "a"	/* arch/fixup.h */
	.balign	8
	.quad	1b, 1b + 4, 2b
	.popsection
	.endm

	probe	simd_present, FPCR
	probe	simd_fpmr_present, S3_3_C4_C4_2

/* V0-V31 at x0, 512 bytes; FPCR and FPSR at x1. */
	function simd_save_v
	q_all	stp
	save_controls x1
	ret

	function simd_load_v
	q_all	ldp
	load_controls x1
	ret

/* Z0-Z31 at x0, FPCR and FPSR at x1, P0-P15 at x2, and FFR at x3 unless x3 is 0. */
	function simd_save_sve
	sve_all	str, z, 32, x0
	save_controls x1
	sve_all	str, p, 16, x2
	cbz	x3, 1f
	rdffr	p0.b
	str	p0, [x3]
	ldr	p0, [x2]
1:	ret

	function simd_load_sve
	cbz	x3, 1f
	ldr	p0, [x3]
	wrffr	p0.b
1:	sve_all	ldr, z, 32, x0
	load_controls x1
	sve_all	ldr, p, 16, x2
	ret

/* Bytes of a vector at the length that is current (streaming or not). */
	function simd_vector_bytes
	rdvl	x0, #1
	ret

/* Bytes of a streaming vector at the length that is current. */
	function simd_streaming_bytes
	.inst	0x04bf5820			/* rdsvl x0, #1, which clang 14 does not know */
	ret

/* SVCR: streaming mode and ZA. */
	function simd_mode
	mrs	x0, SVCR
	ret

/* FPMR (FEAT_FPMR). */
	function simd_fpmr
	mrs	x0, S3_3_C4_C4_2
	ret

	function simd_set_fpmr
	msr	S3_3_C4_C4_2, x0
	ret

	function simd_set_mode
	msr	SVCR, x0
	isb
	ret
