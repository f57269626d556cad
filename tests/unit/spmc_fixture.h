/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The whole SPMC in plain memory: four CPUs, two UP and two MP partitions, the normal world. A test
 * says what happens on a CPU (a call, an interrupt, a fault); the handlers of the SPMC say who runs
 * next, as in src/main.c. So conversations are played from the boot of the first CPU on.
 *
 * After each turn all that must always hold is checked (check_system()): nothing of what a context
 * had in its registers may be lost, whatever happens; who breaks it ends the program.
 */
#ifndef SPMC_FIXTURE_H
#define SPMC_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/vcpu.h"
#include "core/cpu.h"
#include "ffa/ffa.h"

#define CPUS 4u
#define NUMBER_OF(a) (sizeof(a) / sizeof((a)[0]))

/* In boot order. Their ids: not. */
enum which { MP_A, UP_A, MP_B, UP_B, SPS };

/* Interrupts of each partition, all secure: an SPI and a PPI by edge, an SPI by level. */
#define EDGE(which) (40u + (uint32_t)(which))
#define LEVEL(which) (50u + (uint32_t)(which))
#define PPI(which) (22u + (uint32_t)(which))

/* Memory, page aligned: an SP's own, R W X but for one page; the normal world's. */
#define SP_PAGES 40u
#define SP_MEMORY(which) (0x0e300000ul + (uint64_t)(which)*SP_PAGES * 0x1000)
#define SP_PACKAGE_PAGES 4u /* that were loaded: from its beginning on */
#define SP_READ_ONLY(which) (SP_MEMORY(which) + (SP_PAGES - 1) * 0x1000)
#define NWD_MEMORY 0x40000000ul
#define NWD_PAGES 256u

/* Quotas, in pages. */
#define SP_QUOTA 48u
#define NWD_QUOTA 128u

struct system {
	struct cpu cpus[CPUS];
	struct partition partitions[SPS];
	struct vcpu vcpus[SPS][CPUS];
	struct partition *order[SPS];
	struct partition *_Atomic by_id[SPS];
};

extern struct system sys;

/* --- Setting up ------------------------------------------------------------------------------ */

/*
 * A system before boot: S-EL1 partitions of FF-A 1.2 that send and receive direct messages, with
 * NS interrupts and others' secure ones signalled. A test may change the partitions now; a UP one
 * with `el0` set becomes one of S-EL0.
 */
void system_create(void);

/* CPU 0 up to the first entry of the first SP, which initialises then. */
void system_start(void);

/*
 * From there, all well: all CPUs up, each vCPU has initialised and waits, the normal world runs
 * everywhere.
 */
void system_finish_boot(void);

/* system_start() and that. */
void system_boot(void);

/* The SP that initialises on the CPU enables its interrupts, and waits. */
void initialise(uint32_t cpu);

/* Boots until the SP runs on CPU 0 in that runtime model, and returns its vCPU. */
struct vcpu *system_boot_into(enum which which, enum runtime_model model);

/* The SP's vCPU, which waits, gets into that state on that CPU, where the normal world runs. */
void bring_to(enum which which, uint32_t cpu, enum vcpu_state s);

/* As setup function of a test: the two together, with no changes. */
int fixture_boot(void **state);

/* CPU `cpu` comes up (again): runs the SPs' initialisations to the end. */
void cpu_up(uint32_t cpu);
/* Up to the first entry of the first SP only. */
void cpu_start(uint32_t cpu);
/* The CPU goes off after the SPMC has answered the SPMD. */
void cpu_down(uint32_t cpu);

uint16_t id_of(enum which which);
struct vcpu *sp(enum which which, uint32_t cpu); /* its vCPU for that CPU */
struct vcpu *nwd(uint32_t cpu);

/* --- What happens ---------------------------------------------------------------------------- */

/* Who has the CPU. */
struct vcpu *running(uint32_t cpu);

/*
 * v, which must be the one that runs on cpu, calls with x0-x7, and has put new values into all
 * other registers before. Returns who runs after it.
 */
struct vcpu *call(uint32_t cpu, struct vcpu *v, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3,
		  uint64_t x4, uint64_t x5, uint64_t x6, uint64_t x7);
#define CALL_(cpu, v, x0, x1, x2, x3, x4, x5, x6, x7, ...)                                         \
	call(cpu, v, x0, x1, x2, x3, x4, x5, x6, x7)
#define CALL(cpu, v, ...) CALL_(cpu, v, __VA_ARGS__, 0, 0, 0, 0, 0, 0, 0, 0)

/* The same with x0-x17 as given. */
struct vcpu *call_18(uint32_t cpu, struct vcpu *v, const uint64_t x[18]);

/* An SP makes a paravirtual call; returns its x0. */
uint64_t hvc(uint32_t cpu, struct vcpu *v, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3);

/* The SP that runs takes its virtual interrupts and does what brings its work to an end. */
void finish_work(uint32_t cpu);

/* A non-secure interrupt hits the SP that runs. False, and nothing happens: it masks them. */
bool interrupt_ns(uint32_t cpu);

/* Physical secure interrupt: from now on it waits at that CPU. */
void interrupt_raise(uint32_t cpu, uint32_t intid);

/*
 * The CPU takes one of the secure interrupts that wait there, kicks first. False, and nothing
 * happens: there is none, or the SP that runs masks them, or it is not enabled.
 */
bool interrupt_take(uint32_t cpu);
bool interrupt_take_one(uint32_t cpu, uint32_t intid);
bool interrupt_waits(uint32_t cpu, uint32_t intid);

/* The SP's vCPU, which runs there, reads or writes a register of its timer. */
uint64_t timer_read(uint32_t cpu, struct vcpu *v, enum arch_timer_reg reg);
void timer_write(uint32_t cpu, struct vcpu *v, enum arch_timer_reg reg, uint64_t value);

/* It interrupts after so many counts. */
void timer_start(uint32_t cpu, struct vcpu *v, uint64_t counts);
void time_pass(uint64_t counts);

/* The CPU's own timer is lost, as over a suspend; the normal world runs there. */
void timer_forget(uint32_t cpu);

/* The SP that runs does what it may not; stage 2 says so, or the memory. */
struct vcpu *fault(uint32_t cpu, bool vector_dead);
/* An access of one of MEM_R, MEM_W, MEM_X is refused, by a translation table or by the memory. */
struct vcpu *fault_at(uint32_t cpu, uint64_t ipa, unsigned int attrs, bool table);
struct vcpu *serror(uint32_t cpu);
/* The SP that runs, of S-EL0, does something else that it may not. */
struct vcpu *not_allowed(uint32_t cpu);

/* Schedule receiver interrupts that this CPU was sent for the normal world since boot. */
extern uint32_t sri_count[CPUS];

/* The priority mask that the normal world sets for itself while it runs. */
void nwd_mask(uint32_t cpu, uint8_t pmr);
uint8_t mask_of(uint32_t cpu); /* what holds now */

/* --- What is looked at ----------------------------------------------------------------------- */

enum vcpu_state state_of(const struct vcpu *v);
enum runtime_model model_of(const struct vcpu *v);

/* What v got as the completion of its call. */
uint32_t got(const struct vcpu *v, unsigned int reg);
bool got_error(const struct vcpu *v, enum ffa_status status); /* and nothing else */
bool got_success(const struct vcpu *v, uint32_t w2, uint32_t w3); /* and nothing else */
bool got_call(const struct vcpu *v, uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3);

/* Panics when something does not hold that always must. */
void check_system(void);

/*
 * The same for memory: who owns and who may use which page, in the tables, is what the open
 * transactions say; each page has one owner. For tests that send some: it looks at all pages.
 */
void check_memory(void);

/*
 * Ends everything that is under way: what is pending is delivered, who runs ends its work. Panics
 * if that does not lead to a system at rest, with the normal world on every CPU that is up, nobody
 * BLOCKED, and no interrupt waiting in a vCPU that waits.
 */
void system_settle(void);

/* For comparing: all state of the system but what is the caller's to change by a call. */
void snapshot_take(void);
bool snapshot_same(const struct vcpu *caller);

#endif
