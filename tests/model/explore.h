/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Explores every way in which a few CPUs can run the SPMC's own code against each other: all
 * orders of their accesses to shared atomics, and, where the C11 memory model leaves it open, all
 * values that a load may give. See explore.c for the memory.
 *
 * Included before anything else by what is explored: it puts our accesses in the place of atomics,
 * locks, kicks and panics, and of what saves and restores registers.
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPLORE_CPUS 3

/* --- In the place of <stdatomic.h> and lib/spinlock.h ----------------------------------------- */

uint64_t explore_load(volatile void *p, size_t size, memory_order order);
void explore_store(volatile void *p, size_t size, uint64_t value, memory_order order);
uint64_t explore_exchange(volatile void *p, size_t size, uint64_t value, memory_order order);
bool explore_compare_exchange(volatile void *p, uint32_t *expected, uint32_t value,
			      memory_order order);

#undef atomic_load
#undef atomic_load_explicit
#undef atomic_store
#undef atomic_store_explicit
#undef atomic_exchange_explicit
#undef atomic_compare_exchange_strong_explicit
#define atomic_load_explicit(p, order)                                                             \
	((__typeof__((void)0, *(p)))explore_load((volatile void *)(p), sizeof(*(p)), order))
#define atomic_load(p) atomic_load_explicit(p, memory_order_seq_cst)
#define atomic_store_explicit(p, value, order)                                                     \
	explore_store((p), sizeof(*(p)), (uint64_t)(value), order)
#define atomic_store(p, value) atomic_store_explicit(p, value, memory_order_seq_cst)
#define atomic_exchange_explicit(p, value, order)                                                  \
	((__typeof__((void)0, *(p)))explore_exchange((p), sizeof(*(p)), (uint64_t)(value), order))
#define atomic_compare_exchange_strong_explicit(p, expected, value, order, failure)                \
	explore_compare_exchange((p), (expected), (value), (order))

#define LIB_SPINLOCK_H
struct spinlock {
	_Atomic uint32_t next;
	_Atomic uint32_t serving;
};

void explore_lock(struct spinlock *l);
void explore_unlock(struct spinlock *l);

static inline void spin_lock(struct spinlock *l)
{
	explore_lock(l);
}

static inline void spin_unlock(struct spinlock *l)
{
	explore_unlock(l);
}

/* --- In the place of the machine -------------------------------------------------------------- */

struct arch_cpu;
struct arch_vcpu;

void explore_save(struct arch_cpu *c, struct arch_vcpu *v);
void explore_restore(struct arch_cpu *c, struct arch_vcpu *v);
void explore_world_enter(const struct arch_vcpu *v);
void explore_kick(uint32_t sgi, uint64_t mpidr);
uint32_t explore_acknowledge(void);
uint8_t explore_pmr(void);
void explore_set_pmr(uint8_t pmr);
/* Nobody writes to [p, p + size) in any run: reading it is no access. A write ends the program. */
void explore_constant(volatile void *p, size_t size);
/* Something is wrong; ends this run. */
_Noreturn void explore_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define arch_vcpu_save explore_save
#define arch_vcpu_restore explore_restore
#define arch_world_enter explore_world_enter
#define gic_send_secure_sgi explore_kick
#define gic_acknowledge explore_acknowledge
#define gic_pmr explore_pmr
#define gic_set_pmr explore_set_pmr
#define panic explore_fail

/* --- For scenarios ---------------------------------------------------------------------------- */

struct explore_scenario {
	const char *name;
	void (*create)(void); /* makes the system, once */
	void (*begin)(void); /* before each run, when `memory` is as it was created */
	void (*cpu[EXPLORE_CPUS])(uint32_t cpu); /* what the CPUs do; NULL: nothing */
	void (*check)(void); /* when all CPUs are at rest and no kick is on its way */
};

/*
 * True if nothing is wrong with any way of running the scenario; else the log says what. `memory`
 * is all that is plain and shared: put back before each run.
 */
bool explore(const struct explore_scenario *s, void *memory, size_t size);

/* A kick has arrived at this CPU: it is taken. */
bool explore_take_kick(uint32_t cpu);
/* Waits for one. */
void explore_wait(uint32_t cpu);

/* What explore_acknowledge() gives next on this CPU. */
void explore_interrupt(uint32_t cpu, uint32_t intid);

/* The current CPU of the run; plain accesses that must not race. */
uint32_t explore_cpu(void);
void explore_plain_write(volatile uint64_t *p, uint64_t value);
uint64_t explore_plain_read(volatile uint64_t *p);

#endif
