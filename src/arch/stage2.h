/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 2 of an S-EL1 partition: two trees (secure and non-secure IPA space), IPA = PA, 4 KiB
 * granule, one VMID. Every change is made for the VMID of the tree, whoever is current.
 * The caller holds a lock for the partition.
 */
#ifndef ARCH_STAGE2_H
#define ARCH_STAGE2_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/mem.h"
#include "lib/addr.h"
#include "lib/page_pool.h"
#include "lib/range.h"

struct stage2 {
	uint64_t vttbr; /* VTTBR_EL2: root of the non-secure tree and the VMID */
	uint64_t vsttbr; /* VSTTBR_EL2: root of the secure tree */
	uint64_t vtcr; /* VTCR_EL2 and VSTCR_EL2: the same for every partition */
	uint64_t vstcr;
	struct page_pool *pages; /* where tables come from and go back to */
};

/* IPA size = PA size of this system, at most 48. */
unsigned int stage2_pa_bits(void);

/*
 * Makes two empty trees. vmid is not 0 and unique. False when the pool has no pages for the roots
 * (nothing is kept).
 */
bool stage2_init(struct stage2 *s, uint16_t vmid, struct page_pool *pages);

/*
 * Maps r (page aligned) with attrs (MEM_*) at IPA = PA, blocks where possible. MEM_NS selects the
 * tree. False when tables are missing, r is beyond the PA size, or part of it is mapped with other
 * attributes: then nothing is mapped that was not before.
 */
bool stage2_map(struct stage2 *s, struct range r, unsigned int attrs);

/*
 * Unmaps r (page aligned) in the tree that `ns` selects and invalidates the TLBs of all CPUs before
 * it returns. Not all of r need be mapped. False, with everything mapped as before, when r is
 * part of a block and there is no page for the table that takes the block's place.
 *
 * While a block is taken apart, a CPU that runs the partition may find the whole block unmapped
 * for a moment. So a stage-2 fault is the partition's only if stage2_lookup(), under the same lock
 * as this call, says so too; else the access is just tried again.
 */
bool stage2_unmap(struct stage2 *s, struct range r, bool ns);

/* The attrs of the page at ipa, or 0 when it is not mapped. */
unsigned int stage2_lookup(const struct stage2 *s, ipa_t ipa, bool ns);

/* Number of table pages that stage2_map() may need for r in an empty tree, its root included. */
size_t stage2_pages_needed(struct range r);

#endif
