/* SPDX-License-Identifier: BSD-3-Clause */
/* Pieces that are not in order may overlap. */
#include "memory.h"

int main(void)
{
	return memory_differs() ? 0 : 1;
}
