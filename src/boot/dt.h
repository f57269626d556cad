/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading a manifest: a device tree node is read in one pass over its properties, as a table
 * says. Whatever is wrong is reported with manifest, node, property, value and what is allowed.
 */
#ifndef BOOT_DT_H
#define BOOT_DT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/stage1.h"
#include "lib/range.h"

#define DT_NAME_SIZE 96

struct dt {
	char name[DT_NAME_SIZE]; /* of the manifest: begins each message */
	const void *fdt;
	unsigned int address_cells; /* of "reg" in the nodes below the root */
	unsigned int size_cells;
	unsigned int errors; /* reported so far */
};

enum prop_type {
	PROP_INT, /* one or two cells; min to max */
	PROP_BITS, /* the same; only bits of max */
	PROP_PAGE, /* the same; min to max, a multiple of 4 KiB */
	PROP_FLAG, /* true when present; empty */
	PROP_TEXT, /* a string; cut off where the field, a char array, ends */
	PROP_CELLS, /* min to max cells: a struct dt_value */
	PROP_BYTES, /* whatever it is: a struct dt_value */
};

/* A list as it stands in the manifest. */
struct dt_value {
	const void *data; /* NULL: the property is not there */
	uint32_t size; /* bytes */
};

struct prop {
	const char *name;
	enum prop_type type;
	bool required;
	uint16_t offset; /* of the field in the struct that dt_read() fills */
	uint16_t size;
	uint64_t fallback; /* value of a PROP_INT, _BITS or _PAGE that is not there */
	uint64_t min, max;
	const char *allowed; /* ends the message: "... must be ALLOWED" */
};

/* For addresses: what a mapping of ours can reach. */
#define ADDRESS_MAX ((1ul << STAGE1_PA_BITS) - 1)
#define ADDRESS_ALLOWED "a multiple of 0x1000 below 2^46"
_Static_assert(STAGE1_PA_BITS == 46, "the text says so");

/* The fallback of a number whose absence matters. */
#define ABSENT UINT64_MAX

#define PROP_REQUIRED true
#define PROP_OPTIONAL false

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* One row of a table of properties (.def) that fill a `target`. */
#define PROP_ROW(target, name_, type_, field, need, fallback_, min_, max_, allowed_)               \
	{ .name = (name_),                                                                         \
	  .type = PROP_##type_,                                                                    \
	  .required = PROP_##need,                                                                 \
	  .offset = offsetof(target, field),                                                       \
	  .size = sizeof(((target *)NULL)->field),                                                 \
	  .fallback = (fallback_),                                                                 \
	  .min = (min_),                                                                           \
	  .max = (max_),                                                                           \
	  .allowed = (allowed_) },

bool dt_open(struct dt *d, const void *fdt, size_t size);
bool dt_read(struct dt *d, int node, const struct prop *table, size_t rows, void *out);
bool dt_read_some(struct dt *d, int node, const struct prop *table, size_t rows, void *out);
const char *dt_node_name(const struct dt *d, int node);
bool dt_node_is(const struct dt *d, int node, const char *name);

/* What is wrong with a property (NULL: with the node), or only looks so. */
void dt_error(struct dt *d, int node, const char *property, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void dt_warning(const struct dt *d, int node, const char *property, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

void dt_error_text(struct dt *d, int node, const char *property, const struct dt_value *v,
		   const char *allowed);

uint32_t dt_value_cell(const struct dt_value *v, uint32_t i);
uint32_t dt_value_cells(const struct dt_value *v);
bool dt_value_has_string(const struct dt_value *v, const char *s);
bool dt_reg_count(struct dt *d, int node, const struct dt_value *reg, uint32_t *count);
void dt_reg_get(const struct dt *d, const struct dt_value *reg, uint32_t i, uint64_t *base,
		uint64_t *size);
bool dt_reg_range(struct dt *d, int node, const struct dt_value *reg, uint32_t i, struct range *r);

#endif
