/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A kernel module that tests, through Linux's own FF-A driver, what the tester partition answers.
 * `insmod bulkhead.ko test=NAME count=N` runs one test: it fails with what went wrong in the log.
 */
#ifndef TESTS_LINUX_TEST_H
#define TESTS_LINUX_TEST_H

#include <linux/arm_ffa.h>
#include <linux/printk.h>

/* Says what is wrong; the value of the expression is what a test returns then. */
#define wrong(...)                                                                                 \
	({                                                                                         \
		pr_err("bulkhead: " __VA_ARGS__);                                                  \
		-EBADE;                                                                            \
	})

/* Linux's own endpoint: 0, or what its hypervisor has made it. */
extern ushort us;

struct test {
	const char *name;
	/* Returns 0, or a negative number after it said what was wrong. */
	int (*run)(struct ffa_device *tester, unsigned int count);
	/* Ends what still goes on after run(): when the module is removed. May be missing. */
	int (*end)(void);
};

/* A direct request of five words, answered in place. 0, or what the driver returned. */
int tester_call(struct ffa_device *tester, u64 payload[5]);

/* Runs a function on all CPUs at the same time, by threads that stay there. */
int on_all_cpus(struct ffa_device *tester, unsigned int count,
		int (*on_cpu)(struct ffa_device *, unsigned int));

int direct_run(struct ffa_device *tester, unsigned int count);
int direct2_run(struct ffa_device *tester, unsigned int count);
int busy_run(struct ffa_device *tester, unsigned int count);
int notify_run(struct ffa_device *tester, unsigned int count);
int share_run(struct ffa_device *tester, unsigned int count);
int lend_run(struct ffa_device *tester, unsigned int count);
int load_run(struct ffa_device *tester, unsigned int count);
int load_end(void);

#endif
