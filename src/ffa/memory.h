/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory management (FF-A 1.2 chapter 10, DEN0140): what its calls share.
 *
 *	memory_descriptor.c	the wire formats of all versions, in and out
 *	memory_send.c		SHARE, LEND, DONATE, FRAG_TX
 *	memory_retrieve.c	RETRIEVE_REQ, FRAG_RX
 *	memory_end.c		RELINQUISH, RECLAIM, the end of an endpoint
 *
 * Locks are taken in the order that core/transaction.h says.
 */
#ifndef FFA_MEMORY_H
#define FFA_MEMORY_H

#include "core/transaction.h"
#include "ffa/call.h"

/* --- Kinds of transactions -------------------------------------------------------------------- */

struct memory_kind {
	uint32_t type; /* FFA_MEM_FLAG_TYPE_* */
	enum memory_op send;
	enum memory_op retrieve;
	enum memory_op relinquish;
	enum memory_op reclaim;
};

/* By enum transaction_kind. */
extern const struct memory_kind memory_kinds[];

/* --- Descriptors ------------------------------------------------------------------------------ */

/* A transaction descriptor without its list: our own copy, the same for every version. */
struct memory_request {
	uint16_t sender;
	uint16_t attributes;
	uint32_t flags;
	uint64_t handle;
	uint64_t tag;
	uint32_t access_size;
	uint32_t access_count;
	uint32_t access_offset;
	uint32_t end; /* of the access descriptors: bytes from the start */
	struct ffa_mem_access access[TRANSACTION_MAX_BORROWERS];
};

bool descriptor_read_header(struct memory_request *r, uint32_t version, const void *tx,
			    uint32_t length, enum ffa_status *status);
enum ffa_status descriptor_read_borrowers(struct memory_request *r, uint32_t version,
					  const void *tx, uint32_t length);
enum ffa_status descriptor_read(struct memory_request *r, uint32_t version, const void *tx,
				uint32_t length);
enum ffa_status descriptor_check_attributes(uint16_t attributes);
bool descriptor_type_fits(uint16_t attributes, bool device);
uint32_t descriptor_size(uint32_t version, uint32_t borrowers, uint32_t constituents);
bool descriptor_write(void *rx, uint32_t version, const struct memory_request *r, uint32_t pages,
		      uint32_t count);

/* --- Buffers ---------------------------------------------------------------------------------- */

/* The dedicated buffer that DEN0140 allows in place of TX: we have none, so both must be zero. */
static inline bool names_buffer(const struct vcpu *v)
{
	bool wide = (vcpu_w(v, 0) & FFA_FID_64BIT) != 0;

	return (wide ? v->arch.x[3] : vcpu_w(v, 3)) != 0 || vcpu_w(v, 4) != 0;
}

/* Are there that many bytes of TX? The mailbox is locked. */
static inline bool tx_holds(const struct mailbox *m, uint32_t length)
{
	return m->tx != NULL && length <= m->pages * FFA_PAGE_SIZE;
}

static inline uint64_t call_handle(const struct vcpu *v, unsigned int low)
{
	return FFA_MEM_HANDLE(vcpu_w(v, low), vcpu_w(v, low + 1));
}

/* --- Transactions ----------------------------------------------------------------------------- */

static inline bool memory_is_vm(uint16_t id)
{
	return (id & FFA_ID_SECURE) == 0;
}

enum ffa_status memory_error(enum memory_status status);
struct borrower *memory_borrower(const struct transaction *t, uint16_t id);

/* In which physical address space the memory is for everybody but its owner. */
static inline bool memory_is_ns(const struct transaction *t)
{
	return (t->access & MEM_NS) != 0 && !t->secured;
}

bool memory_endpoint_is_over(struct endpoint *e);
bool memory_settle(struct transaction *t, bool wanted);
void memory_give_back(struct vcpu *caller, struct transaction *t);

#endif
