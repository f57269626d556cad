/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The program's arguments: words between blanks, `name` or `name=value`, in the page that the
 * monitor has filled from the flash file.
 */
#include "args.h"

#include "cpu.h"

#define ARGS ((const char *)0x5ffff000ull)
#define ARGS_SIZE 4096u

/* True when the text at a is name, up to the end of a word or to '='. */
static bool is_name(const char *a, const char *name)
{
	while (*name != '\0' && *a == *name) {
		a++;
		name++;
	}
	return *name == '\0' && (*a == '\0' || *a == ' ' || *a == '=');
}

/* What stands after name: "=value ..." or "" or " ...". NULL when it is not there. */
static const char *find(const char *name)
{
	const char *a = ARGS;

	while (a < ARGS + ARGS_SIZE && *a != '\0') {
		if (is_name(a, name)) {
			while (*a != '\0' && *a != ' ' && *a != '=') {
				a++;
			}
			return a;
		}
		while (*a != '\0' && *a != ' ') {
			a++;
		}
		while (*a == ' ') {
			a++;
		}
	}
	return NULL;
}

bool args_has(const char *name)
{
	return find(name) != NULL;
}

/* A decimal number; `otherwise` when the argument is not there. */
uint64_t args_number(const char *name, uint64_t otherwise)
{
	const char *a = find(name);
	uint64_t value = 0;

	if (a == NULL || *a != '=') {
		return otherwise;
	}
	for (a++; *a >= '0' && *a <= '9'; a++) {
		value = value * 10 + (uint64_t)(*a - '0');
	}
	return value;
}

/* Copies the value to out[size], NUL-terminated; 0, and "", when the argument is not there. */
size_t args_text(const char *name, char *out, size_t size)
{
	const char *a = find(name);
	size_t length = 0;

	if (a != NULL && *a == '=') {
		for (a++; *a != '\0' && *a != ' ' && length + 1 < size; a++) {
			out[length++] = *a;
		}
	}
	out[length] = '\0';
	return length;
}
