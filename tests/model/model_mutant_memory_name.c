/* SPDX-License-Identifier: BSD-3-Clause */
/* Anybody may go on with a descriptor that another has begun. */
#include "memory.h"

int main(void)
{
	return memory_differs() ? 0 : 1;
}
