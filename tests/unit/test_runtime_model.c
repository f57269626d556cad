/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Every function of ffa_abi.def, as an SP calls it rightly, in every runtime model (FF-A 1.2 chapter
 * 8): what it completes with. test_dispatch.c has the same matrix for all kinds of callers, with
 * arguments of zero. The last line counts the cells.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#include "core/notification.h"
#include "ffa/call.h"

/* MP_B calls: when it initialises, MP_A and UP_A have. */
#define CALLER MP_B
#define TX(which) SP_MEMORY(which)
#define RX(which) (SP_MEMORY(which) + 0x1000)
#define REQ_32 0x8400006Fu
#define RESP_32 0x84000070u

/* What is needed before the call. */
enum need {
	NOTHING,
	BUFFERS, /* the caller's */
	FULL_RX,
	MESSAGE, /* in TX, for UP_A, which has buffers */
	BOUND, /* notification 1 of UP_A to us, and ours to UP_A */
	A_CALLEE, /* UP_A has yielded in a request of ours */
	REQUEST2, /* in DIRECT_REQ: it came as a request 2 */
};

/*
 * In INIT, RUN, DIRECT_REQ, SEC_INTERRUPT:
 *   S success   6 in 64 bits   V our version   N not supported   D denied
 *   L it completes later: somebody else runs
 */
struct form {
	uint32_t fid;
	enum need need;
	const char *outcomes;
	uint64_t x[4]; /* x1-x4 */
};

static const struct form forms[] = {
	{ FFA_ERROR_32, NOTHING, "LDDD", { 0, (uint32_t)FFA_ABORTED } },
	{ FFA_INTERRUPT_32, NOTHING, "DDDD", { 0 } },
	{ FFA_VERSION_32, NOTHING, "VVVV", { FFA_VERSION_1_2 } },
	{ FFA_FEATURES_32, NOTHING, "SSSS", { FFA_VERSION_32 } },
	{ FFA_RX_RELEASE_32, FULL_RX, "SSSS", { 0 } },
	{ FFA_RXTX_MAP_32, NOTHING, "SSSS", { TX(CALLER), RX(CALLER), 1 } },
	{ FFA_RXTX_MAP_64, NOTHING, "SSSS", { TX(CALLER), RX(CALLER), 1 } },
	{ FFA_RXTX_UNMAP_32, BUFFERS, "SSSS", { 0 } },
	{ FFA_PARTITION_INFO_GET_32, BUFFERS, "SSSS", { 0 } },
	{ FFA_ID_GET_32, NOTHING, "SSSS", { 0 } },
	{ FFA_MSG_WAIT_32, NOTHING, "LLDL", { 0 } },
	{ FFA_YIELD_32, NOTHING, "DLLS", { 0 } },
	{ FFA_RUN_32, A_CALLEE, "DLLL", { 0 } },
	{ FFA_MSG_SEND_DIRECT_REQ_32, NOTHING, "LLLL", { 0 } },
	{ FFA_MSG_SEND_DIRECT_REQ_64, NOTHING, "LLLL", { 0 } },
	{ FFA_MSG_SEND_DIRECT_RESP_32, NOTHING, "DDLD", { 0 } },
	{ FFA_MSG_SEND_DIRECT_RESP_64, NOTHING, "DDLD", { 0 } },
	{ FFA_NOTIFICATION_BITMAP_CREATE_32, NOTHING, "NNNN", { 5, 1 } },
	{ FFA_NOTIFICATION_BITMAP_DESTROY_32, NOTHING, "NNNN", { 5 } },
	{ FFA_NOTIFICATION_BIND_32, NOTHING, "SSSS", { 0, 0, 2 } },
	{ FFA_NOTIFICATION_UNBIND_32, BOUND, "SSSS", { 0, 0, 1 } },
	{ FFA_NOTIFICATION_SET_32, BOUND, "SSSS", { 0, 0, 1 } },
	{ FFA_NOTIFICATION_GET_32, NOTHING, "SSSS", { 0, FFA_NOTIFICATION_FROM_SPS } },
	{ FFA_NOTIFICATION_INFO_GET_32, NOTHING, "NNNN", { 0 } },
	{ FFA_NOTIFICATION_INFO_GET_64, NOTHING, "NNNN", { 0 } },
	{ FFA_RX_ACQUIRE_32, NOTHING, "NNNN", { 5 } },
	{ FFA_SPM_ID_GET_32, NOTHING, "SSSS", { 0 } },
	{ FFA_MSG_SEND2_32, MESSAGE, "SSSS", { 0 } },
	{ FFA_SECONDARY_EP_REGISTER_32, NOTHING, "SDDD", { SP_MEMORY(CALLER) } },
	{ FFA_SECONDARY_EP_REGISTER_64, NOTHING, "SDDD", { SP_MEMORY(CALLER) } },
	{ FFA_CONSOLE_LOG_32, NOTHING, "SSSS", { 1, 'x' } },
	{ FFA_CONSOLE_LOG_64, NOTHING, "SSSS", { 1, 'x' } },
	{ FFA_PARTITION_INFO_GET_REGS_64, NOTHING, "6666", { 0 } },
	{ FFA_MSG_SEND_DIRECT_REQ2_64, NOTHING, "LLLL", { 0 } },
	{ FFA_MSG_SEND_DIRECT_RESP2_64, REQUEST2, "DDLD", { 0 } },
};

static const struct form *form_of(uint32_t fid)
{
	for (size_t i = 0; i < NUMBER_OF(forms); i++) {
		if (forms[i].fid == fid) {
			return &forms[i];
		}
	}
	return NULL;
}

/* --- The way there ------------------------------------------------------------------------------ */

static void map_buffers(struct vcpu *v, enum which which)
{
	CALL(0, v, FFA_RXTX_MAP_64, TX(which), RX(which), 1);
	assert_true(got_success(v, 0, 0));
}

static void respond(struct vcpu *v)
{
	CALL(0, v, RESP_32, FFA_IDS(v->endpoint->id, v->requester));
}

/* v sends UP_A a request, which is then in it. */
static struct vcpu *request(struct vcpu *v)
{
	return CALL(0, v, REQ_32, FFA_IDS(v->endpoint->id, id_of(UP_A)));
}

static void provide(struct vcpu *v, enum need need)
{
	struct ffa_msg_header *tx;
	struct vcpu *other;

	switch (need) {
	case BUFFERS:
	case FULL_RX:
		map_buffers(v, CALLER);
		if (need == FULL_RX) {
			CALL(0, v, FFA_PARTITION_INFO_GET_32);
		}
		break;
	case MESSAGE:
		map_buffers(v, CALLER);
		other = request(v);
		map_buffers(other, UP_A);
		respond(other);
		tx = (struct ffa_msg_header *)(uintptr_t)TX(CALLER);
		*tx = (struct ffa_msg_header){ .offset = sizeof(*tx),
					       .ids = FFA_IDS(id_of(CALLER), id_of(UP_A)) };
		break;
	case BOUND:
		CALL(0, v, FFA_NOTIFICATION_BIND_32, FFA_IDS(id_of(UP_A), id_of(CALLER)), 0, 1);
		assert_true(got_success(v, 0, 0));
		other = request(v);
		CALL(0, other, FFA_NOTIFICATION_BIND_32, FFA_IDS(id_of(CALLER), id_of(UP_A)), 0, 1);
		assert_true(got_success(other, 0, 0));
		respond(other);
		break;
	case A_CALLEE:
		other = request(v);
		CALL(0, other, FFA_YIELD_32);
		assert_int_equal(got(v, 0), FFA_YIELD_32);
		break;
	default:
		break;
	}
	assert_ptr_equal(running(0), v);
}

static struct vcpu *caller_in(enum runtime_model model, enum need need)
{
	struct vcpu *v;

	system_create();
	for (enum which which = 0; which < SPS; which++) {
		sys.partitions[which].methods |=
			FFA_PROP_DIRECT2_RECV | FFA_PROP_DIRECT2_SEND | FFA_PROP_INDIRECT;
		sys.partitions[which].notifications = true;
	}
	if (model == RT_DIRECT_REQ && need == REQUEST2) {
		system_boot();
		v = CALL(0, nwd(0), FFA_MSG_SEND_DIRECT_REQ2_64, id_of(CALLER));
	} else {
		v = system_boot_into(CALLER, model);
	}
	provide(v, need);
	return v;
}

/* Ids that cannot stand in a table. */
static uint64_t first_argument(const struct form *f)
{
	switch (f->fid) {
	case FFA_RUN_32:
		return FFA_CTX(id_of(UP_A), 0);
	case FFA_MSG_SEND_DIRECT_REQ_32:
	case FFA_MSG_SEND_DIRECT_REQ_64:
	case FFA_MSG_SEND_DIRECT_REQ2_64:
	case FFA_NOTIFICATION_SET_32:
		return FFA_IDS(id_of(CALLER), id_of(UP_A));
	case FFA_NOTIFICATION_BIND_32:
	case FFA_NOTIFICATION_UNBIND_32:
		return FFA_IDS(id_of(UP_A), id_of(CALLER));
	case FFA_MSG_SEND_DIRECT_RESP_32:
	case FFA_MSG_SEND_DIRECT_RESP_64:
	case FFA_MSG_SEND_DIRECT_RESP2_64:
		return FFA_IDS(id_of(CALLER), FFA_ID_NWD);
	case FFA_NOTIFICATION_GET_32:
		return FFA_CTX(0, id_of(CALLER));
	default:
		return f->x[0];
	}
}

/* --- The cells ---------------------------------------------------------------------------------- */

static char came_out(const struct vcpu *v, const struct vcpu *next)
{
	if (next != v) {
		return 'L';
	}
	switch (got(v, 0)) {
	case FFA_SUCCESS_32:
		return 'S';
	case FFA_SUCCESS_64:
		return '6';
	case FFA_VERSION_1_2:
		return 'V';
	default:
		return got_error(v, FFA_NOT_SUPPORTED) ? 'N' : got_error(v, FFA_DENIED) ? 'D' : '?';
	}
}

static void check_form(const struct form *f, const char *name, enum runtime_model model)
{
	struct vcpu *v = caller_in(model, f->need);
	char outcome = f->outcomes[model - RT_INIT];
	struct vcpu *next;

	snapshot_take();
	next = CALL(0, v, f->fid, first_argument(f), f->x[1], f->x[2], f->x[3]);
	if (came_out(v, next) != outcome) {
		fail_msg("%s in %s: not %c but %#x %#x %d", name, runtime_model_name(model),
			 outcome, got(v, 0), got(v, 1), (int)got(v, 2));
	}
	if (outcome == 'D' || outcome == 'N') {
		assert_true(snapshot_same(v));
	}
	system_settle();
}

/* A call that no form is given for: allowed in every model, so that the answer is one for all. */
static void check_same(uint32_t fid, const char *name, enum runtime_model model, uint32_t said[3])
{
	struct vcpu *v = caller_in(model, NOTHING);

	assert_ptr_equal(CALL(0, v, fid), v);
	for (unsigned int i = 0; i < 3; i++) {
		if (model == RT_INIT) {
			said[i] = got(v, i);
		} else if (said[i] != got(v, i)) {
			fail_msg("%s in %s: %#x, elsewhere %#x", name, runtime_model_name(model),
				 got(v, i), said[i]);
		}
	}
}

static void test_every_function(void **state)
{
	static const struct {
		uint32_t num;
		const char *name;
	} functions[] = {
#define FFA_ABI(num, name, ...) { num, #name },
#include "ffa/ffa_abi.def"
#undef FFA_ABI
	};
	unsigned int cells = 0, rightly = 0;

	(void)state;
	for (size_t i = 0; i < 2 * NUMBER_OF(functions); i++) {
		uint32_t fid =
			(i % 2 != 0 ? FFA_FID_BASE_64 : FFA_FID_BASE_32) | functions[i / 2].num;
		const struct form *f = form_of(fid);
		uint32_t said[3];

		for (enum runtime_model model = RT_INIT; model <= RT_SEC_INTERRUPT; model++) {
			if (f != NULL) {
				check_form(f, functions[i / 2].name, model);
			} else {
				check_same(fid, functions[i / 2].name, model, said);
			}
			cells++;
			rightly += f != NULL;
		}
	}
	print_message("# %u cells, %u of them calls with right arguments\n", cells, rightly);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
