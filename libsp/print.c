/* SPDX-License-Identifier: BSD-3-Clause */
/* Printing into the SPMC's log. */
#include "sp/sp.h"

#include <stdarg.h>

struct text {
	char chars[FFA_CONSOLE_LOG_MAX_64];
	size_t length;
};

static void put(struct text *t, char c)
{
	if (t->length == sizeof(t->chars)) {
		(void)ffa_console_log(t->chars, t->length);
		t->length = 0;
	}
	t->chars[t->length++] = c;
}

static void put_number(struct text *t, uint64_t n, unsigned int base, int width, char fill)
{
	char digits[20];
	int count = 0;

	do {
		digits[count++] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n != 0);
	for (int i = count; i < width; i++) {
		put(t, fill);
	}
	while (count > 0) {
		put(t, digits[--count]);
	}
}

/* One conversion: %[#][0][width][l]{d,u,x}. */
static void put_integer(struct text *t, char kind, uint64_t n, bool prefix, int width, char fill)
{
	if (kind == 'd' && (int64_t)n < 0) {
		put(t, '-');
		n = -n;
	}
	if (kind == 'x' && prefix) {
		put(t, '0');
		put(t, 'x');
		width -= 2;
	}
	put_number(t, n, kind == 'x' ? 16 : 10, width, fill);
}

static void put_string(struct text *t, const char *s)
{
	while (*s != '\0') {
		put(t, *s++);
	}
}

/*
 * A subset of printf: %s %c %d %u %x with l, #, 0 and a width, and %%. The SPMC puts our name
 * before each line; a line ends with \n.
 */
void sp_print(const char *format, ...)
{
	struct text t = { .length = 0 };
	va_list args;

	va_start(args, format);
	for (const char *f = format; *f != '\0'; f++) {
		bool prefix = false;
		bool is_long = false;
		char fill = ' ';
		int width = 0;

		if (*f != '%') {
			put(&t, *f);
			continue;
		}
		f++;
		if (*f == '#') {
			prefix = true;
			f++;
		}
		if (*f == '0') {
			fill = '0';
			f++;
		}
		for (; *f >= '0' && *f <= '9'; f++) {
			width = width * 10 + (*f - '0');
		}
		if (*f == 'l') {
			is_long = true;
			f++;
		}
		if (*f == 's') {
			put_string(&t, va_arg(args, const char *));
		} else if (*f == 'c') {
			put(&t, (char)va_arg(args, int));
		} else if (*f == 'd') {
			int64_t n = is_long ? va_arg(args, long) : va_arg(args, int);

			put_integer(&t, 'd', (uint64_t)n, false, width, fill);
		} else if (*f == 'u' || *f == 'x') {
			uint64_t n =
				is_long ? va_arg(args, unsigned long) : va_arg(args, unsigned int);

			put_integer(&t, *f, n, prefix, width, fill);
		} else {
			put(&t, *f);
		}
	}
	va_end(args);
	(void)ffa_console_log(t.chars, t.length);
}
