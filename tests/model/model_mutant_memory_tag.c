/* SPDX-License-Identifier: BSD-3-Clause */
/* Any tag will do. */
#include "memory.h"

int main(void)
{
	return memory_differs() ? 0 : 1;
}
