/* SPDX-License-Identifier: BSD-3-Clause */
/* What `make bench` measures with: answers at once, and calls its peer between two markers. */
#include "sp/sp.h"

#include "bulkhead/samples.h"

/* bench.S: ffa_call() with the marker instructions right around the SMC. */
void bench_call(struct ffa_regs *r);

static void bench_direct_req(uint16_t from, uint64_t payload[5])
{
	uint64_t answered = 0;

	if (payload[0] == BENCH_BIND) {
		struct ffa_regs r = { .x = { FFA_NOTIFICATION_BIND_32, FFA_IDS(from, sp_id), 0,
					     payload[1] } };

		ffa_call(&r);
		payload[1] = ffa_is(&r, FFA_SUCCESS_32);
		return;
	}
	if (payload[0] != BENCH_CALL) {
		return;
	}
	for (uint64_t i = 0; i < payload[1]; i++) {
		struct ffa_regs r = { .x = { FFA_MSG_SEND_DIRECT_REQ_64, FFA_IDS(sp_id, payload[2]),
					     0, BENCH_NULL } };

		bench_call(&r);
		answered += ffa_is(&r, FFA_MSG_SEND_DIRECT_RESP_32);
	}
	payload[1] = answered;
}

const struct sp_ops sp_ops = {
	.direct_req = bench_direct_req,
};
