/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory transactions: what a lender has shared, lent or donated, with whom, and what became of it.
 * Found by handle at a cost that does not depend on how many there are.
 *
 * A transaction has a place. Each lender has places of its own. They never move and are never given
 * back, so that a handle is looked up without a lock: its low bits are the place, the others count
 * the transactions that this place has had, so that no handle is ever given twice. Places and all
 * else that a transaction needs are pages of its lender's quota; the latter go back when it ends.
 *
 * Locks: a transaction's lock is taken before a mailbox's, and that before the lock of any memory
 * space. No two transactions are locked at once. The lock of a lender's account is taken last of
 * all, and for a handful of instructions: when a place is taken or given back.
 */
#ifndef CORE_TRANSACTION_H
#define CORE_TRANSACTION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/memory.h"
#include "ffa/ffa.h"
#include "lib/addr.h"
#include "lib/spinlock.h"

struct endpoint;
struct transaction_place;

/* Transactions that may be open at once: of the normal world, of one partition. */
#define TRANSACTION_MAX_NWD 1024u
#define TRANSACTION_MAX_SP 128u
#define TRANSACTION_MAX_PARTITIONS 64u
#define TRANSACTION_MAX_BORROWERS 32u /* of one transaction */
#define TRANSACTION_FEW 4u /* constituents for which no page is needed */

/* A lender's: in struct endpoint. That of the normal world is also its VMs'. */
struct transaction_account {
	struct spinlock lock;
	struct transaction_place *free; /* guarded by lock, as all below */
	uint32_t pages; /* of places */
	_Atomic uint32_t open; /* transactions; read without the lock */
};

enum transaction_kind { TRANSACTION_SHARE, TRANSACTION_LEND, TRANSACTION_DONATE };

enum transaction_state {
	TRANSACTION_SENDING, /* its lender has more fragments to send */
	TRANSACTION_SENT,
};

struct borrower {
	uint16_t id;
	uint8_t permissions; /* FFA_MEM_*: what the lender lets it have */
	uint8_t held; /* FFA_MEM_*: with what it has retrieved; 0: it has not */
	bool zero_after; /* it wants the memory zeroed, should it end without giving it back */
	bool has_impdef; /* the lender gave it a value, below */
	uint32_t response; /* bytes that it has been sent of the answer to its retrieval, of: */
	uint32_t response_size;
	uint64_t impdef[2];
};

struct transaction {
	struct spinlock lock;
	_Atomic uint64_t handle; /* 0: there is none. Guarded by lock, as all below */
	uint64_t tag; /* as the lender gave it, as the next two */
	uint32_t flags;
	uint16_t attributes;
	uint16_t sender; /* the lender's id: of a VM when `lender` is the normal world */
	struct endpoint *lender; /* it, or the normal world: whose quota, and whose calls count */
	enum transaction_kind kind;
	enum transaction_state state;
	struct borrower *borrowers;
	uint32_t borrower_count;
	uint32_t holders; /* borrowers that have retrieved, and not given back */
	uint32_t pages; /* of the memory, as the lender said */
	uint32_t count; /* constituents, once all are there */
	uint32_t received; /* so far */
	uint32_t received_bytes; /* the descriptor up to there, as the lender counts */
	uint32_t copied; /* bytes that the hypervisor has been sent of its copy */
	uint8_t access; /* MEM_*: what the owner may do with the memory */
	bool secured; /* EL3 has moved it into the secure physical address space */
	bool zero; /* somebody wants it zeroed when the last borrower has gone */
	bool used; /* somebody has retrieved it since it was zeroed, if it was */
	bool orphan; /* its lender has ended: nobody retrieves it; the last to leave reclaims it */
	uint32_t room; /* for constituents, at the end of *last */
	struct memory_list *last;
	struct borrower single; /* `borrowers` when there is one; else they have a page */
	struct memory_list list; /* begins here; a few constituents are here, too */
	struct ffa_constituent few[TRANSACTION_FEW];
};

/* In lines of their own: CPUs that work on different transactions do not meet. */
struct transaction_place {
	struct transaction transaction;
	uint64_t made; /* transactions here; guarded by the transaction's lock */
	struct transaction_place *next_free; /* guarded by the account's lock */
	uint32_t number;
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct transaction_place) == 256, "no place reaches across two pages");

#define TRANSACTION_PLACES (PAGE_SIZE / sizeof(struct transaction_place)) /* of a page */
#define TRANSACTION_PAGES_NWD (TRANSACTION_MAX_NWD / TRANSACTION_PLACES)
#define TRANSACTION_PAGES_SP (TRANSACTION_MAX_SP / TRANSACTION_PLACES)
#define TRANSACTION_PAGES                                                                          \
	(TRANSACTION_PAGES_NWD + TRANSACTION_MAX_PARTITIONS * TRANSACTION_PAGES_SP)

/* Where the places are: the normal world's pages, then each partition's; NULL: not there yet. */
struct transaction_table {
	struct transaction_place *_Atomic pages[TRANSACTION_PAGES];
};

/*
 * A new transaction of that lender (a partition's endpoint, or the normal world's), SENDING,
 * locked, its borrowers and all else zero. NULL: the lender has as much as it may have, or there is
 * no working memory. Nobody can wait for the lock of a new one and hold another: so a mailbox may
 * be locked here.
 */
struct transaction *transaction_new(struct endpoint *lender, uint32_t borrower_count);

/* The transaction of that handle, locked; NULL: there is none. */
struct transaction *transaction_lock(uint64_t handle);
void transaction_unlock(struct transaction *t);

/* Ends a transaction that is locked, and unlocks it: its handle is dead, its pages go back. */
void transaction_end(struct transaction *t);

/*
 * Room at the end of the list: where, and for how many constituents in a row (at least one); NULL:
 * the lender has no pages left. They count once transaction_add() says so.
 */
struct ffa_constituent *transaction_room(struct transaction *t, uint32_t *count);
void transaction_add(struct transaction *t, uint32_t count);

/* All there are, one after the other, locked: for what is rare. Begin with *place = 0. */
struct transaction *transaction_next(uint32_t *place);

#endif
