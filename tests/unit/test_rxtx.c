/* SPDX-License-Identifier: BSD-3-Clause */

/* RX and TX buffers: FF-A 1.2 chapter 13.5 to 13.7 and 7.2. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#define MAP_32 0x84000066u
#define MAP_64 0xC4000066u
#define UNMAP 0x84000067u
#define RELEASE 0x84000065u
#define INFO 0x84000068u

#define PAGE 0x1000ul
#define PAGES_MAX 16u
#define JUNK 0xFFFFFFFF00000000ul

static struct vcpu *up;

/* UP_A runs on CPU 0, the normal world on CPU 1. */
static int set_up(void **state)
{
	(void)fixture_boot(state);
	up = sp(UP_A, 0);
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(UP_A), 0));
	return 0;
}

static uint32_t cpu_of(const struct vcpu *v)
{
	return vcpu_word_cpu(vcpu_peek(v));
}

/* In both widths; what succeeds is undone. */
static void check_map(struct vcpu *v, uint64_t tx, uint64_t rx, uint64_t pages,
		      enum ffa_status status)
{
	static const uint32_t fids[] = { MAP_32, MAP_64 };

	for (unsigned int i = 0; i < NUMBER_OF(fids); i++) {
		if (fids[i] == MAP_32 && ((tx | rx) >> 32) != 0) {
			continue;
		}
		snapshot_take();
		CALL(cpu_of(v), v, fids[i], tx, rx, pages);
		if (status != FFA_OK) {
			assert_true(got_error(v, status));
			assert_true(snapshot_same(v));
			continue;
		}
		assert_true(got_success(v, 0, 0));
		CALL(cpu_of(v), v, UNMAP);
		assert_true(got_success(v, 0, 0));
	}
}

/* base: memory of v's own, of 2 * PAGES_MAX pages at least. */
static void check_places(struct vcpu *v, uint64_t base)
{
	for (uint64_t pages = 0; pages < 70; pages++) {
		bool good = pages >= 1 && pages <= PAGES_MAX;

		check_map(v, base, base + pages * PAGE, pages,
			  good ? FFA_OK : FFA_INVALID_PARAMETERS);
	}
	check_map(v, base + PAGE, base, 1, FFA_OK);
	check_map(v, base, base, 1, FFA_INVALID_PARAMETERS);
	check_map(v, base, base + PAGE, 2, FFA_INVALID_PARAMETERS);
	check_map(v, base + PAGE, base, 2, FFA_INVALID_PARAMETERS);
	check_map(v, base, base + 15 * PAGE, 16, FFA_INVALID_PARAMETERS);
	for (unsigned int bit = 0; bit < 12; bit++) {
		uint64_t off = 1ul << bit;

		check_map(v, base + off, base + 4 * PAGE, 1, FFA_INVALID_PARAMETERS);
		check_map(v, base, base + 4 * PAGE + off, 1, FFA_INVALID_PARAMETERS);
	}
	check_map(v, base, UINT64_MAX & ~(PAGE - 1), 2, FFA_INVALID_PARAMETERS);
	check_map(v, UINT64_MAX & ~(PAGE - 1), base, 16, FFA_INVALID_PARAMETERS);
	check_map(v, base, base + PAGE, 1ul << 31, FFA_INVALID_PARAMETERS);
}

static void test_places(void **state)
{
	(void)state;
	check_places(up, SP_MEMORY(UP_A));
	check_places(nwd(1), NWD_MEMORY);
}

/* What is not the caller's own: another SP's, nobody's, the normal world's, part of it. */
static void test_sp_memory(void **state)
{
	const uint64_t own = SP_MEMORY(UP_A);
	const uint64_t end = SP_READ_ONLY(UP_A) + PAGE;
	static const uint64_t others[] = {
		SP_MEMORY(MP_A), SP_MEMORY(UP_B), NWD_MEMORY, 0,
		0x0e100000,      0x10000000,      1ul << 47,  1ul << 52
	};

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(others); i++) {
		check_map(up, own, others[i], 1, FFA_INVALID_PARAMETERS);
		check_map(up, others[i], own, 1, FFA_INVALID_PARAMETERS);
	}
	check_map(up, own, end, 1, FFA_INVALID_PARAMETERS);
	check_map(up, own - PAGE, own + PAGE, 2, FFA_INVALID_PARAMETERS);
	check_map(up, own + 4 * PAGE, end - 3 * PAGE, 4, FFA_INVALID_PARAMETERS);
	/* What the SP may not write, nobody writes for it. */
	check_map(up, own, SP_READ_ONLY(UP_A), 1, FFA_INVALID_PARAMETERS);
	check_map(up, SP_READ_ONLY(UP_A), own, 1, FFA_INVALID_PARAMETERS);
	check_map(up, own, SP_READ_ONLY(UP_A) - PAGE, 2, FFA_INVALID_PARAMETERS);
	check_map(up, own, SP_READ_ONLY(UP_A) - 2 * PAGE, 2, FFA_OK);
}

static void test_nwd_memory(void **state)
{
	const uint64_t end = NWD_MEMORY + NWD_PAGES * PAGE;
	static const uint64_t others[] = { SP_MEMORY(MP_A), 0, 0x0e100000, 1ul << 47, 1ul << 52 };

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(others); i++) {
		check_map(nwd(1), NWD_MEMORY, others[i], 1, FFA_DENIED);
		check_map(nwd(1), others[i], NWD_MEMORY, 1, FFA_DENIED);
	}
	check_map(nwd(1), NWD_MEMORY, end, 1, FFA_DENIED);
	check_map(nwd(1), NWD_MEMORY, end - PAGE, 2, FFA_DENIED);
	check_map(nwd(1), NWD_MEMORY - PAGE, NWD_MEMORY + PAGE, 2, FFA_DENIED);
	check_map(nwd(1), NWD_MEMORY, end - PAGE, 1, FFA_OK);
}

/* The upper halves say nothing in the 32-bit form. */
static void test_widths(void **state)
{
	const uint64_t base = SP_MEMORY(UP_A);

	(void)state;
	CALL(0, up, MAP_32, JUNK | base, JUNK | (base + PAGE), JUNK | 1);
	assert_true(got_success(up, 0, 0));
	CALL(0, up, UNMAP, JUNK);
	assert_true(got_success(up, 0, 0));
	CALL(0, up, MAP_64, JUNK | base, base + PAGE, 1);
	assert_true(got_error(up, FFA_INVALID_PARAMETERS));
	CALL(0, up, MAP_64, base, base + PAGE, JUNK | 1);
	assert_true(got_success(up, 0, 0));
}

/* One pair each, again and again. */
static void test_once(void **state)
{
	const uint64_t base = SP_MEMORY(UP_A);

	(void)state;
	for (unsigned int i = 0; i < 300; i++) {
		CALL(0, up, MAP_64, base, base + 2 * PAGE, 2);
		assert_true(got_success(up, 0, 0));
		check_map(up, base + 4 * PAGE, base + 6 * PAGE, 1, FFA_DENIED);
		CALL(0, up, UNMAP, 0);
		assert_true(got_success(up, 0, 0));
		CALL(0, up, UNMAP, 0);
		assert_true(got_error(up, FFA_INVALID_PARAMETERS));
	}
}

static void check_refused(struct vcpu *v, uint32_t fid, uint32_t w1, enum ffa_status status)
{
	snapshot_take();
	CALL(cpu_of(v), v, fid, w1);
	assert_true(got_error(v, status));
	assert_true(snapshot_same(v));
}

/* w1 names a VM, which only a hypervisor has. */
static void test_others(void **state)
{
	(void)state;
	CALL(0, up, MAP_64, SP_MEMORY(UP_A), SP_MEMORY(UP_A) + PAGE, 1);
	up->endpoint->mailbox.rx_full = true;
	for (unsigned int bit = 0; bit < 16; bit++) {
		check_refused(up, UNMAP, 0x10000u << bit, FFA_INVALID_PARAMETERS);
		check_refused(up, RELEASE, 1u << bit, FFA_INVALID_PARAMETERS);
	}
	check_refused(nwd(1), UNMAP, (uint32_t)id_of(UP_A) << 16, FFA_INVALID_PARAMETERS);
	check_refused(nwd(1), RELEASE, id_of(UP_A), FFA_INVALID_PARAMETERS);
}

/* --- Who has RX ------------------------------------------------------------------------------ */

static void check_ownership(struct vcpu *v, uint64_t base)
{
	uint32_t cpu = cpu_of(v);

	check_refused(v, RELEASE, 0, FFA_DENIED); /* there is none */
	CALL(cpu, v, MAP_64, base, base + PAGE, 1);
	check_refused(v, RELEASE, 0, FFA_DENIED); /* it is empty */
	CALL(cpu, v, INFO);
	assert_int_equal(got(v, 0), 0x84000061);
	check_refused(v, INFO, 0, FFA_BUSY);
	CALL(cpu, v, RELEASE);
	assert_true(got_success(v, 0, 0));
	check_refused(v, RELEASE, 0, FFA_DENIED);
	CALL(cpu, v, INFO);
	assert_int_equal(got(v, 0), 0x84000061);
	/* A new pair is empty, whatever was with the old one. */
	CALL(cpu, v, UNMAP);
	assert_true(got_success(v, 0, 0));
	check_refused(v, RELEASE, 0, FFA_DENIED);
	CALL(cpu, v, MAP_64, base, base + PAGE, 1);
	check_refused(v, RELEASE, 0, FFA_DENIED);
}

static void test_ownership(void **state)
{
	(void)state;
	check_ownership(up, SP_MEMORY(UP_A));
	check_ownership(nwd(1), NWD_MEMORY);
}

/* An SP may do all of it whatever it is doing. */
static void test_in_every_model(void **state)
{
	const uint64_t base = SP_MEMORY(UP_A);

	(void)state;
	for (enum runtime_model model = RT_INIT; model < RT_COUNT; model++) {
		struct vcpu *v;

		system_create();
		v = system_boot_into(UP_A, model);
		CALL(0, v, MAP_64, base, base + PAGE, 1);
		assert_true(got_success(v, 0, 0));
		CALL(0, v, INFO);
		assert_true(got_success(v, SPS, 24));
		CALL(0, v, RELEASE);
		assert_true(got_success(v, 0, 0));
		CALL(0, v, UNMAP);
		assert_true(got_success(v, 0, 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_places, set_up),
		cmocka_unit_test_setup(test_sp_memory, set_up),
		cmocka_unit_test_setup(test_nwd_memory, set_up),
		cmocka_unit_test_setup(test_widths, set_up),
		cmocka_unit_test_setup(test_once, set_up),
		cmocka_unit_test_setup(test_others, set_up),
		cmocka_unit_test_setup(test_ownership, set_up),
		cmocka_unit_test(test_in_every_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
