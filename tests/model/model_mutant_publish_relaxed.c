/* SPDX-License-Identifier: BSD-3-Clause */
/* vcpu_publish() is no release: a vCPU may be entered before its registers are in memory. */
#include "handover.h"

int main(void)
{
	return handover_explore() ? 1 : 0;
}
