/* SPDX-License-Identifier: BSD-3-Clause */
/* What the normal world and a partition have in common: they are parties of FF-A. */
#ifndef CORE_ENDPOINT_H
#define CORE_ENDPOINT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/notification.h"
#include "core/transaction.h"
#include "lib/spinlock.h"

/* RX and TX buffer. */
struct mailbox {
	struct spinlock lock;
	uint64_t tx_ipa, rx_ipa; /* guarded by lock, as all below */
	bool tx_ns, rx_ns; /* in which address space they are */
	const void *tx; /* as the SPMC sees them; NULL: none registered */
	void *rx;
	uint32_t pages;
	_Atomic bool rx_full; /* the endpoint owns RX; asked without the lock too */
};

/* Where it calls from. */
enum endpoint_kind { ENDPOINT_NWD, ENDPOINT_SP_EL1, ENDPOINT_SP_EL0, ENDPOINT_KINDS };

/* Minor versions 0 to 3 of each kind: one bit for each in struct endpoint and in the ABI table. */
#define ENDPOINT_ABI_BIT(kind, minor) (1u << ((kind)*4 + (minor)))

struct endpoint {
	_Atomic uint32_t
		abi; /* first: one look for each call. Its bit, by kind and version, and: */
#define ENDPOINT_LOCKED (1u << 31) /* it has made another call than FFA_VERSION */
	uint16_t id;
	enum endpoint_kind kind;
	_Atomic uint32_t version; /* FF-A version that it speaks: major 1 */
	struct mailbox mailbox;
	struct notifications notifications; /* it receives */
	struct transaction_account transactions; /* of which it is the lender */
};

static inline uint32_t endpoint_abi(const struct endpoint *e)
{
	return atomic_load_explicit(&e->abi, memory_order_relaxed);
}

/* version: major 1, minor at most 3. Whether it is locked stays. */
static inline void endpoint_set_version(struct endpoint *e, uint32_t version)
{
	atomic_store_explicit(&e->version, version, memory_order_relaxed);
	atomic_store_explicit(&e->abi,
			      (endpoint_abi(e) & ENDPOINT_LOCKED) |
				      ENDPOINT_ABI_BIT(e->kind, version & 3),
			      memory_order_relaxed);
}

/* It starts anew, with that version, as if it had never called. */
static inline void endpoint_renew(struct endpoint *e, uint32_t version)
{
	atomic_store_explicit(&e->version, version, memory_order_relaxed);
	atomic_store_explicit(&e->abi, ENDPOINT_ABI_BIT(e->kind, version & 3),
			      memory_order_relaxed);
}

/* It has made a call after which its version stays. Written once: many CPUs come by here. */
static inline void endpoint_lock_version(struct endpoint *e)
{
	if ((endpoint_abi(e) & ENDPOINT_LOCKED) == 0) {
		(void)atomic_fetch_or_explicit(&e->abi, ENDPOINT_LOCKED, memory_order_relaxed);
	}
}

#endif
