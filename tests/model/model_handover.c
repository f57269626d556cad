/* SPDX-License-Identifier: BSD-3-Clause */
/* The SPMC as it is: nothing may be wrong with it. */
#include "handover.h"

int main(void)
{
	return handover_explore() ? 0 : 1;
}
