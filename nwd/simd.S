/* SPDX-License-Identifier: BSD-3-Clause */
/* Bulk moves of FP, SVE and SME registers; x0 = memory. */
	.arch	armv8.5-a+sve+sme

.macro function name
	.global \name
	.type \name, %function
\name:
.endm

.macro each_of_32 op, reg
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	\op	\reg\n, [x0, #\n, mul vl]
	.endr
	.irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\op	\reg\n, [x0, #\n, mul vl]
	.endr
.endm

.macro each_of_16 op, reg
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	\op	\reg\n, [x0, #\n, mul vl]
	.endr
.endm

.macro each_v op
	\op	q0, q1, [x0, #0]
	\op	q2, q3, [x0, #32]
	\op	q4, q5, [x0, #64]
	\op	q6, q7, [x0, #96]
	\op	q8, q9, [x0, #128]
	\op	q10, q11, [x0, #160]
	\op	q12, q13, [x0, #192]
	\op	q14, q15, [x0, #224]
	\op	q16, q17, [x0, #256]
	\op	q18, q19, [x0, #288]
	\op	q20, q21, [x0, #320]
	\op	q22, q23, [x0, #352]
	\op	q24, q25, [x0, #384]
	\op	q26, q27, [x0, #416]
	\op	q28, q29, [x0, #448]
	\op	q30, q31, [x0, #480]
.endm

	.text
function simd_load_v
	each_v	ldp
	ret

function simd_store_v
	each_v	stp
	ret

function simd_load_z
	each_of_32 ldr, z
	ret

function simd_store_z
	each_of_32 str, z
	ret

function simd_load_p
	each_of_16 ldr, p
	ret

function simd_store_p
	each_of_16 str, p
	ret

/* Takes p0 for it, like the next one. */
function simd_load_ffr
	ldr	p0, [x0]
	wrffr	p0.b
	ret

function simd_store_ffr
	rdffr	p0.b
	str	p0, [x0]
	ret

/* In streaming mode, so that a row is as long as a Z register. */
.macro each_za_row op
	rdvl	x1, #1
	mov	x12, xzr
1:	\op	za[w12, 0], [x0]
	add	x0, x0, x1
	add	x12, x12, #1
	cmp	x12, x1
	b.lo	1b
	ret
.endm

function simd_load_za
	each_za_row ldr

function simd_store_za
	each_za_row str

function simd_streaming_on
	smstart
	ret

function simd_streaming_off
	smstop
	ret

/* Bytes of a Z register as it is now. */
function simd_vector_length
	rdvl	x0, #1
	ret
