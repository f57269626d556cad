/* SPDX-License-Identifier: BSD-3-Clause */
/* A thread on each CPU that sends messages until the module is removed, also while CPUs go off. */
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smpboot.h>

#include "bulkhead/tester.h"
#include "test.h"

static DEFINE_PER_CPU(struct task_struct *, thread);
static DEFINE_PER_CPU(unsigned long, sent);
static struct ffa_device *load_tester;
static bool failed;

static int should_run(unsigned int cpu)
{
	return !READ_ONCE(failed);
}

static void send(unsigned int cpu)
{
	u64 payload[5] = { TESTER_PING, cpu };
	int ret = tester_call(load_tester, payload);

	if (ret != 0 || payload[0] != TESTER_OK || payload[1] != TESTER_PONG((u64)cpu)) {
		WRITE_ONCE(failed, true);
		wrong("load on CPU %u: %d, %#llx %#llx\n", cpu, ret, payload[0], payload[1]);
	}
	this_cpu_inc(sent);
	cond_resched();
}

static struct smp_hotplug_thread threads = {
	.store = &thread,
	.thread_should_run = should_run,
	.thread_fn = send,
	.thread_comm = "load/%u",
};

int load_run(struct ffa_device *tester, unsigned int count)
{
	load_tester = tester;
	return smpboot_register_percpu_thread(&threads);
}

int load_end(void)
{
	unsigned int cpu;

	smpboot_unregister_percpu_thread(&threads);
	for_each_possible_cpu(cpu)
	{
		pr_info("bulkhead: load: %lu messages on CPU %u%s\n", per_cpu(sent, cpu), cpu,
			failed ? ", failed" : "");
	}
	return 0;
}
