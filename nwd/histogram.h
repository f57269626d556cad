/* SPDX-License-Identifier: BSD-3-Clause */
/* How often something took how long, in classes each twice as wide as the one before. */
#ifndef NWD_HISTOGRAM_H
#define NWD_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_CLASSES 40u

/* Written by one CPU, its interrupts included. */
struct histogram {
	uint32_t counts[HISTOGRAM_CLASSES]; /* [n]: less than 2^n, and not less than half of it */
	uint64_t max;
};

void histogram_add(struct histogram *h, uint64_t value);
void histogram_merge(struct histogram *to, const struct histogram *from);
void histogram_print(const struct histogram *h, const char *what);

#endif
