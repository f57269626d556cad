/* SPDX-License-Identifier: BSD-3-Clause */
#include "sp/asm.inc"

	/* void bench_call(struct ffa_regs *r): the markers start and stop the counting. */
func bench_call
	stp	x19, x30, [sp, #-16]!
	mov	x19, x0
	load_x	x19, X0_X17
	mov	x28, x28
	smc	#0
	mov	x27, x27
	store_x	x19, X0_X17
	ldp	x19, x30, [sp], #16
	ret
endfunc bench_call
