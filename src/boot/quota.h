/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who owns which pages when the system starts, and what each endpoint may take of working memory.
 */
#ifndef BOOT_QUOTA_H
#define BOOT_QUOTA_H

#include <stdbool.h>
#include <stddef.h>

#include "boot/load.h"
#include "boot/manifest.h"

/* Pages of an endpoint whose manifest does not say how many, where there is enough. */
#define QUOTA_NWD 128u
#define QUOTA_SP 32u
/* What it gets at least. */
#define QUOTA_NWD_LEAST 16u
#define QUOTA_SP_LEAST 4u

size_t quota_objects_size(const struct manifest *m);
size_t quota_pages_needed(const struct manifest *m);
bool quota_make(const struct manifest *m, struct arena *a, size_t spare);

#endif
