/* SPDX-License-Identifier: BSD-3-Clause */
#include "arch/stage2.h"

#include "arch/stage1.h"
#include "arch/sysreg.h"
#include "arch/table.h"
#include "arch/tlb.h"
#include "lib/print.h"

/* Leaves, with HCR_EL2.FWB = 0. */
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

#define VTTBR_VMID_SHIFT 48
#define LEAF_LEVEL 1 /* blocks of 1 GiB */

#define PARANGE_48 5
#define VMID_16 2

static unsigned int parange(void)
{
	unsigned int field = sysreg_read(ID_AA64MMFR0_EL1) & 0xf;

	return field < PARANGE_48 ? field : PARANGE_48;
}

unsigned int stage2_pa_bits(void)
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

static struct table tree(const struct stage2 *s, bool ns)
{
	uint64_t base = (ns ? s->vttbr : s->vsttbr) & TABLE_ADDRESS_MASK;

	return (struct table){
		.root = stage1_va(pa_of(base)),
		.pages = s->pages,
		.root_level = (uint8_t)root_level(stage2_pa_bits()),
		.leaf_level = LEAF_LEVEL,
	};
}

bool stage2_init(struct stage2 *s, uint16_t vmid, struct page_pool *pages)
{
	unsigned int bits = stage2_pa_bits();
	size_t count = root_pages(bits);
	uint64_t control = VTCR_RES1 | VTCR_SL0(root_level(bits)) | VTCR_T0SZ(bits);
	bool wide = ((sysreg_read(ID_AA64MMFR1_EL1) >> 4) & 0xf) == VMID_16;
	char *roots = page_pool_get_run(pages, 2 * count);

	ASSERT(vmid != 0 && (wide || vmid < 256));
	if (roots == NULL) {
		return false;
	}
	*s = (struct stage2){
		.vttbr = stage1_pa(roots).pa | (uint64_t)vmid << VTTBR_VMID_SHIFT,
		.vsttbr = stage1_pa(roots + count * PAGE_SIZE).pa,
		.vtcr = control | VTCR_WALK | (uint64_t)parange() << VTCR_PS_SHIFT | VTCR_NSA |
			(wide ? VTCR_VS : 0),
		.vstcr = control, /* SA = SW = 0: secure IPA to secure PA, secure walks */
		.pages = pages,
	};
	return true;
}

static bool in_reach(struct range r)
{
	return is_page_aligned(r.base | r.size) && range_last(r) >> stage2_pa_bits() == 0;
}

static uint64_t leaf_attrs(unsigned int attrs)
{
	return S2_AF | S2_INNER_SHAREABLE | (attrs & MEM_DEVICE ? S2_DEVICE : S2_NORMAL) |
	       (attrs & MEM_R ? S2_READ : 0) | (attrs & MEM_W ? S2_WRITE : 0) |
	       (attrs & MEM_X ? 0 : S2_XN);
}

bool stage2_map(struct stage2 *s, struct range r, unsigned int attrs)
{
	struct table t = tree(s, (attrs & MEM_NS) != 0);
	void *unused;

	if (!in_reach(r)) {
		return false;
	}
	if (!table_map(&t, r.base, r.base, r.size, leaf_attrs(attrs), &unused)) {
		/* A table that leads nowhere can be cached too. */
		tlb_flush_stage2(s->vttbr);
		table_release(&t, unused);
		return false;
	}
	tlb_sync(); /* what gave a fault is never cached */
	return true;
}

/*
 * Makes no leaf reach across `at`, a page address. The block goes before its table comes: two
 * translations of different size for one address are not allowed to meet in a TLB.
 */
static bool split(struct stage2 *s, struct table *t, uint64_t at)
{
	unsigned int level;
	uint64_t *entry;

	while (entry = table_find(t, at, &level),
	       *entry != 0 && (at & (table_span(level) - 1)) != 0) {
		uint64_t *table = page_pool_get(t->pages);

		if (table == NULL) {
			return false;
		}
		table_fill_split(table, *entry, level + 1);
		table_entry_set(entry, 0);
		tlb_flush_stage2(s->vttbr);
		table_entry_set(entry, stage1_pa(table).pa | TABLE_TABLE);
		tlb_sync();
	}
	return true;
}

bool stage2_unmap(struct stage2 *s, struct range r, bool ns)
{
	struct table t = tree(s, ns);
	uint64_t end = r.base + r.size;
	void *unused;

	ASSERT(in_reach(r));
	if (!split(s, &t, r.base) || (end >> stage2_pa_bits() == 0 && !split(s, &t, end))) {
		return false;
	}
	unused = table_unmap(&t, r.base, r.size);
	tlb_flush_stage2(s->vttbr);
	table_release(&t, unused);
	return true;
}

unsigned int stage2_lookup(const struct stage2 *s, ipa_t ipa, bool ns)
{
	struct table t = tree(s, ns);
	unsigned int level;
	uint64_t leaf;

	if (ipa.ipa >> stage2_pa_bits() != 0) {
		return 0;
	}
	leaf = *table_find(&t, ipa.ipa, &level);
	if ((leaf & TABLE_VALID) == 0) {
		return 0;
	}
	return (leaf & S2_READ ? MEM_R : 0) | (leaf & S2_WRITE ? MEM_W : 0) |
	       (leaf & S2_XN ? 0 : MEM_X) | (leaf & S2_NORMAL ? 0 : MEM_DEVICE) | (ns ? MEM_NS : 0);
}

size_t stage2_pages_needed(struct range r)
{
	unsigned int bits = stage2_pa_bits();
	size_t pages = root_pages(bits);

	for (unsigned int level = root_level(bits) + 1; level <= TABLE_LAST_LEVEL; level++) {
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
