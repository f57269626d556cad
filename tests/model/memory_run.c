/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs: a system is set up, steps are made, all comes to its end, the next system. When the SPMC
 * and the model differ, steps are left out as long as they still differ, and the rest is told.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arch/mem.h"
#include "memory_calls.h"

#define STEPS 400u /* of a run */
#define ALL_PAGES_EACH 50u /* steps after which all pages are looked at */
#define SHORT 20000u /* steps of all runs together in `make model` */
#define LONG 200000u /* steps in which a mutant has to be found */
#define TOUCHED_MAX 4096u
#define RULES_MAX 256u

/* What a child tells its parent. */
struct progress {
	uint64_t run;
	uint32_t step; /* how many have been made */
	uint32_t made[STEPS]; /* which */
	uint32_t made_count;
	uint64_t operations;
	struct {
		uint64_t done, refused;
	} calls[FFA_FID_NUM_LAST + 1]; /* by the number of the function */
	uint64_t statuses[1 - FFA_NOT_READY];
	struct {
		const char *rule;
		uint64_t broken;
	} rules[RULES_MAX];
};

static struct progress *progress;
static bool verbose;
static uint32_t touched_pages[TOUCHED_MAX];
static uint32_t touched_count;

/* --- Looking -------------------------------------------------------------------------------- */

_Noreturn void disagree(const char *format, ...)
{
	va_list args;

	if (verbose) {
		printf("  %s\n", step_told);
	}
	printf("differs: ");
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	printf("\n");
	(void)fflush(stdout);
	_exit(1);
}

/* Each rule is one string, and children are copies of their parent. */
static void count_rule(const char *rule)
{
	for (uint32_t i = 0; i < RULES_MAX; i++) {
		if (progress->rules[i].rule == NULL || progress->rules[i].rule == rule) {
			progress->rules[i].rule = rule;
			progress->rules[i].broken++;
			return;
		}
	}
}

void count_call(const struct verdict *v, uint32_t fid, enum ffa_status s)
{
	progress->statuses[-(int)s]++;
	if (s == FFA_OK) {
		progress->calls[fid & 0xFF].done++;
	} else {
		progress->calls[fid & 0xFF].refused++;
	}
	for (uint32_t i = 0; i < v->rule_count; i++) {
		count_rule(v->rules[i]);
	}
}

/* What has been tried: calls by their names, and the rules that were broken. */
static void print_counts(void)
{
	static const char *const names[FFA_FID_NUM_LAST + 1] = {
#define FFA_ABI(num, name, ...) [num] = #name,
#include "ffa/ffa_abi.def"
#undef FFA_ABI
	};

	for (uint32_t i = 0; i <= FFA_FID_NUM_LAST; i++) {
		if (progress->calls[i].done + progress->calls[i].refused != 0) {
			printf("  %-20s %9lu done %9lu refused\n", names[i],
			       progress->calls[i].done, progress->calls[i].refused);
		}
	}
	for (uint32_t i = 1; i < NUMBER_OF(progress->statuses); i++) {
		if (progress->statuses[i] != 0) {
			printf("  %9lu  answered -%u\n", progress->statuses[i], i);
		}
	}
	for (uint32_t i = 0; i < RULES_MAX && progress->rules[i].rule != NULL; i++) {
		printf("  %9lu  %s\n", progress->rules[i].broken, progress->rules[i].rule);
	}
}

void touched(uint32_t page)
{
	if (touched_count < TOUCHED_MAX) {
		touched_pages[touched_count++] = page;
	}
}

static void check_access(const struct page *p, uint32_t who)
{
	uint32_t real = real_access(who, p->base);
	bool box = p->box != BOX_NONE && p->owner == who;

	if (model.parties[who].dead && p->owner == who) {
		return;
	}
	if (box) {
		/* Its own buffers: it has to read both and write TX. */
		uint32_t need = p->box == BOX_TX ? MEM_R | MEM_W : MEM_R;

		if ((real & need) != need ||
		    (real & (MEM_NS | MEM_DEVICE)) != (p->attrs & MEM_NS)) {
			disagree("page %#lx, a buffer of %u: access %#x", p->base, who, real);
		}
	} else if (real != p->access[who]) {
		disagree("page %#lx, %u: access %#x, not %#x", p->base, who, real, p->access[who]);
	}
}

static bool all_words(const struct page *p, uint64_t value)
{
	const uint64_t *words = real_memory(p->base);

	return words[0] == value && memcmp(words, words + 1, PAGE_BYTES - 8) == 0;
}

static void check_content(struct page *p)
{
	if (p->box != BOX_NONE || p->unknown) {
		return;
	}
	if (p->maybe_zero && all_words(p, 0)) {
		if (p->transaction == NONE) {
			model_write(p, 0);
		}
		return;
	}
	if (!all_words(p, p->content)) {
		disagree("page %#lx has %#lx in it, not %#lx", p->base,
			 *(uint64_t *)real_memory(p->base), p->content);
	}
}

/* What it is to all; so exactly one of them owns it. */
static void check_relations(const struct page *p)
{
	for (uint32_t who = 0; who < WORLDS; who++) {
		enum relation real = real_relation(who, p);

		if (real != model_relation(who, p) && !model.parties[who].dead) {
			disagree("page %#lx, %u: state %d, not %d", p->base, who, (int)real,
				 (int)model_relation(who, p));
		}
	}
	if (model.protects && real_is_world(p->base) &&
	    real_is_secured(p->base) != model_is_secured(p)) {
		disagree("page %#lx: %s by EL3", p->base,
			 real_is_secured(p->base) ? "secured" : "not secured");
	}
}

void check_pages(uint32_t first, uint32_t count)
{
	for (uint32_t i = first; i < first + count && i < model.page_count; i++) {
		for (uint32_t who = 0; who < SPS; who++) {
			check_access(&model.pages[i], who);
		}
		check_relations(&model.pages[i]);
		check_content(&model.pages[i]);
	}
}

static void check_touched(struct dice *d)
{
	for (uint32_t i = 0; i < touched_count; i++) {
		check_pages(touched_pages[i], 1);
	}
	touched_count = 0;
	check_pages(dice(d, model.page_count), 4);
}

/* --- A run ---------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t x = a ^ (b + 1) * 0x9E3779B97F4A7C15ul;

	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ul;
	x = (x ^ x >> 27) * 0x94D049BB133111EBul;
	return x ^ x >> 31;
}

static struct setup setup_of(uint64_t seed)
{
	struct dice d = { .state = mix(seed, 1ul << 40) };
	struct setup s = { 0 };

	for (uint32_t i = 0; i < WORLDS; i++) {
		s.versions[i] = FFA_VERSION(1, dice(&d, 3));
	}
	s.donations = dice(&d, 2) == 0;
	s.aborts = dice(&d, 3) == 0;
	s.scarce = dice(&d, 5) == 0;
	s.protects = dice(&d, 3) == 0;
	s.el0[0] = dice(&d, 3) == 0;
	s.el0[1] = dice(&d, 3) == 0;
	return s;
}

static bool any_given_away(const struct setup *s)
{
	bool given = s->donations;

	for (uint32_t i = 0; i < SPS; i++) {
		given |= model.parties[i].dead;
	}
	return given;
}

static void print_setup(const struct setup *s)
{
	printf("  versions");
	for (uint32_t i = 0; i < WORLDS; i++) {
		printf(" %s 1.%u", i == NWD ? "nwd" : "sp", s->versions[i] & 3);
	}
	printf("%s%s%s%s; ids", s->scarce ? ", little working memory" : "",
	       s->protects ? ", EL3 protects" : "", s->el0[0] ? ", 1 at S-EL0" : "",
	       s->el0[1] ? ", 3 at S-EL0" : "");
	for (uint32_t i = 0; i < SPS; i++) {
		printf(" %u: %#x", i, model.parties[i].id);
	}
	printf("\n");
}

/* The steps in `list`, or with NULL the first `count`. */
static void run(uint64_t seed, const uint32_t *list, uint32_t count)
{
	struct dice begin = { .state = mix(seed, 2ul << 40) };
	struct setup s = setup_of(seed);
	uint64_t free_pages;
	uint32_t stuck;

	progress->run = seed;
	progress->step = 0;
	real_start(&s);
	free_pages = real_free_pages();
	if (verbose) {
		print_setup(&s);
	}
	steps_begin(&begin, &s);
	if (s.scarce) {
		free_pages -= real_make_scarce(&begin);
	}
	for (uint32_t i = 0; i < count; i++) {
		struct dice d = { .state = mix(seed, list != NULL ? list[i] : i) };

		progress->step = i + 1;
		step_make(&d, &s);
		progress->operations++;
		if (verbose) {
			printf("  %u: %s\n", list != NULL ? list[i] : i, step_told);
			(void)fflush(stdout);
		}
		check_touched(&d);
		if (i % ALL_PAGES_EACH == ALL_PAGES_EACH - 1) {
			check_pages(0, model.page_count);
		}
	}
	stuck = steps_drain();
	touched_count = 0;
	(void)strcpy(step_told, "the end");
	check_pages(0, model.page_count);
	if (real_transactions() != stuck) {
		disagree("%u transactions are left in the end", real_transactions());
	}
	if (!any_given_away(&s) && real_free_pages() != free_pages) {
		disagree("%lu pages were free in the beginning, and %lu are in the end", free_pages,
			 real_free_pages());
	}
}

/* --- Children ------------------------------------------------------------------------------- */

/* In a child of its own, as it may end anywhere. True: it came to its end. */
static bool run_apart(uint64_t seed, const uint32_t *list, uint32_t count, bool quiet)
{
	pid_t child;
	int status = 0;

	(void)fflush(stdout);
	child = fork();
	if (child == 0) {
		if (quiet) {
			(void)!freopen("/dev/null", "w", stdout);
			(void)!freopen("/dev/null", "w", stderr);
		}
		run(seed, list, count);
		_exit(0);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Leaves out what is not needed for it to fail, greater parts first. Returns how many are left. */
static uint32_t shrink(uint64_t seed, uint32_t *list, uint32_t count)
{
	static uint32_t candidate[STEPS];

	for (uint32_t part = count / 2; part != 0; part /= 2) {
		for (uint32_t at = 0; at + part <= count;) {
			memcpy(candidate, list, at * sizeof(list[0]));
			memcpy(candidate + at, list + at + part,
			       (count - at - part) * sizeof(list[0]));
			if (run_apart(seed, candidate, count - part, true)) {
				at += part;
			} else {
				count -= part;
				memcpy(list, candidate, count * sizeof(list[0]));
			}
		}
	}
	return count;
}

static void explain(uint64_t seed, uint32_t step)
{
	static uint32_t list[STEPS];
	uint32_t count = step;

	for (uint32_t i = 0; i < count; i++) {
		list[i] = i;
	}
	printf("run %lu differs after step %u of %u; the shortest list of steps that still does:\n",
	       seed, step - 1, STEPS);
	if (!run_apart(seed, list, count, true)) {
		count = shrink(seed, list, count);
	}
	verbose = true;
	(void)run_apart(seed, list, count, false);
	verbose = false;
	printf("play it again: --run %lu --steps ", seed);
	for (uint32_t i = 0; i < count; i++) {
		printf("%s%u", i == 0 ? "" : ",", list[i]);
	}
	printf("\n");
}

/* Runs from `first` on until `operations` have been made. False: one of them differs. */
static bool run_many(uint64_t first, uint64_t operations)
{
	uint64_t seed = first;

	while (progress->operations < operations) {
		uint64_t end = seed + 20; /* of one child */
		pid_t child;
		int status = 0;

		(void)fflush(stdout);
		child = fork();
		if (child == 0) {
			for (; seed < end && progress->operations < operations; seed++) {
				run(seed, NULL, STEPS);
			}
			_exit(0);
		}
		while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
		}
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
			return false;
		}
		seed = end;
	}
	return true;
}

static void progress_create(void)
{
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (progress == MAP_FAILED) {
		exit(1);
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
}

static int replay(uint64_t seed, char *steps)
{
	static uint32_t list[STEPS];
	uint32_t count = 0;

	for (char *s = strtok(steps, ","); s != NULL && count < STEPS; s = strtok(NULL, ",")) {
		list[count++] = (uint32_t)strtoul(s, NULL, 0);
	}
	verbose = true;
	run(seed, list, count);
	printf("does not differ\n");
	return 0;
}

/* --count OPERATIONS, --seed FIRST RUN; or --run SEED --steps LIST. */
int memory_main(int argc, char **argv)
{
	uint64_t count = SHORT;
	uint64_t seed = 1;
	char *steps = NULL;
	struct timespec begin, end;

	progress_create();
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--count") == 0) {
			count = strtoull(argv[i + 1], NULL, 0);
		} else if (strcmp(argv[i], "--seed") == 0 || strcmp(argv[i], "--run") == 0) {
			seed = strtoull(argv[i + 1], NULL, 0);
		} else if (strcmp(argv[i], "--steps") == 0) {
			steps = argv[i + 1];
		} else {
			fprintf(stderr, "%s: --count, --seed, --run, --steps\n", argv[i]);
			return 2;
		}
	}
	if (steps != NULL) {
		return replay(seed, steps);
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	if (!run_many(seed, count)) {
		explain(progress->run, progress->step);
		return 1;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	print_counts();
	printf("%lu operations from run %lu on, %ld s: the SPMC did what the model did\n",
	       progress->operations, seed, end.tv_sec - begin.tv_sec);
	return 0;
}

bool memory_differs(void)
{
	progress_create();
	(void)!freopen("/dev/null", "w", stderr); /* where a panic would say so */
	return !run_many(1, LONG);
}
