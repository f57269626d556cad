/* SPDX-License-Identifier: BSD-3-Clause */
/* FFA_PARTITION_INFO_GET_REGS: FF-A 1.2 chapter 13.9. */
#include <stddef.h>
#include <string.h>

#include "bulkhead/mon.h"
#include "call.h"
#include "cpu.h"
#include "monitor.h"
#include "partitions.h"
#include "print.h"
#include "test.h"
#include "tester.h"

#define SERVICE_LO ((uint64_t)0x1c4b47d2 << 32 | 0x9a64b16e)
#define SERVICE_HI(sample) ((uint64_t)(sample) << 32 | 0x8f5d3c20)

/* As a driver goes through it: the same partitions, in the same order, as PARTITION_INFO_GET. */
static bool info_regs_pages(void)
{
	uint32_t count = partitions_find();
	uint32_t index = 0;
	uint32_t last;

	do {
		struct ffa_regs r = FFA_CALL(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, index);
		uint32_t current = FFA_INFO_REGS_CURRENT(r.x[2]);

		last = FFA_INFO_REGS_LAST(r.x[2]);
		CHECK(r.x[0] == FFA_SUCCESS_64 && r.x[1] == 0 &&
			      FFA_INFO_REGS_SIZE(r.x[2]) == FFA_PARTITION_INFO_SIZE_1_1 &&
			      FFA_INFO_REGS_TAG(r.x[2]) == 0,
		      "from %u on: %s", index, ffa_text(&r));
		CHECK(current <= last &&
			      current + 1 - index == (last - index < 5 ? last + 1 - index : 5),
		      "reply from %u is not full: x2 %#lx", index, r.x[2]);
		for (unsigned int n = 3; n < 18; n += 3, index++) {
			const struct ffa_partition_info *p = partitions_info(index);

			CHECK((index > current) == (r.x[n] == 0), "entry %u: %#lx", index, r.x[n]);
			if (index > current) {
				break;
			}
			CHECK(index < count && memcmp(&r.x[n], p, sizeof(*p)) == 0,
			      "entry %u is %#lx %#lx %#lx", index, r.x[n], r.x[n + 1], r.x[n + 2]);
		}
	} while (index <= last);
	CHECK(index == count, "%u entries of %u", index, count);
	return true;
}

static bool refused(uint64_t lo, uint64_t hi, uint64_t x3, int32_t status)
{
	struct ffa_regs r = FFA_CALL(FFA_PARTITION_INFO_GET_REGS_64, lo, hi, x3, 0, 0, 0, 0, 8, 9);

	CHECK(ffa_is_error(&r, status) && r.x[8] == 8 && r.x[9] == 9, "%#lx %#lx from %#lx: %s", lo,
	      hi, x3, ffa_text(&r));
	return true;
}

static bool info_regs_errors(void)
{
	return refused(0, 0, 0xFFFF, FFA_INVALID_PARAMETERS) &&
	       refused(1, 0, 0, FFA_INVALID_PARAMETERS) &&
	       refused(MON_LOGICAL_UUID_LO, MON_LOGICAL_UUID_HI, 0, FFA_INVALID_PARAMETERS) &&
	       refused(SERVICE_LO, SERVICE_HI(SAMPLE_TESTER), 1, FFA_INVALID_PARAMETERS) &&
	       refused(0, 0, 0x10000, FFA_RETRY);
}

static bool info_regs_by_uuid(void)
{
	for (unsigned int t = 0; t < TESTER_KINDS; t++) {
		struct ffa_regs r = FFA_CALL(FFA_PARTITION_INFO_GET_REGS_64, SERVICE_LO,
					     SERVICE_HI(testers[t].sample));

		CHECK(r.x[0] == FFA_SUCCESS_64 && r.x[2] == FFA_INFO_REGS(0, 0, 0, 24) &&
			      (uint16_t)r.x[3] == tester_id(&testers[t]) && r.x[4] == 0 &&
			      r.x[5] == 0 && r.x[6] == 0 && r.x[17] == 0,
		      "tester %#x by its UUID: %s", testers[t].sample, ffa_text(&r));
	}
	return true;
}

/* The entry after those of partitions, of our monitor's logical partition. */
static bool entry_of_el3(uint16_t id, uint64_t last)
{
	const uint64_t el3 = FFA_ID_LP_FIRST | 1ul << 16 |
			     (uint64_t)(FFA_PROP_DIRECT_SEND | FFA_PROP_AARCH64) << 32;
	struct ffa_regs r = FFA_DIRECT(id, TESTER_INFO_REGS, 0, 0, last);

	CHECK(tester_ok(&r, id) && r.x[4] == FFA_INFO_REGS(last, last, 0, 24) && r.x[5] == el3 &&
		      r.x[6] == MON_LOGICAL_UUID_LO && r.x[7] == MON_LOGICAL_UUID_HI,
	      "%#x asks for the last: %s", id, ffa_text(&r));
	r = FFA_DIRECT(id, TESTER_INFO_REGS, MON_LOGICAL_UUID_LO, MON_LOGICAL_UUID_HI, 0);
	CHECK(tester_ok(&r, id) && r.x[4] == FFA_INFO_REGS(0, 0, 0, 24) && r.x[5] == el3 &&
		      r.x[6] == 0 && r.x[7] == 0,
	      "%#x asks for EL3's: %s", id, ffa_text(&r));
	return true;
}

/* A partition asks: it is also told of what EL3 has, which is nothing but for our monitor. */
static bool info_regs_of_sp(void)
{
	uint32_t count = partitions_find() + monitor_is_there();

	for (unsigned int t = 0; t < TESTER_KINDS; t++) {
		uint16_t id = tester_id(&testers[t]);
		struct ffa_regs r = FFA_DIRECT(id, TESTER_INFO_REGS, 0, 0, 0);
		uint64_t last = FFA_INFO_REGS_LAST(r.x[4]);

		CHECK(tester_ok(&r, id) && last + 1 == count, "%#x asks: %s", id, ffa_text(&r));
		if (monitor_is_there() && !entry_of_el3(id, last)) {
			return false;
		}
		r = FFA_DIRECT(id, TESTER_INFO_REGS, 0, 0, last + 1);
		CHECK(tester_failed_with(&r, id, FFA_INVALID_PARAMETERS), "beyond: %s",
		      ffa_text(&r));
		r = FFA_DIRECT(id, TESTER_INFO_REGS, 0, 0, 0x20000);
		CHECK(tester_failed_with(&r, id, FFA_RETRY), "wrong tag: %s", ffa_text(&r));
	}
	return true;
}

const struct test info_regs_tests[] = {
	{ "info_regs.pages", info_regs_pages, 0 },
	{ "info_regs.errors", info_regs_errors, NEED(SAMPLE_TESTER) },
	{ "info_regs.by_uuid", info_regs_by_uuid, ALL_TESTERS },
	{ "info_regs.of_sp", info_regs_of_sp, ALL_TESTERS },
	{ 0 },
};
