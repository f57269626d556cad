/* SPDX-License-Identifier: BSD-3-Clause */
/* From manifests to partitions: what a good system is, and what claims of partitions collide. */
#include <libfdt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host.h"
#include "boot_fixture.h"
#include "core/cpu.h"

static void test_good(void **state)
{
	(void)state;
	assert_int_equal(boot_machine(NULL), ALL_BOOT);
	printf("%s", host_console());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
