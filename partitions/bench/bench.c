/* SPDX-License-Identifier: BSD-3-Clause */
/* What `make bench` measures with: answers at once, and calls its peer between two markers. */
#include "sp/sp.h"

#include "bulkhead/hyp.h"
#include "bulkhead/samples.h"

/* bench.S: ffa_call() with the marker instructions right around the SMC. */
void bench_call(struct ffa_regs *r);

static uint64_t interrupts;

static uint64_t bind(uint16_t from, uint64_t bits)
{
	struct ffa_regs r = { .x = { FFA_NOTIFICATION_BIND_32, FFA_IDS(from, sp_id), 0,
				     (uint32_t)bits, bits >> 32 } };

	ffa_call(&r);
	return ffa_is(&r, FFA_SUCCESS_32);
}

static uint64_t get(void)
{
	struct ffa_regs r = { .x = { FFA_NOTIFICATION_GET_32, FFA_CTX(0, sp_id),
				     FFA_NOTIFICATION_FROM_VMS } };

	ffa_call(&r);
	return ffa_is(&r, FFA_SUCCESS_32) ? r.x[4] | r.x[5] << 32 : 0;
}

/* How many of so many requests to that partition were answered, each between the markers. */
static uint64_t call(const uint64_t payload[5])
{
	uint64_t answered = 0;

	for (uint64_t i = 0; i < payload[1]; i++) {
		struct ffa_regs r = { .x = { FFA_MSG_SEND_DIRECT_REQ_64, FFA_IDS(sp_id, payload[2]),
					     0, BENCH_NULL } };

		bench_call(&r);
		answered += ffa_is(&r, FFA_MSG_SEND_DIRECT_RESP_32);
	}
	return answered;
}

static void bench_direct_req(uint16_t from, uint64_t payload[5])
{
	switch (payload[0]) {
	case BENCH_CALL:
		payload[1] = call(payload);
		break;
	case BENCH_BIND:
		payload[1] = bind(from, payload[1]);
		break;
	case BENCH_GET:
		payload[1] = get();
		break;
	case BENCH_ENABLE:
		payload[1] = sp_interrupt_enable(BENCH_INTID, true, HYP_PIN_IRQ);
		break;
	case BENCH_INTERRUPTS:
		payload[1] = interrupts;
		break;
	default:
		break;
	}
}

static void bench_interrupt(uint32_t intid)
{
	interrupts += intid == BENCH_INTID;
}

const struct sp_ops sp_ops = {
	.direct_req = bench_direct_req,
	.interrupt = bench_interrupt,
};
