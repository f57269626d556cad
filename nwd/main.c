/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The normal-world program: demonstration, tests and benchmark, as its arguments say:
 *
 *   demo                 the demonstration
 *   bench                what tests/bench measures; `messages` too: nothing of memory
 *   tests=a,b            tests, or groups of tests, by name
 *   seed=N count=N       of the random numbers; how often the long tests do their thing
 *   minor=N              speaks FF-A 1.N; tests of memory, message, version know of others than 1.2
 */
#include "args.h"
#include "bench.h"
#include "call.h"
#include "cpu.h"
#include "demo.h"
#include "monitor.h"
#include "print.h"
#include "test.h"

#define NAMES_SIZE 1024

static int run(uint64_t seed)
{
	char names[NAMES_SIZE];
	if (args_has("bench")) {
		return bench_run();
	}
	for (uint32_t i = 1; i < CPU_COUNT; i++) {
		if (!cpu_on(i)) {
			return 1;
		}
	}
	if (args_has("demo")) {
		return demo_run();
	}
	print_line("%u CPUs, normal world at EL%u, %s, seed %lu", CPU_COUNT, cpu_el(),
		   monitor_name(), seed);
	args_text("tests", names, sizeof(names));
	return test_run_all(names, args_number("count", 0));
}

_Noreturn void nwd_main(uint32_t index)
{
	uint64_t seed = args_number("seed", 1);
	int result = 1;

	for (uint32_t i = 0; i < CPU_COUNT; i++) {
		cpus[i].random = seed * CPU_COUNT + i;
	}
	cpus[index].here = true;
	cpu_irq_on();
	monitor_find();
	if (ffa_greet(FFA_VERSION(1, args_number("minor", 2)))) {
		result = run(seed);
	}
	monitor_end((uint64_t)result);
}
