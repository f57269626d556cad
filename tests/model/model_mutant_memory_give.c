/* SPDX-License-Identifier: BSD-3-Clause */
/* What was donated stays the giver's, too. */
#include "memory.h"

int main(void)
{
	return memory_differs() ? 0 : 1;
}
