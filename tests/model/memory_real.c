/* SPDX-License-Identifier: BSD-3-Clause */
/* The SPMC, as its callers see it: a CPU for the normal world, the SPs run on the others. */
#include "memory.h"

#include <string.h>

#include "arch/host.h"
#include "arch/mem.h"
#include "core/cpu.h"
#include "core/memory.h"

#define BIG_MEMORY 0x0e800000ul /* a part of an SP's memory that is mapped by blocks */
#define BIG_PAGES 1024u
#define DEVICES 0x0b000000ul /* of the SPs, one after the other */
#define SP_NS_MEMORY 0x48000000ul /* non-secure memory that their manifests give to SPs */
#define SP_DATA 0x0d800000ul /* secure memory that nobody executes */
#define DATA_PAGES 32u
#define FEW_PAGES 4u
#define NWD_MORE 0x44000000ul
#define NWD_MORE_PAGES 700u /* enough for a response of three buffers */

#define WORKING_MEMORY 0x0d000000ul /* of the SPMC, so that quotas are no reason to refuse */
#define WORKING_PAGES 768u
#define QUOTA 128u /* of the normal world, and of each SP */
#define NWD_DEVICE 0x50000000ul
#define NWD_ATTRS (MEM_R | MEM_W | MEM_X | MEM_NS)

static const struct memory_world world[] = {
	{ { NWD_MEMORY, NWD_PAGES *PAGE_BYTES }, NWD_ATTRS },
	{ { NWD_MORE, NWD_MORE_PAGES *PAGE_BYTES }, NWD_ATTRS },
	{ { NWD_DEVICE, FEW_PAGES *PAGE_BYTES }, MEM_R | MEM_W | MEM_DEVICE | MEM_NS },
};

/* --- Setting up ----------------------------------------------------------------------------- */

/* More for an SP than the fixture gives it. */
static void give(enum which which, const struct area *a)
{
	struct partition *p = &sys.partitions[which];

	p->regions[p->region_count++] = (struct region){
		.range = { a->base, a->pages * PAGE_BYTES },
		.attrs = a->attrs,
		.name = "more",
	};
	if (!space_map(&p->space, (struct range){ a->base, a->pages * PAGE_BYTES }, a->attrs)) {
		disagree("no memory for the beginning");
	}
	model_page_add(a);
}

static void add_memory(void)
{
	static bool added;

	if (!added) {
		added = host_memory_add(BIG_MEMORY, BIG_PAGES * PAGE_BYTES) &&
			host_memory_add(SP_DATA, SPS * DATA_PAGES * PAGE_BYTES) &&
			host_memory_add(DEVICES, SPS * FEW_PAGES * PAGE_BYTES) &&
			host_memory_add(SP_NS_MEMORY, SPS * FEW_PAGES * PAGE_BYTES) &&
			host_memory_add(NWD_MORE, NWD_MORE_PAGES * PAGE_BYTES) &&
			host_memory_add(NWD_DEVICE, FEW_PAGES * PAGE_BYTES) &&
			host_memory_add(WORKING_MEMORY, WORKING_PAGES * PAGE_BYTES);
	}
	if (!added) {
		disagree("no memory for the beginning");
	}
}

/* The normal world has more than the fixture gives it, and quotas are large. */
static void enlarge(void)
{
	bool enough = true;

	page_pool_add(&spmc.pages, (void *)WORKING_MEMORY, WORKING_PAGES);
	spmc.nwd_pages = (struct memory_space){ .world = world, .world_count = NUMBER_OF(world) };
	enough &= page_pool_move(&spmc.nwd_pages.pool, &spmc.pages, QUOTA) &&
		  memory_world_init(&spmc.nwd_pages, &spmc.nwd_tree,
				    range_last(world[NUMBER_OF(world) - 1].range) + 1);
	for (enum which w = 0; w < SPS; w++) {
		enough &= page_pool_move(&sys.partitions[w].pages.pool, &spmc.pages, QUOTA);
	}
	if (!enough) {
		disagree("no working memory for the beginning");
	}
}

/* An image at S-EL0 is executable as a whole: nobody has asked for anything else. */
static void create_areas(void)
{
	for (enum which w = 0; w < SPS; w++) {
		uint64_t few = (uint64_t)w * FEW_PAGES * PAGE_BYTES;
		bool el0 = sys.partitions[w].el0;

		model_page_add(&(struct area){ .base = SP_MEMORY(w),
					       .pages = SP_PAGES - 1,
					       .owner = w,
					       .attrs = MEM_R | MEM_X | (el0 ? 0 : MEM_W) });
		give(w, &(struct area){ .base = SP_DATA + (uint64_t)w * DATA_PAGES * PAGE_BYTES,
					.pages = DATA_PAGES,
					.owner = w,
					.attrs = MEM_R | MEM_W });
		model_page_add(&(struct area){
			.base = SP_READ_ONLY(w), .pages = 1, .owner = w, .attrs = MEM_R });
		give(w, &(struct area){ .base = DEVICES + few,
					.pages = FEW_PAGES,
					.owner = w,
					.attrs = MEM_R | MEM_W | MEM_DEVICE });
		give(w, &(struct area){ .base = SP_NS_MEMORY + few,
					.pages = FEW_PAGES,
					.owner = w,
					.attrs = MEM_R | MEM_W | MEM_NS });
	}
	give(MP_A, &(struct area){ .base = BIG_MEMORY,
				   .pages = BIG_PAGES,
				   .owner = MP_A,
				   .attrs = MEM_R | MEM_W });
	for (uint32_t i = 0; i < NUMBER_OF(world); i++) {
		struct range r = world[i].range;

		model_page_add(&(struct area){ .base = r.base,
					       .pages = (uint32_t)(r.size / PAGE_BYTES),
					       .owner = NWD,
					       .attrs = world[i].attrs });
	}
}

/* --- EL3 ------------------------------------------------------------------------------------- */

#define PLAT_PROTECT_MEM 0xC2000101u
#define PLAT_UNPROTECT_MEM 0xC2000102u
#define PLAT_DENIED (-3)

static bool secured[PAGES_MAX]; /* by the place of the page in the model */

/* Moves pages between the physical address spaces; refused, it stops halfway. */
static void el3(uint64_t x[18])
{
	bool secure = x[0] == PLAT_PROTECT_MEM;
	uint64_t count = x[2] / PAGE_BYTES;
	uint64_t last = 0;

	if (!secure && x[0] != PLAT_UNPROTECT_MEM) {
		x[0] = UINT64_MAX;
		return;
	}
	if (secure && model.protect_refused) {
		count /= 2;
	}
	for (uint64_t i = 0; i < count; i++) {
		int n = model_page_find(x[1] + i * PAGE_BYTES);

		if (n == NONE || secured[n] == secure) {
			disagree("page %#lx: EL3 is asked for what it is", x[1] + i * PAGE_BYTES);
		}
		secured[n] = secure;
		last = x[1] + (i + 1) * PAGE_BYTES - 1;
	}
	x[0] = secure && model.protect_refused ? (uint32_t)PLAT_DENIED : 0;
	x[1] = last;
}

bool real_is_secured(uint64_t base)
{
	return secured[model_page_find(base)];
}

bool real_is_world(uint64_t base)
{
	for (uint32_t i = 0; i < NUMBER_OF(world); i++) {
		if (range_has(world[i].range, base)) {
			return true;
		}
	}
	return false;
}

static void set_el3(const struct setup *s)
{
	memset(secured, 0, sizeof(secured));
	model.protects = s->protects;
	spmc.protects = s->protects;
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		sys.cpus[cpu].arch.el3 = el3;
	}
}

/* --- Calls' surroundings --------------------------------------------------------------------- */

static uint32_t cpu_of(uint32_t who)
{
	return who == NWD ? 0 : who == MP_A ? 1 : who == UP_A ? 2 : 3;
}

/* It runs; who ran there before is interrupted. */
static struct vcpu *enter(uint32_t who)
{
	uint32_t cpu = cpu_of(who);
	struct vcpu *v;

	if (who == NWD) {
		return nwd(0);
	}
	v = sp((enum which)who, cpu);
	if (running(cpu) == v) {
		return v;
	}
	if (running(cpu) != nwd(cpu) && !interrupt_ns(cpu)) {
		disagree("an SP cannot be interrupted");
	}
	CALL(cpu, nwd(cpu), FFA_RUN_32, FFA_CTX(v->partition->id, v->index));
	if (running(cpu) != v) {
		disagree("an SP cannot be run");
	}
	return v;
}

/* How often a borrower may hold the same region, as FEATURES says. */
static uint32_t ask_retrieve_max(void)
{
	CALL(0, nwd(0), FFA_FEATURES_32, FFA_MEM_RETRIEVE_REQ_32, 2);
	if (got(nwd(0), 0) != FFA_SUCCESS_32) {
		disagree("FEATURES does not know MEM_RETRIEVE_REQ");
	}
	return (1u << ((got(nwd(0), 3) & 0xFF) + 1)) - 1;
}

static void set_party(uint32_t i, uint16_t id, uint32_t version)
{
	model.parties[i].id = id;
	model.parties[i].version = version;
	model.parties[i].layout = version & 3;
}

void real_start(const struct setup *s)
{
	model_reset();
	add_memory();
	host_memory_refuse(0, 0);
	system_create();
	enlarge();
	sys.partitions[UP_A].el0 = s->el0[0];
	sys.partitions[UP_B].el0 = s->el0[1];
	create_areas();
	model.parties[UP_A].el0 = s->el0[0];
	model.parties[UP_B].el0 = s->el0[1];
	for (enum which w = 0; w < SPS; w++) {
		sys.partitions[w].ffa_version = s->versions[w];
		set_party(w, id_of(w), s->versions[w]);
	}
	system_start();
	system_finish_boot();
	set_el3(s);
	CALL(0, nwd(0), FFA_VERSION_32, s->versions[NWD]);
	set_party(NWD, FFA_ID_NWD, s->versions[NWD]);
	for (uint16_t vm = 1; vm <= VMS; vm++) {
		set_party(NWD + vm, vm, s->versions[NWD]);
	}
	model.retrieve_max = ask_retrieve_max();
}

/* --- Calls ---------------------------------------------------------------------------------- */

static void check_unused(const struct vcpu *v, uint32_t first)
{
	for (uint32_t i = first; i < 8; i++) {
		if (v->arch.x[i] != 0) {
			disagree("w%u of the answer is not zero: %#lx", i, v->arch.x[i]);
		}
	}
}

struct answer real_call(uint32_t who, uint32_t fid, const struct registers *r)
{
	struct vcpu *v = enter(who);
	struct answer a;

	CALL(cpu_of(who), v, fid, r->x1, r->x2, r->x3, r->x4);
	if (running(cpu_of(who)) != v) {
		disagree("somebody else runs after the call");
	}
	a = (struct answer){
		.fid = got(v, 0),
		.w1 = got(v, 1),
		.w2 = got(v, 2),
		.w3 = got(v, 3),
		.w4 = got(v, 4),
	};
	switch (a.fid) {
	case FFA_ERROR_32:
		a.status = (enum ffa_status)a.w2;
		if (a.w1 != 0 || (int32_t)a.w2 >= 0 || (int32_t)a.w2 < FFA_NOT_READY) {
			disagree("no error: w1 %#x, w2 %#x", a.w1, a.w2);
		}
		check_unused(v, 3);
		break;
	case FFA_SUCCESS_32:
		check_unused(v, 4);
		break;
	case FFA_MEM_RETRIEVE_RESP_32:
		check_unused(v, 3);
		break;
	case FFA_MEM_FRAG_RX_32:
	case FFA_MEM_FRAG_TX_32:
		check_unused(v, 5);
		break;
	default:
		disagree("no answer: %#x", a.fid);
	}
	return a;
}

/* The SP does what ends it. */
void real_abort(uint32_t who)
{
	(void)enter(who);
	(void)serror(cpu_of(who));
}

/* --- Looking -------------------------------------------------------------------------------- */

void *real_memory(uint64_t base)
{
	return (void *)base;
}

/* MEM_* by the translation tables of an SP; a page is at most in one of its two address spaces. */
uint32_t real_access(uint32_t who, uint64_t base)
{
	const struct space *s = &sys.partitions[who].space;
	uint32_t secure = space_lookup(s, ipa_of(base), false);
	uint32_t ns = space_lookup(s, ipa_of(base), true);

	if (secure != 0 && ns != 0) {
		disagree("%#lx is in both address spaces", base);
	}
	return secure | ns;
}

static struct memory_space *space_of(uint32_t who)
{
	return memory_space_of(who == NWD ? &spmc.nwd : &sys.partitions[who].endpoint);
}

/* The places of transactions stay, once there were so many: they do not count as used. */
uint64_t real_free_pages(void)
{
	uint64_t n = page_pool_count(&spmc.pages);

	for (uint32_t i = 0; i < NUMBER_OF(spmc.transactions.pages); i++) {
		n += atomic_load(&spmc.transactions.pages[i]) != NULL;
	}

	for (uint32_t who = 0; who < WORLDS; who++) {
		n += page_pool_count(&space_of(who)->pool);
	}
	return n;
}

/* Leaves hardly enough for what is to come. */
uint64_t real_make_scarce(struct dice *d)
{
	uint64_t before = real_free_pages();

	for (uint32_t who = 0; who < WORLDS; who++) {
		struct page_pool *pool = &space_of(who)->pool;
		uint32_t left = dice(d, 12);

		while (page_pool_count(pool) > left) {
			(void)page_pool_get(pool);
		}
	}
	model.scarce = true;
	return before - real_free_pages();
}

uint32_t real_transactions(void)
{
	uint32_t place = 0;
	uint32_t n = 0;

	for (struct transaction *t; (t = transaction_next(&place)) != NULL; n++) {
		transaction_unlock(t);
	}
	return n;
}

enum relation real_relation(uint32_t who, const struct page *p)
{
	static const enum relation relations[MEMORY_STATES] = {
		[MEMORY_OWNED] = OWNS,
		[MEMORY_OWNED_SHARED] = OWNS_SHARED,
		[MEMORY_OWNED_LENT] = OWNS_LENT,
		[MEMORY_OWNED_DONATED] = OWNS_DONATED,
		[MEMORY_OWNED_BUFFER] = OWNS_BUFFER,
		[MEMORY_BORROWED] = BORROWS,
		[MEMORY_BORROWED_SHARED] = BORROWS_SHARED,
		[MEMORY_NONE] = NOTHING,
	};

	return relations[memory_look(space_of(who), p->base, model_is_ns(who, p), NULL)];
}
