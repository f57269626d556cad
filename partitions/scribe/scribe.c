/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes into memory that others send it: the sample for sp/mem.h. */
#include "sp/mem.h"
#include "sp/sp.h"

#include "bulkhead/samples.h"

#define RANGES 4u

static struct ffa_constituent ranges[RANGES];
static struct sp_mem mem = { .parts = ranges, .max = RANGES };

static void scribe_init(const struct sp_vcpu *v)
{
	(void)v;
	if (!sp_mem_init()) {
		sp_abort("the SPMC does not take RX and TX");
	}
	sp_print("id %#x, ready\n", sp_id);
}

/* Retrieves it: share or lend, whichever it is, to read and write. */
static enum ffa_status take(uint16_t sender, uint64_t handle, bool lent)
{
	const struct ffa_mem_borrower self = {
		.id = sp_id,
		.permissions = FFA_MEM_DATA_RW | (lent ? FFA_MEM_EXEC_XN : 0),
	};
	const struct ffa_mem_request t = {
		.sender = sender,
		.handle = handle,
		.borrowers = &self,
		.borrower_count = 1,
	};

	return sp_mem_retrieve(&t, &mem);
}

/* Makes capitals of the letters in the first `length` bytes; returns how many it has changed. */
static uint64_t capitals(char *text, uint64_t length)
{
	uint64_t changed = 0;

	for (uint64_t i = 0; i < length && i < FFA_PAGE_SIZE; i++) {
		if (text[i] >= 'a' && text[i] <= 'z') {
			text[i] = (char)(text[i] - 'a' + 'A');
			changed++;
		}
	}
	return changed;
}

static void scribe_direct_req(uint16_t from, uint64_t p[5])
{
	enum ffa_status status = FFA_NOT_SUPPORTED;

	switch (p[0]) {
	case SCRIBE_TAKE:
		status = take(from, p[1], p[2] != 0);
		break;
	case SCRIBE_CAPITALS:
		status = FFA_OK;
		p[2] = capitals((char *)(uintptr_t)ranges[0].base, p[1]);
		break;
	case SCRIBE_GIVE_BACK:
		status = sp_mem_relinquish(&mem, 0);
		break;
	default:
		break;
	}
	p[1] = (uint64_t)(int64_t)status;
}

const struct sp_ops sp_ops = {
	.init = scribe_init,
	.direct_req = scribe_direct_req,
	.mmu = true,
};
