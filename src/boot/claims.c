/* SPDX-License-Identifier: BSD-3-Clause */
#include "boot/claims.h"

#include "arch/space.h"
#include "core/interrupt.h"
#include "lib/print.h"

/*
 * PPIs of the normal world, of EL3 and of timers that we do not give away yet, as Arm's base system
 * architecture numbers them. What the SPMC uses itself is for interrupt_check().
 */
static const struct {
	uint32_t intid;
	const char *owner;
} reserved_ppis[] = {
	{ 19, "the secure virtual timer of EL2" }, { 25, "the GIC" },
	{ 26, "the hypervisor's timer" },          { 27, "the virtual timer" },
	{ 28, "the hypervisor's virtual timer" },  { 29, "the secure timer of EL1" },
	{ 30, "the normal world's timer" },
};

/* r belongs to `owner`, a string that stays. */
void claims_add(struct claims *c, struct range r, const char *owner)
{
	ASSERT(c->count < CLAIMS_MAX);
	c->list[c->count++] = (struct claim){ .range = r, .owner = owner };
}

/* What of the SPMC itself is in r; NULL: nothing. */
const char *claims_ours(const struct claims *c, struct range r)
{
	for (uint32_t i = 0; i < c->count; i++) {
		if (range_overlaps(c->list[i].range, r)) {
			return c->list[i].owner;
		}
	}
	return NULL;
}

/*
 * Who owns something of r, be it the SPMC, the memory of a partition other than `except`, or a
 * region of an accepted one; NULL: nobody. Secure and non-secure addresses count as the same.
 */
const char *claims_owner(const struct claims *c, struct range r, const struct manifest_sp *except)
{
	const char *owner = claims_ours(c, r);

	if (owner != NULL) {
		return owner;
	}
	for (uint32_t i = 0; i < c->manifest->sp_count; i++) {
		const struct manifest_sp *sp = &c->manifest->sps[i];

		if (sp != except && sp->usable && range_overlaps(sp->memory, r)) {
			return sp->name;
		}
	}
	for (uint32_t i = 0; i < c->partition_count; i++) {
		const struct partition *p = c->partitions[i];

		for (uint32_t k = 0; k < p->region_count; k++) {
			if (range_overlaps(p->regions[k].range, r)) {
				return p->name;
			}
		}
	}
	return NULL;
}

static enum memory_kind kind_of(const struct region *r)
{
	if ((r->attrs & MEM_DEVICE) != 0) {
		return (r->attrs & MEM_NS) != 0 ? DEVICE_NS : DEVICE_SECURE;
	}
	return (r->attrs & MEM_NS) != 0 ? MEMORY_NS : MEMORY_SECURE;
}

static void check_region(const struct claims *c, struct sp_manifest *s, const struct region *r,
			 const struct manifest_sp *sp)
{
	const char *owner = claims_owner(c, r->range, sp);

	if (!manifest_has_memory(c->manifest, kind_of(r), r->range)) {
		s->dt.errors++;
		log_error(
			"%s: region %s: 0x%lx, size 0x%lx is not allowed: must be inside one range "
			"of a node with device_type \"%s\" of the SPMC manifest",
			s->dt.name, r->name, r->range.base, r->range.size,
			memory_kind_name(kind_of(r)));
	}
	if (range_last(r->range) >> space_pa_bits() != 0) {
		s->dt.errors++;
		log_error("%s: region %s: 0x%lx, size 0x%lx is not allowed: must end below 2^%u, "
			  "which this CPU can address",
			  s->dt.name, r->name, r->range.base, r->range.size, space_pa_bits());
	}
	if (owner != NULL) {
		s->dt.errors++;
		log_error("%s: region %s: 0x%lx, size 0x%lx is not allowed: overlaps memory of %s, "
			  "must be nobody's",
			  s->dt.name, r->name, r->range.base, r->range.size, owner);
	} else if (range_overlaps(c->console, r->range)) {
		log_warning("%s: region %s: 0x%lx is the SPMC's console: both will write to it",
			    s->dt.name, r->name, r->range.base);
	}
}

static const char *reserved_owner(uint32_t intid)
{
	for (uint32_t i = 0; i < sizeof(reserved_ppis) / sizeof(reserved_ppis[0]); i++) {
		if (reserved_ppis[i].intid == intid) {
			return reserved_ppis[i].owner;
		}
	}
	return NULL;
}

static void check_interrupts(struct sp_manifest *s)
{
	const struct partition *p = &s->partition;

	for (uint32_t i = 0; i < p->interrupt_count; i++) {
		const char *owner = reserved_owner(p->interrupts[i].intid);

		if (owner != NULL) {
			s->dt.errors++;
			log_error("%s: /device-regions: interrupts: %u is not allowed: belongs to "
				  "%s, "
				  "must be nobody's",
				  s->dt.name, p->interrupts[i].intid, owner);
		}
	}
	if (!interrupt_check(p, s->dt.name)) {
		s->dt.errors++;
	}
}

/*
 * Checks what an SP manifest claims (s->partition, of the node sp) against what there is and what
 * others own. Reports every mistake; true when there was none.
 */
bool claims_check(const struct claims *c, struct sp_manifest *s, const struct manifest_sp *sp)
{
	const struct partition *p = &s->partition;
	unsigned int errors_before = s->dt.errors;

	for (uint32_t i = 0; i < p->region_count; i++) {
		check_region(c, s, &p->regions[i], sp);
	}
	check_interrupts(s);
	return s->dt.errors == errors_before;
}
