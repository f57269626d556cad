/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The handover itself (vcpu.c, switch.c) on real threads, one for each CPU: they take two vCPUs
 * from each other, and each time all registers of a context, plain memory, must be as they were
 * left. ThreadSanitizer sees each access that nothing puts in order.
 */
#include "race.h"

#include <pthread.h>
#include <stdio.h>

#include "arch/gic.h"
#include "core/switch.h"
#include "core/timer.h"
#include "lib/spinlock.h"

#define THREADS 3
#define CONTEXTS 2
#define ROUNDS 10000u

static struct cpu cpus[THREADS];
static struct partition partitions[CONTEXTS];
static struct vcpu contexts[CONTEXTS];
static _Atomic uint32_t wrong;

/* A CPU's own, but no test of a GIC: only that threads do not meet in it. */
static _Thread_local uint8_t mask = GIC_PMR_OPEN;
static _Atomic uint32_t kicks;

uint8_t gic_pmr(void)
{
	return mask;
}

void gic_set_pmr(uint8_t pmr)
{
	mask = pmr;
}

void gic_cpu_restore(void)
{
}

void gic_send_secure_sgi(uint32_t sgi, uint64_t mpidr)
{
	(void)sgi;
	(void)mpidr;
	atomic_fetch_add_explicit(&kicks, 1, memory_order_relaxed);
}

bool gic_is_shared(uint32_t intid)
{
	(void)intid;
	return false;
}

/* As in src/arch/host/vcpu.c, but word by word, and not all at once. */
void arch_vcpu_save(struct arch_cpu *c, struct arch_vcpu *v)
{
	for (unsigned int i = 0; i < HOST_REGS; i++) {
		v->regs[i] = c->regs[i];
		if (i == HOST_REGS / 2) {
			arch_relax();
		}
	}
}

void arch_vcpu_restore(struct arch_cpu *c, struct arch_vcpu *v)
{
	for (unsigned int i = 0; i < HOST_REGS; i++) {
		c->regs[i] = v->regs[i];
	}
}

/* No partition starts anew, and nobody waits for a timer. */
void arch_vcpu_reset(struct arch_vcpu *v, uint64_t pc, uint32_t index)
{
	(void)v;
	(void)pc;
	(void)index;
}

void timer_restore(struct cpu *c)
{
	(void)c;
}

void arch_world_enter(const struct arch_vcpu *v)
{
	(void)v;
}

/* All registers of a context hold the same number, and x0 and the plain fields of its vCPU, too. */
static bool is_whole(const struct cpu *c, const struct vcpu *v)
{
	for (unsigned int i = 0; i < HOST_REGS; i++) {
		if (c->arch.regs[i] != v->arch.x[0]) {
			return false;
		}
	}
	return v->requester == (uint16_t)v->arch.x[0];
}

static void run(struct cpu *c, struct vcpu *v)
{
	if (!is_whole(c, v)) {
		atomic_fetch_add(&wrong, 1);
	}
	v->arch.x[0]++;
	v->requester = (uint16_t)v->arch.x[0];
	for (unsigned int i = 0; i < HOST_REGS; i++) {
		c->arch.regs[i] = v->arch.x[0];
	}
}

/*
 * The normal world gives its cycles to v, as a direct request does, and gets them back. False:
 * another CPU has v.
 */
static bool visit(struct cpu *c, struct vcpu *v, uint32_t round)
{
	uint32_t word = vcpu_peek(v);
	bool waits = round % 3 != 0;

	if (vcpu_word_state(word) == VCPU_RUNNING || !vcpu_claim(v, word, RT_RUN, c->index)) {
		return false;
	}
	vcpu_leave(&c->nwd, VCPU_BLOCKED);
	v->caller = &c->nwd;
	context_switch(c, &c->nwd, v);
	run(c, v);
	vcpu_leave(v, waits ? VCPU_WAITING : VCPU_PREEMPTED);
	vcpu_unblock(&c->nwd);
	context_switch(c, v, &c->nwd);
	return true;
}

static void *cpu_main(void *arg)
{
	struct cpu *c = arg;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		while (!visit(c, &contexts[i % CONTEXTS], i)) {
			arch_relax();
		}
	}
	return NULL;
}

int race_handover(void)
{
	pthread_t threads[THREADS];
	uint64_t visits = 0;

	for (uint32_t i = 0; i < CONTEXTS; i++) {
		contexts[i].partition = &partitions[i];
		contexts[i].arch.world = ARCH_SP;
		contexts[i].word = vcpu_word(VCPU_WAITING, RT_NONE, 0);
	}
	for (uint32_t i = 0; i < THREADS; i++) {
		cpus[i].index = i;
		cpus[i].nwd.word = vcpu_word(VCPU_RUNNING, RT_NONE, i);
		if (pthread_create(&threads[i], NULL, cpu_main, &cpus[i]) != 0) {
			return 1;
		}
	}
	for (uint32_t i = 0; i < THREADS; i++) {
		(void)pthread_join(threads[i], NULL);
	}
	for (uint32_t i = 0; i < CONTEXTS; i++) {
		visits += contexts[i].arch.x[0];
	}
	printf("%lu visits, %u times not as it was left\n", visits, wrong);
	return wrong != 0;
}
