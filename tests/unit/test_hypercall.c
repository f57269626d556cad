/* SPDX-License-Identifier: BSD-3-Clause */

/* The paravirtual interrupt calls, as an SP sees them: every call, id, command and value. */

#include "interrupt_fixture.h"

#include "bulkhead/hyp.h"
#include "ffa/ffa.h"
#include "ffa/hypercall.h"

#define FAILED UINT64_MAX
#define LAST_INTID 4200u

static uint64_t call(struct vcpu *v, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
	uint64_t before[31];

	for (int i = 0; i < 31; i++) {
		before[i] = 0x5000 + (uint64_t)i;
	}
	before[0] = x0;
	before[1] = x1;
	before[2] = x2;
	before[3] = x3;
	memcpy(v->arch.x, before, sizeof(before));
	assert_true(hypercall(v));
	assert_memory_equal(&v->arch.x[1], &before[1], sizeof(before) - sizeof(before[0]));
	return v->arch.x[0];
}

static bool is_virtual(uint32_t intid)
{
	return intid == FFA_VINT_TIMER || intid == FFA_VINT_MEI || intid == FFA_VINT_NPI ||
	       intid == FFA_VINT_IPI;
}

static bool is_own(const struct vcpu *v, uint32_t intid)
{
	for (uint32_t i = 0; i < v->partition->interrupt_count; i++) {
		if (v->partition->interrupts[i].intid == intid) {
			return true;
		}
	}
	return false;
}

/* All that the GIC was ever told, as one number. */
static uint64_t gic_changes(void)
{
	uint64_t changes = gic_fake.sgi_count;

	for (uint32_t intid = 0; intid < LAST_INTID; intid++) {
		if (gic_is_shared(intid)) {
			changes += gic_fake_line(intid, 0)->changes;
		}
		for (uint32_t cpu = 0; gic_is_private(intid) && cpu < CPUS; cpu++) {
			const struct gic_fake_line *l = gic_fake_line(intid, cpu);

			changes += l != NULL ? l->changes : 0;
		}
	}
	return changes;
}

static void test_other_ids(void **state)
{
	struct vcpu *v = &vcpus[MP][1];
	struct arch_vcpu before;
	uint64_t changes = gic_changes();

	(void)state;
	for (uint64_t id = 0; id < 0x20000; id++) {
		if (id == HYP_INTERRUPT_ENABLE || id == HYP_INTERRUPT_GET ||
		    id == HYP_INTERRUPT_DEACTIVATE || id == HYP_INTERRUPT_RECONFIGURE ||
		    id == HYP_INTERRUPT_SEND_IPI) {
			continue;
		}
		v->arch.x[0] = id;
		before = v->arch;
		assert_false(hypercall(v));
		assert_memory_equal(&before, &v->arch, sizeof(before));
	}
	assert_int_equal(gic_changes(), changes);
	check_all();
}

/* An id counts by its lower 32 bits, as function ids do. */
static void test_upper_half(void **state)
{
	struct vcpu *v = &vcpus[MP][0];
	uint64_t junk = 0xABCDul << 32;

	(void)state;
	assert_int_equal(call(v, junk | HYP_INTERRUPT_ENABLE, junk | MP_EDGE, junk | 1, junk), 0);
	assert_true(fixture_on(MP_EDGE, 0));
	assert_int_equal(call(v, junk | HYP_INTERRUPT_RECONFIGURE, junk | MP_EDGE, junk | 2, junk),
			 0);
	assert_false(fixture_on(MP_EDGE, 0));
}

/* --- ENABLE ----------------------------------------------------------------------------------- */

/* Each partition, each id: its own and the virtual ones only; for the rest nothing happens. */
static void test_enable_ids(void **state)
{
	(void)state;
	for (int which = 0; which < PARTITIONS; which++) {
		struct vcpu *v = &vcpus[which][0];

		for (uint32_t intid = 0; intid < LAST_INTID; intid++) {
			bool own = is_own(v, intid);
			uint64_t changes = own ? 0 : gic_changes();
			uint64_t expected = own || is_virtual(intid) ? 0 : FAILED;

			assert_int_equal(call(v, HYP_INTERRUPT_ENABLE, intid, 1, HYP_PIN_IRQ),
					 expected);
			assert_int_equal(call(v, HYP_INTERRUPT_ENABLE, intid, 0, HYP_PIN_IRQ),
					 expected);
			assert_int_equal(call(v, HYP_INTERRUPT_DEACTIVATE, intid, intid, 0),
					 expected);
			if (!own) {
				assert_int_equal(gic_changes(), changes);
			}
		}
		assert_int_equal(v->vint.enabled, 0);
	}
	check_all();
}

static void test_enable_pins(void **state)
{
	struct vcpu *v = &vcpus[UP][0];
	struct vint *vint = &v->vint;

	(void)state;
	vint_pend(vint, VINT_SLOT_NPI);
	assert_int_equal(call(v, HYP_INTERRUPT_ENABLE, FFA_VINT_NPI, 1, HYP_PIN_FIQ), 0);
	assert_int_equal(vint_lines(vint), VINT_FIQ);
	assert_int_equal(call(v, HYP_INTERRUPT_ENABLE, FFA_VINT_NPI, 1, HYP_PIN_IRQ), 0);
	assert_int_equal(vint_lines(vint), VINT_IRQ);
	for (uint64_t pin = 2; pin < 300; pin++) {
		assert_int_equal(call(v, HYP_INTERRUPT_ENABLE, FFA_VINT_NPI, 1, pin), FAILED);
		assert_int_equal(vint_lines(vint), VINT_IRQ);
	}
	/* Disabling looks at no pin, and keeps it. */
	assert_int_equal(call(v, HYP_INTERRUPT_ENABLE, FFA_VINT_NPI, 1, HYP_PIN_FIQ), 0);
	assert_int_equal(call(v, HYP_INTERRUPT_ENABLE, FFA_VINT_NPI, 0, 77), 0);
	assert_int_equal(vint_lines(vint), 0);
	assert_int_equal(
		call(v, HYP_INTERRUPT_RECONFIGURE, FFA_VINT_NPI, HYP_RECONFIGURE_ENABLE, 1), 0);
	assert_int_equal(vint_lines(vint), VINT_FIQ);
}

/* --- GET -------------------------------------------------------------------------------------- */

static void test_get(void **state)
{
	struct vcpu *v = fixture_migrate(UP, 2);
	static const uint32_t intids[] = { UP_EDGE, FFA_VINT_NPI, UP_LEVEL, FFA_VINT_TIMER,
					   UP_PPI_LEVEL };

	(void)state;
	assert_int_equal(call(v, HYP_INTERRUPT_GET, 0, 0, 0), HYP_NO_INTERRUPT);
	for (size_t i = 0; i < NUMBER_OF(intids); i++) {
		vint_pend(&v->vint, vint_slot(v->partition, intids[i]));
	}
	assert_int_equal(call(v, HYP_INTERRUPT_GET, 0, 0, 0), HYP_NO_INTERRUPT);
	for (size_t i = NUMBER_OF(intids); i-- > 0;) {
		if (intids[i] != UP_LEVEL) {
			assert_int_equal(call(v, HYP_INTERRUPT_ENABLE, intids[i], 1, 0), 0);
		}
	}
	for (size_t i = 0; i < NUMBER_OF(intids); i++) {
		if (intids[i] != UP_LEVEL) {
			assert_int_equal(vint_lines(&v->vint), VINT_IRQ);
			assert_int_equal(call(v, HYP_INTERRUPT_GET, 0, 0, 0), intids[i]);
		}
	}
	assert_int_equal(call(v, HYP_INTERRUPT_GET, 0, 0, 0), HYP_NO_INTERRUPT);
	assert_int_equal(vint_lines(&v->vint), 0);
	assert_int_equal(call(v, HYP_INTERRUPT_ENABLE, UP_LEVEL, 1, 0), 0);
	assert_int_equal(call(v, HYP_INTERRUPT_GET, 0, 0, 0), UP_LEVEL);
	assert_int_equal(vint_intid(v->partition, VINT_SLOT_NPI), FFA_VINT_NPI);
}

/* As a driver does it: taken, off at the GIC, handled, deactivated, on again. */
static void test_level_round(void **state)
{
	struct vcpu *v = fixture_migrate(UP, 1);

	(void)state;
	assert_int_equal(call(v, HYP_INTERRUPT_ENABLE, UP_LEVEL, 1, HYP_PIN_IRQ), 0);
	for (int round = 0; round < 3; round++) {
		assert_true(fixture_on(UP_LEVEL, 1));
		assert_ptr_equal(interrupt_pend(UP_LEVEL, &cpus[1]), v);
		assert_false(fixture_on(UP_LEVEL, 1));
		assert_int_equal(call(v, HYP_INTERRUPT_GET, 0, 0, 0), UP_LEVEL);
		assert_false(fixture_on(UP_LEVEL, 1));
		assert_int_equal(call(v, HYP_INTERRUPT_DEACTIVATE, UP_LEVEL, UP_LEVEL, 0), 0);
		check_all();
	}
}

/* --- RECONFIGURE ------------------------------------------------------------------------------ */

static uint64_t expect_reconfigure(const struct vcpu *v, uint32_t intid, uint64_t command,
				   uint64_t value)
{
	bool own = is_own(v, intid);
	uint32_t cpu = vcpu_word_cpu(vcpu_peek(v));
	bool ok = false;

	if (command == HYP_RECONFIGURE_TARGET) {
		ok = own && gic_is_shared(intid) && value < CPUS &&
		     (v->partition != &partitions[UP] || value == cpu);
	} else if (command == HYP_RECONFIGURE_SECURITY) {
		ok = own && value <= 1;
	} else if (command == HYP_RECONFIGURE_ENABLE) {
		ok = (own || is_virtual(intid)) && value <= 1;
	}
	return ok ? 0 : FAILED;
}

static void test_reconfigure(void **state)
{
	static const uint64_t values[] = { 0, 1, 2, 3, 4, 5, 511, 0x7FFFFFFF, 0xFFFFFFFF };

	(void)state;
	for (int which = MP; which <= UP; which++) {
		struct vcpu *v = &vcpus[which][which == MP ? 3 : 0];

		for (uint32_t intid = 0; intid < 80; intid++) {
			for (uint64_t command = 0; command < 5; command++) {
				for (size_t i = 0; i < NUMBER_OF(values); i++) {
					uint64_t expected =
						expect_reconfigure(v, intid, command, values[i]);

					assert_int_equal(call(v, HYP_INTERRUPT_RECONFIGURE, intid,
							      command, values[i]),
							 expected);
				}
			}
			check_all();
		}
	}
}

/* --- SEND_IPI --------------------------------------------------------------------------------- */

static void test_send_ipi(void **state)
{
	(void)state;
	for (uint32_t from = 0; from < CPUS; from++) {
		for (uint32_t to = 0; to < CPUS; to++) {
			struct vcpu *v = &vcpus[MP][from];
			struct vcpu *target = &vcpus[MP][to];

			fixture_boot(NULL);
			assert_int_equal(call(v, HYP_INTERRUPT_SEND_IPI, to, 0, 0), 0);
			assert_int_equal(target->vint.pending, 1ul << VINT_SLOT_IPI);
			assert_int_equal(gic_fake.sgi_count, 0); /* nobody has enabled it */

			assert_int_equal(call(target, HYP_INTERRUPT_ENABLE, FFA_VINT_IPI, 1, 0), 0);
			assert_int_equal(call(v, HYP_INTERRUPT_SEND_IPI, to, 0, 0), 0);
			assert_int_equal(gic_fake.sgi_count, from != to);
			if (from != to) {
				assert_int_equal(gic_fake.sgis[0].sgi, GIC_SGI_KICK);
				assert_true(gic_fake.sgis[0].secure);
				assert_int_equal(gic_fake.sgis[0].mpidr, fixture_mpidr(to));
			}
			assert_int_equal(call(target, HYP_INTERRUPT_GET, 0, 0, 0), FFA_VINT_IPI);
			assert_int_equal(call(target, HYP_INTERRUPT_GET, 0, 0, 0),
					 HYP_NO_INTERRUPT);
		}
	}
	for (uint64_t index = CPUS; index < 0x10000; index++) {
		assert_int_equal(call(&vcpus[MP][0], HYP_INTERRUPT_SEND_IPI, index, 0, 0), FAILED);
	}
	assert_int_equal(call(&vcpus[MP][0], HYP_INTERRUPT_SEND_IPI, 0xFFFFFFFF, 0, 0), FAILED);
	assert_int_equal(call(&vcpus[UP][0], HYP_INTERRUPT_SEND_IPI, 1, 0, 0), FAILED);
	assert_int_equal(call(&vcpus[UP][0], HYP_INTERRUPT_SEND_IPI, 0, 0, 0), 0);
	check_all();
}

/* --- Everything at once ----------------------------------------------------------------------- */

static uint32_t random_next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ul + 1442695040888963407ul;
	return (uint32_t)(*seed >> 33);
}

static const uint32_t some_intids[] = {
	MP_LEVEL,
	MP_EDGE,
	MP_TARGET,
	MP_NS,
	MP_EXT_LEVEL,
	MP_PPI,
	MP_PPI_LEVEL,
	MP_EXT_PPI,
	UP_LEVEL,
	UP_EDGE,
	UP_TARGET,
	UP_PPI_LEVEL,
	UP2_EDGE,
	NOBODYS,
	3,
	4,
	5,
	9,
	0,
	20,
};

static struct vcpu *random_vcpu(uint64_t *seed)
{
	enum which which = (enum which)(random_next(seed) % PARTITIONS);
	uint32_t cpu = random_next(seed) % CPUS;

	return which == MP ? &vcpus[MP][cpu] : fixture_migrate(which, cpu);
}

/* An interrupt comes, if one may: it is on, at its home. */
static void random_interrupt(uint64_t *seed)
{
	uint32_t intid = some_intids[random_next(seed) % NUMBER_OF(some_intids)];
	uint32_t cpu = random_next(seed) % CPUS;
	const struct interrupt_owner *o = interrupt_find(intid);
	const struct gic_fake_line *l = gic_fake_line(intid, cpu);
	struct vcpu *v;

	if (o == NULL || !l->enabled || !l->secure || (l->routed && l->route != cpus[cpu].mpidr)) {
		return;
	}
	v = interrupt_pend(intid, &cpus[cpu]);
	assert_ptr_equal(v, partition_vcpu(o->p, &cpus[cpu]));
	assert_true(v->vint.pending >> o->slot & 1);
	assert_true(vint_lines(&v->vint) != 0);
}

static void test_random_walk(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		struct vcpu *v = random_vcpu(&seed);
		uint64_t id = HYP_INTERRUPT_ENABLE + random_next(&seed) % 8;
		uint32_t intid = some_intids[random_next(&seed) % NUMBER_OF(some_intids)];

		v->arch.x[0] = id;
		v->arch.x[1] = id == HYP_INTERRUPT_SEND_IPI ? intid % 8 : intid;
		v->arch.x[2] = random_next(&seed) % 4;
		v->arch.x[3] = random_next(&seed) % 4;
		hypercall(v);
		random_interrupt(&seed);
		check_all();
	}
}

#define AFTER_BOOT(test) cmocka_unit_test_setup(test, fixture_boot)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AFTER_BOOT(test_other_ids),   AFTER_BOOT(test_upper_half),
		AFTER_BOOT(test_enable_ids),  AFTER_BOOT(test_enable_pins),
		AFTER_BOOT(test_get),         AFTER_BOOT(test_level_round),
		AFTER_BOOT(test_reconfigure), AFTER_BOOT(test_send_ipi),
		AFTER_BOOT(test_random_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
