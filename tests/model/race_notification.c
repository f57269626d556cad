/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Notifications on four CPUs at once, with the SPMC's own code on real threads: two vCPUs of one SP
 * set, one vCPU of another gets, the normal world asks who is to be scheduled, and makes and ends a
 * VM that is notified, too. What was set is got, once, and its vCPU had its interrupt before.
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/host.h"
#include "ffa/call.h"
#include "lib/addr.h"

#define CPUS 4
#define SETTERS 2
#define ROUNDS 4000u
#define VM 7
#define POOL_PAGES 16

enum which { SENDER, RECEIVER, SPS };

static struct cpu cpus[CPUS];
static struct partition partitions[SPS];
static struct partition *order[SPS];
static struct partition *_Atomic by_id[SPS];
static struct vcpu vcpus[SPS][CPUS];
static char pool[POOL_PAGES * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static _Atomic uint32_t got[SETTERS]; /* of each one's bit */
static _Atomic uint32_t setting = SETTERS;

static uint16_t id_of(enum which which)
{
	return (uint16_t)(FFA_ID_SPMC + 1 + which);
}

static void create(void)
{
	page_pool_add(&spmc.pages, pool, POOL_PAGES);
	spmc.id = FFA_ID_SPMC;
	spmc.cpus = cpus;
	spmc.cpu_count = CPUS;
	spmc.partitions = order;
	spmc.by_id = by_id;
	spmc.partition_count = SPS;
	spmc.id_count = SPS;
	for (uint32_t i = 0; i < CPUS; i++) {
		cpus[i].index = i;
		cpus[i].nwd.index = (uint16_t)i;
	}
	for (enum which which = 0; which < SPS; which++) {
		struct partition *p = &partitions[which];

		order[which] = p;
		p->id = id_of(which);
		p->ffa_version = FFA_VERSION_1_2;
		p->notifications = true;
		p->vcpus = vcpus[which];
		p->vcpu_count = CPUS;
		for (uint32_t i = 0; i < CPUS; i++) {
			vcpus[which][i].index = (uint16_t)i;
			vcpus[which][i].partition = p;
			vint_reset(&vcpus[which][i].vint, p);
		}
	}
	if (!notification_init()) {
		exit(1);
	}
	spmc_link();
}

static enum ffa_status call(struct vcpu *(*function)(struct vcpu *), struct vcpu *v, uint32_t w1,
			    uint32_t w2, uint32_t w3)
{
	v->arch.x[1] = w1;
	v->arch.x[2] = w2;
	v->arch.x[3] = w3;
	v->arch.x[4] = 0;
	(void)function(v);
	return (uint32_t)v->arch.x[0] == FFA_ERROR_32 ? (enum ffa_status)(int32_t)v->arch.x[2]
						      : FFA_OK;
}

static void check(bool holds, const char *what)
{
	if (!holds) {
		printf("%s\n", what);
		exit(1);
	}
}

/* Sets its own bit, and again when that has been got. The VM may be there or not. */
static void set(uint32_t cpu)
{
	struct vcpu *v = &vcpus[SENDER][cpu];

	for (uint32_t i = 0; i < ROUNDS; i++) {
		enum ffa_status status;

		check(call(ffa_notification_set, v, FFA_IDS(id_of(SENDER), id_of(RECEIVER)),
			   FFA_NOTIFICATION_DELAY_SRI, 1u << cpu) == FFA_OK,
		      "it cannot be set");
		status = call(ffa_notification_set, v, FFA_IDS(id_of(SENDER), VM),
			      FFA_NOTIFICATION_DELAY_SRI, 1u << cpu);
		check(status == FFA_OK || status == FFA_DENIED || status == FFA_INVALID_PARAMETERS,
		      "wrong answer for the VM");
		while (atomic_load(&got[cpu]) == i) {
			arch_relax();
		}
	}
	atomic_fetch_sub(&setting, 1);
}

/* Goes in, and gets what there is; whoever is told by an interrupt finds something. */
static void get(uint32_t cpu)
{
	struct vcpu *v = &vcpus[RECEIVER][cpu];

	while (atomic_load(&setting) != 0) {
		bool told;
		uint64_t bits;

		cycles_enter(v);
		told = vint_get(&v->vint) == VINT_SLOT_NPI;
		check(call(ffa_notification_get, v, FFA_CTX(cpu, id_of(RECEIVER)),
			   FFA_NOTIFICATION_FROM_SPS, 0) == FFA_OK,
		      "it cannot be got");
		bits = v->arch.x[2];
		check(!told || bits != 0, "an interrupt for nothing");
		for (uint32_t i = 0; i < SETTERS; i++) {
			if ((bits & (1u << i)) != 0) {
				atomic_fetch_add(&got[i], 1);
			}
		}
	}
}

/* The normal world. */
static void schedule(uint32_t cpu)
{
	struct vcpu *v = &cpus[cpu].nwd;
	uint32_t told = 0;

	while (atomic_load(&setting) != 0) {
		check(call(ffa_notification_bitmap_create, v, VM, CPUS, 0) == FFA_OK, "no VM");
		check(call(ffa_notification_bind, v, FFA_IDS(id_of(SENDER), VM), 0, 3) == FFA_OK,
		      "it cannot be bound");
		v->arch.x[0] = FFA_NOTIFICATION_INFO_GET_64;
		told += call(ffa_notification_info_get, v, 0, 0, 0) == FFA_OK;
		/* Setters may be faster than we are, but not for ever. */
		while (call(ffa_notification_bitmap_destroy, v, VM, 0, 0) == FFA_DENIED) {
			check(call(ffa_notification_get, v, FFA_CTX(0, VM),
				   FFA_NOTIFICATION_FROM_SPS, 0) == FFA_OK,
			      "it cannot be got for the VM");
		}
	}
	check(told != 0, "nobody was told of");
}

static void *cpu_main(void *arg)
{
	uint32_t cpu = (uint32_t)(uintptr_t)arg;

	host_cpu_set(&cpus[cpu].arch);
	if (cpu < SETTERS) {
		set(cpu);
	} else if (cpu == SETTERS) {
		get(cpu);
	} else {
		schedule(cpu);
	}
	return NULL;
}

int main(void)
{
	pthread_t threads[CPUS];

	create();
	host_cpu_set(&cpus[0].arch);
	check(call(ffa_notification_bind, &vcpus[RECEIVER][0],
		   FFA_IDS(id_of(SENDER), id_of(RECEIVER)), 0, 3) == FFA_OK,
	      "it cannot be bound");
	for (uintptr_t i = 0; i < CPUS; i++) {
		if (pthread_create(&threads[i], NULL, cpu_main, (void *)i) != 0) {
			return 1;
		}
	}
	for (uint32_t i = 0; i < CPUS; i++) {
		pthread_join(threads[i], NULL);
	}
	check(got[0] == ROUNDS && got[1] == ROUNDS, "not each was got once");
	printf("%u rounds, each notification got once\n", ROUNDS);
	return 0;
}
