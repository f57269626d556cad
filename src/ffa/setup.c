/* SPDX-License-Identifier: BSD-3-Clause */
/* FF-A 1.2 chapter 13.1 to 13.4, 13.8, 13.9: version, features, ids; and the console log. */
#include "ffa/call.h"
#include "lib/print.h"

/*
 * The version that e and the SPMC will speak (FF-A 1.2, 13.2): ours as the answer, or -1. An
 * endpoint that asks for a later minor than ours gets ours; the smaller of the two is recorded.
 * Once the endpoint has made another call, only the recorded version may be asked for again.
 */
int32_t version_negotiate(struct endpoint *e, uint32_t asked)
{
	uint32_t agreed = asked < FFA_VERSION_OURS ? asked : FFA_VERSION_OURS;

	if ((asked & FFA_VERSION_MBZ) != 0 ||
	    FFA_VERSION_MAJOR(asked) != FFA_VERSION_MAJOR(FFA_VERSION_OURS) ||
	    ((endpoint_abi(e) & ENDPOINT_LOCKED) != 0 && agreed != e->version)) {
		return FFA_NOT_SUPPORTED;
	}
	endpoint_set_version(e, agreed);
	return (int32_t)FFA_VERSION_OURS;
}

/* FFA_VERSION: w1 = the caller's version. Answers with ours in w0, or -1; no FFA_SUCCESS. */
struct vcpu *ffa_version(struct vcpu *caller)
{
	answer(caller, (uint32_t)version_negotiate(caller->endpoint, vcpu_w(caller, 1)), 0, 0, 0);
	return caller;
}

/* FFA_ID_GET: w2 = the caller's endpoint id. */
struct vcpu *ffa_id_get(struct vcpu *caller)
{
	return answer_success(caller, caller->endpoint->id, 0);
}

/* FFA_SPM_ID_GET: w2 = our id. */
struct vcpu *ffa_spm_id_get(struct vcpu *caller)
{
	return answer_success(caller, spmc.id, 0);
}

/* --- FFA_FEATURES --------------------------------------------------------------------------- */

/* out[0], out[1] are w2, w3, zero when these are called. All follow the rule in ffa_abi.def. */

enum ffa_status feature_plain(const struct vcpu *caller, uint32_t input, uint32_t out[2])
{
	(void)caller;
	(void)input;
	(void)out;
	return FFA_OK;
}

enum ffa_status feature_none(const struct vcpu *caller, uint32_t input, uint32_t out[2])
{
	(void)caller;
	(void)input;
	(void)out;
	return FFA_NOT_SUPPORTED;
}

/* w2[1:0] = 0: buffers are aligned to 4 KiB; w2[31:16]: the most pages, for callers from 1.2 on. */
enum ffa_status feature_rxtx_map(const struct vcpu *caller, uint32_t input, uint32_t out[2])
{
	(void)input;
	if (caller->endpoint->version >= FFA_VERSION_1_2) {
		out[0] = FFA_RXTX_MAX_PAGES << 16;
	}
	return FFA_OK;
}

static enum ffa_status feature_method(const struct vcpu *caller, uint32_t method)
{
	return vcpu_is_nwd(caller) || (caller->partition->methods & method) != 0
		       ? FFA_OK
		       : FFA_NOT_SUPPORTED;
}

enum ffa_status feature_direct_req(const struct vcpu *caller, uint32_t input, uint32_t out[2])
{
	(void)input;
	(void)out;
	return feature_method(caller, FFA_PROP_DIRECT_SEND);
}

enum ffa_status feature_direct_resp(const struct vcpu *caller, uint32_t input, uint32_t out[2])
{
	(void)input;
	(void)out;
	return feature_method(caller, FFA_PROP_DIRECT_RECV);
}

enum ffa_status feature_direct_req2(const struct vcpu *caller, uint32_t input, uint32_t out[2])
{
	(void)input;
	(void)out;
	return feature_method(caller, FFA_PROP_DIRECT2_SEND);
}

enum ffa_status feature_direct_resp2(const struct vcpu *caller, uint32_t input, uint32_t out[2])
{
	(void)input;
	(void)out;
	return feature_method(caller, FFA_PROP_DIRECT2_RECV);
}

enum ffa_status feature_msg_send2(const struct vcpu *caller, uint32_t input, uint32_t out[2])
{
	(void)input;
	(void)out;
	return feature_method(caller, FFA_PROP_INDIRECT);
}

/* Only who has further vCPUs has a use for another entry point. */
enum ffa_status feature_secondary_ep(const struct vcpu *caller, uint32_t input, uint32_t out[2])
{
	(void)input;
	(void)out;
	return partition_is_up(caller->partition) ? FFA_NOT_SUPPORTED : FFA_OK;
}

static enum ffa_status feature_id(const struct vcpu *caller, uint32_t id, uint32_t out[2])
{
	bool sp1 = caller->endpoint->kind == ENDPOINT_SP_EL1;
	bool notifications = caller->endpoint->version >= FFA_VERSION_1_1;

	switch (id) {
	case FFA_FEATURE_NPI:
		out[0] = FFA_VINT_NPI;
		return sp1 && notifications ? FFA_OK : FFA_NOT_SUPPORTED;
	case FFA_FEATURE_SRI:
		out[0] = FFA_SRI_INTID;
		return vcpu_is_nwd(caller) && notifications ? FFA_OK : FFA_NOT_SUPPORTED;
	case FFA_FEATURE_MEI:
		out[0] = FFA_VINT_MEI;
		return sp1 ? FFA_OK : FFA_NOT_SUPPORTED;
	default:
		return FFA_NOT_SUPPORTED;
	}
}

static enum ffa_status feature_of(const struct vcpu *caller, uint32_t what, uint32_t input,
				  uint32_t out[2])
{
	const struct ffa_row *row;

	if ((what & FFA_FID_BASE_32) == 0) {
		return input == 0 ? feature_id(caller, what, out) : FFA_NOT_SUPPORTED;
	}
	row = ffa_row_of(what);
	if (row == NULL || !ffa_row_open(row, caller)) {
		return FFA_NOT_SUPPORTED;
	}
	return row->feature(caller, input, out);
}

/*
 * FFA_FEATURES: w1 = function or feature id, w2 = input properties. Answers what the caller's
 * instance may use, from the table that dispatches (FF-A 1.2, 13.3).
 */
struct vcpu *ffa_features(struct vcpu *caller)
{
	uint32_t out[2] = { 0, 0 };
	enum ffa_status status = feature_of(caller, vcpu_w(caller, 1), vcpu_w(caller, 2), out);

	return status == FFA_OK ? answer_success(caller, out[0], out[1])
				: answer_error(caller, status);
}

/* --- FFA_SECONDARY_EP_REGISTER --------------------------------------------------------------- */

/*
 * x1 (w1) = where the caller's other vCPUs start, an IPA in its own memory, a multiple of 4. Only
 * while its first vCPU initialises, and only for an SP that has others: NOT_SUPPORTED to a UP SP,
 * DENIED later, INVALID_PARAMETERS for another address. The last call counts.
 */
struct vcpu *ffa_secondary_ep_register(struct vcpu *caller)
{
	struct partition *p = caller->partition;
	bool wide = (vcpu_w(caller, 0) & FFA_FID_64BIT) != 0;
	uint64_t entry = wide ? caller->arch.x[1] : vcpu_w(caller, 1);

	if (partition_is_up(p)) {
		return answer_error(caller, FFA_NOT_SUPPORTED);
	}
	if (vcpu_model(caller) != RT_INIT) {
		return answer_error(caller, FFA_DENIED);
	}
	if (!range_has(p->memory, entry) || entry % 4 != 0) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	atomic_store_explicit(&p->secondary_entry, entry, memory_order_relaxed);
	return answer_success(caller, 0, 0);
}

/* --- FFA_CONSOLE_LOG ------------------------------------------------------------------------ */

/* Sends out what the vCPU has logged up to here, as one line with the partition's name. */
static void log_flush(struct vcpu *v)
{
	v->log[v->log_length] = '\0';
	log_line(LOG_INFO, "%s: %s", v->partition->name, v->log);
	v->log_length = 0;
}

static void log_char(struct vcpu *v, char ch)
{
	if (ch == '\n' || ch == '\0') {
		if (v->log_length != 0 || ch == '\n') {
			log_flush(v);
		}
		return;
	}
	if (ch < ' ' || ch > '~') {
		return; /* nothing that an SP says may steer somebody's terminal */
	}
	if (v->log_length == sizeof(v->log) - 1) {
		log_flush(v);
	}
	v->log[v->log_length++] = ch;
}

/*
 * FFA_CONSOLE_LOG: w1 = number of characters, packed from w2 (32-bit: 24 at most) or x2 on
 * (64-bit: 128; 48 before 1.2). INVALID_PARAMETERS for none or too many.
 */
struct vcpu *ffa_console_log(struct vcpu *caller)
{
	bool wide = (vcpu_w(caller, 0) & FFA_FID_64BIT) != 0;
	unsigned int per_register = wide ? 8 : 4;
	uint64_t count = wide ? caller->arch.x[1] : vcpu_w(caller, 1);
	uint64_t max = FFA_CONSOLE_LOG_MAX_32;

	if (wide) {
		max = caller->endpoint->version >= FFA_VERSION_1_2 ? FFA_CONSOLE_LOG_MAX_64
								   : FFA_CONSOLE_LOG_MAX_64_1_1;
	}
	if (count == 0 || count > max) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	for (unsigned int i = 0; i < count; i++) {
		uint64_t word = caller->arch.x[2 + i / per_register];

		log_char(caller, (char)(word >> (i % per_register * 8)));
	}
	return answer_success(caller, 0, 0);
}
