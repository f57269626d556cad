/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FF-A memory management twice, in step: the SPMC (memory_real.c, through its calls alone) and a
 * model of what it has to do (memory_model.c), which knows nothing but the rules: what each page is
 * to each endpoint, what has been sent to whom. Steps are made at random (memory_steps.c), and
 * after each of them both must agree (memory_run.c).
 *
 * The rules are those of FF-A 1.2 chapters 1.10 and 10 and of DEN0140 where it took their place.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "../unit/spmc_fixture.h"

/* --- Who ------------------------------------------------------------------------------------ */

/* The SPs by enum which; the normal world, with its VMs, is one for the pages that it has. */
#define NWD ((uint32_t)SPS)
#define WORLDS (NWD + 1u)
#define VMS 3u /* that have buffers of their own, now and then: ids 1 to VMS */

#define LAYOUT_1_0 0u /* of descriptors, by the version of who calls */
#define LAYOUT_1_1 1u
#define LAYOUT_1_2 2u

/* --- Pages ---------------------------------------------------------------------------------- */

#define PAGES_MAX 2400u
#define PAGE_BYTES 4096u
#define NONE (-1)

enum mailbox_of { BOX_NONE, BOX_TX, BOX_RX };

struct page {
	uint64_t base;
	uint32_t owner; /* of WORLDS */
	uint32_t attrs; /* MEM_*: how the owner has it while nobody else has */
	int transaction; /* that it is in, or NONE */
	enum mailbox_of box; /* it is part of a buffer that is mapped */
	uint32_t access[SPS]; /* MEM_*: what each SP may do; 0: nothing */
	uint64_t content; /* all its words are that */
	bool maybe_zero; /* or zero: nobody can see which yet */
	bool unknown; /* or anything */
};

/* Pages in a row, as an endpoint finds them at boot. */
struct area {
	uint64_t base;
	uint32_t pages;
	uint32_t owner;
	uint32_t attrs;
	uint32_t first; /* its place among the pages */
};

/* --- Descriptors ---------------------------------------------------------------------------- */

#define BORROWERS_MAX 20u
#define RANGES_MAX 700u

struct piece {
	uint64_t base;
	uint32_t pages;
	uint32_t reserved;
};

struct receiver {
	uint16_t id;
	uint8_t permissions;
	uint8_t flags;
	uint32_t composite_offset;
	uint64_t impdef[2];
	uint64_t reserved;
};

/*
 * A memory transaction descriptor as its fields: what they say. Where things really are is what
 * the places say: if a field says something else, it is wrong.
 */
struct descriptor {
	uint32_t layout;
	uint16_t sender;
	uint16_t attributes;
	uint8_t reserved_1_0; /* byte 3 */
	uint32_t flags;
	uint64_t handle;
	uint64_t tag;
	uint32_t access_size;
	uint32_t access_count;
	uint32_t access_offset;
	uint32_t reserved[3]; /* FF-A 1.0: only the first */
	struct receiver receivers[BORROWERS_MAX];
	bool has_composite;
	uint32_t page_total;
	uint32_t piece_count;
	uint64_t composite_reserved;
	struct piece pieces[RANGES_MAX];

	uint32_t size; /* really: of one receiver */
	uint32_t receiver_count;
	uint32_t receivers_at;
	uint32_t composite_at;
	uint32_t pieces_really;
};

/* What a call is made with, w1 to w4. */
struct registers {
	uint64_t x1, x2, x3, x4;
};

/* Its answer. */
struct answer {
	enum ffa_status status; /* FFA_OK: what follows */
	uint32_t fid;
	uint32_t w1, w2, w3, w4;
};

/* --- Transactions: deals, as the SPMC has the other word ------------------------------------- */

#define TRANSACTIONS_MAX 48u

enum kind { SHARE, LEND, DONATE, KINDS };

struct taker {
	uint16_t id;
	uint32_t data; /* FFA_MEM_DATA_* that the lender grants */
	uint64_t impdef[2];
	uint32_t held; /* retrieved, and not relinquished */
	uint32_t granted; /* FFA_MEM_* permissions, when held */
	bool ever; /* it has been held at some time */
	bool zero_after; /* if it dies with it */
};

/* A response that is fetched piece by piece. */
struct fetch {
	bool open;
	uint32_t total;
	uint32_t next; /* offset */
	uint8_t *bytes; /* what has come */
};

struct deal {
	bool used;
	enum kind kind;
	uint64_t handle;
	uint32_t lender; /* of WORLDS */
	uint16_t sender; /* its id */
	bool orphaned; /* the lender is dead: it goes back to it with the last borrower */
	struct descriptor d; /* as sent */
	bool wide; /* it has implementation-defined values */
	uint32_t borrower_count;
	struct taker borrowers[BORROWERS_MAX];
	uint32_t attrs; /* MEM_* of its pages with their owner */
	bool zeroed; /* before the first borrower */
	bool zero_pending; /* when the last borrower has left, or at the next occasion */
	bool secured; /* EL3 has moved its pages into the secure physical address space */

	bool complete; /* all of its fragments have come */
	bool doubtful; /* a fragment was refused: it may be gone */
	uint32_t total, received;
	uint8_t *bytes; /* all of it, for the fragments to come */

	struct fetch fetches[BORROWERS_MAX];
	struct fetch inspection; /* the hypervisor's */
};

struct party {
	uint16_t id;
	uint32_t version;
	uint32_t layout;
	bool el0;
	bool dead;
	bool has_box;
	uint32_t tx, rx; /* first page of each */
	uint32_t box_pages;
	bool rx_full;
};

struct model {
	struct page pages[PAGES_MAX];
	uint32_t page_count;
	struct deal transactions[TRANSACTIONS_MAX];
	struct party parties[WORLDS + VMS]; /* the last ones: VMs, for their buffers only */
	uint32_t retrieve_max; /* how often a borrower may hold the same */
	bool tx_refused, rx_refused; /* EL3 has taken them from the next call */
	int page_refused; /* the same of a page, or NONE */
	bool scarce; /* there may be too little working memory for anything new */
	bool protects; /* EL3 can make memory of the normal world secure */
	bool protect_refused; /* but not now */
	uint64_t contents; /* given so far: no two are the same */
};

extern struct model model;

/* Random numbers of one step. */
struct dice {
	uint64_t state;
};
uint32_t dice(struct dice *d, uint32_t below);

/* --- What may be answered: the model's verdict ---------------------------------------------- */

/*
 * Rules that are broken: one of their statuses is the answer. Rules of which FF-A leaves open
 * whether they hold: theirs is allowed, too.
 */
struct verdict {
	uint32_t must; /* a bit for each status, by status_bit() */
	uint32_t may;
	const char *rules[24];
	uint32_t rule_count;
};

static inline uint32_t status_bit(enum ffa_status s)
{
	return 1u << -(int)s;
}

bool verdict_allows(const struct verdict *v, enum ffa_status s);

void model_reset(void);
void model_page_add(const struct area *a);
int model_page_find(uint64_t base);
int model_transaction_find(uint64_t handle);
int model_transaction_free(void);
int model_borrower_find(const struct deal *t, uint16_t id);
int model_party_find(uint16_t id); /* SPs, and the normal world for all its ids */
uint32_t model_holders(const struct deal *t);
bool model_is_vm(uint16_t id);
uint32_t model_header_size(const struct descriptor *d);
uint32_t model_attrs(const struct deal *t); /* MEM_* of its pages with borrowers */

/* The rules of each call, and what it does. */
void model_send_judge(struct verdict *v, uint32_t who, enum kind kind, const struct registers *r,
		      const struct descriptor *d);
void model_send_more_judge(struct verdict *v, uint32_t who, const struct registers *r, uint64_t w4);
int model_send_begin(uint32_t who, enum kind kind, const struct registers *r,
		     const struct descriptor *d, uint64_t handle);
void model_send_finish(struct deal *t);
void model_send_failed(const struct descriptor *d);
void model_forget(struct deal *t);

void model_retrieve_judge(struct verdict *v, uint32_t who, uint16_t as, const struct registers *r,
			  const struct descriptor *d);
uint16_t model_name_of(uint32_t who, const struct descriptor *d);
void model_retrieve(struct deal *t, uint16_t as, const struct descriptor *d);
void model_fetched(struct deal *t);
void model_inspect_judge(struct verdict *v, uint32_t who, const struct registers *r,
			 const struct descriptor *d);
uint32_t model_granted(const struct deal *t, const struct taker *b, const struct receiver *asked);

struct relinquish {
	uint64_t handle;
	uint32_t flags;
	uint32_t count;
	uint16_t ids[4];
};
void model_relinquish_judge(struct verdict *v, uint32_t who, const struct relinquish *q);
void model_relinquish(const struct relinquish *q);

void model_reclaim_judge(struct verdict *v, uint32_t who, const struct registers *r);
void model_reclaim(struct deal *t, bool zero);
void model_zero_failed(struct deal *t, bool asked);

void model_fetch_judge(struct verdict *v, uint32_t who, const struct registers *r, uint16_t as,
		       const struct fetch *f);

void model_map_judge(struct verdict *v, uint32_t party, uint64_t tx, uint64_t rx, uint32_t pages);
void model_map(uint32_t party, uint64_t tx, uint64_t rx, uint32_t pages);
void model_unmap(uint32_t party);

void model_abort(uint32_t who);
void model_write(struct page *p, uint64_t value);

/* --- The real one --------------------------------------------------------------------------- */

struct setup {
	uint32_t versions[WORLDS];
	bool donations;
	bool aborts;
	bool scarce;
	bool protects;
	bool el0[2]; /* the UP ones are at S-EL0 */
};

void real_start(const struct setup *s);
uint64_t real_make_scarce(struct dice *d); /* takes working memory away; how many pages */
bool real_is_secured(uint64_t base); /* by EL3: never what was not the normal world's */
bool real_is_world(uint64_t base); /* it was, at boot */
struct answer real_call(uint32_t who, uint32_t fid, const struct registers *r);
void real_abort(uint32_t who);
void *real_memory(uint64_t base);
uint32_t real_access(uint32_t who, uint64_t base);
uint64_t real_free_pages(void); /* of everybody's quota */

uint32_t real_transactions(void); /* open */

/* What a page is to an endpoint; the SPMC and the model each say so in their way. */
enum relation {
	NOTHING,
	OWNS,
	OWNS_SHARED,
	OWNS_LENT,
	OWNS_DONATED,
	OWNS_BUFFER,
	BORROWS,
	BORROWS_SHARED,
};
enum relation real_relation(uint32_t who, const struct page *p);
enum relation model_relation(uint32_t who, const struct page *p);
bool model_is_ns(uint32_t who, const struct page *p);
bool model_is_secured(const struct page *p); /* if it was the normal world's */

/* Bytes of a descriptor. wire_put() returns how many; they are zero before. */
#define WIRE_MAX (RANGES_MAX * 16u + 4096u)
uint32_t wire_put(const struct descriptor *d, uint8_t *bytes);
bool wire_get(struct descriptor *d, uint32_t layout, const uint8_t *bytes, uint32_t size);

/* --- Steps ---------------------------------------------------------------------------------- */

void steps_begin(struct dice *d, const struct setup *s);
void step_make(struct dice *d, const struct setup *s);
uint32_t steps_drain(void);
extern char step_told[512]; /* what the step was */

/* --- When they disagree --------------------------------------------------------------------- */

/* Says what is wrong, and ends the program. */
void count_call(const struct verdict *v, uint32_t fid, enum ffa_status s);
_Noreturn void disagree(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Pages that this step has to do with: looked at after it. */
void touched(uint32_t page);
void check_pages(uint32_t first, uint32_t count);

/* The program: tests/model/model_memory.c, and the mutants. */
int memory_main(int argc, char **argv);
bool memory_differs(void); /* does the SPMC differ from the model before long? */

#endif
