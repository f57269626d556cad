/* SPDX-License-Identifier: BSD-3-Clause */

/* Virtual interrupts of a vCPU, against a plain model: every sequence of a few operations. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch/gic.h"
#include "core/vint.h"
#include "ffa/ffa.h"

#define SLOTS 3
#define SEQUENCE 4
#define ALL_SLOTS (VINT_VIRTUAL_SLOTS + PARTITION_MAX_INTERRUPTS)

static struct partition full(void)
{
	struct partition p = { .interrupt_count = PARTITION_MAX_INTERRUPTS };

	for (uint32_t i = 0; i < PARTITION_MAX_INTERRUPTS; i++) {
		p.interrupts[i].intid = 16 + 7 * i;
	}
	return p;
}

static void test_slots(void **state)
{
	struct partition p = full();
	struct partition none = { 0 };
	uint64_t seen = 0;

	(void)state;
	for (uint32_t intid = 0; intid < 5000; intid++) {
		int slot = vint_slot(&p, intid);
		bool is_virtual = intid == 3 || intid == 4 || intid == 5 || intid == 9;
		bool in_manifest = intid >= 16 && (intid - 16) % 7 == 0 &&
				   (intid - 16) / 7 < PARTITION_MAX_INTERRUPTS;

		assert_int_equal(slot != VINT_NO_SLOT, is_virtual || in_manifest);
		assert_int_equal(vint_slot(&none, intid) != VINT_NO_SLOT, is_virtual);
		if (slot != VINT_NO_SLOT) {
			assert_int_equal(vint_intid(&p, slot), intid);
			assert_int_equal(seen >> slot & 1, 0);
			seen |= 1ul << slot;
		}
	}
	assert_int_equal(seen, (1ul << ALL_SLOTS) - 1);
	assert_int_equal(vint_intid(&none, VINT_SLOT_MEI), FFA_VINT_MEI);
	assert_int_equal(vint_intid(&none, VINT_SLOT_NPI), FFA_VINT_NPI);
	assert_int_equal(vint_intid(&none, VINT_SLOT_TIMER), FFA_VINT_TIMER);
	assert_int_equal(vint_intid(&none, VINT_SLOT_IPI), FFA_VINT_IPI);
}

/* --- The model -------------------------------------------------------------------------------- */

struct model_slot {
	bool enabled;
	bool fiq;
	unsigned int pended; /* when; 0: not pending */
};

struct model {
	struct model_slot slots[SLOTS];
	unsigned int now;
};

static int model_oldest(const struct model *m)
{
	int oldest = VINT_NO_SLOT;

	for (int i = 0; i < SLOTS; i++) {
		if (m->slots[i].pended != 0 && m->slots[i].enabled &&
		    (oldest == VINT_NO_SLOT || m->slots[i].pended < m->slots[oldest].pended)) {
			oldest = i;
		}
	}
	return oldest;
}

static uint32_t model_lines(const struct model *m)
{
	uint32_t lines = 0;

	for (int i = 0; i < SLOTS; i++) {
		if (m->slots[i].pended != 0 && m->slots[i].enabled) {
			lines |= m->slots[i].fiq ? VINT_FIQ : VINT_IRQ;
		}
	}
	return lines;
}

enum op { PEND, WITHDRAW, ENABLE, DISABLE, PIN_IRQ, PIN_FIQ, OPS };
#define GET (OPS * SLOTS) /* the only one that names no slot */
#define STEPS (GET + 1)

static void both_pend(struct vint *v, struct model *m, int slot)
{
	if (m->slots[slot].pended == 0) {
		m->slots[slot].pended = ++m->now;
	}
	assert_int_equal(vint_pend(v, slot), m->slots[slot].enabled);
}

static void both_enable(struct vint *v, struct model *m, int slot, bool enable)
{
	m->slots[slot].enabled = enable;
	assert_int_equal(vint_enable(v, slot, enable), enable && m->slots[slot].pended != 0);
}

static void both_get(struct vint *v, struct model *m)
{
	int slot = model_oldest(m);

	assert_int_equal(vint_get(v), slot);
	if (slot != VINT_NO_SLOT) {
		m->slots[slot].pended = 0;
	}
}

static void step(struct vint *v, struct model *m, unsigned int what)
{
	int slot = (int)(what % SLOTS);

	if (what == GET) {
		both_get(v, m);
		return;
	}
	switch ((enum op)(what / SLOTS)) {
	case PEND:
		both_pend(v, m, slot);
		break;
	case WITHDRAW:
		m->slots[slot].pended = 0;
		vint_withdraw(v, slot);
		break;
	case ENABLE:
	case DISABLE:
		both_enable(v, m, slot, what / SLOTS == ENABLE);
		break;
	case PIN_IRQ:
	case PIN_FIQ:
		m->slots[slot].fiq = what / SLOTS == PIN_FIQ;
		vint_set_pin(v, slot, m->slots[slot].fiq);
		break;
	case OPS:
		break;
	}
}

static void check(struct vint *v, const struct model *m)
{
	unsigned int pending = 0;

	assert_int_equal(vint_lines(v), model_lines(m));
	assert_int_equal(vint_peek(v), model_oldest(m));
	for (int i = 0; i < SLOTS; i++) {
		assert_int_equal(v->pending >> i & 1, m->slots[i].pended != 0);
		assert_int_equal(vint_open(v, i), m->slots[i].enabled);
		pending += m->slots[i].pended != 0;
	}
	assert_int_equal(v->count, pending);
	assert_int_equal(v->lock.next, v->lock.serving);
}

/* From each of the states in which all slots are enabled, and those in which none is. */
static void test_sequences(void **state)
{
	unsigned int steps[SEQUENCE] = { 0 };
	unsigned int i;

	(void)state;
	do {
		for (int enabled = 0; enabled < 2; enabled++) {
			struct vint v = { .enabled = enabled ? (1ul << SLOTS) - 1 : 0 };
			struct model m = { 0 };

			for (i = 0; i < SLOTS; i++) {
				m.slots[i].enabled = enabled;
			}
			for (i = 0; i < SEQUENCE; i++) {
				step(&v, &m, steps[i]);
				check(&v, &m);
			}
		}
		for (i = 0; i < SEQUENCE && ++steps[i] == STEPS; i++) {
			steps[i] = 0;
		}
	} while (i < SEQUENCE);
}

/* As many as there can be, pended from the last to the first, twice, come in that order, once. */
static void test_all_pending(void **state)
{
	struct vint v = { 0 };

	(void)state;
	for (int again = 0; again < 2; again++) {
		for (int slot = VINT_SLOTS - 1; slot >= 0; slot--) {
			assert_false(vint_pend(&v, slot));
		}
	}
	assert_int_equal(vint_lines(&v), 0);
	assert_int_equal(vint_get(&v), VINT_NO_SLOT);
	for (int slot = 0; slot < VINT_SLOTS; slot++) {
		assert_true(vint_enable(&v, slot, true));
	}
	for (int slot = VINT_SLOTS - 1; slot >= 0; slot--) {
		assert_int_equal(vint_lines(&v), VINT_IRQ);
		assert_int_equal(vint_peek(&v), slot);
		assert_int_equal(vint_get(&v), slot);
	}
	assert_int_equal(vint_lines(&v), 0);
	assert_int_equal(vint_get(&v), VINT_NO_SLOT);
}

static void test_hold(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct vint v = { 0 };
		bool enabled = i & 1;
		bool held = i >> 1;

		vint_enable(&v, 7, enabled);
		vint_hold(&v, 7, held);
		assert_int_equal(vint_open(&v, 7), enabled && !held);
		assert_false(vint_open(&v, 6));
		/* A held interrupt that is pending is shown all the same. */
		assert_int_equal(vint_pend(&v, 7), enabled);
		assert_int_equal(vint_get(&v), enabled ? 7 : VINT_NO_SLOT);
	}
}

/* Only the one slot, and not what is pending. */
static void test_copy(void **state)
{
	(void)state;
	for (int i = 0; i < 64; i++) {
		struct vint from = { .enabled = i & 1, .fiq = i >> 1 & 1, .held = i >> 2 & 1 };
		struct vint to = { .enabled = ~0ul, .fiq = ~0ul, .held = ~0ul };

		if (i >> 3 & 1) {
			to = (struct vint){ 0 };
		}
		if (i >> 4 & 1) {
			vint_pend(&to, 0);
		}
		if (i >> 5 & 1) {
			vint_pend(&from, 0);
		}
		vint_copy(&to, &from, 0);
		assert_int_equal(to.enabled & 1, from.enabled & 1);
		assert_int_equal(to.fiq & 1, from.fiq & 1);
		assert_int_equal(to.held & 1, from.held & 1);
		assert_int_equal(to.enabled >> 1, i >> 3 & 1 ? 0 : ~0ul >> 1);
		assert_int_equal(to.pending, i >> 4 & 1);
		assert_int_equal(from.pending, i >> 5 & 1);
		assert_int_equal(vint_lines(&to) != 0, (i >> 4 & 1) && (i & 1));
	}
}

static void check_reset(const struct partition *p)
{
	bool mei = !p->el0 && p->ns_action == NS_MANAGED_EXIT;
	bool npi = !p->el0 && p->notifications;
	uint64_t enabled = (uint64_t)mei << VINT_SLOT_MEI | (uint64_t)npi << VINT_SLOT_NPI;
	uint64_t fiq = (uint64_t)(mei && !p->managed_exit_virq) << VINT_SLOT_MEI;
	struct vint v = { 0 };

	vint_reset(&v, p);
	assert_int_equal(v.enabled, enabled);
	assert_int_equal(v.fiq, fiq);
	assert_int_equal(v.pending | v.held | v.count | vint_lines(&v), 0);

	/* Anything may have happened until its CPU goes off: of SPIs it is kept. */
	for (int slot = 0; slot < VINT_VIRTUAL_SLOTS + (int)p->interrupt_count; slot++) {
		vint_set_pin(&v, slot, true);
		vint_enable(&v, slot, true);
		vint_hold(&v, slot, true);
		vint_pend(&v, slot);
	}
	vint_reset(&v, p);
	assert_int_equal(v.count, 2);
	assert_int_equal(vint_intid(p, v.order[0]), 32);
	assert_int_equal(vint_intid(p, v.order[1]), 4096);
	assert_int_equal(v.pending, 1ul << v.order[0] | 1ul << v.order[1]);
	assert_int_equal(v.held, v.pending);
	assert_int_equal(v.enabled, enabled | v.pending);
	assert_int_equal(v.fiq, fiq | v.pending);
	assert_int_equal(vint_lines(&v), VINT_FIQ);
}

/* Every kind of partition. */
static void test_reset(void **state)
{
	struct partition p = { .interrupt_count = 4 };

	(void)state;
	p.interrupts[0].intid = 32;
	p.interrupts[1].intid = 16;
	p.interrupts[2].intid = 4096;
	p.interrupts[3].intid = 1056;
	for (int i = 0; i < 24; i++) {
		p.el0 = i & 1;
		p.notifications = i >> 1 & 1;
		p.managed_exit_virq = i >> 2 & 1;
		p.ns_action = (enum ns_action)(i >> 3);
		check_reset(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots),       cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_all_pending), cmocka_unit_test(test_hold),
		cmocka_unit_test(test_copy),        cmocka_unit_test(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
