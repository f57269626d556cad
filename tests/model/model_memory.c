/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory management of the SPMC and of the model, in step. */
#include "memory.h"

int main(int argc, char **argv)
{
	return memory_main(argc, argv);
}
