/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H

#include "arch/host.h"

static inline void tlb_sync(void)
{
}

static inline void tlb_flush_stage2(uint64_t vttbr)
{
	host_stage2_flushes++;
	host_stage2_flushed = vttbr;
	if (host_on_flush != NULL) {
		host_on_flush();
	}
}

static inline void tlb_flush_el0(uint64_t ttbr0)
{
	host_el0_flushes++;
	host_el0_flushed = ttbr0;
}

#endif
