/* SPDX-License-Identifier: BSD-3-Clause */
#include "print.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"
#include "monitor.h"

#define UART 0x09000000ull
#define UART_DR 0x00u
#define UART_FR 0x18u
#define UART_FR_TXFF (1u << 5)
#define UART_CR 0x30u
#define UART_CR_ENABLE 0x301u

static atomic_flag lock = ATOMIC_FLAG_INIT;

static volatile uint32_t *uart(uint32_t offset)
{
	return (volatile uint32_t *)(UART + offset);
}

static void put(const char *text)
{
	*uart(UART_CR) = UART_CR_ENABLE;
	for (; *text != '\0'; text++) {
		while (*uart(UART_FR) & UART_FR_TXFF) {
		}
		*uart(UART_DR) = (uint8_t)*text;
	}
}

struct sink {
	char *out;
	size_t size, length;
};

static void emit(struct sink *s, char c)
{
	if (s->length + 1 < s->size) {
		s->out[s->length++] = c;
	}
}

static void emit_text(struct sink *s, const char *text, int width)
{
	for (; *text != '\0'; text++, width--) {
		emit(s, *text);
	}
	for (; width > 0; width--) {
		emit(s, ' ');
	}
}

static void emit_number(struct sink *s, uint64_t value, unsigned int base, int width, char fill)
{
	char digits[20];
	int count = 0;

	do {
		digits[count++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	for (; width > count; width--) {
		emit(s, fill);
	}
	while (count > 0) {
		emit(s, digits[--count]);
	}
}

/* Formats into out[size], cut off where it does not fit; returns the length without the NUL. */
size_t print_format(char *out, size_t size, const char *format, va_list args)
{
	struct sink s = { out, size, 0 };

	for (; *format != '\0'; format++) {
		bool prefix = false, is_long = false;
		char fill = ' ';
		int width = 0;

		if (*format != '%') {
			emit(&s, *format);
			continue;
		}
		format++;
		if (*format == '#') {
			prefix = true;
			format++;
		}
		if (*format == '0') {
			fill = '0';
		}
		while (*format >= '0' && *format <= '9') {
			width = width * 10 + (*format++ - '0');
		}
		if (*format == 'l') {
			is_long = true;
			format++;
		}
		switch (*format) {
		case 's':
			emit_text(&s, va_arg(args, const char *), width);
			break;
		case 'c':
			emit(&s, (char)va_arg(args, int));
			break;
		case 'd': {
			int64_t value = is_long ? va_arg(args, long) : va_arg(args, int);

			if (value < 0) {
				emit(&s, '-');
			}
			emit_number(&s, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, width,
				    fill);
			break;
		}
		case 'u':
			emit_number(&s,
				    is_long ? va_arg(args, unsigned long)
					    : va_arg(args, unsigned int),
				    10, width, fill);
			break;
		case 'x':
			if (prefix) {
				emit(&s, '0');
				emit(&s, 'x');
			}
			emit_number(&s,
				    is_long ? va_arg(args, unsigned long)
					    : va_arg(args, unsigned int),
				    16, width, fill);
			break;
		default:
			emit(&s, *format);
			break;
		}
	}
	out[s.length] = '\0';
	return s.length;
}

void print_to(char *out, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_format(out, size, format, args);
	va_end(args);
}

static void put_line(const char *before, const char *format, va_list args)
{
	char line[PRINT_LINE_SIZE];

	print_format(line, sizeof(line), format, args);
	while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire)) {
	}
	put(before);
	put(line);
	put("\n");
	atomic_flag_clear_explicit(&lock, memory_order_release);
}

/* A line of the test protocol. */
void print_raw(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line("", format, args);
	va_end(args);
}

/* A line for people. */
void print_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line("# ", format, args);
	va_end(args);
}

/* The program itself is wrong, or something that it stands on: says what, and ends QEMU. */
_Noreturn void print_panic(const char *format, ...)
{
	static atomic_flag once = ATOMIC_FLAG_INIT;
	char line[PRINT_LINE_SIZE];
	va_list args;

	va_start(args, format);
	print_format(line, sizeof(line), format, args);
	va_end(args);
	if (!atomic_flag_test_and_set(&once)) {
		put("\nPANIC ");
		put(line);
		put("\n");
		monitor_end(2);
	}
	for (;;) {
		__asm__ volatile("wfi");
	}
}
