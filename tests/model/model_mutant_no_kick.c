/* SPDX-License-Identifier: BSD-3-Clause */
/* context_switch() sees that a line is up, and tells nobody. */
#include "handover.h"

int main(void)
{
	return handover_explore() ? 1 : 0;
}
