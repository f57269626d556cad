/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory management on real threads. */
#include "race.h"

int main(void)
{
	return memory_race();
}
