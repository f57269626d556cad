/* SPDX-License-Identifier: BSD-3-Clause */
/* The normal world fetches what an SP has retrieved. */
#include "memory.h"

int main(void)
{
	return memory_differs() ? 0 : 1;
}
