/* SPDX-License-Identifier: BSD-3-Clause */
/* Wrong packages cost their partition, and nobody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "boot/package.h"
#include "boot_fixture.h"

enum word { MAGIC, VERSION, MANIFEST_AT, MANIFEST_BYTES, IMAGE_AT, IMAGE_BYTES };

/* One word of a header that is right otherwise, and what is said of it. */
struct wrong_word {
	enum where vm; /* VM1: version 2, VM3: version 1 */
	enum word word;
	uint32_t value;
	const char *says;
};

static const struct wrong_word words[] = {
	{ VM1, MAGIC, 0, "magic: 0x0 is not allowed: must be 0x474b5053 (SPKG) or 0x4a0fb10b" },
	{ VM1, MAGIC, 0x53504b47, "magic: 0x53504b47 is not allowed" },
	{ VM1, VERSION, 0, "version: 0 is not allowed: must be 1 or 2" },
	{ VM1, VERSION, 3, "version: 3 is not allowed: must be 1 or 2" },
	{ VM1, VERSION, 1, "manifest offset: 0x1000 is not allowed: must be 0x18 in version 1" },
	{ VM3, VERSION, 2, "manifest offset: 0x18 is not allowed: must be a multiple of 0x1000" },
	{ VM1, MANIFEST_AT, 0, "manifest offset: 0x0 is not allowed" },
	{ VM1, MANIFEST_AT, 0x1008, "manifest offset: 0x1008 is not allowed" },
	{ VM1, MANIFEST_AT, 0x5000,
	  "at 0x5000 is not allowed: must not be 0, and end before the image" },
	{ VM1, MANIFEST_AT, 0xfffff000, "at 0xfffff000 is not allowed" },
	{ VM1, MANIFEST_BYTES, 0, "manifest size: 0x0 at 0x1000 is not allowed" },
	{ VM1, MANIFEST_BYTES, 0x3001, "manifest size: 0x3001 at 0x1000 is not allowed" },
	{ VM1, MANIFEST_BYTES, 0xfffff000, "manifest size: 0xfffff000 at 0x1000 is not allowed" },
	{ VM1, MANIFEST_BYTES, 64, "not a device tree of at most 64 bytes" },
	{ VM3, MANIFEST_BYTES, 0x4000, "manifest size: 0x4000 at 0x18 is not allowed" },
	{ VM1, IMAGE_AT, 0x4004,
	  "image offset: 0x4004 is not allowed: must be a multiple of 0x1000" },
	{ VM1, IMAGE_AT, 0, "end before the image at 0x0" },
	{ VM1, IMAGE_AT, 0x100000, "image size: 0x2000 at 0x100000 is not allowed" },
	{ VM1, IMAGE_AT, 0xfffff000, "image size: 0x2000 at 0xfffff000 is not allowed" },
	{ VM1, IMAGE_BYTES, 0, "image size: 0x0 at 0x4000 is not allowed" },
	{ VM1, IMAGE_BYTES, 0xfc001,
	  "image size: 0xfc001 at 0x4000 is not allowed: must not be 0, and end "
	  "inside mem_size 0x100000" },
	{ VM1, IMAGE_BYTES, 0xffffffff, "image size: 0xffffffff at 0x4000 is not allowed" },
};

static const struct wrong_word *now;

static void set_word(void)
{
	*package_word(now->vm, now->word) = now->value;
}

static void test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct wrong w = { .name = words[i].says, .bytes = set_word };

		now = &words[i];
		w.boots = WITHOUT(now->vm);
		w.says[0] = now->vm == VM1 ? "SP one (vm1, package at 0xe300000): "
					   : "SP three (vm3, package at 0xe500000): ";
		w.says[1] = now->says;
		w.says[2] = now->vm == VM1 ? "vm1 is not loaded; the others go on"
					   : "vm3 is not loaded; the others go on";
		check_wrong(&w, 1);
	}
}

static void all_words(void)
{
	*package_word(VM1, MANIFEST_AT) = 0x1008;
	*package_word(VM1, IMAGE_AT) = 0x4004;
	*package_word(VM1, IMAGE_BYTES) = 0;
}

static void no_tree(void)
{
	memset((void *)(SP_PA(VM1) + 0x1000), 0, 0x1000);
}

static const struct wrong manifests[] = {
	{ "each word that is wrong", .bytes = all_words, .boots = WITHOUT(1),
	  .says = { "manifest offset: 0x1008 is not", "image offset: 0x4004 is not",
		    "image size: 0x0 at 0x4004 is not" } },
	{ "no device tree in the package", .bytes = no_tree, .boots = WITHOUT(1),
	  .says = { "SP one (vm1, package at 0xe300000): not a device tree", "FDT_ERR_BADMAGIC" } },
};

static void test_more(void **state)
{
	(void)state;
	check_wrong(manifests, sizeof(manifests) / sizeof(manifests[0]));
}

/* The smallest and the largest that is right. */
static void test_limits(void **state)
{
	uint32_t head[6] = { PACKAGE_MAGIC, 2, 0x1000, 1, 0x2000, 0xfe000 };
	struct package p;

	(void)state;
	assert_true(package_read(&p, head, 0x100000, "test"));
	assert_int_equal(p.manifest.base, 0x1000);
	assert_int_equal(p.image.size, 0xfe000);
	assert_int_equal(p.boot_info_room, 0x1000);
	head[1] = 1;
	head[2] = 24;
	head[3] = 0x1000 - 24;
	head[4] = 0x1000;
	head[5] = 0xff000;
	assert_true(package_read(&p, head, 0x100000, "test"));
	assert_int_equal(p.boot_info_room, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
