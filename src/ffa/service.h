/* SPDX-License-Identifier: BSD-3-Clause */
/* UUIDs, and the services of partitions that they name. */
#ifndef FFA_SERVICE_H
#define FFA_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/partition.h"
#include "ffa/ffa.h"

static inline bool uuid_equal(const struct ffa_uuid *a, const struct ffa_uuid *b)
{
	return a->w[0] == b->w[0] && a->w[1] == b->w[1] && a->w[2] == b->w[2] && a->w[3] == b->w[3];
}

/* The nil UUID names no service: any will do. */
static inline bool uuid_is_nil(const struct ffa_uuid *uuid)
{
	return (uuid->w[0] | uuid->w[1] | uuid->w[2] | uuid->w[3]) == 0;
}

/* As two 64-bit registers have it, and back. */
static inline struct ffa_uuid uuid_from(uint64_t lo, uint64_t hi)
{
	return (struct ffa_uuid){ { (uint32_t)lo, (uint32_t)(lo >> 32), (uint32_t)hi,
				    (uint32_t)(hi >> 32) } };
}

static inline uint64_t uuid_lo(const struct ffa_uuid *uuid)
{
	return uuid->w[0] | (uint64_t)uuid->w[1] << 32;
}

static inline uint64_t uuid_hi(const struct ffa_uuid *uuid)
{
	return uuid->w[2] | (uint64_t)uuid->w[3] << 32;
}

/* NULL: p has no service of that UUID. */
static inline const struct service *service_find(const struct partition *p,
						 const struct ffa_uuid *uuid)
{
	for (uint32_t i = 0; i < p->service_count; i++) {
		if (uuid_equal(&p->services[i].uuid, uuid)) {
			return &p->services[i];
		}
	}
	return NULL;
}

#endif
