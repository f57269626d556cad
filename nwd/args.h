/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef NWD_ARGS_H
#define NWD_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool args_has(const char *name);
uint64_t args_number(const char *name, uint64_t otherwise);
size_t args_text(const char *name, char *out, size_t size);

#endif
