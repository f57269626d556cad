/* SPDX-License-Identifier: BSD-3-Clause */
/* Device trees made and changed by lists of edits: a good one and what is wrong with it. */
#ifndef DTB_H
#define DTB_H

#include <stddef.h>
#include <stdint.h>

#define DTB_CELLS_MAX 60

enum dt_edit_kind { DT_END, DT_CELLS, DT_TEXT, DT_DROP, DT_NODE };

struct dt_edit {
	enum dt_edit_kind kind;
	const char *path; /* of a node, which is made when it is not there */
	const char *property; /* DT_DROP: NULL drops the node */
	uint32_t count;
	uint32_t cells[DTB_CELLS_MAX];
	const char *text;
};

#define COUNT_CELLS(...) (sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))
#define CELLS(path_, property_, ...)                                                               \
	{                                                                                          \
		.kind = DT_CELLS, .path = (path_), .property = (property_),                        \
		.count = COUNT_CELLS(__VA_ARGS__), .cells = {                                      \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
#define TEXT(path_, property_, text_)                                                              \
	{                                                                                          \
		.kind = DT_TEXT, .path = (path_), .property = (property_), .text = (text_)         \
	}
#define EMPTY(path_, property_)                                                                    \
	{                                                                                          \
		.kind = DT_CELLS, .path = (path_), .property = (property_)                         \
	}
#define DROP(path_, property_)                                                                     \
	{                                                                                          \
		.kind = DT_DROP, .path = (path_), .property = (property_)                          \
	}
#define NODE(path_)                                                                                \
	{                                                                                          \
		.kind = DT_NODE, .path = (path_)                                                   \
	}

/* Makes an empty tree in fdt[size]. */
void dtb_begin(void *fdt, size_t size);

/* Makes the edits, up to `max` or DT_END. A new node comes before its siblings. */
void dtb_edit(void *fdt, const struct dt_edit *edits, size_t max);

#endif
