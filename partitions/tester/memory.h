/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands TESTER_MEM_*. */
#ifndef TESTER_MEMORY_H
#define TESTER_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "sp/sp.h"

void memory_init(void);
bool memory_interpret(uint64_t p[5]);
bool memory_fault(struct sp_frame *f);
void memory_call_done(void);

#endif
