/* SPDX-License-Identifier: BSD-3-Clause */
#include "cpu.h"

#include <stddef.h>

#include "gic.h"
#include "mmu.h"
#include "print.h"
#include "simd.h"
#include "smc.h"

#define PSCI_CPU_OFF 0x84000002u
#define PSCI_CPU_ON 0xC4000003u
#define PSCI_AFFINITY_INFO 0xC4000004u
#define PSCI_AFFINITY_OFF 1u

#define VECTOR_SYNC 4u /* from the current EL with SP_ELx, as all of ours */
#define VECTOR_IRQ 5u

#define HCR_AS_HOST (1ull << 31 | 7ull << 3) /* RW; FMO, IMO, AMO: interrupts are taken at EL2 */
#define HCR_PAUTH (3ull << 40) /* API, APK: EL1 may use pointer authentication */
#define CPTR_EL2_OPEN 0x22ffull /* no trap of FP, SVE, SME; the rest of it is RES1 */
#define CPACR_OPEN (3ull << 16 | 3ull << 20 | 3ull << 24)

struct cpu cpus[CPU_COUNT];
uint8_t cpu_stacks[CPU_COUNT][CPU_STACK_SIZE] __attribute__((aligned(CPU_STACK_SIZE)));

void entry_secondary(void);

uint32_t cpu_el(void)
{
	return (uint32_t)sysreg_read(CurrentEL) >> 2;
}

/*
 * The stack says which CPU it is. No system register does: the tests fill all of them, and who
 * runs must not depend on what is tested.
 */
uint32_t cpu_index(void)
{
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0);

	return (uint32_t)((sp - (uintptr_t)cpu_stacks) / CPU_STACK_SIZE);
}

struct cpu *cpu_this(void)
{
	return &cpus[cpu_index()];
}

/* First C on each CPU; MMU off until it returns. */
void cpu_init(uint32_t index)
{
	if (index == 0) {
		mmu_make_table();
	}
	if (cpu_el() == 2) {
		sysreg_write(hcr_el2, HCR_AS_HOST | HCR_PAUTH);
		sysreg_write(cptr_el2, CPTR_EL2_OPEN);
	}
	sysreg_write(cpacr_el1, CPACR_OPEN);
	isb();
	simd_init_cpu();
	mmu_enable();
	if (index == 0) {
		gic_init_distributor();
	}
	gic_init_cpu(index);
	timer_interrupt(INTID_CNTP);
	timer_interrupt(INTID_CNTV);
	timer_stop();
}

void cpu_irq_on(void)
{
	__asm__ volatile("msr daifclr, #2" ::: "memory");
}

void cpu_irq_off(void)
{
	__asm__ volatile("msr daifset, #2" ::: "memory");
}

/* How many interrupts of this id this CPU has taken. */
uint32_t cpu_interrupts(uint32_t intid)
{
	return cpu_this()->interrupts[intid];
}

uint64_t cpu_now(void)
{
	isb();
	return sysreg_read(cntpct_el0);
}

void cpu_delay(uint64_t ns)
{
	uint64_t end = cpu_now() + timer_ticks(ns);

	while (cpu_now() < end) {
		cpu_relax();
	}
}

static void irq_handle(void)
{
	uint32_t intid = gic_acknowledge();

	if (intid >= INTID_NONE) {
		return;
	}
	if (intid < CPU_INTID_COUNT) {
		cpu_this()->interrupts[intid]++;
	}
	timer_interrupt(intid);
	gic_end(intid);
}

void exception_handle(uint64_t kind, struct exception_frame *f)
{
	struct cpu *c = cpu_this();

	if (kind == VECTOR_IRQ) {
		irq_handle();
	} else if (kind == VECTOR_SYNC && c->probing) {
		c->probe_failed = true;
		f->elr += 4;
	} else {
		print_panic("CPU %u: exception %lu: ESR %#lx ELR %#lx FAR %#lx SPSR %#lx",
			    cpu_index(), kind, f->esr, f->elr, f->far, f->spsr);
	}
}

/* --- Other CPUs ---------------------------------------------------------------------------- */

/*
 * Does a job, or sleeps: the host has fewer CPUs than we. The interrupt that announces a job is
 * taken before the job begins, else it would come in the middle of it.
 */
static void do_job(struct cpu *c)
{
	cpu_job job = atomic_load_explicit(&c->job, memory_order_acquire);

	if (job == NULL || c->interrupts[INTID_JOB] == c->jobs_announced) {
		__asm__ volatile("wfi" ::: "memory");
	} else {
		c->jobs_announced = c->interrupts[INTID_JOB];
		job(c->job_arg);
		atomic_store_explicit(&c->job, NULL, memory_order_release);
	}
	cpu_irq_on();
	isb();
	cpu_irq_off();
}

_Noreturn void cpu_secondary_main(uint32_t index)
{
	struct cpu *c = &cpus[index];

	atomic_store(&c->here, true);
	for (;;) {
		do_job(c);
	}
}

/* False when PSCI refuses. */
bool cpu_on(uint32_t index)
{
	int64_t status = (int64_t)smc(PSCI_CPU_ON, index, (uint64_t)entry_secondary, index);

	if (status != 0) {
		print_line("PSCI CPU_ON of CPU %u: %ld", index, status);
		return false;
	}
	while (!atomic_load(&cpus[index].here)) {
		cpu_relax();
	}
	return true;
}

static void off_job(uint64_t arg)
{
	(void)arg;
	atomic_store(&cpu_this()->job, NULL);
	smc(PSCI_CPU_OFF, 0, 0, 0);
	print_panic("CPU %u: PSCI CPU_OFF came back", cpu_index());
}

#define PATIENCE_NS 60000000000u /* the host may have others to run */

/* Takes a CPU other than this one off; false when it stays on. */
bool cpu_off(uint32_t index)
{
	uint64_t end = cpu_now() + timer_ticks(PATIENCE_NS);

	atomic_store(&cpus[index].here, false);
	cpu_start(index, off_job, 0);
	while (smc(PSCI_AFFINITY_INFO, index, 0, 0) != PSCI_AFFINITY_OFF) {
		if (cpu_now() > end) {
			return false;
		}
	}
	return true;
}

/* Gives an idle CPU, other than this one, a job. */
void cpu_start(uint32_t index, cpu_job job, uint64_t arg)
{
	cpu_wait(index);
	cpus[index].job_arg = arg;
	atomic_store_explicit(&cpus[index].job, job, memory_order_release);
	gic_send(INTID_JOB, index);
}

void cpu_wait(uint32_t index)
{
	while (atomic_load_explicit(&cpus[index].job, memory_order_acquire) != NULL) {
		cpu_relax();
	}
}

/* Does a job on one CPU, whichever it is, to its end. */
void cpu_run(uint32_t index, cpu_job job, uint64_t arg)
{
	if (index == cpu_index()) {
		job(arg);
	} else {
		cpu_start(index, job, arg);
		cpu_wait(index);
	}
}

/* Does a job on all CPUs at once; CPU 0 calls it. */
void cpu_run_all(cpu_job job, uint64_t arg)
{
	for (uint32_t i = 1; i < CPU_COUNT; i++) {
		cpu_start(i, job, arg);
	}
	job(arg);
	for (uint32_t i = 1; i < CPU_COUNT; i++) {
		cpu_wait(i);
	}
}

/* All CPUs meet here; in a job of cpu_run_all(). */
void cpu_barrier(void)
{
	static atomic_uint arrived;
	unsigned int round = atomic_fetch_add(&arrived, 1) / CPU_COUNT;

	while (atomic_load(&arrived) / CPU_COUNT == round) {
		cpu_relax();
	}
}

/* --- Random numbers ------------------------------------------------------------------------- */

/* splitmix64: each CPU has its own sequence, from the seed that the arguments give. */
uint64_t random_next(void)
{
	uint64_t *state = &cpu_this()->random;
	uint64_t z = (*state += 0x9e3779b97f4a7c15ull);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* Every number below limit equally often: what would favour some is thrown away. */
uint64_t random_below(uint64_t limit)
{
	uint64_t unfair = -limit % limit;
	uint64_t value;

	do {
		value = random_next();
	} while (value < unfair);
	return value % limit;
}
