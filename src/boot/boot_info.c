/* SPDX-License-Identifier: BSD-3-Clause */
#include "boot/boot_info.h"

#include "arch/cache.h"
#include "ffa/ffa.h"

struct blob {
	struct ffa_boot_info_header header;
	struct ffa_boot_info_desc manifest;
};

/* The format is that of 1.1 and 1.2, and readers check for those two. */
static uint32_t format_version(uint32_t ffa_version)
{
	if (ffa_version < FFA_VERSION_1_1) {
		return FFA_VERSION_1_1;
	}
	return ffa_version > FFA_VERSION_1_2 ? FFA_VERSION_1_2 : ffa_version;
}

/*
 * Writes the blob to the first bytes of a package that has room there (package->boot_info_room):
 * one descriptor, the SP manifest by address. It and the manifest are in memory afterwards, for a
 * partition starts with its caches off. `blob` is the package as we see it.
 */
void boot_info_write(void *blob, uint64_t load_address, const struct package *package,
		     uint32_t ffa_version)
{
	struct blob *b = blob;

	*b = (struct blob){
		.header = {
			.signature = FFA_BOOT_INFO_SIGNATURE,
			.version = format_version(ffa_version),
			/* From the header to the last byte that it leads to. */
			.blob_size = (uint32_t)(package->manifest.base + package->manifest.size),
			.desc_size = sizeof(struct ffa_boot_info_desc),
			.desc_count = 1,
			.desc_offset = offsetof(struct blob, manifest),
		},
		.manifest = {
			.type = FFA_BOOT_INFO_TYPE_FDT,
			.size = (uint32_t)package->manifest.size,
			.content = load_address + package->manifest.base,
		},
	};
	arch_cache_clean(b, sizeof(*b));
	arch_cache_clean((char *)blob + package->manifest.base, package->manifest.size);
}
