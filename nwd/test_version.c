/* SPDX-License-Identifier: BSD-3-Clause */
/* What differs for a normal world that speaks FF-A 1.0 or 1.1: the argument minor= says which. */
#include <stddef.h>
#include <string.h>

#include "call.h"
#include "partitions.h"
#include "test.h"
#include "tester.h"

/* What callers of a version may see of a partition's properties, and it has them all. */
static const struct {
	uint32_t size; /* of a descriptor */
	uint32_t shown, hidden;
} of_version[] = {
	{ 8, FFA_PROP_DIRECT_RECV | FFA_PROP_INDIRECT,
	  ~(FFA_PROP_DIRECT_RECV | FFA_PROP_DIRECT_SEND | FFA_PROP_INDIRECT) },
	{ 24,
	  FFA_PROP_DIRECT_RECV | FFA_PROP_INDIRECT | FFA_PROP_NOTIFICATIONS | FFA_PROP_AARCH64 |
		  FFA_PROP_VM_CREATED | FFA_PROP_VM_DESTROYED,
	  FFA_PROP_DIRECT2_RECV | FFA_PROP_DIRECT2_SEND | FFA_PROP_DIRECT_SEND },
	{ 24,
	  FFA_PROP_DIRECT_RECV | FFA_PROP_INDIRECT | FFA_PROP_NOTIFICATIONS | FFA_PROP_AARCH64 |
		  FFA_PROP_VM_CREATED | FFA_PROP_VM_DESTROYED | FFA_PROP_DIRECT2_RECV,
	  FFA_PROP_DIRECT2_SEND | FFA_PROP_DIRECT_SEND },
};

static uint32_t minor(void)
{
	return ffa_our_version() & 0xFFFF;
}

static struct ffa_regs info_get(const struct ffa_uuid *uuid, uint32_t flags)
{
	return FFA_CALL(FFA_PARTITION_INFO_GET_32, uuid->w[0], uuid->w[1], uuid->w[2], uuid->w[3],
			flags);
}

static bool descriptors(void)
{
	static const struct ffa_uuid nil, tester = SAMPLE_UUID(SAMPLE_TESTER);
	uint32_t size = of_version[minor()].size;
	struct ffa_partition_info i = { 0 };
	struct ffa_regs r = info_get(&nil, 0);
	uint32_t count = ffa_w(&r, 2);

	CHECK(r.x[0] == FFA_SUCCESS_32 && count > TESTER_KINDS && r.x[3] == size && r.x[4] == 0,
	      "PARTITION_INFO_GET(nil): %s", ffa_text(&r));
	for (uint32_t n = 0; n < count; n++) {
		memcpy(&i, rxtx_rx + n * size, size);
		CHECK(i.id == FFA_ID_SPMC + 1 + n && (i.vcpu_count == 1 || i.vcpu_count == 4),
		      "descriptor %u: id %#x, %u vCPUs", n, i.id, i.vcpu_count);
	}
	FFA_CALL(FFA_RX_RELEASE_32);
	r = info_get(&tester, 0);
	CHECK(r.x[0] == FFA_SUCCESS_32 && r.x[2] == 1 && r.x[3] == size,
	      "PARTITION_INFO_GET(tester): %s", ffa_text(&r));
	memcpy(&i, rxtx_rx, size);
	CHECK((i.properties & of_version[minor()].shown) == of_version[minor()].shown &&
		      (i.properties & of_version[minor()].hidden) == 0,
	      "the tester has properties %#x", i.properties);
	FFA_CALL(FFA_RX_RELEASE_32);
	/* Counting came with 1.1. */
	r = info_get(&nil, FFA_PARTITION_INFO_COUNT_ONLY);
	if (minor() == 0) {
		CHECK(ffa_is_error(&r, FFA_INVALID_PARAMETERS), "count: %s", ffa_text(&r));
	} else {
		CHECK(r.x[0] == FFA_SUCCESS_32 && r.x[2] == count && r.x[3] == 0, "count: %s",
		      ffa_text(&r));
	}
	return true;
}

static bool version_descriptors(void)
{
	bool ok;

	CHECK(rxtx_map(), "RXTX_MAP fails");
	ok = descriptors();
	FFA_CALL(FFA_RX_RELEASE_32);
	rxtx_unmap();
	return ok;
}

/* A function of a later version is none, and FEATURES says so. */
static bool version_functions(void)
{
	static const struct {
		uint32_t fid, since;
		uint32_t w1; /* wrong, if it is there */
	} functions[] = {
		{ FFA_NOTIFICATION_BITMAP_CREATE_32, 1, 0xFFFF0000 },
		{ FFA_NOTIFICATION_BITMAP_DESTROY_32, 1, 0xFFFF0000 },
		{ FFA_NOTIFICATION_BIND_32, 1, 0xFFFF0000 },
		{ FFA_NOTIFICATION_UNBIND_32, 1, 0xFFFF0000 },
		{ FFA_NOTIFICATION_SET_32, 1, 0xFFFF0000 },
		{ FFA_NOTIFICATION_GET_32, 1, 0x8001 },
		{ FFA_NOTIFICATION_INFO_GET_32, 1, 0xFFFF0000 },
		{ FFA_NOTIFICATION_INFO_GET_64, 1, 0xFFFF0000 },
		{ FFA_RX_ACQUIRE_32, 1, 0xFFFF0000 },
		{ FFA_MSG_SEND2_32, 1, 0xFFFF0000 },
		{ FFA_PARTITION_INFO_GET_REGS_64, 2, 0xFFFF0000 },
		{ FFA_MSG_SEND_DIRECT_REQ2_64, 2, FFA_IDS(FFA_ID_NWD, 0x8FFF) },
	};

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		bool there = functions[i].since <= minor();
		struct ffa_regs r = FFA_CALL(FFA_FEATURES_32, functions[i].fid);

		CHECK(there ? r.x[0] == FFA_SUCCESS_32 : ffa_is_error(&r, FFA_NOT_SUPPORTED),
		      "FEATURES(%#x): %s", functions[i].fid, ffa_text(&r));
		r = FFA_CALL(functions[i].fid, functions[i].w1);
		CHECK(ffa_is_error(&r, FFA_NOT_SUPPORTED) == !there, "%#x: %s", functions[i].fid,
		      ffa_text(&r));
	}
	return true;
}

/* Too late for another one; the same as often as one likes. */
static bool version_locked(void)
{
	for (uint32_t other = 0; other <= 2; other++) {
		struct ffa_regs r = FFA_CALL(FFA_VERSION_32, FFA_VERSION(1, other));

		CHECK(other == minor() ? r.x[0] >= FFA_VERSION_1_2 && FFA_VERSION_MAJOR(r.x[0]) == 1
				       : (int32_t)r.x[0] == FFA_NOT_SUPPORTED,
		      "VERSION(1.%u): %s", other, ffa_text(&r));
	}
	return tester_pings(sp_id(SAMPLE_TESTER)) && tester_pings(sp_id(SAMPLE_TESTER_UP));
}

const struct test version_tests[] = {
	{ "version.descriptors", version_descriptors, ALL_TESTERS },
	{ "version.functions", version_functions, ALL_TESTERS },
	{ "version.locked", version_locked, ALL_TESTERS },
	{ 0 },
};
