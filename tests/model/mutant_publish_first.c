/* SPDX-License-Identifier: BSD-3-Clause */
/* Published first, saved second, on real threads. */
#include "race.h"

int main(void)
{
	return race_handover();
}
