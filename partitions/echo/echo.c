/* SPDX-License-Identifier: BSD-3-Clause */
/* The smallest partition: answers each direct request with the first word plus one. */
#include "sp/sp.h"

static void echo_init(const struct sp_vcpu *v)
{
	if (v->index == 0) {
		sp_print("id %#x, ready\n", sp_id);
	}
}

static void echo_direct_req(uint16_t from, uint64_t payload[5])
{
	(void)from;
	payload[0]++;
}

const struct sp_ops sp_ops = {
	.init = echo_init,
	.direct_req = echo_direct_req,
	.mmu = true,
};
