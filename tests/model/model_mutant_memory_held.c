/* SPDX-License-Identifier: BSD-3-Clause */
/* A lender may reclaim what somebody holds. */
#include "memory.h"

int main(void)
{
	return memory_differs() ? 0 : 1;
}
