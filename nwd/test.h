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

/* One a line, so that branches that add some merge. */
/* clang-format off */
extern const struct test setup_tests[];
extern const struct test direct_tests[];
extern const struct test direct2_tests[];
extern const struct test info_regs_tests[];
extern const struct test state_tests[];
extern const struct test sweep_tests[];
extern const struct test migrate_tests[];
extern const struct test hammer_tests[];
extern const struct test interrupt_tests[];
extern const struct test power_tests[];
extern const struct test rogue_tests[];
extern const struct test garbage_tests[];
extern const struct test notify_tests[];
extern const struct test many_tests[];
extern const struct test storm_tests[];
extern const struct test timer_tests[];
extern const struct test lifecycle_tests[];
extern const struct test message_tests[];
extern const struct test version_tests[];
extern const struct test memory_tests[];
extern const struct test memory_errors_tests[];
extern const struct test memory_load_tests[];
extern const struct test memory_taken_tests[];
extern const struct test el0_tests[];
/* clang-format on */

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
