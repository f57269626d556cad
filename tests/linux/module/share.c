/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that Linux shares or lends, a range for each page: more ranges than fit into the buffer go
 * in fragments. The tester retrieves it, finds what we wrote, writes something else and gives it
 * back.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "bulkhead/tester.h"
#include "test.h"

#define OURS 0x1000u
#define THEIRS 0x20000u
#define WORDS (PAGE_SIZE / sizeof(u64))
#define REQUEST_ATTRIBUTES (u64)(FFA_MEM_NORMAL | FFA_MEM_WRITE_BACK | FFA_MEM_INNER_SHAREABLE)

struct share {
	struct ffa_device *tester;
	u8 permissions; /* that the tester asks for */
	u64 handle;
	unsigned int count;
	struct page **pages;
};

static void fill(const struct share *s)
{
	for (unsigned int i = 0; i < s->count; i++) {
		u64 *word = page_address(s->pages[i]);

		for (size_t n = 0; n < WORDS; n++) {
			word[n] = tester_mem_word(OURS + i, n);
		}
	}
}

static int check(const struct share *s)
{
	for (unsigned int i = 0; i < s->count; i++) {
		const u64 *word = page_address(s->pages[i]);

		for (size_t n = 0; n < WORDS; n++) {
			if (word[n] != tester_mem_word(THEIRS + i, n)) {
				return wrong("page %u, word %zu: %#llx\n", i, n, word[n]);
			}
		}
	}
	return 0;
}

/* The tester needs its buffers; that they are there already is no mistake. */
static int map_buffers(struct ffa_device *tester)
{
	u64 payload[5] = { TESTER_MEM_INFO, 1 };

	return tester_call(tester, payload);
}

/*
 * Stays on its CPU, as all that may be interrupted: the tester does these commands one after the
 * other, and one that is left in the middle keeps the others waiting for ever.
 */
static long use(void *data)
{
	const struct share *s = data;
	u64 payload[5] = { TESTER_MEM_USE, s->handle, us | REQUEST_ATTRIBUTES << 16, s->permissions,
			   OURS | (u64)THEIRS << 32 };
	int ret = map_buffers(s->tester);

	if (ret != 0) {
		return wrong("the tester's buffers: %d\n", ret);
	}
	ret = tester_call(s->tester, payload);
	if (ret != 0 || payload[0] != TESTER_OK || payload[1] != 0) {
		return wrong("the tester's use: %d, %#llx %#llx %#llx %#llx\n", ret, payload[0],
			     payload[1], payload[2], payload[3]);
	}
	return 0;
}

/* What is not shared any more cannot be retrieved. */
static long use_again(void *data)
{
	const struct share *s = data;
	u64 payload[5] = { TESTER_MEM_USE, s->handle, us | REQUEST_ATTRIBUTES << 16,
			   s->permissions };
	int ret = tester_call(s->tester, payload);

	return ret == 0 && payload[0] == TESTER_FFA
		       ? 0
		       : wrong("retrieved after it was reclaimed: %d, %#llx\n", ret, payload[0]);
}

static int transaction(struct share *s, struct scatterlist *list,
		       int (*send)(struct ffa_mem_ops_args *args))
{
	const struct ffa_mem_ops *ops = s->tester->ops->mem_ops;
	struct ffa_mem_region_attributes to = { .receiver = s->tester->vm_id, .attrs = FFA_MEM_RW };
	struct ffa_mem_ops_args args = { .use_txbuf = true, .nattrs = 1, .attrs = &to, .sg = list };
	int used;
	int ret = send(&args);

	if (ret != 0) {
		return wrong("sending %u ranges: %d\n", s->count, ret);
	}
	s->handle = args.g_handle;
	used = work_on_cpu(raw_smp_processor_id(), use, s);
	ret = ops->memory_reclaim(s->handle, 0);
	if (ret != 0) {
		return wrong("memory_reclaim: %d\n", ret);
	}
	ret = used != 0 ? used : check(s);
	return ret != 0 ? ret : work_on_cpu(raw_smp_processor_id(), use_again, s);
}

/* Pages in no order, so that hardly two of them lie together. */
static unsigned int pages_alloc(struct page **pages, unsigned int count)
{
	unsigned int got = 0;

	while (got < count && (pages[got] = alloc_page(GFP_KERNEL)) != NULL) {
		got++;
	}
	for (unsigned int i = got; i > 1; i--) {
		unsigned int other = get_random_u32_below(i);

		swap(pages[i - 1], pages[other]);
	}
	return got;
}

static int send_run(struct ffa_device *tester, unsigned int count, u8 permissions,
		    int (*send)(struct ffa_mem_ops_args *args))
{
	struct page **pages = kvcalloc(count, sizeof(*pages), GFP_KERNEL);
	struct share s = { tester, permissions, 0, count, pages };
	struct sg_table table = {};
	int ret = -ENOMEM;

	if (pages == NULL) {
		return ret;
	}
	s.count = pages_alloc(pages, count);
	if (s.count == count && sg_alloc_table(&table, count, GFP_KERNEL) == 0) {
		struct scatterlist *entry;
		unsigned int i;

		for_each_sg(table.sgl, entry, count, i)
		{
			sg_set_page(entry, pages[i], PAGE_SIZE, 0);
		}
		fill(&s);
		ret = transaction(&s, table.sgl, send);
		sg_free_table(&table);
	}
	while (s.count > 0) {
		s.count--;
		__free_page(pages[s.count]);
	}
	kvfree(pages);
	return ret;
}

int share_run(struct ffa_device *tester, unsigned int count)
{
	return send_run(tester, count, FFA_MEM_RW, tester->ops->mem_ops->memory_share);
}

/* Who is alone with it says whether it executes it. */
int lend_run(struct ffa_device *tester, unsigned int count)
{
	return send_run(tester, count, FFA_MEM_RW | FFA_MEM_NO_EXEC,
			tester->ops->mem_ops->memory_lend);
}
