/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * FFA_MEM_RELINQUISH, FFA_MEM_RECLAIM (FF-A 1.2 chapters 16.5, 16.6), the end of endpoints, and how
 * much can be open at once.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host.h"
#include "mem_fixture.h"

static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_LEND_32, FFA_MEM_DONATE_32 };

static struct party *const a = &parties[A];
static struct party *const b = &parties[B];
static struct party *const c = &parties[C];
static struct party *const n = &parties[N];

static int set_up(void **state)
{
	(void)state;
	mem_boot_all(FFA_VERSION_1_2);
	return 0;
}

/* Sent by `from` to B, RW. */
static struct desc sent_make(uint32_t fid, struct party *from)
{
	return desc_send(fid, from, b->id, from->memory, 2);
}

/* B has retrieved it. */
static uint64_t held_make(struct desc *sent)
{
	uint64_t handle = desc_send_well(sent);
	struct desc d = desc_retrieve(sent, b, handle);

	desc_retrieve_well(&d);
	return handle;
}

/* Transactions of anybody. */
static uint32_t open_count(void)
{
	uint32_t count = spmc.nwd.transactions.open;

	for (uint32_t i = 0; i < SPS; i++) {
		count += sys.partitions[i].endpoint.transactions.open;
	}
	return count;
}

/* --- RELINQUISH ------------------------------------------------------------------------------- */

static void relinquish_fails(struct party *p, uint64_t handle, uint32_t flags, uint32_t count,
			     uint16_t id, enum ffa_status status)
{
	picture_take();
	mem_relinquish(p, handle, flags, count, id);
	if (!got_error(p->v, status) || !picture_same()) {
		print_error("relinquish flags %#x count %u id %#x: got %#x %d\n", flags, count, id,
			    got(p->v, 0), (int)got(p->v, 2));
		fail();
	}
}

static void relinquish_checks(void **state)
{
	struct desc sent = sent_make(FFA_MEM_SHARE_32, n);
	uint64_t handle = held_make(&sent);
	struct desc other = desc_send(FFA_MEM_LEND_32, a, c->id, a->memory, 1);
	uint64_t others = desc_send_well(&other);
	struct desc retrieve = desc_retrieve(&other, c, others);

	(void)state;
	desc_retrieve_well(&retrieve);
	relinquish_fails(b, handle, 0, 0, b->id, FFA_INVALID_PARAMETERS);
	relinquish_fails(b, handle, 0, 2, b->id, FFA_INVALID_PARAMETERS);
	relinquish_fails(b, handle, 0, 0xFFFFFFFF, b->id, FFA_INVALID_PARAMETERS);
	relinquish_fails(b, handle, 0, 1, c->id, FFA_INVALID_PARAMETERS);
	relinquish_fails(b, handle, 0, 1, 0, FFA_INVALID_PARAMETERS);
	for (uint32_t flag = 0; flag < 32; flag++) { /* it is shared: even zeroing */
		relinquish_fails(b, handle, 1u << flag, 1, b->id, FFA_INVALID_PARAMETERS);
	}
	relinquish_fails(b, handle ^ 1, 0, 1, b->id, FFA_INVALID_PARAMETERS);
	relinquish_fails(b, handle ^ 1ul << 16, 0, 1, b->id, FFA_INVALID_PARAMETERS);
	relinquish_fails(b, handle | 1ul << 63, 0, 1, b->id, FFA_INVALID_PARAMETERS);
	relinquish_fails(b, UINT64_MAX, 0, 1, b->id, FFA_INVALID_PARAMETERS);
	relinquish_fails(b, 0, 0, 1, b->id, FFA_INVALID_PARAMETERS);
	/* Not a borrower, or not retrieved; and the normal world gives back nothing of an SP's. */
	relinquish_fails(b, others, 0, 1, b->id, FFA_INVALID_PARAMETERS);
	relinquish_fails(a, others, 0, 1, a->id, FFA_INVALID_PARAMETERS);
	relinquish_fails(a, handle, 0, 1, a->id, FFA_INVALID_PARAMETERS);
	relinquish_fails(n, handle, 0, 1, b->id, FFA_INVALID_PARAMETERS);
	relinquish_fails(n, others, 0, 1, c->id, FFA_INVALID_PARAMETERS);
	relinquish_fails(n, handle, 0, 1, 0, FFA_INVALID_PARAMETERS);
	relinquish_fails(n, others, 0, 1, 5, FFA_INVALID_PARAMETERS);

	mem_relinquish(b, handle, 0, 1, b->id);
	assert_true(got_success(b->v, 0, 0));
	relinquish_fails(b, handle, 0, 1, b->id, FFA_INVALID_PARAMETERS);

	picture_take();
	for (uint32_t at = 0; at < 18; at++) {
		host_memory_refuse((uint64_t)c->tx + at, 1);
		CALL(c->cpu, c->v, FFA_MEM_RELINQUISH_32);
		assert_true(got_error(c->v, FFA_ABORTED));
		assert_true(picture_same());
	}
	host_memory_refuse(0, 0);
	CALL(c->cpu, c->v, FFA_RXTX_UNMAP_32);
	CALL(c->cpu, c->v, FFA_MEM_RELINQUISH_32);
	assert_true(got_error(c->v, FFA_INVALID_PARAMETERS));
}

/* Read-only, one has no say in what is in the memory. */
static void relinquish_read_only(void **state)
{
	struct desc sent = sent_make(FFA_MEM_LEND_32, a);
	struct desc d;

	(void)state;
	sent.access[0].permissions = 1;
	d = desc_retrieve(&sent, b, desc_send_well(&sent));
	desc_retrieve_well(&d);
	relinquish_fails(b, d.handle, FFA_MEM_FLAG_ZERO, 1, b->id, FFA_DENIED);
	mem_relinquish(b, d.handle, 0, 1, b->id);
	assert_true(got_success(b->v, 0, 0));
}

static bool all_are(const struct party *p, char byte)
{
	const char *page = (const char *)p->memory;

	for (uint32_t i = 0; i < 2 * PAGE; i++) {
		if (page[i] != byte) {
			return false;
		}
	}
	return page[2 * PAGE] == 0x5A;
}

/* The flag of RELINQUISH decides, not that of RETRIEVE_REQ. */
static void relinquish_zeroes(void **state)
{
	struct desc sent = sent_make(FFA_MEM_LEND_32, n);
	struct desc d = desc_retrieve(&sent, b, desc_send_well(&sent));

	(void)state;
	memset((void *)n->memory, 0x5A, 4 * PAGE);
	d.flags = FFA_MEM_FLAG_ZERO_AFTER;
	desc_retrieve_well(&d);
	mem_relinquish(b, d.handle, 0, 1, b->id);
	assert_true(all_are(n, 0x5A));
	d.flags = 0;
	desc_retrieve_well(&d);
	mem_relinquish(b, d.handle, FFA_MEM_FLAG_ZERO, 1, b->id);
	assert_true(all_are(n, 0));
	/* Once. */
	memset((void *)n->memory, 0x5A, 4 * PAGE);
	desc_retrieve_well(&d);
	mem_relinquish(b, d.handle, 0, 1, b->id);
	mem_reclaim(n, d.handle, 0);
	assert_true(all_are(n, 0x5A));
}

/* With several borrowers it is zeroed when the last has gone, if any of them wanted it. */
static void relinquish_zeroes_last(void **state)
{
	(void)state;
	for (unsigned int who = 0; who < 3; who++) {
		struct desc sent = sent_make(FFA_MEM_LEND_32, n);
		struct desc d, e;

		memset((void *)n->memory, 0x5A, 4 * PAGE);
		desc_add_receiver(&sent, c->id, 2);
		d = desc_retrieve(&sent, b, desc_send_well(&sent));
		e = desc_retrieve(&sent, c, d.handle);
		desc_retrieve_well(&d);
		desc_retrieve_well(&e);
		mem_relinquish(b, d.handle, who == 0 ? FFA_MEM_FLAG_ZERO : 0, 1, b->id);
		assert_true(got_success(b->v, 0, 0));
		assert_true(all_are(n, 0x5A));
		mem_relinquish(c, d.handle, who == 1 ? FFA_MEM_FLAG_ZERO : 0, 1, c->id);
		assert_true(got_success(c->v, 0, 0));
		assert_true(all_are(n, who < 2 ? 0 : 0x5A));
		mem_reclaim(n, d.handle, 0);
		assert_true(got_success(n->v, 0, 0));
	}
}

/* Memory that was taken away cannot be zeroed: nobody gets it until it can be. */
static void relinquish_taken_away(void **state)
{
	struct desc sent = sent_make(FFA_MEM_LEND_32, n);
	struct desc d = desc_retrieve(&sent, b, desc_send_well(&sent));

	(void)state;
	memset((void *)n->memory, 0x5A, 4 * PAGE);
	desc_retrieve_well(&d);
	host_memory_refuse(n->memory + PAGE, 1);
	mem_relinquish(b, d.handle, FFA_MEM_FLAG_ZERO, 1, b->id);
	assert_true(got_success(b->v, 0, 0));
	desc_write(&d);
	picture_take();
	CALL(b->cpu, b->v, d.fid, d.total, d.length);
	assert_true(got_error(b->v, FFA_ABORTED));
	assert_true(picture_same());
	mem_reclaim(n, d.handle, 0);
	assert_true(got_error(n->v, FFA_ABORTED));
	assert_true(picture_same());
	host_memory_refuse(0, 0);
	mem_reclaim(n, d.handle, 0);
	assert_true(got_success(n->v, 0, 0));
	assert_true(all_are(n, 0));
}

/* --- RECLAIM ---------------------------------------------------------------------------------- */

static void reclaim_fails(struct party *p, uint64_t handle, uint32_t flags, enum ffa_status status)
{
	picture_take();
	mem_reclaim(p, handle, flags);
	assert_true(got_error(p->v, status));
	assert_true(picture_same());
}

static void reclaim_checks(void **state)
{
	struct desc sent = sent_make(FFA_MEM_LEND_32, a);
	uint64_t handle = desc_send_well(&sent);
	struct desc of_vm = sent_make(FFA_MEM_SHARE_32, n);
	uint64_t vms;
	struct party *others[] = { b, c, n };

	(void)state;
	for (uint32_t flag = 1; flag < 32; flag++) {
		reclaim_fails(a, handle, 1u << flag, FFA_INVALID_PARAMETERS);
	}
	reclaim_fails(a, handle ^ 1, 0, FFA_INVALID_PARAMETERS);
	reclaim_fails(a, handle ^ 1ul << 16, 0, FFA_INVALID_PARAMETERS);
	reclaim_fails(a, handle ^ 1ul << 62, 0, FFA_INVALID_PARAMETERS);
	reclaim_fails(a, handle | 1ul << 63, 0, FFA_INVALID_PARAMETERS);
	reclaim_fails(a, UINT64_MAX, 0, FFA_INVALID_PARAMETERS);
	reclaim_fails(a, 0, 0, FFA_INVALID_PARAMETERS);
	for (unsigned int i = 0; i < NUMBER_OF(others); i++) {
		reclaim_fails(others[i], handle, 0, FFA_INVALID_PARAMETERS);
	}
	of_vm.sender = 9;
	vms = desc_send_well(&of_vm);
	reclaim_fails(a, vms, 0, FFA_INVALID_PARAMETERS);
	reclaim_fails(b, vms, 0, FFA_INVALID_PARAMETERS);
	mem_reclaim(n, vms, 0);
	assert_true(got_success(n->v, 0, 0));
	mem_reclaim(a, handle, 0);
	assert_true(got_success(a->v, 0, 0));
	reclaim_fails(a, handle, 0, FFA_INVALID_PARAMETERS);
}

/* The first fragment of two: two pages that come in one piece each. */
static uint64_t half_send(struct party *from, uint16_t sender)
{
	struct desc half = desc_send(FFA_MEM_LEND_32, from, b->id, from->memory, 1);

	half.sender = sender;
	desc_add_memory(&half, from->memory + 2 * PAGE, 1);
	half.length -= 16;
	desc_call(&half);
	assert_int_equal(got(from->v, 0), FFA_MEM_FRAG_RX_32);
	return (uint64_t)got(from->v, 2) << 32 | got(from->v, 1);
}

/* What its lender does not go on to send is forgotten, as if it had never begun. */
static void reclaim_unfinished(void **state)
{
	struct party *lenders[] = { a, n };

	(void)state;
	for (unsigned int i = 0; i < NUMBER_OF(lenders); i++) {
		struct party *from = lenders[i];
		uint64_t handle;

		handle = half_send(from, from->id);
		reclaim_fails(from, handle, FFA_MEM_FLAG_ZERO, FFA_INVALID_PARAMETERS);
		reclaim_fails(lenders[1 - i], handle, 0, FFA_INVALID_PARAMETERS);
		reclaim_fails(b, handle, 0, FFA_INVALID_PARAMETERS);
		mem_reclaim(from, handle, 0);
		assert_true(got_success(from->v, 0, 0));
		assert_int_equal(open_count(), 0);
		assert_int_equal(page_state(from, from->memory), MEMORY_OWNED);
		CALL(from->cpu, from->v, FFA_MEM_FRAG_TX_32, (uint32_t)handle, handle >> 32, 16);
		assert_true(got_error(from->v, FFA_INVALID_PARAMETERS));
		reclaim_fails(from, handle, 0, FFA_INVALID_PARAMETERS);
	}
}

/* Zeroed before the owner has it again; not what the owner may not write. */
static void reclaim_zeroes(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < NUMBER_OF(fids); kind++) {
		struct desc sent = sent_make(fids[kind], n);
		uint64_t handle = desc_send_well(&sent);

		memset((void *)n->memory, 0x5A, 4 * PAGE);
		host_memory_refuse(n->memory, 1);
		reclaim_fails(n, handle, FFA_MEM_FLAG_ZERO, FFA_ABORTED);
		host_memory_refuse(0, 0);
		mem_reclaim(n, handle, FFA_MEM_FLAG_ZERO);
		assert_true(got_success(n->v, 0, 0));
		assert_true(all_are(n, 0));
		sent = desc_send(fids[kind], a, b->id, a->read_only, 1);
		sent.access[0].permissions = kind == 2 ? 0 : 1;
		handle = desc_send_well(&sent);
		reclaim_fails(a, handle, FFA_MEM_FLAG_ZERO, FFA_DENIED);
		mem_reclaim(a, handle, 0);
		assert_true(got_success(a->v, 0, 0));
	}
}

/* --- The end of an endpoint ------------------------------------------------------------------- */

static void ends(struct party *p)
{
	(void)serror(p->cpu);
	assert_int_equal(state_of(p->v), VCPU_ABORTED);
}

static bool has_none(const struct party *p, const struct desc *sent)
{
	return page_state(p, sent->list[0].base) == MEMORY_NONE &&
	       page_state(p, sent->list[0].base + PAGE) == MEMORY_NONE;
}

/* A borrower that ends has given back all that it held, zeroed if it had asked for that. */
static void borrower_ends(void **state)
{
	(void)state;
	for (unsigned int zero = 0; zero < 2; zero++) {
		struct desc lent, shared, d;
		uint64_t handles[3];

		mem_boot_all(FFA_VERSION_1_2);
		memset((void *)n->memory, 0x5A, 4 * PAGE);
		lent = sent_make(FFA_MEM_LEND_32, n);
		handles[0] = desc_send_well(&lent);
		d = desc_retrieve(&lent, b, handles[0]);
		d.flags = zero != 0 ? FFA_MEM_FLAG_ZERO_AFTER : 0;
		desc_retrieve_well(&d);
		shared = desc_send(FFA_MEM_SHARE_32, a, b->id, a->memory, 2);
		desc_add_receiver(&shared, c->id, 2);
		handles[1] = held_make(&shared);
		d = desc_retrieve(&shared, c, handles[1]);
		desc_retrieve_well(&d);
		d = desc_send(FFA_MEM_LEND_32, n, b->id, n->memory + 8 * PAGE, 1);
		handles[2] = desc_send_well(&d); /* which it never retrieved */
		ends(b);
		assert_true(has_none(b, &lent) && has_none(b, &shared));
		assert_int_equal(page_state(c, a->memory), MEMORY_BORROWED_SHARED);
		assert_true(all_are(n, zero != 0 ? 0 : 0x5A));
		mem_reclaim(n, handles[0], 0);
		assert_true(got_success(n->v, 0, 0));
		mem_reclaim(n, handles[2], 0);
		assert_true(got_success(n->v, 0, 0));
		reclaim_fails(a, handles[1], 0, FFA_DENIED);
		mem_relinquish(c, handles[1], 0, 1, c->id);
		mem_reclaim(a, handles[1], 0);
		assert_true(got_success(a->v, 0, 0));
		assert_int_equal(open_count(), 0);
	}
}

/* A lender that ends: its memory comes back when nobody has it any more. */
static void lender_ends(void **state)
{
	struct desc held, unheld, half, d;
	uint64_t handles[3];

	(void)state;
	held = desc_send(FFA_MEM_LEND_32, a, b->id, a->memory, 2);
	desc_add_receiver(&held, c->id, 2);
	handles[0] = held_make(&held);
	unheld = desc_send(FFA_MEM_DONATE_32, a, b->id, a->memory + 4 * PAGE, 2);
	handles[1] = desc_send_well(&unheld);
	half = desc_send(FFA_MEM_LEND_32, a, b->id, a->memory + 8 * PAGE, 2);
	desc_add_memory(&half, a->memory + 12 * PAGE, 1);
	half.length -= 16;
	desc_call(&half);
	handles[2] = (uint64_t)got(a->v, 2) << 32 | got(a->v, 1);
	assert_int_equal(open_count(), 3);
	ends(a);
	assert_int_equal(open_count(), 1);
	assert_int_equal(page_state(a, a->memory + 4 * PAGE), MEMORY_OWNED);
	assert_int_equal(page_state(a, a->memory), MEMORY_OWNED_LENT);
	d = desc_retrieve(&unheld, b, handles[1]);
	desc_call(&d);
	assert_true(got_error(b->v, FFA_INVALID_PARAMETERS));
	/* Nobody new gets it. */
	d = desc_retrieve(&held, c, handles[0]);
	picture_take();
	desc_call(&d);
	assert_true(got_error(c->v, FFA_DENIED));
	assert_true(picture_same());
	mem_relinquish(b, handles[0], 0, 1, b->id);
	assert_true(got_success(b->v, 0, 0));
	assert_int_equal(open_count(), 0);
	assert_int_equal(page_state(a, a->memory), MEMORY_OWNED);
	assert_int_equal(page_state(b, a->memory), MEMORY_NONE);
}

/* Lender and borrower both end, in either order: nothing is left. */
static void both_end(void **state)
{
	(void)state;
	for (unsigned int order = 0; order < 2; order++) {
		struct desc sent;

		mem_boot_all(FFA_VERSION_1_2);
		sent = sent_make(FFA_MEM_LEND_32, a);
		(void)held_make(&sent);
		ends(order == 0 ? a : b);
		ends(order == 0 ? b : a);
		assert_int_equal(open_count(), 0);
		assert_true(has_none(b, &sent));
		assert_int_equal(page_state(a, a->memory), MEMORY_OWNED);
	}
}

/* What was donated stays with who has taken it. */
static void donor_ends(void **state)
{
	struct desc sent = sent_make(FFA_MEM_DONATE_32, a);

	(void)state;
	(void)held_make(&sent);
	ends(a);
	assert_int_equal(page_state(b, a->memory), MEMORY_OWNED);
	assert_true(has_none(a, &sent));
}

/* The hypervisor tells an SP so. */
static void vm_destroyed(uint16_t vm)
{
	CALL(n->cpu, n->v, FFA_MSG_SEND_DIRECT_REQ_32, other_id(),
	     FFA_MSG_FRAMEWORK | FFA_FW_VM_DESTROYED_REQ, 0, 0, vm);
	CALL(n->cpu, running(n->cpu), FFA_MSG_SEND_DIRECT_RESP_32, FFA_IDS(other_id(), 0),
	     FFA_MSG_FRAMEWORK | FFA_FW_VM_DESTROYED_RESP);
	assert_ptr_equal(running(n->cpu), n->v);
}

/* The SP cannot be told now: then the hypervisor has not said so. */
static void vm_destroyed_refused(uint16_t vm)
{
	struct vcpu *v;

	CALL(n->cpu, n->v, FFA_MSG_SEND_DIRECT_REQ_32, other_id());
	v = running(n->cpu);
	assert_true(interrupt_ns(n->cpu));
	CALL(n->cpu, n->v, FFA_MSG_SEND_DIRECT_REQ_32, other_id(),
	     FFA_MSG_FRAMEWORK | FFA_FW_VM_DESTROYED_REQ, 0, 0, vm);
	assert_true(got_error(n->v, FFA_BUSY));
	CALL(n->cpu, n->v, FFA_RUN_32, FFA_CTX(other_id(), v->index));
	CALL(n->cpu, v, FFA_MSG_SEND_DIRECT_RESP_32, FFA_IDS(other_id(), 0));
	assert_ptr_equal(running(n->cpu), n->v);
}

/*
 * A VM is gone: what was retrieved for it counts no more, what it had begun to send is forgotten;
 * what it has sent its hypervisor reclaims.
 */
static void vm_ends(void **state)
{
	struct desc sent = sent_make(FFA_MEM_SHARE_32, n);
	uint64_t half = half_send(n, 3);
	struct desc d;

	(void)state;
	sent.sender = 9;
	desc_add_receiver(&sent, 3, 1);
	d = desc_retrieve(&sent, n, desc_send_well(&sent));
	desc_retrieve_well(&d);
	reclaim_fails(n, d.handle, 0, FFA_DENIED);
	vm_destroyed(4);
	reclaim_fails(n, d.handle, 0, FFA_DENIED);
	vm_destroyed(9);
	reclaim_fails(n, d.handle, 0, FFA_DENIED);
	vm_destroyed_refused(3);
	reclaim_fails(n, d.handle, 0, FFA_DENIED);
	assert_int_equal(open_count(), 2);
	vm_destroyed(3);
	assert_int_equal(open_count(), 1);
	reclaim_fails(n, half, 0, FFA_INVALID_PARAMETERS);
	mem_reclaim(n, d.handle, 0);
	assert_true(got_success(n->v, 0, 0));
}

/* --- How much --------------------------------------------------------------------------------- */

/* Handles are unique, also when places are used again; an old one is dead for good. */
static void handles(void **state)
{
	uint64_t before = 0;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		struct desc sent = sent_make(FFA_MEM_SHARE_32, i % 2 == 0 ? a : n);
		uint64_t handle = desc_send_well(&sent);

		assert_true(handle != before && handle != 0 && handle >> 63 == 0);
		mem_reclaim(sent.party, before, 0);
		assert_true(got_error(sent.party->v, FFA_INVALID_PARAMETERS));
		mem_reclaim(sent.party, handle, 0);
		assert_true(got_success(sent.party->v, 0, 0));
		before = handle;
	}
}

/* An SP that takes all it may have takes nothing from others. */
static void quota(void **state)
{
	struct desc sent = desc_send(FFA_MEM_SHARE_32, a, b->id, a->memory, 1);
	static uint64_t all[TRANSACTION_MAX_SP];
	uint32_t count = 0;

	(void)state;
	/* Half-sent ones need no memory of their own: the same page in all. */
	desc_add_memory(&sent, a->memory + PAGE, 1);
	sent.length -= 16;
	for (;;) {
		desc_call(&sent);
		if (got(a->v, 0) == FFA_ERROR_32) {
			break;
		}
		assert_true(count < TRANSACTION_MAX_SP);
		all[count++] = (uint64_t)got(a->v, 2) << 32 | got(a->v, 1);
	}
	assert_true(got_error(a->v, FFA_NO_MEMORY));
	assert_int_equal(count, TRANSACTION_MAX_SP);
	for (struct party *p = b; p <= n; p++) {
		struct desc d = desc_send(FFA_MEM_LEND_32, p, other_id(), p->memory, 1);

		mem_reclaim(p, desc_send_well(&d), 0);
		assert_true(got_success(p->v, 0, 0));
	}
	/* The last fragment of one: it overlaps nothing, and can be reclaimed. */
	memcpy(a->tx, &sent.list[1], 16);
	CALL(a->cpu, a->v, FFA_MEM_FRAG_TX_32, (uint32_t)all[7], all[7] >> 32, 16);
	assert_true(got_success(a->v, (uint32_t)all[7], (uint32_t)(all[7] >> 32)));
	mem_reclaim(a, all[7], 0);
	assert_true(got_success(a->v, 0, 0));
	ends(a);
	assert_int_equal(open_count(), 0);
}

/* All that a party may have open, as half-sent ones: then nothing more can be sent by any call. */
static void nothing_left(struct party *from)
{
	struct desc half = desc_send(FFA_MEM_SHARE_32, from, b->id, from->memory, 1);

	desc_add_memory(&half, from->memory + PAGE, 1);
	half.length -= 16;
	do {
		desc_call(&half);
	} while (got(from->v, 0) != FFA_ERROR_32);
	for (size_t i = 0; i < NUMBER_OF(fids); i++) {
		struct desc d = desc_send(fids[i], from, b->id, from->memory + 2 * PAGE, 1);

		desc_call(&d);
		assert_true(got_error(from->v, FFA_NO_MEMORY));
	}
}

static void quota_of_each_call(void **state)
{
	(void)state;
	nothing_left(a);
	nothing_left(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(relinquish_checks, set_up),
		cmocka_unit_test_setup(relinquish_read_only, set_up),
		cmocka_unit_test_setup(relinquish_zeroes, set_up),
		cmocka_unit_test_setup(relinquish_zeroes_last, set_up),
		cmocka_unit_test_setup(relinquish_taken_away, set_up),
		cmocka_unit_test_setup(reclaim_checks, set_up),
		cmocka_unit_test_setup(reclaim_unfinished, set_up),
		cmocka_unit_test_setup(reclaim_zeroes, set_up),
		cmocka_unit_test(borrower_ends),
		cmocka_unit_test_setup(lender_ends, set_up),
		cmocka_unit_test(both_end),
		cmocka_unit_test_setup(donor_ends, set_up),
		cmocka_unit_test_setup(vm_ends, set_up),
		cmocka_unit_test_setup(handles, set_up),
		cmocka_unit_test_setup(quota, set_up),
		cmocka_unit_test_setup(quota_of_each_call, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
