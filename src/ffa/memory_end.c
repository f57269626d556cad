/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory goes back: RELINQUISH by borrowers, RECLAIM by the lender (FF-A 1.2 chapters 16.5, 16.6),
 * and what happens when one of them ends.
 *
 * Memory that a borrower wants zeroed is zeroed when the last one has gone. While that is refused
 * (it is the normal world's, and it has taken it away meanwhile) nobody gets it.
 */
#include "arch/fault_safe.h"
#include "core/cpu.h"
#include "ffa/memory.h"

struct borrower *memory_borrower(const struct transaction *t, uint16_t id)
{
	for (uint32_t i = 0; i < t->borrower_count; i++) {
		if (t->borrowers[i].id == id) {
			return &t->borrowers[i];
		}
	}
	return NULL;
}

/*
 * True when e is an SP that has ended: what it still does on some CPU must not last. Asked with the
 * transaction locked. No end is missed: memory_endpoint_ended() first makes sure that the end is
 * known, then looks for transactions; who finds one, first has found it, then asks. All of that is
 * in one order (memory_order_seq_cst), and each transaction is locked, so that one of the two sees
 * the other.
 */
bool memory_endpoint_is_over(struct endpoint *e)
{
	return e != &spmc.nwd &&
	       (atomic_load(&endpoint_partition(e)->attention) & PARTITION_ABORTED) != 0;
}

/*
 * Nobody holds t (any more): zeroes the memory if that is due or wanted. False: it was refused, and
 * is due as it was. A borrower may ask for it whatever he gets (FF-A 1.2, 10.10.4.2), but zeroes in
 * its registers are something else to a device: those stay.
 */
bool memory_settle(struct transaction *t, bool wanted)
{
	if (!t->zero && !wanted) {
		return true;
	}
	if ((t->access & MEM_DEVICE) == 0 && !memory_zero(&t->list, memory_is_ns(t))) {
		return false;
	}
	t->zero = false;
	t->used = false;
	return true;
}

/* The lender has its pages as before it sent them. t is locked, and nobody holds it. */
void memory_give_back(struct vcpu *caller, struct transaction *t)
{
	struct memory_space *s = memory_space_of(t->lender);

	if (t->secured) {
		memory_unprotect(caller, &t->list);
		t->secured = false;
	}
	spin_lock(&s->lock);
	memory_commit(s, memory_kinds[t->kind].reclaim, &t->list, t->access);
	spin_unlock(&s->lock);
}

/* --- RELINQUISH ------------------------------------------------------------------------------- */

/*
 * b, of a transaction that is locked, has what it has retrieved no more; `zero`: it wants it
 * zeroed.
 */
static void borrower_leave(struct transaction *t, struct borrower *b, bool zero)
{
	if (!memory_is_vm(b->id)) {
		struct memory_space *s = memory_space_of(&partition_find(b->id)->endpoint);

		spin_lock(&s->lock);
		memory_commit(s, memory_kinds[t->kind].relinquish, &t->list,
			      memory_is_ns(t) ? MEM_NS : 0);
		spin_unlock(&s->lock);
	}
	b->held = 0;
	b->zero_after = false;
	t->zero |= zero;
	t->holders--;
}

/* The last holder has gone, perhaps; t, which was locked, is not any more, and perhaps ended. */
static void holders_changed(struct vcpu *caller, struct transaction *t)
{
	if (t->holders == 0) {
		bool settled = memory_settle(t, false);

		if (t->orphan && settled) {
			memory_give_back(caller, t);
			transaction_end(t);
			return;
		}
	}
	transaction_unlock(t);
}

struct relinquish {
	struct ffa_mem_relinquish head;
	uint16_t id;
};

/*
 * Our copy of what is in TX, and what it says by itself: one endpoint, for which the caller speaks.
 */
static enum ffa_status relinquish_read(const struct vcpu *caller, struct relinquish *r)
{
	struct mailbox *m = &caller->endpoint->mailbox;
	enum ffa_status status = FFA_OK;

	spin_lock(&m->lock);
	if (m->tx == NULL) {
		status = FFA_INVALID_PARAMETERS;
	} else if (!copy_fault_safe(&r->head, m->tx, sizeof(r->head)) ||
		   !copy_fault_safe(&r->id, (const char *)m->tx + sizeof(r->head), sizeof(r->id))) {
		status = FFA_ABORTED;
	}
	spin_unlock(&m->lock);
	if (status != FFA_OK) {
		return status;
	}
	if (r->head.count != 1 || (r->head.flags & ~FFA_MEM_FLAG_ZERO) != 0 ||
	    (vcpu_is_nwd(caller) ? !memory_is_vm(r->id) : r->id != caller->endpoint->id)) {
		return FFA_INVALID_PARAMETERS;
	}
	return FFA_OK;
}

/* b (NULL: there is none of that id) of t, which is locked. */
static enum ffa_status relinquish_check(const struct transaction *t, const struct borrower *b,
					bool zero)
{
	if (t->state != TRANSACTION_SENT || b == NULL || b->held == 0 ||
	    b->response != b->response_size || t->kind == TRANSACTION_DONATE ||
	    (zero && t->kind == TRANSACTION_SHARE)) {
		return FFA_INVALID_PARAMETERS;
	}
	return zero && (b->held & FFA_MEM_DATA_RW) == 0 ? FFA_DENIED : FFA_OK;
}

/*
 * FFA_MEM_RELINQUISH: struct ffa_mem_relinquish in TX, with one endpoint: the caller, or a VM when
 * it is the hypervisor. The zero flag alone decides here, not what RETRIEVE_REQ said.
 * INVALID_PARAMETERS: the descriptor, or it does not hold such a transaction, or not all of the
 * answer has been fetched; DENIED: to be zeroed, but read-only; ABORTED: TX was taken away.
 */
struct vcpu *ffa_mem_relinquish(struct vcpu *caller)
{
	struct relinquish r = { 0 };
	enum ffa_status status = relinquish_read(caller, &r);
	bool zero = (r.head.flags & FFA_MEM_FLAG_ZERO) != 0;
	struct transaction *t;
	struct borrower *b;

	if (status != FFA_OK) {
		return answer_error(caller, status);
	}
	t = transaction_lock(r.head.handle);
	if (t == NULL) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	b = memory_borrower(t, r.id);
	status = relinquish_check(t, b, zero);
	if (status != FFA_OK) {
		transaction_unlock(t);
		return answer_error(caller, status);
	}
	borrower_leave(t, b, zero);
	holders_changed(caller, t);
	return answer_success(caller, 0, 0);
}

/* --- RECLAIM ---------------------------------------------------------------------------------- */

static enum ffa_status reclaim_check(const struct vcpu *caller, const struct transaction *t,
				     bool zero)
{
	if (t->lender != caller->endpoint || (zero && t->state == TRANSACTION_SENDING)) {
		return FFA_INVALID_PARAMETERS;
	}
	return t->holders != 0 || (zero && (t->access & MEM_W) == 0) ? FFA_DENIED : FFA_OK;
}

/* The pages of t, which is locked, go back; what has not been sent yet is the lender's still. */
static enum ffa_status reclaim(struct vcpu *caller, struct transaction *t, bool zero)
{
	if (t->state == TRANSACTION_SENDING) {
		return FFA_OK;
	}
	if (!memory_settle(t, zero)) {
		return FFA_ABORTED;
	}
	memory_give_back(caller, t);
	return FFA_OK;
}

/*
 * FFA_MEM_RECLAIM: w1, w2 = handle, w3[0] = zero the memory first. What the caller has only begun
 * to send is forgotten. INVALID_PARAMETERS: other flags, or it is no transaction of the caller's
 * (or its VMs'); DENIED: somebody holds it still, or it is to be zeroed and read-only; ABORTED: the
 * memory was taken away before it could be zeroed.
 */
struct vcpu *ffa_mem_reclaim(struct vcpu *caller)
{
	uint32_t flags = vcpu_w(caller, 3);
	bool zero = (flags & FFA_MEM_FLAG_ZERO) != 0;
	enum ffa_status status;
	struct transaction *t;

	if ((flags & ~FFA_MEM_FLAG_ZERO) != 0) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	t = transaction_lock(call_handle(caller, 1));
	if (t == NULL) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	status = reclaim_check(caller, t, zero);
	if (status == FFA_OK) {
		status = reclaim(caller, t, zero);
	}
	if (status != FFA_OK) {
		transaction_unlock(t);
		return answer_error(caller, status);
	}
	transaction_end(t);
	return answer_success(caller, 0, 0);
}

/* --- The end of an endpoint ------------------------------------------------------------------- */

/* Its lender has ended. t was locked, and is not any more. */
static void lender_ended(struct vcpu *caller, struct transaction *t)
{
	if (t->state == TRANSACTION_SENDING) {
		transaction_end(t);
		return;
	}
	/* A donation that was taken is its receiver's, who may still be fetching the answer. */
	t->orphan = true;
	if (t->kind == TRANSACTION_DONATE && t->holders != 0) {
		transaction_unlock(t);
		return;
	}
	holders_changed(caller, t);
}

/* Its borrower b has ended. As above. */
static void borrower_ended(struct vcpu *caller, struct transaction *t, struct borrower *b)
{
	if (t->kind == TRANSACTION_DONATE) {
		transaction_end(t); /* the pages were its own */
		return;
	}
	borrower_leave(t, b, b->zero_after);
	holders_changed(caller, t);
}

/*
 * The endpoint of that id, an SP or a VM, has ended (an SP: PARTITION_ABORTED is set): it holds
 * nothing any more that others have sent, as if it had relinquished it, zeroed if it asked for that
 * when it retrieved. What an SP has sent goes back to it, at once or when the last borrower leaves;
 * nobody retrieves it any more. What VMs have sent stays with the normal world, whose hypervisor
 * reclaims it; but what either had only begun to send is forgotten. `caller` is the vCPU that has
 * this CPU. No lock is held.
 */
void memory_endpoint_ended(struct vcpu *caller, uint16_t id)
{
	struct partition *p = memory_is_vm(id) ? NULL : partition_find(id);
	uint32_t place = 0;
	struct transaction *t;

	if (p != NULL) {
		(void)atomic_fetch_or(&p->attention, 0); /* see memory_endpoint_is_over() */
	}
	while ((t = transaction_next(&place)) != NULL) {
		struct borrower *b = memory_borrower(t, id);

		if (t->sender == id && (!memory_is_vm(id) || t->state == TRANSACTION_SENDING)) {
			lender_ended(caller, t);
		} else if (b != NULL && b->held != 0) {
			borrower_ended(caller, t, b);
		} else {
			transaction_unlock(t);
		}
	}
}
