/* SPDX-License-Identifier: BSD-3-Clause */
/* bulkhead-check knows what the firmware around the SPMC cannot do. */
#include <libfdt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "../../tools/check/firmware.h"
#include "dtb.h"

#define KIB 1024ul
#define TREE_BYTES 0x2000

static uint64_t tree[TREE_BYTES / 8];
static struct package_file packages[9];
static char said[2048];

static void say(const struct machine *m, const char *line)
{
	(void)m;
	strncat(said, line, sizeof(said) - strlen(said) - 2);
	strcat(said, "\n");
}

static const struct dt_edit good[] = {
	CELLS("/attribute", "spmc_id", 0x8000),
	CELLS("/attribute", "maj_ver", 1),
	CELLS("/attribute", "min_ver", 2),
	CELLS("/attribute", "load_address", 0, 0x0e100000),
	CELLS("/attribute", "entrypoint", 0, 0x0e100000),
	{ .kind = DT_END },
};

static const struct row {
	const char *firmware;
	struct dt_edit edit;
	size_t manifest_bytes; /* 0: what the tree has */
	size_t package_count;
	size_t package_bytes;
	const char *says; /* NULL: it is all right */
} rows[] = {
	{ "tfa-2.12", { DT_END }, 0, 8, 4096 * KIB, NULL },
	{ "tfa-2.12", { DT_END }, 4096, 8, 4096 * KIB, NULL },
	{ "tfa-2.12",
	  { DT_END },
	  4097,
	  1,
	  1,
	  "SPMC manifest: 4097 bytes are not allowed: must be at "
	  "most 4096" },
	{ "tfa-2.12", { DT_END }, 0, 9, 1, "9 packages are not allowed: must be at most 8" },
	{ "tfa-2.12",
	  { DT_END },
	  0,
	  1,
	  4096 * KIB + 1,
	  "sp.pkg: 4194305 bytes are not allowed: must be at most 4194304" },
	{ "tfa-2.12", CELLS("/attribute", "min_ver", 3), 0, 1, 1,
	  "/attribute: min_ver: 3 is not allowed: must be at most 2" },
	{ "tfa-2.12", CELLS("/attribute", "load_address", 0x0e100000), 0, 1, 1,
	  "/attribute: load_address: 4 bytes are not allowed: must be two cells" },
	{ "tfa-2.12", CELLS("/attribute", "entrypoint", 0x0e100000), 0, 1, 1,
	  "/attribute: entrypoint: 4 bytes are not allowed: must be two cells" },
	{ "tfa-2.12", DROP("/attribute", "spmc_id"), 0, 1, 1,
	  "/attribute: spmc_id: is missing: must be one cell" },
	{ "tfa-2.12", DROP("/attribute", "min_ver"), 0, 1, 1, "min_ver: is missing" },
	{ "tfa-2.12", CELLS("/attribute", "maj_ver", 0, 1), 0, 1, 1,
	  "/attribute: maj_ver: 8 bytes are not allowed: must be one cell" },
	{ "tfa-2.12", CELLS("/attribute", "binary_size", 0, 0x200000), 0, 1, 1,
	  "/attribute: binary_size: 8 bytes are not allowed: must be one cell" },
	{ "monitor", DROP("/attribute", "spmc_id"), 0, 1, 1, NULL },
	{ "monitor", CELLS("/attribute", "load_address", 0x0e100000), 0x10000, 9, 8192 * KIB,
	  NULL },
	{ "monitor", { DT_END }, 0x10001, 1, 1, "SPMC manifest: 65537 bytes are not allowed" },
};

static void test_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct machine m = { .packages = packages, .package_count = rows[i].package_count };

		dtb_begin(tree, sizeof(tree));
		dtb_edit(tree, good, SIZE_MAX);
		dtb_edit(tree, &rows[i].edit, 1);
		m.manifest = (struct file){ "spmc.dtb", tree, fdt_totalsize(tree) };
		if (rows[i].manifest_bytes != 0) {
			m.manifest.size = rows[i].manifest_bytes;
		} else {
			assert_int_equal(fdt_pack(tree), 0);
			m.manifest.size = fdt_totalsize(tree);
		}
		for (size_t k = 0; k < 9; k++) {
			packages[k].file = (struct file){ "sp.pkg", NULL, rows[i].package_bytes };
		}
		said[0] = '\0';
		assert_int_equal(firmware_check(firmware_find(rows[i].firmware), &m, say) != 0,
				 rows[i].says != NULL);
		if (rows[i].says != NULL) {
			assert_non_null(strstr(said, "error: "));
			assert_non_null(strstr(said, rows[i].firmware));
			assert_non_null(strstr(said, rows[i].says));
		} else {
			assert_string_equal(said, "");
		}
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_null(firmware_find("tfa"));
	assert_non_null(strstr(firmware_names(), "tfa-2.12"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
