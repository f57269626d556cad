/* SPDX-License-Identifier: BSD-3-Clause */
/* The FF-A version that the manifest gives this partition: a test may have changed it. */
#include "version.h"

#include "sp/sp.h"

#include <string.h>

enum token { BEGIN_NODE = 1, END_NODE, PROP, NOP };

/* A word of a device tree; the MMU is off, so only aligned ones are read. */
static uint32_t word(const uint32_t *w)
{
	return __builtin_bswap32(*w);
}

static uint32_t words(uint32_t bytes)
{
	return (bytes + 3) / 4;
}

/* The first property ffa-version of the tree; 0: there is none. */
static uint32_t find(const uint8_t *tree)
{
	const uint32_t *w = (const void *)(tree + word((const void *)(tree + 8)));
	const char *strings = (const char *)tree + word((const void *)(tree + 12));

	for (;;) {
		switch (word(w++)) {
		case BEGIN_NODE:
			w += words((uint32_t)strlen((const char *)w) + 1);
			break;
		case PROP:
			if (strcmp(strings + word(w + 1), "ffa-version") == 0) {
				return word(w + 2);
			}
			w += 2 + words(word(w));
			break;
		case END_NODE:
		case NOP:
			break;
		default:
			return 0;
		}
	}
}

/* For sp_ops.version. The boot information has the manifest and nothing else. */
uint32_t version_of_manifest(const struct sp_vcpu *v)
{
	const struct ffa_boot_info_header *h = (const void *)(uintptr_t)v->x[0];
	const struct ffa_boot_info_desc *d = (const void *)(h + 1);
	uint32_t version = 0;

	if (v->x[0] != 0 && h->signature == FFA_BOOT_INFO_SIGNATURE && h->desc_count == 1) {
		version = find((const void *)(uintptr_t)d->content);
	}
	return version != 0 ? version : FFA_VERSION_OURS;
}
