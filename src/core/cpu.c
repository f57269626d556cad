/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/cpu.h"

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
