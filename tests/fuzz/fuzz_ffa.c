/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Anything that the normal world, SPs and interrupts may do, in any order, on four CPUs. After each
 * step all that must always hold is checked, and in the end everything comes to rest.
 */
#include <string.h>

#include "arch/host.h"
#include "bulkhead/hyp.h"
#include "core/switch.h"
#include "../unit/spmc_fixture.h"
#include "memory_input.h"

#define STEPS_MAX 200
#define MEMORY_OPS_FROM 0xC0u /* of the first byte of a step */

static enum which any_sp(struct input *in)
{
	return (enum which)(byte(in) % SPS);
}

/* What a register of a call may well hold. */
static uint64_t likely(struct input *in, const struct vcpu *v)
{
	uint8_t kind = byte(in);
	uint16_t self = v->endpoint->id;
	uint16_t other = id_of(any_sp(in));

	switch (kind % 16) {
	case 0:
		return word(in);
	case 1:
	case 2:
	case 3:
		return FFA_IDS(self, other);
	case 4:
		return FFA_IDS(self, v->requester);
	case 5:
		return FFA_CTX(other, kind >> 4);
	case 6:
		return FFA_CTX(other, v->index);
	case 7:
		return FFA_IDS(other, self);
	case 8:
		return FFA_MSG_FRAMEWORK | kind >> 4;
	case 9:
		return SP_MEMORY(any_sp(in)) + (uint64_t)(kind >> 4) * 0x1000;
	case 10:
		return NWD_MEMORY + (uint64_t)(kind >> 4) * 0x1000;
	case 11:
		return FFA_VERSION(1, kind >> 4);
	case 12:
		return 0x84000000u | byte(in);
	default:
		return kind >> 4;
	}
}

/* Calls that move cycles come more often. */
static uint32_t likely_fid(struct input *in)
{
	static const uint8_t numbers[] = { 0x6B, 0x6C, 0x6D, 0x6F, 0x70, 0x60, 0x62,
					   0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x84,
					   0x86, 0x87, 0x8A, 0x8B, 0x8D, 0x8E };
	uint8_t kind = byte(in);
	uint32_t base = (kind & 0x80) != 0 ? FFA_FID_BASE_64 : FFA_FID_BASE_32;

	kind &= 0x7F;
	if (kind < 96) {
		return base | numbers[kind % NUMBER_OF(numbers)];
	}
	return base | byte(in);
}

static void make_a_call(struct input *in, uint32_t cpu)
{
	struct vcpu *v = running(cpu);
	uint64_t x[8];

	x[0] = likely_fid(in);
	for (unsigned int i = 1; i < 4; i++) {
		x[i] = likely(in, v);
	}
	for (unsigned int i = 4; i < 8; i++) {
		x[i] = (x[0] & 1) != 0 ? byte(in) : 0;
	}
	(void)call(cpu, v, x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]);
}

/* A direct request or RUN that is likely to be right. */
static void make_a_good_call(struct input *in, uint32_t cpu)
{
	struct vcpu *v = running(cpu);
	enum which to = any_sp(in);
	uint8_t kind = byte(in);
	uint32_t request =
		(kind & 2) != 0 ? FFA_MSG_SEND_DIRECT_REQ2_64 : FFA_MSG_SEND_DIRECT_REQ_32;

	if ((kind & 1) != 0) {
		CALL(cpu, v, FFA_RUN_32, FFA_CTX(id_of(to), sp(to, cpu)->index));
	} else {
		CALL(cpu, v, request, FFA_IDS(v->endpoint->id, id_of(to)));
	}
}

static void make_any_call(struct input *in, uint32_t cpu)
{
	uint64_t x[18];

	for (unsigned int i = 0; i < NUMBER_OF(x); i++) {
		x[i] = word(in);
	}
	(void)call_18(cpu, running(cpu), x);
}

/* An SP sets its timer, or stops it; time goes on. */
static void use_the_timer(uint32_t cpu, uint8_t kind)
{
	struct vcpu *v = running(cpu);

	if (vcpu_is_nwd(v) || (kind & 3) == 0) {
		time_pass(kind & 0x40 ? 2 * HOST_TIMER_FREQUENCY : kind);
	} else if ((kind & 3) == 1) {
		timer_write(cpu, v, ARCH_TIMER_CTL, kind >> 4);
	} else {
		(void)hvc(cpu, v, HYP_INTERRUPT_ENABLE, FFA_VINT_TIMER, 1, 0);
		if (running(cpu) == v) { /* it has not ended on another CPU */
			timer_start(cpu, v, kind >> 2);
		}
	}
}

static void make_a_hypercall(struct input *in, uint32_t cpu)
{
	static const uint16_t calls[] = { HYP_INTERRUPT_ENABLE, HYP_INTERRUPT_GET,
					  HYP_INTERRUPT_DEACTIVATE, HYP_INTERRUPT_RECONFIGURE,
					  HYP_INTERRUPT_SEND_IPI };
	struct vcpu *v = running(cpu);
	uint8_t call = byte(in);
	uint32_t id = calls[call % NUMBER_OF(calls)];
	uint8_t kind = byte(in);
	uint32_t intids[] = { EDGE(kind % SPS), LEVEL(kind % SPS), PPI(kind % SPS), kind };

	if (vcpu_is_nwd(v) || call >= 0xA0) {
		use_the_timer(cpu, kind);
		return;
	}
	if (id == HYP_INTERRUPT_SEND_IPI) {
		(void)hvc(cpu, v, id, kind % 8, 0, 0);
	} else {
		uint8_t args = byte(in);

		(void)hvc(cpu, v, id, intids[(kind >> 3) % 4], args & 3, args >> 4);
	}
}

static void raise_an_interrupt(struct input *in, uint32_t cpu)
{
	uint8_t kind = byte(in);
	enum which which = (enum which)(kind % SPS);
	const uint32_t intids[] = { EDGE(which), LEVEL(which), PPI(which), 77 };

	interrupt_raise(cpu, intids[(kind >> 4) % 4]);
	(void)interrupt_take(cpu);
}

static void go_off(uint32_t cpu)
{
	if (running(cpu) == nwd(cpu)) {
		CALL(cpu, nwd(cpu), FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(FFA_ID_SPMD, FFA_ID_SPMC),
		     FFA_MSG_FRAMEWORK | FFA_FW_PSCI_REQ, PSCI_CPU_OFF_32);
	}
}

static bool is_off_response(const struct vcpu *v)
{
	return got_call(v, FFA_MSG_SEND_DIRECT_RESP_32, FFA_IDS(FFA_ID_SPMC, FFA_ID_SPMD),
			FFA_MSG_FRAMEWORK | FFA_FW_PSCI_RESP, PSCI_SUCCESS);
}

static void step(struct input *in)
{
	uint8_t op = byte(in);
	uint32_t cpu = op % CPUS;
	bool in_sp;

	if (running(cpu) == NULL) {
		cpu_start(cpu);
		return;
	}
	in_sp = running(cpu) != nwd(cpu);
	if (op >= MEMORY_OPS_FROM) {
		memory_input_call(in, cpu);
		return;
	}
	switch (op / CPUS % 16) {
	case 0:
	case 1:
	case 2:
		make_a_call(in, cpu);
		break;
	case 3:
	case 4:
	case 5:
		make_a_good_call(in, cpu);
		break;
	case 6:
	case 7:
		if (in_sp) {
			finish_work(cpu);
		}
		break;
	case 8:
		make_any_call(in, cpu);
		break;
	case 9:
		(void)interrupt_ns(cpu);
		break;
	case 10:
		raise_an_interrupt(in, cpu);
		break;
	case 11:
		(void)interrupt_take(cpu);
		break;
	case 12:
		make_a_hypercall(in, cpu);
		break;
	case 13:
		if (in_sp) {
			(void)fault(cpu, (byte(in) & 3) == 0);
		}
		break;
	case 14:
		if (in_sp && (byte(in) & 3) == 0) {
			(void)serror(cpu);
		}
		break;
	default:
		if (!in_sp) {
			go_off(cpu);
		}
		break;
	}
	if (running(cpu) == nwd(cpu) && is_off_response(nwd(cpu))) {
		cpu_down(cpu);
	}
}

static void configure(struct input *in, struct partition *p)
{
	uint8_t a = byte(in);
	uint8_t b = byte(in);

	p->ns_action = (enum ns_action)(a % 3);
	p->managed_exit_virq = (a & 0x04) != 0;
	p->other_s_action = (a & 0x18) == 0x18 ? OTHER_S_QUEUED : OTHER_S_SIGNALED;
	p->sri_policy = (a & 0x20) != 0 ? b & 3 : 0;
	p->pm_messages = (a & 0x40) != 0 ? 0 : PM_CPU_OFF;
	p->ffa_version = FFA_VERSION(1, (b >> 2) % 3);
	p->notifications = (b & 0x10) != 0;
	p->methods = FFA_METHOD_MASK;
	p->vm_messages = (b & 1) != 0 ? VM_MESSAGE_CREATED | VM_MESSAGE_DESTROYED : 0;
	p->el0 = (b & 0xE0) == 0xE0 && p->vcpu_count == 1;
	p->lifecycle = (a & 0x80) != 0 && p->vcpu_count == 1;
	p->abort_action = p->lifecycle ? (enum abort_action)(b >> 5 & 3) : ABORT_STOP;
	p->timer_action = (a & 0x02) != 0 ? TIMER_SECURE : TIMER_SCHEDULED;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { .next = data, .end = data + size };

	system_create();
	memory_input_reset();
	for (enum which which = 0; which < SPS; which++) {
		configure(&in, &sys.partitions[which]);
	}
	system_start();
	if ((byte(&in) & 0x0F) != 0) {
		system_finish_boot();
	}
	for (unsigned int i = 0; i < STEPS_MAX && in.next < in.end; i++) {
		step(&in);
	}
	system_settle();
	check_memory();
	return 0;
}
