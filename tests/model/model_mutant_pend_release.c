/* SPDX-License-Identifier: BSD-3-Clause */
/* vint_pend() does not put the lines in one order with the state. */
#include "handover.h"

int main(void)
{
	return handover_explore() ? 1 : 0;
}
