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
#include "boot/package.h"

struct file {
	const char *path;
	void *data; /* 8-byte aligned, with MANIFEST_MAX_BYTES of zeroes behind it */
	size_t size;
};

struct package_file {
	struct file file;
	uint64_t address; /* where the firmware loads it; ABSENT: nobody says */
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

/*
 * Says what is wrong with a package by itself, for one that boot has not looked at: none of the
 * partitions in the SPMC manifest that could be loaded is at its address. After machine_boot().
 */
void machine_read_alone(const struct manifest *m, const struct package_file *p);

/* How long the file of an SPMC manifest has to be, by its header; as it is, if that is none. */
size_t machine_manifest_bytes(const struct file *f);

/* How long the file of a package has to be, by its header; 0: that is no header, or it is wrong. */
uint64_t machine_package_bytes(const struct file *f);

/* The manifest of the partition in a package, and its size; NULL: it has none that can be read. */
const void *machine_package_tree(const struct file *f, size_t *size);

/* The file loaded at that address, or NULL. */
const struct package_file *machine_package(const struct machine *m, uint64_t address);

#endif
