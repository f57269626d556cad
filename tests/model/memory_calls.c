/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls to both: the model says what may be answered, the SPMC answers, the model follows. */
#include "memory_calls.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/host.h"
#include "arch/mem.h"

static const char *const kinds[KINDS] = { "SHARE", "LEND", "DONATE" };

char step_told[512];

void told(const char *format, ...)
{
	size_t at = strlen(step_told);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(step_told + at, sizeof(step_told) - at, format, args);
	va_end(args);
}

/* --- One call ------------------------------------------------------------------------------- */

/* The bytes that a caller has in its TX: as much as goes in. */
static void fill_tx(uint32_t who, const uint8_t *bytes, uint64_t length)
{
	const struct party *p = &model.parties[who];
	uint64_t space = p->box_pages * PAGE_BYTES;

	if (p->has_box) {
		memcpy(real_memory(model.pages[p->tx].base), bytes,
		       length < space ? length : space);
	}
}

void refuse_tx(uint32_t who)
{
	const struct party *p = &model.parties[who];

	if (p->has_box) {
		host_memory_refuse(model.pages[p->tx].base, p->box_pages * PAGE_BYTES);
		model.tx_refused = true;
	}
}

void refuse_rx(uint32_t who)
{
	const struct party *p = &model.parties[who];

	if (p->has_box) {
		host_memory_refuse(model.pages[p->rx].base, p->box_pages * PAGE_BYTES);
		model.rx_refused = true;
	}
}

void refuse_page(int n)
{
	if (n != NONE && model.pages[n].box == BOX_NONE) {
		host_memory_refuse(model.pages[n].base, PAGE_BYTES);
		model.page_refused = n;
	}
}

/* What EL3 does not allow now it does from here on. */
void refuse_nothing(void)
{
	host_memory_refuse(0, 0);
	model.tx_refused = false;
	model.rx_refused = false;
	model.page_refused = NONE;
	model.protect_refused = false;
}

static void say_rules(const struct verdict *v)
{
	for (uint32_t i = 0; i < v->rule_count; i++) {
		told("%s%s", i == 0 ? " {" : "; ", v->rules[i]);
	}
	told("%s", v->rule_count != 0 ? "}" : "");
}

/* Calls, and compares the status with the verdict. */
static struct answer call_judged(uint32_t who, uint32_t fid, const struct registers *r,
				 const struct verdict *v)
{
	uint64_t before = real_free_pages();
	struct answer a;

	say_rules(v);
	a = real_call(who, fid, r);
	host_memory_refuse(0, 0);
	told(" -> %d", (int)a.status);
	count_call(v, fid, a.status);
	if (!verdict_allows(v, a.status)) {
		disagree("answered %d, must %#x, may %#x", (int)a.status, v->must, v->may);
	}
	if (a.status != FFA_OK && (fid & 0xFF) != (FFA_MEM_FRAG_TX_32 & 0xFF) &&
	    real_free_pages() != before) {
		disagree("refused, but %" PRIu64 " pages were free and %" PRIu64 " are", before,
			 real_free_pages());
	}
	return a;
}

static void expect_fid(const struct answer *a, uint32_t fid)
{
	if (a->fid != fid) {
		disagree("answered %#x where %#x is the answer", a->fid, fid);
	}
}

static void expect_handle(const struct answer *a, uint64_t handle, uint32_t lo, uint32_t hi)
{
	if (((uint64_t)hi << 32 | lo) != handle) {
		disagree("%#x: handle %#x %#x is not %#" PRIx64, a->fid, lo, hi, handle);
	}
}

/* --- Sending -------------------------------------------------------------------------------- */

static uint64_t new_handle(uint32_t lo, uint32_t hi)
{
	uint64_t handle = (uint64_t)hi << 32 | lo;

	if (handle == 0 || handle >> 63 != 0 || model_transaction_find(handle) != NONE) {
		disagree("%#" PRIx64 " is not a handle of its own", handle);
	}
	return handle;
}

/* It asks for what comes after `received` bytes. */
static void expect_more(const struct answer *a, uint32_t who, uint16_t sender, uint32_t received)
{
	expect_fid(a, FFA_MEM_FRAG_RX_32);
	if (a->w3 != received || a->w4 != (who == NWD ? (uint32_t)sender << 16 : 0)) {
		disagree("FRAG_RX: offset %#x, endpoint %#x", a->w3, a->w4);
	}
}

void call_send(uint32_t who, enum kind kind, bool wide, const struct registers *r,
	       const struct descriptor *d)
{
	static uint8_t bytes[WIRE_MAX];
	struct verdict v = { 0 };
	struct answer a;

	told("%u sends %s as %#x to", who, kinds[kind], d->sender);
	for (uint32_t i = 0; i < d->receiver_count; i++) {
		told(" %#x(%#x)", d->receivers[i].id, d->receivers[i].permissions);
	}
	told(", flags %#x, attributes %#x, %u pieces of %u pages, first %#" PRIx64 " %u, %#" PRIx64
	     "/%#" PRIx64,
	     d->flags, d->attributes, d->pieces_really, d->page_total, d->pieces[0].base,
	     d->pieces[0].pages, r->x2, r->x1);
	memset(bytes, 0, sizeof(bytes));
	(void)wire_put(d, bytes);
	fill_tx(who, bytes, r->x2);
	model_send_judge(&v, who, kind, r, d);
	a = call_judged(who,
			(kind == SHARE  ? FFA_MEM_SHARE_32
			 : kind == LEND ? FFA_MEM_LEND_32
					: FFA_MEM_DONATE_32) |
				(wide ? FFA_FID_64BIT : 0),
			r, &v);
	if (a.status != FFA_OK) {
		model_send_failed(d);
		return;
	}
	if (r->x1 == r->x2) {
		expect_fid(&a, FFA_SUCCESS_32);
		told(" handle %#" PRIx64, new_handle(a.w2, a.w3));
		(void)model_send_begin(who, kind, r, d, new_handle(a.w2, a.w3));
	} else {
		expect_more(&a, who, d->sender, (uint32_t)r->x2);
		told(" handle %#" PRIx64, new_handle(a.w1, a.w2));
		(void)model_send_begin(who, kind, r, d, new_handle(a.w1, a.w2));
	}
}

/* FRAG_TX; `wrong`: it is not as it should be, of itself. */
void call_send_more(uint32_t who, const struct registers *r, bool wrong)
{
	int n = model_transaction_find(r->x1 | r->x2 << 32);
	struct deal *t = n != NONE ? &model.transactions[n] : NULL;
	bool his = t != NULL && t->lender == who && !t->complete;
	struct verdict v = { 0 };
	struct answer a;

	told("%u goes on with %#" PRIx64 ", length %#" PRIx64 ", w4 %#" PRIx64, who,
	     r->x1 | r->x2 << 32, r->x3, r->x4);
	if (his && t->received + r->x3 <= t->total) {
		fill_tx(who, t->bytes + t->received, r->x3);
	}
	model_send_more_judge(&v, who, r, r->x4);
	a = call_judged(who, FFA_MEM_FRAG_TX_32, r, &v);
	if (!his) {
		return;
	}
	if (a.status == FFA_OK) {
		t->received += (uint32_t)r->x3;
		t->doubtful = false;
		if (t->received < t->total) {
			expect_more(&a, who, t->sender, t->received);
			return;
		}
		expect_fid(&a, FFA_SUCCESS_32);
		expect_handle(&a, t->handle, a.w2, a.w3);
		model_send_finish(t);
	} else if (wrong && !(t->doubtful && a.status == FFA_INVALID_PARAMETERS)) {
		t->doubtful = true;
	} else if (!wrong) {
		model_send_failed(&t->d);
		model_forget(t);
	}
}

/* --- Retrieving ----------------------------------------------------------------------------- */

static void expect(bool holds, const char *what, uint64_t value)
{
	if (!holds) {
		disagree("response: %s is %#" PRIx64, what, value);
	}
}

static void check_pieces(const struct deal *t, const struct descriptor *d)
{
	expect(d->page_total == t->d.page_total, "sum of pages", d->page_total);
	expect(d->piece_count == t->d.piece_count, "number of pieces", d->piece_count);
	expect(d->composite_reserved == 0, "reserved field", d->composite_reserved);
	for (uint32_t i = 0; i < d->piece_count; i++) {
		expect(d->pieces[i].base == t->d.pieces[i].base, "base", d->pieces[i].base);
		expect(d->pieces[i].pages == t->d.pieces[i].pages, "pages", d->pieces[i].pages);
		expect(d->pieces[i].reserved == 0, "reserved field", d->pieces[i].reserved);
	}
}

static void check_header(const struct deal *t, const struct descriptor *d)
{
	expect(d->sender == t->sender, "sender", d->sender);
	expect(d->handle == t->handle, "handle", d->handle);
	expect(d->tag == t->d.tag, "tag", d->tag);
	expect(d->reserved_1_0 == 0, "reserved field", d->reserved_1_0);
	expect((d->reserved[0] | d->reserved[1] | d->reserved[2]) == 0, "reserved field", 1);
	expect(d->access_size == 16 || d->layout >= LAYOUT_1_2, "size of a receiver",
	       d->access_size);
}

static void check_response_flags(const struct deal *t, uint32_t flags, bool first)
{
	uint32_t type = (uint32_t)(t->kind + 1) << FFA_MEM_FLAG_TYPE_SHIFT;

	expect((flags & ~FFA_MEM_FLAG_ZERO) == type, "flags", flags);
	expect((flags & FFA_MEM_FLAG_ZERO) == 0 || t->zeroed, "zeroed", flags);
	expect((flags & FFA_MEM_FLAG_ZERO) != 0 || !t->zeroed || !first ||
		       (t->attrs & MEM_DEVICE) != 0,
	       "not zeroed", flags);
}

static void check_response_attributes(const struct deal *t, const struct descriptor *d)
{
	uint32_t type = d->attributes & FFA_MEM_TYPE_MASK;
	bool ns = (d->attributes & FFA_MEM_ATTR_NS) != 0;
	uint32_t given = t->d.attributes & 0x3F;

	expect((d->attributes & 0xFF80) == 0, "reserved attributes", d->attributes);
	expect(ns == ((model_attrs(t) & MEM_NS) != 0) || (d->layout == LAYOUT_1_0 && !ns), "NS",
	       d->attributes);
	if ((t->attrs & MEM_DEVICE) != 0) {
		expect(type == FFA_MEM_TYPE_DEVICE, "type", d->attributes);
		expect((d->attributes & FFA_MEM_CACHEABILITY_MASK) == 0, "device", d->attributes);
	} else {
		expect(type == FFA_MEM_TYPE_NORMAL, "type", d->attributes);
		expect((d->attributes & 0x3F) == FFA_MEM_NORMAL ||
			       (given != 0 && (given & FFA_MEM_TYPE_MASK) != 0 &&
				given != FFA_MEM_NORMAL),
		       "attributes", d->attributes);
	}
}

static void check_receiver(const struct deal *t, const struct taker *b, const struct descriptor *d,
			   const struct receiver *r)
{
	expect(r->id == b->id, "receiver", r->id);
	expect(r->reserved == 0, "reserved field", r->reserved);
	expect(r->flags == 0, "flags of the receiver", r->flags);
	expect(r->composite_offset == d->composite_at, "offset", r->composite_offset);
	if (d->size == 32) {
		expect(r->impdef[0] == (t->wide ? b->impdef[0] : 0), "value 0", r->impdef[0]);
		expect(r->impdef[1] == (t->wide ? b->impdef[1] : 0), "value 1", r->impdef[1]);
	}
}

static struct descriptor response;

static void read_response(uint32_t who, const struct fetch *f)
{
	if (!wire_get(&response, model.parties[who].layout, f->bytes, f->total)) {
		disagree("response: not well-formed, %u bytes", f->total);
	}
}

static void check_response(uint32_t who, const struct deal *t, const struct taker *b,
			   const struct fetch *f, bool first)
{
	read_response(who, f);
	check_header(t, &response);
	check_response_flags(t, response.flags, first);
	check_response_attributes(t, &response);
	expect(response.access_count == 1, "number of receivers", response.access_count);
	check_receiver(t, b, &response, &response.receivers[0]);
	expect(response.receivers[0].permissions == b->granted, "permissions",
	       response.receivers[0].permissions);
	check_pieces(t, &response);
}

/* The hypervisor sees what was sent. */
static void check_inspection(const struct deal *t, const struct fetch *f)
{
	read_response(NWD, f);
	check_header(t, &response);
	check_response_flags(t, response.flags, true);
	expect(response.access_count == t->borrower_count, "number of receivers",
	       response.access_count);
	for (uint32_t i = 0; i < t->borrower_count; i++) {
		const struct receiver *r = &response.receivers[i];

		check_receiver(t, &t->borrowers[i], &response, r);
		expect((r->permissions & FFA_MEM_DATA_MASK) == t->borrowers[i].data, "permissions",
		       r->permissions);
	}
	check_pieces(t, &response);
}

/* `length` more bytes are in RX. True: that was all. */
static bool fetch_more(uint32_t who, struct fetch *f, uint32_t length)
{
	struct party *p = &model.parties[who];

	expect(length >= 16 && length % 16 == 0, "length", length);
	expect(length <= p->box_pages * PAGE_BYTES && length <= f->total - f->next, "length",
	       length);
	memcpy(f->bytes + f->next, real_memory(model.pages[p->rx].base), length);
	f->next += length;
	f->open = f->next < f->total;
	p->rx_full = true;
	return !f->open;
}

static void fetch_begin(uint32_t who, struct fetch *f, const struct answer *a)
{
	expect_fid(a, FFA_MEM_RETRIEVE_RESP_32);
	expect(a->w1 <= WIRE_MAX && a->w2 <= a->w1 && a->w2 >= 64, "total length", a->w1);
	free(f->bytes);
	*f = (struct fetch){ .open = true, .total = a->w1, .bytes = calloc(1, a->w1) };
	(void)fetch_more(who, f, a->w2);
}

static void retrieve_finish(uint32_t who, struct deal *t, int place, bool first)
{
	check_response(who, t, &t->borrowers[place], &t->fetches[place], first);
	model_fetched(t);
}

void call_retrieve(uint32_t who, bool wide, const struct registers *r, const struct descriptor *d)
{
	uint16_t as = model_name_of(who, d);
	static uint8_t bytes[WIRE_MAX];
	struct verdict v = { 0 };
	struct deal *t;
	struct answer a;
	bool first;
	int place;

	told("%u retrieves %#" PRIx64 " as %#x, flags %#x, attributes %#x, list", who, d->handle,
	     as, d->flags, d->attributes);
	for (uint32_t i = 0; i < d->receiver_count; i++) {
		told(" %#x(%#x)", d->receivers[i].id, d->receivers[i].permissions);
	}
	memset(bytes, 0, sizeof(bytes));
	(void)wire_put(d, bytes);
	fill_tx(who, bytes, r->x1);
	model_retrieve_judge(&v, who, as, r, d);
	a = call_judged(who, FFA_MEM_RETRIEVE_REQ_32 | (wide ? FFA_FID_64BIT : 0), r, &v);
	if (a.status != FFA_OK) {
		int n = model_transaction_find(d->handle);

		if (n != NONE) {
			model_zero_failed(&model.transactions[n],
					  (d->flags & FFA_MEM_FLAG_ZERO) != 0);
		}
		return;
	}
	t = &model.transactions[model_transaction_find(d->handle)];
	place = model_borrower_find(t, as);
	first = !t->borrowers[place].ever && model_holders(t) == 0;
	fetch_begin(who, &t->fetches[place], &a);
	model_retrieve(t, as, d);
	if (!t->fetches[place].open) {
		retrieve_finish(who, t, place, first);
	}
}

void call_inspect(uint32_t who, const struct registers *r, const struct descriptor *d)
{
	static uint8_t bytes[WIRE_MAX];
	struct verdict v = { 0 };
	struct deal *t;
	struct answer a;

	told("%u inspects %#" PRIx64, who, d->handle);
	memset(bytes, 0, sizeof(bytes));
	(void)wire_put(d, bytes);
	fill_tx(who, bytes, r->x1);
	model_inspect_judge(&v, who, r, d);
	a = call_judged(who, FFA_MEM_RETRIEVE_REQ_32, r, &v);
	if (a.status == FFA_OK) {
		t = &model.transactions[model_transaction_find(d->handle)];
		fetch_begin(who, &t->inspection, &a);
		if (!t->inspection.open) {
			check_inspection(t, &t->inspection);
		}
	}
}

/*
 * What FRAG_RX with that id in w4 is about: for the normal world, a borrower's response or, by the
 * sender's id, the hypervisor's look. Both in one name do not happen: nobody sends to himself.
 */
static struct fetch *fetch_find(uint32_t who, struct deal *t, uint16_t as, int *place)
{
	*place = NONE;
	if (t == NULL) {
		return NULL;
	}
	*place = model_borrower_find(t, as);
	if (*place != NONE && (model_party_find(as) == (int)who)) {
		return &t->fetches[*place];
	}
	*place = NONE;
	return who == NWD && as == t->sender && t->lender == NWD ? &t->inspection : NULL;
}

/* FRAG_RX. */
void call_fetch(uint32_t who, const struct registers *r)
{
	int n = model_transaction_find(r->x1 | r->x2 << 32);
	struct deal *t = n != NONE ? &model.transactions[n] : NULL;
	uint16_t as = who == NWD ? (uint16_t)(r->x4 >> 16) : model.parties[who].id;
	struct verdict v = { 0 };
	struct answer a;
	struct fetch *f;
	int place;

	f = fetch_find(who, t, as, &place);
	told("%u fetches %#" PRIx64 " at %#" PRIx64 ", w4 %#" PRIx64, who, r->x1 | r->x2 << 32,
	     r->x3, r->x4);
	model_fetch_judge(&v, who, r, as, f);
	a = call_judged(who, FFA_MEM_FRAG_RX_32, r, &v);
	if (a.status != FFA_OK) {
		return;
	}
	expect_fid(&a, FFA_MEM_FRAG_TX_32);
	expect_handle(&a, t->handle, a.w1, a.w2);
	expect(a.w4 == 0 || (who == NWD && a.w4 == (uint32_t)as << 16), "w4", a.w4);
	if (!fetch_more(who, f, a.w3)) {
		return;
	}
	if (place != NONE) {
		retrieve_finish(who, t, place, false);
	} else {
		check_inspection(t, f);
	}
}

/* --- Giving back ---------------------------------------------------------------------------- */

void call_relinquish(uint32_t who, const struct relinquish *q)
{
	uint8_t bytes[24] = { 0 };
	struct verdict v = { 0 };
	struct answer a;

	told("%u relinquishes %#" PRIx64 " as %#x, flags %#x, count %u", who, q->handle, q->ids[0],
	     q->flags, q->count);
	memcpy(bytes, &q->handle, 8);
	memcpy(bytes + 8, &q->flags, 4);
	memcpy(bytes + 12, &q->count, 4);
	memcpy(bytes + 16, q->ids, sizeof(q->ids));
	fill_tx(who, bytes, sizeof(bytes));
	model_relinquish_judge(&v, who, q);
	a = call_judged(who, FFA_MEM_RELINQUISH_32, &(struct registers){ 0 }, &v);
	if (a.status == FFA_OK) {
		expect_fid(&a, FFA_SUCCESS_32);
		expect((a.w2 | a.w3) == 0, "w2", a.w2);
		model_relinquish(q);
	}
}

void call_reclaim(uint32_t who, const struct registers *r)
{
	int n = model_transaction_find(r->x1 | r->x2 << 32);
	struct verdict v = { 0 };
	struct answer a;

	told("%u reclaims %#" PRIx64 ", flags %#" PRIx64, who, r->x1 | r->x2 << 32, r->x3);
	model_reclaim_judge(&v, who, r);
	a = call_judged(who, FFA_MEM_RECLAIM_32, r, &v);
	if (a.status == FFA_OK) {
		expect_fid(&a, FFA_SUCCESS_32);
		expect((a.w2 | a.w3) == 0, "w2", a.w2);
		if (model.transactions[n].complete) {
			model_reclaim(&model.transactions[n], (r->x3 & FFA_MEM_FLAG_ZERO) != 0);
		} else {
			model_forget(&model.transactions[n]); /* its pages have stayed */
		}
	} else if (n != NONE) {
		model_zero_failed(&model.transactions[n], false);
	}
}

/* --- Buffers -------------------------------------------------------------------------------- */

/* The descriptor by which the hypervisor maps those of a VM. */
static void fill_tx_for_vm(uint16_t vm, uint64_t tx, uint64_t rx, uint32_t pages)
{
	struct {
		uint16_t vm, reserved;
		uint32_t rx_offset, tx_offset, end;
		struct {
			uint32_t total, count;
			uint64_t reserved, base;
			uint32_t pages, reserved_end;
		} rx, tx;
	} desc = {
		.vm = vm,
		.rx_offset = 16,
		.tx_offset = 48,
		.rx = { .total = pages, .count = 1, .base = rx, .pages = pages },
		.tx = { .total = pages, .count = 1, .base = tx, .pages = pages },
	};

	fill_tx(NWD, (const uint8_t *)&desc, sizeof(desc));
}

void call_map(uint32_t party, uint64_t tx, uint64_t rx, uint32_t pages)
{
	struct registers r = { .x1 = tx, .x2 = rx, .x3 = pages };
	struct verdict v = { 0 };
	struct answer a;

	told("%u maps TX %#" PRIx64 ", RX %#" PRIx64 ", %u pages", party, tx, rx, pages);
	model_map_judge(&v, party, tx, rx, pages);
	if (party >= WORLDS) {
		fill_tx_for_vm(model.parties[party].id, tx, rx, pages);
		r = (struct registers){ 0 };
		/* Version 1.0 knows no VMs: it maps its own, at address 0. */
		if (!model.parties[NWD].has_box || model.parties[NWD].layout == LAYOUT_1_0) {
			v.must |= status_bit(FFA_INVALID_PARAMETERS) | status_bit(FFA_DENIED);
		}
	}
	a = call_judged(party < WORLDS ? party : NWD, FFA_RXTX_MAP_64, &r, &v);
	if (a.status == FFA_OK) {
		expect_fid(&a, FFA_SUCCESS_32);
		model_map(party, tx, rx, pages);
	}
}

void call_unmap(uint32_t party)
{
	struct registers r = { .x1 = party < WORLDS ? 0 : (uint64_t)model.parties[party].id << 16 };
	struct verdict v = { 0 };

	told("%u unmaps", party);
	if (!model.parties[party].has_box) {
		v.must = status_bit(FFA_INVALID_PARAMETERS);
	}
	if (call_judged(party < WORLDS ? party : NWD, FFA_RXTX_UNMAP_32, &r, &v).status == FFA_OK) {
		model_unmap(party);
	}
}

void call_release(uint32_t who)
{
	struct verdict v = { 0 };

	told("%u releases RX", who);
	if (!model.parties[who].rx_full) {
		v.must = status_bit(FFA_DENIED);
	}
	if (call_judged(who, FFA_RX_RELEASE_32, &(struct registers){ 0 }, &v).status == FFA_OK) {
		model.parties[who].rx_full = false;
	}
}

/* --- Memory --------------------------------------------------------------------------------- */

/* Somebody who may fills the page with something new. */
void write_page(uint32_t n)
{
	struct page *p = &model.pages[n];
	uint64_t *words = real_memory(p->base);

	model_write(p, ++model.contents | 1ul << 63);
	for (uint32_t i = 0; i < PAGE_BYTES / 8; i++) {
		words[i] = p->content;
	}
	touched(n);
}
