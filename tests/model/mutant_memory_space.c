/* SPDX-License-Identifier: BSD-3-Clause */
/* A borrower leaves without the lock of its space. */
#include "race.h"

int main(void)
{
	return memory_race();
}
