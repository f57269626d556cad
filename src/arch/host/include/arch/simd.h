/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_SIMD_H
#define ARCH_SIMD_H

#include <stddef.h>

/* Registers are not moved on the host: only the memory for them is counted and given. */
struct arch_simd {
	void *regs;
};

#define ARCH_SIMD_SP_BYTES 512
size_t arch_simd_nwd_bytes(void);

#endif
