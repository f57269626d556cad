/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The memory is that of the C11 model without its out-of-thin-air part, in the operational form of
 * Kang et al., "A promising semantics for relaxed-memory concurrency" (POPL 2017), without
 * promises. Each location has the list of all values that were stored to it. Each CPU has a view:
 * how far in each list it must be by now; a load may give any value from there on. A release store
 * carries the view of its CPU, an acquire load takes it over; a seq_cst load is also not before the
 * last seq_cst store. A plain access is only right when the CPU is at the end of the list: else two
 * CPUs race for it.
 *
 * CPUs are coroutines that stop before each access. A run is a list of choices (which CPU goes on,
 * which value a load gives); it is repeated from the start with the last choice changed, until all
 * are tried. A state that was there before is not followed again. Only accesses to what somebody
 * writes and somebody else uses are choices.
 */
#include "explore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

/* Here are both: the machine of src/arch/host serves until the runs begin. */
#undef arch_vcpu_save
#undef arch_vcpu_restore
#undef arch_world_enter
#undef gic_send_secure_sgi
#undef gic_acknowledge
#undef gic_pmr
#undef gic_set_pmr
#undef panic

#include "arch/gic.h"
#include "core/cpu.h"

#define STACK_BYTES (128 * 1024)
#define LOCATIONS 64
#define STORES 48
#define CHOICES 4096
#define SEEN_BITS 22
#define LOG_LINES 400

struct view {
	uint8_t at[LOCATIONS];
};

struct store {
	uint64_t value;
	struct view view;
};

struct location {
	volatile void *p;
	size_t size;
	uint8_t last; /* in stores */
	uint8_t last_seq_cst;
	uint8_t readers, writers; /* CPUs, in any run */
	bool shared; /* somebody writes what somebody else uses, too */
	struct store stores[STORES];
};

enum thread_state { READY, LOCKING, WAITING, DONE };

struct thread {
	jmp_buf here; /* where it stopped */
	bool begun;
	enum thread_state state;
	struct spinlock *wants;
	struct view view;
	uint64_t history; /* of all that it has learned: with the memory, all of its state */
	bool kicked;
	struct view kick_view;
	uint32_t intid;
	uint8_t pmr;
};

static const struct explore_scenario *scenario;
static struct location locations[LOCATIONS];
static uint32_t location_count; /* they stay the same from run to run */
static volatile char *constant; /* see explore_constant() */
static size_t constant_size;
static struct {
	struct spinlock *lock;
	bool taken;
	struct view view;
} locks[LOCATIONS];
static uint32_t lock_count;

static struct thread threads[EXPLORE_CPUS];
static char stacks[EXPLORE_CPUS][STACK_BYTES];
static jmp_buf explorer;
static uint32_t current;
static bool running; /* a coroutine runs: accesses are ours */
static bool failed;
static bool again; /* a location has turned out to be shared */
static jmp_buf checked;

static struct {
	uint16_t taken, count;
} choices[CHOICES];
static uint32_t choice_count; /* up to here a run is as the one before */
static uint32_t choice_next;

static uint64_t seen[1u << SEEN_BITS];
static uint64_t states;

/* --- What happened in this run ---------------------------------------------------------------- */

static char lines[LOG_LINES][96];
static uint32_t line_count;

static __attribute__((format(printf, 1, 2))) void note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(lines[line_count % LOG_LINES], sizeof(lines[0]), format, args);
	va_end(args);
	line_count++;
}

static void print_log(void)
{
	uint32_t first = line_count > LOG_LINES ? line_count - LOG_LINES : 0;

	for (uint32_t i = first; i < line_count; i++) {
		puts(lines[i % LOG_LINES]);
	}
	for (uint32_t l = 0; l < location_count; l++) {
		printf("%u is at %#lx\n", l, (unsigned long)(uintptr_t)locations[l].p);
	}
}

static void die(const char *what)
{
	printf("%s: %s\n", scenario->name, what);
	print_log();
	exit(2);
}

/* --- Choices --------------------------------------------------------------------------------- */

/* 0 .. count - 1. */
static uint32_t choose(uint32_t count)
{
	if (count == 1) {
		return 0;
	}
	if (choice_next == choice_count) {
		if (choice_count == CHOICES) {
			die("a run is too long for the explorer");
		}
		choices[choice_count].taken = 0;
		choices[choice_count++].count = (uint16_t)count;
	}
	return choices[choice_next++].taken;
}

/* The next run; false when that was the last. */
static bool choose_other(void)
{
	while (choice_count > 0) {
		if (++choices[choice_count - 1].taken < choices[choice_count - 1].count) {
			return true;
		}
		choice_count--;
	}
	return false;
}

/* --- CPUs ------------------------------------------------------------------------------------ */

static void learn(uint64_t value)
{
	struct thread *t = &threads[current];

	t->history = (t->history ^ value) * 0x9E3779B97F4A7C15ul;
	t->history ^= t->history >> 29;
}

/* Anybody may go on from here. */
static void stop(enum thread_state state)
{
	threads[current].state = state;
	running = false;
	if (_setjmp(threads[current].here) == 0) {
		_longjmp(explorer, 1);
	}
	running = true;
	threads[current].state = READY;
	learn(state); /* that it has come so far */
}

_Noreturn void explore_fail(const char *format, ...)
{
	char line[96];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	note("CPU %u: WRONG: %s", current, line);
	failed = true;
	if (!running) {
		longjmp(checked, 1);
	}
	stop(DONE);
	abort(); /* who is done does not go on */
}

static void join(struct view *to, const struct view *from)
{
	for (uint32_t i = 0; i < location_count; i++) {
		if (from->at[i] > to->at[i]) {
			to->at[i] = from->at[i];
		}
	}
}

uint32_t explore_cpu(void)
{
	return current;
}

/* --- Memory ---------------------------------------------------------------------------------- */

static uint64_t fetch(const volatile void *p, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, (const void *)p, size);
	return value;
}

static bool is_constant(const volatile void *p)
{
	return (uintptr_t)p - (uintptr_t)constant < constant_size;
}

void explore_constant(volatile void *p, size_t size)
{
	constant = p;
	constant_size = size;
}

static uint32_t find(volatile void *p, size_t size)
{
	if (is_constant(p)) {
		die("somebody writes what the explorer was told to be constant");
	}
	for (uint32_t i = 0; i < location_count; i++) {
		if (locations[i].p == p) {
			return i;
		}
	}
	if (location_count == LOCATIONS) {
		die("too many locations for the explorer");
	}
	locations[location_count] = (struct location){ .p = p, .size = size };
	locations[location_count].stores[0].value = fetch(p, size);
	return location_count++;
}

/*
 * The current CPU is about to access l: others come first or after, if it matters to them. What
 * is only read, or only this CPU uses, does not; when that turns out wrong, all is tried again.
 */
static struct location *access(uint32_t l, bool write)
{
	struct location *loc = &locations[l];

	*(write ? &loc->writers : &loc->readers) |= (uint8_t)(1u << current);
	if (!loc->shared && loc->writers != 0 &&
	    __builtin_popcount(loc->readers | loc->writers) > 1) {
		loc->shared = true;
		again = true;
	}
	if (loc->shared) {
		stop(READY);
	}
	return loc;
}

static void append(uint32_t l, uint64_t value, const struct view *carries)
{
	struct location *loc = &locations[l];
	struct view *view = &threads[current].view;

	if (loc->last + 1 == STORES) {
		die("too many stores for the explorer");
	}
	loc->last++;
	view->at[l] = loc->last;
	loc->stores[loc->last].value = value;
	memset(&loc->stores[loc->last].view, 0, sizeof(struct view));
	if (carries != NULL) {
		join(&loc->stores[loc->last].view, carries);
	}
	loc->stores[loc->last].view.at[l] = loc->last;
	memcpy((void *)loc->p, &value, loc->size);
}

static bool releases(memory_order order)
{
	return order == memory_order_release || order == memory_order_acq_rel ||
	       order == memory_order_seq_cst;
}

static bool acquires(memory_order order)
{
	return order == memory_order_acquire || order == memory_order_acq_rel ||
	       order == memory_order_seq_cst;
}

static void take_over(uint32_t l, uint8_t at, memory_order order)
{
	struct view *view = &threads[current].view;

	view->at[l] = at;
	if (acquires(order)) {
		join(view, &locations[l].stores[at].view);
	}
}

uint64_t explore_load(volatile void *p, size_t size, memory_order order)
{
	struct location *loc;
	uint8_t from;
	uint32_t l;
	uint64_t value;

	if (!running || is_constant(p)) {
		return fetch(p, size);
	}
	l = find(p, size);
	loc = access(l, false);
	from = threads[current].view.at[l];
	if (order == memory_order_seq_cst && loc->last_seq_cst > from) {
		from = loc->last_seq_cst;
	}
	from = (uint8_t)(loc->last - choose(loc->last - from + 1u));
	take_over(l, from, order);
	value = loc->stores[from].value;
	learn((uint64_t)from << 32 | value);
	note("CPU %u: loads %#lx of %u (%u of %u)", current, value, l, from, loc->last);
	return value;
}

void explore_store(volatile void *p, size_t size, uint64_t value, memory_order order)
{
	uint32_t l;

	if (!running) {
		memcpy((void *)p, &value, size);
		return;
	}
	l = find(p, size);
	(void)access(l, true);
	append(l, value, releases(order) ? &threads[current].view : NULL);
	if (order == memory_order_seq_cst) {
		locations[l].last_seq_cst = locations[l].last;
	}
	learn(locations[l].last);
	note("CPU %u: stores %#lx to %u", current, value, l);
}

/* The second half of a read-modify-write: it goes on with what the first half has read. */
static void replace(uint32_t l, uint64_t value, memory_order order)
{
	struct view carries = locations[l].stores[locations[l].last].view;

	take_over(l, locations[l].last, order);
	if (releases(order)) {
		join(&carries, &threads[current].view);
	}
	append(l, value, &carries);
	if (order == memory_order_seq_cst) {
		locations[l].last_seq_cst = locations[l].last;
	}
}

uint64_t explore_exchange(volatile void *p, size_t size, uint64_t value, memory_order order)
{
	uint64_t old = fetch(p, size);
	uint32_t l;

	if (!running) {
		memcpy((void *)p, &value, size);
		return old;
	}
	l = find(p, size);
	(void)access(l, true);
	old = locations[l].stores[locations[l].last].value;
	replace(l, value, order);
	learn((uint64_t)locations[l].last << 32 | old);
	note("CPU %u: exchanges %#lx for %#lx of %u", current, old, value, l);
	return old;
}

bool explore_compare_exchange(volatile void *p, uint32_t *expected, uint32_t value,
			      memory_order order)
{
	uint32_t old = (uint32_t)fetch(p, sizeof(old));
	uint32_t l;

	if (!running) {
		if (old == *expected) {
			memcpy((void *)p, &value, sizeof(value));
			return true;
		}
		*expected = old;
		return false;
	}
	l = find(p, sizeof(value));
	(void)access(l, true);
	old = (uint32_t)locations[l].stores[locations[l].last].value;
	note("CPU %u: compares %#x, exchanges %#x for %#x of %u", current, *expected, old, value,
	     l);
	if (old != *expected) {
		take_over(l, locations[l].last, memory_order_relaxed);
		*expected = old;
		learn(old);
		return false;
	}
	replace(l, value, order);
	learn(locations[l].last);
	return true;
}

/* A plain access is a step of its own: what it must not race with may come before and after. */
static uint32_t plain(volatile uint64_t *p)
{
	uint32_t l;

	l = find(p, sizeof(*p));
	(void)access(l, true);
	if (threads[current].view.at[l] != locations[l].last) {
		explore_fail("a register in memory is used while it is not known to be there");
	}
	return l;
}

void explore_plain_write(volatile uint64_t *p, uint64_t value)
{
	uint32_t l = plain(p);

	append(l, value, NULL);
}

/* Whoever reads a context's registers has it: nobody else may read them at the same time either. */
uint64_t explore_plain_read(volatile uint64_t *p)
{
	uint32_t l = plain(p);
	uint64_t value = locations[l].stores[locations[l].last].value;

	append(l, value, NULL);
	return value;
}

/* --- Locks and kicks -------------------------------------------------------------------------- */

static uint32_t find_lock(struct spinlock *lock)
{
	for (uint32_t i = 0; i < lock_count; i++) {
		if (locks[i].lock == lock) {
			return i;
		}
	}
	if (lock_count == LOCATIONS) {
		die("too many locks for the explorer");
	}
	locks[lock_count].lock = lock;
	return lock_count++;
}

void explore_lock(struct spinlock *lock)
{
	uint32_t l;

	if (!running) {
		return;
	}
	l = find_lock(lock);
	threads[current].wants = lock;
	stop(LOCKING);
	locks[l].taken = true;
	join(&threads[current].view, &locks[l].view);
	learn(l);
}

void explore_unlock(struct spinlock *lock)
{
	uint32_t l;

	if (!running) {
		return;
	}
	l = find_lock(lock);
	locks[l].taken = false;
	locks[l].view = threads[current].view;
}

void explore_kick(uint32_t sgi, uint64_t mpidr)
{
	struct thread *t = &threads[mpidr];

	if (!running) {
		gic_send_secure_sgi(sgi, mpidr);
		return;
	}
	if (mpidr >= EXPLORE_CPUS) {
		return;
	}
	stop(READY);
	note("CPU %u: kicks CPU %lu", current, mpidr);
	t->kicked = true;
	join(&t->kick_view, &threads[current].view);
}

bool explore_take_kick(uint32_t cpu)
{
	struct thread *t = &threads[cpu];

	stop(READY);
	learn(t->kicked);
	if (!t->kicked) {
		return false;
	}
	t->kicked = false;
	join(&t->view, &t->kick_view);
	t->intid = GIC_SGI_KICK;
	note("CPU %u: is kicked", current);
	return true;
}

void explore_wait(uint32_t cpu)
{
	(void)cpu;
	stop(WAITING);
}

void explore_interrupt(uint32_t cpu, uint32_t intid)
{
	threads[cpu].intid = intid;
}

uint32_t explore_acknowledge(void)
{
	uint32_t intid = threads[current].intid;

	if (!running) {
		return gic_acknowledge();
	}
	threads[current].intid = GIC_SPURIOUS;
	return intid;
}

uint8_t explore_pmr(void)
{
	return running ? threads[current].pmr : gic_pmr();
}

void explore_set_pmr(uint8_t pmr)
{
	if (running) {
		threads[current].pmr = pmr;
	} else {
		gic_set_pmr(pmr);
	}
}

/* --- Registers -------------------------------------------------------------------------------- */

/* One register stands for all. */
void explore_save(struct arch_cpu *c, struct arch_vcpu *v)
{
	if (running) {
		explore_plain_write(&v->regs[0], c->regs[0]);
	} else {
		arch_vcpu_save(c, v);
	}
}

void explore_restore(struct arch_cpu *c, struct arch_vcpu *v)
{
	if (running) {
		c->regs[0] = explore_plain_read(&v->regs[0]);
	} else {
		arch_vcpu_restore(c, v);
	}
}

void explore_world_enter(const struct arch_vcpu *v)
{
	if (!running) {
		arch_world_enter(v);
	}
}

/* --- Runs ------------------------------------------------------------------------------------ */

static void thread_main(void)
{
	running = true;
	learn(READY);
	scenario->cpu[current](current);
	stop(DONE);
}

/* The current CPU goes on until it stops. */
static __attribute__((noinline)) void go_on(void)
{
	struct thread *t = &threads[current];
	ucontext_t context;

	if (_setjmp(explorer) != 0) {
		return;
	}
	if (t->begun) {
		_longjmp(t->here, 1);
	}
	t->begun = true;
	getcontext(&context);
	context.uc_stack.ss_sp = stacks[current];
	context.uc_stack.ss_size = STACK_BYTES;
	context.uc_link = NULL;
	makecontext(&context, thread_main, 0);
	setcontext(&context);
}

static bool can_run(uint32_t cpu)
{
	const struct thread *t = &threads[cpu];

	switch (t->state) {
	case READY:
		return true;
	case LOCKING:
		return !locks[find_lock(t->wants)].taken;
	case WAITING:
		return t->kicked;
	default:
		return false;
	}
}

static uint64_t hash(uint64_t h, const void *data, size_t size)
{
	const char *p = data;

	for (size_t i = 0; i + 8 <= size; i += 8) {
		uint64_t w;

		memcpy(&w, p + i, 8);
		h = (h ^ w) * 0x9E3779B97F4A7C15ul;
		h ^= h >> 31;
	}
	return h;
}

/* True if the run has been in this state before; remembers it. */
static bool seen_before(const void *memory, size_t size)
{
	uint64_t h = hash(1, memory, size);
	uint32_t i;

	for (uint32_t cpu = 0; cpu < EXPLORE_CPUS; cpu++) {
		const struct thread *t = &threads[cpu];
		uint64_t rest[] = { t->history, t->state, t->kicked, t->pmr, t->intid };

		h = hash(h, rest, sizeof(rest));
		h = hash(h, &t->view, sizeof(t->view));
		h = hash(h, &t->kick_view, t->kicked ? sizeof(t->kick_view) : 0);
	}
	for (uint32_t l = 0; l < location_count; l++) {
		uint64_t counts = (uint64_t)locations[l].last << 8 | locations[l].last_seq_cst;

		h = hash(h, &counts, sizeof(counts));
		h = hash(h, locations[l].stores, (locations[l].last + 1u) * sizeof(struct store));
	}
	for (uint32_t l = 0; l < lock_count; l++) {
		h = hash(h, &locks[l].view, sizeof(locks[l].view));
	}
	h |= 1;
	for (i = (uint32_t)(h >> (64 - SEEN_BITS)); seen[i] != 0;
	     i = (i + 1) & ((1u << SEEN_BITS) - 1)) {
		if (seen[i] == h) {
			return true;
		}
	}
	if (++states > (1u << SEEN_BITS) / 2) {
		die("too many states for the explorer");
	}
	seen[i] = h;
	return false;
}

static void begin(void *memory, const void *initial, size_t size)
{
	memcpy(memory, initial, size);
	for (uint32_t l = 0; l < location_count; l++) {
		locations[l].last = 0;
		locations[l].last_seq_cst = 0;
		locations[l].stores[0].value = fetch(locations[l].p, locations[l].size);
		memset(&locations[l].stores[0].view, 0, sizeof(struct view));
	}
	for (uint32_t l = 0; l < lock_count; l++) {
		locks[l].taken = false;
		memset(&locks[l].view, 0, sizeof(struct view));
	}
	for (uint32_t cpu = 0; cpu < EXPLORE_CPUS; cpu++) {
		struct thread *t = &threads[cpu];

		t->state = scenario->cpu[cpu] != NULL ? READY : DONE;
		t->history = cpu + 1;
		t->kicked = false;
		memset(&t->view, 0, sizeof(t->view));
		memset(&t->kick_view, 0, sizeof(t->kick_view));
		t->intid = GIC_SPURIOUS;
		t->pmr = GIC_PMR_OPEN;
		t->begun = false;
	}
	choice_next = 0;
	line_count = 0;
	scenario->begin();
}

static void run(const void *memory, size_t size)
{
	for (;;) {
		uint32_t able[EXPLORE_CPUS];
		uint32_t count = 0;

		for (uint32_t cpu = 0; cpu < EXPLORE_CPUS; cpu++) {
			if (can_run(cpu)) {
				able[count++] = cpu;
			}
		}
		if (count == 0) {
			if (setjmp(checked) == 0) {
				scenario->check();
			}
			return;
		}
		if (count > 1 && choice_next == choice_count && seen_before(memory, size)) {
			return;
		}
		current = able[choose(count)];
		host_cpu_set(&spmc.cpus[current].arch);
		go_on();
		if (failed || again) {
			return;
		}
	}
}

bool explore(const struct explore_scenario *s, void *memory, size_t size)
{
	uint64_t runs = 0;
	void *initial = malloc(size);

	scenario = s;
	s->create();
	memcpy(initial, memory, size);
	location_count = 0;
	lock_count = 0;
	again = true;
	failed = false;
	do {
		if (again) {
			again = false;
			states = 0;
			choice_count = 0;
			memset(seen, 0, sizeof(seen));
		}
		begin(memory, initial, size);
		run(memory, size);
		runs++;
	} while (!failed && (again || choose_other()));
	free(initial);
	printf("%s: %lu states, %lu runs%s\n", s->name, states, runs, failed ? ": WRONG" : "");
	if (failed) {
		print_log();
	}
	return !failed;
}
