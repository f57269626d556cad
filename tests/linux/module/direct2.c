/* SPDX-License-Identifier: BSD-3-Clause */
/* Direct messages 2. */
#include <linux/random.h>
#include <linux/string.h>
#include <linux/version.h>

#include "bulkhead/tester.h"
#include "test.h"

/* The UUID is the tester's anyway. */
static int send(struct ffa_device *tester, struct ffa_send_direct_data2 *data)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
	return tester->ops->msg_ops->sync_send_receive2(tester, &tester->uuid, data);
#else
	return tester->ops->msg_ops->sync_send_receive2(tester, data);
#endif
}

/* Message 2: each word comes back, in x4-x17. The driver of 6.12 speaks 1.1, which has none. */
static int ping2(struct ffa_device *tester, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		struct ffa_send_direct_data2 sent, got;
		int ret;

		get_random_bytes(&sent, sizeof(sent));
		sent.data[0] = 0; /* it goes no further */
		got = sent;
		ret = send(tester, &got);
		if (ret != 0) {
			return wrong("message %u: %d\n", i, ret);
		}
		for (size_t n = 0; n < ARRAY_SIZE(got.data); n++) {
			if (got.data[n] != TESTER_PONG(sent.data[n])) {
				return wrong("message %u: word %zu is %#lx after %#lx\n", i, n,
					     got.data[n], sent.data[n]);
			}
		}
	}
	return 0;
}

int direct2_run(struct ffa_device *tester, unsigned int count)
{
	u32 version = tester->ops->info_ops->api_version_get();

	if (version < FFA_PACK_VERSION_INFO(1, 2)) {
		struct ffa_send_direct_data2 none = {};
		int ret = send(tester, &none);

		return ret == -EOPNOTSUPP ? 0 : wrong("message of a 1.1 driver: %d\n", ret);
	}
	return on_all_cpus(tester, count, ping2);
}
