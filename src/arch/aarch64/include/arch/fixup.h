/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Instructions that may be refused at EL2, and where to go on then. Each has a row in section
 * .fixups: first address, first address after, where to go on.
 */
#ifndef ARCH_FIXUP_H
#define ARCH_FIXUP_H

#include <stdbool.h>
#include <stdint.h>

/* Where to go on after a synchronous exception at elr that was ours; 0: nobody expected it. */
uint64_t fault_fixup(uint64_t elr);

/*
 * Reads or writes the system register `name`; false when that was refused, because the CPU has no
 * such register or EL3 keeps it closed. The EL2 vectors have to ask fault_fixup().
 */
#define probe_sysreg_read(name, value)                                                             \
	({                                                                                         \
		uint64_t value_ = 0;                                                               \
		uint64_t done_ = 0;                                                                \
		__asm__ volatile("1:	mrs %1, " #name "\n\tmov %0, #1\n2:\n" PROBE_ROW           \
				 : "+r"(done_), "+r"(value_));                                     \
		*(value) = value_;                                                                 \
		done_ != 0;                                                                        \
	})
#define probe_sysreg_write(name, value)                                                            \
	({                                                                                         \
		uint64_t done_ = 0;                                                                \
		__asm__ volatile("1:	msr " #name ", %1\n\tmov %0, #1\n2:\n" PROBE_ROW           \
				 : "+r"(done_)                                                     \
				 : "r"((uint64_t)(value))                                          \
				 : "memory");                                                      \
		done_ != 0;                                                                        \
	})
/* Reads 32 bits of a device at `address`; false when nothing answers there. */
#define probe_read32(address, value)                                                               \
	({                                                                                         \
		uint64_t done_ = 0;                                                                \
		uint32_t value_ = 0;                                                               \
		__asm__ volatile("1:	ldr %w1, [%2]\n\tmov %0, #1\n2:\n" PROBE_ROW               \
				 : "+r"(done_), "+r"(value_)                                       \
				 : "r"((uint64_t)(address))                                        \
				 : "memory");                                                      \
		*(value) = value_;                                                                 \
		done_ != 0;                                                                        \
	})
#define PROBE_ROW                                                                                  \
	".pushsection .fixups, \"a\"\n"                                                            \
	".balign 8\n"                                                                              \
	".quad 1b, 1b + 4, 2b\n"                                                                   \
	".popsection\n"

#endif
