/* SPDX-License-Identifier: BSD-3-Clause */
/* SMCs of both worlds: whose they are, and those that are nobody else's. */
#ifndef EL3_SMCCC_H
#define EL3_SMCCC_H

#include <stdbool.h>

#include "cpu.h"

#define SMCCC_VERSION 0x80000000u
#define SMCCC_ARCH_FEATURES 0x80000001u

bool smccc_handle(struct cpu *cpu);

#endif
