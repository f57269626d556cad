/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef NWD_DEMO_H
#define NWD_DEMO_H

int demo_run(void);

#endif
