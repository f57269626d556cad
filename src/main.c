/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The program. Each CPU comes in through spmc_primary() or spmc_secondary() and then stays in
 * cpu_loop(): run a context until it comes back, let the handler of its exit say who runs next,
 * switch if that is somebody else.
 */
#include "arch/boot.h"
#include "arch/features.h"
#include "arch/gic.h"
#include "boot/boot.h"
#include "core/interrupt.h"
#include "core/switch.h"
#include "ffa/call.h"
#include "lib/print.h"

/* --- Exits: who runs next ------------------------------------------------------------------- */

static struct vcpu *exit_trap(struct cpu *c, struct vcpu *v)
{
	return timer_trap(v) || arch_vcpu_trap(&c->arch, &v->arch) ? v : lifecycle_refused(v);
}

static struct vcpu *(*const exit_handler[ARCH_EXIT_COUNT])(struct cpu *c, struct vcpu *v) = {
	[ARCH_EXIT_TRAP] = exit_trap,          [ARCH_EXIT_NWD] = ffa_call,
	[ARCH_EXIT_CALL] = ffa_call,           [ARCH_EXIT_IRQ] = preempt_secure,
	[ARCH_EXIT_FIQ] = preempt_other,       [ARCH_EXIT_FAULT] = lifecycle_fault,
	[ARCH_EXIT_SERROR] = lifecycle_serror,
};

static _Noreturn void cpu_loop(struct cpu *c, struct vcpu *v)
{
	context_switch(c, NULL, v);
	for (;;) {
		struct vcpu *next;

		if (vcpu_is_nwd(v)) {
			next = exit_handler[arch_nwd_enter(&c->arch, &v->arch)](c, v);
		} else {
			arch_vcpu_lines(&c->arch, &v->arch, vint_lines(&v->vint));
			next = exit_handler[arch_sp_enter(&c->arch, &v->arch)](c, v);
			while (next == v && partition_is_aborted(v->partition)) {
				/*
				 * It ended on another CPU. Who gave its cycles away learns it
				 * later.
				 */
				next = lifecycle_abort(v);
			}
		}
		if (next != v) {
			context_switch(c, v, next);
			v = next;
		}
	}
}

/* --- Coming up ------------------------------------------------------------------------------ */

static void el3_call(struct cpu *c, uint64_t x[18])
{
	arch_el3_call(&c->arch, NULL, x);
}

/* Tells EL3 where the other CPUs come in. An EL3 that has no other CPUs may refuse. */
static void register_secondary_entry(struct cpu *c)
{
	uint64_t x[18] = { FFA_SECONDARY_EP_REGISTER_64, arch_secondary_entry() };

	el3_call(c, x);
	if ((uint32_t)x[0] == FFA_ERROR_32 || (uint32_t)x[0] == FFA_ERROR_64) {
		log_warning(
			"EL3 refuses the secondary entry point %#lx (status %d): the other CPUs "
			"stay away",
			arch_secondary_entry(), (int)x[2]);
	}
}

static void publish_secondaries(void)
{
	for (uint32_t i = 0; i < spmc.cpu_count; i++) {
		struct cpu *c = &spmc.cpus[i];

		c->secondary = (struct arch_secondary){ c->mpidr, c->stack, &c->arch };
	}
	arch_secondary_publish(&spmc.cpus[0].secondary, spmc.cpu_count, sizeof(struct cpu));
}

static void primary_run(struct arch_cpu *arch)
{
	struct cpu *c = (struct cpu *)(void *)arch;

	(void)arch_cpu_init(arch); /* its own features are what it is held against */
	interrupt_configure_private(c);
	publish_secondaries();
	register_secondary_entry(c);
	cpu_loop(c, lifecycle_start(c));
}

_Noreturn void spmc_primary(uint64_t manifest_pa)
{
	static struct boot boot;

	cpu_features_init();
	boot_system(&boot, manifest_pa);
	spmc_link();
	arch_start(&spmc.cpus[0].arch, spmc.cpus[0].stack, primary_run);
}

_Noreturn void spmc_secondary(struct arch_cpu *arch)
{
	struct cpu *c = (struct cpu *)(void *)arch;

	if (!arch_cpu_init(arch) || !gic_cpu_init(c->index, c->mpidr)) {
		boot_stop();
	}
	interrupt_configure_private(c);
	cpu_loop(c, lifecycle_start(c));
}

/* Tells EL3 that there is no SPMC on this CPU, and stops. What is wrong has been said. */
_Noreturn void boot_stop(void)
{
	struct arch_cpu c = { 0 };
	uint64_t x[18] = { FFA_ERROR_32, 0, (uint32_t)FFA_ABORTED };

	arch_cpu_keep_key(&c); /* should EL3 come back */
	for (;;) {
		arch_el3_call(&c, NULL, x);
	}
}
