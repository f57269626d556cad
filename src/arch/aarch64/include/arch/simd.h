/* SPDX-License-Identifier: BSD-3-Clause */
/* FP, SIMD, SVE and streaming SVE state of a context in memory. */
#ifndef ARCH_SIMD_H
#define ARCH_SIMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arch_simd {
	/* ARCH_SIMD_SP_BYTES or arch_simd_nwd_bytes(), 16-byte aligned: Z or V, then P and FFR. */
	void *regs;
	uint64_t controls[2]; /* FPCR, FPSR */
	uint64_t fpmr; /* with streaming mode: a change of mode clears it */
	uint64_t svcr; /* SVCR.SM as it was; ZA stays where it is */
	bool sve; /* regs holds Z, P, FFR at the length that was current */
};

/* Bytes that regs needs: V0-V31 for an SP, the longest Z, P, FFR of this system for the NWd. */
#define ARCH_SIMD_SP_BYTES 512
size_t arch_simd_nwd_bytes(void);

#endif
