/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_FAULT_SAFE_H
#define ARCH_FAULT_SAFE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Copies n bytes between memory of ours and memory that somebody else may take away meanwhile.
 * False when an access was refused; a part has been copied then.
 */
bool copy_fault_safe(void *to, const void *from, size_t n);

/* The same for zeroing n bytes, whole pages of Normal memory. */
bool zero_fault_safe(void *page, size_t n);

/*
 * What was written to n bytes, whole pages, is in memory, and no cache has anything of them: it is
 * what everybody reads, with whatever attributes. False as above.
 */
bool clean_fault_safe(const void *page, size_t n);

#endif
