/* SPDX-License-Identifier: BSD-3-Clause */
#include "boot/boot_info.h"

#include "arch/cache.h"

#define TYPES 2u

struct blob {
	struct ffa_boot_info_header header;
	struct ffa_boot_info_desc desc[TYPES];
};

/* The format is that of 1.1 and 1.2, and readers check for those two. */
static uint32_t format_version(uint32_t ffa_version)
{
	if (ffa_version < FFA_VERSION_1_1) {
		return FFA_VERSION_1_1;
	}
	return ffa_version > FFA_VERSION_1_2 ? FFA_VERSION_1_2 : ffa_version;
}

/* One more descriptor, of what is at r in the package; it is in memory afterwards. */
static void add(struct blob *b, uint64_t load_address, uint8_t type, struct range r)
{
	uint32_t end = (uint32_t)(r.base + r.size);

	b->desc[b->header.desc_count++] = (struct ffa_boot_info_desc){
		.type = type,
		.size = (uint32_t)r.size,
		.content = load_address + r.base,
	};
	if (b->header.blob_size < end) {
		b->header.blob_size = end; /* from the header to the last byte that it leads to */
	}
	arch_cache_clean((char *)b + r.base, r.size);
}

/*
 * Writes the blob to the first bytes of a package that has room there (package->boot_info_room): a
 * descriptor for each thing that is asked for (BOOT_INFO_*, not none; the package has it), by
 * address. All of it is in memory afterwards, for a partition starts with its caches off. `blob`
 * is the package as we see it.
 */
void boot_info_write(void *blob, uint64_t load_address, const struct package *package,
		     unsigned int asked, uint32_t ffa_version)
{
	struct blob *b = blob;

	*b = (struct blob){
		.header = {
			.signature = FFA_BOOT_INFO_SIGNATURE,
			.version = format_version(ffa_version),
			.desc_size = sizeof(struct ffa_boot_info_desc),
			.desc_offset = offsetof(struct blob, desc),
		},
	};
	if ((asked & BOOT_INFO_MANIFEST) != 0) {
		add(b, load_address, FFA_BOOT_INFO_TYPE_FDT, package->manifest);
	}
	if ((asked & BOOT_INFO_HOB_LIST) != 0) {
		add(b, load_address, FFA_BOOT_INFO_TYPE_HOB, package->hob_list);
	}
	arch_cache_clean(b, sizeof(*b));
}
