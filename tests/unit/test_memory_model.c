/* SPDX-License-Identifier: BSD-3-Clause */
/* What tests/model/model_memory.c does, a little of it, under ASan and UBSan. */
#include "../model/memory.h"

int main(int argc, char **argv)
{
	char *little[] = { argv[0], (char *)"--count", (char *)"3000", NULL };

	return argc > 1 ? memory_main(argc, argv) : memory_main(3, little);
}
