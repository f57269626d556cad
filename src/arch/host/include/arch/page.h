/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_PAGE_H
#define ARCH_PAGE_H

#include <string.h>

#include "lib/addr.h"

static inline void arch_page_clear(void *page)
{
	memset(page, 0, PAGE_SIZE);
}

#endif
