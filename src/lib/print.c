/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/print.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "arch/console.h"
#include "arch/panic.h"
#include "lib/spinlock.h"

/* The longest mistake in a manifest, with names as long as they may be, and a path of 95. */
#define LINE_SIZE 512

/* A text as it is written; one character of size is kept for the NUL. */
struct text {
	char *out;
	size_t size;
	size_t used;
};

/* One conversion of a format. */
struct conversion {
	bool zero;
	bool prefix;
	bool is_long;
	size_t width;
	size_t precision; /* of a string */
	char kind;
};

static void put(struct text *t, char c, size_t times)
{
	for (; times > 0 && t->used + 1 < t->size; times--) {
		t->out[t->used++] = c;
	}
}

/* s to the right of a field that is c->width wide. */
static void put_field(struct text *t, const struct conversion *c, const char *s, size_t length)
{
	put(t, ' ', c->width > length ? c->width - length : 0);
	for (size_t i = 0; i < length; i++) {
		put(t, s[i], 1);
	}
}

static void put_number(struct text *t, const struct conversion *c, uint64_t n, bool negative)
{
	unsigned int base = c->kind == 'x' ? 16 : 10;
	const char *sign = negative ? "-" : c->prefix && n != 0 ? "0x" : "";
	char digits[24];
	char *first = &digits[sizeof(digits)];
	size_t count;

	do {
		*--first = "0123456789abcdef"[n % base];
		n /= base;
	} while (n != 0);
	count = (size_t)(&digits[sizeof(digits)] - first) + strlen(sign);
	if (c->width > count && !c->zero) {
		put(t, ' ', c->width - count);
	}
	while (*sign != '\0') {
		put(t, *sign++, 1);
	}
	if (c->width > count && c->zero) {
		put(t, '0', c->width - count);
	}
	while (first < &digits[sizeof(digits)]) {
		put(t, *first++, 1);
	}
}

/* A decimal number in a format, or the argument that a * stands for. */
static size_t parse_size(const char **format, va_list *args)
{
	size_t n = 0;

	if (**format == '*') {
		int given = va_arg(*args, int);

		(*format)++;
		return given > 0 ? (size_t)given : 0;
	}
	while (**format >= '0' && **format <= '9') {
		n = n * 10 + (size_t)(*(*format)++ - '0');
	}
	return n;
}

/* What follows a %; *format is behind it afterwards. */
static struct conversion parse(const char **format, va_list *args)
{
	struct conversion c = { .precision = SIZE_MAX };

	for (;; (*format)++) {
		if (**format == '0') {
			c.zero = true;
		} else if (**format == '#') {
			c.prefix = true;
		} else {
			break;
		}
	}
	c.width = parse_size(format, args);
	if (**format == '.') {
		(*format)++;
		c.precision = parse_size(format, args);
	}
	while (**format == 'l') {
		c.is_long = true;
		(*format)++;
	}
	c.kind = **format;
	if (c.kind != '\0') {
		(*format)++;
	}
	return c;
}

static void convert(struct text *t, const struct conversion *c, va_list *args)
{
	const char *s;
	int64_t n;
	char one;

	switch (c->kind) {
	case 's':
		s = va_arg(*args, const char *);
		put_field(t, c, s, strnlen(s, c->precision));
		break;
	case 'c':
		one = (char)va_arg(*args, int);
		put_field(t, c, &one, 1);
		break;
	case 'd':
		n = c->is_long ? va_arg(*args, long) : va_arg(*args, int);
		put_number(t, c, n < 0 ? -(uint64_t)n : (uint64_t)n, n < 0);
		break;
	case 'u':
	case 'x':
		put_number(t, c,
			   c->is_long ? va_arg(*args, unsigned long) : va_arg(*args, unsigned int),
			   false);
		break;
	default: /* %%, and what the compiler has warned of */
		put(t, '%', 1);
		break;
	}
}

size_t format_string_v(char *out, size_t size, const char *format, va_list args)
{
	struct text t = { .out = out, .size = size };
	va_list rest;

	va_copy(rest, args);
	while (*format != '\0') {
		if (*format != '%') {
			put(&t, *format++, 1);
		} else {
			struct conversion c;

			format++;
			c = parse(&format, &rest);
			convert(&t, &c, &rest);
		}
	}
	va_end(rest);
	out[t.used] = '\0';
	return t.used;
}

size_t format_string(char *out, size_t size, const char *format, ...)
{
	va_list args;
	size_t used;

	va_start(args, format);
	used = format_string_v(out, size, format, args);
	va_end(args);
	return used;
}

/* Names in it may come from manifests: nothing that they say may steer somebody's terminal. */
static void filter(char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if ((text[i] < ' ' && text[i] != '\t') || text[i] > '~') {
			text[i] = '?';
		}
	}
}

/* Writes a line; one too long for it is cut off. */
static void write_line(const char *before, const char *format, va_list args)
{
	char line[LINE_SIZE];
	size_t at = format_string(line, sizeof(line) - 1, "%s", before);
	size_t used = at + format_string_v(line + at, sizeof(line) - 1 - at, format, args);

	filter(line + at, used - at);
	line[used++] = '\n';
	console_write(line, used);
}

void log_line(enum log_level level, const char *format, ...)
{
	static const char *const before[] = {
		[LOG_ERROR] = "error: ",
		[LOG_WARNING] = "warning: ",
		[LOG_INFO] = "",
		[LOG_DEBUG] = "debug: ",
	};
	static struct spinlock lock;
	va_list args;

	va_start(args, format);
	spin_lock(&lock);
	write_line(before[level], format, args);
	spin_unlock(&lock);
	va_end(args);
}

/* Takes no lock: whoever has one may be us. Lines of other CPUs may stand between ours. */
_Noreturn void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line("\npanic: ", format, args);
	va_end(args);
	arch_panic_others();
	panic_state();
	arch_panic();
}

void panic_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line("  ", format, args);
	va_end(args);
}
