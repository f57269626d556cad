/* SPDX-License-Identifier: BSD-3-Clause */
#include "map.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"

#define ROW 18
#define TOP 64
#define MARGIN 8
/* Of the font, and what is left free beside a text. */
#define CHARACTER 7
#define GAP 12
#define TITLE_WIDTH 560ul
#define TEXT_SIZE 96

/* Columns: what a piece is, and what the SPMC, the normal world and each partition may do there. */
enum { FROM, SIZE, KIND, SPMC_COLUMN, NWD_COLUMN, FIRST_PARTITION };
/* More partitions than that share a column: no page belongs to two of them. */
#define PARTITION_COLUMNS 12
#define COLUMNS_MAX (FIRST_PARTITION + PARTITION_COLUMNS)

/* A piece of the address space in which every byte belongs to the same. */
struct piece {
	uint64_t base;
	uint64_t last;
};

struct map {
	const struct boot *boot;
	bool manifest_placed; /* b->blob is where the firmware puts it */
	uint64_t *edges; /* where something begins, sorted */
	size_t edge_count;
	struct piece *pieces;
	size_t piece_count;
	size_t columns;
	size_t x[COLUMNS_MAX + 1]; /* where each begins, and where the last ends */
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

/* What of the SPMC's own is at an address; "the SPMC (WHAT)" in the words of the log. */
static void ours_text(const struct map *m, uint64_t pa, char text[TEXT_SIZE])
{
	static const char us[] = "the SPMC";
	const struct claims *c = &m->boot->claims;
	const char *owner = claims_ours(c, (struct range){ pa, 1 });
	size_t length;

	if (range_has(m->boot->blob, pa) && !m->manifest_placed) {
		owner = NULL;
	}
	if (owner == NULL) {
		snprintf(text, TEXT_SIZE, "%s", range_has(c->console, pa) ? "console" : "");
	} else if (strcmp(owner, us) == 0) {
		snprintf(text, TEXT_SIZE, "image");
	} else {
		length = strlen(owner) - sizeof(us) - 2;
		snprintf(text, TEXT_SIZE, "%.*s", (int)length, owner + sizeof(us) + 1);
	}
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

/* All kinds of memory that the manifest says it is. */
static void kind_text(const struct map *m, uint64_t pa, char text[TEXT_SIZE])
{
	text[0] = '\0';
	for (enum memory_kind k = 0; k < MEMORY_KINDS; k++) {
		if (is_kind(m->boot, pa, k)) {
			size_t used = strlen(text);

			snprintf(text + used, TEXT_SIZE - used, "%s%s", used == 0 ? "" : ", ",
				 memory_kind_name(k));
		}
	}
}

/* What the normal world may do: all that is not secure is its own. */
static void nwd_text(const struct map *m, uint64_t pa, char text[TEXT_SIZE])
{
	const char *rights = is_kind(m->boot, pa, MEMORY_NS)   ? "RWX"
			     : is_kind(m->boot, pa, DEVICE_NS) ? "RW"
							       : "";

	snprintf(text, TEXT_SIZE, "%s", rights);
}

/* What a partition finds when it is entered for the first time. */
static void partition_text(const struct partition *p, uint64_t pa, char text[TEXT_SIZE])
{
	const struct region *r = region_at(p, pa);
	uint32_t rights;

	text[0] = '\0';
	if (r != NULL) {
		rights = partition_rights(p, r);
		snprintf(text, TEXT_SIZE, "%s%s%s %s", (rights & MEM_R) != 0 ? "R" : "",
			 (rights & MEM_W) != 0 ? "W" : "", (rights & MEM_X) != 0 ? "X" : "",
			 r->name);
	}
}

static bool share_column(void)
{
	return spmc.partition_count > PARTITION_COLUMNS;
}

/* The same, of whichever it belongs to. */
static void any_partition_text(uint64_t pa, char text[TEXT_SIZE])
{
	char access[TEXT_SIZE];

	text[0] = '\0';
	for (uint32_t i = 0; i < spmc.partition_count && text[0] == '\0'; i++) {
		partition_text(spmc.partitions[i], pa, access);
		if (access[0] != '\0') {
			size_t used =
				(size_t)snprintf(text, TEXT_SIZE, "%s: ", spmc.partitions[i]->name);

			memcpy(text + used, access, TEXT_SIZE - used);
			text[TEXT_SIZE - 1] = '\0';
		}
	}
}

/* Who may touch it: rights, and as what; empty: no access. */
static void access_text(const struct map *m, size_t column, uint64_t pa, char text[TEXT_SIZE])
{
	if (column == SPMC_COLUMN) {
		ours_text(m, pa, text);
	} else if (column == NWD_COLUMN) {
		nwd_text(m, pa, text);
	} else if (share_column()) {
		any_partition_text(pa, text);
	} else {
		partition_text(spmc.partitions[column - FIRST_PARTITION], pa, text);
	}
}

static void cell_text(const struct map *m, size_t column, const struct piece *p,
		      char text[TEXT_SIZE])
{
	if (column == FROM) {
		snprintf(text, TEXT_SIZE, "0x%lx", p->base);
	} else if (column == SIZE) {
		size_text(p->last - p->base + 1, text);
	} else if (column == KIND) {
		kind_text(m, p->base, text);
	} else {
		access_text(m, column, p->base, text);
	}
}

static const char *column_name(size_t column)
{
	static const char *const names[] = {
		"from", "size", "what", "SPMC", "normal world", "partitions",
	};

	return column < FIRST_PARTITION || share_column()
		       ? names[column]
		       : spmc.partitions[column - FIRST_PARTITION]->name;
}

static void *xcalloc(size_t count, size_t size)
{
	void *p = calloc(count + 1, size);

	if (p == NULL) {
		fputs("bulkhead-check: no memory to draw the map\n", stderr);
		exit(2);
	}
	return p;
}

/* --- Pieces ----------------------------------------------------------------------------------- */

static void add_edges(struct map *m, struct range r)
{
	m->edges[m->edge_count++] = r.base;
	if (range_last(r) != UINT64_MAX) {
		m->edges[m->edge_count++] = range_last(r) + 1;
	}
}

static size_t edges_max(const struct boot *b)
{
	size_t ranges = b->manifest.memory_count + b->claims.count + 1;

	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		ranges += spmc.partitions[i]->region_count;
	}
	return 2 * ranges;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool is_anything(const struct map *m, uint64_t pa)
{
	char text[TEXT_SIZE];

	kind_text(m, pa, text);
	for (size_t c = SPMC_COLUMN; text[0] == '\0' && c < m->columns; c++) {
		access_text(m, c, pa, text);
	}
	return text[0] != '\0';
}

static void make_pieces(struct map *m)
{
	const struct boot *b = m->boot;

	m->edges = xcalloc(edges_max(b), sizeof(*m->edges));
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
	m->columns = FIRST_PARTITION + (share_column() ? 1 : spmc.partition_count);
	m->pieces = xcalloc(m->edge_count, sizeof(*m->pieces));
	qsort(m->edges, m->edge_count, sizeof(*m->edges), compare);
	for (size_t i = 0; i < m->edge_count; i++) {
		uint64_t last = i + 1 < m->edge_count ? m->edges[i + 1] - 1 : UINT64_MAX;

		if (m->edges[i] != last + 1 && is_anything(m, m->edges[i])) {
			m->pieces[m->piece_count++] = (struct piece){ m->edges[i], last };
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

/* Each column is as wide as its widest text, so that none stands over another. */
static void place_columns(struct map *m)
{
	char text[TEXT_SIZE];

	m->x[0] = MARGIN;
	for (size_t c = 0; c < m->columns; c++) {
		size_t widest = strlen(column_name(c));

		for (size_t i = 0; i < m->piece_count; i++) {
			cell_text(m, c, &m->pieces[i], text);
			widest = strlen(text) > widest ? strlen(text) : widest;
		}
		m->x[c + 1] = m->x[c] + widest * CHARACTER + GAP;
	}
}

static void put_header(FILE *f, const struct map *m)
{
	char text[TEXT_SIZE];

	snprintf(text, sizeof(text), "Physical memory, and who may touch it: %u of %u partitions",
		 spmc.partition_count, m->boot->manifest.sp_count);
	put_text(f, MARGIN, 24, "title", text);
	for (size_t c = 0; c < m->columns; c++) {
		put_text(f, m->x[c], TOP - 8, "head", column_name(c));
	}
}

/* A coloured cell, which says who it is about when it is pointed at. */
static void put_access(FILE *f, const struct map *m, size_t c, const struct piece *p, size_t y,
		       const char *text)
{
	fprintf(f,
		"<rect x=\"%zu\" y=\"%zu\" width=\"%zu\" height=\"%d\" "
		"fill=\"hsl(%zu,60%%,85%%)\"><title>",
		m->x[c] - 4, y + 1, m->x[c + 1] - m->x[c] - 2, ROW - 2, c * 47 % 360);
	put_escaped(f, column_name(c));
	fputs(": ", f);
	put_escaped(f, text);
	fprintf(f, ", 0x%lx to 0x%lx</title></rect>\n", p->base, p->last);
}

static void put_row(FILE *f, const struct map *m, size_t row)
{
	const struct piece *p = &m->pieces[row];
	size_t y = TOP + row * ROW;
	char text[TEXT_SIZE];

	if (row % 2 != 0) { /* to follow the row by */
		fprintf(f,
			"<rect x=\"0\" y=\"%zu\" width=\"100%%\" height=\"%d\" class=\"row\"/>\n",
			y, ROW);
	}
	for (size_t c = 0; c < m->columns; c++) {
		cell_text(m, c, p, text);
		if (c >= SPMC_COLUMN && text[0] != '\0') {
			put_access(f, m, c, p, y, text);
		}
		if (text[0] != '\0') {
			put_text(f, m->x[c], y + 13, "cell", text);
		}
	}
}

bool map_write(const struct boot *b, bool manifest_placed, const char *path)
{
	struct map m = { .boot = b, .manifest_placed = manifest_placed };
	FILE *f = fopen(path, "w");
	bool good;

	if (f == NULL) {
		return false;
	}
	make_pieces(&m);
	place_columns(&m);
	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" height=\"%zu\">\n"
		"<style>text{font-family:monospace;font-size:11px;white-space:pre}"
		".title{font-size:14px}.head{font-weight:bold}.row{fill:#f4f4f4}</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		m.x[m.columns] > TITLE_WIDTH ? m.x[m.columns] : TITLE_WIDTH,
		TOP + m.piece_count * ROW + GAP);
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
