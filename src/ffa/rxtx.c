/* SPDX-License-Identifier: BSD-3-Clause */
/* RX and TX buffers (FF-A 1.2 chapter 13.5 to 13.7, 7.2). */
#include "arch/stage1.h"
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

/* Every page of r is p's own normal memory, readable, and writable if `write`; in one security
 * state, which *ns then tells. */
static bool sp_owns(const struct partition *p, struct range r, bool write, bool *ns)
{
	unsigned int need = write ? MEM_R | MEM_W : MEM_R;

	*ns = (stage2_lookup(&p->stage2, ipa_of(r.base), false) & MEM_R) == 0;
	for (uint64_t offset = 0; offset < r.size; offset += PAGE_SIZE) {
		unsigned int attrs = stage2_lookup(&p->stage2, ipa_of(r.base + offset), *ns);

		if ((attrs & need) != need || (attrs & MEM_DEVICE) != 0) {
			return false;
		}
	}
	return true;
}

struct rxtx_plan {
	struct range tx, rx;
	bool tx_ns, rx_ns;
	uint32_t pages;
};

/* Reads and cannot change anything. The mailbox is locked. */
static enum ffa_status map_check(struct vcpu *caller, const struct mailbox *m,
				 struct rxtx_plan *plan)
{
	bool wide = (vcpu_w(caller, 0) & FFA_FID_64BIT) != 0;
	uint64_t tx = wide ? caller->arch.x[1] : vcpu_w(caller, 1);
	uint64_t rx = wide ? caller->arch.x[2] : vcpu_w(caller, 2);
	uint32_t pages = vcpu_w(caller, 3);
	uint64_t size = pages * PAGE_SIZE;

	if (m->tx != NULL) {
		return FFA_DENIED;
	}
	if (pages == 0 || pages > FFA_RXTX_MAX_PAGES || !is_page_aligned(tx) ||
	    !is_page_aligned(rx) || !range_make(&plan->tx, tx, size) ||
	    !range_make(&plan->rx, rx, size) || range_overlaps(plan->tx, plan->rx)) {
		return FFA_INVALID_PARAMETERS;
	}
	plan->pages = pages;
	if (vcpu_is_nwd(caller)) {
		plan->tx_ns = true;
		plan->rx_ns = true;
		return nwd_owns(plan->tx) && nwd_owns(plan->rx) ? FFA_OK : FFA_DENIED;
	}
	return sp_owns(caller->partition, plan->tx, false, &plan->tx_ns) &&
			       sp_owns(caller->partition, plan->rx, true, &plan->rx_ns)
		       ? FFA_OK
		       : FFA_INVALID_PARAMETERS;
}

/*
 * FFA_RXTX_MAP: x1 = TX, x2 = RX (page aligned, the caller's own memory; physical addresses from
 * the normal world), w3 = pages of each, 1 to 16. DENIED: there is a pair already, or the normal
 * world does not own that memory; INVALID_PARAMETERS; NO_MEMORY: no table pages to see them with.
 */
struct vcpu *ffa_rxtx_map(struct vcpu *caller)
{
	struct mailbox *m = &caller->endpoint->mailbox;
	struct rxtx_plan plan;
	enum ffa_status status;

	spin_lock(&m->lock);
	status = map_check(caller, m, &plan);
	if (status == FFA_OK) {
		void *tx = stage1_map(plan.tx, MEM_R | (plan.tx_ns ? MEM_NS : 0));
		void *rx = stage1_map(plan.rx, MEM_R | MEM_W | (plan.rx_ns ? MEM_NS : 0));

		if (tx == NULL || rx == NULL) {
			if (tx != NULL) {
				stage1_unmap(plan.tx, plan.tx_ns);
			}
			status = FFA_NO_MEMORY;
		} else {
			m->tx = tx;
			m->rx = rx;
			m->tx_ipa = plan.tx.base;
			m->rx_ipa = plan.rx.base;
			m->tx_ns = plan.tx_ns;
			m->rx_ns = plan.rx_ns;
			m->pages = plan.pages;
			m->rx_full = false;
		}
	}
	spin_unlock(&m->lock);
	return status == FFA_OK ? answer_success(caller, 0, 0) : answer_error(caller, status);
}

/*
 * FFA_RXTX_UNMAP: w1[31:16] = VM id at the physical instance, else zero. INVALID_PARAMETERS: there
 * is no pair, or w1 names somebody else.
 */
struct vcpu *ffa_rxtx_unmap(struct vcpu *caller)
{
	struct mailbox *m = &caller->endpoint->mailbox;
	enum ffa_status status = FFA_INVALID_PARAMETERS;

	spin_lock(&m->lock);
	if (vcpu_w(caller, 1) == 0 && m->tx != NULL) {
		uint64_t size = m->pages * PAGE_SIZE;

		stage1_unmap((struct range){m->tx_ipa, size}, m->tx_ns);
		stage1_unmap((struct range){m->rx_ipa, size}, m->rx_ns);
		m->tx = NULL;
		m->rx = NULL;
		m->rx_full = false;
		status = FFA_OK;
	}
	spin_unlock(&m->lock);
	return status == FFA_OK ? answer_success(caller, 0, 0) : answer_error(caller, status);
}

/*
 * FFA_RX_RELEASE: w1 = VM id at the physical instance, else zero. The caller has read its RX.
 * INVALID_PARAMETERS: w1 names somebody else; DENIED: RX is not the caller's.
 */
struct vcpu *ffa_rx_release(struct vcpu *caller)
{
	struct mailbox *m = &caller->endpoint->mailbox;
	enum ffa_status status = FFA_DENIED;

	if ((vcpu_w(caller, 1) & 0xFFFF) != 0) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	spin_lock(&m->lock);
	if (m->rx_full) {
		m->rx_full = false;
		status = FFA_OK;
	}
	spin_unlock(&m->lock);
	return status == FFA_OK ? answer_success(caller, 0, 0) : answer_error(caller, status);
}
