/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The interrupt controller as the SPMC uses it: the secure side of a GICv3's distributor,
 * redistributors and CPU interface. The priority mask is in arch/gic_pmr.h.
 */
#ifndef ARCH_GIC_H
#define ARCH_GIC_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/gic_pmr.h"
#include "lib/range.h"

#define GIC_MAX_REGIONS 8
#define GIC_MAX_CPUS 512
#define GIC_SPURIOUS 1023u
#define GIC_SGI_KICK 10u /* secure SGI: look at your vCPU again */
#define GIC_PPI_SEL2_TIMER 20u /* CNTHPS */

/* Priority masks for gic_set_pmr(), secure view: let all through, hold the NWd's, hold all. */
#define GIC_PMR_OPEN 0xFFu
#define GIC_PMR_SECURE_ONLY 0x80u
#define GIC_PMR_CLOSED 0x00u

struct gic_regions {
	struct range distributor;
	struct range redistributors[GIC_MAX_REGIONS];
	uint32_t redistributor_count;
};

bool gic_init(const struct gic_regions *r);
bool gic_cpu_init(uint32_t cpu, uint64_t mpidr);
void gic_cpu_restore(void);
void gic_cpu_restore_end(void);

/* `cpu` (index in spmc.cpus) says whose SGI or PPI is meant; it does not matter for an SPI. */
void gic_configure(uint32_t intid, uint32_t cpu, bool secure, bool level, uint8_t priority);
void gic_enable(uint32_t intid, uint32_t cpu, bool enable);
void gic_route(uint32_t intid, uint64_t mpidr);
bool gic_is_shared(uint32_t intid); /* an SPI or extended SPI of this distributor */
bool gic_is_private(uint32_t intid); /* an SGI, PPI or extended PPI */

uint32_t gic_acknowledge(void);
void gic_end(uint32_t intid);
bool gic_group0_pending(void);

void gic_send_secure_sgi(uint32_t sgi, uint64_t mpidr);
void gic_send_secure_sgi_others(uint32_t sgi);
void gic_send_nwd_sgi(uint32_t sgi);

#endif
