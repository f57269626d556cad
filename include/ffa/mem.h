/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory management as an endpoint of FF-A uses it: transaction descriptors of every version
 * written and read, and the calls made with them. The code is libffa/mem.c, which partitions
 * (through the SP library) and the normal-world program share. FF-A 1.2, chapters 10 and 16.
 */
#ifndef FFA_MEM_H
#define FFA_MEM_H

#include <stdbool.h>
#include <stdint.h>

#include "ffa/ffa.h"

/*
 * The endpoint that makes the calls. Its buffers are mapped, and nobody else uses them meanwhile.
 */
struct ffa_mem_endpoint {
	uint16_t id;
	uint32_t version; /* of FF-A, that it has told the SPMC */
	void *tx;
	const void *rx;
	uint32_t size; /* of each buffer, in bytes */
};

struct ffa_mem_borrower {
	uint16_t id;
	uint8_t permissions; /* FFA_MEM_DATA_* | FFA_MEM_EXEC_* */
	uint8_t flags; /* FFA_MEM_ACCESS_* */
	uint64_t impdef[2]; /* travels with 1.2 and later */
};

/*
 * What a descriptor says. A lender names constituents; a borrower handle, sender and tag, and no
 * constituents; a hypervisor that asks what it once sent names the handle and no borrowers.
 */
struct ffa_mem_request {
	uint16_t sender;
	uint16_t attributes;
	uint32_t flags;
	uint64_t handle;
	uint64_t tag;
	uint32_t access_size; /* 16 or 32; 0: the version's own */
	const struct ffa_mem_borrower *borrowers;
	uint32_t borrower_count;
	const struct ffa_constituent *parts; /* their field `reserved` is not looked at */
	uint32_t part_count;
};

/* What the answer to a RETRIEVE_REQ says. */
struct ffa_mem_response {
	uint16_t sender;
	uint16_t attributes; /* FFA_MEM_ATTR_NS: to be mapped as non-secure memory */
	uint32_t flags;
	uint64_t handle;
	uint64_t tag;
	uint32_t borrower_count; /* listed: one, but for a hypervisor */
	struct ffa_mem_borrower borrower; /* the first */
	uint32_t pages;
	uint32_t part_count;
	uint32_t parts_offset; /* of the constituents from the start, in bytes */
	uint32_t fragments; /* in which they came */
};

/* A call: x0-x7 in, what came back out. Whoever links the code defines it. */
void ffa_mem_call(uint64_t x[8]);

/* --- Descriptors ----------------------------------------------------------------------------- */

uint32_t ffa_mem_length(uint32_t version, const struct ffa_mem_request *t);
uint32_t ffa_mem_write(void *buffer, uint32_t size, uint32_t version,
		       const struct ffa_mem_request *t, uint32_t offset);
bool ffa_mem_read(const void *buffer, uint32_t length, uint32_t version,
		  struct ffa_mem_response *r);

/* --- Calls ----------------------------------------------------------------------------------- */

enum ffa_status ffa_mem_send(const struct ffa_mem_endpoint *me, uint32_t fid,
			     const struct ffa_mem_request *t, uint32_t fragment, uint64_t *handle);
enum ffa_status ffa_mem_retrieve(const struct ffa_mem_endpoint *me, const struct ffa_mem_request *t,
				 struct ffa_constituent *parts, uint32_t max,
				 struct ffa_mem_response *r);
enum ffa_status ffa_mem_relinquish(const struct ffa_mem_endpoint *me, uint64_t handle,
				   uint32_t flags);
enum ffa_status ffa_mem_reclaim(uint64_t handle, uint32_t flags);

#endif
