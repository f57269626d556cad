/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory management with descriptors that are good, but for a few bytes that the input changes:
 * random ones would never come further than the first check.
 */
#include "memory_input.h"

#include <string.h>

#include "../unit/spmc_fixture.h"

#define PAGE 0x1000ul
#define HANDLES 8u

static uint64_t handles[HANDLES];
static uint32_t next_handle;

void memory_input_reset(void)
{
	memset(handles, 0, sizeof(handles));
	next_handle = 0;
}

static void handle_keep(uint64_t handle)
{
	handles[next_handle++ % HANDLES] = handle;
}

static bool is_open(uint64_t handle)
{
	struct transaction *t = transaction_lock(handle);

	if (t != NULL) {
		transaction_unlock(t);
	}
	return t != NULL;
}

/* One that is open, mostly. */
static uint64_t any_handle(struct input *in)
{
	uint8_t kind = byte(in);

	for (uint32_t i = 0; i < HANDLES && kind < 0xF0; i++) {
		uint64_t handle = handles[(kind + i) % HANDLES];

		if (is_open(handle)) {
			return handle;
		}
	}
	return handles[kind % HANDLES] ^ 1ul << (kind & 7) * 9;
}

static uint16_t any_id(struct input *in)
{
	uint8_t kind = byte(in);

	return kind < 0xC0 ? id_of((enum which)(kind % SPS)) : kind < 0xF0 ? kind % 4 : kind << 8;
}

static bool is_nwd(const struct vcpu *v)
{
	return vcpu_is_nwd(v);
}

/* Memory of v's own, mostly: page 8 and on, below are its buffers. */
static uint64_t any_page(struct input *in, const struct vcpu *v)
{
	uint8_t kind = byte(in);
	uint64_t base =
		is_nwd(v) ? NWD_MEMORY : SP_MEMORY((enum which)(v->partition - sys.partitions));

	if (kind >= 0xE0) {
		base = SP_MEMORY((enum which)(kind % SPS));
	}
	return base + (8 + kind % 32) * PAGE;
}

static char *tx_of(const struct vcpu *v)
{
	return (char *)(uintptr_t)v->endpoint->mailbox.tx;
}

/* Bytes of what is in TX, of those that have been written, become something else. */
static void disturb(struct input *in, char *tx, uint32_t length)
{
	uint8_t kind = byte(in);

	if (kind >= 0x60 || length == 0) {
		return;
	}
	for (uint8_t i = 0; i <= kind >> 5; i++) {
		uint16_t at = (uint16_t)(byte(in) | byte(in) << 8);

		tx[at % length] = (char)byte(in);
	}
}

static void map_buffers(uint32_t cpu, struct vcpu *v)
{
	uint64_t base =
		is_nwd(v) ? NWD_MEMORY : SP_MEMORY((enum which)(v->partition - sys.partitions));

	CALL(cpu, v, FFA_RXTX_MAP_64, base + 2 * PAGE, base + 4 * PAGE, 1);
}

/*
 * An endpoint whose turn it is with that transaction: a borrower, or the lender. 0 for the normal
 * world, and when there is none.
 */
static uint16_t party_of(struct input *in, uint64_t handle, bool lender)
{
	struct transaction *t = transaction_lock(handle);
	uint8_t kind = byte(in);
	uint16_t id = 0;

	if (t != NULL) {
		id = lender ? t->sender : t->borrowers[kind % t->borrower_count].id;
		transaction_unlock(t);
	}
	return id;
}

/* Lets it have the CPU, if that is easy, and gives it buffers; returns who has. */
static struct vcpu *enter(uint32_t cpu, uint16_t id)
{
	const struct partition *p = partition_find(id);
	struct vcpu *v = running(cpu);

	if (!is_nwd(v) && v->endpoint->id != id) {
		finish_work(cpu);
	}
	if (is_nwd(running(cpu)) && p != NULL) {
		CALL(cpu, running(cpu), FFA_RUN_32,
		     FFA_CTX(id, partition_vcpu(p, &sys.cpus[cpu])->index));
	}
	v = running(cpu);
	if (v->endpoint->mailbox.tx == NULL) {
		map_buffers(cpu, v);
	}
	return running(cpu);
}

/* --- Descriptors ------------------------------------------------------------------------------ */

struct head {
	uint16_t sender;
	uint16_t attributes;
	uint32_t flags;
	uint64_t handle;
	uint64_t tag;
	uint32_t count;
	uint32_t composite; /* offset of the list; 0: there is none */
};

static uint32_t header_size(uint32_t version)
{
	return version == FFA_VERSION_1_0 ? 32 : 48;
}

static uint32_t access_size(uint32_t version)
{
	return version < FFA_VERSION_1_2 ? 16 : 32;
}

static void head_write(char *tx, uint32_t version, const struct head *h)
{
	uint32_t size = access_size(version);
	uint32_t offset = header_size(version);

	memset(tx, 0, PAGE);
	memcpy(tx, &h->sender, 2);
	memcpy(tx + 2, &h->attributes, 2);
	memcpy(tx + 4, &h->flags, 4);
	memcpy(tx + 8, &h->handle, 8);
	memcpy(tx + 16, &h->tag, 8);
	memcpy(tx + 28, &h->count, 4);
	if (offset == 48) {
		memcpy(tx + 24, &size, 4);
		memcpy(tx + 32, &offset, 4);
	}
}

static void access_write(char *tx, uint32_t version, uint32_t i, uint16_t id, uint8_t permissions,
			 uint32_t composite)
{
	char *at = tx + header_size(version) + i * access_size(version);

	memcpy(at, &id, 2);
	at[2] = (char)permissions;
	memcpy(at + 4, &composite, 4);
}

/* --- Calls ------------------------------------------------------------------------------------ */

static void send(struct input *in, uint32_t cpu, struct vcpu *v, uint64_t handle)
{
	static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_LEND_64, FFA_MEM_DONATE_32 };
	uint32_t version = v->endpoint->version;
	uint8_t kind = byte(in);
	uint32_t fid = fids[kind % 3];
	uint32_t receivers = kind % 3 == 2 ? 1 : 1 + (kind >> 2) % 3;
	struct ffa_composite list = { .count = 1 + (kind >> 4) % 6 };
	uint32_t total, length;
	char *tx = tx_of(v);
	struct head h = {
		.sender = is_nwd(v) ? (kind >> 7) : v->endpoint->id,
		.attributes = kind % 3 == 0 || receivers > 1 ? FFA_MEM_NORMAL : 0,
		.flags = kind % 3 != 0 ? byte(in) & 1 : 0,
		.tag = 5,
		.count = receivers,
		.composite = header_size(version) + receivers * access_size(version),
	};

	(void)handle;
	head_write(tx, version, &h);
	for (uint32_t i = 0; i < receivers; i++) {
		access_write(tx, version, i, any_id(in), kind % 3 == 2 ? 0 : 1 + (byte(in) & 1),
			     h.composite);
	}
	for (uint32_t i = 0; i < list.count; i++) {
		struct ffa_constituent c = { .base = any_page(in, v), .pages = 1 + byte(in) % 2 };

		list.pages += c.pages;
		memcpy(tx + h.composite + sizeof(list) + i * sizeof(c), &c, sizeof(c));
	}
	memcpy(tx + h.composite, &list, sizeof(list));
	total = h.composite + (uint32_t)sizeof(list) + list.count * 16;
	length = total - byte(in) % (list.count + 1) * 16 * (kind >> 6 & 1);
	disturb(in, tx, total);
	CALL(cpu, v, fid, total, length);
	if (got(v, 0) == FFA_SUCCESS_32) {
		handle_keep(FFA_MEM_HANDLE(got(v, 2), got(v, 3)));
	} else if (got(v, 0) == FFA_MEM_FRAG_RX_32) {
		handle_keep(FFA_MEM_HANDLE(got(v, 1), got(v, 2)));
	}
}

static void send_more(struct input *in, uint32_t cpu, struct vcpu *v, uint64_t handle)
{
	uint32_t count = 1 + byte(in) % 3;
	char *tx = tx_of(v);

	for (uint32_t i = 0; i < count; i++) {
		struct ffa_constituent c = { .base = any_page(in, v), .pages = 1 + byte(in) % 2 };

		memcpy(tx + i * sizeof(c), &c, sizeof(c));
	}
	disturb(in, tx, count * 16);
	CALL(cpu, v, FFA_MEM_FRAG_TX_32, (uint32_t)handle, handle >> 32, count * 16,
	     is_nwd(v) ? (uint32_t)(byte(in) & 1) << 16 : 0);
}

/* Of a transaction that is open as it was sent; of any other something. */
static void retrieve(struct input *in, uint32_t cpu, struct vcpu *v, uint64_t handle)
{
	uint32_t version = v->endpoint->version;
	struct transaction *t = transaction_lock(handle);
	struct head h = { .handle = handle, .tag = 5, .count = 1 };
	uint8_t kind = byte(in);
	char *tx = tx_of(v);
	uint32_t length;

	if (t != NULL) {
		h.sender = t->sender;
		h.count = (kind & 1) != 0 ? t->borrower_count : 1;
		h.flags = (kind & 2) != 0 ? (t->flags & FFA_MEM_FLAG_ZERO)
					  : (kind & 4) * (t->kind == TRANSACTION_LEND);
		h.flags |= h.count < t->borrower_count ? FFA_MEM_FLAG_BYPASS : 0;
	}
	if (is_nwd(v) && (kind & 0x18) == 0) { /* the hypervisor's own */
		h = (struct head){ .handle = handle };
	}
	head_write(tx, version, &h);
	for (uint32_t i = 0; i < h.count; i++) {
		bool alone = t != NULL && t->kind != TRANSACTION_SHARE && t->borrower_count == 1;
		uint16_t id = h.count == 1 ? v->endpoint->id : t->borrowers[i].id;

		access_write(tx, version, i, id, (uint8_t)((kind >> 5) % 3 | (alone ? 4 : 0)), 0);
	}
	if (t != NULL) {
		transaction_unlock(t);
	}
	length = header_size(version) + h.count * access_size(version);
	disturb(in, tx, length);
	if (v->endpoint->mailbox.rx_full && (kind & 0xE0) != 0) {
		CALL(cpu, v, FFA_RX_RELEASE_32);
	}
	CALL(cpu, v, FFA_MEM_RETRIEVE_REQ_32, length, length);
}

static void relinquish(struct input *in, uint32_t cpu, struct vcpu *v, uint64_t handle)
{
	struct ffa_mem_relinquish r = { .handle = handle, .flags = byte(in) & 1, .count = 1 };
	uint16_t id = is_nwd(v) ? byte(in) % 4 : v->endpoint->id;
	char *tx = tx_of(v);

	memcpy(tx, &r, sizeof(r));
	memcpy(tx + sizeof(r), &id, sizeof(id));
	disturb(in, tx, sizeof(r) + sizeof(id));
	CALL(cpu, v, FFA_MEM_RELINQUISH_32);
}

static void reclaim(struct input *in, uint32_t cpu, struct vcpu *v, uint64_t handle)
{

	CALL(cpu, v, FFA_MEM_RECLAIM_32, (uint32_t)handle, handle >> 32, byte(in) % 3);
}

static void fetch_more(struct input *in, uint32_t cpu, struct vcpu *v, uint64_t handle)
{

	CALL(cpu, v, FFA_MEM_FRAG_RX_32, (uint32_t)handle, handle >> 32, byte(in) * 16u,
	     is_nwd(v) ? (uint32_t)byte(in) % 4 << 16 : 0);
}

static void release(struct input *in, uint32_t cpu, struct vcpu *v, uint64_t handle)
{
	(void)in;
	(void)handle;
	CALL(cpu, v, FFA_RX_RELEASE_32);
}

static const struct {
	void (*call)(struct input *in, uint32_t cpu, struct vcpu *v, uint64_t handle);
	enum { ANYBODY, LENDER, BORROWER } who;
} calls[] = {
	{ send, ANYBODY },      { send, ANYBODY },     { retrieve, BORROWER },
	{ retrieve, BORROWER }, { release, ANYBODY },  { relinquish, BORROWER },
	{ reclaim, LENDER },    { send_more, LENDER }, { fetch_more, BORROWER },
};

void memory_input_call(struct input *in, uint32_t cpu)
{
	uint8_t kind = byte(in);
	uint64_t handle = any_handle(in);
	uint32_t i = kind % NUMBER_OF(calls);
	uint16_t id = running(cpu)->endpoint->id;
	struct vcpu *v;

	if (calls[i].who != ANYBODY && kind < 0xD0) {
		id = party_of(in, handle, calls[i].who == LENDER);
	}
	v = enter(cpu, id);
	if (v->endpoint->mailbox.tx != NULL) {
		calls[i].call(in, cpu, v, handle);
	}
	check_memory();
}
