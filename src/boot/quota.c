/* SPDX-License-Identifier: BSD-3-Clause */
#include "boot/quota.h"

#include "arch/space.h"
#include "core/cpu.h"
#include "core/memory.h"
#include "lib/addr.h"
#include "lib/print.h"

_Static_assert(MANIFEST_MAX_SPS <= TRANSACTION_MAX_PARTITIONS, "each has places for transactions");

/* --- The normal world's memory --------------------------------------------------------------- */

static const unsigned int world_attrs[MEMORY_KINDS] = {
	[MEMORY_NS] = MEM_R | MEM_W | MEM_X | MEM_NS,
	[DEVICE_NS] = MEM_R | MEM_W | MEM_DEVICE | MEM_NS,
};

/* Bytes of the arena that quota_make() takes. */
size_t quota_objects_size(const struct manifest *m)
{
	return arena_size(m->memory_count * sizeof(struct memory_world));
}

/* Puts r into the world, which is sorted; what touches or overlaps it is made one with it. */
static void world_add(struct memory_world *world, uint32_t *count, struct memory_world w)
{
	uint32_t kept = 0;
	uint32_t at;

	for (uint32_t i = 0; i < *count; i++) {
		struct range r = world[i].range;

		if (world[i].attrs == w.attrs && r.base <= w.range.base + w.range.size &&
		    w.range.base <= r.base + r.size) {
			uint64_t last = range_last(r) > range_last(w.range) ? range_last(r)
									    : range_last(w.range);

			w.range.base = r.base < w.range.base ? r.base : w.range.base;
			w.range.size = last - w.range.base + 1;
		} else {
			world[kept++] = world[i];
		}
	}
	for (at = kept; at > 0 && world[at - 1].range.base > w.range.base; at--) {
		world[at] = world[at - 1];
	}
	world[at] = w;
	*count = kept + 1;
}

/* Leaves of r what a CPU can address; false: nothing. Manifests may be generous. */
static bool world_cut(struct range *r)
{
	uint64_t end = 1ul << space_pa_bits();

	if (r->base >= end) {
		return false;
	}
	if (range_last(*r) >= end) {
		r->size = end - r->base;
	}
	return true;
}

/* Returns where all of it ends, at least one page. */
static uint64_t world_make(const struct manifest *m, struct arena *a)
{
	struct memory_space *s = &spmc.nwd_pages;
	struct memory_world *world = arena_take(a, m->memory_count * sizeof(*world));
	uint64_t end = PAGE_SIZE;

	for (uint32_t i = 0; i < m->memory_count; i++) {
		struct range r = m->memory[i].range;

		if (world_attrs[m->memory[i].kind] != 0 && world_cut(&r)) {
			world_add(world, &s->world_count,
				  (struct memory_world){ r, world_attrs[m->memory[i].kind] });
			end = end > r.base + r.size ? end : r.base + r.size; /* at most 2^48 */
		}
	}
	s->world = world;
	return end;
}

/* What of the normal world's addresses belongs to partitions. */
static bool world_exclude(const struct partition *p)
{
	for (uint32_t i = 0; i < p->region_count; i++) {
		if ((p->regions[i].attrs & MEM_NS) != 0 &&
		    !memory_world_exclude(&spmc.nwd_pages, p->regions[i].range)) {
			return false;
		}
	}
	return true;
}

/* --- Quotas ---------------------------------------------------------------------------------- */

struct quota {
	uint64_t wanted; /* the manifest's; 0: it says nothing */
	uint32_t usual, least;
};

static struct quota quota_nwd(const struct manifest *m)
{
	return (struct quota){ m->nwd_quota, QUOTA_NWD, QUOTA_NWD_LEAST };
}

static struct quota quota_sp(const struct partition *p)
{
	return (struct quota){ p->quota, QUOTA_SP, QUOTA_SP_LEAST };
}

/* How the pages that there are for quotas are divided. */
struct shares {
	uint64_t wanted; /* sum of what manifests say */
	uint64_t usual; /* sum of the others' */
	uint64_t left; /* for the others */
};

static void shares_add(struct shares *s, struct quota q)
{
	s->wanted += q.wanted;
	s->usual += q.wanted == 0 ? q.usual : 0;
}

static struct shares shares_make(const struct manifest *m)
{
	struct shares s = { 0 };

	shares_add(&s, quota_nwd(m));
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		shares_add(&s, quota_sp(spmc.partitions[i]));
	}
	return s;
}

/* Pages that are enough for the quotas of all. */
size_t quota_pages_needed(const struct manifest *m)
{
	struct shares s = shares_make(m);

	return s.wanted + s.usual;
}

/* False: less would be left than it has to have at least. */
static bool give(struct page_pool *pool, struct quota q, const struct shares *s)
{
	uint64_t pages = q.wanted;

	if (pages == 0) {
		pages = s->left < s->usual ? q.usual * s->left / s->usual : q.usual;
		if (pages < q.least) {
			return false;
		}
	}
	return page_pool_move(pool, &spmc.pages, pages); /* of the longest run */
}

/* Memory of p's own that is a buffer from the start. */
static bool buffer_mark(struct partition *p, uint64_t base)
{
	uint64_t size = (uint64_t)p->endpoint.mailbox.pages << PAGE_SHIFT;
	struct memory_piece b;
	unsigned int attrs;

	memory_piece_make(&b, (struct range){ base, size });
	if (memory_check(&p->pages, MEMORY_BUFFER_MAP, &b.list, &attrs) != MEMORY_OK ||
	    memory_prepare(&p->pages, MEMORY_BUFFER_MAP, &b.list, attrs) != MEMORY_OK) {
		return false;
	}
	memory_commit(&p->pages, MEMORY_BUFFER_MAP, &b.list, attrs);
	return true;
}

static bool mailbox_mark(struct partition *p)
{
	const struct mailbox *m = &p->endpoint.mailbox;

	return m->pages == 0 || (buffer_mark(p, m->tx_ipa) && buffer_mark(p, m->rx_ipa));
}

/*
 * Says what the normal world owns, gives it and every partition its quota of working memory, of
 * which `spare` pages are left, and takes charge of who owns what from now on. Once all else is
 * made. False: there is too little.
 */
bool quota_make(const struct manifest *m, struct arena *a, size_t spare)
{
	struct shares s = shares_make(m);
	uint64_t end = world_make(m, a);
	uint64_t free = page_pool_count(&spmc.pages);

	if (free < spare || free - spare < s.wanted) {
		return false;
	}
	s.left = free - spare - s.wanted;
	if (s.left < s.usual) {
		log_warning("working memory is short: quotas of partitions are %lu%% of the usual",
			    100 * s.left / s.usual);
	}
	if (!give(&spmc.nwd_pages.pool, quota_nwd(m), &s) ||
	    !memory_world_init(&spmc.nwd_pages, &spmc.nwd_tree, end)) {
		return false;
	}
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		struct partition *p = spmc.partitions[i];

		if (!give(&p->pages.pool, quota_sp(p), &s) || !world_exclude(p)) {
			return false;
		}
		memory_space_init(&p->pages, &p->space);
		if (!mailbox_mark(p)) {
			return false;
		}
	}
	return true;
}
