/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The functions of the C library that compilers call by themselves, and the few that libfdt and we
 * use beside them. The contracts are those of ISO C and POSIX. The words that carry the bulk are
 * aligned, because programs run them with the MMU off too.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Memory of any type may be read and written through it. */
typedef uint64_t __attribute__((may_alias)) word_t;

#define WORD sizeof(word_t)

static bool word_aligned(const void *a, const void *b)
{
	return (((uintptr_t)a | (uintptr_t)b) % WORD) == 0;
}

/* Copies upwards: right for memory that overlaps too, where dst is the lower one. */
static void copy_up(unsigned char *dst, const unsigned char *src, size_t size)
{
	if (word_aligned(dst, src)) {
		for (; size >= WORD; size -= WORD, dst += WORD, src += WORD) {
			*(word_t *)(void *)dst = *(const word_t *)(const void *)src;
		}
	}
	while (size-- > 0) {
		*dst++ = *src++;
	}
}

void *memcpy(void *restrict dst, const void *restrict src, size_t size)
{
	copy_up(dst, src, size);
	return dst;
}

void *memmove(void *dst, const void *src, size_t size)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	/* The difference wraps to a huge one where dst is the lower. */
	if ((uintptr_t)d - (uintptr_t)s >= size) {
		copy_up(d, s, size);
		return dst;
	}
	while (size-- > 0) {
		d[size] = s[size];
	}
	return dst;
}

void *memset(void *dst, int byte, size_t size)
{
	const word_t pattern = (UINT64_MAX / UINT8_MAX) * (unsigned char)byte;
	unsigned char *d = dst;

	if (word_aligned(dst, dst)) {
		for (; size >= WORD; size -= WORD, d += WORD) {
			*(word_t *)(void *)d = pattern;
		}
	}
	while (size-- > 0) {
		*d++ = (unsigned char)byte;
	}
	return dst;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *x = a;
	const unsigned char *y = b;

	for (; size > 0; size--, x++, y++) {
		if (*x != *y) {
			return *x - *y;
		}
	}
	return 0;
}

void *memchr(const void *mem, int byte, size_t size)
{
	const unsigned char *m = mem;

	for (; size > 0; size--, m++) {
		if (*m == (unsigned char)byte) {
			return (void *)(uintptr_t)m;
		}
	}
	return NULL;
}

size_t strlen(const char *s)
{
	return strnlen(s, SIZE_MAX);
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n] != '\0') {
		n++;
	}
	return n;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t max)
{
	for (; max > 0; max--, a++, b++) {
		if (*a != *b || *a == '\0') {
			return (unsigned char)*a - (unsigned char)*b;
		}
	}
	return 0;
}

char *strchr(const char *s, int c)
{
	return memchr(s, c, strlen(s) + 1);
}

char *strrchr(const char *s, int c)
{
	for (size_t n = strlen(s) + 1; n > 0; n--) {
		if (s[n - 1] == (char)c) {
			return (char *)(uintptr_t)&s[n - 1];
		}
	}
	return NULL;
}
