/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory shared, lent and donated, on command. The tester runs with its MMU off, for the sake of
 * the register sweep; each of these commands switches it on for the while, because only an own
 * stage 1 reaches memory of the normal world, and locks want it. That the image is written both
 * ways is no matter to QEMU, which has no caches.
 */
#include "memory.h"

#include "bulkhead/tester.h"
#include "sp/mem.h"

#include <stdatomic.h>
#include <string.h>

#define PARTS_MAX 4096u
#define BORROWERS_MAX 4u
#define TABLES 20u
#define WORDS (FFA_PAGE_SIZE / sizeof(uint64_t))

uint64_t access_read(uint64_t address);
void access_write(uint64_t address, uint64_t value);
void access_execute(uint64_t address);

static uint8_t pool[TESTER_MEM_PAGES][FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

/* Page tables for 32 MiB of the normal world's memory, and some more. */
static uint8_t tables[TABLES][FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

static struct ffa_constituent parts[PARTS_MAX];
static struct sp_mem held; /* what was retrieved; no handle 0 is ever given */

static struct {
	uint64_t exceptions, esr, far; /* since they were cleared */
	uint64_t jumped_to; /* by access_execute() */
	atomic_ulong spun; /* accesses of TESTER_MEM_SPIN */
	atomic_bool spinning;
	uint64_t spun_when_called; /* of all vCPUs, when this one's last call came back */
} cpus[SP_MAX_VCPUS];

/* Of commands: one vCPU at a time has the parts, the buffers and the page tables. */
static atomic_flag lock = ATOMIC_FLAG_INIT;

extern char sp_image_start[], sp_image_end[];

static void answer(uint64_t p[5], uint64_t p0, uint64_t p1, uint64_t p2, uint64_t p3, uint64_t p4)
{
	const uint64_t a[5] = { p0, p1, p2, p3, p4 };

	memcpy(p, a, sizeof(a));
}

static void answer_status(uint64_t p[5], enum ffa_status status)
{
	answer(p, status == FFA_OK ? TESTER_OK : TESTER_FFA, (uint64_t)(int64_t)status, 0, 0, 0);
}

/* --- The address space ----------------------------------------------------------------------- */

static uint64_t mmu_on(void)
{
	uint64_t sctlr;

	__asm__ volatile("mrs %0, sctlr_el1" : "=r"(sctlr)::"memory");
	sp_mmu_enable();
	return sctlr;
}

static void mmu_off(uint64_t sctlr)
{
	__asm__ volatile("dsb ish\n\tmsr sctlr_el1, %0\n\tisb" ::"r"(sctlr) : "memory");
}

static bool is_ours(uint64_t page)
{
	return page >= (uintptr_t)sp_image_start && page < (uintptr_t)sp_image_end;
}

/* What stage 1 allows is more than what stage 2 should: that is what is tested. */
static bool map(uint64_t page, uint64_t how, uint32_t attrs)
{
	attrs |= how & TESTER_MEM_NS ? SP_MAP_NS : 0;
	return sp_map(page, FFA_PAGE_SIZE, attrs);
}

static void unmap(uint64_t page)
{
	if (!is_ours(page)) {
		sp_unmap(page, FFA_PAGE_SIZE);
	} else {
		(void)sp_map(page, FFA_PAGE_SIZE, SP_MAP_RW);
	}
}

/* For sp_ops.fault: true when an access of ours has faulted; it goes on behind it. */
bool memory_fault(struct sp_frame *f)
{
	uint32_t vcpu = sp_vcpu_index();

	if (f->pc == (uintptr_t)access_read || f->pc == (uintptr_t)access_write) {
		f->pc += 4;
	} else if (cpus[vcpu].jumped_to != 0 && f->pc == cpus[vcpu].jumped_to) {
		f->pc = f->x[30];
	} else {
		return false;
	}
	cpus[vcpu].exceptions++;
	cpus[vcpu].esr = f->esr;
	cpus[vcpu].far = f->far;
	return true;
}

/* The exceptions that were counted until now are of no interest. */
static void faults_forget(uint32_t vcpu)
{
	cpus[vcpu].exceptions = cpus[vcpu].esr = cpus[vcpu].far = 0;
}

static bool faulted(uint32_t vcpu)
{
	return *(volatile uint64_t *)&cpus[vcpu].exceptions != 0;
}

/* --- Accesses --------------------------------------------------------------------------------- */

static void do_access(uint64_t p[5])
{
	uint32_t vcpu = sp_vcpu_index();
	uint64_t address = p[1], page = address & ~(FFA_PAGE_SIZE - 1ul);
	uint64_t how = p[2] & ~(uint64_t)TESTER_MEM_NS;
	uint64_t read = 0;

	if (how > TESTER_MEM_EXECUTE ||
	    !map(page, p[2], how == TESTER_MEM_EXECUTE ? SP_MAP_RX : SP_MAP_RW)) {
		answer(p, TESTER_UNKNOWN, 0, 0, 0, 0);
		return;
	}
	faults_forget(vcpu);
	if (how == TESTER_MEM_READ) {
		read = access_read(address);
	} else if (how == TESTER_MEM_WRITE) {
		access_write(address, p[3]);
	} else {
		__asm__ volatile("ic ialluis\n\tdsb ish\n\tisb" ::: "memory");
		cpus[vcpu].jumped_to = address;
		access_execute(address);
		cpus[vcpu].jumped_to = 0;
	}
	unmap(page);
	answer(p, TESTER_OK, cpus[vcpu].exceptions, cpus[vcpu].esr, cpus[vcpu].far, read);
}

static void page_fill(uint64_t page, uint64_t seed)
{
	for (uint64_t n = 0; n < WORDS; n++) {
		access_write(page + n * sizeof(uint64_t), tester_mem_word(seed, n));
	}
}

/* What comparisons have found. */
struct found {
	uint64_t wrong, address, value;
};

static void page_check(uint64_t page, uint64_t seed, struct found *f)
{
	for (uint64_t n = 0; n < WORDS; n++) {
		uint64_t value = access_read(page + n * sizeof(uint64_t));

		if (value != tester_mem_word(seed, n) && f->wrong++ == 0) {
			f->address = page + n * sizeof(uint64_t);
			f->value = value;
		}
	}
}

static void answer_found(uint64_t p[5], const struct found *f)
{
	uint32_t vcpu = sp_vcpu_index();

	if (faulted(vcpu)) {
		answer(p, TESTER_DIFFERS, cpus[vcpu].far, cpus[vcpu].esr, 0, 0);
	} else {
		answer(p, TESTER_OK, f->wrong, f->address, f->value, 0);
	}
}

static void fill_or_check(uint64_t p[5], bool fill)
{
	uint32_t vcpu = sp_vcpu_index();
	uint64_t pages = p[2] & ~(uint64_t)TESTER_MEM_NS;
	struct found f = { 0 };

	faults_forget(vcpu);
	for (uint64_t n = 0; n < pages && !faulted(vcpu); n++) {
		uint64_t page = p[1] + n * FFA_PAGE_SIZE;

		if (!map(page, p[2], SP_MAP_RW)) {
			answer(p, TESTER_UNKNOWN, 0, 0, 0, 0);
			return;
		}
		if (fill) {
			page_fill(page, p[3]);
		} else {
			page_check(page, p[3], &f);
		}
		unmap(page);
	}
	answer_found(p, &f);
}

static void do_fill(uint64_t p[5])
{
	fill_or_check(p, true);
}

static void do_check(uint64_t p[5])
{
	fill_or_check(p, false);
}

static uint64_t spun_by_all(void)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < SP_MAX_VCPUS; i++) {
		sum += atomic_load(&cpus[i].spun);
	}
	return sum;
}

/* A call of this vCPU has come back. */
void memory_call_done(void)
{
	cpus[sp_vcpu_index()].spun_when_called = spun_by_all();
}

static void acquire(void)
{
	while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire)) {
		__asm__ volatile("yield");
	}
}

static void release(void)
{
	atomic_flag_clear_explicit(&lock, memory_order_release);
}

/* With the lock only while it maps: it may go on for ever. */
static void do_spin(uint64_t p[5])
{
	uint32_t vcpu = sp_vcpu_index();
	uint64_t address = p[1], page = address & ~(FFA_PAGE_SIZE - 1ul);
	bool write = (p[2] & ~(uint64_t)TESTER_MEM_NS) == TESTER_MEM_WRITE;
	uint64_t daif = sp_interrupts_hold();
	uint64_t rounds = 0;

	if (!map(page, p[2], SP_MAP_RW)) {
		answer(p, TESTER_UNKNOWN, 0, 0, 0, 0);
		sp_interrupts_restore(daif);
		return;
	}
	release();
	faults_forget(vcpu);
	atomic_store(&cpus[vcpu].spun, 0);
	atomic_store(&cpus[vcpu].spinning, true);
	for (;;) {
		if (write) {
			access_write(address, rounds);
		} else {
			(void)access_read(address);
		}
		if (faulted(vcpu)) {
			break;
		}
		atomic_store(&cpus[vcpu].spun, ++rounds);
	}
	atomic_store(&cpus[vcpu].spinning, false);
	acquire();
	unmap(page);
	sp_interrupts_restore(daif);
	answer(p, TESTER_OK, rounds, cpus[vcpu].esr, cpus[vcpu].far, 0);
}

static void do_progress(uint64_t p[5])
{
	uint64_t vcpu = p[1] % SP_MAX_VCPUS;

	answer(p, TESTER_OK, atomic_load(&cpus[vcpu].spun), atomic_load(&cpus[vcpu].spinning),
	       cpus[sp_vcpu_index()].spun_when_called, 0);
}

/* --- Buffers ---------------------------------------------------------------------------------- */

static void do_info(uint64_t p[5])
{
	const struct ffa_mem_endpoint *me = sp_mem_endpoint();
	enum ffa_status status = FFA_OK;

	if (p[1] == 1) {
		status = sp_mem_init() ? FFA_OK : FFA_DENIED;
	} else if (p[1] == 0) {
		status = ffa_rxtx_unmap();
	}
	answer(p, TESTER_OK, (uint32_t)status | (uint64_t)sp_version << 32, (uintptr_t)pool,
	       (uintptr_t)me->tx, (uintptr_t)me->rx);
}

static void do_store(uint64_t p[5])
{
	if (p[1] > FFA_PAGE_SIZE - 3 * sizeof(p[0])) {
		answer(p, TESTER_UNKNOWN, 0, 0, 0, 0);
		return;
	}
	memcpy((uint8_t *)sp_mem_endpoint()->tx + p[1], &p[2], 3 * sizeof(p[0]));
	p[0] = TESTER_OK;
}

static void do_load(uint64_t p[5])
{
	if (p[1] > FFA_PAGE_SIZE - 4 * sizeof(p[0])) {
		answer(p, TESTER_UNKNOWN, 0, 0, 0, 0);
		return;
	}
	memcpy(&p[1], (const uint8_t *)sp_mem_endpoint()->rx + p[1], 4 * sizeof(p[0]));
	p[0] = TESTER_OK;
}

/* --- Transactions ----------------------------------------------------------------------------- */

static enum ffa_status retrieve(const uint64_t p[5], uint64_t ids)
{
	struct ffa_mem_borrower borrowers[BORROWERS_MAX] = { 0 };
	uint32_t count = (p[3] >> 16) & 0xFFFF;
	const struct ffa_mem_request t = {
		.sender = (uint16_t)p[2],
		.attributes = (uint16_t)(p[2] >> 16),
		.flags = (uint32_t)(p[2] >> 32),
		.handle = p[1],
		.borrowers = borrowers,
		.borrower_count = ids == 0 ? 1 : count % (BORROWERS_MAX + 1),
	};

	for (uint32_t i = 0; i < t.borrower_count; i++) {
		uint16_t id = ids == 0 ? sp_id : (uint16_t)(ids >> (16 * i));

		borrowers[i] = (struct ffa_mem_borrower){
			.id = id,
			.permissions = id == sp_id ? (uint8_t)p[3] : (uint8_t)(p[3] >> 8),
		};
	}
	held = (struct sp_mem){ .parts = parts, .max = PARTS_MAX };
	return sp_mem_retrieve(&t, &held);
}

static void do_retrieve(uint64_t p[5])
{
	const struct ffa_mem_response *r = &held.said;
	enum ffa_status status = retrieve(p, p[4]);

	if (status != FFA_OK) {
		answer_status(p, status);
		return;
	}
	answer(p, TESTER_OK, r->pages | (uint64_t)r->part_count << 32,
	       r->attributes | (uint64_t)r->borrower.permissions << 16 | (uint64_t)r->flags << 32,
	       r->fragments, parts[0].base);
}

/* The memory that was retrieved, page by page: holds pattern + n, gets the other. */
static void verify(uint64_t pattern, uint64_t other, struct found *f)
{
	uint32_t vcpu = sp_vcpu_index();
	uint64_t n = 0;

	faults_forget(vcpu);
	for (uint32_t i = 0; i < held.said.part_count; i++) {
		for (uint32_t k = 0; k < parts[i].pages && !faulted(vcpu); k++, n++) {
			uint64_t page = parts[i].base + (uint64_t)k * FFA_PAGE_SIZE;

			page_check(page, pattern == 0 ? 0 : pattern + n, f);
			if (other != 0) {
				page_fill(page, other + n);
			}
		}
	}
}

static void do_verify(uint64_t p[5])
{
	struct found f = { 0 };

	verify(p[1], p[2], &f);
	answer_found(p, &f);
}

static void do_relinquish(uint64_t p[5])
{
	answer_status(p, sp_mem_relinquish(&held, (uint32_t)p[1]));
	memory_call_done();
}

static void do_use(uint64_t p[5])
{
	struct found f = { 0 };
	enum ffa_status status = retrieve(p, 0);

	if (status != FFA_OK) {
		answer_status(p, status);
		return;
	}
	verify((uint32_t)p[4], p[4] >> 32, &f);
	status = sp_mem_relinquish(&held, 0);
	if (status != FFA_OK) {
		answer_status(p, status);
	} else {
		answer_found(p, &f);
	}
}

static void do_send(uint64_t p[5])
{
	static struct ffa_constituent ours[TESTER_MEM_PAGES];
	uint64_t first = (uint16_t)p[2], pages = (uint16_t)(p[2] >> 16), step = p[4];
	const struct ffa_mem_borrower borrower = {
		.id = (uint16_t)(p[1] >> 32),
		.permissions = (uint8_t)(p[1] >> 48),
	};
	const struct ffa_mem_request t = {
		.sender = sp_id,
		.attributes = (uint16_t)(p[2] >> 32),
		.flags = (uint32_t)p[3],
		.borrowers = &borrower,
		.borrower_count = 1,
		.parts = ours,
		.part_count = step == 0 ? 1 : (uint32_t)pages,
	};
	uint64_t handle = 0;
	enum ffa_status status;

	if (pages == 0 || step > TESTER_MEM_PAGES ||
	    first + (step == 0 ? pages : (pages - 1) * step + 1) > TESTER_MEM_PAGES) {
		answer(p, TESTER_UNKNOWN, 0, 0, 0, 0);
		return;
	}
	for (uint64_t i = 0; i < t.part_count; i++) {
		ours[i] = (struct ffa_constituent){
			.base = (uintptr_t)pool[first + i * step],
			.pages = step == 0 ? (uint32_t)pages : 1,
		};
	}
	status = sp_mem_send((uint32_t)p[1], &t, (uint32_t)(p[2] >> 48), &handle);
	memory_call_done();
	answer_status(p, status);
	if (status == FFA_OK) {
		p[1] = handle;
	}
}

static void do_reclaim(uint64_t p[5])
{
	answer_status(p, sp_mem_reclaim(p[1], (uint32_t)p[2]));
	memory_call_done();
}

static void do_end(uint64_t p[5])
{
	(void)p;
	sp_abort("it was told to");
}

/* --- The interpreter -------------------------------------------------------------------------- */

typedef void command(uint64_t p[5]);

static command *const commands[] = {
	[TESTER_MEM_INFO] = do_info,
	[TESTER_MEM_STORE] = do_store,
	[TESTER_MEM_LOAD] = do_load,
	[TESTER_MEM_ACCESS] = do_access,
	[TESTER_MEM_FILL] = do_fill,
	[TESTER_MEM_CHECK] = do_check,
	[TESTER_MEM_SPIN] = do_spin,
	[TESTER_MEM_PROGRESS] = do_progress,
	[TESTER_MEM_RETRIEVE] = do_retrieve,
	[TESTER_MEM_VERIFY] = do_verify,
	[TESTER_MEM_RELINQUISH] = do_relinquish,
	[TESTER_MEM_SEND] = do_send,
	[TESTER_MEM_RECLAIM] = do_reclaim,
	[TESTER_MEM_USE] = do_use,
	[TESTER_MEM_END] = do_end,
};

/* False: it is no command of these. */
bool memory_interpret(uint64_t p[5])
{
	uint64_t sctlr;

	if (p[0] >= sizeof(commands) / sizeof(commands[0]) || commands[p[0]] == NULL) {
		return false;
	}
	sctlr = mmu_on();
	acquire();
	commands[p[0]](p);
	release();
	mmu_off(sctlr);
	return true;
}

/* On the first vCPU. */
void memory_init(void)
{
	sp_mmu_init();
	sp_map_reserve(tables, TABLES);
}
