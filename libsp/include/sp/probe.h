/* SPDX-License-Identifier: BSD-3-Clause */
/* Trying an instruction that may be refused. For partitions without sp_ops.mmu. */
#ifndef SP_PROBE_H
#define SP_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "sp/sp.h"

/* A system register's encoding: op0 << 14 | op1 << 11 | CRn << 7 | CRm << 3 | op2. */
#define SP_ENC(op0, op1, crn, crm, op2)                                                            \
	((uint32_t)(op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

/* MRS X0 of any encoding of op0 = 2, 3 (SYSL of op0 = 1); MSR from X0 (SYS). */
#define SP_READ(enc) (0xD5200000u | (enc) << 5)
#define SP_WRITE(enc) (0xD5000000u | (enc) << 5)

/* Code: one instruction and the way back. */
struct sp_probe {
	uint32_t instruction;
	uint32_t ret;
};

void sp_probe_write(struct sp_probe *p, uint32_t instruction);
bool sp_probe_run(const struct sp_probe *p, uint64_t *x0);
bool sp_probe_fault(struct sp_frame *f);
bool sp_try(uint32_t instruction, uint64_t *x0);

static inline bool sp_try_read(uint32_t enc, uint64_t *value)
{
	return sp_try(SP_READ(enc), value);
}

static inline bool sp_try_write(uint32_t enc, uint64_t value)
{
	return sp_try(SP_WRITE(enc), &value);
}

#endif
