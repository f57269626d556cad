/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A secure partition, as its manifest describes it and as it is at run time. Filled by boot/;
 * after boot only what says so changes.
 */
#ifndef CORE_PARTITION_H
#define CORE_PARTITION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/space.h"
#include "core/endpoint.h"
#include "core/memory.h"
#include "ffa/ffa.h"
#include "lib/range.h"

#define PARTITION_MAX_SERVICES 8
#define PARTITION_MAX_REGIONS 24
#define PARTITION_MAX_INTERRUPTS 56 /* with the virtual ones they fit one 64-bit word */
#define PARTITION_MAX_WHITELIST 32
#define PARTITION_NAME_SIZE 32

enum ns_action { NS_QUEUED = 0, NS_MANAGED_EXIT = 1, NS_SIGNALED = 2 };
enum other_s_action { OTHER_S_QUEUED = 0, OTHER_S_SIGNALED = 1 };

/* timer-interrupts-action: who gives a vCPU that waits the cycles to handle its timer? */
enum timer_action { TIMER_SCHEDULED = 0, TIMER_SECURE = 1 };

/* sri-interrupts-policy */
#define SRI_WHEN_WAITING (1u << 0)
#define SRI_WHEN_PENDING (1u << 1)

/* power-management-messages */
#define PM_CPU_OFF (1u << 0)

/* What is the matter with a partition, in one word: most often nothing. */
#define PARTITION_ABORTED (1u << 0) /* it has ended */
#define PARTITION_NPI (1u << 1) /* one of its vCPUs is due a notification pending interrupt */
#define PARTITION_TIMER (1u << 2) /* one of its vCPUs has set its timer */

#define PARTITION_DESTROYED (1u << 3) /* and is not known any more */

/* abort-action: what becomes of one that has ended, if it has lifecycle-support. */
enum abort_action { ABORT_STOP = 0, ABORT_DESTROY = 1, ABORT_RESTART = 2, ABORT_PROPAGATE = 3 };

/* vm-availability-messages */
#define VM_MESSAGE_CREATED (1u << 0)
#define VM_MESSAGE_DESTROYED (1u << 1)

struct service {
	struct ffa_uuid uuid;
	uint32_t methods; /* FFA_PROP_* that FFA_METHOD_MASK allows */
};

/* A piece of the partition's address space (IPA = PA), for mapping and for fault reports. */
struct region {
	struct range range;
	uint32_t attrs; /* MEM_*: the most that the partition may do with it */
	char name[PARTITION_NAME_SIZE]; /* "image", or the manifest's node name */
};

struct interrupt {
	uint32_t intid;
	uint8_t priority;
	bool level; /* else edge */
	bool secure; /* group 1 secure; else non-secure */
	bool has_target;
	uint64_t target; /* MPIDR affinity, if has_target */
};

/* Where RX and TX are. */
struct rxtx_place {
	uint64_t tx, rx; /* IPA, secure */
	uint32_t pages; /* of each */
};

struct partition {
	/* Who it is. */
	uint16_t id;
	char name[PARTITION_NAME_SIZE]; /* debug_name */
	uint32_t ffa_version; /* the manifest's: with which it starts */
	struct endpoint endpoint;

	/* What it offers. */
	struct service services[PARTITION_MAX_SERVICES];
	uint32_t service_count;
	uint32_t methods; /* union over its services */
	bool notifications;
	uint32_t vm_messages; /* VM_* */
	uint32_t pm_messages; /* PM_* */

	/* How it runs. */
	bool el0; /* S-EL0, else S-EL1 */
	enum ns_action ns_action;
	bool managed_exit_virq; /* else vFIQ */
	enum other_s_action other_s_action;
	enum timer_action timer_action;
	uint32_t sri_policy; /* SRI_* */
	uint16_t boot_order;
	uint64_t entry; /* IPA of the primary entry point */
	_Atomic uint64_t secondary_entry; /* of its other vCPUs */
	int gp_register; /* 0-3: register that gets boot_info; -1 none */
	uint64_t boot_info; /* IPA of the boot information */
	bool lifecycle; /* lifecycle-support: UP */
	enum abort_action abort_action;
	uint32_t whitelist[PARTITION_MAX_WHITELIST]; /* SMCs that are passed on to EL3 */
	uint32_t whitelist_count;
	bool whitelist_permissive; /* pass on and log what is not listed */

	/* What it owns. */
	struct range memory; /* load address, mem_size */
	struct region regions[PARTITION_MAX_REGIONS];
	uint32_t region_count;
	uint64_t package_size; /* whole pages of memory, from its base on, that were loaded */
	const char *pristine; /* ABORT_RESTART: a copy of those */
	struct rxtx_place boot_rxtx; /* the buffers of the manifest; no pages: none */
	struct interrupt interrupts[PARTITION_MAX_INTERRUPTS];
	uint32_t interrupt_count;
	struct space space;
	struct memory_space pages; /* what it may do with each page, and what that takes */
	uint64_t quota; /* pages of working memory for that; 0: the manifest does not say */

	struct vcpu *vcpus;
	uint32_t vcpu_count; /* 1: UP, it migrates; else one for each CPU, pinned */
	_Atomic uint32_t attention; /* PARTITION_*: looked at when it gets cycles */
	_Atomic bool unscheduled; /* the normal world has to be told of some of its vCPUs */
	uint32_t timers_listed; /* of its vCPUs; guarded by the lock of core/timer.c */

	/* With lifecycle-support; of the CPU that has its vCPU. */
	bool initialised; /* since it has started last, at `started` of arch_timer_now() */
	uint64_t started;
	uint32_t restarts; /* none of which it has outlived for long */

	_Atomic uint32_t faults; /* stage-2 faults so far: only the first are told in full */
};

static inline uint32_t partition_attention(const struct partition *p)
{
	return atomic_load_explicit(&p->attention, memory_order_relaxed);
}

/* True once it has ended. What still runs of it on other CPUs is about to find out. */
static inline bool partition_is_aborted(const struct partition *p)
{
	return (partition_attention(p) & PARTITION_ABORTED) != 0;
}

/* True when nobody is to know of it any more. */
static inline bool partition_is_destroyed(const struct partition *p)
{
	return (partition_attention(p) & PARTITION_DESTROYED) != 0;
}

/* The partition whose endpoint it is; not the normal world or a VM of it. */
static inline struct partition *endpoint_partition(struct endpoint *e)
{
	return (struct partition *)(void *)((char *)e - offsetof(struct partition, endpoint));
}

/*
 * The attributes (MEM_*) with which p finds its region r. An S-EL0 partition has nothing that is
 * writable and executable: its image can be executed until it says by FFA_MEM_PERM_SET what is
 * data.
 */
static inline uint32_t partition_rights(const struct partition *p, const struct region *r)
{
	bool both = (r->attrs & (MEM_W | MEM_X)) == (MEM_W | MEM_X);

	return p->el0 && both ? r->attrs & ~MEM_W : r->attrs;
}

static inline bool partition_is_up(const struct partition *p)
{
	return p->vcpu_count == 1;
}

#endif
