/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/cpu.h"

#include <stddef.h>

#include "lib/print.h"

struct spmc spmc;

/*
 * Makes endpoints of the partitions and the normal world that boot has left in `spmc`, and ties
 * the vCPUs to them. Once, after boot.
 */
void spmc_link(void)
{
	spmc.nwd.id = FFA_ID_NWD;
	spmc.nwd.kind = ENDPOINT_NWD;
	endpoint_set_version(&spmc.nwd, FFA_VERSION_OURS);
	for (uint32_t i = 0; i < spmc.cpu_count; i++) {
		spmc.cpus[i].nwd.endpoint = &spmc.nwd;
	}
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		struct partition *p = spmc.partitions[i];

		p->endpoint.id = p->id;
		p->endpoint.kind = p->el0 ? ENDPOINT_SP_EL0 : ENDPOINT_SP_EL1;
		endpoint_set_version(&p->endpoint, p->ffa_version);
		for (uint32_t v = 0; v < p->vcpu_count; v++) {
			p->vcpus[v].endpoint = &p->endpoint;
		}
		spmc.by_id[p->id - FFA_ID_SPMC - 1] = p;
	}
}

/* The first CPU but `from` that is up; NULL: there is none. */
struct cpu *cpu_other(const struct cpu *from)
{
	for (uint32_t i = 0; i < spmc.cpu_count; i++) {
		if (i != from->index && atomic_load(&spmc.cpus[i].up)) {
			return &spmc.cpus[i];
		}
	}
	return NULL;
}

static void panic_vcpu(const struct partition *p, const struct vcpu *v)
{
	uint32_t word = vcpu_peek(v);
	enum vcpu_state state = vcpu_word_state(word);

	if (state != VCPU_WAITING && state != VCPU_OFF) {
		panic_line("%s vCPU %u: %s, %s, CPU %u, pc 0x%lx", p->name, v->index,
			   vcpu_state_name(state), runtime_model_name(vcpu_word_model(word)),
			   vcpu_word_cpu(word), v->arch.pc);
	}
}

/* Each vCPU that does something: read while others may write it. */
void panic_state(void)
{
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		const struct partition *p = spmc.partitions[i];

		for (uint32_t k = 0; p->vcpus != NULL && k < p->vcpu_count; k++) {
			panic_vcpu(p, &p->vcpus[k]);
		}
	}
	for (uint32_t i = 0; i < spmc.cpu_count; i++) {
		panic_line("normal world, CPU %u: %s, x0 0x%lx", i,
			   vcpu_state_name(vcpu_word_state(vcpu_peek(&spmc.cpus[i].nwd))),
			   spmc.cpus[i].nwd.arch.x[0]);
	}
}
