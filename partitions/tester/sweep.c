/* SPDX-License-Identifier: BSD-3-Clause */
#include "sweep.h"

#include "reach.h"

#include "bulkhead/tester.h"
#include "sp/probe.h"
#include "sp/sp.h"

#define SP_EL0 SP_ENC(3, 0, 4, 1, 0)
#define DAIF SP_ENC(3, 3, 4, 2, 1)
#define DAIF_I_F (3ul << 6)
#define DIFFERENCES_PRINTED 16

/* Fewer bits of a foreign pattern prove nothing. */
static bool has_eight_bits(uint64_t mask)
{
	unsigned int bits = 0;

	for (; mask != 0; mask &= mask - 1) {
		bits++;
	}
	return bits >= 8;
}

/* Whether found is what a foreign seed had put there. */
static bool is_foreign(const struct sweeper *s, uint32_t where, uint64_t found, uint64_t mask)
{
	for (unsigned int i = 0; i < FOREIGN_SEEDS; i++) {
		if (s->foreign[i] != 0 && has_eight_bits(mask) &&
		    ((found ^ tester_pattern(s->foreign[i], where)) & mask) == 0) {
			return true;
		}
	}
	return false;
}

static void compare(const struct sweeper *s, struct findings *f, uint32_t where, uint64_t expected,
		    uint64_t found, uint64_t mask)
{
	bool foreign;

	f->compared++;
	if (((expected ^ found) & mask) == 0) {
		return;
	}
	foreign = is_foreign(s, where, found, mask);
	if (f->differences++ == 0) {
		f->where = where;
		f->expected = expected & mask;
		f->found = found & mask;
	}
	f->leaked |= foreign;
	if (f->differences <= DIFFERENCES_PRINTED) {
		sp_print("sweep: %s at %#x (S%u_%u_C%u_C%u_%u): %#lx, was %#lx\n",
			 foreign ? "leak" : "loss", where, where >> 14, (where >> 11) & 7,
			 (where >> 7) & 15, (where >> 3) & 15, where & 7, found & mask,
			 expected & mask);
	}
}

/* Patterns for everything but x0-x17; base is what the registers hold now. */
static void fill(struct sweeper *s, uint64_t seed, bool unmasked)
{
	struct leave *l = &s->leave;

	reach_values_save(s->base);
	for (uint32_t i = 0; i < reach_count; i++) {
		uint64_t pattern = tester_pattern(seed, reach_enc[i]);

		if (reach_enc[i] == DAIF && !unmasked) {
			pattern |= DAIF_I_F;
		}
		s->in[i] = (s->base[i] & ~reach_mask[i]) | (pattern & reach_mask[i]);
	}
	for (unsigned int i = 0; i < 31; i++) {
		l->x[i] = tester_pattern(seed, TESTER_AT_X(i));
	}
	for (unsigned int i = 0; i < 64; i++) {
		l->v[i / 2][i % 2] = tester_pattern(seed, TESTER_AT_V(i / 2, i % 2));
	}
	l->in = s->in;
	l->readback = s->readback;
	l->out = s->out;
	l->base = s->base;
	l->spsel = tester_pattern(seed, TESTER_AT_SPSEL) & 1;
	l->sp_el1 = tester_pattern(seed, TESTER_AT_SP);
}

/* Everything but x0-x17 against what fill() and the readback say; spsel is what was wanted. */
static void check(struct sweeper *s, uint64_t seed, uint64_t spsel, struct findings *f)
{
	const struct leave *l = &s->leave;
	uint64_t own = (uintptr_t)l;

	f->sweeps++;
	for (unsigned int i = 18; i < 31; i++) {
		compare(s, f, TESTER_AT_X(i), tester_pattern(seed, TESTER_AT_X(i)), l->x[i], ~0ul);
	}
	compare(s, f, TESTER_AT_SPSEL, spsel, l->spsel, ~0ul);
	compare(s, f, TESTER_AT_SP, spsel == 0 ? tester_pattern(seed, TESTER_AT_SP) : own,
		l->sp_el1, ~0ul);
	for (uint32_t i = 0; i < reach_count; i++) {
		uint64_t expected = s->readback[i];

		if (reach_enc[i] == SP_EL0 && spsel == 0) {
			expected = own;
		}
		compare(s, f, reach_enc[i], expected, s->out[i], reach_mask[i]);
	}
	for (unsigned int i = 0; i < 64; i++) {
		uint32_t where = TESTER_AT_V(i / 2, i % 2);

		compare(s, f, where, tester_pattern(seed, where), l->v[i / 2][i % 2], ~0ul);
	}
}

/* ffa_call() with a sweep around it. x8-x17 of r are ignored: patterns go out instead. */
void sweep_call(struct sweeper *s, struct ffa_regs *r, uint64_t seed, bool unmasked,
		struct findings *f)
{
	uint64_t daif = sp_interrupts_hold();
	struct leave *l = &s->leave;
	uint64_t spsel;

	fill(s, seed, unmasked);
	spsel = l->spsel;
	for (unsigned int i = 0; i < 8; i++) {
		l->x[i] = r->x[i];
	}
	leave_by_call(l);
	for (unsigned int i = 0; i < 18; i++) {
		r->x[i] = l->x[i];
	}
	check(s, seed, spsel, f);
	/* These may come back as they went, or as zero. */
	for (unsigned int i = 8; i < 18; i++) {
		uint64_t expected = tester_pattern(seed, TESTER_AT_X(i));

		compare(s, f, TESTER_AT_X(i), l->x[i] == 0 ? 0 : expected, l->x[i], ~0ul);
	}
	sp_interrupts_restore(daif);
}

/* x`first`-x17 after a loop in which nothing was called. */
static void check_untouched(struct sweeper *s, unsigned int first, uint64_t seed,
			    struct findings *f)
{
	for (unsigned int i = first; i < 18; i++) {
		compare(s, f, TESTER_AT_X(i), tester_pattern(seed, TESTER_AT_X(i)), s->leave.x[i],
			~0ul);
	}
}

/* Holds the patterns while counting down from `count` (not 0). */
void sweep_spin(struct sweeper *s, uint64_t count, uint64_t seed, bool unmasked, struct findings *f)
{
	uint64_t daif = sp_interrupts_hold();
	uint64_t spsel;

	fill(s, seed, unmasked);
	spsel = s->leave.spsel;
	s->leave.x[0] = count;
	leave_by_spinning(&s->leave);
	check(s, seed, spsel, f);
	check_untouched(s, 1, seed, f);
	compare(s, f, TESTER_AT_X(0), 0, s->leave.x[0], ~0ul);
	sp_interrupts_restore(daif);
}

/*
 * Holds the patterns until a virtual interrupt is pending, which is taken before the return; false
 * when there was none in `count` (not 0) loops.
 */
bool sweep_until_interrupt(struct sweeper *s, uint64_t count, uint64_t seed, struct findings *f)
{
	uint64_t daif = sp_interrupts_hold();
	uint64_t spsel;
	bool pending;

	fill(s, seed, false);
	spsel = s->leave.spsel;
	s->leave.x[1] = count;
	leave_until_interrupt(&s->leave);
	pending = s->leave.x[0] != 0;
	check(s, seed, spsel, f);
	check_untouched(s, 2, seed, f);
	sp_interrupts_restore(daif);
	return pending;
}
