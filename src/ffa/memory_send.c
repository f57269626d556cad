/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A lender sends memory: SHARE, LEND, DONATE, and FRAG_TX for descriptors that do not fit TX (FF-A
 * 1.2 chapters 10, 16.1 to 16.3, 16.9).
 *
 * The descriptor is copied piece by piece to where it stays, and only the copy is looked at. All
 * checks of a piece come as soon as it is there; what needs the whole list comes with its last
 * fragment, and only when all of them have passed do pages change hands.
 */
#include "arch/fault_safe.h"
#include "core/cpu.h"
#include "ffa/memory.h"

const struct memory_kind memory_kinds[] = {
	[TRANSACTION_SHARE] = { FFA_MEM_FLAG_TYPE_SHARE, MEMORY_SHARE, MEMORY_RETRIEVE_SHARED,
				MEMORY_RELINQUISH_SHARED, MEMORY_RECLAIM_SHARED },
	[TRANSACTION_LEND] = { FFA_MEM_FLAG_TYPE_LEND, MEMORY_LEND, MEMORY_RETRIEVE_LENT,
			       MEMORY_RELINQUISH_LENT, MEMORY_RECLAIM_LENT },
	/* Who has taken a donation owns it: there is nothing to relinquish. */
	[TRANSACTION_DONATE] = { FFA_MEM_FLAG_TYPE_DONATE, MEMORY_DONATE, MEMORY_RETRIEVE_DONATED,
				 MEMORY_OPS, MEMORY_RECLAIM_DONATED },
};

struct send {
	const struct vcpu *caller;
	enum transaction_kind kind;
	uint32_t total; /* bytes of the descriptor */
	uint32_t length; /* of those in TX now */
	struct memory_request request;
	struct ffa_composite composite;
	uint32_t list; /* where the constituents begin */
};

enum ffa_status memory_error(enum memory_status status)
{
	static const int8_t errors[] = {
		[MEMORY_OK] = FFA_OK,         [MEMORY_INVALID] = FFA_INVALID_PARAMETERS,
		[MEMORY_DENIED] = FFA_DENIED, [MEMORY_NO_MEMORY] = FFA_NO_MEMORY,
		[MEMORY_FAULT] = FFA_ABORTED,
	};

	return errors[status];
}

/* --- The head of the descriptor --------------------------------------------------------------- */

/* May the caller speak for that sender? An SP for itself, the normal world for each VM. */
static bool speaks_for(const struct vcpu *caller, uint16_t sender)
{
	return vcpu_is_nwd(caller) ? memory_is_vm(sender) : sender == caller->endpoint->id;
}

/* Permissions by themselves: the data access is said if and only if it has to be. */
static bool permissions_valid(const struct send *s, uint8_t permissions)
{
	uint8_t data = permissions & FFA_MEM_DATA_MASK;

	if ((permissions & ~FFA_MEM_DATA_MASK) != 0) {
		return false; /* instruction access is the borrower's to name */
	}
	return s->kind == TRANSACTION_DONATE ? data == FFA_MEM_DATA_NONE
					     : data == FFA_MEM_DATA_RO || data == FFA_MEM_DATA_RW;
}

static enum ffa_status receiver_check(const struct send *s, uint16_t id)
{
	const struct memory_request *r = &s->request;

	if (id == r->sender || id == FFA_ID_NONE) {
		return FFA_INVALID_PARAMETERS;
	}
	if (!memory_is_vm(id)) {
		return partition_find(id) != NULL ? FFA_OK : FFA_INVALID_PARAMETERS;
	}
	/*
	 * What VMs have among themselves is their hypervisor's business, and no SP gives to them.
	 */
	return vcpu_is_nwd(s->caller) && s->kind == TRANSACTION_SHARE && r->access_count > 1
		       ? FFA_OK
		       : FFA_DENIED;
}

/* Borrower i, after those before it. */
static enum ffa_status access_check(const struct send *s, uint32_t i)
{
	const struct ffa_mem_access *all = s->request.access;

	if (all[i].flags != 0 || all[i].composite_offset != all[0].composite_offset ||
	    !permissions_valid(s, all[i].permissions)) {
		return FFA_INVALID_PARAMETERS;
	}
	for (uint32_t j = 0; j < i; j++) {
		if (all[j].endpoint == all[i].endpoint) {
			return FFA_INVALID_PARAMETERS;
		}
	}
	return receiver_check(s, all[i].endpoint);
}

/* Attributes are the owner's to name where several may use the memory, and only there. */
static enum ffa_status attributes_check(const struct send *s)
{
	const struct memory_request *r = &s->request;
	bool named = s->kind == TRANSACTION_SHARE || r->access_count > 1;

	if ((r->attributes & ~FFA_MEM_ATTR_DEFINED) != 0 ||
	    (r->attributes & FFA_MEM_ATTR_NS) != 0) {
		return FFA_INVALID_PARAMETERS;
	}
	if (named) {
		return descriptor_check_attributes(r->attributes);
	}
	return (r->attributes & FFA_MEM_TYPE_MASK) == FFA_MEM_TYPE_NONE ? FFA_OK
									: FFA_INVALID_PARAMETERS;
}

/* Header and borrowers. */
static enum ffa_status head_check(const struct send *s)
{
	const struct memory_request *r = &s->request;
	uint32_t flags = s->kind == TRANSACTION_SHARE ? 0 : FFA_MEM_FLAG_ZERO;
	enum ffa_status status;

	if (!speaks_for(s->caller, r->sender)) {
		return FFA_DENIED;
	}
	if (r->handle != 0 || (r->flags & ~flags) != 0 ||
	    (s->kind == TRANSACTION_DONATE && r->access_count != 1)) {
		return FFA_INVALID_PARAMETERS;
	}
	for (uint32_t i = 0; i < r->access_count; i++) {
		status = access_check(s, i);
		if (status != FFA_OK) {
			return status;
		}
	}
	return attributes_check(s);
}

/* The composite descriptor: in the first fragment as a whole, and it says how long all of it is. */
static enum ffa_status composite_read(struct send *s, const char *tx)
{
	const struct memory_request *r = &s->request;
	uint32_t offset = r->access[0].composite_offset;

	if (offset < r->end || offset % sizeof(s->composite) != 0 || offset > s->length ||
	    s->length - offset < sizeof(s->composite)) {
		return FFA_INVALID_PARAMETERS;
	}
	if (!copy_fault_safe(&s->composite, tx + offset, sizeof(s->composite))) {
		return FFA_ABORTED;
	}
	s->list = offset + (uint32_t)sizeof(s->composite);
	if (s->composite.reserved != 0 || s->composite.count == 0 || s->composite.pages == 0 ||
	    s->composite.count != (s->total - s->list) / sizeof(struct ffa_constituent)) {
		return FFA_INVALID_PARAMETERS;
	}
	return FFA_OK;
}

/* --- The list --------------------------------------------------------------------------------- */

/* `bytes` of constituents, a multiple of their size, come to the end of the list. */
static enum ffa_status list_read(struct transaction *t, const char *tx, uint32_t bytes)
{
	uint32_t left = bytes / (uint32_t)sizeof(struct ffa_constituent);

	while (left > 0) {
		uint32_t count;
		struct ffa_constituent *room = transaction_room(t, &count);

		if (room == NULL) {
			return FFA_NO_MEMORY;
		}
		if (count > left) {
			count = left;
		}
		if (!copy_fault_safe(room, tx, count * sizeof(*room))) {
			return FFA_ABORTED;
		}
		for (uint32_t i = 0; i < count; i++) {
			room[i].reserved = 0; /* clients leave there what was on their stack */
		}
		transaction_add(t, count);
		tx += count * sizeof(*room);
		left -= count;
	}
	t->received_bytes += bytes;
	return FFA_OK;
}

/* --- The whole -------------------------------------------------------------------------------- */

/* Does what the lender says, and grants, go with what its pages are? */
static enum ffa_status pages_check(const struct transaction *t, unsigned int attrs)
{
	bool device = (attrs & MEM_DEVICE) != 0;

	if (!descriptor_type_fits(t->attributes, device)) {
		return FFA_DENIED;
	}
	/* Device memory goes to one SP, which is alone with it. */
	if (device && (t->kind != TRANSACTION_LEND || t->borrower_count != 1)) {
		return FFA_DENIED;
	}
	/* A device's registers cannot be zeroed: what that would do to it nobody knows. */
	if ((attrs & MEM_R) == 0 ||
	    ((t->flags & FFA_MEM_FLAG_ZERO) != 0 && (device || (attrs & MEM_W) == 0))) {
		return FFA_DENIED;
	}
	for (uint32_t i = 0; i < t->borrower_count; i++) {
		if ((t->borrowers[i].permissions & FFA_MEM_DATA_RW) != 0 && (attrs & MEM_W) == 0) {
			return FFA_DENIED;
		}
	}
	return FFA_OK;
}

/* The lender's pages change their state, or nothing does. */
static enum ffa_status pages_send(struct transaction *t)
{
	enum memory_op op = memory_kinds[t->kind].send;
	struct memory_space *s = memory_space_of(t->lender);
	enum ffa_status status;
	unsigned int attrs = 0;

	spin_lock(&s->lock);
	status = memory_error(memory_check(s, op, &t->list, &attrs));
	if (status == FFA_OK) {
		status = pages_check(t, attrs);
	}
	if (status == FFA_OK) {
		status = memory_error(memory_prepare(s, op, &t->list, attrs));
	}
	if (status == FFA_OK) {
		memory_commit(s, op, &t->list, attrs);
		t->access = (uint8_t)attrs;
	}
	spin_unlock(&s->lock);
	return status;
}

/*
 * The normal world's memory becomes secure memory where EL3 can do that, and when only SPs may use
 * it from now on.
 */
static enum ffa_status pages_secure(struct vcpu *caller, struct transaction *t)
{
	if (t->lender != &spmc.nwd || t->kind == TRANSACTION_SHARE ||
	    (t->access & MEM_DEVICE) != 0) {
		return FFA_OK;
	}
	return memory_error(memory_protect(caller, &t->list, &t->secured));
}

/*
 * All of the list is there: the last checks, and then the pages are sent. The list stands; t goes
 * on only with FFA_OK.
 */
static enum ffa_status send_complete(struct vcpu *caller, struct transaction *t)
{
	uint64_t pages;
	enum ffa_status status = memory_error(
		memory_list_check(&t->list, &memory_space_of(t->lender)->pool, &pages));

	if (status == FFA_OK && pages != t->pages) {
		status = FFA_INVALID_PARAMETERS;
	}
	if (status == FFA_OK) {
		status = pages_send(t);
	}
	if (status != FFA_OK) {
		return status;
	}
	status = pages_secure(caller, t);
	if (status == FFA_OK && (t->flags & FFA_MEM_FLAG_ZERO) != 0 &&
	    !memory_zero(&t->list, memory_is_ns(t))) {
		status = FFA_ABORTED;
	}
	if (status != FFA_OK) {
		memory_give_back(caller, t);
		return status;
	}
	t->state = TRANSACTION_SENT;
	return FFA_OK;
}

/* The caller's turn: the next fragment, or it is done; an error ends the transaction. */
static struct vcpu *send_answer(struct vcpu *caller, struct transaction *t, enum ffa_status status)
{
	uint64_t handle = atomic_load_explicit(&t->handle, memory_order_relaxed);
	uint16_t sender = t->sender;
	uint32_t next = t->received_bytes;
	bool more = t->received < t->count;

	if (status == FFA_OK && memory_endpoint_is_over(t->lender)) {
		status = FFA_ABORTED; /* who ended it has looked for transactions already */
	}
	if (status == FFA_OK && !more) {
		status = send_complete(caller, t);
	}
	if (status != FFA_OK) {
		transaction_end(t);
		return answer_error(caller, status);
	}
	transaction_unlock(t);
	if (!more) {
		return answer_success(caller, (uint32_t)handle, (uint32_t)(handle >> 32));
	}
	answer(caller, FFA_MEM_FRAG_RX_32, (uint32_t)handle, (uint32_t)(handle >> 32), next);
	caller->arch.x[4] = vcpu_is_nwd(caller) ? FFA_IDS(sender, 0) : 0;
	return caller;
}

/* --- SHARE, LEND, DONATE ---------------------------------------------------------------------- */

static void transaction_fill(struct transaction *t, const struct send *s)
{
	const struct memory_request *r = &s->request;

	t->kind = s->kind;
	t->sender = r->sender;
	t->attributes = r->attributes;
	t->flags = r->flags;
	t->tag = r->tag;
	t->pages = s->composite.pages;
	t->count = s->composite.count;
	t->received_bytes = s->list;
	for (uint32_t i = 0; i < r->access_count; i++) {
		t->borrowers[i] = (struct borrower){
			.id = r->access[i].endpoint,
			.permissions = r->access[i].permissions,
			.has_impdef = r->access_size == sizeof(struct ffa_mem_access),
			.impdef = { r->access[i].impdef[0], r->access[i].impdef[1] },
		};
	}
}

/*
 * The first fragment, from TX; the mailbox is locked. *t stays NULL when it is not worth a place.
 */
static enum ffa_status send_read(struct send *s, const struct mailbox *m, struct transaction **t)
{
	enum ffa_status status;

	if (!tx_holds(m, s->length)) {
		return FFA_INVALID_PARAMETERS;
	}
	status = descriptor_read(&s->request, s->caller->endpoint->version, m->tx, s->length);
	if (status == FFA_OK) {
		status = head_check(s);
	}
	if (status == FFA_OK) {
		status = composite_read(s, m->tx);
	}
	if (status != FFA_OK) {
		return status;
	}
	*t = transaction_new(s->caller->endpoint, s->request.access_count);
	if (*t == NULL) {
		return FFA_NO_MEMORY;
	}
	transaction_fill(*t, s);
	return list_read(*t, (const char *)m->tx + s->list, s->length - s->list);
}

static struct vcpu *memory_send(struct vcpu *caller, enum transaction_kind kind)
{
	struct mailbox *m = &caller->endpoint->mailbox;
	struct transaction *t = NULL;
	struct send s;
	enum ffa_status status;

	s.caller = caller;
	s.kind = kind;
	s.total = vcpu_w(caller, 1);
	s.length = vcpu_w(caller, 2);
	if (names_buffer(caller) || s.length > s.total || s.total % FFA_MEM_ALIGN != 0 ||
	    s.length % FFA_MEM_ALIGN != 0) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	spin_lock(&m->lock);
	status = send_read(&s, m, &t);
	spin_unlock(&m->lock);
	return t == NULL ? answer_error(caller, status) : send_answer(caller, t, status);
}

/*
 * FFA_MEM_SHARE, FFA_MEM_LEND, FFA_MEM_DONATE: w1 = bytes of the transaction descriptor, w2 = of
 * those in TX; x3, w4 = 0: other buffers are not supported. Answers with the handle in w2, w3; or,
 * if there is more to come, FRAG_RX: w1, w2 = handle, w3 = bytes so far, w4[31:16] = the sender
 * (to the normal world). All of DEN0140 holds, and beyond: a borrower once; memory of the lender
 * alone, with the same attributes everywhere; device memory only lent, and to one SP. Errors:
 * INVALID_PARAMETERS, DENIED (who sends, to whom, which pages), NO_MEMORY (the lender's quota),
 * ABORTED (memory, or TX, was taken away); nothing has changed then.
 */
struct vcpu *ffa_mem_share(struct vcpu *caller)
{
	return memory_send(caller, TRANSACTION_SHARE);
}

struct vcpu *ffa_mem_lend(struct vcpu *caller)
{
	return memory_send(caller, TRANSACTION_LEND);
}

struct vcpu *ffa_mem_donate(struct vcpu *caller)
{
	return memory_send(caller, TRANSACTION_DONATE);
}

/* --- FRAG_TX ---------------------------------------------------------------------------------- */

/* Does that call continue t, which is locked? */
static bool continues(const struct vcpu *caller, const struct transaction *t)
{
	uint16_t sender = FFA_IDS_SENDER(vcpu_w(caller, 4));

	return t->lender == caller->endpoint && t->state == TRANSACTION_SENDING &&
	       sender == (vcpu_is_nwd(caller) ? t->sender : 0);
}

/* The fragment, from TX. False: it cannot be one, and nothing has been read. */
static bool fragment_read(struct vcpu *caller, struct transaction *t, uint32_t length,
			  enum ffa_status *status)
{
	struct mailbox *m = &caller->endpoint->mailbox;
	bool fits;

	spin_lock(&m->lock);
	fits = tx_holds(m, length) &&
	       length / sizeof(struct ffa_constituent) <= t->count - t->received;
	if (fits) {
		*status = list_read(t, m->tx, length);
	}
	spin_unlock(&m->lock);
	return fits;
}

/*
 * FFA_MEM_FRAG_TX: w1, w2 = handle, w3 = bytes of the next fragment, in TX: whole constituents;
 * w4[31:16] = the sender, from the normal world, else zero. Answers as memory_send() does.
 * INVALID_PARAMETERS: the length, or the caller sends no such transaction, which stays as it is;
 * any other error ends it.
 */
struct vcpu *ffa_mem_frag_tx(struct vcpu *caller)
{
	uint32_t length = vcpu_w(caller, 3);
	enum ffa_status status = FFA_INVALID_PARAMETERS;
	struct transaction *t;

	if (length == 0 || length % sizeof(struct ffa_constituent) != 0 ||
	    (vcpu_w(caller, 4) & 0xFFFF) != 0) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	t = transaction_lock(call_handle(caller, 1));
	if (t == NULL) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	if (!continues(caller, t) || !fragment_read(caller, t, length, &status)) {
		transaction_unlock(t);
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	return send_answer(caller, t, status);
}
