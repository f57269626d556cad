/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The FP, SVE and SME registers of a CPU: filled at random, and compared with what they were.
 * Nothing else in this program uses them.
 */
#ifndef NWD_SIMD_H
#define NWD_SIMD_H

#include <stdbool.h>

enum simd_mode {
	SIMD_PLAIN, /* V or Z registers, P, FFR */
	SIMD_STREAMING, /* in streaming mode, and ZA */
	SIMD_MODE_COUNT,
};

void simd_init_cpu(void);
bool simd_has(enum simd_mode mode);
bool simd_is_streaming(void);
void simd_fill(enum simd_mode mode);
bool simd_check(const char *after, bool sve_was_live);

#endif
