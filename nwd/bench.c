/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What tests/bench measures. The plugin that counts knows two marker instructions around what is
 * counted; a third one begins the next subject. The order of the subjects is tests/bench's too.
 */
#include "bench.h"

#include "args.h"
#include "bulkhead/mon.h"
#include "call.h"
#include "cpu.h"
#include "memory.h"
#include "partitions.h"
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

/* --- Memory ---------------------------------------------------------------------------------- */

#define PARTS_MAX 200u
#define OPEN 1000u
#define OPEN_BASE (MEMORY_BASE + 8192 * PAGE) /* where the transactions that stay open have pages */

/*
 * What a region is made of: ranges of as many pages, the next begins two pages after their end; the
 * first begins `skip` pages behind a multiple of 2 MiB.
 */
struct region {
	const char *name;
	uint32_t skip;
	uint32_t parts;
	uint32_t pages;
};

enum memory_step { STEP_SHARE, STEP_RETRIEVE, STEP_RELINQUISH, STEP_RECLAIM, STEPS };

static struct ffa_regs call_marked(struct ffa_regs r, bool marked)
{
	struct smc_frame f = { 0 };

	for (unsigned int n = 0; n < 18; n++) {
		f.x[n] = r.x[n];
	}
	if (marked) {
		bench_call(&f);
	} else {
		smc_call(&f);
	}
	for (unsigned int n = 0; n < 18; n++) {
		r.x[n] = f.x[n];
	}
	return r;
}

/* Shares the region at base with a partition; *handle, or false. */
static bool share(uint16_t to, const struct region *region, uint64_t base, bool marked,
		  uint64_t *handle)
{
	static struct ffa_constituent parts[PARTS_MAX];
	const struct ffa_mem_borrower borrower = { .id = to, .permissions = FFA_MEM_DATA_RW };
	const struct ffa_mem_request t = {
		.attributes = FFA_MEM_NORMAL,
		.borrowers = &borrower,
		.borrower_count = 1,
		.parts = parts,
		.part_count = region->parts,
	};
	struct ffa_regs r = { .x = { FFA_MEM_SHARE_32 } };

	for (uint32_t i = 0; i < region->parts; i++) {
		parts[i] = (struct ffa_constituent){ .base = base, .pages = region->pages };
		base += (region->pages + 2) * PAGE;
	}
	r.x[1] = r.x[2] = ffa_mem_write(rxtx_tx, FFA_PAGE_SIZE, ffa_our_version(), &t, 0);
	r = call_marked(r, marked);
	*handle = FFA_MEM_HANDLE(r.x[2], r.x[3]);
	if (r.x[0] != FFA_SUCCESS_32) {
		print_line("SHARE: %s", ffa_text(&r));
	}
	return r.x[0] == FFA_SUCCESS_32;
}

static bool reclaim(uint64_t handle, bool marked)
{
	struct ffa_regs r = { .x = { FFA_MEM_RECLAIM_32, (uint32_t)handle, handle >> 32 } };

	r = call_marked(r, marked);
	if (r.x[0] != FFA_SUCCESS_32) {
		print_line("RECLAIM: %s", ffa_text(&r));
	}
	return r.x[0] == FFA_SUCCESS_32;
}

static bool by_partition(uint16_t id, uint64_t command, uint64_t handle, bool marked)
{
	struct ffa_regs r = FFA_DIRECT(id, command, handle, marked);

	if (r.x[0] != FFA_MSG_SEND_DIRECT_RESP_64 || r.x[4] != 1) {
		print_line("memory, command %lu: %s", command, ffa_text(&r));
		return false;
	}
	return true;
}

/* A region goes to a partition and comes back; the call of one step is counted. */
static bool memory_round(uint16_t id, const struct region *region, enum memory_step step,
			 bool count)
{
	uint64_t handle;

	return share(id, region, MEMORY_BASE + region->skip * PAGE, count && step == STEP_SHARE,
		     &handle) &&
	       by_partition(id, BENCH_RETRIEVE, handle, count && step == STEP_RETRIEVE) &&
	       by_partition(id, BENCH_RELINQUISH, handle, count && step == STEP_RELINQUISH) &&
	       reclaim(handle, count && step == STEP_RECLAIM);
}

static bool measure_steps(uint16_t id, const struct region *region, uint32_t steps)
{
	for (uint32_t step = 0; step < steps; step++) {
		next_subject();
		for (unsigned int i = 0; i < WARM_UP + SAMPLES; i++) {
			if (!memory_round(id, region, step, i >= WARM_UP)) {
				print_line("%s, step %u", region->name, step);
				return false;
			}
		}
	}
	return true;
}

/* The four steps of each region; then one page with a thousand transactions open. */
static bool measure_memory(uint16_t id)
{
	static const struct region regions[] = {
		{ "mem_1", 0, 1, 1 },
		{ "mem_512", 0, 1, 512 },
		{ "mem_512_across", 1, 1, 512 },
		{ "mem_200x1", 0, PARTS_MAX, 1 },
	};
	static uint64_t open[OPEN];
	bool ok = rxtx_map();

	for (unsigned int i = 0; i < sizeof(regions) / sizeof(regions[0]) && ok; i++) {
		ok = measure_steps(id, &regions[i], STEPS);
	}
	for (uint32_t i = 0; i < OPEN && ok; i++) {
		ok = share(id, &regions[0], OPEN_BASE + i * 2 * PAGE, false, &open[i]);
	}
	ok = ok && measure_steps(id, &regions[0], STEPS);
	for (uint32_t i = 0; i < OPEN && ok; i++) {
		ok = reclaim(open[i], false);
	}
	return ok && rxtx_unmap();
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
	if (!args_has("messages")) {
		ok &= measure_memory(a);
	}
	return !ok;
}
