/* SPDX-License-Identifier: BSD-3-Clause */
/* Direct messages (FF-A 1.2 chapter 15.2, 15.3). */
#include "ffa/call.h"

/* The payload, x3-x7, of a message from one frame to another, in the width of the function id. */
static void payload_copy(struct vcpu *to, const struct vcpu *from, uint32_t fid)
{
	uint64_t mask = (fid & FFA_FID_64BIT) != 0 ? UINT64_MAX : UINT32_MAX;

	to->arch.x[3] = from->arch.x[3] & mask;
	to->arch.x[4] = from->arch.x[4] & mask;
	to->arch.x[5] = from->arch.x[5] & mask;
	to->arch.x[6] = from->arch.x[6] & mask;
	to->arch.x[7] = from->arch.x[7] & mask;
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
	target->arch.x[0] = target->request_fid;
	target->arch.x[1] = vcpu_w(caller, 1);
	target->arch.x[2] = 0;
	payload_copy(target, caller, target->request_fid);
	return cycles_give(caller, target);
}

/*
 * FFA_MSG_SEND_DIRECT_RESP: w1 = sender and receiver, x3-x7 payload. The requester goes on with
 * it, the caller waits for the next message. INVALID_PARAMETERS: ids, w2; DENIED: there is no
 * request to respond to, or the caller is in the middle of an interrupt.
 */
struct vcpu *ffa_direct_resp(struct vcpu *caller)
{
	uint32_t fid = message_fid(caller);
	struct vcpu *to = caller->caller;
	uint16_t receiver = FFA_IDS_RECEIVER(vcpu_w(caller, 1));

	if (vcpu_is_nwd(caller)) {
		return answer_error(caller, FFA_NOT_SUPPORTED);
	}
	if (FFA_IDS_SENDER(vcpu_w(caller, 1)) != caller->partition->id ||
	    (vcpu_model(caller) == RT_DIRECT_REQ && receiver != caller->requester)) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	if (vcpu_model(caller) != RT_DIRECT_REQ || caller->preempted != NULL) {
		return answer_error(caller, FFA_DENIED);
	}
	if (caller->framework) {
		return framework_response(caller);
	}
	if (vcpu_w(caller, 2) != 0) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	if (vcpu_is_nwd(to) != ((caller->requester & FFA_ID_SECURE) == 0)) {
		/* The requester has died; the normal world has only lent its cycles. */
		answer(to, FFA_MSG_WAIT_32, endpoint_context(caller), 0, 0);
	} else {
		answer(to, fid, vcpu_w(caller, 1), 0, 0);
		payload_copy(to, caller, fid);
	}
	return cycles_wait(caller, to);
}
