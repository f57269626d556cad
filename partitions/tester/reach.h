/* SPDX-License-Identifier: BSD-3-Clause */
/* The system registers that this partition can reach and that keep what is written. */
#ifndef TESTER_REACH_H
#define TESTER_REACH_H

#include <stdint.h>

#include "leave.h"

extern uint16_t reach_enc[REACH_MAX]; /* SP_ENC() */
extern uint64_t reach_mask[REACH_MAX]; /* bits that keep what is written */
extern uint64_t reach_first[REACH_MAX]; /* what was in them when the first vCPU started */
extern uint32_t reach_count;
extern uint32_t reach_readable; /* encodings that MRS may read */
extern uint32_t reach_left_out; /* readable, writable, but left out by name or in part */

void reach_find(uint64_t cpacr);
void reach_print(void);

/* Generated code: all of them from or to an array of reach_count values. */
void reach_values_load(const uint64_t *values);
void reach_values_save(uint64_t *values);

#endif
