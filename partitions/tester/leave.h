/* SPDX-License-Identifier: BSD-3-Clause */
/* All registers of a context: as they shall be when it leaves, as they are when it is back. */
#ifndef TESTER_LEAVE_H
#define TESTER_LEAVE_H

#define LEAVE_V 256
#define LEAVE_IN 768
#define LEAVE_READBACK 776
#define LEAVE_OUT 784
#define LEAVE_BASE 792
#define LEAVE_SPSEL 800
#define LEAVE_SP_EL1 808
#define LEAVE_C_SP 816

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

#define REACH_MAX 256

struct leave {
	uint64_t x[32]; /* x0-x30: wanted, then found; the last is not used */
	uint64_t v[32][2]; /* V0-V31: wanted, then found */
	const uint64_t *in; /* system registers in the order of reach_enc: wanted, */
	uint64_t *readback; /* as they are just before leaving, */
	uint64_t *out; /* as found, */
	const uint64_t *base; /* as this program needs them */
	uint64_t spsel; /* the stack pointer that is current: wanted, then found */
	uint64_t sp_el1; /* wanted, when spsel is 0; then found */
	uint64_t c_sp;
} __attribute__((aligned(16)));
_Static_assert(offsetof(struct leave, v) == LEAVE_V, "assembly");
_Static_assert(offsetof(struct leave, in) == LEAVE_IN, "assembly");
_Static_assert(offsetof(struct leave, readback) == LEAVE_READBACK, "assembly");
_Static_assert(offsetof(struct leave, out) == LEAVE_OUT, "assembly");
_Static_assert(offsetof(struct leave, base) == LEAVE_BASE, "assembly");
_Static_assert(offsetof(struct leave, spsel) == LEAVE_SPSEL, "assembly");
_Static_assert(offsetof(struct leave, sp_el1) == LEAVE_SP_EL1, "assembly");
_Static_assert(offsetof(struct leave, c_sp) == LEAVE_C_SP, "assembly");

/* By SMC with x0-x17 as they are. */
void leave_by_call(struct leave *l);
/* Not at all: counts x0 down to 0, and is interrupted meanwhile. */
void leave_by_spinning(struct leave *l);
/* Until a virtual interrupt shows in x0 (ISR_EL1), or x1 has counted down to 0. */
void leave_until_interrupt(struct leave *l);

#endif
#endif
