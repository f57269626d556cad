/* SPDX-License-Identifier: BSD-3-Clause */
/* Entering a world is a call; the exception that leaves it is what the call returns. */
#ifndef EL3_WORLD_H
#define EL3_WORLD_H

#include "cpu.h"

#define EXIT_SYNC 0
#define EXIT_IRQ 1
#define EXIT_FIQ 2
#define EXIT_SERROR 3
#define EXIT_AARCH32 4

#ifndef __ASSEMBLER__

void world_power_up(struct cpu *cpu);
void world_power_down(struct cpu *cpu);
void world_start(struct world *world, uint64_t entry, uint64_t spsr);
void world_reset_el1(void);
void world_switch(struct cpu *cpu, enum world_id to);
unsigned int world_run(struct cpu *cpu);
void world_inject_undefined(struct cpu *cpu);

/* vectors.S: loads x0-x30, ELR, SPSR and returns to the world; gives back an EXIT_*. */
unsigned int world_enter(struct world *world);

#endif
#endif
