/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Framework messages (FF-A 1.2 chapter 18): what the SPMD tells us in direct requests from
 * FFA_ID_SPMD, and what of it SPs are told.
 */
#include "arch/boot.h"
#include "arch/gic.h"
#include "core/interrupt.h"
#include "ffa/call.h"
#include "lib/print.h"

/* The answer to the SPMD, as it compares it: all 64 bits of x0 and x2. */
static struct vcpu *respond(struct vcpu *nwd, enum ffa_framework_msg type, uint32_t value)
{
	answer(nwd, FFA_MSG_SEND_DIRECT_RESP_32, FFA_IDS(spmc.id, FFA_ID_SPMD),
	       FFA_MSG_FRAMEWORK | type, value);
	return nwd;
}

static struct vcpu *version(struct vcpu *nwd)
{
	return respond(nwd, FFA_FW_VERSION_RESP,
		       (uint32_t)version_negotiate(nwd->endpoint, vcpu_w(nwd, 3)));
}

/* The next vCPU on c whose manifest wants to hear of CPU_OFF and that can: idle, and pinned. */
static struct vcpu *off_claim(struct cpu *c)
{
	while (c->next < spmc.partition_count) {
		struct partition *p = spmc.partitions[c->next++];
		struct vcpu *v = partition_vcpu(p, c);
		uint32_t word = vcpu_peek(v);

		if (!partition_is_up(p) && (p->pm_messages & PM_CPU_OFF) != 0 &&
		    !partition_is_aborted(p) &&
		    vcpu_word_state(word) == VCPU_WAITING &&
		    vcpu_claim(v, word, RT_DIRECT_REQ, c->index)) {
			return v;
		}
	}
	return NULL;
}

/* Every vCPU that is pinned here is gone, whatever it was doing; it starts anew with the CPU. */
static void off_finish(struct cpu *c)
{
	atomic_store(&c->up, false);
	interrupt_leave_cpu(c->index);
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		struct partition *p = spmc.partitions[i];
		struct vcpu *v = partition_vcpu(p, c);
		enum vcpu_state state = vcpu_word_state(vcpu_peek(v));

		if (partition_is_up(p) || state == VCPU_ABORTED) {
			continue;
		}
		if (state == VCPU_RUNNING) {
			/* The last that was told; it is about to be saved and published. */
			if (v->leave_as == VCPU_WAITING) {
				vcpu_leave(v, VCPU_OFF);
			}
		} else {
			atomic_store_explicit(&v->word, vcpu_word(VCPU_OFF, RT_NONE, c->index),
					      memory_order_release);
		}
	}
}

/*
 * CPU_OFF on c: tells the next SP, all interrupts held; when all know, answers the SPMD and
 * returns the normal world's vCPU, still BLOCKED if it was.
 */
struct vcpu *framework_off_next(struct cpu *c)
{
	struct vcpu *v = off_claim(c);

	if (v == NULL) {
		c->sequence = CPU_NONE;
		off_finish(c);
		arch_secondary_open();
		return respond(&c->nwd, FFA_FW_PSCI_RESP, PSCI_SUCCESS);
	}
	v->requester = spmc.id;
	v->request = REQUEST_CPU_OFF;
	v->caller = &c->nwd;
	v->pmr = GIC_PMR_CLOSED;
	answer(v, FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(spmc.id, v->partition->id),
	       FFA_MSG_FRAMEWORK | FFA_FW_PSCI_REQ, PSCI_CPU_OFF_32);
	return v;
}

static struct vcpu *psci(struct vcpu *nwd)
{
	struct cpu *c = cpu_this();
	struct vcpu *v;

	if (vcpu_w(nwd, 3) != PSCI_CPU_OFF_32) {
		return respond(nwd, FFA_FW_PSCI_RESP, (uint32_t)PSCI_NOT_SUPPORTED);
	}
	c->sequence = CPU_GOING_OFF;
	c->next = 0;
	v = framework_off_next(c);
	if (v != nwd) {
		nwd->pmr = gic_pmr();
		vcpu_leave(nwd, VCPU_BLOCKED);
	}
	return v;
}

static struct vcpu *warm_boot(struct vcpu *nwd)
{
	return respond(nwd, FFA_FW_PSCI_RESP, PSCI_SUCCESS);
}

static struct vcpu *(*const requests[])(struct vcpu *nwd) = {
	[FFA_FW_PSCI_REQ] = psci,
	[FFA_FW_PSCI_WARM_BOOT] = warm_boot,
	[FFA_FW_VERSION_REQ] = version,
};

/* A framework request at our instance. Only the SPMD has any for us: else INVALID_PARAMETERS. */
struct vcpu *framework_request(struct vcpu *caller)
{
	uint32_t type = vcpu_w(caller, 2) & ~FFA_MSG_FRAMEWORK;

	if (vcpu_w(caller, 1) != FFA_IDS(FFA_ID_SPMD, spmc.id) ||
	    type >= sizeof(requests) / sizeof(requests[0]) || requests[type] == NULL) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	return requests[type](caller);
}

/*
 * An SP's response to CPU_OFF: w2 = type, w3 = PSCI status. Anything but success is its loss: the
 * CPU goes off all the same, because an SP cannot be allowed to stop the normal world.
 */
struct vcpu *framework_response(struct vcpu *v)
{
	if (v->request != REQUEST_CPU_OFF ||
	    vcpu_w(v, 2) != (FFA_MSG_FRAMEWORK | FFA_FW_PSCI_RESP)) {
		return answer_error(v, FFA_DENIED);
	}
	if ((int32_t)vcpu_w(v, 3) != PSCI_SUCCESS) {
		log_warning("%s: vCPU %u answers CPU_OFF with %d, which an SP cannot refuse",
			    v->partition->name, v->index, (int)vcpu_w(v, 3));
	}
	v->request = REQUEST_DIRECT;
	return cycles_wait(v, v->caller);
}
