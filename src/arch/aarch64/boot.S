/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From EL3 into C. A CPU arrives at EL2 with nothing known but x0 of the boot CPU (the manifest)
 * and that the MMU is off, or on as arch_secondary_open() left it; it leaves at the link address,
 * with the MMU on and TTBR0_EL2 closed.
 *
 * This section is the first page of the image, and early_sync and its neighbours stand where the
 * CPU looks for them with VBAR_EL2 at the image's first byte: that spares a vector table.
 *
 * Registers that keep their meaning: x18 early_sync, x19 SCTLR_EL2 to be, x20 manifest, x21 BTI.
 */
#include "arch/sysreg.h"

/*
 * RES1 of old, which with E2H have a meaning: WFE and WFI wait (nTWE, nTWI), SCXTNUM_EL0 traps
 * (TSCXT), EL0's stack pointer is checked (SA0), what comes from EL0 finds PSTATE.PAN as it was
 * (SPAN).
 */
#define SCTLR_RES1 0x30d50830
#define SCTLR_SPAN (1 << 23)
#define SCTLR_M (1 << 0)
#define SCTLR_C (1 << 2)
#define SCTLR_SA (1 << 3)
#define SCTLR_I (1 << 12)
#define SCTLR_ENDB (1 << 13)
#define SCTLR_WXN (1 << 19)
#define SCTLR_IESB_SHIFT 21
#define SCTLR_ENDA (1 << 27)
#define SCTLR_ENIB (1 << 30)
#define SCTLR_ENIA (1 << 31)
#define SCTLR_BT_SHIFT 36
/* For SPs at S-EL0: DC ZVA, CTR_EL0, and maintenance of caches by address (docs/state.md). */
#define SCTLR_DZE (1 << 14)
#define SCTLR_UCT (1 << 15)
#define SCTLR_UCI (1 << 26)
#define SCTLR_EL0 (SCTLR_DZE | SCTLR_UCT | SCTLR_UCI)
/* Without SPAN: PAN is set by whatever comes from S-EL0, so its memory is nothing that we touch. */
#define SCTLR_ON ((SCTLR_RES1 & ~SCTLR_SPAN) | SCTLR_M | SCTLR_C | SCTLR_SA | SCTLR_I | \
		  SCTLR_WXN | SCTLR_EL0)

/* Attribute 0: Device-nGnRnE; 1: Normal, write-back, allocating. */
#define MAIR 0xff00

/* Both halves: 48 bits, walked write-back and inner shareable. */
#define TCR_T0SZ (16 << 0)
#define TCR_WALK0 (1 << 8 | 1 << 10 | 3 << 12)
#define TCR_T1SZ (16 << 16)
#define TCR_WALK1 (1 << 24 | 1 << 26 | 3 << 28)
#define TCR_TG1_4K (2 << 30)
#define TCR_IPS_SHIFT 32
#define TCR_AS_SHIFT 36
#define TCR_E0PD1_SHIFT 56
#define TCR_BOOT (TCR_T0SZ | TCR_WALK0 | TCR_T1SZ | TCR_WALK1 | TCR_TG1_4K)
#define PARANGE_48 5
#define ASID_16 2

#define MPIDR_AFFINITY 0xff00ffffff

#define FFA_ERROR 0x84000060
#define FFA_INVALID_PARAMETERS 0xfffffffe

/* The address of a symbol, right at whatever address we run. */
	.macro	address reg, symbol
	adrp	\reg, \symbol
	add	\reg, \reg, :lo12:\symbol
	.endm

	.section .boot, "ax"
	.global	image_entry
	.type	image_entry, %function
image_entry:
	mov	x20, x0
	bl	el2_open
	bl	choose_sctlr

	/*
	 * What C writes with the MMU off goes past the caches: lines that somebody has left there
	 * must not fall out on top of it, and lines read ahead must not hide it afterwards.
	 */
	address	x0, boot_area_start
	address	x1, boot_area_end
	bl	cache_discard
	address	x0, boot_area_start
	address	x1, boot_tables_end
	bl	clear
	address	x0, boot_stack_top
	mov	sp, x0
	mov	x0, x21
	bl	boot_tables_make
	address	x0, boot_area_start
	address	x1, boot_area_end
	bl	cache_discard
	adrp	x22, image_start
	bl	mmu_on

	address	x0, bss_start
	address	x1, bss_end
	bl	clear
	address	x0, image_pa
	str	x22, [x0]
	address	x0, boot_stack_top
	mov	sp, x0
	mov	x29, #0
	mov	x0, x20
	b	spmc_primary

	/* While VBAR_EL2 is here: x18 says where to go on when EL3 refuses an access. */
	.org	image_entry + 0x200
early_sync:
	cbz	x18, .
	msr	ELR_EL2, x18
	mov	x18, #0
	eret
	dsb	nsh
	isb
	.org	image_entry + 0x280		/* IRQ */
	b	.
	.org	image_entry + 0x300		/* FIQ */
	b	.
	.org	image_entry + 0x380		/* SError */
	b	.
	.org	image_entry + 0x400

	.global	secondary_entry
	.type	secondary_entry, %function
secondary_entry:
	bl	el2_open
	bl	choose_sctlr
	bl	mmu_on

	mrs	x0, MPIDR_EL1
	ldr	x1, =MPIDR_AFFINITY
	and	x0, x0, x1
	address	x1, secondaries
	ldp	x2, x3, [x1]			/* first, count */
	ldr	x7, [x1, #16]			/* stride */
1:	cbz	x3, 2f
	sub	x3, x3, #1
	ldp	x4, x5, [x2]			/* MPIDR, stack */
	ldr	x6, [x2, #16]			/* struct arch_cpu */
	add	x2, x2, x7
	cmp	x4, x0
	b.ne	1b
	mov	sp, x5
	msr	TPIDR_EL2, x6
	mov	x29, #0
	mov	x0, x6
	b	spmc_secondary

	/* Not a CPU of the manifest. */
2:	ldr	x0, =FFA_ERROR
	mov	x1, #0
	ldr	x2, =FFA_INVALID_PARAMETERS
	mov	x3, #0
	mov	x4, #0
	mov	x5, #0
	mov	x6, #0
	mov	x7, #0
	smc	#0
3:	wfe
	b	3b

/* EL2 with nothing trapped, VHE on, the MMU off, and a vector to fall on. */
el2_open:
	msr	SPSel, #1
	msr	DAIFSet, #0xf
	adrp	x0, image_start
	msr	VBAR_EL2, x0
	ldr	x0, =SCTLR_RES1
	msr	SCTLR_EL2, x0
	mov	x18, #0
	isb
	ldr	x0, =HCR_HOST
	msr	HCR_EL2, x0
	isb
	ldr	x0, =CPTR_HOST			/* its layout is HCR_EL2.E2H's */
	msr	CPTR_EL2, x0
	msr	TPIDR_EL2, xzr
	isb
	ret

/*
 * x19 = SCTLR_EL2 with what this CPU has, x21 = whether it has BTI. PAuth is on only if EL3 lets
 * us have the keys. This CPU keeps the key: it is as good as the CPU's random numbers, and where it
 * has none only as good as nobody knows the counter at this moment (docs/state.md).
 */
choose_sctlr:
	ldr	x19, =SCTLR_ON
	mrs	x0, ID_AA64MMFR2_EL1
	ubfx	x0, x0, #12, #4			/* IESB */
	cmp	x0, #0
	cset	x0, ne
	orr	x19, x19, x0, lsl #SCTLR_IESB_SHIFT
	mrs	x0, ID_AA64PFR1_EL1
	and	x0, x0, #0xf			/* BT */
	cmp	x0, #0
	cset	x21, ne
	orr	x19, x19, x21, lsl #SCTLR_BT_SHIFT

	mrs	x0, ID_AA64ISAR1_EL1
	and	x0, x0, #0xff0			/* APA, API */
	mrs	x1, S3_0_C0_C6_2		/* ID_AA64ISAR2_EL1 */
	and	x1, x1, #0xf000			/* APA3 */
	orr	x0, x0, x1
	cbz	x0, 1f
	mrs	x0, CNTPCT_EL0
	ldr	x1, =0x9e3779b97f4a7c15
	madd	x2, x0, x1, x1
	madd	x3, x2, x1, x0
	mrs	x4, ID_AA64ISAR0_EL1
	lsr	x4, x4, #60			/* RNDR */
	cbz	x4, 2f
	adr	x18, 2f
	mrs	x4, S3_3_C2_C4_0		/* RNDR: a number, or 0: none just now */
	eor	x2, x2, x4
	mrs	x4, S3_3_C2_C4_0
	eor	x3, x3, x4
2:	adr	x18, 1f
	msr	APIAKeyLo_EL1, x2
	msr	APIAKeyHi_EL1, x3
	mov	x18, #0
	ldr	x0, =(SCTLR_ENIA | SCTLR_ENIB | SCTLR_ENDA | SCTLR_ENDB)
	orr	x19, x19, x0			/* we use the first; the others are for S-EL0 */
1:	ret

/* Takes [x0, x1) out of the data caches, to the point of coherency, as it is in memory. */
cache_discard:
	mrs	x2, CTR_EL0
	ubfx	x2, x2, #16, #4			/* DminLine: log2 of words */
	mov	x3, #4
	lsl	x2, x3, x2
	dmb	sy
1:	dc	ivac, x0
	add	x0, x0, x2
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ret

/* Zeroes [x0, x1), both multiples of 64. DC ZVA will not do: it faults while the MMU is off. */
clear:
	cmp	x0, x1
	b.hs	2f
1:	stp	xzr, xzr, [x0]
	stp	xzr, xzr, [x0, #16]
	stp	xzr, xzr, [x0, #32]
	stp	xzr, xzr, [x0, #48]
	add	x0, x0, #64
	cmp	x0, x1
	b.lo	1b
2:	ret

/* SCTLR_EL2 = x19; returns at the link address, with TTBR0_EL2 empty and the real vectors. */
mmu_on:
	mrs	x0, ID_AA64MMFR0_EL1
	ldr	x1, =TCR_BOOT
	and	x2, x0, #0xf			/* PARange */
	mov	x3, #PARANGE_48
	cmp	x2, x3
	csel	x2, x2, x3, lo
	orr	x1, x1, x2, lsl #TCR_IPS_SHIFT
	ubfx	x2, x0, #4, #4			/* ASIDBits */
	cmp	x2, #ASID_16
	cset	x2, eq
	orr	x1, x1, x2, lsl #TCR_AS_SHIFT
	mrs	x0, ID_AA64MMFR2_EL1
	ubfx	x2, x0, #60, #4			/* E0PD: EL0 sees nothing of TTBR1_EL2's half */
	cmp	x2, #0
	cset	x2, ne
	orr	x1, x1, x2, lsl #TCR_E0PD1_SHIFT
	msr	TCR_EL2, x1
	ldr	x2, =MAIR
	msr	MAIR_EL2, x2
	address	x2, boot_identity
	msr	TTBR0_EL2, x2
	address	x2, stage1_root
	msr	TTBR1_EL2, x2
	isb
	tlbi	alle1
	tlbi	alle2
	ic	iallu
	dsb	nsh
	isb

	adrp	x2, image_start
	ldr	x3, =image_start
	sub	x3, x3, x2			/* from where we are to where we are linked */
	add	x30, x30, x3
	adr	x2, 1f
	add	x2, x2, x3
	msr	SCTLR_EL2, x19
	isb
	ret	x2
1:	orr	x1, x1, #TCR_EPD0
	msr	TCR_EL2, x1
	isb
	msr	TTBR0_EL2, xzr
	address	x2, vectors
	msr	VBAR_EL2, x2
	tlbi	alle2
	dsb	nsh
	isb
	ret

	.ltorg
	.global	boot_end
boot_end:

/* arch_start(cpu, stack, entry): see arch/boot.h */
	.section .text.arch_start, "ax"
	.global	arch_start
	.type	arch_start, %function
arch_start:
	mov	sp, x1
	msr	TPIDR_EL2, x0
	isb
	mov	x29, #0
	mov	x30, #0
	mov	x16, x2				/* x16: a landing pad for calls will do */
	br	x16
