/* SPDX-License-Identifier: BSD-3-Clause */
#include "arch/space.h"

#include "arch/stage1.h"
#include "arch/stage1_format.h"
#include "arch/sysreg.h"
#include "arch/table.h"
#include "arch/tlb.h"
#include "lib/print.h"

/* Leaves of stage 2, with HCR_EL2.FWB = 0. */
#define S2_DEVICE (0x0ul << 2)
#define S2_NORMAL (0xful << 2)
#define S2_READ (1ul << 6)
#define S2_WRITE (1ul << 7)
#define S2_INNER_SHAREABLE (3ul << 8)
#define S2_AF (1ul << 10)
#define S2_XN (2ul << 53) /* at EL1 and at EL0 */

#define VTCR_T0SZ(bits) (64 - (uint64_t)(bits))
#define VTCR_SL0(level) ((2 - (uint64_t)(level)) << 6)
#define VTCR_WALK (1ul << 8 | 1ul << 10 | 3ul << 12) /* write-back, inner shareable */
#define VTCR_PS_SHIFT 16
#define VTCR_VS (1ul << 19)
#define VTCR_NSA (1ul << 30) /* NS IPA to NS PA; NSW = 0: its tables are in secure memory */
#define VTCR_RES1 (1ul << 31)

#define ID_SHIFT 48 /* VMID or ASID */
#define LEAF_LEVEL 1 /* blocks of 1 GiB */

#define PARANGE_48 5
#define VMID_16 2 /* ID_AA64MMFR1_EL1 */
#define ASID_16 2 /* ID_AA64MMFR0_EL1 */

static unsigned int parange(void)
{
	unsigned int field = sysreg_read(ID_AA64MMFR0_EL1) & 0xf;

	return field < PARANGE_48 ? field : PARANGE_48;
}

unsigned int space_pa_bits(void)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };

	return bits[parange()];
}

/*
 * Up to 16 tables may stand in a row at the root instead of a level of their own above them: the
 * walk then starts one level later.
 */
static unsigned int root_level(unsigned int bits)
{
	return bits > 43 ? 0 : bits > 34 ? 1 : 2;
}

static size_t root_pages(unsigned int bits)
{
	unsigned int covered = table_shift(root_level(bits)) + 9;

	return bits > covered ? 1ul << (bits - covered) : 1;
}

/* --- What the entries look like -------------------------------------------------------------- */

static uint64_t stage2_leaf(unsigned int attrs)
{
	return S2_AF | S2_INNER_SHAREABLE | (attrs & MEM_DEVICE ? S2_DEVICE : S2_NORMAL) |
	       (attrs & MEM_R ? S2_READ : 0) | (attrs & MEM_W ? S2_WRITE : 0) |
	       (attrs & MEM_X ? 0 : S2_XN);
}

static unsigned int stage2_attrs(uint64_t leaf)
{
	return (leaf & S2_READ ? MEM_R : 0) | (leaf & S2_WRITE ? MEM_W : 0) |
	       (leaf & S2_XN ? 0 : MEM_X) | (leaf & S2_NORMAL ? 0 : MEM_DEVICE);
}

/*
 * All of the VMID: what a TLB has combined of both stages is not found by IPA, so that a page costs
 * as much as all of it.
 */
static void stage2_flush(const struct table *t, uint64_t ipa, uint64_t size)
{
	(void)ipa;
	(void)size;
	tlb_flush_stage2(t->context);
}

/* We may not execute any of it. What EL0 may write, SCTLR_EL2.WXN does not let it execute. */
static uint64_t el0_leaf(unsigned int attrs)
{
	return S1_AF | S1_INNER_SHAREABLE | S1_NOT_GLOBAL | S1_PXN |
	       (attrs & MEM_DEVICE ? S1_ATTR_DEVICE : S1_ATTR_NORMAL) |
	       (attrs & MEM_R ? S1_USER : 0) | (attrs & MEM_W ? 0 : S1_READ_ONLY) |
	       (attrs & MEM_X ? 0 : S1_UXN) | (attrs & MEM_NS ? S1_NS : 0);
}

static unsigned int el0_attrs(uint64_t leaf)
{
	return (leaf & S1_USER ? MEM_R : 0) | (leaf & S1_READ_ONLY ? 0 : MEM_W) |
	       (leaf & S1_UXN ? 0 : MEM_X) | (leaf & S1_ATTR_NORMAL ? 0 : MEM_DEVICE) |
	       (leaf & S1_NS ? MEM_NS : 0);
}

static void el0_flush(const struct table *t, uint64_t va, uint64_t size)
{
	(void)va;
	(void)size;
	tlb_flush_el0(t->context);
}

/* A row for each kind. */
static const struct table_format formats[SPACE_KINDS] = {
	[SPACE_STAGE2] = { stage2_leaf, stage2_attrs, stage2_flush, S2_READ | S2_WRITE | S2_XN },
	[SPACE_EL0] = { el0_leaf, el0_attrs, el0_flush, S1_USER | S1_READ_ONLY | S1_UXN },
};

/* --- The trees ------------------------------------------------------------------------------- */

static uint8_t kind_root_level(enum space_kind kind)
{
	return kind == SPACE_EL0 ? 0 : (uint8_t)root_level(space_pa_bits());
}

static size_t kind_root_pages(enum space_kind kind)
{
	return kind == SPACE_EL0 ? 1 : root_pages(space_pa_bits());
}

static struct table tree_make(const struct space *s, bool ns, struct page_pool *pages)
{
	uint64_t base = (ns ? s->vttbr : s->vsttbr) & TABLE_ADDRESS_MASK;

	return (struct table){
		.root = stage1_va(pa_of(base)),
		.pages = pages,
		.format = &formats[s->kind],
		.context = s->vttbr,
		.root_level = kind_root_level(s->kind),
		.leaf_level = LEAF_LEVEL,
		.ns = ns && s->kind == SPACE_STAGE2,
	};
}

void space_use_pool(struct space *s, struct page_pool *pages)
{
	for (unsigned int ns = 0; ns < 2; ns++) {
		s->trees[ns].pages = pages;
	}
}

/* Whether VMIDs or ASIDs have 16 bits here, and not 8. */
static bool ids_are_wide(enum space_kind kind)
{
	return kind == SPACE_EL0 ? ((sysreg_read(ID_AA64MMFR0_EL1) >> 4) & 0xf) == ASID_16
				 : ((sysreg_read(ID_AA64MMFR1_EL1) >> 4) & 0xf) == VMID_16;
}

bool space_init(struct space *s, enum space_kind kind, uint16_t id, struct page_pool *pages)
{
	unsigned int bits = space_pa_bits();
	size_t count = kind_root_pages(kind);
	uint64_t control = VTCR_RES1 | VTCR_SL0(root_level(bits)) | VTCR_T0SZ(bits);
	char *roots = page_pool_get_run(pages, kind == SPACE_EL0 ? count : 2 * count);

	ASSERT(id != 0 && (ids_are_wide(kind) || id < 256));
	if (roots == NULL) {
		return false;
	}
	*s = (struct space){
		.vttbr = stage1_pa(roots).pa | (uint64_t)id << ID_SHIFT,
		.vsttbr = stage1_pa(roots + count * PAGE_SIZE).pa,
		.vtcr = control | VTCR_WALK | (uint64_t)parange() << VTCR_PS_SHIFT | VTCR_NSA |
			(ids_are_wide(SPACE_STAGE2) ? VTCR_VS : 0),
		.vstcr = control, /* SA = SW = 0: secure IPA to secure PA, secure walks */
		.kind = kind,
	};
	if (kind == SPACE_EL0) {
		s->vsttbr = s->vttbr;
	}
	for (unsigned int ns = 0; ns < 2; ns++) {
		s->trees[ns] = tree_make(s, ns != 0, pages);
	}
	return true;
}

static bool in_reach(struct range r)
{
	return is_page_aligned(r.base | r.size) && range_last(r) >> space_pa_bits() == 0;
}

bool space_map(struct space *s, struct range r, unsigned int attrs)
{
	struct table *t = &s->trees[(attrs & MEM_NS) != 0];

	return in_reach(r) && table_map(t, r.base, r.base, r.size, t->format->leaf(attrs));
}

/* Makes no block reach across an end of r. False: all is as before. */
static bool split_ends(struct table *t, struct range r)
{
	uint64_t end = r.base + r.size;
	void *list = NULL;

	ASSERT(in_reach(r));
	if (!table_split(t, r.base)) {
		return false;
	}
	if (end >> space_pa_bits() == 0 && !table_split(t, end)) {
		table_tidy(t, r.base, &list);
		table_finish(t, list, false, r.base, r.size);
		return false;
	}
	return true;
}

bool space_unmap(struct space *s, struct range r, bool ns)
{
	struct table *t = &s->trees[ns];

	if (!split_ends(t, r)) {
		return false;
	}
	table_unmap(t, r.base, r.size);
	return true;
}

bool space_protect(struct space *s, struct range r, bool ns, unsigned int rights)
{
	struct table *t = &s->trees[ns];
	uint64_t mask = t->format->rights;

	if (!split_ends(t, r)) {
		return false;
	}
	table_change(t, r.base, r.size, mask, t->format->leaf(rights) & mask);
	return true;
}

unsigned int space_lookup(const struct space *s, ipa_t ipa, bool ns)
{
	const struct table *t = &s->trees[ns];
	unsigned int level;
	unsigned int attrs;
	uint64_t leaf;

	if (ipa.ipa >> space_pa_bits() != 0) {
		return 0;
	}
	leaf = *table_find(t, ipa.ipa, &level);
	if ((leaf & TABLE_VALID) == 0) {
		return 0;
	}
	attrs = t->format->attrs(leaf) | (t->ns ? MEM_NS : 0);
	return ((attrs & MEM_NS) != 0) == ns ? attrs : 0;
}

void space_forget(const struct space *s)
{
	s->trees[0].format->flush(&s->trees[0], 0, UINT64_MAX);
}

size_t space_pages_needed(enum space_kind kind, struct range r)
{
	size_t pages = kind_root_pages(kind);

	for (unsigned int level = kind_root_level(kind) + 1; level <= TABLE_LAST_LEVEL; level++) {
		uint64_t span = table_span(level - 1); /* what one table of this level covers */
		uint64_t first = r.base / span;
		uint64_t last = range_last(r) / span;
		bool head = r.base % span != 0;
		bool tail = (r.base + r.size) % span != 0;

		if (level - 1 < LEAF_LEVEL) {
			pages += last - first + 1;
		} else {
			pages += first == last ? head || tail : (size_t)head + tail;
		}
	}
	return pages;
}
