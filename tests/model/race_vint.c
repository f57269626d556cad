/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * No interrupt is lost between a CPU that pends one for a vCPU and a CPU that gives this vCPU up:
 * the protocol of core/vint.h, with the SPMC's own vCPU word and vint, on real threads. After each
 * round everything that was pended must have been fetched. This sees a step that is missing or in
 * the wrong place; that the four accesses have one order is argued there, a PC rarely breaks it.
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/cpu.h"
#include "core/vcpu.h"
#include "core/vint.h"

#define CPUS 2
#define ROUNDS 5000u
#define SLOT VINT_SLOT_IPI

static struct partition partition;
static struct vcpu vcpu = { .partition = &partition };
static _Atomic uint32_t kick[CPUS]; /* the CPU is to look at the vCPU again */
static _Atomic uint32_t arrived;
static _Atomic uint32_t busy; /* CPUs that have not pended yet */

/* All CPUs get here, then all go on. */
static void meet(uint32_t *meetings)
{
	uint32_t all = ++*meetings * CPUS;

	atomic_fetch_add(&arrived, 1);
	while ((int32_t)(atomic_load(&arrived) - all) < 0) {
		arch_relax();
	}
}

/* The vCPU runs on cpu until its interrupts are fetched; then it waits again. */
static void run(uint32_t cpu)
{
	while (vint_get(&vcpu.vint) != VINT_NO_SLOT) {
	}
	vcpu_leave(&vcpu, VCPU_WAITING);
	vcpu_publish(&vcpu);
	if (vint_lines(&vcpu.vint) != 0) {
		atomic_store(&kick[cpu], 1);
	}
}

/* A line may be up: sees to it that the vCPU runs, unless somebody runs it who will notice. */
static void deliver(uint32_t cpu)
{
	uint32_t word = atomic_load(&vcpu.word);

	if (vcpu_word_state(word) == VCPU_WAITING && vint_lines(&vcpu.vint) != 0 &&
	    vcpu_claim(&vcpu, word, RT_SEC_INTERRUPT, cpu)) {
		run(cpu);
	}
}

static bool kicked(void)
{
	return atomic_load(&kick[0]) != 0 || atomic_load(&kick[1]) != 0;
}

static void round_on(uint32_t cpu)
{
	if (vint_pend(&vcpu.vint, SLOT)) {
		deliver(cpu);
	}
	atomic_fetch_sub(&busy, 1);
	do {
		if (atomic_exchange(&kick[cpu], 0) != 0) {
			deliver(cpu);
		}
	} while (atomic_load(&busy) != 0 || kicked());
}

static void *cpu_main(void *arg)
{
	uint32_t cpu = (uint32_t)(uintptr_t)arg;
	uint32_t meetings = 0;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		if (cpu == 0) {
			atomic_store(&busy, CPUS);
		}
		meet(&meetings);
		round_on(cpu);
		meet(&meetings);
		if (cpu == 0 && (vint_lines(&vcpu.vint) != 0 || vcpu.vint.pending != 0)) {
			printf("round %u: an interrupt is pending and nobody knows\n", i);
			exit(1);
		}
		meet(&meetings);
	}
	return NULL;
}

int main(void)
{
	pthread_t threads[CPUS];

	atomic_store(&vcpu.word, vcpu_word(VCPU_WAITING, RT_NONE, 0));
	vint_enable(&vcpu.vint, SLOT, true);
	for (uintptr_t i = 0; i < CPUS; i++) {
		if (pthread_create(&threads[i], NULL, cpu_main, (void *)i) != 0) {
			return 1;
		}
	}
	for (uint32_t i = 0; i < CPUS; i++) {
		pthread_join(threads[i], NULL);
	}
	printf("%u rounds, no interrupt lost\n", ROUNDS);
	return 0;
}
