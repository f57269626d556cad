/* SPDX-License-Identifier: BSD-3-Clause */
#include "dtb.h"

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int good(int result, const struct dt_edit *e)
{
	if (result < 0) {
		fprintf(stderr, "dtb: %s: %s: %s\n", e == NULL ? "" : e->path,
			e == NULL || e->property == NULL ? "" : e->property, fdt_strerror(result));
		abort();
	}
	return result;
}

void dtb_begin(void *fdt, size_t size)
{
	good(fdt_create_empty_tree(fdt, (int)size), NULL);
}

/* The node at e->path; those on the way that are missing are made. */
static int node(void *fdt, const struct dt_edit *e)
{
	const char *name = e->path + 1;
	int at = 0;

	while (*name != '\0') {
		int length = (int)strcspn(name, "/");
		int next = fdt_subnode_offset_namelen(fdt, at, name, length);

		at = next >= 0 ? next : good(fdt_add_subnode_namelen(fdt, at, name, length), e);
		name += length + (name[length] == '/');
	}
	return at;
}

static void edit(void *fdt, const struct dt_edit *e)
{
	fdt32_t cells[DTB_CELLS_MAX];
	int at = node(fdt, e);

	switch (e->kind) {
	case DT_CELLS:
		for (uint32_t i = 0; i < e->count; i++) {
			cells[i] = cpu_to_fdt32(e->cells[i]);
		}
		good(fdt_setprop(fdt, at, e->property, cells, (int)(e->count * sizeof(cells[0]))),
		     e);
		break;
	case DT_TEXT:
		good(fdt_setprop_string(fdt, at, e->property, e->text), e);
		break;
	case DT_DROP:
		good(e->property == NULL ? fdt_del_node(fdt, at)
					 : fdt_delprop(fdt, at, e->property),
		     e);
		break;
	case DT_NODE:
	case DT_END:
		break;
	}
}

void dtb_edit(void *fdt, const struct dt_edit *edits, size_t max)
{
	for (size_t i = 0; i < max && edits[i].kind != DT_END; i++) {
		edit(fdt, &edits[i]);
	}
}
