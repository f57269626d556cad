/* SPDX-License-Identifier: BSD-3-Clause */
/* What `make bench` measures with: answers at once, and calls its peer between two markers. */
#include "sp/sp.h"

#include "bulkhead/hyp.h"
#include "bulkhead/samples.h"
#include "sp/mem.h"

#include <string.h>

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

/* 1: the call gave that; else the status of its error. */
static uint64_t memory_call(struct ffa_regs *r, uint32_t right, bool marked)
{
	if (marked) {
		bench_call(r);
	} else {
		ffa_call(r);
	}
	return ffa_is(r, right) ? 1 : (uint64_t)(int64_t)ffa_status(r);
}

static uint64_t retrieve(uint64_t handle, bool marked)
{
	const struct ffa_mem_endpoint *me = sp_mem_endpoint();
	const struct ffa_mem_borrower self = { .id = sp_id, .permissions = FFA_MEM_DATA_RW };
	const struct ffa_mem_request t = {
		.sender = FFA_ID_NWD,
		.attributes = FFA_MEM_NORMAL,
		.handle = handle,
		.borrowers = &self,
		.borrower_count = 1,
	};
	uint32_t length = ffa_mem_write(me->tx, me->size, me->version, &t, 0);
	struct ffa_regs r = { .x = { FFA_MEM_RETRIEVE_REQ_32, length, length } };
	uint64_t result = memory_call(&r, FFA_MEM_RETRIEVE_RESP_32, marked);

	(void)ffa_rx_release();
	return result;
}

static uint64_t relinquish(uint64_t handle, bool marked)
{
	const struct ffa_mem_endpoint *me = sp_mem_endpoint();
	const struct ffa_mem_relinquish head = { .handle = handle, .count = 1 };
	struct ffa_regs r = { .x = { FFA_MEM_RELINQUISH_32 } };

	memcpy(me->tx, &head, sizeof(head));
	memcpy((uint8_t *)me->tx + sizeof(head), &sp_id, sizeof(sp_id));
	return memory_call(&r, FFA_SUCCESS_32, marked);
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
	case BENCH_RETRIEVE:
		payload[1] = retrieve(payload[1], payload[2] != 0);
		break;
	case BENCH_RELINQUISH:
		payload[1] = relinquish(payload[1], payload[2] != 0);
		break;
	default:
		break;
	}
}

static void bench_init(const struct sp_vcpu *v)
{
	(void)v;
	if (!sp_mem_init()) {
		sp_abort("RXTX_MAP fails");
	}
}

static void bench_interrupt(uint32_t intid)
{
	interrupts += intid == BENCH_INTID;
}

const struct sp_ops sp_ops = {
	.init = bench_init,
	.direct_req = bench_direct_req,
	.interrupt = bench_interrupt,
};
