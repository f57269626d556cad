/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The demonstration: each part does something, counts what happened, and has failed when it was not
 * what it should be. The last page is made of what was counted.
 */
#include "demo.h"

#include <stddef.h>

#include "call.h"
#include "cpu.h"
#include "gic.h"
#include "memory.h"
#include "partitions.h"
#include "print.h"
#include "test.h"

#define MESSAGES_PER_CPU 100u
#define MOVES 100u
#define COMPUTE_ROUNDS 400000u
#define TICK_MIN_NS 300000u
#define TICK_MAX_NS 900000u
#define TICKS_WANTED 5u
#define UNMAPPED 0x0e100000ull /* the SPMC's own memory: no partition can see it */

static struct {
	uint32_t partitions;
	atomic_uint messages[CPU_COUNT];
	uint32_t interrupts, preemptions;
	uint64_t checksum;
	uint32_t moves, visits[CPU_COUNT];
	uint64_t letters;
	uint32_t faults, after_fault;
	uint32_t measurements;
} shown;

static bool demo_partitions(void)
{
	shown.partitions = partitions_find();
	for (uint32_t i = 0; i < shown.partitions; i++) {
		const struct ffa_partition_info *p = partitions_info(i);

		print_line("partition %#x: %u vCPU%s, properties %#x, UUID %08x-%08x-%08x-%08x",
			   p->id, p->vcpu_count, p->vcpu_count == 1 ? "" : "s", p->properties,
			   p->uuid.w[0], p->uuid.w[1], p->uuid.w[2], p->uuid.w[3]);
	}
	CHECK(shown.partitions >= 5, "%u partitions are there, not 5", shown.partitions);
	return true;
}

/* One message to an echo partition: true when the right answer comes back. */
static bool echo(uint16_t id)
{
	uint64_t p[5] = { random_next(), random_next(), random_next(), random_next(),
			  random_next() };
	struct ffa_regs r = ffa_direct(FFA_MSG_SEND_DIRECT_REQ_64, id, p);

	CHECK(r.x[0] == FFA_MSG_SEND_DIRECT_RESP_64 && r.x[1] == FFA_IDS(id, FFA_ID_NWD) &&
		      r.x[2] == 0 && r.x[3] == p[0] + 1 && r.x[4] == p[1] && r.x[5] == p[2] &&
		      r.x[6] == p[3] && r.x[7] == p[4],
	      "CPU %u: echo %#x says %s", cpu_index(), id, ffa_text(&r));
	return true;
}

static void echo_job(uint64_t arg)
{
	uint32_t index = cpu_index();
	uint16_t id = (uint16_t)arg;

	for (uint32_t i = 0; i < MESSAGES_PER_CPU && echo(id); i++) {
		shown.messages[index]++;
	}
}

static bool demo_messages(void)
{
	uint16_t id = sp_id(SAMPLE_ECHO);

	print_line("every CPU sends %u messages to %#x, all at the same time", MESSAGES_PER_CPU,
		   id);
	cpu_run_all(echo_job, id);
	print_line("right answers: %u %u %u %u", shown.messages[0], shown.messages[1],
		   shown.messages[2], shown.messages[3]);
	return !test_failed();
}

/* Lets compute do its work, interrupted or not; counts how often it was. False when it is wrong. */
static bool compute(uint64_t *checksum)
{
	uint16_t id = sp_id(SAMPLE_COMPUTE);
	struct ffa_regs r = FFA_DIRECT(id, COMPUTE_RUN, 2026, COMPUTE_ROUNDS);

	while (ffa_is_context(&r, FFA_INTERRUPT_32, FFA_CTX(id, cpu_index()))) {
		shown.preemptions++;
		r = ffa_run(id, (uint16_t)cpu_index());
	}
	CHECK(r.x[0] == FFA_MSG_SEND_DIRECT_RESP_64 && r.x[3] == COMPUTE_RIGHT, "compute says %s",
	      ffa_text(&r));
	*checksum = r.x[4];
	return true;
}

static bool demo_interrupted(void)
{
	uint64_t quiet;
	uint32_t before;

	if (!compute(&quiet)) {
		return false;
	}
	print_line("compute, undisturbed: checksum %#lx", quiet);
	shown.preemptions = 0;
	before = cpu_interrupts(timer_intid());
	timer_tick(TICK_MIN_NS, TICK_MAX_NS);
	for (uint32_t i = 0; i < 50 && shown.preemptions < TICKS_WANTED; i++) {
		if (!compute(&shown.checksum)) {
			timer_stop();
			return false;
		}
		CHECK(shown.checksum == quiet, "compute, interrupted: checksum %#lx, not %#lx",
		      shown.checksum, quiet);
	}
	timer_stop();
	shown.interrupts = cpu_interrupts(timer_intid()) - before;
	print_line("compute, interrupted %u times by our timer and resumed: checksum %#lx",
		   shown.preemptions, shown.checksum);
	CHECK(shown.preemptions >= TICKS_WANTED, "compute was interrupted %u times only",
	      shown.preemptions);
	return true;
}

static void visit_job(uint64_t arg)
{
	if (echo((uint16_t)arg)) {
		shown.visits[cpu_index()]++;
	}
}

static bool demo_moves(void)
{
	uint16_t id = sp_id(SAMPLE_ECHO_UP);
	uint32_t last = CPU_COUNT;

	print_line("%#x has one vCPU; CPUs call it in random order", id);
	for (uint32_t i = 0; i < MOVES && !test_failed(); i++) {
		uint32_t next = (uint32_t)random_below(CPU_COUNT);

		cpu_run(next, visit_job, id);
		shown.moves += last != CPU_COUNT && next != last;
		last = next;
	}
	print_line("it moved %u times; answers on each CPU: %u %u %u %u", shown.moves,
		   shown.visits[0], shown.visits[1], shown.visits[2], shown.visits[3]);
	for (uint32_t i = 0; i < CPU_COUNT; i++) {
		CHECK(shown.visits[i] > 0, "CPU %u never called it", i);
	}
	return !test_failed();
}

/* SHA-256 of "abc", and of 32 zeros and that, in the order of memory (FIPS 180-4). */
static const uint64_t abc_hash[4] = { 0xeacf018fbf1678ba, 0x2322ae5dde404141, 0x9c7a1796a36103b0,
				      0xad1500f261ff10b4 };
static const uint64_t abc_extended[4] = { 0x9677c4d4fe9f9f58, 0xb09578f3418dfb6b,
					  0xd611f9f87d04698c, 0x8deefa08be7fb5f3 };

/* Asks the partition at S-EL0; the answer has to be these 32 bytes. */
static bool measure(uint64_t command, uint64_t n, const uint64_t data[4], const uint64_t want[4])
{
	uint16_t id = sp_id(SAMPLE_MEASURE);
	struct ffa_regs r = FFA_CALL(FFA_MSG_SEND_DIRECT_REQ2_64, FFA_IDS(FFA_ID_NWD, id), 0, 0,
				     command, n, data[0], data[1], data[2], data[3]);

	CHECK(r.x[0] == FFA_MSG_SEND_DIRECT_RESP2_64 && r.x[4] == command &&
		      r.x[5] == MEASURE_DONE && r.x[6] == want[0] && r.x[7] == want[1] &&
		      r.x[8] == want[2] && r.x[9] == want[3],
	      "CPU %u: measure says %s", cpu_index(), ffa_text(&r));
	shown.measurements++;
	return true;
}

static void read_job(uint64_t unused)
{
	(void)unused;
	(void)measure(MEASURE_READ, 0, (const uint64_t[4]){ 0 }, abc_extended);
}

static bool demo_el0(void)
{
	static const uint64_t abc[4] = { 0x636261 };

	print_line("%#x is at S-EL0: it hashes, and extends a measurement register",
		   sp_id(SAMPLE_MEASURE));
	if (!measure(MEASURE_HASH, 3, abc, abc_hash) ||
	    !measure(MEASURE_EXTEND, 0, abc_hash, abc_extended)) {
		return false;
	}
	for (uint32_t i = 0; i < CPU_COUNT && !test_failed(); i++) {
		cpu_run(i, read_job, 0);
	}
	print_line("SHA-256 is right, and every CPU reads the register as it was extended");
	return !test_failed();
}

/* Tells the scribe; its answer's p1 has to be FFA_OK. p2 of the answer. */
static bool scribe(uint64_t command, uint64_t p1, uint64_t p2, uint64_t *answer)
{
	uint16_t id = sp_id(SAMPLE_SCRIBE);
	struct ffa_regs r = FFA_DIRECT(id, command, p1, p2);

	CHECK(r.x[0] == FFA_MSG_SEND_DIRECT_RESP_64 && r.x[4] == FFA_OK, "scribe says %s",
	      ffa_text(&r));
	if (answer != NULL) {
		*answer = r.x[5];
	}
	return true;
}

static void write_text(const char *text)
{
	volatile char *page = (volatile char *)MEMORY_BASE;

	do {
		*page++ = *text;
	} while (*text++ != '\0');
}

/* A page of ours goes to the scribe, which writes into it, and comes back. */
static bool memory_trip(uint32_t fid, uint32_t flags, uint64_t *letters)
{
	const struct party we = party_nwd(), to = { .id = sp_id(SAMPLE_SCRIBE) };
	struct deal d = deal_make(&we, fid, &to, MEMORY_BASE, 1);

	d.flags = flags;
	if (!deal_send(&d) || !scribe(SCRIBE_TAKE, d.handle, fid == FFA_MEM_LEND_32, NULL) ||
	    !scribe(SCRIBE_CAPITALS, 64, 0, letters) || !deal_reclaim_fails(&d, FFA_DENIED) ||
	    !scribe(SCRIBE_GIVE_BACK, 0, 0, NULL) || !deal_reclaim(&d, 0)) {
		return false;
	}
	return true;
}

static bool demo_memory(void)
{
	static const char text[] = "bulkheads keep the water out";
	const char *page = (const char *)MEMORY_BASE;
	uint64_t lent;
	bool ok;

	CHECK(rxtx_map(), "RXTX_MAP fails");
	write_text(text);
	print_line("we share a page with %#x: \"%s\"", sp_id(SAMPLE_SCRIBE), page);
	ok = memory_trip(FFA_MEM_SHARE_32, 0, &shown.letters);
	print_line("it has written there: \"%s\"; while it had the page, RECLAIM was DENIED", page);
	write_text(text);
	ok = ok && memory_trip(FFA_MEM_LEND_32, FFA_MEM_FLAG_ZERO, &lent);
	rxtx_unmap();
	if (!ok) {
		return false;
	}
	CHECK(shown.letters == 24 && lent == 0 && page[0] == '\0',
	      "%lu letters of the shared page, %lu of the one lent with zeroes", shown.letters,
	      lent);
	print_line("lent with the zero flag, the page was empty when it came to the partition");
	print_line("(to keep us from touching it meanwhile EL3 needs RME: protect_ns_memory)");
	return true;
}

static bool demo_fault(void)
{
	uint16_t id = sp_id(SAMPLE_ROGUE);
	struct ffa_regs r;

	print_line("%#x writes to the SPMC's memory, because we ask it to", id);
	r = FFA_DIRECT(id, ROGUE_WRITE, UNMAPPED);
	CHECK(r.x[0] == FFA_MSG_SEND_DIRECT_RESP_64 && r.x[4] == ROGUE_SURVIVED && r.x[7] > 0,
	      "rogue says %s", ffa_text(&r));
	shown.faults = (uint32_t)r.x[7];
	print_line("it got a data abort (ESR %#lx at %#lx), handled it and went on", r.x[5],
		   r.x[6]);
	print_line("now it jumps to nowhere, and has no vectors either");
	r = FFA_DIRECT(id, ROGUE_NOWHERE);
	CHECK(ffa_is_error(&r, FFA_ABORTED), "rogue's end: %s", ffa_text(&r));
	r = FFA_DIRECT(id, ROGUE_UNDEFINED);
	CHECK(ffa_is_error(&r, FFA_ABORTED), "rogue after its end: %s", ffa_text(&r));
	print_line("it was ended: FFA_ERROR(ABORTED); the secure log says where and why");
	for (uint32_t i = 0; i < 10; i++) {
		if (!echo(sp_id(SAMPLE_ECHO)) || !echo(sp_id(SAMPLE_ECHO_UP))) {
			return false;
		}
		shown.after_fault += 2;
	}
	return true;
}

static const struct test parts[] = {
	{ "demo.partitions", demo_partitions, 0 },
	{ "demo.messages", demo_messages, NEED(SAMPLE_ECHO) },
	{ "demo.interrupted", demo_interrupted, NEED(SAMPLE_COMPUTE) },
	{ "demo.moves", demo_moves, NEED(SAMPLE_ECHO_UP) },
	{ "demo.el0", demo_el0, NEED(SAMPLE_MEASURE) },
	{ "demo.memory", demo_memory, NEED(SAMPLE_SCRIBE) },
	{ "demo.fault", demo_fault, NEED(SAMPLE_ROGUE) | NEED(SAMPLE_ECHO) | NEED(SAMPLE_ECHO_UP) },
	{ 0 },
};

static void last_page(unsigned int failed)
{
	uint32_t messages = 0;

	for (uint32_t i = 0; i < CPU_COUNT; i++) {
		messages += shown.messages[i];
	}
	print_line(" ");
	print_line("What was shown:");
	print_line(
		"  %u secure partitions booted, one of them at S-EL0, and were found by the normal",
		shown.partitions);
	print_line("  world.");
	print_line("  %u messages went from %u CPUs to a partition and back, every answer right.",
		   messages, CPU_COUNT);
	print_line(
		"  A partition that computes was interrupted %u times by the normal world's timer",
		shown.preemptions);
	print_line(
		"  (%u timer interrupts arrived), was resumed each time, and its result is right.",
		shown.interrupts);
	print_line("  A partition with one vCPU moved %u times between %u CPUs and lost nothing.",
		   shown.moves, CPU_COUNT);
	print_line("  The partition at S-EL0 answered %u times, on all CPUs, with the right hash.",
		   shown.measurements);
	print_line("  A page went to a partition and back twice: shared, %lu letters were changed "
		   "in it;",
		   shown.letters);
	print_line("  lent, what stood there was gone before the partition saw it.");
	print_line(
		"  A partition that reached for others' memory was stopped %u time%s, then ended;",
		shown.faults, shown.faults == 1 ? "" : "s");
	print_line("  the others gave %u right answers after that.", shown.after_fault);
	if (failed != 0) {
		print_line("%u of these parts FAILED: see the lines FAIL above.", failed);
	}
	print_line(" ");
}

int demo_run(void)
{
	unsigned int passed = 0, failed = 0;

	partitions_find();
	for (const struct test *t = parts; t->name != NULL; t++) {
		if (test_run(t)) {
			passed++;
		} else {
			failed++;
		}
	}
	last_page(failed);
	print_raw("DONE %u %u", passed, failed);
	return failed != 0;
}
