/* SPDX-License-Identifier: BSD-3-Clause */
/* A borrower may write what it was lent read-only. */
#include "memory.h"

int main(void)
{
	return memory_differs() ? 0 : 1;
}
