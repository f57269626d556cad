/* SPDX-License-Identifier: BSD-3-Clause */
/* Packages in the form of a transfer list, as the Firmware Handoff specification has it. */
#ifndef BOOT_TRANSFER_LIST_H
#define BOOT_TRANSFER_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/package.h"

#define TRANSFER_LIST_SIGNATURE 0x4A0FB10Bu

bool transfer_list_extent(const void *head, uint64_t mem_size, uint64_t *extent, const char *name);
bool transfer_list_read(struct package *p, const void *list, const char *name);

#endif
