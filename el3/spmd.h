/* SPDX-License-Identifier: BSD-3-Clause */
/* The Secure Partition Manager Dispatcher: FF-A between the two worlds, and the SPMC's life. */
#ifndef EL3_SPMD_H
#define EL3_SPMD_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"

void spmd_start_spmc(struct cpu *cpu);
bool spmd_is_duty_over(const struct cpu *cpu);
bool spmd_finish_duty(struct cpu *cpu);
bool spmd_is_ffa(uint32_t fid);
bool spmd_call(struct cpu *cpu, uint32_t fid);
bool spmd_cpu_off(struct cpu *cpu);
void spmd_secure_interrupt(struct cpu *cpu);

#endif
