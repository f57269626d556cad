/* SPDX-License-Identifier: BSD-3-Clause */
#include "histogram.h"

#include "print.h"

void histogram_add(struct histogram *h, uint64_t value)
{
	uint32_t class = 0;

	while (class < HISTOGRAM_CLASSES - 1 && value >> class != 0) {
		class ++;
	}
	h->counts[class]++;
	if (value > h->max) {
		h->max = value;
	}
}

void histogram_merge(struct histogram *to, const struct histogram *from)
{
	for (uint32_t i = 0; i < HISTOGRAM_CLASSES; i++) {
		to->counts[i] += from->counts[i];
	}
	if (from->max > to->max) {
		to->max = from->max;
	}
}

/* A line for each class that is not empty. */
void histogram_print(const struct histogram *h, const char *what)
{
	print_line("%s, at most %lu ns:", what, h->max);
	for (uint32_t i = 0; i < HISTOGRAM_CLASSES; i++) {
		if (h->counts[i] != 0) {
			print_line("  below %9lu ns: %6u", 1ul << i, h->counts[i]);
		}
	}
}
