/* SPDX-License-Identifier: BSD-3-Clause */
/* Boot, and the loop of each CPU: run a world, handle what ended it. */
#include <stdatomic.h>
#include <stdnoreturn.h>

#include "args.h"
#include "bundle.h"
#include "console.h"
#include "cpu.h"
#include "feat.h"
#include "gic.h"
#include "gpt.h"
#include "hostile.h"
#include "pend.h"
#include "psci.h"
#include "smccc.h"
#include "spmd.h"
#include "sysreg.h"
#include "world.h"

#define NWD_ENTRY 0x60000000UL
#define NWD_ARGS 0x5ffff000UL
#define COUNTER_HZ 1000000000UL /* QEMU's, should it not say */

struct cpu cpus[CPU_MAX];
unsigned int cpu_count;
static atomic_bool machine_ready;

#define ESR_EC(esr) ((esr) >> 26 & 0x3F)

enum exception_class {
	EC_FP = 0x07,
	EC_PAUTH = 0x09,
	EC_SMC64 = 0x17,
	EC_SYSREG = 0x18,
	EC_SVE = 0x19,
	EC_SME = 0x1D,
};

static bool on_unexpected(struct cpu *cpu)
{
	const struct world *world = &cpu->world[cpu->current];

	console_die("CPU %u: unexpected exception from the %s world: ESR 0x%lx ELR 0x%lx FAR 0x%lx "
		    "SPSR 0x%lx",
		    cpu->index, cpu->current == WORLD_SECURE ? "secure" : "normal",
		    sysreg_read(ESR_EL3), world->elr, sysreg_read(FAR_EL3), world->spsr);
}

static bool on_sync(struct cpu *cpu)
{
	switch (ESR_EC(sysreg_read(ESR_EL3))) {
	case EC_SMC64:
		return smccc_handle(cpu);
	case EC_FP:
	case EC_PAUTH:
	case EC_SYSREG:
	case EC_SVE:
	case EC_SME:
		world_inject_undefined(cpu);
		cpu->resume_exactly = true;
		return true;
	default:
		return on_unexpected(cpu);
	}
}

/*
 * From the normal world: group 0 or secure group 1. From the secure world only while a MON_PEND is
 * armed: its timer, or something that S-EL2 is then left to take by itself.
 */
static bool on_fiq(struct cpu *cpu)
{
	uint32_t intid = gic_first_pending();

	cpu->resume_exactly = true;
	if (intid == GIC_INTID_TIMER_EL3) {
		pend_fire(cpu);
	} else if (cpu->current == WORLD_SECURE) {
		cpu->fiq_yielded = true;
	} else if (intid == GIC_PENDING_SECURE_G1) {
		cpu->resume_exactly = false;
		spmd_secure_interrupt(cpu);
	} else if (intid < GIC_PENDING_SECURE_G1) {
		gic_handle_group0();
	}
	return true;
}

static bool (*const on_exit[])(struct cpu *cpu) = {
	[EXIT_SYNC] = on_sync,         [EXIT_IRQ] = on_unexpected,     [EXIT_FIQ] = on_fiq,
	[EXIT_SERROR] = on_unexpected, [EXIT_AARCH32] = on_unexpected,
};

/* Runs the two worlds on a CPU until it goes off. */
static void run_worlds(struct cpu *cpu)
{
	bool on = true;

	while (on) {
		if (args.hostile && cpu->current == WORLD_SECURE && !cpu->resume_exactly) {
			hostile_scramble(cpu);
		}
		cpu->resume_exactly = false;
		on = on_exit[world_run(cpu)](cpu);
	}
}

/* The vector of an exception at EL3 itself jumps here. */
noreturn void el3_fatal_exception(void);
noreturn void el3_fatal_exception(void)
{
	console_die("exception at EL3: ESR 0x%lx ELR 0x%lx FAR 0x%lx SPSR 0x%lx",
		    sysreg_read(ESR_EL3), sysreg_read(ELR_EL3), sysreg_read(FAR_EL3),
		    sysreg_read(SPSR_EL3));
}

/* Once, on the primary CPU, before any other goes on. */
static void init_machine(void)
{
	console_init();
	feat_detect();
	feat_open_el3();
	bundle_load();
	args_parse();
	gpt_init();
	cpu_count = gic_init();
	if (cpu_count > CPU_MAX) {
		console_die("%u CPUs, at most %u are supported", cpu_count, CPU_MAX);
	}
	for (unsigned int i = 0; i < cpu_count; i++) {
		cpus[i].index = i;
		cpus[i].power = CPU_OFF;
	}
	cpus[0].power = CPU_ON_PENDING;
	cpus[0].nwd_entry = NWD_ENTRY;
	cpus[0].nwd_context = NWD_ARGS;
	if (args.hostile) {
		hostile_init();
	}
	console_print("%s monitor, plays TF-A 2.%s, %u CPUs, normal world at EL%s",
		      args.hostile ? "hostile" : "bare", args.tfa_2_14 ? "14" : "12", cpu_count,
		      args.nwd_el1 ? "1" : "2");
	atomic_store(&machine_ready, true);
}

/* Each CPU, from entry.S, on its own stack. */
noreturn void el3_main(unsigned int index);
noreturn void el3_main(unsigned int index)
{
	struct cpu *cpu = &cpus[index];

	sysreg_write(SCR_EL3, SCR_EEL2 | SCR_RW);
	isb();
	if (index == 0) {
		init_machine();
	}
	while (!atomic_load(&machine_ready)) {
	}
	if (sysreg_read(CNTFRQ_EL0) == 0) {
		sysreg_write(CNTFRQ_EL0, COUNTER_HZ);
	}
	feat_open_el3();
	gpt_enable_cpu();
	if (args.hostile) {
		hostile_power_up(cpu);
	}
	for (;;) {
		pend_reset(cpu);
		gic_init_cpu(index);
		psci_wait_until_on(cpu);
		world_power_up(cpu);
		spmd_start_spmc(cpu);
		run_worlds(cpu);
		world_power_down(cpu);
		cpu->nwd_entry = 0;
		cpu->power = CPU_OFF;
	}
}
