/* SPDX-License-Identifier: BSD-3-Clause */
/* Anybody may reclaim. */
#include "memory.h"

int main(void)
{
	return memory_differs() ? 0 : 1;
}
