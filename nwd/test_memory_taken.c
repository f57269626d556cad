/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that EL3 takes from the normal world (granule protection, RME): the SPMC's own accesses to
 * it end in ABORTED, and what is lent to partitions is secure while they have it. With our monitor
 * and its argument rme.
 */
#include <stddef.h>
#include <string.h>

#include "bulkhead/mon.h"
#include "cpu.h"
#include "memory.h"
#include "monitor.h"
#include "partitions.h"
#include "smc.h"
#include "test.h"
#include "tester.h"

#define PATTERN 0x3000u
#define ANSWER 0x4000u
#define ALL (ALL_TESTERS | NEED_MONITOR)

static struct party nwd, sps[2];

static bool begin(void)
{
	CHECK(monitor_mode() & MON_MODE_RME, "the monitor has no granule protection table");
	return parties_begin(&nwd, sps, 2);
}

static bool with_parties(bool (*run)(void))
{
	bool ok = begin() && run();

	rxtx_unmap();
	return ok;
}

static bool give_to(const void *page, uint64_t owner)
{
	uint64_t status = smc(MON_PAS, (uint64_t)page, owner, 0);

	CHECK(status == 0, "MON_PAS(%#lx, %lu): %ld", (uint64_t)page, owner, status);
	return true;
}

/* The call with that buffer taken: ABORTED. Both owners that are not us. */
static bool aborts(const void *buffer, struct ffa_regs call, const char *what)
{
	for (uint64_t owner = MON_PAS_SECURE; owner <= MON_PAS_ROOT; owner++) {
		struct ffa_regs r;

		if (!give_to(buffer, owner)) {
			return false;
		}
		r = ffa_call(call);
		if (!give_to(buffer, MON_PAS_NORMAL)) {
			return false;
		}
		CHECK(ffa_is_error(&r, FFA_ABORTED), "%s: %s", what, ffa_text(&r));
	}
	return true;
}
#define ABORTS(buffer, ...) aborts(buffer, (struct ffa_regs){ .x = { __VA_ARGS__ } }, #__VA_ARGS__)

/* TX is not there when it is read. */
static bool tx(void)
{
	static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_LEND_64, FFA_MEM_DONATE_32 };
	struct deal d;
	struct ffa_mem_request t;
	uint32_t length;

	for (unsigned int f = 0; f < 3; f++) {
		d = deal_make(&nwd, fids[f], &sps[0], MEMORY_BASE, 2);
		t = deal_request(&d);
		length = ffa_mem_write(rxtx_tx, FFA_PAGE_SIZE, nwd.version, &t, 0);
		if (!ABORTS(rxtx_tx, fids[f], length, length) || !deal_send(&d) ||
		    !deal_reclaim(&d, 0)) {
			return false;
		}
	}
	d = deal_make(&nwd, FFA_MEM_SHARE_32, &sps[0], MEMORY_BASE, 2);
	if (!deal_send(&d)) {
		return false;
	}
	t = (struct ffa_mem_request){ .handle = d.handle };
	length = ffa_mem_write(rxtx_tx, FFA_PAGE_SIZE, nwd.version, &t, 0);
	return ABORTS(rxtx_tx, FFA_MEM_RETRIEVE_REQ_32, length, length) &&
	       ABORTS(rxtx_tx, FFA_MEM_RELINQUISH_32) && ABORTS(rxtx_tx, FFA_MSG_SEND2_32) &&
	       claim(&d, &sps[0], 0, NULL) && relinquish(&d, &sps[0], 0) && deal_reclaim(&d, 0);
}

/* A later fragment is not there. */
static bool fragment(void)
{
	struct deal d = deal_make(&nwd, FFA_MEM_LEND_32, &sps[0], MEMORY_BASE, 2);
	struct deal again;
	struct ffa_mem_request t;
	struct ffa_regs r;
	uint32_t length;

	d.part_count = 2;
	d.parts[1] = (struct ffa_constituent){ .base = MEMORY_BASE + 8 * PAGE, .pages = 1 };
	again = d;
	for (uint64_t owner = MON_PAS_SECURE; owner <= MON_PAS_ROOT; owner++) {
		t = deal_request(&d);
		length = ffa_mem_write(rxtx_tx, FFA_PAGE_SIZE, nwd.version, &t, 0);
		r = FFA_CALL(FFA_MEM_LEND_32, length, length - 16);
		CHECK(ffa_fid(&r) == FFA_MEM_FRAG_RX_32, "first fragment: %s", ffa_text(&r));
		if (!give_to(rxtx_tx, owner)) {
			return false;
		}
		r = FFA_CALL(FFA_MEM_FRAG_TX_32, r.x[1], r.x[2], 16);
		if (!give_to(rxtx_tx, MON_PAS_NORMAL)) {
			return false;
		}
		CHECK(ffa_is_error(&r, FFA_ABORTED), "FRAG_TX: %s", ffa_text(&r));
		/* The pages are free, whether the transaction is over or can go on. */
		if (!deal_send(&again) || !deal_reclaim(&again, 0)) {
			return false;
		}
	}
	return true;
}

/* RX is not there when it is written. */
static bool rx(void)
{
	struct deal d = deal_make(&nwd, FFA_MEM_SHARE_32, &sps[0], MEMORY_BASE, 2);
	struct ffa_mem_request t;
	struct ffa_regs r;
	uint32_t length;

	if (!ABORTS(rxtx_rx, FFA_PARTITION_INFO_GET_32) || !deal_send(&d)) {
		return false;
	}
	t = (struct ffa_mem_request){ .handle = d.handle };
	length = ffa_mem_write(rxtx_tx, FFA_PAGE_SIZE, nwd.version, &t, 0);
	if (!ABORTS(rxtx_rx, FFA_MEM_RETRIEVE_REQ_32, length, length)) {
		return false;
	}
	r = FFA_CALL(FFA_MEM_RETRIEVE_REQ_32, length, length);
	CHECK(ffa_fid(&r) == FFA_MEM_RETRIEVE_RESP_32, "RETRIEVE_REQ after that: %s", ffa_text(&r));
	FFA_CALL(FFA_RX_RELEASE_32);
	return claim(&d, &sps[0], 0, NULL) && relinquish(&d, &sps[0], 0) && deal_reclaim(&d, 0);
}

/* A page that a partition has retrieved: it gets the fault, and nobody else. */
static bool borrowed(void)
{
	struct deal d = deal_make(&nwd, FFA_MEM_SHARE_32, &sps[0], MEMORY_BASE, 2);

	if (!party_fill(&nwd, MEMORY_BASE, 2, PATTERN) || !deal_send(&d) ||
	    !claim(&d, &sps[0], 0, NULL)) {
		return false;
	}
	for (uint64_t owner = MON_PAS_SECURE; owner <= MON_PAS_ROOT; owner++) {
		if (!give_to((void *)(MEMORY_BASE + PAGE), owner) ||
		    !party_faults(&sps[0], MEMORY_BASE + PAGE, TESTER_MEM_READ) ||
		    !party_faults(&sps[0], MEMORY_BASE + PAGE, TESTER_MEM_WRITE) ||
		    !party_check(&sps[0], MEMORY_BASE, 1, PATTERN) ||
		    !give_to((void *)(MEMORY_BASE + PAGE), MON_PAS_NORMAL)) {
			return false;
		}
	}
	return party_check(&sps[0], MEMORY_BASE, 2, PATTERN) && relinquish(&d, &sps[0], 0) &&
	       deal_reclaim(&d, 0) && tester_pings(sps[0].id);
}

/* A page that has to be zeroed is not there: the call fails, and can be made again. */
static bool zeroed(void)
{
	struct deal d = deal_make(&nwd, FFA_MEM_LEND_32, &sps[0], MEMORY_BASE, 3);
	struct ffa_mem_borrower room[DEAL_BORROWERS];
	struct ffa_mem_request t;
	struct ffa_regs r;

	d.flags = FFA_MEM_FLAG_ZERO;
	if (!party_fill(&nwd, MEMORY_BASE, 3, PATTERN) ||
	    !give_to((void *)(MEMORY_BASE + 2 * PAGE), MON_PAS_ROOT)) {
		return false;
	}
	r = deal_try(&d);
	if (!give_to((void *)(MEMORY_BASE + 2 * PAGE), MON_PAS_NORMAL)) {
		return false;
	}
	CHECK(ffa_fid(&r) == FFA_ERROR_32, "LEND with zero of a page that is not there: %s",
	      ffa_text(&r));
	if (!deal_send(&d) || !claim(&d, &sps[0], 0, NULL) ||
	    !party_check(&sps[0], MEMORY_BASE, 3, TESTER_MEM_ZEROES) ||
	    !party_fill(&sps[0], MEMORY_BASE, 3, ANSWER) ||
	    !give_to((void *)(MEMORY_BASE + PAGE), MON_PAS_ROOT)) {
		return false;
	}
	/* The borrower may go; but it is given to nobody before it is zeroed. */
	if (!relinquish(&d, &sps[0], FFA_MEM_FLAG_ZERO) || !deal_reclaim_fails(&d, FFA_ABORTED)) {
		return false;
	}
	t = deal_claim(&d, &sps[0], room);
	r = claim_try(&sps[0], &t);
	if (!give_to((void *)(MEMORY_BASE + PAGE), MON_PAS_NORMAL)) {
		return false;
	}
	CHECK(ffa_fid(&r) == FFA_ERROR_32, "RETRIEVE_REQ of what has to be zeroed: %s",
	      ffa_text(&r));
	return party_faults(&sps[0], MEMORY_BASE, TESTER_MEM_READ) && deal_reclaim(&d, 0) &&
	       party_check(&nwd, MEMORY_BASE, 3, TESTER_MEM_ZEROES);
}

/* --- Protected: the manifest says protect_ns_memory ------------------------------------------- */

/* What is lent to a partition is not the normal world's to touch. */
static bool lent(void)
{
	struct deal d = deal_make(&nwd, FFA_MEM_LEND_32, &sps[0], MEMORY_BASE, 2);
	struct ffa_mem_response r;
	bool ok;

	memory_is_protected(false);
	if (!party_fill(&nwd, MEMORY_BASE, 2, PATTERN) || !deal_send(&d) ||
	    !we_fault(MEMORY_BASE, false) || !we_fault(MEMORY_BASE + PAGE, true) ||
	    !claim(&d, &sps[0], 0, &r)) {
		return false;
	}
	CHECK((r.attributes & FFA_MEM_ATTR_NS) == 0, "it is called non-secure: %#x", r.attributes);
	memory_is_protected(true);
	ok = party_check(&sps[0], MEMORY_BASE, 2, PATTERN) &&
	     party_fill(&sps[0], MEMORY_BASE, 2, ANSWER) && we_fault(MEMORY_BASE, false) &&
	     relinquish(&d, &sps[0], 0) && party_faults(&sps[0], MEMORY_BASE, TESTER_MEM_READ);
	memory_is_protected(false);
	return ok && we_fault(MEMORY_BASE, false) && deal_reclaim(&d, 0) &&
	       party_check(&nwd, MEMORY_BASE, 2, ANSWER);
}

/* Shared memory stays the normal world's too, and so does what a VM borrows as well. */
static bool shared(void)
{
	struct deal d = deal_make(&nwd, FFA_MEM_SHARE_32, &sps[0], MEMORY_BASE, 2);

	return party_fill(&nwd, MEMORY_BASE, 2, PATTERN) && deal_send(&d) &&
	       claim(&d, &sps[0], 0, NULL) && party_check(&nwd, MEMORY_BASE, 2, PATTERN) &&
	       party_check(&sps[0], MEMORY_BASE, 2, PATTERN) && relinquish(&d, &sps[0], 0) &&
	       deal_reclaim(&d, 0);
}

/* One of the pages is not the normal world's: what was moved before it is moved back. */
static bool roll_back(void)
{
	struct deal d = deal_make(&nwd, FFA_MEM_LEND_32, &sps[0], MEMORY_BASE, 4);

	d.part_count = 2;
	d.parts[1] = (struct ffa_constituent){ .base = MEMORY_BASE + 8 * PAGE, .pages = 4 };
	if (!party_fill(&nwd, MEMORY_BASE, 12, PATTERN) ||
	    !give_to((void *)(MEMORY_BASE + 10 * PAGE), MON_PAS_ROOT) ||
	    !deal_fails(&d, FFA_DENIED) || !party_check(&nwd, MEMORY_BASE, 10, PATTERN) ||
	    !party_check(&nwd, MEMORY_BASE + 11 * PAGE, 1, PATTERN) ||
	    !give_to((void *)(MEMORY_BASE + 10 * PAGE), MON_PAS_NORMAL)) {
		return false;
	}
	return deal_send(&d) && we_fault(MEMORY_BASE + 11 * PAGE, false) && deal_reclaim(&d, 0) &&
	       party_check(&nwd, MEMORY_BASE, 12, PATTERN);
}

#define TEST(name)                                                                                 \
	static bool test_##name(void)                                                              \
	{                                                                                          \
		return with_parties(name);                                                         \
	}
TEST(tx)
TEST(fragment)
TEST(rx)
TEST(borrowed)
TEST(zeroed)
TEST(lent)
TEST(shared)
TEST(roll_back)
#undef TEST

const struct test memory_taken_tests[] = {
	{ "memory_taken.tx", test_tx, ALL },
	{ "memory_taken.fragment", test_fragment, ALL },
	{ "memory_taken.rx", test_rx, ALL },
	{ "memory_taken.borrowed", test_borrowed, ALL },
	{ "memory_taken.zeroed", test_zeroed, ALL },
	{ "memory_protected.lent", test_lent, ALL },
	{ "memory_protected.shared", test_shared, ALL },
	{ "memory_protected.roll_back", test_roll_back, ALL },
	{ 0 },
};
