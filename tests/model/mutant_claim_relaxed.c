/* SPDX-License-Identifier: BSD-3-Clause */
/* vcpu_claim() without acquire, on real threads. */
#include "race.h"

int main(void)
{
	return race_handover();
}
