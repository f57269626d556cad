/* SPDX-License-Identifier: BSD-3-Clause */
/* Who has pended an interrupt may see a state from before that. */
#include "handover.h"

int main(void)
{
	return handover_explore() ? 1 : 0;
}
