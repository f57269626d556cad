/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The log. One call is one line; lines of several CPUs do not mix. Formats are a subset of
 * printf's: %s %c %d %u %x with l, 0, a width, # and, for %s, a precision; and %%.
 */
#ifndef LIB_PRINT_H
#define LIB_PRINT_H

#include <stdarg.h>
#include <stddef.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

#ifndef LOG_LEVEL
#define LOG_LEVEL LOG_INFO
#endif

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Formats into out[size] (size > 0, always NUL-terminated); returns the number of characters
 * written without the NUL. What does not fit is cut off.
 */
size_t format_string(char *out, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
size_t format_string_v(char *out, size_t size, const char *format, va_list args);

#define log_at(level, ...)                                                                         \
	do {                                                                                       \
		if ((level) <= LOG_LEVEL) {                                                        \
			log_line(level, __VA_ARGS__);                                              \
		}                                                                                  \
	} while (0)

#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_at(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)

/* A bug of ours: says what, and stops. Never reachable from anything outside. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For what panics only: a line, without a lock. */
void panic_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What all CPUs were doing, by panic_line(). core/cpu.c knows it. */
void panic_state(void);

#define ASSERT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			panic("%s:%d: %s", __FILE_NAME__, __LINE__, #condition);                   \
		}                                                                                  \
	} while (0)

#endif
