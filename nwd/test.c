/* SPDX-License-Identifier: BSD-3-Clause */
#include "test.h"

#include <stdatomic.h>
#include <stddef.h>

#include "call.h"
#include "cpu.h"
#include "monitor.h"
#include "print.h"

#define REASON_SIZE 400

/* One a line, so that branches that add some merge. */
/* clang-format off */
static const struct test *const groups[] = {
	setup_tests,
	direct_tests,
	direct2_tests,
	info_regs_tests,
	state_tests,
	sweep_tests,
	migrate_tests,
	hammer_tests,
	interrupt_tests,
	power_tests,
	rogue_tests,
	garbage_tests,
	notify_tests,
	many_tests,
	storm_tests,
	timer_tests,
	lifecycle_tests,
	message_tests,
	version_tests,
	memory_tests,
	memory_errors_tests,
	memory_load_tests,
	memory_taken_tests,
	el0_tests,
};
/* clang-format on */
#define GROUP_COUNT (sizeof(groups) / sizeof(groups[0]))

static struct {
	atomic_uint failures; /* in the running test; the first one's reason is reported */
	char reason[REASON_SIZE];
	uint64_t count;
} current;

/* From any CPU. What follows the first failure of a test is most often its consequence. */
void test_fail(const char *format, ...)
{
	va_list args;

	if (atomic_fetch_add(&current.failures, 1) == 0) {
		va_start(args, format);
		print_format(current.reason, sizeof(current.reason), format, args);
		va_end(args);
	}
}

/* For loops and other CPUs: no use in going on. */
bool test_failed(void)
{
	return atomic_load(&current.failures) != 0;
}

/* How often a long test does what it does: the argument count=, or the test's own number. */
uint64_t test_count(uint64_t otherwise)
{
	return current.count != 0 ? current.count : otherwise;
}

/* True when name, or the group before its dot, is one of the names in the list. */
static bool is_listed(const char *name, const char *list)
{
	const char *n = name;

	for (; *list != '\0'; list++) {
		if (n != NULL && *list == *n) {
			n++;
			continue;
		}
		if (*list == ',') {
			if (n != NULL && n != name && (*n == '\0' || *n == '.')) {
				return true;
			}
			n = name;
		} else {
			n = NULL;
		}
	}
	return n != NULL && n != name && (*n == '\0' || *n == '.');
}

/* The first of the needed samples that is not there; 0 when all are. */
static uint32_t missing(uint32_t needs)
{
	for (uint32_t sample = 1; sample < 32; sample++) {
		if ((needs & NEED(sample)) && sp_id(sample) == 0) {
			return sample;
		}
	}
	return 0;
}

/* Runs and reports one test; true when it has passed. */
bool test_run(const struct test *t)
{
	uint32_t sample = missing(t->needs);

	atomic_store(&current.failures, 0);
	print_raw("RUN %s", t->name);
	if (sample != 0) {
		test_fail("it needs sample partition %#x, which is not there", sample);
	} else if (!t->run() && !test_failed()) {
		test_fail("no reason given");
	}
	if (test_failed()) {
		print_raw("FAIL %s: %s", t->name, current.reason);
		return false;
	}
	print_raw("PASS %s", t->name);
	return true;
}

/* Runs the tests that the list names, by name or by group; 0 when all have passed. */
int test_run_all(const char *names, uint64_t count)
{
	unsigned int passed = 0, failed = 0;

	current.count = count;
	partitions_find();
	for (size_t g = 0; g < GROUP_COUNT; g++) {
		for (const struct test *t = groups[g]; t->name != NULL; t++) {
			if (!is_listed(t->name, names)) {
				continue;
			}
			if ((t->needs & NEED_MONITOR) && !monitor_is_there()) {
				print_line("%s needs our monitor: left out", t->name);
				continue;
			}
			if (test_run(t)) {
				passed++;
			} else {
				failed++;
			}
		}
	}
	if (passed + failed == 0) {
		print_line("no test is called '%s'", names);
		failed = 1;
	}
	print_raw("DONE %u %u", passed, failed);
	return failed != 0;
}
