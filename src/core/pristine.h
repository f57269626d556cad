/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A partition that may start anew needs its image as it was loaded: what it has written over, a
 * partition that has ended for a mistake of its own may have written wrongly. The copy is made at
 * boot, before its first instruction, in working memory of ours.
 */
#ifndef CORE_PRISTINE_H
#define CORE_PRISTINE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/page_pool.h"

struct partition;

bool pristine_keep(struct partition *p, struct page_pool *pages);
bool pristine_restore(const struct partition *p);

#endif
