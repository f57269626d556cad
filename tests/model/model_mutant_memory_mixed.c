/* SPDX-License-Identifier: BSD-3-Clause */
/* A lender may send pages of different kinds, or states, in one transaction. */
#include "memory.h"

int main(void)
{
	return memory_differs() ? 0 : 1;
}
