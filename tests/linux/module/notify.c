/* SPDX-License-Identifier: BSD-3-Clause */
/* Notifications: the tester sets them, the schedule receiver interrupt brings them to Linux. */
#include <linux/arm-smccc.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/workqueue.h>

#include "bulkhead/tester.h"
#include "test.h"

#define FIRST_ID 3
#define IDS 8

static struct completion came[IDS];

static void notified(int id, void *data)
{
	complete(data);
}

/* Lets the tester make FFA_NOTIFICATION_SET for Linux. */
static int set_notification(struct ffa_device *tester, unsigned int id)
{
	/* w0 and w1, w2 and w3: from the tester to Linux, no flags, bits 31:0. */
	u64 payload[5] = { TESTER_CALL,
			   FFA_NOTIFICATION_SET | ((u64)tester->vm_id << 16 | us) << 32,
			   1ull << (32 + id) };
	int ret = tester_call(tester, payload);

	if (ret != 0 || payload[0] != TESTER_OK || (u32)payload[1] != FFA_SUCCESS) {
		return wrong("notification %u is not set: %d, %#llx, %#llx %#llx\n", id, ret,
			     payload[0], payload[1], payload[2]);
	}
	return 0;
}

struct job {
	struct ffa_device *tester;
	unsigned int count;
};

/* Stays on its CPU: who is interrupted by what it asked for has to run the same vCPU again. */
static long all_ids(void *data)
{
	struct ffa_device *tester = ((struct job *)data)->tester;
	unsigned int count = ((struct job *)data)->count;

	for (unsigned int i = 0; i < count; i++) {
		unsigned int n = i % IDS;
		int ret = set_notification(tester, FIRST_ID + n);

		if (ret != 0) {
			return ret;
		}
		if (wait_for_completion_timeout(&came[n], 5 * HZ) == 0) {
			return wrong("notification %u did not come\n", FIRST_ID + n);
		}
	}
	return 0;
}

int notify_run(struct ffa_device *tester, unsigned int count)
{
	const struct ffa_notifier_ops *ops = tester->ops->notifier_ops;
	struct job job = { tester, count };
	unsigned int cpu;
	unsigned int bound;
	int ret = 0;

	for (bound = 0; bound < IDS && ret == 0; bound++) {
		init_completion(&came[bound]);
		ret = ops->notify_request(tester, false, notified, &came[bound], FIRST_ID + bound);
	}
	if (ret != 0) {
		ret = wrong("notify_request: %d\n", ret);
		bound--;
	}
	for_each_online_cpu(cpu)
	{
		ret = ret != 0 ? ret : work_on_cpu(cpu, all_ids, &job);
	}
	while (bound > 0) {
		bound--;
		(void)ops->notify_relinquish(tester, FIRST_ID + bound);
	}
	return ret;
}
