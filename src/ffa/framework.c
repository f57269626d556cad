/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Framework messages (FF-A 1.2 chapter 18): what the SPMD tells us in direct requests from
 * FFA_ID_SPMD, and what of it SPs are told; and what a hypervisor tells SPs of its VMs.
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
		    !partition_is_aborted(p) && vcpu_word_state(word) == VCPU_WAITING &&
		    vcpu_claim(v, word, RT_DIRECT_REQ, c->index)) {
			return v;
		}
	}
	return NULL;
}

/*
 * What is not pinned here goes to another CPU, which is returned; NULL: there is none. One CPU
 * leaves after the other, or two might leave each to the other.
 */
static struct cpu *leave(struct cpu *c)
{
	static struct spinlock lock;
	struct cpu *to;

	spin_lock(&lock);
	atomic_store(&c->up, false);
	to = cpu_other(c);
	interrupt_leave_cpu(c, to);
	timer_leave_cpu(c, to);
	spin_unlock(&lock);
	return to;
}

/* Every vCPU that is pinned here is gone, whatever it was doing; it starts anew with the CPU. */
static void off_finish(struct cpu *c)
{
	struct cpu *to = leave(c);

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
	if (to != NULL) {
		notification_leave_cpu(c, to);
		/* For what has come to it, and for kicks that were on their way to this CPU. */
		gic_send_secure_sgi(GIC_SGI_KICK, to->mpidr);
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

/*
 * The hypervisor tells an SP that a VM, w5[15:0], has been created or destroyed: then it holds no
 * memory of others any more. INVALID_PARAMETERS: no such SP, or its vm-availability-messages do not
 * ask for it; the id is no VM's.
 */
static struct vcpu *vm_message(struct vcpu *caller, uint32_t type)
{
	bool created = type == FFA_FW_VM_CREATED_REQ;
	struct partition *p = partition_find(FFA_IDS_RECEIVER(vcpu_w(caller, 1)));
	uint16_t vm = (uint16_t)vcpu_w(caller, 5);
	struct vcpu *next;

	endpoint_lock_version(caller->endpoint);
	if (p == NULL ||
	    (p->vm_messages & (created ? VM_MESSAGE_CREATED : VM_MESSAGE_DESTROYED)) == 0 ||
	    (p->methods & FFA_PROP_DIRECT_RECV) == 0 || vm == FFA_ID_NWD ||
	    (vm & FFA_ID_SECURE) != 0) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	next = direct_framework_request(caller, p,
					created ? REQUEST_VM_CREATED : REQUEST_VM_DESTROYED);
	if (!created && next != caller) {
		memory_endpoint_ended(caller, vm); /* before the SP hears of it */
	}
	return next;
}

/*
 * A framework request of the normal world's instance, 32 bit: of the SPMD for us, of a hypervisor
 * (id 0) for an SP. INVALID_PARAMETERS: none that there is.
 */
struct vcpu *framework_request(struct vcpu *caller)
{
	uint32_t type = vcpu_w(caller, 2) & ~FFA_MSG_FRAMEWORK;

	if ((vcpu_w(caller, 0) & FFA_FID_64BIT) != 0) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	if (FFA_IDS_SENDER(vcpu_w(caller, 1)) == FFA_ID_NWD &&
	    (type == FFA_FW_VM_CREATED_REQ || type == FFA_FW_VM_DESTROYED_REQ)) {
		return vm_message(caller, type);
	}
	if (vcpu_w(caller, 1) != FFA_IDS(FFA_ID_SPMD, spmc.id) ||
	    type >= sizeof(requests) / sizeof(requests[0]) || requests[type] == NULL) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	return requests[type](caller);
}

/* An SP's response to a VM message: w2 = type, w3 = status, for the hypervisor. */
static struct vcpu *vm_response(struct vcpu *v)
{
	answer(v->caller, FFA_MSG_SEND_DIRECT_RESP_32, vcpu_w(v, 1), vcpu_w(v, 2), vcpu_w(v, 3));
	return cycles_wait(v, v->caller);
}

/*
 * An SP's response to CPU_OFF: w2 = type, w3 = PSCI status. Anything but success is its loss: the
 * CPU goes off all the same, because an SP cannot be allowed to stop the normal world.
 */
static struct vcpu *off_response(struct vcpu *v)
{
	if ((int32_t)vcpu_w(v, 3) != PSCI_SUCCESS) {
		log_warning("%s: vCPU %u answers CPU_OFF with %d, which an SP cannot refuse",
			    v->partition->name, v->index, (int)vcpu_w(v, 3));
	}
	v->request = REQUEST_DIRECT;
	return cycles_wait(v, v->caller);
}

/* What ends each framework request, and what becomes of it. */
static const struct {
	uint32_t type;
	struct vcpu *(*respond)(struct vcpu *v);
} responses[] = {
	[REQUEST_CPU_OFF] = { FFA_FW_PSCI_RESP, off_response },
	[REQUEST_VM_CREATED] = { FFA_FW_VM_CREATED_RESP, vm_response },
	[REQUEST_VM_DESTROYED] = { FFA_FW_VM_DESTROYED_RESP, vm_response },
};

/* An SP's response to anything but a direct request, or to that by anything but a response. */
struct vcpu *framework_response(struct vcpu *v)
{
	if (responses[v->request].respond == NULL ||
	    vcpu_w(v, 2) != (FFA_MSG_FRAMEWORK | responses[v->request].type)) {
		return answer_error(v, FFA_DENIED);
	}
	return responses[v->request].respond(v);
}
