/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libffa: descriptors of each version, byte by byte, and the calls against an SPMC that plays
 * along.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ffa/mem.h"

#define PARTS 40u
#define BUFFER 4096u
#define HANDLE 0x0000000500000007ul

static const uint32_t versions[] = { FFA_VERSION_1_0, FFA_VERSION_1_1, FFA_VERSION_1_2 };

static const struct ffa_mem_borrower borrowers[] = {
	{ .id = 0x8001, .permissions = FFA_MEM_DATA_RW, .impdef = { 0x1111, 0x2222 } },
	{ .id = 0x8002, .permissions = FFA_MEM_DATA_RO, .flags = 1, .impdef = { 0x3333, 0x4444 } },
};

static struct ffa_constituent parts[PARTS];
static uint8_t tx[BUFFER], rx[BUFFER];
static struct ffa_mem_endpoint me;

static struct ffa_mem_request request(void)
{
	return (struct ffa_mem_request){
		.sender = 0x8003,
		.attributes = FFA_MEM_NORMAL,
		.flags = FFA_MEM_FLAG_ZERO,
		.handle = HANDLE,
		.tag = 0x123456789ABCDEF0ul,
		.borrowers = borrowers,
		.borrower_count = 2,
		.parts = parts,
		.part_count = PARTS,
	};
}

static uint64_t at(const uint8_t *b, uint32_t offset, uint32_t size)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < size; i++) {
		value |= (uint64_t)b[offset + i] << (8 * i);
	}
	return value;
}

static void check_head(const uint8_t *b, uint32_t version, uint32_t flags)
{
	bool old = version < FFA_VERSION_1_1;

	assert_int_equal(at(b, 0, 2), 0x8003);
	assert_int_equal(at(b, 2, old ? 1 : 2), FFA_MEM_NORMAL);
	assert_int_equal(at(b, 4, 4), flags);
	assert_int_equal(at(b, 8, 8), HANDLE);
	assert_int_equal(at(b, 16, 8), 0x123456789ABCDEF0ul);
	assert_int_equal(at(b, 28, 4), 2);
	if (old) {
		assert_int_equal(at(b, 3, 1), 0);
		assert_int_equal(at(b, 24, 4), 0);
	} else {
		assert_int_equal(at(b, 24, 4), version < FFA_VERSION_1_2 ? 16 : 32);
		assert_int_equal(at(b, 32, 4), 48);
		assert_int_equal(at(b, 36, 8) | at(b, 44, 4), 0);
	}
}

static void writes_layouts(void **state)
{
	static const struct {
		uint32_t access, size, composite;
	} expected[] = { { 32, 16, 64 }, { 48, 16, 80 }, { 48, 32, 112 } };
	struct ffa_mem_request t = request();

	(void)state;
	for (unsigned int v = 0; v < 3; v++) {
		uint32_t access = expected[v].access, composite = expected[v].composite;
		uint32_t total = composite + 16 + PARTS * 16;

		memset(tx, 0xEE, sizeof(tx));
		assert_int_equal(ffa_mem_length(versions[v], &t), total);
		assert_int_equal(ffa_mem_write(tx, BUFFER, versions[v], &t, 0), total);
		check_head(tx, versions[v], FFA_MEM_FLAG_ZERO);
		for (uint32_t i = 0; i < 2; i++) {
			uint32_t a = access + i * expected[v].size;

			assert_int_equal(at(tx, a, 2), borrowers[i].id);
			assert_int_equal(at(tx, a + 2, 1), borrowers[i].permissions);
			assert_int_equal(at(tx, a + 3, 1), borrowers[i].flags);
			assert_int_equal(at(tx, a + 4, 4), composite);
			if (expected[v].size == 32) {
				assert_int_equal(at(tx, a + 8, 8), borrowers[i].impdef[0]);
				assert_int_equal(at(tx, a + 16, 8), borrowers[i].impdef[1]);
			}
			assert_int_equal(at(tx, a + expected[v].size - 8, 8), 0);
		}
		assert_int_equal(at(tx, composite, 4), PARTS * (PARTS + 1) / 2);
		assert_int_equal(at(tx, composite + 4, 4), PARTS);
		assert_int_equal(at(tx, composite + 8, 8), 0);
		for (uint32_t i = 0; i < PARTS; i++) {
			uint32_t p = composite + 16 + i * 16;

			assert_int_equal(at(tx, p, 8), parts[i].base);
			assert_int_equal(at(tx, p + 8, 4), parts[i].pages);
			assert_int_equal(at(tx, p + 12, 4), 0);
		}
		assert_int_equal(tx[total], 0xEE);
	}
}

/* In fragments of any size: the same bytes as in one. */
static void writes_fragments(void **state)
{
	static uint8_t whole[BUFFER], sum[BUFFER];
	struct ffa_mem_request t = request();

	(void)state;
	for (unsigned int v = 0; v < 3; v++) {
		uint32_t total = ffa_mem_write(whole, BUFFER, versions[v], &t, 0);
		uint32_t head = total - PARTS * 16;

		assert_int_equal(ffa_mem_write(tx, head - 1, versions[v], &t, 0), 0);
		for (uint32_t size = head; size < head + 100; size++) {
			uint32_t done = 0;

			while (done < total) {
				uint32_t n = ffa_mem_write(tx, size, versions[v], &t, done);

				assert_int_not_equal(n, 0);
				assert_true(n <= size);
				memcpy(sum + done, tx, n);
				done += n;
			}
			assert_int_equal(done, total);
			assert_memory_equal(sum, whole, total);
		}
	}
}

/* A borrower's request has no constituents, a hypervisor's nothing but the handle. */
static void writes_requests(void **state)
{
	struct ffa_mem_request t = request();
	struct ffa_mem_request bare = { .handle = HANDLE };

	(void)state;
	t.parts = NULL;
	t.part_count = 0;
	for (unsigned int v = 0; v < 3; v++) {
		static const uint32_t lengths[] = { 64, 80, 112 };
		uint32_t access = v == 0 ? 32 : 48;

		assert_int_equal(ffa_mem_write(tx, BUFFER, versions[v], &t, 0), lengths[v]);
		assert_int_equal(at(tx, access + 4, 4), 0);
		assert_int_equal(ffa_mem_write(tx, BUFFER, versions[v], &bare, 0), access);
		for (uint32_t i = 0; i < access; i++) {
			assert_int_equal(tx[i], i == 8 ? 7 : i == 12 ? 5 : 0);
		}
	}
	t.access_size = 16;
	assert_int_equal(ffa_mem_write(tx, BUFFER, FFA_VERSION_1_2, &t, 0), 80);
	assert_int_equal(at(tx, 24, 4), 16);
}

/* --- An SPMC that plays along ----------------------------------------------------------------- */

static struct {
	uint8_t bytes[BUFFER];
	uint32_t have, total; /* of what is sent, or fetched */
	uint32_t fragment; /* how much it gives at a time */
	uint32_t calls, releases;
	enum ffa_status fails; /* the call that ... */
	uint32_t fails_at; /* ... has this number */
	uint64_t owner; /* expected in w4 */
	bool rx_full;
} spmc;

static void answer(uint64_t x[8], uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
	const uint64_t a[8] = { x0, x1, x2, x3 };

	memcpy(x, a, sizeof(a));
}

static void take(uint64_t x[8], uint32_t length)
{
	assert_true(length != 0 && length <= me.size);
	memcpy(spmc.bytes + spmc.have, tx, length);
	spmc.have += length;
	if (spmc.have < spmc.total) {
		answer(x, FFA_MEM_FRAG_RX_32, (uint32_t)HANDLE, HANDLE >> 32, spmc.have);
	} else {
		answer(x, FFA_SUCCESS_32, 0, (uint32_t)HANDLE, HANDLE >> 32);
	}
}

static uint32_t give(void)
{
	uint32_t n =
		spmc.total - spmc.have < spmc.fragment ? spmc.total - spmc.have : spmc.fragment;

	assert_false(spmc.rx_full);
	memcpy(rx, spmc.bytes + spmc.have, n);
	spmc.have += n;
	spmc.rx_full = true;
	return n;
}

void ffa_mem_call(uint64_t x[8])
{
	if (x[0] == FFA_RX_RELEASE_32) {
		assert_true(spmc.rx_full);
		spmc.rx_full = false;
		spmc.releases++;
		answer(x, FFA_SUCCESS_32, 0, 0, 0);
		return;
	}
	if (spmc.calls++ == spmc.fails_at && spmc.fails != FFA_OK) {
		answer(x, FFA_ERROR_32, 0, (uint32_t)spmc.fails, 0);
		return;
	}
	switch (x[0]) {
	case FFA_MEM_SHARE_64:
		assert_int_equal(x[3] | x[4] | x[5] | x[6] | x[7], 0);
		spmc.have = 0;
		spmc.total = (uint32_t)x[1];
		take(x, (uint32_t)x[2]);
		break;
	case FFA_MEM_FRAG_TX_32:
		assert_int_equal(FFA_MEM_HANDLE(x[1], x[2]), HANDLE);
		assert_int_equal(x[4], spmc.owner);
		take(x, (uint32_t)x[3]);
		break;
	case FFA_MEM_RETRIEVE_REQ_32:
		assert_int_equal(x[1], x[2]);
		answer(x, FFA_MEM_RETRIEVE_RESP_32, spmc.total, give(), 0);
		break;
	case FFA_MEM_FRAG_RX_32:
		assert_int_equal(FFA_MEM_HANDLE(x[1], x[2]), HANDLE);
		assert_int_equal(x[3], spmc.have);
		assert_int_equal(x[4], spmc.owner);
		answer(x, FFA_MEM_FRAG_TX_32, (uint32_t)HANDLE, HANDLE >> 32, give());
		break;
	case FFA_MEM_RELINQUISH_32:
		assert_int_equal(at(tx, 0, 8), HANDLE);
		assert_int_equal(at(tx, 8, 4), FFA_MEM_FLAG_ZERO);
		assert_int_equal(at(tx, 12, 4), 1);
		assert_int_equal(at(tx, 16, 2), me.id);
		answer(x, FFA_SUCCESS_32, 0, 0, 0);
		break;
	case FFA_MEM_RECLAIM_32:
		assert_int_equal(FFA_MEM_HANDLE(x[1], x[2]), HANDLE);
		assert_int_equal(x[3], FFA_MEM_FLAG_ZERO);
		answer(x, FFA_SUCCESS_32, 0, 0, 0);
		break;
	default:
		fail();
	}
}

static void endpoint_is(uint16_t id, uint32_t version, uint32_t size)
{
	me = (struct ffa_mem_endpoint){
		.id = id, .version = version, .tx = tx, .rx = rx, .size = size
	};
	spmc.owner = id & FFA_ID_SECURE ? 0 : (uint64_t)id << 16;
	spmc.calls = spmc.releases = 0;
	spmc.fails = FFA_OK;
	spmc.rx_full = false;
}

static void sends(void **state)
{
	static uint8_t whole[BUFFER];
	static const uint16_t ids[] = { 0x8003, 0x0003 };

	(void)state;
	for (unsigned int v = 0; v < 3; v++) {
		for (unsigned int i = 0; i < 2; i++) {
			struct ffa_mem_request t = request();
			uint64_t handle = 0;
			uint32_t total;

			t.sender = ids[i];
			total = ffa_mem_write(whole, BUFFER, versions[v], &t, 0);
			for (uint32_t fragment = 128; fragment < 900; fragment += 7) {
				endpoint_is(ids[i], versions[v], 256);
				assert_int_equal(
					ffa_mem_send(&me, FFA_MEM_SHARE_64, &t, fragment, &handle),
					FFA_OK);
				assert_int_equal(handle, HANDLE);
				assert_int_equal(spmc.have, total);
				assert_memory_equal(spmc.bytes, whole, total);
			}
		}
	}
}

static void send_fails(void **state)
{
	struct ffa_mem_request t = request();
	uint64_t handle = 0;

	(void)state;
	for (uint32_t n = 0; n < 3; n++) {
		endpoint_is(0x8003, FFA_VERSION_1_2, 256);
		spmc.fails = FFA_DENIED;
		spmc.fails_at = n;
		assert_int_equal(ffa_mem_send(&me, FFA_MEM_SHARE_64, &t, 0, &handle), FFA_DENIED);
		assert_int_equal(spmc.calls, n + 1);
	}
	endpoint_is(0x8003, FFA_VERSION_1_2, 64);
	assert_int_equal(ffa_mem_send(&me, FFA_MEM_SHARE_64, &t, 0, &handle), FFA_NO_MEMORY);
	assert_int_equal(spmc.calls, 0);
}

/* What the SPMC will answer: one borrower, all constituents. */
static void prepare_answer(uint32_t version)
{
	struct ffa_mem_request t = request();

	t.borrower_count = 1;
	t.flags = FFA_MEM_FLAG_TYPE_LEND;
	t.attributes = FFA_MEM_NORMAL | FFA_MEM_ATTR_NS;
	spmc.total = ffa_mem_write(spmc.bytes, BUFFER, version, &t, 0);
	spmc.have = 0;
}

static enum ffa_status retrieve(struct ffa_constituent *got, uint32_t max,
				struct ffa_mem_response *r)
{
	struct ffa_mem_request t = request();

	t.parts = NULL;
	t.part_count = 0;
	return ffa_mem_retrieve(&me, &t, got, max, r);
}

static void retrieves(void **state)
{
	static const uint16_t ids[] = { 0x8001, 0x0003 };
	struct ffa_constituent got[PARTS + 1];
	struct ffa_mem_response r;

	(void)state;
	for (unsigned int n = 0; n < 6; n++) {
		uint32_t version = versions[n % 3];

		for (uint32_t fragments = 1; fragments < 8; fragments++) {
			uint32_t max = fragments == 3 ? PARTS - 1 : PARTS + 1;

			endpoint_is(ids[n / 3], version, BUFFER);
			prepare_answer(version);
			spmc.fragment = (spmc.total / fragments + 31) & ~15u;
			memset(got, 0xEE, sizeof(got));
			assert_int_equal(retrieve(got, max, &r), FFA_OK);
			assert_int_equal(r.sender, 0x8003);
			assert_int_equal(r.attributes, 0x6F);
			assert_int_equal(r.flags, FFA_MEM_FLAG_TYPE_LEND);
			assert_int_equal(r.handle, HANDLE);
			assert_int_equal(r.tag, 0x123456789ABCDEF0ul);
			assert_int_equal(r.borrower_count, 1);
			assert_int_equal(r.borrower.id, 0x8001);
			assert_int_equal(r.borrower.permissions, FFA_MEM_DATA_RW);
			assert_int_equal(r.borrower.impdef[1], n % 3 == 2 ? 0x2222 : 0);
			assert_int_equal(r.pages, PARTS * (PARTS + 1) / 2);
			assert_int_equal(r.part_count, PARTS);
			assert_int_equal(r.fragments, spmc.releases);
			assert_int_equal(spmc.releases, spmc.calls);
			assert_int_equal(spmc.have, spmc.total);
			for (uint32_t i = 0; i < PARTS && i < max; i++) {
				assert_int_equal(got[i].base, parts[i].base);
				assert_int_equal(got[i].pages, parts[i].pages);
			}
			assert_int_equal(((uint8_t *)got)[max < PARTS ? max * 16 : PARTS * 16],
					 0xEE);
		}
	}
}

/* Answers of an SPMC that does not keep to the layout: refused, and nothing read beyond them. */
static void retrieve_refuses(void **state)
{
	static const struct {
		uint32_t offset, size;
		uint64_t value;
	} wrong[] = {
		{ 24, 4, 24 },
		{ 24, 4, 0 },
		{ 28, 4, 0 },
		{ 28, 4, 0x08000001 },
		{ 32, 4, 40 },
		{ 32, 4, 4096 },
		{ 32, 4, 0xFFFFFFF0u },
		{ 48 + 4, 4, 0 },
		{ 48 + 4, 4, 0xFFFFFFF0u },
		{ 48 + 4, 4, 4090 },
		{ 80 + 4, 4, PARTS - 1 },
		{ 80 + 4, 4, PARTS + 1 },
	};
	struct ffa_constituent got[PARTS];
	struct ffa_mem_response r;

	(void)state;
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		endpoint_is(0x8001, FFA_VERSION_1_2, BUFFER);
		prepare_answer(FFA_VERSION_1_2);
		spmc.fragment = BUFFER;
		for (uint32_t b = 0; b < wrong[i].size; b++) {
			spmc.bytes[wrong[i].offset + b] = (uint8_t)(wrong[i].value >> (8 * b));
		}
		assert_int_equal(retrieve(got, PARTS, &r), FFA_ABORTED);
		assert_int_equal(spmc.releases, 1);
	}
	for (uint32_t length = 0; length < 48; length += 8) {
		endpoint_is(0x8001, FFA_VERSION_1_2, BUFFER);
		prepare_answer(FFA_VERSION_1_2);
		spmc.fragment = length;
		assert_int_equal(retrieve(got, PARTS, &r), FFA_ABORTED);
	}
	for (uint32_t n = 0; n < 3; n++) {
		endpoint_is(0x8001, FFA_VERSION_1_2, BUFFER);
		prepare_answer(FFA_VERSION_1_2);
		spmc.fragment = 256;
		spmc.fails = FFA_BUSY;
		spmc.fails_at = n;
		assert_int_equal(retrieve(got, PARTS, &r), FFA_BUSY);
		assert_int_equal(spmc.releases, n);
	}
}

static void gives_back(void **state)
{
	(void)state;
	endpoint_is(0x8001, FFA_VERSION_1_1, BUFFER);
	assert_int_equal(ffa_mem_relinquish(&me, HANDLE, FFA_MEM_FLAG_ZERO), FFA_OK);
	assert_int_equal(ffa_mem_reclaim(HANDLE, FFA_MEM_FLAG_ZERO), FFA_OK);
	spmc.fails = FFA_DENIED;
	spmc.fails_at = 2;
	assert_int_equal(ffa_mem_relinquish(&me, HANDLE, FFA_MEM_FLAG_ZERO), FFA_DENIED);
	spmc.fails_at = 3;
	assert_int_equal(ffa_mem_reclaim(HANDLE, FFA_MEM_FLAG_ZERO), FFA_DENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_layouts),   cmocka_unit_test(writes_fragments),
		cmocka_unit_test(writes_requests),  cmocka_unit_test(sends),
		cmocka_unit_test(send_fails),       cmocka_unit_test(retrieves),
		cmocka_unit_test(retrieve_refuses), cmocka_unit_test(gives_back),
	};

	for (uint32_t i = 0; i < PARTS; i++) {
		parts[i] = (struct ffa_constituent){
			.base = 0x40000000ul + i * 0x10000,
			.pages = i + 1,
			.reserved = 0xBAD,
		};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
