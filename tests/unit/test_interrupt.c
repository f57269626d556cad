/* SPDX-License-Identifier: BSD-3-Clause */

/* Owners of physical interrupts: the table, boot checks, delivery, and what stays in step. */

#include "interrupt_fixture.h"

#include "ffa/ffa.h"

static void test_find(void **state)
{
	(void)state;
	for (uint32_t intid = 0; intid < 5000; intid++) {
		const struct interrupt_owner *o = interrupt_find(intid);
		const struct partition *owner = NULL;

		for (int which = 0; which < PARTITIONS; which++) {
			int slot = vint_slot(&partitions[which], intid);

			if (slot >= VINT_VIRTUAL_SLOTS) {
				owner = &partitions[which];
				assert_non_null(o);
				assert_int_equal(o->slot, slot);
				assert_int_equal(o->intid, intid);
				assert_int_equal(o->described->intid, intid);
			}
		}
		assert_ptr_equal(o == NULL ? NULL : o->p, owner);
	}
}

/* Nothing is on but the SGI between CPUs; nothing that no manifest names was touched. */
static void test_configure(void **state)
{
	(void)state;
	check_all();
	for (uint32_t intid = 0; intid < 5000; intid++) {
		bool private = gic_is_private(intid);

		if (!private && !gic_is_shared(intid)) {
			continue;
		}
		for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
			const struct gic_fake_line *l = gic_fake_line(intid, cpu);
			bool ours = intid == GIC_SGI_KICK || intid == FFA_SRI_INTID ||
				    intid == GIC_PPI_SEL2_TIMER;

			assert_int_equal(l->enabled,
					 intid == GIC_SGI_KICK || intid == GIC_PPI_SEL2_TIMER);
			assert_int_equal(l->configured, ours || interrupt_find(intid) != NULL);
		}
	}
	assert_true(gic_fake_line(GIC_SGI_KICK, 1)->secure);
	assert_true(gic_fake_line(GIC_SGI_KICK, 1)->priority < GIC_PMR_SECURE_ONLY);
	assert_false(gic_fake_line(FFA_SRI_INTID, 1)->secure);
	assert_true(gic_fake_line(GIC_PPI_SEL2_TIMER, 1)->secure);
	assert_true(gic_fake_line(GIC_PPI_SEL2_TIMER, 1)->level);
	assert_true(gic_fake_line(GIC_PPI_SEL2_TIMER, 1)->priority < GIC_PMR_SECURE_ONLY);
	assert_true(gic_fake_line(FFA_SRI_INTID, 1)->priority >= GIC_PMR_SECURE_ONLY);
	assert_int_equal(gic_fake_line(MP_LEVEL, 0)->priority, 0x10);
	assert_int_equal(gic_fake_line(MP_NS, 0)->priority, 0xA0);
	assert_int_equal(gic_fake_line(MP_TARGET, 0)->route, fixture_mpidr(2));
}

static void test_no_interrupts(void **state)
{
	(void)state;
	spmc.partition_count = 0;
	assert_true(interrupt_init());
	assert_null(interrupt_find(MP_LEVEL));
	interrupt_configure_shared();
	interrupt_configure_private(&cpus[0]);
	assert_null(interrupt_pend(MP_LEVEL, &cpus[0]));
}

static void test_no_memory(void **state)
{
	(void)state;
	memset(&spmc.pages, 0, sizeof(spmc.pages));
	assert_false(interrupt_init());
	assert_null(interrupt_find(MP_LEVEL));
}

/* --- interrupt_check() ------------------------------------------------------------------------ */

static bool check_with(struct interrupt irq)
{
	struct partition p = { .name = "new", .interrupt_count = 2 };

	p.interrupts[0] = (struct interrupt){ .intid = 100, .secure = true };
	p.interrupts[1] = irq;
	return interrupt_check(&p, "new");
}

static void test_check(void **state)
{
	struct interrupt irq = { .secure = true };

	(void)state;
	for (irq.intid = 0; irq.intid < 5000; irq.intid++) {
		bool exists =
			irq.intid >= 16 && (gic_is_private(irq.intid) || gic_is_shared(irq.intid));
		bool taken = interrupt_find(irq.intid) != NULL || irq.intid == 100 ||
			     irq.intid == GIC_PPI_SEL2_TIMER;

		assert_int_equal(check_with(irq), exists && !taken);
	}
	for (int which = 0; which < PARTITIONS; which++) {
		assert_true(interrupt_check(&partitions[which], "new"));
	}
	irq.intid = 101;
	irq.has_target = true;
	for (irq.target = 0; irq.target < 0x100; irq.target++) {
		assert_int_equal(check_with(irq), irq.target == fixture_mpidr(0));
	}
	irq.target = fixture_mpidr(3);
	assert_true(check_with(irq));
	irq.intid = UINT32_MAX;
	assert_false(check_with(irq));
}

/* A priority of the normal world is allowed, and not used. */
static void test_priority(void **state)
{
	(void)state;
	for (unsigned int priority = 0; priority < 256; priority++) {
		assert_true(check_with((struct interrupt){
			.intid = 101, .secure = true, .priority = (uint8_t)priority }));
		partitions[UP].interrupts[0].priority = (uint8_t)priority;
		interrupt_configure_shared();
		assert_int_equal(gic_fake_line(UP_LEVEL, 0)->priority,
				 priority < 0x80 ? priority : 0x7F);
	}
}

/* --- Delivery --------------------------------------------------------------------------------- */

static void enable_everywhere(enum which which, uint32_t intid)
{
	for (uint32_t i = 0; i < partitions[which].vcpu_count; i++) {
		assert_true(interrupt_enable(&vcpus[which][i], intid, true, INTERRUPT_PIN_IRQ));
	}
	check_all();
}

/* Each interrupt on each CPU goes to one vCPU, once, and shows there. */
static void test_pend(void **state)
{
	(void)state;
	for (int which = 0; which < PARTITIONS; which++) {
		const struct partition *p = &partitions[which];

		for (uint32_t i = 0; i < p->interrupt_count; i++) {
			uint32_t intid = p->interrupts[i].intid;

			enable_everywhere((enum which)which, intid);
			for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
				struct vcpu *v = interrupt_pend(intid, &cpus[cpu]);

				assert_ptr_equal(v, &vcpus[which][which == MP ? cpu : 0]);
				assert_int_equal(v->vint.pending, 1ul << vint_slot(p, intid));
				check_all();
				vint_withdraw(&v->vint, vint_slot(p, intid));
			}
			assert_true(interrupt_deactivate(&vcpus[which][0], intid));
		}
	}
}

/* On one CPU an MP partition's PPI may be on while it is off on the others. */
static void test_ppi_per_cpu(void **state)
{
	(void)state;
	assert_true(interrupt_enable(&vcpus[MP][2], MP_PPI_LEVEL, true, INTERRUPT_PIN_IRQ));
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		assert_int_equal(fixture_on(MP_PPI_LEVEL, cpu), cpu == 2);
	}
	assert_true(interrupt_enable(&vcpus[MP][1], MP_PPI_LEVEL, true, INTERRUPT_PIN_IRQ));
	interrupt_pend(MP_PPI_LEVEL, &cpus[2]);
	assert_true(fixture_on(MP_PPI_LEVEL, 1));
	assert_false(fixture_on(MP_PPI_LEVEL, 2));
	interrupt_deactivate(&vcpus[MP][1], MP_PPI_LEVEL); /* another one */
	assert_false(fixture_on(MP_PPI_LEVEL, 2));
	interrupt_deactivate(&vcpus[MP][2], MP_PPI_LEVEL);
	assert_true(fixture_on(MP_PPI_LEVEL, 2));
	check_all();
}

/* A PPI of a UP partition is that of the CPU where it was first asked for. */
static void test_ppi_of_up(void **state)
{
	(void)state;
	interrupt_enable(fixture_migrate(UP, 1), UP_PPI_LEVEL, true, INTERRUPT_PIN_IRQ);
	check_all();
	assert_ptr_equal(interrupt_pend(UP_PPI_LEVEL, &cpus[1]), &vcpus[UP][0]);
	assert_false(fixture_on(UP_PPI_LEVEL, 1));
	interrupt_deactivate(fixture_migrate(UP, 3), UP_PPI_LEVEL);
	assert_true(fixture_on(UP_PPI_LEVEL, 1));
	assert_false(fixture_on(UP_PPI_LEVEL, 3));
	interrupt_enable(fixture_migrate(UP, 2), UP_PPI_LEVEL, false, INTERRUPT_PIN_KEEP);
	assert_false(fixture_on(UP_PPI_LEVEL, 1));
	check_all();
}

/* Level: off from delivery to deactivation, whatever is enabled meanwhile. Edge: stays on. */
static void test_level_and_edge(void **state)
{
	static const uint32_t level[] = { UP_LEVEL, UP_PPI_LEVEL };
	struct vcpu *v = fixture_migrate(UP, 1);

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(level); i++) {
		uint32_t intid = level[i];

		interrupt_enable(v, intid, true, INTERRUPT_PIN_IRQ);
		assert_true(fixture_on(intid, 1));
		interrupt_pend(intid, &cpus[1]);
		assert_false(fixture_on(intid, 1));
		assert_int_equal(vint_get(&v->vint), vint_slot(v->partition, intid));
		interrupt_enable(v, intid, true, INTERRUPT_PIN_IRQ);
		assert_false(fixture_on(intid, 1));
		interrupt_enable(v, intid, false, INTERRUPT_PIN_KEEP);
		interrupt_deactivate(v, intid);
		assert_false(fixture_on(intid, 1));
		interrupt_enable(v, intid, true, INTERRUPT_PIN_IRQ);
		assert_true(fixture_on(intid, 1));
		check_all();
	}
	interrupt_enable(v, UP_EDGE, true, INTERRUPT_PIN_IRQ);
	interrupt_pend(UP_EDGE, &cpus[1]);
	assert_true(fixture_on(UP_EDGE, 1));
	check_all();
}

static void test_nobodys(void **state)
{
	(void)state;
	gic_enable(NOBODYS, 0, true);
	assert_null(interrupt_pend(NOBODYS, &cpus[0]));
	assert_false(fixture_on(NOBODYS, 0));
	gic_enable(27, 2, true);
	gic_enable(27, 1, true);
	assert_null(interrupt_pend(27, &cpus[2]));
	assert_false(fixture_on(27, 2));
	assert_true(fixture_on(27, 1));
	check_all();
}

static void test_aborted(void **state)
{
	(void)state;
	enable_everywhere(MP, MP_LEVEL);
	enable_everywhere(MP, MP_PPI);
	enable_everywhere(UP, UP_EDGE);
	atomic_store(&partitions[MP].attention, PARTITION_ABORTED);
	assert_null(interrupt_pend(MP_LEVEL, &cpus[0]));
	assert_false(fixture_on(MP_LEVEL, 0));
	assert_int_equal(vcpus[MP][0].vint.pending, 0);
	interrupt_silence(&partitions[MP]);
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		assert_false(fixture_on(MP_PPI, cpu));
	}
	assert_true(fixture_on(UP_EDGE, 0));
	/* Another vCPU of it may not have noticed yet. */
	interrupt_enable(&vcpus[MP][1], MP_PPI, true, INTERRUPT_PIN_IRQ);
	assert_false(fixture_on(MP_PPI, 1));
}

/* --- Homes ------------------------------------------------------------------------------------ */

static void test_first_home(void **state)
{
	(void)state;
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		fixture_boot(NULL);
		interrupt_enable(&vcpus[MP][cpu], MP_LEVEL, true, INTERRUPT_PIN_IRQ);
		assert_int_equal(interrupt_find(MP_LEVEL)->home, 0);
		interrupt_enable(&vcpus[MP][cpu], MP_TARGET, true, INTERRUPT_PIN_FIQ);
		assert_int_equal(interrupt_find(MP_TARGET)->home, 2);
		interrupt_enable(fixture_migrate(UP, cpu), UP_EDGE, true, INTERRUPT_PIN_IRQ);
		assert_int_equal(interrupt_find(UP_EDGE)->home, cpu);
		interrupt_enable(&vcpus[UP][0], UP_TARGET, true, INTERRUPT_PIN_IRQ);
		assert_int_equal(interrupt_find(UP_TARGET)->home, 3);
		assert_int_equal(gic_fake.sgi_count, 0);
		check_all();
		assert_ptr_equal(interrupt_pend(MP_TARGET, &cpus[2]), &vcpus[MP][2]);
		assert_int_equal(vint_lines(&vcpus[MP][2].vint), VINT_FIQ);
	}
}

/* The boot CPU has gone off: what nobody has asked for before does not go there. */
static void test_first_home_is_off(void **state)
{
	(void)state;
	for (uint32_t cpu = 1; cpu < CPUS; cpu++) {
		fixture_boot(NULL);
		atomic_store(&cpus[0].up, false);
		interrupt_enable(&vcpus[MP][cpu], MP_LEVEL, true, INTERRUPT_PIN_IRQ);
		assert_int_equal(interrupt_find(MP_LEVEL)->home, cpu);
		assert_int_equal(gic_fake_line(MP_LEVEL, 0)->route, fixture_mpidr(cpu));
		check_all();
	}
}

/* Enabled from another CPU while it is pending: the CPU that is to show it is told. */
static void test_enable_elsewhere(void **state)
{
	struct vint *home = &vcpus[MP][0].vint;

	(void)state;
	interrupt_enable(&vcpus[MP][0], MP_EDGE, true, INTERRUPT_PIN_IRQ);
	interrupt_pend(MP_EDGE, &cpus[0]);
	interrupt_enable(&vcpus[MP][3], MP_EDGE, false, INTERRUPT_PIN_KEEP);
	assert_int_equal(vint_lines(home), 0);
	assert_false(fixture_on(MP_EDGE, 0));
	assert_int_equal(gic_fake.sgi_count, 0);
	interrupt_enable(&vcpus[MP][3], MP_EDGE, true, INTERRUPT_PIN_FIQ);
	assert_int_equal(vint_lines(home), VINT_FIQ);
	assert_int_equal(gic_fake.sgi_count, 1);
	assert_int_equal(gic_fake.sgis[0].sgi, GIC_SGI_KICK);
	assert_true(gic_fake.sgis[0].secure);
	assert_int_equal(gic_fake.sgis[0].mpidr, fixture_mpidr(0));
	interrupt_enable(&vcpus[MP][0], MP_EDGE, true, INTERRUPT_PIN_FIQ);
	assert_int_equal(gic_fake.sgi_count, 1);
	check_all();
}

/* A CPU goes off: what was routed there comes to another, as it was. */
static void test_leave_cpu(void **state)
{
	(void)state;
	interrupt_enable(&vcpus[MP][0], MP_EDGE, true, INTERRUPT_PIN_FIQ);
	interrupt_leave_cpu(&cpus[3], &cpus[2]);
	assert_int_equal(interrupt_find(MP_EDGE)->home, 0);
	interrupt_leave_cpu(&cpus[0], &cpus[2]);
	assert_int_equal(interrupt_find(MP_EDGE)->home, 2);
	assert_int_equal(gic_fake_line(MP_EDGE, 0)->route, fixture_mpidr(2));
	assert_ptr_equal(interrupt_pend(MP_EDGE, &cpus[2]), &vcpus[MP][2]);
	assert_int_equal(vint_lines(&vcpus[MP][2].vint), VINT_FIQ);
	check_all();
	/* Nobody else is up: it stays, and waits. */
	interrupt_leave_cpu(&cpus[2], NULL);
	assert_int_equal(interrupt_find(MP_EDGE)->home, 2);
}

static void test_set_home(void **state)
{
	(void)state;
	interrupt_enable(&vcpus[MP][0], MP_LEVEL, true, INTERRUPT_PIN_FIQ);
	for (uint32_t cpu = CPUS; cpu-- > 0;) {
		assert_true(interrupt_set_home(&vcpus[MP][1], MP_LEVEL, cpu));
		check_all();
		assert_ptr_equal(interrupt_pend(MP_LEVEL, &cpus[cpu]), &vcpus[MP][cpu]);
		assert_int_equal(vint_lines(&vcpus[MP][cpu].vint), VINT_FIQ);
		check_all();
	}
	/* Held all the way since the first delivery, until any of the vCPUs deactivates it. */
	assert_false(fixture_on(MP_LEVEL, 0));
	interrupt_deactivate(&vcpus[MP][3], MP_LEVEL);
	assert_true(fixture_on(MP_LEVEL, 0));

	assert_false(interrupt_set_home(&vcpus[MP][0], MP_LEVEL, CPUS));
	assert_false(interrupt_set_home(&vcpus[MP][0], MP_LEVEL, INTERRUPT_NO_HOME));
	assert_false(interrupt_set_home(&vcpus[MP][0], MP_PPI, 0));
	assert_false(interrupt_set_home(&vcpus[MP][0], UP_EDGE, 0));
	assert_false(interrupt_set_home(&vcpus[MP][0], FFA_VINT_NPI, 0));
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		for (uint32_t to = 0; to < CPUS; to++) {
			assert_int_equal(interrupt_set_home(fixture_migrate(UP, cpu), UP_EDGE, to),
					 cpu == to);
		}
	}
	check_all();
}

/* --- Security state --------------------------------------------------------------------------- */

static void test_set_secure(void **state)
{
	static const uint32_t intids[] = { MP_LEVEL, MP_PPI, MP_EXT_PPI, MP_EXT_LEVEL, MP_TARGET };

	(void)state;
	for (size_t i = 0; i < NUMBER_OF(intids); i++) {
		uint32_t intid = intids[i];

		enable_everywhere(MP, intid);
		assert_true(interrupt_set_secure(&vcpus[MP][1], intid, false));
		check_all();
		/*
		 * The normal world has it now, and may have enabled it: that is not ours to change.
		 */
		gic_enable(intid, 1, true);
		assert_true(interrupt_enable(&vcpus[MP][1], intid, false, INTERRUPT_PIN_KEEP));
		assert_true(interrupt_enable(&vcpus[MP][1], intid, true, INTERRUPT_PIN_IRQ));
		assert_true(interrupt_deactivate(&vcpus[MP][1], intid));
		assert_true(fixture_on(intid, 1));
		assert_true(interrupt_set_secure(&vcpus[MP][1], intid, true));
		check_all();
		for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
			assert_true(fixture_on(intid, cpu));
		}
	}
	assert_false(interrupt_set_secure(&vcpus[MP][0], UP_EDGE, false));
	assert_false(interrupt_set_secure(&vcpus[MP][0], FFA_VINT_IPI, false));
	assert_false(interrupt_set_secure(&vcpus[MP][0], NOBODYS, false));
	check_all();
}

/* A CPU goes off and comes back: its PPIs are off, SPIs and those of UP partitions as before. */
static void test_cpu_returns(void **state)
{
	(void)state;
	enable_everywhere(MP, MP_PPI);
	enable_everywhere(MP, MP_EDGE);
	interrupt_enable(fixture_migrate(UP, 0), UP_PPI_LEVEL, true, INTERRUPT_PIN_IRQ);
	interrupt_configure_private(&cpus[0]);
	vint_reset(&vcpus[MP][0].vint, &partitions[MP]);
	check_all();
	assert_false(fixture_on(MP_PPI, 0));
	assert_true(fixture_on(MP_PPI, 1));
	assert_true(fixture_on(MP_EDGE, 0));
	assert_true(fixture_on(UP_PPI_LEVEL, 0));
	assert_true(fixture_on(GIC_SGI_KICK, 0));
}

#define AFTER_BOOT(test) cmocka_unit_test_setup(test, fixture_boot)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AFTER_BOOT(test_find),
		AFTER_BOOT(test_configure),
		AFTER_BOOT(test_no_interrupts),
		AFTER_BOOT(test_no_memory),
		AFTER_BOOT(test_check),
		AFTER_BOOT(test_priority),
		AFTER_BOOT(test_pend),
		AFTER_BOOT(test_ppi_per_cpu),
		AFTER_BOOT(test_ppi_of_up),
		AFTER_BOOT(test_level_and_edge),
		AFTER_BOOT(test_nobodys),
		AFTER_BOOT(test_aborted),
		AFTER_BOOT(test_first_home),
		AFTER_BOOT(test_first_home_is_off),
		AFTER_BOOT(test_enable_elsewhere),
		AFTER_BOOT(test_set_home),
		AFTER_BOOT(test_leave_cpu),
		AFTER_BOOT(test_set_secure),
		AFTER_BOOT(test_cpu_returns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
