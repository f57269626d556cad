/* SPDX-License-Identifier: BSD-3-Clause */
/* The priority mask; a thread of the host is a CPU. */
#ifndef ARCH_GIC_PMR_H
#define ARCH_GIC_PMR_H

#include <stdint.h>

uint8_t gic_pmr(void);
void gic_set_pmr(uint8_t pmr);

#endif
