/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Notifications of one receiver, an SP or a VM: who may send which, what is pending, and what of it
 * the scheduler of the normal world has been told. FF-A's checks are in ffa/notification.c.
 *
 * Each world of senders has 64 of its own. One is global, for whichever vCPU of the receiver asks
 * first, or it is per-vCPU, pending for one of them. One that is pending is bound.
 *
 * An SP at S-EL1 learns of new ones by the notification pending interrupt. It is due from the
 * moment on when they come, and is pended in the vCPU that is concerned (for global ones: any) when
 * that gets cycles the next time. While one is due the partition asks for attention, so that the
 * way into a partition costs nothing more when none is.
 */
#ifndef CORE_NOTIFICATION_H
#define CORE_NOTIFICATION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/spinlock.h"

struct endpoint;
struct partition;
struct vcpu;

enum notification_from {
	NOTIFICATION_FROM_SPS,
	NOTIFICATION_FROM_VMS,
	NOTIFICATION_WORLDS,
	NOTIFICATION_FRAMEWORK = NOTIFICATION_WORLDS, /* global ones, bound to nobody */
	NOTIFICATION_SOURCES,
};

#define NOTIFICATION_COUNT 64u
#define NOTIFICATION_GLOBAL UINT32_MAX /* in place of a vCPU's index */

struct notification_bits {
	uint64_t pending;
	uint64_t told; /* of those: NOTIFICATION_INFO_GET has named their receiver */
};

/* Per-vCPU ones, of one vCPU. */
struct notification_vcpu {
	struct notification_bits from[NOTIFICATION_WORLDS];
};

#define NOTIFICATION_CHUNK (PAGE_SIZE / sizeof(struct notification_vcpu))
#define NOTIFICATION_CHUNKS 4u
#define NOTIFICATION_MAX_VCPUS (NOTIFICATION_CHUNKS * NOTIFICATION_CHUNK)

struct notification_bindings {
	uint64_t bound;
	uint64_t per_vcpu; /* of those */
	uint16_t sender[NOTIFICATION_COUNT]; /* of those */
};

struct notifications {
	struct spinlock lock; /* taken before vint.lock */
	bool enabled; /* guarded by lock, as all below but `untold`; else all is zero */
	uint32_t vcpu_count;
	struct notification_vcpu *vcpus[NOTIFICATION_CHUNKS]; /* vCPU i: [i / CHUNK][i % CHUNK] */
	struct notification_bindings bindings[NOTIFICATION_WORLDS];
	struct notification_bits global[NOTIFICATION_SOURCES];
	bool npi_due; /* by a global one; by per-vCPU ones: see struct vcpu */
	uint32_t npi_count; /* of those that are due, this one included */
	_Atomic bool untold; /* there may be something to tell; asked without the lock */
};

bool notification_init(void);
uint64_t notification_bytes(const struct partition *p);

/* The lock is held. */
struct notification_bits *notification_of_vcpu(struct notifications *n, enum notification_from from,
					       uint32_t vcpu);
bool notification_any_pending(struct notifications *n, enum notification_from from, uint64_t bits);
bool notification_all_bound(const struct notifications *n, enum notification_from from,
			    uint64_t bits, uint16_t sender);
void notification_bind(struct notifications *n, enum notification_from from, uint64_t bits,
		       uint16_t sender, bool per_vcpu);
void notification_unbind(struct notifications *n, enum notification_from from, uint64_t bits);
void notification_pend(struct endpoint *e, enum notification_from from, uint64_t bits,
		       uint32_t vcpu);
uint64_t notification_take(struct notifications *n, enum notification_from from, uint32_t vcpu);
void notification_taken_by(struct vcpu *v, uint32_t vcpu);

/* They take it. */
void notification_attend(struct vcpu *v);
void notification_drop(struct partition *p);
void notification_renew(struct partition *p);
void notification_forget(struct endpoint *e, uint16_t sender);

#endif
