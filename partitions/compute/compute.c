/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A partition whose work lives in registers: SIMD lanes, rounding mode, signed pointers. It is
 * preempted and calls others in the middle, and then looks whether everything is still right.
 */
#include "sp/sp.h"

#include "bulkhead/samples.h"

#define LANES 4
#define VECTORS 6

typedef uint32_t lanes __attribute__((vector_size(16)));

void compute_call(struct ffa_regs *r, uint64_t v[32][2]);

#define FPCR_ROUND_TO_ZERO (3ul << 22)
#define SCTLR_EN_PAUTH (1ul << 31 | 1ul << 30 | 1ul << 27 | 1ul << 13) /* keys IA, IB, DA, DB */

static uint32_t lane_seed(uint64_t seed, unsigned int lane)
{
	return (uint32_t)((seed + lane) * 0x9E3779B1u) | 1u;
}

/* One round in SIMD lanes; the same in lane_round(). Multiplications keep all registers busy. */
static inline lanes simd_round(lanes x)
{
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x * 0x2C1B3C6Du + 0x297A2D39u;
}

static inline uint32_t lane_round(uint32_t x)
{
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x * 0x2C1B3C6Du + 0x297A2D39u;
}

static uint64_t fpcr_swap(uint64_t fpcr)
{
	uint64_t old;

	__asm__ volatile("mrs %0, fpcr\n\tmsr fpcr, %1" : "=&r"(old) : "r"(fpcr) : "memory");
	return old;
}

/* At S-EL0, where ID registers cannot be read: a hint signs, or does nothing. */
static bool hint_signs(void)
{
	register uint64_t x17 __asm__("x17") = (uintptr_t)&sp_ops;
	register uint64_t x16 __asm__("x16") = 0x5EA;

	__asm__("pacia1716" : "+r"(x17) : "r"(x16));
	return x17 != (uintptr_t)&sp_ops;
}

static bool has_pauth(void)
{
	uint64_t isar1;
	uint64_t isar2;

	if (SP_AT_EL0) {
		return hint_signs();
	}
	__asm__("mrs %0, id_aa64isar1_el1" : "=r"(isar1));
	__asm__("mrs %0, s3_0_c0_c6_2" : "=r"(isar2)); /* ID_AA64ISAR2_EL1 */
	return ((isar1 >> 4) & 0xFF) != 0 || ((isar2 >> 12) & 0xF) != 0;
}

struct signatures {
	uint64_t ia, ib, da, db;
};

/* The address of `what`, signed with four keys; unsigned where the CPU has no PAuth. */
static struct signatures sign(const void *what, uint64_t modifier)
{
	struct signatures s = { (uintptr_t)what, (uintptr_t)what, (uintptr_t)what,
				(uintptr_t)what };

	if (has_pauth()) {
		__asm__("pacia %0, %4\n\tpacib %1, %4\n\tpacda %2, %4\n\tpacdb %3, %4"
			: "+r"(s.ia), "+r"(s.ib), "+r"(s.da), "+r"(s.db)
			: "r"(modifier));
	}
	return s;
}

static bool signatures_hold(const struct signatures *s, const void *what, uint64_t modifier)
{
	struct signatures now = sign(what, modifier);

	return now.ia == s->ia && now.ib == s->ib && now.da == s->da && now.db == s->db;
}

/* Between two parts of the work: yields, or calls partition `to`, with all of V0-V31 in use. */
static bool leave(uint16_t to, uint64_t seed)
{
	struct ffa_regs r = { .x = { FFA_YIELD_32 } };
	uint64_t v[32][2] __attribute__((aligned(16)));
	bool same = true;

	for (unsigned int i = 0; i < 64; i++) {
		v[i / 2][i % 2] = seed * 0x9E3779B97F4A7C15ul + i;
	}
	if (to != 0) {
		r = (struct ffa_regs){ .x = { FFA_MSG_SEND_DIRECT_REQ_64, FFA_IDS(sp_id, to) } };
	}
	compute_call(&r, v);
	while (ffa_is(&r, FFA_INTERRUPT_32) || ffa_is(&r, FFA_YIELD_32)) {
		r = (struct ffa_regs){ .x = { FFA_RUN_32, r.x[1] } };
		compute_call(&r, v);
	}
	for (unsigned int i = 0; i < 64; i++) {
		same &= v[i / 2][i % 2] == seed * 0x9E3779B97F4A7C15ul + i;
	}
	return same;
}

/* All the work. Returns COMPUTE_BAD_*. */
static uint64_t compute(uint64_t seed, uint64_t rounds, uint64_t pauses, uint16_t to, uint64_t *sum)
{
	uint32_t expected[VECTORS * LANES];
	lanes x[VECTORS];
	struct signatures s = sign(&sp_ops, seed);
	uint64_t fpcr = fpcr_swap(FPCR_ROUND_TO_ZERO);
	uint64_t bad = 0;

	for (unsigned int i = 0; i < VECTORS * LANES; i++) {
		x[i / LANES][i % LANES] = lane_seed(seed, i);
		expected[i] = lane_seed(seed, i);
	}
	for (uint64_t part = 0; part <= pauses; part++) {
		/* In six registers of their own from here to the end of the loop. */
		lanes a = x[0], b = x[1], c = x[2], d = x[3], e = x[4], f = x[5];
		uint64_t n = rounds * (part + 1) / (pauses + 1) - rounds * part / (pauses + 1);

		for (uint64_t i = 0; i < n; i++) {
			a = simd_round(a);
			b = simd_round(b);
			c = simd_round(c);
			d = simd_round(d);
			e = simd_round(e);
			f = simd_round(f);
		}
		x[0] = a, x[1] = b, x[2] = c, x[3] = d, x[4] = e, x[5] = f;
		if (part < pauses && !leave(to, seed + part)) {
			bad |= COMPUTE_BAD_SIMD;
		}
	}
	*sum = 0;
	for (unsigned int i = 0; i < VECTORS * LANES; i++) {
		for (uint64_t k = 0; k < rounds; k++) {
			expected[i] = lane_round(expected[i]);
		}
		if (x[i / LANES][i % LANES] != expected[i]) {
			bad |= COMPUTE_BAD_SUM;
		}
		*sum = *sum * 31 + expected[i];
	}
	if (fpcr_swap(fpcr) != FPCR_ROUND_TO_ZERO) {
		bad |= COMPUTE_BAD_FPCR;
	}
	if (!signatures_hold(&s, &sp_ops, seed)) {
		bad |= COMPUTE_BAD_PAUTH;
	}
	return bad;
}

/* Every vCPU of every partition signs with keys of its own. At S-EL0 the SPMC has chosen them. */
static void open_simd(const struct sp_vcpu *v)
{
	uint64_t key = ((uint64_t)sp_id << 16 | v->index) * 0x9E3779B97F4A7C15ul;

	/* CPACR_EL1: FP and SIMD for EL1. */
	__asm__ volatile("msr cpacr_el1, %0\n\tisb" ::"r"(3ul << 20));
	if (has_pauth()) {
		uint64_t sctlr;

		__asm__ volatile("msr apiakeylo_el1, %0\n\tmsr apiakeyhi_el1, %1\n\t"
				 "msr apibkeylo_el1, %1\n\tmsr apibkeyhi_el1, %0\n\t"
				 "msr apdakeylo_el1, %0\n\tmsr apdakeyhi_el1, %0\n\t"
				 "msr apdbkeylo_el1, %1\n\tmsr apdbkeyhi_el1, %1" ::"r"(key),
				 "r"(~key));
		__asm__ volatile("mrs %0, sctlr_el1\n\torr %0, %0, %1\n\tmsr sctlr_el1, %0\n\tisb"
				 : "=&r"(sctlr)
				 : "r"(SCTLR_EN_PAUTH)
				 : "memory");
	}
}

static void compute_init(const struct sp_vcpu *v)
{
	if (!SP_AT_EL0) {
		open_simd(v);
	}
	if (v->index == 0) {
		sp_print("id %#x, ready, %s\n", sp_id,
			 has_pauth() ? "with PAuth" : "without PAuth");
	}
}

static void compute_direct_req(uint16_t from, uint64_t p[5])
{
	uint64_t sum = 0;
	uint64_t bad;

	(void)from;
	if (p[0] != COMPUTE_RUN) {
		p[0] = COMPUTE_WRONG;
		return;
	}
	bad = compute(p[1], p[2] != 0 ? p[2] : COMPUTE_ROUNDS_DEFAULT, p[3], (uint16_t)p[4], &sum);
	p[0] = bad == 0 ? COMPUTE_RIGHT : COMPUTE_WRONG;
	p[1] = sum;
	p[2] = bad;
	p[3] = sp_vcpu_index();
	p[4] = 0;
}

const struct sp_ops sp_ops = {
	.init = compute_init,
	.direct_req = compute_direct_req,
	.mmu = true,
};
