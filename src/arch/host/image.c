/* SPDX-License-Identifier: BSD-3-Clause */
/* The image and the CPU that a test boots: nothing is in it, but it has a place and a size. */
#include "arch/boot.h"
#include "arch/cpu_id.h"

uint64_t host_mpidr;

uint64_t image_load_pa(void)
{
	return 0x0e100000;
}

size_t image_size(void)
{
	return 0x20100;
}

void arch_secondary_open(void)
{
}
