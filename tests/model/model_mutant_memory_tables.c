/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables that nothing is in any more are kept. */
#include "memory.h"

int main(void)
{
	return memory_differs() ? 0 : 1;
}
