/* SPDX-License-Identifier: BSD-3-Clause */
/* vcpu_claim() is no acquire: registers may be read before the claim. */
#include "handover.h"

int main(void)
{
	return handover_explore() ? 1 : 0;
}
