/* SPDX-License-Identifier: BSD-3-Clause */
/* Bulk moves of SIMD state, and calls of code that hostile.c has written. Decides nothing. */
	.arch_extension sve
	.arch_extension sme

	.macro func name
	.section .text.\name, "ax"
	.global \name
\name:
	.endm

	/* void regs_run(uint64_t *values, const uint32_t *code) */
	func	regs_run
	br	x1

	/* void simd_v_store(void *), simd_v_load(const void *): V0-V31 */
	.altmacro
	.macro v_pair op, n, next
	\op	q\n, q\next, [x0, #(\n * 16)]
	.endm
	.macro v_all op
	.irp n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
	v_pair	\op, \n, %(\n + 1)
	.endr
	ret
	.endm

	func	simd_v_store
	v_all	stp
	func	simd_v_load
	v_all	ldp
	.noaltmacro

	/* simd_z_*: Z0-Z31 at the current length, one behind the other */
	.macro z_all op
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	\op	z\n, [x0, #\n, mul vl]
	.endr
	.irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\op	z\n, [x0, #\n, mul vl]
	.endr
	ret
	.endm

	func	simd_z_store
	z_all	str
	func	simd_z_load
	z_all	ldr

	/* simd_p_*: P0-P15 likewise */
	.macro p_all op
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	\op	p\n, [x0, #\n, mul vl]
	.endr
	ret
	.endm

	func	simd_p_store
	p_all	str
	func	simd_p_load
	p_all	ldr

	/* simd_ffr_*: FFR, through P0, which the caller saves before and loads after */
	func	simd_ffr_store
	rdffr	p0.b
	str	p0, [x0]
	ret
	func	simd_ffr_load
	ldr	p0, [x0]
	wrffr	p0.b
	ret

	/* simd_za_*: the ZA array, row by row; simd_zt0_*: ZT0. Assemblers may lack .inst's */
	.macro za_all op
	.inst	0x04bf5821		/* rdsvl x1, #1 */
	mov	w12, #0
1:	\op	za[w12, 0], [x0]
	add	x0, x0, x1
	add	w12, w12, #1
	cmp	w12, w1
	b.lo	1b
	ret
	.endm

	func	simd_za_store
	za_all	str
	func	simd_za_load
	za_all	ldr
	func	simd_zt0_store
	.inst	0xe13f8000		/* str zt0, [x0] */
	ret
	func	simd_zt0_load
	.inst	0xe11f8000		/* ldr zt0, [x0] */
	ret
