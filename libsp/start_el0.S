/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The first instructions at S-EL0: all of our memory can be read and executed, none of it written.
 * So first the SPMC is told what is data; until then there are registers only.
 */
#include "sp/asm.inc"

#define FFA_MEM_PERM_SET_64 0xC4000089
#define FFA_SUCCESS 0x84000061
#define FFA_ERROR 0x84000060
#define FFA_ABORTED -8
#define PAGES_RW 5
#define PAGES_RO 7

	/* The pages from x1 up to x2 get a permission. */
	.macro permit permission
	sub	x2, x2, x1
	lsr	x2, x2, #12
	mov	x3, #\permission
	ldr	w0, =FFA_MEM_PERM_SET_64
	svc	#0
	ldr	w1, =FFA_SUCCESS
	cmp	w0, w1
	b.ne	sp_entry_refused
	.endm

func sp_entry
	mov	x19, x0
	mov	x20, x1
	mov	x21, x2
	mov	x22, x3
	mov	x23, x4
	/* Relocations are applied to constants, too. */
	address	x1, sp_rodata_start
	address	x2, sp_image_end
	permit	PAGES_RW

	init_image
	address	x1, sp_rodata_start
	address	x2, sp_data_start
	permit	PAGES_RO
	/* Header and manifest of the package. */
	address	x2, sp_image_start
	sub	x1, x2, #SP_IMAGE_OFFSET
	permit	PAGES_RO

	address	x0, sp_vcpus
	stp	x19, x20, [x0]
	stp	x21, x22, [x0, #16]
	str	x23, [x0, #32]
	address	x2, sp_stacks
	add	x2, x2, #SP_STACK_SIZE
	mov	sp, x2
	mov	x29, xzr
	mov	x30, xzr
	mov	w1, #1
	b	sp_start
endfunc sp_entry

	/* The SPMC does not give us memory to write to. */
func sp_entry_refused
	ldr	w0, =FFA_ERROR
	mov	w1, #0
	mov	w2, #FFA_ABORTED
	svc	#0
	udf	#0
endfunc sp_entry_refused

	.bss
	.balign 16
	.global sp_vcpus
	.hidden sp_vcpus
sp_vcpus:
	.space	SP_VCPU_SIZE

	.section .noinit, "aw", %nobits
	.balign 16
sp_stacks:
	.space	SP_STACK_SIZE
