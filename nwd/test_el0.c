/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A partition at S-EL0 that does all that it must not. Each attempt ends it, its caller gets
 * ABORTED, it starts again, and nobody else has noticed. What does not end it is what a partition
 * at S-EL0 may do: that has to be the list of docs/state.md.
 */
#include <stddef.h>

#include "cpu.h"
#include "gic.h"
#include "pend.h"
#include "print.h"
#include "test.h"
#include "tester.h"

#define ALL (ALL_TESTERS | NEED(SAMPLE_ROGUE_EL0))
#define OWN 0x0e900000ul /* where rogue-el0 is: boards/qemu-virt/spmc-el0.dts */
#define TEXT 0x4000u /* of its package */

/* The SPMC stops one that ends too often: five times in a row without having lived for a second. */
#define DEATHS_IN_A_ROW 4u
#define SECOND 1000000000u

static uint32_t deaths;

#define ASK(...) FFA_DIRECT(sp_id(SAMPLE_ROGUE_EL0), __VA_ARGS__)

static bool answers(const struct ffa_regs *r, uint64_t command)
{
	return r->x[0] == FFA_MSG_SEND_DIRECT_RESP_64 &&
	       r->x[1] == FFA_IDS(sp_id(SAMPLE_ROGUE_EL0), FFA_ID_NWD) && r->x[3] == command;
}

static bool survived(const struct ffa_regs *r, uint64_t command)
{
	return answers(r, command) && r->x[4] == ROGUE_SURVIVED;
}

/* It has started, and found all as it should be. p: answered beside. */
static bool has_started(struct ffa_regs *r)
{
	*r = ASK(ROGUE_EL0_STARTED);
	CHECK(survived(r, ROGUE_EL0_STARTED) && r->x[5] == 0, "rogue-el0, started: %s",
	      ffa_text(r));
	return true;
}

static void sleep(uint64_t ns)
{
	uint32_t before = cpu_interrupts(timer_intid());

	timer_start(ns);
	while (cpu_interrupts(timer_intid()) == before) {
		__asm__ volatile("wfi" ::: "memory");
	}
	timer_stop();
}

/* Lets it live for a while, now and then: see above. */
static void rest(void)
{
	if (++deaths % DEATHS_IN_A_ROW == 0) {
		sleep(SECOND + SECOND / 10);
	}
}

static bool dies(uint64_t command, uint64_t argument)
{
	struct ffa_regs r = ASK(command, argument);

	CHECK(ffa_is_error(&r, FFA_ABORTED), "rogue-el0, %lu of %#lx: %s", command, argument,
	      ffa_text(&r));
	rest();
	return has_started(&r);
}

static bool lives(uint64_t command, uint64_t argument)
{
	struct ffa_regs r = ASK(command, argument);

	CHECK(survived(&r, command), "rogue-el0, %lu of %#lx: %s", command, argument, ffa_text(&r));
	return true;
}

static bool el0_starts(void)
{
	struct ffa_regs r;

	return has_started(&r) && dies(ROGUE_EL0_END, 0) && testers_answer(3);
}

/* --- Addresses ------------------------------------------------------------------------------- */

static bool el0_touches(void)
{
	static const uint64_t
		places
			[] = {
				0x0000000000000000, /* flash; and the lowest address */
				0x0000000008000000, /* the GIC */
				0x0000000009040000, /* the secure console */
				0x000000000a002000, /* another partition's device */
				0x000000000e001000, /* what EL3 was told */
				0x000000000e010000, /* the SPMC's manifest */
				0x000000000e040000, /* EL3 */
				0x000000000e100000, /* the SPMC */
				0x000000000e1ff000, /* its working memory */
				0x000000000e300000, /* other partitions */
				0x000000000ea00000,
				0x0000000060000000, /* the normal world */
				ROGUE_EL0_PAGE + 0x1000,
				0x000000007f000000, /* nobody */
				0x0000000100000000, /* beyond memory */
				0x0000fffffffff000, /* the end of its half, and beyond */
				0x0001000000000000,
				0x0100000000000000 | OWN, /* its own, with a tag */
				0xfffeffffffffff00,
				0xffff000000000000, /* the SPMC's half: windows, image, end */
				0xffff00000e100000,
				0xffff00000e900000,
				0xffff400060000000,
				0xffff800000000000,
				0xffff800000010000,
				0xffffff8000000000,
				0xfffffffffffff000,
			};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		for (uint64_t command = ROGUE_READ; command <= ROGUE_EXECUTE; command++) {
			if (!dies(command, places[i])) {
				return false;
			}
		}
	}
	return testers_answer(3);
}

/* What of its own is not for everything. */
static bool el0_rights(void)
{
	return lives(ROGUE_READ, OWN) && dies(ROGUE_WRITE, OWN) && dies(ROGUE_EXECUTE, OWN) &&
	       lives(ROGUE_READ, OWN + TEXT) && dies(ROGUE_WRITE, OWN + TEXT) &&
	       lives(ROGUE_READ, ROGUE_EL0_PAGE) && dies(ROGUE_WRITE, ROGUE_EL0_PAGE) &&
	       dies(ROGUE_EXECUTE, ROGUE_EL0_PAGE) && testers_answer(3);
}

/* --- Instructions ---------------------------------------------------------------------------- */

#define MRS 0xd5200000u /* MRS, or SYSL, to x0 */
#define MSR 0xd5000000u /* MSR, or SYS, from x0 */
#define ENC(op0, op1, crn, crm, op2)                                                               \
	((uint32_t)(op0) << 19 | (op1) << 16 | (crn) << 12 | (crm) << 8 | (op2) << 5)
#define MSR_IMMEDIATE(op1, crm, op2) (0xd500401fu | (op1) << 16 | (crm) << 8 | (op2) << 5)

static bool any(const uint32_t *list, size_t count, uint32_t instruction)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i] == instruction) {
			return true;
		}
	}
	return false;
}

/* What a partition at S-EL0 may do of all that has an encoding of a system instruction. */
static bool is_allowed(uint32_t instruction)
{
	static const uint32_t read[] = {
		ENC(3, 3, 0, 0, 1), /* CTR_EL0 */
		ENC(3, 3, 0, 0, 7), /* DCZID_EL0 */
		ENC(3, 3, 14, 0, 0), /* CNTFRQ_EL0 */
		ENC(3, 3, 14, 0, 1), /* CNTPCT_EL0 */
		ENC(3, 3, 14, 0, 2), /* CNTVCT_EL0 */
		ENC(3, 3, 14, 0, 5), /* CNTPCTSS_EL0 */
		ENC(3, 3, 14, 0, 6), /* CNTVCTSS_EL0 */
		ENC(3, 3, 2, 4, 0), /* RNDR */
		ENC(3, 3, 2, 4, 1), /* RNDRRS */
		ENC(3, 3, 13, 0, 3), /* TPIDRRO_EL0 */
	};
	static const uint32_t both[] = {
		ENC(3, 3, 4, 2, 0), /* NZCV */
		ENC(3, 3, 4, 2, 5), /* DIT */
		ENC(3, 3, 4, 2, 6), /* SSBS */
		ENC(3, 3, 4, 2, 7), /* TCO: a bit of PSTATE without a use */
		ENC(3, 3, 4, 4, 0), /* FPCR */
		ENC(3, 3, 4, 4, 1), /* FPSR */
		ENC(3, 3, 13, 0, 2), /* TPIDR_EL0 */
		ENC(3, 3, 14, 2, 0), /* CNTP_TVAL_EL0: its own timer */
		ENC(3, 3, 14, 2, 1), /* CNTP_CTL_EL0 */
		ENC(3, 3, 14, 2, 2), /* CNTP_CVAL_EL0 */
	};
	static const uint32_t system[] = {
		ENC(1, 3, 7, 4, 1), /* DC ZVA */
		ENC(1, 3, 7, 4, 3), /* DC GVA, GZVA; and those below with allocation tags */
		ENC(1, 3, 7, 4, 4),  ENC(1, 3, 7, 10, 3), ENC(1, 3, 7, 10, 5), ENC(1, 3, 7, 12, 3),
		ENC(1, 3, 7, 12, 5), ENC(1, 3, 7, 13, 3), ENC(1, 3, 7, 13, 5), ENC(1, 3, 7, 14, 3),
		ENC(1, 3, 7, 14, 5), ENC(1, 3, 7, 5, 1), /* IC IVAU */
		ENC(1, 3, 7, 10, 1), /* DC CVAC */
		ENC(1, 3, 7, 11, 1), /* DC CVAU */
		ENC(1, 3, 7, 12, 1), /* DC CVAP */
		ENC(1, 3, 7, 13, 1), /* DC CVADP */
		ENC(1, 3, 7, 14, 1), /* DC CIVAC */
	};
	static const uint32_t flags[] = {
		MSR_IMMEDIATE(0, 0, 0), /* CFINV */
		MSR_IMMEDIATE(0, 0, 1), /* XAFLAG */
		MSR_IMMEDIATE(0, 0, 2), /* AXFLAG */
		MSR_IMMEDIATE(3, 0, 1), /* SSBS */
		MSR_IMMEDIATE(3, 0xf, 1), MSR_IMMEDIATE(3, 0, 2), /* DIT */
		MSR_IMMEDIATE(3, 0xf, 2), MSR_IMMEDIATE(3, 0, 4), /* TCO */
		MSR_IMMEDIATE(3, 0xf, 4),
	};
	uint32_t encoding = instruction & 0x1fffe0;

	if ((instruction & ~0x1fffe0u) == MRS) {
		return any(read, sizeof(read) / sizeof(read[0]), encoding) ||
		       any(both, sizeof(both) / sizeof(both[0]), encoding);
	}
	if ((instruction & ~0x1fffe0u) == MSR) {
		return any(both, sizeof(both) / sizeof(both[0]), encoding) ||
		       any(system, sizeof(system) / sizeof(system[0]), encoding);
	}
	return any(flags, sizeof(flags) / sizeof(flags[0]), instruction);
}

/*
 * MDCR_EL2.TPM denies these. QEMU (10.0) does not look at it when PMUSERENR_EL0, where the normal
 * world or EL3 may have left anything, opens them to EL0: seen with the hostile monitor.
 */
static bool model_lets(uint32_t instruction)
{
	static const uint32_t counters[] = {
		ENC(3, 3, 9, 12, 4), /* PMSWINC_EL0 */
		ENC(3, 3, 9, 12, 5), /* PMSELR_EL0 */
		ENC(3, 3, 9, 13, 0), /* PMCCNTR_EL0 */
		ENC(3, 3, 9, 13, 2), /* PMXEVCNTR_EL0 */
	};
	uint32_t encoding = instruction & 0x1fffe0;

	return any(counters, sizeof(counters) / sizeof(counters[0]), encoding) ||
	       (encoding & ~(uint32_t)(3 << 8 | 7 << 5)) == ENC(3, 3, 14, 8, 0); /* PMEVCNTRn_EL0 */
}

/* What it runs the next time that it has started. */
static void offer(uint32_t instruction)
{
	*(volatile uint32_t *)ROGUE_EL0_PAGE = instruction;
	dsb();
}

/*
 * It has started with `instruction` and runs it; `next` is for its next life, which begins here: a
 * partition cannot change what is code.
 */
static bool try(uint32_t instruction, uint32_t next, uint64_t scratch)
{
	struct ffa_regs r;

	offer(next);
	r = ASK(ROGUE_EL0_RUN, scratch);
	if (survived(&r, ROGUE_EL0_RUN)) {
		CHECK(is_allowed(instruction) || model_lets(instruction),
		      "rogue-el0 survives %#x, x0 = %#lx", instruction, r.x[5]);
		r = ASK(ROGUE_EL0_END);
	} else if (is_allowed(instruction)) {
		print_line("%#x is not there", instruction);
	}
	CHECK(ffa_is_error(&r, FFA_ABORTED), "rogue-el0, %#x: %s", instruction, ffa_text(&r));
	rest();
	return true;
}

/* All of them, in lives of its own each. */
static bool try_all(uint32_t (*instruction)(uint32_t i), uint32_t count)
{
	struct ffa_regs r;
	uint64_t scratch;

	offer(instruction(0));
	if (!dies(ROGUE_EL0_END, 0) || !has_started(&r)) {
		return false;
	}
	scratch = r.x[6];
	for (uint32_t i = 0; i < count; i++) {
		if (!try(instruction(i), instruction(i + 1 < count ? i + 1 : 0), scratch)) {
			return false;
		}
	}
	print_line("%u instructions", count);
	return has_started(&r) && testers_answer(3);
}

static uint32_t privileged(uint32_t i)
{
	static const uint32_t list[] = {
		0x00000000, /* UDF #0 */
		0xd4000002, /* HVC #0 */
		0xd4000003, /* SMC #0 */
		0xd4200000, /* BRK #0 */
		0xd4a00001, /* DCPS1 */
		0xd4a00002, /* DCPS2 */
		0xd4a00003, /* DCPS3 */
		0xd69f03e0, /* ERET */
		0xd69f0bff, /* ERETAA */
		0xd6bf03e0, /* DRPS */
		0xd53c1100, /* MRS X0, HCR_EL2 */
		0xd51c1100, /* MSR HCR_EL2, X0 */
		0xd53c2000, /* MRS X0, TTBR0_EL2 */
		0xd51c2000, /* MSR TTBR0_EL2, X0 */
		0xd5382000, /* MRS X0, TTBR0_EL1 */
		0xd5182000, /* MSR TTBR0_EL1, X0 */
		0xd51cc000, /* MSR VBAR_EL2, X0 */
		0xd51c1000, /* MSR SCTLR_EL2, X0 */
		0xd53e1100, /* MRS X0, SCR_EL3 */
		0xd538cca0, /* MRS X0, ICC_SRE_EL1 */
		0xd518cb60, /* MSR ICC_SGI1R_EL1-like */
		0xd5380000, /* MRS X0, MIDR_EL1 */
		0xd5384240, /* MRS X0, CurrentEL */
		0xd53bd0a0, /* MRS X0, TPIDR2_EL0 */
		0xd53b9c00, /* MRS X0, PMCR_EL0 */
		0xd53be320, /* MRS X0, CNTV_CTL_EL0 */
		0xd53b4220, /* MRS X0, DAIF */
		0xd5182100, /* MSR APIAKEYLO_EL1, X0 */
		0xd508871f, /* TLBI VMALLE1 */
		0xd50c871f, /* TLBI ALLE2 */
		0xd5087800, /* AT S1E1R, X0 */
		0xd50c7800, /* AT S1E2R, X0 */
		0xd508751f, /* IC IALLU */
		0xd5087640, /* DC ISW, X0 */
		0xd5087620, /* DC IVAC, X0 */
		0xd50b7380, /* CFP RCTX, X0 */
		0x04bf5020, /* RDVL X0, #1: SVE */
		0x04a0e3e0, /* CNTW X0 */
		0xd503477f, /* SMSTART */
		0x04bf5820, /* RDSVL X0, #1: SME */
	};

	return i == UINT32_MAX ? sizeof(list) / sizeof(list[0]) : list[i];
}

static bool el0_privileged(void)
{
	return try_all(privileged, privileged(UINT32_MAX));
}

/* Every MSR of an immediate: PSTATE. */
static uint32_t immediate(uint32_t i)
{
	return MSR_IMMEDIATE(i >> 3 & 7, (i >> 6 & 1) * 0xf, i & 7);
}

static bool el0_pstate(void)
{
	return try_all(immediate, 128);
}

/* Every system register and instruction that is EL0's (op1 = 3), to read and to write. */
static uint32_t of_el0(uint32_t i)
{
	uint32_t op0 = 1 + (i >> 1) % 3;
	uint32_t rest_ = (i >> 1) / 3;

	return ((i & 1) != 0 ? MRS : MSR) |
	       ENC(op0, 3u, rest_ >> 7 & 0xf, rest_ >> 3 & 0xf, rest_ & 7);
}

static bool el0_registers(void)
{
	return try_all(of_el0, 3 * 2 * 0x800);
}

/*
 * All others, each once, in an order in which the first so many are from everywhere: all of them
 * take long, so that they are for who asks (COUNT=86016).
 */
#define OTHERS (2u * 3 * 7 * 0x800)
#define STRIDE 53161u /* has no divisor in common with that */
#define SAMPLES 2000u

static uint32_t of_others(uint32_t i)
{
	uint32_t n = (uint32_t)((uint64_t)i * STRIDE % OTHERS);
	uint32_t place = n >> 1 & 0x7ff;
	uint32_t op0 = 1 + (n >> 12) % 3;
	uint32_t op1 = (n >> 12) / 3;

	return ((n & 1) != 0 ? MRS : MSR) |
	       ENC(op0, op1 < 3 ? op1 : op1 + 1, place >> 7 & 0xf, place >> 3 & 0xf, place & 7);
}

static bool el0_others(void)
{
	uint64_t count = test_count(SAMPLES);

	return try_all(of_others, count < OTHERS ? (uint32_t)count : OTHERS);
}

/* --- Calls ----------------------------------------------------------------------------------- */

static bool el0_calls(void)
{
	static const struct {
		uint64_t x[4];
		uint64_t x0, x2;
	} rows[] = {
		{ { FFA_MEM_PERM_GET_64, OWN }, FFA_ERROR_32, (uint32_t)FFA_DENIED },
		{ { FFA_MEM_PERM_SET_64, OWN, 1, FFA_PAGES_RO },
		  FFA_ERROR_32,
		  (uint32_t)FFA_DENIED },
		{ { FFA_SECONDARY_EP_REGISTER_64, OWN },
		  FFA_ERROR_32,
		  (uint32_t)FFA_NOT_SUPPORTED },
		{ { FFA_FEATURES_32, FFA_FEATURE_NPI }, FFA_ERROR_32, (uint32_t)FFA_NOT_SUPPORTED },
		{ { FFA_FEATURES_32, FFA_FEATURE_MEI }, FFA_ERROR_32, (uint32_t)FFA_NOT_SUPPORTED },
		{ { FFA_FEATURES_32, FFA_MEM_PERM_SET_64 }, FFA_SUCCESS_32, 0 },
		{ { FFA_FEATURES_32, FFA_MEM_PERM_GET_32 }, FFA_SUCCESS_32, 0 },
		{ { FFA_NORMAL_WORLD_RESUME_32 }, FFA_ERROR_32, (uint32_t)FFA_NOT_SUPPORTED },
		{ { 0x840000ff }, FFA_ERROR_32, (uint32_t)FFA_NOT_SUPPORTED },
		{ { 0x84000008 }, UINT64_MAX, 0 }, /* PSCI SYSTEM_OFF */
		{ { 0xff07 }, UINT64_MAX, 0 }, /* a paravirtual call that does not exist */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const uint64_t *x = rows[i].x;
		struct ffa_regs r = ASK(ROGUE_EL0_CALL, x[0], x[1], x[2], x[3]);

		CHECK(answers(&r, ROGUE_EL0_CALL) && r.x[4] == rows[i].x0 && r.x[6] == rows[i].x2,
		      "rogue-el0 calls %#lx: %s", x[0], ffa_text(&r));
	}
	return true;
}

/* --- State ----------------------------------------------------------------------------------- */

/* It yields with its registers full; others run, and it goes on, here or on the next CPU. */
static struct ffa_regs yielded;

static void keep_job(uint64_t seed)
{
	yielded = ASK(ROGUE_EL0_KEEP, seed);
	testers_ping(1);
}

static void resume_job(uint64_t seed)
{
	(void)seed;
	testers_ping(1);
	yielded = ffa_run(sp_id(SAMPLE_ROGUE_EL0), 0);
}

static bool el0_kept(void)
{
	for (uint32_t i = 0; i < 20; i++) {
		uint32_t cpu = i % CPU_COUNT;

		cpu_run(cpu, keep_job, random_next());
		CHECK(ffa_fid(&yielded) == FFA_YIELD_32, "rogue-el0 keeps: %s", ffa_text(&yielded));
		/* Whom it serves is on that CPU. */
		cpu_run(cpu, resume_job, 0);
		CHECK(survived(&yielded, ROGUE_EL0_KEEP) && yielded.x[5] == 0,
		      "rogue-el0 lost registers: %s", ffa_text(&yielded));
	}
	return !test_failed();
}

/* Computes in SIMD registers and with signed pointers, on all CPUs in turn, interrupted and not. */
#define ROUNDS 50000u
#define PAUSES 3u
#define TRIES_MAX 100u

static struct {
	struct ffa_regs answer;
	bool ticking; /* our timer interrupts it */
	uint32_t interrupted;
} computing;

static void compute_tick(void)
{
	if (computing.ticking) {
		timer_tick(SECOND / 5000, SECOND / 1000);
	}
}

/* Only the partition itself is to be interrupted, not those who are asked meanwhile. */
static void compute_job(uint64_t to)
{
	uint16_t id = sp_id(SAMPLE_COMPUTE_EL0);
	struct ffa_regs r;

	cpu_irq_on();
	compute_tick();
	r = FFA_DIRECT(id, COMPUTE_RUN, 2027, ROUNDS, PAUSES, to);
	while (ffa_fid(&r) == FFA_INTERRUPT_32 || ffa_fid(&r) == FFA_YIELD_32) {
		timer_stop();
		computing.interrupted += ffa_fid(&r) == FFA_INTERRUPT_32;
		testers_ping(1);
		compute_tick();
		r = ffa_run(id, 0);
	}
	timer_stop();
	computing.answer = r;
}

static bool el0_computes(void)
{
	const struct ffa_regs *r = &computing.answer;
	uint64_t checksum = 0;

	computing.interrupted = 0;
	for (uint32_t i = 0; i < 3 * CPU_COUNT || (computing.interrupted == 0 && i < TRIES_MAX);
	     i++) {
		uint16_t to = i % 2 == 0 ? 0 : tester_id(&testers[1]);

		computing.ticking = i >= CPU_COUNT;
		cpu_run(i % CPU_COUNT, compute_job, to);
		CHECK(r->x[0] == FFA_MSG_SEND_DIRECT_RESP_64 && r->x[3] == COMPUTE_RIGHT &&
			      (i == 0 || r->x[4] == checksum),
		      "compute-el0 on CPU %u: %s", i % CPU_COUNT, ffa_text(r));
		checksum = r->x[4];
	}
	CHECK(computing.interrupted > 0, "compute-el0 was never interrupted");
	return true;
}

/* --- Interrupts ------------------------------------------------------------------------------ */

/* While it waits: it is woken, told of the id, and has taken it by that. */
static bool el0_interrupted(void)
{
	struct ffa_regs r = ASK(ROGUE_EL0_ENABLE);

	CHECK(survived(&r, ROGUE_EL0_ENABLE) && r.x[5] == 1, "rogue-el0 enables: %s", ffa_text(&r));
	for (uint32_t i = 1; i <= 10; i++) {
		CHECK(pend(ROGUE_EL0_INTID, 0), "%u cannot be pended", ROGUE_EL0_INTID);
		pend_settle();
		r = ASK(ROGUE_EL0_INTERRUPTS);
		CHECK(survived(&r, ROGUE_EL0_INTERRUPTS) && r.x[5] == i &&
			      r.x[6] == ROGUE_EL0_INTID,
		      "rogue-el0 after interrupt %u: %s", i, ffa_text(&r));
	}
	return true;
}

/* Waits for so many of its interrupts; the last one has to be intid. */
static bool interrupts_are(uint64_t count, uint64_t intid)
{
	struct ffa_regs r;

	for (uint32_t i = 0; i < 100; i++) {
		r = ASK(ROGUE_EL0_INTERRUPTS);
		CHECK(survived(&r, ROGUE_EL0_INTERRUPTS), "rogue-el0: %s", ffa_text(&r));
		if (r.x[5] == count) {
			break;
		}
		sleep(SECOND / 1000);
	}
	CHECK(r.x[5] == count && r.x[6] == intid, "rogue-el0 has had %lu interrupts, last %lu",
	      r.x[5], r.x[6]);
	return true;
}

/* Its own timer, by CNTP_*_EL0, while it waits. */
static bool el0_timer(void)
{
	struct ffa_regs r = ASK(ROGUE_EL0_INTERRUPTS);
	uint64_t before = r.x[5];

	for (uint32_t i = 1; i <= 5; i++) {
		r = ASK(ROGUE_EL0_TIMER, SECOND / 200);
		CHECK(survived(&r, ROGUE_EL0_TIMER) && r.x[5] == 1, "rogue-el0 sets its timer: %s",
		      ffa_text(&r));
		r = ASK(ROGUE_EL0_INTERRUPTS);
		CHECK(r.x[5] == before + i - 1, "the timer of rogue-el0 is early");
		if (!interrupts_are(before + i, FFA_VINT_TIMER)) {
			return false;
		}
	}
	return true;
}

/*
 * It never comes back, and is interrupted all the same. The last test: nobody gets it out of there.
 */
static bool el0_loops(void)
{
	struct ffa_regs r;

	timer_tick(SECOND / 1000, SECOND / 500);
	r = ASK(ROGUE_EL0_LOOP);
	for (unsigned int i = 0; i < 10; i++) {
		timer_stop();
		CHECK(ffa_is_context(&r, FFA_INTERRUPT_32, FFA_CTX(sp_id(SAMPLE_ROGUE_EL0), 0)),
		      "loop: %s", ffa_text(&r));
		if (!testers_answer(3)) {
			return false;
		}
		timer_tick(SECOND / 1000, SECOND / 500);
		r = ffa_run(sp_id(SAMPLE_ROGUE_EL0), 0);
	}
	timer_stop();
	return testers_answer(3);
}

const struct test el0_tests[] = {
	{ "el0.starts", el0_starts, ALL },
	{ "el0.calls", el0_calls, ALL },
	{ "el0.kept", el0_kept, ALL },
	{ "el0.computes", el0_computes, ALL | NEED(SAMPLE_COMPUTE_EL0) },
	{ "el0.interrupted", el0_interrupted, ALL | NEED_MONITOR },
	{ "el0.timer", el0_timer, ALL },
	{ "el0.touches", el0_touches, ALL },
	{ "el0.rights", el0_rights, ALL },
	{ "el0.privileged", el0_privileged, ALL },
	{ "el0.pstate", el0_pstate, ALL },
	{ "el0.registers", el0_registers, ALL },
	{ "el0.others", el0_others, ALL },
	{ "el0.loops", el0_loops, ALL },
	{ 0 },
};
