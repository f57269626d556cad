/* SPDX-License-Identifier: BSD-3-Clause */
/* Direct messages: from each CPU, and from all at once. */
#include <linux/cpu.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/workqueue.h>

#include <asm/cputype.h>

#include "bulkhead/tester.h"
#include "test.h"

struct job {
	struct work_struct work;
	struct ffa_device *tester;
	unsigned int count;
	int (*on_cpu)(struct ffa_device *tester, unsigned int count);
	int result;
};

static DEFINE_PER_CPU(struct job, jobs);

static void job_work(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);

	job->result = job->on_cpu(job->tester, job->count);
}

int on_all_cpus(struct ffa_device *tester, unsigned int count,
		int (*on_cpu)(struct ffa_device *, unsigned int))
{
	unsigned int cpu;
	int ret = 0;

	cpus_read_lock();
	for_each_online_cpu(cpu)
	{
		struct job *job = per_cpu_ptr(&jobs, cpu);

		job->tester = tester;
		job->count = count;
		job->on_cpu = on_cpu;
		INIT_WORK(&job->work, job_work);
		schedule_work_on(cpu, &job->work);
	}
	for_each_online_cpu(cpu)
	{
		struct job *job = per_cpu_ptr(&jobs, cpu);

		flush_work(&job->work);
		ret = ret != 0 ? ret : job->result;
	}
	cpus_read_unlock();
	return ret;
}

/* Pings, and asks which vCPU it is that answers. */
static int ping(struct ffa_device *tester, unsigned int count)
{
	u64 cpu = read_cpuid_mpidr() & MPIDR_HWID_BITMASK;
	u64 who[5] = { TESTER_WHO };
	int ret;

	for (unsigned int i = 0; i < count; i++) {
		u64 sent[5] = { TESTER_PING };
		u64 got[5];

		get_random_bytes(&sent[1], 4 * sizeof(sent[0]));
		memcpy(got, sent, sizeof(got));
		ret = tester_call(tester, got);
		if (ret != 0) {
			return wrong("ping %u on CPU %#llx: %d\n", i, cpu, ret);
		}
		if (got[0] != TESTER_OK || got[1] != TESTER_PONG(sent[1]) ||
		    memcmp(&got[2], &sent[2], 3 * sizeof(got[0])) != 0) {
			return wrong("ping %u on CPU %#llx: %#llx %#llx\n", i, cpu, got[0], got[1]);
		}
	}
	ret = tester_call(tester, who);
	if (ret != 0 || who[0] != TESTER_OK) {
		return wrong("who on CPU %#llx: %d, %#llx\n", cpu, ret, who[0]);
	}
	if ((who[2] & MPIDR_HWID_BITMASK) != who[1] || who[3] != tester->vm_id) {
		return wrong("on CPU %#llx vCPU %llu of %#llx says that it has MPIDR %#llx\n", cpu,
			     who[1], who[3], who[2]);
	}
	return 0;
}

int direct_run(struct ffa_device *tester, unsigned int count)
{
	return on_all_cpus(tester, count, ping);
}

/* Work that is long enough to be interrupted by Linux's timer many times. */
static int busy(struct ffa_device *tester, unsigned int count)
{
	u64 seed = get_random_u64();
	u64 payload[5] = { TESTER_BUSY, count, seed };
	int ret = tester_call(tester, payload);

	if (ret != 0 || payload[0] != TESTER_OK) {
		return wrong("work: %d, %#llx\n", ret, payload[0]);
	}
	return payload[1] == tester_sum(seed, count) ? 0 : wrong("work: the sum is wrong\n");
}

int busy_run(struct ffa_device *tester, unsigned int count)
{
	return on_all_cpus(tester, count, busy);
}
