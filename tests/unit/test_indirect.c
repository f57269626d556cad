/* SPDX-License-Identifier: BSD-3-Clause */

/* Indirect messages: FF-A 1.2 chapter 7.2 and 15.1, and what clients expect of them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#include "arch/host.h"

#define MAP 0xC4000066u
#define RELEASE 0x84000065u
#define SEND2 0x84000086u
#define BITMAP_CREATE 0x8400007Du
#define GET 0x84000082u
#define INFO_64 0xC4000083u
#define NO_DATA FFA_NO_DATA

#define PAGE 0x1000u
#define DELAY 2u
#define A_VM 7u
#define FROM_SP 1u /* framework notifications, w6 and w7 */
#define FROM_VM 1u

/* Words of a header as they are in memory. */
enum { H_FLAGS, H_RESERVED, H_OFFSET, H_IDS, H_SIZE, H_RESERVED2, H_UUID, H_WORDS = 10 };

/* --- Endpoints and their buffers ------------------------------------------------------------- */

/* TX and RX of endpoints: SPs as in enum which, the normal world, a VM. */
enum { NWD = SPS, VM, ENDPOINTS };

#define BUFFER_PAGES 2u

static uint64_t tx_of(int who)
{
	uint64_t base = who < NWD ? SP_MEMORY(who) : NWD_MEMORY + (uint64_t)(who - NWD) * 8 * PAGE;

	return base + 4 * PAGE;
}

static uint64_t rx_of(int who)
{
	return tx_of(who) + BUFFER_PAGES * PAGE;
}

static uint16_t id(int who)
{
	return who < NWD ? id_of((enum which)who) : who == NWD ? 0 : A_VM;
}

static void create(void)
{
	system_create();
	for (enum which which = 0; which < SPS; which++) {
		struct partition *p = &sys.partitions[which];

		p->services[0].methods |= FFA_PROP_INDIRECT;
		p->services[1] = (struct service){ { { which + 1, 0x44, 0x55, 0x66 } },
						   FFA_PROP_DIRECT_RECV };
		p->service_count = 2;
		p->methods = p->services[0].methods | p->services[1].methods;
		p->notifications = true;
	}
}

static void map(struct vcpu *v, int who, uint32_t pages)
{
	memset((void *)tx_of(who), 0, pages * PAGE);
	CALL(0, v, MAP, tx_of(who), tx_of(who) + pages * PAGE, pages);
	assert_true(got_success(v, 0, 0));
}

/* As a hypervisor does it. */
static void map_vm(uint32_t pages)
{
	const uint32_t desc[] = {
		A_VM,
		48,
		16,
		0,
		pages,
		1,
		0,
		0,
		(uint32_t)tx_of(VM),
		0,
		pages,
		0,
		pages,
		1,
		0,
		0,
		(uint32_t)(tx_of(VM) + pages * PAGE),
		0,
		pages,
		0,
	};

	memcpy((void *)tx_of(NWD), desc, sizeof(desc));
	CALL(0, nwd(0), MAP);
	assert_true(got_success(nwd(0), 0, 0));
	memset((void *)tx_of(VM), 0, pages * PAGE);
}

/* The SP runs on CPU 0 by FFA_RUN, keeping its RX when it stops. */
static struct vcpu *run(enum which which)
{
	struct vcpu *v = sp(which, 0);

	assert_ptr_equal(running(0), nwd(0));
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(which), v->index));
	assert_ptr_equal(running(0), v);
	return v;
}

static void stop(struct vcpu *v)
{
	CALL(0, v, FFA_MSG_WAIT_32, 0, v->endpoint->version >= FFA_VERSION_1_2);
	assert_ptr_equal(running(0), nwd(0));
}

/* All have buffers. Bitmaps for the normal world and the VM, so that they are notified. */
static void boot(void)
{
	system_boot();
	for (enum which which = 0; which < SPS; which++) {
		struct vcpu *v = run(which);

		map(v, which, BUFFER_PAGES);
		stop(v);
	}
	map(nwd(0), NWD, BUFFER_PAGES);
	map_vm(BUFFER_PAGES);
	CALL(0, nwd(0), BITMAP_CREATE, 0, CPUS);
	assert_true(got_success(nwd(0), 0, 0));
	CALL(0, nwd(0), BITMAP_CREATE, A_VM, 1);
	assert_true(got_success(nwd(0), 0, 0));
}

static int setup(void **state)
{
	(void)state;
	create();
	boot();
	return 0;
}

/* --- Messages -------------------------------------------------------------------------------- */

struct message {
	uint32_t h[H_WORDS];
};

static struct message message(int from, int to, uint32_t offset, uint32_t size)
{
	return (struct message){
		{ [H_OFFSET] = offset, [H_IDS] = FFA_IDS(id(from), id(to)), [H_SIZE] = size }
	};
}

/* Into the TX of `from`: the header, random bytes after it. */
static void write_tx(int from, const struct message *m)
{
	uint8_t *tx = (void *)tx_of(from);

	for (unsigned int i = 0; i < BUFFER_PAGES * PAGE; i++) {
		tx[i] = (uint8_t)rand();
	}
	memcpy(tx, m, sizeof(*m));
}

static void clear_rx(int to)
{
	memset((void *)rx_of(to), 0xA5, BUFFER_PAGES * PAGE);
}

static bool rx_is_clear(int to)
{
	const uint8_t *rx = (void *)rx_of(to);

	for (unsigned int i = 0; i < BUFFER_PAGES * PAGE; i++) {
		if (rx[i] != 0xA5) {
			return false;
		}
	}
	return true;
}

/* The vCPU that calls for `from`. */
static struct vcpu *begin(int from)
{
	return from < NWD ? run((enum which)from) : nwd(0);
}

static void end(struct vcpu *v)
{
	if (!vcpu_is_nwd(v)) {
		stop(v);
	}
}

static void send(struct vcpu *v, int from, uint32_t flags)
{
	assert_ptr_equal(CALL(0, v, SEND2, from == VM ? (uint32_t)A_VM << 16 : 0, flags), v);
}

static void check_delivered(int from, int to, uint32_t bytes)
{
	const uint8_t *rx = (void *)rx_of(to);

	assert_memory_equal(rx, (void *)tx_of(from), bytes);
	for (unsigned int i = bytes; i < BUFFER_PAGES * PAGE; i++) {
		assert_int_equal(rx[i], 0xA5);
	}
}

/* `to` finds what is in its RX, once. w6 is of SPs, w7 of VMs. */
static void check_notified(int from, int to)
{
	struct vcpu *v = begin(to);

	CALL(0, v, GET, id(to), to < NWD ? 0xF : 5);
	assert_int_equal(got(v, 0), 0x84000061);
	assert_int_equal(got(v, 6), from < NWD ? FROM_SP : 0);
	assert_int_equal(got(v, 7), from < NWD ? 0 : FROM_VM);
	CALL(0, v, GET, id(to), to < NWD ? 0xF : 5);
	assert_true(got_success(v, 0, 0));
	CALL(0, v, RELEASE, to == VM ? A_VM : 0);
	assert_true(got_success(v, 0, 0));
	end(v);
}

/* The scheduler is told of `to`, and of nobody else. */
static void check_told(int to)
{
	CALL(0, nwd(0), INFO_64);
	assert_int_equal(nwd(0)->arch.x[0], 0xC4000061);
	assert_int_equal(nwd(0)->arch.x[2], 1u << 7);
	assert_int_equal(nwd(0)->arch.x[3], id(to));
	CALL(0, nwd(0), INFO_64);
	assert_true(got_error(nwd(0), NO_DATA));
}

static void deliver(int from, int to, uint32_t offset, uint32_t size, uint32_t flags)
{
	struct message m = message(from, to, offset, size);
	uint32_t sris = sri_count[0];
	struct vcpu *v;

	write_tx(from, &m);
	clear_rx(to);
	v = begin(from);
	send(v, from, flags);
	assert_true(got_success(v, 0, 0));
	if (!vcpu_is_nwd(v)) {
		assert_int_equal(sri_count[0], sris + (flags == 0));
	}
	end(v);
	assert_int_equal(sri_count[0], sris + 1);
	check_delivered(from, to, offset + size);
	check_told(to);
	check_notified(from, to);
}

static void test_delivered(void **state)
{
	static const struct {
		uint32_t offset, size;
	} sizes[] = { { 40, 0 },   { 40, 1 },   { 40, 100 },           { 41, 7 },  { 64, 4096 },
		      { 4096, 1 }, { 8192, 0 }, { 40, 2 * PAGE - 40 }, { 8191, 1 } };

	(void)state;
	for (int from = 0; from < ENDPOINTS; from++) {
		for (int to = 0; to < ENDPOINTS; to++) {
			if (from == to || (from >= NWD && to >= NWD)) {
				continue;
			}
			for (size_t i = 0; i < NUMBER_OF(sizes); i++) {
				deliver(from, to, sizes[i].offset, sizes[i].size,
					from < NWD ? DELAY : 0);
			}
		}
	}
	system_settle();
}

/* --- Refused --------------------------------------------------------------------------------- */

/* Nothing has changed, and RX least of all. */
static void refused(struct vcpu *v, uint64_t w1, uint64_t w2, int to, enum ffa_status status)
{
	clear_rx(to);
	snapshot_take();
	assert_ptr_equal(CALL(0, v, SEND2, w1, w2), v);
	if (!got_error(v, status)) {
		fail_msg("w1 %#lx w2 %#lx: %d, not %d", w1, w2, (int)got(v, 2), status);
	}
	assert_true(snapshot_same(v));
	assert_true(rx_is_clear(to));
}

static void refused_message(struct vcpu *v, int from, int to, const struct message *m,
			    enum ffa_status status)
{
	write_tx(from, m);
	refused(v, from == VM ? (uint32_t)A_VM << 16 : 0, 0, to, status);
}

static void check_bad_ids(int from)
{
	static const uint16_t bad[] = { 0x8005, FFA_ID_SPMC, 0xFFC0, FFA_ID_SPMD, 0x1234, 0x7FFF };
	struct vcpu *v = begin(from);
	struct message m = message(from, UP_B, 40, 8);

	for (size_t i = 0; i < NUMBER_OF(bad); i++) {
		m.h[H_IDS] = FFA_IDS(id(from), bad[i]);
		refused_message(v, from, UP_B, &m, FFA_INVALID_PARAMETERS);
		m.h[H_IDS] = FFA_IDS(bad[i], id(UP_B));
		refused_message(v, from, UP_B, &m, FFA_INVALID_PARAMETERS);
	}
	m.h[H_IDS] = FFA_IDS(id(from), id(from));
	refused_message(v, from, UP_B, &m, FFA_INVALID_PARAMETERS);
	end(v);
}

static void test_bad_ids(void **state)
{
	struct message m;

	(void)state;
	check_bad_ids(MP_A);
	check_bad_ids(NWD);
	check_bad_ids(VM);
	/* VMs do not send to each other by us. */
	m = message(VM, NWD, 40, 8);
	refused_message(nwd(0), VM, NWD, &m, FFA_INVALID_PARAMETERS);
	m = message(NWD, VM, 40, 8);
	refused_message(nwd(0), NWD, VM, &m, FFA_INVALID_PARAMETERS);
}

/* w1 and w2. The lower half of w1 should be zero. */
static void test_bad_registers(void **state)
{
	struct message from_nwd = message(NWD, UP_B, 40, 8);
	struct message from_sp = message(MP_A, UP_B, 40, 8);
	struct vcpu *v;

	(void)state;
	write_tx(NWD, &from_nwd);
	for (unsigned int bit = 0; bit < 32; bit++) {
		refused(nwd(0), 0, 1u << bit, UP_B, FFA_INVALID_PARAMETERS);
	}
	refused(nwd(0), 0x80010000, 0, UP_B, FFA_INVALID_PARAMETERS);
	refused(nwd(0), 0xFFFF0000, 0, UP_B, FFA_INVALID_PARAMETERS);
	refused(nwd(0), 0x12340000, 0, UP_B, FFA_DENIED); /* no such VM */
	write_tx(MP_A, &from_sp);
	v = run(MP_A);
	for (unsigned int bit = 0; bit < 32; bit++) {
		if (1u << bit != DELAY) {
			refused(v, 0, 1u << bit, UP_B, FFA_INVALID_PARAMETERS);
		}
	}
	for (unsigned int bit = 16; bit < 32; bit++) {
		refused(v, 1u << bit, 0, UP_B, FFA_INVALID_PARAMETERS);
	}
	CALL(0, v, SEND2, 0xFFFFFFFF00001234, 0xFFFFFFFF00000000 | DELAY);
	assert_true(got_success(v, 0, 0));
	stop(v);
}

static void check_bad_sizes(int from, uint32_t header, uint32_t room)
{
	struct vcpu *v = begin(from);
	const uint32_t bad[][2] = {
		{ 0, 8 },
		{ header - 1, 8 },
		{ room + 1, 0 },
		{ room, 1 },
		{ header, room - header + 1 },
		{ UINT32_MAX, 0 },
		{ UINT32_MAX, 1 },
		{ header, UINT32_MAX },
		{ header, UINT32_MAX - header + 1 },
		{ 0x80000000, 0x80000000 },
	};

	for (size_t i = 0; i < NUMBER_OF(bad); i++) {
		struct message m = message(from, UP_B, bad[i][0], bad[i][1]);

		refused_message(v, from, UP_B, &m, FFA_INVALID_PARAMETERS);
	}
	end(v);
}

static void test_bad_sizes(void **state)
{
	(void)state;
	check_bad_sizes(MP_A, 40, 2 * PAGE);
	check_bad_sizes(NWD, 40, 2 * PAGE);
	check_bad_sizes(VM, 40, 2 * PAGE);
	/* What fits the sender's buffer has to fit the receiver's. */
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(UP_B), 0));
	CALL(0, sp(UP_B, 0), FFA_RXTX_UNMAP_32);
	map(sp(UP_B, 0), UP_B, 1);
	stop(sp(UP_B, 0));
	check_bad_sizes(NWD, 40, PAGE);
}

static void test_services(void **state)
{
	struct message m = message(NWD, UP_B, 40, 8);

	(void)state;
	/* None of UP_B's. */
	for (unsigned int bit = 0; bit < 128; bit++) {
		memset(&m.h[H_UUID], 0, 16);
		m.h[H_UUID + bit / 32] |= 1u << bit % 32;
		refused_message(nwd(0), NWD, UP_B, &m, FFA_INVALID_PARAMETERS);
	}
	memcpy(&m.h[H_UUID], &sys.partitions[MP_A].services[0].uuid, 16);
	refused_message(nwd(0), NWD, UP_B, &m, FFA_INVALID_PARAMETERS);
	/* One that takes no such messages. */
	memcpy(&m.h[H_UUID], &sys.partitions[UP_B].services[1].uuid, 16);
	refused_message(nwd(0), NWD, UP_B, &m, FFA_DENIED);
	memcpy(&m.h[H_UUID], &sys.partitions[UP_B].services[0].uuid, 16);
	write_tx(NWD, &m);
	clear_rx(UP_B);
	send(nwd(0), NWD, 0);
	assert_true(got_success(nwd(0), 0, 0));
	check_delivered(NWD, UP_B, 48);
}

static void test_methods(void **state)
{
	struct message m = message(NWD, MP_B, 40, 8);
	struct vcpu *v;

	(void)state;
	create();
	sys.partitions[MP_B].services[0].methods &= ~FFA_PROP_INDIRECT;
	sys.partitions[MP_B].methods &= ~FFA_PROP_INDIRECT;
	boot();
	refused_message(nwd(0), NWD, MP_B, &m, FFA_DENIED);
	v = run(MP_B);
	m = message(MP_B, MP_A, 40, 8);
	refused_message(v, MP_B, MP_A, &m, FFA_DENIED);
	m = message(MP_B, VM, 40, 8);
	refused_message(v, MP_B, VM, &m, FFA_DENIED);
	stop(v);
	/* Without notifications: delivered, and nobody is told. */
	create();
	sys.partitions[UP_A].notifications = false;
	boot();
	m = message(NWD, UP_A, 40, 8);
	write_tx(NWD, &m);
	clear_rx(UP_A);
	send(nwd(0), NWD, 0);
	assert_true(got_success(nwd(0), 0, 0));
	check_delivered(NWD, UP_A, 48);
	assert_int_equal(sri_count[0], 0);
	CALL(0, nwd(0), INFO_64);
	assert_true(got_error(nwd(0), NO_DATA));
}

/* Before 1.2 the header has 20 bytes, and what is behind them is no UUID. 1.0 has no such call. */
static void test_versions(void **state)
{
	struct message m;
	struct vcpu *v;

	(void)state;
	create();
	sys.partitions[MP_A].ffa_version = FFA_VERSION_1_1;
	sys.partitions[MP_B].ffa_version = FFA_VERSION_1_0;
	boot();
	check_bad_sizes(MP_A, 20, 2 * PAGE);
	deliver(MP_A, UP_B, 20, 0, DELAY);
	deliver(MP_A, UP_B, 20, 2 * PAGE - 20, DELAY);
	deliver(UP_B, MP_A, 40, 100, DELAY);
	v = run(MP_A);
	m = message(MP_A, UP_B, 40, 8);
	memset(&m.h[H_UUID], 0xEE, 16);
	write_tx(MP_A, &m);
	send(v, MP_A, DELAY);
	assert_true(got_success(v, 0, 0));
	stop(v);
	m = message(NWD, MP_B, 40, 8);
	refused_message(nwd(0), NWD, MP_B, &m, FFA_DENIED);
	v = run(MP_B);
	m = message(MP_B, UP_A, 40, 8);
	refused_message(v, MP_B, UP_A, &m, FFA_NOT_SUPPORTED);
	stop(v);
}

static void test_busy(void **state)
{
	struct message m = message(NWD, UP_B, 40, 8);
	struct vcpu *v;

	(void)state;
	deliver(NWD, UP_B, 40, 8, 0);
	write_tx(NWD, &m);
	send(nwd(0), NWD, 0);
	assert_true(got_success(nwd(0), 0, 0));
	refused_message(nwd(0), NWD, UP_B, &m, FFA_BUSY);
	/* Without RX: the same. */
	v = run(UP_B);
	CALL(0, v, GET, id(UP_B), 0xF);
	CALL(0, v, FFA_RXTX_UNMAP_32);
	stop(v);
	refused_message(nwd(0), NWD, UP_B, &m, FFA_BUSY);
	/* The hypervisor has a VM's. */
	CALL(0, nwd(0), FFA_RX_ACQUIRE_32, A_VM);
	assert_true(got_success(nwd(0), 0, 0));
	v = run(MP_A);
	m = message(MP_A, VM, 40, 8);
	refused_message(v, MP_A, VM, &m, FFA_BUSY);
	stop(v);
	CALL(0, nwd(0), RELEASE, A_VM);
	deliver(MP_A, VM, 40, 8, DELAY);
}

static void test_without_tx(void **state)
{
	struct vcpu *v = run(MP_A);

	(void)state;
	CALL(0, v, FFA_RXTX_UNMAP_32);
	refused(v, 0, 0, UP_B, FFA_DENIED);
	stop(v);
	CALL(0, nwd(0), FFA_RXTX_UNMAP_32, (uint32_t)A_VM << 16);
	assert_true(got_success(nwd(0), 0, 0));
	refused(nwd(0), (uint32_t)A_VM << 16, 0, UP_B, FFA_DENIED); /* it has its bitmap still */
}

/* Memory that is taken away: before the header was read, in the middle, at the end of RX. */
static void test_aborted(void **state)
{
	struct message m = message(NWD, UP_B, 40, PAGE);
	const uint64_t gone[] = { tx_of(NWD), tx_of(NWD) + PAGE, rx_of(UP_B), rx_of(UP_B) + PAGE };

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(gone); i++) {
		write_tx(NWD, &m);
		host_memory_refuse(gone[i], PAGE);
		snapshot_take();
		send(nwd(0), NWD, 0);
		host_memory_refuse(0, 0);
		assert_true(got_error(nwd(0), FFA_ABORTED));
		assert_true(snapshot_same(nwd(0)));
	}
	deliver(NWD, UP_B, 40, PAGE, 0);
	/* The receiver has died. */
	CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(UP_B), 0));
	(void)serror(0);
	assert_true(got_error(nwd(0), FFA_ABORTED));
	refused_message(nwd(0), NWD, UP_B, &m, FFA_ABORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_delivered, setup),
		cmocka_unit_test_setup(test_bad_ids, setup),
		cmocka_unit_test_setup(test_bad_registers, setup),
		cmocka_unit_test_setup(test_bad_sizes, setup),
		cmocka_unit_test_setup(test_services, setup),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_versions),
		cmocka_unit_test_setup(test_busy, setup),
		cmocka_unit_test_setup(test_without_tx, setup),
		cmocka_unit_test_setup(test_aborted, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
