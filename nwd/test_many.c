/* SPDX-License-Identifier: BSD-3-Clause */
/* As many partitions as there can be: each is found, answers, and is told of notifications. */
#include <stddef.h>

#include "call.h"
#include "cpu.h"
#include "partitions.h"
#include "test.h"

#define LIST_REGS 5u /* x3-x7 of NOTIFICATION_INFO_GET's answer ... */
#define LISTS_PER_REG 4u /* ... have four ids each */
#define BIT 40u

/* The sample that partition number n of the SPMC manifest is. */
static uint32_t sample_of(uint32_t n)
{
	return n <= 2 ? SAMPLE_BENCH_A + n - 1 : SAMPLE_BENCH_COPY + n;
}

/* By their UUIDs, in the order of the manifest. */
static bool many_found(void)
{
	uint32_t count = partitions_find();

	CHECK(count == PARTITIONS_MAX, "%u partitions are found, not %u", count, PARTITIONS_MAX);
	for (uint32_t n = 1; n <= count; n++) {
		CHECK(sp_id(sample_of(n)) == FFA_ID_SPMC + n, "partition %u is %#x", n,
		      sp_id(sample_of(n)));
	}
	return true;
}

/* From this CPU. All are UP: they come along. */
static void message_all(uint64_t arg)
{
	(void)arg;
	for (uint32_t i = 0; i < PARTITIONS_MAX && !test_failed(); i++) {
		uint16_t id = partitions_info(i)->id;
		uint64_t p[5] = { BENCH_NULL, random_next(), random_next(), id, random_next() };
		struct ffa_regs r = ffa_direct(FFA_MSG_SEND_DIRECT_REQ_64, id, p);

		if (r.x[0] != FFA_MSG_SEND_DIRECT_RESP_64 || r.x[1] != FFA_IDS(id, FFA_ID_NWD) ||
		    r.x[4] != p[1] || r.x[5] != p[2] || r.x[6] != p[3] || r.x[7] != p[4]) {
			test_fail("CPU %u: %#x: %s", cpu_index(), id, ffa_text(&r));
		}
	}
}

static bool many_messaged(void)
{
	for (uint32_t cpu = 0; cpu < CPU_COUNT && !test_failed(); cpu++) {
		cpu_run(cpu, message_all, 0);
	}
	return !test_failed();
}

/* Takes the ids of one answer of NOTIFICATION_INFO_GET; false: one is wrong, or told again. */
static bool note_told(const struct ffa_regs *r, bool told[PARTITIONS_MAX], uint32_t *count)
{
	uint32_t lists = FFA_NOTIFICATION_INFO_LISTS(r->x[2]);

	CHECK(r->x[0] == FFA_SUCCESS_64 && lists != 0 && lists <= LIST_REGS * LISTS_PER_REG,
	      "INFO_GET: %s", ffa_text(r));
	for (uint32_t i = 0; i < lists; i++) {
		uint16_t id = (uint16_t)(r->x[3 + i / LISTS_PER_REG] >> (i % LISTS_PER_REG * 16));
		uint32_t place = (uint32_t)id - FFA_ID_SPMC - 1;

		CHECK(FFA_NOTIFICATION_INFO_VCPUS(r->x[2], i) == 0, "list %u names vCPUs: %s", i,
		      ffa_text(r));
		CHECK(place < PARTITIONS_MAX && !told[place], "told of %#x: %s", id, ffa_text(r));
		told[place] = true;
		(*count)++;
	}
	return true;
}

/* Each gets one from us, all are told of in as few answers as they fit, and each takes its own. */
static bool many_notified(void)
{
	bool told[PARTITIONS_MAX] = { false };
	uint32_t count = 0, answers = 0;
	struct ffa_regs r;

	for (uint32_t i = 0; i < PARTITIONS_MAX; i++) {
		uint16_t id = partitions_info(i)->id;

		r = FFA_DIRECT(id, BENCH_BIND, 1ul << BIT);
		CHECK(r.x[0] == FFA_MSG_SEND_DIRECT_RESP_64 && r.x[4] == 1, "%#x binds: %s", id,
		      ffa_text(&r));
		r = FFA_CALL(FFA_NOTIFICATION_SET_32, FFA_IDS(FFA_ID_NWD, id), 0, 0,
			     1ul << (BIT - 32));
		CHECK(r.x[0] == FFA_SUCCESS_32, "SET for %#x: %s", id, ffa_text(&r));
	}
	do {
		r = FFA_CALL(FFA_NOTIFICATION_INFO_GET_64);
		if (!note_told(&r, told, &count)) {
			return false;
		}
		answers++;
	} while (r.x[2] & FFA_NOTIFICATION_INFO_MORE);
	CHECK(count == PARTITIONS_MAX, "told of %u partitions, not %u", count, PARTITIONS_MAX);
	CHECK(answers > 1, "%u partitions in one answer", count);
	r = FFA_CALL(FFA_NOTIFICATION_INFO_GET_64);
	CHECK(ffa_is_error(&r, FFA_NO_DATA), "INFO_GET after all: %s", ffa_text(&r));
	for (uint32_t i = 0; i < PARTITIONS_MAX; i++) {
		uint16_t id = partitions_info(i)->id;

		r = FFA_DIRECT(id, BENCH_GET);
		CHECK(r.x[0] == FFA_MSG_SEND_DIRECT_RESP_64 && r.x[4] == 1ul << BIT,
		      "%#x takes its own: %s", id, ffa_text(&r));
	}
	return true;
}

const struct test many_tests[] = {
	{ "many.found", many_found, 0 },
	{ "many.messaged", many_messaged, 0 },
	{ "many.notified", many_notified, 0 },
	{ 0 },
};
