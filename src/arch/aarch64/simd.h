/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who has the FP/SIMD registers. The SPMC itself never uses them, so they are moved only when
 * somebody else needs them: cpu->simd_owner is the context whose state they hold.
 */
#ifndef AARCH64_SIMD_H
#define AARCH64_SIMD_H

#include "arch/vcpu.h"

/* A fresh SP: all zero. */
void simd_reset(struct arch_simd *s);

/*
 * v, the owner of the registers, leaves this CPU. An SP's go to memory. The normal world's go
 * to memory now if more than V0-V31 is live in them, because closing the SVE and SME traps for
 * an SP may clear the rest; else they stay until an SP asks for the registers.
 */
void simd_save(struct arch_cpu *c, struct arch_vcpu *v);

/* The normal world comes back: opens all traps, and loads what an SP or a trap has displaced. */
void simd_restore_nwd(struct arch_cpu *c, struct arch_vcpu *v);

/* The SP v, current on this CPU, has used an FP instruction: the registers become its own. */
void simd_take(struct arch_cpu *c, struct arch_vcpu *v);

/* Puts into memory whatever is live. */
void simd_flush(struct arch_cpu *c);

/* --- simd.S ---------------------------------------------------------------------------------- */

void simd_save_v(void *v, uint64_t controls[2]);
void simd_load_v(const void *v, const uint64_t controls[2]);
void simd_save_sve(void *z, uint64_t controls[2], void *p, void *ffr);
void simd_load_sve(const void *z, const uint64_t controls[2], const void *p, const void *ffr);
uint64_t simd_present(void);
uint64_t simd_fpmr_present(void);
uint64_t simd_vector_bytes(void);
uint64_t simd_streaming_bytes(void);
uint64_t simd_mode(void);
void simd_set_mode(uint64_t svcr);
uint64_t simd_fpmr(void);
void simd_set_fpmr(uint64_t fpmr);

#endif
