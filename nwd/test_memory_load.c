/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory management where it is much, or at the same time: long lists in fragments, TLBs of other
 * CPUs, thousands of rounds, a thousand open transactions, partitions that end.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "cpu.h"
#include "memory.h"
#include "partitions.h"
#include "print.h"
#include "test.h"
#include "tester.h"

#define SINGLE_PAGES 4096u
#define STEP 2u /* pages from the beginning of one to that of the next */
#define SEED 0x10000u
#define ROUNDS 10000u
#define OPEN 1000u
#define WAIT_NS 60000000000ull /* the host may have others to run */
#define SPINNER 2u /* the CPU whose vCPU spins */

static struct party nwd, sps[4];
static struct ffa_constituent parts[SINGLE_PAGES];

static bool begin(void)
{
	return parties_begin(&nwd, sps, 4);
}

static bool with_parties(bool (*run)(void))
{
	bool ok = begin() && run();

	rxtx_unmap();
	return ok;
}

static struct ffa_mem_endpoint our_endpoint(void)
{
	return (struct ffa_mem_endpoint){
		.id = FFA_ID_NWD,
		.version = nwd.version,
		.tx = rxtx_tx,
		.rx = rxtx_rx,
		.size = FFA_PAGE_SIZE,
	};
}

/* --- Fragments -------------------------------------------------------------------------------- */

/* TESTER_MEM_RETRIEVE and TESTER_MEM_USE: who sent, what is asked. */
static uint64_t word_2(const struct party *lender, uint16_t attributes)
{
	return lender->id | (uint64_t)attributes << 16;
}

static bool retrieve_all(const struct party *borrower, uint64_t handle, uint32_t pages,
			 uint32_t count, uint32_t *fragments)
{
	struct ffa_regs r = FFA_DIRECT(borrower->id, TESTER_MEM_RETRIEVE, handle,
				       word_2(&nwd, FFA_MEM_NORMAL), FFA_MEM_DATA_RW);

	if (!tester_ok(&r, borrower->id)) {
		return false;
	}
	CHECK(r.x[4] == (pages | (uint64_t)count << 32), "%lu pages in %lu ranges, not %u in %u",
	      r.x[4] & 0xFFFFFFFF, r.x[4] >> 32, pages, count);
	*fragments = (uint32_t)r.x[6];
	return true;
}

static bool verify_all(const struct party *borrower, uint64_t seed, uint64_t next)
{
	struct ffa_regs r = FFA_DIRECT(borrower->id, TESTER_MEM_VERIFY, seed, next);

	if (!tester_ok(&r, borrower->id)) {
		return false;
	}
	CHECK(r.x[4] == 0, "%#x sees %lu wrong words, the first at %#lx: %#lx", borrower->id,
	      r.x[4], r.x[5], r.x[6]);
	return true;
}

static bool give_back(const struct party *borrower)
{
	struct ffa_regs r = FFA_DIRECT(borrower->id, TESTER_MEM_RELINQUISH);

	return tester_ok(&r, borrower->id);
}

/* `pages` single pages to a borrower in fragments of that size, and back. */
static bool in_fragments(const struct party *borrower, uint32_t pages, uint32_t size,
			 bool backwards)
{
	const struct ffa_mem_borrower to = { .id = borrower->id, .permissions = FFA_MEM_DATA_RW };
	const struct ffa_mem_endpoint me = our_endpoint();
	struct ffa_mem_request t = {
		.attributes = FFA_MEM_NORMAL,
		.borrowers = &to,
		.borrower_count = 1,
		.parts = parts,
		.part_count = pages,
	};
	uint64_t handle;
	uint32_t fragments;
	enum ffa_status status;

	for (uint32_t i = 0; i < pages; i++) {
		uint32_t place = backwards ? pages - 1 - i : i;

		parts[i] = (struct ffa_constituent){
			.base = MEMORY_BASE + (uint64_t)place * STEP * PAGE,
			.pages = 1,
		};
		party_fill(&nwd, parts[i].base, 1, SEED + i);
	}
	status = ffa_mem_send(&me, FFA_MEM_SHARE_32, &t, size, &handle);
	CHECK(status == FFA_OK, "SHARE of %u pages in fragments of %u: %d", pages, size, status);
	if (!retrieve_all(borrower, handle, pages, pages, &fragments) ||
	    !verify_all(borrower, SEED, 2 * SEED)) {
		return false;
	}
	CHECK(fragments >= pages / (FFA_PAGE_SIZE / 16), "%u pages came in %u fragments", pages,
	      fragments);
	/* What lies between them is not shared. */
	if (!party_faults(borrower, MEMORY_BASE + PAGE, TESTER_MEM_READ) ||
	    !party_faults(borrower, MEMORY_BASE + (pages * STEP - 1ull) * PAGE, TESTER_MEM_WRITE)) {
		return false;
	}
	if (!give_back(borrower) || !party_faults(borrower, MEMORY_BASE, TESTER_MEM_READ)) {
		return false;
	}
	status = ffa_mem_reclaim(handle, 0);
	CHECK(status == FFA_OK, "RECLAIM: %d", status);
	for (uint32_t i = 0; i < pages; i++) {
		if (!party_check(&nwd, parts[i].base, 1, 2 * SEED + i)) {
			return false;
		}
	}
	return true;
}

static bool fragments_4096(void)
{
	return in_fragments(&sps[0], SINGLE_PAGES, 0, false);
}

static bool fragments_sizes(void)
{
	static const uint32_t pages[] = { 1, 2, 246, 247, 248, 249, 250, 251, 252, 253, 254, 500 };

	for (unsigned int i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (!in_fragments(&sps[i % 4], pages[i], 0, i % 2)) {
			return false;
		}
	}
	return in_fragments(&sps[1], 300, 128, false) && in_fragments(&sps[1], 64, 96 + 16, true);
}

/* A partition sends in fragments. */
static bool fragments_sp(void)
{
	static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_LEND_64 };

	for (unsigned int f = 0; f < 2; f++) {
		for (uint32_t size = 128; size <= 512; size *= 2) {
			const struct party *from = &sps[f], *to = &sps[f + 2];
			uint32_t pages = TESTER_MEM_PAGES / STEP;
			uint16_t type = f == 0 ? FFA_MEM_NORMAL : 0;
			uint8_t exec = f == 0 ? 0 : FFA_MEM_EXEC_XN;
			struct ffa_regs r;
			uint64_t handle;

			for (uint32_t n = 0; n < pages; n++) {
				if (!party_fill(from, from->pages + n * STEP * PAGE, 1, SEED + n)) {
					return false;
				}
			}
			r = FFA_DIRECT(
				from->id, TESTER_MEM_SEND,
				fids[f] | (uint64_t)to->id << 32 | (uint64_t)FFA_MEM_DATA_RW << 48,
				(uint64_t)pages << 16 | (uint64_t)type << 32 | (uint64_t)size << 48,
				0, STEP);
			if (!tester_ok(&r, from->id)) {
				return false;
			}
			handle = r.x[4];
			r = FFA_DIRECT(to->id, TESTER_MEM_USE, handle, word_2(from, type),
				       FFA_MEM_DATA_RW | exec, SEED | 2ull * SEED << 32);
			if (!tester_ok(&r, to->id)) {
				return false;
			}
			CHECK(r.x[4] == 0, "%lu wrong words, the first at %#lx", r.x[4], r.x[5]);
			r = FFA_DIRECT(from->id, TESTER_MEM_RECLAIM, handle);
			if (!tester_ok(&r, from->id)) {
				return false;
			}
			for (uint32_t n = 0; n < pages; n++) {
				if (!party_check(from, from->pages + n * STEP * PAGE, 1,
						 2 * SEED + n)) {
					return false;
				}
			}
		}
	}
	return true;
}

/* One range of many pages: mapped in blocks where it may be, whole and in parts. */
static bool blocks(void)
{
	static const struct {
		uint64_t first;
		uint32_t pages;
	} regions[] = {
		{ 0, 512 }, { 1, 512 }, { 511, 514 }, { 0, 1536 }, { 300, 1 }, { 0, 4096 }
	};

	for (unsigned int i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
		const struct party *borrower = &sps[i % 4];
		uint64_t base = MEMORY_BASE + regions[i].first * PAGE;
		uint64_t last = base + (regions[i].pages - 1) * PAGE;
		struct deal d = deal_make(&nwd, FFA_MEM_SHARE_32, borrower, base, regions[i].pages);

		if (!party_fill(&nwd, base, 1, SEED) || !party_fill(&nwd, last, 1, SEED) ||
		    !deal_send(&d) || !claim(&d, borrower, 0, NULL) ||
		    !party_check(borrower, base, 1, SEED) ||
		    !party_check(borrower, last, 1, SEED) ||
		    !party_works(borrower, (base + last) / 2 & ~(PAGE - 1), TESTER_MEM_WRITE) ||
		    !party_faults(borrower, base - 8, TESTER_MEM_READ) ||
		    !party_faults(borrower, last + PAGE, TESTER_MEM_READ) ||
		    !relinquish(&d, borrower, 0) ||
		    !party_faults(borrower, base, TESTER_MEM_READ) ||
		    !party_faults(borrower, last, TESTER_MEM_WRITE) || !deal_reclaim(&d, 0)) {
			return false;
		}
	}
	return true;
}

/* --- TLBs ------------------------------------------------------------------------------------- */

static struct {
	atomic_bool done;
	struct ffa_regs answer;
	uint16_t id;
	uint64_t address, how;
} spin;

/* Interrupts stay off: the vCPU is to stay where it is until it faults. */
static void spin_job(uint64_t arg)
{
	(void)arg;
	cpu_irq_off();
	spin.answer = FFA_DIRECT(spin.id, TESTER_MEM_SPIN, spin.address, spin.how);
	cpu_irq_on();
	atomic_store(&spin.done, true);
}

/* How far the spinner is; ~0: it has ended. */
static uint64_t spin_progress(void)
{
	struct ffa_regs r = FFA_DIRECT(spin.id, TESTER_MEM_PROGRESS, SPINNER);

	return r.x[5] == 1 ? r.x[4] : ~0ull;
}

/* A vCPU of that MP tester touches the address on another CPU, and is seen to. */
static bool spin_start(const struct party *p, uint64_t address, uint64_t how)
{
	uint64_t until = cpu_now() + WAIT_NS;
	uint64_t first;

	atomic_store(&spin.done, false);
	spin.id = p->id;
	spin.address = address;
	spin.how = how | (address >= MEMORY_BASE ? TESTER_MEM_NS : 0);
	cpu_start(SPINNER, spin_job, 0);
	do {
		first = spin_progress();
		CHECK(cpu_now() < until && !atomic_load(&spin.done), "it does not spin: %s",
		      ffa_text(&spin.answer));
	} while (first == ~0ull || first < 1000);
	while (spin_progress() == first) {
		CHECK(cpu_now() < until, "it stands still");
	}
	return true;
}

/*
 * It has faulted, there, and did no access after the call that took the page had come back. One may
 * have been done before it that was counted after.
 */
static bool spin_faults(const struct party *who)
{
	uint64_t until = cpu_now() + WAIT_NS;
	uint64_t when_called;
	struct ffa_regs r = FFA_DIRECT(who->id, TESTER_MEM_PROGRESS, SPINNER);

	when_called = r.x[6];
	while (!atomic_load(&spin.done)) {
		CHECK(cpu_now() < until, "it goes on, %lu accesses and more after the call",
		      spin_progress() - when_called);
		cpu_relax();
	}
	cpu_wait(SPINNER);
	if (!tester_ok(&spin.answer, spin.id)) {
		return false;
	}
	CHECK(spin.answer.x[5] >> 26 == ACCESS_EC_DATA && spin.answer.x[6] == spin.address,
	      "it faults elsewhere: %s", ffa_text(&spin.answer));
	if (who->id == spin.id) {
		CHECK(spin.answer.x[4] <= when_called + 1, "%lu accesses, %lu before the call",
		      spin.answer.x[4], when_called);
	}
	return true;
}

/* The lender's: lent and donated under its fingers, by another vCPU of its own. */
static bool tlb_lender(void)
{
	static const uint32_t fids[] = { FFA_MEM_LEND_32, FFA_MEM_DONATE_32 };
	const struct party *from = &sps[0], *to = &sps[1];

	for (unsigned int i = 0; i < 8; i++) {
		uint64_t base = from->pages + (i % 3) * PAGE;
		struct deal d = deal_make(from, fids[i / 4], to, from->pages, 3);

		if (!spin_start(from, base + 8, i % 2 ? TESTER_MEM_WRITE : TESTER_MEM_READ) ||
		    !deal_send(&d) || !spin_faults(from)) {
			return false;
		}
		/* And back. */
		if (!deal_reclaim(&d, 0) || !party_works(from, base + 8, TESTER_MEM_WRITE)) {
			return false;
		}
	}
	return true;
}

/* The borrower's: it gives back what another vCPU of its own uses. */
static bool tlb_borrower(void)
{
	const struct party *lenders[] = { &nwd, &sps[1] };
	static const uint32_t fids[] = { FFA_MEM_SHARE_32, FFA_MEM_LEND_32 };
	const struct party *to = &sps[0];

	for (unsigned int i = 0; i < 8; i++) {
		const struct party *from = lenders[i % 2];
		uint64_t base = from->pages;
		/* Blocks of 2 MiB too. */
		uint32_t pages = i % 4 == 0 ? 512 : 3;
		struct deal d = deal_make(from, fids[i / 4], to, base, pages);

		if (!deal_send(&d) || !claim(&d, to, 0, NULL) ||
		    !spin_start(to, base + PAGE, i % 3 == 0 ? TESTER_MEM_WRITE : TESTER_MEM_READ) ||
		    !relinquish(&d, to, 0) || !spin_faults(to) || !deal_reclaim(&d, 0)) {
			return false;
		}
	}
	return true;
}

/* What does not take the page does not stop it: a share, another page, another partition's. */
static bool tlb_untouched(void)
{
	const struct party *from = &sps[0];
	uint64_t base = from->pages + 8 * PAGE;
	struct deal share = deal_make(from, FFA_MEM_SHARE_32, &sps[1], base, 1);
	struct deal near = deal_make(from, FFA_MEM_LEND_32, &sps[1], base + PAGE, 1);
	struct deal other = deal_make(&sps[2], FFA_MEM_LEND_32, &sps[3], sps[2].pages, 1);
	struct deal last = deal_make(from, FFA_MEM_LEND_32, &sps[1], base, 1);
	uint64_t before;

	if (!spin_start(from, base, TESTER_MEM_WRITE)) {
		return false;
	}
	for (unsigned int i = 0; i < 20; i++) {
		if (!deal_send(&share) || !deal_send(&near) || !deal_send(&other) ||
		    !claim(&share, &sps[1], 0, NULL) || !claim(&near, &sps[1], 0, NULL) ||
		    !relinquish(&near, &sps[1], 0) || !relinquish(&share, &sps[1], 0) ||
		    !deal_reclaim(&share, 0) || !deal_reclaim(&near, 0) ||
		    !deal_reclaim(&other, 0)) {
			return false;
		}
	}
	before = spin_progress();
	CHECK(before != ~0ull && !atomic_load(&spin.done), "it has stopped: %s",
	      ffa_text(&spin.answer));
	return deal_send(&last) && spin_faults(from) && deal_reclaim(&last, 0);
}

/* --- Rounds ----------------------------------------------------------------------------------- */

/* Our TX, from four CPUs. */
static atomic_flag tx_lock = ATOMIC_FLAG_INIT;

static void tx_acquire(void)
{
	while (atomic_flag_test_and_set_explicit(&tx_lock, memory_order_acquire)) {
		cpu_relax();
	}
}

static void tx_release(void)
{
	atomic_flag_clear_explicit(&tx_lock, memory_order_release);
}

/* CPU n with tester n: shared or lent, seen, changed, given back, taken back. */
static bool round_nwd(uint32_t cpu, uint32_t n)
{
	uint64_t base = MEMORY_BASE + (cpu * 16ull + n % 8) * PAGE;
	uint32_t pages = 1 + n % 3;
	bool lend = n % 2;
	uint16_t type = lend ? 0 : FFA_MEM_NORMAL;
	const struct ffa_mem_borrower to = { .id = sps[cpu].id, .permissions = FFA_MEM_DATA_RW };
	const struct ffa_constituent part = { .base = base, .pages = pages };
	const struct ffa_mem_request t = {
		.attributes = type,
		.borrowers = &to,
		.borrower_count = 1,
		.parts = &part,
		.part_count = 1,
	};
	const struct ffa_mem_endpoint me = our_endpoint();
	uint64_t seed = SEED + n % 1000, handle;
	enum ffa_status status;
	struct ffa_regs r;

	for (uint32_t i = 0; i < pages; i++) {
		party_fill(&nwd, base + i * PAGE, 1, seed + i);
	}
	tx_acquire();
	status = ffa_mem_send(&me, lend ? FFA_MEM_LEND_32 : FFA_MEM_SHARE_32, &t, 0, &handle);
	tx_release();
	CHECK(status == FFA_OK, "CPU %u, round %u: send: %d", cpu, n, status);
	r = FFA_DIRECT(sps[cpu].id, TESTER_MEM_USE, handle, word_2(&nwd, type),
		       FFA_MEM_DATA_RW | (lend ? FFA_MEM_EXEC_XN : 0), seed | (seed + 5000) << 32);
	if (!tester_ok(&r, sps[cpu].id)) {
		return false;
	}
	CHECK(r.x[4] == 0, "CPU %u, round %u: %lu wrong words, %#lx: %#lx", cpu, n, r.x[4], r.x[5],
	      r.x[6]);
	status = ffa_mem_reclaim(handle, 0);
	CHECK(status == FFA_OK, "CPU %u, round %u: RECLAIM: %d", cpu, n, status);
	for (uint32_t i = 0; i < pages; i++) {
		if (!party_check(&nwd, base + i * PAGE, 1, seed + 5000 + i)) {
			return false;
		}
	}
	return true;
}

/* The same from the CPU's tester to another. */
static bool round_sp(uint32_t cpu, uint32_t n)
{
	const struct party *from = &sps[cpu];
	uint64_t first = n % 8, handle;
	struct ffa_regs r;

	r = FFA_DIRECT(from->id, TESTER_MEM_SEND,
		       FFA_MEM_LEND_32 | (uint64_t)sps[(cpu + 1) % 4].id << 32 |
			       (uint64_t)FFA_MEM_DATA_RW << 48,
		       first | 2ull << 16, 0, 0);
	if (!tester_ok(&r, from->id)) {
		return false;
	}
	handle = r.x[4];
	r = FFA_DIRECT(from->id, TESTER_MEM_RECLAIM, handle);
	return tester_ok(&r, from->id);
}

static void rounds_job(uint64_t count)
{
	uint32_t cpu = cpu_index();

	for (uint32_t n = 0; n < count && !test_failed(); n++) {
		if (!round_nwd(cpu, n) || (n % 4 == 0 && !round_sp(cpu, n))) {
			return;
		}
	}
}

static bool rounds(void)
{
	cpu_run_all(rounds_job, test_count(ROUNDS) / CPU_COUNT);
	return !test_failed();
}

/* --- A thousand open -------------------------------------------------------------------------- */

static uint64_t handles[OPEN];

/* As many transactions as are promised, all open; then as many again: none was lost. */
static bool open_all(void)
{
	for (unsigned int again = 0; again < 3; again++) {
		struct deal d;

		for (uint32_t i = 0; i < OPEN; i++) {
			d = deal_make(&nwd, FFA_MEM_SHARE_32, &sps[i % 4], MEMORY_BASE + i * PAGE,
				      1);
			if (!deal_send(&d)) {
				print_line("transaction %u", i);
				return false;
			}
			handles[i] = d.handle;
		}
		/* Each of them is itself. */
		for (uint32_t i = 0; i < OPEN; i += 97) {
			const struct party *to = &sps[i % 4];

			d = deal_make(&nwd, FFA_MEM_SHARE_32, to, MEMORY_BASE + i * PAGE, 1);
			d.handle = handles[i];
			if (!party_fill(&nwd, d.parts[0].base, 1, SEED + i) ||
			    !claim(&d, to, 0, NULL) ||
			    !party_check(to, d.parts[0].base, 1, SEED + i) ||
			    !relinquish(&d, to, 0)) {
				return false;
			}
		}
		for (uint32_t i = 0; i < OPEN; i++) {
			uint32_t n = again == 1 ? OPEN - 1 - i : i;
			enum ffa_status status = ffa_mem_reclaim(handles[n], 0);

			CHECK(status == FFA_OK, "RECLAIM of transaction %u: %d", n, status);
		}
	}
	return true;
}

/* More than there is room for: an error, and the rest goes on as if nothing had been. */
static bool open_too_many(void)
{
	static uint64_t many[MEMORY_PAGES];
	uint32_t count = 0;
	struct ffa_regs r = { 0 };
	struct deal d;

	while (count < MEMORY_PAGES) {
		d = deal_make(&nwd, FFA_MEM_SHARE_32, &sps[0], MEMORY_BASE + count * PAGE, 1);
		r = deal_try(&d);
		if (ffa_fid(&r) != FFA_SUCCESS_32) {
			break;
		}
		many[count++] = FFA_MEM_HANDLE(r.x[2], r.x[3]);
	}
	CHECK(count == MEMORY_PAGES || ffa_is_error(&r, FFA_NO_MEMORY), "transaction %u: %s", count,
	      ffa_text(&r));
	CHECK(count >= OPEN, "only %u transactions may be open", count);
	/* Partitions have their own room. */
	d = deal_make(&sps[1], FFA_MEM_LEND_32, &sps[0], sps[1].pages, 1);
	if (!deal_send(&d) || !claim(&d, &sps[0], 0, NULL) || !relinquish(&d, &sps[0], 0) ||
	    !deal_reclaim(&d, 0)) {
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		enum ffa_status status = ffa_mem_reclaim(many[i], 0);

		CHECK(status == FFA_OK, "RECLAIM of transaction %u: %d", i, status);
	}
	return open_all();
}

/* --- Partitions that end ---------------------------------------------------------------------- */

/* The rogue, which knows none of the testers' commands, borrows nothing: so a tester ends. */
static bool ends(const struct party *p)
{
	struct ffa_regs r = FFA_DIRECT(p->id, TESTER_MEM_END);

	CHECK(ffa_is_error(&r, FFA_ABORTED), "end of %#x: %s", p->id, ffa_text(&r));
	return true;
}

/* A borrower ends: its lender, of either world, has the page again, zeroed where it was asked. */
static bool ends_borrower(void)
{
	struct deal ours = deal_make(&nwd, FFA_MEM_SHARE_32, &sps[1], MEMORY_BASE, 2);
	struct deal lent = deal_make(&sps[0], FFA_MEM_LEND_32, &sps[1], sps[0].pages, 2);
	struct deal zero = deal_make(&sps[0], FFA_MEM_LEND_32, &sps[1], sps[0].pages + 4 * PAGE, 1);
	struct deal open = deal_make(&sps[0], FFA_MEM_LEND_32, &sps[1], sps[0].pages + 8 * PAGE, 1);
	struct ffa_mem_borrower room[DEAL_BORROWERS];
	struct ffa_mem_request t;
	struct ffa_regs r;
	struct deal again;

	if (!party_fill(&sps[0], sps[0].pages, 10, SEED) ||
	    !party_fill(&nwd, MEMORY_BASE, 2, SEED) || !deal_send(&ours) || !deal_send(&lent) ||
	    !deal_send(&zero) || !deal_send(&open) || !claim(&ours, &sps[1], 0, NULL) ||
	    !claim(&lent, &sps[1], 0, NULL)) {
		return false;
	}
	t = deal_claim(&zero, &sps[1], room);
	t.flags = FFA_MEM_FLAG_ZERO_AFTER;
	r = claim_try(&sps[1], &t);
	CHECK(ffa_fid(&r) == FFA_MEM_RETRIEVE_RESP_32, "RETRIEVE_REQ: %s", ffa_text(&r));
	r = PARTY_CALL(&sps[1], FFA_RX_RELEASE_32);
	if (!ends(&sps[1]) || !deal_reclaim(&ours, 0) || !deal_reclaim(&lent, 0) ||
	    !deal_reclaim(&zero, 0) || !deal_reclaim(&open, 0) ||
	    !party_check(&nwd, MEMORY_BASE, 2, SEED) ||
	    !party_check(&sps[0], sps[0].pages, 2, SEED) ||
	    !party_check(&sps[0], sps[0].pages + 4 * PAGE, 1, TESTER_MEM_ZEROES) ||
	    !party_check(&sps[0], sps[0].pages + 8 * PAGE, 1, SEED)) {
		return false;
	}
	/* To others, as if nothing had been. */
	again = deal_make(&nwd, FFA_MEM_SHARE_32, &sps[2], MEMORY_BASE, 2);
	if (!deal_send(&again) || !claim(&again, &sps[2], 0, NULL) ||
	    !relinquish(&again, &sps[2], 0) || !deal_reclaim(&again, 0)) {
		return false;
	}
	again = deal_make(&sps[0], FFA_MEM_LEND_32, &sps[2], sps[0].pages, 2);
	return deal_send(&again) && claim(&again, &sps[2], 0, NULL) &&
	       party_check(&sps[2], sps[0].pages, 2, SEED) && relinquish(&again, &sps[2], 0) &&
	       deal_reclaim(&again, 0);
}

/*
 * A lender ends: nobody retrieves any more, and who has retrieved keeps it until it gives it back.
 */
static bool ends_lender(void)
{
	uint64_t base = sps[1].pages;
	struct deal held = deal_make(&sps[1], FFA_MEM_LEND_32, &sps[0], base, 2);
	struct deal open = deal_make(&sps[1], FFA_MEM_SHARE_32, &sps[0], base + 4 * PAGE, 1);
	struct deal last = deal_make(&sps[1], FFA_MEM_DONATE_32, &sps[2], base + 8 * PAGE, 1);
	struct ffa_mem_borrower room[DEAL_BORROWERS];
	struct ffa_mem_request t;
	struct ffa_regs r;

	if (!party_fill(&sps[1], base, 10, SEED) || !deal_send(&held) || !deal_send(&open) ||
	    !deal_send(&last) || !claim(&held, &sps[0], 0, NULL) || !ends(&sps[1])) {
		return false;
	}
	t = deal_claim(&open, &sps[0], room);
	r = claim_try(&sps[0], &t);
	CHECK(ffa_is_error(&r, FFA_DENIED) || ffa_is_error(&r, FFA_INVALID_PARAMETERS),
	      "RETRIEVE_REQ from a dead lender: %s", ffa_text(&r));
	t = deal_claim(&last, &sps[2], room);
	r = claim_try(&sps[2], &t);
	CHECK(ffa_is_error(&r, FFA_DENIED) || ffa_is_error(&r, FFA_INVALID_PARAMETERS),
	      "RETRIEVE_REQ of a dead donor's page: %s", ffa_text(&r));
	if (!party_check(&sps[0], base, 2, SEED) || !relinquish(&held, &sps[0], 0) ||
	    !party_faults(&sps[0], base, TESTER_MEM_READ)) {
		return false;
	}
	r = FFA_CALL(FFA_MEM_RECLAIM_32, (uint32_t)held.handle, held.handle >> 32, 0);
	CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS), "RECLAIM of a dead lender's: %s",
	      ffa_text(&r));
	return true;
}

/* A partition ends while another CPU retrieves from it, and sends to it. */
static void ends_job(uint64_t count)
{
	for (uint32_t n = 0; n < count; n++) {
		struct ffa_regs r = FFA_DIRECT(sps[2].id, TESTER_MEM_SEND,
					       FFA_MEM_LEND_32 | (uint64_t)sps[1].id << 32 |
						       (uint64_t)FFA_MEM_DATA_RW << 48,
					       2ull << 16, 0, 0);
		uint64_t handle = r.x[4];

		if (r.x[0] == FFA_MSG_SEND_DIRECT_RESP_64 && r.x[3] == TESTER_OK) {
			r = FFA_DIRECT(sps[2].id, TESTER_MEM_RECLAIM, handle);
			if (r.x[3] != TESTER_OK) {
				test_fail("RECLAIM in round %u: %s", n, ffa_text(&r));
				return;
			}
		}
	}
}

static bool ends_meanwhile(void)
{
	struct deal d = deal_make(&sps[2], FFA_MEM_LEND_32, &sps[3], sps[2].pages, 2);

	cpu_start(SPINNER, ends_job, 2000);
	cpu_delay(5000000);
	if (!ends(&sps[1])) {
		return false;
	}
	cpu_wait(SPINNER);
	return !test_failed() && deal_send(&d) && claim(&d, &sps[3], 0, NULL) &&
	       relinquish(&d, &sps[3], 0) && deal_reclaim(&d, 0);
}

#define TEST(name)                                                                                 \
	static bool test_##name(void)                                                              \
	{                                                                                          \
		return with_parties(name);                                                         \
	}
TEST(fragments_4096)
TEST(fragments_sizes)
TEST(fragments_sp)
TEST(blocks)
TEST(tlb_lender)
TEST(tlb_borrower)
TEST(tlb_untouched)
TEST(rounds)
TEST(open_all)
TEST(open_too_many)
TEST(ends_borrower)
TEST(ends_lender)
TEST(ends_meanwhile)
#undef TEST

const struct test memory_load_tests[] = {
	{ "memory_load.fragments", test_fragments_4096, ALL_TESTERS },
	{ "memory_load.fragments_sizes", test_fragments_sizes, ALL_TESTERS },
	{ "memory_load.fragments_sp", test_fragments_sp, ALL_TESTERS },
	{ "memory_load.blocks", test_blocks, ALL_TESTERS },
	{ "memory_load.tlb_lender", test_tlb_lender, ALL_TESTERS },
	{ "memory_load.tlb_borrower", test_tlb_borrower, ALL_TESTERS },
	{ "memory_load.tlb_untouched", test_tlb_untouched, ALL_TESTERS },
	{ "memory_load.rounds", test_rounds, ALL_TESTERS },
	{ "memory_load.open", test_open_all, ALL_TESTERS },
	{ "memory_load.open_too_many", test_open_too_many, ALL_TESTERS },
	/* Each of these ends the partition. */
	{ "memory_ends.borrower", test_ends_borrower, ALL_TESTERS },
	{ "memory_ends.lender", test_ends_lender, ALL_TESTERS },
	{ "memory_ends.meanwhile", test_ends_meanwhile, ALL_TESTERS },
	{ 0 },
};
