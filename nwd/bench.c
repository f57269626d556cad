/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What tests/bench measures. The plugin that counts knows two marker instructions around what is
 * counted; a third one begins the next subject. The order of the subjects is tests/bench's too.
 */
#include "bench.h"

#include "bulkhead/mon.h"
#include "call.h"
#include "cpu.h"
#include "print.h"
#include "simd.h"
#include "smc.h"
#include "test.h"

#define WARM_UP 8u
#define SAMPLES 16u

/* bench.S: smc_call() with the markers right around the SMC. */
void bench_call(struct smc_frame *f);

static void next_subject(void)
{
	__asm__ volatile("mov x26, x26");
}

/* Makes the call often; true when each answer is what it should be. */
static bool measure(const char *name, const struct ffa_regs *call, uint32_t answer)
{
	struct smc_frame f = { 0 };

	next_subject();
	for (unsigned int i = 0; i < WARM_UP + SAMPLES; i++) {
		for (unsigned int n = 0; n < 18; n++) {
			f.x[n] = call->x[n];
		}
		if (i < WARM_UP) {
			smc_call(&f);
		} else {
			bench_call(&f);
		}
		if (f.x[0] != answer) {
			print_line("%s: x0 = %#lx x2 = %#lx, not %#x", name, f.x[0], f.x[2],
				   answer);
			return false;
		}
	}
	return true;
}

/* The monitor pends the interrupt of partition a, which waits, and it comes before we go on. */
static bool measure_interrupt(uint16_t a)
{
	struct ffa_regs call = FFA_DIRECT(a, BENCH_ENABLE);
	bool ok;

	if (call.x[0] != FFA_MSG_SEND_DIRECT_RESP_64 || call.x[4] != 1) {
		print_line("secure_interrupt_waiting: %s", ffa_text(&call));
		return false;
	}
	call = (struct ffa_regs){ .x = { MON_PEND, BENCH_INTID } };
	ok = measure("secure_interrupt_waiting", &call, 0);
	call = FFA_DIRECT(a, BENCH_INTERRUPTS);
	if (call.x[4] != WARM_UP + SAMPLES) {
		print_line("secure_interrupt_waiting: %lu interrupts came, not %u", call.x[4],
			   WARM_UP + SAMPLES);
		return false;
	}
	return ok;
}

/* To partition a, and what we ask for as Linux does. */
static bool measure_notifications(uint16_t a)
{
	struct ffa_regs call = FFA_DIRECT(a, BENCH_BIND, 1);
	bool ok;

	if (call.x[0] != FFA_MSG_SEND_DIRECT_RESP_64 || call.x[4] != 1) {
		print_line("notification_set: %s", ffa_text(&call));
		return false;
	}
	call = (struct ffa_regs){ .x = { FFA_NOTIFICATION_SET_32, FFA_IDS(FFA_ID_NWD, a), 0, 1 } };
	ok = measure("notification_set", &call, FFA_SUCCESS_32);
	call = FFA_CALL(FFA_NOTIFICATION_BITMAP_CREATE_32, FFA_ID_NWD, CPU_COUNT);
	if (call.x[0] != FFA_SUCCESS_32) {
		print_line("notification_get: %s", ffa_text(&call));
		return false;
	}
	call = (struct ffa_regs){ .x = { FFA_NOTIFICATION_GET_32, FFA_CTX(0, FFA_ID_NWD),
					 FFA_NOTIFICATION_FROM_SPS | FFA_NOTIFICATION_FROM_SPM } };
	return measure("notification_get", &call, FFA_SUCCESS_32) && ok;
}

int bench_run(void)
{
	uint16_t a, b;
	struct ffa_regs call;
	bool ok;

	partitions_find();
	a = sp_id(SAMPLE_BENCH_A);
	b = sp_id(SAMPLE_BENCH_B);
	if (a == 0 || b == 0) {
		print_line("the two partitions to measure with are not there");
		return 1;
	}
	call = (struct ffa_regs){ .x = { FFA_FEATURES_32, FFA_MSG_SEND_DIRECT_REQ_64 } };
	ok = measure("null_call", &call, FFA_SUCCESS_32);
	call = (struct ffa_regs){ .x = { FFA_MSG_SEND_DIRECT_REQ_64 | FFA_FID_SVE_HINT,
					 FFA_IDS(FFA_ID_NWD, a), 0, BENCH_NULL } };
	ok &= measure("direct_nwd_sp", &call, FFA_MSG_SEND_DIRECT_RESP_64);
	call.x[0] = FFA_MSG_SEND_DIRECT_REQ_64;
	simd_fill(SIMD_PLAIN);
	ok &= measure("direct_nwd_sp_sve", &call, FFA_MSG_SEND_DIRECT_RESP_64);
	call = (struct ffa_regs){ .x = { FFA_MSG_SEND_DIRECT_REQ2_64 | FFA_FID_SVE_HINT,
					 FFA_IDS(FFA_ID_NWD, a) } };
	ok &= measure("direct2_nwd_sp", &call, FFA_MSG_SEND_DIRECT_RESP2_64);
	/* The partition has the markers around its own call. */
	next_subject();
	call = FFA_DIRECT(a, BENCH_CALL, SAMPLES, b);
	if (call.x[0] != FFA_MSG_SEND_DIRECT_RESP_64 || call.x[4] != SAMPLES) {
		print_line("direct_sp_sp: %s", ffa_text(&call));
		ok = false;
	}
	ok &= measure_interrupt(a);
	ok &= measure_notifications(a);
	return !ok;
}
