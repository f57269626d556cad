/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory management on four threads, one for each CPU: the normal world and four SPs share and
 * lend each other pages, retrieve, relinquish and reclaim them, all at random, several borrowers of
 * one transaction at a time, of which some come in two fragments. Who has a page to himself writes
 * to it, so that ThreadSanitizer sees it when somebody else still has it, or when the SPMC zeroes
 * too late. From time to time all is given back: then everybody has what he had in the beginning,
 * and so has the SPMC. Two of the SPs end in the middle of it.
 */
#include "race_gic.h"
#include "race.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/gic.h"
#include "arch/mem.h"
#include "core/memory.h"
#include "core/switch.h"
#include "ffa/call.h"

#include "../unit/spmc_fixture.h"

#define PHASES 8u
#define ROUNDS 8000u /* of each CPU in a phase */
#define NWD ((uint32_t)SPS)
#define WORLDS (NWD + 1)
#define NOBODY WORLDS
#define REGIONS 8u /* of each endpoint: two pages that are not neighbours */
#define FIRST 4u /* page of them; before are the buffers */
#define APART 16u
#define OPEN (WORLDS * REGIONS) /* transactions that there can be at a time */

/* A transaction, from its beginning on; handles are never given twice. */
struct record {
	uint64_t handle;
	uint32_t lender;
	uint32_t region;
	uint32_t borrowers; /* a bit for each SP */
	bool share, zero, fragments;
	bool held[SPS]; /* guarded by that borrower's buffers */
	_Atomic bool ever; /* it has been retrieved */
	_Atomic bool reclaimed;
};

static struct record records[4 * PHASES * ROUNDS];
static _Atomic uint32_t record_count;
static _Atomic uint32_t open_records[OPEN]; /* of each region, the last: number + 1; 0: none */
static _Atomic bool free_regions[WORLDS][REGIONS];
static pthread_mutex_t buffers[WORLDS]; /* who uses the RX and TX of an endpoint */
static pthread_barrier_t all;
static _Atomic uint32_t done[5]; /* sent, retrieved, relinquished, reclaimed, fragments too late */
static size_t pages_before;
static _Atomic uint32_t victim = NOBODY; /* the SP that ends in this phase */

static struct vcpu *at[CPUS];
static _Thread_local uint64_t random_state;

/* --- The GIC: nothing happens --------------------------------------------------------------- */

void race_cpu_restore(void)
{
}

void race_kick(uint32_t sgi, uint64_t mpidr)
{
	(void)sgi;
	(void)mpidr;
}

uint32_t race_acknowledge(void)
{
	return GIC_SPURIOUS;
}

/* --- A CPU: the loop of src/main.c ---------------------------------------------------------- */

static _Noreturn void wrong(uint32_t cpu, const char *what)
{
	const uint64_t *x = at[cpu]->arch.x;

	printf("CPU %u: %s: %#lx %#lx %#lx %#lx\n", cpu, what, x[0], x[1], x[2], x[3]);
	exit(1);
}

static uint32_t below(uint32_t n)
{
	random_state = random_state * 6364136223846793005ul + 1442695040888963407ul;
	return (uint32_t)(random_state >> 33) % n;
}

static bool is_dead(uint32_t who)
{
	return who < SPS && partition_is_aborted(&sys.partitions[who]);
}

/* False: the caller has ended, and gets no answer. */
static bool make_call(uint32_t cpu, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
	struct vcpu *v = at[cpu];
	struct vcpu *next;

	memset(v->arch.x, 0, sizeof(v->arch.x));
	v->arch.x[0] = x0;
	v->arch.x[1] = x1;
	v->arch.x[2] = x2;
	v->arch.x[3] = x3;
	sys.cpus[cpu].arch.conduit = ARCH_SMC;
	next = ffa_call(&sys.cpus[cpu], v);
	while (!vcpu_is_nwd(v) && next == v && partition_is_aborted(v->partition)) {
		next = lifecycle_abort(v);
	}
	if (next != v) {
		context_switch(&sys.cpus[cpu], v, next);
		at[cpu] = next;
	}
	return vcpu_is_nwd(v) || !partition_is_aborted(v->partition);
}

static uint32_t who_at(uint32_t cpu)
{
	return vcpu_is_nwd(at[cpu]) ? NWD : (uint32_t)(at[cpu]->partition - sys.partitions);
}

/* The SP that runs ends, whatever its vCPUs on other CPUs are doing. */
static void kill(uint32_t cpu)
{
	struct vcpu *v = at[cpu];
	struct vcpu *next = lifecycle_abort(v);

	context_switch(&sys.cpus[cpu], v, next);
	at[cpu] = next;
}

static void go_to_nwd(uint32_t cpu)
{
	if (at[cpu] != nwd(cpu)) {
		(void)make_call(cpu, FFA_MSG_WAIT_32, 0, FFA_MSG_WAIT_RETAIN_RX, 0);
	}
}

/* UP ones may be elsewhere: then the normal world stays. */
static void go_to(uint32_t cpu, uint32_t who)
{
	if (who_at(cpu) == who) {
		return;
	}
	go_to_nwd(cpu);
	if (who != NWD) {
		(void)make_call(cpu, FFA_RUN_32,
				FFA_CTX(id_of((enum which)who), sp((enum which)who, cpu)->index), 0,
				0);
	}
}

/* --- Memory ---------------------------------------------------------------------------------- */

static uint16_t id_at(uint32_t who)
{
	return who == NWD ? FFA_ID_NWD : id_of((enum which)who);
}

static uint64_t memory_of(uint32_t who)
{
	return who == NWD ? NWD_MEMORY : SP_MEMORY(who);
}

static uint64_t *page_of(const struct record *r, uint32_t i)
{
	return (uint64_t *)(memory_of(r->lender) + (FIRST + r->region + i * APART) * FFA_PAGE_SIZE);
}

static void *tx_of(uint32_t who)
{
	return (void *)memory_of(who);
}

static const uint8_t *rx_of(uint32_t who)
{
	return (const uint8_t *)memory_of(who) + FFA_PAGE_SIZE;
}

/* Whether a borrower of the transaction, or its lender, has ended. */
static bool is_with_dead(const struct record *r)
{
	bool dead = is_dead(r->lender);

	for (uint32_t who = 0; who < SPS; who++) {
		dead |= (r->borrowers & (1u << who)) != 0 && is_dead(who);
	}
	return dead;
}

/* Who has it to himself uses it. */
static void use_pages(const struct record *r)
{
	for (uint32_t i = 0; i < 2; i++) {
		page_of(r, i)[0] = r->handle | 1;
		page_of(r, i)[511] = r->handle | 1;
	}
}

static bool are_zero(const struct record *r)
{
	return (page_of(r, 0)[0] | page_of(r, 0)[511] | page_of(r, 1)[0] | page_of(r, 1)[511]) == 0;
}

/* --- Calls ----------------------------------------------------------------------------------- */

struct message {
	struct ffa_mem_transaction head;
	struct ffa_mem_access access[SPS];
};

static uint32_t put_borrowers(struct message *m, const struct record *r, uint32_t composite)
{
	bool single = (r->borrowers & (r->borrowers - 1)) == 0;

	for (uint32_t i = 0; i < SPS; i++) {
		if ((r->borrowers & (1u << i)) != 0) {
			m->access[m->head.access_count++] = (struct ffa_mem_access){
				.endpoint = id_of((enum which)i),
				.permissions =
					single && !r->share ? FFA_MEM_DATA_RW : FFA_MEM_DATA_RO,
			};
		}
	}
	m->head.access_size = sizeof(m->access[0]);
	m->head.access_offset = sizeof(m->head);
	for (uint32_t i = 0; i < m->head.access_count; i++) {
		m->access[i].composite_offset =
			composite == 0 ? 0
				       : (uint32_t)(sizeof(m->head) +
						    m->head.access_count * sizeof(m->access[0]));
	}
	return (uint32_t)(sizeof(m->head) + m->head.access_count * sizeof(m->access[0]));
}

enum outcome { SENT, REFUSED, NO_ANSWER, TOO_LATE };

/*
 * The second fragment of what all know already: others may have sent it meanwhile, or reclaimed the
 * whole. The buffers of the lender, which this CPU is at, are locked.
 */
static enum outcome send_rest(uint32_t cpu, struct record *r)
{
	struct ffa_constituent last = { .base = (uint64_t)page_of(r, 1), .pages = 1 };

	memcpy(tx_of(r->lender), &last, sizeof(last));
	if (!make_call(cpu, FFA_MEM_FRAG_TX_32, (uint32_t)r->handle, r->handle >> 32,
		       sizeof(last))) {
		return NO_ANSWER;
	}
	if (got(at[cpu], 0) == FFA_SUCCESS_32) {
		return SENT;
	}
	if (got_error(at[cpu], FFA_INVALID_PARAMETERS)) {
		atomic_fetch_add(&done[4], 1);
		return TOO_LATE;
	}
	if (!got_error(at[cpu], FFA_NO_MEMORY) && !is_with_dead(r)) {
		wrong(cpu, "free pages are not sent in fragments");
	}
	atomic_store(&r->reclaimed, true);
	return REFUSED;
}

/* The first fragment is there: all may know it. The second comes at once or from anybody. */
static enum outcome send_half(uint32_t cpu, struct record *r)
{
	r->handle = FFA_MEM_HANDLE(got(at[cpu], 1), got(at[cpu], 2));
	r->fragments = true;
	atomic_store(&open_records[r->lender * REGIONS + r->region], (uint32_t)(r - records) + 1);
	return below(2) == 0 ? SENT : send_rest(cpu, r);
}

/* A CPU of the lender's goes on with what it has begun, perhaps on another one. */
static void go_on(uint32_t cpu, struct record *r)
{
	enum outcome outcome;

	(void)pthread_mutex_lock(&buffers[r->lender]);
	outcome = send_rest(cpu, r);
	(void)pthread_mutex_unlock(&buffers[r->lender]);
	if (outcome == REFUSED) {
		atomic_store(&free_regions[r->lender][r->region], true);
	}
}

/* SHARE or LEND as the record says. SENT: its handle is there. */
static enum outcome send(uint32_t cpu, struct record *r)
{
	struct message m = { .head = { .sender = id_at(r->lender) } };
	struct {
		struct ffa_composite head;
		struct ffa_constituent pieces[2];
	} c = { .head = { .pages = 2, .count = 2 } };
	bool several = (r->borrowers & (r->borrowers - 1)) != 0;
	uint32_t cut = below(4) == 0 ? sizeof(c.pieces[1]) : 0; /* comes later */
	uint32_t length = put_borrowers(&m, r, 1);
	uint8_t *tx = tx_of(r->lender);
	enum outcome outcome = NO_ANSWER;
	bool lives;

	m.head.attributes = r->share || several ? FFA_MEM_NORMAL : 0;
	m.head.flags = r->zero ? FFA_MEM_FLAG_ZERO : 0;
	m.head.tag = r->region;
	for (uint32_t i = 0; i < 2; i++) {
		c.pieces[i].base = (uint64_t)page_of(r, i);
		c.pieces[i].pages = 1;
	}
	(void)pthread_mutex_lock(&buffers[r->lender]);
	memcpy(tx, &m, length);
	memcpy(tx + length, &c, sizeof(c));
	length += sizeof(c);
	lives = make_call(cpu, r->share ? FFA_MEM_SHARE_32 : FFA_MEM_LEND_32, length, length - cut,
			  0);
	if (lives && got(at[cpu], 0) == FFA_MEM_FRAG_RX_32) {
		outcome = send_half(cpu, r);
		lives = false;
	}
	(void)pthread_mutex_unlock(&buffers[r->lender]);
	if (!lives) {
		return outcome;
	}
	if (got(at[cpu], 0) != FFA_SUCCESS_32) {
		if (!got_error(at[cpu], FFA_NO_MEMORY) && !is_with_dead(r)) {
			wrong(cpu, "free pages are not sent");
		}
		return REFUSED;
	}
	r->handle = FFA_MEM_HANDLE(got(at[cpu], 2), got(at[cpu], 3));
	return SENT;
}

/* Somebody sends two pages of his that are free. */
static void send_any(uint32_t cpu)
{
	uint32_t who = who_at(cpu);
	uint32_t region = below(REGIONS);
	uint32_t n;
	struct record *r;

	if (!atomic_exchange(&free_regions[who][region], false)) {
		return;
	}
	n = atomic_fetch_add(&record_count, 1);
	r = &records[n];
	r->lender = who;
	r->region = region;
	r->share = below(2) == 0;
	r->zero = !r->share && below(2) == 0;
	r->borrowers = 1u << ((who + 1 + below(SPS - 1)) % SPS);
	if (below(2) == 0) {
		r->borrowers |= 1u << below(SPS);
	}
	r->borrowers &= ~(1u << who);
	if (r->borrowers == 0) {
		r->borrowers = 1u << ((who + 1) % SPS);
	}
	use_pages(r);
	switch (send(cpu, r)) { /* TOO_LATE: it is sent, or who reclaimed it has freed the pages */
	case SENT:
		break;
	case REFUSED:
		atomic_store(&free_regions[who][region], true);
		return;
	default:
		return;
	}
	atomic_fetch_add(&done[0], 1);
	atomic_store(&open_records[who * REGIONS + region], n + 1);
}

static void release(uint32_t cpu)
{
	if (make_call(cpu, FFA_RX_RELEASE_32, 0, 0, 0) && !got_success(at[cpu], 0, 0)) {
		wrong(cpu, "RX is not released");
	}
}

static void check_response(uint32_t cpu, const struct record *r)
{
	struct ffa_mem_transaction head;

	memcpy(&head, rx_of(who_at(cpu)), sizeof(head));
	if (head.handle != r->handle || head.tag != r->region || head.sender != id_at(r->lender)) {
		wrong(cpu, "not the response to that");
	}
}

/* It has been retrieved. Who is about to end does not touch the memory: when would it stop? */
static void retrieved(uint32_t cpu, struct record *r)
{
	bool single = (r->borrowers & (r->borrowers - 1)) == 0;
	uint32_t who = who_at(cpu);

	if (r->held[who] || (r->borrowers & (1u << who)) == 0) {
		wrong(cpu, "retrieved what it may not");
	}
	check_response(cpu, r);
	r->held[who] = true;
	if (who != atomic_load(&victim)) {
		if (!atomic_exchange(&r->ever, true) && r->zero && !are_zero(r)) {
			wrong(cpu, "not zeroed");
		}
		if (single && !r->share) {
			use_pages(r);
		}
	}
	atomic_store(&r->ever, true);
	atomic_fetch_add(&done[1], 1);
	release(cpu);
}

static void check_refused(uint32_t cpu, const struct record *r)
{
	const struct vcpu *v = at[cpu];
	uint32_t who = who_at(cpu);
	bool gone = got_error(v, FFA_INVALID_PARAMETERS) || got_error(v, FFA_NO_MEMORY);

	if (r->held[who] || (r->borrowers & (1u << who)) == 0 || is_dead(r->lender)) {
		gone |= got_error(v, FFA_DENIED);
	}
	if (!gone || (r->held[who] && got_error(v, FFA_INVALID_PARAMETERS))) {
		wrong(cpu, "retrieve is not refused as it should be");
	}
}

static void retrieve(uint32_t cpu, struct record *r)
{
	uint32_t who = who_at(cpu);
	bool single = (r->borrowers & (r->borrowers - 1)) == 0;
	struct message m = { .head = { .sender = id_at(r->lender), .handle = r->handle } };
	uint32_t length = put_borrowers(&m, r, 0);

	m.head.tag = r->region;
	for (uint32_t i = 0; single && !r->share && i < m.head.access_count; i++) {
		m.access[i].permissions |= FFA_MEM_EXEC_XN;
	}
	(void)pthread_mutex_lock(&buffers[who]);
	memcpy(tx_of(who), &m, length);
	if (make_call(cpu, FFA_MEM_RETRIEVE_REQ_32, length, length, 0)) {
		if (got(at[cpu], 0) == FFA_MEM_RETRIEVE_RESP_32) {
			retrieved(cpu, r);
		} else {
			check_refused(cpu, r);
		}
	}
	(void)pthread_mutex_unlock(&buffers[who]);
}

static void relinquish(uint32_t cpu, struct record *r)
{
	uint32_t who = who_at(cpu);
	struct {
		struct ffa_mem_relinquish head;
		uint16_t id;
	} m = { .head = { .handle = r->handle, .count = 1 }, .id = id_at(who) };
	bool ok;

	(void)pthread_mutex_lock(&buffers[who]);
	memcpy(tx_of(who), &m, sizeof(m));
	if (!make_call(cpu, FFA_MEM_RELINQUISH_32, 0, 0, 0)) {
		(void)pthread_mutex_unlock(&buffers[who]);
		return;
	}
	ok = got_success(at[cpu], 0, 0);
	if (ok != (who != NWD && r->held[who])) {
		wrong(cpu, ok ? "relinquished what it did not have" : "cannot relinquish");
	}
	if (ok) {
		r->held[who] = false;
		atomic_fetch_add(&done[2], 1);
	}
	(void)pthread_mutex_unlock(&buffers[who]);
}

/* By anybody, several at a time. */
static void reclaim(uint32_t cpu, struct record *r)
{
	if (!make_call(cpu, FFA_MEM_RECLAIM_32, (uint32_t)r->handle, r->handle >> 32, 0)) {
		return;
	}
	if (got_success(at[cpu], 0, 0)) { /* then all of it has come, or will not */
		if (who_at(cpu) != r->lender || atomic_exchange(&r->reclaimed, true)) {
			wrong(cpu, "reclaimed what it may not");
		}
		use_pages(r);
		atomic_store(&free_regions[r->lender][r->region], true);
		atomic_fetch_add(&done[3], 1);
	} else if (!got_error(at[cpu], FFA_DENIED) && !got_error(at[cpu], FFA_INVALID_PARAMETERS)) {
		wrong(cpu, "reclaim is not refused as it should be");
	}
}

/* --- A CPU ----------------------------------------------------------------------------------- */

/* One of those who have to do with the transaction; or not. */
static void go_to_one_of(uint32_t cpu, const struct record *r)
{
	uint32_t who = below(SPS);

	if ((r->borrowers & (1u << who)) != 0 || below(8) == 0) {
		go_to(cpu, who);
	}
}

static void act(uint32_t cpu)
{
	uint32_t n = atomic_load(&open_records[below(OPEN)]);
	struct record *r = n != 0 ? &records[n - 1] : NULL;
	uint32_t what = below(8);

	if (who_at(cpu) == atomic_load(&victim) && below(400) == 0) {
		kill(cpu);
	}
	if (r == NULL || what == 0) {
		if (below(4) == 0) {
			go_to(cpu, below(WORLDS));
		}
		send_any(cpu);
	} else if (what < 3) {
		go_to_one_of(cpu, r);
		if (who_at(cpu) != NWD) {
			retrieve(cpu, r);
		}
	} else if (what < 6) {
		go_to_one_of(cpu, r);
		relinquish(cpu, r);
	} else {
		if (below(2) == 0) {
			go_to(cpu, r->lender);
		}
		if (what == 7 && r->fragments && who_at(cpu) == r->lender) {
			go_on(cpu, r);
		} else {
			reclaim(cpu, r);
		}
	}
}

/* On one CPU, while the others wait: everything goes back to its owner. */
static void give_back(uint32_t cpu)
{
	for (uint32_t i = 0; i < record_count; i++) {
		struct record *r = &records[i];

		for (uint32_t who = 0; who < SPS; who++) {
			if (r->held[who] && !is_dead(who)) {
				go_to(cpu, who);
				relinquish(cpu, r);
			}
		}
		if (r->handle != 0 && !atomic_load(&r->reclaimed) && !is_dead(r->lender)) {
			go_to(cpu, r->lender);
			reclaim(cpu, r);
			if (!atomic_load(&r->reclaimed)) {
				wrong(cpu, "cannot reclaim what nobody holds");
			}
		}
		r->handle = 0;
	}
	go_to_nwd(cpu);
}

static uint32_t transactions_open(void)
{
	uint32_t place = 0;
	uint32_t n = 0;

	for (struct transaction *t; (t = transaction_next(&place)) != NULL; n++) {
		transaction_unlock(t);
	}
	return n;
}

static size_t pages_free(void)
{
	size_t n = page_pool_count(&spmc.pages);

	for (uint32_t i = 0; i < NUMBER_OF(spmc.transactions.pages); i++) {
		n += atomic_load(&spmc.transactions.pages[i]) != NULL; /* they stay */
	}

	for (uint32_t who = 0; who < SPS; who++) {
		n += page_pool_count(&memory_space_of(&sys.partitions[who].endpoint)->pool);
	}
	return n + page_pool_count(&memory_space_of(&spmc.nwd)->pool);
}

/* Everybody has his own pages, and nobody has another's. */
static void check_quiet(uint32_t cpu)
{
	for (uint32_t owner = 0; owner < WORLDS; owner++) {
		for (uint32_t n = FIRST; n < FIRST + APART + REGIONS; n++) {
			for (uint32_t who = 0; who < SPS; who++) {
				ipa_t page = ipa_of(memory_of(owner) + n * FFA_PAGE_SIZE);
				const struct space *s = &sys.partitions[who].space;
				uint32_t attrs = who == owner ? MEM_R | MEM_W | MEM_X : 0;

				if (who == owner && is_dead(owner)) {
					continue;
				}
				if (space_lookup(s, page, false) != attrs ||
				    space_lookup(s, page, true) != 0) {
					wrong(cpu, "a page is not as it was");
				}
			}
		}
	}
	if (transactions_open() != 0) {
		wrong(cpu, "a transaction is left");
	}
	if (pages_free() != pages_before) {
		printf("%zu pages were free, %zu are\n", pages_before, pages_free());
		wrong(cpu, "pages of the SPMC have been lost");
	}
}

/* Who ends in each phase: one of a single vCPU, and one that runs on all CPUs meanwhile. */
static const uint32_t victims[PHASES] = {
	NOBODY, NOBODY, NOBODY, NOBODY, UP_B, NOBODY, MP_B, NOBODY
};

static void *cpu_main(void *arg)
{
	uint32_t cpu = (uint32_t)(uintptr_t)arg;

	host_cpu_set(&sys.cpus[cpu].arch);
	random_state = cpu + 1;
	for (uint32_t phase = 0; phase < PHASES; phase++) {
		if (cpu == 0) {
			atomic_store(&victim, victims[phase]);
		}
		(void)pthread_barrier_wait(&all);
		for (uint32_t i = 0; i < ROUNDS; i++) {
			act(cpu);
		}
		go_to_nwd(cpu);
		(void)pthread_barrier_wait(&all);
		if (cpu == 0) {
			give_back(cpu);
			check_quiet(cpu);
		}
		(void)pthread_barrier_wait(&all);
	}
	return NULL;
}

static void set_up(void)
{
	system_create();
	system_boot();
	for (uint32_t who = 0; who < WORLDS; who++) {
		uint64_t tx = (uint64_t)tx_of(who);
		struct vcpu *v = nwd(0);

		if (who != NWD) {
			v = sp((enum which)who, 0);
			CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of((enum which)who), 0));
		}
		CALL(0, v, FFA_RXTX_MAP_64, tx, tx + FFA_PAGE_SIZE, 1);
		if (!got_success(v, 0, 0)) {
			printf("no buffers\n");
			exit(1);
		}
		if (who != NWD) {
			CALL(0, v, FFA_MSG_WAIT_32);
		}
		(void)pthread_mutex_init(&buffers[who], NULL);
		for (uint32_t i = 0; i < REGIONS; i++) {
			free_regions[who][i] = true;
		}
	}
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		at[cpu] = nwd(cpu);
	}
	pages_before = pages_free();
	(void)pthread_barrier_init(&all, NULL, CPUS);
}

int memory_race(void)
{
	pthread_t threads[CPUS];

	set_up();
	for (uintptr_t cpu = 0; cpu < CPUS; cpu++) {
		if (pthread_create(&threads[cpu], NULL, cpu_main, (void *)cpu) != 0) {
			return 1;
		}
	}
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		(void)pthread_join(threads[cpu], NULL);
	}
	printf("%u sent, %u retrieved, %u relinquished, %u reclaimed; fragments too late %u\n",
	       done[0], done[1], done[2], done[3], done[4]);
	return done[0] == 0 || done[3] == 0 || !is_dead(UP_B) || !is_dead(MP_B);
}
