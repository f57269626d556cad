/* SPDX-License-Identifier: BSD-3-Clause */
/* A partition at S-EL0 has no stage 1 of its own: what it has been given is mapped where it is. */
#include "sp/sp.h"

bool sp_map(uint64_t base, uint64_t size, uint32_t attrs)
{
	(void)base;
	(void)size;
	(void)attrs;
	return true;
}

void sp_unmap(uint64_t base, uint64_t size)
{
	(void)base;
	(void)size;
}

void sp_map_reserve(void *pages, uint32_t count)
{
	(void)pages;
	(void)count;
}
