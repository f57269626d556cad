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

bool sp_try(uint32_t instruction, uint64_t *x0);
bool sp_try_fault(struct sp_frame *f);

/* Reads a system register, any encoding of op0 = 2, 3 (MRS) or 1 (SYSL). */
static inline bool sp_try_read(uint32_t enc, uint64_t *value)
{
	return sp_try(0xD5200000u | enc << 5, value);
}

/* Writes one (MSR), or executes SYS. */
static inline bool sp_try_write(uint32_t enc, uint64_t value)
{
	return sp_try(0xD5000000u | enc << 5, &value);
}

#endif
