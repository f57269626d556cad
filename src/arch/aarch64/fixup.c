/* SPDX-License-Identifier: BSD-3-Clause */
#include "arch/fixup.h"

struct fixup {
	uint64_t first;
	uint64_t end;
	uint64_t resume;
};

/* Linker script: all rows of section .fixups. */
extern const struct fixup fixups_start[], fixups_end[];

uint64_t fault_fixup(uint64_t elr)
{
	for (const struct fixup *f = fixups_start; f < fixups_end; f++) {
		if (f->first <= elr && elr < f->end) {
			return f->resume;
		}
	}
	return 0;
}
