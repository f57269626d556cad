/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The normal-world program: demonstration, tests and benchmark, as its arguments say:
 *
 *   demo                 the demonstration
 *   bench                what tests/bench measures
 *   tests=a,b            tests, or groups of tests, by name
 *   seed=N count=N       of the random numbers; how often the long tests do their thing
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

/* Before any other FF-A call: says which version we speak. False when nobody speaks it with us. */
static bool greet_spmc(void)
{
	struct ffa_regs r = FFA_CALL(FFA_VERSION_32, FFA_VERSION_1_2);
	int32_t version = (int32_t)r.x[0];

	if (version < 0 || FFA_VERSION_MAJOR(version) != 1) {
		print_line("FFA_VERSION(1.2): %#x, so there is no SPMC", (uint32_t)version);
		return false;
	}
	return true;
}

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
	if (greet_spmc()) {
		result = run(seed);
	}
	monitor_end((uint64_t)result);
}
