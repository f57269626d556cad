/* SPDX-License-Identifier: BSD-3-Clause */
/* The regions and interrupts of an SP manifest. */
#ifndef BOOT_SP_REGIONS_H
#define BOOT_SP_REGIONS_H

#include "boot/sp_manifest.h"

void sp_regions_memory(struct sp_manifest *s, int regions);
void sp_regions_devices(struct sp_manifest *s, int regions);
bool sp_regions_apart(struct sp_manifest *s);
void sp_regions_cut_image(struct sp_manifest *s);

#endif
