/* SPDX-License-Identifier: BSD-3-Clause */
#include "arch/vcpu.h"

#include <string.h>

#include "lib/print.h"

/* 256 bytes for each of Z0-Z31, 32 for P0-P15 and FFR: the longest vectors that there can be. */
#define NWD_BYTES (32 * 256 + 17 * 32)

/* What a register holds that nobody has loaded. */
#define LOST 0xDEADul

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
	memset(v->regs, 0, sizeof(v->regs));
	if (v->simd.regs != NULL) {
		memset(v->simd.regs, 0, ARCH_SIMD_SP_BYTES);
	}
	v->pc = pc;
	v->vmpidr = index;
	v->world = v->space != NULL && v->space->kind == SPACE_EL0 ? ARCH_SP_EL0 : ARCH_SP;
	v->resets++;
}

void arch_vcpu_init_nwd(struct arch_vcpu *v, void *simd)
{
	memset(simd, 0, arch_simd_nwd_bytes());
	v->simd.regs = simd;
	v->world = ARCH_NWD;
}

static void lose(struct arch_cpu *c)
{
	for (unsigned int i = 0; i < HOST_REGS; i++) {
		c->regs[i] = LOST;
	}
}

void arch_vcpu_save(struct arch_cpu *c, struct arch_vcpu *v)
{
	memcpy(v->regs, c->regs, sizeof(v->regs));
	lose(c);
}

void arch_world_enter(const struct arch_vcpu *v)
{
	ASSERT(v->world != ARCH_NWD);
	this_cpu->sp_ready = true;
}

void arch_vcpu_restore(struct arch_cpu *c, struct arch_vcpu *v)
{
	if (v->world == ARCH_NWD) {
		c->sp_ready = false;
	} else {
		ASSERT(c->sp_ready);
	}
	memcpy(c->regs, v->regs, sizeof(c->regs));
}

void arch_vcpu_lines(struct arch_cpu *c, const struct arch_vcpu *v, uint32_t lines)
{
	ASSERT(v->world != ARCH_NWD);
	c->virq = (lines & ARCH_LINE_IRQ) != 0;
	c->vfiq = (lines & ARCH_LINE_FIQ) != 0;
}

enum arch_conduit arch_exit_conduit(void)
{
	return this_cpu->conduit;
}

uint64_t arch_exit_syndrome(void)
{
	return this_cpu->syndrome;
}

bool arch_vcpu_timer_access(const struct arch_vcpu *v, struct arch_timer_access *a)
{
	ASSERT(v->world != ARCH_NWD);
	if (this_cpu->timer == NULL) {
		return false;
	}
	*a = *this_cpu->timer;
	return true;
}

/* What a read gets is in x0. */
void arch_vcpu_timer_done(struct arch_vcpu *v, uint64_t value)
{
	if (!this_cpu->timer->write) {
		v->x[0] = value;
	}
	this_cpu->timer = NULL;
}

struct arch_fault arch_vcpu_fault(const struct arch_vcpu *v)
{
	ASSERT(v->world != ARCH_NWD);
	return this_cpu->fault;
}

void arch_vcpu_inject_abort(struct arch_vcpu *v, const struct arch_fault *f)
{
	(void)f;
	ASSERT(v->world == ARCH_SP);
	this_cpu->aborts_injected++;
}

bool arch_vcpu_vector_dead(const struct arch_vcpu *v, const struct arch_fault *f)
{
	(void)f;
	ASSERT(v->world == ARCH_SP);
	return this_cpu->vector_dead;
}

void arch_el3_call(struct arch_cpu *c, struct arch_vcpu *live, uint64_t x[18])
{
	if (live != NULL) {
		arch_vcpu_save(c, live);
	}
	lose(c);
	memcpy(c->el3_x, x, sizeof(c->el3_x));
	c->el3_calls++;
	if (c->el3 != NULL) {
		c->el3(x);
	} else {
		x[0] = UINT64_MAX;
	}
	if (live != NULL) {
		arch_vcpu_restore(c, live);
	}
}
