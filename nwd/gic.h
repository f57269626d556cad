/* SPDX-License-Identifier: BSD-3-Clause */
/* The non-secure side of the GICv3, and the timers. */
#ifndef NWD_GIC_H
#define NWD_GIC_H

#include <stdbool.h>
#include <stdint.h>

#define INTID_JOB 1u /* SGI: look for a job */
#define INTID_TEST 2u /* SGI that tests send */
#define INTID_CNTHP 26u
#define INTID_CNTV 27u
#define INTID_CNTP 30u
#define INTID_NONE 1020u /* from here on: nothing to acknowledge */

void gic_init_distributor(void);
void gic_init_cpu(uint32_t index);
void gic_enable(uint32_t intid, bool on);
void gic_clear_pending(uint32_t intid);
void gic_enable_spi(uint32_t intid, uint32_t cpu);
void gic_send(uint32_t intid, uint32_t cpu);
uint32_t gic_acknowledge(void);
void gic_end(uint32_t intid);

uint32_t timer_intid(void);
void timer_start(uint64_t ns);
uint64_t timer_ns(uint64_t ticks);
void timer_start_one(uint32_t intid, uint64_t ns);
void timer_stop(void);
void timer_tick(uint64_t ns_min, uint64_t ns_max);
void timer_interrupt(uint32_t intid);
uint64_t timer_ticks(uint64_t ns);

#endif
