/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory management as the tests do it: the same call made by the normal world or, told by us, by a
 * tester partition, with a descriptor that is made here and may be wrong in any way.
 */
#ifndef NWD_MEMORY_H
#define NWD_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "bulkhead/tester.h"
#include "call.h"
#include "ffa/mem.h"

#define PAGE ((uint64_t)FFA_PAGE_SIZE)

/* Memory of the normal world that is for nothing else. */
#define MEMORY_BASE 0x48000000ull
#define MEMORY_PAGES 16384u

/* Who makes a call: us, a VM for which we speak as its hypervisor, or a tester. */
struct party {
	uint16_t id;
	uint32_t version;
	uint64_t tx, rx; /* of a tester, to know the addresses */
	uint64_t pages; /* the first page of those that it may send */
};

/* What a tester's access came to. */
struct access {
	uint64_t exceptions, esr, far, value;
};

#define ACCESS_EC_DATA 0x25u /* at the same exception level */
#define ACCESS_EC_FETCH 0x21u

bool party_is_sp(const struct party *p);
struct party party_nwd(void);
struct party party_vm(uint16_t id);
bool party_tester(struct party *p, uint32_t sample);
bool parties_begin(struct party *nwd, struct party *sps, uint32_t count);

bool party_put(const struct party *p, uint32_t offset, const void *data, uint32_t length);
bool party_get(const struct party *p, uint32_t offset, void *data, uint32_t length);
struct ffa_regs party_call(const struct party *p, struct ffa_regs r);
#define PARTY_CALL(party, ...) party_call(party, (struct ffa_regs){ .x = { __VA_ARGS__ } })

void memory_is_protected(bool on);
bool we_fault(uint64_t address, bool write);
bool party_access(const struct party *p, uint64_t address, uint64_t how, uint64_t value,
		  struct access *a);
bool party_works(const struct party *p, uint64_t address, uint64_t how);
bool party_faults(const struct party *p, uint64_t address, uint64_t how);
bool party_fill(const struct party *p, uint64_t address, uint64_t pages, uint64_t seed);
bool party_check(const struct party *p, uint64_t address, uint64_t pages, uint64_t seed);

/* --- Transactions ---------------------------------------------------------------------------- */

#define DEAL_BORROWERS 8u
#define DEAL_PARTS 8u

/* A transaction: what its lender says, and what came of it. */
struct deal {
	const struct party *lender;
	uint32_t fid;
	uint16_t attributes;
	uint32_t flags;
	uint64_t tag;
	uint32_t access_size;
	uint32_t borrower_count;
	struct ffa_mem_borrower borrowers[DEAL_BORROWERS];
	uint32_t part_count;
	struct ffa_constituent parts[DEAL_PARTS];
	uint64_t handle;
};

struct deal deal_make(const struct party *lender, uint32_t fid, const struct party *borrower,
		      uint64_t base, uint32_t pages);
struct ffa_mem_request deal_request(const struct deal *d);
struct ffa_regs deal_try(struct deal *d);
bool deal_send(struct deal *d);
bool deal_fails(struct deal *d, int32_t status);
bool deal_reclaim(const struct deal *d, uint32_t flags);
bool deal_reclaim_fails(const struct deal *d, int32_t status);

struct ffa_mem_request deal_claim(const struct deal *d, const struct party *borrower,
				  struct ffa_mem_borrower *room);
struct ffa_regs claim_try(const struct party *borrower, const struct ffa_mem_request *t);
bool claim(const struct deal *d, const struct party *borrower, uint8_t permissions,
	   struct ffa_mem_response *r);
bool claim_fails(const struct party *borrower, const struct ffa_mem_request *t, int32_t status);
struct ffa_regs relinquish_try(const struct party *borrower, uint64_t handle, uint32_t flags);
bool relinquish(const struct deal *d, const struct party *borrower, uint32_t flags);

const char *memory_fid_name(uint32_t fid);

#endif
