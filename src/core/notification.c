/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/notification.h"

#include <stddef.h>
#include <string.h>

#include "core/cpu.h"
#include "lib/print.h"

/* --- Boot ------------------------------------------------------------------------------------ */

/* Bytes of working memory that p's notifications take. */
uint64_t notification_bytes(const struct partition *p)
{
	return p->notifications ? p->vcpu_count * sizeof(struct notification_vcpu) : 0;
}

/*
 * Makes receivers of the partitions in spmc.partitions whose manifests want it, with pages of
 * spmc.pages. False, with a message, when there are not enough. Once, after boot has made them.
 */
bool notification_init(void)
{
	struct notification_vcpu *vcpus = NULL;
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		bytes += notification_bytes(spmc.partitions[i]);
	}
	if (bytes != 0) {
		vcpus = page_pool_get_run(&spmc.pages, page_align_up(bytes) / PAGE_SIZE);
		if (vcpus == NULL) {
			log_error("working memory is too small: 0x%lx more bytes in one piece are "
				  "needed for the notifications of the partitions",
				  page_align_up(bytes));
			return false;
		}
	}
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		struct partition *p = spmc.partitions[i];
		struct notifications *n = &p->endpoint.notifications;

		if (!p->notifications) {
			continue;
		}
		n->enabled = true;
		n->vcpu_count = p->vcpu_count;
		for (uint32_t v = 0; v < p->vcpu_count; v += NOTIFICATION_CHUNK) {
			n->vcpus[v / NOTIFICATION_CHUNK] = vcpus + v;
		}
		vcpus += p->vcpu_count;
	}
	return true;
}

/* --- Bindings -------------------------------------------------------------------------------- */

/* vcpu < n->vcpu_count */
struct notification_bits *notification_of_vcpu(struct notifications *n, enum notification_from from,
					       uint32_t vcpu)
{
	return &n->vcpus[vcpu / NOTIFICATION_CHUNK][vcpu % NOTIFICATION_CHUNK].from[from];
}

/* Is any of `bits` pending, for whatever vCPU? */
bool notification_any_pending(struct notifications *n, enum notification_from from, uint64_t bits)
{
	uint64_t pending = n->global[from].pending;

	if ((bits & n->bindings[from].per_vcpu) != 0) {
		for (uint32_t i = 0; i < n->vcpu_count; i++) {
			pending |= notification_of_vcpu(n, from, i)->pending;
		}
	}
	return (pending & bits) != 0;
}

/* Are all of `bits` bound to that sender? */
bool notification_all_bound(const struct notifications *n, enum notification_from from,
			    uint64_t bits, uint16_t sender)
{
	const struct notification_bindings *b = &n->bindings[from];

	if ((bits & ~b->bound) != 0) {
		return false;
	}
	for (; bits != 0; bits &= bits - 1) {
		if (b->sender[__builtin_ctzl(bits)] != sender) {
			return false;
		}
	}
	return true;
}

/* None of `bits` is bound. */
void notification_bind(struct notifications *n, enum notification_from from, uint64_t bits,
		       uint16_t sender, bool per_vcpu)
{
	struct notification_bindings *b = &n->bindings[from];

	b->bound |= bits;
	b->per_vcpu |= per_vcpu ? bits : 0;
	for (; bits != 0; bits &= bits - 1) {
		b->sender[__builtin_ctzl(bits)] = sender;
	}
}

/* All of `bits` are bound, none is pending. */
void notification_unbind(struct notifications *n, enum notification_from from, uint64_t bits)
{
	struct notification_bindings *b = &n->bindings[from];

	b->bound &= ~bits;
	b->per_vcpu &= ~bits;
	for (; bits != 0; bits &= bits - 1) {
		b->sender[__builtin_ctzl(bits)] = 0;
	}
}

/* --- The notification pending interrupt ------------------------------------------------------ */

/* Of the vCPU, or of NOTIFICATION_GLOBAL. */
static bool *npi_due(struct partition *p, uint32_t vcpu)
{
	return vcpu == NOTIFICATION_GLOBAL ? &p->endpoint.notifications.npi_due
					   : &p->vcpus[vcpu].npi_due;
}

static void npi_set(struct partition *p, uint32_t vcpu)
{
	bool *due = npi_due(p, vcpu);

	if (!*due) {
		*due = true;
		p->endpoint.notifications.npi_count++;
		atomic_fetch_or_explicit(&p->attention, PARTITION_NPI, memory_order_relaxed);
	}
}

/* True if it was due. */
static bool npi_clear(struct partition *p, uint32_t vcpu)
{
	bool *due = npi_due(p, vcpu);
	bool was = *due;

	*due = false;
	if (was && --p->endpoint.notifications.npi_count == 0) {
		atomic_fetch_and_explicit(&p->attention, ~PARTITION_NPI, memory_order_relaxed);
	}
	return was;
}

/*
 * v, which this CPU has, gets cycles, and its partition has PARTITION_NPI: pends the interrupt if
 * it is for v. Once each time that notifications come.
 */
void notification_attend(struct vcpu *v)
{
	struct notifications *n = &v->endpoint->notifications;
	bool due;

	spin_lock(&n->lock);
	due = npi_clear(v->partition, NOTIFICATION_GLOBAL);
	due |= npi_clear(v->partition, v->index);
	if (due) {
		(void)vint_pend(&v->vint, VINT_SLOT_NPI);
	}
	spin_unlock(&n->lock);
}

static bool any_for(struct notifications *n, uint32_t vcpu)
{
	uint64_t pending = 0;

	for (enum notification_from from = 0; from < NOTIFICATION_WORLDS; from++) {
		pending |= notification_of_vcpu(n, from, vcpu)->pending;
	}
	return pending != 0;
}

static bool any_global(const struct notifications *n)
{
	uint64_t pending = 0;

	for (enum notification_from from = 0; from < NOTIFICATION_SOURCES; from++) {
		pending |= n->global[from].pending;
	}
	return pending != 0;
}

/*
 * v has taken notifications, its own or those of another vCPU of its partition. If nothing is left
 * that an interrupt would tell of, there is none. The lock is held.
 */
void notification_taken_by(struct vcpu *v, uint32_t vcpu)
{
	struct notifications *n = &v->endpoint->notifications;
	bool global = any_global(n);
	bool own = any_for(n, vcpu);

	if (!global) {
		(void)npi_clear(v->partition, NOTIFICATION_GLOBAL);
	}
	if (!own) {
		(void)npi_clear(v->partition, vcpu);
	}
	if (!global && !own && vcpu == v->index && vint_lines(&v->vint) != 0) {
		vint_withdraw(&v->vint, VINT_SLOT_NPI);
	}
}

/* --- Pending --------------------------------------------------------------------------------- */

/* `bits` (bound and of that kind, or of the framework) are pending for e's vCPU, or globally. */
void notification_pend(struct endpoint *e, enum notification_from from, uint64_t bits,
		       uint32_t vcpu)
{
	struct notifications *n = &e->notifications;
	struct notification_bits *b = vcpu == NOTIFICATION_GLOBAL
					      ? &n->global[from]
					      : notification_of_vcpu(n, from, vcpu);
	bool fresh = (bits & ~b->pending) != 0;

	b->pending |= bits;
	b->told &= ~bits;
	atomic_store_explicit(&n->untold, true, memory_order_relaxed);
	if (fresh && e->kind == ENDPOINT_SP_EL1) {
		npi_set(endpoint_partition(e), vcpu);
	}
}

static uint64_t take(struct notification_bits *b)
{
	uint64_t bits = b->pending;

	b->pending = 0;
	b->told = 0;
	return bits;
}

/* What is pending globally and for that vCPU; it is not any more. */
uint64_t notification_take(struct notifications *n, enum notification_from from, uint32_t vcpu)
{
	uint64_t bits = take(&n->global[from]);

	if (from < NOTIFICATION_WORLDS) {
		bits |= take(notification_of_vcpu(n, from, vcpu));
	}
	return bits;
}

static void clear(struct notification_bits *b, uint64_t bits)
{
	b->pending &= ~bits;
	b->told &= ~bits;
}

/* p has ended: nobody notifies it any more, and what is pending is forgotten. */
void notification_drop(struct partition *p)
{
	struct notifications *n = &p->endpoint.notifications;

	spin_lock(&n->lock);
	for (uint32_t i = 0; i < n->vcpu_count; i++) {
		for (enum notification_from from = 0; from < NOTIFICATION_WORLDS; from++) {
			(void)take(notification_of_vcpu(n, from, i));
		}
		(void)npi_clear(p, i);
	}
	(void)npi_clear(p, NOTIFICATION_GLOBAL);
	memset(n->bindings, 0, sizeof(n->bindings));
	memset(n->global, 0, sizeof(n->global));
	n->enabled = false;
	atomic_store_explicit(&n->untold, false, memory_order_relaxed);
	spin_unlock(&n->lock);
}

/*
 * p, whose notifications have been dropped, starts anew: it may be notified if its manifest says
 * so.
 */
void notification_renew(struct partition *p)
{
	struct notifications *n = &p->endpoint.notifications;

	spin_lock(&n->lock);
	n->enabled = p->notifications;
	spin_unlock(&n->lock);
}

/* `sender`, an SP, is not known any more: e is not bound to it, and has nothing of it pending. */
void notification_forget(struct endpoint *e, uint16_t sender)
{
	struct notifications *n = &e->notifications;
	struct notification_bindings *b = &n->bindings[NOTIFICATION_FROM_SPS];
	uint64_t bits = 0;

	spin_lock(&n->lock);
	for (unsigned int i = 0; i < NOTIFICATION_COUNT; i++) {
		if ((b->bound >> i & 1) != 0 && b->sender[i] == sender) {
			bits |= 1ul << i;
		}
	}
	clear(&n->global[NOTIFICATION_FROM_SPS], bits);
	for (uint32_t i = 0; bits != 0 && i < n->vcpu_count; i++) {
		clear(notification_of_vcpu(n, NOTIFICATION_FROM_SPS, i), bits);
	}
	notification_unbind(n, NOTIFICATION_FROM_SPS, bits);
	spin_unlock(&n->lock);
}
