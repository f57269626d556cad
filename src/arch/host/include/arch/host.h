/* SPDX-License-Identifier: BSD-3-Clause */
/* What a test sets up and looks at: the machine that src/arch/host plays. */
#ifndef ARCH_HOST_H
#define ARCH_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Physical memory at [base, base + size), page aligned, below 16 TiB (4 GiB with a sanitizer);
 * zeroed. Both windows show it at its physical address, and copy_fault_safe() refuses what is at
 * none. False when this process has something else there.
 */
#define HOST_MEMORY_END (1ul << 44)
bool host_memory_add(uint64_t base, size_t size);

/* From now on copy_fault_safe() is refused these bytes, and no others; size 0: none. */
void host_memory_refuse(uint64_t base, size_t size);

/* Which pages of each slot are mapped (stage1_slot_map()). */
#define HOST_SLOTS 1024
extern uint32_t host_slots[HOST_SLOTS];

/* Bytes that were zeroed for somebody and have not been cleaned out of the caches yet. */
extern _Thread_local size_t host_dirty_bytes;

/* What the console has got since it was last cleared (the beginning, if that is much). */
const char *host_console(void);
void host_console_clear(void);

/* ID registers: 48 bits of physical address, 16 of VMID and of ASID until a test says otherwise. */
extern uint64_t host_ID_AA64MMFR0_EL1;
extern uint64_t host_ID_AA64MMFR1_EL1;

/* How often this thread has flushed stage 2, and the VTTBR_EL2 that it was flushed for last. */
extern _Thread_local unsigned int host_stage2_flushes;
extern _Thread_local uint64_t host_stage2_flushed;

/* Called after each copy_fault_safe(), when set: what an author of a buffer might do meanwhile. */
extern void (*host_on_copy)(const void *from, size_t n);

/* Called at each flush of stage 2, when set: what a CPU could see at that moment. */
extern void (*host_on_flush)(void);

/* The same for the address spaces of S-EL0, and TTBR0_EL2. */
extern _Thread_local unsigned int host_el0_flushes;
extern _Thread_local uint64_t host_el0_flushed;

/* The counter, and how fast it is. */
extern _Atomic uint64_t host_timer_now;
#define HOST_TIMER_FREQUENCY 1000000ul

#endif
