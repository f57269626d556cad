/* SPDX-License-Identifier: BSD-3-Clause */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "bulkhead/samples.h"
#include "test.h"

static char *test = "";
static unsigned int count = 1;
ushort us;

module_param(test, charp, 0444);
module_param(us, ushort, 0444);
module_param(count, uint, 0444);

static const struct test tests[] = {
	{ "direct", direct_run },   { "busy", busy_run },           { "share", share_run },
	{ "lend", lend_run },       { "load", load_run, load_end },
#ifdef DRIVER_1_1
	{ "direct2", direct2_run }, { "notify", notify_run },
#endif
};

static const struct test *running;
static struct ffa_device *tester;

/* The second one ends the list. The UUID is put in before the driver is registered. */
static struct ffa_device_id ids[2];

static int tester_probe(struct ffa_device *dev)
{
	tester = dev;
	return 0;
}

static struct ffa_driver driver = {
	.name = "bulkhead-test",
	.probe = tester_probe,
	.id_table = ids,
};

int tester_call(struct ffa_device *dev, u64 payload[5])
{
	struct ffa_send_direct_data data = { payload[0], payload[1], payload[2], payload[3],
					     payload[4] };
	int ret = dev->ops->msg_ops->sync_send_receive(dev, &data);

	payload[0] = data.data0;
	payload[1] = data.data1;
	payload[2] = data.data2;
	payload[3] = data.data3;
	payload[4] = data.data4;
	return ret;
}

static int __init test_init(void)
{
	static const struct {
		u32 word[4];
	} uuid = SAMPLE_UUID(SAMPLE_TESTER);
	int ret;

	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		if (strcmp(test, tests[i].name) == 0) {
			running = &tests[i];
		}
	}
	if (running == NULL) {
		return wrong("there is no test \"%s\"\n", test);
	}
	memcpy(&ids[0].uuid, &uuid, sizeof(uuid));
	ret = ffa_register(&driver);
	if (ret != 0) {
		return wrong("ffa_register: %d\n", ret);
	}
	ret = tester == NULL ? wrong("the driver found no tester\n") : running->run(tester, count);
	if (ret != 0) {
		ffa_unregister(&driver);
	}
	return ret;
}

static void __exit test_exit(void)
{
	if (running->end != NULL) {
		(void)running->end();
	}
	ffa_unregister(&driver);
}

module_init(test_init);
module_exit(test_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("tests Bulkhead from Linux");
