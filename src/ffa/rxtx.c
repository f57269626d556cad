/* SPDX-License-Identifier: BSD-3-Clause */
/* RX and TX buffers (FF-A 1.2 chapter 13.5 to 13.7, 7.2). */
#include "arch/fault_safe.h"
#include "arch/stage1.h"
#include "core/vm.h"
#include "ffa/call.h"
#include "lib/addr.h"

static bool nwd_owns(struct range r)
{
	for (uint32_t i = 0; i < spmc.ns_memory_count; i++) {
		if (range_contains(spmc.ns_memory[i], r)) {
			return true;
		}
	}
	return false;
}

/*
 * Every page of r is p's own normal memory that it may read and write (what it may not write, nobody
 * writes for it), in one security state, which *ns then tells.
 */
static bool sp_owns(const struct partition *p, struct range r, bool *ns)
{
	const unsigned int need = MEM_R | MEM_W;

	*ns = (space_lookup(&p->space, ipa_of(r.base), false) & MEM_R) == 0;
	for (uint64_t offset = 0; offset < r.size; offset += PAGE_SIZE) {
		unsigned int attrs = space_lookup(&p->space, ipa_of(r.base + offset), *ns);

		if ((attrs & need) != need || (attrs & MEM_DEVICE) != 0) {
			return false;
		}
	}
	return true;
}

/* What is asked for: for a partition, or with NULL for the normal world or a VM of it. */
struct rxtx_request {
	const struct partition *p;
	uint64_t tx, rx;
	uint32_t pages; /* of each */
};

struct rxtx_plan {
	struct range tx, rx;
	bool tx_ns, rx_ns;
	uint32_t pages;
};

/* Reads and cannot change anything. */
static enum ffa_status map_check(const struct rxtx_request *r, struct rxtx_plan *plan)
{
	uint64_t size = r->pages * PAGE_SIZE;

	if (r->pages == 0 || r->pages > FFA_RXTX_MAX_PAGES || !is_page_aligned(r->tx) ||
	    !is_page_aligned(r->rx) || !range_make(&plan->tx, r->tx, size) ||
	    !range_make(&plan->rx, r->rx, size) || range_overlaps(plan->tx, plan->rx)) {
		return FFA_INVALID_PARAMETERS;
	}
	plan->pages = r->pages;
	if (r->p == NULL) {
		plan->tx_ns = true;
		plan->rx_ns = true;
		return nwd_owns(plan->tx) && nwd_owns(plan->rx) ? FFA_OK : FFA_DENIED;
	}
	return sp_owns(r->p, plan->tx, &plan->tx_ns) &&
			       sp_owns(r->p, plan->rx, &plan->rx_ns)
		       ? FFA_OK
		       : FFA_INVALID_PARAMETERS;
}

/* Shows both buffers to us. NO_MEMORY, and neither is: tables are missing. The mailbox is locked. */
static enum ffa_status map_commit(struct mailbox *m, const struct rxtx_plan *plan)
{
	void *tx = stage1_map(plan->tx, MEM_R | (plan->tx_ns ? MEM_NS : 0));
	void *rx = stage1_map(plan->rx, MEM_R | MEM_W | (plan->rx_ns ? MEM_NS : 0));

	if (tx == NULL || rx == NULL) {
		if (tx != NULL) {
			stage1_unmap(plan->tx, plan->tx_ns);
		}
		return FFA_NO_MEMORY;
	}
	m->tx = tx;
	m->rx = rx;
	m->tx_ipa = plan->tx.base;
	m->rx_ipa = plan->rx.base;
	m->tx_ns = plan->tx_ns;
	m->rx_ns = plan->rx_ns;
	m->pages = plan->pages;
	m->rx_full = false;
	return FFA_OK;
}

static enum ffa_status mailbox_map(struct mailbox *m, const struct rxtx_request *r)
{
	struct rxtx_plan plan;
	enum ffa_status status;

	spin_lock(&m->lock);
	status = m->tx != NULL ? FFA_DENIED : map_check(r, &plan);
	if (status == FFA_OK) {
		status = map_commit(m, &plan);
	}
	spin_unlock(&m->lock);
	return status;
}

/* --- On behalf of a VM ----------------------------------------------------------------------- */

/* The one piece of memory that a composite descriptor of the hypervisor's TX names. */
static bool buffer_read(const struct mailbox *m, uint32_t offset, struct ffa_constituent *buffer)
{
	struct {
		struct ffa_composite composite;
		struct ffa_constituent constituent;
	} copy;

	if (offset % 8 != 0 || offset < sizeof(struct ffa_rxtx_desc) ||
	    offset > m->pages * FFA_PAGE_SIZE - sizeof(copy) ||
	    !copy_fault_safe(&copy, (const char *)m->tx + offset, sizeof(copy)) ||
	    copy.composite.count != 1 || copy.composite.pages != copy.constituent.pages) {
		return false;
	}
	*buffer = copy.constituent;
	return true;
}

/* What the hypervisor's TX says: which buffers, for which VM. All of it is copied before. */
static bool vm_request_read(struct rxtx_request *r, uint16_t *id)
{
	struct mailbox *m = &spmc.nwd.mailbox;
	struct ffa_constituent tx, rx;
	struct ffa_rxtx_desc desc;
	bool valid;

	spin_lock(&m->lock);
	valid = m->tx != NULL && copy_fault_safe(&desc, m->tx, sizeof(desc)) &&
		buffer_read(m, desc.rx_offset, &rx) && buffer_read(m, desc.tx_offset, &tx);
	spin_unlock(&m->lock);
	if (!valid || rx.pages != tx.pages || desc.vm_id == FFA_ID_NWD ||
	    (desc.vm_id & FFA_ID_SECURE) != 0) {
		return false;
	}
	*r = (struct rxtx_request){ .tx = tx.base, .rx = rx.base, .pages = tx.pages };
	*id = desc.vm_id;
	return true;
}

/*
 * The VM gets a place in the table, which is locked, and its pair; it keeps the place only with the
 * pair.
 */
static enum ffa_status vm_map_locked(uint16_t id, const struct rxtx_request *r)
{
	struct endpoint *e = vm_find(id);
	struct rxtx_plan plan;
	enum ffa_status status;

	if (e != NULL && e->mailbox.tx != NULL) {
		return FFA_DENIED;
	}
	status = map_check(r, &plan);
	if (status != FFA_OK) {
		return status;
	}
	if (page_pool_count(&spmc.pages) < VM_PAGES_LEFT) {
		return FFA_NO_MEMORY;
	}
	e = vm_use(id, VM_RXTX);
	if (e == NULL) {
		return FFA_DENIED;
	}
	spin_lock(&e->mailbox.lock);
	status = map_commit(&e->mailbox, &plan);
	spin_unlock(&e->mailbox.lock);
	if (status != FFA_OK) {
		vm_unuse(e, VM_RXTX);
	}
	return status;
}

static enum ffa_status vm_map(void)
{
	struct rxtx_request r;
	enum ffa_status status;
	uint16_t id;

	if (!vm_request_read(&r, &id)) {
		return FFA_INVALID_PARAMETERS;
	}
	spin_lock(&spmc.vms.lock);
	status = vm_map_locked(id, &r);
	spin_unlock(&spmc.vms.lock);
	return status;
}

/*
 * FFA_RXTX_MAP: x1 = TX, x2 = RX (page aligned, the caller's own memory; physical addresses from
 * the normal world), w3 = pages of each, 1 to 16. All zero from a hypervisor: for the VM that
 * struct ffa_rxtx_desc in its TX names, in one piece each. DENIED: there is a pair already, the
 * normal world does not own that memory, or there are too many VMs; INVALID_PARAMETERS; NO_MEMORY:
 * no table pages to see them with.
 */
struct vcpu *ffa_rxtx_map(struct vcpu *caller)
{
	bool wide = (vcpu_w(caller, 0) & FFA_FID_64BIT) != 0;
	struct rxtx_request r = {
		.p = caller->partition,
		.tx = wide ? caller->arch.x[1] : vcpu_w(caller, 1),
		.rx = wide ? caller->arch.x[2] : vcpu_w(caller, 2),
		.pages = vcpu_w(caller, 3),
	};
	bool for_vm = r.p == NULL && r.tx == 0 && r.rx == 0 && r.pages == 0 &&
		      caller->endpoint->version >= FFA_VERSION_1_1;

	return answer_status(caller,
			     for_vm ? vm_map() : mailbox_map(&caller->endpoint->mailbox, &r));
}

/* --- Giving back ----------------------------------------------------------------------------- */

/*
 * Whose buffers a call is about that names a VM, 0 for the caller itself: a VM from the normal
 * world only. NULL: nobody's.
 */
static struct endpoint *owner_find(struct vcpu *caller, uint16_t id)
{
	if (id == 0) {
		return caller->endpoint;
	}
	return vcpu_is_nwd(caller) && (id & FFA_ID_SECURE) == 0 ? vm_find(id) : NULL;
}

/* With the mailbox locked: is e still what was found by that id? A VM may have gone meanwhile. */
static bool is_owner(const struct endpoint *e, uint16_t id)
{
	return id == 0 || e->id == id;
}

static bool mailbox_unmap(struct endpoint *e, uint16_t id)
{
	struct mailbox *m = &e->mailbox;
	bool mapped;

	spin_lock(&m->lock);
	mapped = is_owner(e, id) && m->tx != NULL;
	if (mapped) {
		uint64_t size = m->pages * PAGE_SIZE;

		stage1_unmap((struct range){ m->tx_ipa, size }, m->tx_ns);
		stage1_unmap((struct range){ m->rx_ipa, size }, m->rx_ns);
		m->tx = NULL;
		m->rx = NULL;
		m->rx_full = false;
	}
	spin_unlock(&m->lock);
	return mapped;
}

/*
 * FFA_RXTX_UNMAP: w1[31:16] = VM id at the physical instance, else zero. INVALID_PARAMETERS: there
 * is no pair, or w1 names somebody else.
 */
struct vcpu *ffa_rxtx_unmap(struct vcpu *caller)
{
	uint16_t id = FFA_IDS_SENDER(vcpu_w(caller, 1));
	enum ffa_status status = FFA_INVALID_PARAMETERS;
	struct endpoint *e;

	if ((vcpu_w(caller, 1) & 0xFFFF) != 0) {
		return answer_error(caller, status);
	}
	spin_lock(&spmc.vms.lock);
	e = owner_find(caller, id);
	if (e != NULL && mailbox_unmap(e, id)) {
		if (id != 0) {
			vm_unuse(e, VM_RXTX);
		}
		status = FFA_OK;
	}
	spin_unlock(&spmc.vms.lock);
	return answer_status(caller, status);
}

/* RX of e changes hands, if it is where it should be. */
static enum ffa_status rx_hand_over(struct endpoint *e, uint16_t id, bool full)
{
	struct mailbox *m = &e->mailbox;
	enum ffa_status status = FFA_DENIED;

	spin_lock(&m->lock);
	if (full && (!is_owner(e, id) || m->rx == NULL)) {
		status = FFA_INVALID_PARAMETERS;
	} else if (is_owner(e, id) && m->rx_full != full) {
		m->rx_full = full;
		status = FFA_OK;
	}
	spin_unlock(&m->lock);
	return status;
}

/*
 * FFA_RX_RELEASE: w1[15:0] = VM id at the physical instance, else zero. RX has been read.
 * INVALID_PARAMETERS: w1 names somebody else; DENIED: RX is the SPMC's already.
 */
struct vcpu *ffa_rx_release(struct vcpu *caller)
{
	uint16_t id = (uint16_t)vcpu_w(caller, 1);
	struct endpoint *e = owner_find(caller, id);

	return answer_status(caller,
			     e == NULL ? FFA_INVALID_PARAMETERS : rx_hand_over(e, id, false));
}

/*
 * FFA_RX_ACQUIRE: w1[15:0] = VM id. The hypervisor wants to write into the VM's RX; until it is
 * released we do not. NOT_SUPPORTED: not a VM; INVALID_PARAMETERS: it has no RX; DENIED: RX is
 * not the SPMC's.
 */
struct vcpu *ffa_rx_acquire(struct vcpu *caller)
{
	uint16_t id = (uint16_t)vcpu_w(caller, 1);
	struct endpoint *e;

	if ((id & FFA_ID_SECURE) != 0) {
		return answer_error(caller, FFA_NOT_SUPPORTED);
	}
	e = owner_find(caller, id);
	return answer_status(caller,
			     e == NULL ? FFA_INVALID_PARAMETERS : rx_hand_over(e, id, true));
}
