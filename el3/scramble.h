/* SPDX-License-Identifier: BSD-3-Clause */
/* What scramble.S and vectors.S do for the hostile mode. */
#ifndef EL3_SCRAMBLE_H
#define EL3_SCRAMBLE_H

#include <stdbool.h>
#include <stdint.h>

/* Tries the instruction in regs_try_code[0] on x0 = x: its x0, and whether it was defined. */
uint64_t regs_try(uint64_t x, bool *defined);
extern uint32_t regs_try_code[2];

void regs_run(uint64_t *values, const uint32_t *code);

void simd_v_store(void *to);
void simd_v_load(const void *from);
void simd_z_store(void *to);
void simd_z_load(const void *from);
void simd_p_store(void *to);
void simd_p_load(const void *from);
void simd_ffr_store(void *to);
void simd_ffr_load(const void *from);
void simd_za_store(void *to);
void simd_za_load(const void *from);
void simd_zt0_store(void *to);
void simd_zt0_load(const void *from);

#endif
