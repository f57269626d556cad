/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Physical interrupts and the partitions that own them: whose is an INTID, and which vCPU does it
 * go to. Who runs after an interrupt is for ffa/ to say.
 *
 * An interrupt is on at the GIC exactly while it is secure, the SP has it enabled, and it is not a
 * level interrupt that was delivered and not deactivated since: we end interrupts at once, so its
 * device would raise it again and again.
 *
 * An SPI has one home, the CPU that it is routed to; so has a PPI of a UP partition. Whether it is
 * enabled is kept in the vCPU there. A PPI of an MP partition is one interrupt for each CPU.
 */
#ifndef CORE_INTERRUPT_H
#define CORE_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/cpu.h"
#include "core/partition.h"
#include "core/vcpu.h"

struct interrupt_owner {
	struct spinlock lock; /* taken before vint.lock */
	uint32_t intid;
	struct partition *p;
	int slot;
	const struct interrupt *described; /* in p's manifest */
	bool secure; /* guarded by lock, as all below */
	uint32_t home; /* index of a CPU, or INTERRUPT_NO_HOME */
};

#define INTERRUPT_NO_HOME UINT32_MAX

/* Boot. */
bool interrupt_check(const struct partition *p, const char *name);
bool interrupt_init(void);
void interrupt_configure_shared(void);
void interrupt_configure_private(const struct cpu *c);

/* An interrupt came, or a partition or a CPU is gone. */
struct interrupt_owner *interrupt_find(uint32_t intid);
struct vcpu *interrupt_pend(uint32_t intid, const struct cpu *c);
void interrupt_silence(const struct partition *p);
void interrupt_renew(const struct partition *p);
void interrupt_leave_cpu(const struct cpu *from, const struct cpu *to);

/* What vCPU v, which this CPU runs, does to interrupt intid; false: it may not, nothing changed. */
enum interrupt_pin { INTERRUPT_PIN_KEEP, INTERRUPT_PIN_IRQ, INTERRUPT_PIN_FIQ };
bool interrupt_enable(struct vcpu *v, uint32_t intid, bool enable, enum interrupt_pin pin);
bool interrupt_deactivate(struct vcpu *v, uint32_t intid);
bool interrupt_set_home(struct vcpu *v, uint32_t intid, uint32_t cpu);
bool interrupt_set_secure(struct vcpu *v, uint32_t intid, bool secure);

#endif
