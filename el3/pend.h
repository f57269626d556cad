/* SPDX-License-Identifier: BSD-3-Clause */
/* MON_PEND: interrupts that become pending where a test wants them. */
#ifndef EL3_PEND_H
#define EL3_PEND_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"

bool pend_request(struct cpu *cpu, uint64_t intid, uint64_t target, uint64_t delay_ns);
void pend_reset(struct cpu *cpu);
void pend_fire(struct cpu *cpu);

#endif
