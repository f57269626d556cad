/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stands before the SPMC's sources when threads are CPUs: what they tell the GIC goes to
 * race_spmc.c, because the one of src/arch/host is for one thread.
 */
#ifndef RACE_GIC_H
#define RACE_GIC_H

#include <stdbool.h>
#include <stdint.h>

void race_cpu_restore(void);
void race_kick(uint32_t sgi, uint64_t mpidr);
uint32_t race_acknowledge(void);

/* Nobody looks at these. */

static inline void race_sri(uint32_t sgi)
{
	(void)sgi;
}

static inline void race_end(uint32_t intid)
{
	(void)intid;
}

static inline void race_enable(uint32_t intid, uint32_t cpu, bool enable)
{
	(void)intid;
	(void)cpu;
	(void)enable;
}

#define gic_cpu_restore race_cpu_restore
#define gic_cpu_restore_end race_cpu_restore
#define gic_send_secure_sgi race_kick
#define gic_send_nwd_sgi race_sri
#define gic_acknowledge race_acknowledge
#define gic_end race_end
#define gic_enable race_enable

#endif
