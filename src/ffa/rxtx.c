/* SPDX-License-Identifier: BSD-3-Clause */
/* RX and TX buffers (FF-A 1.2 chapter 13.5 to 13.7, 7.2). */
#include "arch/fault_safe.h"
#include "core/memory.h"
#include "core/slot.h"
#include "core/vm.h"
#include "ffa/call.h"
#include "lib/addr.h"

/* What is asked for: for a partition, or with NULL for the normal world or a VM of it. */
struct rxtx_request {
	const struct partition *p;
	uint64_t tx, rx;
	uint32_t pages; /* of each */
};

/* One of the two: its pages, and what the caller may do with them. */
struct buffer {
	struct memory_piece pages;
	unsigned int attrs;
};

struct rxtx_plan {
	struct buffer tx, rx;
	uint32_t pages;
};

/* Pages of normal memory that the endpoint may read and write (what it may not write, nobody writes
 * for it), and that are its alone. */
static bool buffer_check(struct memory_space *s, struct buffer *b, struct range r)
{
	const unsigned int need = MEM_R | MEM_W;

	memory_piece_make(&b->pages, r);
	return range_last(r) >> space_pa_bits() == 0 &&
	       memory_check(s, MEMORY_BUFFER_MAP, &b->pages.list, &b->attrs) == MEMORY_OK &&
	       (b->attrs & (need | MEM_DEVICE)) == need;
}

/* Reads and cannot change anything. The space is locked. */
static enum ffa_status map_check(struct memory_space *s, const struct rxtx_request *r,
				 struct rxtx_plan *plan)
{
	uint64_t size = r->pages * PAGE_SIZE;
	struct range tx, rx;

	if (r->pages == 0 || r->pages > FFA_RXTX_MAX_PAGES || !is_page_aligned(r->tx) ||
	    !is_page_aligned(r->rx) || !range_make(&tx, r->tx, size) ||
	    !range_make(&rx, r->rx, size) || range_overlaps(tx, rx)) {
		return FFA_INVALID_PARAMETERS;
	}
	plan->pages = r->pages;
	if (buffer_check(s, &plan->tx, tx) && buffer_check(s, &plan->rx, rx)) {
		return FFA_OK;
	}
	return r->p == NULL ? FFA_DENIED : FFA_INVALID_PARAMETERS;
}

static enum ffa_status map_prepare(struct memory_space *s, const struct rxtx_plan *plan)
{
	const struct buffer *tx = &plan->tx;
	const struct buffer *rx = &plan->rx;

	if (memory_prepare(s, MEMORY_BUFFER_MAP, &tx->pages.list, tx->attrs) != MEMORY_OK) {
		return FFA_NO_MEMORY;
	}
	if (memory_prepare(s, MEMORY_BUFFER_MAP, &rx->pages.list, rx->attrs) != MEMORY_OK) {
		memory_cancel(s, &tx->pages.list, tx->attrs);
		return FFA_NO_MEMORY;
	}
	return FFA_OK;
}

/* The pages become buffers, and both are shown to us. The mailbox of e is locked, and the space. */
static void map_commit(struct memory_space *s, struct endpoint *e, const struct rxtx_plan *plan)
{
	struct mailbox *m = &e->mailbox;

	memory_commit(s, MEMORY_BUFFER_MAP, &plan->tx.pages.list, plan->tx.attrs);
	memory_commit(s, MEMORY_BUFFER_MAP, &plan->rx.pages.list, plan->rx.attrs);
	m->tx_ipa = plan->tx.pages.piece.base;
	m->rx_ipa = plan->rx.pages.piece.base;
	m->tx_ns = (plan->tx.attrs & MEM_NS) != 0;
	m->rx_ns = (plan->rx.attrs & MEM_NS) != 0;
	m->pages = plan->pages;
	m->rx_full = false;
	mailbox_show(m, slot_of_endpoint(e));
}

/* e is an endpoint that has no pair yet; its mailbox is locked. */
static enum ffa_status mailbox_map_locked(struct endpoint *e, const struct rxtx_request *r)
{
	struct memory_space *s = memory_space_of(e);
	struct rxtx_plan plan;
	enum ffa_status status;

	spin_lock(&s->lock);
	status = map_check(s, r, &plan);
	if (status == FFA_OK) {
		status = map_prepare(s, &plan);
	}
	if (status == FFA_OK) {
		map_commit(s, e, &plan);
	}
	spin_unlock(&s->lock);
	return status;
}

static enum ffa_status mailbox_map(struct endpoint *e, const struct rxtx_request *r)
{
	struct mailbox *m = &e->mailbox;
	enum ffa_status status;

	spin_lock(&m->lock);
	status = m->tx != NULL ? FFA_DENIED : mailbox_map_locked(e, r);
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
	struct endpoint *e = vm_reserve(id);
	enum ffa_status status = e != NULL ? mailbox_map(e, r) : FFA_DENIED;

	if (status == FFA_OK) {
		(void)vm_use(id, VM_RXTX);
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
 * struct ffa_rxtx_desc in its TX names, in one piece each. DENIED: there is a pair already, that
 * memory is not the normal world's alone, or there are too many VMs; INVALID_PARAMETERS: also when
 * it is not the partition's alone; NO_MEMORY: the caller's quota of table pages is used up.
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

	return answer_status(caller, for_vm ? vm_map() : mailbox_map(caller->endpoint, &r));
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

static void buffer_unmap(struct memory_space *s, uint64_t base, uint32_t pages, bool ns)
{
	struct memory_piece b;

	memory_piece_make(&b, (struct range){ base, pages * PAGE_SIZE });
	memory_commit(s, MEMORY_BUFFER_UNMAP, &b.list, ns ? MEM_NS : 0);
}

static bool mailbox_unmap(struct endpoint *e, uint16_t id)
{
	struct memory_space *s = memory_space_of(e);
	struct mailbox *m = &e->mailbox;
	bool mapped;

	spin_lock(&m->lock);
	mapped = is_owner(e, id) && m->tx != NULL;
	if (mapped) {
		mailbox_hide(m, slot_of_endpoint(e));
		spin_lock(&s->lock);
		buffer_unmap(s, m->tx_ipa, m->pages, m->tx_ns);
		buffer_unmap(s, m->rx_ipa, m->pages, m->rx_ns);
		spin_unlock(&s->lock);
		m->rx_full = false;
	}
	spin_unlock(&m->lock);
	return mapped;
}

/* e has ended: it has no buffers any more. */
void rxtx_drop(struct endpoint *e)
{
	(void)mailbox_unmap(e, 0);
}

/*
 * p, whose buffers have been dropped, starts anew: with those that its manifest places. False: they
 * are not its own any more.
 */
bool rxtx_renew(struct partition *p)
{
	const struct rxtx_request r = { p, p->boot_rxtx.tx, p->boot_rxtx.rx, p->boot_rxtx.pages };

	return r.pages == 0 || mailbox_map(&p->endpoint, &r) == FFA_OK;
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
