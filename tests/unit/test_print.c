/* SPDX-License-Identifier: BSD-3-Clause */

/* Formats against the C library's, and the log. */

#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "arch/host.h"
#include "lib/print.h"

/* The same text as printf, the same length, and as much of it as fits. */
#define assert_like_printf(...)                                                                    \
	do {                                                                                       \
		char ours[128], theirs[128];                                                       \
		size_t full = (size_t)snprintf(theirs, sizeof(theirs), __VA_ARGS__);               \
                                                                                                   \
		assert_int_equal(format_string(ours, sizeof(ours), __VA_ARGS__), full);            \
		assert_string_equal(ours, theirs);                                                 \
		for (size_t size = 1; size <= full; size++) {                                      \
			memset(ours, '!', sizeof(ours));                                           \
			assert_int_equal(format_string(ours, size, __VA_ARGS__), size - 1);        \
			assert_memory_equal(ours, theirs, size - 1);                               \
			assert_int_equal(ours[size - 1], '\0');                                    \
			assert_int_equal(ours[size], '!');                                         \
		}                                                                                  \
	} while (0)

static void test_numbers(void **state)
{
	static const long numbers[] = { 0,        1,           -1,       7,       10,
					-10,      99,          0xabcd,   INT_MAX, INT_MIN,
					1L << 40, -(1L << 40), LONG_MAX, LONG_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		long n = numbers[i];

		assert_like_printf("%d|%u|%x|%#x", (int)n, (unsigned int)n, (unsigned int)n,
				   (unsigned int)n);
		assert_like_printf("%ld|%lu|%lx|%#lx", n, (unsigned long)n, (unsigned long)n,
				   (unsigned long)n);
		assert_like_printf("%5d|%05d|%12ld|%020ld", (int)n, (int)n, n, n);
		assert_like_printf("%08x|%#010x|%18lx|%#18lx|%016lx", (unsigned int)n,
				   (unsigned int)n, (unsigned long)n, (unsigned long)n,
				   (unsigned long)n);
		assert_like_printf("%*d", 9, (int)n);
	}
}

static void test_text(void **state)
{
	static const char unterminated[4] = { 'a', 'b', 'c', 'd' };

	(void)state;
	assert_like_printf("nothing to say");
	assert_like_printf("100%%");
	assert_like_printf("%c%c%3c", 'x', 'y', 'z');
	assert_like_printf("%s%s", "one", "");
	assert_like_printf("%8s|%2s", "right", "long");
	assert_like_printf("%.2s|%.9s|%.0s|%6.3s", "abc", "abc", "abc", "abcdef");
	assert_like_printf("%.*s|", 4, unterminated);
}

static void test_log(void **state)
{
	char longest[800];

	(void)state;
	/* Names of manifests may be in it. */
	host_console_clear();
	log_error("SP %s", "\033[2J\r\n\x80x");
	assert_string_equal(host_console(), "error: SP ?[2J???x\n");
	host_console_clear();
	log_error("no %s", "power");
	log_warning("%u left", 3u);
	log_info("ready");
	log_debug("not at this level");
	assert_string_equal(host_console(), "error: no power\nwarning: 3 left\nready\n");

	/* Cut off, and still a line. */
	host_console_clear();
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	log_warning("%s", longest);
	assert_true(strlen(host_console()) < sizeof(longest));
	assert_memory_equal(host_console(), "warning: aaa", 12);
	assert_int_equal(host_console()[strlen(host_console()) - 1], '\n');
	assert_ptr_equal(strchr(host_console(), '\n'), host_console() + strlen(host_console()) - 1);
}

static void test_panic(void **state)
{
	int output[2];
	int status;
	char text[256] = "";
	pid_t child;

	(void)state;
	assert_int_equal(pipe(output), 0);
	child = fork();
	if (child == 0) {
		dup2(output[1], STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		host_console_clear();
		ASSERT(output[0] < 0);
		_exit(0);
	}
	close(output[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_true(read(output[0], text, sizeof(text) - 1) > 0);
	assert_memory_equal(text, "\npanic: test_print.c:", 21);
	assert_non_null(strstr(text, ": output[0] < 0\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_panic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
