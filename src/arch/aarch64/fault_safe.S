/* SPDX-License-Identifier: BSD-3-Clause */
/* copy_fault_safe(to, from, n): see arch/fault_safe.h, and arch/fixup.h for the row at the end. */
	.section .text.copy_fault_safe, "ax"
	.global	copy_fault_safe
	.type	copy_fault_safe, %function
copy_fault_safe:
	hint	#34				/* bti c */
.Lfirst:
	subs	x2, x2, #16
	b.lo	2f
1:	ldp	x3, x4, [x1], #16
	stp	x3, x4, [x0], #16
	subs	x2, x2, #16
	b.hs	1b
2:	adds	x2, x2, #16
	b.eq	4f
3:	ldrb	w3, [x1], #1
	strb	w3, [x0], #1
	subs	x2, x2, #1
	b.ne	3b
.Lend:
4:	mov	w0, #1
	ret
.Lrefused:
	mov	w0, #0
	ret

	.section .fixups, "a"
	.balign	8
	.quad	.Lfirst, .Lend, .Lrefused
