/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bulkhead-check: reads the SPMC manifest and the SP packages as the SPMC will, with the SPMC's own
 * sources, and says every mistake at once.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "ffa/ffa.h"
#include "firmware.h"
#include "lib/addr.h"
#include "machine.h"
#include "map.h"

/* Exit status. */
enum { GOOD, WRONG, USAGE };

#define IMAGE_BYTES 0x50000ul
/* More than any manifest or package has. */
#define FILE_MAX (1ul << 32)

static unsigned int errors;
/* What the lines are about that come now, when they do not say it themselves. */
static const char *subject;

static _Noreturn __attribute__((format(printf, 1, 2))) void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("bulkhead-check: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(USAGE);
}

static __attribute__((format(printf, 2, 3))) void error(const char *path, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%s: error: ", path);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	errors++;
}

static uint64_t number(const char *option, const char *text)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno != 0 || !isdigit((unsigned char)text[0]) || *end != '\0' || value > ADDRESS_MAX) {
		fail("%s: \"%s\" is not allowed: must be a number such as 0x0e300000, below 2^46",
		     option, text);
	}
	return value;
}

static struct file read_file(const char *path)
{
	struct file f = { .path = path };
	FILE *stream = fopen(path, "rb");
	long size;

	if (stream == NULL) {
		fail("%s: %s", path, strerror(errno));
	}
	if (fseek(stream, 0, SEEK_END) != 0 || (size = ftell(stream)) < 0) {
		fail("%s: %s", path, strerror(errno));
	}
	rewind(stream);
	f.size = (size_t)size;
	if (f.size > FILE_MAX) {
		fail("%s: is too large, or no file", path);
	}
	f.data = calloc(1, page_align_up(f.size) + MANIFEST_MAX_BYTES);
	if (f.data == NULL || fread(f.data, 1, f.size, stream) != f.size) {
		fail("%s: cannot be read", path);
	}
	fclose(stream);
	return f;
}

/* A property of one or two cells. */
static bool read_number(const void *fdt, const char *name, uint64_t *value)
{
	int size;
	const fdt32_t *cells = fdt_getprop(fdt, 0, name, &size);

	if (cells == NULL || (size != 4 && size != 8)) {
		return false;
	}
	*value = fdt32_to_cpu(cells[0]);
	if (size == 8) {
		*value = *value << 32 | fdt32_to_cpu(cells[1]);
	}
	return true;
}

/* Where firmware puts a package that nobody gives a place: load-address of its SP manifest. */
static uint64_t own_address(const struct file *f)
{
	uint64_t address;
	size_t size;
	const void *fdt = machine_package_tree(f, &size);

	return fdt != NULL && read_number(fdt, "load-address", &address) ? address : ABSENT;
}

static struct package_file read_package(char *argument)
{
	struct package_file p;
	char *at = strrchr(argument, '@');

	if (at != NULL && strchr(at, '/') != NULL) {
		at = NULL; /* of a folder's name */
	}
	if (at != NULL) {
		*at = '\0';
	}
	p.file = read_file(argument);
	p.address = at != NULL ? number(argument, at + 1) : own_address(&p.file);
	return p;
}

/*
 * The file that a line is about, as the line names it: by manifest, or by address of the package.
 */
static const char *file_of(const struct machine *m, const char *line)
{
	const char *package = strstr(line, "package at 0x");
	const struct package_file *p;

	if (subject != NULL) {
		return subject;
	}
	if (package != NULL) {
		p = machine_package(m, strtoull(package + strlen("package at "), NULL, 16));
		return p != NULL ? p->file.path : NULL;
	}
	return strstr(line, "SPMC manifest") != NULL ? m->manifest.path : NULL;
}

static void print_line(const struct machine *m, const char *line)
{
	const char *file = file_of(m, line);

	errors += strncmp(line, "error: ", 7) == 0;
	if (file != NULL) {
		printf("%s: %s\n", file, line);
	} else {
		printf("%s\n", line);
	}
}

/* What boot does not see: how long a file is. */
static void check_length(const struct file *f, uint64_t bytes)
{
	if (bytes > f->size) {
		error(f->path, "has 0x%zx bytes, its header says 0x%lx: is it complete?", f->size,
		      bytes);
	}
}

/* And whether another package is where this one is. */
static void check_alone(const struct machine *m, const struct package_file *p)
{
	const struct package_file *first = machine_package(m, p->address);

	if (p->address != ABSENT && first != p) {
		error(p->file.path, "is loaded at 0x%lx, where %s is, too", p->address,
		      first->file.path);
	}
}

/* Boot has looked at a package, unless its node is wrong or others have some of its memory. */
static bool was_read(const struct claims *claims, const struct manifest_sp *sp)
{
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		if (spmc.partitions[i]->id == FFA_ID_SPMC + sp->number) {
			return true;
		}
	}
	return sp->usable && claims_owner(claims, sp->memory, sp) == NULL;
}

/* good: the SPMC manifest says who its partitions are. */
static void check_place(const struct claims *claims, const struct package_file *p, bool good)
{
	const struct manifest *manifest = claims->manifest;
	bool found = false, read = false;

	for (uint32_t i = 0; i < manifest->sp_count; i++) {
		if (manifest->sps[i].load_address == p->address) {
			found = true;
			read |= was_read(claims, &manifest->sps[i]);
		}
	}
	if (p->address == ABSENT) {
		error(p->file.path,
		      "its SP manifest has no load-address: say where it is loaded, as in "
		      "%s@0x0e300000",
		      p->file.path);
	} else if (!found && good) {
		error(p->file.path,
		      "is loaded at 0x%lx, and no vm of the SPMC manifest has that load_address: "
		      "nobody would look at it",
		      p->address);
	}
	if (!read) {
		subject = p->file.path;
		machine_read_alone(manifest, p);
		subject = NULL;
	}
}

static void check_packages(const struct machine *m, const struct claims *claims, bool good)
{
	bool known = good || claims->manifest->sp_count != 0;

	for (size_t i = 0; i < m->package_count; i++) {
		check_length(&m->packages[i].file, machine_package_bytes(&m->packages[i].file));
		check_alone(m, &m->packages[i]);
		check_place(claims, &m->packages[i], known);
	}
}

static void usage(FILE *to)
{
	fprintf(to,
		"usage: bulkhead-check [OPTION...] MANIFEST PACKAGE[@ADDRESS]...\n"
		"Reads an SPMC manifest (.dtb) and SP packages as the SPMC will.\n"
		"  --firmware NAME     and as far as this firmware can: %s\n"
		"  --map FILE          draws who may touch what (SVG)\n"
		"  --boot-cpu MPIDR    the CPU that boots; default: the first of the manifest\n"
		"  --manifest-at ADDR  where the firmware puts the manifest\n"
		"  --image-bytes N     memory of the SPMC's image; default 0x%lx\n"
		"ADDRESS is where the firmware loads the package; default: load-address of its SP "
		"manifest.\n"
		"Exit status: 0 all is right (warnings aside), 1 something is wrong, 2 usage.\n",
		firmware_names(), IMAGE_BYTES);
}

static const struct option options[] = {
	{ "firmware", required_argument, NULL, 'f' },
	{ "map", required_argument, NULL, 'm' },
	{ "boot-cpu", required_argument, NULL, 'c' },
	{ "manifest-at", required_argument, NULL, 'a' },
	{ "image-bytes", required_argument, NULL, 'i' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

int main(int argc, char **argv)
{
	static struct boot boot;
	struct machine m = { .manifest_at = ABSENT,
			     .boot_mpidr = ABSENT,
			     .image_bytes = IMAGE_BYTES };
	const struct firmware *firmware = NULL;
	const char *map = NULL;
	bool good;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 'f':
			firmware = firmware_find(optarg);
			if (firmware == NULL) {
				fail("--firmware: \"%s\" is not allowed: must be one of %s", optarg,
				     firmware_names());
			}
			break;
		case 'm':
			map = optarg;
			break;
		case 'c':
			m.boot_mpidr = number("--boot-cpu", optarg);
			break;
		case 'a':
			m.manifest_at = number("--manifest-at", optarg);
			break;
		case 'i':
			m.image_bytes = number("--image-bytes", optarg);
			break;
		case 'h':
			usage(stdout);
			return GOOD;
		default:
			usage(stderr);
			return USAGE;
		}
	}
	if (optind == argc) {
		usage(stderr);
		return USAGE;
	}
	m.manifest = read_file(argv[optind++]);
	m.packages = calloc((size_t)(argc - optind) + 1, sizeof(*m.packages));
	while (optind < argc) {
		m.packages[m.package_count++] = read_package(argv[optind++]);
	}
	good = machine_boot(&m, &boot, print_line);
	check_length(&m.manifest, machine_manifest_bytes(&m.manifest));
	check_packages(&m, &boot.claims, good);
	if (firmware != NULL) {
		firmware_check(firmware, &m, print_line);
	}
	if (map != NULL && !map_write(&boot, m.manifest_at != ABSENT, map)) {
		fail("%s: %s", map, strerror(errno));
	}
	if (!good) {
		printf("no system: the SPMC would stop\n");
	} else {
		printf("%u of %u partitions would run\n", spmc.partition_count,
		       boot.manifest.sp_count);
	}
	return good && errors == 0 ? GOOD : WRONG;
}
