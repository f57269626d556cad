/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef NWD_MMU_H
#define NWD_MMU_H

void mmu_make_table(void);
void mmu_enable(void);

#endif
