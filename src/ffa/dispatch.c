/* SPDX-License-Identifier: BSD-3-Clause */
/* From a function id to its handler: the checks that ffa_abi.def states come before each. */
#include "ffa/call.h"
#include "ffa/hypercall.h"
#include "lib/print.h"

#define W32 1u
#define W64 2u
#define V1_0 0
#define V1_1 1
#define V1_2 2
#define V1_3 3
#define NWD (1u << ENDPOINT_NWD)
#define SP1 (1u << ENDPOINT_SP_EL1)
#define SP0 (1u << ENDPOINT_SP_EL0)
#define M(model) (1u << (model))
#define M_INIT M(RT_INIT)
#define M_RUN M(RT_RUN)
#define M_DIRECT M(RT_DIRECT_REQ)
#define M_SINT M(RT_SEC_INTERRUPT)
#define ANY (M_INIT | M_RUN | M_DIRECT | M_SINT)
#define R1 (1u << 1)
#define R3 (1u << 3)
#define R4 (1u << 4)
#define R5 (1u << 5)
#define R6 (1u << 6)
#define R7 (1u << 7)

/* The bits of the versions of one kind that have a function; then of all kinds that may call it. */
#define OPEN_KIND(kind, from, since)                                                               \
	(((from) & (1u << (kind))) != 0 ? (0xFu & ~((1u << (since)) - 1)) << ((kind)*4) : 0)
#define OPEN(from, since)                                                                          \
	(OPEN_KIND(ENDPOINT_NWD, from, since) | OPEN_KIND(ENDPOINT_SP_EL1, from, since) |          \
	 OPEN_KIND(ENDPOINT_SP_EL0, from, since))

/* By these the SPMD brings the normal world's version, or an interrupt: not a call that locks. */
#define LOCKS(num)                                                                                 \
	((num) != (FFA_VERSION_32 & 0xFF) && (num) != (FFA_INTERRUPT_32 & 0xFF) &&                 \
	 (num) != (FFA_MSG_SEND_DIRECT_REQ_32 & 0xFF))

/* `none` in the handler column is no handler. */
#define ffa_none NULL

#define ROW(width, num, name_, widths, since, from, models_, mbz_, handler_, answer)               \
	[(num)-FFA_FID_NUM_FIRST] = {                                                              \
		.handler = ffa_##handler_,                                                         \
		.feature = feature_##answer,                                                       \
		.name = #name_,                                                                    \
		.open = ((widths) & (width)) != 0 ? OPEN(from, since) : 0,                         \
		.models = (models_) | M(RT_NONE), /* which only the normal world is in */          \
		.mbz = mbz_,                                                                       \
		.locks = LOCKS(num),                                                               \
	},

const struct ffa_row ffa_rows[2][FFA_ROWS] = {
	{
#define FFA_ABI(...) ROW(W32, __VA_ARGS__)
#include "ffa/ffa_abi.def"
#undef FFA_ABI
	},
	{
#define FFA_ABI(...) ROW(W64, __VA_ARGS__)
#include "ffa/ffa_abi.def"
#undef FFA_ABI
	},
};

/* Is it a function id of the range that SMCCC gives to FF-A, with or without the SVE hint? */
static bool is_ffa(uint32_t fid)
{
	return (fid & ~(FFA_FID_64BIT | FFA_FID_SVE_HINT | 0xFFu)) == FFA_FID_BASE_32 &&
	       (fid & 0xFF) >= FFA_FID_NUM_FIRST;
}

/* True if a register that must be zero is not: w1..w7 by their low halves (SMC32 and SMC64). */
static bool mbz_violated(const struct vcpu *v, uint8_t mbz)
{
	uint32_t bits = 0;

#pragma GCC unroll 7
	for (unsigned int reg = 1; reg < 8; reg++) {
		bits |= (mbz & (1u << reg)) != 0 ? vcpu_w(v, reg) : 0;
	}
	return bits != 0;
}

/*
 * An SMC of an SP, or an SVC at S-EL0, that is neither FF-A nor ours: to EL3 if the manifest's
 * smc_whitelist names it (x7[15:0] tells EL3 who asks), else "unknown" by SMCCC.
 */
static struct vcpu *other_smc(struct vcpu *v)
{
	const struct partition *p = v->partition;
	uint32_t fid = vcpu_w(v, 0);
	bool listed = false;

	for (uint32_t i = 0; i < p->whitelist_count; i++) {
		listed |= p->whitelist[i] == fid;
	}
	if (!listed && !p->whitelist_permissive) {
		v->arch.x[0] = (uint64_t)-1;
		return v;
	}
	if (!listed) {
		log_info("%s: SMC %#x is not in its smc_whitelist, passed on (permissive)", p->name,
			 fid);
	}
	v->arch.x[7] = (v->arch.x[7] & ~0xFFFFul) | p->id;
	arch_el3_call(&cpu_this()->arch, &v->arch, v->arch.x);
	return v;
}

/* Not a function of FF-A that exists. */
static __attribute__((noinline)) struct vcpu *other_call(struct vcpu *v)
{
	bool smc = vcpu_is_nwd(v) || arch_exit_conduit() == ARCH_SMC;

	if (!smc && hypercall(v)) {
		return v;
	}
	if (vcpu_is_nwd(v) || is_ffa(vcpu_w(v, 0))) {
		return answer_error(v, FFA_NOT_SUPPORTED);
	}
	if (arch_exit_conduit() != ARCH_HVC) {
		return other_smc(v); /* at S-EL0 there is only SVC */
	}
	v->arch.x[0] = (uint64_t)-1;
	return v;
}

/* A call by any conduit of an SP, or from the normal world. Returns who runs next. */
struct vcpu *ffa_call(struct cpu *c, struct vcpu *v)
{
	uint32_t fid = vcpu_w(v, 0) & ~FFA_FID_SVE_HINT;
	const struct ffa_row *row = ffa_row_of(fid);
	uint32_t abi;

	(void)c;
	if (row == NULL) {
		return other_call(v);
	}
	abi = endpoint_abi(v->endpoint);
	if ((abi & ENDPOINT_LOCKED) == 0 && row->locks) {
		endpoint_lock_version(v->endpoint);
	}
	if (row->handler == NULL || (row->open & abi) == 0) {
		return answer_error(v, FFA_NOT_SUPPORTED);
	}
	if (row->mbz != 0 && mbz_violated(v, row->mbz)) {
		return answer_error(v, FFA_INVALID_PARAMETERS);
	}
	if ((row->models & M(vcpu_model(v))) == 0) {
		return answer_error(v, FFA_DENIED);
	}
	return row->handler(v);
}
