/* SPDX-License-Identifier: BSD-3-Clause */
/* What may be done with a page, of whatever stage. The first three bits are the SP manifest's. */
#ifndef ARCH_MEM_H
#define ARCH_MEM_H

#define MEM_R (1u << 0)
#define MEM_W (1u << 1)
#define MEM_X (1u << 2)
#define MEM_NS (1u << 3) /* in the non-secure physical address space (and IPA space) */
#define MEM_DEVICE (1u << 4) /* Device-nGnRnE; else Normal write-back, inner shareable */

#endif
