/* SPDX-License-Identifier: BSD-3-Clause */
/* Direct messages (FF-A 1.2 chapter 15.2 to 15.5). */
#include "ffa/call.h"
#include "ffa/service.h"

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

/* The same for direct message 2: all of x1-x17. In a response x2 and x3 are zero on both sides. */
static inline void message2_copy(struct vcpu *to, const struct vcpu *from, uint32_t fid)
{
	const uint64_t *in = from->arch.x;
	uint64_t *out = to->arch.x;

	out[0] = fid;
	out[1] = (uint32_t)in[1];
	for (unsigned int i = 2; i < 18; i += 2) {
		out[i] = in[i];
		out[i + 1] = in[i + 1];
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

/*
 * What p may be sent by direct message 2 for the service that x2 and x3 of the caller name, or for
 * any. False: p has no such service.
 */
static bool methods2(const struct partition *p, const struct vcpu *caller, uint32_t *methods)
{
	struct ffa_uuid uuid = uuid_from(caller->arch.x[2], caller->arch.x[3]);
	const struct service *s = service_find(p, &uuid);

	if (s == NULL && !uuid_is_nil(&uuid)) {
		return false;
	}
	*methods = s == NULL ? p->methods : s->methods;
	if (p->endpoint.version < FFA_VERSION_1_2) {
		*methods &= ~FFA_PROP_DIRECT2_RECV;
	}
	return true;
}

static inline enum ffa_status request_check(const struct vcpu *caller, enum vcpu_request request,
					    struct partition **receiver)
{
	bool two = request == REQUEST_DIRECT2;
	uint32_t send = two ? FFA_PROP_DIRECT2_SEND : FFA_PROP_DIRECT_SEND;
	uint32_t recv = two ? FFA_PROP_DIRECT2_RECV : FFA_PROP_DIRECT_RECV;
	uint16_t from = FFA_IDS_SENDER(vcpu_w(caller, 1));
	uint16_t to = FFA_IDS_RECEIVER(vcpu_w(caller, 1));
	struct partition *p = partition_find(to);
	uint32_t methods;

	if (!sender_valid(caller, from) || from == to || p == NULL) {
		return FFA_INVALID_PARAMETERS;
	}
	if (two ? !methods2(p, caller, &methods) : vcpu_w(caller, 2) != 0) {
		return FFA_INVALID_PARAMETERS;
	}
	if (((two ? methods : p->methods) & recv) == 0 ||
	    (!vcpu_is_nwd(caller) && (caller->partition->methods & send) == 0)) {
		return FFA_DENIED;
	}
	if (!vcpu_is_nwd(caller) &&
	    (caller->request == REQUEST_CPU_OFF ||
	     (caller->preempted != NULL && vcpu_model(caller) != RT_SEC_INTERRUPT))) {
		return FFA_DENIED;
	}
	*receiver = p;
	return FFA_OK;
}

/*
 * The receiver's vCPU of this CPU runs with the caller's message, the caller waits for the
 * response. ABORTED, BUSY: see FFA_MSG_SEND_DIRECT_REQ.
 */
static __attribute__((always_inline)) inline struct vcpu *
request_deliver(struct vcpu *caller, struct partition *receiver, enum vcpu_request request)
{
	struct cpu *c = cpu_this();
	struct vcpu *target = partition_vcpu(receiver, c);
	uint32_t word = vcpu_peek(target);

	if (vcpu_word_state(word) != VCPU_WAITING ||
	    !vcpu_claim(target, word, RT_DIRECT_REQ, c->index)) {
		return answer_error(caller, partition_is_aborted(receiver)
						    ? lifecycle_status(receiver)
						    : FFA_BUSY);
	}
	if (!cycles_may_enter(target, receiver)) {
		return answer_error(caller, FFA_ABORTED);
	}
	target->request = request;
	target->requester = FFA_IDS_SENDER(vcpu_w(caller, 1));
	if (request == REQUEST_DIRECT2) {
		message2_copy(target, caller, FFA_MSG_SEND_DIRECT_REQ2_64);
	} else {
		message_copy(target, caller, message_fid(caller));
	}
	if (request >= REQUEST_VM_CREATED) {
		target->arch.x[2] = vcpu_w(caller, 2); /* a framework message and its type */
	}
	return cycles_give(caller, target);
}

/* A direct request of either kind. */
static __attribute__((always_inline)) inline struct vcpu *request_send(struct vcpu *caller,
								       enum vcpu_request request)
{
	struct partition *receiver;
	enum ffa_status status = request_check(caller, request, &receiver);

	if (status != FFA_OK) {
		return answer_error(caller, status);
	}
	return request_deliver(caller, receiver, request);
}

/* A framework message of the hypervisor's, which has been checked, is delivered as a request. */
struct vcpu *direct_framework_request(struct vcpu *caller, struct partition *receiver,
				      enum vcpu_request request)
{
	return request_deliver(caller, receiver, request);
}

/*
 * FFA_MSG_SEND_DIRECT_REQ: w1 = sender and receiver, x3-x7 payload. INVALID_PARAMETERS: ids, w2
 * not zero; DENIED: not by the manifests, or not while the caller handles CPU_OFF; ABORTED:
 * receiver dead; BUSY: its vCPU is not waiting, or somebody else was faster.
 */
struct vcpu *ffa_direct_req(struct vcpu *caller)
{
	if (vcpu_is_nwd(caller) && (vcpu_w(caller, 2) & FFA_MSG_FRAMEWORK) != 0) {
		return framework_request(caller);
	}
	endpoint_lock_version(caller->endpoint);
	return request_send(caller, REQUEST_DIRECT);
}

/*
 * FFA_MSG_SEND_DIRECT_REQ2: w1 = sender and receiver, x2, x3 = UUID of a service of the receiver
 * or nil, x4-x17 payload. As FFA_MSG_SEND_DIRECT_REQ; also INVALID_PARAMETERS: the receiver has no
 * such service; DENIED: that service, or with nil all, takes no such requests, or the receiver
 * speaks a version before 1.2.
 */
struct vcpu *ffa_direct_req2(struct vcpu *caller)
{
	return request_send(caller, REQUEST_DIRECT2);
}

/* A response, of either kind: the requester goes on with it, the caller waits. */
static __attribute__((always_inline)) inline struct vcpu *response_send(struct vcpu *caller,
									enum vcpu_request request)
{
	bool two = request == REQUEST_DIRECT2;
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
	if (caller->request != request) {
		return two ? answer_error(caller, FFA_DENIED) : framework_response(caller);
	}
	if (two ? (caller->arch.x[2] | caller->arch.x[3]) != 0 : vcpu_w(caller, 2) != 0) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	if (to->endpoint->kind == ENDPOINT_NWD && (caller->requester & FFA_ID_SECURE) != 0) {
		/* The requester has died; the normal world has only lent its cycles. */
		answer(to, FFA_MSG_WAIT_32, endpoint_context(caller), 0, 0);
	} else if (two) {
		message2_copy(to, caller, FFA_MSG_SEND_DIRECT_RESP2_64);
	} else {
		message_copy(to, caller, message_fid(caller));
	}
	return cycles_wait(caller, to);
}

/*
 * FFA_MSG_SEND_DIRECT_RESP: w1 = sender and receiver, x3-x7 payload. INVALID_PARAMETERS: ids, w2;
 * DENIED: there is no such request to respond to, or the caller is in the middle of an interrupt.
 */
struct vcpu *ffa_direct_resp(struct vcpu *caller)
{
	return response_send(caller, REQUEST_DIRECT);
}

/* FFA_MSG_SEND_DIRECT_RESP2: w1 as above, x2 = x3 = 0, x4-x17 payload. The same errors. */
struct vcpu *ffa_direct_resp2(struct vcpu *caller)
{
	return response_send(caller, REQUEST_DIRECT2);
}
