/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The machine that bulkhead-check boots: memory at its physical addresses, the manifest and the
 * packages in it, and the SPMC's own boot on top.
 */
#ifndef CHECK_MACHINE_H
#define CHECK_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/boot.h"

struct file {
	const char *path;
	void *data; /* 8-byte aligned */
	size_t size;
};

struct package_file {
	struct file file;
	uint64_t address; /* where the firmware loads it */
};

struct machine {
	struct file manifest;
	uint64_t manifest_at; /* ABSENT: where nothing else is */
	uint64_t boot_mpidr; /* ABSENT: the first CPU of the manifest */
	uint64_t image_bytes; /* what the SPMC takes in memory */
	struct package_file *packages;
	size_t package_count;
};

/* Takes each line that boot says, without its newline. */
typedef void machine_line(const struct machine *m, const char *line);

/*
 * Boots *m; every line goes to say(). True when there is a system. *b is what boot knows, and
 * spmc.partitions are the partitions that would run: also after false, when they would run if there
 * was a system.
 */
bool machine_boot(const struct machine *m, struct boot *b, machine_line *say);

/* The file loaded at that address, or NULL. */
const struct package_file *machine_package(const struct machine *m, uint64_t address);

#endif
