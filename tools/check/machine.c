/* SPDX-License-Identifier: BSD-3-Clause */
#include "machine.h"

#include <libfdt.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/boot.h"
#include "arch/console.h"
#include "arch/cpu_id.h"
#include "arch/host.h"
#include "arch/panic.h"
#include "core/cpu.h"
#include "lib/addr.h"

#define LINE_SIZE 1024
/* The lowest address that a process may have something at. */
#define LOWEST 0x10000ul
/* Room for the SPMC where the manifest does not say how much it has. */
#define IMAGE_ROOM 0x100000ul

uint64_t host_mpidr;

static const struct machine *machine;
static machine_line *say;
static bool quiet;
static uint64_t image_pa;
static jmp_buf stopped;
static char line[LINE_SIZE];
static size_t line_length;

/* --- What the SPMC's sources want of a machine ------------------------------------------------ */

uint64_t image_load_pa(void)
{
	return image_pa;
}

size_t image_size(void)
{
	return machine->image_bytes;
}

void arch_secondary_open(void)
{
}

bool console_init(uint64_t pa)
{
	(void)pa;
	return true;
}

void console_write(const char *s, size_t n)
{
	for (; n > 0; n--, s++) {
		if (*s != '\n' && line_length < LINE_SIZE - 1) {
			line[line_length++] = *s;
		} else if (*s == '\n') {
			line[line_length] = '\0';
			line_length = 0;
			if (!quiet) {
				say(machine, line);
			}
		}
	}
}

void arch_panic_others(void)
{
}

void arch_panic_join(void)
{
}

_Noreturn void arch_panic(void)
{
	fprintf(stderr, "bulkhead-check: a bug of its own: %s\n", line);
	abort();
}

_Noreturn void boot_stop(void)
{
	longjmp(stopped, 1);
}

/* --- Memory ----------------------------------------------------------------------------------- */

struct layout {
	struct range ranges[MANIFEST_MAX_SPS + MANIFEST_MAX_WORKING + 2];
	size_t count;
};

/*
 * Wrong manifests have ranges that overlap: they become one. Those that no mapping of the SPMC's
 * reaches it refuses by itself.
 */
static void layout_add(struct layout *l, struct range r)
{
	uint64_t end;

	if (r.size == 0 || range_last(r) > ADDRESS_MAX) {
		return;
	}
	r.size = page_align_up(r.base + r.size) - page_align_down(r.base);
	r.base = page_align_down(r.base);
	for (size_t i = 0; i < l->count;) {
		if (range_overlaps(l->ranges[i], r)) {
			end = l->ranges[i].base + l->ranges[i].size;
			end = end > r.base + r.size ? end : r.base + r.size;
			r.base = l->ranges[i].base < r.base ? l->ranges[i].base : r.base;
			r.size = end - r.base;
			l->ranges[i] = l->ranges[--l->count];
			i = 0;
		} else {
			i++;
		}
	}
	l->ranges[l->count++] = r;
}

/* Somewhere for what nobody says the place of: below all else, or between. */
static uint64_t free_place(const struct layout *l, size_t size)
{
	struct range r = { .base = LOWEST, .size = page_align_up(size) };

	for (size_t i = 0; i < l->count;) {
		if (range_overlaps(l->ranges[i], r)) {
			r.base = l->ranges[i].base + l->ranges[i].size;
			i = 0;
		} else {
			i++;
		}
	}
	return r.base;
}

static void make_memory(const struct layout *l)
{
	for (size_t i = 0; i < l->count; i++) {
		if (l->ranges[i].base < LOWEST ||
		    !host_memory_add(l->ranges[i].base, l->ranges[i].size)) {
			fprintf(stderr,
				"bulkhead-check: memory at 0x%lx, size 0x%lx cannot be played on "
				"this machine\n",
				l->ranges[i].base, l->ranges[i].size);
			exit(2);
		}
	}
}

size_t machine_manifest_bytes(const struct file *f)
{
	if (f->size < sizeof(struct fdt_header) || fdt_magic(f->data) != FDT_MAGIC ||
	    fdt_totalsize(f->data) > MANIFEST_MAX_BYTES) {
		return f->size;
	}
	return fdt_totalsize(f->data);
}

/* Reads the manifest once, quietly, to know what memory there has to be. */
static void find_memory(struct layout *l, struct manifest *m)
{
	const struct file *f = &machine->manifest;

	quiet = true;
	manifest_read(m, f->data, machine_manifest_bytes(f), 0);
	quiet = false;
	for (uint32_t i = 0; i < m->working_count; i++) {
		layout_add(l, m->working[i]);
	}
	for (uint32_t i = 0; i < m->sp_count; i++) {
		if (m->sps[i].usable) {
			layout_add(l, m->sps[i].memory);
		}
	}
	image_pa = m->image.size != 0 ? m->image.base : free_place(l, IMAGE_ROOM);
	layout_add(l, m->image.size != 0 ? m->image : (struct range){ image_pa, IMAGE_ROOM });
}

/* As much of each package as there is memory for: boot says what is missing. */
static void load_packages(const struct manifest *m)
{
	for (uint32_t i = 0; i < m->sp_count; i++) {
		const struct manifest_sp *sp = &m->sps[i];
		const struct package_file *p = machine_package(machine, sp->memory.base);

		if (sp->usable && p != NULL) {
			memcpy(stage1_window(sp->memory.base, false), p->file.data,
			       p->file.size < sp->memory.size ? p->file.size : sp->memory.size);
		}
	}
}

/* --- Boot ------------------------------------------------------------------------------------- */

/* What boot stopped before: the packages are looked at all the same, to hear of every mistake. */
static void read_partitions(struct boot *b)
{
	size_t size = MANIFEST_MAX_SPS * arena_size(sizeof(struct partition));
	char *arena = calloc(1, size);

	b->arena = (struct arena){ .next = arena, .end = arena + size };
	b->claims.manifest = &b->manifest;
	spmc.cpu_count = b->manifest.cpu_count;
	spmc.cpus = calloc(MANIFEST_MAX_CPUS, sizeof(*spmc.cpus));
	for (uint32_t i = 0; i < spmc.cpu_count; i++) {
		spmc.cpus[i].mpidr = b->manifest.mpidr[i];
	}
	spmc.partitions = calloc(MANIFEST_MAX_SPS, sizeof(*spmc.partitions));
	b->claims.partitions = spmc.partitions;
	boot_read_partitions(b);
}

/* True when there is a system. */
static bool boot_to_the_end(struct boot *b, uint64_t manifest_pa)
{
	if (setjmp(stopped) != 0) {
		return false;
	}
	boot_system(b, manifest_pa);
	return true;
}

bool machine_boot(const struct machine *m, struct boot *b, machine_line *to)
{
	static struct manifest first;
	struct layout layout = { .count = 0 };
	uint64_t at = m->manifest_at;
	/* There is memory at it even if the file is empty, or cut off: boot looks there. */
	size_t bytes = m->manifest.size + machine_manifest_bytes(&m->manifest) + 1;
	bool good;

	machine = m;
	find_memory(&layout, &first);
	if (at == ABSENT) {
		at = free_place(&layout, bytes);
	}
	layout_add(&layout, (struct range){ at, bytes });
	host_mpidr = m->boot_mpidr != ABSENT ? m->boot_mpidr : first.mpidr[0];
	make_memory(&layout);
	load_packages(&first);
	memcpy(stage1_window(at, false), m->manifest.data, m->manifest.size);
	say = to;
	good = boot_to_the_end(b, at);
	if (!good && !b->partitions_read) {
		read_partitions(b);
	}
	return good;
}

/* --- Packages by themselves ------------------------------------------------------------------- */

/* More than any package has. */
#define ANY_SIZE (1ul << 33)

/* False: it is none, or is longer than its file. */
static bool read_parts(const struct file *f, uint64_t mem_size, struct package *p, const char *name)
{
	uint64_t extent;

	return package_extent(f->data, mem_size, &extent, name) &&
	       extent <= page_align_up(f->size) && package_read(p, f->data, mem_size, name);
}

uint64_t machine_package_bytes(const struct file *f)
{
	struct package p;
	uint64_t bytes = 0;

	quiet = true;
	if (package_extent(f->data, ANY_SIZE, &bytes, f->path) &&
	    read_parts(f, ANY_SIZE, &p, f->path)) {
		bytes = p.image.base + p.image.size;
	}
	quiet = false;
	return bytes;
}

const void *machine_package_tree(const struct file *f, size_t *size)
{
	const char *fdt = NULL;
	struct package p;

	quiet = true;
	if (read_parts(f, ANY_SIZE, &p, f->path)) {
		fdt = (const char *)f->data + p.manifest.base;
		*size = p.manifest.size;
		fdt = fdt_check_full(fdt, *size) == 0 ? fdt : NULL;
	}
	quiet = false;
	return fdt;
}

/* The node of the SPMC manifest that would have it, were the node right. */
static struct manifest_sp node_of(const struct manifest *m, const struct package_file *p)
{
	for (uint32_t i = 0; i < m->sp_count && p->address != ABSENT; i++) {
		if (m->sps[i].load_address == p->address) {
			return m->sps[i];
		}
	}
	return (struct manifest_sp){ .number = 0 };
}

/* What execution-ctx-count says, where no node has something to compare it with. */
static uint16_t own_vcpus(const void *fdt)
{
	int size;
	const fdt32_t *count = fdt_getprop(fdt, 0, "execution-ctx-count", &size);

	return count != NULL && size == sizeof(*count) ? (uint16_t)fdt32_ld(count) : 1;
}

void machine_read_alone(const struct manifest *m, const struct package_file *p)
{
	static struct sp_manifest s;
	struct manifest_sp sp = node_of(m, p);
	uint64_t mem_size = sp.mem_size != 0 ? sp.mem_size : ANY_SIZE;
	struct package package;
	const void *fdt;
	size_t size;

	fdt = machine_package_tree(&p->file, &size);
	sp.memory.base = p->address == ABSENT ? 0 : p->address;
	sp.memory.size = sp.mem_size != 0 ? sp.mem_size : page_align_up(p->file.size);
	if (sp.vcpu_count == 0 && fdt != NULL) {
		sp.vcpu_count = own_vcpus(fdt);
	}
	sp_manifest_begin(&s, &sp);
	if (sp.number == 0) {
		snprintf(s.dt.name, sizeof(s.dt.name), "package");
	}
	if (read_parts(&p->file, mem_size, &package, s.dt.name)) {
		sp_manifest_read(&s, (const char *)p->file.data + package.manifest.base, &sp,
				 &package);
	}
}

const struct package_file *machine_package(const struct machine *m, uint64_t address)
{
	for (size_t i = 0; i < m->package_count; i++) {
		if (m->packages[i].address == address) {
			return &m->packages[i];
		}
	}
	return NULL;
}
