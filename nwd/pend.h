/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts at the moment when a test wants them. Our monitor can make any of them pend. Without
 * it devices interrupt that the normal world reaches too, though the interrupts are partitions'.
 */
#ifndef NWD_PEND_H
#define NWD_PEND_H

#include <stdbool.h>
#include <stdint.h>

bool pend_can(uint32_t intid);
bool pend(uint32_t intid, uint64_t ns);
void pend_settle(void);
void pend_cancel(void);

#endif
