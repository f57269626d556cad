/* SPDX-License-Identifier: BSD-3-Clause */
/* How a CPU gets from EL3 into C, and the image that it runs. */
#ifndef ARCH_BOOT_H
#define ARCH_BOOT_H

#include <stddef.h>
#include <stdint.h>

struct arch_cpu;

/* A CPU that may come up by itself; offsets for assembly. */
struct arch_secondary {
	uint64_t mpidr; /* affinity fields only */
	uint64_t stack; /* top */
	struct arch_cpu *cpu;
};
_Static_assert(offsetof(struct arch_secondary, mpidr) == 0, "assembly");
_Static_assert(offsetof(struct arch_secondary, stack) == 8, "assembly");
_Static_assert(offsetof(struct arch_secondary, cpu) == 16, "assembly");
_Static_assert(sizeof(struct arch_secondary) == 24, "assembly");

/* main.c: where the boot CPU arrives, and where any other one does each time it comes up. */
_Noreturn void spmc_primary(uint64_t manifest_pa);
_Noreturn void spmc_secondary(struct arch_cpu *c);

/*
 * Whoever comes up at arch_secondary_entry() is looked up here by its MPIDR; EL3 is told
 * FFA_ERROR(INVALID_PARAMETERS) for one that is not there. They are `stride` bytes apart, each in
 * the struct of its CPU, and stay there.
 */
void arch_secondary_publish(const struct arch_secondary *first, uint32_t count, size_t stride);

/* Physical address of the entry point of secondary CPUs, for FFA_SECONDARY_EP_REGISTER. */
uint64_t arch_secondary_entry(void);

/*
 * This CPU is about to go off. TF-A 2.12 brings it back with all of EL2's registers as it left
 * them: the MMU is on at the entry point then, which has to be mapped where it lies.
 */
void arch_secondary_open(void);

/* Goes on in entry(c) on another stack, as CPU c. */
_Noreturn void arch_start(struct arch_cpu *c, uint64_t stack, void (*entry)(struct arch_cpu *c));

/* Where the image lies: its first byte, and its size with all that is not in the file. */
uint64_t image_load_pa(void);
size_t image_size(void);

/* The pieces of the image (linker script), each page aligned. */
extern char image_start[], image_text_end[], image_rodata_end[], image_end[];
/* In the last piece: the boot CPU's first stack, with a page below it that is not mapped. */
extern char boot_guard[], boot_stack[], boot_stack_top[];

#endif
