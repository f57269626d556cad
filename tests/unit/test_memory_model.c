/* SPDX-License-Identifier: BSD-3-Clause */
/* What tests/model/model_memory.c does, a little of it, under ASan and UBSan. */
#include "../model/memory.h"

int main(void)
{
	char *arguments[] = { (char *)"test", (char *)"--count", (char *)"3000", NULL };

	return memory_main(3, arguments);
}
