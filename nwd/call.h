/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FF-A calls. Each one also checks what holds for every call: x18-x30 come back as they were, and
 * so do those of x8-x17 that neither the call nor its answer defines.
 */
#ifndef NWD_CALL_H
#define NWD_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "ffa/ffa.h"

struct ffa_regs {
	uint64_t x[18];
};

/* FFA_CALL(id, x1, ...): what is not given is zero. */
#define FFA_CALL(...) ffa_call((struct ffa_regs){ .x = { __VA_ARGS__ } })

struct ffa_regs ffa_call(struct ffa_regs in);
bool ffa_greet(uint32_t version);
uint32_t ffa_our_version(void);

uint32_t ffa_fid(const struct ffa_regs *r);
uint32_t ffa_w(const struct ffa_regs *r, unsigned int n);
int32_t ffa_status(const struct ffa_regs *r);
bool ffa_is_error(const struct ffa_regs *r, int32_t status);
bool ffa_is_unknown(const struct ffa_regs *r);
bool ffa_is_context(const struct ffa_regs *r, uint32_t fid, uint32_t context);
const char *ffa_text(const struct ffa_regs *r);

/* Direct requests; what is not given is zero. */
#define FFA_DIRECT(receiver, ...)                                                                  \
	ffa_direct(FFA_MSG_SEND_DIRECT_REQ_64, receiver, (const uint64_t[5]){ __VA_ARGS__ })

struct ffa_regs ffa_direct(uint32_t fid, uint16_t receiver, const uint64_t payload[5]);
struct ffa_regs ffa_run(uint16_t id, uint16_t vcpu);

#endif
