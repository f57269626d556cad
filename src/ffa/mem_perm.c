/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FFA_MEM_PERM_GET and FFA_MEM_PERM_SET (FF-A memory management protocol 1.2, chapter 2): an S-EL0
 * partition, which has no stage 1 of its own, says while it initialises what of its memory is code,
 * constants and data.
 */
#include "core/memory.h"
#include "ffa/call.h"
#include "lib/addr.h"

/* Permissions of pages, and what they mean. Others are reserved, or writable and executable. */
static const struct {
	uint32_t permission;
	unsigned int rights; /* MEM_* */
} permissions[] = {
	{ FFA_PAGES_RX, MEM_R | MEM_X },
	{ FFA_PAGES_RW, MEM_R | MEM_W },
	{ FFA_PAGES_RO, MEM_R },
};

#define PERMISSIONS (sizeof(permissions) / sizeof(permissions[0]))
#define RIGHTS (MEM_R | MEM_W | MEM_X)

enum ffa_status feature_mem_perm(const struct vcpu *caller, uint32_t input, uint32_t out[2])
{
	(void)input;
	(void)out;
	return caller->endpoint->kind == ENDPOINT_SP_EL0 ? FFA_OK : FFA_NOT_SUPPORTED;
}

static uint64_t first_page(const struct vcpu *caller)
{
	bool wide = (vcpu_w(caller, 0) & FFA_FID_64BIT) != 0;

	return wide ? caller->arch.x[1] : vcpu_w(caller, 1);
}

/* The rights that a permission is; 0: it is none. */
static unsigned int rights_of(uint32_t permission)
{
	for (unsigned int i = 0; i < PERMISSIONS; i++) {
		if (permissions[i].permission == permission) {
			return permissions[i].rights;
		}
	}
	return 0;
}

/* The attributes of p's page at va, or 0 if there is none. The lock of p->pages is held. */
static unsigned int page_attrs(const struct partition *p, uint64_t va)
{
	unsigned int attrs = space_lookup(&p->space, ipa_of(va), false);

	return attrs != 0 ? attrs : space_lookup(&p->space, ipa_of(va), true);
}

/* The region of p's manifest that va is in; NULL: none, it is memory of somebody else's. */
static const struct region *region_of(const struct partition *p, uint64_t va)
{
	for (uint32_t i = 0; i < p->region_count; i++) {
		if (range_has(p->regions[i].range, va)) {
			return &p->regions[i];
		}
	}
	return NULL;
}

/*
 * FFA_MEM_PERM_GET: x1 = address of a page. w2 = its permission. DENIED to an S-EL1 partition, and
 * after initialisation; INVALID_PARAMETERS for what is no page of the caller's.
 */
struct vcpu *ffa_mem_perm_get(struct vcpu *caller)
{
	struct partition *p = caller->partition;
	uint64_t va = first_page(caller);
	unsigned int rights;

	if (!p->el0) {
		return answer_error(caller, FFA_DENIED);
	}
	spin_lock(&p->pages.lock);
	rights = is_page_aligned(va) ? page_attrs(p, va) & RIGHTS : 0;
	spin_unlock(&p->pages.lock);
	for (unsigned int i = 0; i < PERMISSIONS; i++) {
		if (permissions[i].rights == rights) {
			return answer_success(caller, permissions[i].permission, 0);
		}
	}
	return answer_error(caller, FFA_INVALID_PARAMETERS);
}

/*
 * Whether all pages of r are memory that p's manifest gives it and lets it use with these rights,
 * that is its own and nobody else's now, of one physical address space, and of one type. Memory
 * that it has borrowed is its lender's to give rights to, a buffer stays what the SPMC writes to.
 * The lock of p->pages is held.
 */
static bool may_set(const struct partition *p, struct range r, unsigned int rights)
{
	unsigned int first = page_attrs(p, r.base);

	for (uint64_t offset = 0; offset < r.size; offset += PAGE_SIZE) {
		const struct region *of = region_of(p, r.base + offset);
		unsigned int attrs = page_attrs(p, r.base + offset);
		bool ns = (attrs & MEM_NS) != 0;

		if (of == NULL || attrs == 0 || (rights & ~of->attrs) != 0 ||
		    memory_look(&p->pages, r.base + offset, ns, NULL) != MEMORY_OWNED ||
		    ((attrs ^ first) & ~RIGHTS) != 0) {
			return false;
		}
	}
	return true;
}

static enum ffa_status set_locked(struct partition *p, struct range r, unsigned int rights)
{
	if (!may_set(p, r, rights)) {
		return FFA_INVALID_PARAMETERS;
	}
	if (!space_protect(&p->space, r, (page_attrs(p, r.base) & MEM_NS) != 0, rights)) {
		return FFA_NO_MEMORY;
	}
	return FFA_OK;
}

/*
 * FFA_MEM_PERM_SET: x1 = address, w2 = number of pages, w3 = permission: R X, R W or R. DENIED to
 * an S-EL1 partition, and after initialisation. INVALID_PARAMETERS: not page aligned, no pages,
 * another permission, pages that are not its own, differ in more than their permission, or may not
 * be used so by its manifest. NO_MEMORY: tables are missing. With an error nothing has changed.
 */
struct vcpu *ffa_mem_perm_set(struct vcpu *caller)
{
	struct partition *p = caller->partition;
	unsigned int rights = rights_of(vcpu_w(caller, 3));
	enum ffa_status status;
	struct range r;

	if (!p->el0) {
		return answer_error(caller, FFA_DENIED);
	}
	if (rights == 0 || vcpu_w(caller, 2) == 0 || !is_page_aligned(first_page(caller)) ||
	    !range_make(&r, first_page(caller), (uint64_t)vcpu_w(caller, 2) << PAGE_SHIFT)) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	spin_lock(&p->pages.lock);
	status = set_locked(p, r, rights);
	spin_unlock(&p->pages.lock);
	return answer_status(caller, status);
}
