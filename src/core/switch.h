/* SPDX-License-Identifier: BSD-3-Clause */
/* The switch between contexts, and the priority mask under which each runs. */
#ifndef CORE_SWITCH_H
#define CORE_SWITCH_H

#include "core/cpu.h"

void context_switch(struct cpu *c, struct vcpu *from, struct vcpu *to);
void context_renew(struct cpu *c, struct vcpu *v, uint64_t pc);
uint8_t context_pmr(const struct vcpu *v);
void context_mask(struct vcpu *from, struct vcpu *to);

#endif
