/* SPDX-License-Identifier: BSD-3-Clause */
#include "mem_fixture.h"

#include <string.h>

#include "lib/print.h"

struct party parties[PARTIES];

uint16_t other_id(void)
{
	return id_of(MP_B);
}

/* --- Setting up ------------------------------------------------------------------------------- */

#define BUFFERS 8u /* from this page on */
#define FREE 12u

static void party_make(enum party_name name, struct vcpu *v, uint64_t memory, uint64_t read_only,
		       uint32_t version)
{
	parties[name] = (struct party){
		.cpu = (uint32_t)name,
		.v = v,
		.id = v->endpoint->id,
		.version = version,
		.tx = (char *)(memory + BUFFERS * PAGE),
		.rx = (char *)(memory + (BUFFERS + 1) * PAGE),
		.memory = memory + FREE * PAGE,
		.read_only = read_only,
	};
	memset(parties[name].tx, 0, PAGE);
	memset(parties[name].rx, 0, PAGE);
	CALL((uint32_t)name, v, FFA_RXTX_MAP_64, (uint64_t)parties[name].tx,
	     (uint64_t)parties[name].rx, 1);
	ASSERT(got_success(v, 0, 0));
}

/* The first transaction of a lender takes a page for places, which stays. */
static void party_warm(struct party *p)
{
	struct desc d = desc_send(FFA_MEM_SHARE_32, p, other_id(), p->memory, 1);

	mem_reclaim(p, desc_send_well(&d), 0);
}

static const struct memory_world world[] = {
	{ { NWD_MEMORY, NWD_PAGES *PAGE }, MEM_R | MEM_W | MEM_X | MEM_NS },
	{ { FAR_MEMORY, FAR_PAGES *PAGE }, MEM_R | MEM_W | MEM_X | MEM_NS },
	{ { NWD_DEVICE, 4 * PAGE }, MEM_R | MEM_W | MEM_DEVICE | MEM_NS },
};

static void boot(const uint32_t version[PARTIES], bool el0)
{
	static const enum which sps[] = { UP_A, UP_B, MP_A };

	system_create();
	for (unsigned int i = 0; i < 2 && el0; i++) {
		sys.partitions[sps[i]].el0 = true;
		sys.partitions[sps[i]].regions[0].attrs = MEM_R | MEM_W;
	}
	sys.partitions[MP_B].vm_messages = VM_MESSAGE_DESTROYED;
	spmc.nwd_pages.world = world;
	spmc.nwd_pages.world_count = NUMBER_OF(world);
	for (unsigned int i = 0; i < NUMBER_OF(sps); i++) {
		sys.partitions[sps[i]].ffa_version = version[i];
	}
	system_boot();
	endpoint_set_version(&spmc.nwd, version[N]);
	for (uint32_t i = 0; i < NUMBER_OF(sps); i++) {
		struct vcpu *v = sp(sps[i], i);

		CALL(i, nwd(i), FFA_RUN_32, FFA_CTX(id_of(sps[i]), v->index));
		party_make((enum party_name)i, v, SP_MEMORY(sps[i]), SP_READ_ONLY(sps[i]),
			   version[i]);
	}
	party_make(N, nwd(N), NWD_MEMORY, 0, version[N]);
	for (unsigned int i = 0; i < PARTIES; i++) {
		party_warm(&parties[i]);
	}
}

void mem_boot(const uint32_t version[PARTIES])
{
	boot(version, false);
}

void mem_boot_all(uint32_t version)
{
	const uint32_t versions[PARTIES] = { version, version, version, version };

	boot(versions, false);
}

void mem_boot_el0(uint32_t version)
{
	const uint32_t versions[PARTIES] = { version, version, version, version };

	boot(versions, true);
}

/* --- Descriptors ------------------------------------------------------------------------------ */

uint32_t header_bytes(uint32_t version)
{
	return version == FFA_VERSION_1_0 ? 32 : 48;
}

uint32_t access_bytes(uint32_t version)
{
	return version < FFA_VERSION_1_2 ? 16 : 32;
}

void desc_layout(struct desc *d)
{
	d->real_count = d->access_count;
	d->at_composite = d->at_access + d->real_count * d->real_size;
	for (uint32_t i = 0; i < d->access_count; i++) {
		d->access[i].composite_offset = d->list_count != 0 ? d->at_composite : 0;
	}
	d->composite.count = d->list_count;
	d->composite.pages = 0;
	for (uint32_t i = 0; i < d->list_count; i++) {
		d->composite.pages += d->list[i].pages;
	}
	d->total = d->at_composite;
	if (d->list_count != 0) {
		d->total += sizeof(d->composite) + d->list_count * sizeof(d->list[0]);
	}
	d->length = d->total;
}

static struct desc desc_make(uint32_t fid, struct party *party)
{
	struct desc d = {
		.party = party,
		.fid = fid,
		.tag = 0x7A6,
		.access_size = access_bytes(party->version),
		.access_offset = header_bytes(party->version),
		.at_access = header_bytes(party->version),
		.real_size = access_bytes(party->version),
	};

	return d;
}

struct desc desc_send(uint32_t fid, struct party *from, uint16_t to, uint64_t base, uint32_t pages)
{
	struct desc d = desc_make(fid, from);

	d.sender = from->id;
	d.attributes = (fid | FFA_FID_64BIT) == FFA_MEM_SHARE_64 ? 0x2F : 0;
	d.access_count = 1;
	d.access[0].endpoint = to;
	d.access[0].permissions = (fid | FFA_FID_64BIT) == FFA_MEM_DONATE_64 ? 0 : 2;
	desc_add_memory(&d, base, pages);
	return d;
}

void desc_add_receiver(struct desc *d, uint16_t id, uint8_t permissions)
{
	d->access[d->access_count].endpoint = id;
	d->access[d->access_count].permissions = permissions;
	d->access_count++;
	d->attributes = 0x2F;
	desc_layout(d);
}

void desc_add_memory(struct desc *d, uint64_t base, uint32_t pages)
{
	ASSERT(d->list_count < DESC_LIST_MAX);
	d->list[d->list_count].base = base;
	d->list[d->list_count].pages = pages;
	d->list_count++;
	desc_layout(d);
}

struct desc desc_retrieve(const struct desc *sent, struct party *by, uint64_t handle)
{
	struct desc d = desc_make(FFA_MEM_RETRIEVE_REQ_32, by);
	bool alone = (sent->fid | FFA_FID_64BIT) != FFA_MEM_SHARE_64 && sent->access_count == 1;

	d.sender = sent->sender;
	d.handle = handle;
	d.tag = sent->tag;
	d.access_count = sent->access_count;
	memcpy(d.access, sent->access, sizeof(d.access));
	for (uint32_t i = 0; i < d.access_count; i++) {
		d.access[i].permissions |= alone ? FFA_MEM_EXEC_XN : 0;
		if (by->version < FFA_VERSION_1_2) {
			d.access[i].impdef[0] = 0;
			d.access[i].impdef[1] = 0;
		}
	}
	desc_layout(&d);
	return d;
}

static void put(struct party *p, size_t at, const void *from, size_t size)
{
	if (at + size <= PAGE) {
		memcpy(p->tx + at, from, size);
	}
}

static void access_put(const struct desc *d, uint32_t i)
{
	const struct ffa_mem_access *a = &d->access[i];
	uint32_t at = d->at_access + i * d->real_size;

	put(d->party, at, a, 8);
	if (d->real_size == 32) {
		put(d->party, at + 8, a->impdef, 16);
	}
	put(d->party, at + d->real_size - 8, &a->reserved, 8);
}

void desc_write(const struct desc *d)
{
	struct party *p = d->party;

	memset(p->tx, 0xA5, PAGE);
	put(p, 0, &d->sender, 2);
	put(p, 2, &d->attributes, 2);
	put(p, 4, &d->flags, 4);
	put(p, 8, &d->handle, 8);
	put(p, 16, &d->tag, 8);
	if (header_bytes(p->version) == 32) {
		put(p, 3, &d->reserved[0], 1);
		put(p, 24, &d->reserved[1], 4);
		put(p, 28, &d->access_count, 4);
	} else {
		put(p, 24, &d->access_size, 4);
		put(p, 28, &d->access_count, 4);
		put(p, 32, &d->access_offset, 4);
		put(p, 36, d->reserved, 12);
	}
	for (uint32_t i = 0; i < d->real_count; i++) {
		access_put(d, i);
	}
	if (d->list_count != 0) {
		put(p, d->at_composite, &d->composite, sizeof(d->composite));
		put(p, d->at_composite + sizeof(d->composite), d->list,
		    d->list_count * sizeof(d->list[0]));
	}
}

void desc_call(const struct desc *d)
{
	desc_write(d);
	CALL(d->party->cpu, d->party->v, d->fid, d->total, d->length, d->x3, d->x4);
	check_memory();
}

uint64_t handle_of(const struct party *p)
{
	return (uint64_t)got(p->v, 3) << 32 | got(p->v, 2);
}

uint64_t desc_send_well(const struct desc *d)
{
	uint64_t handle;

	desc_call(d);
	handle = handle_of(d->party);
	ASSERT(got_success(d->party->v, (uint32_t)handle, (uint32_t)(handle >> 32)));
	return handle;
}

void desc_retrieve_well(const struct desc *d)
{
	struct vcpu *v = d->party->v;

	desc_call(d);
	ASSERT(got_call(v, FFA_MEM_RETRIEVE_RESP_32, got(v, 1), got(v, 1), 0));
	mem_rx_release(d->party);
}

/* --- Other calls ------------------------------------------------------------------------------ */

void mem_relinquish(struct party *p, uint64_t handle, uint32_t flags, uint32_t count, uint16_t id)
{
	memset(p->tx, 0xA5, PAGE);
	put(p, 0, &handle, 8);
	put(p, 8, &flags, 4);
	put(p, 12, &count, 4);
	put(p, 16, &id, 2);
	CALL(p->cpu, p->v, FFA_MEM_RELINQUISH_32);
	check_memory();
}

void mem_reclaim(struct party *p, uint64_t handle, uint32_t flags)
{
	CALL(p->cpu, p->v, FFA_MEM_RECLAIM_32, (uint32_t)handle, handle >> 32, flags);
	check_memory();
}

void mem_rx_release(struct party *p)
{
	CALL(p->cpu, p->v, FFA_RX_RELEASE_32);
	ASSERT(got_success(p->v, 0, 0));
}

/* --- What is looked at ------------------------------------------------------------------------ */

/* The party's view of a page, in whichever of its address spaces it has it. */
static enum memory_state look(struct endpoint *e, uint64_t page, unsigned int *attrs)
{
	const struct memory_space *s = memory_space_of(e);
	enum memory_state state;

	for (unsigned int ns = 0; ns < 2; ns++) {
		*attrs = 0;
		state = memory_look(s, page, ns != 0, attrs);
		if (state != MEMORY_NONE) {
			return state;
		}
	}
	*attrs = 0;
	return MEMORY_NONE;
}

enum memory_state page_state(const struct party *p, uint64_t page)
{
	unsigned int attrs;

	return look(p->v->endpoint, page, &attrs);
}

unsigned int page_attrs(const struct party *p, uint64_t page)
{
	unsigned int attrs;

	(void)look(p->v->endpoint, page, &attrs);
	return attrs;
}

#define PICTURE_PAGES (SPS * SP_PAGES + NWD_PAGES)

struct picture {
	uint8_t state[SPS + 1][PICTURE_PAGES];
	uint8_t attrs[SPS + 1][PICTURE_PAGES];
	size_t pool[SPS + 1];
	size_t free_pages;
	uint32_t open[SPS + 1];
	bool rx_full[SPS + 1];
	struct transaction transactions[64];
};

static struct picture before;

static void picture_endpoint(struct picture *p, uint32_t i, struct endpoint *e)
{
	unsigned int attrs;

	for (uint32_t k = 0; k < PICTURE_PAGES; k++) {
		uint64_t page = k < NWD_PAGES ? NWD_MEMORY + k * PAGE
					      : SP_MEMORY(0) + (k - NWD_PAGES) * PAGE;

		p->state[i][k] = (uint8_t)look(e, page, &attrs);
		p->attrs[i][k] = (uint8_t)attrs;
	}
	p->pool[i] = page_pool_count(&memory_space_of(e)->pool);
	p->rx_full[i] = e->mailbox.rx_full;
	p->open[i] = e->transactions.open;
}

static void picture_make(struct picture *p)
{
	struct transaction *t;
	uint32_t place = 0;

	memset(p, 0, sizeof(*p));
	for (uint32_t i = 0; i < SPS; i++) {
		picture_endpoint(p, i, &sys.partitions[i].endpoint);
	}
	picture_endpoint(p, SPS, &spmc.nwd);
	p->free_pages = page_pool_count(&spmc.pages);
	for (uint32_t i = 0; (t = transaction_next(&place)) != NULL; i++) {
		ASSERT(i < NUMBER_OF(p->transactions));
		p->transactions[i] = *t;
		p->transactions[i].lock = (struct spinlock){ 0 };
		transaction_unlock(t);
	}
}

void picture_take(void)
{
	picture_make(&before);
}

bool picture_same(void)
{
	static struct picture now;

	picture_make(&now);
	return memcmp(&now, &before, sizeof(now)) == 0;
}
