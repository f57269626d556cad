/* SPDX-License-Identifier: BSD-3-Clause */
/* What a fuzzer gives, read byte by byte; behind its end all is zero. */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdint.h>

struct input {
	const uint8_t *next;
	const uint8_t *end;
};

static inline uint8_t byte(struct input *in)
{
	return in->next < in->end ? *in->next++ : 0;
}

static inline uint64_t word(struct input *in)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++) {
		value = value << 8 | byte(in);
	}
	return value;
}

#endif
