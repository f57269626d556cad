/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A system for tests of interrupts: four CPUs, an MP partition and two UP ones with interrupts of
 * every kind, after boot. And what must hold in it whatever happens.
 */
#ifndef INTERRUPT_FIXTURE_H
#define INTERRUPT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch/gic.h"
#include "arch/gic_fake.h"
#include "core/cpu.h"
#include "core/interrupt.h"
#include "core/vint.h"

#define CPUS 4
#define PARTITIONS 3
#define POOL_PAGES 2
#define NUMBER_OF(a) (sizeof(a) / sizeof((a)[0]))

enum which { MP, UP, UP2 };

/* INTIDs. PPIs below 32, SPIs above; 4100 is an extended SPI, 1060 an extended PPI. */
#define MP_LEVEL 40u
#define MP_EDGE 41u
#define MP_TARGET 42u /* to CPU 2 */
#define MP_NS 43u
#define MP_EXT_LEVEL 4100u
#define MP_PPI 22u
#define MP_PPI_LEVEL 23u
#define MP_EXT_PPI 1060u
#define UP_LEVEL 50u
#define UP_EDGE 51u
#define UP_TARGET 52u /* to CPU 3 */
#define UP_PPI_LEVEL 24u
#define UP2_EDGE 60u
#define NOBODYS 70u

static struct cpu cpus[CPUS];
static struct vcpu vcpus[PARTITIONS][CPUS];
static struct partition partitions[PARTITIONS];
static struct partition *partition_list[PARTITIONS];
static _Alignas(4096) char pool[POOL_PAGES * 4096];

static inline uint64_t fixture_mpidr(uint32_t cpu)
{
	return (uint64_t)cpu << 32 | 0x10 * cpu;
}

static inline void fixture_add(enum which which, struct interrupt irq)
{
	struct partition *p = &partitions[which];

	p->interrupts[p->interrupt_count++] = irq;
}

static inline void fixture_partition(enum which which, const char *name, uint32_t vcpu_count)
{
	struct partition *p = &partitions[which];

	*p = (struct partition){ .vcpu_count = vcpu_count, .vcpus = vcpus[which] };
	strncpy(p->name, name, sizeof(p->name) - 1);
	memset(vcpus[which], 0, sizeof(vcpus[which]));
	for (uint32_t i = 0; i < vcpu_count; i++) {
		p->vcpus[i].partition = p;
		p->vcpus[i].index = (uint16_t)i;
		atomic_store(&p->vcpus[i].word, vcpu_word(VCPU_RUNNING, RT_RUN, i));
		vint_reset(&p->vcpus[i].vint, p);
	}
	partition_list[which] = p;
}

/* CPU `cpu` takes the vCPU of a UP partition. */
static inline struct vcpu *fixture_migrate(enum which which, uint32_t cpu)
{
	atomic_store(&vcpus[which][0].word, vcpu_word(VCPU_RUNNING, RT_RUN, cpu));
	return &vcpus[which][0];
}

static inline void fixture_interrupts(void)
{
	struct interrupt secure = { .secure = true, .priority = 0x10 };
	struct interrupt irq = secure;

	irq.level = true;
	irq.intid = MP_LEVEL;
	fixture_add(MP, irq);
	irq.intid = MP_EXT_LEVEL;
	fixture_add(MP, irq);
	irq.intid = MP_PPI_LEVEL;
	fixture_add(MP, irq);
	irq.intid = UP_LEVEL;
	fixture_add(UP, irq);
	irq.intid = UP_PPI_LEVEL;
	fixture_add(UP, irq);
	irq = secure;
	irq.intid = UP2_EDGE;
	fixture_add(UP2, irq);
	irq.intid = UP_EDGE;
	fixture_add(UP, irq);
	irq.intid = MP_EDGE;
	fixture_add(MP, irq);
	irq.intid = MP_PPI;
	fixture_add(MP, irq);
	irq.intid = MP_EXT_PPI;
	fixture_add(MP, irq);
	irq.has_target = true;
	irq.intid = MP_TARGET;
	irq.target = fixture_mpidr(2);
	fixture_add(MP, irq);
	irq.intid = UP_TARGET;
	irq.target = fixture_mpidr(3);
	fixture_add(UP, irq);
	fixture_add(MP, (struct interrupt){ .intid = MP_NS, .priority = 0x40 });
}

static inline int fixture_boot(void **state)
{
	(void)state;
	gic_fake_reset();
	memset(&spmc, 0, sizeof(spmc));
	memset(cpus, 0, sizeof(cpus));
	spmc.cpus = cpus;
	spmc.cpu_count = CPUS;
	for (uint32_t i = 0; i < CPUS; i++) {
		cpus[i].index = i;
		cpus[i].mpidr = fixture_mpidr(i);
		atomic_store(&cpus[i].up, true);
	}
	fixture_partition(MP, "mp", CPUS);
	fixture_partition(UP, "up", 1);
	fixture_partition(UP2, "up2", 1);
	fixture_interrupts();
	spmc.partitions = partition_list;
	spmc.partition_count = PARTITIONS;
	page_pool_add(&spmc.pages, pool, POOL_PAGES);
	if (!interrupt_init()) {
		return -1;
	}
	interrupt_configure_shared();
	for (uint32_t i = 0; i < CPUS; i++) {
		interrupt_configure_private(&cpus[i]);
	}
	gic_fake.sgi_count = 0;
	return 0;
}

static inline bool fixture_on(uint32_t intid, uint32_t cpu)
{
	return gic_fake_line(intid, cpu)->enabled;
}

/* --- What always holds ------------------------------------------------------------------------ */

static inline bool wanted(const struct interrupt_owner *o, const struct vcpu *v)
{
	return o->secure && (v->vint.enabled & ~v->vint.held & 1ul << o->slot) != 0;
}

static inline void check_gic(const struct interrupt_owner *o)
{
	const struct partition *p = o->p;

	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		const struct gic_fake_line *l = gic_fake_line(o->intid, cpu);
		bool has_home = o->home != INTERRUPT_NO_HOME;

		assert_int_equal(l->secure, o->secure);
		assert_int_equal(l->level, o->described->level);
		assert_int_equal(l->priority >= 0x80, !o->secure);
		if (gic_is_shared(o->intid)) {
			assert_int_equal(l->routed, has_home);
			assert_int_equal(l->enabled,
					 has_home && wanted(o, partition_vcpu(p, &cpus[o->home])));
			if (has_home) {
				assert_int_equal(l->route, fixture_mpidr(o->home));
			}
		} else if (partition_is_up(p)) {
			assert_int_equal(l->enabled, cpu == o->home && wanted(o, &p->vcpus[0]));
		} else {
			assert_int_equal(l->enabled, wanted(o, &p->vcpus[cpu]));
		}
	}
	assert_int_equal(o->lock.next, o->lock.serving);
}

static inline void check_vint(struct vint *v)
{
	uint64_t active = v->pending & v->enabled;
	uint32_t lines =
		((active & ~v->fiq) != 0 ? VINT_IRQ : 0) | ((active & v->fiq) != 0 ? VINT_FIQ : 0);

	assert_int_equal(vint_lines(v), lines);
	assert_int_equal(v->count, __builtin_popcountl(v->pending));
	assert_int_equal(v->lock.next, v->lock.serving);
}

static inline void check_all(void)
{
	for (int which = 0; which < PARTITIONS; which++) {
		const struct partition *p = &partitions[which];

		for (uint32_t i = 0; i < p->vcpu_count; i++) {
			check_vint(&p->vcpus[i].vint);
		}
		for (uint32_t i = 0; i < p->interrupt_count; i++) {
			check_gic(interrupt_find(p->interrupts[i].intid));
		}
	}
}

#endif
