/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tests. A test is a function that runs on CPU 0 with interrupts unmasked and says whether all
 * went well; when not, it has called test_fail().
 */
#ifndef NWD_TEST_H
#define NWD_TEST_H

#include <stdbool.h>
#include <stdint.h>

#include "bulkhead/samples.h"
#include "partitions.h"

/* A test needs the sample partition SAMPLE_<...>; see bulkhead/samples.h. */
#define NEED(sample) (1u << (sample))
/* ... or calls that only our monitor knows; with another firmware it is left out. */
#define NEED_MONITOR (1u << 0)

struct test {
	const char *name; /* group.what; the argument tests= names either */
	bool (*run)(void);
	uint32_t needs;
};

extern const struct test setup_tests[], direct_tests[], direct2_tests[], info_regs_tests[],
	state_tests[], sweep_tests[], migrate_tests[], hammer_tests[], interrupt_tests[],
	power_tests[], rogue_tests[], garbage_tests[], notify_tests[], many_tests[], storm_tests[],
	timer_tests[], message_tests[], version_tests[];

#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			test_fail(__VA_ARGS__);                                                    \
			return false;                                                              \
		}                                                                                  \
	} while (0)

void test_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool test_failed(void);
uint64_t test_count(uint64_t otherwise);
bool test_run(const struct test *t);
int test_run_all(const char *names, uint64_t count);

#endif
