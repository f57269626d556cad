/* SPDX-License-Identifier: BSD-3-Clause */
/* FRAG_RX goes on wherever the receiver says it is. */
#include "memory.h"

int main(void)
{
	return memory_differs() ? 0 : 1;
}
