/* SPDX-License-Identifier: BSD-3-Clause */
/* Only the last borrower's wish for zeroes counts. */
#include "memory.h"

int main(void)
{
	return memory_differs() ? 0 : 1;
}
