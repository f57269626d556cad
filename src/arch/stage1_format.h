/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 1 of EL2&0 as this program uses it: the leaves. MAIR_EL2 in boot.S belongs to it. PXN and
 * UXN both exist with E2H: the half of TTBR1_EL2 is never executable at EL0, and that of
 * TTBR0_EL2 never at EL2.
 */
#ifndef ARCH_STAGE1_FORMAT_H
#define ARCH_STAGE1_FORMAT_H

#include "arch/table.h"

#define S1_ATTR_DEVICE (0ul << 2) /* MAIR_EL2 attribute 0: Device-nGnRnE */
#define S1_ATTR_NORMAL (1ul << 2) /* attribute 1: Normal write-back */
#define S1_NS (1ul << 5) /* output in the non-secure physical address space */
#define S1_USER (1ul << 6) /* EL0 may access it too */
#define S1_READ_ONLY (1ul << 7)
#define S1_INNER_SHAREABLE (3ul << 8)
#define S1_AF (1ul << 10)
#define S1_NOT_GLOBAL (1ul << 11) /* of one ASID */
#define S1_GUARDED (1ul << 50) /* BTI is enforced */
#define S1_PXN (1ul << 53)
#define S1_UXN (1ul << 54)

#define S1_LEAF (TABLE_PAGE | S1_AF | S1_INNER_SHAREABLE | S1_UXN)
#define S1_NORMAL_RX (S1_LEAF | S1_ATTR_NORMAL | S1_READ_ONLY)
#define S1_NORMAL_RO (S1_NORMAL_RX | S1_PXN)
#define S1_NORMAL_RW (S1_LEAF | S1_ATTR_NORMAL | S1_PXN)

#endif
