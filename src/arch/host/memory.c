/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory of a host test: windows that need no mapping, because they show all there is. */
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "arch/fault_safe.h"
#include "arch/host.h"
#include "arch/stage1.h"
#include "lib/print.h"

#define MEMORY_MAX 128

uint64_t host_ID_AA64MMFR0_EL1 = 2ul << 4 | 5;
uint64_t host_ID_AA64MMFR1_EL1 = 2ul << 4;
_Thread_local unsigned int host_stage2_flushes;
_Thread_local uint64_t host_stage2_flushed;
_Thread_local unsigned int host_el0_flushes;
_Thread_local uint64_t host_el0_flushed;
void (*host_on_flush)(void);
void (*host_on_copy)(const void *from, size_t n);

uint32_t host_slots[HOST_SLOTS];
_Thread_local size_t host_dirty_bytes;

static struct range memory[MEMORY_MAX];
static unsigned int memory_count;
static struct range refused;

bool host_memory_add(uint64_t base, size_t size)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
	void *want = stage1_window(base, false);
	void *have;

	ASSERT(memory_count < MEMORY_MAX);
	if (base > HOST_MEMORY_END || size > HOST_MEMORY_END - base) {
		return false;
	}
	have = mmap(want, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (have != want) {
		return false;
	}
	memory[memory_count++] = (struct range){ .base = base, .size = size };
	return true;
}

void host_memory_refuse(uint64_t base, size_t size)
{
	refused = (struct range){ .base = base, .size = size };
}

/* Whether n bytes at p may be accessed: objects of the test's own, and what it has added. */
static bool is_there(const void *p, size_t n)
{
	struct range access = { .base = (uint64_t)p, .size = n };

	if (access.base >= HOST_MEMORY_END) {
		return true;
	}
	if (refused.size != 0 && range_overlaps(refused, access)) {
		return false;
	}
	for (unsigned int i = 0; i < memory_count; i++) {
		if (range_contains(memory[i], access)) {
			return true;
		}
	}
	return false;
}

bool copy_fault_safe(void *to, const void *from, size_t n)
{
	if (n == 0) {
		return true;
	}
	if (!is_there(to, n) || !is_there(from, n)) {
		return false;
	}
	memcpy(to, from, n);
	if (host_on_copy != NULL) {
		host_on_copy(from, n);
	}
	return true;
}

bool zero_fault_safe(void *page, size_t n)
{
	if (!is_there(page, n)) {
		return false;
	}
	memset(page, 0, n);
	host_dirty_bytes += n;
	return true;
}

bool clean_fault_safe(const void *page, size_t n)
{
	if (!is_there(page, n)) {
		return false;
	}
	host_dirty_bytes -= n;
	return true;
}

void *stage1_map(struct range r, unsigned int attrs)
{
	if (!is_page_aligned(r.base | r.size) || range_last(r) >> STAGE1_PA_BITS != 0) {
		return NULL;
	}
	return stage1_window(r.base, (attrs & MEM_NS) != 0);
}

void stage1_unmap(struct range r, bool ns)
{
	(void)r;
	(void)ns;
}

bool stage1_slots_make(unsigned int count)
{
	ASSERT(count <= HOST_SLOTS);
	memset(host_slots, 0, sizeof(host_slots));
	return true;
}

size_t stage1_slots_pages(unsigned int count)
{
	(void)count;
	return 0;
}

/* Which pages of a slot are in use. */
static uint32_t slot_mask(unsigned int page, struct range r)
{
	uint64_t pages = r.size >> PAGE_SHIFT;

	ASSERT(is_page_aligned(r.base | r.size) && pages != 0 && page + pages <= STAGE1_SLOT_PAGES);
	return (uint32_t)((1ul << pages) - 1) << page;
}

void *stage1_slot_map(unsigned int slot, unsigned int page, struct range r, unsigned int attrs)
{
	uint32_t mask = slot_mask(page, r);

	ASSERT(slot < HOST_SLOTS && (host_slots[slot] & mask) == 0);
	host_slots[slot] |= mask;
	return stage1_window(r.base, (attrs & MEM_NS) != 0);
}

void stage1_slot_unmap(unsigned int slot, unsigned int page, struct range r)
{
	uint32_t mask = slot_mask(page, r);

	ASSERT(slot < HOST_SLOTS && (host_slots[slot] & mask) == mask);
	host_slots[slot] &= ~mask;
}

void stage1_use_pool(struct page_pool *pages)
{
	(void)pages;
}
