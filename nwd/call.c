/* SPDX-License-Identifier: BSD-3-Clause */
#include "call.h"

#include "bulkhead/mon.h"
#include "cpu.h"
#include "ffa/mem.h"
#include "monitor.h"
#include "print.h"
#include "smc.h"
#include "test.h"

#define SMCCC_UNKNOWN (~0ull)

/* Functions whose arguments or results go beyond x7 (FF-A 1.2). */
static bool uses_x8_x17(uint32_t fid)
{
	switch (fid & ~FFA_FID_SVE_HINT) {
	case FFA_PARTITION_INFO_GET_REGS_64:
	case FFA_MSG_SEND_DIRECT_REQ2_64:
	case FFA_MSG_SEND_DIRECT_RESP2_64:
	case FFA_NOTIFICATION_INFO_GET_64:
	case FFA_CONSOLE_LOG_64:
	case FFA_SUCCESS_64:
		return true;
	default:
		return false;
	}
}

/*
 * Whether x8-x17 have to be what they were. TF-A 2.14 does not show them to the SPMC when the call
 * is one of 32 bits, but takes them from it when the answer is one of 64: nobody can keep them.
 */
static bool keeps_x8_x17(uint32_t fid, uint32_t answer)
{
	bool unseen = (monitor_mode() & MON_MODE_TFA_2_14) && !(fid & FFA_FID_64BIT) &&
		      (answer & FFA_FID_64BIT);

	return !unseen && !uses_x8_x17(fid) && !uses_x8_x17(answer);
}

struct ffa_regs ffa_call(struct ffa_regs in)
{
	struct smc_frame f;
	struct smc_frame before;
	struct ffa_regs out;
	uint32_t fid = (uint32_t)in.x[0];

	for (unsigned int i = 0; i < 31; i++) {
		f.x[i] = i < 18 && (i < 8 || uses_x8_x17(fid)) ? in.x[i] : random_next();
	}
	before = f;
	smc_call(&f);
	for (unsigned int i = 8; i < 31; i++) {
		if (f.x[i] != before.x[i] && (i >= 18 || keeps_x8_x17(fid, (uint32_t)f.x[0]))) {
			test_fail("FF-A call %#x changes x%u from %#lx to %#lx (x0 = %#lx)", fid, i,
				  before.x[i], f.x[i], f.x[0]);
		}
	}
	for (unsigned int i = 0; i < 18; i++) {
		out.x[i] = f.x[i];
	}
	return out;
}

static uint32_t our_version;

/* Before any other call: says which version we speak. False when nobody speaks it with us. */
bool ffa_greet(uint32_t version)
{
	struct ffa_regs r = FFA_CALL(FFA_VERSION_32, version);
	int32_t answer = (int32_t)r.x[0];

	our_version = version;
	if (answer < 0 || FFA_VERSION_MAJOR(answer) != FFA_VERSION_MAJOR(version)) {
		print_line("FFA_VERSION(%#x): %#x, so there is no SPMC", version, (uint32_t)answer);
		return false;
	}
	return true;
}

uint32_t ffa_our_version(void)
{
	return our_version;
}

uint32_t ffa_fid(const struct ffa_regs *r)
{
	return (uint32_t)r->x[0];
}

uint32_t ffa_w(const struct ffa_regs *r, unsigned int n)
{
	return (uint32_t)r->x[n];
}

int32_t ffa_status(const struct ffa_regs *r)
{
	return ffa_fid(r) == FFA_ERROR_32 ? (int32_t)r->x[2] : FFA_OK;
}

/* FFA_ERROR with that status and nothing else in the other registers. */
bool ffa_is_error(const struct ffa_regs *r, int32_t status)
{
	return r->x[0] == FFA_ERROR_32 && r->x[1] == 0 && (int32_t)r->x[2] == status &&
	       r->x[3] == 0 && r->x[4] == 0 && r->x[5] == 0 && r->x[6] == 0 && r->x[7] == 0;
}

/*
 * The call is of no function that there is: who finds out is the SPMC, or an EL3 that does not take
 * the number for one of FF-A (TF-A 2.12: above 0x8e).
 */
bool ffa_is_unknown(const struct ffa_regs *r)
{
	return ffa_is_error(r, FFA_NOT_SUPPORTED) ||
	       (!monitor_is_there() && r->x[0] == SMCCC_UNKNOWN);
}

/* An answer that names a context: INTERRUPT, YIELD, MSG_WAIT, with nothing else in it. */
bool ffa_is_context(const struct ffa_regs *r, uint32_t fid, uint32_t context)
{
	return r->x[0] == fid && r->x[1] == context && r->x[2] == 0 && r->x[3] == 0 &&
	       r->x[4] == 0 && r->x[5] == 0 && r->x[6] == 0 && r->x[7] == 0;
}

/* For messages: the registers of an answer. One text per CPU, until the next. */
const char *ffa_text(const struct ffa_regs *r)
{
	static char text[CPU_COUNT][200];
	char *t = text[cpu_index()];

	print_to(t, sizeof(text[0]), "x0-x7 %#lx %#lx %#lx %#lx %#lx %#lx %#lx %#lx", r->x[0],
		 r->x[1], r->x[2], r->x[3], r->x[4], r->x[5], r->x[6], r->x[7]);
	return t;
}

struct ffa_regs ffa_direct(uint32_t fid, uint16_t receiver, const uint64_t payload[5])
{
	return FFA_CALL(fid, FFA_IDS(FFA_ID_NWD, receiver), 0, payload[0], payload[1], payload[2],
			payload[3], payload[4]);
}

struct ffa_regs ffa_run(uint16_t id, uint16_t vcpu)
{
	return FFA_CALL(FFA_RUN_32, FFA_CTX(id, vcpu));
}

/* For libffa. */
void ffa_mem_call(uint64_t x[8])
{
	struct ffa_regs r = FFA_CALL(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]);

	for (unsigned int i = 0; i < 8; i++) {
		x[i] = r.x[i];
	}
}
