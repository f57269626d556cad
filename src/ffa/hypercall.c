/* SPDX-License-Identifier: BSD-3-Clause */
#include "ffa/hypercall.h"

#include <stddef.h>

#include "arch/gic.h"
#include "bulkhead/hyp.h"
#include "core/cpu.h"
#include "core/interrupt.h"
#include "core/vint.h"

/* Results. SPs compare all 64 bits, or the lower 32. */
#define HYP_OK 0
#define HYP_FAILED UINT64_MAX

/* The call has been done. */
static inline bool answer_x0(struct vcpu *v, uint64_t x0)
{
	v->arch.x[0] = x0;
	return true;
}

static inline bool answer_ok(struct vcpu *v, bool ok)
{
	return answer_x0(v, ok ? HYP_OK : HYP_FAILED);
}

/* x1 id, x2 enable, x3 pin (it counts only when enabling). */
static bool interrupt_enable_call(struct vcpu *v)
{
	bool enable = vcpu_w(v, 2) != 0;
	uint32_t pin = vcpu_w(v, 3);

	if (!enable) {
		return answer_ok(v, interrupt_enable(v, vcpu_w(v, 1), false, INTERRUPT_PIN_KEEP));
	}
	if (pin != HYP_PIN_IRQ && pin != HYP_PIN_FIQ) {
		return answer_x0(v, HYP_FAILED);
	}
	return answer_ok(
		v, interrupt_enable(v, vcpu_w(v, 1), true,
				    pin == HYP_PIN_FIQ ? INTERRUPT_PIN_FIQ : INTERRUPT_PIN_IRQ));
}

static bool interrupt_get_call(struct vcpu *v)
{
	int slot = vint_get(&v->vint);

	return answer_x0(v,
			 slot == VINT_NO_SLOT ? HYP_NO_INTERRUPT : vint_intid(v->partition, slot));
}

/* x1 physical id, x2 virtual id. They are the same for us, so x1 is enough. */
static bool interrupt_deactivate_call(struct vcpu *v)
{
	return answer_ok(v, interrupt_deactivate(v, vcpu_w(v, 1)));
}

/* x1 id, x2 command, x3 value. */
static bool interrupt_reconfigure_call(struct vcpu *v)
{
	uint32_t intid = vcpu_w(v, 1);
	uint32_t value = vcpu_w(v, 3);

	switch (vcpu_w(v, 2)) {
	case HYP_RECONFIGURE_TARGET:
		return answer_ok(v, interrupt_set_home(v, intid, value));
	case HYP_RECONFIGURE_SECURITY:
		return answer_ok(v, value <= 1 && interrupt_set_secure(v, intid, value == 1));
	case HYP_RECONFIGURE_ENABLE:
		return answer_ok(v, value <= 1 && interrupt_enable(v, intid, value == 1,
								   INTERRUPT_PIN_KEEP));
	default:
		return answer_x0(v, HYP_FAILED);
	}
}

/* x1 index of a vCPU of the same partition. If it runs on another CPU, that looks at it again. */
static bool interrupt_send_ipi_call(struct vcpu *v)
{
	uint32_t index = vcpu_w(v, 1);
	struct vcpu *target;

	if (index >= v->partition->vcpu_count) {
		return answer_x0(v, HYP_FAILED);
	}
	target = &v->partition->vcpus[index];
	if (vint_pend(&target->vint, VINT_SLOT_IPI) && target != v) {
		gic_send_secure_sgi(GIC_SGI_KICK, spmc.cpus[index].mpidr);
	}
	return answer_x0(v, HYP_OK);
}

/* The calls, from the first id on; true, always. */
#define HYP_FIRST HYP_INTERRUPT_ENABLE

static bool (*const calls[])(struct vcpu *v) = {
	[HYP_INTERRUPT_ENABLE - HYP_FIRST] = interrupt_enable_call,
	[HYP_INTERRUPT_GET - HYP_FIRST] = interrupt_get_call,
	[HYP_INTERRUPT_DEACTIVATE - HYP_FIRST] = interrupt_deactivate_call,
	[HYP_INTERRUPT_RECONFIGURE - HYP_FIRST] = interrupt_reconfigure_call,
	[HYP_INTERRUPT_SEND_IPI - HYP_FIRST] = interrupt_send_ipi_call,
};

/*
 * v, an SP's vCPU that this CPU has, made an HVC or SVC. If w0 is one of the paravirtual calls, it
 * is done, its result is in x0, nothing else has changed, and v goes on. Else false: nothing has
 * happened.
 */
bool hypercall(struct vcpu *v)
{
	uint32_t row = vcpu_w(v, 0) - HYP_FIRST;

	if (row >= sizeof(calls) / sizeof(calls[0]) || calls[row] == NULL) {
		return false;
	}
	return calls[row](v);
}
