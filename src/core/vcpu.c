/* SPDX-License-Identifier: BSD-3-Clause */
/* States of a vCPU, and the protocol by which CPUs hand it to each other: see core/vcpu.h. */
#include "core/vcpu.h"

#include "lib/print.h"

#define TO(state) (1u << VCPU_##state)

/*
 * From which state to which: the whole life of a vCPU. A claim is a transition to RUNNING, a
 * publication one from RUNNING; the others happen to a vCPU that nobody has.
 */
static const struct {
	const char *name;
	uint32_t to;
} states[VCPU_STATE_COUNT] = {
	[VCPU_OFF] = { "OFF", TO(CREATED) | TO(ABORTED) },
	[VCPU_CREATED] = { "CREATED", TO(RUNNING) | TO(OFF) | TO(ABORTED) },
	[VCPU_RUNNING] = { "RUNNING", TO(WAITING) | TO(BLOCKED) | TO(YIELDED) | TO(PREEMPTED) |
					      TO(OFF) | TO(ABORTED) },
	[VCPU_WAITING] = { "WAITING", TO(RUNNING) | TO(OFF) | TO(ABORTED) },
	[VCPU_BLOCKED] = { "BLOCKED", TO(RUNNING) | TO(OFF) | TO(ABORTED) },
	[VCPU_YIELDED] = { "YIELDED", TO(RUNNING) | TO(OFF) | TO(ABORTED) },
	[VCPU_PREEMPTED] = { "PREEMPTED", TO(RUNNING) | TO(OFF) | TO(ABORTED) },
	[VCPU_ABORTED] = { "ABORTED", TO(RUNNING) },
};

static const char *const models[RT_COUNT] = {
	[RT_NONE] = "none",
	[RT_INIT] = "initialisation",
	[RT_RUN] = "run",
	[RT_DIRECT_REQ] = "direct request",
	[RT_SEC_INTERRUPT] = "secure interrupt",
};

/* In a message; "?" for a value that is no state. */
const char *vcpu_state_name(enum vcpu_state s)
{
	return s < VCPU_STATE_COUNT ? states[s].name : "?";
}

const char *runtime_model_name(enum runtime_model m)
{
	return m < RT_COUNT ? models[m] : "?";
}

bool vcpu_transition_allowed(enum vcpu_state from, enum vcpu_state to)
{
	return (states[from].to & (1u << to)) != 0;
}

/*
 * Takes v for CPU `cpu`, if its word is still `seen`: from vcpu_peek(), and in a state from which
 * it may run, which the caller has looked at. Idle vCPUs take on the runtime model `model`, others
 * keep theirs. After true everything in v is the caller's, registers included: the acquire pairs
 * with the release of vcpu_publish().
 */
bool vcpu_claim(struct vcpu *v, uint32_t seen, enum runtime_model model, uint32_t cpu)
{
	enum runtime_model kept = vcpu_word_model(seen);

	return atomic_compare_exchange_strong_explicit(
		&v->word, &seen, vcpu_word(VCPU_RUNNING, kept == RT_NONE ? model : kept, cpu),
		memory_order_acquire, memory_order_relaxed);
}

/*
 * Gives v up, in the state that vcpu_leave() named. The last register of v is in memory; from the
 * store on another CPU may have it. Idle states have no runtime model. The store is a release, and
 * seq_cst (the same instruction) for whoever looks at v's lines after it: see core/vint.h.
 */
void vcpu_publish(struct vcpu *v)
{
	uint32_t word = vcpu_peek(v);
	bool busy = v->leave_as == VCPU_BLOCKED || v->leave_as == VCPU_YIELDED ||
		    v->leave_as == VCPU_PREEMPTED;

	ASSERT(vcpu_word_state(word) == VCPU_RUNNING &&
	       vcpu_transition_allowed(VCPU_RUNNING, v->leave_as));
	atomic_store_explicit(
		&v->word,
		vcpu_word(v->leave_as, busy ? vcpu_word_model(word) : RT_NONE, vcpu_word_cpu(word)),
		memory_order_seq_cst);
}

/*
 * Takes a BLOCKED v back: it has waited for somebody on this CPU, so nobody else can claim it
 * and its registers were saved by this CPU.
 */
void vcpu_unblock(struct vcpu *v)
{
	uint32_t word = vcpu_peek(v);

	ASSERT(vcpu_word_state(word) == VCPU_BLOCKED);
	atomic_store_explicit(&v->word,
			      vcpu_word(VCPU_RUNNING, vcpu_word_model(word), vcpu_word_cpu(word)),
			      memory_order_relaxed);
}

/* v, which this CPU has, goes on under another runtime model without having been idle. */
void vcpu_set_model(struct vcpu *v, enum runtime_model model)
{
	uint32_t word = vcpu_peek(v);

	ASSERT(vcpu_word_state(word) == VCPU_RUNNING);
	atomic_store_explicit(&v->word, vcpu_word(VCPU_RUNNING, model, vcpu_word_cpu(word)),
			      memory_order_relaxed);
}
