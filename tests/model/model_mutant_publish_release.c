/* SPDX-License-Identifier: BSD-3-Clause */
/* The state is not in one order with the lines: both sides may see what was before. */
#include "handover.h"

int main(void)
{
	return handover_explore() ? 1 : 0;
}
