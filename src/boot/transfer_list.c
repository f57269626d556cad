/* SPDX-License-Identifier: BSD-3-Clause */
#include "boot/transfer_list.h"

#include <string.h>

#include "lib/addr.h"
#include "lib/print.h"

#define HAS_CHECKSUM (1u << 0)
#define ENTRY_ALIGN 8u

struct list_header {
	uint32_t signature;
	uint8_t checksum;
	uint8_t version;
	uint8_t header_size;
	uint8_t alignment;
	uint32_t used_size; /* this header included */
	uint32_t max_size;
	uint32_t flags;
	uint32_t reserved;
};
_Static_assert(sizeof(struct list_header) == 24, "the format's");

struct entry_header {
	uint32_t tag_and_size; /* tag in bits 23:0, size of this header above */
	uint32_t data_size;
};
_Static_assert(sizeof(struct entry_header) == 8, "the format's");

#define TAG_MASK 0xFFFFFFu

/* The entries that make a package; others are skipped. Order: where each has to stand. */
static const struct tag {
	uint32_t tag;
	const char *name;
	bool required;
	uint16_t offset; /* of the range in struct package */
} tags[] = {
	{ 0x103, "SP binary", true, offsetof(struct package, image) },
	{ 0x106, "SP manifest", true, offsetof(struct package, manifest) },
	{ 0x003, "HOB list", false, offsetof(struct package, hob_list) },
};

#define TAGS (sizeof(tags) / sizeof(tags[0]))

static struct range *tag_range(struct package *p, const struct tag *t)
{
	return (struct range *)(void *)((char *)p + t->offset);
}

static bool header_check(const struct list_header *h, uint64_t mem_size, const char *name)
{
	if (h->version == 0) {
		log_error("%s: transfer list: version: 0 is not allowed: must be 1 or later", name);
		return false;
	}
	if (h->header_size < sizeof(*h) || h->header_size % ENTRY_ALIGN != 0) {
		log_error("%s: transfer list: header size: %u is not allowed: must be a multiple "
			  "of 8, at least %u",
			  name, h->header_size, (unsigned int)sizeof(*h));
		return false;
	}
	if (h->used_size < h->header_size || h->used_size > h->max_size) {
		log_error("%s: transfer list: used size: 0x%x is not allowed: must be at least the "
			  "header's %u, at most the list's size 0x%x",
			  name, h->used_size, h->header_size, h->max_size);
		return false;
	}
	if (h->used_size > mem_size) {
		log_error("%s: transfer list: used size: 0x%x is not allowed: must be at most "
			  "mem_size 0x%lx",
			  name, h->used_size, mem_size);
		return false;
	}
	return true;
}

/*
 * How much of the memory at `head`, of which the first page can be read, is the list, in whole
 * pages. False, with a message that begins with name, when its header is wrong.
 */
bool transfer_list_extent(const void *head, uint64_t mem_size, uint64_t *extent, const char *name)
{
	struct list_header h;

	memcpy(&h, head, sizeof(h));
	if (!header_check(&h, mem_size, name)) {
		return false;
	}
	*extent = page_align_up(h.used_size);
	return true;
}

static bool checksum_holds(const uint8_t *list, const struct list_header *h, const char *name)
{
	uint8_t sum = 0;

	for (uint32_t i = 0; i < h->used_size; i++) {
		sum = (uint8_t)(sum + list[i]);
	}
	if ((h->flags & HAS_CHECKSUM) != 0 && sum != 0) {
		log_error("%s: transfer list: checksum: its 0x%x bytes add up to 0x%x: must be 0",
			  name, h->used_size, sum);
		return false;
	}
	return true;
}

static bool entry_take(struct package *p, const struct tag *t, struct range data, const char *name)
{
	struct range *r = tag_range(p, t);

	if (r->size != 0) {
		log_error("%s: transfer list: %s (tag 0x%x): a second one, at 0x%lx, is not "
			  "allowed: must be there once",
			  name, t->name, t->tag, data.base);
		return false;
	}
	if (data.size == 0 || !is_page_aligned(data.base)) {
		log_error("%s: transfer list: %s (tag 0x%x): 0x%lx bytes at 0x%lx are not allowed: "
			  "must not be none, and begin at a multiple of 0x1000",
			  name, t->name, t->tag, data.size, data.base);
		return false;
	}
	*r = data;
	return true;
}

/* The entry at `at`: its data into p if it is one of ours, and to where the next begins. */
static bool entry_read(struct package *p, const char *list, uint64_t *at, uint64_t end,
		       const char *name)
{
	struct entry_header e = { 0 };
	struct range data = { 0 };

	if (end - *at >= sizeof(e)) {
		memcpy(&e, list + *at, sizeof(e));
		data = (struct range){ .base = *at + (e.tag_and_size >> 24), .size = e.data_size };
	}
	if (e.tag_and_size >> 24 < sizeof(e) || data.base + data.size > end) {
		log_error("%s: transfer list: entry at 0x%lx: header of %u and data of 0x%x bytes "
			  "are not allowed: must be at least %u, and end inside the list's 0x%lx",
			  name, *at, e.tag_and_size >> 24, e.data_size, (unsigned int)sizeof(e),
			  end);
		return false;
	}
	*at = (data.base + data.size + ENTRY_ALIGN - 1) & ~(ENTRY_ALIGN - 1ul);
	for (size_t i = 0; i < TAGS; i++) {
		if ((e.tag_and_size & TAG_MASK) == tags[i].tag) {
			return entry_take(p, &tags[i], data, name);
		}
	}
	return true;
}

/* All that a package needs is there, and the image, which is given away as it is, comes last. */
static bool package_check(struct package *p, const char *name)
{
	bool good = true;

	for (size_t i = 0; i < TAGS; i++) {
		const struct range *r = tag_range(p, &tags[i]);

		if (r->size == 0 && tags[i].required) {
			log_error("%s: transfer list: %s (tag 0x%x): is missing", name,
				  tags[i].name, tags[i].tag);
			good = false;
		}
		if (r->base > p->image.base && p->image.size != 0) {
			log_error("%s: transfer list: %s (tag 0x%x): at 0x%lx is not allowed: must "
				  "come before the SP binary at 0x%lx",
				  name, tags[i].name, tags[i].tag, r->base, p->image.base);
			good = false;
		}
	}
	return good;
}

/*
 * Reads the list, of which as much can be read as transfer_list_extent() has said, into *p. Its
 * first page is free for boot information afterwards, for nothing that is taken is in it. False,
 * with a message that begins with name, when it is no package.
 */
bool transfer_list_read(struct package *p, const void *list, const char *name)
{
	struct list_header h;

	memcpy(&h, list, sizeof(h));
	*p = (struct package){ .boot_info_room = PAGE_SIZE };
	if (!checksum_holds(list, &h, name)) {
		return false;
	}
	for (uint64_t at = h.header_size; at < h.used_size;) {
		if (!entry_read(p, list, &at, h.used_size, name)) {
			return false;
		}
	}
	return package_check(p, name);
}
