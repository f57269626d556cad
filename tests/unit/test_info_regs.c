/* SPDX-License-Identifier: BSD-3-Clause */

/* FFA_PARTITION_INFO_GET_REGS: FF-A 1.2 chapter 13.9, and how clients page through it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#define REGS 0xC400008Bu
#define OK 0xC4000061u
#define ENTRY_WORDS 3u
#define ENTRIES_MAX 128u

#define AARCH64 0x100u

struct entry {
	uint64_t word[ENTRY_WORDS];
};

/* --- EL3 ------------------------------------------------------------------------------------- */

/* Its logical partitions, and how it tells of them. */
static struct {
	uint32_t count;
	uint32_t stride; /* bytes of an entry: 24, or 48 as from TF-A 2.15 on */
	uint16_t tag; /* of its replies */
	int32_t status; /* FFA_OK: as it should be */
	uint64_t x2; /* not 0: the answer's */
	uint32_t calls;
} el3;

static struct entry el3_entry(uint32_t i)
{
	return (struct entry){ { 0xFFC0 + i + (1ul << 16) + ((AARCH64 | 2ul) << 32), 0x1000 + i,
				 0x2000 + i } };
}

static void el3_error(uint64_t x[18], int32_t status)
{
	memset(x, 0, 18 * sizeof(x[0]));
	x[0] = 0x84000060;
	x[2] = (uint32_t)status;
}

/* By UUID it tells of one only, and leaves the UUID out. */
static void el3_reply(uint64_t x[18], uint32_t start, uint64_t lo, uint64_t hi)
{
	uint32_t words = el3.stride / 8;
	uint32_t room = 15 / words;
	uint32_t here = el3.count - start < room ? el3.count - start : room;

	memset(x, 0, 18 * sizeof(x[0]));
	x[0] = OK;
	if ((lo | hi) != 0) {
		x[2] = (uint64_t)el3.stride << 48;
		x[3] = el3_entry((uint32_t)lo - 0x1000).word[0];
		return;
	}
	x[2] = (el3.count - 1) | (uint64_t)(start + here - 1) << 16 | (uint64_t)el3.tag << 32 |
	       (uint64_t)el3.stride << 48;
	for (uint32_t i = 0; i < here; i++) {
		struct entry e = el3_entry(start + i);

		memset(&x[3 + i * words], 0xEE, el3.stride); /* words that we do not know yet */
		memcpy(&x[3 + i * words], &e, sizeof(e));
	}
}

static void el3_call(uint64_t x[18])
{
	uint32_t start = x[3] & 0xFFFF;
	bool known = (x[1] | x[2]) == 0 || (x[1] - 0x1000 < el3.count && x[2] - 0x1000 == x[1]);

	assert_int_equal(x[0], REGS);
	assert_int_equal(x[3] >> 16, start == 0 ? 0 : el3.tag);
	el3.calls++;
	if (el3.status != FFA_OK) {
		el3_error(x, el3.status);
	} else if (el3.count == 0 || !known) {
		el3_error(x, FFA_NOT_SUPPORTED);
	} else {
		assert_true(start < el3.count);
		el3_reply(x, start, x[1], x[2]);
		if (el3.x2 != 0) {
			x[2] = el3.x2;
		}
	}
}

static void set_el3(uint32_t count, uint32_t stride)
{
	memset(&el3, 0, sizeof(el3));
	el3.count = count;
	el3.stride = stride;
	for (uint32_t i = 0; i < CPUS; i++) {
		sys.cpus[i].arch.el3 = el3_call;
	}
}

/* --- Partitions ------------------------------------------------------------------------------ */

/* Partition i has so many services; before boot. */
static void describe(const uint32_t services[SPS])
{
	system_create();
	for (enum which which = 0; which < SPS; which++) {
		struct partition *p = &sys.partitions[which];

		p->service_count = services[which];
		p->methods = 0;
		for (uint32_t i = 0; i < services[which]; i++) {
			p->services[i].uuid = (struct ffa_uuid){ { which + 1, 0x11, i + 1, 0x33 } };
			p->services[i].methods = FFA_PROP_DIRECT_RECV | FFA_PROP_DIRECT2_SEND |
						 (i == 0 ? FFA_PROP_DIRECT2_RECV : 0);
			p->methods |= p->services[i].methods;
		}
	}
	set_el3(0, 24);
}

static void create(const uint32_t services[SPS])
{
	describe(services);
	system_boot();
}

static uint64_t service_lo(enum which which)
{
	return 0x1100000001ul + which;
}

static uint64_t service_hi(uint32_t i)
{
	return 0x3300000001ul + i;
}

/* What a caller of 1.2 is told of a service. Of what they send only SPs are told. */
static struct entry entry(enum which which, uint32_t i, bool nwd, bool with_uuid)
{
	const struct partition *p = &sys.partitions[which];
	uint64_t properties = AARCH64 | p->services[i].methods;

	if (nwd) {
		properties &= ~(uint64_t)(FFA_PROP_DIRECT_SEND | FFA_PROP_DIRECT2_SEND);
	}
	return (struct entry){ { p->id | (uint64_t)p->vcpu_count << 16 | properties << 32,
				 with_uuid ? service_lo(which) : 0,
				 with_uuid ? service_hi(i) : 0 } };
}

static uint32_t expect_all(struct entry *out, bool nwd)
{
	uint32_t n = 0;

	for (enum which which = 0; which < SPS; which++) {
		for (uint32_t i = 0; i < sys.partitions[which].service_count; i++) {
			out[n++] = entry(which, i, nwd, true);
		}
	}
	for (uint32_t i = 0; !nwd && i < el3.count; i++) {
		out[n++] = el3_entry(i);
	}
	return n;
}

static struct vcpu *ask(struct vcpu *v, uint64_t lo, uint64_t hi, uint64_t x3)
{
	uint64_t x[18] = { REGS, lo, hi, x3 };

	for (unsigned int i = 4; i < 18; i++) {
		x[i] = 0xBAD000 + i; /* should be zero: ignored */
	}
	return call_18(0, v, x);
}

/* One reply: full, as far as there is something to fill it with, the rest zero. */
static void check_reply(struct vcpu *v, uint32_t start, const struct entry *all, uint32_t count)
{
	uint32_t here = count - start < 5 ? count - start : 5;
	uint64_t expected[18] = { OK, 0,
				  (count - 1) | (uint64_t)(start + here - 1) << 16 | 24ul << 48 };

	memcpy(&expected[3], &all[start], here * sizeof(all[0]));
	assert_memory_equal(v->arch.x, expected, sizeof(expected));
}

/* From every entry on, and none beyond. */
static void check_pages(struct vcpu *v)
{
	struct entry all[ENTRIES_MAX];
	uint32_t count = expect_all(all, vcpu_is_nwd(v));

	for (uint32_t start = 0; start < count; start++) {
		snapshot_take();
		assert_ptr_equal(ask(v, 0, 0, start), v);
		check_reply(v, start, all, count);
		assert_true(snapshot_same(v));
	}
	for (uint32_t start = count; start < 0x10000; start = start * 2 + 1) {
		snapshot_take();
		assert_ptr_equal(ask(v, 0, 0, start), v);
		assert_true(got_error(v, FFA_INVALID_PARAMETERS));
		assert_true(snapshot_same(v));
	}
}

static void test_paging(void **state)
{
	static const uint32_t services[][SPS] = {
		{ 1, 1, 1, 1 }, { 2, 1, 1, 1 }, { 2, 2, 1, 1 }, { 8, 8, 8, 8 }, { 1, 8, 1, 6 },
	};

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(services); i++) {
		create(services[i]);
		check_pages(nwd(0));
		CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(UP_B), 0));
		check_pages(sp(UP_B, 0));
	}
}

/* EL3's come after ours, to SPs only, whatever the size of its entries. */
static void test_logical(void **state)
{
	static const uint32_t services[SPS] = { 1, 2, 1, 2 };
	static const uint32_t strides[] = { 24, 32, 48, 120 };

	(void)state;
	create(services);
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(MP_A), 0));
	for (size_t s = 0; s < NUMBER_OF(strides); s++) {
		for (uint32_t count = 0; count <= 63; count += count < 8 ? 1 : 11) {
			set_el3(count, strides[s]);
			el3.tag = (uint16_t)(count * 7);
			check_pages(sp(MP_A, 0));
			assert_int_not_equal(el3.calls, 0);
		}
	}
	CALL(0, sp(MP_A, 0), FFA_MSG_WAIT_32);
	set_el3(9, 24);
	check_pages(nwd(0));
	assert_int_equal(el3.calls, 0);
}

/* Who asks with a UUID gets one entry, without it. */
static void test_by_uuid(void **state)
{
	static const uint32_t services[SPS] = { 3, 1, 8, 1 };

	(void)state;
	create(services);
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(MP_A), 0));
	set_el3(7, 48);
	for (unsigned int asker = 0; asker < 2; asker++) {
		struct vcpu *v = asker == 0 ? sp(MP_A, 0) : nwd(0);

		for (enum which which = 0; which < SPS; which++) {
			for (uint32_t i = 0; i < services[which]; i++) {
				struct entry e = entry(which, i, vcpu_is_nwd(v), false);

				ask(v, service_lo(which), service_hi(i), 0);
				check_reply(v, 0, &e, 1);
				ask(v, service_lo(which), service_hi(i), 1);
				assert_true(got_error(v, FFA_INVALID_PARAMETERS));
			}
			ask(v, service_lo(which), service_hi(services[which]), 0);
			assert_true(got_error(v, FFA_INVALID_PARAMETERS));
		}
		ask(v, 0x1003, 0x2003, 0);
		if (vcpu_is_nwd(v)) {
			assert_true(got_error(v, FFA_INVALID_PARAMETERS));
		} else {
			struct entry e = { { el3_entry(3).word[0] } };

			check_reply(v, 0, &e, 1);
			CALL(0, v, FFA_MSG_WAIT_32);
		}
	}
}

/* Several partitions may have the same service. */
static void test_shared_uuid(void **state)
{
	static const uint32_t services[SPS] = { 1, 1, 2, 1 };
	struct entry e[2];

	(void)state;
	create(services);
	sys.partitions[MP_B].services[1].uuid = sys.partitions[UP_A].services[0].uuid;
	e[0] = entry(UP_A, 0, true, false);
	e[1] = entry(MP_B, 1, true, false);
	ask(nwd(0), service_lo(UP_A), service_hi(0), 0);
	check_reply(nwd(0), 0, e, 2);
	ask(nwd(0), service_lo(UP_A), service_hi(0), 1);
	check_reply(nwd(0), 1, e, 2);
}

static void test_tag(void **state)
{
	static const uint32_t services[SPS] = { 2, 2, 2, 2 };

	(void)state;
	create(services);
	for (unsigned int bit = 16; bit < 32; bit++) {
		for (uint32_t start = 0; start < 20; start += 5) {
			snapshot_take();
			ask(nwd(0), 0, 0, 1ul << bit | start);
			assert_true(got_error(nwd(0), FFA_RETRY));
			assert_true(snapshot_same(nwd(0)));
		}
	}
	/* The upper half of x3 should be zero. */
	ask(nwd(0), 0, 0, 0xFFFFFFFF00000000);
	assert_int_equal(nwd(0)->arch.x[0], OK);
}

/* EL3 that knows no such call has no partitions; one that refuses, or is out of its mind, does not
 * tell. */
static void check_el3_refuses(bool el0)
{
	static const uint32_t services[SPS] = { 1, 1, 1, 1 };
	static const uint64_t senseless[] = {
		2 | 1ul << 16 | 16ul << 48, /* too short */
		2 | 1ul << 16, /* of no size */
		1 | 2ul << 16 | 24ul << 48, /* current beyond the last */
		9 | 5ul << 16 | 24ul << 48, /* six in one reply */
		9 | 2ul << 16 | 48ul << 48,
		0 | 0ul << 16 | 0xFFFFul << 48,
	};
	struct vcpu *v = sp(UP_B, 0);

	describe(services);
	sys.partitions[UP_B].el0 = el0;
	system_boot();
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(UP_B), 0));
	for (int32_t status = -10; status < 0; status++) {
		set_el3(1, 24);
		el3.status = status;
		snapshot_take();
		ask(v, 0, 0, 0);
		if (status == FFA_NOT_SUPPORTED) {
			assert_int_equal(v->arch.x[0], OK);
		} else {
			assert_true(got_error(v, FFA_DENIED));
		}
		assert_true(snapshot_same(v));
	}
	for (size_t i = 0; i < NUMBER_OF(senseless); i++) {
		set_el3(10, 24);
		el3.x2 = senseless[i];
		ask(v, 0, 0, 0);
		assert_true(got_error(v, FFA_DENIED));
	}
	set_el3(10, 24);
	sys.cpus[0].arch.el3 = NULL;
	el3.count = 0;
	check_pages(v);
}

static void test_el3_refuses(void **state)
{
	(void)state;
	check_el3_refuses(false);
	check_el3_refuses(true);
}

/* No RX buffer is needed, or touched; while a partition initialises it may ask too. */
static void test_during_initialisation(void **state)
{
	struct vcpu *v;

	(void)state;
	system_create();
	v = system_boot_into(MP_A, RT_INIT);
	assert_ptr_equal(ask(v, 0, 0, 0), v);
	assert_int_equal(v->arch.x[0], OK);
	assert_int_equal(v->arch.x[2] & 0xFFFF, SPS - 1);
}

static void test_versions(void **state)
{
	(void)state;
	for (unsigned int minor = 0; minor < 2; minor++) {
		system_create();
		system_boot();
		CALL(0, nwd(0), FFA_VERSION_32, FFA_VERSION(1, minor));
		snapshot_take();
		ask(nwd(0), 0, 0, 0);
		assert_true(got_error(nwd(0), FFA_NOT_SUPPORTED));
		for (unsigned int i = 8; i < 18; i++) {
			assert_int_equal(nwd(0)->arch.x[i], 0xBAD000 + i);
		}
		assert_true(snapshot_same(nwd(0)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paging),
		cmocka_unit_test(test_logical),
		cmocka_unit_test(test_by_uuid),
		cmocka_unit_test(test_shared_uuid),
		cmocka_unit_test(test_tag),
		cmocka_unit_test(test_el3_refuses),
		cmocka_unit_test(test_during_initialisation),
		cmocka_unit_test(test_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
