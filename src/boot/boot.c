/* SPDX-License-Identifier: BSD-3-Clause */
#include "boot/boot.h"

#include <libfdt.h>
#include <stdatomic.h>
#include <string.h>

#include "arch/board.h"
#include "arch/boot.h"
#include "arch/console.h"
#include "arch/cpu_id.h"
#include "arch/gic.h"
#include "arch/simd.h"
#include "arch/stage1.h"
#include "arch/vcpu.h"
#include "boot/quota.h"
#include "core/cpu.h"
#include "core/interrupt.h"
#include "core/slot.h"
#include "lib/addr.h"
#include "lib/print.h"

/* A stack, and a page below it that is not mapped. */
#define STACK_PAGES 2u
#define STACK_RUN (1u + STACK_PAGES)
/* For what comes after boot: notifications of VMs. */
#define SPARE_PAGES 8u
/* For tables of regions beside a partition's image, as long as they are not known. */
#define REGION_PAGES 12u
/* Working memory of manifests that do not say how much: up to here from the load address. */
#define DEFAULT_BYTES 0x80000ul

/* Ends boot: no system can be made. What is wrong has been said, or is the message. */
#define boot_fail(...)                                                                             \
	do {                                                                                       \
		log_error(__VA_ARGS__);                                                            \
		boot_stop();                                                                       \
	} while (0)

/* Stage 1 tables that a mapping of r may take. */
static size_t tables_for(struct range r)
{
	return (r.size >> 21) + 4;
}

/* --- The manifest ---------------------------------------------------------------------------- */

/* There is no manifest, so no console but the board's can say so. */
#define no_manifest(...)                                                                           \
	do {                                                                                       \
		(void)console_init(BOARD_CONSOLE);                                                 \
		boot_fail(__VA_ARGS__);                                                            \
	} while (0)

/* Maps the manifest, however large it says it is within the limit. */
static const void *map_manifest(struct range *blob, uint64_t pa)
{
	struct range seen = { .base = page_align_down(pa), .size = PAGE_SIZE };
	uint32_t total;
	const char *window;

	if (pa % 8 != 0) {
		no_manifest(
			"SPMC manifest: address 0x%lx (x0) is not allowed: must be a multiple of 8",
			pa);
	}
	window = stage1_map(seen, MEM_R);
	if (window == NULL) {
		no_manifest("SPMC manifest: address 0x%lx (x0) is not allowed: must be below 2^%u",
			    pa, STAGE1_PA_BITS);
	}
	const void *fdt = window + (pa - seen.base);
	if (pa - seen.base > PAGE_SIZE - sizeof(struct fdt_header) || fdt_magic(fdt) != FDT_MAGIC) {
		no_manifest("SPMC manifest: no device tree at 0x%lx (x0)", pa);
	}
	total = fdt_totalsize(fdt);
	if (total < sizeof(struct fdt_header) || total > MANIFEST_MAX_BYTES) {
		no_manifest(
			"SPMC manifest: size 0x%x at 0x%lx is not allowed: must be at most 0x%x "
			"bytes",
			total, pa, MANIFEST_MAX_BYTES);
	}
	seen.size = page_align_up(pa - seen.base + total);
	if (stage1_map(seen, MEM_R) == NULL) {
		no_manifest("SPMC manifest: size 0x%x at 0x%lx cannot be mapped", total, pa);
	}
	*blob = seen;
	return fdt;
}

/* --- Devices --------------------------------------------------------------------------------- */

static const struct gic_regions *gic_regions(const struct manifest *m)
{
	static const struct gic_regions standard = {
		.distributor = { BOARD_GICD, BOARD_GICD_SIZE },
		.redistributors = { { BOARD_GICR, BOARD_GICR_SIZE } },
		.redistributor_count = 1,
	};

	return m->has_gic ? &m->gic : &standard;
}

static uint64_t console_pa(const struct manifest *m)
{
	return m->has_console ? m->console.base : BOARD_CONSOLE;
}

/* From here on the log is seen. */
static void start_console(const struct manifest *m)
{
	if (!console_init(console_pa(m))) {
		boot_fail("SPMC manifest: /console: reg: 0x%lx cannot be mapped", console_pa(m));
	}
}

static void claim_devices(struct boot *b)
{
	const struct gic_regions *g = gic_regions(&b->manifest);

	claims_add(&b->claims, g->distributor, "the SPMC (GIC)");
	for (uint32_t i = 0; i < g->redistributor_count; i++) {
		claims_add(&b->claims, g->redistributors[i], "the SPMC (GIC)");
	}
	b->claims.console = (struct range){ console_pa(&b->manifest), PAGE_SIZE };
}

static size_t gic_pages(const struct gic_regions *g)
{
	size_t pages = tables_for(g->distributor);

	for (uint32_t i = 0; i < g->redistributor_count; i++) {
		pages += tables_for(g->redistributors[i]);
	}
	return pages;
}

static void start_gic(const struct gic_regions *g)
{
	if (!gic_init(g)) {
		boot_fail(
			"SPMC manifest: /interrupt-controller: reg: no GICv3 distributor at 0x%lx",
			g->distributor.base);
	}
	if (!gic_cpu_init(0, spmc.cpus[0].mpidr)) {
		boot_fail("SPMC manifest: /interrupt-controller: reg: no redistributor of the CPU "
			  "that boots, MPIDR 0x%lx",
			  spmc.cpus[0].mpidr);
	}
}

/* --- Working memory -------------------------------------------------------------------------- */

/* The memory that the manifest gives to our image, which lies at `image`. */
static struct range image_memory(const struct manifest *m, struct range image)
{
	struct range r = { .base = image.base, .size = DEFAULT_BYTES };

	if (m->image.size == 0) {
		log_warning(
			"SPMC manifest: /attribute: binary_size: is missing: taking 0x%lx bytes "
			"from 0x%lx, where the SPMC is",
			DEFAULT_BYTES, image.base);
	} else if (!range_has(m->image, image.base)) {
		log_warning("SPMC manifest: /attribute: load_address: 0x%lx, binary_size 0x%lx is "
			    "ignored: the SPMC is at 0x%lx; taking 0x%lx bytes from there",
			    m->image.base, m->image.size, image.base, DEFAULT_BYTES);
	} else {
		r = m->image;
	}
	if (!range_contains(r, image)) {
		boot_fail(
			"SPMC manifest: /attribute: binary_size: 0x%lx is not allowed: must be at "
			"least 0x%lx, which the SPMC's image needs",
			r.size, image.base - r.base + image.size);
	}
	return r;
}

/* Lists what the pool will consist of: the memory after the image, and what the manifest adds. */
static void find_working_memory(struct boot *b)
{
	const struct manifest *m = &b->manifest;
	struct range image = { .base = image_load_pa(), .size = image_size() };
	struct range r = image_memory(m, image);
	uint64_t first = page_align_up(image.base + image.size);
	uint64_t end = page_align_down(r.base + r.size); /* both below 2^47 */

	claims_add(&b->claims, image, "the SPMC");
	if (end > first) {
		b->working[b->working_count++] = (struct range){ first, end - first };
	}
	for (uint32_t i = 0; i < m->working_count; i++) {
		b->working[b->working_count++] = m->working[i];
	}
}

static void add_to_pool(struct range r)
{
	void *base;

	if (r.size == 0) {
		return;
	}
	base = stage1_map(r, MEM_R | MEM_W);
	if (base == NULL) {
		boot_fail("SPMC manifest: working memory 0x%lx, size 0x%lx cannot be mapped",
			  r.base, r.size);
	}
	page_pool_add(&spmc.pages, base, r.size >> PAGE_SHIFT);
}

/*
 * All of working memory becomes the pool; nobody else may have any of it. The tables to map it are
 * in its own first pages, for there are few without it.
 */
static void make_pool(struct boot *b)
{
	size_t tables = 0;

	for (uint32_t i = 0; i < b->working_count; i++) {
		struct range r = b->working[i];
		const char *owner = claims_ours(&b->claims, r);

		if (owner != NULL) {
			boot_fail("SPMC manifest: working memory 0x%lx, size 0x%lx is not allowed: "
				  "overlaps memory of %s, must be nobody's",
				  r.base, r.size, owner);
		}
		claims_add(&b->claims, r, "the SPMC (working memory)");
		tables += tables_for(r);
		b->pool_bytes += r.size;
	}
	for (uint32_t i = 0; i < b->working_count; i++) {
		struct range *r = &b->working[i];
		struct range first = { r->base, tables * PAGE_SIZE };

		if (i == 0 && r->size > first.size) {
			add_to_pool(first);
			*r = (struct range){ r->base + first.size, r->size - first.size };
			stage1_use_pool(&spmc.pages);
		}
		add_to_pool(*r);
	}
	stage1_use_pool(&spmc.pages);
}

/* --- Objects --------------------------------------------------------------------------------- */

/* Bytes of the arena: what make_objects() and load_make() take. */
static size_t objects_size(const struct manifest *m)
{
	size_t size = arena_size(m->cpu_count * sizeof(struct cpu)) +
		      m->cpu_count * arena_size(arch_simd_nwd_bytes()) +
		      2 * arena_size(m->sp_count * sizeof(struct partition *)) +
		      quota_objects_size(m);

	for (uint32_t i = 0; i < m->sp_count; i++) {
		if (m->sps[i].usable) {
			size += load_objects_size(&m->sps[i]);
		}
	}
	return size;
}

/*
 * Pages for a partition whose manifest nobody has read, for there was no memory to: its image, the
 * usual quota, and a few regions; *notifications: bytes.
 */
static size_t unread_pages(struct sp_manifest *s, const struct manifest_sp *sp,
			   size_t *notifications)
{
	sp_manifest_begin(s, sp);
	s->partition.notifications = true;
	*notifications += notification_bytes(&s->partition);
	return load_pages_needed(&s->partition) + REGION_PAGES +
	       (sp->quota != 0 ? sp->quota : QUOTA_SP);
}

/* Bytes of working memory that are enough for all that is made, or a little more. */
static uint64_t bytes_needed(struct boot *b)
{
	const struct manifest *m = &b->manifest;
	size_t pages = SPARE_PAGES + quota_pages_needed(m) +
		       stage1_slots_pages(slot_count(m->sp_count, m->cpu_count)) +
		       gic_pages(gic_regions(m)) + STACK_RUN * m->cpu_count +
		       (page_align_up(objects_size(m)) >> PAGE_SHIFT);
	size_t interrupts = 0;
	size_t notifications = 0;

	for (uint32_t i = 0; i < m->sp_count && !b->partitions_read; i++) {
		if (m->sps[i].usable) {
			pages += unread_pages(&b->sp, &m->sps[i], &notifications);
		}
	}
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		pages += load_pages_needed(spmc.partitions[i]);
		interrupts += spmc.partitions[i]->interrupt_count;
		notifications += notification_bytes(spmc.partitions[i]);
	}
	return page_align_up(interrupts * sizeof(struct interrupt_owner)) +
	       page_align_up(notifications) + pages * PAGE_SIZE;
}

static _Noreturn void fail_memory(struct boot *b)
{
	boot_fail("SPMC manifest: /attribute: binary_size: too little working memory: 0x%lx bytes "
		  "after the image are enough, 0x%lx are there; must be larger, or a node "
		  "working-memory give more",
		  bytes_needed(b), b->pool_bytes);
}

static void make_cpu(struct cpu *c, uint32_t index, uint64_t mpidr, void *simd, char *stack)
{
	c->index = index;
	c->mpidr = mpidr;
	c->stack = (uint64_t)(uintptr_t)stack + STACK_RUN * PAGE_SIZE;
	c->nwd.index = (uint16_t)index;
	arch_vcpu_init_nwd(&c->nwd.arch, simd);
	atomic_store_explicit(&c->nwd.word,
			      vcpu_word(index == 0 ? VCPU_RUNNING : VCPU_OFF, RT_NONE, index),
			      memory_order_relaxed);
	stage1_unmap((struct range){ .base = stage1_pa(stack).pa, .size = PAGE_SIZE }, false);
}

/* Takes what the arena and the stacks need, in one piece each, and makes the CPUs. */
static void make_objects(struct boot *b)
{
	const struct manifest *m = &b->manifest;
	size_t pages = page_align_up(objects_size(m)) >> PAGE_SHIFT;
	char *objects = page_pool_get_run(&spmc.pages, pages);
	char *stacks = page_pool_get_run(&spmc.pages, STACK_RUN * m->cpu_count);

	if (objects == NULL || stacks == NULL) {
		fail_memory(b);
	}
	b->arena = (struct arena){ .next = objects, .end = objects + pages * PAGE_SIZE };

	spmc.id = FFA_ID_SPMC;
	spmc.protects = m->protects;
	spmc.cpus = arena_take(&b->arena, m->cpu_count * sizeof(struct cpu));
	spmc.cpu_count = m->cpu_count;
	for (uint32_t i = 0; i < m->cpu_count; i++) {
		make_cpu(&spmc.cpus[i], i, m->mpidr[i],
			 arena_take(&b->arena, arch_simd_nwd_bytes()),
			 stacks + (size_t)i * STACK_RUN * PAGE_SIZE);
	}
	spmc.partitions = arena_take(&b->arena, m->sp_count * sizeof(struct partition *));
	spmc.by_id = arena_take(&b->arena, m->sp_count * sizeof(spmc.by_id[0]));
	spmc.id_count = m->sp_count;
	b->claims.partitions = spmc.partitions;
	if (!stage1_slots_make(slot_count(m->sp_count, m->cpu_count))) {
		fail_memory(b);
	}
}

/* --- Partitions ------------------------------------------------------------------------------ */

/* Ascending boot-order; the same (or none: 0xFFFF): in the order of the nodes. */
static void insert_partition(struct partition *p)
{
	uint32_t i = spmc.partition_count++;

	while (i > 0 && spmc.partitions[i - 1]->boot_order > p->boot_order) {
		spmc.partitions[i] = spmc.partitions[i - 1];
		i--;
	}
	spmc.partitions[i] = p;
}

/*
 * Reads the packages of all partitions in b->manifest and keeps those that are right, in
 * spmc.partitions. The arena has room for them. Each mistake of each is reported.
 */
void boot_read_partitions(struct boot *b)
{
	b->partitions_read = true;
	for (uint32_t i = 0; i < b->manifest.sp_count; i++) {
		const struct manifest_sp *sp = &b->manifest.sps[i];
		struct partition *p;

		if (!sp->usable || !load_read(&b->claims, &b->sp, sp)) {
			log_error("vm%u is not loaded; the others go on", sp->number);
			continue;
		}
		p = arena_take(&b->arena, sizeof(*p));
		*p = b->sp.partition;
		insert_partition(p);
		b->claims.partition_count = spmc.partition_count;
	}
}

static void make_partitions(struct boot *b)
{
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		struct partition *p = spmc.partitions[i];

		if (!load_make(p, &b->arena, &spmc.pages)) {
			fail_memory(b);
		}
		log_info("SP %s: id 0x%x, 0x%lx bytes at 0x%lx, %u vCPU%s", p->name, p->id,
			 p->memory.size, p->memory.base, p->vcpu_count,
			 p->vcpu_count == 1 ? "" : "s");
	}
	if (!interrupt_init() || !notification_init() ||
	    !quota_make(&b->manifest, &b->arena, SPARE_PAGES)) {
		fail_memory(b);
	}
	interrupt_configure_shared();
}

/*
 * Makes the system that the manifest at manifest_pa (8-byte aligned; x0 of the boot CPU) describes:
 * fills `spmc`, brings up console, GIC (of this CPU, too) and the partitions' SPIs, loads every
 * partition that is right. Afterwards spmc.partitions are in boot order; vCPU 0 of each is
 * VCPU_CREATED, all others VCPU_OFF; the normal world's vCPU of this CPU (index 0) is VCPU_RUNNING,
 * the others VCPU_OFF. A mistake in one partition costs that partition; if no system can be made,
 * it does not return. *b is for its own use.
 */
void boot_system(struct boot *b, uint64_t manifest_pa)
{
	const struct manifest *m = &b->manifest;
	const void *fdt;
	bool good;

	memset(b, 0, sizeof(*b)); /* tests boot more than once */
	fdt = map_manifest(&b->blob, manifest_pa);
	good = manifest_read(&b->manifest, fdt, fdt_totalsize(fdt), arch_mpidr());
	start_console(m);
	b->claims.manifest = m;
	claims_add(&b->claims, b->blob, "the SPMC (manifest)");
	claim_devices(b);
	if (!good) {
		boot_fail("SPMC manifest at 0x%lx: no system can be made of it", manifest_pa);
	}
	find_working_memory(b);
	make_pool(b);
	make_objects(b);
	start_gic(gic_regions(m));
	boot_read_partitions(b);
	make_partitions(b);
	stage1_unmap(b->blob, false);
	log_info("%u CPUs, %u of %u partitions, 0x%lx of 0x%lx bytes of working memory left",
		 m->cpu_count, spmc.partition_count, m->sp_count, spmc.pages.free_count * PAGE_SIZE,
		 b->pool_bytes);
}
