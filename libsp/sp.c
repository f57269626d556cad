/* SPDX-License-Identifier: BSD-3-Clause */
/* The life of a vCPU: start, messages, exceptions, end. */
#include "sp/sp.h"

#include "bulkhead/hyp.h"

#include <string.h>

/* Called from assembly. */
_Noreturn void sp_start(const struct sp_vcpu *v, bool first);
void sp_exception(struct sp_frame *f, unsigned int kind);
void sp_entry_warm(void);

enum sp_exception { SP_SYNC, SP_IRQ, SP_FIQ, SP_SERROR };

#define SCTLR_MMU_OFF 0x30D00980ul
#define ISR_IRQ_FIQ 0xC0ul

uint16_t sp_id;
uint32_t sp_version;

/* The last page of the physical address space: no partition has it. */
static uint64_t nobodys_page(void)
{
	static const uint8_t bits[8] = { 32, 36, 40, 42, 44, 48, 48, 48 };
	uint64_t mmfr0;

	__asm__("mrs %0, id_aa64mmfr0_el1" : "=r"(mmfr0));
	return (1ul << bits[mmfr0 & 7]) - 0x1000;
}

/*
 * Says why, and ends the partition by FFA_ABORT. An SPMC that does not know the call (it is one of
 * FF-A 1.3) takes FFA_ERROR while the partition initialises. Later the vCPU takes an exception; at
 * EL1 one whose vector cannot be fetched, so that it can do nothing any more.
 */
_Noreturn void sp_abort(const char *why)
{
	struct ffa_regs r = { .x = { FFA_ABORT_32, 0, (uint32_t)FFA_ABORTED } };

	sp_print("aborts: %s\n", why);
	ffa_call(&r);
	r = (struct ffa_regs){ .x = { FFA_ERROR_32, 0, (uint32_t)FFA_ABORTED } };
	ffa_call(&r);
	if (!SP_AT_EL0) {
		__asm__ volatile(
			"msr vbar_el1, %0\n\tmsr sctlr_el1, %1\n\tisb" ::"r"(nobodys_page()),
			"r"(SCTLR_MMU_OFF));
	}
	__asm__ volatile("udf #0");
	__builtin_unreachable();
}

/* The payload of a framework message's answer. */
static void answer_framework(struct ffa_regs *r)
{
	uint32_t type = r->x[2] & FFA_MSG_TYPE_MASK;
	int32_t status = PSCI_NOT_SUPPORTED; /* the same number as FFA_NOT_SUPPORTED */

	if (type == FFA_FW_PSCI_REQ) {
		type = FFA_FW_PSCI_RESP;
		if ((uint32_t)r->x[3] == PSCI_CPU_OFF_32) {
			status = PSCI_SUCCESS;
		}
	} else {
		if (sp_ops.vm != NULL) {
			status = sp_ops.vm((uint16_t)r->x[5], type == FFA_FW_VM_CREATED_REQ);
		}
		type++;
	}
	r->x[2] = FFA_MSG_FRAMEWORK | type;
	r->x[3] = (uint32_t)status;
	for (unsigned int i = 4; i < 8; i++) {
		r->x[i] = 0;
	}
}

/* Makes the response out of a direct request, in its own width. */
static void answer_request(struct ffa_regs *r)
{
	uint16_t from = FFA_IDS_SENDER(r->x[1]);

	if (r->x[2] & FFA_MSG_FRAMEWORK) {
		answer_framework(r);
	} else if (sp_ops.direct_req != NULL) {
		sp_ops.direct_req(from, &r->x[3]);
	}
	r->x[0] = FFA_MSG_SEND_DIRECT_RESP_32 | (r->x[0] & FFA_FID_64BIT);
	r->x[1] = FFA_IDS(sp_id, from);
	for (unsigned int i = 8; i < 18; i++) {
		r->x[i] = 0;
	}
}

/* The same for direct message 2. */
static void answer_request2(struct ffa_regs *r)
{
	uint16_t from = FFA_IDS_SENDER(r->x[1]);
	struct ffa_uuid service;

	memcpy(&service, &r->x[2], sizeof(service));
	if (sp_ops.direct_req2 != NULL) {
		sp_ops.direct_req2(from, &service, &r->x[4]);
	}
	r->x[0] = FFA_MSG_SEND_DIRECT_RESP2_64;
	r->x[1] = FFA_IDS(sp_id, from);
	r->x[2] = 0;
	r->x[3] = 0;
}

static void handle(uint32_t intid)
{
	if (sp_ops.interrupt != NULL) {
		sp_ops.interrupt(intid);
	}
	(void)sp_interrupt_deactivate(intid);
}

/* FFA_INTERRUPT has come: at S-EL0 the interrupt itself, else one is pending. */
static void interrupts_told(const struct ffa_regs *r)
{
	if (SP_AT_EL0) {
		handle((uint32_t)r->x[2]);
	} else {
		sp_interrupts_handle();
	}
}

/* Fetches what there is to do and does it, for ever. */
static _Noreturn void sp_run(void)
{
	struct ffa_regs r = { .x = { FFA_MSG_WAIT_32 } };

	for (;;) {
		(sp_ops.call != NULL ? sp_ops.call : ffa_call)(&r);
		if (ffa_is(&r, FFA_MSG_SEND_DIRECT_REQ_32)) {
			answer_request(&r);
			continue;
		}
		if (ffa_is(&r, FFA_MSG_SEND_DIRECT_REQ2_32)) {
			answer_request2(&r);
			continue;
		}
		if (ffa_is(&r, FFA_RUN_32)) {
			if (SP_AT_EL0) {
				sp_interrupts_handle(); /* virtual ones, which do not wake us */
			}
			if (sp_ops.run != NULL) {
				sp_ops.run();
			}
		} else if (ffa_is(&r, FFA_INTERRUPT_32)) {
			interrupts_told(&r);
		} else {
			sp_print("unexpected: x0 = %#lx, x2 = %#lx\n", r.x[0], r.x[2]);
			sp_abort("a response or FFA_MSG_WAIT is refused");
		}
		r = (struct ffa_regs){ .x = { FFA_MSG_WAIT_32 } };
	}
}

/* Agrees with the SPMC on a version: ours, or the older one that it has. */
static void agree_on_version(const struct sp_vcpu *v)
{
	uint32_t ours = sp_ops.version != NULL ? sp_ops.version(v) : FFA_VERSION_OURS;
	uint32_t theirs = ffa_version(ours);

	if (FFA_VERSION_MAJOR(theirs) != FFA_VERSION_MAJOR(ours)) {
		sp_abort("no common FF-A version with the SPMC");
	}
	sp_version = theirs < ours ? theirs : ours;
}

/* The first C of a vCPU. */
_Noreturn void sp_start(const struct sp_vcpu *v, bool first)
{
	if (first) {
		agree_on_version(v);
		sp_id = ffa_id_get();
		if (!SP_AT_EL0) {
			/* Refused when we have one vCPU only: then there is no other start. */
			(void)ffa_secondary_ep_register((uintptr_t)sp_entry_warm);
		}
		if (!SP_AT_EL0 && sp_ops.mmu) {
			sp_mmu_init();
		}
	}
	if (!SP_AT_EL0 && sp_ops.mmu) {
		sp_mmu_enable();
	}
	if (sp_ops.init != NULL) {
		sp_ops.init(v);
	}
	if (sp_ops.interrupt != NULL) {
		sp_interrupts_restore(0);
	}
	sp_run();
}

/* True while a virtual interrupt is pending, masked or not: that costs no call. Or may be. */
static bool interrupt_is_pending(void)
{
	uint64_t isr;

	if (SP_AT_EL0) {
		return true;
	}
	__asm__ volatile("mrs %0, isr_el1" : "=r"(isr));
	return (isr & ISR_IRQ_FIQ) != 0;
}

/* Takes all pending interrupts, whether they came through a vector or as FFA_INTERRUPT. */
void sp_interrupts_handle(void)
{
	uint32_t intid;

	while (interrupt_is_pending() && (intid = sp_interrupt_get()) != HYP_NO_INTERRUPT) {
		handle(intid);
	}
}

/* All exceptions, from vectors.S; kind is an enum sp_exception. */
void sp_exception(struct sp_frame *f, unsigned int kind)
{
	if (kind == SP_IRQ || kind == SP_FIQ) {
		sp_interrupts_handle();
		return;
	}
	if (kind == SP_SYNC && sp_ops.fault != NULL && sp_ops.fault(f)) {
		return;
	}
	sp_print("%s at %#lx: ESR_EL1 %#lx, FAR_EL1 %#lx, x0 %#lx, x30 %#lx, sp %#lx\n",
		 kind == SP_SYNC ? "exception" : "SError", f->pc, f->esr, f->far, f->x[0], f->x[30],
		 f->sp);
	sp_abort("nobody handles this exception");
}

/* A paravirtual call: its x0. */
int64_t sp_hypercall(uint64_t id, uint64_t a1, uint64_t a2, uint64_t a3)
{
	struct ffa_regs r = { .x = { id, a1, a2, a3 } };

	ffa_call_hvc(&r);
	return (int64_t)r.x[0];
}

/* Lets intid (the manifest's, or FFA_VINT_*) through to this vCPU, as IRQ or FIQ (HYP_PIN_*). */
bool sp_interrupt_enable(uint32_t intid, bool enable, uint32_t pin)
{
	return sp_hypercall(HYP_INTERRUPT_ENABLE, intid, enable, pin) == 0;
}

/* The oldest pending interrupt, no longer pending after; HYP_NO_INTERRUPT when there is none. */
uint32_t sp_interrupt_get(void)
{
	return (uint32_t)sp_hypercall(HYP_INTERRUPT_GET, 0, 0, 0);
}

/* Done with intid: its device may interrupt again. */
bool sp_interrupt_deactivate(uint32_t intid)
{
	return sp_hypercall(HYP_INTERRUPT_DEACTIVATE, intid, intid, 0) == 0;
}

/* Holds a device's interrupt at the interrupt controller, or lets it go on. */
bool sp_interrupt_mask(uint32_t intid, bool mask)
{
	return sp_hypercall(HYP_INTERRUPT_RECONFIGURE, intid, HYP_RECONFIGURE_ENABLE, !mask) == 0;
}

/* Pends FFA_VINT_IPI on another vCPU of ours. */
bool sp_ipi_send(uint32_t vcpu)
{
	return sp_hypercall(HYP_INTERRUPT_SEND_IPI, vcpu, 0, 0) == 0;
}
