/* SPDX-License-Identifier: BSD-3-Clause */
/* What the firmware around the SPMC can take, where that is less than the SPMC can. */
#ifndef CHECK_FIRMWARE_H
#define CHECK_FIRMWARE_H

#include <stdbool.h>

#include "machine.h"

struct firmware;

/* NULL: there is no such firmware. */
const struct firmware *firmware_find(const char *name);

/* All names, with spaces between. */
const char *firmware_names(void);

/* Says what m asks of f and f cannot do, a line each; returns how many. */
unsigned int firmware_check(const struct firmware *f, const struct machine *m, machine_line *say);

#endif
