/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Every function id in both widths, from every kind of caller, of every version, in every runtime
 * model: what comes out is stated here once more, not read from the table that decides it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#include "bulkhead/hyp.h"
#include "ffa/call.h"

/* Callers. What they are called from is CPU 0. */
enum kind { K_NWD, K_MP, K_UP, K_EL0, KINDS };
static const char *const kind_names[KINDS] = { "normal world", "MP SP", "UP SP", "S-EL0 SP" };
static const enum which sp_of_kind[KINDS] = { [K_MP] = MP_A, [K_UP] = UP_A, [K_EL0] = UP_A };

#define W32 1u
#define W64 2u

/*
 * What happens when x1-x7 are all zero. One letter for each runtime model: none (the normal world),
 * INIT, RUN, DIRECT_REQ, SEC_INTERRUPT.
 *   S success   N not supported   I invalid parameters   D denied   B busy
 *   O no data   6 success in 64 bits
 *   L the caller leaves: somebody else runs   V -1 in w0   R FFA_NORMAL_WORLD_RESUME
 */
struct rule {
	uint32_t num;
	unsigned int widths;
	unsigned int since; /* FF-A 1.x */
	const char *nwd_and_sp;
};

static const struct rule rules[] = {
	{ 0x60, W32, 0, "NNDDD" }, /* ERROR: an SP whose initialisation fails, with ABORTED in w2 */
	{ 0x62, W32, 0, "RDDDD" }, /* INTERRUPT: only the SPMD brings it */
	{ 0x63, W32, 0, "VVVVV" }, /* VERSION 0.0 */
	{ 0x64, W32, 0, "NNNNN" }, /* FEATURES of feature 0 */
	{ 0x65, W32, 0, "DDDDD" }, /* RX_RELEASE of a buffer that is not full */
	{ 0x66, W32 | W64, 0, "IIIII" }, /* RXTX_MAP of no pages */
	{ 0x67, W32, 0, "IIIII" }, /* RXTX_UNMAP of nothing */
	{ 0x68, W32, 0, "BBBBB" }, /* PARTITION_INFO_GET without RX */
	{ 0x69, W32, 0, "SSSSS" }, /* ID_GET */
	{ 0x6B, W32, 0, "NLLDL" }, /* MSG_WAIT */
	{ 0x6C, W32, 0, "NDLLS" }, /* YIELD */
	{ 0x6D, W32, 0, "DDDDD" }, /* RUN of the normal world */
	{ 0x6F, W32 | W64, 0, "IIIII" }, /* DIRECT_REQ from 0 to 0 */
	{ 0x70, W32 | W64, 0, "NIIII" }, /* DIRECT_RESP from 0 to 0 */
	{ 0x71, W32 | W64, 0, "IIIII" }, /* MEM_DONATE without TX; so all to RELINQUISH */
	{ 0x72, W32 | W64, 0, "IIIII" }, /* MEM_LEND */
	{ 0x73, W32 | W64, 0, "IIIII" }, /* MEM_SHARE */
	{ 0x74, W32 | W64, 0, "IIIII" }, /* MEM_RETRIEVE_REQ */
	{ 0x76, W32, 0, "IIIII" }, /* MEM_RELINQUISH */
	{ 0x77, W32, 0, "IIIII" }, /* MEM_RECLAIM of no handle; so the next two */
	{ 0x7A, W32, 0, "IIIII" }, /* MEM_FRAG_RX */
	{ 0x7B, W32, 0, "IIIII" }, /* MEM_FRAG_TX */
	{ 0x7D, W32, 1, "INNNN" }, /* NOTIFICATION_BITMAP_CREATE for no vCPUs */
	{ 0x7E, W32, 1, "DNNNN" }, /* NOTIFICATION_BITMAP_DESTROY of none */
	{ 0x7F, W32, 1, "IIIII" }, /* NOTIFICATION_BIND from 0 to 0 */
	{ 0x80, W32, 1, "IIIII" }, /* NOTIFICATION_UNBIND */
	{ 0x81, W32, 1, "IIIII" }, /* NOTIFICATION_SET */
	{ 0x82, W32, 1, "NIIII" }, /* NOTIFICATION_GET of 0, which may not be notified */
	{ 0x83, W32 | W64, 1, "ONNNN" }, /* NOTIFICATION_INFO_GET */
	{ 0x85, W32, 1, "SSSSS" }, /* SPM_ID_GET */
	{ 0x87, W32 | W64, 1, "NIDDD" }, /* SECONDARY_EP_REGISTER, outside of the SP's memory */
	{ 0x88, W32 | W64, 1, "NIDDD" }, /* MEM_PERM_GET of page 0 */
	{ 0x89, W32 | W64, 1, "NIDDD" }, /* MEM_PERM_SET of no pages */
	{ 0x8A, W32 | W64, 0, "NIIII" }, /* CONSOLE_LOG of nothing */
	{ 0x84, W32, 1, "INNNN" }, /* RX_ACQUIRE without RX */
	{ 0x86, W32, 1, "DDDDD" }, /* MSG_SEND2 without TX */
	{ 0x8B, W64, 2, "66666" }, /* PARTITION_INFO_GET_REGS of all */
	{ 0x8D, W64, 2, "IIIII" }, /* DIRECT_REQ2 from 0 to 0 */
	{ 0x8E, W64, 2, "NIIII" }, /* DIRECT_RESP2 from 0 to 0 */
	{ 0x90, W32 | W64, 2, "NLLLL" }, /* ABORT */
};

static char expected(uint32_t num, unsigned int width, enum kind kind, unsigned int minor,
		     enum runtime_model model)
{
	for (size_t i = 0; i < NUMBER_OF(rules); i++) {
		const struct rule *r = &rules[i];

		if (r->num != num || (r->widths & width) == 0 || r->since > minor) {
			continue;
		}
		if (num == 0x87 && kind != K_MP) {
			return 'N'; /* has no further vCPUs, or is not at S-EL1 */
		}
		if ((num == 0x88 || num == 0x89) && (kind == K_MP || kind == K_UP)) {
			return 'D'; /* has a stage 1 of its own */
		}
		if (num == 0x6C && model == RT_DIRECT_REQ && minor == 0) {
			return 'D'; /* FF-A 1.0 did not let a request's receiver yield */
		}
		return r->nwd_and_sp[model];
	}
	return 'N';
}

static bool came_out(const struct vcpu *v, const struct vcpu *next, char outcome)
{
	if (outcome == 'L') {
		return next != v;
	}
	if (next != v) {
		return false;
	}
	switch (outcome) {
	case 'S':
		return got(v, 0) == 0x84000061;
	case '6':
		return got(v, 0) == 0xC4000061;
	case 'N':
		return got_error(v, FFA_NOT_SUPPORTED);
	case 'I':
		return got_error(v, FFA_INVALID_PARAMETERS);
	case 'D':
		return got_error(v, FFA_DENIED);
	case 'B':
		return got_error(v, FFA_BUSY);
	case 'O':
		return got_error(v, FFA_NO_DATA);
	case 'V':
		return got_call(v, UINT32_MAX, 0, 0, 0);
	default:
		return got_call(v, 0x8400007C, 0, 0, 0);
	}
}

/* Boots a system where a caller of that kind and version runs on CPU 0 in that model. */
static struct vcpu *caller_in(enum kind kind, unsigned int minor, enum runtime_model model)
{
	enum which which = sp_of_kind[kind];

	system_create();
	if (kind == K_NWD) {
		system_boot();
		CALL(0, nwd(0), FFA_VERSION_32, FFA_VERSION(1, minor));
		assert_int_equal(got(nwd(0), 0), FFA_VERSION_1_2);
		return nwd(0);
	}
	sys.partitions[which].ffa_version = FFA_VERSION(1, minor);
	sys.partitions[which].el0 = kind == K_EL0;
	sys.partitions[which].methods |=
		FFA_PROP_DIRECT2_RECV | FFA_PROP_DIRECT2_SEND | FFA_PROP_INDIRECT;
	return system_boot_into(which, model);
}

static const enum runtime_model first_model[KINDS] = { RT_NONE, RT_INIT, RT_INIT, RT_INIT };
static const enum runtime_model last_model[KINDS] = { RT_NONE, RT_SEC_INTERRUPT, RT_SEC_INTERRUPT,
						      RT_SEC_INTERRUPT };

#define FOR_EACH_CALLER(kind, minor, model)                                                        \
	for (enum kind kind = 0; kind < KINDS; kind++)                                             \
		for (unsigned int minor = 0; minor <= 2; minor++)                                  \
			for (enum runtime_model model = first_model[kind];                         \
			     model <= last_model[kind]; model++)

/* Bits of x0 that say nothing about the function: the SVE hint, the upper half. */
static const uint64_t around[] = { 0, 0x10000, 0xFFFFFFFF00000000, 0x123456780001 << 16 };

static void test_every_function(void **state)
{
	(void)state;
	FOR_EACH_CALLER(kind, minor, model)
	{
		struct vcpu *v = caller_in(kind, minor, model);

		for (uint32_t i = 0; i < (0x100 - 0x60) * 2 * NUMBER_OF(around); i++) {
			uint32_t num = 0x60 + i / 2 / NUMBER_OF(around);
			bool wide = i / NUMBER_OF(around) % 2 != 0;
			uint64_t x0 = (wide ? 0xC4000000 : 0x84000000) | num |
				      around[i % NUMBER_OF(around)];
			char outcome = expected(num, wide ? W64 : W32, kind, minor, model);
			struct vcpu *next;

			snapshot_take();
			next = CALL(0, v, x0);
			if (!came_out(v, next, outcome)) {
				fail_msg("%#lx by %s 1.%u, %s: not %c but %#x %#x %#x", x0,
					 kind_names[kind], minor, runtime_model_name(model),
					 outcome, got(v, 0), got(v, 1), (int)got(v, 2));
			}
			if (outcome == 'L') {
				system_settle();
				v = caller_in(kind, minor, model);
			} else if (!snapshot_same(v)) {
				fail_msg("%#lx by %s 1.%u, %s: changes something", x0,
					 kind_names[kind], minor, runtime_model_name(model));
			}
		}
	}
}

/* Ids that are none of FF-A's: SMCCC's "unknown" for SPs, an FF-A answer for the SPMD. */
static void test_other_smcs(void **state)
{
	static const uint64_t other[] = {
		0,          0x84000000, 0x84000002, 0x8400005F, 0xC400005F, 0x8400015F, 0x84000160,
		0xC4000160, 0x80000000, 0xC0000001, 0x85000060, 0x86000060, 0x04000060, 0x44000060,
		0x84020060, 0x94000060, 0xFF03,     0xFFFFFFFF, 0xBF00FF01,
	};

	(void)state;
	FOR_EACH_CALLER(kind, minor, model)
	{
		struct vcpu *v = caller_in(kind, minor, model);

		for (size_t i = 0; i < NUMBER_OF(other); i++) {
			snapshot_take();
			assert_ptr_equal(CALL(0, v, other[i], 1, 2, 3, 4, 5, 6, 7), v);
			if (kind == K_NWD) {
				assert_true(got_error(v, FFA_NOT_SUPPORTED));
			} else {
				assert_int_equal(v->arch.x[0], UINT64_MAX);
				for (unsigned int r = 1; r < 8; r++) {
					assert_int_equal(v->arch.x[r], r);
				}
			}
			assert_true(snapshot_same(v));
			assert_int_equal(sys.cpus[0].arch.el3_calls, 0);
		}
	}
}

/* HVC and SVC reach FF-A as SMC does, and the paravirtual calls; what is unknown gets -1. */
static void test_conduits(void **state)
{
	(void)state;
	for (enum kind kind = K_MP; kind < KINDS; kind++) {
		struct vcpu *v = caller_in(kind, 2, RT_RUN);

		(void)hvc(0, v, FFA_ID_GET_32, 0, 0, 0);
		assert_true(got_success(v, v->partition->id, 0));
		(void)hvc(0, v, 0x840000FF, 0, 0, 0);
		assert_true(got_error(v, FFA_NOT_SUPPORTED));
		assert_int_equal(hvc(0, v, 0xFF07, 0, 0, 0), UINT64_MAX);
		assert_int_equal(hvc(0, v, 0x84000000, 0, 0, 0), UINT64_MAX);
		assert_int_equal(hvc(0, v, HYP_INTERRUPT_GET, 0, 0, 0), HYP_NO_INTERRUPT);
		/* Not by SMC, which S-EL0 does not have. */
		assert_ptr_equal(CALL(0, v, HYP_INTERRUPT_GET), v);
		assert_int_equal(v->arch.x[0], kind == K_EL0 ? HYP_NO_INTERRUPT : UINT64_MAX);
	}
}

/* --- smc_whitelist --------------------------------------------------------------------------- */

static void check_passed_on(struct vcpu *v, uint32_t fid, bool passed)
{
	const struct arch_cpu *c = &sys.cpus[0].arch;
	uint32_t calls = c->el3_calls;

	assert_ptr_equal(CALL(0, v, fid, 1, 2, 3, 4, 5, 6, 0x7777ABCD), v);
	assert_int_equal(v->arch.x[0], UINT64_MAX); /* what EL3 says here, too */
	assert_int_equal(c->el3_calls, calls + passed);
	if (passed) {
		assert_int_equal(c->el3_x[0], fid);
		assert_int_equal(c->el3_x[6], 6);
		assert_int_equal(c->el3_x[7], 0x77770000 | v->partition->id);
	}
}

static void test_whitelist(void **state)
{
	struct partition *p = &sys.partitions[MP_A];
	struct vcpu *v;

	(void)state;
	system_create();
	p->whitelist[0] = 0x82000001;
	p->whitelist[1] = 0xC2000010;
	p->whitelist_count = 2;
	v = system_boot_into(MP_A, RT_RUN);
	check_passed_on(v, 0x82000001, true);
	check_passed_on(v, 0xC2000010, true);
	check_passed_on(v, 0x82000002, false);
	check_passed_on(v, 0xC2000001, false);
	p->whitelist_permissive = true;
	check_passed_on(v, 0x82000002, true);
	p->whitelist_count = 0;
	check_passed_on(v, 0x82000001, true);
}

/* An FF-A function is ours, whatever a list says; EL3 never hears of it. */
static void test_whitelist_and_ffa(void **state)
{
	struct partition *p = &sys.partitions[MP_A];
	struct vcpu *v;

	(void)state;
	system_create();
	p->whitelist[0] = 0x8400007C;
	p->whitelist_count = 1;
	p->whitelist_permissive = true;
	v = system_boot_into(MP_A, RT_RUN);
	assert_ptr_equal(CALL(0, v, 0x8400007C), v);
	assert_true(got_error(v, FFA_NOT_SUPPORTED));
	assert_ptr_equal(CALL(0, v, 0xC40000FF), v);
	assert_true(got_error(v, FFA_NOT_SUPPORTED));
	assert_int_equal(sys.cpus[0].arch.el3_calls, 0);
}

/* --- Must be zero ---------------------------------------------------------------------------- */

/* One register at a time, one bit at a time; upper halves do not count. */
static void check_mbz(uint32_t fid, unsigned int minor, enum runtime_model model,
		      const uint32_t must_be_zero[8])
{
	for (unsigned int reg = 1; reg < 8; reg++) {
		for (unsigned int bit = 0; bit < 64; bit++) {
			struct vcpu *v = caller_in(K_MP, minor, model);
			uint64_t x[8] = { fid };
			struct vcpu *next;

			if (bit % 5 != 0 && bit != 1 && bit != 31 && bit != 32) {
				continue;
			}
			x[reg] = 1ul << bit;
			snapshot_take();
			next = call(0, v, x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]);
			if ((must_be_zero[reg] & x[reg]) != 0) {
				assert_ptr_equal(next, v);
				assert_true(got_error(v, FFA_INVALID_PARAMETERS));
				assert_true(snapshot_same(v));
			} else {
				assert_ptr_not_equal(next, v);
			}
		}
	}
}

static void test_mbz(void **state)
{
	const uint32_t all = UINT32_MAX;
	const uint32_t wait_1_2[8] = { 0, all, all & ~1u, all, all, all, all, all };
	const uint32_t wait_1_1[8] = { 0, all, all, all, all, all, all, all };
	const uint32_t yield[8] = { 0, 0, 0, 0, all, all, all, all };

	(void)state;
	check_mbz(FFA_MSG_WAIT_32, 2, RT_RUN, wait_1_2);
	check_mbz(FFA_MSG_WAIT_32, 1, RT_RUN, wait_1_1);
	check_mbz(FFA_YIELD_32, 2, RT_DIRECT_REQ, yield);
}

/* --- Versions -------------------------------------------------------------------------------- */

static void check_version(struct vcpu *v, uint32_t asked, bool agreed, uint32_t recorded)
{
	assert_ptr_equal(CALL(0, v, FFA_VERSION_32, asked), v);
	assert_true(got_call(v, agreed ? FFA_VERSION_1_2 : UINT32_MAX, 0, 0, 0));
	assert_int_equal(v->endpoint->version, recorded);
}

static struct vcpu *unlocked(enum kind kind)
{
	struct vcpu *v = caller_in(kind, 2, kind == K_NWD ? RT_NONE : RT_RUN);

	v->endpoint->abi &= ~ENDPOINT_LOCKED;
	return v;
}

static void test_version(void **state)
{
	(void)state;
	for (enum kind kind = 0; kind < KINDS; kind++) {
		struct vcpu *v = unlocked(kind);

		check_version(v, FFA_VERSION_1_0, true, FFA_VERSION_1_0);
		check_version(v, FFA_VERSION_1_1, true, FFA_VERSION_1_1);
		check_version(v, FFA_VERSION_1_2, true, FFA_VERSION_1_2);
		/* A later minor gets ours, and ours is what both speak. */
		check_version(v, FFA_VERSION(1, 3), true, FFA_VERSION_1_2);
		check_version(v, FFA_VERSION(1, 0xFFFF), true, FFA_VERSION_1_2);
		check_version(v, FFA_VERSION_1_1, true, FFA_VERSION_1_1);
		check_version(v, FFA_VERSION(0, 9), false, FFA_VERSION_1_1);
		check_version(v, FFA_VERSION(2, 0), false, FFA_VERSION_1_1);
		check_version(v, 0x80000000u | FFA_VERSION_1_2, false, FFA_VERSION_1_1);
		check_version(v, 0, false, FFA_VERSION_1_1);
		/* After the first other call only what was agreed on is agreed to. */
		CALL(0, v, FFA_ID_GET_32);
		check_version(v, FFA_VERSION_1_1, true, FFA_VERSION_1_1);
		check_version(v, FFA_VERSION_1_0, false, FFA_VERSION_1_1);
		check_version(v, FFA_VERSION_1_2, false, FFA_VERSION_1_1);
		check_version(v, FFA_VERSION(1, 3), false, FFA_VERSION_1_1);
	}
}

/* Any call locks, good or not; those by which the SPMD speaks for itself do not. */
static void test_version_locks(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 0x31 * 2; i++) {
		uint32_t num = 0x60 + i / 2;
		struct vcpu *v = unlocked(K_NWD);
		bool locks = num != 0x63 && num != 0x62;

		CALL(0, v, 0x84000000 | num | (i & 1) << 30);
		assert_int_equal((v->endpoint->abi & ENDPOINT_LOCKED) != 0, locks);
	}
	for (uint32_t type = 0; type < 16; type++) {
		struct vcpu *v = unlocked(K_NWD);

		CALL(0, v, FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(FFA_ID_SPMD, FFA_ID_SPMC),
		     FFA_MSG_FRAMEWORK | type);
		assert_false(v->endpoint->abi & ENDPOINT_LOCKED);
	}
}

/* --- Names, for who reads traces -------------------------------------------------------------- */

static const char *const names[] = {
	"ERROR",
	"SUCCESS",
	"INTERRUPT",
	"VERSION",
	"FEATURES",
	"RX_RELEASE",
	"RXTX_MAP",
	"RXTX_UNMAP",
	"PARTITION_INFO_GET",
	"ID_GET",
	"MSG_POLL",
	"MSG_WAIT",
	"YIELD",
	"RUN",
	"MSG_SEND",
	"MSG_SEND_DIRECT_REQ",
	"MSG_SEND_DIRECT_RESP",
	"MEM_DONATE",
	"MEM_LEND",
	"MEM_SHARE",
	"MEM_RETRIEVE_REQ",
	"MEM_RETRIEVE_RESP",
	"MEM_RELINQUISH",
	"MEM_RECLAIM",
	"MEM_OP_PAUSE",
	"MEM_OP_RESUME",
	"MEM_FRAG_RX",
	"MEM_FRAG_TX",
	"NORMAL_WORLD_RESUME",
	"NOTIFICATION_BITMAP_CREATE",
	"NOTIFICATION_BITMAP_DESTROY",
	"NOTIFICATION_BIND",
	"NOTIFICATION_UNBIND",
	"NOTIFICATION_SET",
	"NOTIFICATION_GET",
	"NOTIFICATION_INFO_GET",
	"RX_ACQUIRE",
	"SPM_ID_GET",
	"MSG_SEND2",
	"SECONDARY_EP_REGISTER",
	"MEM_PERM_GET",
	"MEM_PERM_SET",
	"CONSOLE_LOG",
	"PARTITION_INFO_GET_REGS",
	"EL3_INTR_HANDLE",
	"MSG_SEND_DIRECT_REQ2",
	"MSG_SEND_DIRECT_RESP2",
	"NS_RES_INFO_GET",
	"ABORT",
};

static void test_names(void **state)
{
	(void)state;
	for (uint32_t num = 0x60; num < 0x60 + NUMBER_OF(names); num++) {
		assert_string_equal(ffa_row_of(0x84000000 | num)->name, names[num - 0x60]);
		assert_string_equal(ffa_row_of(0xC4000000 | num)->name, names[num - 0x60]);
	}
}

/* --- FFA_FEATURES ---------------------------------------------------------------------------- */

#define A_NWD (1u << K_NWD)
#define A_MP (1u << K_MP)
#define A_SP (A_MP | 1u << K_UP | 1u << K_EL0)
#define A_EL0 (1u << K_EL0)
#define A_EL1 (A_MP | 1u << K_UP)
#define A_ALL (A_NWD | A_SP)

/* Who is told of what; functions of later chapters are not there yet. */
static const struct {
	uint32_t num;
	unsigned int widths;
	unsigned int since;
	unsigned int who;
} features[] = {
	{ 0x60, W32, 0, A_ALL },       { 0x61, W32 | W64, 0, A_ALL }, { 0x62, W32, 0, A_ALL },
	{ 0x63, W32, 0, A_ALL },       { 0x64, W32, 0, A_ALL },       { 0x65, W32, 0, A_ALL },
	{ 0x66, W32 | W64, 0, A_ALL }, { 0x67, W32, 0, A_ALL },       { 0x68, W32, 0, A_ALL },
	{ 0x69, W32, 0, A_ALL },       { 0x6B, W32, 0, A_SP },        { 0x6C, W32, 0, A_SP },
	{ 0x6D, W32, 0, A_ALL },       { 0x6F, W32 | W64, 0, A_ALL }, { 0x70, W32 | W64, 0, A_ALL },
	{ 0x71, W32 | W64, 0, A_ALL }, { 0x72, W32 | W64, 0, A_ALL }, { 0x73, W32 | W64, 0, A_ALL },
	{ 0x74, W32 | W64, 0, A_ALL }, { 0x75, W32, 0, A_ALL },       { 0x76, W32, 0, A_ALL },
	{ 0x77, W32, 0, A_ALL },       { 0x7A, W32, 0, A_ALL },       { 0x7B, W32, 0, A_ALL },
	{ 0x7D, W32, 1, A_NWD },       { 0x7E, W32, 1, A_NWD },       { 0x7F, W32, 1, A_ALL },
	{ 0x80, W32, 1, A_ALL },       { 0x81, W32, 1, A_ALL },       { 0x82, W32, 1, A_ALL },
	{ 0x83, W32 | W64, 1, A_NWD }, { 0x84, W32, 1, A_NWD },       { 0x85, W32, 1, A_ALL },
	{ 0x86, W32, 1, A_ALL },       { 0x87, W32 | W64, 1, A_MP },  { 0x8A, W32 | W64, 0, A_SP },
	{ 0x88, W32 | W64, 1, A_EL0 }, { 0x89, W32 | W64, 1, A_EL0 }, { 0x8B, W64, 2, A_ALL },
	{ 0x8D, W64, 2, A_ALL },       { 0x8E, W64, 2, A_ALL },       { 0x90, W32 | W64, 2, A_SP },
};

/* Input w2: RETRIEVE_REQ is asked for as one asks who knows the NS bit. */
static uint32_t feature_input(uint32_t num)
{
	return num == 0x74 ? 2 : 0;
}

static uint32_t feature_w2(uint32_t num, enum kind kind, unsigned int minor)
{
	switch (num) {
	case 0x66:
		return minor >= 2 ? 16u << 16 : 0;
	case 0x74:
		return minor == 0 ? 0 : kind == K_NWD ? 6 : 2;
	default:
		return 0;
	}
}

static bool is_feature(uint32_t num, unsigned int width, enum kind kind, unsigned int minor)
{
	for (size_t i = 0; i < NUMBER_OF(features); i++) {
		if (features[i].num == num) {
			return (features[i].widths & width) != 0 && features[i].since <= minor &&
			       (features[i].who & (1u << kind)) != 0;
		}
	}
	return false;
}

static void test_features_of_functions(void **state)
{
	(void)state;
	FOR_EACH_CALLER(kind, minor, model)
	{
		struct vcpu *v = caller_in(kind, minor, model);

		for (uint32_t i = 0; i < 0x200; i++) {
			uint32_t num = i & 0xFF;
			bool wide = i > 0xFF;
			bool is = is_feature(num, wide ? W64 : W32, kind, minor);
			uint32_t w2 = feature_w2(num, kind, minor);

			snapshot_take();
			assert_ptr_equal(CALL(0, v, FFA_FEATURES_32,
					      (wide ? 0xC4000000 : 0x84000000) | num,
					      feature_input(num)),
					 v);
			if (is ? !got_success(v, w2, 0) : !got_error(v, FFA_NOT_SUPPORTED)) {
				fail_msg("FEATURES of %#x (%s) by %s 1.%u: %#x %#x %#x", num,
					 wide ? "64" : "32", kind_names[kind], minor, got(v, 0),
					 got(v, 2), got(v, 3));
			}
			assert_true(snapshot_same(v));
		}
	}
}

/* FEATURES says yes to a function that the dispatcher gives to that caller, and to no other. */
static void test_features_agree(void **state)
{
	(void)state;
	FOR_EACH_CALLER(kind, minor, model)
	{
		for (uint32_t num = 0x60; num < 0x100; num++) {
			for (unsigned int width = W32; width <= W64; width++) {
				bool can = false;

				if (num <= 0x61 || num == 0x70 || num == 0x75 || num == 0x8E ||
				    num == 0x64 || num == 0x82) {
					/* Answers; FEATURES of feature 0; GET without bitmap. */
					continue;
				}
				if ((num == 0x88 || num == 0x89) && kind != K_EL0) {
					continue; /* DENIED, and never there */
				}
				for (enum runtime_model m = first_model[kind];
				     m <= last_model[kind]; m++) {
					can |= expected(num, width, kind, minor, m) != 'N';
				}
				assert_int_equal(is_feature(num, width, kind, minor), can);
			}
		}
	}
}

/*
 * Who does not ask as one who knows the NS bit; the normal world need not, nor need callers of 1.0.
 */
static void test_features_of_retrieve(void **state)
{
	static const uint32_t inputs[] = { 0, 1, 2, 3, 4, 0xFFFFFFFD, 0xFFFFFFFF };

	(void)state;
	FOR_EACH_CALLER(kind, minor, model)
	{
		struct vcpu *v = caller_in(kind, minor, model);

		for (unsigned int i = 0; i < NUMBER_OF(inputs); i++) {
			bool yes = kind == K_NWD || minor == 0 || (inputs[i] & 2) != 0;

			CALL(0, v, FFA_FEATURES_32, FFA_MEM_RETRIEVE_REQ_32, inputs[i]);
			assert_true(yes ? got_success(v, feature_w2(0x74, kind, minor), 0)
					: got_error(v, FFA_NOT_SUPPORTED));
		}
	}
}

static void check_by_method(struct vcpu *v, uint32_t fid, uint32_t method)
{
	CALL(0, v, FFA_FEATURES_32, fid);
	assert_int_equal(got_success(v, 0, 0), (v->partition->methods & method) != 0);
}

static void test_features_by_method(void **state)
{
	static const uint32_t bits[] = { 0, 1, 9, 10, 2 };

	(void)state;
	for (unsigned int i = 0; i < 32; i++) {
		struct vcpu *v = caller_in(K_UP, 2, RT_RUN);

		v->partition->methods = 0;
		for (unsigned int b = 0; b < NUMBER_OF(bits); b++) {
			v->partition->methods |= (i >> b & 1) << bits[b];
		}
		for (uint32_t wide = 0; wide < 2; wide++) {
			check_by_method(v, 0x8400006F | wide << 30, FFA_PROP_DIRECT_SEND);
			check_by_method(v, 0x84000070 | wide << 30, FFA_PROP_DIRECT_RECV);
		}
		check_by_method(v, 0xC400008D, FFA_PROP_DIRECT2_SEND);
		check_by_method(v, 0xC400008E, FFA_PROP_DIRECT2_RECV);
		check_by_method(v, 0x84000086, FFA_PROP_INDIRECT);
	}
}

/* Interrupt ids: NPI and MEI are those of S-EL1, SRI is the normal world's. */
static uint32_t feature_intid(uint32_t id, enum kind kind, unsigned int minor)
{
	bool el1 = (A_EL1 & (1u << kind)) != 0;

	switch (id) {
	case 1:
		return el1 && minor >= 1 ? 5 : 0;
	case 2:
		return kind == K_NWD && minor >= 1 ? 8 : 0;
	case 3:
		return el1 ? 4 : 0;
	default:
		return 0;
	}
}

static void test_features_of_ids(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < KINDS * 3; i++) {
		enum kind kind = i / 3;
		unsigned int minor = i % 3;
		struct vcpu *v = caller_in(kind, minor, kind == K_NWD ? RT_NONE : RT_RUN);

		for (uint32_t id = 0; id < 0x400; id++) {
			uint32_t intid = feature_intid(id, kind, minor);

			CALL(0, v, FFA_FEATURES_32, id);
			assert_true(intid != 0 ? got_success(v, intid, 0)
					       : got_error(v, FFA_NOT_SUPPORTED));
			CALL(0, v, FFA_FEATURES_32, id, 1);
			assert_true(got_error(v, FFA_NOT_SUPPORTED));
		}
		for (unsigned int bit = 8; bit < 31; bit++) {
			CALL(0, v, FFA_FEATURES_32, 3 | 1u << bit);
			assert_true(got_error(v, FFA_NOT_SUPPORTED));
		}
		CALL(0, v, FFA_FEATURES_32, 0x80000003);
		assert_true(got_error(v, FFA_NOT_SUPPORTED));
		CALL(0, v, FFA_FEATURES_32, 0x8FFFFFFF);
		assert_true(got_error(v, FFA_NOT_SUPPORTED));
	}
}

/* --- Ids ------------------------------------------------------------------------------------- */

static void test_ids(void **state)
{
	(void)state;
	for (enum kind kind = 0; kind < KINDS; kind++) {
		struct vcpu *v = caller_in(kind, 2, kind == K_NWD ? RT_NONE : RT_RUN);
		uint16_t id = kind == K_NWD ? 0 : id_of(sp_of_kind[kind]);

		CALL(0, v, FFA_ID_GET_32, 1, 2, 3, 4, 5, 6, 7);
		assert_true(got_success(v, id, 0));
		CALL(0, v, FFA_SPM_ID_GET_32, 1, 2, 3, 4, 5, 6, 7);
		assert_true(got_success(v, 0x8000, 0));
	}
}

/* --- FFA_CONSOLE_LOG ------------------------------------------------------------------------- */

static void test_console_log_counts(void **state)
{
	(void)state;
	for (unsigned int minor = 0; minor <= 2; minor++) {
		struct vcpu *v = caller_in(K_UP, minor, RT_RUN);
		uint32_t max_64 = minor == 2 ? 128 : 48;

		for (uint64_t count = 0; count < 300; count++) {
			uint64_t x[18] = { FFA_CONSOLE_LOG_32, count };

			(void)call_18(0, v, x);
			assert_true(count == 0 || count > 24 ? got_error(v, FFA_INVALID_PARAMETERS)
							     : got_success(v, 0, 0));
			x[0] = FFA_CONSOLE_LOG_64;
			(void)call_18(0, v, x);
			assert_true(count == 0 || count > max_64
					    ? got_error(v, FFA_INVALID_PARAMETERS)
					    : got_success(v, 0, 0));
		}
		CALL(0, v, FFA_CONSOLE_LOG_64, 1ul << 32 | 1);
		assert_true(got_error(v, FFA_INVALID_PARAMETERS));
		CALL(0, v, FFA_CONSOLE_LOG_32, 1ul << 32 | 1);
		assert_true(got_success(v, 0, 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_function),
		cmocka_unit_test(test_other_smcs),
		cmocka_unit_test(test_conduits),
		cmocka_unit_test(test_whitelist),
		cmocka_unit_test(test_whitelist_and_ffa),
		cmocka_unit_test(test_mbz),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_version_locks),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_features_of_functions),
		cmocka_unit_test(test_features_agree),
		cmocka_unit_test(test_features_of_retrieve),
		cmocka_unit_test(test_features_by_method),
		cmocka_unit_test(test_features_of_ids),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_console_log_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
