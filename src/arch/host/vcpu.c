/* SPDX-License-Identifier: BSD-3-Clause */
#include "arch/vcpu.h"

#include <string.h>

/* 256 bytes for each of Z0-Z31, 32 for P0-P15 and FFR: the longest vectors that there can be. */
#define NWD_BYTES (32 * 256 + 17 * 32)

static _Thread_local struct arch_cpu *this_cpu;

void host_cpu_set(struct arch_cpu *c)
{
	this_cpu = c;
}

struct arch_cpu *arch_cpu_this(void)
{
	return this_cpu;
}

size_t arch_simd_nwd_bytes(void)
{
	return NWD_BYTES;
}

void arch_vcpu_reset(struct arch_vcpu *v, uint64_t pc, uint32_t index)
{
	memset(v->x, 0, sizeof(v->x));
	memset(v->simd.regs, 0, ARCH_SIMD_SP_BYTES);
	v->pc = pc;
	v->vmpidr = index;
	v->world = ARCH_SP;
}

void arch_vcpu_init_nwd(struct arch_vcpu *v, void *simd)
{
	memset(simd, 0, arch_simd_nwd_bytes());
	v->simd.regs = simd;
	v->world = ARCH_NWD;
}
