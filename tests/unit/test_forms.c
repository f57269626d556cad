/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Every function of ffa_abi.def, called rightly, from every instance, in every version, in every
 * runtime model (FF-A 1.2 chapter 8): what it completes with. test_dispatch.c has the same matrix
 * with arguments of zero. The last line counts the cells.
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

#define PAGE 0x1000ul
#define NWD_BUFFERS NWD_MEMORY
#define EL0_BUFFERS (NWD_MEMORY + 4 * PAGE) /* a region of its manifest: its image is read only */
#define RESP_32 0x84000070u
#define A_VM 5u

/* Who calls, on CPU 0; when the SPs initialise, the peer has. */
enum kind { K_NWD, K_EL1, K_EL0, KINDS };
static const char *const kind_names[KINDS] = { "normal world", "S-EL1", "S-EL0" };
static const enum which sp_of_kind[KINDS] = { [K_EL1] = MP_B, [K_EL0] = UP_A };
#define PEER MP_A

/* What is needed before the call. */
enum need {
	NOTHING,
	BUFFERS, /* the caller's */
	FULL_RX,
	MESSAGE, /* in TX, for the peer, which has buffers */
	SENT, /* once: the peer's RX is full */
	BITMAP, /* of the VM */
	BOUND, /* notification 0 of the peer to the caller, and the caller's to the peer */
	PENDING, /* that of the peer */
	A_CALLEE, /* the peer has yielded in a request of ours */
	REQUEST2, /* in DIRECT_REQ: it came as a request 2 */
};

/*
 * For the normal world, and in INIT, RUN, DIRECT_REQ, SEC_INTERRUPT:
 *   S success   6 in 64 bits   V our version   R FFA_NORMAL_WORLD_RESUME
 *   N not supported   D denied   L it completes later: somebody else runs
 * To whom ffa_abi.def does not give a function it is not supported.
 */
struct form {
	uint32_t fid;
	enum need need;
	const char *outcomes;
	uint64_t x[4]; /* x1-x4, where first_argument() has no other */
};

static const struct form forms[] = {
	{ FFA_ERROR_32, NOTHING, "NLDDD", { 0, (uint32_t)FFA_ABORTED } },
	{ FFA_INTERRUPT_32, NOTHING, "RDDDD", { 0 } },
	{ FFA_VERSION_32, NOTHING, "VVVVV", { 0 } },
	{ FFA_FEATURES_32, NOTHING, "SSSSS", { FFA_VERSION_32 } },
	{ FFA_RX_RELEASE_32, FULL_RX, "SSSSS", { 0 } },
	{ FFA_RXTX_MAP_32, NOTHING, "SSSSS", { 0, 0, 1 } },
	{ FFA_RXTX_MAP_64, NOTHING, "SSSSS", { 0, 0, 1 } },
	{ FFA_RXTX_UNMAP_32, BUFFERS, "SSSSS", { 0 } },
	{ FFA_PARTITION_INFO_GET_32, BUFFERS, "SSSSS", { 0 } },
	{ FFA_ID_GET_32, NOTHING, "SSSSS", { 0 } },
	{ FFA_MSG_WAIT_32, NOTHING, "NLLDL", { 0 } },
	{ FFA_YIELD_32, NOTHING, "NDLLS", { 0 } },
	{ FFA_RUN_32, A_CALLEE, "LDLLL", { 0 } },
	{ FFA_MSG_SEND_DIRECT_REQ_32, NOTHING, "LLLLL", { 0 } },
	{ FFA_MSG_SEND_DIRECT_REQ_64, NOTHING, "LLLLL", { 0 } },
	{ FFA_MSG_SEND_DIRECT_RESP_32, NOTHING, "NDDLD", { 0 } },
	{ FFA_MSG_SEND_DIRECT_RESP_64, NOTHING, "NDDLD", { 0 } },
	{ FFA_NOTIFICATION_BITMAP_CREATE_32, NOTHING, "SNNNN", { A_VM, 1 } },
	{ FFA_NOTIFICATION_BITMAP_DESTROY_32, BITMAP, "SNNNN", { A_VM } },
	{ FFA_NOTIFICATION_BIND_32, BITMAP, "SSSSS", { 0, 0, 2 } },
	{ FFA_NOTIFICATION_UNBIND_32, BOUND, "SSSSS", { 0, 0, 1 } },
	{ FFA_NOTIFICATION_SET_32, BOUND, "SSSSS", { 0, 0, 1 } },
	{ FFA_NOTIFICATION_GET_32, BITMAP, "SSSSS", { 0, FFA_NOTIFICATION_FROM_SPS } },
	{ FFA_NOTIFICATION_INFO_GET_32, PENDING, "SNNNN", { 0 } },
	{ FFA_NOTIFICATION_INFO_GET_64, PENDING, "6NNNN", { 0 } },
	{ FFA_RX_ACQUIRE_32, BUFFERS, "SNNNN", { 0 } },
	{ FFA_SPM_ID_GET_32, NOTHING, "SSSSS", { 0 } },
	{ FFA_MSG_SEND2_32, MESSAGE, "SSSSS", { 0 } },
	{ FFA_SECONDARY_EP_REGISTER_32, NOTHING, "NSDDD", { SP_MEMORY(MP_B) } },
	{ FFA_SECONDARY_EP_REGISTER_64, NOTHING, "NSDDD", { SP_MEMORY(MP_B) } },
	{ FFA_MEM_PERM_GET_32, NOTHING, "NSDDD", { SP_MEMORY(UP_A) } },
	{ FFA_MEM_PERM_GET_64, NOTHING, "NSDDD", { SP_MEMORY(UP_A) } },
	{ FFA_MEM_PERM_SET_32, NOTHING, "NSDDD", { SP_MEMORY(UP_A), 1, 5 } },
	{ FFA_MEM_PERM_SET_64, NOTHING, "NSDDD", { SP_MEMORY(UP_A), 1, 5 } },
	{ FFA_CONSOLE_LOG_32, NOTHING, "NSSSS", { 1, 'x' } },
	{ FFA_CONSOLE_LOG_64, NOTHING, "NSSSS", { 1, 'x' } },
	{ FFA_PARTITION_INFO_GET_REGS_64, NOTHING, "66666", { 0 } },
	{ FFA_MSG_SEND_DIRECT_REQ2_64, NOTHING, "LLLLL", { 0 } },
	{ FFA_MSG_SEND_DIRECT_RESP2_64, REQUEST2, "NDDLD", { 0 } },
	{ FFA_ABORT_32, NOTHING, "NLLLL", { 0, (uint32_t)FFA_ABORTED } },
	{ FFA_ABORT_64, NOTHING, "NLLLL", { 0, (uint32_t)FFA_ABORTED } },
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

/* A row of ffa_abi.def: who may call it since when. */
struct function {
	uint32_t num;
	const char *name;
	unsigned int since;
	unsigned int from; /* bits of enum kind */
};

#define V1_0 0
#define V1_1 1
#define V1_2 2
#define V1_3 3
#define NWD (1u << K_NWD)
#define SP1 (1u << K_EL1)
#define SP0 (1u << K_EL0)

static const struct function functions[] = {
#define FFA_ABI(num, name, widths, since, from, ...) { num, #name, since, from },
#include "ffa/ffa_abi.def"
#undef FFA_ABI
};

/* A cell of the matrix, but for the function. */
struct caller {
	enum kind kind;
	unsigned int minor;
	enum runtime_model model;
};

/* --- The way there ---------------------------------------------------------------------------- */

static uint64_t buffers_of(enum kind kind)
{
	static const uint64_t buffers[KINDS] = { NWD_BUFFERS, SP_MEMORY(MP_B), EL0_BUFFERS };

	return buffers[kind];
}

static uint16_t id_of_kind(enum kind kind)
{
	return kind == K_NWD ? FFA_ID_NWD : id_of(sp_of_kind[kind]);
}

static void map_buffers(struct vcpu *v, uint64_t buffers)
{
	CALL(0, v, FFA_RXTX_MAP_64, buffers, buffers + PAGE, 1);
	assert_true(got_success(v, 0, 0));
}

static void respond(struct vcpu *v)
{
	CALL(0, v, RESP_32, FFA_IDS(v->endpoint->id, v->requester));
}

/* v sends the peer a request, which is then in it. */
static struct vcpu *request(struct vcpu *v)
{
	return CALL(0, v, FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(v->endpoint->id, id_of(PEER)));
}

static void succeeds(struct vcpu *v, uint32_t fid, uint32_t x1, uint32_t x2, uint32_t x3)
{
	CALL(0, v, fid, x1, x2, x3);
	assert_true(got_success(v, 0, 0));
}

static void bind(struct vcpu *v, uint16_t sender)
{
	succeeds(v, FFA_NOTIFICATION_BIND_32, FFA_IDS(sender, v->endpoint->id), 0, 1);
}

static void write_message(enum kind kind)
{
	struct ffa_msg_header *tx = (struct ffa_msg_header *)(uintptr_t)buffers_of(kind);

	*tx = (struct ffa_msg_header){ .offset = sizeof(*tx),
				       .ids = FFA_IDS(id_of_kind(kind), id_of(PEER)) };
}

static void provide(struct vcpu *v, enum kind kind, enum need need)
{
	struct vcpu *other;

	if (kind == K_NWD && (need == BITMAP || need == BOUND || need == PENDING)) {
		succeeds(v, FFA_NOTIFICATION_BITMAP_CREATE_32, FFA_ID_NWD, CPUS, 0);
		succeeds(v, FFA_NOTIFICATION_BITMAP_CREATE_32, A_VM, 1, 0);
	}
	switch (need) {
	case FULL_RX:
		map_buffers(v, buffers_of(kind));
		CALL(0, v, FFA_PARTITION_INFO_GET_32);
		break;
	case BUFFERS:
		map_buffers(v, buffers_of(kind));
		break;
	case MESSAGE:
	case SENT:
		map_buffers(v, buffers_of(kind));
		other = request(v);
		map_buffers(other, SP_MEMORY(PEER));
		respond(other);
		write_message(kind);
		if (need == SENT) {
			succeeds(v, FFA_MSG_SEND2_32, 0, 0, 0);
		}
		break;
	case BOUND:
	case PENDING:
		bind(v, id_of(PEER));
		other = request(v);
		bind(other, v->endpoint->id);
		respond(other);
		if (need == PENDING && kind == K_NWD) {
			succeeds(v, FFA_NOTIFICATION_SET_32, FFA_IDS(FFA_ID_NWD, id_of(PEER)), 0,
				 1);
		}
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

static void configure(const struct caller *c)
{
	struct partition *p = &sys.partitions[sp_of_kind[c->kind]];

	for (enum which which = 0; which < SPS; which++) {
		sys.partitions[which].methods |=
			FFA_PROP_DIRECT2_RECV | FFA_PROP_DIRECT2_SEND | FFA_PROP_INDIRECT;
		sys.partitions[which].notifications = true;
	}
	if (c->kind == K_NWD) {
		return;
	}
	p->ffa_version = FFA_VERSION(1, c->minor);
	if (c->kind == K_EL0) {
		p->el0 = true;
		p->regions[p->region_count++] = (struct region){ .range = { EL0_BUFFERS, 2 * PAGE },
								 .attrs = MEM_R | MEM_W | MEM_NS,
								 .name = "buffers" };
	}
}

static struct vcpu *enter(const struct caller *c, enum need need)
{
	struct vcpu *v;

	system_create();
	configure(c);
	if (c->kind == K_NWD) {
		system_boot();
		v = nwd(0);
		CALL(0, v, FFA_VERSION_32, FFA_VERSION(1, c->minor));
	} else if (c->model == RT_DIRECT_REQ && need == REQUEST2) {
		system_boot();
		v = CALL(0, nwd(0), FFA_MSG_SEND_DIRECT_REQ2_64, id_of_kind(c->kind));
	} else {
		v = system_boot_into(sp_of_kind[c->kind], c->model);
	}
	return v;
}

/* Ids and addresses that cannot stand in a table. */
static uint64_t first_argument(const struct form *f, const struct caller *c)
{
	uint16_t id = id_of_kind(c->kind);

	switch (f->fid) {
	case FFA_VERSION_32:
		return FFA_VERSION(1, c->minor);
	case FFA_RXTX_MAP_32:
	case FFA_RXTX_MAP_64:
		return buffers_of(c->kind);
	case FFA_RUN_32:
		return FFA_CTX(id_of(PEER), 0);
	case FFA_MSG_SEND_DIRECT_REQ_32:
	case FFA_MSG_SEND_DIRECT_REQ_64:
	case FFA_MSG_SEND_DIRECT_REQ2_64:
	case FFA_NOTIFICATION_SET_32:
		return FFA_IDS(id, id_of(PEER));
	case FFA_NOTIFICATION_BIND_32:
	case FFA_NOTIFICATION_UNBIND_32:
		return FFA_IDS(id_of(PEER), id);
	case FFA_MSG_SEND_DIRECT_RESP_32:
	case FFA_MSG_SEND_DIRECT_RESP_64:
	case FFA_MSG_SEND_DIRECT_RESP2_64:
		return FFA_IDS(id, FFA_ID_NWD);
	case FFA_NOTIFICATION_GET_32:
		return FFA_CTX(0, id);
	default:
		return f->x[0];
	}
}

/* --- The cells -------------------------------------------------------------------------------- */

static char expected(const struct form *f, const struct function *fn, const struct caller *c)
{
	if ((fn->from & (1u << c->kind)) == 0 || fn->since > c->minor) {
		return 'N';
	}
	if (f->fid == FFA_YIELD_32 && c->minor == 0 && c->model == RT_DIRECT_REQ) {
		return 'D';
	}
	if (c->kind == K_EL1 && (fn->num == 0x88 || fn->num == 0x89)) {
		return 'D'; /* has its own stage 1 */
	}
	return f->outcomes[c->model];
}

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
	case FFA_NORMAL_WORLD_RESUME_32:
		return 'R';
	default:
		return got_error(v, FFA_NOT_SUPPORTED) ? 'N' : got_error(v, FFA_DENIED) ? 'D' : '?';
	}
}

static void check_form(const struct form *f, const struct function *fn, const struct caller *c)
{
	char outcome = expected(f, fn, c);
	/* What is not supported to it needs, and often may have, nothing. */
	enum need need = outcome == 'N' ? NOTHING : f->need;
	struct vcpu *v = enter(c, need), *next;
	uint64_t x1 = first_argument(f, c);
	uint64_t x2 = f->fid == FFA_RXTX_MAP_32 || f->fid == FFA_RXTX_MAP_64 ? x1 + PAGE : f->x[1];

	provide(v, c->kind, need);
	snapshot_take();
	next = CALL(0, v, f->fid, x1, x2, f->x[2], f->x[3]);
	if (came_out(v, next) != outcome) {
		fail_msg("%s by %s 1.%u in %s: not %c but %#x %#x %d", fn->name,
			 kind_names[c->kind], c->minor, runtime_model_name(c->model), outcome,
			 got(v, 0), got(v, 1), (int)got(v, 2));
	}
	if (outcome == 'D' || outcome == 'N') {
		assert_true(snapshot_same(v));
	}
	system_settle();
}

/* A call that no form is given for: allowed in every model, so that the answer is one for all. */
static void check_same(uint32_t fid, const struct function *fn, const struct caller *c,
		       uint32_t said[3])
{
	struct vcpu *v = enter(c, NOTHING);
	bool first = c->model <= RT_INIT;

	assert_ptr_equal(CALL(0, v, fid), v);
	for (unsigned int i = 0; i < 3; i++) {
		if (first) {
			said[i] = got(v, i);
		} else if (said[i] != got(v, i)) {
			fail_msg("%s by %s 1.%u in %s: %#x, elsewhere %#x", fn->name,
				 kind_names[c->kind], c->minor, runtime_model_name(c->model),
				 got(v, i), said[i]);
		}
	}
}

static unsigned int cells, rightly;

static void check_function(uint32_t fid, const struct function *fn, enum kind kind,
			   unsigned int minor)
{
	const struct form *f = form_of(fid);
	struct caller c = { .kind = kind, .minor = minor };
	uint32_t said[3];

	for (unsigned int model = kind == K_NWD ? RT_NONE : RT_INIT;
	     model <= (kind == K_NWD ? RT_NONE : RT_SEC_INTERRUPT); model++) {
		c.model = (enum runtime_model)model;
		if (f != NULL) {
			check_form(f, fn, &c);
		} else {
			check_same(fid, fn, &c, said);
		}
		cells++;
		rightly += f != NULL;
	}
}

static void test_every_function(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * NUMBER_OF(functions); i++) {
		const struct function *fn = &functions[i / 2];
		uint32_t fid = i % 2 != 0 ? FFA_FID_BASE_64 : FFA_FID_BASE_32;

		for (enum kind kind = 0; kind < KINDS; kind++) {
			for (unsigned int minor = 0; minor <= 2; minor++) {
				check_function(fid | fn->num, fn, kind, minor);
			}
		}
	}
	print_message("# %u cells, %u of them calls with right arguments\n", cells, rightly);
}

/* --- What is refused -------------------------------------------------------------------------- */

/* The partition of a message has ended, or its vCPU waits for the caller. */
enum peer { P_IDLE, P_DEAD, P_BUSY };

struct refusal {
	uint32_t fid;
	unsigned int from; /* bits of enum kind */
	enum need need;
	enum peer peer;
	uint32_t methods; /* that the caller lacks */
	enum ffa_status status;
	uint64_t x[5]; /* x1-x5 */
};

#define SPS_ALL (SP1 | SP0)
#define ALL (NWD | SPS_ALL)
#define TO_PEER UINT64_MAX /* first_argument() */

static const struct refusal refusals[] = {
	{ FFA_RX_RELEASE_32, SPS_ALL, FULL_RX, P_IDLE, 0, FFA_INVALID_PARAMETERS, { A_VM } },
	{ FFA_RXTX_MAP_64, ALL, BUFFERS, P_IDLE, 0, FFA_DENIED, { TO_PEER, 0, 1 } },
	{ FFA_PARTITION_INFO_GET_32, ALL, BUFFERS, P_IDLE, 0, FFA_INVALID_PARAMETERS, { 7 } },
	{ FFA_PARTITION_INFO_GET_32,
	  ALL,
	  BUFFERS,
	  P_IDLE,
	  0,
	  FFA_INVALID_PARAMETERS,
	  { 0, 0, 0, 0, 2 } },
	{ FFA_PARTITION_INFO_GET_32, ALL, FULL_RX, P_IDLE, 0, FFA_BUSY, { 0 } },
	{ FFA_PARTITION_INFO_GET_REGS_64, ALL, NOTHING, P_IDLE, 0, FFA_RETRY, { 0, 0, 1u << 16 } },
	{ FFA_PARTITION_INFO_GET_REGS_64,
	  ALL,
	  NOTHING,
	  P_IDLE,
	  0,
	  FFA_INVALID_PARAMETERS,
	  { 0, 0, SPS } },
	{ FFA_MSG_WAIT_32, SPS_ALL, NOTHING, P_IDLE, 0, FFA_INVALID_PARAMETERS, { 0, 0, 1 } },
	{ FFA_YIELD_32, SPS_ALL, NOTHING, P_IDLE, 0, FFA_INVALID_PARAMETERS, { 0, 0, 0, 1 } },
	{ FFA_RUN_32, ALL, NOTHING, P_DEAD, 0, FFA_ABORTED, { TO_PEER } },
	{ FFA_RUN_32, ALL, NOTHING, P_IDLE, 0, FFA_INVALID_PARAMETERS, { FFA_CTX(0x80FF, 0) } },
	{ FFA_RUN_32, SPS_ALL, NOTHING, P_IDLE, 0, FFA_DENIED, { TO_PEER } },
	{ FFA_MSG_SEND_DIRECT_REQ_32, ALL, NOTHING, P_DEAD, 0, FFA_ABORTED, { TO_PEER } },
	{ FFA_MSG_SEND_DIRECT_REQ_64, ALL, NOTHING, P_DEAD, 0, FFA_ABORTED, { TO_PEER } },
	{ FFA_MSG_SEND_DIRECT_REQ_32, SPS_ALL, NOTHING, P_BUSY, 0, FFA_BUSY, { TO_PEER } },
	{ FFA_MSG_SEND_DIRECT_REQ_32,
	  SPS_ALL,
	  NOTHING,
	  P_IDLE,
	  FFA_PROP_DIRECT_SEND,
	  FFA_DENIED,
	  { TO_PEER } },
	{ FFA_MSG_SEND_DIRECT_REQ2_64, ALL, NOTHING, P_DEAD, 0, FFA_ABORTED, { TO_PEER } },
	{ FFA_MSG_SEND_DIRECT_REQ2_64, SPS_ALL, NOTHING, P_BUSY, 0, FFA_BUSY, { TO_PEER } },
	{ FFA_MSG_SEND_DIRECT_REQ2_64,
	  SPS_ALL,
	  NOTHING,
	  P_IDLE,
	  FFA_PROP_DIRECT2_SEND,
	  FFA_DENIED,
	  { TO_PEER } },
	{ FFA_MSG_SEND_DIRECT_REQ2_64,
	  ALL,
	  NOTHING,
	  P_IDLE,
	  0,
	  FFA_INVALID_PARAMETERS,
	  { TO_PEER, 7 } },
	{ FFA_MSG_SEND2_32, ALL, MESSAGE, P_DEAD, 0, FFA_ABORTED, { 0 } },
	{ FFA_MSG_SEND2_32, SPS_ALL, MESSAGE, P_IDLE, FFA_PROP_INDIRECT, FFA_DENIED, { 0 } },
	{ FFA_MSG_SEND2_32, ALL, MESSAGE, P_IDLE, 0, FFA_INVALID_PARAMETERS, { 0, 1 } },
	{ FFA_MSG_SEND2_32, ALL, SENT, P_IDLE, 0, FFA_BUSY, { 0 } },
	{ FFA_MSG_SEND2_32, SPS_ALL, MESSAGE, P_IDLE, 0, FFA_INVALID_PARAMETERS, { 1u << 16 } },
	{ FFA_NOTIFICATION_BIND_32, ALL, BOUND, P_IDLE, 0, FFA_DENIED, { TO_PEER, 0, 1 } },
	{ FFA_NOTIFICATION_UNBIND_32, ALL, BOUND, P_IDLE, 0, FFA_DENIED, { TO_PEER, 0, 2 } },
	{ FFA_NOTIFICATION_SET_32, ALL, BOUND, P_IDLE, 0, FFA_DENIED, { TO_PEER, 0, 2 } },
	{ FFA_NOTIFICATION_SET_32,
	  ALL,
	  BOUND,
	  P_IDLE,
	  0,
	  FFA_INVALID_PARAMETERS,
	  { TO_PEER, 4, 1 } },
};

/* The peer dies on another CPU, where it has a vCPU too. */
static void kill_peer(void)
{
	CALL(1, nwd(1), FFA_RUN_32, FFA_CTX(id_of(PEER), 1));
	(void)serror(1);
	assert_true(partition_is_aborted(&sys.partitions[PEER]));
}

static struct vcpu *enter_refused(const struct refusal *r, const struct caller *c)
{
	struct vcpu *v;

	if (r->peer != P_BUSY) {
		return enter(c, r->need);
	}
	/* The peer has called it, and waits. */
	system_create();
	configure(c);
	system_boot();
	v = request(nwd(0));
	return CALL(0, v, FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(id_of(PEER), id_of_kind(c->kind)));
}

static void check_refusal(const struct refusal *r, enum kind kind)
{
	const struct caller c = { kind, 2, kind == K_NWD ? RT_NONE : RT_RUN };
	const struct form f = { .fid = r->fid };
	struct vcpu *v = enter_refused(r, &c);
	uint64_t x1 = r->x[0] == TO_PEER ? first_argument(&f, &c) : r->x[0];
	uint64_t x2 = r->fid == FFA_RXTX_MAP_64 ? x1 + PAGE : r->x[1];

	provide(v, kind, r->need);
	if (r->peer == P_DEAD) {
		kill_peer();
		/* The first who wants the vCPU of this CPU buries it. */
		CALL(0, v, r->fid, x1, x2, r->x[2], r->x[3], r->x[4]);
	}
	if (kind != K_NWD) {
		sys.partitions[sp_of_kind[kind]].methods &= ~r->methods;
	}
	snapshot_take();
	assert_ptr_equal(CALL(0, v, r->fid, x1, x2, r->x[2], r->x[3], r->x[4]), v);
	if (!got_error(v, r->status)) {
		fail_msg("%#x by %s: not %d but %#x %d", r->fid, kind_names[kind], r->status,
			 got(v, 0), (int)got(v, 2));
	}
	if (!snapshot_same(v)) {
		fail_msg("%#x by %s: %d, and it changes something", r->fid, kind_names[kind],
			 r->status);
	}
	system_settle();
}

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUMBER_OF(refusals); i++) {
		for (enum kind kind = 0; kind < KINDS; kind++) {
			if ((refusals[i].from & (1u << kind)) != 0) {
				check_refusal(&refusals[i], kind);
			}
		}
	}
}

#define BLOCK 0x60000000ul
#define BLOCK_SIZE 0x200000ul

/* Buffers in the middle of a block take a table of the SP's own quota. (S-EL0 has no blocks.) */
static void test_no_memory(void **state)
{
	const struct caller c = { K_EL1, 2, RT_RUN };
	struct partition *p = &sys.partitions[MP_B];
	struct vcpu *v;

	(void)state;
	system_create();
	configure(&c);
	assert_true(
		space_map(&p->space, (struct range){ BLOCK, BLOCK_SIZE }, MEM_R | MEM_W | MEM_NS));
	v = system_boot_into(MP_B, RT_RUN);
	while (page_pool_get(&p->pages.pool) != NULL) {
	}
	snapshot_take();
	CALL(0, v, FFA_RXTX_MAP_64, BLOCK, BLOCK + PAGE, 1);
	assert_true(got_error(v, FFA_NO_MEMORY));
	assert_true(snapshot_same(v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_every_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
