/* SPDX-License-Identifier: BSD-3-Clause */
/* The physical memory map, and who may touch what of it, as a picture. */
#ifndef CHECK_MAP_H
#define CHECK_MAP_H

#include <stdbool.h>

#include "boot/boot.h"

/*
 * Writes an SVG of what b and spmc.partitions say to path. manifest_placed: b->blob is where the
 * firmware puts the manifest. False: it cannot be written (errno).
 */
bool map_write(const struct boot *b, bool manifest_placed, const char *path);

#endif
