/* SPDX-License-Identifier: BSD-3-Clause */
/* The images that stand behind the monitor in flash (written by tools/mkflash.py). */
#include "bundle.h"

#include <stdint.h>

#include "console.h"

#define BUNDLE_ADDRESS 0x00040000UL
#define BUNDLE_MAGIC 0x31444e4244484c42UL /* "BLHDBND1" */
#define BUNDLE_MAX 128
#define FLASH_SIZE 0x04000000UL

struct bundle_blob {
	uint64_t offset; /* in flash, page aligned */
	uint64_t size;
	uint64_t dest;
	uint64_t reserved;
};

struct bundle {
	uint64_t magic;
	uint64_t count;
	struct bundle_blob blob[];
};

/* Copies each image to where it runs. Whole words: the flash file pads images to a page. */
void bundle_load(void)
{
	const struct bundle *bundle = (const struct bundle *)BUNDLE_ADDRESS;

	if (bundle->magic != BUNDLE_MAGIC || bundle->count > BUNDLE_MAX) {
		console_die("no bundle of images at flash offset 0x%lx (magic 0x%lx, count 0x%lx)",
			    BUNDLE_ADDRESS, bundle->magic, bundle->count);
	}
	for (uint64_t i = 0; i < bundle->count; i++) {
		const struct bundle_blob *blob = &bundle->blob[i];
		const uint64_t *from = (const uint64_t *)blob->offset;
		uint64_t *to = (uint64_t *)blob->dest;

		if (blob->offset > FLASH_SIZE || blob->size > FLASH_SIZE - blob->offset ||
		    (blob->offset | blob->dest) % sizeof(uint64_t) != 0) {
			console_die("bundle: image 0x%lx has a bad place: offset 0x%lx size 0x%lx "
				    "dest 0x%lx",
				    i, blob->offset, blob->size, blob->dest);
		}
		for (uint64_t n = 0; n < blob->size; n += sizeof(uint64_t)) {
			*to++ = *from++;
		}
	}
}
