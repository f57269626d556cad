/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef NWD_BENCH_H
#define NWD_BENCH_H

int bench_run(void);

#endif
