/* SPDX-License-Identifier: BSD-3-Clause */
/* FF-A calls of a partition: each fills the registers, calls, and says what came of it. */
#include "sp/ffa.h"
#include "sp/sp.h"

#include <string.h>

/* FFA_OK for everything but FFA_ERROR, whose status it gives. */
enum ffa_status ffa_status(const struct ffa_regs *r)
{
	return ffa_is(r, FFA_ERROR_32) ? (enum ffa_status)(int32_t)r->x[2] : FFA_OK;
}

/* The SPMC's version, and from now on the one that it uses with us if the major number is ours;
 * (uint32_t)FFA_NOT_SUPPORTED when it refuses. */
uint32_t ffa_version(uint32_t version)
{
	struct ffa_regs r = { .x = { FFA_VERSION_32, version } };

	ffa_call(&r);
	return (uint32_t)r.x[0];
}

/* Whether a function (its id) or a feature (FFA_FEATURE_*) is there; *w2 is what is said of it. */
enum ffa_status ffa_features(uint32_t id, uint32_t input, uint32_t *w2)
{
	struct ffa_regs r = { .x = { FFA_FEATURES_32, id, input } };

	ffa_call(&r);
	*w2 = (uint32_t)r.x[2];
	return ffa_status(&r);
}

/* Our own partition id. It never fails. */
uint16_t ffa_id_get(void)
{
	struct ffa_regs r = { .x = { FFA_ID_GET_32 } };

	ffa_call(&r);
	return (uint16_t)r.x[2];
}

/* Gives `pages` pages each of ours at tx and rx (page aligned) to the SPMC as message buffers. */
enum ffa_status ffa_rxtx_map(void *tx, const void *rx, uint32_t pages)
{
	struct ffa_regs r = { .x = { FFA_RXTX_MAP_64, (uintptr_t)tx, (uintptr_t)rx, pages } };

	ffa_call(&r);
	return ffa_status(&r);
}

enum ffa_status ffa_rxtx_unmap(void)
{
	struct ffa_regs r = { .x = { FFA_RXTX_UNMAP_32 } };

	ffa_call(&r);
	return ffa_status(&r);
}

/* Gives RX back, after what is in it has been read. */
enum ffa_status ffa_rx_release(void)
{
	struct ffa_regs r = { .x = { FFA_RX_RELEASE_32 } };

	ffa_call(&r);
	return ffa_status(&r);
}

/*
 * How many partitions have the service uuid (nil: all partitions). Without
 * FFA_PARTITION_INFO_COUNT_ONLY in flags RX holds *count times struct ffa_partition_info after it,
 * and has to be released.
 */
enum ffa_status ffa_partition_info_get(const struct ffa_uuid *uuid, uint32_t flags, uint32_t *count)
{
	struct ffa_regs r = { .x = { FFA_PARTITION_INFO_GET_32, uuid->w[0], uuid->w[1], uuid->w[2],
				     uuid->w[3], flags } };

	ffa_call(&r);
	*count = (uint32_t)r.x[2];
	return ffa_status(&r);
}

/* Where our other vCPUs start, and this one after its CPU was off. During initialisation only. */
enum ffa_status ffa_secondary_ep_register(uint64_t entry)
{
	struct ffa_regs r = { .x = { FFA_SECONDARY_EP_REGISTER_64, entry } };

	ffa_call(&r);
	return ffa_status(&r);
}

/* Writes text to the SPMC's log, as many characters at a time as our version allows. */
enum ffa_status ffa_console_log(const char *text, size_t length)
{
	const size_t max =
		sp_version < FFA_VERSION_1_2 ? FFA_CONSOLE_LOG_MAX_64_1_1 : FFA_CONSOLE_LOG_MAX_64;

	while (length != 0) {
		size_t n = length < max ? length : max;
		struct ffa_regs r = { .x = { FFA_CONSOLE_LOG_64, n } };

		memcpy(&r.x[2], text, n);
		ffa_call_hvc(&r);
		if (ffa_status(&r) != FFA_OK) {
			return ffa_status(&r);
		}
		text += n;
		length -= n;
	}
	return FFA_OK;
}

/* The permission (FFA_PAGES_*) of a page of ours. At S-EL0, during initialisation. */
enum ffa_status ffa_mem_perm_get(const void *page, uint32_t *permission)
{
	struct ffa_regs r = { .x = { FFA_MEM_PERM_GET_64, (uintptr_t)page } };

	ffa_call(&r);
	*permission = (uint32_t)r.x[2];
	return ffa_status(&r);
}

/*
 * Pages from `base` on become FFA_PAGES_RX, RW or RO. At S-EL0, during initialisation. start_el0.S
 * has done so with the image; what comes after it is RX.
 */
enum ffa_status ffa_mem_perm_set(void *base, uint32_t pages, uint32_t permission)
{
	struct ffa_regs r = { .x = { FFA_MEM_PERM_SET_64, (uintptr_t)base, pages, permission } };

	ffa_call(&r);
	return ffa_status(&r);
}

/* Waits for the next message, FFA_RUN or interrupt: *r is what came. */
void ffa_msg_wait(struct ffa_regs *r)
{
	*r = (struct ffa_regs){ .x = { FFA_MSG_WAIT_32 } };
	ffa_call(r);
}

/* Gives cycles to a vCPU that is preempted or blocked; *r is what came back from it. */
void ffa_run(struct ffa_regs *r, uint16_t id, uint16_t vcpu)
{
	*r = (struct ffa_regs){ .x = { FFA_RUN_32, FFA_CTX(id, vcpu) } };
	ffa_call(r);
}

/* Gives the cycles back for a while; *r is FFA_SUCCESS when they come again. */
void ffa_yield(struct ffa_regs *r)
{
	*r = (struct ffa_regs){ .x = { FFA_YIELD_32 } };
	ffa_call(r);
}

/* Sends a 64-bit direct request; *r is what came back, the response or anything else. */
void ffa_direct_req(struct ffa_regs *r, uint16_t self, uint16_t to, const uint64_t payload[5])
{
	*r = (struct ffa_regs){ .x = { FFA_MSG_SEND_DIRECT_REQ_64, FFA_IDS(self, to) } };
	memcpy(&r->x[3], payload, 5 * sizeof(payload[0]));
	ffa_call(r);
}

/* Sends a direct message 2 to that service, or with the nil UUID to any; *r is what came back. */
void ffa_direct_req2(struct ffa_regs *r, uint16_t self, uint16_t to, const struct ffa_uuid *service,
		     const uint64_t payload[FFA_PAYLOAD2])
{
	*r = (struct ffa_regs){ .x = { FFA_MSG_SEND_DIRECT_REQ2_64, FFA_IDS(self, to) } };
	memcpy(&r->x[2], service, sizeof(*service));
	memcpy(&r->x[4], payload, FFA_PAYLOAD2 * sizeof(payload[0]));
	ffa_call(r);
}

/* Gives the vCPU of `id` that serves us its cycles back: the one of our CPU, or the only one. */
static void run_callee(struct ffa_regs *r, uint16_t id)
{
	ffa_run(r, id, (uint16_t)sp_vcpu_index());
	if (ffa_status(r) == FFA_INVALID_PARAMETERS) {
		ffa_run(r, id, 0);
	}
}

/*
 * Sends a 64-bit direct request and stays with it until the response is there: gives the receiver
 * its cycles back whenever it was preempted or yielded, or we were woken by an interrupt of ours.
 * payload is replaced by the response's.
 */
enum ffa_status ffa_direct_req_wait(uint16_t self, uint16_t to, uint64_t payload[5])
{
	struct ffa_regs r;

	ffa_direct_req(&r, self, to, payload);
	while (ffa_is(&r, FFA_INTERRUPT_32) || ffa_is(&r, FFA_YIELD_32)) {
		if (r.x[1] != 0) {
			ffa_run(&r, FFA_CTX_ID(r.x[1]), FFA_CTX_VCPU(r.x[1]));
		} else {
			run_callee(&r, to);
		}
	}
	if (!ffa_is(&r, FFA_MSG_SEND_DIRECT_RESP_32)) {
		return ffa_is(&r, FFA_ERROR_32) ? ffa_status(&r) : FFA_INVALID_PARAMETERS;
	}
	memcpy(payload, &r.x[3], 5 * sizeof(payload[0]));
	return FFA_OK;
}
