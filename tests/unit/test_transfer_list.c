/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packages that are transfer lists: right ones boot like others, wrong ones cost their partition.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "boot/transfer_list.h"
#include "boot_fixture.h"
#include "ffa/ffa.h"

#define AT(offset) ((uint8_t *)SP_PA(VM1) + (offset))
#define WORD(offset) (*(uint32_t *)(void *)AT(offset))
#define TAG(tag) (8u << 24 | (tag))

/* The list that is made of the package of vm1: an entry's header stands before its data. */
#define ENTRY_FIRST 24u
#define MANIFEST 0x1000u
#define HOB 0x3000u
#define HOB_BYTES 0x60u
#define IMAGE 0x4000u
#define IMAGE_BYTES 0x2000u
#define USED (IMAGE + IMAGE_BYTES)

static uint32_t manifest_bytes;

static void entry(uint32_t data, uint32_t tag, uint32_t size)
{
	WORD(data - 8) = TAG(tag);
	WORD(data - 4) = size;
}

/* An entry that nobody knows, from `from` on, so that the next one's data begins at `data`. */
static void pad(uint32_t from, uint32_t data)
{
	entry(from + 8, 0, data - 8 - (from + 8));
}

static void checksum(void)
{
	uint8_t sum = 0;

	WORD(16) = 1;
	*AT(4) = 0;
	for (uint32_t i = 0; i < USED; i++) {
		sum = (uint8_t)(sum + *AT(i));
	}
	*AT(4) = (uint8_t)-sum;
}

static void make_list(void)
{
	uint32_t after;

	manifest_bytes = *package_word(VM1, 3);
	after = (MANIFEST + manifest_bytes + 7) & ~7u;
	memset(AT(0), 0, MANIFEST);
	WORD(0) = TRANSFER_LIST_SIGNATURE;
	*AT(5) = 1;
	*AT(6) = 24;
	*AT(7) = 12;
	WORD(8) = USED;
	WORD(12) = USED;
	pad(ENTRY_FIRST, MANIFEST);
	entry(MANIFEST, 0x106, manifest_bytes);
	pad(after, HOB);
	entry(HOB, 3, HOB_BYTES);
	memset(AT(HOB), 0x48, HOB_BYTES);
	pad(HOB + HOB_BYTES, IMAGE);
	entry(IMAGE, 0x103, IMAGE_BYTES);
	checksum();
}

/* One word that is wrong, and what is said of it. */
struct wrong_list {
	uint32_t offset;
	uint32_t value;
	const char *says;
};

static const struct wrong_list lists[] = {
	{ 4, 24u << 16, "version: 0 is not allowed: must be 1 or later" },
	{ 4, 1u << 8 | 16u << 16, "header size: 16 is not allowed: must be a multiple of 8" },
	{ 4, 1u << 8 | 28u << 16, "header size: 28 is not allowed" },
	{ 8, 23, "used size: 0x17 is not allowed: must be at least the header's 24" },
	{ 8, USED + 1,
	  "used size: 0x6001 is not allowed: must be at least the header's 24, at "
	  "most the list's size 0x6000" },
	{ 16, 3, "checksum: its 0x6000 bytes add up to" },
	{ MANIFEST - 8, 7u << 24 | 0x106, "header of 7 and data of" },
	{ MANIFEST - 8, TAG(0x107), "SP manifest (tag 0x106): is missing" },
	{ MANIFEST - 8, TAG(0x103), "SP binary (tag 0x103): a second one, at 0x4000" },
	{ IMAGE - 8, TAG(0x102), "SP binary (tag 0x103): is missing" },
	{ IMAGE - 8, TAG(0x106), "SP manifest (tag 0x106): a second one, at 0x4000" },
	{ HOB - 8, TAG(0x103), "SP binary (tag 0x103): a second one, at 0x4000" },
	{ HOB - 8, TAG(0x106), "SP manifest (tag 0x106): a second one, at 0x3000" },
	{ IMAGE - 4, IMAGE_BYTES + 1,
	  "data of 0x2001 bytes are not allowed: must be at least 8, "
	  "and end inside the list's 0x6000" },
	{ IMAGE - 4, 0xffffffff, "data of 0xffffffff bytes are not allowed" },
	{ IMAGE - 4, 0, "0x0 bytes at 0x4000 are not allowed" },
	{ HOB - 8, 16u << 24 | 3, "HOB list (tag 0x3): 0x60 bytes at 0x3008 are not allowed" },
	{ ENTRY_FIRST, 7u << 24, "entry at 0x18: header of 7" },
	{ ENTRY_FIRST + 4, USED - 40, "entry at 0x5ff8: header of 0 and data of" },
};

static const struct wrong_list *now;

static void make_wrong(void)
{
	make_list();
	WORD(16) = 0;
	WORD(now->offset) = now->value;
}

static void test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct wrong w = { .name = lists[i].says,
				   .bytes = make_wrong,
				   .boots = WITHOUT(VM1),
				   .says = { "SP one (vm1, package at 0xe300000): transfer list: ",
					     lists[i].says,
					     "vm1 is not loaded; the others go on" } };

		now = &lists[i];
		check_wrong(&w, 1);
	}
}

static void too_large(void)
{
	make_list();
	WORD(8) = 0x100001;
	WORD(12) = 0x100001;
}

/* A HOB list behind the image: the image's size decides where it would be. */
static void hob_last(void)
{
	make_list();
	WORD(16) = 0;
	WORD(HOB - 8) = TAG(0x777);
	WORD(IMAGE - 4) = 0x1000 - 8;
	entry(IMAGE + 0x1000, 3, 0x1000);
}

static void no_hob(void)
{
	make_list();
	WORD(HOB - 8) = TAG(0x777);
	checksum();
}

static const struct wrong others[] = {
	{ "larger than the memory", .bytes = too_large, .boots = WITHOUT(VM1),
	  .says = { "used size: 0x100001 is not allowed: must be at most mem_size 0x100000" } },
	{ "something behind the image", .bytes = hob_last, .boots = WITHOUT(VM1),
	  .says = { "HOB list (tag 0x3): at 0x5000 is not allowed: must come before the SP binary "
		    "at 0x4000" } },
	{ "a HOB list is asked for and not there",
	  VM1,
	  { EMPTY("/boot-info", "hob_list") },
	  .bytes = no_hob,
	  .boots = WITHOUT(VM1),
	  .says = { "/boot-info: hob_list: not allowed: the package has none" } },
	{ "a HOB list that nobody asks for", .bytes = make_list, .boots = ALL_BOOT },
	{ "without a HOB list", .bytes = no_hob, .boots = ALL_BOOT },
};

static void test_others(void **state)
{
	(void)state;
	check_wrong(others, sizeof(others) / sizeof(others[0]));
}

/* What vm1 is told when it boots with these edits. */
static const struct ffa_boot_info_desc *boot_info(const struct wrong *w, uint32_t count)
{
	const struct ffa_boot_info_header *h = (const void *)AT(0);

	check_wrong(w, 1);
	assert_int_equal(h->signature, FFA_BOOT_INFO_SIGNATURE);
	assert_int_equal(h->desc_count, count);
	assert_int_equal(h->desc_size, sizeof(struct ffa_boot_info_desc));
	return (const void *)AT(h->desc_offset);
}

static void check_desc(const struct ffa_boot_info_desc *d, uint8_t type, uint32_t at, uint32_t size)
{
	assert_int_equal(d->type, type);
	assert_int_equal(d->flags, 0);
	assert_int_equal(d->content, SP_PA(VM1) + at);
	assert_int_equal(d->size, size);
}

static void test_boot_info(void **state)
{
	static const struct wrong manifest = { "manifest", .bytes = make_list, .boots = ALL_BOOT };
	static const struct wrong both = { "both",
					   VM1,
					   { EMPTY("/boot-info", "hob_list") },
					   .bytes = make_list,
					   .boots = ALL_BOOT };
	static const struct wrong hob = { "HOB list",
					  VM1,
					  { EMPTY("/boot-info", "hob_list"),
					    DROP("/boot-info", "ffa_manifest") },
					  .bytes = make_list,
					  .boots = ALL_BOOT };
	const struct ffa_boot_info_desc *d;

	(void)state;
	d = boot_info(&manifest, 1);
	check_desc(d, FFA_BOOT_INFO_TYPE_FDT, MANIFEST, manifest_bytes);
	d = boot_info(&both, 2);
	check_desc(&d[0], FFA_BOOT_INFO_TYPE_FDT, MANIFEST, manifest_bytes);
	check_desc(&d[1], FFA_BOOT_INFO_TYPE_HOB, HOB, HOB_BYTES);
	d = boot_info(&hob, 1);
	check_desc(d, FFA_BOOT_INFO_TYPE_HOB, HOB, HOB_BYTES);
	assert_int_equal(*AT(HOB), 0x48);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_boot_info),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
