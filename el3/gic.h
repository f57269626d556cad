/* SPDX-License-Identifier: BSD-3-Clause */
/* The GICv3 as EL3 sets it up and uses it. */
#ifndef EL3_GIC_H
#define EL3_GIC_H

#include <stdbool.h>
#include <stdint.h>

#define GIC_SPI_FIRST 32u
#define GIC_INTID_TIMER_EL3 29u /* CNTPS, group 0 */
#define GIC_PENDING_SECURE_G1 1020u /* what ICC_HPPIR0_EL1 says at EL3 if the first is no group 0 */

unsigned int gic_init(void);
void gic_init_cpu(unsigned int index);
uint32_t gic_first_pending(void);
void gic_handle_group0(void);
bool gic_exists(uint64_t intid, uint64_t cpu);
void gic_set_pending(uint32_t intid, uint32_t cpu);
bool gic_set_secure(uint32_t intid, bool secure);
void gic_wake_cpu(unsigned int index);
void gic_clear_wake(unsigned int index);
uint64_t gic_group0_count(void);
void gic_forget(void);

#endif
