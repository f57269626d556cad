/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIBC_STDLIB_H
#define LIBC_STDLIB_H

/* libfdt includes this header, and what we compile of it uses nothing from here. */

#endif
