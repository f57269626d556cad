/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory of others, and ours to others: sent, retrieved into our address space, given back. Needs
 * sp_ops.mmu. Any vCPU may call any of these at any time; one waits for the other.
 */
#ifndef SP_MEM_H
#define SP_MEM_H

#include <stdbool.h>
#include <stdint.h>

#include "ffa/mem.h"

/* What we have retrieved. The constituents are the caller's array. */
struct sp_mem {
	struct ffa_mem_response said; /* by the SPMC: handle, attributes, permissions, pages */
	struct ffa_constituent *parts;
	uint32_t max; /* room in parts; the caller sets these two */
};

bool sp_mem_init(void);
const struct ffa_mem_endpoint *sp_mem_endpoint(void);

enum ffa_status sp_mem_send(uint32_t fid, const struct ffa_mem_request *t, uint32_t fragment,
			    uint64_t *handle);
enum ffa_status sp_mem_share(uint16_t to, const void *base, uint32_t pages, uint8_t permissions,
			     uint64_t *handle);
enum ffa_status sp_mem_reclaim(uint64_t handle, uint32_t flags);
enum ffa_status sp_mem_retrieve(const struct ffa_mem_request *t, struct sp_mem *m);
enum ffa_status sp_mem_relinquish(const struct sp_mem *m, uint32_t flags);

#endif
