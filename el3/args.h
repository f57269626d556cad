/* SPDX-License-Identifier: BSD-3-Clause */
/* What the monitor was asked to do: the string at ARGS_ADDRESS. */
#ifndef EL3_ARGS_H
#define EL3_ARGS_H

#include <stdbool.h>
#include <stdint.h>

struct args {
	bool hostile; /* word `hostile` */
	bool tfa_2_14; /* `tfa=2.N` with N >= 14; default 2.12 */
	bool nwd_el1; /* `nwd_el=1`; default 2 */
	bool rme; /* word `rme`: a granule protection table, see gpt.h */
	uint64_t seed; /* `seed=N`, of the hostile mode's random values; default 1 */
};

extern struct args args;

void args_parse(void);

#endif
