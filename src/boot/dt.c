/* SPDX-License-Identifier: BSD-3-Clause */
#include "boot/dt.h"

#include <libfdt.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/print.h"

#define MESSAGE_SIZE 160
#define PATH_SIZE 96
#define CELL 4u

/* "MANIFEST: NODE: PROPERTY: what is wrong" as one line of the log. */
static void report(enum log_level level, const struct dt *d, int node, const char *property,
		   const char *format, va_list args)
{
	char path[PATH_SIZE];
	char text[MESSAGE_SIZE];

	if (fdt_get_path(d->fdt, node, path, sizeof(path)) != 0) {
		format_string(path, sizeof(path), ".../%s", dt_node_name(d, node));
	}
	format_string_v(text, sizeof(text), format, args);
	if (property == NULL) {
		log_at(level, "%s: %s: %s", d->name, path, text);
	} else {
		log_at(level, "%s: %s: %s: %s", d->name, path, property, text);
	}
}

void dt_error(struct dt *d, int node, const char *property, const char *format, ...)
{
	va_list args;

	d->errors++;
	va_start(args, format);
	report(LOG_ERROR, d, node, property, format, args);
	va_end(args);
}

void dt_warning(const struct dt *d, int node, const char *property, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(LOG_WARNING, d, node, property, format, args);
	va_end(args);
}

const char *dt_node_name(const struct dt *d, int node)
{
	const char *name = fdt_get_name(d->fdt, node, NULL);

	return name == NULL ? "?" : name;
}

/* True when the node is called `name`, whatever unit address follows it. */
bool dt_node_is(const struct dt *d, int node, const char *name)
{
	const char *have = dt_node_name(d, node);
	size_t length = strlen(name);

	return strncmp(have, name, length) == 0 && (have[length] == '\0' || have[length] == '@');
}

/* What fdt_check_full() takes for granted: that it can read the blocks of the tree word by word. */
static bool blocks_aligned(const void *fdt)
{
	return fdt_off_mem_rsvmap(fdt) % sizeof(fdt64_t) == 0 && fdt_off_dt_struct(fdt) % CELL == 0;
}

static int check_tree(const void *fdt, size_t size)
{
	if (size < sizeof(struct fdt_header)) {
		return -FDT_ERR_TRUNCATED;
	}
	return blocks_aligned(fdt) ? fdt_check_full(fdt, size) : -FDT_ERR_ALIGNMENT;
}

/* How many cells of `reg` are an address or a size, as the tree's root says. */
static bool take_cells(struct dt *d, const char *name, int cells, unsigned int *field)
{
	const fdt32_t *value;
	int size;

	if (1 <= cells && cells <= 2) {
		*field = (unsigned int)cells;
		return true;
	}
	/* Which looks at every property: not in a good boot. */
	value = fdt_getprop(d->fdt, 0, name, &size);
	if (value != NULL && size == (int)CELL) {
		dt_error(d, 0, name, "%u is not allowed: must be 1 or 2", fdt32_ld(value));
	} else {
		dt_error(d, 0, name, "has %d bytes: must be a cell, 1 or 2", size);
	}
	return false;
}

/* d->name is set. Checks the whole tree once, so that later walks cannot stumble. */
bool dt_open(struct dt *d, const void *fdt, size_t size)
{
	int error = check_tree(fdt, size);

	d->fdt = fdt;
	d->errors = 0;
	if (error != 0) {
		d->errors++;
		log_error("%s: not a device tree of at most %lu bytes: %s", d->name,
			  (unsigned long)size, fdt_strerror(error));
		return false;
	}
	bool good = take_cells(d, "#address-cells", fdt_address_cells(fdt, 0), &d->address_cells);

	return take_cells(d, "#size-cells", fdt_size_cells(fdt, 0), &d->size_cells) && good;
}

uint32_t dt_value_cells(const struct dt_value *v)
{
	return v->size / CELL;
}

/* Cell i, which is there. */
uint32_t dt_value_cell(const struct dt_value *v, uint32_t i)
{
	return fdt32_ld((const fdt32_t *)v->data + i);
}

/* True when v, a list of NUL-terminated strings, holds s. */
bool dt_value_has_string(const struct dt_value *v, const char *s)
{
	return v->data != NULL && fdt_stringlist_contains(v->data, (int)v->size, s) != 0;
}

/* The first string of v, which may be none or not there, is not what is allowed. */
void dt_error_text(struct dt *d, int node, const char *property, const struct dt_value *v,
		   const char *allowed)
{
	if (v->data == NULL) {
		dt_error(d, node, property, "is missing: must be %s", allowed);
	} else {
		dt_error(d, node, property, "\"%.*s\" is not allowed: must be %s", (int)v->size,
			 (const char *)v->data, allowed);
	}
}

static uint64_t value_number(const struct dt_value *v, uint32_t first, unsigned int cells)
{
	uint64_t n = dt_value_cell(v, first);

	return cells == 1 ? n : n << 32 | dt_value_cell(v, first + 1);
}

/* How many pairs of address and size "reg" holds. False, with a message, when it is no list. */
bool dt_reg_count(struct dt *d, int node, const struct dt_value *reg, uint32_t *count)
{
	uint32_t pair = (d->address_cells + d->size_cells) * CELL;

	if (reg->size == 0 || reg->size % pair != 0) {
		dt_error(d, node, "reg",
			 "%u bytes are no list of address (%u cells) and size (%u cells)",
			 reg->size, d->address_cells, d->size_cells);
		return false;
	}
	*count = reg->size / pair;
	return true;
}

/* Pair i of a list that dt_reg_count() has seen. */
void dt_reg_get(const struct dt *d, const struct dt_value *reg, uint32_t i, uint64_t *base,
		uint64_t *size)
{
	uint32_t first = i * (d->address_cells + d->size_cells);

	*base = value_number(reg, first, d->address_cells);
	*size = value_number(reg, first + d->address_cells, d->size_cells);
}

/* The same as a range of whole pages. Reports, and is false, when it is none. */
bool dt_reg_range(struct dt *d, int node, const struct dt_value *reg, uint32_t i, struct range *r)
{
	uint64_t base, size;

	dt_reg_get(d, reg, i, &base, &size);
	if (!is_page_aligned(base) || !is_page_aligned(size) || !range_make(r, base, size)) {
		dt_error(d, node, "reg",
			 "0x%lx, size 0x%lx is not allowed: must be whole pages of 4 KiB, not none,"
			 " below 2^64",
			 base, size);
		return false;
	}
	return true;
}

static void store(void *field, size_t size, uint64_t value)
{
	switch (size) {
	case 1:
		*(uint8_t *)field = (uint8_t)value;
		break;
	case 2:
		*(uint16_t *)field = (uint16_t)value;
		break;
	case 4:
		*(uint32_t *)field = (uint32_t)value;
		break;
	default:
		*(uint64_t *)field = value;
		break;
	}
}

static bool number_allowed(const struct prop *p, uint64_t n)
{
	switch (p->type) {
	case PROP_BITS:
		return (n & ~p->max) == 0;
	case PROP_PAGE:
		return is_page_aligned(n) && p->min <= n && n <= p->max;
	default:
		return p->min <= n && n <= p->max;
	}
}

static bool read_number(struct dt *d, int node, const struct prop *p, const struct dt_value *v,
			void *field)
{
	uint64_t n;

	if (v->size != CELL && v->size != 2 * CELL) {
		dt_error(d, node, p->name, "has %u bytes: must be one or two cells, %s", v->size,
			 p->allowed);
		return false;
	}
	n = value_number(v, 0, v->size / CELL);
	if (!number_allowed(p, n)) {
		dt_error(d, node, p->name, "0x%lx is not allowed: must be %s", n, p->allowed);
		return false;
	}
	store(field, p->size, n);
	return true;
}

static void read_text(struct dt *d, int node, const struct prop *p, const struct dt_value *v,
		      char *field)
{
	const char *text = v->data;
	size_t length = strnlen(text, v->size);

	if (length == 0 || length == v->size) {
		dt_error(d, node, p->name, "is no text: must be %s", p->allowed);
		return;
	}
	if (length >= p->size) {
		dt_warning(d, node, p->name, "longer than %u characters, cut off", p->size - 1u);
		length = p->size - 1u;
	}
	memcpy(field, text, length);
	memset(field + length, 0, p->size - length);
}

static void read_cells(struct dt *d, int node, const struct prop *p, const struct dt_value *v,
		       struct dt_value *field)
{
	if (v->size % CELL != 0 || v->size / CELL < p->min || v->size / CELL > p->max) {
		dt_error(d, node, p->name, "has %u bytes: must be %s", v->size, p->allowed);
		return;
	}
	*field = *v;
}

/* False: a number that is wrong, so the field is as it was. */
static bool read_value(struct dt *d, int node, const struct prop *p, const struct dt_value *v,
		       void *out)
{
	void *field = (char *)out + p->offset;

	switch (p->type) {
	case PROP_INT:
	case PROP_BITS:
	case PROP_PAGE:
		return read_number(d, node, p, v, field);
	case PROP_FLAG:
		if (v->size != 0) {
			dt_error(d, node, p->name, "has %u bytes: must be empty", v->size);
		}
		*(bool *)field = true;
		break;
	case PROP_TEXT:
		read_text(d, node, p, v, field);
		break;
	case PROP_CELLS:
		read_cells(d, node, p, v, field);
		break;
	case PROP_BYTES:
		*(struct dt_value *)field = *v;
		break;
	}
	return true;
}

static size_t find_row(const struct prop *table, size_t rows, const char *name)
{
	size_t i;

	for (i = 0; i < rows; i++) {
		if (table[i].name[0] == name[0] && strcmp(table[i].name, name) == 0) {
			break;
		}
	}
	return i;
}

/* What manifests say to people and to partitions; nothing is meant by these for us. */
static const char *const for_others[] = {
	"auxiliary-id", "compatible", "description", "entrypoint",     "exclusive-access",
	"image-size",   "mem-size",   "phandle",     "run-time-model",
};

static bool is_for_others(const char *name)
{
	bool found = name[0] == '#';

	for (size_t i = 0; i < ROWS(for_others); i++) {
		found |= strcmp(name, for_others[i]) == 0;
	}
	return found;
}

static bool read(struct dt *d, int node, const struct prop *table, size_t rows, void *out, bool all)
{
	unsigned int errors_before = d->errors;
	uint64_t seen = 0, good = 0;
	int property;

	fdt_for_each_property_offset(property, d->fdt, node)
	{
		const char *name = NULL;
		int size = 0;
		struct dt_value v = { .data = fdt_getprop_by_offset(d->fdt, property, &name,
								    &size) };
		size_t i;

		if (v.data == NULL) {
			dt_error(d, node, NULL, "a property cannot be read: %s",
				 fdt_strerror(size));
			return false;
		}
		v.size = (uint32_t)size;
		i = find_row(table, rows, name);
		if (i == rows) {
			if (all && !is_for_others(name)) {
				dt_warning(d, node, name, "is not known: ignored");
			}
		} else if ((seen & 1ul << i) == 0) {
			seen |= 1ul << i;
			good |= (uint64_t)read_value(d, node, &table[i], &v, out) << i;
		}
	}
	for (size_t i = 0; i < rows; i++) {
		const struct prop *p = &table[i];

		if (p->required && (seen & 1ul << i) == 0) {
			dt_error(d, node, p->name, "is missing: must be %s", p->allowed);
		}
		if (p->fallback != 0 && (good & 1ul << i) == 0) {
			store((char *)out + p->offset, p->size, p->fallback);
		}
	}
	return d->errors == errors_before;
}

/*
 * Reads the properties of `node` into *out, the struct that the table (at most 64 rows) speaks of.
 * *out comes zeroed; numbers that are wrong or not there get their fallback. Warns of properties
 * without a row: the name may be misspelt. Reports every mistake; true when there was none. Lists
 * point into the tree.
 */
bool dt_read(struct dt *d, int node, const struct prop *table, size_t rows, void *out)
{
	return read(d, node, table, rows, out, true);
}

/* The same for a node as all device trees have it: properties without a row are for others. */
bool dt_read_some(struct dt *d, int node, const struct prop *table, size_t rows, void *out)
{
	return read(d, node, table, rows, out, false);
}
