/* SPDX-License-Identifier: BSD-3-Clause */
/* A borrower that dies leaves what it wanted zeroed. */
#include "memory.h"

int main(void)
{
	return memory_differs() ? 0 : 1;
}
