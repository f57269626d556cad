/* SPDX-License-Identifier: BSD-3-Clause */
/* FF-A calls of a partition. Contracts stand at the definitions, libsp/ffa.c. */
#ifndef SP_FFA_H
#define SP_FFA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ffa/ffa.h"

/* x0-x17 of a call, and of what comes back. */
struct ffa_regs {
	uint64_t x[18];
};

/*
 * The call itself: by SMC, or by HVC; at S-EL0 both by SVC. x18-x30 and all other state are kept.
 */
void ffa_call(struct ffa_regs *r);
void ffa_call_hvc(struct ffa_regs *r);

static inline uint32_t ffa_fid(const struct ffa_regs *r)
{
	return (uint32_t)r->x[0];
}

/* A direct request's or response's, in either width. */
static inline bool ffa_is(const struct ffa_regs *r, uint32_t fid_32)
{
	return (ffa_fid(r) & ~FFA_FID_64BIT) == fid_32;
}

enum ffa_status ffa_status(const struct ffa_regs *r);

uint32_t ffa_version(uint32_t version);
enum ffa_status ffa_features(uint32_t id, uint32_t input, uint32_t *w2);
uint16_t ffa_id_get(void);
enum ffa_status ffa_rxtx_map(void *tx, const void *rx, uint32_t pages);
enum ffa_status ffa_rxtx_unmap(void);
enum ffa_status ffa_rx_release(void);
enum ffa_status ffa_partition_info_get(const struct ffa_uuid *uuid, uint32_t flags,
				       uint32_t *count);
enum ffa_status ffa_secondary_ep_register(uint64_t entry);
enum ffa_status ffa_console_log(const char *text, size_t length);
enum ffa_status ffa_mem_perm_get(const void *page, uint32_t *permission);
enum ffa_status ffa_mem_perm_set(void *base, uint32_t pages, uint32_t permission);

void ffa_msg_wait(struct ffa_regs *r);
void ffa_run(struct ffa_regs *r, uint16_t id, uint16_t vcpu);
void ffa_yield(struct ffa_regs *r);
void ffa_direct_req(struct ffa_regs *r, uint16_t self, uint16_t to, const uint64_t payload[5]);
void ffa_direct_req2(struct ffa_regs *r, uint16_t self, uint16_t to, const struct ffa_uuid *service,
		     const uint64_t payload[FFA_PAYLOAD2]);
enum ffa_status ffa_direct_req_wait(uint16_t self, uint16_t to, uint64_t payload[5]);

#endif
