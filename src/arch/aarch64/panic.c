/* SPDX-License-Identifier: BSD-3-Clause */
#include "arch/panic.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "arch/boot.h"
#include "arch/console.h"
#include "arch/fault_safe.h"
#include "arch/gic.h"
#include "arch/sysreg.h"
#include "lib/print.h"

#define SCAN_WORDS 512
#define SCAN_HITS 24

/* A PAuth signature is in the bits that are all ones in an address of ours. */
#define SIGN_BITS 0xffff000000000000ul

static void write_number(const char *what, uint64_t number)
{
	char line[64];

	console_write(line, format_string(line, sizeof(line), "%s 0x%lx\n", what, number));
}

/*
 * What looks like a return address on the stack: without frame pointers there is nothing better.
 * Some of them are left over from calls that have returned.
 */
static void write_stack(const uint64_t *sp)
{
	unsigned int hits = 0;

	for (unsigned int i = 0; i < SCAN_WORDS && hits < SCAN_HITS; i++) {
		uint64_t word;

		if (!copy_fault_safe(&word, &sp[i], sizeof(word))) {
			return;
		}
		word |= SIGN_BITS;
		if (word > (uint64_t)image_start && word < (uint64_t)image_text_end) {
			write_number("  from", word);
			hits++;
		}
	}
}

static _Atomic bool panicked;

static _Noreturn void stop(void)
{
	for (;;) {
		__asm__ volatile("msr DAIFSet, #0xf\n\twfe" ::: "memory");
	}
}

void arch_panic_others(void)
{
	if (!atomic_exchange(&panicked, true)) {
		gic_send_secure_sgi_others(GIC_SGI_KICK);
	}
}

void arch_panic_join(void)
{
	if (atomic_load_explicit(&panicked, memory_order_relaxed)) {
		stop();
	}
}

_Noreturn void arch_panic(void)
{
	static const char hint[] = "  symbolise: addr2line -ipfe spmc.elf ADDRESS ...\n";

	write_number("  CPU MPIDR", sysreg_read(MPIDR_EL1));
	write_stack(__builtin_frame_address(0));
	console_write(hint, sizeof(hint) - 1);
	stop();
}
