/* SPDX-License-Identifier: BSD-3-Clause */
/* Direct messages (FF-A 1.2 chapter 15.2, 15.3). */
#include "ffa/call.h"

/* A message, from the frame of who sends it to that of who gets it, in the width of fid. */
static inline void message_copy(struct vcpu *to, const struct vcpu *from, uint32_t fid)
{
	const uint64_t *in = from->arch.x;
	uint64_t *out = to->arch.x;

	out[0] = fid;
	out[1] = (uint32_t)in[1];
	out[2] = 0;
	if ((fid & FFA_FID_64BIT) != 0) {
		out[3] = in[3];
		out[4] = in[4];
		out[5] = in[5];
		out[6] = in[6];
		out[7] = in[7];
	} else {
		out[3] = (uint32_t)in[3];
		out[4] = (uint32_t)in[4];
		out[5] = (uint32_t)in[5];
		out[6] = (uint32_t)in[6];
		out[7] = (uint32_t)in[7];
	}
}

/* v's function id without the SVE hint. */
static uint32_t message_fid(const struct vcpu *v)
{
	return vcpu_w(v, 0) & ~FFA_FID_SVE_HINT;
}

/* May an endpoint of the caller's world speak as `sender`? */
static bool sender_valid(const struct vcpu *caller, uint16_t sender)
{
	return vcpu_is_nwd(caller) ? (sender & FFA_ID_SECURE) == 0
				   : sender == caller->partition->id;
}

static enum ffa_status request_check(const struct vcpu *caller, struct partition **receiver)
{
	uint16_t from = FFA_IDS_SENDER(vcpu_w(caller, 1));
	uint16_t to = FFA_IDS_RECEIVER(vcpu_w(caller, 1));
	struct partition *p = partition_find(to);

	if (vcpu_w(caller, 2) != 0 || !sender_valid(caller, from) || from == to || p == NULL) {
		return FFA_INVALID_PARAMETERS;
	}
	if ((p->methods & FFA_PROP_DIRECT_RECV) == 0 ||
	    (!vcpu_is_nwd(caller) && (caller->partition->methods & FFA_PROP_DIRECT_SEND) == 0)) {
		return FFA_DENIED;
	}
	if (!vcpu_is_nwd(caller) && (caller->framework || caller->preempted != NULL)) {
		return FFA_DENIED;
	}
	*receiver = p;
	return partition_is_aborted(p) ? FFA_ABORTED : FFA_OK;
}

/*
 * FFA_MSG_SEND_DIRECT_REQ: w1 = sender and receiver, x3-x7 payload. The receiver's vCPU of this
 * CPU runs with the message, the caller waits for the response. INVALID_PARAMETERS: ids, w2 not
 * zero; DENIED: not by the manifests, or not while the caller handles CPU_OFF; ABORTED: receiver
 * dead; BUSY: its vCPU is not waiting, or somebody else was faster.
 */
struct vcpu *ffa_direct_req(struct vcpu *caller)
{
	struct cpu *c = cpu_this();
	struct partition *receiver;
	enum ffa_status status;
	struct vcpu *target;
	uint32_t word;

	if (vcpu_is_nwd(caller) && (vcpu_w(caller, 2) & FFA_MSG_FRAMEWORK) != 0) {
		return framework_request(caller);
	}
	caller->endpoint->version_locked = true;
	status = request_check(caller, &receiver);
	if (status != FFA_OK) {
		return answer_error(caller, status);
	}
	target = partition_vcpu(receiver, c);
	word = vcpu_peek(target);
	if (vcpu_word_state(word) != VCPU_WAITING ||
	    !vcpu_claim(target, word, RT_DIRECT_REQ, c->index)) {
		return answer_error(caller, FFA_BUSY);
	}
	target->request_fid = message_fid(caller);
	target->requester = FFA_IDS_SENDER(vcpu_w(caller, 1));
	target->framework = false;
	message_copy(target, caller, target->request_fid);
	return cycles_give(caller, target);
}

/*
 * FFA_MSG_SEND_DIRECT_RESP: w1 = sender and receiver, x3-x7 payload. The requester goes on with
 * it, the caller waits for the next message. INVALID_PARAMETERS: ids, w2; DENIED: there is no
 * request to respond to, or the caller is in the middle of an interrupt.
 */
struct vcpu *ffa_direct_resp(struct vcpu *caller)
{
	struct vcpu *to = caller->caller;
	uint32_t ids = vcpu_w(caller, 1);
	bool requested;

	if (vcpu_is_nwd(caller)) {
		return answer_error(caller, FFA_NOT_SUPPORTED);
	}
	requested = vcpu_model(caller) == RT_DIRECT_REQ;
	if (FFA_IDS_SENDER(ids) != caller->endpoint->id ||
	    (requested && FFA_IDS_RECEIVER(ids) != caller->requester)) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	if (!requested || caller->preempted != NULL) {
		return answer_error(caller, FFA_DENIED);
	}
	if (caller->framework) {
		return framework_response(caller);
	}
	if (vcpu_w(caller, 2) != 0) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	if (to->endpoint->kind == ENDPOINT_NWD && (caller->requester & FFA_ID_SECURE) != 0) {
		/* The requester has died; the normal world has only lent its cycles. */
		answer(to, FFA_MSG_WAIT_32, endpoint_context(caller), 0, 0);
	} else {
		message_copy(to, caller, message_fid(caller));
	}
	return cycles_wait(caller, to);
}
