/* SPDX-License-Identifier: BSD-3-Clause */
/* context_switch() looks at the lines before the state is out. */
#include "handover.h"

int main(void)
{
	return handover_explore() ? 1 : 0;
}
