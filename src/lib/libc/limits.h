/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIBC_LIMITS_H
#define LIBC_LIMITS_H

#define INT_MAX __INT_MAX__
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX (INT_MAX * 2U + 1U)

#endif
