/* SPDX-License-Identifier: BSD-3-Clause */
/* context_switch() publishes before it saves. */
#include "handover.h"

int main(void)
{
	return handover_explore() ? 1 : 0;
}
