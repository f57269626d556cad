/* SPDX-License-Identifier: BSD-3-Clause */
#include "boot/load.h"

#include <stdatomic.h>

#include "arch/stage1.h"
#include "arch/space.h"
#include "arch/vcpu.h"
#include "boot/boot_info.h"
#include "boot/package.h"
#include "core/pristine.h"
#include "core/slot.h"
#include "core/vcpu.h"
#include "lib/addr.h"
#include "lib/print.h"

/* Stage 1 tables for the package while it is read. */
#define STAGE1_PAGES 3u

/* Zeroed memory for an object; load_objects_size() and boot.c have counted it. */
void *arena_take(struct arena *a, size_t size)
{
	void *object = a->next;

	size = arena_size(size);
	ASSERT(size <= (size_t)(a->end - a->next));
	a->next += size;
	return object;
}

/* Bytes of an arena that load_make() and the partition itself take. */
size_t load_objects_size(const struct manifest_sp *sp)
{
	return arena_size(sizeof(struct partition)) +
	       arena_size(sp->vcpu_count * sizeof(struct vcpu)) +
	       arena_size((size_t)sp->vcpu_count * ARCH_SIMD_SP_BYTES);
}

/* Maps as much of the package as has to be read, and says what is where in it. */
static bool read_package(struct sp_manifest *s, const struct manifest_sp *sp, struct range *seen,
			 struct package *package)
{
	char *base = stage1_map(*seen, MEM_R | MEM_W);
	uint64_t extent;

	if (base != NULL) {
		if (!package_extent(base, sp->memory.size, &extent, s->dt.name)) {
			return false;
		}
		seen->size = extent;
		base = stage1_map(*seen, MEM_R | MEM_W);
	}
	if (base == NULL) {
		log_error("%s: no memory for tables to map 0x%lx bytes of the package", s->dt.name,
			  seen->size);
		return false;
	}
	return package_read(package, base, sp->memory.size, s->dt.name);
}

/*
 * Reads package and manifest of the partition at node sp into *s and checks them against what
 * others have. True: s->partition is complete but for load_make(), and the boot information that it
 * asked for stands in its memory. False, after messages: it must not be loaded.
 */
bool load_read(struct claims *c, struct sp_manifest *s, const struct manifest_sp *sp)
{
	const char *owner = claims_owner(c, sp->memory, sp);
	struct range seen = { .base = sp->memory.base, .size = PAGE_SIZE };
	struct package package = { 0 };
	bool good;

	sp_manifest_begin(s, sp);
	if (owner != NULL) {
		log_error("%s: SPMC manifest: load_address 0x%lx, mem_size 0x%lx is not allowed: "
			  "overlaps memory of %s, must be nobody's",
			  s->dt.name, sp->memory.base, sp->memory.size, owner);
		return false;
	}
	good = read_package(s, sp, &seen, &package);
	if (good) {
		const char *base = stage1_map(seen, MEM_R | MEM_W);

		good = sp_manifest_read(s, base + package.manifest.base, sp, &package);
		good &= claims_check(c, s, sp);
	}
	if (good && s->boot_info != 0) {
		boot_info_write(stage1_map(seen, MEM_R | MEM_W), sp->memory.base, &package,
				s->boot_info, s->partition.ffa_version);
		s->partition.boot_info = sp->memory.base;
	}
	s->partition.package_size = page_align_up(package.image.base + package.image.size);
	stage1_unmap(seen, false);
	return good;
}

static enum space_kind kind_of(const struct partition *p)
{
	return p->el0 ? SPACE_EL0 : SPACE_STAGE2;
}

/* Pages that load_make() may take from the pool. */
size_t load_pages_needed(const struct partition *p)
{
	size_t pages = STAGE1_PAGES;

	if (p->abort_action == ABORT_RESTART) {
		pages += p->package_size >> PAGE_SHIFT;
	}
	for (uint32_t i = 0; i < p->region_count; i++) {
		pages += space_pages_needed(kind_of(p), p->regions[i].range);
	}
	return pages;
}

static bool map_regions(struct partition *p)
{
	for (uint32_t i = 0; i < p->region_count; i++) {
		const struct region *r = &p->regions[i];

		if (!space_map(&p->space, r->range, partition_rights(p, r))) {
			return false;
		}
	}
	return true;
}

/* A copy of what was loaded, for a partition that may have to be loaded again. */
static bool keep_pristine(struct partition *p, struct page_pool *pages)
{
	return p->abort_action != ABORT_RESTART || pristine_keep(p, pages);
}

/* RX and TX that the manifest places, and that the SP does not register itself. */
static void map_mailbox(struct partition *p)
{
	struct mailbox *m = &p->endpoint.mailbox;

	if (m->pages != 0) {
		p->boot_rxtx = (struct rxtx_place){ m->tx_ipa, m->rx_ipa, m->pages };
		mailbox_show(m, slot_of_partition(p));
	}
}

static void make_vcpus(struct partition *p, struct arena *a)
{
	char *simd = arena_take(a, (size_t)p->vcpu_count * ARCH_SIMD_SP_BYTES);

	p->vcpus = arena_take(a, p->vcpu_count * sizeof(struct vcpu));
	for (uint32_t i = 0; i < p->vcpu_count; i++) {
		struct vcpu *v = &p->vcpus[i];

		v->index = (uint16_t)i;
		v->partition = p;
		v->arch.space = &p->space;
		v->arch.simd.regs = simd + (size_t)i * ARCH_SIMD_SP_BYTES;
		arch_vcpu_reset(&v->arch, p->entry, i);
		vint_reset(&v->vint, p);
		/* The boot CPU starts the first; the others start when their CPUs come up. */
		atomic_store_explicit(&v->word,
				      vcpu_word(i == 0 ? VCPU_CREATED : VCPU_OFF, RT_NONE, i),
				      memory_order_relaxed);
	}
}

/*
 * Gives a partition that load_read() has accepted its address space and its vCPUs. False when the
 * pool has too few pages.
 */
bool load_make(struct partition *p, struct arena *a, struct page_pool *pages)
{
	uint16_t number = (uint16_t)(p->id - FFA_ID_SPMC); /* its VMID or ASID */

	if (!space_init(&p->space, kind_of(p), number, pages) || !map_regions(p) ||
	    !keep_pristine(p, pages)) {
		return false;
	}
	map_mailbox(p);
	make_vcpus(p, a);
	return true;
}
