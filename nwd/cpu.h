/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The CPUs as the normal-world program uses them: it runs at EL2 (HCR_EL2.E2H = 0) or at EL1, the
 * same program for both. CPU 0 runs the tests; the others do jobs that it gives them.
 */
#ifndef NWD_CPU_H
#define NWD_CPU_H

#define CPU_COUNT 4
#define CPU_STACK_SIZE 0x8000
#define CPU_FRAME_SIZE 192

#ifndef __ASSEMBLER__

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define CPU_INTID_COUNT 128u

typedef void (*cpu_job)(uint64_t arg);

struct histogram;

struct cpu {
	_Atomic(cpu_job) job; /* NULL: idle */
	uint64_t job_arg;
	uint32_t jobs_announced;
	atomic_bool here; /* it is up and does jobs */
	uint64_t random;
	bool probing; /* an instruction with an exception is skipped and noted ... */
	bool probe_failed; /* ... here */
	_Atomic uint32_t interrupts[CPU_INTID_COUNT]; /* how many of each it has taken */
	uint64_t tick_min, tick_max; /* the timer starts itself again after so many ns; 0: not */
	uint64_t tick_at; /* counter's value at which it was started to interrupt */
	uint32_t ticks; /* how often it was started like that */
	struct histogram *tick_late; /* NULL, or where it is noted by how much it was late */
};

/* What an exception leaves on the stack. */
struct exception_frame {
	uint64_t x[18];
	uint64_t x18, x30;
	uint64_t elr, spsr, esr, far;
};
_Static_assert(sizeof(struct exception_frame) == CPU_FRAME_SIZE, "assembly");

#define sysreg_read(name)                                                                          \
	({                                                                                         \
		uint64_t value_;                                                                   \
		__asm__ volatile("mrs %0, " #name : "=r"(value_));                                 \
		value_;                                                                            \
	})
#define sysreg_write(name, value)                                                                  \
	do {                                                                                       \
		uint64_t new_ = (value);                                                           \
		__asm__ volatile("msr " #name ", %0" ::"r"(new_) : "memory");                      \
	} while (0)
#define isb() __asm__ volatile("isb" ::: "memory")
#define dsb() __asm__ volatile("dsb sy" ::: "memory")

/* In loops that wait for another CPU: QEMU gives it the host's, where they share one. */
#define cpu_relax() __asm__ volatile("yield" ::: "memory")

extern struct cpu cpus[CPU_COUNT];

void cpu_init(uint32_t index);
uint32_t cpu_index(void);
struct cpu *cpu_this(void);
uint32_t cpu_el(void);

bool cpu_on(uint32_t index);
bool cpu_off(uint32_t index);
void cpu_start(uint32_t index, cpu_job job, uint64_t arg);
void cpu_wait(uint32_t index);
void cpu_run(uint32_t index, cpu_job job, uint64_t arg);
void cpu_run_all(cpu_job job, uint64_t arg);
void cpu_barrier(void);

void cpu_irq_on(void);
void cpu_irq_off(void);
uint32_t cpu_interrupts(uint32_t intid);

uint64_t cpu_now(void);
void cpu_delay(uint64_t ns);

uint64_t random_next(void);
uint64_t random_below(uint64_t limit);

void exception_handle(uint64_t kind, struct exception_frame *f);
_Noreturn void cpu_secondary_main(uint32_t index);
_Noreturn void nwd_main(uint32_t index);

#endif
#endif
