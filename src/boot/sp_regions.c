/* SPDX-License-Identifier: BSD-3-Clause */
#include "boot/sp_regions.h"

#include <libfdt.h>

#include "lib/addr.h"
#include "lib/print.h"

#define PAGES_MAX (1ul << (STAGE1_PA_BITS - PAGE_SHIFT))

struct region_props {
	uint64_t base, offset, pages;
	uint32_t attrs, phandle;
	uint64_t smmu;
	struct dt_value streams, interrupts, targets;
};

static const struct prop memory_table[] = {
#define MEMORY_PROP(...) PROP_ROW(struct region_props, __VA_ARGS__)
#include "boot/sp_manifest.def"
};
static const struct prop device_table[] = {
#define DEVICE_PROP(...) PROP_ROW(struct region_props, __VA_ARGS__)
#include "boot/sp_manifest.def"
};

static void add_region(struct sp_manifest *s, int node, const struct region_props *props,
		       const char *base_name, uint64_t base, uint32_t attrs)
{
	struct partition *p = &s->partition;
	struct region *r = &p->regions[p->region_count];

	if (p->region_count == PARTITION_MAX_REGIONS) {
		dt_error(&s->dt, node, NULL, "too many regions: at most %u, the image counts",
			 PARTITION_MAX_REGIONS);
		return;
	}
	if (!range_make(&r->range, base, props->pages << PAGE_SHIFT) ||
	    range_last(r->range) > ADDRESS_MAX) {
		dt_error(&s->dt, node, base_name,
			 "0x%lx with pages-count 0x%lx is not allowed: must end below 2^46", base,
			 props->pages);
		return;
	}
	if (props->smmu != ABSENT && !CONFIG_ALLOW_UNCONFINED_DMA) {
		dt_error(&s->dt, node, "smmu-id",
			 "0x%lx is not allowed: DMA cannot be confined yet; must be absent, or the "
			 "SPMC built with CONFIG_ALLOW_UNCONFINED_DMA=1",
			 props->smmu);
		return;
	}
	if (props->streams.data != NULL && !CONFIG_ALLOW_UNCONFINED_DMA) {
		dt_error(&s->dt, node, "stream-ids",
			 "not allowed: DMA cannot be confined yet; must be absent, or the SPMC "
			 "built with CONFIG_ALLOW_UNCONFINED_DMA=1");
		return;
	}
	r->attrs = attrs;
	format_string(r->name, sizeof(r->name), "%s", dt_node_name(&s->dt, node));
	s->phandles[p->region_count++] = props->phandle;
}

static void read_memory_region(struct sp_manifest *s, int node)
{
	uint64_t load_address = s->partition.memory.base;
	struct region_props props = { 0 };
	const char *base_name = "base-address";
	uint64_t base;

	if (!dt_read(&s->dt, node, memory_table, ROWS(memory_table), &props)) {
		return;
	}
	if ((props.base == ABSENT) == (props.offset == ABSENT)) {
		dt_error(&s->dt, node, base_name,
			 "%s: must be either base-address or load-address-relative-offset",
			 props.base == ABSENT ? "is missing" : "is there twice");
		return;
	}
	base = props.base;
	if (props.base == ABSENT) {
		base_name = "load-address-relative-offset";
		base = load_address + props.offset; /* both below 2^46 */
	}
	if ((props.attrs & MEM_R) == 0) {
		dt_error(&s->dt, node, "attributes",
			 "0x%x is not allowed: must be R (1), RW (3), RX (5) or RWX (7), +8 for "
			 "non-secure memory",
			 props.attrs);
		return;
	}
	add_region(s, node, &props, base_name, base, props.attrs);
}

static void add_interrupt(struct sp_manifest *s, int node, uint32_t intid, uint32_t attrs)
{
	struct partition *p = &s->partition;

	if (p->interrupt_count == PARTITION_MAX_INTERRUPTS) {
		dt_error(&s->dt, node, "interrupts", "too many: at most %u for a partition",
			 PARTITION_MAX_INTERRUPTS);
		return;
	}
	for (uint32_t i = 0; i < p->interrupt_count; i++) {
		if (p->interrupts[i].intid == intid) {
			dt_error(&s->dt, node, "interrupts",
				 "%u is not allowed: this partition has it already", intid);
			return;
		}
	}
	p->interrupts[p->interrupt_count++] = (struct interrupt){
		.intid = intid,
		.priority = (uint8_t)attrs,
		.secure = (attrs & 1u << 8) != 0,
		.level = (attrs & 1u << 9) != 0,
	};
}

static void set_target(struct sp_manifest *s, int node, uint32_t intid, uint64_t mpidr)
{
	struct partition *p = &s->partition;

	for (uint32_t i = 0; i < p->interrupt_count; i++) {
		if (p->interrupts[i].intid == intid) {
			p->interrupts[i].has_target = true;
			p->interrupts[i].target = mpidr;
			return;
		}
	}
	dt_error(&s->dt, node, "interrupts-target",
		 "%u is not allowed: must be one of the ids in interrupts", intid);
}

static void read_interrupts(struct sp_manifest *s, int node, const struct region_props *props)
{
	uint32_t ids = dt_value_cells(&props->interrupts);
	uint32_t targets = dt_value_cells(&props->targets);

	if (ids % 2 != 0) {
		dt_error(&s->dt, node, "interrupts", "has %u cells: must be pairs: id, attributes",
			 ids);
		return;
	}
	if (targets % 3 != 0) {
		dt_error(&s->dt, node, "interrupts-target",
			 "has %u cells: must be three for each: id, MPIDR high, MPIDR low",
			 targets);
		return;
	}
	for (uint32_t i = 0; i < ids; i += 2) {
		add_interrupt(s, node, dt_value_cell(&props->interrupts, i),
			      dt_value_cell(&props->interrupts, i + 1));
	}
	for (uint32_t i = 0; i < targets; i += 3) {
		set_target(s, node, dt_value_cell(&props->targets, i),
			   (uint64_t)dt_value_cell(&props->targets, i + 1) << 32 |
				   dt_value_cell(&props->targets, i + 2));
	}
}

static void read_device_region(struct sp_manifest *s, int node)
{
	struct region_props props = { 0 };

	if (!dt_read(&s->dt, node, device_table, ROWS(device_table), &props)) {
		return;
	}
	if ((props.attrs & MEM_R) == 0) {
		dt_error(&s->dt, node, "attributes",
			 "0x%x is not allowed: must be R (1) or RW (3), +8 for a non-secure device",
			 props.attrs);
		return;
	}
	add_region(s, node, &props, "base-address", props.base, props.attrs | MEM_DEVICE);
	read_interrupts(s, node, &props);
}

/* The nodes below /memory-regions; mistakes are reported and counted in s->dt. */
void sp_regions_memory(struct sp_manifest *s, int regions)
{
	int node;

	fdt_for_each_subnode(node, s->dt.fdt, regions)
	{
		read_memory_region(s, node);
	}
}

/* The nodes below /device-regions, and their interrupts. */
void sp_regions_devices(struct sp_manifest *s, int regions)
{
	int node;

	fdt_for_each_subnode(node, s->dt.fdt, regions)
	{
		read_device_region(s, node);
	}
}

/* A region is either apart from all others, or memory inside the partition's own. */
bool sp_regions_apart(struct sp_manifest *s)
{
	const struct partition *p = &s->partition;
	unsigned int errors_before = s->dt.errors;

	for (uint32_t i = 1; i < p->region_count; i++) {
		const struct region *r = &p->regions[i];

		if (range_overlaps(r->range, p->memory) &&
		    (!range_contains(p->memory, r->range) ||
		     (r->attrs & (MEM_NS | MEM_DEVICE)) != 0)) {
			s->dt.errors++;
			log_error(
				"%s: region %s: 0x%lx, size 0x%lx is not allowed: overlaps the "
				"image memory 0x%lx, size 0x%lx; must be secure memory inside it, "
				"or apart",
				s->dt.name, r->name, r->range.base, r->range.size, p->memory.base,
				p->memory.size);
		}
		for (uint32_t k = 1; k < i; k++) {
			if (range_overlaps(r->range, p->regions[k].range)) {
				s->dt.errors++;
				log_error("%s: region %s: 0x%lx, size 0x%lx is not allowed: "
					  "overlaps region %s of the same manifest",
					  s->dt.name, r->name, r->range.base, r->range.size,
					  p->regions[k].name);
			}
		}
	}
	return s->dt.errors == errors_before;
}

/* Inner regions: memory inside the image that the manifest gives attributes of its own. */
static const struct region *next_inner(const struct partition *p, uint32_t count, uint64_t from)
{
	const struct region *next = NULL;

	for (uint32_t i = 1; i < count; i++) {
		const struct region *r = &p->regions[i];

		if (range_contains(p->memory, r->range) && r->range.base >= from &&
		    (next == NULL || r->range.base < next->range.base)) {
			next = r;
		}
	}
	return next;
}

static bool put_image_piece(struct sp_manifest *s, uint32_t *pieces, uint64_t base, uint64_t size)
{
	struct partition *p = &s->partition;
	uint32_t i = *pieces == 0 ? 0 : p->region_count;

	if (i == PARTITION_MAX_REGIONS) {
		s->dt.errors++;
		log_error(
			"%s: /memory-regions: too many regions inside the image memory: at most %u "
			"in all, what is between them counts",
			s->dt.name, PARTITION_MAX_REGIONS);
		return false;
	}
	if (i != 0) {
		p->regions[i] = p->regions[0];
		p->region_count++;
	}
	p->regions[i].range = (struct range){ .base = base, .size = size };
	(*pieces)++;
	return true;
}

/*
 * The image memory is region 0. Where other regions lie inside it, it becomes what is left around
 * them, so that regions do not overlap.
 */
void sp_regions_cut_image(struct sp_manifest *s)
{
	struct partition *p = &s->partition;
	uint64_t end = p->memory.base + p->memory.size; /* at most 2^47 */
	uint64_t cursor = p->memory.base;
	uint32_t count = p->region_count;
	uint32_t pieces = 0;

	while (cursor < end) {
		const struct region *inner = next_inner(p, count, cursor);
		uint64_t piece_end = inner == NULL ? end : inner->range.base;

		if (piece_end > cursor &&
		    !put_image_piece(s, &pieces, cursor, piece_end - cursor)) {
			return;
		}
		cursor = inner == NULL ? end : inner->range.base + inner->range.size;
	}
	if (pieces == 0) {
		p->regions[0] = p->regions[--p->region_count];
	}
}
