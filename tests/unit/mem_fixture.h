/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory management on the SPMC of spmc_fixture.h: parties that can call at any time, each on a CPU
 * of its own, with RX and TX; descriptors as plain structures of which a test changes what it
 * likes.
 */
#ifndef MEM_FIXTURE_H
#define MEM_FIXTURE_H

#include "spmc_fixture.h"

#define PAGE 0x1000ul

/* On CPUs 0 to 3: two UP partitions, an MP one, the normal world. */
enum party_name { A, B, C, N, PARTIES };

struct party {
	uint32_t cpu;
	struct vcpu *v;
	uint16_t id;
	uint32_t version;
	char *tx, *rx;
	uint64_t memory; /* from here on PARTY_FREE pages of its own, used for nothing else */
	uint64_t read_only; /* a page that it may not write; 0: there is none */
};

#define PARTY_FREE 24u

/* More of the normal world's memory, which nothing can be written to. */
#define FAR_MEMORY 0x50000000ul
#define FAR_PAGES 16384u

/* A device of the normal world's: nothing can be read or written there. */
#define NWD_DEVICE 0x60000000ul

extern struct party parties[PARTIES];

/* Another partition, idle: as a borrower who is only named. */
uint16_t other_id(void);

/* Boots with parties that speak these versions, and maps their buffers, of one page each. */
void mem_boot(const uint32_t version[PARTIES]);
void mem_boot_all(uint32_t version);

/* The same, with both UP partitions (A and B) at S-EL0: no page of theirs is executable. */
void mem_boot_el0(uint32_t version);

/* --- Descriptors ----------------------------------------------------------------------------- */

#define DESC_ACCESS_MAX 40u
#define DESC_LIST_MAX 8u

struct desc {
	struct party *party; /* whose TX it goes to, in whose version */
	uint32_t fid;
	/* The header as it is written. */
	uint16_t sender;
	uint16_t attributes;
	uint32_t flags;
	uint64_t handle;
	uint64_t tag;
	uint32_t access_size;
	uint32_t access_count;
	uint32_t access_offset;
	uint32_t reserved[3]; /* 1.0: the two that it has */
	struct ffa_mem_access access[DESC_ACCESS_MAX];
	/* Where things are in truth; what is said of it is above. */
	uint32_t at_access, real_size, real_count, at_composite;
	struct ffa_composite composite;
	struct ffa_constituent list[DESC_LIST_MAX];
	uint32_t list_count;
	/* The call. */
	uint64_t total, length; /* w1, w2 */
	uint64_t x3, x4;
};

/* Bytes of the header, and of an access descriptor, in a version. */
uint32_t header_bytes(uint32_t version);
uint32_t access_bytes(uint32_t version);

/*
 * SHARE, LEND or DONATE (fid, 32-bit) of `pages` pages at base, by `from` to one receiver, RW (a
 * donation: not said), attributes as the kind wants them, tag 0x7A6.
 */
struct desc desc_send(uint32_t fid, struct party *from, uint16_t to, uint64_t base, uint32_t pages);

/* A further receiver; with more than one, LEND has to name attributes. */
void desc_add_receiver(struct desc *d, uint16_t id, uint8_t permissions);

/* A further piece of memory. */
void desc_add_memory(struct desc *d, uint64_t base, uint32_t pages);

/* RETRIEVE_REQ by `by` of what d has sent, with that handle, as it ought to be. */
struct desc desc_retrieve(const struct desc *sent, struct party *by, uint64_t handle);

/*
 * Where things are follows from how many there are; after changes of numbers that are meant well.
 */
void desc_layout(struct desc *d);

/* Writes it to the party's TX. */
void desc_write(const struct desc *d);

/* Writes it, and calls. The answer is in the party's registers. */
void desc_call(const struct desc *d);

/* desc_call() of something that must succeed: its handle. */
uint64_t desc_send_well(const struct desc *d);

/* desc_call() of a retrieval that must succeed, in one fragment; RX is released. */
void desc_retrieve_well(const struct desc *d);

/* --- Other calls ------------------------------------------------------------------------------ */

void mem_relinquish(struct party *p, uint64_t handle, uint32_t flags, uint32_t count, uint16_t id);
void mem_reclaim(struct party *p, uint64_t handle, uint32_t flags);
void mem_rx_release(struct party *p);
uint64_t handle_of(const struct party *p); /* of the FFA_SUCCESS that p has got */

/* --- What is looked at ------------------------------------------------------------------------ */

/* The state of a page for the party, and what it may do with it (0: nothing). */
enum memory_state page_state(const struct party *p, uint64_t page);
unsigned int page_attrs(const struct party *p, uint64_t page);

/*
 * All states of all pages, all transactions, quotas, who owns RX: to find that nothing has changed.
 */
void picture_take(void);
bool picture_same(void);

/* --- Checks: what is wrong with a good descriptor, and what is answered ----------------------- */

/* By whom, and in which versions. */
enum from_bit { SP = 1, NWD = 2, ANY_WORLD = 3 };
enum version_bit { V1_0 = 1, V1_1 = 2, V1_2 = 4, ANY_VERSION = 7 };

/* `kinds` are bits of the test's own. */
struct check {
	const char *name;
	unsigned int kinds, from, versions;
	void (*change)(struct desc *d);
	enum ffa_status error;
};

/* A change, as a function of one statement. */
#define CHANGE(name, statement)                                                                    \
	static void name(struct desc *d)                                                           \
	{                                                                                          \
		statement;                                                                         \
	}

#endif
