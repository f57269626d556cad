/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * UART0, the normal world's console. One call is one line; lines of several CPUs do not mix.
 * Formats: %s %c %d %u %x with l, 0, a width and #, and %%.
 */
#ifndef NWD_PRINT_H
#define NWD_PRINT_H

#include <stdarg.h>
#include <stddef.h>

#define PRINT_LINE_SIZE 512

size_t print_format(char *out, size_t size, const char *format, va_list args);
void print_to(char *out, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void print_raw(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void print_panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
