/* SPDX-License-Identifier: BSD-3-Clause */

/* Direct messages: FF-A 1.2 chapter 15, and what clients expect of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#define REQ_32 0x8400006Fu
#define REQ_64 0xC400006Fu
#define RESP_32 0x84000070u
#define RESP_64 0xC4000070u

static void test_there_and_back(void **state)
{
	struct vcpu *a = sp(MP_A, 0);
	uint32_t there = (uint32_t)id_of(MP_A);
	uint32_t back = (uint32_t)id_of(MP_A) << 16;

	(void)state;
	assert_ptr_equal(CALL(0, nwd(0), REQ_32, there, 0, 3, 4, 5, 6, 7), a);
	assert_int_equal(got(a, 0), REQ_32);
	assert_ptr_equal(CALL(0, a, RESP_32, back, 0, 13, 14, 15, 16, 17), nwd(0));
	assert_int_equal(got(nwd(0), 7), 17);
	system_settle();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_there_and_back, fixture_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
