/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 2 of an S-EL1 partition: two trees (secure and non-secure IPA space), IPA = PA, 4 KiB
 * granule, one VMID. Every change is made for the VMID of the tree, whoever is current.
 */
#ifndef ARCH_STAGE2_H
#define ARCH_STAGE2_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/page_pool.h"
#include "lib/range.h"

/* What a partition may do with a page. The first four bits are those of the SP manifest. */
#define MEM_R (1u << 0)
#define MEM_W (1u << 1)
#define MEM_X (1u << 2)
#define MEM_NS (1u << 3) /* in the non-secure physical address space (and IPA space) */
#define MEM_DEVICE (1u << 4) /* Device-nGnRnE; else Normal write-back, inner shareable */

struct stage2 {
	uint64_t vttbr; /* VTTBR_EL2: root of the non-secure tree and the VMID */
	uint64_t vsttbr; /* VSTTBR_EL2: root of the secure tree */
	struct page_pool *pages; /* where tables come from and go back to */
};

/* VTCR_EL2 and VSTCR_EL2 for every partition on this system (IPA size = PA size, at most 48). */
uint64_t stage2_vtcr(void);
uint64_t stage2_vstcr(void);
unsigned int stage2_pa_bits(void);

/*
 * Makes two empty trees. vmid is not 0 and unique. False when the pool is empty (nothing is kept).
 */
bool stage2_init(struct stage2 *s, uint16_t vmid, struct page_pool *pages);

/*
 * Maps r (page aligned, inside the PA size, not mapped before in this tree) with attrs (MEM_*) at
 * IPA = PA, blocks where possible. MEM_NS selects the tree. False when tables are missing: then
 * nothing is mapped that was not before.
 */
bool stage2_map(struct stage2 *s, struct range r, unsigned int attrs);

/* Unmaps r in the tree that `ns` selects and invalidates the TLBs of all CPUs before it returns. */
bool stage2_unmap(struct stage2 *s, struct range r, bool ns);

/* The attrs of the page at ipa, or 0 when it is not mapped. */
unsigned int stage2_lookup(const struct stage2 *s, ipa_t ipa, bool ns);

/* Number of table pages that stage2_map() may need for r in an empty tree, roots included. */
size_t stage2_pages_needed(struct range r);

#endif
