/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HANDOVER_H
#define HANDOVER_H

#include <stdbool.h>

/* Explores all scenarios; true when nothing is wrong with any. */
bool handover_explore(void);

#endif
