/* SPDX-License-Identifier: BSD-3-Clause */
/* What the monitor keeps for each CPU, and for each of the two worlds on it. */
#ifndef EL3_CPU_H
#define EL3_CPU_H

#define CPU_MAX 8
#define CPU_STACK_SIZE 0x2000

#define WORLD_X 0
#define WORLD_ELR 248
#define WORLD_SPSR 256

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum el2_reg {
#define EL2_REG(name, encoding, feat) EL2_##name,
#include "el2_regs.def"
#undef EL2_REG
	EL2_REG_COUNT,
};

enum world_id { WORLD_SECURE, WORLD_NORMAL, WORLD_COUNT };

struct world {
	uint64_t x[31];
	uint64_t elr;
	uint64_t spsr;
	uint64_t scr;
	uint64_t el2[EL2_REG_COUNT];
};
_Static_assert(offsetof(struct world, x) == WORLD_X, "known to vectors.S");
_Static_assert(offsetof(struct world, elr) == WORLD_ELR, "known to vectors.S");
_Static_assert(offsetof(struct world, spsr) == WORLD_SPSR, "known to vectors.S");

/* Why the SPMC runs, when it is not to answer or call the normal world. */
enum duty { DUTY_NONE, DUTY_INIT, DUTY_VERSION, DUTY_CPU_OFF, DUTY_INTERRUPT, DUTY_COUNT };

/* The values of PSCI AFFINITY_INFO. */
enum cpu_power { CPU_ON, CPU_OFF, CPU_ON_PENDING };

struct cpu {
	unsigned int index;
	_Atomic enum cpu_power power;
	/* What CPU_ON wants: where the normal world starts, and its x0. */
	_Atomic uint64_t nwd_entry;
	uint64_t nwd_context;

	struct world world[WORLD_COUNT];
	enum world_id current; /* whose EL2 registers are in the CPU */
	enum duty duty;

	bool resume_exactly; /* the coming entry is no return from an SMC: change no register */
	bool was_on; /* and what the SPMC left in its EL2 registers is in world[] */
	bool fiq_yielded; /* until its next SMC the secure world takes its FIQs itself */
	bool pend_armed;
	uint32_t pend_intid;
	uint32_t pend_cpu;

	uint64_t random; /* state of the generator of hostile.c */
};

extern struct cpu cpus[CPU_MAX];
extern unsigned int cpu_count; /* CPUs of this machine; their MPIDR.Aff0 count from 0 */

#endif
#endif
