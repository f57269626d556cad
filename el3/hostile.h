/* SPDX-License-Identifier: BSD-3-Clause */
/* The hostile mode: EL3 keeps the normal world's state for itself and scrambles all else. */
#ifndef EL3_HOSTILE_H
#define EL3_HOSTILE_H

#include "cpu.h"

void hostile_init(void);
void hostile_power_up(struct cpu *cpu);
void hostile_keep_nwd(struct cpu *cpu);
void hostile_give_back_nwd(struct cpu *cpu);
void hostile_scramble(struct cpu *cpu);
void hostile_scramble_arguments(struct cpu *cpu);

#endif
