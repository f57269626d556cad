/* SPDX-License-Identifier: BSD-3-Clause */
/* The translation tables that the image brings: made by boot.S, gone on with by stage1.c. */
#ifndef BOOT_TABLES_H
#define BOOT_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/table.h"

extern uint64_t stage1_root[TABLE_ENTRIES]; /* TTBR1_EL2 */
extern uint64_t boot_identity[TABLE_ENTRIES]; /* TTBR0_EL2 while the MMU comes on */

/* Fills them; bti: what branches into our text has to land where it may. */
void boot_tables_make(bool bti);

#endif
