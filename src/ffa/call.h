/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the chapters of FF-A share: how a call is answered, and how cycles go from one context to
 * the next. A handler gets the vCPU that called, writes the answer into that vCPU's registers (or
 * the message into another's), and returns who runs next.
 */
#ifndef FFA_CALL_H
#define FFA_CALL_H

#include "core/cpu.h"
#include "ffa/ffa.h"

/* --- Answers: x0-x7 are written, what the answer does not name is zero; x8-x17 stay. --------- */

static inline void answer(struct vcpu *v, uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3)
{
	uint64_t *x = v->arch.x;

	x[0] = fid;
	x[1] = x1;
	x[2] = x2;
	x[3] = x3;
	x[4] = 0;
	x[5] = 0;
	x[6] = 0;
	x[7] = 0;
}

/* These return v: it goes on. */
static inline struct vcpu *answer_success(struct vcpu *v, uint32_t w2, uint32_t w3)
{
	answer(v, FFA_SUCCESS_32, 0, w2, w3);
	return v;
}

static inline struct vcpu *answer_error(struct vcpu *v, enum ffa_status status)
{
	answer(v, FFA_ERROR_32, 0, (uint32_t)status, 0);
	return v;
}

static inline struct vcpu *answer_status(struct vcpu *v, enum ffa_status status)
{
	return status == FFA_OK ? answer_success(v, 0, 0) : answer_error(v, status);
}

/* --- Who a vCPU is -------------------------------------------------------------------------- */

/* Endpoint and vCPU index in one word, as RUN, YIELD and INTERRUPT name a context. */
static inline uint32_t endpoint_context(const struct vcpu *v)
{
	return FFA_CTX(v->endpoint->id, v->index);
}

/* --- The dispatcher ------------------------------------------------------------------------- */

struct vcpu *ffa_call(struct cpu *c, struct vcpu *v);

struct ffa_row {
	struct vcpu *(*handler)(struct vcpu *caller); /* NULL: NOT_SUPPORTED */
	enum ffa_status (*feature)(const struct vcpu *caller, uint32_t input, uint32_t out[2]);
	const char *name;
	uint16_t open; /* ENDPOINT_ABI_BIT()s of who may call it */
	uint8_t models;
	uint8_t mbz;
	bool locks; /* after it the caller's version stays */
};

#define FFA_ROWS (FFA_FID_NUM_LAST - FFA_FID_NUM_FIRST + 1)

/* By width (SMC32, SMC64) and number. What does not exist is open to nobody. */
extern const struct ffa_row ffa_rows[2][FFA_ROWS];

/* The row of a function id (without the SVE hint), or NULL when it is not one. */
static inline const struct ffa_row *ffa_row_of(uint32_t fid)
{
	uint32_t i = (fid & ~FFA_FID_64BIT) - (FFA_FID_BASE_32 | FFA_FID_NUM_FIRST);

	return i < FFA_ROWS ? &ffa_rows[(fid & FFA_FID_64BIT) != 0][i] : NULL;
}

/* May v call the function of that row: by its instance and its version? */
static inline bool ffa_row_open(const struct ffa_row *row, const struct vcpu *v)
{
	return (row->open & endpoint_abi(v->endpoint)) != 0;
}

/* The handlers and the features of ffa_abi.def. */
#define FFA_ABI(num, name, widths, since, from, models, mbz, handler, feature)                     \
	struct vcpu *ffa_##handler(struct vcpu *caller);                                           \
	enum ffa_status feature_##feature(const struct vcpu *caller, uint32_t input,               \
					  uint32_t out[2]);
#include "ffa/ffa_abi.def"
#undef FFA_ABI

/* --- Cycles (cycles.c) ---------------------------------------------------------------------- */

struct vcpu *cycles_give(struct vcpu *from, struct vcpu *to);
struct vcpu *cycles_return(struct vcpu *v);
struct vcpu *cycles_wait(struct vcpu *v, struct vcpu *next);
struct vcpu *cycles_resume(struct vcpu *v);
struct vcpu *cycles_of_dead(struct vcpu *v);
bool cycles_attend(struct vcpu *v);
void cycles_learn(struct vcpu *v);

/*
 * v, of p, has just been claimed or unblocked: does it go on? One look at its partition; see
 * cycles_attend() for what happens when there is something to see.
 */
static inline bool cycles_may_enter(struct vcpu *v, const struct partition *p)
{
	return partition_attention(p) == 0 || cycles_attend(v);
}

/* v, which this CPU has, gets cycles: the time to learn of notifications and of its timer. */
static inline void cycles_enter(struct vcpu *v)
{
	if (partition_attention(v->partition) != 0) {
		cycles_learn(v);
	}
}

/* --- Physical interrupts take cycles away (preempt.c) --------------------------------------- */

struct vcpu *preempt_secure(struct cpu *c, struct vcpu *current);
struct vcpu *preempt_other(struct cpu *c, struct vcpu *current);
void preempt_raise_sri(struct cpu *c);
void preempt_enter_sec(struct vcpu *v, struct vcpu *preempted);

/* --- Notifications (notification.c) --------------------------------------------------------- */

void notification_rx_full(struct endpoint *e, bool from_vm, bool delay_sri);
void notification_schedule(struct vcpu *v);
void notification_leave_cpu(struct cpu *from, struct cpu *to);

/* --- Life of a partition (lifecycle.c) ------------------------------------------------------ */

struct vcpu *lifecycle_start(struct cpu *c);
struct vcpu *lifecycle_start_next(struct cpu *c);
struct vcpu *lifecycle_initialised(struct vcpu *v);
struct vcpu *lifecycle_abort(struct vcpu *v);
bool lifecycle_restart(struct vcpu *v);
struct vcpu *lifecycle_refused(struct vcpu *v);
struct vcpu *lifecycle_fault(struct cpu *c, struct vcpu *v);
struct vcpu *lifecycle_serror(struct cpu *c, struct vcpu *v);

/* What who calls p gets, which has ended: the end, or with lifecycle-support only no answer now. */
static inline enum ffa_status lifecycle_status(const struct partition *p)
{
	return p->lifecycle ? FFA_BUSY : FFA_ABORTED;
}

/* --- Direct messages (direct.c) ------------------------------------------------------------- */

struct vcpu *direct_framework_request(struct vcpu *caller, struct partition *receiver,
				      enum vcpu_request request);

/* --- Framework messages (framework.c) ------------------------------------------------------- */

struct vcpu *framework_request(struct vcpu *caller);
struct vcpu *framework_response(struct vcpu *v);
struct vcpu *framework_off_next(struct cpu *c);

/* RX and TX (rxtx.c). */
void rxtx_drop(struct endpoint *e);
bool rxtx_renew(struct partition *p);

/* --- Memory management (memory_end.c) ------------------------------------------------------- */

void memory_endpoint_ended(struct vcpu *caller, uint16_t id);

/* FFA_VERSION (setup.c). */
int32_t version_negotiate(struct endpoint *e, uint32_t asked);

#endif
