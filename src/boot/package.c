/* SPDX-License-Identifier: BSD-3-Clause */
#include "boot/package.h"

#include <string.h>

#include "boot/transfer_list.h"
#include "lib/addr.h"
#include "lib/print.h"

struct header {
	uint32_t magic;
	uint32_t version;
	uint32_t manifest_offset;
	uint32_t manifest_size;
	uint32_t image_offset;
	uint32_t image_size;
};
_Static_assert(sizeof(struct header) == 24, "the format's");

/* Version 1: the manifest follows the header, the image begins at a page. */
static bool layout_1(const struct header *h, const char *name)
{
	if (h->manifest_offset != sizeof(*h)) {
		log_error("%s: package header: manifest offset: 0x%x is not allowed: must be 0x18 "
			  "in version 1",
			  name, h->manifest_offset);
		return false;
	}
	return true;
}

/* Version 2: both begin at a page, and the pages before the manifest are for boot information. */
static bool layout_2(const struct header *h, const char *name)
{
	if (h->manifest_offset == 0 || !is_page_aligned(h->manifest_offset)) {
		log_error("%s: package header: manifest offset: 0x%x is not allowed: must be a "
			  "multiple of 0x1000, not 0, in version 2",
			  name, h->manifest_offset);
		return false;
	}
	return true;
}

static bool parts_fit(const struct header *h, uint64_t mem_size, const char *name)
{
	/* 32-bit numbers: their sums cannot wrap 64 bits. */
	uint64_t manifest_end = (uint64_t)h->manifest_offset + h->manifest_size;
	uint64_t image_end = (uint64_t)h->image_offset + h->image_size;
	bool good = true;

	if (!is_page_aligned(h->image_offset)) {
		log_error("%s: package header: image offset: 0x%x is not allowed: must be a "
			  "multiple of 0x1000",
			  name, h->image_offset);
		good = false;
	}
	if (h->manifest_size == 0 || manifest_end > h->image_offset) {
		log_error(
			"%s: package header: manifest size: 0x%x at 0x%x is not allowed: must not "
			"be 0, and end before the image at 0x%x",
			name, h->manifest_size, h->manifest_offset, h->image_offset);
		good = false;
	}
	if (h->image_size == 0 || image_end > mem_size) {
		log_error(
			"%s: package header: image size: 0x%x at 0x%x is not allowed: must not be "
			"0, and end inside mem_size 0x%lx",
			name, h->image_size, h->image_offset, mem_size);
		good = false;
	}
	return good;
}

static bool read_spkg(struct package *p, const struct header *h, uint64_t mem_size,
		      const char *name)
{
	bool good = false;

	if (h->version == 1) {
		good = layout_1(h, name);
	} else if (h->version == 2) {
		good = layout_2(h, name);
	} else {
		log_error("%s: package header: version: %u is not allowed: must be 1 or 2", name,
			  h->version);
	}
	if (!parts_fit(h, mem_size, name) || !good) {
		return false;
	}
	*p = (struct package){
		.manifest = { .base = h->manifest_offset, .size = h->manifest_size },
		.image = { .base = h->image_offset, .size = h->image_size },
		.boot_info_room = h->version == 1 ? 0 : h->manifest_offset,
	};
	return true;
}

/*
 * How many bytes of the package have to be seen by package_read(), and by those who read what is
 * before its image: whole pages, at most mem_size, the memory that there is for it. `head` is its
 * first page. False, with a message that begins with name, when it is no package.
 */
bool package_extent(const void *head, uint64_t mem_size, uint64_t *extent, const char *name)
{
	struct package p;
	struct header h;

	memcpy(&h, head, sizeof(h));
	if (h.magic == TRANSFER_LIST_SIGNATURE) {
		return transfer_list_extent(head, mem_size, extent, name);
	}
	if (h.magic != PACKAGE_MAGIC) {
		log_error("%s: package header: magic: 0x%x is not allowed: must be 0x%x (SPKG) or "
			  "0x%x (transfer list); is the package loaded there?",
			  name, h.magic, PACKAGE_MAGIC, TRANSFER_LIST_SIGNATURE);
		return false;
	}
	if (!read_spkg(&p, &h, mem_size, name)) {
		return false;
	}
	*extent = p.image.base;
	return true;
}

/*
 * Reads a package at base, of which as much can be seen as package_extent() has said. False, with a
 * message that begins with name, when it is not one that fits into mem_size bytes.
 */
bool package_read(struct package *p, const void *base, uint64_t mem_size, const char *name)
{
	struct header h;

	memcpy(&h, base, sizeof(h));
	if (h.magic == TRANSFER_LIST_SIGNATURE) {
		return transfer_list_read(p, base, name);
	}
	return read_spkg(p, &h, mem_size, name);
}
