/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every way in which a call of memory management can be wrong: it gets its error, and nothing has
 * changed, which the same call without the mistake shows. By the normal world and by partitions, in
 * the version that each of them speaks.
 */
#include <stddef.h>
#include <string.h>

#include "memory.h"
#include "partitions.h"
#include "test.h"
#include "tester.h"

#define INVALID FFA_INVALID_PARAMETERS
#define ANY_ERROR                                                                                  \
	1 /* in the place of a status: which one it is depends on what is looked at first */
#define BYTES 1024u
#define FIRST_PAGE 24u /* other tests donate those before, and they come back with less */
#define UNKNOWN_ID 0x80F0u
#define SPMC_PAGE 0x0e100000ull
#define NOBODYS_PAGE 0x20000000ull
#define DEVICE_PAGE 0x09040000ull /* the secure console */

/* What is wrong: a register of the call, or a field of the descriptor. */
enum field {
	NOTHING,
	W1,
	W2,
	W1_W2, /* both */
	W3,
	W4,
	SENDER,
	ATTRIBUTES,
	FLAGS,
	HANDLE,
	TAG,
	ACCESS_SIZE, /* from 1.1 on, as the next two */
	ACCESS_OFFSET,
	RESERVED,
	ACCESS_COUNT,
	ENDPOINT,
	PERMISSIONS,
	COMPOSITE,
	IMPDEF, /* from 1.2 on */
	ACCESS_RESERVED,
	PAGES,
	COUNT,
	BASE,
	BASE_2,
	PART_PAGES,
	PART_PAGES_2,
};

struct edit {
	enum field field;
	enum { SET, ADD } how;
	uint64_t value;
};

#define SHARE (1u << 0)
#define LEND (1u << 1)
#define DONATE (1u << 2)
#define ALL (SHARE | LEND | DONATE)

struct row {
	const char *what;
	uint32_t kinds; /* of transactions that it is wrong in */
	int32_t status;
	struct edit edits[3];
};

static struct party nwd, sps[3];

/* A descriptor and its call, to be made wrong. */
struct message {
	uint32_t version;
	uint32_t fid;
	uint64_t w[5];
	uint8_t bytes[BYTES];
	uint32_t length;
	uint32_t access; /* where the borrowers are, how long each is, where the composite is */
	uint32_t access_size;
	uint32_t composite;
};

static struct message message_make(uint32_t version, uint32_t fid, const struct ffa_mem_request *t)
{
	struct message m = { .version = version, .fid = fid };

	m.length = ffa_mem_write(m.bytes, BYTES, version, t, 0);
	m.w[1] = m.w[2] = m.length;
	m.access = version < FFA_VERSION_1_1 ? sizeof(struct ffa_mem_transaction_1_0)
					     : sizeof(struct ffa_mem_transaction);
	m.access_size = version < FFA_VERSION_1_2 ? sizeof(struct ffa_mem_access_1_0)
						  : sizeof(struct ffa_mem_access);
	m.composite = m.access + t->borrower_count * m.access_size;
	return m;
}

/* Where a field is in the descriptor, and of how many bytes; 0 bytes: this version has none. */
static uint32_t field_size(const struct message *m, enum field field, uint32_t *at)
{
	bool old = m->version < FFA_VERSION_1_1;
	uint32_t parts = m->composite + (uint32_t)sizeof(struct ffa_composite);

	switch (field) {
	case SENDER:
		*at = 0;
		return 2;
	case ATTRIBUTES:
		*at = 2;
		return old ? 1 : 2;
	case FLAGS:
		*at = 4;
		return 4;
	case HANDLE:
		*at = 8;
		return 8;
	case TAG:
		*at = 16;
		return 8;
	case ACCESS_SIZE:
		*at = 24;
		return old ? 0 : 4;
	case ACCESS_COUNT:
		*at = 28;
		return 4;
	case ACCESS_OFFSET:
		*at = 32;
		return old ? 0 : 4;
	case RESERVED:
		*at = old ? 24 : 36;
		return 4;
	case ENDPOINT:
		*at = m->access;
		return 2;
	case PERMISSIONS:
		*at = m->access + 2;
		return 1;
	case COMPOSITE:
		*at = m->access + 4;
		return 4;
	case IMPDEF:
		*at = m->access + 8;
		return m->access_size == sizeof(struct ffa_mem_access) ? 8 : 0;
	case ACCESS_RESERVED:
		*at = m->access + m->access_size - 8;
		return 8;
	case PAGES:
		*at = m->composite;
		return 4;
	case COUNT:
		*at = m->composite + 4;
		return 4;
	case BASE:
		*at = parts;
		return 8;
	case PART_PAGES:
		*at = parts + 8;
		return 4;
	case BASE_2:
		*at = parts + 16;
		return 8;
	case PART_PAGES_2:
		*at = parts + 24;
		return 4;
	default:
		return 0;
	}
}

/* False when this version has no such field. */
static bool message_edit(struct message *m, const struct edit *e)
{
	uint32_t at = 0, size;
	uint64_t value = 0;

	if (e->field >= W1 && e->field <= W4) {
		uint32_t first =
			e->field <= W1_W2 ? (e->field == W2 ? 2 : 1) : (e->field == W3 ? 3 : 4);
		uint32_t last = e->field == W1_W2 ? 2 : first;

		for (uint32_t n = first; n <= last; n++) {
			m->w[n] = (uint32_t)(e->how == ADD ? m->w[n] + e->value : e->value);
		}
		return true;
	}
	size = field_size(m, e->field, &at);
	if (size == 0) {
		return false;
	}
	memcpy(&value, m->bytes + at, size);
	value = e->how == ADD ? value + e->value : e->value;
	memcpy(m->bytes + at, &value, size);
	return true;
}

static struct ffa_regs message_send(const struct party *p, const struct message *m)
{
	if (!party_put(p, 0, m->bytes, m->length)) {
		return (struct ffa_regs){ 0 };
	}
	return PARTY_CALL(p, m->fid, m->w[1], m->w[2], m->w[3], m->w[4]);
}

static bool is_error(const struct ffa_regs *r, int32_t status)
{
	if (status != ANY_ERROR) {
		return ffa_is_error(r, status);
	}
	return ffa_fid(r) == FFA_ERROR_32 &&
	       (ffa_is_error(r, FFA_INVALID_PARAMETERS) || ffa_is_error(r, FFA_DENIED));
}

/* The message with the row's mistakes; true when it gets its error, or the version has no such
 * field. */
static bool row_refused(const struct party *p, const struct message *right, const struct row *row,
			const char *call)
{
	struct message m = *right;
	struct ffa_regs r;

	for (unsigned int i = 0; i < 3 && row->edits[i].field != NOTHING; i++) {
		if (!message_edit(&m, &row->edits[i])) {
			return true;
		}
	}
	r = message_send(p, &m);
	CHECK(is_error(&r, row->status), "%s of %#x (%#x), %s: %s, not %d", call, p->id, p->version,
	      row->what, ffa_text(&r), row->status);
	return true;
}

/* --- SHARE, LEND, DONATE ---------------------------------------------------------------------- */

/* clang-format off */
static const struct row send_rows[] = {
	{ "address of a buffer", ALL, INVALID, { { W3, SET, 0x48000000 } } },
	{ "pages of a buffer", ALL, INVALID, { { W4, SET, 1 } } },
	{ "fragment longer than all", ALL, INVALID, { { W2, ADD, 16 } } },
	{ "no length", ALL, INVALID, { { W1_W2, SET, 0 } } },
	{ "no fragment", ALL, INVALID, { { W2, SET, 0 } } },
	{ "a short length", ALL, INVALID, { { W1_W2, SET, 16 } } },
	{ "a length without constituents", ALL, INVALID, { { W1_W2, ADD, -32ull } } },
	{ "a length that is too long", ALL, INVALID, { { W1_W2, ADD, 16 } } },
	{ "a length that is too short", ALL, INVALID, { { W1_W2, ADD, -16ull } } },
	{ "half a constituent more", ALL, INVALID, { { W1_W2, ADD, 8 } } },
	{ "half a constituent less", ALL, INVALID, { { W1_W2, ADD, -8ull } } },
	{ "more than the buffer", ALL, INVALID, { { W1_W2, SET, 4096 + 16 } } },
	{ "more than all memory", ALL, INVALID, { { W1_W2, SET, 0xFFFFFFF0 } } },
	{ "sender is the SPMC", ALL, FFA_DENIED, { { SENDER, SET, FFA_ID_SPMC } } },
	{ "sender is another partition", ALL, FFA_DENIED, { { SENDER, SET, 0x8005 } } },
	{ "NS bit", ALL, INVALID, { { ATTRIBUTES, ADD, FFA_MEM_ATTR_NS } } },
	{ "reserved attribute", ALL, ANY_ERROR, { { ATTRIBUTES, ADD, 0x80 } } },
	{ "a type", LEND | DONATE, INVALID, { { ATTRIBUTES, SET, FFA_MEM_NORMAL } } },
	{ "a device's type", LEND | DONATE, INVALID,
	  { { ATTRIBUTES, SET, FFA_MEM_TYPE_DEVICE | 3 } } },
	{ "reserved type", SHARE, ANY_ERROR, { { ATTRIBUTES, SET, 0x3F } } },
	{ "reserved cacheability", SHARE, ANY_ERROR, { { ATTRIBUTES, SET, 0x2B } } },
	{ "reserved shareability", SHARE, ANY_ERROR, { { ATTRIBUTES, SET, 0x2D } } },
	{ "zeroed, but kept", SHARE, INVALID, { { FLAGS, SET, FFA_MEM_FLAG_ZERO } } },
	{ "time slicing", ALL, INVALID, { { FLAGS, SET, FFA_MEM_FLAG_TIME_SLICE } } },
	{ "zero after", ALL, INVALID, { { FLAGS, SET, FFA_MEM_FLAG_ZERO_AFTER } } },
	{ "type share in the flags", LEND | DONATE, INVALID,
	  { { FLAGS, SET, FFA_MEM_FLAG_TYPE_SHARE } } },
	{ "type donate in the flags", SHARE | LEND, INVALID,
	  { { FLAGS, SET, FFA_MEM_FLAG_TYPE_DONATE } } },
	{ "hint", ALL, INVALID, { { FLAGS, SET, FFA_MEM_FLAG_HINT_VALID } } },
	{ "bypass", ALL, INVALID, { { FLAGS, SET, FFA_MEM_FLAG_BYPASS } } },
	{ "reserved flag", ALL, INVALID, { { FLAGS, SET, 1u << 31 } } },
	{ "reserved word", ALL, INVALID, { { RESERVED, SET, 1 } } },
	{ "no access descriptor size", ALL, INVALID, { { ACCESS_SIZE, SET, 0 } } },
	{ "a size between", ALL, INVALID, { { ACCESS_SIZE, SET, 24 } } },
	{ "a size of nobody", ALL, INVALID, { { ACCESS_SIZE, SET, 48 } } },
	{ "a size of all memory", ALL, INVALID, { { ACCESS_SIZE, SET, 0xFFFFFFF0 } } },
	{ "no borrowers", ALL, INVALID, { { ACCESS_COUNT, SET, 0 } } },
	{ "a borrower too many", ALL, INVALID, { { ACCESS_COUNT, SET, 2 } } },
	{ "far too many borrowers", ALL, INVALID, { { ACCESS_COUNT, SET, 0x10000001 } } },
	{ "all borrowers", ALL, INVALID, { { ACCESS_COUNT, SET, 0xFFFFFFFF } } },
	{ "borrowers nowhere", ALL, INVALID, { { ACCESS_OFFSET, SET, 0 } } },
	{ "borrowers in the header", ALL, INVALID, { { ACCESS_OFFSET, SET, 32 } } },
	{ "borrowers beyond", ALL, INVALID, { { ACCESS_OFFSET, SET, 0x1000 } } },
	{ "borrowers far beyond", ALL, INVALID, { { ACCESS_OFFSET, SET, 0xFFFFFFF0 } } },
	{ "nobody", ALL, INVALID, { { ENDPOINT, SET, UNKNOWN_ID } } },
	{ "the SPMC", ALL, INVALID, { { ENDPOINT, SET, FFA_ID_SPMC } } },
	{ "the SPMD", ALL, INVALID, { { ENDPOINT, SET, FFA_ID_SPMD } } },
	{ "executable", ALL, INVALID, { { PERMISSIONS, ADD, FFA_MEM_EXEC_X } } },
	{ "not executable", ALL, INVALID, { { PERMISSIONS, ADD, FFA_MEM_EXEC_XN } } },
	{ "reserved execution", ALL, INVALID, { { PERMISSIONS, ADD, 12 } } },
	{ "no data access", SHARE | LEND, INVALID, { { PERMISSIONS, SET, 0 } } },
	{ "reserved data access", ALL, INVALID, { { PERMISSIONS, SET, 3 } } },
	{ "data access RW", DONATE, INVALID, { { PERMISSIONS, SET, FFA_MEM_DATA_RW } } },
	{ "data access RO", DONATE, INVALID, { { PERMISSIONS, SET, FFA_MEM_DATA_RO } } },
	{ "reserved permission", ALL, INVALID, { { PERMISSIONS, ADD, 0x10 } } },
	{ "reserved word of a borrower", ALL, INVALID, { { ACCESS_RESERVED, SET, 1 } } },
	{ "no composite", ALL, INVALID, { { COMPOSITE, SET, 0 } } },
	{ "composite in the header", ALL, INVALID, { { COMPOSITE, SET, 16 } } },
	{ "composite in the borrowers", ALL, INVALID, { { COMPOSITE, ADD, -16ull } } },
	{ "composite not aligned", ALL, INVALID, { { COMPOSITE, ADD, 8 } } },
	{ "composite a bit later", ALL, INVALID, { { COMPOSITE, ADD, 16 } } },
	{ "composite at the end", ALL, INVALID, { { COMPOSITE, ADD, 48 } } },
	{ "composite beyond", ALL, INVALID, { { COMPOSITE, SET, 0xFFFFFFF0 } } },
	{ "no page", ALL, INVALID, { { PAGES, SET, 0 } } },
	{ "a page too many", ALL, INVALID, { { PAGES, ADD, 1 } } },
	{ "a page missing", ALL, INVALID, { { PAGES, ADD, -1ull } } },
	{ "no constituents", ALL, INVALID, { { COUNT, SET, 0 } } },
	{ "a constituent missing", ALL, INVALID, { { COUNT, SET, 1 } } },
	{ "a constituent too many", ALL, INVALID, { { COUNT, SET, 3 } } },
	{ "constituents that wrap", ALL, INVALID, { { COUNT, SET, 0x10000002 } } },
	{ "an unaligned range", ALL, INVALID, { { BASE, ADD, 0x800 } } },
	{ "a second range unaligned by one", ALL, INVALID, { { BASE_2, ADD, 1 } } },
	{ "a range of no pages", ALL, INVALID,
	  { { PART_PAGES, SET, 0 }, { PAGES, SET, 1 } } },
	{ "a second range of no pages", ALL, INVALID,
	  { { PART_PAGES_2, SET, 0 }, { PAGES, SET, 2 } } },
	{ "no pages at all", ALL, INVALID,
	  { { PART_PAGES, SET, 0 }, { PART_PAGES_2, SET, 0 }, { PAGES, SET, 0 } } },
	{ "ranges that overlap", ALL, INVALID, { { BASE_2, ADD, -3 * PAGE } } },
	{ "ranges the other way round, overlapping", ALL, INVALID,
	  { { BASE, ADD, 3 * PAGE } } },
	{ "a range that wraps", ALL, ANY_ERROR, { { BASE, SET, 0xFFFFFFFFFFFFF000ull } } },
	{ "a second range that wraps", ALL, ANY_ERROR,
	  { { BASE_2, SET, 0xFFFFFFFFFFFFF000ull }, { PART_PAGES_2, SET, 2 }, { PAGES, SET, 4 } } },
	{ "a range beyond memory", ALL, ANY_ERROR, { { BASE, SET, 1ull << 52 } } },
	{ "a range as long as memory", ALL, ANY_ERROR,
	  { { PART_PAGES_2, SET, 0xFFFFFFFD }, { PAGES, SET, 0xFFFFFFFF } } },
	{ "a sum that wraps", ALL, ANY_ERROR,
	  { { PART_PAGES_2, SET, 0xFFFFFFFF }, { PAGES, SET, 1 } } },
	{ "the SPMC's memory", ALL, FFA_DENIED, { { BASE, SET, SPMC_PAGE } } },
	{ "the SPMC's memory too", ALL, FFA_DENIED, { { BASE_2, SET, SPMC_PAGE } } },
	{ "another partition's memory", ALL, FFA_DENIED, { { BASE_2, SET, 0x0e800000 } } },
	{ "nobody's memory", ALL, FFA_DENIED, { { BASE, SET, NOBODYS_PAGE } } },
	{ "a device of the SPMC", ALL, FFA_DENIED, { { BASE_2, SET, DEVICE_PAGE } } },
};
/* clang-format on */

static struct deal right_deal(const struct party *p, uint32_t kind)
{
	static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_LEND_32, FFA_MEM_DONATE_32 };
	const struct party *to = p == &sps[1] ? &sps[2] : &sps[1];
	uint64_t base = p->pages + FIRST_PAGE * PAGE;
	struct deal d = deal_make(p, fids[kind], to, base, 2);

	d.part_count = 2;
	d.parts[1] = (struct ffa_constituent){ .base = base + 3 * PAGE, .pages = 1 };
	return d;
}

static bool nothing_changed(struct deal *d)
{
	return deal_send(d) && deal_reclaim(d, 0);
}

static bool send_errors(const struct party *p)
{
	for (uint32_t kind = 0; kind < 3; kind++) {
		struct deal d = right_deal(p, kind);
		struct ffa_mem_request t = deal_request(&d);
		struct message m = message_make(p->version, d.fid, &t);

		for (unsigned int i = 0; i < sizeof(send_rows) / sizeof(send_rows[0]); i++) {
			if ((send_rows[i].kinds & (1u << kind)) &&
			    (!row_refused(p, &m, &send_rows[i], memory_fid_name(d.fid)) ||
			     !nothing_changed(&d))) {
				return false;
			}
		}
		/* The same in 64 bits. */
		d.fid |= FFA_FID_64BIT;
		m.fid = d.fid;
		for (unsigned int i = 0; i < sizeof(send_rows) / sizeof(send_rows[0]); i++) {
			if ((send_rows[i].kinds & (1u << kind)) &&
			    !row_refused(p, &m, &send_rows[i], memory_fid_name(d.fid))) {
				return false;
			}
		}
		if (!nothing_changed(&d)) {
			return false;
		}
	}
	return true;
}

/* What more than one field says. */
static bool send_borrowers(const struct party *p)
{
	for (uint32_t kind = 0; kind < 3; kind++) {
		struct deal d = right_deal(p, kind);
		struct deal wrong = d;

		/* Itself. */
		wrong.borrowers[0].id = p->id;
		if (!deal_fails(&wrong, FFA_INVALID_PARAMETERS)) {
			return false;
		}
		/* Twice the same; a donation to two. */
		wrong = d;
		wrong.attributes = kind == 2 ? 0 : FFA_MEM_NORMAL;
		wrong.borrower_count = 2;
		wrong.borrowers[1] = wrong.borrowers[0];
		if (!deal_fails(&wrong, FFA_INVALID_PARAMETERS)) {
			return false;
		}
		wrong.borrowers[1].id = p == &sps[0] ? sps[2].id : sps[0].id;
		if (kind == 2 && !deal_fails(&wrong, FFA_INVALID_PARAMETERS)) {
			return false;
		}
		/* Lent to two without a type. */
		if (kind == 1) {
			wrong.attributes = 0;
			struct ffa_regs r = deal_try(&wrong);

			CHECK(is_error(&r, ANY_ERROR), "LEND to two, no type: %s", ffa_text(&r));
		}
		/* The 32 bytes of 1.2 are not for versions before. */
		wrong = d;
		wrong.access_size = sizeof(struct ffa_mem_access);
		if (p->version == FFA_VERSION_1_1 && !deal_fails(&wrong, FFA_INVALID_PARAMETERS)) {
			return false;
		}
		/* But the 16 bytes of before are for 1.2 too. */
		wrong.access_size = sizeof(struct ffa_mem_access_1_0);
		if (!nothing_changed(&wrong) || !nothing_changed(&d)) {
			return false;
		}
	}
	return true;
}

/* --- RETRIEVE_REQ ----------------------------------------------------------------------------- */

/* clang-format off */
static const struct row claim_rows[] = {
	{ "address of a buffer", ALL, INVALID, { { W3, SET, 0x48000000 } } },
	{ "pages of a buffer", ALL, INVALID, { { W4, SET, 1 } } },
	{ "a first fragment", ALL, INVALID, { { W1, ADD, 16 } } },
	{ "no length", ALL, INVALID, { { W1_W2, SET, 0 } } },
	{ "a long length", ALL, INVALID, { { W1_W2, ADD, 16 } } },
	{ "a length by one too long", ALL, INVALID, { { W1_W2, ADD, 1 } } },
	{ "a short length", ALL, INVALID, { { W1_W2, ADD, -8ull } } },
	{ "more than the buffer", ALL, INVALID, { { W1_W2, SET, 4096 + 16 } } },
	{ "another sender", ALL, FFA_DENIED, { { SENDER, SET, 0x8006 } } },
	{ "another tag", ALL, INVALID, { { TAG, ADD, 1 } } },
	{ "no handle of ours", ALL, INVALID, { { HANDLE, ADD, 0x100000 } } },
	{ "a hypervisor's handle", ALL, INVALID, { { HANDLE, ADD, 1ull << 63 } } },
	{ "no handle", ALL, INVALID, { { HANDLE, SET, ~0ull } } },
	{ "NS bit", ALL, INVALID, { { ATTRIBUTES, ADD, FFA_MEM_ATTR_NS } } },
	{ "type share", LEND | DONATE, INVALID, { { FLAGS, SET, FFA_MEM_FLAG_TYPE_SHARE } } },
	{ "type lend", SHARE | DONATE, INVALID, { { FLAGS, SET, FFA_MEM_FLAG_TYPE_LEND } } },
	{ "type donate", SHARE | LEND, INVALID, { { FLAGS, SET, FFA_MEM_FLAG_TYPE_DONATE } } },
	{ "time slicing", ALL, INVALID, { { FLAGS, SET, FFA_MEM_FLAG_TIME_SLICE } } },
	{ "hint", ALL, INVALID, { { FLAGS, SET, FFA_MEM_FLAG_HINT(1) } } },
	{ "a valid hint", ALL, INVALID,
	  { { FLAGS, SET, FFA_MEM_FLAG_HINT(1) | FFA_MEM_FLAG_HINT_VALID } } },
	{ "reserved flag", ALL, INVALID, { { FLAGS, SET, 1u << 11 } } },
	{ "last reserved flag", ALL, INVALID, { { FLAGS, SET, 1u << 31 } } },
	{ "bypass with one borrower", ALL, INVALID, { { FLAGS, SET, FFA_MEM_FLAG_BYPASS } } },
	{ "zeroed, though shared", SHARE, INVALID, { { FLAGS, SET, FFA_MEM_FLAG_ZERO } } },
	{ "zeroed, though the sender said nothing", LEND | DONATE, FFA_DENIED,
	  { { FLAGS, SET, FFA_MEM_FLAG_ZERO } } },
	{ "reserved word", ALL, INVALID, { { RESERVED, SET, 1 } } },
	{ "a size of nobody", ALL, INVALID, { { ACCESS_SIZE, SET, 24 } } },
	{ "borrowers far beyond", ALL, INVALID, { { ACCESS_OFFSET, SET, 0xFFFFFFF0 } } },
	{ "a borrower too many", ALL, INVALID, { { ACCESS_COUNT, SET, 2 } } },
	{ "all borrowers", ALL, INVALID, { { ACCESS_COUNT, SET, 0xFFFFFFFF } } },
	{ "another borrower", ALL, ANY_ERROR, { { ENDPOINT, SET, 0x8006 } } },
	{ "the sender as borrower", ALL, ANY_ERROR, { { ENDPOINT, SET, 0 } } },
	{ "addresses of its own", ALL, INVALID, { { COMPOSITE, SET, 64 } } },
	{ "another value", ALL, INVALID, { { IMPDEF, ADD, 1 } } },
	{ "reserved word of a borrower", ALL, INVALID, { { ACCESS_RESERVED, SET, 1 } } },
	{ "not executable, though shared", SHARE, INVALID,
	  { { PERMISSIONS, SET, FFA_MEM_DATA_RO | FFA_MEM_EXEC_XN } } },
	{ "executable, though shared", SHARE, INVALID,
	  { { PERMISSIONS, SET, FFA_MEM_DATA_RO | FFA_MEM_EXEC_X } } },
	{ "nothing of execution", LEND | DONATE, INVALID,
	  { { PERMISSIONS, SET, FFA_MEM_DATA_RO } } },
	{ "reserved execution", ALL, INVALID,
	  { { PERMISSIONS, SET, FFA_MEM_DATA_RO | 12 } } },
	{ "reserved permission", ALL, INVALID, { { PERMISSIONS, ADD, 0x10 } } },
	{ "reserved data access", ALL, INVALID, { { PERMISSIONS, ADD, 2 } } },
	{ "more than it is given", SHARE | LEND, FFA_DENIED, { { PERMISSIONS, ADD, 1 } } },
};
/* clang-format on */

/* Of a transaction in which the borrower may read; a donation gives all. */
static bool claim_errors_of(const struct party *lender, const struct party *borrower, uint32_t kind)
{
	struct deal d = right_deal(lender, kind);
	struct ffa_mem_borrower room[DEAL_BORROWERS];
	struct ffa_mem_request t;
	struct message m;
	struct ffa_regs r;

	d.tag = 0x1234567887654321ull;
	d.borrowers[0].id = borrower->id;
	d.borrowers[0].permissions = kind == 2 ? 0 : FFA_MEM_DATA_RO;
	if (!deal_send(&d)) {
		return false;
	}
	t = deal_claim(&d, borrower, room);
	if (kind == 2) {
		room[0].permissions = FFA_MEM_DATA_RO | FFA_MEM_EXEC_XN;
	}
	m = message_make(borrower->version, FFA_MEM_RETRIEVE_REQ_32, &t);
	for (unsigned int i = 0; i < sizeof(claim_rows) / sizeof(claim_rows[0]); i++) {
		/* What the lender has not said cannot be said wrong. */
		if (claim_rows[i].edits[0].field == IMPDEF && lender->version < FFA_VERSION_1_2) {
			continue;
		}
		if ((claim_rows[i].kinds & (1u << kind)) &&
		    !row_refused(borrower, &m, &claim_rows[i], "RETRIEVE_REQ")) {
			return false;
		}
	}
	/* None of them has given it anything. */
	if (!party_faults(borrower, d.parts[0].base, TESTER_MEM_READ) ||
	    !party_faults(borrower, d.parts[1].base, TESTER_MEM_READ)) {
		return false;
	}
	if (kind == 2) {
		return deal_reclaim(&d, 0);
	}
	/* RX is not free: it has a list of partitions in it. */
	r = PARTY_CALL(borrower, FFA_PARTITION_INFO_GET_32);
	CHECK(ffa_fid(&r) == FFA_SUCCESS_32, "PARTITION_INFO_GET: %s", ffa_text(&r));
	r = message_send(borrower, &m);
	CHECK(ffa_is_error(&r, FFA_BUSY), "RETRIEVE_REQ with RX full: %s", ffa_text(&r));
	r = PARTY_CALL(borrower, FFA_RX_RELEASE_32);
	if (!claim(&d, borrower, 0, NULL)) {
		return false;
	}
	r = message_send(borrower, &m);
	CHECK(ffa_is_error(&r, FFA_DENIED), "RETRIEVE_REQ twice: %s", ffa_text(&r));
	return relinquish(&d, borrower, 0) && deal_reclaim(&d, 0) &&
	       claim_fails(borrower, &t, FFA_INVALID_PARAMETERS);
}

static bool claim_errors(const struct party *borrower)
{
	for (uint32_t kind = 0; kind < 3; kind++) {
		const struct party *lender = borrower == &sps[0] ? &sps[2] : &sps[0];

		if (!claim_errors_of(&nwd, borrower, kind) ||
		    !claim_errors_of(lender, borrower, kind)) {
			return false;
		}
	}
	return true;
}

/* --- RELINQUISH, RECLAIM, fragments ----------------------------------------------------------- */

static bool end_errors(const struct party *lender, const struct party *borrower)
{
	static const struct {
		const char *what;
		uint64_t handle;
		uint32_t flags, count;
		int32_t id; /* added to the borrower's */
		int32_t status;
	} rows[] = {
		{ "no handle of ours", 0x100000, 0, 1, 0, FFA_INVALID_PARAMETERS },
		{ "a hypervisor's handle", 1ull << 63, 0, 1, 0, FFA_INVALID_PARAMETERS },
		{ "no endpoint", 0, 0, 0, 0, FFA_INVALID_PARAMETERS },
		{ "two endpoints", 0, 0, 2, 0, FFA_INVALID_PARAMETERS },
		{ "all endpoints", 0, 0, 0xFFFFFFFF, 0, FFA_INVALID_PARAMETERS },
		{ "somebody else", 0, 0, 1, 3, FFA_INVALID_PARAMETERS },
		{ "time slicing", 0, FFA_MEM_FLAG_TIME_SLICE, 1, 0, FFA_INVALID_PARAMETERS },
		{ "reserved flag", 0, 1u << 2, 1, 0, FFA_INVALID_PARAMETERS },
		{ "last reserved flag", 0, 1u << 31, 1, 0, FFA_INVALID_PARAMETERS },
	};
	struct deal d = right_deal(lender, 1);
	struct ffa_regs r;

	d.borrowers[0].id = borrower->id;
	if (!deal_send(&d)) {
		return false;
	}
	r = relinquish_try(borrower, d.handle, 0);
	CHECK(is_error(&r, ANY_ERROR), "RELINQUISH of what was not retrieved: %s", ffa_text(&r));
	if (!claim(&d, borrower, 0, NULL)) {
		return false;
	}
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct {
			struct ffa_mem_relinquish head;
			uint16_t ids[2];
		} desc = {
			.head = { d.handle + rows[i].handle, rows[i].flags, rows[i].count },
			.ids = { (uint16_t)(borrower->id + rows[i].id), borrower->id },
		};

		if (!party_put(borrower, 0, &desc, sizeof(desc))) {
			return false;
		}
		r = PARTY_CALL(borrower, FFA_MEM_RELINQUISH_32);
		CHECK(is_error(&r, rows[i].status), "RELINQUISH, %s: %s, not %d", rows[i].what,
		      ffa_text(&r), rows[i].status);
	}
	if (!party_works(borrower, d.parts[0].base, TESTER_MEM_WRITE) ||
	    !deal_reclaim_fails(&d, FFA_DENIED) || !relinquish(&d, borrower, 0)) {
		return false;
	}
	r = relinquish_try(borrower, d.handle, 0);
	CHECK(is_error(&r, ANY_ERROR), "RELINQUISH twice: %s", ffa_text(&r));
	for (unsigned int bit = 1; bit < 32; bit++) {
		r = PARTY_CALL(lender, FFA_MEM_RECLAIM_32, (uint32_t)d.handle, d.handle >> 32,
			       1u << bit);
		CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS), "RECLAIM with flag %u: %s", bit,
		      ffa_text(&r));
	}
	r = PARTY_CALL(lender, FFA_MEM_RECLAIM_32, (uint32_t)d.handle + 0x100000, d.handle >> 32);
	CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS), "RECLAIM of no handle: %s", ffa_text(&r));
	return deal_reclaim(&d, 0) && deal_reclaim_fails(&d, FFA_INVALID_PARAMETERS);
}

/* The first fragment of a transaction with two constituents: the second is to follow. */
static bool fragment_first(const struct party *p, struct deal *d, struct message *m)
{
	struct ffa_mem_request t = deal_request(d);
	struct ffa_regs r;

	*m = message_make(p->version, d->fid, &t);
	m->w[2] -= sizeof(struct ffa_constituent);
	r = message_send(p, m);
	CHECK(ffa_fid(&r) == FFA_MEM_FRAG_RX_32 && ffa_w(&r, 3) == m->w[2] &&
		      ffa_w(&r, 4) == (party_is_sp(p) ? 0 : (uint32_t)p->id << 16),
	      "first fragment of %#x: %s", p->id, ffa_text(&r));
	d->handle = FFA_MEM_HANDLE(r.x[1], r.x[2]);
	return party_put(p, 0, m->bytes + m->w[2], sizeof(struct ffa_constituent));
}

/*
 * A fragment that is refused may end the transaction or may leave it as it was: then the right one
 * completes it. Either way the pages are the lender's again.
 */
static bool fragment_errors(const struct party *p)
{
	static const struct {
		const char *what;
		uint64_t handle;
		uint32_t length;
		uint32_t w4;
	} rows[] = {
		{ "another handle", 0x100000, 16, 0 },
		{ "a hypervisor's handle", 1ull << 63, 16, 0 },
		{ "no bytes", 0, 0, 0 },
		{ "half a constituent", 0, 8, 0 },
		{ "one and a half", 0, 24, 0 },
		{ "more than is missing", 0, 32, 0 },
		{ "more than the buffer", 0, 4096 + 16, 0 },
		{ "all memory", 0, 0xFFFFFFF0, 0 },
		{ "another sender", 0, 16, 0x80050000 },
		{ "another VM", 0, 16, 0x00050000 },
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct deal d = right_deal(p, i % 2);
		struct deal again = d;
		uint64_t own = party_is_sp(p) ? 0 : (uint64_t)p->id << 16;
		struct message m;
		uint64_t handle;
		struct ffa_regs r;

		/* What is not complete can be forgotten; then it is gone. */
		if (!fragment_first(p, &d, &m) || !deal_reclaim(&d, 0) ||
		    !deal_reclaim_fails(&d, FFA_INVALID_PARAMETERS) || !fragment_first(p, &d, &m)) {
			return false;
		}
		if (!party_put(p, 0, m.bytes + m.w[2], sizeof(struct ffa_constituent))) {
			return false;
		}
		handle = d.handle + rows[i].handle;
		r = PARTY_CALL(p, FFA_MEM_FRAG_TX_32, (uint32_t)handle, handle >> 32,
			       rows[i].length, rows[i].w4 != 0 ? rows[i].w4 : own);
		CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS), "FRAG_TX of %#x, %s: %s", p->id,
		      rows[i].what, ffa_text(&r));
		r = PARTY_CALL(p, FFA_MEM_FRAG_TX_32, (uint32_t)d.handle, d.handle >> 32, 16, own);
		if (ffa_fid(&r) == FFA_SUCCESS_32) {
			if (!deal_reclaim(&d, 0)) {
				return false;
			}
		} else {
			CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS),
			      "FRAG_TX of %#x after %s: %s", p->id, rows[i].what, ffa_text(&r));
		}
		if (!nothing_changed(&again)) {
			return false;
		}
	}
	return true;
}

/* --- Without buffers -------------------------------------------------------------------------- */

static bool no_buffers(void)
{
	static const uint32_t fids[] = { FFA_MEM_SHARE_32,        FFA_MEM_LEND_32,
					 FFA_MEM_DONATE_32,       FFA_MEM_RETRIEVE_REQ_32,
					 FFA_MEM_RELINQUISH_32,   FFA_MEM_SHARE_64,
					 FFA_MEM_RETRIEVE_REQ_64, FFA_MEM_FRAG_TX_32,
					 FFA_MEM_FRAG_RX_32 };
	const struct party *parties[] = { &nwd, &sps[0] };

	for (unsigned int p = 0; p < 2; p++) {
		const struct party *who = parties[p];
		struct ffa_regs r = PARTY_CALL(who, FFA_RXTX_UNMAP_32);

		CHECK(ffa_is_context(&r, FFA_SUCCESS_32, 0), "RXTX_UNMAP: %s", ffa_text(&r));
		for (unsigned int i = 0; i < sizeof(fids) / sizeof(fids[0]); i++) {
			r = PARTY_CALL(who, fids[i], fids[i] == FFA_MEM_RELINQUISH_32 ? 0 : 112,
				       fids[i] == FFA_MEM_RELINQUISH_32 ? 0 : 112);
			CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS),
			      "call %#x of %#x without buffers: %s", fids[i], who->id,
			      ffa_text(&r));
		}
		r = PARTY_CALL(who, FFA_RXTX_MAP_32, who->tx, who->rx, 1);
		CHECK(ffa_is_context(&r, FFA_SUCCESS_32, 0), "RXTX_MAP: %s", ffa_text(&r));
	}
	return true;
}

/* --- The tests -------------------------------------------------------------------------------- */

static bool begin(void)
{
	return parties_begin(&nwd, sps, 3);
}

static bool test_send(void)
{
	bool ok = begin() && send_errors(&nwd) && send_borrowers(&nwd);

	for (unsigned int i = 0; i < 3 && ok; i++) {
		ok = send_errors(&sps[i]) && send_borrowers(&sps[i]);
	}
	rxtx_unmap();
	return ok;
}

static bool test_retrieve(void)
{
	bool ok = begin();

	for (unsigned int i = 0; i < 3 && ok; i++) {
		ok = claim_errors(&sps[i]);
	}
	rxtx_unmap();
	return ok;
}

static bool test_end(void)
{
	bool ok = begin() && end_errors(&nwd, &sps[0]) && end_errors(&sps[0], &sps[1]) &&
		  end_errors(&sps[1], &sps[2]);

	rxtx_unmap();
	return ok;
}

static bool test_fragments(void)
{
	bool ok = begin() && fragment_errors(&nwd);

	for (unsigned int i = 0; i < 3 && ok; i++) {
		ok = fragment_errors(&sps[i]);
	}
	rxtx_unmap();
	return ok;
}

static bool test_no_buffers(void)
{
	bool ok = begin() && no_buffers();

	rxtx_unmap();
	return ok;
}

const struct test memory_errors_tests[] = {
	{ "memory_errors.send", test_send, ALL_TESTERS },
	{ "memory_errors.retrieve", test_retrieve, ALL_TESTERS },
	{ "memory_errors.end", test_end, ALL_TESTERS },
	{ "memory_errors.fragments", test_fragments, ALL_TESTERS },
	{ "memory_errors.no_buffers", test_no_buffers, ALL_TESTERS },
	{ 0 },
};
