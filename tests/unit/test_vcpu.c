/* SPDX-License-Identifier: BSD-3-Clause */

/* The states of a vCPU: every pair of them, and every way of the code from one to another. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "spmc_fixture.h"

/* What may follow upon what (docs: the life of a vCPU); rows from, columns to, in enum order. */
static const char *const allowed[VCPU_STATE_COUNT] = {
	/*                  OFF CRE RUN WAI BLO YIE PRE ABO */
	[VCPU_OFF] = "       -   x   -   -   -   -   -   x",
	[VCPU_CREATED] = "   x   -   x   -   -   -   -   x",
	[VCPU_RUNNING] = "   x   -   -   x   x   x   x   x",
	[VCPU_WAITING] = "   x   -   x   -   -   -   -   x",
	[VCPU_BLOCKED] = "   x   -   x   -   -   -   -   x",
	[VCPU_YIELDED] = "   x   -   x   -   -   -   -   x",
	[VCPU_PREEMPTED] = " x   -   x   -   -   -   -   x",
	[VCPU_ABORTED] = "   -   -   x   -   -   -   -   -",
};

static bool is_allowed(enum vcpu_state from, enum vcpu_state to)
{
	char compact[VCPU_STATE_COUNT];
	unsigned int count = 0;

	for (const char *s = allowed[from]; *s != '\0'; s++) {
		if (*s != ' ') {
			compact[count++] = *s;
		}
	}
	assert_int_equal(count, VCPU_STATE_COUNT);
	return compact[to] == 'x';
}

/* True if action(v) is a bug of ours: it panics. */
static bool panics(void (*action)(struct vcpu *v, enum vcpu_state to), struct vcpu *v,
		   enum vcpu_state to)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		(void)close(STDERR_FILENO);
		(void)signal(SIGABRT, SIG_DFL);
		action(v, to);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGABRT);
	return WIFSIGNALED(status);
}

static void test_table(void **state)
{
	(void)state;
	for (enum vcpu_state from = 0; from < VCPU_STATE_COUNT; from++) {
		for (enum vcpu_state to = 0; to < VCPU_STATE_COUNT; to++) {
			assert_int_equal(vcpu_transition_allowed(from, to), is_allowed(from, to));
		}
	}
}

static void test_names(void **state)
{
	static const char *const states[] = { "OFF",     "CREATED", "RUNNING",   "WAITING",
					      "BLOCKED", "YIELDED", "PREEMPTED", "ABORTED" };
	static const char *const models[] = { "none", "initialisation", "run", "direct request",
					      "secure interrupt" };

	(void)state;
	for (enum vcpu_state s = 0; s < VCPU_STATE_COUNT; s++) {
		assert_string_equal(vcpu_state_name(s), states[s]);
	}
	for (enum runtime_model m = 0; m < RT_COUNT; m++) {
		assert_string_equal(runtime_model_name(m), models[m]);
	}
	assert_string_equal(vcpu_state_name(VCPU_STATE_COUNT), "?");
	assert_string_equal(vcpu_state_name((enum vcpu_state)255), "?");
	assert_string_equal(runtime_model_name(RT_COUNT), "?");
}

static void test_word(void **state)
{
	(void)state;
	for (enum vcpu_state s = 0; s < VCPU_STATE_COUNT; s++) {
		for (enum runtime_model m = 0; m < RT_COUNT; m++) {
			for (uint32_t cpu = 0; cpu < 512; cpu++) {
				uint32_t word = vcpu_word(s, m, cpu);

				assert_int_equal(vcpu_word_state(word), s);
				assert_int_equal(vcpu_word_model(word), m);
				assert_int_equal(vcpu_word_cpu(word), cpu);
			}
		}
	}
}

static void do_publish(struct vcpu *v, enum vcpu_state to)
{
	v->leave_as = to;
	vcpu_publish(v);
}

static void do_unblock(struct vcpu *v, enum vcpu_state to)
{
	(void)to;
	vcpu_unblock(v);
}

static void do_set_model(struct vcpu *v, enum vcpu_state to)
{
	(void)to;
	vcpu_set_model(v, RT_SEC_INTERRUPT);
}

/* A claim takes what may run, once; idle ones get the model, others keep theirs. */
static void test_claim(void **state)
{
	(void)state;
	for (enum vcpu_state s = 0; s < VCPU_STATE_COUNT; s++) {
		for (enum runtime_model kept = 0; kept < RT_COUNT; kept++) {
			struct vcpu v = { .word = vcpu_word(s, kept, 1) };

			if (!is_allowed(s, VCPU_RUNNING)) {
				continue; /* who claims looks at that first */
			}
			/* Not the word that was seen: somebody was faster. */
			assert_false(vcpu_claim(&v, vcpu_word(s, kept, 2), RT_RUN, 3));
			assert_int_equal(vcpu_peek(&v), vcpu_word(s, kept, 1));
			assert_true(vcpu_claim(&v, vcpu_peek(&v), RT_RUN, 3));
			assert_int_equal(
				vcpu_peek(&v),
				vcpu_word(VCPU_RUNNING, kept == RT_NONE ? RT_RUN : kept, 3));
			/* Nobody else gets it now. */
			assert_false(vcpu_claim(&v, vcpu_word(s, kept, 1), RT_RUN, 4));
		}
	}
}

/* Only who runs can leave, for a state that may follow; idle states have no model. */
static void test_leave_and_publish(void **state)
{
	(void)state;
	for (enum vcpu_state to = 0; to < VCPU_STATE_COUNT; to++) {
		struct vcpu v = { .word = vcpu_word(VCPU_RUNNING, RT_DIRECT_REQ, 2) };
		bool keeps = to == VCPU_BLOCKED || to == VCPU_YIELDED || to == VCPU_PREEMPTED;

		if (!is_allowed(VCPU_RUNNING, to)) {
			assert_true(panics(do_publish, &v, to));
			continue;
		}
		vcpu_leave(&v, to);
		assert_int_equal(vcpu_word_state(vcpu_peek(&v)), VCPU_RUNNING);
		vcpu_publish(&v);
		assert_int_equal(vcpu_peek(&v), vcpu_word(to, keeps ? RT_DIRECT_REQ : RT_NONE, 2));
	}
	for (enum vcpu_state s = 0; s < VCPU_STATE_COUNT; s++) {
		struct vcpu v = { .word = vcpu_word(s, RT_RUN, 2) };

		assert_int_equal(panics(do_publish, &v, VCPU_WAITING), s != VCPU_RUNNING);
		assert_int_equal(panics(do_unblock, &v, 0), s != VCPU_BLOCKED);
		assert_int_equal(panics(do_set_model, &v, 0), s != VCPU_RUNNING);
	}
}

static void test_unblock_and_model(void **state)
{
	(void)state;
	for (enum runtime_model m = 0; m < RT_COUNT; m++) {
		struct vcpu v = { .word = vcpu_word(VCPU_BLOCKED, m, 3) };

		vcpu_unblock(&v);
		assert_int_equal(vcpu_peek(&v), vcpu_word(VCPU_RUNNING, m, 3));
		vcpu_set_model(&v, RT_SEC_INTERRUPT);
		assert_int_equal(vcpu_peek(&v), vcpu_word(VCPU_RUNNING, RT_SEC_INTERRUPT, 3));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_word),
		cmocka_unit_test(test_claim),
		cmocka_unit_test(test_leave_and_publish),
		cmocka_unit_test(test_unblock_and_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
