/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A borrower takes what it has been sent: RETRIEVE_REQ, and FRAG_RX for answers that do not fit RX
 * (FF-A 1.2 chapters 10.8, 16.4, 16.8); and the copy of a descriptor that a hypervisor asks for.
 */
#include "arch/fault_safe.h"
#include "core/cpu.h"
#include "ffa/memory.h"

struct retrieval {
	struct vcpu *caller;
	uint32_t length; /* of the request */
	struct memory_request request; /* then what is answered */
	struct transaction *t; /* locked */
	const struct ffa_mem_access *asked; /* the entry of who retrieves */
	struct borrower *borrower; /* who retrieves */
	uint8_t granted; /* FFA_MEM_*: permissions */
	bool zero; /* it wants zeroes, and others have had the memory */
};

/* --- Who retrieves what ----------------------------------------------------------------------- */

/*
 * Whose entry is it that the caller retrieves for? An SP's own; of the normal world the one VM
 * that is not said to be somebody else's.
 */
static enum ffa_status asked_find(struct retrieval *q)
{
	const struct memory_request *r = &q->request;
	bool nwd = vcpu_is_nwd(q->caller);

	q->asked = NULL;
	for (uint32_t i = 0; i < r->access_count; i++) {
		const struct ffa_mem_access *a = &r->access[i];
		bool mine =
			nwd ? memory_is_vm(a->endpoint) && (a->flags & FFA_MEM_ACCESS_NOT_MINE) == 0
			    : a->endpoint == q->caller->endpoint->id;

		if (mine && q->asked != NULL) {
			return nwd ? FFA_NOT_SUPPORTED : FFA_INVALID_PARAMETERS;
		}
		if (mine) {
			q->asked = a;
		}
	}
	if (q->asked == NULL || q->asked->flags != 0) {
		return FFA_INVALID_PARAMETERS;
	}
	q->borrower = memory_borrower(q->t, q->asked->endpoint);
	return q->borrower != NULL ? FFA_OK : FFA_INVALID_PARAMETERS;
}

/*
 * May the caller, or a VM that it speaks for, be a borrower of t? To others the handle does not
 * exist, so that nobody learns what others have sent each other.
 */
static bool concerns(const struct vcpu *caller, const struct transaction *t)
{
	return vcpu_is_nwd(caller) ? t->lender == caller->endpoint
				   : memory_borrower(t, caller->endpoint->id) != NULL;
}

/* Header against what the lender has said. */
static enum ffa_status request_check(const struct retrieval *q)
{
	const struct memory_request *r = &q->request;
	const struct transaction *t = q->t;
	uint32_t type = r->flags & FFA_MEM_FLAG_TYPE_MASK;
	const uint32_t allowed = FFA_MEM_FLAG_ZERO | FFA_MEM_FLAG_ZERO_AFTER |
				 FFA_MEM_FLAG_TYPE_MASK | FFA_MEM_FLAG_BYPASS;
	const uint32_t zero = FFA_MEM_FLAG_ZERO | FFA_MEM_FLAG_ZERO_AFTER;

	if (q->length != r->end) {
		return FFA_INVALID_PARAMETERS;
	}
	if (r->sender != t->sender) {
		return FFA_DENIED;
	}
	if ((type != 0 && type != memory_kinds[t->kind].type) || r->tag != t->tag ||
	    (r->flags & ~allowed) != 0 ||
	    (t->kind == TRANSACTION_SHARE && (r->flags & zero) != 0) ||
	    (r->attributes & ~FFA_MEM_ATTR_DEFINED) != 0 ||
	    (r->attributes & FFA_MEM_ATTR_NS) != 0) {
		return FFA_INVALID_PARAMETERS;
	}
	return FFA_OK;
}

/* What the borrower says of zeroing and of attributes against what the lender has said. */
static enum ffa_status wishes_check(const struct retrieval *q)
{
	const struct memory_request *r = &q->request;
	bool device = (q->t->access & MEM_DEVICE) != 0;

	if ((r->flags & FFA_MEM_FLAG_ZERO) != 0) {
		if (q->borrower->held != 0) {
			return FFA_INVALID_PARAMETERS; /* what it holds is not zeroed under it */
		}
		if ((q->t->flags & FFA_MEM_FLAG_ZERO) == 0) {
			return FFA_DENIED;
		}
	}
	if ((r->attributes & FFA_MEM_TYPE_MASK) == FFA_MEM_TYPE_NONE) {
		return FFA_OK;
	}
	return descriptor_type_fits(r->attributes, device)
		       ? descriptor_check_attributes(r->attributes)
		       : FFA_DENIED;
}

/* --- The borrowers ---------------------------------------------------------------------------- */

/* Does the request list all borrowers, or, with the bypass flag, only the one of several? */
static bool list_complete(const struct retrieval *q)
{
	const struct memory_request *r = &q->request;

	if ((r->flags & FFA_MEM_FLAG_BYPASS) != 0) {
		return r->access_count == 1 && q->t->borrower_count > 1;
	}
	return r->access_count == q->t->borrower_count;
}

/* The data access that b gets, as it asks: the lender's word stands above (10.10.3). */
static enum ffa_status data_grant(const struct transaction *t, const struct borrower *b,
				  uint8_t asked, uint8_t *granted)
{
	uint8_t may = b->permissions & FFA_MEM_DATA_MASK;

	if (may == FFA_MEM_DATA_NONE) {
		may = (t->access & MEM_W) != 0 ? FFA_MEM_DATA_RW : FFA_MEM_DATA_RO;
	}
	switch (asked) {
	case FFA_MEM_DATA_NONE:
		*granted = may;
		return FFA_OK;
	case FFA_MEM_DATA_RO:
		*granted = asked;
		return FFA_OK;
	case FFA_MEM_DATA_RW:
		*granted = asked;
		return may == FFA_MEM_DATA_RW ? FFA_OK : FFA_DENIED;
	default:
		return FFA_INVALID_PARAMETERS;
	}
}

/*
 * Instruction access is named by the borrower who is alone with the memory, and only by that one.
 */
static enum ffa_status exec_grant(const struct transaction *t, uint8_t asked, uint8_t *granted)
{
	bool alone = t->kind != TRANSACTION_SHARE && t->borrower_count == 1;

	*granted |= FFA_MEM_EXEC_XN;
	if (!alone) {
		return asked == FFA_MEM_EXEC_NONE ? FFA_OK : FFA_INVALID_PARAMETERS;
	}
	switch (asked) {
	case FFA_MEM_EXEC_XN:
		return FFA_OK;
	case FFA_MEM_EXEC_X:
		break;
	default:
		return FFA_INVALID_PARAMETERS;
	}
	if ((t->access & MEM_DEVICE) != 0) {
		return FFA_DENIED;
	}
	if (memory_is_ns(t)) {
		return FFA_INVALID_PARAMETERS; /* nothing of the normal world's is executed */
	}
	*granted ^= FFA_MEM_EXEC_MASK;
	return (t->access & MEM_X) != 0 ? FFA_OK : FFA_DENIED;
}

/* One entry against the lender's; what its borrower gets. */
static enum ffa_status access_check(const struct retrieval *q, const struct ffa_mem_access *a,
				    uint8_t *granted)
{
	const uint32_t zero = FFA_MEM_FLAG_ZERO | FFA_MEM_FLAG_ZERO_AFTER;
	const struct borrower *b = memory_borrower(q->t, a->endpoint);
	enum ffa_status status;

	if (a->composite_offset != 0 || (a->flags & ~FFA_MEM_ACCESS_NOT_MINE) != 0 ||
	    (a->permissions & ~FFA_MEM_PERM_MASK) != 0) {
		return FFA_INVALID_PARAMETERS;
	}
	if (b == NULL) {
		return FFA_DENIED;
	}
	status = data_grant(q->t, b, a->permissions & FFA_MEM_DATA_MASK, granted);
	if (status == FFA_OK) {
		status = exec_grant(q->t, a->permissions & FFA_MEM_EXEC_MASK, granted);
	}
	if (status != FFA_OK) {
		return status;
	}
	if (a == q->asked && (*granted & FFA_MEM_DATA_RW) == 0 && (q->request.flags & zero) != 0) {
		return FFA_DENIED;
	}
	if (a == q->asked && q->caller->endpoint->kind == ENDPOINT_SP_EL0 &&
	    (*granted & FFA_MEM_DATA_RW) != 0 && (*granted & FFA_MEM_EXEC_X) != 0) {
		return FFA_DENIED; /* S-EL0 has nothing that is writable and executable */
	}
	if (b->has_impdef && q->request.access_size == sizeof(*a) &&
	    (a->impdef[0] != b->impdef[0] || a->impdef[1] != b->impdef[1])) {
		return FFA_INVALID_PARAMETERS;
	}
	return FFA_OK;
}

static bool listed_before(const struct memory_request *r, uint32_t i)
{
	for (uint32_t j = 0; j < i; j++) {
		if (r->access[j].endpoint == r->access[i].endpoint) {
			return true;
		}
	}
	return false;
}

static enum ffa_status borrowers_check(struct retrieval *q)
{
	const struct memory_request *r = &q->request;

	if (!list_complete(q)) {
		return FFA_INVALID_PARAMETERS;
	}
	for (uint32_t i = 0; i < r->access_count; i++) {
		uint8_t granted;
		enum ffa_status status = listed_before(r, i)
						 ? FFA_INVALID_PARAMETERS
						 : access_check(q, &r->access[i], &granted);

		if (status != FFA_OK) {
			return status;
		}
		if (&r->access[i] == q->asked) {
			q->granted = granted;
		}
	}
	return FFA_OK;
}

/* All that can be refused without a look at pages. */
static enum ffa_status retrieval_check(struct retrieval *q)
{
	const struct transaction *t = q->t;
	enum ffa_status status;

	if (!concerns(q->caller, t) || t->state != TRANSACTION_SENT) {
		return FFA_INVALID_PARAMETERS;
	}
	status = request_check(q);
	if (status == FFA_OK) {
		status = asked_find(q);
	}
	if (status == FFA_OK) {
		status = wishes_check(q);
	}
	if (status == FFA_OK) {
		status = borrowers_check(q);
	}
	if (status == FFA_OK && (t->orphan || q->borrower->held != 0)) {
		status = FFA_DENIED;
	}
	if (status == FFA_OK && memory_endpoint_is_over(q->caller->endpoint)) {
		status = FFA_ABORTED;
	}
	return status;
}

/* --- The answer ------------------------------------------------------------------------------- */

/*
 * Writes [offset, offset + length) of a response of t, of which the list begins at `list`; what is
 * before the list is there already. Whole constituents. False: RX was taken away.
 */
static bool list_write(const struct transaction *t, char *rx, uint32_t list, uint32_t offset,
		       uint32_t length)
{
	uint32_t from = offset < list ? list : offset;
	uint32_t left = (offset + length - from) / (uint32_t)sizeof(struct ffa_constituent);
	uint32_t skip = (from - list) / (uint32_t)sizeof(struct ffa_constituent);

	rx += from - offset;
	for (const struct memory_list *l = &t->list; left > 0; l = l->next) {
		uint32_t count = l->count > skip ? l->count - skip : 0;

		if (count > left) {
			count = left;
		}
		if (!copy_fault_safe(rx, &l->pieces[skip], count * sizeof(l->pieces[0]))) {
			return false;
		}
		skip -= skip < l->count ? skip : l->count;
		rx += count * sizeof(l->pieces[0]);
		left -= count;
	}
	return true;
}

/* The bytes that go into RX at once. */
static uint32_t fragment_length(const struct mailbox *m, uint32_t left)
{
	uint32_t room = m->pages * FFA_PAGE_SIZE;

	return left < room ? left : room;
}

/* The first fragment of an answer, as q->request says it; false: RX was taken away. */
static bool answer_write(const struct retrieval *q, const struct mailbox *m, uint32_t size)
{
	const struct transaction *t = q->t;
	uint32_t list = size - t->count * (uint32_t)sizeof(struct ffa_constituent);

	return descriptor_write(m->rx, q->caller->endpoint->version, &q->request, t->pages,
				t->count) &&
	       list_write(t, m->rx, list, 0, fragment_length(m, size));
}

/* The header of an answer, without attributes and borrowers. */
static void answer_begin(struct memory_request *r, const struct transaction *t)
{
	r->sender = t->sender;
	r->attributes = t->attributes;
	r->flags = (t->flags & FFA_MEM_FLAG_ZERO) | memory_kinds[t->kind].type;
	r->handle = atomic_load_explicit(&t->handle, memory_order_relaxed);
	r->tag = t->tag;
}

/* What the borrower is told: the effective attributes, its own permissions. */
static void answer_make(struct retrieval *q)
{
	struct memory_request *r = &q->request;
	const struct transaction *t = q->t;
	const struct ffa_mem_access own = {
		.endpoint = q->borrower->id,
		.permissions = q->granted,
		.impdef = { q->borrower->impdef[0], q->borrower->impdef[1] },
	};

	answer_begin(r, t);
	if ((r->attributes & FFA_MEM_TYPE_MASK) == FFA_MEM_TYPE_NONE) {
		r->attributes = (t->access & MEM_DEVICE) != 0
					? FFA_MEM_TYPE_DEVICE | FFA_MEM_DEVICE_NGNRNE
					: FFA_MEM_NORMAL;
	}
	if (memory_is_ns(t) && q->caller->endpoint->version >= FFA_VERSION_1_1) {
		r->attributes |= FFA_MEM_ATTR_NS;
	}
	r->access[0] = own;
	r->access_count = 1;
}

/* --- The memory ------------------------------------------------------------------------------- */

static unsigned int mapping(const struct retrieval *q)
{
	return MEM_R | ((q->granted & FFA_MEM_DATA_RW) != 0 ? MEM_W : 0) |
	       ((q->granted & FFA_MEM_EXEC_X) != 0 ? MEM_X : 0) | (q->t->access & MEM_DEVICE) |
	       (memory_is_ns(q->t) ? MEM_NS : 0);
}

/*
 * An SP gets the pages if it also gets the answer, which must fit what is in RX; the mailbox is
 * locked.
 */
static enum ffa_status pages_retrieve(struct retrieval *q, const struct mailbox *m, uint32_t size)
{
	enum memory_op op = memory_kinds[q->t->kind].retrieve;
	struct memory_space *s = memory_space_of(q->caller->endpoint);
	const struct memory_list *list = &q->t->list;
	unsigned int attrs = mapping(q);
	enum ffa_status status;

	spin_lock(&s->lock);
	status = memory_error(memory_check(s, op, list, &attrs));
	if (status == FFA_OK) {
		status = memory_error(memory_prepare(s, op, list, attrs));
	}
	if (status == FFA_OK) {
		if (answer_write(q, m, size)) {
			memory_commit(s, op, list, attrs);
		} else {
			memory_cancel(s, list, attrs);
			status = FFA_ABORTED;
		}
	}
	spin_unlock(&s->lock);
	return status;
}

/* A donation has been taken: the pages are not its lender's any more. */
static void pages_give(const struct transaction *t)
{
	struct memory_space *s = memory_space_of(t->lender);

	spin_lock(&s->lock);
	memory_commit(s, MEMORY_GIVE, &t->list, t->access);
	spin_unlock(&s->lock);
}

/* Of a VM there are no tables of ours: it is only counted. */
static enum ffa_status retrieval_do(struct retrieval *q, struct mailbox *m, uint32_t size)
{
	enum ffa_status status;

	if (m->rx == NULL || m->rx_full) {
		return FFA_BUSY;
	}
	if (q->t->holders == 0 && !memory_settle(q->t, q->zero)) {
		return FFA_ABORTED;
	}
	if (vcpu_is_nwd(q->caller)) {
		status = answer_write(q, m, size) ? FFA_OK : FFA_ABORTED;
	} else {
		status = pages_retrieve(q, m, size);
	}
	if (status == FFA_OK) {
		m->rx_full = true;
	}
	return status;
}

/* The borrower has what it asked for. Returns how much of the answer is in RX. */
static uint32_t retrieval_done(struct retrieval *q, uint32_t flags, uint32_t size)
{
	struct borrower *b = q->borrower;

	b->held = q->granted;
	b->zero_after = (flags & FFA_MEM_FLAG_ZERO_AFTER) != 0;
	b->response = fragment_length(&q->caller->endpoint->mailbox, size);
	b->response_size = size;
	q->t->holders++;
	q->t->used = true;
	if (q->t->kind == TRANSACTION_DONATE) {
		pages_give(q->t);
	}
	return b->response;
}

/*
 * A donation is over once its receiver has all of the answer; any other transaction goes on. b: a
 * borrower, or NULL.
 */
static void transaction_leave(struct transaction *t, const struct borrower *b)
{
	if (t->kind == TRANSACTION_DONATE && b != NULL && b->held != 0 &&
	    b->response == b->response_size) {
		transaction_end(t);
	} else {
		transaction_unlock(t);
	}
}

static struct vcpu *answer_response(struct vcpu *v, uint32_t size, uint32_t length)
{
	answer(v, FFA_MEM_RETRIEVE_RESP_32, size, length, 0);
	return v;
}

static struct vcpu *retrieve(struct retrieval *q)
{
	struct vcpu *caller = q->caller;
	struct mailbox *m = &caller->endpoint->mailbox;
	uint32_t flags = q->request.flags;
	enum ffa_status status;
	uint32_t size = 0;
	uint32_t length = 0;

	q->t = transaction_lock(q->request.handle);
	if (q->t == NULL) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	status = retrieval_check(q);
	if (status == FFA_OK) {
		q->zero = q->t->used && (flags & FFA_MEM_FLAG_ZERO) != 0;
		answer_make(q);
		size = descriptor_size(caller->endpoint->version, 1, q->t->count);
		spin_lock(&m->lock);
		status = retrieval_do(q, m, size);
		if (status == FFA_OK) {
			length = retrieval_done(q, flags, size);
		}
		spin_unlock(&m->lock);
	}
	if (status != FFA_OK) {
		transaction_unlock(q->t);
		return answer_error(caller, status);
	}
	transaction_leave(q->t, q->borrower);
	return answer_response(caller, size, length);
}

/* --- The hypervisor's copy -------------------------------------------------------------------- */

static bool asks_for_copy(const struct vcpu *caller, const struct memory_request *r)
{
	return vcpu_is_nwd(caller) && r->access_count == 0;
}

/* All that the lender said. */
static void copy_make(struct memory_request *r, const struct transaction *t)
{
	answer_begin(r, t);
	r->access_count = t->borrower_count;
	for (uint32_t i = 0; i < t->borrower_count; i++) {
		const struct borrower *b = &t->borrowers[i];

		r->access[i] = (struct ffa_mem_access){
			.endpoint = b->id,
			.permissions = b->permissions,
			.impdef = { b->impdef[0], b->impdef[1] },
		};
	}
}

/*
 * The hypervisor's own retrieval (16.4.3): before it forwards a RECLAIM it has to know whose memory
 * it is. It gets the lender's descriptor, of a transaction of the normal world's; nothing changes.
 */
static struct vcpu *retrieve_copy(struct retrieval *q)
{
	struct memory_request *r = &q->request;
	struct vcpu *caller = q->caller;
	struct mailbox *m = &caller->endpoint->mailbox;
	enum ffa_status status = FFA_OK;
	uint32_t size;
	uint32_t length = 0;

	if ((r->sender | r->attributes | r->flags | r->tag | r->access_size | r->access_offset) !=
	    0) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	q->t = transaction_lock(r->handle);
	if (q->t == NULL) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	if (q->t->lender != caller->endpoint || q->t->state != TRANSACTION_SENT) {
		transaction_unlock(q->t);
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	copy_make(r, q->t);
	size = descriptor_size(caller->endpoint->version, r->access_count, q->t->count);
	spin_lock(&m->lock);
	if (m->rx == NULL || m->rx_full) {
		status = FFA_BUSY;
	} else if (!answer_write(q, m, size)) {
		status = FFA_ABORTED;
	} else {
		length = fragment_length(m, size);
		q->t->copied = length;
		m->rx_full = true;
	}
	spin_unlock(&m->lock);
	transaction_unlock(q->t);
	return status == FFA_OK ? answer_response(caller, size, length)
				: answer_error(caller, status);
}

/* --- RETRIEVE_REQ ----------------------------------------------------------------------------- */

/* Our copy of the request in TX. RX has to be free, too: without it there is no answer. */
static enum ffa_status retrieval_read(struct retrieval *q)
{
	uint32_t version = q->caller->endpoint->version;
	struct mailbox *m = &q->caller->endpoint->mailbox;
	struct memory_request *r = &q->request;
	enum ffa_status status = FFA_INVALID_PARAMETERS;

	spin_lock(&m->lock);
	if (tx_holds(m, q->length) &&
	    descriptor_read_header(r, version, m->tx, q->length, &status)) {
		if (m->rx_full) {
			status = FFA_BUSY;
		} else if (!asks_for_copy(q->caller, r)) {
			status = descriptor_read_borrowers(r, version, m->tx, q->length);
		}
	}
	spin_unlock(&m->lock);
	return status;
}

/*
 * FFA_MEM_RETRIEVE_REQ: w1 = w2 = bytes of the descriptor in TX; x3, w4 = 0. The caller is one of
 * the transaction's borrowers, or the hypervisor on behalf of one of its VMs; or, with all zero but
 * the handle, the hypervisor for itself. Answers RETRIEVE_RESP: w1 = bytes of the response, w2 = of
 * those in RX; the rest comes by FRAG_RX. Then the memory is mapped. Errors, with nothing changed:
 * INVALID_PARAMETERS (also: no such handle, or not a borrower), DENIED (not the sender, more than
 * was granted, retrieved already, its owner has ended), BUSY (RX is not free), NO_MEMORY (the
 * borrower's quota), NOT_SUPPORTED (two VMs at once), ABORTED (memory, or a buffer, was taken
 * away).
 */
struct vcpu *ffa_mem_retrieve_req(struct vcpu *caller)
{
	struct retrieval q;
	enum ffa_status status;

	q.caller = caller;
	q.length = vcpu_w(caller, 1);
	if (names_buffer(caller) || vcpu_w(caller, 2) != q.length) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	status = retrieval_read(&q);
	if (status != FFA_OK) {
		return answer_error(caller, status);
	}
	return asks_for_copy(caller, &q.request) ? retrieve_copy(&q) : retrieve(&q);
}

/* --- FRAG_RX ---------------------------------------------------------------------------------- */

/* An answer of which there is more to send. */
struct stream {
	uint32_t *sent;
	uint32_t size;
};

/* The borrower of that id, if it is in the middle of an answer. */
static struct borrower *fetching(const struct transaction *t, uint16_t id)
{
	struct borrower *b = memory_borrower(t, id);

	return b != NULL && b->held != 0 && b->response < b->response_size ? b : NULL;
}

/*
 * Which answer of t the caller goes on with: an SP its own, the normal world by the id in w4[31:16]
 * that of a VM which retrieves, or with the lender's the hypervisor's copy.
 */
static bool stream_find(const struct vcpu *caller, struct transaction *t, struct stream *stream)
{
	bool nwd = vcpu_is_nwd(caller);
	uint16_t id = nwd ? FFA_IDS_SENDER(vcpu_w(caller, 4)) : caller->endpoint->id;
	struct borrower *b;

	if (nwd && !memory_is_vm(id)) {
		return false;
	}
	if (nwd && id == t->sender && t->lender == caller->endpoint) {
		stream->sent = &t->copied;
		stream->size =
			descriptor_size(caller->endpoint->version, t->borrower_count, t->count);
		return t->copied != 0 && t->copied < stream->size;
	}
	b = fetching(t, id);
	if (b == NULL) {
		return false;
	}
	stream->sent = &b->response;
	stream->size = b->response_size;
	return true;
}

/* The next fragment; the mailbox is locked. */
static enum ffa_status stream_send(const struct transaction *t, struct mailbox *m,
				   const struct stream *stream, uint32_t *length)
{
	uint32_t list = stream->size - t->count * (uint32_t)sizeof(struct ffa_constituent);

	if (m->rx == NULL || m->rx_full) {
		return FFA_BUSY;
	}
	*length = fragment_length(m, stream->size - *stream->sent);
	if (!list_write(t, m->rx, list, *stream->sent, *length)) {
		return FFA_ABORTED;
	}
	*stream->sent += *length;
	m->rx_full = true;
	return FFA_OK;
}

static struct vcpu *answer_fragment(struct vcpu *v, uint32_t length)
{
	uint32_t ids = vcpu_w(v, 4); /* as it was asked for */

	answer(v, FFA_MEM_FRAG_TX_32, vcpu_w(v, 1), vcpu_w(v, 2), length);
	v->arch.x[4] = ids;
	return v;
}

/*
 * FFA_MEM_FRAG_RX: w1, w2 = handle, w3 = bytes of the answer that the caller has, w4[31:16] = for
 * whom, from the normal world (see stream_find()), else zero. Answers FRAG_TX: w3 = bytes of the
 * next fragment, which is in RX. INVALID_PARAMETERS: there is nothing more, or not for the caller;
 * BUSY: RX is not free; ABORTED: it was taken away.
 */
struct vcpu *ffa_mem_frag_rx(struct vcpu *caller)
{
	struct mailbox *m = &caller->endpoint->mailbox;
	uint32_t ids = vcpu_w(caller, 4);
	enum ffa_status status = FFA_INVALID_PARAMETERS;
	struct transaction *t;
	struct stream stream;
	uint32_t length = 0;

	if ((ids & 0xFFFF) != 0 || (!vcpu_is_nwd(caller) && ids != 0)) {
		return answer_error(caller, status);
	}
	t = transaction_lock(call_handle(caller, 1));
	if (t == NULL) {
		return answer_error(caller, status);
	}
	if (stream_find(caller, t, &stream) && *stream.sent == vcpu_w(caller, 3)) {
		spin_lock(&m->lock);
		status = stream_send(t, m, &stream, &length);
		spin_unlock(&m->lock);
	}
	transaction_leave(t, memory_borrower(t, caller->endpoint->id));
	return status == FFA_OK ? answer_fragment(caller, length) : answer_error(caller, status);
}

/* FEATURES of RETRIEVE_REQ (13.3): one retrieval of a handle at once, w3 = 0. */
enum ffa_status feature_mem_retrieve(const struct vcpu *caller, uint32_t input, uint32_t out[2])
{
	if (caller->endpoint->version < FFA_VERSION_1_1) {
		return FFA_OK;
	}
	out[0] = FFA_FEATURE_RETRIEVE_NS;
	if (vcpu_is_nwd(caller)) {
		out[0] |= FFA_FEATURE_RETRIEVE_HYPERVISOR;
		return FFA_OK;
	}
	/* Who does not ask with it would not look at the NS bit. */
	return (input & FFA_FEATURE_RETRIEVE_NS) != 0 ? FFA_OK : FFA_NOT_SUPPORTED;
}
