/* SPDX-License-Identifier: BSD-3-Clause */

/* FFA_PARTITION_INFO_GET: FF-A 1.2 chapter 6, for callers of every version. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#define INFO 0x84000068u
#define RELEASE 0x84000065u
#define COUNT_ONLY 1u

#define NWD_RX (NWD_MEMORY + 0x1000)

/* As FF-A 1.1 lays it out; callers of 1.0 get the first eight bytes of it. */
struct entry {
	uint16_t id;
	uint16_t vcpu_count;
	uint32_t properties;
	uint32_t uuid[4];
};

#define RECV 1u
#define SEND 2u
#define INDIRECT 4u
#define NOTIFIED 8u
#define VM_CREATED 0x40u
#define VM_DESTROYED 0x80u
#define AARCH64 0x100u
#define RECV2 0x200u
#define SEND2 0x400u

static const enum which order[] = { MP_A, UP_A, MP_B, UP_B };

/* Two services for UP_A, one of which MP_B has too; all methods there are. */
static void create(unsigned int nwd_minor)
{
	struct partition *p = &sys.partitions[UP_A];

	system_create();
	p->services[0].methods = RECV | SEND | INDIRECT | RECV2 | SEND2;
	p->services[1] = (struct service){
		.uuid = sys.partitions[MP_B].services[0].uuid,
		.methods = RECV2,
	};
	p->service_count = 2;
	p->methods = RECV | SEND | INDIRECT | RECV2 | SEND2;
	p->vm_messages = 3;
	p->notifications = true;
	system_boot();
	CALL(0, nwd(0), FFA_VERSION_32, FFA_VERSION(1, nwd_minor));
	CALL(0, nwd(0), FFA_RXTX_MAP_64, NWD_MEMORY, NWD_RX, 1);
	assert_true(got_success(nwd(0), 0, 0));
}

static bool ask(const uint32_t uuid[4], uint32_t flags)
{
	CALL(0, nwd(0), INFO, uuid[0], uuid[1], uuid[2], uuid[3], flags);
	return got(nwd(0), 0) == 0x84000061;
}

static void check_refused(const uint32_t uuid[4], uint32_t flags, enum ffa_status status)
{
	struct vcpu *v = nwd(0);

	snapshot_take();
	assert_false(ask(uuid, flags));
	assert_true(got_error(v, status));
	assert_true(snapshot_same(v));
}

static void check_counts(uint32_t count, uint32_t size)
{
	assert_true(got_success(nwd(0), count, size));
}

static const uint32_t nil[4];

/* What the n-th entry says, in a list of entries of that size. */
static struct entry entry_at(uint32_t n, uint32_t size)
{
	struct entry e = { 0 };

	memcpy(&e, (const char *)NWD_RX + (size_t)n * size, size);
	return e;
}

static void test_all(void **state)
{
	(void)state;
	for (unsigned int minor = 0; minor <= 2; minor++) {
		uint32_t size = minor == 0 ? 8 : 24;
		uint32_t count = minor < 2 ? 4 : 5; /* from 1.2 on each service has an entry */
		uint32_t n = 0;

		create(minor);
		if (minor > 0) {
			assert_true(ask(nil, COUNT_ONLY));
			check_counts(count, 0);
			assert_false(spmc.nwd.mailbox.rx_full);
		}
		memset((void *)NWD_RX, 0xA5, 0x1000);
		assert_true(ask(nil, 0));
		assert_int_equal(got(nwd(0), 2), count);
		assert_true(minor == 0 || got(nwd(0), 3) == size);
		assert_true(spmc.nwd.mailbox.rx_full);
		for (size_t i = 0; i < NUMBER_OF(order); i++) {
			const struct partition *p = &sys.partitions[order[i]];
			uint32_t services = minor < 2 ? 1 : p->service_count;

			for (uint32_t k = 0; k < services; k++) {
				struct entry e = entry_at(n++, size);

				assert_int_equal(e.id, id_of(order[i]));
				assert_int_equal(e.vcpu_count, p->vcpu_count);
				if (minor > 0) {
					assert_memory_equal(e.uuid, &p->services[k].uuid, 16);
				}
			}
		}
		assert_int_equal(*((const unsigned char *)NWD_RX + (size_t)count * size), 0xA5);
	}
}

/* One service: whoever has it, and the UUID is not told again. */
static void test_by_uuid(void **state)
{
	(void)state;
	for (unsigned int minor = 0; minor <= 2; minor++) {
		uint32_t size = minor == 0 ? 8 : 24;
		struct entry e;

		create(minor);
		assert_true(ask(sys.partitions[MP_B].services[0].uuid.w, 0));
		assert_int_equal(got(nwd(0), 2), 2);
		assert_int_equal(entry_at(0, size).id, id_of(UP_A));
		e = entry_at(1, size);
		assert_int_equal(e.id, id_of(MP_B));
		assert_memory_equal(e.uuid, nil, 16);
		CALL(0, nwd(0), RELEASE);
		assert_true(ask(sys.partitions[UP_A].services[0].uuid.w, 0));
		assert_int_equal(got(nwd(0), 2), 1);
		assert_int_equal(entry_at(0, size).id, id_of(UP_A));
	}
}

static void test_unknown_uuid(void **state)
{
	(void)state;
	create(2);
	for (unsigned int i = 0; i < 128; i++) {
		struct ffa_uuid uuid = sys.partitions[UP_A].services[0].uuid;

		uuid.w[i / 32] ^= 1u << i % 32;
		if (memcmp(&uuid, &sys.partitions[UP_A].services[1].uuid, 16) == 0 ||
		    memcmp(&uuid, &sys.partitions[MP_A].services[0].uuid, 16) == 0 ||
		    memcmp(&uuid, &sys.partitions[UP_B].services[0].uuid, 16) == 0) {
			continue;
		}
		check_refused(uuid.w, 0, FFA_INVALID_PARAMETERS);
		check_refused(uuid.w, COUNT_ONLY, FFA_INVALID_PARAMETERS);
	}
}

static void test_flags(void **state)
{
	(void)state;
	create(2);
	for (unsigned int bit = 1; bit < 32; bit++) {
		check_refused(nil, 1u << bit, FFA_INVALID_PARAMETERS);
		check_refused(nil, 1u << bit | COUNT_ONLY, FFA_INVALID_PARAMETERS);
	}
	create(0);
	for (unsigned int bit = 0; bit < 32; bit++) {
		check_refused(nil, 1u << bit, FFA_INVALID_PARAMETERS);
	}
}

/* RX is the caller's, is not there, or is taken away while we write. Counting needs none. */
static void test_rx(void **state)
{
	(void)state;
	create(2);
	assert_true(ask(nil, 0));
	check_refused(nil, 0, FFA_BUSY);
	assert_true(ask(nil, COUNT_ONLY));
	CALL(0, nwd(0), RELEASE);
	spmc.nwd.mailbox.rx = (void *)0x70000000;
	check_refused(nil, 0, FFA_ABORTED);
	spmc.nwd.mailbox.rx = (void *)NWD_RX;
	CALL(0, nwd(0), FFA_RXTX_UNMAP_32);
	check_refused(nil, 0, FFA_BUSY);
	assert_true(ask(nil, COUNT_ONLY));
}

/* --- Properties ------------------------------------------------------------------------------ */

static uint32_t shown_to_nwd(unsigned int minor)
{
	assert_true(ask(sys.partitions[UP_A].services[0].uuid.w, 0));
	assert_int_equal(got(nwd(0), 3), minor == 0 ? 8 : 24);
	CALL(0, nwd(0), RELEASE);
	return entry_at(0, minor == 0 ? 8 : 24).properties;
}

static void test_properties_for_the_normal_world(void **state)
{
	const uint32_t vms = VM_CREATED | VM_DESTROYED;

	(void)state;
	create(2);
	assert_int_equal(shown_to_nwd(2), RECV | INDIRECT | NOTIFIED | RECV2 | AARCH64 | vms);
	sys.partitions[UP_A].endpoint.version = FFA_VERSION_1_1;
	assert_int_equal(shown_to_nwd(2), RECV | INDIRECT | NOTIFIED | AARCH64 | vms);
	sys.partitions[UP_A].endpoint.version = FFA_VERSION_1_0;
	assert_int_equal(shown_to_nwd(2), RECV | AARCH64 | vms);
	sys.partitions[UP_A].endpoint.version = FFA_VERSION_1_2;
	sys.partitions[UP_A].notifications = false;
	sys.partitions[UP_A].vm_messages = 0;
	assert_int_equal(shown_to_nwd(2), RECV | INDIRECT | RECV2 | AARCH64);
	sys.partitions[UP_A].vm_messages = 2;
	assert_int_equal(shown_to_nwd(2), RECV | INDIRECT | RECV2 | AARCH64 | VM_DESTROYED);
	create(1);
	assert_int_equal(shown_to_nwd(1), RECV | INDIRECT | NOTIFIED | AARCH64 | vms);
	create(0);
	assert_int_equal(shown_to_nwd(0), RECV | SEND | INDIRECT);
}

/* SPs are shown what may be sent to them, but nothing of VMs. */
static void test_properties_for_an_sp(void **state)
{
	const uint64_t rx = SP_MEMORY(MP_A) + 0x1000;
	const uint32_t *uuid = sys.partitions[UP_A].services[0].uuid.w;
	struct vcpu *v = sp(MP_A, 0);
	struct entry e;

	(void)state;
	create(2);
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(MP_A), 0));
	CALL(0, v, FFA_RXTX_MAP_64, SP_MEMORY(MP_A), rx, 1);
	assert_ptr_equal(CALL(0, v, INFO, uuid[0], uuid[1], uuid[2], uuid[3]), v);
	assert_true(got_success(v, 1, 24));
	memcpy(&e, (const void *)rx, sizeof(e));
	assert_int_equal(e.properties, RECV | SEND | INDIRECT | NOTIFIED | RECV2 | SEND2 | AARCH64);
	CALL(0, v, RELEASE);
	/* It finds itself, too. */
	CALL(0, v, INFO, 0, 0, 0, 0, COUNT_ONLY);
	assert_true(got_success(v, 5, 0));
}

/* More than RX holds. */
static void test_too_many(void **state)
{
	struct partition *p = &sys.partitions[UP_A];
	struct partition *many[22];

	(void)state;
	create(2);
	p->service_count = PARTITION_MAX_SERVICES;
	for (uint32_t i = 0; i < p->service_count; i++) {
		p->services[i].uuid.w[0] = 0x1000 + i;
	}
	assert_true(ask(nil, 0));
	check_counts(PARTITION_MAX_SERVICES + 3, 24);
	CALL(0, nwd(0), RELEASE);
	/* As many as go into a page, and more. */
	for (uint32_t i = 0; i < NUMBER_OF(many); i++) {
		many[i] = p;
	}
	spmc.partitions = many;
	spmc.partition_count = 21;
	assert_true(ask(nil, 0));
	check_counts(168, 24);
	CALL(0, nwd(0), RELEASE);
	spmc.partition_count = 22;
	check_refused(nil, 0, FFA_NO_MEMORY);
	assert_true(ask(nil, COUNT_ONLY));
	check_counts(176, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_by_uuid),
		cmocka_unit_test(test_unknown_uuid),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_rx),
		cmocka_unit_test(test_properties_for_the_normal_world),
		cmocka_unit_test(test_properties_for_an_sp),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
