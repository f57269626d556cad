/* SPDX-License-Identifier: BSD-3-Clause */
/* Setup and discovery: FF-A 1.2 chapter 13, as the normal world's OS sees it. */
#include <stddef.h>
#include <string.h>

#include "call.h"
#include "cpu.h"
#include "test.h"

#define UNASSIGNED_FID 0x8FFFFFFFu
#define CYCLES 300u

static bool setup_version(void)
{
	struct ffa_regs r = FFA_CALL(FFA_VERSION_32, FFA_VERSION_1_2);
	uint64_t version = r.x[0];

	CHECK(version >= FFA_VERSION_1_2 && FFA_VERSION_MAJOR(version) == 1, "VERSION(1.2): %s",
	      ffa_text(&r));
	for (unsigned int i = 1; i < 8; i++) {
		CHECK(r.x[i] == 0, "VERSION leaves x%u = %#lx", i, r.x[i]);
	}
	/* Another version is too late: other calls have been made. */
	FFA_CALL(FFA_FEATURES_32, FFA_VERSION_32);
	r = FFA_CALL(FFA_VERSION_32, FFA_VERSION_1_1);
	CHECK((int32_t)r.x[0] == FFA_NOT_SUPPORTED, "late VERSION(1.1): %s", ffa_text(&r));
	r = FFA_CALL(FFA_VERSION_32, FFA_VERSION(2, 0));
	CHECK((int32_t)r.x[0] == FFA_NOT_SUPPORTED, "VERSION(2.0): %s", ffa_text(&r));
	r = FFA_CALL(FFA_VERSION_32, FFA_VERSION_MBZ | FFA_VERSION_1_2);
	CHECK((int32_t)r.x[0] == FFA_NOT_SUPPORTED, "VERSION with bit 31: %s", ffa_text(&r));
	r = FFA_CALL(FFA_VERSION_32, FFA_VERSION_1_2);
	CHECK(r.x[0] == version, "VERSION(1.2) again: %s", ffa_text(&r));
	return true;
}

static bool setup_ids(void)
{
	struct ffa_regs r = FFA_CALL(FFA_ID_GET_32);

	CHECK(ffa_is_context(&r, FFA_SUCCESS_32, 0), "ID_GET: %s", ffa_text(&r));
	r = FFA_CALL(FFA_SPM_ID_GET_32);
	CHECK(ffa_fid(&r) == FFA_SUCCESS_32 && r.x[2] == FFA_ID_SPMC, "SPM_ID_GET: %s",
	      ffa_text(&r));
	for (unsigned int i = 1; i < 8; i++) {
		CHECK(i == 2 || r.x[i] == 0, "SPM_ID_GET leaves x%u = %#lx", i, r.x[i]);
	}
	return true;
}

/* What the normal world hears about a function. */
enum answer {
	YES, /* SUCCESS, and nothing more to say */
	NO, /* NOT_SUPPORTED, and calling it says the same */
	EITHER, /* SUCCESS or NOT_SUPPORTED; if the latter, calling it says the same */
	ANY_ANSWER, /* SUCCESS or NOT_SUPPORTED */
};

static const struct {
	uint32_t fid;
	enum answer answer;
	const char *name;
} functions[] = {
#define ROW(name, answer)                                                                          \
	{                                                                                          \
		FFA_##name, answer, #name                                                          \
	}
	ROW(ERROR_32, YES),
	ROW(SUCCESS_32, YES),
	ROW(SUCCESS_64, YES),
	ROW(INTERRUPT_32, YES),
	ROW(VERSION_32, YES),
	ROW(FEATURES_32, YES),
	ROW(RX_RELEASE_32, YES),
	ROW(RXTX_UNMAP_32, YES),
	ROW(PARTITION_INFO_GET_32, YES),
	ROW(ID_GET_32, YES),
	ROW(MSG_POLL_32, NO),
	ROW(MSG_WAIT_32, ANY_ANSWER),
	ROW(YIELD_32, ANY_ANSWER),
	ROW(RUN_32, YES),
	ROW(MSG_SEND_32, NO),
	ROW(MSG_SEND_DIRECT_REQ_32, YES),
	ROW(MSG_SEND_DIRECT_REQ_64, YES),
	ROW(MSG_SEND_DIRECT_RESP_32, YES),
	ROW(MSG_SEND_DIRECT_RESP_64, YES),
	ROW(MEM_DONATE_32, EITHER),
	ROW(MEM_DONATE_64, EITHER),
	ROW(MEM_LEND_32, EITHER),
	ROW(MEM_LEND_64, EITHER),
	ROW(MEM_SHARE_32, EITHER),
	ROW(MEM_SHARE_64, EITHER),
	ROW(MEM_RELINQUISH_32, EITHER),
	ROW(MEM_RECLAIM_32, EITHER),
	ROW(MEM_OP_PAUSE_32, NO),
	ROW(MEM_OP_RESUME_32, NO),
	ROW(MEM_FRAG_RX_32, EITHER),
	ROW(MEM_FRAG_TX_32, EITHER),
	ROW(NORMAL_WORLD_RESUME_32, ANY_ANSWER),
	ROW(NOTIFICATION_BITMAP_CREATE_32, YES),
	ROW(NOTIFICATION_BITMAP_DESTROY_32, YES),
	ROW(NOTIFICATION_BIND_32, YES),
	ROW(NOTIFICATION_UNBIND_32, YES),
	ROW(NOTIFICATION_SET_32, YES),
	ROW(NOTIFICATION_GET_32, YES),
	ROW(NOTIFICATION_INFO_GET_32, YES),
	ROW(NOTIFICATION_INFO_GET_64, YES),
	ROW(RX_ACQUIRE_32, YES),
	ROW(SPM_ID_GET_32, YES),
	ROW(MSG_SEND2_32, YES),
	ROW(SECONDARY_EP_REGISTER_64, NO),
	ROW(MEM_PERM_GET_32, NO),
	ROW(MEM_PERM_GET_64, NO),
	ROW(MEM_PERM_SET_32, NO),
	ROW(MEM_PERM_SET_64, NO),
	ROW(CONSOLE_LOG_32, ANY_ANSWER),
	ROW(CONSOLE_LOG_64, ANY_ANSWER),
	ROW(PARTITION_INFO_GET_REGS_64, YES),
	ROW(EL3_INTR_HANDLE_32, NO),
	ROW(MSG_SEND_DIRECT_REQ2_64, YES),
	ROW(MSG_SEND_DIRECT_RESP2_64, YES),
	ROW(ABORT_32, NO),
#undef ROW
};

static bool is_plain_success(const struct ffa_regs *r)
{
	return r->x[0] == FFA_SUCCESS_32 && r->x[1] == 0 && r->x[2] == 0 && r->x[3] == 0 &&
	       r->x[4] == 0 && r->x[5] == 0 && r->x[6] == 0 && r->x[7] == 0;
}

static bool setup_features(void)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		struct ffa_regs r = FFA_CALL(FFA_FEATURES_32, functions[i].fid);
		bool yes = is_plain_success(&r);
		bool no = ffa_is_error(&r, FFA_NOT_SUPPORTED);

		CHECK((yes && functions[i].answer != NO) || (no && functions[i].answer != YES),
		      "FEATURES(%s): %s", functions[i].name, ffa_text(&r));
		if (no && (functions[i].answer == NO || functions[i].answer == EITHER)) {
			r = FFA_CALL(functions[i].fid);
			CHECK(ffa_is_unknown(&r), "%s is not in FEATURES, and the call says %s",
			      functions[i].name, ffa_text(&r));
		}
	}
	return true;
}

/* FEATURES(RXTX_MAP): w2 is minimum granule and maximum page count, and nothing else. */
static bool setup_features_rxtx(void)
{
	static const uint32_t fids[] = { FFA_RXTX_MAP_32, FFA_RXTX_MAP_64 };

	for (unsigned int i = 0; i < 2; i++) {
		struct ffa_regs r = FFA_CALL(FFA_FEATURES_32, fids[i]);

		CHECK(r.x[0] == FFA_SUCCESS_32 && (ffa_w(&r, 2) & 0xffff) == 0 && r.x[3] == 0 &&
			      r.x[4] == 0 && r.x[5] == 0 && r.x[6] == 0 && r.x[7] == 0,
		      "FEATURES(%#x): %s", fids[i], ffa_text(&r));
	}
	return true;
}

/* Feature ids, reserved bits, input properties that nobody defined. */
static bool setup_features_wrong(void)
{
	static const uint64_t inputs[][2] = {
		{ FFA_FEATURE_NPI, 0 },
		{ FFA_FEATURE_MEI, 0 },
		{ 0x55, 0 },
		{ 0x100, 0 },
		{ FFA_FEATURE_NPI, 1 },
		{ FFA_FEATURE_SRI, 1 },
		{ 0, 0 },
		{ 0x7fffffff, 0 },
		{ FFA_MSG_POLL_64, 0 },
		{ 0x84000000, 0 },
		{ UNASSIGNED_FID, 0 },
		{ 0xC40000FF, 0 },
	};

	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		struct ffa_regs r = FFA_CALL(FFA_FEATURES_32, inputs[i][0], inputs[i][1]);

		CHECK(ffa_is_error(&r, FFA_NOT_SUPPORTED), "FEATURES(%#lx, %#lx): %s", inputs[i][0],
		      inputs[i][1], ffa_text(&r));
	}
	return true;
}

static bool setup_unknown(void)
{
	/* Also: no FF-A function is called in the width that it has not. */
	static const uint32_t fids[] = { 0x840000a0,      0x840000ff,      0xC40000e3,
					 FFA_FEATURES_64, FFA_MSG_WAIT_64, FFA_RUN_64,
					 FFA_ID_GET_64,   0x84000098,      0xC40000fe };

	for (size_t i = 0; i < sizeof(fids) / sizeof(fids[0]); i++) {
		struct ffa_regs r = FFA_CALL(fids[i], 1, 2, 3, 4, 5, 6, 7);

		CHECK(ffa_is_unknown(&r), "call %#x: %s", fids[i], ffa_text(&r));
	}
	return true;
}

/* --- RX and TX ------------------------------------------------------------------------------ */

static bool map_error(uint64_t tx, uint64_t rx, uint64_t pages, int32_t status)
{
	struct ffa_regs r = FFA_CALL(FFA_RXTX_MAP_64, tx, rx, pages);

	CHECK(ffa_is_error(&r, status), "RXTX_MAP(%#lx, %#lx, %lu): %s", tx, rx, pages,
	      ffa_text(&r));
	return true;
}

/* Wrong addresses: which of two errors it is differs between SPMCs. */
static bool map_refused(uint64_t tx, uint64_t rx, uint64_t pages)
{
	struct ffa_regs r = FFA_CALL(FFA_RXTX_MAP_64, tx, rx, pages);

	CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS) || ffa_is_error(&r, FFA_DENIED),
	      "RXTX_MAP(%#lx, %#lx, %lu): %s", tx, rx, pages, ffa_text(&r));
	return true;
}

static bool setup_rxtx_errors(void)
{
	const uint64_t tx = (uint64_t)rxtx_tx, rx = (uint64_t)rxtx_rx;
	const uint64_t secure = 0x0e300000;
	struct ffa_regs r = FFA_CALL(FFA_RXTX_UNMAP_32);
	bool ok;

	CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS), "UNMAP of nothing: %s", ffa_text(&r));
	r = FFA_CALL(FFA_RX_RELEASE_32);
	CHECK(ffa_is_error(&r, FFA_DENIED), "RX_RELEASE without buffers: %s", ffa_text(&r));
	r = FFA_CALL(FFA_PARTITION_INFO_GET_32);
	CHECK(ffa_is_error(&r, FFA_BUSY), "PARTITION_INFO_GET without buffers: %s", ffa_text(&r));
	ok = map_error(tx + 8, rx, 1, FFA_INVALID_PARAMETERS) &&
	     map_error(tx, rx + 0x800, 1, FFA_INVALID_PARAMETERS) &&
	     map_error(tx, rx, 0, FFA_INVALID_PARAMETERS) &&
	     map_error(tx, tx, 1, FFA_INVALID_PARAMETERS) && map_refused(secure, rx, 1) &&
	     map_refused(tx, secure, 1) && map_refused(0x09000000, rx, 1) &&
	     map_refused(tx, 0xfffffffffffff000, 1) && map_refused(1ull << 52, rx, 1) &&
	     map_refused(tx, tx + 0x1000, 2);
	if (!ok) {
		return false;
	}
	CHECK(rxtx_map(), "RXTX_MAP after errors fails");
	ok = map_error(tx, rx, 1, FFA_DENIED);
	CHECK(rxtx_unmap(), "RXTX_UNMAP fails");
	r = FFA_CALL(FFA_RXTX_UNMAP_32);
	CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS), "second UNMAP: %s", ffa_text(&r));
	r = FFA_CALL(FFA_RXTX_UNMAP_32, 0x80010000);
	CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS), "UNMAP for an SP: %s", ffa_text(&r));
	return ok;
}

static bool setup_rxtx_cycles(void)
{
	struct ffa_regs r;

	for (unsigned int i = 0; i < CYCLES; i++) {
		if (i % 2 == 0) {
			CHECK(rxtx_map(), "RXTX_MAP fails in round %u", i);
		} else {
			r = FFA_CALL(FFA_RXTX_MAP_32, (uint64_t)rxtx_rx, (uint64_t)rxtx_tx, 1);
			CHECK(is_plain_success(&r), "RXTX_MAP_32 in round %u: %s", i, ffa_text(&r));
		}
		CHECK(rxtx_unmap(), "RXTX_UNMAP fails in round %u", i);
	}
	return true;
}

/* Kernels with larger pages than ours map more than one. */
static bool setup_rxtx_pages(void)
{
	static uint8_t buffers[2][FFA_RXTX_MAX_PAGES * FFA_PAGE_SIZE]
		__attribute__((aligned(FFA_PAGE_SIZE)));
	struct ffa_regs r = FFA_CALL(FFA_RXTX_MAP_64, (uint64_t)buffers[0], (uint64_t)buffers[1],
				     FFA_RXTX_MAX_PAGES);

	CHECK(is_plain_success(&r), "RXTX_MAP of %u pages: %s", FFA_RXTX_MAX_PAGES, ffa_text(&r));
	r = FFA_CALL(FFA_PARTITION_INFO_GET_32);
	CHECK(ffa_fid(&r) == FFA_SUCCESS_32, "PARTITION_INFO_GET: %s", ffa_text(&r));
	CHECK(rxtx_unmap(), "RXTX_UNMAP fails");
	return true;
}

/* --- Partitions ----------------------------------------------------------------------------- */

static struct ffa_regs info_get(const struct ffa_uuid *u, uint32_t flags)
{
	return FFA_CALL(FFA_PARTITION_INFO_GET_32, u->w[0], u->w[1], u->w[2], u->w[3], flags);
}

static bool is_info_success(const struct ffa_regs *r, uint32_t count, uint32_t size)
{
	return r->x[0] == FFA_SUCCESS_32 && r->x[1] == 0 && r->x[2] == count && r->x[3] == size &&
	       r->x[4] == 0 && r->x[5] == 0 && r->x[6] == 0 && r->x[7] == 0;
}

static bool check_info(const struct ffa_partition_info *info)
{
	const struct ffa_partition_info *i = info;

	CHECK(i->id > FFA_ID_SPMC && i->id < FFA_ID_LP_FIRST, "a partition has id %#x", i->id);
	CHECK(i->vcpu_count == 1 || i->vcpu_count == CPU_COUNT, "partition %#x has %u vCPUs", i->id,
	      i->vcpu_count);
	CHECK((i->properties & FFA_PROP_AARCH64) && (i->properties & FFA_PROP_DIRECT_RECV) &&
		      !(i->properties &
			~(FFA_PROP_AARCH64 | FFA_PROP_NOTIFICATIONS | FFA_PROP_VM_CREATED |
			  FFA_PROP_VM_DESTROYED | FFA_METHOD_MASK)),
	      "partition %#x has properties %#x", i->id, i->properties);
	return true;
}

static bool info_of_all(void)
{
	static const struct ffa_uuid nil;
	const struct ffa_partition_info *all = (const void *)rxtx_rx;
	struct ffa_partition_info one[PARTITIONS_MAX];
	struct ffa_regs r = info_get(&nil, FFA_PARTITION_INFO_COUNT_ONLY);
	uint32_t count = ffa_w(&r, 2);

	CHECK(count > 0 && count <= PARTITIONS_MAX && is_info_success(&r, count, 0),
	      "PARTITION_INFO_GET(nil, count): %s", ffa_text(&r));
	r = info_get(&nil, 0);
	CHECK(is_info_success(&r, count, sizeof(*all)), "PARTITION_INFO_GET(nil): %s",
	      ffa_text(&r));
	memcpy(one, all, count * sizeof(one[0]));
	r = info_get(&nil, 0);
	CHECK(ffa_is_error(&r, FFA_BUSY), "PARTITION_INFO_GET while RX is full: %s", ffa_text(&r));
	r = info_get(&nil, FFA_PARTITION_INFO_COUNT_ONLY);
	CHECK(is_info_success(&r, count, 0), "count while RX is full: %s", ffa_text(&r));
	r = FFA_CALL(FFA_RX_RELEASE_32);
	CHECK(is_plain_success(&r), "RX_RELEASE: %s", ffa_text(&r));
	r = FFA_CALL(FFA_RX_RELEASE_32);
	CHECK(ffa_is_error(&r, FFA_DENIED), "second RX_RELEASE: %s", ffa_text(&r));

	for (uint32_t i = 0; i < count; i++) {
		struct ffa_partition_info expected = one[i];

		if (!check_info(&one[i])) {
			return false;
		}
		r = info_get(&one[i].uuid, FFA_PARTITION_INFO_COUNT_ONLY);
		CHECK(is_info_success(&r, 1, 0), "count of partition %#x: %s", one[i].id,
		      ffa_text(&r));
		r = info_get(&one[i].uuid, 0);
		CHECK(is_info_success(&r, 1, sizeof(*all)), "partition %#x by UUID: %s", one[i].id,
		      ffa_text(&r));
		/* Who asked with a UUID knows it. */
		memset(&expected.uuid, 0, sizeof(expected.uuid));
		CHECK(memcmp(all, &expected, sizeof(expected)) == 0,
		      "partition %#x by UUID is %#x with properties %#x", expected.id, all->id,
		      all->properties);
		FFA_CALL(FFA_RX_RELEASE_32);
	}
	return true;
}

static bool setup_partition_info(void)
{
	bool ok;

	CHECK(rxtx_map(), "RXTX_MAP fails");
	ok = info_of_all();
	FFA_CALL(FFA_RX_RELEASE_32);
	rxtx_unmap();
	return ok;
}

static bool setup_partition_info_errors(void)
{
	static const struct ffa_uuid nil, nobody = { { 1, 2, 3, 4 } };
	struct ffa_regs r = info_get(&nil, FFA_PARTITION_INFO_COUNT_ONLY);

	CHECK(ffa_fid(&r) == FFA_SUCCESS_32, "count without buffers: %s", ffa_text(&r));
	CHECK(rxtx_map(), "RXTX_MAP fails");
	for (uint32_t flags = 0; flags < 2; flags++) {
		r = info_get(&nobody, flags);
		CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS), "unknown UUID, flags %u: %s", flags,
		      ffa_text(&r));
	}
	r = info_get(&nil, 2);
	CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS), "reserved flag: %s", ffa_text(&r));
	r = FFA_CALL(FFA_RX_RELEASE_32);
	CHECK(ffa_is_error(&r, FFA_DENIED), "RX_RELEASE of an empty RX: %s", ffa_text(&r));
	rxtx_unmap();
	return true;
}

/* The same from the other CPUs: nothing of this belongs to one. */
static void null_calls(uint64_t arg)
{
	for (uint64_t i = 0; i < arg && !test_failed(); i++) {
		struct ffa_regs r = FFA_CALL(FFA_FEATURES_32, FFA_MSG_SEND_DIRECT_REQ_64);

		if (!is_plain_success(&r)) {
			test_fail("FEATURES on CPU %u: %s", cpu_index(), ffa_text(&r));
		}
		r = FFA_CALL(FFA_SPM_ID_GET_32);
		if (r.x[2] != FFA_ID_SPMC) {
			test_fail("SPM_ID_GET on CPU %u: %s", cpu_index(), ffa_text(&r));
		}
	}
}

static bool setup_all_cpus(void)
{
	cpu_run_all(null_calls, 1000);
	return !test_failed();
}

const struct test setup_tests[] = {
	{ "setup.version", setup_version, 0 },
	{ "setup.ids", setup_ids, 0 },
	{ "setup.features", setup_features, 0 },
	{ "setup.features_rxtx", setup_features_rxtx, 0 },
	{ "setup.features_wrong", setup_features_wrong, 0 },
	{ "setup.unknown", setup_unknown, 0 },
	{ "setup.rxtx_errors", setup_rxtx_errors, 0 },
	{ "setup.rxtx_cycles", setup_rxtx_cycles, 0 },
	{ "setup.rxtx_pages", setup_rxtx_pages, 0 },
	{ "setup.partition_info", setup_partition_info, 0 },
	{ "setup.partition_info_errors", setup_partition_info_errors, 0 },
	{ "setup.all_cpus", setup_all_cpus, 0 },
	{ 0 },
};
