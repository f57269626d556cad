/* SPDX-License-Identifier: BSD-3-Clause */
/* GICv3 as the SPMC uses it: the secure side of distributor, redistributors and CPU interface. */
#ifndef ARCH_GIC_H
#define ARCH_GIC_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/range.h"

#define GIC_MAX_REGIONS 8
#define GIC_SPURIOUS 1023u
#define GIC_SGI_KICK 10u /* secure SGI: look at your vCPU again */
#define GIC_SGI_IPI 9u
#define GIC_PPI_SEL2_TIMER 20u /* CNTHPS */

/* Priority masks (secure view, ICC_PMR_EL1): let all through, hold the NWd's, hold all. */
#define GIC_PMR_OPEN 0xFFu
#define GIC_PMR_SECURE_ONLY 0x80u
#define GIC_PMR_CLOSED 0x00u

struct gic_regions {
	struct range distributor;
	struct range redistributors[GIC_MAX_REGIONS];
	uint32_t redistributor_count;
};

/* Maps the GIC and checks that it is a GICv3; false, with a message, when it is not. Once. */
bool gic_init(const struct gic_regions *r);

/* Finds and prepares the redistributor of this CPU (index in spmc.cpus, mpidr); false: not there. */
bool gic_cpu_init(uint32_t cpu, uint64_t mpidr);

/*
 * Writes every per-CPU register that EL3 does not promise to keep (ICC_SRE, IGRPEN1, BPR1, CTLR,
 * ICH_HCR). Called on each way from the normal world into an SP, so it is short.
 */
void gic_cpu_restore(void);

/* Interrupt `intid` (SGI, PPI: of CPU cpu) as described; disabled after it. */
void gic_configure(uint32_t intid, uint32_t cpu, bool secure, bool level, uint8_t priority);
void gic_enable(uint32_t intid, uint32_t cpu, bool enable);
void gic_route(uint32_t intid, uint64_t mpidr); /* SPIs */
bool gic_is_shared(uint32_t intid); /* an SPI or extended SPI, known to this distributor */
bool gic_is_private(uint32_t intid); /* an SGI or PPI */

/* Acknowledges the highest pending secure group 1 interrupt: its INTID, or GIC_SPURIOUS. */
uint32_t gic_acknowledge(void);
void gic_end(uint32_t intid);
bool gic_group0_pending(void);

uint8_t gic_pmr(void);
void gic_set_pmr(uint8_t pmr);

/* Secure SGI to one CPU; non-secure SGI to this CPU. */
void gic_send_secure_sgi(uint32_t sgi, uint64_t mpidr);
void gic_send_nwd_sgi(uint32_t sgi);

#endif
