/* SPDX-License-Identifier: BSD-3-Clause */
#include "firmware.h"

#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define KIB 1024ul
#define MIB (1024ul * KIB)

struct firmware {
	const char *name;
	size_t manifest_bytes;
	size_t packages;
	size_t package_bytes;
	uint32_t minor; /* of the FF-A version of its SPMD */
	bool strict; /* reads so many cells of each attribute, and needs some of them */
};

static const struct firmware firmwares[] = {
	{ "tfa-2.12", 4 * KIB, 8, 4 * MIB, 2, true },
	{ "tfa-2.14", 4 * KIB, 8, 4 * MIB, 2, true },
	{ "monitor", 64 * KIB, 64, 4096 * MIB, 2, false },
};

#define FIRMWARES (sizeof(firmwares) / sizeof(firmwares[0]))

const struct firmware *firmware_find(const char *name)
{
	for (size_t i = 0; i < FIRMWARES; i++) {
		if (strcmp(firmwares[i].name, name) == 0) {
			return &firmwares[i];
		}
	}
	return NULL;
}

const char *firmware_names(void)
{
	static char names[128];

	names[0] = '\0';
	for (size_t i = 0; i < FIRMWARES; i++) {
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 i == 0 ? "" : " ", firmwares[i].name);
	}
	return names;
}

struct check {
	const struct firmware *firmware;
	const struct machine *machine;
	machine_line *say;
	unsigned int errors;
};

static __attribute__((format(printf, 2, 3))) void error(struct check *c, const char *format, ...)
{
	char text[512];
	int length = snprintf(text, sizeof(text), "error: %s: ", c->firmware->name);
	va_list args;

	va_start(args, format);
	vsnprintf(text + length, sizeof(text) - (size_t)length, format, args);
	va_end(args);
	c->say(c->machine, text);
	c->errors++;
}

/* How an SPMD that is strict reads the attributes. */
static const struct attribute {
	const char *name;
	int cells;
	bool needed;
} attributes[] = {
	{ "spmc_id", 1, true },     { "maj_ver", 1, true },      { "min_ver", 1, true },
	{ "exec_state", 1, false }, { "binary_size", 1, false }, { "load_address", 2, false },
	{ "entrypoint", 2, false },
};

static void check_attribute(struct check *c, const void *fdt, const struct attribute *a)
{
	int cell = sizeof(fdt32_t);
	int size;

	if (fdt_getprop(fdt, fdt_path_offset(fdt, "/attribute"), a->name, &size) == NULL) {
		if (a->needed) {
			error(c, "SPMC manifest: /attribute: %s: is missing: must be one cell",
			      a->name);
		}
	} else if (size != a->cells * cell) {
		error(c, "SPMC manifest: /attribute: %s: %d bytes are not allowed: must be %s",
		      a->name, size, a->cells == 1 ? "one cell" : "two cells");
	}
}

static void check_version(struct check *c, const void *fdt)
{
	int size;
	const fdt32_t *minor =
		fdt_getprop(fdt, fdt_path_offset(fdt, "/attribute"), "min_ver", &size);

	if (minor != NULL && size == sizeof(*minor) && fdt32_ld(minor) > c->firmware->minor) {
		error(c,
		      "SPMC manifest: /attribute: min_ver: %u is not allowed: must be at most %u, "
		      "else the firmware boots without an SPMC",
		      fdt32_ld(minor), c->firmware->minor);
	}
}

static void check_tree(struct check *c, const void *fdt)
{
	check_version(c, fdt);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (c->firmware->strict) {
			check_attribute(c, fdt, &attributes[i]);
		}
	}
}

unsigned int firmware_check(const struct firmware *f, const struct machine *m, machine_line *say)
{
	struct check c = { f, m, say, 0 };

	if (m->manifest.size > f->manifest_bytes) {
		error(&c, "SPMC manifest: %zu bytes are not allowed: must be at most %zu",
		      m->manifest.size, f->manifest_bytes);
	}
	if (fdt_check_full(m->manifest.data, m->manifest.size) == 0) {
		check_tree(&c, m->manifest.data);
	}
	if (m->package_count > f->packages) {
		error(&c, "%zu packages are not allowed: must be at most %zu", m->package_count,
		      f->packages);
	}
	for (size_t i = 0; i < m->package_count; i++) {
		if (m->packages[i].file.size > f->package_bytes) {
			error(&c, "%s: %zu bytes are not allowed: must be at most %zu",
			      m->packages[i].file.path, m->packages[i].file.size, f->package_bytes);
		}
	}
	return c.errors;
}
