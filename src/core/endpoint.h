/* SPDX-License-Identifier: BSD-3-Clause */
/* What the normal world and a partition have in common: they are parties of FF-A. */
#ifndef CORE_ENDPOINT_H
#define CORE_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/notification.h"
#include "lib/spinlock.h"

/* RX and TX buffer. */
struct mailbox {
	struct spinlock lock;
	uint64_t tx_ipa, rx_ipa; /* guarded by lock, as all below */
	bool tx_ns, rx_ns; /* in which address space they are */
	const void *tx; /* as the SPMC sees them; NULL: none registered */
	void *rx;
	uint32_t pages;
	bool rx_full; /* the endpoint owns RX */
};

/* Where it calls from. */
enum endpoint_kind { ENDPOINT_NWD, ENDPOINT_SP_EL1, ENDPOINT_SP_EL0, ENDPOINT_KINDS };

/* Minor versions 0 to 3 of each kind: one bit for each in struct endpoint and in the ABI table. */
#define ENDPOINT_ABI_BIT(kind, minor) (1u << ((kind) * 4 + (minor)))

struct endpoint {
	uint16_t id;
	enum endpoint_kind kind;
	uint32_t version; /* FF-A version that it speaks: major 1 */
	bool version_locked; /* it has made another call than FFA_VERSION */
	uint16_t abi; /* its bit, by kind and version */
	struct mailbox mailbox;
	struct notifications notifications; /* it receives */
};

/* version: major 1, minor at most 3. */
static inline void endpoint_set_version(struct endpoint *e, uint32_t version)
{
	e->version = version;
	e->abi = (uint16_t)ENDPOINT_ABI_BIT(e->kind, version & 3);
}

#endif
