/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/transaction.h"

#include <stddef.h>
#include <string.h>

#include "core/cpu.h"
#include "lib/print.h"

#define PLACE_BITS 16
#define PLACE_MASK ((1ul << PLACE_BITS) - 1)
_Static_assert(TRANSACTION_PAGES *TRANSACTION_PLACES <= PLACE_MASK, "a handle has room for it");

/*
 * NULL: there is no such place. Pages of places come and are looked up in one order for all CPUs,
 * see memory_endpoint_is_over(): who finds a transaction may act on it, or who looks for all of
 * them does.
 */
static struct transaction_place *place_find(uint64_t number)
{
	struct transaction_place *page = NULL;

	if (number < TRANSACTION_PAGES * TRANSACTION_PLACES) {
		page = atomic_load(&spmc.transactions.pages[number / TRANSACTION_PLACES]);
	}
	return page != NULL ? &page[number % TRANSACTION_PLACES] : NULL;
}

static struct page_pool *quota(const struct transaction *t)
{
	return &memory_space_of(t->lender)->pool;
}

/* --- Places ----------------------------------------------------------------------------------- */

/* Pages of places that a lender may have, and where in the table they are. */
static uint32_t place_pages(const struct endpoint *lender, uint32_t *first)
{
	if (lender == &spmc.nwd) {
		*first = 0;
		return TRANSACTION_PAGES_NWD;
	}
	*first = TRANSACTION_PAGES_NWD + (lender->id - FFA_ID_SPMC - 1u) * TRANSACTION_PAGES_SP;
	return TRANSACTION_PAGES_SP;
}

/* A page more of them; the account is locked. False: the lender has as many as it may have. */
static bool places_grow(struct endpoint *lender)
{
	struct transaction_account *a = &lender->transactions;
	struct transaction_place *page;
	uint32_t first;

	if (a->pages == place_pages(lender, &first)) {
		return false;
	}
	page = page_pool_get(&memory_space_of(lender)->pool);
	if (page == NULL) {
		return false;
	}
	first += a->pages++;
	for (uint32_t i = TRANSACTION_PLACES; i-- > 0;) {
		page[i].number = first * TRANSACTION_PLACES + i;
		page[i].next_free = a->free;
		a->free = &page[i];
	}
	atomic_store(&spmc.transactions.pages[first], page);
	return true;
}

static struct transaction_place *place_take(struct endpoint *lender)
{
	struct transaction_account *a = &lender->transactions;
	struct transaction_place *place = NULL;

	spin_lock(&a->lock);
	if (a->free != NULL || places_grow(lender)) {
		place = a->free;
		a->free = place->next_free;
		a->open++;
	}
	spin_unlock(&a->lock);
	return place;
}

static void place_put(struct transaction_place *place, struct endpoint *lender)
{
	struct transaction_account *a = &lender->transactions;

	spin_lock(&a->lock);
	place->next_free = a->free;
	a->free = place;
	a->open--;
	spin_unlock(&a->lock);
}

/* --- Beginning and end ------------------------------------------------------------------------ */

/* All but its lock and its handle, which others may look at. */
static void reset(struct transaction *t, struct endpoint *lender)
{
	memset(&t->tag, 0, sizeof(*t) - offsetof(struct transaction, tag));
	t->lender = lender;
	t->borrowers = &t->single;
	t->list.pieces = t->few;
	t->last = &t->list;
	t->room = TRANSACTION_FEW;
}

struct transaction *transaction_new(struct endpoint *lender, uint32_t borrower_count)
{
	struct transaction_place *place = place_take(lender);
	struct transaction *t;

	ASSERT(borrower_count > 0 && borrower_count <= TRANSACTION_MAX_BORROWERS);
	if (place == NULL) {
		return NULL;
	}
	t = &place->transaction;
	spin_lock(&t->lock);
	reset(t, lender);
	t->borrower_count = borrower_count;
	if (borrower_count > 1) {
		t->borrowers = page_pool_get(quota(t));
	}
	if (t->borrowers == NULL) {
		transaction_end(t);
		return NULL;
	}
	place->made++;
	atomic_store_explicit(&t->handle, place->made << PLACE_BITS | place->number,
			      memory_order_relaxed);
	return t;
}

struct transaction *transaction_lock(uint64_t handle)
{
	struct transaction_place *place = place_find(handle & PLACE_MASK);
	struct transaction *t;

	/* Who has no handle of it does not get to its lock. */
	if (place == NULL || handle == 0 ||
	    atomic_load_explicit(&place->transaction.handle, memory_order_relaxed) != handle) {
		return NULL;
	}
	t = &place->transaction;
	spin_lock(&t->lock);
	if (atomic_load_explicit(&t->handle, memory_order_relaxed) != handle) {
		spin_unlock(&t->lock);
		return NULL;
	}
	return t;
}

void transaction_unlock(struct transaction *t)
{
	spin_unlock(&t->lock);
}

void transaction_end(struct transaction *t)
{
	struct transaction_place *place = (struct transaction_place *)(void *)t;
	struct page_pool *pool = quota(t);
	struct endpoint *lender = t->lender;
	struct memory_list *next;

	atomic_store_explicit(&t->handle, 0, memory_order_relaxed);
	for (struct memory_list *l = t->list.next; l != NULL; l = next) {
		next = l->next;
		page_pool_put(pool, l);
	}
	if (t->borrowers != NULL && t->borrowers != &t->single) {
		page_pool_put(pool, t->borrowers);
	}
	spin_unlock(&t->lock);
	place_put(place, lender);
}

/* --- The list --------------------------------------------------------------------------------- */

struct ffa_constituent *transaction_room(struct transaction *t, uint32_t *count)
{
	if (t->room == 0) {
		struct memory_list *page = page_pool_get(quota(t));

		if (page == NULL) {
			return NULL;
		}
		page->pieces = (struct ffa_constituent *)(void *)(page + 1);
		t->last->next = page;
		t->last = page;
		t->room = (PAGE_SIZE - sizeof(*page)) / sizeof(page->pieces[0]);
	}
	*count = t->room;
	return &t->last->pieces[t->last->count];
}

void transaction_add(struct transaction *t, uint32_t count)
{
	ASSERT(count <= t->room);
	t->last->count += count;
	t->room -= count;
	t->received += count;
}

/* --- All of them ------------------------------------------------------------------------------ */

struct transaction *transaction_next(uint32_t *place)
{
	while (*place < TRANSACTION_PAGES * TRANSACTION_PLACES) {
		struct transaction_place *p = place_find(*place);

		if (p == NULL) {
			*place += TRANSACTION_PLACES;
			continue;
		}
		(*place)++;
		spin_lock(&p->transaction.lock);
		if (atomic_load_explicit(&p->transaction.handle, memory_order_relaxed) != 0) {
			return &p->transaction;
		}
		spin_unlock(&p->transaction.lock);
	}
	return NULL;
}
