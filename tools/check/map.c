/* SPDX-License-Identifier: BSD-3-Clause */
#include "map.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"

#define ROW 18
#define COLUMN 116
#define LEFT 330
#define TOP 64
#define TEXT_SIZE 64

/* Columns: the SPMC, the normal world, and each partition. */
enum { SPMC_COLUMN, NWD_COLUMN, FIRST_PARTITION };

/* A piece of the address space in which every byte belongs to the same. */
struct piece {
	uint64_t base;
	uint64_t last;
};

struct map {
	const struct boot *boot;
	uint64_t *edges; /* where something begins, sorted */
	size_t edge_count;
	struct piece *pieces;
	size_t piece_count;
	size_t columns;
};

/* --- Who may do what at an address ------------------------------------------------------------ */

static const struct region *region_at(const struct partition *p, uint64_t pa)
{
	for (uint32_t i = 0; i < p->region_count; i++) {
		if (range_has(p->regions[i].range, pa)) {
			return &p->regions[i];
		}
	}
	return NULL;
}

static const char *ours_at(const struct boot *b, uint64_t pa)
{
	const char *owner = claims_ours(&b->claims, (struct range){ pa, 1 });

	if (owner == NULL && range_has(b->claims.console, pa)) {
		return "console";
	}
	return owner;
}

static bool is_kind(const struct boot *b, uint64_t pa, enum memory_kind kind)
{
	for (uint32_t i = 0; i < b->manifest.memory_count; i++) {
		const struct memory_range *m = &b->manifest.memory[i];

		if (m->kind == kind && range_has(m->range, pa)) {
			return true;
		}
	}
	return false;
}

/* What stands in a cell: rights and what it is; empty: no access. */
static void cell_text(const struct map *m, size_t column, uint64_t pa, char text[TEXT_SIZE])
{
	const struct boot *b = m->boot;
	const struct region *r;
	const char *owner;

	text[0] = '\0';
	if (column == SPMC_COLUMN) {
		owner = ours_at(b, pa);
		if (owner != NULL) {
			snprintf(text, TEXT_SIZE, "%s",
				 strncmp(owner, "the SPMC", 8) == 0 && owner[8] != '\0' ? owner + 9
											: owner);
		}
	} else if (column == NWD_COLUMN) {
		if (is_kind(b, pa, MEMORY_NS)) {
			snprintf(text, TEXT_SIZE, "RWX");
		} else if (is_kind(b, pa, DEVICE_NS)) {
			snprintf(text, TEXT_SIZE, "RW device");
		}
	} else {
		r = region_at(spmc.partitions[column - FIRST_PARTITION], pa);
		if (r != NULL) {
			snprintf(text, TEXT_SIZE, "%s%s%s %s", r->attrs & MEM_R ? "R" : "",
				 r->attrs & MEM_W ? "W" : "", r->attrs & MEM_X ? "X" : "", r->name);
		}
	}
}

/* --- Pieces ----------------------------------------------------------------------------------- */

static void add_edges(struct map *m, struct range r)
{
	m->edges = realloc(m->edges, (m->edge_count + 2) * sizeof(*m->edges));
	m->edges[m->edge_count++] = r.base;
	m->edges[m->edge_count++] = range_last(r) + 1;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool is_anything(const struct map *m, uint64_t pa)
{
	char text[TEXT_SIZE];

	for (enum memory_kind k = 0; k < MEMORY_KINDS; k++) {
		if (is_kind(m->boot, pa, k)) {
			return true;
		}
	}
	for (size_t c = 0; c < m->columns; c++) {
		cell_text(m, c, pa, text);
		if (text[0] != '\0') {
			return true;
		}
	}
	return false;
}

static void make_pieces(struct map *m)
{
	const struct boot *b = m->boot;

	for (uint32_t i = 0; i < b->manifest.memory_count; i++) {
		add_edges(m, b->manifest.memory[i].range);
	}
	for (uint32_t i = 0; i < b->claims.count; i++) {
		add_edges(m, b->claims.list[i].range);
	}
	if (b->claims.console.size != 0) {
		add_edges(m, b->claims.console);
	}
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		for (uint32_t k = 0; k < spmc.partitions[i]->region_count; k++) {
			add_edges(m, spmc.partitions[i]->regions[k].range);
		}
	}
	m->columns = FIRST_PARTITION + spmc.partition_count;
	m->pieces = calloc(m->edge_count, sizeof(*m->pieces));
	qsort(m->edges, m->edge_count, sizeof(*m->edges), compare);
	for (size_t i = 0; i + 1 < m->edge_count; i++) {
		if (m->edges[i] != m->edges[i + 1] && is_anything(m, m->edges[i])) {
			m->pieces[m->piece_count++] =
				(struct piece){ m->edges[i], m->edges[i + 1] - 1 };
		}
	}
}

/* --- Drawing ---------------------------------------------------------------------------------- */

/* Text from a manifest is any bytes. */
static void put_escaped(FILE *f, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '<' || *s == '>' || *s == '&' || *s < ' ' || *s > '~') {
			fprintf(f, "&#%u;", *s < ' ' || *s > '~' ? '?' : (unsigned int)*s);
		} else {
			fputc(*s, f);
		}
	}
}

static void put_text(FILE *f, size_t x, size_t y, const char *class, const char *text)
{
	fprintf(f, "<text x=\"%zu\" y=\"%zu\" class=\"%s\">", x, y, class);
	put_escaped(f, text);
	fputs("</text>\n", f);
}

static const char *kind_text(const struct map *m, uint64_t pa)
{
	for (enum memory_kind k = 0; k < MEMORY_KINDS; k++) {
		if (is_kind(m->boot, pa, k)) {
			return memory_kind_name(k);
		}
	}
	return "not in the manifest";
}

static void size_text(uint64_t bytes, char text[TEXT_SIZE])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;

	while (unit < 4 && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	snprintf(text, TEXT_SIZE, "%lu %s", bytes, units[unit]);
}

static void put_header(FILE *f, const struct map *m)
{
	put_text(f, 8, 24, "title", "Physical memory, and who may touch it");
	put_text(f, 8, TOP - 8, "head", "from");
	put_text(f, 120, TOP - 8, "head", "size");
	put_text(f, 200, TOP - 8, "head", "what");
	put_text(f, LEFT, TOP - 8, "head", "SPMC");
	put_text(f, LEFT + COLUMN, TOP - 8, "head", "normal world");
	for (size_t c = FIRST_PARTITION; c < m->columns; c++) {
		put_text(f, LEFT + c * COLUMN, TOP - 8, "head",
			 spmc.partitions[c - FIRST_PARTITION]->name);
	}
}

static void put_row(FILE *f, const struct map *m, size_t row)
{
	const struct piece *p = &m->pieces[row];
	size_t y = TOP + row * ROW;
	char text[TEXT_SIZE];

	snprintf(text, sizeof(text), "0x%lx", p->base);
	put_text(f, 8, y + 13, "cell", text);
	size_text(p->last - p->base + 1, text);
	put_text(f, 120, y + 13, "cell", text);
	put_text(f, 200, y + 13, "cell", kind_text(m, p->base));
	for (size_t c = 0; c < m->columns; c++) {
		cell_text(m, c, p->base, text);
		if (text[0] != '\0') {
			fprintf(f,
				"<rect x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%d\" "
				"fill=\"hsl(%zu,60%%,85%%)\"/>\n",
				LEFT + c * COLUMN - 4, y + 1, COLUMN - 2, ROW - 2, c * 47 % 360);
			text[16] = '\0'; /* what fits */
			put_text(f, LEFT + c * COLUMN, y + 13, "cell", text);
		}
	}
}

bool map_write(const struct boot *b, const char *path)
{
	struct map m = { .boot = b };
	FILE *f = fopen(path, "w");
	bool good;

	if (f == NULL) {
		return false;
	}
	make_pieces(&m);
	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" height=\"%zu\">\n"
		"<style>text{font-family:monospace;font-size:11px}.title{font-size:14px}"
		".head{font-weight:bold}</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		LEFT + m.columns * COLUMN + 8, TOP + m.piece_count * ROW + 12);
	put_header(f, &m);
	for (size_t i = 0; i < m.piece_count; i++) {
		put_row(f, &m, i);
	}
	fputs("</svg>\n", f);
	good = !ferror(f);
	good &= fclose(f) == 0;
	free(m.edges);
	free(m.pieces);
	return good;
}
