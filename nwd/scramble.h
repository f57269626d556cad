/* SPDX-License-Identifier: BSD-3-Clause */
/* FF-A calls with random numbers in all of the normal world's registers, which must survive. */
#ifndef NWD_SCRAMBLE_H
#define NWD_SCRAMBLE_H

#include "call.h"

struct ffa_regs scrambled_call(struct ffa_regs in, const char *what);
struct ffa_regs scrambled_call_on(uint32_t cpu, struct ffa_regs in, const char *what);
struct ffa_regs interrupted_call_on(uint32_t cpu, struct ffa_regs in, uint32_t intid, uint64_t ns,
				    const char *what);

#endif
