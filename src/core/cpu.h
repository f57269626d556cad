/* SPDX-License-Identifier: BSD-3-Clause */
/* The physical CPUs, and the SPMC's one object. */
#ifndef CORE_CPU_H
#define CORE_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/boot.h"
#include "arch/vcpu.h"
#include "core/transaction.h"
#include "core/vcpu.h"
#include "core/vm.h"
#include "lib/page_pool.h"

/*
 * What the SPMC still has to do with each SP in turn before the NWd gets its turn on a CPU: see
 * lifecycle_start(), framework_off_next().
 */
enum cpu_sequence { CPU_NONE, CPU_STARTING, CPU_GOING_OFF };

struct cpu {
	struct arch_cpu arch; /* first: assembly */
	uint64_t mpidr; /* affinity fields only */
	uint64_t stack; /* top of its stack */
	struct arch_secondary secondary; /* how it finds itself when it comes up */
	uint32_t index; /* in spmc.cpus: the order of the SPMC manifest, boot CPU first */
	bool nwd_interrupted; /* the NWd lost this CPU to a secure interrupt: it gets it back by
				 FFA_NORMAL_WORLD_RESUME, its registers untouched */
	_Atomic bool up; /* it has come up, and not gone off since */
	enum cpu_sequence sequence;
	uint32_t next; /* the sequence's next one in spmc.partitions */
	bool sri_delayed; /* raise the schedule receiver interrupt on the way to the NWd */
	_Atomic bool sri_left; /* the same, by a CPU that went off; seen when it is kicked */
	struct vcpu *timers; /* of vCPUs, nearest first: core/timer.h */
	_Atomic bool has_timers; /* the same, for who has not the lock */
	struct vcpu nwd; /* the normal world on this CPU: vCPU `index` of the other-world VM */
};

struct spmc {
	uint16_t id;
	struct cpu *cpus;
	uint32_t cpu_count;
	struct partition **partitions; /* in boot order */
	struct partition *_Atomic *by_id; /* id - FFA_ID_SPMC - 1: at this place; NULL: none */
	uint32_t id_count;
	uint32_t partition_count;
	struct page_pool pages; /* working memory */
	struct endpoint nwd;
	struct vm_table vms;
	struct transaction_table transactions;
	struct memory_space nwd_pages; /* of the normal world and all its VMs */
	struct table nwd_tree; /* of that */
	bool protects; /* EL3 can make memory of the normal world secure */
};

extern struct spmc spmc;

/* The CPU that asks. */
static inline struct cpu *cpu_this(void)
{
	return (struct cpu *)(void *)arch_cpu_this();
}

/* NULL: no such partition. Ids are those of FFA_ID_SPMC + 1 and on. */
static inline struct partition *partition_find(uint16_t id)
{
	uint32_t place = (uint32_t)id - FFA_ID_SPMC - 1;

	return place < spmc.id_count
		       ? atomic_load_explicit(&spmc.by_id[place], memory_order_relaxed)
		       : NULL;
}

void spmc_link(void);
struct cpu *cpu_other(const struct cpu *from);

/* p's vCPU that runs on CPU c: the only one, or the one that is pinned there. */
static inline struct vcpu *partition_vcpu(const struct partition *p, const struct cpu *c)
{
	return partition_is_up(p) ? &p->vcpus[0] : &p->vcpus[c->index];
}

#endif
