/* SPDX-License-Identifier: BSD-3-Clause */
/* PSCI 1.1 for the normal world. */
#ifndef EL3_PSCI_H
#define EL3_PSCI_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"

bool psci_is_psci(uint32_t fid);
bool psci_call(struct cpu *cpu, uint32_t fid, uint64_t *x);
void psci_wait_until_on(struct cpu *cpu);

#endif
