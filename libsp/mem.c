/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory sent and retrieved: the calls of libffa with our buffers, and our stage 1. */
#include "sp/mem.h"
#include "sp/sp.h"

#include <stdatomic.h>
#include <string.h>

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static struct ffa_mem_endpoint endpoint = { .tx = tx, .rx = rx, .size = sizeof(tx) };

/* Who holds it uses the buffers and changes the address space. */
static atomic_flag lock = ATOMIC_FLAG_INIT;

static void acquire(void)
{
	while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire)) {
		__asm__ volatile("yield");
	}
}

static void release(void)
{
	atomic_flag_clear_explicit(&lock, memory_order_release);
}

void ffa_mem_call(uint64_t x[8])
{
	struct ffa_regs r = { 0 };

	memcpy(r.x, x, 8 * sizeof(x[0]));
	ffa_call(&r);
	memcpy(x, r.x, 8 * sizeof(x[0]));
}

/*
 * Gives the SPMC two pages of the library as RX and TX. Once, before all else here; a partition
 * that has buffers of its own cannot use this file, but libffa. False when the SPMC refuses.
 */
bool sp_mem_init(void)
{
	endpoint.id = sp_id;
	endpoint.version = sp_version;
	return ffa_rxtx_map(tx, rx, 1) == FFA_OK;
}

/* Our buffers, for calls that are not here. */
const struct ffa_mem_endpoint *sp_mem_endpoint(void)
{
	return &endpoint;
}

/*
 * Shares, lends or donates as ffa_mem_send() does. What is lent or donated stays in our stage 1 and
 * faults until it is reclaimed.
 */
enum ffa_status sp_mem_send(uint32_t fid, const struct ffa_mem_request *t, uint32_t fragment,
			    uint64_t *handle)
{
	enum ffa_status status;

	acquire();
	status = ffa_mem_send(&endpoint, fid, t, fragment, handle);
	release();
	return status;
}

/* Shares normal memory of ours, `pages` pages at base, with one partition. */
enum ffa_status sp_mem_share(uint16_t to, const void *base, uint32_t pages, uint8_t permissions,
			     uint64_t *handle)
{
	const struct ffa_mem_borrower borrower = { .id = to, .permissions = permissions };
	const struct ffa_constituent part = { .base = (uintptr_t)base, .pages = pages };
	const struct ffa_mem_request t = {
		.sender = sp_id,
		.attributes = FFA_MEM_NORMAL,
		.borrowers = &borrower,
		.borrower_count = 1,
		.parts = &part,
		.part_count = 1,
	};

	return sp_mem_send(FFA_MEM_SHARE_32, &t, 0, handle);
}

enum ffa_status sp_mem_reclaim(uint64_t handle, uint32_t flags)
{
	return ffa_mem_reclaim(handle, flags);
}

static uint32_t map_attributes(const struct ffa_mem_response *r)
{
	uint32_t attrs = SP_MAP_RW;

	if ((r->attributes & FFA_MEM_TYPE_MASK) == FFA_MEM_TYPE_DEVICE) {
		attrs |= SP_MAP_DEVICE;
	}
	if (r->attributes & FFA_MEM_ATTR_NS) {
		attrs |= SP_MAP_NS;
	}
	if ((r->borrower.permissions & FFA_MEM_DATA_MASK) != FFA_MEM_DATA_RW) {
		attrs |= SP_MAP_RO;
		/* What may be written is never executed. */
		if ((r->borrower.permissions & FFA_MEM_EXEC_MASK) == FFA_MEM_EXEC_X) {
			attrs |= SP_MAP_RX;
		}
	}
	return attrs;
}

static void unmap(const struct sp_mem *m)
{
	for (uint32_t i = 0; i < m->said.part_count; i++) {
		sp_unmap(m->parts[i].base, (uint64_t)m->parts[i].pages * FFA_PAGE_SIZE);
	}
}

static bool map(const struct sp_mem *m)
{
	uint32_t attrs = map_attributes(&m->said);

	for (uint32_t i = 0; i < m->said.part_count; i++) {
		if (!sp_map(m->parts[i].base, (uint64_t)m->parts[i].pages * FFA_PAGE_SIZE, attrs)) {
			unmap(m);
			return false;
		}
	}
	return true;
}

/*
 * Retrieves what *t names and maps it where it is, with the permissions and attributes that we were
 * given. m->parts and m->max say where the constituents go. FFA_OK, the SPMC's status, or
 * FFA_NO_MEMORY: parts or our page tables are too small, and it has been given back.
 */
enum ffa_status sp_mem_retrieve(const struct ffa_mem_request *t, struct sp_mem *m)
{
	enum ffa_status status;

	acquire();
	status = ffa_mem_retrieve(&endpoint, t, m->parts, m->max, &m->said);
	if (status == FFA_OK && (m->said.part_count > m->max || !map(m))) {
		(void)ffa_mem_relinquish(&endpoint, t->handle, 0);
		status = FFA_NO_MEMORY;
	}
	release();
	return status;
}

/* Gives back what sp_mem_retrieve() has mapped: nobody of us may use it any more. */
enum ffa_status sp_mem_relinquish(const struct sp_mem *m, uint32_t flags)
{
	enum ffa_status status;

	acquire();
	unmap(m);
	status = ffa_mem_relinquish(&endpoint, m->said.handle, flags);
	if (status != FFA_OK) {
		(void)map(m);
	}
	release();
	return status;
}
