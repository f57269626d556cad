/* SPDX-License-Identifier: BSD-3-Clause */
/* Who is too late to claim a vCPU trusts that the other one sees the line. */
#include "handover.h"

int main(void)
{
	return handover_explore() ? 1 : 0;
}
