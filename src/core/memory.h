/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who owns a page, who may use it, and how it changes hands (FF-A memory management protocol 1.2,
 * chapters 1.6 and 1.9).
 *
 * Each secure partition has a memory space, the normal world and all its VMs together have one. The
 * state of a page in a space stands in the software bits of the entry that translates it there (or,
 * while it is lent, does not), so the walk that finds a page finds its state: docs/memory.md. The
 * normal world has no tables of ours: its tree holds what it does not plainly own, and nothing
 * else.
 *
 * An operation is done on a whole list of pages, in three steps under the space's lock, held from
 * the first to the last:
 *
 *	memory_check()		reads; says what is refused
 *	memory_prepare()	takes the table pages; may fail, and then nothing has changed
 *	memory_commit()		cannot fail; old translations are gone from all TLBs when it returns
 *
 * memory_cancel() instead of the last gives back what the second took. What is undone or ended,
 * that is RELINQUISH, RECLAIM, GIVE and BUFFER_UNMAP of pages that got their state by the operation
 * before it, needs only memory_commit(): the tables are there.
 *
 * The cost is that of the pages in the list: one walk for each 2 MiB that it touches, then entry by
 * entry; whole blocks are one entry. Neither the memory of a space nor what else is shared counts.
 */
#ifndef CORE_MEMORY_H
#define CORE_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/mem.h"
#include "arch/space.h"
#include "ffa/ffa.h"
#include "lib/page_pool.h"
#include "lib/range.h"
#include "lib/spinlock.h"

struct endpoint;
struct vcpu;

/* What a page is to an endpoint. The first eight fit the software bits of an entry. */
enum memory_state {
	MEMORY_OWNED, /* its own, nobody else's */
	MEMORY_OWNED_SHARED, /* its own, which others may use, too */
	MEMORY_OWNED_LENT, /* its own, which only others may use; its attributes are kept */
	MEMORY_OWNED_DONATED, /* given away, but not taken yet: as lent */
	MEMORY_OWNED_BUFFER, /* its own, an RX or TX buffer: nothing else may be done with it */
	MEMORY_BORROWED, /* lent to it */
	MEMORY_BORROWED_SHARED, /* shared with it */
	MEMORY_NONE, /* not its own, and it has no access */
	MEMORY_STATES, /* as an answer: refused */
};

/* What may happen to a page in the space of one endpoint. */
enum memory_op {
	/* The sender's. */
	MEMORY_SHARE,
	MEMORY_LEND,
	MEMORY_DONATE,
	/* The receiver's. */
	MEMORY_RETRIEVE_SHARED,
	MEMORY_RETRIEVE_LENT,
	MEMORY_RETRIEVE_DONATED, /* GIVE in the sender's space belongs to it */
	MEMORY_RELINQUISH_SHARED,
	MEMORY_RELINQUISH_LENT,
	/* The sender's again. */
	MEMORY_RECLAIM_SHARED,
	MEMORY_RECLAIM_LENT,
	MEMORY_RECLAIM_DONATED, /* before it was taken */
	MEMORY_GIVE, /* what it had donated has been taken */
	/* RXTX_MAP and RXTX_UNMAP. */
	MEMORY_BUFFER_MAP,
	MEMORY_BUFFER_UNMAP,
	MEMORY_OPS,
};

/* ffa/ maps these to its status codes. */
enum memory_status {
	MEMORY_OK,
	MEMORY_INVALID, /* the list itself is wrong: INVALID_PARAMETERS */
	MEMORY_DENIED, /* a page's state or attributes do not allow it */
	MEMORY_NO_MEMORY, /* the endpoint's quota of table pages is used up */
	MEMORY_FAULT, /* an access was refused: ABORTED */
};

/*
 * Pages in the order of a descriptor: chunks, so that a long list fits pages that are not
 * contiguous. The list is a copy that only we can write. `reserved` of each piece is ours; it is 0
 * whenever a function of this file returns.
 */
struct memory_list {
	struct memory_list *next; /* NULL: the last one */
	struct ffa_constituent *pieces;
	uint32_t count;
};

/* Memory that the normal world owns until it gives it away. */
struct memory_world {
	struct range range;
	unsigned int attrs; /* MEM_* */
};

/* A list of one piece. */
struct memory_piece {
	struct ffa_constituent piece;
	struct memory_list list;
};

static inline void memory_piece_make(struct memory_piece *p, struct range r)
{
	p->piece = (struct ffa_constituent){ r.base, (uint32_t)(r.size >> PAGE_SHIFT), 0 };
	p->list = (struct memory_list){ NULL, &p->piece, 1 };
}

struct memory_space {
	struct spinlock lock; /* guards the trees and what the entries say */
	/*
	 * The secure and the non-secure tree. Two for stage 2; twice the same for one whose entries
	 * tell the two apart; the normal world has only the second.
	 */
	struct table *trees[2];
	/*
	 * Table pages, and all else that is kept on behalf of this endpoint: its quota. Filled at
	 * boot; what comes from here goes back here.
	 */
	struct page_pool pool;
	/*
	 * The normal world: what it owns where its tree says nothing. Ranges do not touch. Else
	 * none.
	 */
	const struct memory_world *world;
	uint32_t world_count;
};

/* --- Boot ------------------------------------------------------------------------------------ */

/* Of a partition: what is mapped in `space` is its own. Tables come from s->pool from now on. */
void memory_space_init(struct memory_space *s, struct space *space);

/*
 * Of the normal world, whose s->world, all below `end`, is filled in; *tree stays. Takes
 * memory_world_pages(end) pages in a row from s->pool; false: they are not there.
 */
bool memory_world_init(struct memory_space *s, struct table *tree, uint64_t end);
size_t memory_world_pages(uint64_t end);

/* r (page aligned) is a partition's, whatever the world says. False: s->pool is empty. */
bool memory_world_exclude(struct memory_space *s, struct range r);

/* --- Operations ------------------------------------------------------------------------------ */

/* The matrix: what a page in state `from` is after op; MEMORY_STATES: refused. */
enum memory_state memory_next(enum memory_op op, enum memory_state from);

/*
 * Is it a list of pages at all? Each base a multiple of the page size, each count not 0, nothing
 * beyond the physical addresses of this system, at least one piece, no page twice. Else
 * MEMORY_INVALID. Reads a list in ascending order once; any other is sorted (the order of the
 * pieces themselves stays), with a page from `scratch` for the time of it: MEMORY_NO_MEMORY if
 * there is none. *pages: how many in all. Needs no lock.
 */
enum memory_status memory_list_check(struct memory_list *list, struct page_pool *scratch,
				     uint64_t *pages);

/*
 * May op be done with all pages of a list that memory_list_check() has accepted? Changes nothing.
 * MEMORY_DENIED: a page is in another state than op is for; or, of what the endpoint has already,
 * two pages have different attributes. *attrs (MEM_*): in which tree a RETRIEVE will put the pages
 * (MEM_NS); all other operations are told what the pages' attributes are.
 */
enum memory_status memory_check(struct memory_space *s, enum memory_op op,
				const struct memory_list *list, unsigned int *attrs);

/*
 * Makes the tables that memory_commit() needs: takes blocks apart that are not used as a whole, but
 * no page is translated in another way than before. attrs: from memory_check(); of a RETRIEVE, how
 * the pages will be mapped. MEMORY_NO_MEMORY: the pool of the space is empty; all is as before.
 */
enum memory_status memory_prepare(struct memory_space *s, enum memory_op op,
				  const struct memory_list *list, unsigned int attrs);

/* Instead of memory_commit(): makes whole again what memory_prepare() took apart. */
void memory_cancel(struct memory_space *s, const struct memory_list *list, unsigned int attrs);

/*
 * Does it. attrs as for memory_prepare(); of what ends, only MEM_NS counts: in which tree the pages
 * are. Afterwards no CPU has a translation of before in its TLB; tables that have become empty, or
 * whole blocks again, are back in the pool.
 */
void memory_commit(struct memory_space *s, enum memory_op op, const struct memory_list *list,
		   unsigned int attrs);

/*
 * Zeroes all pages of the list, in the non-secure physical address space with ns, which is written
 * to through a window of this CPU for the time of it; afterwards the zeroes are in memory, and in
 * no cache. False: an access was refused (granule protection, an external abort); some of the pages
 * have been zeroed then. Who calls has the pages to himself: nobody can use them meanwhile. Needs
 * no lock.
 */
bool memory_zero(const struct memory_list *list, bool ns);

/*
 * Asks EL3 to move the normal world's pages into the secure physical address space, where the SPMC
 * manifest says that EL3 can do it (protect-ns-memory). *secure: it has, and so a borrower maps
 * them without MEM_NS; false, with MEMORY_OK: there is nobody to ask, all goes on without.
 * MEMORY_DENIED, MEMORY_INVALID: EL3 says so; what had been moved has been moved back. All that the
 * calling context `caller` has in the registers is in memory meanwhile. No page of the list may be
 * in use.
 */
enum memory_status memory_protect(struct vcpu *caller, const struct memory_list *list,
				  bool *secure);
/* Back again. A refusal cannot be answered for: it is logged. */
void memory_unprotect(struct vcpu *caller, const struct memory_list *list);

/* The space that e's pages are in: its own, or the normal world's for id 0 and every VM. */
struct memory_space *memory_space_of(struct endpoint *e);

/*
 * The state of one page, and in *attrs (MEM_*; NULL: not asked for) what its owner may do with it.
 */
enum memory_state memory_look(const struct memory_space *s, uint64_t address, bool ns,
			      unsigned int *attrs);

#endif
