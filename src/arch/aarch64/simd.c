/* SPDX-License-Identifier: BSD-3-Clause */
#include "simd.h"

#include <string.h>

#include "arch/features.h"
#include "arch/sysreg.h"

#define SVCR_SM 1ul
/* SMCCC 1.3: no SVE state is live. Part of the function id, which is in x0 until it is answered. */
#define FID_SVE_HINT (1ul << 16)
#define VECTORS 32
#define PREDICATES 16
#define V_BYTES (VECTORS * 16)

size_t arch_simd_nwd_bytes(void)
{
	size_t sve = (size_t)cpu_features.sve_bytes;

	/* Z0-Z31, then P0-P15 and FFR with a bit for each byte of a vector. */
	return sve == 0 ? V_BYTES : VECTORS * sve + (PREDICATES + 1) * (sve / 8);
}

void simd_reset(struct arch_simd *s)
{
	memset(s->regs, 0, V_BYTES);
}

/*
 * Enters or leaves streaming mode, which clears Z, P and FFR; ZA stays. Whatever EL3 had in between
 * may have left it on.
 */
static void set_streaming(uint64_t sm)
{
	uint64_t mode;

	if (!cpu_features.sme) {
		return;
	}
	mode = simd_mode();
	if (((mode ^ sm) & SVCR_SM) != 0) {
		simd_set_mode((mode & ~SVCR_SM) | sm);
	}
}

static void save_v(struct arch_simd *s)
{
	simd_save_v(s->regs, s->controls);
	s->sve = false;
}

static void load_v(const struct arch_simd *s)
{
	set_streaming(0);
	simd_load_v(s->regs, s->controls);
}

/*
 * Predicates follow the vectors at the length that is current. FFR does not exist in streaming
 * mode (without FEAT_SME_FA64, and is not kept over a change of mode with it).
 */
static uint8_t *predicates(const struct arch_simd *s, uint64_t vector)
{
	return (uint8_t *)s->regs + VECTORS * vector;
}

static void *first_fault(const struct arch_simd *s, uint64_t vector)
{
	return (s->svcr & SVCR_SM) != 0 ? NULL : predicates(s, vector) + PREDICATES * vector / 8;
}

static void save_sve(struct arch_simd *s)
{
	uint64_t vector = simd_vector_bytes();

	simd_save_sve(s->regs, s->controls, predicates(s, vector), first_fault(s, vector));
	s->sve = true;
	if (cpu_features.fpmr) {
		s->fpmr = simd_fpmr();
	}
	set_streaming(0); /* an SP's SIMD does not exist in it */
}

static void load_sve(const struct arch_simd *s)
{
	uint64_t vector;

	set_streaming(s->svcr & SVCR_SM);
	if (cpu_features.fpmr) {
		simd_set_fpmr(s->fpmr);
	}
	vector = simd_vector_bytes();
	simd_load_sve(s->regs, s->controls, predicates(s, vector), first_fault(s, vector));
}

void simd_save(struct arch_cpu *c, struct arch_vcpu *v)
{
	struct arch_simd *s = &v->simd;

	if (v->world == ARCH_NWD) {
		s->svcr = cpu_features.sme ? simd_mode() : 0;
		if ((cpu_features.sve && (v->x[0] & FID_SVE_HINT) == 0) ||
		    (s->svcr & SVCR_SM) != 0) {
			save_sve(s);
			c->simd_owner = NULL;
		}
		return;
	}
	save_v(s);
	c->simd_owner = NULL;
}

void simd_restore_nwd(struct arch_cpu *c, struct arch_vcpu *v)
{
	sysreg_write(CPTR_EL2, CPTR_HOST);
	isb();
	if (c->simd_owner == v || !cpu_features.fp) {
		return;
	}
	if (v->simd.sve) {
		load_sve(&v->simd);
	} else {
		load_v(&v->simd);
	}
	c->simd_owner = v;
}

void simd_flush(struct arch_cpu *c)
{
	if (c->simd_owner != NULL) {
		save_v(&c->simd_owner->simd);
		c->simd_owner = NULL;
	}
}

void simd_take(struct arch_cpu *c, struct arch_vcpu *v)
{
	sysreg_write(CPTR_EL2, CPTR_HOST);
	isb();
	simd_flush(c);
	load_v(&v->simd);
	c->simd_owner = v;
	sysreg_write(CPTR_EL2, CPTR_SP_FP); /* the ERET synchronises it */
}
