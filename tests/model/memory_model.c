/* SPDX-License-Identifier: BSD-3-Clause */
/* The model: simple and slow, so that one sees that it is right. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#include "arch/mem.h"

#define IP status_bit(FFA_INVALID_PARAMETERS)
#define DENIED status_bit(FFA_DENIED)
#define BUSY status_bit(FFA_BUSY)
#define ABORTED status_bit(FFA_ABORTED)
#define NO_MEMORY status_bit(FFA_NO_MEMORY)
#define UNSUPPORTED status_bit(FFA_NOT_SUPPORTED)
#define PERMISSIONS (MEM_R | MEM_W | MEM_X)

struct model model;

/* --- Verdicts ------------------------------------------------------------------------------- */

static void note(struct verdict *v, const char *rule)
{
	if (v->rule_count < NUMBER_OF(v->rules)) {
		v->rules[v->rule_count++] = rule;
	}
}

/* If `broken`, the call is refused with one of `statuses`, or with that of another broken rule. */
static void must(struct verdict *v, bool broken, uint32_t statuses, const char *rule)
{
	if (broken) {
		v->must |= statuses;
		note(v, rule);
	}
}

/* If `broken`, it may be refused so. */
static void may(struct verdict *v, bool broken, uint32_t statuses, const char *rule)
{
	if (broken) {
		v->may |= statuses;
		note(v, rule);
	}
}

bool verdict_allows(const struct verdict *v, enum ffa_status s)
{
	return s == FFA_OK ? v->must == 0 : ((v->must | v->may) & status_bit(s)) != 0;
}

/* --- Finding -------------------------------------------------------------------------------- */

void model_reset(void)
{
	for (uint32_t i = 0; i < TRANSACTIONS_MAX; i++) {
		model_forget(&model.transactions[i]);
	}
	memset(&model, 0, sizeof(model));
	model.retrieve_max = 1;
	model.page_refused = NONE;
}

void model_page_add(const struct area *a)
{
	for (uint32_t i = 0; i < a->pages; i++) {
		struct page *p = &model.pages[model.page_count++];

		*p = (struct page){
			.base = a->base + i * PAGE_BYTES,
			.owner = a->owner,
			.attrs = a->attrs,
			.transaction = NONE,
			.unknown = true,
		};
		if (a->owner != NWD) {
			p->access[a->owner] = a->attrs;
		}
	}
}

int model_page_find(uint64_t base)
{
	for (uint32_t i = 0; i < model.page_count; i++) {
		if (model.pages[i].base == base) {
			return (int)i;
		}
	}
	return NONE;
}

int model_transaction_find(uint64_t handle)
{
	for (int i = 0; i < (int)TRANSACTIONS_MAX; i++) {
		if (model.transactions[i].used && model.transactions[i].handle == handle) {
			return i;
		}
	}
	return NONE;
}

int model_transaction_free(void)
{
	for (int i = 0; i < (int)TRANSACTIONS_MAX; i++) {
		if (!model.transactions[i].used) {
			return i;
		}
	}
	return NONE;
}

int model_borrower_find(const struct deal *t, uint16_t id)
{
	for (int i = 0; i < (int)t->borrower_count; i++) {
		if (t->borrowers[i].id == id) {
			return i;
		}
	}
	return NONE;
}

bool model_is_vm(uint16_t id)
{
	return (id & 0x8000) == 0;
}

int model_party_find(uint16_t id)
{
	for (int i = 0; i < (int)SPS; i++) {
		if (model.parties[i].id == id) {
			return i;
		}
	}
	return model_is_vm(id) ? (int)NWD : NONE;
}

uint32_t model_holders(const struct deal *t)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->borrower_count; i++) {
		n += t->borrowers[i].held;
	}
	return n;
}

static bool ever_held(const struct deal *t)
{
	bool ever = false;

	for (uint32_t i = 0; i < t->borrower_count; i++) {
		ever |= t->borrowers[i].ever;
	}
	return ever;
}

/* Zeroed, whoever asked for it: but nobody writes to the registers of a device. */
static void zero_page(struct page *p)
{
	if ((p->attrs & MEM_DEVICE) == 0) {
		model_write(p, 0);
	}
}

/* The pages of a transaction, one after the other: begin with NONE, ends with NONE. */
static int next_page(const struct deal *t, int i)
{
	int self = (int)(t - model.transactions);

	for (i++; i < (int)model.page_count; i++) {
		if (model.pages[i].transaction == self) {
			return i;
		}
	}
	return NONE;
}

uint32_t model_header_size(const struct descriptor *d)
{
	return d->layout == LAYOUT_1_0 ? 32 : 48;
}

static uint32_t box_bytes(uint32_t who)
{
	return model.parties[who].box_pages * PAGE_BYTES;
}

/* --- Rules that several calls have ---------------------------------------------------------- */

/* A call that reads TX: `length` bytes of it. */
static void judge_tx(struct verdict *v, uint32_t who, uint64_t length)
{
	must(v, !model.parties[who].has_box, IP, "no TX");
	must(v, length > box_bytes(who), IP, "longer than TX");
	must(v, model.tx_refused, ABORTED, "TX is refused");
}

static void judge_rx(struct verdict *v, uint32_t who)
{
	must(v, !model.parties[who].has_box, IP | DENIED | BUSY, "no RX");
	must(v, model.parties[who].rx_full, BUSY, "RX is full");
	must(v, model.rx_refused, ABORTED, "RX is refused");
}

/* Those of a descriptor's header that do not depend on what it is for. */
static void judge_header(struct verdict *v, const struct descriptor *d)
{
	bool reserved = d->reserved[0] != 0;

	if (d->layout == LAYOUT_1_0) {
		must(v, reserved || d->reserved_1_0 != 0, IP, "reserved field of the header (1.0)");
		must(v, (d->attributes & 0xC0) != 0, IP, "reserved attributes, NS");
	} else {
		reserved |= d->reserved[1] != 0 || d->reserved[2] != 0;
		must(v, reserved, IP, "reserved field of the header");
		must(v, (d->attributes & 0xFFC0) != 0, IP, "reserved attributes, NS");
		must(v, d->access_size != d->size, IP, "size of a receiver");
		must(v, d->access_offset < 48, IP, "offset of the receivers");
		/* What stands there instead may be refused for whatever it looks like. */
		must(v, d->access_offset != d->receivers_at, IP | DENIED, "not their offset");
		may(v, d->access_offset % 16 != 0, IP, "alignment of the receivers");
	}
}

static void judge_receiver(struct verdict *v, const struct receiver *r)
{
	must(v, r->reserved != 0, IP, "reserved field of a receiver");
	must(v, (r->permissions & 0xF0) != 0, IP, "reserved permissions");
	must(v, (r->permissions & FFA_MEM_DATA_MASK) == 3, IP, "data access 3");
	must(v, (r->permissions & FFA_MEM_EXEC_MASK) == FFA_MEM_EXEC_MASK, IP,
	     "instruction access 3");
}

/* What is new needs working memory; what ends does not. */
static void judge_memory(struct verdict *v)
{
	may(v, model.scarce, NO_MEMORY, "little working memory");
}

/* --- Sending: DONATE, LEND, SHARE ----------------------------------------------------------- */

static bool is_single(const struct deal *t)
{
	return t->borrower_count == 1;
}

static void judge_send_attributes(struct verdict *v, enum kind kind, const struct descriptor *d)
{
	uint32_t type = d->attributes & FFA_MEM_TYPE_MASK;
	uint32_t cache = d->attributes & FFA_MEM_CACHEABILITY_MASK;
	uint32_t share = d->attributes & FFA_MEM_SHAREABILITY_MASK;
	bool unspecified = kind == DONATE || (kind == LEND && d->access_count == 1);

	if (unspecified) {
		must(v, type != 0, IP, "a memory type where none may be given");
		may(v, (cache | share) != 0, IP | DENIED, "attributes of no type");
		return;
	}
	may(v, type == 0, IP | DENIED, "no memory type");
	must(v, type == 0x30, IP | DENIED, "memory type 3");
	/* A device cannot be sent so, and what else it would mean is not said. */
	may(v, type == FFA_MEM_TYPE_DEVICE, IP | DENIED, "as a device");
	if (type == FFA_MEM_TYPE_NORMAL) {
		must(v, cache == 0 || cache == 8, IP | DENIED, "cacheability");
		may(v, cache == FFA_MEM_NON_CACHEABLE, DENIED, "non-cacheable");
		must(v, share == 1, IP | DENIED, "shareability 1");
		must(v, share == FFA_MEM_SHAREABILITY_OUTER, DENIED, "more than inner shareable");
		may(v, share == FFA_MEM_SHAREABILITY_NON, DENIED, "not shareable");
	}
}

static void judge_send_receiver(struct verdict *v, uint32_t who, enum kind kind,
				const struct descriptor *d, uint32_t i)
{
	const struct receiver *r = &d->receivers[i];
	int party = model_party_find(r->id);
	uint32_t data = r->permissions & FFA_MEM_DATA_MASK;
	uint32_t self = who == NWD ? d->sender : model.parties[who].id;

	judge_receiver(v, r);
	must(v, r->composite_offset != d->composite_at, IP, "offset of the composite");
	must(v, party == NONE, IP, "unknown receiver");
	must(v, r->id == self || r->id == d->sender, IP, "sent to itself");
	may(v, party != NONE && model.parties[party].dead, IP | DENIED | ABORTED, "dead receiver");
	must(v, model_is_vm(r->id) && (who != NWD || kind != SHARE || d->access_count == 1), DENIED,
	     "to a VM");
	must(v, (r->permissions & FFA_MEM_EXEC_MASK) != 0, IP, "instruction access given");
	must(v, kind == DONATE && data != 0, IP, "DONATE with data access");
	must(v, kind != DONATE && data == 0, IP, "no data access");
	may(v, r->flags != 0, IP, "flags of a receiver");
	for (uint32_t k = 0; k < i; k++) {
		must(v, d->receivers[k].id == r->id, IP, "receiver twice");
	}
}

/* What the pieces are in themselves. */
static void judge_pieces(struct verdict *v, const struct descriptor *d)
{
	uint64_t sum = 0;
	uint32_t count = d->pieces_really;

	must(v, d->piece_count == 0 || count == 0, IP, "no pieces");
	may(v, d->composite_reserved != 0, IP, "reserved field of the composite");
	for (uint32_t i = 0; i < count; i++) {
		const struct piece *a = &d->pieces[i];
		uint64_t last = a->base + (uint64_t)a->pages * PAGE_BYTES - 1;

		sum += a->pages;
		may(v, a->reserved != 0, IP, "reserved field of a piece");
		must(v, a->pages == 0, IP, "piece of no pages");
		must(v, a->base % PAGE_BYTES != 0, IP, "piece not aligned");
		must(v, a->pages != 0 && last < a->base, IP, "piece wraps");
		must(v, last >> 48 != 0, IP | DENIED, "piece beyond all memory");
		for (uint32_t k = 0; k < i && a->pages != 0; k++) {
			const struct piece *b = &d->pieces[k];
			uint64_t end = b->base + (uint64_t)b->pages * PAGE_BYTES - 1;

			must(v, b->pages != 0 && a->base <= end && b->base <= last, IP,
			     "pieces overlap");
		}
	}
	must(v, sum != d->page_total, IP, "sum of pages");
}

/* May `who` send page p? */
static bool is_sendable(const struct page *p, uint32_t who)
{
	return p->owner == who && p->transaction == NONE && p->box == BOX_NONE;
}

/* Do EL3's limits concern that list? */
static bool is_refused(const struct descriptor *d)
{
	bool refused = false;

	if (model.page_refused != NONE) {
		uint64_t base = model.pages[model.page_refused].base;

		for (uint32_t i = 0; i < d->pieces_really; i++) {
			uint64_t size = (uint64_t)d->pieces[i].pages * PAGE_BYTES;

			refused |= base - d->pieces[i].base < size;
		}
	}
	return refused;
}

static bool is_to_be_secured(uint32_t lender, enum kind kind, uint32_t attrs)
{
	return model.protects && lender == NWD && kind != SHARE && (attrs & MEM_DEVICE) == 0;
}

/* What the pages are to the lender. */
static void judge_pages(struct verdict *v, uint32_t who, enum kind kind, const struct descriptor *d)
{
	uint32_t attrs = 0;

	for (uint32_t i = 0; i < d->pieces_really; i++) {
		const struct piece *piece = &d->pieces[i];
		uint32_t count = piece->pages <= 4096 ? piece->pages : 1;

		for (uint32_t k = 0; k < count; k++) {
			int n = model_page_find(piece->base + (uint64_t)k * PAGE_BYTES);
			const struct page *p = n != NONE ? &model.pages[n] : NULL;

			must(v, p == NULL || !is_sendable(p, who), DENIED,
			     "not its own, or sent already");
			if (p == NULL || !is_sendable(p, who)) {
				break;
			}
			must(v, attrs != 0 && attrs != p->attrs, DENIED,
			     "pages of different kinds");
			attrs = p->attrs;
		}
	}
	must(v, (attrs & MEM_DEVICE) != 0 && (kind != LEND || d->access_count != 1), DENIED,
	     "device memory");
	if (attrs == 0) {
		return;
	}
	must(v, (d->flags & FFA_MEM_FLAG_ZERO) != 0 && (attrs & MEM_W) == 0, DENIED,
	     "zero what the lender may not write");
	may(v, (d->flags & FFA_MEM_FLAG_ZERO) != 0 && (attrs & MEM_DEVICE) != 0, IP | DENIED,
	    "zero a device");
	may(v, (d->flags & FFA_MEM_FLAG_ZERO) != 0 && is_refused(d), ABORTED, "a page is refused");
	must(v, model.protect_refused && is_to_be_secured(who, kind, attrs), DENIED,
	     "EL3 does not protect it");
	for (uint32_t i = 0; i < d->access_count && i < BORROWERS_MAX; i++) {
		uint32_t data = d->receivers[i].permissions & FFA_MEM_DATA_MASK;

		must(v, data == FFA_MEM_DATA_RW && (attrs & MEM_W) == 0, DENIED,
		     "grants more than it has");
	}
}

void model_send_judge(struct verdict *v, uint32_t who, enum kind kind, const struct registers *r,
		      const struct descriptor *d)
{
	uint32_t own_type = (uint32_t)(kind + 1) << FFA_MEM_FLAG_TYPE_SHIFT;
	uint32_t allowed = kind == SHARE ? 0 : FFA_MEM_FLAG_ZERO;
	uint32_t array_end = d->receivers_at + d->access_count * d->size;
	struct verdict pages = { 0 };

	must(v, r->x3 != 0 || r->x4 != 0, IP | UNSUPPORTED, "a buffer of its own");
	must(v, r->x2 > r->x1, IP, "fragment longer than all");
	must(v, (r->x1 | r->x2) % 16 != 0, IP, "length not a multiple of 16");
	judge_tx(v, who, r->x2);
	judge_header(v, d);
	must(v, d->access_count == 0 || d->access_count > d->receiver_count, IP, "receivers");
	if (d->access_count > d->receiver_count) {
		return;
	}
	must(v, kind == DONATE && d->access_count != 1, IP, "DONATE to more than one");
	must(v, who != NWD && d->sender != model.parties[who].id, DENIED, "another's name");
	must(v, who == NWD && !model_is_vm(d->sender), DENIED, "the name of an SP");
	must(v, (d->flags & ~(allowed | own_type)) != 0, IP, "flags");
	may(v, (d->flags & own_type) != 0, IP, "flags: own type");
	may(v, d->handle != 0, IP, "handle is not zero");
	judge_send_attributes(v, kind, d);
	for (uint32_t i = 0; i < d->access_count; i++) {
		judge_send_receiver(v, who, kind, d, i);
	}
	must(v, d->composite_at < array_end, IP, "composite inside the receivers");
	must(v, d->composite_at % 16 != 0, IP, "composite not aligned");
	must(v, d->composite_at + 16 > r->x2, IP, "composite not in the first fragment");
	must(v, d->composite_at + 16 + (uint64_t)d->piece_count * 16 != r->x1, IP, "total length");
	must(v, d->piece_count != d->pieces_really, IP, "count of pieces");
	judge_memory(v);
	judge_pieces(&pages, d);
	judge_pages(&pages, who, kind, d);
	if (r->x2 >= r->x1) {
		v->must |= pages.must;
	} else {
		v->may |= pages.must; /* it may look at them when they come, or with the last */
	}
	v->may |= pages.may;
	for (uint32_t i = 0; i < pages.rule_count; i++) {
		note(v, pages.rules[i]);
	}
}

/* FRAG_TX. */
void model_send_more_judge(struct verdict *v, uint32_t who, const struct registers *r, uint64_t w4)
{
	uint64_t length = r->x3;
	int n = model_transaction_find(r->x1 | r->x2 << 32);
	const struct deal *t = n != NONE ? &model.transactions[n] : NULL;
	struct verdict pages = { 0 };

	judge_tx(v, who, length);
	must(v, length < 16 || length % 16 != 0, IP, "length of a fragment");
	must(v, who != NWD && w4 != 0, IP, "endpoint in w4");
	may(v, (w4 & 0xFFFF) != 0, IP, "w4[15:0]");
	must(v, t == NULL || t->lender != who || t->complete, IP,
	     "not a handle of his to go on with");
	if (t == NULL || t->lender != who || t->complete) {
		return;
	}
	may(v, t->doubtful, IP, "refused before");
	must(v, who == NWD && w4 >> 16 != t->sender, IP | DENIED, "another's transaction");
	must(v, t->received + length > t->total, IP, "more than was announced");
	judge_memory(v);
	judge_pieces(&pages, &t->d);
	judge_pages(&pages, who, t->kind, &t->d);
	if (t->received + length == t->total) {
		v->must |= pages.must;
	} else {
		v->may |= pages.must;
	}
	v->may |= pages.may;
	for (uint32_t i = 0; i < pages.rule_count; i++) {
		note(v, pages.rules[i]);
	}
}

/* All of it has come: it takes effect. */
void model_send_finish(struct deal *t)
{
	t->complete = true;
	for (uint32_t i = 0; i < t->d.pieces_really; i++) {
		for (uint32_t k = 0; k < t->d.pieces[i].pages; k++) {
			uint64_t base = t->d.pieces[i].base + (uint64_t)k * PAGE_BYTES;
			uint32_t n = (uint32_t)model_page_find(base);
			struct page *p = &model.pages[n];

			p->transaction = (int)(t - model.transactions);
			t->attrs = p->attrs;
			if (t->lender != NWD && t->kind != SHARE) {
				p->access[t->lender] = 0;
			}
			p->maybe_zero |= (t->d.flags & FFA_MEM_FLAG_ZERO) != 0 &&
					 (p->attrs & MEM_DEVICE) == 0;
			touched(n);
		}
	}
	t->secured = is_to_be_secured(t->lender, t->kind, t->attrs);
}

/* It was refused, but not before some of its pages may have been zeroed. */
void model_send_failed(const struct descriptor *d)
{
	for (uint32_t i = 0; is_refused(d) && i < d->pieces_really; i++) {
		for (uint32_t k = 0; k < d->pieces[i].pages && k < 4096; k++) {
			int n = model_page_find(d->pieces[i].base + (uint64_t)k * PAGE_BYTES);

			if (n != NONE && model.pages[n].transaction == NONE) {
				model.pages[n].maybe_zero = true;
			}
		}
	}
}

int model_send_begin(uint32_t who, enum kind kind, const struct registers *r,
		     const struct descriptor *d, uint64_t handle)
{
	int n = model_transaction_free();
	struct deal *t = &model.transactions[n];

	*t = (struct deal){
		.used = true,
		.kind = kind,
		.handle = handle,
		.lender = who,
		.sender = d->sender,
		.d = *d,
		.wide = d->size == 32,
		.borrower_count = d->access_count,
		.zeroed = (d->flags & FFA_MEM_FLAG_ZERO) != 0,
		.total = (uint32_t)r->x1,
		.received = (uint32_t)r->x2,
	};
	for (uint32_t i = 0; i < t->borrower_count; i++) {
		const struct receiver *a = &d->receivers[i];

		t->borrowers[i] = (struct taker){
			.id = a->id,
			.data = a->permissions & FFA_MEM_DATA_MASK,
			.impdef = { a->impdef[0], a->impdef[1] },
		};
	}
	t->bytes = calloc(1, WIRE_MAX);
	(void)wire_put(d, t->bytes);
	if (t->received == t->total) {
		model_send_finish(t);
	}
	return n;
}

/* It is gone, whatever it was. Its pages have been given to somebody before. */
void model_forget(struct deal *t)
{
	free(t->bytes);
	free(t->inspection.bytes);
	for (uint32_t i = 0; i < BORROWERS_MAX; i++) {
		free(t->fetches[i].bytes);
	}
	memset(t, 0, sizeof(*t));
}

/* --- Retrieving ----------------------------------------------------------------------------- */

/* MEM_* of its pages as a borrower finds them. */
uint32_t model_attrs(const struct deal *t)
{
	return t->secured ? t->attrs & ~(uint32_t)MEM_NS : t->attrs;
}

/* What is due is zeroed, unless that is refused: then some of it may be. */
static void zero_pages(struct deal *t)
{
	t->zero_pending = is_refused(&t->d);
	for (int i = next_page(t, NONE); i != NONE; i = next_page(t, i)) {
		if (t->zero_pending) {
			model.pages[i].maybe_zero |= (t->attrs & MEM_DEVICE) == 0;
		} else {
			zero_page(&model.pages[i]);
		}
		touched((uint32_t)i);
	}
}

/* The permissions that a borrower gets who asks for that, if he may. */
uint32_t model_granted(const struct deal *t, const struct taker *b, const struct receiver *asked)
{
	uint32_t data = asked->permissions & FFA_MEM_DATA_MASK;
	uint32_t exec = asked->permissions & FFA_MEM_EXEC_MASK;

	if (data == 0) {
		data = b->data;
	}
	if (data == 0) { /* DONATE: what the owner had */
		data = (t->attrs & MEM_W) != 0 ? FFA_MEM_DATA_RW : FFA_MEM_DATA_RO;
	}
	if (t->kind == SHARE || !is_single(t)) {
		exec = FFA_MEM_EXEC_XN;
	}
	return data | exec;
}

static uint32_t access_of(uint32_t permissions, uint32_t attrs)
{
	uint32_t data = permissions & FFA_MEM_DATA_MASK;

	return MEM_R | (data == FFA_MEM_DATA_RW ? MEM_W : 0) |
	       ((permissions & FFA_MEM_EXEC_MASK) == FFA_MEM_EXEC_X ? MEM_X : 0) |
	       (attrs & (MEM_NS | MEM_DEVICE));
}

static void judge_retrieve_flags(struct verdict *v, const struct deal *t, const struct taker *b,
				 const struct descriptor *d, uint32_t granted)
{
	uint32_t type = (d->flags & FFA_MEM_FLAG_TYPE_MASK) >> FFA_MEM_FLAG_TYPE_SHIFT;
	bool zero = (d->flags & FFA_MEM_FLAG_ZERO) != 0;
	bool after = (d->flags & FFA_MEM_FLAG_ZERO_AFTER) != 0;
	bool hint = (d->flags & FFA_MEM_FLAG_HINT_VALID) != 0;
	bool read_only = (granted & FFA_MEM_DATA_MASK) == FFA_MEM_DATA_RO;

	must(v, type != 0 && type != (uint32_t)t->kind + 1, IP, "not that type of transaction");
	must(v, (d->flags & FFA_MEM_FLAG_TIME_SLICE) != 0, IP, "time slicing");
	must(v, hint, IP | UNSUPPORTED, "alignment hint");
	must(v, !hint && (d->flags & FFA_MEM_FLAG_HINT(0xF)) != 0, IP, "hint that is not valid");
	must(v, d->flags >> 11 != 0, IP, "reserved flags");
	must(v, (zero || after) && t->kind == SHARE, IP, "zero what is shared");
	must(v, zero && !t->zeroed, DENIED, "zero what the owner does not");
	must(v, zero && b->held != 0, IP, "zero what it has");
	may(v, zero && read_only, DENIED, "zero read only");
	may(v, zero && (t->attrs & MEM_DEVICE) != 0, IP | DENIED, "zero a device");
	must(v, after && read_only, DENIED, "zero read only after");
}

static void judge_retrieve_attributes(struct verdict *v, const struct deal *t,
				      const struct descriptor *d)
{
	uint32_t type = d->attributes & FFA_MEM_TYPE_MASK;
	uint32_t cache = d->attributes & FFA_MEM_CACHEABILITY_MASK;
	uint32_t share = d->attributes & FFA_MEM_SHAREABILITY_MASK;
	bool device = (t->attrs & MEM_DEVICE) != 0;
	bool given = (t->d.attributes & FFA_MEM_TYPE_MASK) != 0;

	if (type == 0) {
		may(v, (cache | share) != 0, IP | DENIED, "attributes of no type");
		return;
	}
	must(v, type == 0x30, IP | DENIED, "memory type 3");
	must(v, type == FFA_MEM_TYPE_NORMAL && device, DENIED, "device memory as normal");
	/* FF-A would let a borrower have less; we map memory as what it is. */
	must(v, type == FFA_MEM_TYPE_DEVICE && !device, DENIED, "normal memory as a device");
	if (type == FFA_MEM_TYPE_DEVICE) {
		must(v, device && cache != FFA_MEM_DEVICE_NGNRNE, DENIED, "another kind of device");
		may(v, share != FFA_MEM_SHAREABILITY_INNER, DENIED, "shareability of a device");
	}
	if (type == FFA_MEM_TYPE_NORMAL) {
		must(v, cache == 0 || cache == 8, IP | DENIED, "cacheability");
		may(v, cache == FFA_MEM_NON_CACHEABLE, DENIED, "non-cacheable");
		must(v,
		     given && cache == FFA_MEM_WRITE_BACK &&
			     (t->d.attributes & FFA_MEM_CACHEABILITY_MASK) != cache,
		     DENIED, "more cacheable than it is");
		must(v, share == 1, IP | DENIED, "shareability 1");
		must(v, share == FFA_MEM_SHAREABILITY_OUTER, DENIED, "more than inner shareable");
		must(v,
		     given && share == FFA_MEM_SHAREABILITY_INNER &&
			     (t->d.attributes & FFA_MEM_SHAREABILITY_MASK) != share,
		     DENIED, "more shareable than it is");
		may(v, share == FFA_MEM_SHAREABILITY_NON, DENIED, "not shareable");
	}
}

/* What a borrower asks for himself. */
static void judge_retrieve_own(struct verdict *v, const struct deal *t, const struct taker *b,
			       const struct descriptor *d, const struct receiver *own)
{
	uint32_t data = own->permissions & FFA_MEM_DATA_MASK;
	uint32_t exec = own->permissions & FFA_MEM_EXEC_MASK;
	bool unspecified = t->kind == SHARE || !is_single(t);

	must(v, data == FFA_MEM_DATA_RW && b->data == FFA_MEM_DATA_RO, DENIED, "more than granted");
	must(v, data == FFA_MEM_DATA_RW && (t->attrs & MEM_W) == 0, DENIED,
	     "more than the owner has");
	must(v, unspecified && exec != 0, IP, "instruction access of several");
	must(v, !unspecified && exec == 0, IP, "no instruction access");
	if (exec == FFA_MEM_EXEC_X) {
		must(v, (model_attrs(t) & MEM_NS) != 0, IP | DENIED, "execute non-secure memory");
		must(v, (t->attrs & MEM_X) == 0, DENIED, "execute what the owner cannot");
		must(v, (t->attrs & MEM_DEVICE) != 0, DENIED, "execute a device");
	}
	must(v,
	     exec == FFA_MEM_EXEC_X && model.parties[model_party_find(b->id)].el0 &&
		     (model_granted(t, b, own) & FFA_MEM_DATA_RW) != 0,
	     DENIED, "writable and executable at S-EL0");
	if (d->size == 32) {
		bool same = own->impdef[0] == b->impdef[0] && own->impdef[1] == b->impdef[1];

		must(v, t->wide && !same, IP, "implementation-defined value");
		may(v, !t->wide && !same, IP, "implementation-defined value, none sent");
	}
	may(v, own->flags != 0, IP, "flags of the retrieving borrower");
	judge_retrieve_flags(v, t, b, d, model_granted(t, b, own));
}

/* What a borrower says of another: FF-A leaves open whether that is looked at. */
static void judge_retrieve_other(struct verdict *v, const struct deal *t,
				 const struct descriptor *d, const struct receiver *r)
{
	const struct taker *b = &t->borrowers[model_borrower_find(t, r->id)];
	uint32_t exec = t->kind == SHARE || !is_single(t) ? 0 : FFA_MEM_EXEC_XN;
	bool same = r->impdef[0] == b->impdef[0] && r->impdef[1] == b->impdef[1];

	may(v, (r->permissions & FFA_MEM_PERM_MASK) != (b->data | exec), IP | DENIED,
	    "permissions of another");
	may(v, d->size == 32 && !same, IP, "implementation-defined value of another");
}

static void judge_retrieve_list(struct verdict *v, const struct deal *t, const struct descriptor *d,
				uint16_t as)
{
	bool bypass = (d->flags & FFA_MEM_FLAG_BYPASS) != 0;

	must(v, bypass && (d->access_count != 1 || is_single(t)), IP, "others left out");
	must(v, !bypass && d->access_count != t->borrower_count, IP, "number of borrowers");
	for (uint32_t i = 0; i < d->access_count; i++) {
		const struct receiver *r = &d->receivers[i];

		judge_receiver(v, r);
		must(v, r->composite_offset != 0, IP, "composite in a request");
		must(v, model_borrower_find(t, r->id) == NONE, IP | DENIED, "not a borrower");
		may(v, (r->flags & 0xFE) != 0, IP, "flags of a borrower");
		if (r->id != as && model_borrower_find(t, r->id) != NONE) {
			judge_retrieve_other(v, t, d, r);
		}
		for (uint32_t k = 0; k < i; k++) {
			must(v, d->receivers[k].id == r->id, IP, "borrower twice");
		}
	}
}

/* In whose name a request is: the normal world's in that of the VM which it does not mark. */
uint16_t model_name_of(uint32_t who, const struct descriptor *d)
{
	uint16_t id = FFA_ID_NWD;

	if (who != NWD) {
		return model.parties[who].id;
	}
	for (uint32_t i = 0; i < d->receiver_count; i++) {
		const struct receiver *r = &d->receivers[i];

		if (model_is_vm(r->id) && (r->flags & FFA_MEM_ACCESS_NOT_MINE) == 0) {
			id = r->id;
		}
	}
	return id;
}

/* For whom the normal world speaks has to be clear: of several VMs, who is not marked. */
static void judge_retrieve_vms(struct verdict *v, const struct descriptor *d)
{
	uint32_t vms = 0;
	uint32_t unmarked = 0;

	for (uint32_t i = 0; i < d->access_count; i++) {
		bool is_vm = model_is_vm(d->receivers[i].id);

		vms += is_vm;
		unmarked += is_vm && (d->receivers[i].flags & FFA_MEM_ACCESS_NOT_MINE) == 0;
	}
	must(v, unmarked > 1, UNSUPPORTED | IP, "for several VMs at once");
	may(v, vms > 1, UNSUPPORTED, "several VMs");
}

static const struct receiver *receiver_find(const struct descriptor *d, uint16_t id)
{
	for (uint32_t i = 0; i < d->access_count && i < BORROWERS_MAX; i++) {
		if (d->receivers[i].id == id) {
			return &d->receivers[i];
		}
	}
	return NULL;
}

static void judge_request(struct verdict *v, uint32_t who, const struct registers *r,
			  const struct descriptor *d)
{
	must(v, r->x3 != 0 || r->x4 != 0, IP | UNSUPPORTED, "a buffer of its own");
	must(v, r->x1 != r->x2, IP, "request in fragments");
	judge_tx(v, who, r->x1);
	judge_rx(v, who);
	judge_memory(v);
	must(v, model_transaction_find(d->handle) == NONE, IP, "unknown handle");
}

/* Only the normal world sends to VMs. */
static bool may_borrow(const struct deal *t, uint32_t who)
{
	return who == NWD ? t->lender == NWD
			  : model_borrower_find(t, model.parties[who].id) != NONE;
}

void model_retrieve_judge(struct verdict *v, uint32_t who, uint16_t as, const struct registers *r,
			  const struct descriptor *d)
{
	int n = model_transaction_find(d->handle);
	const struct deal *t = n != NONE ? &model.transactions[n] : NULL;
	uint32_t length = d->receivers_at + d->access_count * d->size;
	const struct receiver *own = receiver_find(d, as);
	int place;

	judge_request(v, who, r, d);
	judge_header(v, d);
	must(v, d->access_count != d->receiver_count || r->x1 != length, IP, "length of a request");
	must(v, t != NULL && !may_borrow(t, who), IP, "a handle among others");
	if (t == NULL || !may_borrow(t, who) || d->access_count > d->receiver_count) {
		return;
	}
	must(v, !t->complete, IP, "not sent completely");
	place = model_borrower_find(t, as);
	must(v, place == NONE || own == NULL, IP | DENIED, "no borrower");
	must(v, d->sender != t->sender, DENIED, "another sender");
	must(v, d->tag != t->d.tag, IP, "another tag");
	must(v, t->orphaned, DENIED, "the owner is dead");
	may(v,
	    (t->zero_pending || (d->flags & FFA_MEM_FLAG_ZERO) != 0) && model_holders(t) == 0 &&
		    is_refused(&t->d),
	    ABORTED, "a page is refused");
	judge_retrieve_attributes(v, t, d);
	judge_retrieve_list(v, t, d, as);
	if (who == NWD) {
		judge_retrieve_vms(v, d);
	}
	if (place == NONE || own == NULL) {
		v->may |= IP | DENIED; /* of rules that cannot be asked about */
		return;
	}
	must(v, t->borrowers[place].held >= model.retrieve_max || t->fetches[place].open, DENIED,
	     "retrieved already");
	must(v, t->kind == DONATE && t->borrowers[place].held != 0, IP | DENIED, "donated already");
	judge_retrieve_own(v, t, &t->borrowers[place], d, own);
}

/* The borrower has it from now on, what is donated for good; the response has to be fetched. */
void model_retrieve(struct deal *t, uint16_t as, const struct descriptor *d)
{
	struct taker *b = &t->borrowers[model_borrower_find(t, as)];
	const struct receiver *own = receiver_find(d, as);
	int party = model_party_find(as);
	bool asked = (d->flags & FFA_MEM_FLAG_ZERO) != 0 && model_holders(t) == 0;
	bool zeroes = asked || (t->zeroed && !ever_held(t));

	if (t->zero_pending && model_holders(t) == 0) {
		zero_pages(t);
	}
	b->granted = model_granted(t, b, own);
	b->zero_after = (d->flags & FFA_MEM_FLAG_ZERO_AFTER) != 0;
	b->held++;
	b->ever = true;
	for (int i = next_page(t, NONE); i != NONE; i = next_page(t, i)) {
		struct page *p = &model.pages[i];

		if (party != (int)NWD) {
			p->access[party] = access_of(b->granted, model_attrs(t));
		}
		if (zeroes) {
			zero_page(p);
		}
		if (t->kind == DONATE) {
			p->transaction = NONE;
			p->owner = (uint32_t)party;
			p->attrs = p->access[party];
		}
		touched((uint32_t)i);
	}
}

/* The response has been fetched to its end: nothing is left of what was donated. */
void model_fetched(struct deal *t)
{
	if (t->kind == DONATE) {
		model_forget(t);
	}
}

/* The hypervisor wants to see a whole transaction, of which it knows the handle. */
void model_inspect_judge(struct verdict *v, uint32_t who, const struct registers *r,
			 const struct descriptor *d)
{
	int n = model_transaction_find(d->handle);
	const struct deal *t = n != NONE ? &model.transactions[n] : NULL;
	bool other = d->sender != 0 || d->attributes != 0 || d->flags != 0 || d->tag != 0 ||
		     d->access_size != 0 || d->access_offset != 0 || d->reserved[0] != 0 ||
		     d->reserved[1] != 0 || d->reserved[2] != 0 || d->reserved_1_0 != 0;

	judge_request(v, who, r, d);
	must(v, who != NWD, IP | DENIED, "no hypervisor");
	must(v, other, IP, "more than a handle");
	may(v, r->x1 != model_header_size(d), IP, "length");
	if (t == NULL) {
		return;
	}
	must(v, !t->complete, IP, "not sent completely");
	must(v, t->lender != NWD, IP | DENIED, "of an SP");
	may(v, t->inspection.open, DENIED, "another look is under way");
}

/* FRAG_RX for `as`; f: what is being fetched under that name, or NULL. */
void model_fetch_judge(struct verdict *v, uint32_t who, const struct registers *r, uint16_t as,
		       const struct fetch *f)
{
	judge_rx(v, who);
	must(v, who != NWD && r->x4 != 0, IP, "endpoint in w4");
	must(v, who == NWD && !model_is_vm(as), IP | DENIED, "for an SP");
	may(v, (r->x4 & 0xFFFF) != 0, IP, "w4[15:0]");
	must(v, f == NULL || !f->open, IP, "nothing to be fetched");
	must(v, f != NULL && f->open && r->x3 != f->next, IP, "another offset");
}

/* --- Giving back ---------------------------------------------------------------------------- */

void model_relinquish_judge(struct verdict *v, uint32_t who, const struct relinquish *q)
{
	int n = model_transaction_find(q->handle);
	const struct deal *t = n != NONE ? &model.transactions[n] : NULL;
	const struct taker *b = NULL;
	bool zero = (q->flags & FFA_MEM_FLAG_ZERO) != 0;
	bool read_only;
	int place;

	judge_tx(v, who, 16);
	must(v, q->count != 1, IP, "number of endpoints");
	must(v, (q->flags & ~FFA_MEM_FLAG_ZERO) != 0, IP, "flags");
	must(v, who != NWD && q->ids[0] != model.parties[who].id, IP, "another's name");
	must(v, who == NWD && !model_is_vm(q->ids[0]), IP | DENIED, "the name of an SP");
	must(v, t == NULL || !t->complete, IP, "unknown handle");
	if (t == NULL) {
		return;
	}
	place = model_borrower_find(t, q->ids[0]);
	must(v, place == NONE, IP | DENIED, "no borrower");
	must(v, zero && t->kind == SHARE, IP, "zero what is shared");
	if (place == NONE) {
		return;
	}
	b = &t->borrowers[place];
	read_only = (b->granted & FFA_MEM_DATA_MASK) == FFA_MEM_DATA_RO;
	must(v, b->held == 0, IP | DENIED, "not retrieved");
	must(v, t->fetches[place].open, IP, "not fetched completely");
	must(v, zero && b->held != 0 && read_only, DENIED, "zero read only");
	may(v, zero && (t->attrs & MEM_DEVICE) != 0, IP | DENIED, "zero a device");
	may(v, b->held == 0, IP | DENIED, "not retrieved, with flags");
}

/* The pages go back to their owner, and the transaction is over. */
void model_reclaim(struct deal *t, bool zero)
{
	if (zero || t->zero_pending) {
		zero_pages(t);
	}
	for (int i = next_page(t, NONE); i != NONE; i = next_page(t, i)) {
		struct page *p = &model.pages[i];

		p->transaction = NONE;
		if (t->lender != NWD) {
			p->access[t->lender] = p->attrs;
		}
		touched((uint32_t)i);
	}
	model_forget(t);
}

/* A borrower has left: what follows when it was the last one. */
static void leave(struct deal *t, struct taker *b, bool zero)
{
	int party = model_party_find(b->id);

	t->zero_pending |= zero;
	if (b->held == 0) {
		b->zero_after = false;
	}
	for (int i = next_page(t, NONE); i != NONE; i = next_page(t, i)) {
		struct page *p = &model.pages[i];

		if (party != (int)NWD && b->held == 0) {
			p->access[party] = 0;
		}
		touched((uint32_t)i);
	}
	if (model_holders(t) == 0 && t->zero_pending) {
		zero_pages(t);
	}
	/* What cannot be zeroed now stays with nobody, as its lender will not ask again. */
	if (model_holders(t) == 0 && t->orphaned && !t->zero_pending) {
		model_reclaim(t, false);
	}
}

void model_relinquish(const struct relinquish *q)
{
	struct deal *t = &model.transactions[model_transaction_find(q->handle)];
	struct taker *b = &t->borrowers[model_borrower_find(t, q->ids[0])];

	b->held--;
	leave(t, b, (q->flags & FFA_MEM_FLAG_ZERO) != 0);
}

void model_reclaim_judge(struct verdict *v, uint32_t who, const struct registers *r)
{
	int n = model_transaction_find((uint32_t)r->x1 | r->x2 << 32);
	const struct deal *t = n != NONE ? &model.transactions[n] : NULL;
	bool zero = (r->x3 & FFA_MEM_FLAG_ZERO) != 0;

	must(v, (r->x3 & ~(uint64_t)FFA_MEM_FLAG_ZERO) != 0, IP, "flags");
	must(v, t == NULL, IP, "unknown handle");
	if (t == NULL) {
		return;
	}
	must(v, t->lender != who, IP | DENIED, "another's");
	must(v, !t->complete && zero, IP, "zero what has not been sent");
	may(v, !t->complete && t->doubtful, IP, "perhaps gone");
	if (t->complete) {
		must(v, model_holders(t) != 0, DENIED, "still held");
		must(v, zero && (t->attrs & MEM_W) == 0, DENIED, "zero read only");
		may(v, zero && t->kind == SHARE, IP, "zero what was shared");
		may(v, zero && (t->attrs & MEM_DEVICE) != 0, IP | DENIED, "zero a device");
		may(v, (zero || t->zero_pending) && is_refused(&t->d), ABORTED,
		    "a page is refused");
	}
}

/* Nothing has come of a call about t; but some of its pages may have been zeroed. */
void model_zero_failed(struct deal *t, bool asked)
{
	if (!is_refused(&t->d) && ((!t->zero_pending && !asked) || model_holders(t) != 0)) {
		return;
	}
	for (int i = next_page(t, NONE); i != NONE; i = next_page(t, i)) {
		model.pages[i].maybe_zero |= (t->attrs & MEM_DEVICE) == 0;
	}
}

/* --- Buffers -------------------------------------------------------------------------------- */

static void judge_box(struct verdict *v, uint32_t who, uint64_t base, uint32_t pages, bool rx)
{
	uint32_t space = 0;

	for (uint32_t i = 0; i < pages && pages <= FFA_RXTX_MAX_PAGES; i++) {
		int n = model_page_find(base + i * PAGE_BYTES);
		const struct page *p = n != NONE ? &model.pages[n] : NULL;
		bool usable = p != NULL && is_sendable(p, who) && (p->attrs & MEM_DEVICE) == 0;

		must(v, !usable, IP | DENIED, "not its own normal memory");
		if (p == NULL) {
			continue;
		}
		must(v, (p->attrs & MEM_W) == 0 && !rx, IP | DENIED, "TX not writable");
		may(v, (p->attrs & MEM_W) == 0 && rx, IP | DENIED, "RX not writable");
		must(v, i != 0 && space != (p->attrs & MEM_NS), IP | DENIED,
		     "in two address spaces");
		may(v, i != 0 && model.pages[n - 1].attrs != p->attrs, IP | DENIED,
		    "pages of different kinds");
		space = p->attrs & MEM_NS;
	}
}

/* RXTX_MAP, by the endpoint or for it: a VM beyond WORLDS. */
void model_map_judge(struct verdict *v, uint32_t party, uint64_t tx, uint64_t rx, uint32_t pages)
{
	uint32_t who = party < WORLDS ? party : NWD;
	uint64_t size = (uint64_t)pages * PAGE_BYTES;

	must(v, model.parties[party].has_box, DENIED, "has buffers");
	must(v, pages == 0 || pages > FFA_RXTX_MAX_PAGES, IP, "number of pages");
	must(v, (tx | rx) % PAGE_BYTES != 0, IP, "not aligned");
	must(v, tx < rx + size && rx < tx + size, IP, "overlap");
	judge_memory(v);
	judge_box(v, who, tx, pages, false);
	judge_box(v, who, rx, pages, true);
}

static void set_box(const struct party *p, enum mailbox_of tx, enum mailbox_of rx)
{
	for (uint32_t i = 0; i < p->box_pages; i++) {
		model.pages[p->tx + i].box = tx;
		model.pages[p->rx + i].box = rx;
		model.pages[p->tx + i].unknown = true;
		model.pages[p->rx + i].unknown = true;
		touched(p->tx + i);
		touched(p->rx + i);
	}
}

void model_map(uint32_t party, uint64_t tx, uint64_t rx, uint32_t pages)
{
	struct party *p = &model.parties[party];

	p->has_box = true;
	p->tx = (uint32_t)model_page_find(tx);
	p->rx = (uint32_t)model_page_find(rx);
	p->box_pages = pages;
	p->rx_full = false;
	set_box(p, BOX_TX, BOX_RX);
}

void model_unmap(uint32_t party)
{
	struct party *p = &model.parties[party];

	set_box(p, BOX_NONE, BOX_NONE);
	p->has_box = false;
	p->box_pages = 0;
	p->rx_full = false;
}

/* --- The end of an SP ----------------------------------------------------------------------- */

static void abort_lender(struct deal *t)
{
	if (!t->complete) {
		model_forget(t);
	} else if (model_holders(t) == 0) {
		model_reclaim(t, false);
	} else {
		t->orphaned = true;
	}
}

void model_abort(uint32_t who)
{
	uint16_t id = model.parties[who].id;

	model.parties[who].dead = true;
	if (model.parties[who].has_box) {
		model_unmap(who);
	}
	for (uint32_t i = 0; i < TRANSACTIONS_MAX; i++) {
		struct deal *t = &model.transactions[i];
		int place = t->used ? model_borrower_find(t, id) : NONE;

		if (place != NONE && t->borrowers[place].held != 0 && t->kind == DONATE) {
			model_forget(t);
		} else if (place != NONE && t->borrowers[place].held != 0) {
			t->borrowers[place].held = 0;
			t->fetches[place].open = false;
			leave(t, &t->borrowers[place], t->borrowers[place].zero_after);
		}
		if (t->used && t->lender == who) {
			abort_lender(t);
		}
	}
}

/* --- Looking --------------------------------------------------------------------------------- */

static enum relation owner_relation(const struct page *p)
{
	static const enum relation sent[KINDS] = {
		[SHARE] = OWNS_SHARED, [LEND] = OWNS_LENT, [DONATE] = OWNS_DONATED
	};

	if (p->box != BOX_NONE) {
		return OWNS_BUFFER;
	}
	return p->transaction == NONE ? OWNS : sent[model.transactions[p->transaction].kind];
}

/* In which physical address space that endpoint has to look for the page. */
bool model_is_ns(uint32_t who, const struct page *p)
{
	bool lent = who != NWD && p->owner != who && p->transaction != NONE;

	return ((lent ? model_attrs(&model.transactions[p->transaction]) : p->attrs) & MEM_NS) != 0;
}

/* Has EL3 been asked to make it secure? */
bool model_is_secured(const struct page *p)
{
	if (p->owner != NWD) {
		return (p->attrs & MEM_NS) == 0;
	}
	return p->transaction != NONE && model.transactions[p->transaction].secured;
}

enum relation model_relation(uint32_t who, const struct page *p)
{
	const struct deal *t;
	int place;

	if (p->owner == who) {
		return owner_relation(p);
	}
	if (p->transaction == NONE || who == NWD) {
		return NOTHING;
	}
	t = &model.transactions[p->transaction];
	place = model_borrower_find(t, model.parties[who].id);
	if (place == NONE || t->borrowers[place].held == 0) {
		return NOTHING;
	}
	return t->kind == SHARE ? BORROWS_SHARED : BORROWS;
}

/* Somebody has written all of page p. */
void model_write(struct page *p, uint64_t value)
{
	p->content = value;
	p->maybe_zero = false;
	p->unknown = false;
}
