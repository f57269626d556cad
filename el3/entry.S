/* SPDX-License-Identifier: BSD-3-Clause */
/* Reset: every CPU starts here, at EL3, MMU off, at flash address 0. */
#include "cpu.h"

	.section .text.entry, "ax"
	.global _start
_start:
	ldr	x0, =0x30C51830		/* RES1 and I; MMU and alignment check off */
	msr	sctlr_el3, x0
	adr	x0, el3_vectors
	msr	vbar_el3, x0
	msr	daifset, #0xf
	isb

	mrs	x19, mpidr_el1
	and	x19, x19, #0xff
	cmp	x19, #CPU_MAX
	b.hs	park
	cbnz	x19, 3f

	/* CPU 0 makes the RAM ready for C and says so; the RAM of QEMU starts as zeros. */
	ldr	x0, =data_start
	ldr	x1, =data_end
	ldr	x2, =data_load
1:	cmp	x0, x1
	b.hs	2f
	ldr	x3, [x2], #8
	str	x3, [x0], #8
	b	1b
2:	ldr	x0, =bss_start
	ldr	x1, =bss_end
1:	cmp	x0, x1
	b.hs	2f
	stp	xzr, xzr, [x0], #16
	b	1b
2:	ldr	x0, =ram_ready
	mov	w1, #1
	stlr	w1, [x0]
	sev
	b	4f

3:	ldr	x0, =ram_ready
	ldar	w1, [x0]
	cbnz	w1, 4f
	wfe
	b	3b

4:	ldr	x0, =stacks_end
	mov	x1, #CPU_STACK_SIZE
	msub	x0, x19, x1, x0
	mov	sp, x0
	mov	w0, w19
	bl	el3_main
park:
	wfi
	b	park

	.bss
	.balign 16
ram_ready:
	.skip 16
	.skip CPU_MAX * CPU_STACK_SIZE
stacks_end:
