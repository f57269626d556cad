/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The system registers of EL1 and EL0 (and those of EL2 that nobody but the SPMC can keep), found
 * by trying every encoding, so that no list can be incomplete.
 */
#ifndef NWD_STATE_H
#define NWD_STATE_H

#include <stdbool.h>
#include <stdint.h>

uint32_t state_find(void);
void state_fill(void);
bool state_check(const char *after);
void state_scramble(void);
void state_restore(void);

#endif
