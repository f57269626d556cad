/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs once, on the CPU that boots: from the SPMC manifest to partitions that can be started. */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include <stdint.h>

void boot_system(uint64_t manifest_pa);

/* main.c: tells EL3 that there will be no SPMC, and stops. */
_Noreturn void boot_stop(void);

#endif
