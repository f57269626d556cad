/* SPDX-License-Identifier: BSD-3-Clause */
#include "sp/asm.inc"

	/*
	 * void compute_call(struct ffa_regs *r, uint64_t v[32][2]): ffa_call() with v in V0-V31,
	 * and v replaced by what is there after.
	 */
func compute_call
	stp	x19, x30, [sp, #-96]!
	str	x20, [sp, #16]
	stp	d8, d9, [sp, #32]
	stp	d10, d11, [sp, #48]
	stp	d12, d13, [sp, #64]
	stp	d14, d15, [sp, #80]
	mov	x19, x0
	mov	x20, x1
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	ldr	q\n, [x20, #16 * \n]
	.endr
	.irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ldr	q\n, [x20, #16 * \n]
	.endr
	load_x	x19, X0_X17
#if SP_AT_EL0
	svc	#0
#else
	smc	#0
#endif
	store_x	x19, X0_X17
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	str	q\n, [x20, #16 * \n]
	.endr
	.irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	str	q\n, [x20, #16 * \n]
	.endr
	ldp	d8, d9, [sp, #32]
	ldp	d10, d11, [sp, #48]
	ldp	d12, d13, [sp, #64]
	ldp	d14, d15, [sp, #80]
	ldr	x20, [sp, #16]
	ldp	x19, x30, [sp], #96
	ret
endfunc compute_call
