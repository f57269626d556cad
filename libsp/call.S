/* SPDX-License-Identifier: BSD-3-Clause */
#include "sp/asm.inc"

	.macro ffa_conduit name, instruction
func \name
	stp	x19, x30, [sp, #-16]!
	mov	x19, x0
	load_x	x19, X0_X17
	\instruction	#0
	store_x	x19, X0_X17
	ldp	x19, x30, [sp], #16
	ret
endfunc \name
	.endm

	/* void ffa_call(struct ffa_regs *r), void ffa_call_hvc(struct ffa_regs *r) */
#if SP_AT_EL0
	ffa_conduit ffa_call, svc
	ffa_conduit ffa_call_hvc, svc
#else
	ffa_conduit ffa_call, smc
	ffa_conduit ffa_call_hvc, hvc
#endif
