/* SPDX-License-Identifier: BSD-3-Clause */
#include "args.h"

#include <stddef.h>

#include "console.h"

#define ARGS_ADDRESS 0x0e001000UL
#define ARGS_SIZE 0x1000UL

struct args args = { .seed = 1 };

/* If the text at s begins with word, returns what follows it, else NULL. */
static const char *after(const char *s, const char *word)
{
	while (*word != '\0') {
		if (*s++ != *word++) {
			return NULL;
		}
	}
	return s;
}

static bool is_end(const char *s)
{
	return *s == '\0' || *s == ' ';
}

/* The decimal number at s, which has to end the word. */
static uint64_t number(const char *s)
{
	uint64_t value = 0;

	while (*s >= '0' && *s <= '9') {
		value = value * 10 + (uint64_t)(*s++ - '0');
	}
	if (!is_end(s)) {
		console_die("arguments: a decimal number ends with `%s'", s);
	}
	return value;
}

static void parse_word(const char *s)
{
	const char *value;

	if ((value = after(s, "hostile")) != NULL && is_end(value)) {
		args.hostile = true;
	} else if ((value = after(s, "bare")) != NULL && is_end(value)) {
		args.hostile = false;
	} else if ((value = after(s, "tfa=2.")) != NULL) {
		args.tfa_2_14 = number(value) >= 14;
	} else if ((value = after(s, "nwd_el=")) != NULL) {
		args.nwd_el1 = number(value) == 1;
	} else if ((value = after(s, "rme")) != NULL && is_end(value)) {
		args.rme = true;
	} else if ((value = after(s, "seed=")) != NULL) {
		args.seed = number(value);
	} else {
		console_die("arguments: unknown from `%s' on; known: hostile bare tfa=2.N nwd_el=N "
			    "rme seed=N",
			    s);
	}
}

/* Reads the blank-separated words at ARGS_ADDRESS; the last byte of the page counts as its end. */
void args_parse(void)
{
	char *s = (char *)ARGS_ADDRESS;

	s[ARGS_SIZE - 1] = '\0';
	while (*s != '\0') {
		if (*s == ' ') {
			s++;
			continue;
		}
		parse_word(s);
		while (!is_end(s)) {
			s++;
		}
	}
}
