/* SPDX-License-Identifier: BSD-3-Clause */
#include "memory.h"

#include <string.h>

#include "cpu.h"
#include "partitions.h"
#include "test.h"
#include "tester.h"

#define WORDS (PAGE / sizeof(uint64_t))

bool party_is_sp(const struct party *p)
{
	return p->id & FFA_ID_SECURE;
}

struct party party_nwd(void)
{
	return (struct party){
		.id = FFA_ID_NWD,
		.version = ffa_our_version(),
		.tx = (uint64_t)rxtx_tx,
		.rx = (uint64_t)rxtx_rx,
		.pages = MEMORY_BASE,
	};
}

/* What we say for it goes through our buffers. */
struct party party_vm(uint16_t id)
{
	struct party p = party_nwd();

	p.id = id;
	return p;
}

/* A tester, with its buffers mapped. */
bool party_tester(struct party *p, uint32_t sample)
{
	uint16_t id = sp_id(sample);
	struct ffa_regs r = FFA_DIRECT(id, TESTER_MEM_INFO, 1);

	if (!tester_ok(&r, id)) {
		return false;
	}
	/* It may have them from a test before. */
	CHECK((int32_t)r.x[4] == FFA_OK || (int32_t)r.x[4] == FFA_DENIED,
	      "tester %#x, RXTX_MAP: %s", id, ffa_text(&r));
	*p = (struct party){
		.id = id,
		.version = (uint32_t)(r.x[4] >> 32),
		.pages = r.x[5],
		.tx = r.x[6],
		.rx = r.x[7],
	};
	return true;
}

/* We, with our buffers mapped (rxtx_unmap() is for who calls), and the first `count` testers. */
bool parties_begin(struct party *nwd, struct party *sps, uint32_t count)
{
	*nwd = party_nwd();
	CHECK(rxtx_map(), "RXTX_MAP fails");
	for (uint32_t i = 0; i < count; i++) {
		if (!party_tester(&sps[i], testers[i].sample)) {
			return false;
		}
	}
	return true;
}

/* Into its TX. */
bool party_put(const struct party *p, uint32_t offset, const void *data, uint32_t length)
{
	const uint8_t *from = data;

	if (!party_is_sp(p)) {
		memcpy(rxtx_tx + offset, data, length);
		return true;
	}
	for (uint32_t done = 0; done < length; done += 24) {
		uint64_t words[3] = { 0 };
		uint32_t at = offset + done;
		struct ffa_regs r;

		memcpy(words, from + done, length - done < 24 ? length - done : 24);
		r = FFA_DIRECT(p->id, TESTER_MEM_STORE, at, words[0], words[1], words[2]);
		if (!tester_ok(&r, p->id)) {
			return false;
		}
	}
	return true;
}

/* Out of its RX. */
bool party_get(const struct party *p, uint32_t offset, void *data, uint32_t length)
{
	uint8_t *to = data;

	if (!party_is_sp(p)) {
		memcpy(data, rxtx_rx + offset, length);
		return true;
	}
	for (uint32_t done = 0; done < length; done += 32) {
		uint32_t wanted = offset + done;
		uint32_t at = wanted < FFA_PAGE_SIZE - 32 ? wanted : FFA_PAGE_SIZE - 32;
		struct ffa_regs r = FFA_DIRECT(p->id, TESTER_MEM_LOAD, at);

		if (!tester_ok(&r, p->id)) {
			return false;
		}
		memcpy(to + done, (const uint8_t *)&r.x[4] + (wanted - at),
		       length - done < 32 ? length - done : 32);
	}
	return true;
}

/* A call with arguments of 32 bits; all zero when the tester does not answer. */
struct ffa_regs party_call(const struct party *p, struct ffa_regs r)
{
	struct ffa_regs said;
	uint64_t w[4];

	if (!party_is_sp(p)) {
		return ffa_call(r);
	}
	for (unsigned int i = 0; i < 4; i++) {
		w[i] = (uint32_t)r.x[2 * i] | r.x[2 * i + 1] << 32;
	}
	r = (struct ffa_regs){ 0 };
	/* The call may have us interrupted: to schedule a receiver. */
	said = tester_resume(FFA_DIRECT(p->id, TESTER_CALL, w[0], w[1], w[2], w[3]), NULL);
	if (tester_ok(&said, p->id)) {
		for (unsigned int i = 0; i < 8; i++) {
			r.x[i] = (uint32_t)(said.x[4 + i / 2] >> (i % 2 * 32));
		}
	}
	return r;
}

/* --- Accesses -------------------------------------------------------------------------------- */

static bool is_nwd_memory(uint64_t address)
{
	return address >= 0x40000000ull && address < 0x80000000ull;
}

static bool is_protected;

/* From now on memory of the normal world that testers touch is secure memory, or no longer. */
void memory_is_protected(bool on)
{
	is_protected = on;
}

static uint64_t space(uint64_t address)
{
	return is_nwd_memory(address) && !is_protected ? TESTER_MEM_NS : 0;
}

/* An access of ours: EL3 has taken the page from the normal world. */
bool we_fault(uint64_t address, bool write)
{
	struct cpu *c = cpu_this();

	c->probe_failed = false;
	c->probing = true;
	if (write) {
		__asm__ volatile("str xzr, [%0]" ::"r"(address) : "memory");
	} else {
		uint64_t value;

		__asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
	}
	c->probing = false;
	CHECK(c->probe_failed, "we may %s %#lx", write ? "write" : "read", address);
	return true;
}

/* By a tester, how: TESTER_MEM_READ ... */
bool party_access(const struct party *p, uint64_t address, uint64_t how, uint64_t value,
		  struct access *a)
{
	struct ffa_regs r =
		FFA_DIRECT(p->id, TESTER_MEM_ACCESS, address, how | space(address), value);

	if (!tester_ok(&r, p->id)) {
		return false;
	}
	*a = (struct access){ r.x[4], r.x[5], r.x[6], r.x[7] };
	return true;
}

bool party_works(const struct party *p, uint64_t address, uint64_t how)
{
	struct access a;

	if (!party_access(p, address, how, 0, &a)) {
		return false;
	}
	CHECK(a.exceptions == 0, "%#x: access %lu to %#lx faults, ESR %#lx", p->id, how, address,
	      a.esr);
	return true;
}

/* It gets an abort that says where. */
bool party_faults(const struct party *p, uint64_t address, uint64_t how)
{
	struct access a;
	uint64_t ec = how == TESTER_MEM_EXECUTE ? ACCESS_EC_FETCH : ACCESS_EC_DATA;

	if (!party_access(p, address, how, 0x5EC, &a)) {
		return false;
	}
	CHECK(a.exceptions == 1 && a.esr >> 26 == ec && a.far == address,
	      "%#x: access %lu to %#lx, no fault there but %lu, ESR %#lx, FAR %#lx", p->id, how,
	      address, a.exceptions, a.esr, a.far);
	return true;
}

bool party_fill(const struct party *p, uint64_t address, uint64_t pages, uint64_t seed)
{
	struct ffa_regs r;

	if (!party_is_sp(p)) {
		volatile uint64_t *w = (volatile uint64_t *)address;

		for (uint64_t n = 0; n < pages * WORDS; n++) {
			w[n] = tester_mem_word(seed, n % WORDS);
		}
		return true;
	}
	r = FFA_DIRECT(p->id, TESTER_MEM_FILL, address, pages | space(address), seed);
	return tester_ok(&r, p->id);
}

bool party_check(const struct party *p, uint64_t address, uint64_t pages, uint64_t seed)
{
	struct ffa_regs r;

	if (!party_is_sp(p)) {
		const volatile uint64_t *w = (const volatile uint64_t *)address;

		for (uint64_t n = 0; n < pages * WORDS; n++) {
			CHECK(w[n] == tester_mem_word(seed, n % WORDS),
			      "we see %#lx at %#lx, not pattern %#lx", w[n], (uint64_t)&w[n], seed);
		}
		return true;
	}
	r = FFA_DIRECT(p->id, TESTER_MEM_CHECK, address, pages | space(address), seed);
	if (!tester_ok(&r, p->id)) {
		return false;
	}
	CHECK(r.x[4] == 0, "%#x sees %lu words that are not pattern %#lx, %#lx at %#lx", p->id,
	      r.x[4], seed, r.x[6], r.x[5]);
	return true;
}

/* --- Transactions ---------------------------------------------------------------------------- */

const char *memory_fid_name(uint32_t fid)
{
	switch (fid & ~FFA_FID_64BIT) {
	case FFA_MEM_SHARE_32:
		return "SHARE";
	case FFA_MEM_LEND_32:
		return "LEND";
	case FFA_MEM_DONATE_32:
		return "DONATE";
	default:
		return "call";
	}
}

/* One borrower, one range, as such a transaction has to be; data access RW where it is said. */
struct deal deal_make(const struct party *lender, uint32_t fid, const struct party *borrower,
		      uint64_t base, uint32_t pages)
{
	bool donate = (fid & ~FFA_FID_64BIT) == FFA_MEM_DONATE_32;

	return (struct deal){
		.lender = lender,
		.fid = fid,
		.attributes = (fid & ~FFA_FID_64BIT) == FFA_MEM_SHARE_32 ? FFA_MEM_NORMAL : 0,
		.borrower_count = 1,
		.borrowers = { { .id = borrower->id,
				 .permissions = donate ? 0 : FFA_MEM_DATA_RW } },
		.part_count = 1,
		.parts = { { .base = base, .pages = pages } },
	};
}

struct ffa_mem_request deal_request(const struct deal *d)
{
	return (struct ffa_mem_request){
		.sender = d->lender->id,
		.attributes = d->attributes,
		.flags = d->flags,
		.tag = d->tag,
		.access_size = d->access_size,
		.borrowers = d->borrowers,
		.borrower_count = d->borrower_count,
		.parts = d->parts,
		.part_count = d->part_count,
	};
}

/* The call as the lender makes it; it fits one fragment. */
struct ffa_regs deal_try(struct deal *d)
{
	uint8_t bytes[FFA_PAGE_SIZE / 4];
	struct ffa_mem_request t = deal_request(d);
	uint32_t length = ffa_mem_write(bytes, sizeof(bytes), d->lender->version, &t, 0);

	if (!party_put(d->lender, 0, bytes, length)) {
		return (struct ffa_regs){ 0 };
	}
	return PARTY_CALL(d->lender, d->fid, length, length);
}

/* FFA_SUCCESS with a handle of the SPMC, and nothing else. */
bool deal_send(struct deal *d)
{
	struct ffa_regs r = deal_try(d);

	CHECK(r.x[0] == FFA_SUCCESS_32 && r.x[1] == 0 && (r.x[4] | r.x[5] | r.x[6] | r.x[7]) == 0,
	      "%s of %#x to %#x: %s", memory_fid_name(d->fid), d->lender->id, d->borrowers[0].id,
	      ffa_text(&r));
	d->handle = FFA_MEM_HANDLE(r.x[2], r.x[3]);
	CHECK(d->handle != FFA_MEM_HANDLE_NONE && (d->handle & FFA_MEM_HANDLE_HYPERVISOR) == 0,
	      "handle %#lx", d->handle);
	return true;
}

bool deal_fails(struct deal *d, int32_t status)
{
	struct ffa_regs r = deal_try(d);

	CHECK(ffa_is_error(&r, status), "%s of %#x to %#x, %#lx: %s, not %d",
	      memory_fid_name(d->fid), d->lender->id, d->borrowers[0].id, d->parts[0].base,
	      ffa_text(&r), status);
	return true;
}

static struct ffa_regs reclaim_try(const struct deal *d, uint32_t flags)
{
	return PARTY_CALL(d->lender, FFA_MEM_RECLAIM_32, (uint32_t)d->handle, d->handle >> 32,
			  flags);
}

bool deal_reclaim(const struct deal *d, uint32_t flags)
{
	struct ffa_regs r = reclaim_try(d, flags);

	CHECK(ffa_is_context(&r, FFA_SUCCESS_32, 0), "RECLAIM of %#x, flags %#x: %s", d->lender->id,
	      flags, ffa_text(&r));
	return true;
}

bool deal_reclaim_fails(const struct deal *d, int32_t status)
{
	struct ffa_regs r = reclaim_try(d, 0);

	CHECK(ffa_is_error(&r, status), "RECLAIM of %#x: %s, not %d", d->lender->id, ffa_text(&r),
	      status);
	return true;
}

/* What that borrower may ask for: all that it is given. The borrowers go to room[]. */
struct ffa_mem_request deal_claim(const struct deal *d, const struct party *borrower,
				  struct ffa_mem_borrower *room)
{
	bool executable = (d->fid & ~FFA_FID_64BIT) != FFA_MEM_SHARE_32 && d->borrower_count == 1;

	(void)borrower;
	for (uint32_t i = 0; i < d->borrower_count; i++) {
		room[i] = d->borrowers[i];
		if (room[i].permissions == 0) {
			room[i].permissions = FFA_MEM_DATA_RW;
		}
		if (executable) {
			room[i].permissions |= FFA_MEM_EXEC_XN;
		}
	}
	return (struct ffa_mem_request){
		.sender = d->lender->id,
		.attributes = d->attributes,
		.handle = d->handle,
		.tag = d->tag,
		.access_size = d->access_size,
		.borrowers = room,
		.borrower_count = d->borrower_count,
	};
}

struct ffa_regs claim_try(const struct party *borrower, const struct ffa_mem_request *t)
{
	uint8_t bytes[FFA_PAGE_SIZE / 4];
	uint32_t length = ffa_mem_write(bytes, sizeof(bytes), borrower->version, t, 0);

	if (!party_put(borrower, 0, bytes, length)) {
		return (struct ffa_regs){ 0 };
	}
	return PARTY_CALL(borrower, FFA_MEM_RETRIEVE_REQ_32, length, length);
}

bool claim_fails(const struct party *borrower, const struct ffa_mem_request *t, int32_t status)
{
	struct ffa_regs r = claim_try(borrower, t);

	CHECK(ffa_is_error(&r, status), "RETRIEVE_REQ of %#x: %s, not %d", borrower->id,
	      ffa_text(&r), status);
	return true;
}

/* What the hypervisor retrieves for a VM is in its own RX. */
static bool rx_release(const struct party *p)
{
	struct ffa_regs r = PARTY_CALL(p, FFA_RX_RELEASE_32);

	CHECK(ffa_is_context(&r, FFA_SUCCESS_32, 0), "RX_RELEASE of %#x: %s", p->id, ffa_text(&r));
	return true;
}

/*
 * The borrower retrieves with these permissions (0: all that it is given), and the answer is what
 * the transaction says: *r, which may be NULL.
 */
bool claim(const struct deal *d, const struct party *borrower, uint8_t permissions,
	   struct ffa_mem_response *r)
{
	uint8_t bytes[FFA_PAGE_SIZE / 4];
	struct ffa_mem_borrower room[DEAL_BORROWERS];
	struct ffa_mem_request t = deal_claim(d, borrower, room);
	struct ffa_mem_response said;
	struct ffa_constituent parts[DEAL_PARTS];
	struct ffa_regs x;
	uint32_t length;

	for (uint32_t i = 0; i < d->borrower_count; i++) {
		if (permissions != 0 && room[i].id == borrower->id) {
			room[i].permissions = permissions;
		}
	}
	x = claim_try(borrower, &t);
	length = (uint32_t)x.x[2];
	CHECK(x.x[0] == FFA_MEM_RETRIEVE_RESP_32 && x.x[1] == x.x[2] && length <= sizeof(bytes) &&
		      (x.x[3] | x.x[4] | x.x[5] | x.x[6] | x.x[7]) == 0,
	      "RETRIEVE_REQ of %#x from %#x: %s", borrower->id, d->lender->id, ffa_text(&x));
	if (!party_get(borrower, 0, bytes, length) || !rx_release(borrower)) {
		return false;
	}
	CHECK(ffa_mem_read(bytes, length, borrower->version, &said), "the answer is no descriptor");
	CHECK(said.sender == d->lender->id && said.handle == d->handle && said.tag == d->tag,
	      "answer: sender %#x, handle %#lx, tag %#lx", said.sender, said.handle, said.tag);
	CHECK(said.borrower_count == 1 && said.borrower.id == borrower->id,
	      "answer: %u borrowers, the first %#x", said.borrower_count, said.borrower.id);
	CHECK(said.part_count == d->part_count &&
		      length == said.parts_offset + d->part_count * sizeof(parts[0]),
	      "answer: %u ranges, %u bytes", said.part_count, length);
	memcpy(parts, bytes + said.parts_offset, d->part_count * sizeof(parts[0]));
	for (uint32_t i = 0; i < d->part_count; i++) {
		CHECK(parts[i].base == d->parts[i].base && parts[i].pages == d->parts[i].pages &&
			      parts[i].reserved == 0,
		      "answer: range %u is %#lx, %u pages", i, parts[i].base, parts[i].pages);
	}
	if (r != NULL) {
		*r = said;
	}
	return true;
}

struct ffa_regs relinquish_try(const struct party *borrower, uint64_t handle, uint32_t flags)
{
	struct {
		struct ffa_mem_relinquish head;
		uint16_t id;
	} d = { { handle, flags, 1 }, borrower->id };

	if (!party_put(borrower, 0, &d, sizeof(d.head) + sizeof(d.id))) {
		return (struct ffa_regs){ 0 };
	}
	return PARTY_CALL(borrower, FFA_MEM_RELINQUISH_32);
}

bool relinquish(const struct deal *d, const struct party *borrower, uint32_t flags)
{
	struct ffa_regs r = relinquish_try(borrower, d->handle, flags);

	CHECK(ffa_is_context(&r, FFA_SUCCESS_32, 0), "RELINQUISH of %#x, flags %#x: %s",
	      borrower->id, flags, ffa_text(&r));
	return true;
}
