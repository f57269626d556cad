/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The firmware at EL3: our monitor with its test calls (bulkhead/mon.h), or another, which knows
 * none of them.
 */
#ifndef NWD_MONITOR_H
#define NWD_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

void monitor_find(void);
bool monitor_is_there(void);
uint64_t monitor_mode(void);
const char *monitor_name(void);
_Noreturn void monitor_end(uint64_t status);

#endif
