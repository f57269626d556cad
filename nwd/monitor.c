/* SPDX-License-Identifier: BSD-3-Clause */
#include "monitor.h"

#include "bulkhead/mon.h"
#include "smc.h"

#define PSCI_SYSTEM_OFF 0x84000008u

static bool is_there;
static uint64_t mode;

void monitor_find(void)
{
	uint64_t answer = smc(MON_MODE, 0, 0, 0);

	is_there = answer != (uint64_t)MON_ERROR;
	mode = is_there ? answer : 0;
}

bool monitor_is_there(void)
{
	return is_there;
}

/* MON_MODE_* bits; another firmware is taken for TF-A 2.12. */
uint64_t monitor_mode(void)
{
	return mode;
}

/* For messages. */
const char *monitor_name(void)
{
	static const char *const names[] = { "monitor bare, plays TF-A 2.12",
					     "monitor hostile, plays TF-A 2.12",
					     "monitor bare, plays TF-A 2.14",
					     "monitor hostile, plays TF-A 2.14" };

	return is_there ? names[mode & (MON_MODE_HOSTILE | MON_MODE_TFA_2_14)]
			: "no monitor of ours";
}

/* Ends QEMU; with this exit status where the firmware can say it. */
_Noreturn void monitor_end(uint64_t status)
{
	smc(MON_EXIT, status, 0, 0);
	smc(PSCI_SYSTEM_OFF, 0, 0, 0);
	for (;;) {
		__asm__ volatile("wfi");
	}
}
