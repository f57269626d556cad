/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Steps at random. A step depends on its dice and on the state of the model alone, so that a list
 * of steps can be played again, and most of it still makes sense when some are left out.
 */
#include <string.h>

#include "arch/mem.h"
#include "memory_calls.h"

#define UNKNOWN_SP 0x8077u

static const struct setup *setup;
static struct descriptor desc; /* of the call that is being made */
static bool chosen[PAGES_MAX];

uint32_t dice(struct dice *d, uint32_t below)
{
	d->state = d->state * 6364136223846793005ul + 1442695040888963407ul;
	return (uint32_t)(d->state >> 33) % below;
}

static bool chance(struct dice *d, uint32_t percent)
{
	return dice(d, 100) < percent;
}

static uint64_t any_word(struct dice *d)
{
	return (uint64_t)dice(d, 1u << 31) << 32 | dice(d, 1u << 31);
}

/* Somebody who lives; the normal world more often. */
static uint32_t any_party(struct dice *d)
{
	for (uint32_t i = 0; i < 8; i++) {
		uint32_t who = chance(d, 40) ? NWD : dice(d, SPS);

		if (!model.parties[who].dead) {
			return who;
		}
	}
	return NWD;
}

/* What a field may be changed to: near to what it is, or far away. */
static uint64_t spoil(struct dice *d, uint64_t value)
{
	switch (dice(d, 5)) {
	case 0:
		return value + 1;
	case 1:
		return value - 1;
	case 2:
		return value ^ 1ul << dice(d, 16);
	case 3:
		return value ^ 1ul << dice(d, 32);
	default:
		return any_word(d) & 0xFFFFFFFFu;
	}
}

/* --- What is sent --------------------------------------------------------------------------- */

static bool is_free(uint32_t n, uint32_t who)
{
	const struct page *p = &model.pages[n];

	return p->owner == who && p->transaction == NONE && p->box == BOX_NONE && !chosen[n];
}

/* A page of `who`; mostly one that he may send. */
static int any_page(struct dice *d, uint32_t who)
{
	bool careless = chance(d, 4);

	for (uint32_t i = 0; i < 400; i++) {
		uint32_t n = dice(d, model.page_count);

		if (model.pages[n].owner == who && (careless || is_free(n, who))) {
			return (int)n;
		}
	}
	return NONE;
}

/* From page n on, as long as it is the same and the same owner's; at most `max`. */
static void add_piece(uint32_t n, uint32_t who, uint32_t max)
{
	struct piece *piece = &desc.pieces[desc.pieces_really++];

	*piece = (struct piece){ .base = model.pages[n].base };
	do {
		chosen[n++] = true;
		piece->pages++;
	} while (piece->pages < max && n < model.page_count &&
		 model.pages[n].base == model.pages[n - 1].base + PAGE_BYTES && is_free(n, who) &&
		 model.pages[n].attrs == model.pages[n - 1].attrs);
	desc.page_total += piece->pages;
}

/* Pages near to page n that are like it, in no order. */
static void add_pieces(struct dice *d, uint32_t n, uint32_t who, uint32_t count)
{
	uint32_t attrs = model.pages[n].attrs;
	bool careless = chance(d, 4);

	add_piece(n, who, 1 + dice(d, chance(d, 10) ? 600 : 4));
	for (uint32_t tries = 0; desc.pieces_really < count && tries < count * 8; tries++) {
		uint32_t other = (n + dice(d, 80) + model.page_count - 40) % model.page_count;

		if (is_free(other, who) && (careless || model.pages[other].attrs == attrs)) {
			add_piece(other, who, 1 + dice(d, 4));
		}
	}
}

/* So many separate pages that they do not go into one buffer. */
static void add_many(struct dice *d, uint32_t n, uint32_t who)
{
	uint32_t attrs = model.pages[n].attrs;
	uint32_t count = 200 + dice(d, RANGES_MAX - 200);

	for (uint32_t i = 0; i < model.page_count && desc.pieces_really < count; i++) {
		uint32_t other = (n + i) % model.page_count;

		if (is_free(other, who) && model.pages[other].attrs == attrs) {
			add_piece(other, who, 1);
		}
	}
}

static bool choose_pieces(struct dice *d, uint32_t who)
{
	int n = any_page(d, who);

	if (n == NONE) {
		return false;
	}
	memset(chosen, 0, sizeof(chosen));
	if (chance(d, 8)) {
		add_many(d, (uint32_t)n, who);
	} else {
		add_pieces(d, (uint32_t)n, who,
			   chance(d, 50) ? 1 : 2 + dice(d, chance(d, 10) ? 60 : 5));
	}
	desc.piece_count = desc.pieces_really;
	desc.has_composite = true;
	return desc.pieces_really != 0;
}

static bool is_listed(uint16_t id)
{
	for (uint32_t i = 0; i < desc.receiver_count; i++) {
		if (desc.receivers[i].id == id) {
			return true;
		}
	}
	return false;
}

static void choose_receivers(struct dice *d, uint32_t who, enum kind kind)
{
	uint32_t count = kind == DONATE || chance(d, 60) ? 1 : 2 + dice(d, 3);
	bool vms = who == NWD && kind == SHARE && count > 1 && chance(d, 50);
	uint32_t attrs = model.pages[model_page_find(desc.pieces[0].base)].attrs;

	if (vms && chance(d, 20)) {
		count = 16;
	}
	for (uint32_t tries = 0; desc.receiver_count < count && tries < 100; tries++) {
		uint32_t sp = dice(d, SPS);
		uint16_t id =
			vms && chance(d, 40) ? (uint16_t)(1 + dice(d, 18)) : id_of((enum which)sp);
		uint8_t data =
			(attrs & MEM_W) != 0 && chance(d, 60) ? FFA_MEM_DATA_RW : FFA_MEM_DATA_RO;

		if (sp == who || id == desc.sender || is_listed(id) || model.parties[sp].dead) {
			continue;
		}
		desc.receivers[desc.receiver_count++] = (struct receiver){
			.id = id,
			.permissions = kind == DONATE ? 0 : data,
			.impdef = { desc.size == 32 ? any_word(d) : 0, 0 },
		};
	}
	if (desc.receiver_count == 0) { /* all others are dead */
		desc.receivers[desc.receiver_count++] = (struct receiver){
			.id = id_of((enum which)((who + 1) % SPS)),
			.permissions = kind == DONATE ? 0 : FFA_MEM_DATA_RO,
		};
	}
	desc.access_count = desc.receiver_count;
}

/* Things get their places, and the fields say where they are. */
static void lay_out(struct dice *d)
{
	desc.receivers_at = desc.layout == LAYOUT_1_0 ? 32 : 48;
	if (desc.layout != LAYOUT_1_0) {
		desc.receivers_at += chance(d, 10) ? 16 : 0;
		desc.access_size = desc.size;
		desc.access_offset = desc.receivers_at;
	}
	desc.composite_at = desc.receivers_at + desc.receiver_count * desc.size;
	if (desc.has_composite) {
		desc.composite_at += chance(d, 10) ? 16 * (1 + dice(d, 4)) : 0;
		for (uint32_t i = 0; i < desc.receiver_count; i++) {
			desc.receivers[i].composite_offset = desc.composite_at;
		}
	}
}

/* One field of the header or of a receiver. */
static void spoil_common(struct dice *d)
{
	struct receiver *r = &desc.receivers[dice(d, desc.receiver_count)];

	switch (dice(d, 12)) {
	case 0:
		desc.sender =
			(uint16_t)(chance(d, 50) ? id_of((enum which)dice(d, SPS)) : dice(d, 4));
		break;
	case 1:
		desc.attributes ^= (uint16_t)(1u << dice(d, desc.layout == LAYOUT_1_0 ? 8 : 16));
		break;
	case 2:
		desc.flags ^= 1u << dice(d, chance(d, 70) ? 12 : 32);
		break;
	case 3:
		desc.handle = chance(d, 50) ? desc.handle ^ 1ul << dice(d, 64) : UINT64_MAX;
		break;
	case 4:
		desc.tag ^= 1ul << dice(d, 64);
		break;
	case 5:
		desc.access_count = chance(d, 50) ? (uint32_t)spoil(d, desc.access_count) : 0;
		break;
	case 6:
		desc.access_offset = (uint32_t)spoil(d, desc.access_offset);
		break;
	case 7:
		/* The other size could be right: all is read in another way then. */
		desc.access_size =
			desc.layout < LAYOUT_1_2 && chance(d, 50) ? 32 : (uint32_t)spoil(d, 16);
		break;
	case 8:
		desc.reserved[dice(d, desc.layout == LAYOUT_1_0 ? 1 : 3)] = 1u << dice(d, 32);
		break;
	case 9:
		r->permissions ^= (uint8_t)(1u << dice(d, 8));
		break;
	case 10:
		r->composite_offset = (uint32_t)spoil(d, r->composite_offset);
		break;
	default:
		r->reserved = 1ul << dice(d, 64);
		break;
	}
	if (desc.layout == LAYOUT_1_0 && chance(d, 5)) {
		desc.reserved_1_0 = (uint8_t)(1u << dice(d, 8));
	}
}

static void spoil_receiver_id(struct dice *d)
{
	static const uint16_t ids[] = { 0,          1,      2,      FFA_ID_SPMC, 0x8001,
					0x8002,     0x8003, 0x8004, UNKNOWN_SP,  FFA_ID_LP_FIRST,
					FFA_ID_SPMD };

	desc.receivers[dice(d, desc.receiver_count)].id = ids[dice(d, NUMBER_OF(ids))];
}

static void spoil_piece(struct dice *d)
{
	struct piece *p = &desc.pieces[dice(d, desc.pieces_really)];

	switch (dice(d, 7)) {
	case 0:
		p->base += 1ul << dice(d, 12);
		break;
	case 1:
		p->base ^= 1ul << (12 + dice(d, 52));
		break;
	case 2:
		p->base = -(uint64_t)PAGE_BYTES * dice(d, 3);
		break;
	case 3:
		p->base = desc.pieces[dice(d, desc.pieces_really)].base;
		break;
	case 4:
		p->pages = (uint32_t)spoil(d, p->pages);
		break;
	case 5:
		desc.page_total += p->pages == 0 ? 0 : (uint32_t)-p->pages;
		p->pages = 0;
		break;
	default:
		p->reserved = 1u << dice(d, 32);
		break;
	}
}

static void spoil_send(struct dice *d, struct registers *r)
{
	switch (dice(d, 14)) {
	case 0:
		r->x1 += chance(d, 50) ? 16 : spoil(d, 16);
		break;
	case 1:
		r->x2 = chance(d, 50) ? r->x1 + 16 : dice(d, 8) * 16;
		break;
	case 2:
		r->x2 = r->x1 - 1 - dice(d, 16);
		break;
	case 3:
		r->x3 = any_word(d) & 0xFFFFF000;
		break;
	case 4:
		r->x4 = 1;
		break;
	case 5:
		desc.page_total = (uint32_t)spoil(d, desc.page_total);
		break;
	case 6:
		desc.piece_count = (uint32_t)spoil(d, desc.piece_count);
		break;
	case 7:
		desc.composite_reserved = any_word(d) | 1;
		break;
	case 8:
		spoil_receiver_id(d);
		break;
	case 9:
	case 10:
		spoil_piece(d);
		break;
	default:
		spoil_common(d);
		break;
	}
}

/* They are told apart later. */
static void fill_pages(uint32_t who)
{
	uint32_t filled = 0;

	for (uint32_t i = 0; i < desc.pieces_really; i++) {
		for (uint32_t k = 0; k < desc.pieces[i].pages && filled < 64; k++, filled++) {
			int n = model_page_find(desc.pieces[i].base + (uint64_t)k * PAGE_BYTES);

			if (n != NONE && model.pages[n].owner == who &&
			    model.pages[n].transaction == NONE && model.pages[n].box == BOX_NONE) {
				write_page((uint32_t)n);
			}
		}
	}
}

static void choose_attributes(struct dice *d, enum kind kind)
{
	static const uint16_t lower[] = { 0x2B, 0x27, 0x2C, 0x2F ^ 0x10, 0x0F, 0x2E, 0x3F };

	desc.attributes = 0;
	if (kind == SHARE || (kind == LEND && desc.receiver_count > 1)) {
		desc.attributes = chance(d, 94) ? FFA_MEM_NORMAL : lower[dice(d, NUMBER_OF(lower))];
	}
	/* Device memory where normal is sent: FF-A leaves open what that would mean. */
	if ((desc.attributes & FFA_MEM_TYPE_MASK) == FFA_MEM_TYPE_DEVICE) {
		desc.attributes = FFA_MEM_NORMAL;
	}
}

static void cut(struct dice *d, uint32_t who, struct registers *r)
{
	uint64_t space = model.parties[who].box_pages * PAGE_BYTES;
	uint64_t least = desc.composite_at + 16;

	r->x2 = r->x1;
	if (space >= least && (r->x1 > space || chance(d, 15))) {
		uint64_t room = (r->x1 < space ? r->x1 : space) - least;

		r->x2 = r->x1 > space && chance(d, 70)
				? space
				: least + 16 * dice(d, (uint32_t)(room / 16) + 1);
	}
}

static void step_send(struct dice *d)
{
	uint32_t who = any_party(d);
	enum kind kind = (enum kind)dice(d, setup->donations ? KINDS : DONATE);
	struct registers r = { 0 };
	int first;

	if (model_transaction_free() == NONE) {
		return;
	}
	desc = (struct descriptor){
		.layout = model.parties[who].layout,
		.sender = who == NWD ? (uint16_t)dice(d, 4) : model.parties[who].id,
		.tag = chance(d, 50) ? any_word(d) : 0,
	};
	desc.size = desc.layout == LAYOUT_1_2 && chance(d, 70) ? 32 : 16;
	if (!choose_pieces(d, who)) {
		return;
	}
	first = model_page_find(desc.pieces[0].base);
	if ((model.pages[first].attrs & MEM_DEVICE) != 0 && chance(d, 80)) {
		kind = LEND;
	}
	choose_receivers(d, who, kind);
	choose_attributes(d, kind);
	if (kind != SHARE && chance(d, 40) &&
	    ((model.pages[first].attrs & (MEM_W | MEM_DEVICE)) == MEM_W || chance(d, 10))) {
		desc.flags = FFA_MEM_FLAG_ZERO;
	}
	if (chance(d, 60) && (model.pages[first].attrs & MEM_W) != 0) {
		fill_pages(who);
	}
	lay_out(d);
	r.x1 = desc.composite_at + 16 + desc.pieces_really * 16ul;
	cut(d, who, &r);
	if (chance(d, 30)) {
		spoil_send(d, &r);
	}
	if (chance(d, 1)) {
		refuse_tx(who);
	} else if (chance(d, 3)) {
		refuse_page(model_page_find(desc.pieces[dice(d, desc.pieces_really)].base));
	}
	model.protect_refused = model.protects && chance(d, 5);
	call_send(who, kind, chance(d, 50), &r, &desc);
}

/* --- Some transaction ----------------------------------------------------------------------- */

static bool is_incomplete(const struct deal *t)
{
	return !t->complete;
}

static bool is_complete(const struct deal *t)
{
	return t->complete;
}

static bool is_held(const struct deal *t)
{
	return t->complete && model_holders(t) != 0;
}

static bool is_not_held(const struct deal *t)
{
	return t->complete && model_holders(t) == 0;
}

/* Its response may take more than one buffer. */
static bool is_long(const struct deal *t)
{
	return t->complete && t->d.pieces_really > 200;
}

static bool is_nwds(const struct deal *t)
{
	return t->complete && t->lender == NWD;
}

static struct deal *any_transaction(struct dice *d, bool (*suits)(const struct deal *t))
{
	uint32_t from = dice(d, TRANSACTIONS_MAX);

	for (uint32_t i = 0; i < TRANSACTIONS_MAX; i++) {
		struct deal *t = &model.transactions[(from + i) % TRANSACTIONS_MAX];

		if (t->used && suits(t)) {
			return t;
		}
	}
	return NULL;
}

static uint64_t spoil_handle(struct dice *d, uint64_t handle)
{
	const struct deal *t = any_transaction(d, chance(d, 50) ? is_complete : is_incomplete);

	switch (dice(d, 4)) {
	case 0:
		return UINT64_MAX;
	case 1:
		return handle ^ 1ul << 63;
	case 2:
		return handle ^ 1ul << dice(d, 64);
	default:
		return t != NULL ? t->handle : 0;
	}
}

static void put_handle(struct registers *r, uint64_t handle)
{
	r->x1 = (uint32_t)handle;
	r->x2 = handle >> 32;
}

static void step_send_more(struct dice *d)
{
	struct deal *t = any_transaction(d, is_incomplete);
	struct registers r = { 0 };
	uint32_t who, left, space;
	bool wrong = chance(d, 15);

	if (t == NULL) {
		step_send(d);
		return;
	}
	who = t->lender;
	left = t->total - t->received;
	space = model.parties[who].box_pages * PAGE_BYTES;
	put_handle(&r, t->handle);
	r.x3 = left < space ? left : space;
	if (chance(d, 50)) {
		r.x3 = 16 * (1 + dice(d, (uint32_t)r.x3 / 16 + 1));
		r.x3 = r.x3 > left ? left : r.x3;
	}
	r.x4 = who == NWD ? (uint64_t)t->sender << 16 : 0;
	if (wrong) {
		switch (dice(d, 5)) {
		case 0:
			r.x3 = spoil(d, r.x3);
			break;
		case 1:
			r.x3 = left + 16;
			break;
		case 2:
			r.x4 ^= 1ul << (16 + dice(d, 16));
			break;
		case 3:
			put_handle(&r, spoil_handle(d, t->handle));
			break;
		default:
			who = any_party(d);
			break;
		}
	}
	if (chance(d, 2)) {
		refuse_tx(who);
		wrong = true;
	}
	wrong |= !model.parties[who].has_box || r.x3 > space;
	model.protect_refused = model.protects && chance(d, 5);
	call_send_more(who, &r, wrong);
}

/* --- Retrieving ----------------------------------------------------------------------------- */

static int any_borrower(struct dice *d, const struct deal *t, bool holding)
{
	uint32_t from = dice(d, t->borrower_count);

	for (uint32_t i = 0; i < t->borrower_count; i++) {
		uint32_t n = (from + i) % t->borrower_count;
		int party = model_party_find(t->borrowers[n].id);

		if (!model.parties[party].dead && (t->borrowers[n].held != 0) == holding) {
			return (int)n;
		}
	}
	return NONE;
}

/* What that borrower may well ask for. */
static uint8_t choose_permissions(struct dice *d, const struct deal *t, const struct taker *b)
{
	uint32_t data = b->data;
	uint32_t exec = 0;

	if (chance(d, 30)) {
		data = 0;
	} else if (data != FFA_MEM_DATA_RO && chance(d, 20)) {
		data = FFA_MEM_DATA_RO;
	}
	if (t->kind != SHARE && t->borrower_count == 1) {
		exec = (t->attrs & (MEM_X | MEM_NS)) == MEM_X && chance(d, 50) ? FFA_MEM_EXEC_X
									       : FFA_MEM_EXEC_XN;
	}
	return (uint8_t)(data | exec);
}

static void list_borrower(struct dice *d, const struct deal *t, const struct taker *b, bool own)
{
	bool several = t->kind == SHARE || t->borrower_count > 1;

	desc.receivers[desc.receiver_count++] = (struct receiver){
		.id = b->id,
		.permissions = own ? choose_permissions(d, t, b)
				   : (uint8_t)(b->data | (several ? 0 : FFA_MEM_EXEC_XN)),
		.flags = !own && chance(d, 30) ? FFA_MEM_ACCESS_NOT_MINE : 0,
		.impdef = { desc.size == 32 ? b->impdef[0] : 0,
			    desc.size == 32 ? b->impdef[1] : 0 },
	};
}

static void list_borrowers(struct dice *d, const struct deal *t, int self)
{
	uint32_t from = chance(d, 30) ? dice(d, t->borrower_count) : 0;

	if (t->borrower_count > 1 && chance(d, 30)) {
		desc.flags |= FFA_MEM_FLAG_BYPASS;
		list_borrower(d, t, &t->borrowers[self], true);
	} else {
		for (uint32_t i = 0; i < t->borrower_count; i++) {
			uint32_t n = (from + i) % t->borrower_count;

			list_borrower(d, t, &t->borrowers[n], n == (uint32_t)self);
		}
	}
	desc.access_count = desc.receiver_count;
}

static void choose_retrieve_flags(struct dice *d, const struct deal *t, const struct taker *b)
{
	const struct receiver *own = &desc.receivers[0];
	bool writes;

	for (uint32_t i = 0; i < desc.receiver_count; i++) {
		own = desc.receivers[i].id == b->id ? &desc.receivers[i] : own;
	}
	writes = (model_granted(t, b, own) & FFA_MEM_DATA_MASK) == FFA_MEM_DATA_RW;
	if (chance(d, 70)) {
		desc.flags |= (uint32_t)(t->kind + 1) << FFA_MEM_FLAG_TYPE_SHIFT;
	}
	if (t->zeroed && b->held == 0 && chance(d, 40)) {
		desc.flags |= FFA_MEM_FLAG_ZERO;
	}
	if (t->kind != SHARE && writes && chance(d, 25)) {
		desc.flags |= FFA_MEM_FLAG_ZERO_AFTER;
	}
	if (chance(d, 50)) {
		desc.attributes = (t->d.attributes & FFA_MEM_TYPE_MASK) != 0
					  ? t->d.attributes & 0x3F
					  : FFA_MEM_NORMAL;
		if ((t->attrs & MEM_DEVICE) != 0) {
			desc.attributes = FFA_MEM_TYPE_DEVICE | FFA_MEM_SHAREABILITY_INNER;
		}
	}
}

static void spoil_retrieve(struct dice *d, struct registers *r)
{
	static const uint16_t attributes[] = {
		0x2B, 0x27, 0x2C, 0x2E, 0x3F, 0x23, 0x6F, 0x17, 0x1F
	};

	switch (dice(d, 16)) {
	case 11:
	case 12:
		desc.receivers[dice(d, desc.receiver_count)].permissions ^=
			(uint8_t)(1u << dice(d, 4));
		break;
	case 13:
	case 14:
		desc.flags ^= 1u << dice(d, 12);
		break;
	case 0:
		r->x1 = r->x2 = spoil(d, r->x1) & 0xFFFF;
		break;
	case 1:
		r->x2 = r->x1 - 16;
		break;
	case 2:
		r->x3 = 0x1000;
		break;
	case 3:
		r->x4 = 1;
		break;
	case 4:
		desc.handle = spoil_handle(d, desc.handle);
		break;
	case 5:
		spoil_receiver_id(d);
		break;
	case 6:
		if (desc.size == 32) {
			desc.receivers[dice(d, desc.receiver_count)].impdef[dice(d, 2)] ^=
				1ul << dice(d, 64);
		}
		break;
	case 7:
		desc.attributes = attributes[dice(d, NUMBER_OF(attributes))];
		break;
	default:
		spoil_common(d);
		break;
	}
}

static void retrieve(struct dice *d, const struct deal *t, int self, bool spoilt)
{
	const struct taker *b = &t->borrowers[self];
	uint32_t who = (uint32_t)model_party_find(b->id);
	struct registers r = { 0 };

	desc = (struct descriptor){
		.layout = model.parties[who].layout,
		.sender = t->sender,
		.handle = t->handle,
		.tag = t->d.tag,
	};
	desc.size = desc.layout == LAYOUT_1_2 && (t->wide || chance(d, 50)) ? 32 : 16;
	list_borrowers(d, t, self);
	choose_retrieve_flags(d, t, b);
	lay_out(d);
	r.x1 = desc.receivers_at + desc.receiver_count * desc.size;
	r.x2 = r.x1;
	if (spoilt) {
		spoil_retrieve(d, &r);
	}
	call_retrieve(who, chance(d, 50), &r, &desc);
}

/* A page of a transaction. */
static int any_of(struct dice *d, const struct deal *t)
{
	return model_page_find(t->d.pieces[dice(d, t->d.pieces_really)].base);
}

static void step_release(struct dice *d);

static void step_retrieve(struct dice *d)
{
	struct deal *t = any_transaction(d, chance(d, 97) ? is_complete : is_incomplete);
	struct deal *other = chance(d, 25) ? any_transaction(d, is_long) : NULL;
	uint32_t who;
	int self;

	t = other != NULL ? other : t;
	self = t == NULL ? NONE : any_borrower(d, t, chance(d, 8));

	if (self == NONE) {
		step_send(d);
		return;
	}
	who = (uint32_t)model_party_find(t->borrowers[self].id);
	if (model.parties[who].rx_full && chance(d, 90)) {
		call_release(who);
		return;
	}
	if (chance(d, 1)) {
		chance(d, 50) ? refuse_tx(who) : refuse_rx(who);
	} else if (chance(d, t->zero_pending ? 20 : 1)) {
		refuse_page(any_of(d, t));
	}
	retrieve(d, t, self, chance(d, 30));
}

static void inspect(struct dice *d, uint32_t who, uint64_t handle, bool spoilt)
{
	struct registers r = { 0 };

	desc = (struct descriptor){ .layout = model.parties[who].layout, .handle = handle };
	desc.size = 16;
	desc.receivers_at = model_header_size(&desc);
	r.x1 = desc.receivers_at;
	r.x2 = r.x1;
	if (spoilt) {
		switch (dice(d, 4)) {
		case 0:
			desc.sender = 1;
			break;
		case 1:
			desc.flags = 1u << dice(d, 32);
			break;
		case 2:
			desc.tag = 1;
			break;
		default:
			desc.handle = spoil_handle(d, handle);
			break;
		}
	}
	call_inspect(who, &r, &desc);
}

static void step_inspect(struct dice *d)
{
	struct deal *t = any_transaction(d, chance(d, 80) ? is_nwds : is_complete);
	uint32_t who = chance(d, 95) ? NWD : any_party(d);

	if (t == NULL || model.parties[who].rx_full || t->inspection.open) {
		step_release(d);
		return;
	}
	inspect(d, who, t->handle, chance(d, 20));
}

/* A fetch that is under way: the transaction and the id in whose name. */
static struct fetch *any_fetch(struct dice *d, struct deal **of, uint16_t *as)
{
	uint32_t from = dice(d, TRANSACTIONS_MAX);

	for (uint32_t i = 0; i < TRANSACTIONS_MAX; i++) {
		struct deal *t = &model.transactions[(from + i) % TRANSACTIONS_MAX];

		*of = t;
		for (uint32_t k = 0; t->used && k < t->borrower_count; k++) {
			if (t->fetches[k].open) {
				*as = t->borrowers[k].id;
				return &t->fetches[k];
			}
		}
		if (t->used && t->inspection.open) {
			*as = t->sender;
			return &t->inspection;
		}
	}
	return NULL;
}

static void step_fetch(struct dice *d)
{
	struct deal *t;
	uint16_t as = 0;
	struct fetch *f = any_fetch(d, &t, &as);
	struct registers r = { 0 };
	uint32_t who;

	if (f == NULL) {
		step_retrieve(d);
		return;
	}
	who = f == &t->inspection ? NWD : (uint32_t)model_party_find(as);
	if (model.parties[who].rx_full && chance(d, 90)) {
		call_release(who);
		return;
	}
	put_handle(&r, t->handle);
	r.x3 = f->next;
	r.x4 = who == NWD ? (uint64_t)as << 16 : 0;
	if (chance(d, 20)) {
		switch (dice(d, 5)) {
		case 0:
			r.x3 = spoil(d, r.x3);
			break;
		case 1:
			r.x4 ^= 1ul << (16 + dice(d, 16));
			break;
		case 2:
			r.x3 -= 16;
			break;
		case 3: /* what another fetches */
			who = chance(d, 70) ? NWD : any_party(d);
			r.x4 = who == NWD ? (uint64_t)as << 16 : 0;
			break;
		default:
			put_handle(&r, spoil_handle(d, t->handle));
			break;
		}
	}
	if (chance(d, 2)) {
		refuse_rx(who);
	}
	call_fetch(who, &r);
}

static void step_release(struct dice *d)
{
	uint32_t who = any_party(d);

	for (uint32_t i = 0; i < WORLDS && chance(d, 80); i++) {
		if (model.parties[i].rx_full) {
			who = i;
		}
	}
	if (model.parties[who].has_box) {
		call_release(who);
	}
}

/* --- Giving back ---------------------------------------------------------------------------- */

static void step_relinquish(struct dice *d)
{
	struct deal *t = any_transaction(d, chance(d, 95) ? is_held : is_complete);
	int self = t == NULL ? NONE : any_borrower(d, t, chance(d, 95));
	struct relinquish q = { .count = 1 };
	const struct taker *b;
	uint32_t who;

	if (self == NONE) {
		step_retrieve(d);
		return;
	}
	b = &t->borrowers[self];
	who = (uint32_t)model_party_find(b->id);
	q.handle = t->handle;
	q.ids[0] = b->id;
	if (((t->attrs & MEM_DEVICE) == 0 || chance(d, 10)) && chance(d, 30) &&
	    ((t->kind != SHARE && (b->granted & FFA_MEM_DATA_RW) != 0) || chance(d, 20))) {
		q.flags = FFA_MEM_FLAG_ZERO;
	}
	if (chance(d, 20)) {
		switch (dice(d, 5)) {
		case 0:
			q.handle = spoil_handle(d, q.handle);
			break;
		case 1:
			q.flags ^= 2u << dice(d, 31);
			break;
		case 2:
			q.count = chance(d, 50) ? 0 : 2 + dice(d, 3);
			break;
		case 3:
			q.ids[0] = chance(d, 50) ? id_of((enum which)dice(d, SPS))
						 : (uint16_t)dice(d, 4);
			break;
		default:
			who = any_party(d);
			break;
		}
	}
	if (chance(d, 1)) {
		refuse_tx(who);
	} else if (chance(d, 5)) {
		refuse_page(any_of(d, t));
	}
	call_relinquish(who, &q);
}

static void step_reclaim(struct dice *d)
{
	struct deal *t = any_transaction(d, chance(d, 80)   ? is_not_held
					    : chance(d, 80) ? is_complete
							    : is_incomplete);
	struct registers r = { 0 };
	uint32_t who;

	if (t == NULL) {
		step_send(d);
		return;
	}
	who = chance(d, 92) && !model.parties[t->lender].dead ? t->lender : any_party(d);
	put_handle(&r, t->handle);
	if (((t->attrs & MEM_DEVICE) == 0 || chance(d, 10)) && chance(d, 25)) {
		r.x3 = FFA_MEM_FLAG_ZERO;
	}
	if (chance(d, 10)) {
		if (chance(d, 50)) {
			put_handle(&r, spoil_handle(d, t->handle));
		} else {
			r.x3 ^= 2u << dice(d, 31);
		}
	}
	if (chance(d, t->zero_pending ? 20 : 3)) {
		refuse_page(any_of(d, t));
	}
	call_reclaim(who, &r);
}

/* --- The rest ------------------------------------------------------------------------------- */

/* Somebody who can, writes. */
static void step_write(struct dice *d)
{
	for (uint32_t i = 0; i < 50; i++) {
		uint32_t n = dice(d, model.page_count);
		const struct page *p = &model.pages[n];
		bool open = p->owner == NWD && p->transaction == NONE;

		for (uint32_t w = 0; w < SPS; w++) {
			open |= !model.parties[w].dead && (p->access[w] & MEM_W) != 0;
		}
		if (open && p->box == BOX_NONE && (p->transaction != NONE || i > 20)) {
			write_page(n);
			told("page %#lx is written", p->base);
			return;
		}
	}
}

/* Buffers anywhere in the memory of `who`. */
static void map_anywhere(struct dice *d, uint32_t party, bool spoilt)
{
	uint32_t who = party < WORLDS ? party : NWD;
	uint32_t pages = chance(d, 70) ? 1 : 1 + dice(d, 3);
	int tx, rx;

	memset(chosen, 0, sizeof(chosen));
	tx = any_page(d, who);
	rx = any_page(d, who);
	if (tx == NONE || rx == NONE) {
		return;
	}
	if (spoilt) {
		pages = chance(d, 30) ? dice(d, 20) : pages;
		call_map(party, model.pages[tx].base + (chance(d, 30) ? 1ul << dice(d, 12) : 0),
			 model.pages[chance(d, 30) ? tx : rx].base, pages);
	} else {
		call_map(party, model.pages[tx].base, model.pages[rx].base, pages);
	}
}

static void step_buffers(struct dice *d)
{
	uint32_t party = chance(d, 25) ? WORLDS + dice(d, VMS) : any_party(d);

	if (!model.parties[party].has_box || chance(d, 10)) {
		map_anywhere(d, party, chance(d, 20));
	} else if (!setup->scarce && chance(d, 15)) {
		call_unmap(party);
	}
}

static void step_abort(struct dice *d)
{
	uint32_t who = dice(d, SPS);

	if (!setup->aborts || !chance(d, 40) || model.parties[who].dead) {
		step_write(d);
		return;
	}
	told("%u dies", who);
	real_abort(who);
	model_abort(who);
}

static const struct {
	uint32_t weight;
	void (*step)(struct dice *d);
} steps[] = {
	{ 20, step_send },       { 10, step_send_more }, { 20, step_retrieve }, { 10, step_fetch },
	{ 12, step_relinquish }, { 8, step_reclaim },    { 3, step_inspect },   { 4, step_release },
	{ 6, step_write },       { 5, step_buffers },    { 1, step_abort },
};

/* Without buffers there is not much to be done. */
static bool map_missing(struct dice *d)
{
	for (uint32_t who = 0; who < WORLDS; who++) {
		if (!model.parties[who].has_box && !model.parties[who].dead) {
			map_anywhere(d, who, chance(d, 10));
			return true;
		}
	}
	return false;
}

void step_make(struct dice *d, const struct setup *s)
{
	uint32_t all = 0;
	uint32_t n;

	setup = s;
	step_told[0] = '\0';
	refuse_nothing();
	if (chance(d, 40) && map_missing(d)) {
		return;
	}
	for (uint32_t i = 0; i < NUMBER_OF(steps); i++) {
		all += steps[i].weight;
	}
	n = dice(d, all);
	for (uint32_t i = 0; i < NUMBER_OF(steps); i++) {
		if (n < steps[i].weight) {
			steps[i].step(d);
			return;
		}
		n -= steps[i].weight;
	}
}

/* Nearly everybody has buffers from the beginning. */
void steps_begin(struct dice *d, const struct setup *s)
{
	for (uint32_t who = 0; who < WORLDS; who++) {
		step_told[0] = '\0';
		if (s->scarce || chance(d, 95)) {
			map_anywhere(d, who, false);
		}
	}
}

/* --- The end: everything goes back ---------------------------------------------------------- */

static void ready(struct dice *d, uint32_t who)
{
	while (!model.parties[who].has_box) {
		step_told[0] = '\0';
		map_anywhere(d, who, false);
	}
	if (model.parties[who].rx_full) {
		step_told[0] = '\0';
		call_release(who);
	}
	step_told[0] = '\0';
}

static void drain_sending(struct dice *d, struct deal *t)
{
	while (t->used && !t->complete) {
		struct registers r = { .x4 = t->lender == NWD ? (uint64_t)t->sender << 16 : 0 };
		uint32_t left = t->total - t->received;

		put_handle(&r, t->handle);
		ready(d, t->lender);
		r.x3 = left < PAGE_BYTES ? left : PAGE_BYTES;
		call_send_more(t->lender, &r, false);
	}
}

static void drain_fetches(struct dice *d)
{
	struct deal *t;
	uint16_t as = 0;
	struct fetch *f;

	while ((f = any_fetch(d, &t, &as)) != NULL) {
		struct registers r = { .x3 = f->next };
		uint32_t who = f == &t->inspection ? NWD : (uint32_t)model_party_find(as);

		put_handle(&r, t->handle);
		r.x4 = who == NWD ? (uint64_t)as << 16 : 0;
		ready(d, who);
		call_fetch(who, &r);
	}
}

static void drain_borrowers(struct dice *d, struct deal *t)
{
	for (uint32_t k = 0; t->used && k < t->borrower_count; k++) {
		while (t->used && t->borrowers[k].held != 0) {
			struct relinquish q = { .handle = t->handle,
						.count = 1,
						.ids = { t->borrowers[k].id } };
			uint32_t who = (uint32_t)model_party_find(q.ids[0]);

			ready(d, who);
			call_relinquish(who, &q);
		}
	}
}

/*
 * Whatever is under way comes to its end, and goes back to its owner. Returns how many transactions
 * are left nevertheless: of a dead lender, when zeroing for the last borrower was refused.
 */
uint32_t steps_drain(void)
{
	struct dice d = { .state = 1 };
	uint32_t stuck = 0;

	refuse_nothing();
	for (uint32_t i = 0; i < TRANSACTIONS_MAX; i++) {
		if (model.transactions[i].used) {
			drain_sending(&d, &model.transactions[i]);
		}
	}
	drain_fetches(&d);
	for (uint32_t i = 0; i < TRANSACTIONS_MAX; i++) {
		struct deal *t = &model.transactions[i];

		drain_borrowers(&d, t);
		if (t->used && t->orphaned && t->zero_pending) {
			stuck++;
			continue;
		}
		if (t->used) {
			struct registers r = { 0 };

			put_handle(&r, t->handle);
			step_told[0] = '\0';
			call_reclaim(t->lender, &r);
		}
		if (t->used) {
			disagree("a transaction does not come to its end");
		}
	}
	for (uint32_t party = 0; party < WORLDS + VMS; party++) {
		if (model.parties[party].has_box) {
			step_told[0] = '\0';
			call_unmap(party);
		}
	}
	return stuck;
}
