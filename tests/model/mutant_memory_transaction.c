/* SPDX-License-Identifier: BSD-3-Clause */
/* RELINQUISH lets go of the transaction before it has finished with it. */
#include "race.h"

int main(void)
{
	return memory_race();
}
