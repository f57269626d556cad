/* SPDX-License-Identifier: BSD-3-Clause */
/* See arch/fault_safe.h, and arch/fixup.h for the rows at the end. */

/* copy_fault_safe(to, from, n) */
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

/* zero_fault_safe(page, n): by the CPU's largest steps */
#define DCZID_DZP_BIT 4
	.section .text.zero_fault_safe, "ax"
	.global	zero_fault_safe
	.type	zero_fault_safe, %function
zero_fault_safe:
	hint	#34				/* bti c */
	mrs	x2, dczid_el0
	tbnz	x2, #DCZID_DZP_BIT, 2f
	and	x2, x2, #0xf
	mov	x3, #4
	lsl	x3, x3, x2
.Lzero:
1:	dc	zva, x0
	add	x0, x0, x3
	subs	x1, x1, x3
	b.hi	1b
	b	3f
2:	stp	xzr, xzr, [x0], #16
	subs	x1, x1, #16
	b.hi	2b
.Lzero_end:
3:	mov	w0, #1
	ret

	.section .fixups, "a"
	.balign	8
	.quad	.Lzero, .Lzero_end, .Lrefused

/* clean_fault_safe(page, n): to the point of coherency, by lines */
	.section .text.clean_fault_safe, "ax"
	.global	clean_fault_safe
	.type	clean_fault_safe, %function
clean_fault_safe:
	hint	#34				/* bti c */
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4			/* DminLine: words, as a power of two */
	mov	x3, #4
	lsl	x3, x3, x2
.Lclean:
1:	dc	civac, x0
	add	x0, x0, x3
	subs	x1, x1, x3
	b.hi	1b
	dsb	sy
.Lclean_end:
	mov	w0, #1
	ret

	.section .fixups, "a"
	.balign	8
	.quad	.Lclean, .Lclean_end, .Lrefused
