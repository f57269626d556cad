/* SPDX-License-Identifier: BSD-3-Clause */

/* Our string functions, under other names, against those of this machine's C library. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define memcpy our_memcpy
#define memmove our_memmove
#define memset our_memset
#define memcmp our_memcmp
#define memchr our_memchr
#define strlen our_strlen
#define strnlen our_strnlen
#define strcmp our_strcmp
#define strncmp our_strncmp
#define strchr our_strchr
#define strrchr our_strrchr
#include "lib/libc/string.h"
#include "lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr

#define SIZE 40

static unsigned char ours[SIZE];
static unsigned char theirs[SIZE];

static void fill(void)
{
	for (size_t i = 0; i < SIZE; i++) {
		ours[i] = theirs[i] = (unsigned char)(0xf0 + i * 7);
	}
}

static void assert_same(void)
{
	assert_memory_equal(ours, theirs, SIZE);
}

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static void test_copy_at_every_alignment(void **state)
{
	unsigned char source[SIZE];

	(void)state;
	memset(source, 0xa5, sizeof(source));
	for (size_t from = 0; from < 9; from++) {
		for (size_t to = 0; to < 9; to++) {
			for (size_t size = 0; size < SIZE - 9; size++) {
				fill();
				assert_ptr_equal(our_memcpy(ours + to, source + from, size),
						 ours + to);
				memcpy(theirs + to, source + from, size);
				assert_same();
			}
		}
	}
}

static void test_move_over_itself(void **state)
{
	(void)state;
	for (size_t from = 0; from < 20; from++) {
		for (size_t to = 0; to < 20; to++) {
			for (size_t size = 0; size <= 20; size++) {
				fill();
				our_memmove(ours + to, ours + from, size);
				memmove(theirs + to, theirs + from, size);
				assert_same();
			}
		}
	}
}

static void test_set(void **state)
{
	(void)state;
	for (size_t to = 0; to < 9; to++) {
		for (size_t size = 0; size < SIZE - 9; size++) {
			fill();
			our_memset(ours + to, 0x1c3, size);
			memset(theirs + to, 0xc3, size);
			assert_same();
		}
	}
}

static void test_compare_memory(void **state)
{
	(void)state;
	assert_int_equal(our_memcmp("abc", "abd", 2), 0);
	assert_true(our_memcmp("abc", "abd", 3) < 0);
	assert_true(our_memcmp("\xff", "\x01", 1) > 0);
	assert_int_equal(our_memcmp("a", "b", 0), 0);
}

static void test_strings(void **state)
{
	static const char *const words[] = {
		"", "a", "ab", "b", "abc", "abcabc", "\xff", "ab\xff"
	};
	const size_t count = sizeof(words) / sizeof(words[0]);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const char *a = words[i];

		assert_int_equal(our_strlen(a), strlen(a));
		assert_int_equal(our_strnlen(a, 2), strnlen(a, 2));
		for (int c = 0; c < 256; c++) {
			assert_ptr_equal(our_strchr(a, c), strchr(a, c));
			assert_ptr_equal(our_strrchr(a, c), strrchr(a, c));
			assert_ptr_equal(our_memchr(a, c, strlen(a)), memchr(a, c, strlen(a)));
		}
		for (size_t j = 0; j < count; j++) {
			const char *b = words[j];

			assert_int_equal(sign(our_strcmp(a, b)), sign(strcmp(a, b)));
			for (size_t max = 0; max < 5; max++) {
				assert_int_equal(sign(our_strncmp(a, b, max)),
						 sign(strncmp(a, b, max)));
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy_at_every_alignment),
		cmocka_unit_test(test_move_over_itself),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_compare_memory),
		cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
