/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory shared, lent and donated between the normal world and partitions: who may touch what, at
 * each step (FF-A 1.2 chapter 10). The tests of a boot speak one version; every tester its own.
 */
#include <stddef.h>

#include "cpu.h"
#include "memory.h"
#include "partitions.h"
#include "print.h"
#include "test.h"
#include "tester.h"

#define PATTERN 0x1000u
#define ANSWER 0x2000u
#define NEVER_DONATED 20u /* from this page on a tester's are as it got them at boot */
#define PAGES 3u /* of a region; the one before it and the one behind it are nobody else's */
#define TESTERS 4u
#define VM_1 1u
#define VM_2 2u

static struct party nwd, sps[TESTERS];

/* The parties as they are in this boot, our buffers mapped. */
static bool begin(void)
{
	return parties_begin(&nwd, sps, TESTERS);
}

/* Runs a test between the two. */
static bool with_parties(bool (*run)(void))
{
	bool ok = begin() && run();

	rxtx_unmap();
	return ok;
}

static bool is_share(uint32_t fid)
{
	return (fid & ~FFA_FID_64BIT) == FFA_MEM_SHARE_32;
}

static bool is_donate(uint32_t fid)
{
	return (fid & ~FFA_FID_64BIT) == FFA_MEM_DONATE_32;
}

static uint32_t type_of(uint32_t fid)
{
	return is_share(fid)    ? FFA_MEM_FLAG_TYPE_SHARE
	       : is_donate(fid) ? FFA_MEM_FLAG_TYPE_DONATE
				: FFA_MEM_FLAG_TYPE_LEND;
}

/* None of the pages of the deal, by a tester; nor those beside them. */
static bool all_fault(const struct party *p, const struct deal *d)
{
	uint64_t base = d->parts[0].base;
	uint64_t last = base + (d->parts[0].pages - 1) * PAGE;

	return party_faults(p, base, TESTER_MEM_READ) &&
	       party_faults(p, last + 8, TESTER_MEM_WRITE) &&
	       party_faults(p, last, TESTER_MEM_EXECUTE);
}

static bool beside_fault(const struct party *p, const struct deal *d)
{
	uint64_t base = d->parts[0].base;
	uint64_t end = base + d->parts[0].pages * PAGE;

	return party_faults(p, base - 8, TESTER_MEM_READ) && party_faults(p, end, TESTER_MEM_WRITE);
}

/* What the lender may do once it has sent: with a share what it could, else nothing. */
static bool lender_after_send(const struct deal *d)
{
	uint64_t base = d->parts[0].base;

	if (!party_is_sp(d->lender)) {
		return true; /* without RME nobody can take a page from the normal world */
	}
	if (is_share(d->fid)) {
		return party_works(d->lender, base, TESTER_MEM_READ) &&
		       party_check(d->lender, base, d->parts[0].pages, PATTERN);
	}
	return all_fault(d->lender, d);
}

/* The answer to the borrower's retrieval. */
static bool answer_is_right(const struct deal *d, const struct party *borrower,
			    const struct ffa_mem_response *r, uint8_t data, bool zeroed)
{
	bool ns = !party_is_sp(d->lender) && borrower->version >= FFA_VERSION_1_1;
	uint32_t flags = type_of(d->fid) | (zeroed ? FFA_MEM_FLAG_ZERO : 0);
	uint8_t permissions = data | FFA_MEM_EXEC_XN;

	CHECK(r->flags == flags, "answer: flags %#x, not %#x", r->flags, flags);
	CHECK(r->borrower.permissions == permissions, "answer: permissions %#x, not %#x",
	      r->borrower.permissions, permissions);
	CHECK(((r->attributes & FFA_MEM_ATTR_NS) != 0) == ns, "answer: attributes %#x",
	      r->attributes);
	CHECK((r->attributes & ~FFA_MEM_ATTR_NS) == FFA_MEM_NORMAL, "answer: attributes %#x",
	      r->attributes);
	CHECK(r->pages == d->parts[0].pages, "answer: %u pages", r->pages);
	return true;
}

/* The borrower has it: it sees the pattern, writes if it may, and never executes. */
static bool borrower_uses(const struct deal *d, const struct party *borrower, uint8_t data)
{
	uint64_t base = d->parts[0].base;
	uint32_t pages = d->parts[0].pages;

	if (!party_check(borrower, base, pages, PATTERN) ||
	    !party_faults(borrower, base + PAGE, TESTER_MEM_EXECUTE) ||
	    !beside_fault(borrower, d)) {
		return false;
	}
	if (data == FFA_MEM_DATA_RO) {
		return party_faults(borrower, base, TESTER_MEM_WRITE) &&
		       party_faults(borrower, base + (pages - 1) * PAGE, TESTER_MEM_WRITE) &&
		       party_check(borrower, base, pages, PATTERN);
	}
	return party_fill(borrower, base, pages, ANSWER);
}

/* From the first page's pattern until the lender has it back. */
static bool whole_life(const struct party *lender, uint32_t fid, const struct party *borrower,
		       uint8_t data)
{
	uint64_t base = lender->pages + PAGE;
	struct deal d = deal_make(lender, fid, borrower, base, PAGES);
	struct ffa_mem_response r;

	d.tag = 0xA5A5A5A500000000ull + fid;
	d.borrowers[0].permissions = data;
	if (!party_fill(lender, lender->pages, PAGES + 2, PATTERN) || !deal_send(&d) ||
	    !lender_after_send(&d) || !all_fault(borrower, &d)) {
		return false;
	}
	if (!claim(&d, borrower, 0, &r) || !answer_is_right(&d, borrower, &r, data, false) ||
	    !lender_after_send(&d) || !borrower_uses(&d, borrower, data)) {
		return false;
	}
	if (!deal_reclaim_fails(&d, FFA_DENIED) || !relinquish(&d, borrower, 0) ||
	    !all_fault(borrower, &d)) {
		return false;
	}
	/* Again: the other way in which it may ask, everything left open. */
	return claim(&d, borrower, is_share(fid) ? data : data | FFA_MEM_EXEC_XN, NULL) &&
	       relinquish(&d, borrower, 0) && deal_reclaim(&d, 0) && all_fault(borrower, &d) &&
	       deal_reclaim_fails(&d, FFA_INVALID_PARAMETERS) &&
	       party_check(lender, base, PAGES, data == FFA_MEM_DATA_RO ? PATTERN : ANSWER) &&
	       party_check(lender, lender->pages, 1, PATTERN) &&
	       party_check(lender, base + PAGES * PAGE, 1, PATTERN);
}

/* Each pair of them: of two worlds, of several versions, with one vCPU or many. */
static bool for_all_pairs(bool (*run)(const struct party *lender, const struct party *borrower))
{
	for (uint32_t b = 0; b < TESTERS; b++) {
		if (!run(&nwd, &sps[b])) {
			return false;
		}
		for (uint32_t l = 0; l < TESTERS; l++) {
			if (l != b && !run(&sps[l], &sps[b])) {
				return false;
			}
		}
	}
	return true;
}

static bool share_pair(const struct party *lender, const struct party *borrower)
{
	return whole_life(lender, FFA_MEM_SHARE_32, borrower, FFA_MEM_DATA_RW) &&
	       whole_life(lender, FFA_MEM_SHARE_64, borrower, FFA_MEM_DATA_RO);
}

static bool lend_pair(const struct party *lender, const struct party *borrower)
{
	return whole_life(lender, FFA_MEM_LEND_64, borrower, FFA_MEM_DATA_RW) &&
	       whole_life(lender, FFA_MEM_LEND_32, borrower, FFA_MEM_DATA_RO);
}

static bool share_all(void)
{
	return for_all_pairs(share_pair);
}

static bool lend_all(void)
{
	return for_all_pairs(lend_pair);
}

/* --- Donations -------------------------------------------------------------------------------- */

/* A page goes round all partitions, each of which owns it then and nobody else. */
static bool donate_round(void)
{
	uint64_t base = sps[0].pages + PAGE;

	if (!party_fill(&sps[0], base - PAGE, PAGES + 2, PATTERN)) {
		return false;
	}
	for (uint32_t i = 0; i < TESTERS; i++) {
		const struct party *from = &sps[i], *to = &sps[(i + 1) % TESTERS];
		struct deal d = deal_make(from, i % 2 == 0 ? FFA_MEM_DONATE_32 : FFA_MEM_DONATE_64,
					  to, base, PAGES);
		struct deal other = d;
		struct ffa_mem_response r;

		if (!deal_send(&d) || !all_fault(from, &d) || !all_fault(to, &d) ||
		    !deal_fails(&other, FFA_DENIED)) {
			return false;
		}
		if (i == 1) {
			/* As long as nobody has retrieved it, it may be taken back. */
			if (!deal_reclaim(&d, 0) || !party_check(from, base, PAGES, PATTERN) ||
			    !deal_send(&d)) {
				return false;
			}
		}
		if (!claim(&d, to, 0, &r) || !answer_is_right(&d, to, &r, FFA_MEM_DATA_RW, false) ||
		    !party_check(to, base, PAGES, PATTERN) || !all_fault(from, &d)) {
			return false;
		}
		other = d;
		if (!deal_reclaim_fails(&d, FFA_INVALID_PARAMETERS) ||
		    !deal_fails(&other, FFA_DENIED)) {
			return false;
		}
	}
	/* It was asked for without X, so that is gone. */
	return party_check(&sps[0], base - PAGE, PAGES + 2, PATTERN) &&
	       party_faults(&sps[0], base, TESTER_MEM_EXECUTE) &&
	       party_fill(&sps[0], base - PAGE, PAGES + 2, ANSWER);
}

/* The normal world's pages can be given away, and never come back: the last of this boot. */
static bool donate_nwd(void)
{
	static uint32_t times;
	uint64_t base = MEMORY_BASE + (MEMORY_PAGES - 4 * ++times) * PAGE;
	struct deal d = deal_make(&nwd, FFA_MEM_DONATE_32, &sps[0], base, 1);
	struct deal on;

	if (!party_fill(&nwd, base, 1, PATTERN) || !deal_send(&d) || !deal_reclaim(&d, 0) ||
	    !deal_send(&d) || !claim(&d, &sps[0], 0, NULL) ||
	    !party_check(&sps[0], base, 1, PATTERN)) {
		return false;
	}
	on = d;
	if (!deal_fails(&on, FFA_DENIED) || !deal_reclaim_fails(&d, FFA_INVALID_PARAMETERS)) {
		return false;
	}
	/* Its owner may pass it on among partitions, and may not give it to the normal world. */
	on = deal_make(&sps[0], FFA_MEM_DONATE_32, &nwd, base, 1);
	if (!deal_fails(&on, FFA_DENIED)) {
		return false;
	}
	on = deal_make(&sps[0], FFA_MEM_LEND_32, &sps[1], base, 1);
	return deal_send(&on) && party_faults(&sps[0], base, TESTER_MEM_READ) &&
	       claim(&on, &sps[1], 0, NULL) && party_check(&sps[1], base, 1, PATTERN) &&
	       relinquish(&on, &sps[1], 0) && deal_reclaim(&on, 0) &&
	       party_check(&sps[0], base, 1, PATTERN);
}

/* --- What is refused whatever the descriptor says --------------------------------------------- */

/* An SP's memory never becomes the normal world's to touch. */
static bool to_nwd(void)
{
	static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_LEND_32, FFA_MEM_DONATE_32 };
	static const uint16_t ids[] = { FFA_ID_NWD, VM_1 };

	for (unsigned int f = 0; f < 3; f++) {
		for (unsigned int i = 0; i < 2; i++) {
			struct party to = { .id = ids[i] };
			struct deal d = deal_make(&sps[0], fids[f], &to, sps[0].pages, 1);

			if (!deal_fails(&d, FFA_DENIED) ||
			    !party_works(&sps[0], sps[0].pages, TESTER_MEM_WRITE)) {
				return false;
			}
		}
	}
	return true;
}

/* What is borrowed is not the borrower's to send, and what is sent is not to be sent again. */
static bool sent_once(const struct party *lender, const struct party *borrower)
{
	static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_LEND_32, FFA_MEM_DONATE_32 };
	const struct party *third = borrower == &sps[3] ? &sps[2] : &sps[3];
	uint64_t base = lender->pages + PAGE;

	if (third == lender) {
		third = &sps[0] == borrower ? &sps[1] : &sps[0];
	}
	for (unsigned int first = 0; first < 2; first++) {
		struct deal d = deal_make(lender, fids[first], borrower, base, 2);

		if (!deal_send(&d)) {
			return false;
		}
		for (unsigned int f = 0; f < 3; f++) {
			struct deal again = deal_make(lender, fids[f], third, base, 2);
			struct deal part = deal_make(lender, fids[f], third, base + PAGE, 2);
			struct deal before = deal_make(lender, fids[f], borrower, base - PAGE, 2);
			struct deal on = deal_make(borrower, fids[f], third, base, 1);

			if (!deal_fails(&again, FFA_DENIED) || !deal_fails(&part, FFA_DENIED) ||
			    !deal_fails(&before, FFA_DENIED) || !deal_fails(&on, FFA_DENIED) ||
			    !claim(&d, borrower, 0, NULL) || !deal_fails(&again, FFA_DENIED) ||
			    !deal_fails(&on, FFA_DENIED) || !relinquish(&d, borrower, 0)) {
				return false;
			}
		}
		if (!deal_reclaim(&d, 0)) {
			return false;
		}
	}
	return true;
}

static bool sent_once_all(void)
{
	return for_all_pairs(sent_once);
}

/* Buffers cannot be sent, and what is sent cannot become a buffer. */
static bool buffers(void)
{
	static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_LEND_32, FFA_MEM_DONATE_32 };
	const struct party *parties[] = { &nwd, &sps[0] };

	for (unsigned int p = 0; p < 2; p++) {
		const struct party *who = parties[p];
		uint64_t at[] = { who->tx, who->rx };

		for (unsigned int n = 0; n < 6; n++) {
			struct deal d = deal_make(who, fids[n / 2], &sps[1], at[n % 2], 1);

			if (!deal_fails(&d, FFA_DENIED)) {
				return false;
			}
		}
	}
	/* Ours are not mapped while we try others. */
	for (unsigned int n = 0; n < 2; n++) {
		struct deal d = deal_make(&nwd, fids[n], &sps[1], MEMORY_BASE, 1);
		struct ffa_regs r;

		if (!deal_send(&d)) {
			return false;
		}
		rxtx_unmap();
		for (unsigned int tx = 0; tx < 2; tx++) {
			uint64_t other = MEMORY_BASE + 4 * PAGE;

			r = FFA_CALL(FFA_RXTX_MAP_64, tx ? MEMORY_BASE : other,
				     tx ? other : MEMORY_BASE, 1);
			CHECK(ffa_is_error(&r, FFA_DENIED) ||
				      ffa_is_error(&r, FFA_INVALID_PARAMETERS),
			      "RXTX_MAP of a page that is sent: %s", ffa_text(&r));
		}
		CHECK(rxtx_map(), "RXTX_MAP fails");
		if (!deal_reclaim(&d, 0)) {
			return false;
		}
		/* Now it may be one again. */
		rxtx_unmap();
		r = FFA_CALL(FFA_RXTX_MAP_64, MEMORY_BASE, MEMORY_BASE + 4 * PAGE, 1);
		CHECK(ffa_is_context(&r, FFA_SUCCESS_32, 0), "RXTX_MAP of a page that was sent: %s",
		      ffa_text(&r));
		rxtx_unmap();
		CHECK(rxtx_map(), "RXTX_MAP fails");
	}
	return true;
}

/* A tester maps a page of its own that it has lent. */
static bool buffers_sp(void)
{
	const struct party *who = &sps[0];
	struct deal d = deal_make(who, FFA_MEM_LEND_32, &sps[1], who->pages, 1);
	struct ffa_regs r;

	if (!deal_send(&d)) {
		return false;
	}
	r = PARTY_CALL(who, FFA_RXTX_UNMAP_32);
	CHECK(ffa_is_context(&r, FFA_SUCCESS_32, 0), "RXTX_UNMAP: %s", ffa_text(&r));
	r = PARTY_CALL(who, FFA_RXTX_MAP_32, who->pages, who->rx, 1);
	CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS) || ffa_is_error(&r, FFA_DENIED),
	      "RXTX_MAP of a page that is lent: %s", ffa_text(&r));
	r = PARTY_CALL(who, FFA_RXTX_MAP_32, who->tx, who->pages, 1);
	CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS) || ffa_is_error(&r, FFA_DENIED),
	      "RXTX_MAP of a page that is lent: %s", ffa_text(&r));
	r = PARTY_CALL(who, FFA_RXTX_MAP_32, who->tx, who->rx, 1);
	CHECK(ffa_is_context(&r, FFA_SUCCESS_32, 0), "RXTX_MAP: %s", ffa_text(&r));
	return deal_reclaim(&d, 0);
}

/* Handles of partitions are not ours to use, nor those of the normal world a partition's. */
static bool handles(void)
{
	static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_LEND_32, FFA_MEM_DONATE_32 };
	struct ffa_mem_borrower room[DEAL_BORROWERS];

	for (unsigned int f = 0; f < 3; f++) {
		for (unsigned int world = 0; world < 2; world++) {
			const struct party *lender = world == 0 ? &sps[0] : &nwd;
			struct deal d =
				deal_make(lender, fids[f], &sps[1], lender->pages + PAGE, 1);
			struct deal theirs;
			struct ffa_mem_request t;
			struct ffa_regs r;

			if (!deal_send(&d)) {
				return false;
			}
			theirs = d;
			theirs.lender = world == 0 ? &nwd : &sps[2];
			if (!deal_reclaim_fails(&theirs, FFA_INVALID_PARAMETERS)) {
				return false;
			}
			theirs.lender = &sps[1];
			if (!deal_reclaim_fails(&theirs, FFA_INVALID_PARAMETERS)) {
				return false;
			}
			/* Somebody who is no borrower. */
			t = deal_claim(&d, &sps[2], room);
			r = claim_try(&sps[2], &t);
			CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS) ||
				      ffa_is_error(&r, FFA_DENIED),
			      "RETRIEVE_REQ of a stranger: %s", ffa_text(&r));
			r = claim_try(&nwd, &t);
			CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS) ||
				      ffa_is_error(&r, FFA_DENIED),
			      "RETRIEVE_REQ of the normal world: %s", ffa_text(&r));
			for (unsigned int i = 0; i < 3; i++) {
				const struct party *who = i == 0 ? &nwd : &sps[i];

				r = relinquish_try(who, d.handle, 0);
				CHECK(ffa_fid(&r) == FFA_ERROR_32, "RELINQUISH of %#x: %s", who->id,
				      ffa_text(&r));
			}
			/* We say that we are the borrower. */
			r = relinquish_try(&(struct party){ .id = FFA_ID_NWD }, d.handle, 0);
			CHECK(ffa_fid(&r) == FFA_ERROR_32, "RELINQUISH: %s", ffa_text(&r));
			if (!all_fault(&sps[1], &d) || !deal_reclaim(&d, 0)) {
				return false;
			}
		}
	}
	return true;
}

/* The normal world says that it is the partition that has borrowed. */
static bool handles_named(void)
{
	struct deal d = deal_make(&sps[0], FFA_MEM_LEND_32, &sps[1], sps[0].pages + PAGE, 1);
	struct {
		struct ffa_mem_relinquish head;
		uint16_t id;
	} desc = { .head = { .count = 1 } };
	struct ffa_regs r;

	if (!party_fill(&sps[0], d.parts[0].base, 1, PATTERN) || !deal_send(&d) ||
	    !claim(&d, &sps[1], 0, NULL)) {
		return false;
	}
	desc.head.handle = d.handle;
	desc.id = sps[1].id;
	party_put(&nwd, 0, &desc, sizeof(desc));
	r = FFA_CALL(FFA_MEM_RELINQUISH_32);
	CHECK(ffa_fid(&r) == FFA_ERROR_32, "RELINQUISH for a partition: %s", ffa_text(&r));
	r = FFA_CALL(FFA_MEM_FRAG_RX_32, (uint32_t)d.handle, d.handle >> 32, 0,
		     (uint64_t)sps[1].id << 16);
	CHECK(ffa_fid(&r) == FFA_ERROR_32, "FRAG_RX for a partition: %s", ffa_text(&r));
	r = FFA_CALL(FFA_MEM_FRAG_TX_32, (uint32_t)d.handle, d.handle >> 32, 16,
		     (uint64_t)sps[0].id << 16);
	CHECK(ffa_fid(&r) == FFA_ERROR_32, "FRAG_TX for a partition: %s", ffa_text(&r));
	return party_check(&sps[1], d.parts[0].base, 1, PATTERN) && relinquish(&d, &sps[1], 0) &&
	       deal_reclaim(&d, 0);
}

/* --- Zeroing ---------------------------------------------------------------------------------- */

static bool zero_pair(const struct party *lender, const struct party *borrower)
{
	uint64_t base = lender->pages + PAGE;
	struct deal d = deal_make(lender, FFA_MEM_LEND_32, borrower, base, PAGES);
	struct ffa_mem_response r;
	struct ffa_regs x;

	/* Before: the borrower never sees what was there. */
	d.flags = FFA_MEM_FLAG_ZERO;
	if (!party_fill(lender, base - PAGE, PAGES + 2, PATTERN) || !deal_send(&d) ||
	    !claim(&d, borrower, 0, &r) ||
	    !answer_is_right(&d, borrower, &r, FFA_MEM_DATA_RW, true) ||
	    !party_check(borrower, base, PAGES, TESTER_MEM_ZEROES) ||
	    !party_fill(borrower, base, PAGES, ANSWER)) {
		return false;
	}
	/* After: the lender does not see what the borrower left. */
	if (!relinquish(&d, borrower, FFA_MEM_FLAG_ZERO) || !deal_reclaim(&d, 0) ||
	    !party_check(lender, base, PAGES, TESTER_MEM_ZEROES) ||
	    !party_check(lender, base - PAGE, 1, PATTERN) ||
	    !party_check(lender, base + PAGES * PAGE, 1, PATTERN)) {
		return false;
	}
	/* When it is taken back. */
	d.flags = 0;
	if (!party_fill(lender, base, PAGES, PATTERN) || !deal_send(&d) ||
	    !deal_reclaim(&d, FFA_MEM_FLAG_ZERO) ||
	    !party_check(lender, base, PAGES, TESTER_MEM_ZEROES)) {
		return false;
	}
	/* Who has read it only cannot have it zeroed. */
	d.borrowers[0].permissions = FFA_MEM_DATA_RO;
	if (!party_fill(lender, base, PAGES, PATTERN) || !deal_send(&d) ||
	    !claim(&d, borrower, 0, NULL)) {
		return false;
	}
	x = relinquish_try(borrower, d.handle, FFA_MEM_FLAG_ZERO);
	CHECK(ffa_is_error(&x, FFA_DENIED), "RELINQUISH with zero of a reader: %s", ffa_text(&x));
	return relinquish(&d, borrower, 0) && deal_reclaim(&d, 0) &&
	       party_check(lender, base, PAGES, PATTERN);
}

static bool zero_all(void)
{
	return for_all_pairs(zero_pair);
}

/* Donated with zeroes: the old owner's words do not go with it. */
static bool zero_donate(void)
{
	uint64_t base = sps[0].pages + PAGE;
	struct deal d = deal_make(&sps[0], FFA_MEM_DONATE_32, &sps[1], base, PAGES);
	struct ffa_mem_response r;

	d.flags = FFA_MEM_FLAG_ZERO;
	if (!party_fill(&sps[0], base - PAGE, PAGES + 2, PATTERN) || !deal_send(&d) ||
	    !claim(&d, &sps[1], 0, &r) ||
	    !answer_is_right(&d, &sps[1], &r, FFA_MEM_DATA_RW, true) ||
	    !party_check(&sps[1], base, PAGES, TESTER_MEM_ZEROES)) {
		return false;
	}
	d = deal_make(&sps[1], FFA_MEM_DONATE_32, &sps[0], base, PAGES);
	return party_fill(&sps[1], base, PAGES, ANSWER) && deal_send(&d) &&
	       claim(&d, &sps[0], 0, NULL) && party_check(&sps[0], base, PAGES, ANSWER) &&
	       party_check(&sps[0], base - PAGE, 1, PATTERN);
}

/* Asked for at RETRIEVE_REQ, overruled by RELINQUISH, which decides alone. */
static bool zero_after(void)
{
	uint64_t base = sps[0].pages + PAGE;
	struct deal d = deal_make(&sps[0], FFA_MEM_LEND_32, &sps[1], base, PAGES);
	struct ffa_mem_borrower room[DEAL_BORROWERS];
	struct ffa_mem_request t;
	struct ffa_regs r;

	if (!party_fill(&sps[0], base, PAGES, PATTERN) || !deal_send(&d)) {
		return false;
	}
	t = deal_claim(&d, &sps[1], room);
	t.flags = FFA_MEM_FLAG_ZERO_AFTER;
	r = claim_try(&sps[1], &t);
	CHECK(ffa_fid(&r) == FFA_MEM_RETRIEVE_RESP_32, "RETRIEVE_REQ, zero after: %s",
	      ffa_text(&r));
	r = PARTY_CALL(&sps[1], FFA_RX_RELEASE_32);
	if (!relinquish(&d, &sps[1], 0) || !deal_reclaim(&d, 0) ||
	    !party_check(&sps[0], base, PAGES, PATTERN)) {
		return false;
	}
	/* Of a share, and by a reader: no. */
	d = deal_make(&sps[0], FFA_MEM_SHARE_32, &sps[1], base, PAGES);
	if (!deal_send(&d)) {
		return false;
	}
	t = deal_claim(&d, &sps[1], room);
	t.flags = FFA_MEM_FLAG_ZERO_AFTER;
	if (!claim_fails(&sps[1], &t, FFA_INVALID_PARAMETERS) || !claim(&d, &sps[1], 0, NULL)) {
		return false;
	}
	r = relinquish_try(&sps[1], d.handle, FFA_MEM_FLAG_ZERO);
	CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS), "RELINQUISH of a share with zero: %s",
	      ffa_text(&r));
	if (!relinquish(&d, &sps[1], 0) || !deal_reclaim(&d, 0)) {
		return false;
	}
	d = deal_make(&sps[0], FFA_MEM_LEND_32, &sps[1], base, PAGES);
	d.borrowers[0].permissions = FFA_MEM_DATA_RO;
	if (!deal_send(&d)) {
		return false;
	}
	t = deal_claim(&d, &sps[1], room);
	t.flags = FFA_MEM_FLAG_ZERO_AFTER;
	return claim_fails(&sps[1], &t, FFA_DENIED) && deal_reclaim(&d, 0);
}

/* --- Execution -------------------------------------------------------------------------------- */

/* Secure memory lent to one may be executed if it asks so; what is written and executed: never. */
static bool execute(void)
{
	uint64_t base = sps[0].pages + NEVER_DONATED * PAGE;
	struct deal d = deal_make(&sps[0], FFA_MEM_LEND_32, &sps[1], base, 1);
	struct ffa_mem_response r;
	struct access a;

	if (!party_access(&sps[0], base, TESTER_MEM_WRITE, TESTER_MEM_RET, &a) || !deal_send(&d) ||
	    !claim(&d, &sps[1], FFA_MEM_DATA_RO | FFA_MEM_EXEC_X, &r)) {
		return false;
	}
	CHECK(r.borrower.permissions == (FFA_MEM_DATA_RO | FFA_MEM_EXEC_X),
	      "answer: permissions %#x", r.borrower.permissions);
	if (!party_works(&sps[1], base, TESTER_MEM_EXECUTE) ||
	    !party_works(&sps[1], base, TESTER_MEM_READ) ||
	    !party_faults(&sps[1], base, TESTER_MEM_WRITE) || !relinquish(&d, &sps[1], 0)) {
		return false;
	}
	if (!claim(&d, &sps[1], FFA_MEM_DATA_RO | FFA_MEM_EXEC_XN, NULL) ||
	    !party_faults(&sps[1], base, TESTER_MEM_EXECUTE) ||
	    !party_works(&sps[1], base, TESTER_MEM_READ) || !relinquish(&d, &sps[1], 0) ||
	    !deal_reclaim(&d, 0)) {
		return false;
	}
	return party_works(&sps[0], base, TESTER_MEM_EXECUTE);
}

/* Memory of the normal world: never. */
static bool execute_nwd(void)
{
	struct deal d = deal_make(&nwd, FFA_MEM_LEND_32, &sps[1], MEMORY_BASE, 1);
	struct ffa_mem_borrower room[DEAL_BORROWERS];
	struct ffa_mem_request t;
	struct ffa_regs r;

	*(volatile uint32_t *)MEMORY_BASE = TESTER_MEM_RET;
	if (!deal_send(&d)) {
		return false;
	}
	t = deal_claim(&d, &sps[1], room);
	room[0].permissions = FFA_MEM_DATA_RO | FFA_MEM_EXEC_X;
	r = claim_try(&sps[1], &t);
	CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS) || ffa_is_error(&r, FFA_DENIED),
	      "RETRIEVE_REQ with X: %s", ffa_text(&r));
	return claim(&d, &sps[1], FFA_MEM_DATA_RW | FFA_MEM_EXEC_XN, NULL) &&
	       party_faults(&sps[1], MEMORY_BASE, TESTER_MEM_EXECUTE) &&
	       relinquish(&d, &sps[1], 0) && deal_reclaim(&d, 0);
}

/* --- Several borrowers ------------------------------------------------------------------------ */

/* All the other testers, each with its own access, come and go in any order. */
static bool borrowers(const struct party *lender, uint32_t fid)
{
	uint64_t base = lender->pages + PAGE;
	struct deal d = deal_make(lender, fid, &sps[0], base, PAGES);
	const struct party *who[TESTERS];
	uint32_t count = 0;

	d.attributes = FFA_MEM_NORMAL;
	for (uint32_t i = 0; i < TESTERS; i++) {
		if (&sps[i] != lender) {
			who[count] = &sps[i];
			d.borrowers[count] = (struct ffa_mem_borrower){
				.id = sps[i].id,
				.permissions = i % 2 == 0 ? FFA_MEM_DATA_RW : FFA_MEM_DATA_RO,
			};
			count++;
		}
	}
	d.borrower_count = count;
	if (!party_fill(lender, base - PAGE, PAGES + 2, PATTERN) || !deal_send(&d) ||
	    !lender_after_send(&d)) {
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint8_t data = d.borrowers[i].permissions;
		struct ffa_mem_response r;

		if (!all_fault(who[i], &d) || !claim(&d, who[i], 0, &r) ||
		    !answer_is_right(&d, who[i], &r, data, false) ||
		    !party_check(who[i], base, PAGES, PATTERN)) {
			return false;
		}
		if (data == FFA_MEM_DATA_RO ? !party_faults(who[i], base, TESTER_MEM_WRITE)
					    : !party_fill(who[i], base, PAGES, PATTERN)) {
			return false;
		}
	}
	for (uint32_t i = 0; i < count; i++) {
		uint32_t out = (i + 1) % count;

		if (!deal_reclaim_fails(&d, FFA_DENIED) || !relinquish(&d, who[out], 0) ||
		    !all_fault(who[out], &d)) {
			return false;
		}
		for (uint32_t rest = i + 1; rest < count; rest++) {
			if (!party_check(who[(rest + 1) % count], base, PAGES, PATTERN)) {
				return false;
			}
		}
	}
	return deal_reclaim(&d, 0) && party_check(lender, base - PAGE, PAGES + 2, PATTERN);
}

static bool borrowers_all(void)
{
	return borrowers(&nwd, FFA_MEM_SHARE_32) && borrowers(&nwd, FFA_MEM_LEND_32) &&
	       borrowers(&sps[0], FFA_MEM_SHARE_64) && borrowers(&sps[3], FFA_MEM_LEND_64);
}

/* It is zeroed when all have gone, if any of them has asked for it. */
static bool borrowers_zero(void)
{
	uint64_t base = sps[0].pages + PAGE;
	struct deal d = deal_make(&sps[0], FFA_MEM_LEND_32, &sps[1], base, 1);

	d.attributes = FFA_MEM_NORMAL;
	d.borrower_count = 2;
	d.borrowers[1] =
		(struct ffa_mem_borrower){ .id = sps[2].id, .permissions = FFA_MEM_DATA_RW };
	return party_fill(&sps[0], base, 1, PATTERN) && deal_send(&d) &&
	       claim(&d, &sps[1], 0, NULL) && claim(&d, &sps[2], 0, NULL) &&
	       relinquish(&d, &sps[1], FFA_MEM_FLAG_ZERO) &&
	       party_check(&sps[2], base, 1, PATTERN) && relinquish(&d, &sps[2], 0) &&
	       deal_reclaim(&d, 0) && party_check(&sps[0], base, 1, TESTER_MEM_ZEROES);
}

/* One of several that names itself alone. */
static bool borrowers_bypass(void)
{
	uint64_t base = sps[0].pages + PAGE;
	struct deal d = deal_make(&sps[0], FFA_MEM_SHARE_32, &sps[1], base, 1);
	struct ffa_mem_borrower room[DEAL_BORROWERS];
	struct ffa_mem_request t;
	struct ffa_regs r;

	d.borrower_count = 2;
	d.borrowers[1] =
		(struct ffa_mem_borrower){ .id = sps[2].id, .permissions = FFA_MEM_DATA_RO };
	if (!party_fill(&sps[0], base, 1, PATTERN) || !deal_send(&d)) {
		return false;
	}
	t = deal_claim(&d, &sps[1], room);
	t.flags = FFA_MEM_FLAG_BYPASS;
	if (!claim_fails(&sps[1], &t, FFA_INVALID_PARAMETERS)) {
		return false;
	}
	t.flags = 0;
	t.borrower_count = 1;
	if (!claim_fails(&sps[1], &t, FFA_INVALID_PARAMETERS)) {
		return false;
	}
	t.flags = FFA_MEM_FLAG_BYPASS;
	r = claim_try(&sps[1], &t);
	CHECK(ffa_fid(&r) == FFA_MEM_RETRIEVE_RESP_32, "RETRIEVE_REQ, bypass: %s", ffa_text(&r));
	r = PARTY_CALL(&sps[1], FFA_RX_RELEASE_32);
	return party_check(&sps[1], base, 1, PATTERN) && relinquish(&d, &sps[1], 0) &&
	       deal_reclaim(&d, 0);
}

/* --- VMs -------------------------------------------------------------------------------------- */

/* A VM's hypervisor sends for it, and asks what it was before it lets the VM take it back. */
static bool vm_sends(void)
{
	static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_LEND_32 };
	struct party vm = party_vm(VM_1), other = party_vm(VM_2);

	for (unsigned int f = 0; f < 2; f++) {
		struct deal d = deal_make(&vm, fids[f], &sps[0], MEMORY_BASE, 2);
		struct deal again = deal_make(&other, fids[f], &sps[0], MEMORY_BASE, 2);
		struct ffa_mem_request ask = { 0 };
		struct ffa_mem_response said;
		struct ffa_regs r;

		if (!deal_send(&d) || !deal_fails(&again, FFA_DENIED)) {
			return false;
		}
		ask.handle = d.handle;
		r = claim_try(&nwd, &ask);
		CHECK(ffa_fid(&r) == FFA_MEM_RETRIEVE_RESP_32, "hypervisor's RETRIEVE_REQ: %s",
		      ffa_text(&r));
		CHECK(ffa_mem_read(rxtx_rx, (uint32_t)r.x[2], nwd.version, &said),
		      "the answer is no descriptor");
		CHECK(said.sender == VM_1 && said.handle == d.handle && said.pages == 2 &&
			      said.borrower.id == sps[0].id && said.part_count == 1,
		      "hypervisor's answer: sender %#x, borrower %#x, %u pages", said.sender,
		      said.borrower.id, said.pages);
		FFA_CALL(FFA_RX_RELEASE_32);
		/* That changed nothing. */
		if (!all_fault(&sps[0], &d) || !claim(&d, &sps[0], 0, NULL) ||
		    !party_fill(&sps[0], MEMORY_BASE, 2, ANSWER) ||
		    !deal_reclaim_fails(&d, FFA_DENIED) || !relinquish(&d, &sps[0], 0) ||
		    !deal_reclaim(&d, 0) || !party_check(&nwd, MEMORY_BASE, 2, ANSWER)) {
			return false;
		}
	}
	return true;
}

/* VMs among the borrowers: they are counted, and block the end. */
static bool vm_borrows(void)
{
	struct party vm = party_vm(VM_1);
	struct deal d = deal_make(&nwd, FFA_MEM_SHARE_32, &sps[0], MEMORY_BASE, 1);

	d.borrower_count = 2;
	d.borrowers[1] = (struct ffa_mem_borrower){ .id = VM_1, .permissions = FFA_MEM_DATA_RW };
	if (!party_fill(&nwd, MEMORY_BASE, 1, PATTERN) || !deal_send(&d) ||
	    !claim(&d, &vm, 0, NULL) || !deal_reclaim_fails(&d, FFA_DENIED) ||
	    !claim(&d, &sps[0], 0, NULL) || !party_check(&sps[0], MEMORY_BASE, 1, PATTERN) ||
	    !relinquish(&d, &sps[0], 0) || !deal_reclaim_fails(&d, FFA_DENIED)) {
		return false;
	}
	return relinquish(&d, &vm, 0) && deal_reclaim(&d, 0);
}

/* Memory of the normal world to the normal world alone is its own business. */
static bool vm_alone(void)
{
	static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_LEND_32, FFA_MEM_DONATE_32 };
	struct party vm = party_vm(VM_1);

	for (unsigned int f = 0; f < 3; f++) {
		struct deal d = deal_make(&nwd, fids[f], &vm, MEMORY_BASE, 1);

		if (!deal_fails(&d, FFA_DENIED)) {
			return false;
		}
	}
	return true;
}

/* --- Devices ---------------------------------------------------------------------------------- */

/* A partition's device may be lent to one other partition, and nothing else. */
static bool device(void)
{
	const uint64_t page = 0x0a002000; /* SAMPLE_TESTER_ME's, sps[2]: nothing is behind it */
	static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_DONATE_32 };
	struct deal d;
	struct ffa_mem_response r;
	uint8_t bytes[FFA_PAGE_SIZE / 4];
	struct ffa_mem_borrower room[DEAL_BORROWERS];
	struct ffa_mem_request t;
	struct ffa_regs x;

	for (unsigned int f = 0; f < 2; f++) {
		d = deal_make(&sps[2], fids[f], &sps[1], page, 1);
		if (is_share(fids[f])) {
			d.attributes = FFA_MEM_TYPE_DEVICE | FFA_MEM_SHAREABILITY_INNER;
		}
		if (!deal_fails(&d, FFA_DENIED)) {
			return false;
		}
	}
	d = deal_make(&sps[2], FFA_MEM_LEND_32, &sps[1], page, 1);
	if (!party_works(&sps[2], page, TESTER_MEM_READ) || !deal_send(&d) ||
	    !party_faults(&sps[2], page, TESTER_MEM_READ)) {
		return false;
	}
	t = deal_claim(&d, &sps[1], room);
	t.attributes = FFA_MEM_TYPE_DEVICE | FFA_MEM_DEVICE_NGNRNE | FFA_MEM_SHAREABILITY_INNER;
	room[0].permissions = FFA_MEM_DATA_RW | FFA_MEM_EXEC_X;
	x = claim_try(&sps[1], &t);
	CHECK(ffa_fid(&x) == FFA_ERROR_32, "RETRIEVE_REQ of a device with X: %s", ffa_text(&x));
	room[0].permissions = FFA_MEM_DATA_RW | FFA_MEM_EXEC_XN;
	x = claim_try(&sps[1], &t);
	CHECK(ffa_fid(&x) == FFA_MEM_RETRIEVE_RESP_32 && x.x[2] <= sizeof(bytes),
	      "RETRIEVE_REQ of a device: %s", ffa_text(&x));
	if (!party_get(&sps[1], 0, bytes, (uint32_t)x.x[2])) {
		return false;
	}
	x = PARTY_CALL(&sps[1], FFA_RX_RELEASE_32);
	CHECK(ffa_mem_read(bytes, sizeof(bytes), sps[1].version, &r) &&
		      (r.attributes & FFA_MEM_TYPE_MASK) == FFA_MEM_TYPE_DEVICE &&
		      (r.attributes & FFA_MEM_ATTR_NS) == 0,
	      "answer: attributes %#x", r.attributes);
	return party_works(&sps[1], page, TESTER_MEM_READ) && relinquish(&d, &sps[1], 0) &&
	       party_faults(&sps[1], page, TESTER_MEM_READ) && deal_reclaim(&d, 0) &&
	       party_works(&sps[2], page, TESTER_MEM_READ);
}

/* --- The tests -------------------------------------------------------------------------------- */

/* The testers' own commands, before anything is sent. */
static bool own(void)
{
	uint64_t page = sps[0].pages;
	struct access a;

	return party_fill(&sps[0], page, PAGES, PATTERN) &&
	       party_check(&sps[0], page, PAGES, PATTERN) &&
	       party_access(&sps[0], page, TESTER_MEM_WRITE, TESTER_MEM_RET, &a) &&
	       party_works(&sps[0], page, TESTER_MEM_EXECUTE) &&
	       party_faults(&sps[0], MEMORY_BASE, TESTER_MEM_READ) &&
	       party_faults(&sps[0], MEMORY_BASE, TESTER_MEM_WRITE) &&
	       party_faults(&sps[0], MEMORY_BASE, TESTER_MEM_EXECUTE) &&
	       party_faults(&sps[0], sps[1].pages, TESTER_MEM_READ);
}

#define TEST(name)                                                                                 \
	static bool test_##name(void)                                                              \
	{                                                                                          \
		return with_parties(name);                                                         \
	}
TEST(own)
TEST(share_all)
TEST(lend_all)
TEST(donate_round)
TEST(donate_nwd)
TEST(to_nwd)
TEST(sent_once_all)
TEST(buffers)
TEST(buffers_sp)
TEST(handles)
TEST(handles_named)
TEST(zero_all)
TEST(zero_donate)
TEST(zero_after)
TEST(execute)
TEST(execute_nwd)
TEST(borrowers_all)
TEST(borrowers_zero)
TEST(borrowers_bypass)
TEST(vm_sends)
TEST(vm_borrows)
TEST(vm_alone)
TEST(device)
#undef TEST

const struct test memory_tests[] = {
	{ "memory.own", test_own, ALL_TESTERS },
	{ "memory.share", test_share_all, ALL_TESTERS },
	{ "memory.lend", test_lend_all, ALL_TESTERS },
	{ "memory.donate", test_donate_round, ALL_TESTERS },
	{ "memory.donate_nwd", test_donate_nwd, ALL_TESTERS },
	{ "memory.to_nwd", test_to_nwd, ALL_TESTERS },
	{ "memory.sent_once", test_sent_once_all, ALL_TESTERS },
	{ "memory.buffers", test_buffers, ALL_TESTERS },
	{ "memory.buffers_sp", test_buffers_sp, ALL_TESTERS },
	{ "memory.handles", test_handles, ALL_TESTERS },
	{ "memory.handles_named", test_handles_named, ALL_TESTERS },
	{ "memory.zero", test_zero_all, ALL_TESTERS },
	{ "memory.zero_donate", test_zero_donate, ALL_TESTERS },
	{ "memory.zero_after", test_zero_after, ALL_TESTERS },
	{ "memory.execute", test_execute, ALL_TESTERS },
	{ "memory.execute_nwd", test_execute_nwd, ALL_TESTERS },
	{ "memory.borrowers", test_borrowers_all, ALL_TESTERS },
	{ "memory.borrowers_zero", test_borrowers_zero, ALL_TESTERS },
	{ "memory.borrowers_bypass", test_borrowers_bypass, ALL_TESTERS },
	{ "memory.vm_sends", test_vm_sends, ALL_TESTERS },
	{ "memory.vm_borrows", test_vm_borrows, ALL_TESTERS },
	{ "memory.vm_alone", test_vm_alone, ALL_TESTERS },
	{ "memory.device", test_device, ALL_TESTERS },
	{ 0 },
};
