/* SPDX-License-Identifier: BSD-3-Clause */
/* The pages of a long list are not given back. */
#include "memory.h"

int main(void)
{
	return memory_differs() ? 0 : 1;
}
