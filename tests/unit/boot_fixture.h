/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A machine to boot: four CPUs, an SPMC manifest, three packages. A test says what is wrong with
 * it, and sees what the log says and which partitions are there.
 */
#ifndef BOOT_FIXTURE_H
#define BOOT_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "boot/package.h"
#include "core/partition.h"
#include "dtb.h"

#define CPUS 4u
#define MANIFEST_PA 0x0e010000ul
#define SP_PA(n) (0x0e200000ul + (n)*0x100000ul) /* vm1: 0x0e300000 */
#define SP_BYTES 0x100000ul
#define SPS 3
#define EDITS_MAX 6
#define SAYS_MAX 6

enum where { SPMC, VM1, VM2, VM3 };

/* Bits: which partitions boot. */
#define ALL_BOOT 7u
#define WITHOUT(vm) (ALL_BOOT & ~(1u << ((vm)-1)))
#define NO_SYSTEM 0x80u

/* What is wrong, what of it is said, and what boots all the same. */
struct wrong {
	const char *name;
	enum where where; /* whose manifest the edits are for */
	struct dt_edit edits[EDITS_MAX];
	void (*tree)(void *fdt); /* edits the manifest further */
	void (*bytes)(void); /* changes memory after all is in place */
	unsigned int boots;
	const char *says[SAYS_MAX];
};

/*
 * Builds the machine, changed by w (NULL: all good), and boots it. Returns the partitions that are
 * there (bit 0: vm1), or NO_SYSTEM. The log is in host_console().
 */
unsigned int boot_machine(const struct wrong *w);

/* Boots for each of the rows and checks its log and its partitions. */
void check_wrong(const struct wrong *rows, size_t count);

/* Of the machine that was booted last; NULL: it is not there. */
struct partition *booted(enum where vm);

/* The package header of a partition, in memory. */
uint32_t *package_word(enum where vm, unsigned int word);

#endif
