/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The timers of SPs. Each vCPU sees an EL1 physical timer of its own (CNTP_*_EL0), whose accesses
 * trap; when it is due, virtual interrupt FFA_VINT_TIMER is pending. They are all made of the one
 * timer that S-EL2 has on each CPU.
 *
 * A vCPU's timer that has yet to come is in the list of one CPU, nearest first, and that CPU's
 * hardware is set to the first of it. That is where it was set, or where a UP partition has got
 * cycles since: an SP that moves to another CPU takes its timer along. While any of a partition's
 * timers is in a list the partition has PARTITION_TIMER set, so that the way into an SP that uses
 * none costs nothing.
 *
 * One lock for all lists: setting, moving and firing takes it, a message to an SP that stays where
 * it is does not. It comes before vint.lock.
 */
#ifndef CORE_TIMER_H
#define CORE_TIMER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "arch/timer.h"

struct cpu;
struct partition;
struct vcpu;

struct timer {
	uint64_t cval; /* written by the CPU that has the vCPU, with the lock held; as ctl */
	uint32_t ctl; /* ARCH_TIMER_ENABLE, ARCH_TIMER_IMASK */
	_Atomic bool listed; /* guarded by the lock, as all below; read without it */
	_Atomic uint32_t cpu; /* in whose list */
	struct vcpu *next;
};

/* What a vCPU that this CPU has does to its own timer. */
bool timer_trap(struct vcpu *v);
uint64_t timer_access(struct vcpu *v, const struct arch_timer_access *a);
void timer_attend(struct vcpu *v);
void timer_reset(struct vcpu *v);

/* What happens to a CPU, which asks itself, or to a partition. */
struct vcpu *timer_expire(struct cpu *c);
void timer_restore(struct cpu *c);
void timer_leave_cpu(struct cpu *from, struct cpu *to);
void timer_drop(struct partition *p);

#endif
