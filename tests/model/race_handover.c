/* SPDX-License-Identifier: BSD-3-Clause */
/* The handover as it is. */
#include "race.h"

int main(void)
{
	return race_handover();
}
