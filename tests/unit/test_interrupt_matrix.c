/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Every combination of what a manifest wants, what the target of an interrupt does, and who runs
 * (FF-A 1.2 chapter 9): a cell of these matrices is played, its outcome compared with the rules
 * that stand here once more, and the system brought to rest. The last line counts the cells.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spmc_fixture.h"

#include "arch/gic_fake.h"
#include "bulkhead/hyp.h"
#include "core/interrupt.h"

#define REQ 0x8400006Fu
#define RESP 0x84000070u
#define WAIT 0x8400006Bu
#define RUN 0x8400006Du
#define INTERRUPT 0x84000062u

#define MEI 4u

#define FOR_EACH(type, name, end) for (type name = (type)0; name < (end); name = (type)(name + 1))

static struct vcpu *request(uint32_t cpu, struct vcpu *from, enum which to)
{
	return CALL(cpu, from, REQ, FFA_IDS(from->endpoint->id, id_of(to)));
}

static uint32_t context_of(const struct vcpu *v)
{
	return FFA_CTX(v->endpoint->id, v->index);
}

static bool line_up(const struct vcpu *v)
{
	return vint_lines(&v->vint) != 0;
}

/* --- A secure interrupt ----------------------------------------------------------------------- */

/* What the partition whose interrupt it is does. */
enum target {
	T_WAITS,
	T_CALLED, /* waits for who runs here, over one hop */
	T_CALLED_2, /* over two */
	T_CALLED_ELSEWHERE, /* waits for somebody on CPU 1 */
	T_RUNS_ELSEWHERE, /* on CPU 1 */
	T_YIELDED,
	T_PREEMPTED,
	T_OFF,
	T_CREATED,
	T_ABORTED,
	T_RUNS, /* here, in the runner's model */
	TARGETS,
};

/* Who runs on CPU 0 when it comes: the normal world, or an SP in a model. */
enum runner { R_NWD, R_INIT, R_RUN, R_DIRECT, R_SEC, RUNNERS };

static const enum runtime_model model_of_runner[RUNNERS] = {
	[R_INIT] = RT_INIT,
	[R_RUN] = RT_RUN,
	[R_DIRECT] = RT_DIRECT_REQ,
	[R_SEC] = RT_SEC_INTERRUPT,
};

/* UP_A, at S-EL1 or S-EL0, which may be on another CPU; MP_A, whose vCPUs stay where they are. */
enum kind { K_UP, K_UP_EL0, K_MP, KINDS };

struct cell {
	enum target target;
	enum runner runner;
	enum other_s_action other_s; /* of who runs */
	enum ns_action ns; /* of who runs: it does not matter */
	uint32_t sri; /* sri-interrupts-policy of the target */
	enum kind kind; /* of the target */
};

static enum which target_sp(const struct cell *c)
{
	return c->kind == K_MP ? MP_A : UP_A;
}

/* Where it was when it was left: a UP one on another CPU. */
static uint32_t target_cpu(const struct cell *c)
{
	return c->kind == K_MP ? 0 : 1;
}

/* Who is the runner: at the end of the target's chain MP_B, or UP_B; else another. */
static enum which runner_sp(const struct cell *c)
{
	switch (c->target) {
	case T_CALLED:
		return MP_B;
	case T_CALLED_2:
		return UP_B;
	case T_RUNS:
		return target_sp(c);
	default:
		return c->runner == R_INIT ? MP_B : c->kind == K_MP ? UP_B : MP_A;
	}
}

/* Combinations that no system can be in. */
static bool is_possible(const struct cell *c)
{
	if (c->kind == K_UP_EL0 && c->sri != 0) {
		return false; /* its manifest is refused */
	}
	switch (c->target) {
	case T_CALLED:
	case T_CALLED_2:
		return c->runner == R_DIRECT; /* it was called: that is its model */
	case T_RUNS:
		/* With that policy no interrupt gives it cycles. */
		return c->runner != R_NWD &&
		       (c->runner != R_SEC || (c->sri & SRI_WHEN_WAITING) == 0);
	case T_WAITS:
		return true;
	case T_CALLED_ELSEWHERE:
	case T_RUNS_ELSEWHERE:
		return c->runner != R_INIT && c->kind != K_MP;
	default:
		return c->runner != R_INIT; /* the normal world has not run yet, nor other CPUs */
	}
}

/*
 *   M held off: who runs masks it   H its line comes up, who runs goes on
 *   R target runs, handles it, and who ran goes on   C likewise, in the middle of its request
 *   S the normal world is asked to schedule   K the CPU where it runs is told
 *   D disabled
 */
static char outcome(const struct cell *c)
{
	if (c->target == T_ABORTED) {
		return 'D';
	}
	if (c->runner != R_NWD && (c->runner == R_SEC || c->other_s == OTHER_S_QUEUED)) {
		return 'M';
	}
	switch (c->target) {
	case T_WAITS:
		return (c->sri & SRI_WHEN_WAITING) != 0 ? 'S' : 'R';
	case T_CALLED:
	case T_CALLED_2:
		return c->kind == K_UP_EL0 ? 'H' : 'C'; /* at S-EL0 it does not expect it there */
	case T_RUNS_ELSEWHERE:
		return 'K';
	default:
		return 'H';
	}
}

/* Before boot: what the manifests want. */
static void configure(const struct cell *c)
{
	struct partition *p = &sys.partitions[runner_sp(c)];

	system_create();
	p->other_s_action = c->other_s;
	p->ns_action = c->ns;
	sys.partitions[target_sp(c)].sri_policy = c->sri;
	sys.partitions[target_sp(c)].el0 = c->kind == K_UP_EL0;
}

static void target_enter(const struct cell *c)
{
	enum which which = target_sp(c);

	switch (c->target) {
	case T_CALLED_ELSEWHERE:
		bring_to(which, 1, VCPU_BLOCKED);
		break;
	case T_RUNS_ELSEWHERE:
		CALL(1, nwd(1), RUN, context_of(sp(which, 1)));
		break;
	case T_YIELDED:
		bring_to(which, target_cpu(c), VCPU_YIELDED);
		break;
	case T_PREEMPTED:
		bring_to(which, target_cpu(c), VCPU_PREEMPTED);
		break;
	case T_OFF:
		bring_to(which, 0, VCPU_OFF);
		break;
	case T_CREATED:
		bring_to(which, 0, VCPU_CREATED);
		break;
	case T_ABORTED:
		bring_to(which, target_cpu(c), VCPU_ABORTED);
		break;
	default:
		break;
	}
}

/* The normal world gives the SP its cycles; or another interrupt does. */
static struct vcpu *runner_enter(enum which which, enum runner runner)
{
	struct vcpu *v = sp(which, 0);

	switch (runner) {
	case R_RUN:
		return CALL(0, nwd(0), RUN, context_of(v));
	case R_DIRECT:
		return request(0, nwd(0), which);
	case R_SEC:
		interrupt_raise(0, PPI(which));
		assert_true(interrupt_take_one(0, PPI(which)));
		(void)hvc(0, v, HYP_INTERRUPT_GET, 0, 0, 0);
		return running(0);
	default:
		return nwd(0);
	}
}

/* Brings everybody where the cell wants them; returns who runs on CPU 0. */
static struct vcpu *play_to(const struct cell *c)
{
	enum which which = runner_sp(c);

	configure(c);
	if (c->runner == R_INIT) {
		struct vcpu *v = system_boot_into(which, RT_INIT);

		if (c->target == T_RUNS) {
			(void)hvc(0, v, HYP_INTERRUPT_ENABLE, EDGE(which), 1, 0);
		}
		return v;
	}
	system_boot();
	target_enter(c);
	if (c->target == T_CALLED || c->target == T_CALLED_2) {
		(void)request(0, nwd(0), target_sp(c));
		(void)request(0, sp(target_sp(c), 0), MP_B);
		return c->target == T_CALLED ? running(0) : request(0, sp(MP_B, 0), UP_B);
	}
	if (c->target == T_RUNS && c->runner == R_SEC) {
		(void)runner_enter(target_sp(c), R_SEC);
		return running(0);
	}
	return runner_enter(which, c->runner);
}

static void check_secure(const struct cell *c)
{
	struct vcpu *before = play_to(c);
	struct vcpu *target = sp(target_sp(c), 0);
	uint32_t intid = EDGE(target_sp(c));
	enum vcpu_state state = state_of(target);
	char expected = outcome(c);
	uint32_t sris = sri_count[0];
	bool taken;

	assert_true(c->runner == R_NWD ? before == nwd(0)
				       : before == sp(runner_sp(c), 0) &&
						 model_of(before) == model_of_runner[c->runner]);
	interrupt_raise(0, intid);
	taken = interrupt_take_one(0, intid);
	assert_int_equal(taken, expected != 'M' && expected != 'D');
	assert_int_equal(interrupt_waits(0, intid), !taken);
	/* At S-EL0 it has taken it when it is told. */
	assert_int_equal(line_up(target), taken && !(c->kind == K_UP_EL0 && expected == 'R'));
	switch (expected) {
	case 'R':
		assert_ptr_equal(running(0), target);
		assert_true(got_call(target, INTERRUPT, 0, intid, 0));
		assert_int_equal(model_of(target), RT_SEC_INTERRUPT);
		assert_ptr_equal(target->preempted, before);
		assert_int_equal(state_of(before), VCPU_BLOCKED);
		assert_int_equal(mask_of(0), 0);
		break;
	case 'C':
		assert_ptr_equal(running(0), target);
		assert_true(got_call(target, INTERRUPT, 0, 0, 0));
		assert_int_equal(model_of(target), RT_DIRECT_REQ);
		assert_ptr_equal(target->preempted, before);
		assert_int_equal(state_of(before), VCPU_BLOCKED);
		break;
	default:
		assert_ptr_equal(running(0), before);
		assert_int_equal(state_of(target), state);
		break;
	}
	/* It is told at once if it has the CPU, else when it gets it back. */
	assert_int_equal(sri_count[0] - sris, expected == 'S' && c->runner == R_NWD);
	if (expected == 'K') {
		assert_true(interrupt_take(1));
		assert_ptr_equal(running(1), target);
	}
	if (c->target == T_OFF || c->target == T_CREATED) {
		return; /* nobody ever starts it here */
	}
	system_settle();
	/* Nothing is left of it, but where the normal world has not scheduled, or it is off. */
	if (c->sri == 0 && c->target != T_ABORTED && c->target != T_YIELDED &&
	    c->target != T_PREEMPTED) {
		assert_false(line_up(target));
		assert_false(interrupt_waits(0, intid));
	}
}

static void test_secure(void **state)
{
	unsigned int cells = 0, impossible = 0;

	(void)state;
	FOR_EACH(enum target, target, TARGETS)
	FOR_EACH(enum runner, runner, RUNNERS)
	FOR_EACH(unsigned int, other_s, 2)
	FOR_EACH(unsigned int, ns, 3)
	FOR_EACH(uint32_t, sri, 4)
	FOR_EACH(enum kind, kind, KINDS)
	{
		const struct cell c = {
			target, runner, (enum other_s_action)other_s, (enum ns_action)ns, sri, kind
		};

		if (!is_possible(&c)) {
			impossible++;
			continue;
		}
		check_secure(&c);
		cells++;
	}
	print_message("# %u cells, %u cannot be\n", cells, impossible);
}

/* --- A non-secure interrupt ------------------------------------------------------------------- */

/* Who gave UP_A, which runs, its cycles: the normal world, or MP_A, which it gave them. */
enum giver { G_NWD, G_SP, GIVERS };

/* What has become of its managed exit interrupt. */
enum exit { E_ENABLED, E_DISABLED, E_TOLD, EXITS };

struct ns_cell {
	enum ns_action ns; /* of UP_A */
	enum runner runner;
	enum giver giver;
	enum ns_action of_giver;
	enum exit exit;
	bool virq;
};

/* M held off, E told to leave, P preempted. */
static char ns_outcome(const struct ns_cell *c)
{
	if (c->runner == R_INIT || c->runner == R_SEC || c->ns == NS_QUEUED ||
	    (c->giver == G_SP && c->of_giver == NS_QUEUED)) {
		return 'M';
	}
	if (c->ns == NS_SIGNALED || c->runner == R_RUN || c->exit == E_DISABLED) {
		return 'P';
	}
	return c->exit == E_TOLD ? 'M' : 'E';
}

static bool ns_is_possible(const struct ns_cell *c)
{
	if (c->giver == G_SP && c->runner != R_DIRECT) {
		return false; /* SPs give cycles by requests */
	}
	if (c->giver == G_NWD && c->of_giver != NS_QUEUED) {
		return false; /* it has no action */
	}
	return c->exit != E_TOLD || (c->ns == NS_MANAGED_EXIT && c->runner == R_DIRECT &&
				     !(c->giver == G_SP && c->of_giver == NS_QUEUED));
}

static struct vcpu *ns_play_to(const struct ns_cell *c)
{
	struct vcpu *v;

	system_create();
	sys.partitions[UP_A].ns_action = c->ns;
	sys.partitions[UP_A].managed_exit_virq = c->virq;
	if (c->giver == G_SP) {
		sys.partitions[MP_A].ns_action = c->of_giver;
	}
	if (c->runner == R_INIT) {
		v = system_boot_into(UP_A, RT_INIT);
	} else {
		system_boot();
		if (c->giver == G_SP) {
			(void)request(0, nwd(0), MP_A);
			v = request(0, sp(MP_A, 0), UP_A);
		} else {
			v = runner_enter(UP_A, c->runner);
		}
	}
	if (c->exit == E_DISABLED) {
		(void)hvc(0, v, HYP_INTERRUPT_ENABLE, MEI, 0, 0);
	} else if (c->exit == E_TOLD) {
		assert_true(interrupt_ns(0));
		assert_int_equal(hvc(0, v, HYP_INTERRUPT_GET, 0, 0, 0), MEI);
	}
	return v;
}

static void check_ns(const struct ns_cell *c)
{
	struct vcpu *v = ns_play_to(c);
	struct vcpu *giver = c->giver == G_SP ? sp(MP_A, 0) : nwd(0);
	char expected = ns_outcome(c);

	assert_ptr_equal(v, sp(UP_A, 0));
	assert_int_equal(interrupt_ns(0), expected != 'M');
	switch (expected) {
	case 'P':
		assert_ptr_equal(running(0), giver);
		assert_true(got_call(giver, INTERRUPT, context_of(v), 0, 0));
		assert_int_equal(state_of(v), VCPU_PREEMPTED);
		break;
	case 'E':
		assert_ptr_equal(running(0), v);
		assert_int_equal(mask_of(0), 0x80);
		assert_int_equal(sys.cpus[0].arch.virq, c->virq);
		assert_int_equal(sys.cpus[0].arch.vfiq, !c->virq);
		/* It is told once. */
		assert_false(interrupt_ns(0));
		break;
	default:
		assert_ptr_equal(running(0), v);
		assert_true(mask_of(0) <= 0x80);
		assert_false(line_up(v));
		break;
	}
	/* The giver has its own action then: the interrupt is still there. */
	if (expected == 'P' && c->giver == G_SP) {
		assert_true(interrupt_ns(0));
		assert_ptr_equal(running(0), c->of_giver == NS_SIGNALED ? nwd(0) : giver);
		assert_int_equal(state_of(giver),
				 c->of_giver == NS_SIGNALED ? VCPU_PREEMPTED : VCPU_RUNNING);
	}
	system_settle();
}

static void test_non_secure(void **state)
{
	unsigned int cells = 0, impossible = 0;

	(void)state;
	FOR_EACH(unsigned int, ns, 3)
	FOR_EACH(enum runner, runner, RUNNERS)
	FOR_EACH(enum giver, giver, GIVERS)
	FOR_EACH(unsigned int, of_giver, 3)
	FOR_EACH(enum exit, exit, EXITS)
	FOR_EACH(unsigned int, virq, 2)
	{
		const struct ns_cell c = { (enum ns_action)ns,       runner, giver,
					   (enum ns_action)of_giver, exit,   virq != 0 };

		if (runner == R_NWD) {
			continue; /* it takes its own, we do not notice */
		}
		if (!ns_is_possible(&c)) {
			impossible++;
			continue;
		}
		check_ns(&c);
		cells++;
	}
	print_message("# %u cells, %u cannot be\n", cells, impossible);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secure),
		cmocka_unit_test(test_non_secure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
