/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The address space of a partition: what it may access, at the physical addresses. Of an S-EL1
 * partition that is stage 2: two trees (secure and non-secure IPA space), one VMID. Of an S-EL0
 * partition it is stage 1 of EL2&0, the half of TTBR0_EL2: one tree, whose leaves say in which
 * physical address space they are, one ASID. 4 KiB granule. Every change is made for the VMID or
 * ASID of the tree, whoever is current. The caller holds a lock for the partition.
 */
#ifndef ARCH_SPACE_H
#define ARCH_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/mem.h"
#include "arch/table.h"
#include "lib/addr.h"
#include "lib/page_pool.h"
#include "lib/range.h"

enum space_kind { SPACE_STAGE2, SPACE_EL0, SPACE_KINDS };

struct space {
	uint64_t vttbr; /* VTTBR_EL2: root of the non-secure tree and the VMID. Of S-EL0:
			   TTBR0_EL2: root of the only tree and the ASID */
	uint64_t vsttbr; /* VSTTBR_EL2: root of the secure tree. Of S-EL0: as vttbr */
	uint64_t vtcr; /* VTCR_EL2 and VSTCR_EL2: the same for every partition, S-EL0 too */
	uint64_t vstcr;
	enum space_kind kind;
	struct table trees[2]; /* [0] secure, [1] non-secure; of S-EL0 both are the only one */
};

/* IPA size = PA size of this system, at most 48. */
unsigned int space_pa_bits(void);

/*
 * Makes an empty address space. id, its VMID or ASID, is not 0 and unique. False when the pool has
 * no pages for the roots (nothing is kept).
 */
bool space_init(struct space *s, enum space_kind kind, uint16_t id, struct page_pool *pages);

/* From now on tables come from there, and go there. */
void space_use_pool(struct space *s, struct page_pool *pages);

/*
 * Maps r (page aligned) with attrs (MEM_*) at its physical address, blocks where possible. MEM_NS
 * selects the tree, or is in the leaves. False when tables are missing, r is beyond the PA size, or
 * part of it is mapped with other attributes: then nothing is mapped that was not before.
 */
bool space_map(struct space *s, struct range r, unsigned int attrs);

/*
 * Unmaps r (page aligned) in the tree that `ns` selects and invalidates the TLBs of all CPUs before
 * it returns. Not all of r need be mapped, but of S-EL0 nothing of it in the other physical address
 * space. False, with everything mapped as before, when r is part of a block and there is no page
 * for the table that takes the block's place.
 *
 * While a block is taken apart, a CPU that runs the partition may find the whole block unmapped
 * for a moment. So a fault is the partition's only if space_lookup(), under the same lock
 * as this call, says so too; else the access is just tried again.
 */
bool space_unmap(struct space *s, struct range r, bool ns);

/*
 * Gives r (page aligned), all of which is mapped and normal memory of one physical address space,
 * the rights `rights` of MEM_R, MEM_W, MEM_X and keeps all else of it; no CPU has the old rights
 * when it returns. False, with nothing changed, when r is part of a block and there is no page for
 * the table that takes the block's place.
 */
bool space_protect(struct space *s, struct range r, bool ns, unsigned int rights);

/* No CPU keeps a translation of it, not even of the partition's own tables. */
void space_forget(const struct space *s);

/* The attrs of the page at ipa, or 0 when it is not mapped in that physical address space. */
unsigned int space_lookup(const struct space *s, ipa_t ipa, bool ns);

/* Number of table pages that space_map() may need for r in an empty tree, its root included. */
size_t space_pages_needed(enum space_kind kind, struct range r);

#endif
