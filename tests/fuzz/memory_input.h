/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FUZZ_MEMORY_INPUT_H
#define FUZZ_MEMORY_INPUT_H

#include "input.h"

/* Forgets the handles of the last system. */
void memory_input_reset(void);

/* Who runs on the CPU makes a call of memory management that is likely to be right, or nearly. */
void memory_input_call(struct input *in, uint32_t cpu);

#endif
