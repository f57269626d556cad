/* SPDX-License-Identifier: BSD-3-Clause */
#include "spmc_fixture.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/gic.h"
#include "arch/gic_fake.h"
#include "arch/host.h"
#include "bulkhead/hyp.h"
#include "core/interrupt.h"
#include "core/pristine.h"
#include "core/slot.h"
#include "core/switch.h"
#include "ffa/call.h"
#include "lib/addr.h"
#include "lib/print.h"

#define POOL_MEMORY 0x0e100000ul
#define POOL_PAGES 512u
#define SP_BYTES (SP_PAGES * PAGE_SIZE)
#define ENOUGH 1000u /* turns of a CPU, after which there is no end to come */

/* A vCPU as it must be found again. */
struct seen {
	uint64_t x[31];
	uint64_t regs[HOST_REGS];
	uint32_t resets;
	bool in_call; /* x0-x7, or x0-x17, are where the completion of its call is written */
	uint32_t fid; /* its last call ... */
	uint32_t minor; /* ... in FF-A 1.x */
};

/* What a CPU has, beside what the SPMC knows of it. */
struct machine_cpu {
	struct vcpu *running; /* NULL: it is off */
	uint8_t pmr;
	uint8_t nwd_pmr; /* the normal world's own */
	bool kicked;
	uint32_t waiting[8]; /* secure interrupts */
	uint32_t waiting_count;
};

struct system sys;
uint32_t sri_count[CPUS];

static struct machine_cpu machine[CPUS];
static struct seen seen[SPS][CPUS];
static struct seen seen_nwd[CPUS];
static uint64_t freshness; /* no two values that contexts have in registers are the same */
static const struct memory_world nwd_world = {
	{ NWD_MEMORY, NWD_PAGES *PAGE_SIZE },
	MEM_R | MEM_W | MEM_X | MEM_NS,
};

static const char *const names[SPS] = { "mp-a", "up-a", "mp-b", "up-b" };
static const uint16_t ids[SPS] = { 0x8003, 0x8001, 0x8002, 0x8004 };

uint16_t id_of(enum which which)
{
	return ids[which];
}

struct vcpu *sp(enum which which, uint32_t cpu)
{
	return partition_vcpu(&sys.partitions[which], &sys.cpus[cpu]);
}

struct vcpu *nwd(uint32_t cpu)
{
	return &sys.cpus[cpu].nwd;
}

struct vcpu *running(uint32_t cpu)
{
	return machine[cpu].running;
}

enum vcpu_state state_of(const struct vcpu *v)
{
	return vcpu_word_state(vcpu_peek(v));
}

enum runtime_model model_of(const struct vcpu *v)
{
	return vcpu_word_model(vcpu_peek(v));
}

static struct seen *seen_of(const struct vcpu *v)
{
	return vcpu_is_nwd(v) ? &seen_nwd[v->index]
			      : &seen[v->partition - sys.partitions][v->index];
}

/* --- What always holds ------------------------------------------------------------------------ */

static void check_lock(const struct spinlock *l)
{
	ASSERT(l->next == l->serving);
}

static void check_vint(const struct vint *v)
{
	uint64_t active = v->pending & v->enabled;

	check_lock(&v->lock);
	ASSERT(vint_lines(v) == (((active & ~v->fiq) != 0 ? VINT_IRQ : 0) |
				 ((active & v->fiq) != 0 ? VINT_FIQ : 0)));
	ASSERT(v->count == __builtin_popcountl(v->pending));
}

/* How many registers the call or completion that v has got defines. */
static unsigned int defined(const struct vcpu *v)
{
	switch (vcpu_w(v, 0)) {
	case FFA_MSG_SEND_DIRECT_REQ2_64:
	case FFA_MSG_SEND_DIRECT_RESP2_64:
	case FFA_SUCCESS_64:
		return 18;
	default:
		return 8;
	}
}

/* Nothing that a context had in its registers has changed behind its back. */
static void check_registers(const struct vcpu *v)
{
	unsigned int may_change;

	struct seen *s = seen_of(v);
	bool is_running = state_of(v) == VCPU_RUNNING;
	const uint64_t *regs =
		is_running ? sys.cpus[vcpu_word_cpu(vcpu_peek(v))].arch.regs : v->arch.regs;

	if (s->resets != v->arch.resets) {
		*s = (struct seen){ .resets = v->arch.resets, .in_call = true };
	}
	may_change = s->in_call ? defined(v) : 0;
	for (unsigned int i = may_change; i < NUMBER_OF(s->x); i++) {
		ASSERT(s->x[i] == v->arch.x[i]);
	}
	ASSERT(memcmp(s->regs, regs, sizeof(s->regs)) == 0);
	if (s->in_call && is_running) {
		memcpy(s->x, v->arch.x, may_change * sizeof(s->x[0]));
		s->in_call = false;
	}
}

static bool busy(enum vcpu_state s)
{
	return s == VCPU_RUNNING || s == VCPU_BLOCKED || s == VCPU_YIELDED || s == VCPU_PREEMPTED;
}

/* Somebody will see the virtual interrupts of v, which waits. */
static void check_not_lost(const struct vcpu *v)
{
	bool kicked = machine[v->index].kicked;
	bool asked = false;

	for (uint32_t i = 0; i < CPUS; i++) {
		kicked |= partition_is_up(v->partition) && machine[i].kicked;
		asked |= sys.cpus[i].sri_delayed || sri_count[i] != 0;
	}
	ASSERT(kicked ||
	       (asked &&
		(v->partition->sri_policy != 0 || !vint_takes_cycles((struct vint *)&v->vint))) ||
	       running(v->index) == NULL || partition_is_aborted(v->partition));
}

static void check_sp(const struct vcpu *v)
{
	enum vcpu_state s = state_of(v);

	ASSERT(s < VCPU_STATE_COUNT);
	ASSERT((model_of(v) != RT_NONE) == busy(s));
	ASSERT(s != VCPU_ABORTED || partition_is_aborted(v->partition));
	if (busy(s)) {
		ASSERT(partition_is_up(v->partition) || vcpu_word_cpu(vcpu_peek(v)) == v->index);
	} else if (s == VCPU_WAITING) {
		ASSERT(v->preempted == NULL && !v->managed_exit);
		if (vint_lines(&v->vint) != 0) {
			check_not_lost(v);
		}
	}
	check_vint(&v->vint);
	if (s != VCPU_ABORTED) {
		check_registers(v);
	}
}

static bool marked[SPS][CPUS];

/*
 * v has cycles, or waits for them, on CPU cpu: so do those who get the cycles after it. Dead ones
 * are left out when the cycles come to them.
 */
static void mark(const struct vcpu *v, uint32_t cpu)
{
	bool *mark_of;

	if (v == NULL) {
		return;
	}
	if (vcpu_is_nwd(v)) {
		ASSERT(v == nwd(cpu));
		return;
	}
	mark_of = &marked[v->partition - sys.partitions][v->index];
	if (*mark_of) {
		return;
	}
	*mark_of = true;
	if (v != running(cpu)) {
		ASSERT(state_of(v) == VCPU_ABORTED ||
		       (state_of(v) == VCPU_BLOCKED && vcpu_word_cpu(vcpu_peek(v)) == cpu));
	}
	ASSERT(v->preempted != NULL || v->caller != NULL);
	mark(v->preempted, cpu);
	mark(v->caller, cpu);
}

/* The mask under which v may run, by its manifest and what it does (FF-A 1.2, 9.2, 9.3). */
static uint8_t mask_allowed(const struct vcpu *v)
{
	const struct partition *p = v->partition;

	if (model_of(v) == RT_SEC_INTERRUPT || p->other_s_action == OTHER_S_QUEUED) {
		return GIC_PMR_CLOSED;
	}
	if ((model_of(v) == RT_INIT && v->restart == RESTART_NOT) || p->ns_action == NS_QUEUED ||
	    v->managed_exit || v->preempted != NULL) {
		return GIC_PMR_SECURE_ONLY;
	}
	return GIC_PMR_OPEN;
}

/* The most restrictive of the call chain holds. */
static void check_mask(uint32_t cpu)
{
	const struct vcpu *v = running(cpu);

	if (vcpu_is_nwd(v)) {
		ASSERT(machine[cpu].pmr == machine[cpu].nwd_pmr);
		return;
	}
	for (; v != NULL && !vcpu_is_nwd(v); v = v->caller) {
		ASSERT(machine[cpu].pmr <= mask_allowed(v));
	}
}

static void check_cpu(uint32_t cpu)
{
	const struct vcpu *v = running(cpu);
	const struct cpu *c = &sys.cpus[cpu];

	if (v == NULL) {
		return;
	}
	ASSERT(state_of(v) == VCPU_RUNNING && vcpu_word_cpu(vcpu_peek(v)) == cpu);
	ASSERT(state_of(&c->nwd) == (vcpu_is_nwd(v) ? VCPU_RUNNING : VCPU_BLOCKED));
	ASSERT(model_of(&c->nwd) == RT_NONE);
	ASSERT(!vcpu_is_nwd(v) || (c->sequence == CPU_NONE && !c->nwd_interrupted));
	ASSERT(c->arch.sp_ready == !vcpu_is_nwd(v));
	if (!vcpu_is_nwd(v)) {
		uint32_t lines = vint_lines(&v->vint);

		ASSERT(c->arch.virq == ((lines & VINT_IRQ) != 0));
		ASSERT(c->arch.vfiq == ((lines & VINT_FIQ) != 0));
	}
	check_mask(cpu);
	mark(v, cpu);
}

static void check_blocked(const struct vcpu *v)
{
	enum vcpu_state s = state_of(v);

	if (s == VCPU_RUNNING) {
		ASSERT(running(vcpu_word_cpu(vcpu_peek(v))) == v);
	}
	if (s == VCPU_BLOCKED) {
		ASSERT(marked[v->partition - sys.partitions][v->index]);
	}
}

static void check_bits(const struct notification_bits *b, uint64_t allowed)
{
	ASSERT((b->pending & ~allowed) == 0);
	ASSERT((b->told & ~b->pending) == 0);
}

/* What is pending is bound, as what it is; what has not been told of will be. */
static void check_notifications(const struct endpoint *e)
{
	const struct notifications *n = &e->notifications;
	uint64_t untold =
		n->global[NOTIFICATION_FRAMEWORK].pending & ~n->global[NOTIFICATION_FRAMEWORK].told;

	check_lock(&n->lock);
	ASSERT(n->enabled || (n->npi_count == 0 && !n->npi_due && untold == 0));
	check_bits(&n->global[NOTIFICATION_FRAMEWORK], UINT64_MAX);
	for (uint32_t from = 0; from < NOTIFICATION_WORLDS; from++) {
		const struct notification_bindings *b = &n->bindings[from];

		ASSERT((b->per_vcpu & ~b->bound) == 0);
		ASSERT(n->enabled || b->bound == 0);
		check_bits(&n->global[from], b->bound & ~b->per_vcpu);
		untold |= n->global[from].pending & ~n->global[from].told;
		for (uint32_t i = 0; i < n->vcpu_count; i++) {
			const struct notification_bits *own =
				notification_of_vcpu((struct notifications *)n, from, i);

			check_bits(own, b->per_vcpu);
			untold |= own->pending & ~own->told;
		}
	}
	ASSERT(untold == 0 || n->untold);
}

static void check_npi(const struct partition *p)
{
	uint32_t due = p->endpoint.notifications.npi_due;

	for (uint32_t i = 0; i < p->vcpu_count; i++) {
		due += p->vcpus[i].npi_due;
	}
	ASSERT(due == p->endpoint.notifications.npi_count);
	ASSERT((due != 0) == ((partition_attention(p) & PARTITION_NPI) != 0));
}

/* Each timer that is to come is in one list, in order, and that CPU will be interrupted for it. */
static void check_timers(void)
{
	uint32_t listed[SPS] = { 0 };
	uint32_t found = 0;

	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		const struct cpu *c = &sys.cpus[cpu];
		uint64_t last = 0;

		ASSERT(c->has_timers == (c->timers != NULL));
		ASSERT(c->timers == NULL || running(cpu) == NULL || vcpu_is_nwd(running(cpu)) ||
		       machine[cpu].kicked ||
		       (c->arch.timer_on && c->arch.timer_deadline <= c->timers->timer.cval));
		for (const struct vcpu *v = c->timers; v != NULL; v = v->timer.next) {
			ASSERT(v->timer.listed && v->timer.cpu == cpu && v->timer.cval >= last);
			ASSERT(v->timer.ctl == ARCH_TIMER_ENABLE);
			ASSERT(!partition_is_aborted(v->partition));
			ASSERT(partition_is_up(v->partition) || v->index == cpu);
			last = v->timer.cval;
			listed[v->partition - sys.partitions]++;
			found++;
		}
	}
	for (uint32_t i = 0; i < SPS; i++) {
		const struct partition *p = &sys.partitions[i];

		for (uint32_t k = 0; k < p->vcpu_count; k++) {
			found -= p->vcpus[k].timer.listed;
		}
		ASSERT(p->timers_listed == listed[i]);
		ASSERT((listed[i] != 0) == ((partition_attention(p) & PARTITION_TIMER) != 0));
	}
	ASSERT(found == 0);
}

static void check_vms(void)
{
	check_lock(&spmc.vms.lock);
	for (uint32_t i = 0; i < VM_MAX; i++) {
		const struct vm *vm = &spmc.vms.vms[i];

		ASSERT((vm->id != 0) == (vm->uses != 0));
		ASSERT(vm->id == 0 || (i < spmc.vms.count && vm->id == vm->endpoint.id));
		ASSERT(((vm->uses & VM_NOTIFICATIONS) != 0) == vm->endpoint.notifications.enabled);
		ASSERT(((vm->uses & VM_RXTX) != 0) == (vm->endpoint.mailbox.tx != NULL));
		check_lock(&vm->endpoint.mailbox.lock);
		check_notifications(&vm->endpoint);
	}
}

static void check_partition(const struct partition *p)
{
	check_lock(&p->endpoint.mailbox.lock);
	check_notifications(&p->endpoint);
	check_npi(p);
	for (uint32_t i = 0; i < p->vcpu_count; i++) {
		check_sp(&p->vcpus[i]);
		check_blocked(&p->vcpus[i]);
	}
	for (uint32_t i = 0; i < p->interrupt_count; i++) {
		check_lock(&interrupt_find(p->interrupts[i].intid)->lock);
	}
}

void check_system(void)
{
	memset(marked, 0, sizeof(marked));
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		check_cpu(cpu);
	}
	for (uint32_t i = 0; i < SPS; i++) {
		check_partition(&sys.partitions[i]);
	}
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		if (running(cpu) != NULL) {
			check_registers(nwd(cpu));
		}
	}
	check_lock(&spmc.nwd.mailbox.lock);
	check_lock(&spmc.pages.lock);
	check_notifications(&spmc.nwd);
	check_vms();
	check_timers();
}

/* --- Memory ---------------------------------------------------------------------------------- */

#define SPACES (SPS + 1) /* each SP's, the normal world's */
#define PAGES (SPS * SP_PAGES + NWD_PAGES)

static uint64_t page_address(uint32_t page)
{
	return page < NWD_PAGES ? NWD_MEMORY + page * PAGE_SIZE
				: SP_MEMORY(0) + (page - NWD_PAGES) * PAGE_SIZE;
}

/* What transactions say of each page: MEMORY_STATES where they say nothing. */
static uint8_t said[SPACES][PAGES];

static uint32_t space_number(const struct endpoint *e)
{
	ASSERT(e != NULL);
	return e->kind == ENDPOINT_NWD
		       ? SPS
		       : (uint32_t)(endpoint_partition((struct endpoint *)e) - sys.partitions);
}

static void say(uint32_t space, const struct transaction *t, enum memory_state state)
{
	for (const struct memory_list *l = &t->list; l != NULL; l = l->next) {
		for (uint32_t i = 0; i < l->count; i++) {
			struct range r = { l->pieces[i].base,
					   (uint64_t)l->pieces[i].pages * PAGE_SIZE };

			for (uint32_t page = 0; page < PAGES; page++) {
				if (range_has(r, page_address(page))) {
					ASSERT(said[space][page] == MEMORY_STATES);
					said[space][page] = (uint8_t)state;
				}
			}
		}
	}
}

static void say_transaction(const struct transaction *t)
{
	static const enum memory_state lenders[] = { MEMORY_OWNED_SHARED, MEMORY_OWNED_LENT,
						     MEMORY_OWNED_DONATED };
	bool taken = t->kind == TRANSACTION_DONATE && t->holders != 0;
	uint32_t holders = 0;

	ASSERT(t->received <= t->count &&
	       (t->state == TRANSACTION_SENDING || t->received == t->count));
	if (t->state == TRANSACTION_SENDING) {
		ASSERT(t->holders == 0 && !t->orphan);
		return;
	}
	if (!taken) {
		say(space_number(t->lender), t, lenders[t->kind]);
	}
	for (uint32_t i = 0; i < t->borrower_count; i++) {
		const struct borrower *b = &t->borrowers[i];

		ASSERT(b->response <= b->response_size);
		if (b->held == 0) {
			continue;
		}
		holders++;
		if ((b->id & FFA_ID_SECURE) != 0 && !taken) {
			ASSERT(!partition_is_aborted(partition_find(b->id)));
			say(space_number(&partition_find(b->id)->endpoint), t,
			    t->kind == TRANSACTION_SHARE ? MEMORY_BORROWED_SHARED
							 : MEMORY_BORROWED);
		}
	}
	ASSERT(holders == t->holders);
}

/* The state of a page in a space, and that the endpoint may use it if and only if it says so. */
static enum memory_state look(uint32_t space, uint32_t page)
{
	const struct memory_space *s =
		memory_space_of(space == SPS ? &spmc.nwd : &sys.partitions[space].endpoint);
	uint64_t address = page_address(page);
	enum memory_state secure = memory_look(s, address, false, NULL);
	enum memory_state ns = memory_look(s, address, true, NULL);
	enum memory_state state = secure != MEMORY_NONE ? secure : ns;

	ASSERT(secure == MEMORY_NONE || ns == MEMORY_NONE);
	if (space != SPS) {
		const struct space *translation = &sys.partitions[space].space;
		bool may = (space_lookup(translation, ipa_of(address), false) |
			    space_lookup(translation, ipa_of(address), true)) != 0;

		ASSERT(may == (state != MEMORY_NONE && state != MEMORY_OWNED_LENT &&
			       state != MEMORY_OWNED_DONATED));
	}
	return state;
}

static bool is_owner(enum memory_state s)
{
	return s != MEMORY_NONE && s != MEMORY_BORROWED && s != MEMORY_BORROWED_SHARED;
}

void check_memory(void)
{
	uint32_t place = 0;
	struct transaction *t;

	memset(said, MEMORY_STATES, sizeof(said));
	while ((t = transaction_next(&place)) != NULL) {
		say_transaction(t);
		transaction_unlock(t);
	}
	for (uint32_t page = 0; page < PAGES; page++) {
		uint32_t owners = 0;

		for (uint32_t space = 0; space < SPACES; space++) {
			enum memory_state state = look(space, page);

			owners += is_owner(state);
			if (said[space][page] != MEMORY_STATES) {
				ASSERT(state == said[space][page]);
			} else {
				ASSERT(state == MEMORY_NONE || state == MEMORY_OWNED ||
				       state == MEMORY_OWNED_BUFFER);
			}
		}
		ASSERT(owners == 1);
	}
	ASSERT(host_dirty_bytes == 0);
}

/* --- A turn of the loop of src/main.c --------------------------------------------------------- */

static struct vcpu *trap(struct cpu *c, struct vcpu *v)
{
	(void)c;
	return timer_trap(v) ? v : lifecycle_refused(v);
}

static struct vcpu *(*const exit_handler[ARCH_EXIT_COUNT])(struct cpu *c, struct vcpu *v) = {
	[ARCH_EXIT_TRAP] = trap,
	[ARCH_EXIT_NWD] = ffa_call,
	[ARCH_EXIT_CALL] = ffa_call,
	[ARCH_EXIT_IRQ] = preempt_secure,
	[ARCH_EXIT_FIQ] = preempt_other,
	[ARCH_EXIT_FAULT] = lifecycle_fault,
	[ARCH_EXIT_SERROR] = lifecycle_serror,
};

static void cpu_begin(uint32_t cpu)
{
	host_cpu_set(&sys.cpus[cpu].arch);
	gic_set_pmr(machine[cpu].pmr);
}

/* What the CPU told the GIC goes where it belongs; then `next` is entered. */
static void cpu_end(uint32_t cpu, struct vcpu *next)
{
	struct arch_cpu *arch = &sys.cpus[cpu].arch;

	machine[cpu].pmr = gic_pmr();
	ASSERT(gic_fake.sgi_count <= GIC_FAKE_LOG);
	for (uint32_t i = 0; i < gic_fake.sgi_count; i++) {
		const struct gic_fake_sgi *sgi = &gic_fake.sgis[i];

		if (!sgi->secure) {
			ASSERT(sgi->sgi == FFA_SRI_INTID);
			sri_count[cpu]++;
			continue;
		}
		ASSERT(sgi->sgi == GIC_SGI_KICK && sgi->mpidr < CPUS);
		machine[sgi->mpidr].kicked = true;
	}
	gic_fake.sgi_count = 0;
	machine[cpu].running = next;
	if (!vcpu_is_nwd(next)) {
		uint32_t lines = vint_lines(&next->vint);

		arch_vcpu_lines(arch, &next->arch, lines);
	}
	for (uint32_t i = 0; i < CPUS; i++) {
		/* Lines that changed in a vCPU that runs elsewhere: that CPU was kicked, or sees
		 * them when it enters it next. Here it may as well enter it at once. */
		struct vcpu *v = machine[i].running;

		if (i != cpu && v != NULL && !vcpu_is_nwd(v)) {
			uint32_t lines = vint_lines(&v->vint);

			arch_vcpu_lines(&sys.cpus[i].arch, &v->arch, lines);
		}
	}
	check_system();
}

static const char *name_of(const struct vcpu *v)
{
	return vcpu_is_nwd(v) ? "nwd" : v->partition->name;
}

static struct vcpu *turn(uint32_t cpu, enum arch_exit exit)
{
	static const char *const exits[ARCH_EXIT_COUNT] = {
		"traps",           "calls",  "calls",  "secure interrupt",
		"other interrupt", "faults", "SError",
	};
	struct cpu *c = &sys.cpus[cpu];
	struct vcpu *v = running(cpu);
	const uint64_t *x = v->arch.x;
	struct vcpu *next;

	/* Who panics sees how it came to that. */
	log_info("CPU %u: %s (%s) %s %#lx %#lx %#lx %#lx", cpu, name_of(v),
		 runtime_model_name(model_of(v)), exits[exit], x[0], x[1], x[2], x[3]);
	cpu_begin(cpu);
	next = exit_handler[exit](c, v);
	while (!vcpu_is_nwd(v) && next == v && partition_is_aborted(v->partition)) {
		next = lifecycle_abort(v);
	}
	ASSERT(vcpu_is_nwd(next) || !partition_is_aborted(next->partition));
	if (next != v) {
		context_switch(c, v, next);
	}
	log_info("\t%s: %#lx %#lx %#lx %#lx", name_of(next), next->arch.x[0], next->arch.x[1],
		 next->arch.x[2], next->arch.x[3]);
	cpu_end(cpu, next);
	return next;
}

/*
 * For docs/spec-coverage.md: with SPMC_COVERAGE in the environment a test says which answers to
 * which calls it has looked at, as a comment of TAP. scripts/coverage reads these.
 */
static void covers(const struct vcpu *v, const char *what, uint32_t answer)
{
	static const char *const kinds[ENDPOINT_KINDS] = {
		[ENDPOINT_NWD] = "NWD",
		[ENDPOINT_SP_EL1] = "EL1",
		[ENDPOINT_SP_EL0] = "EL0",
	};
	static char last[128];
	static int wanted = -1;
	const struct seen *s = seen_of(v);
	char line[sizeof(last)];

	if (wanted < 0) {
		wanted = getenv("SPMC_COVERAGE") != NULL;
	}
	if (!wanted || ffa_row_of(s->fid) == NULL) {
		return;
	}
	snprintf(line, sizeof(line), "# covers %#x %s 1.%u %s %#x", s->fid,
		 kinds[v->endpoint->kind], s->minor, what, answer);
	if (strcmp(line, last) != 0) {
		puts(line);
		strcpy(last, line);
	}
}

/* All registers of v, which runs on cpu, get new values. */
static void compute(uint32_t cpu, struct vcpu *v)
{
	struct seen *s = seen_of(v);

	for (unsigned int i = 0; i < 31; i++) {
		s->x[i] = v->arch.x[i] = 0xABCD000000000000ul | ++freshness;
	}
	for (unsigned int i = 0; i < HOST_REGS; i++) {
		s->regs[i] = sys.cpus[cpu].arch.regs[i] = ++freshness;
	}
	s->in_call = false;
}

static struct vcpu *make_call(uint32_t cpu, struct vcpu *v, const uint64_t *x, unsigned int count,
			      enum arch_conduit conduit)
{
	struct seen *s = seen_of(v);
	struct vcpu *next;

	ASSERT(v == running(cpu));
	compute(cpu, v);
	memcpy(v->arch.x, x, count * sizeof(x[0]));
	memcpy(s->x, x, count * sizeof(x[0]));
	s->in_call = true;
	s->fid = (uint32_t)x[0] & ~FFA_FID_SVE_HINT;
	s->minor = v->endpoint->version & 0xFFFF;
	sys.cpus[cpu].arch.conduit = conduit;
	next = turn(cpu, vcpu_is_nwd(v) ? ARCH_EXIT_NWD : ARCH_EXIT_CALL);
	if (next != v) {
		covers(v, "leaves", 0);
	}
	return next;
}

static enum arch_conduit conduit_of(const struct vcpu *v, enum arch_conduit conduit)
{
	return !vcpu_is_nwd(v) && v->partition->el0 ? ARCH_SVC : conduit;
}

struct vcpu *call(uint32_t cpu, struct vcpu *v, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3,
		  uint64_t x4, uint64_t x5, uint64_t x6, uint64_t x7)
{
	const uint64_t x[] = { x0, x1, x2, x3, x4, x5, x6, x7 };

	return make_call(cpu, v, x, NUMBER_OF(x), conduit_of(v, ARCH_SMC));
}

struct vcpu *call_18(uint32_t cpu, struct vcpu *v, const uint64_t x[18])
{
	return make_call(cpu, v, x, 18, conduit_of(v, ARCH_SMC));
}

uint64_t hvc(uint32_t cpu, struct vcpu *v, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
	const uint64_t x[] = { x0, x1, x2, x3 };

	(void)make_call(cpu, v, x, NUMBER_OF(x), conduit_of(v, ARCH_HVC));
	return v->arch.x[0];
}

bool interrupt_ns(uint32_t cpu)
{
	struct vcpu *v = running(cpu);

	if (vcpu_is_nwd(v) || machine[cpu].pmr <= GIC_PMR_SECURE_ONLY) {
		return false;
	}
	compute(cpu, v);
	(void)turn(cpu, ARCH_EXIT_FIQ);
	return true;
}

/* --- Timers ---------------------------------------------------------------------------------- */

static uint64_t timer_trapped(uint32_t cpu, struct vcpu *v, const struct arch_timer_access *a)
{
	ASSERT(v == running(cpu));
	compute(cpu, v);
	seen_of(v)->in_call = true; /* x0 gets what is read */
	sys.cpus[cpu].arch.timer = a;
	(void)turn(cpu, ARCH_EXIT_TRAP);
	ASSERT(sys.cpus[cpu].arch.timer == NULL);
	return v->arch.x[0];
}

uint64_t timer_read(uint32_t cpu, struct vcpu *v, enum arch_timer_reg reg)
{
	const struct arch_timer_access a = { .reg = reg };

	return timer_trapped(cpu, v, &a);
}

void timer_write(uint32_t cpu, struct vcpu *v, enum arch_timer_reg reg, uint64_t value)
{
	const struct arch_timer_access a = { .reg = reg, .write = true, .value = value };

	(void)timer_trapped(cpu, v, &a);
}

void timer_start(uint32_t cpu, struct vcpu *v, uint64_t counts)
{
	timer_write(cpu, v, ARCH_TIMER_CVAL, host_timer_now + counts);
	timer_write(cpu, v, ARCH_TIMER_CTL, ARCH_TIMER_ENABLE);
}

void time_pass(uint64_t counts)
{
	host_timer_now += counts;
}

void timer_forget(uint32_t cpu)
{
	sys.cpus[cpu].arch.timer_on = false;
}

static bool timer_due(uint32_t cpu)
{
	const struct arch_cpu *c = &sys.cpus[cpu].arch;

	return c->timer_on && host_timer_now >= c->timer_deadline &&
	       gic_fake_line(GIC_PPI_SEL2_TIMER, cpu)->enabled;
}

/* --- Secure interrupts ----------------------------------------------------------------------- */

void interrupt_raise(uint32_t cpu, uint32_t intid)
{
	struct machine_cpu *m = &machine[cpu];

	if (interrupt_waits(cpu, intid)) {
		return;
	}
	ASSERT(m->waiting_count < NUMBER_OF(m->waiting));
	m->waiting[m->waiting_count++] = intid;
}

bool interrupt_waits(uint32_t cpu, uint32_t intid)
{
	for (uint32_t i = 0; i < machine[cpu].waiting_count; i++) {
		if (machine[cpu].waiting[i] == intid) {
			return true;
		}
	}
	return false;
}

/* The CPU is interrupted, and finds intid when it asks the GIC. */
static bool take(uint32_t cpu, uint32_t intid)
{
	struct vcpu *v = running(cpu);

	if (v == NULL || (!vcpu_is_nwd(v) && machine[cpu].pmr == GIC_PMR_CLOSED)) {
		return false;
	}
	gic_fake.pending = intid;
	if (vcpu_is_nwd(v)) {
		CALL(cpu, v, FFA_INTERRUPT_32);
	} else {
		compute(cpu, v);
		(void)turn(cpu, ARCH_EXIT_IRQ);
	}
	return true;
}

static bool masked(uint32_t cpu)
{
	return running(cpu) == NULL ||
	       (!vcpu_is_nwd(running(cpu)) && machine[cpu].pmr == GIC_PMR_CLOSED);
}

bool interrupt_take_one(uint32_t cpu, uint32_t intid)
{
	struct machine_cpu *m = &machine[cpu];

	if (masked(cpu)) {
		return false;
	}
	for (uint32_t i = 0; i < m->waiting_count; i++) {
		if (m->waiting[i] == intid && gic_fake_line(intid, cpu)->enabled) {
			m->waiting[i] = m->waiting[--m->waiting_count];
			return take(cpu, intid);
		}
	}
	return false;
}

bool interrupt_take(uint32_t cpu)
{
	struct machine_cpu *m = &machine[cpu];

	if (masked(cpu)) {
		return false;
	}
	if (m->kicked) {
		m->kicked = false;
		return take(cpu, GIC_SGI_KICK);
	}
	if (timer_due(cpu)) {
		return take(cpu, GIC_PPI_SEL2_TIMER);
	}
	for (uint32_t i = 0; i < m->waiting_count; i++) {
		if (interrupt_take_one(cpu, m->waiting[i])) {
			return true;
		}
	}
	return false;
}

struct vcpu *fault(uint32_t cpu, bool vector_dead)
{
	struct arch_cpu *c = &sys.cpus[cpu].arch;

	c->fault = (struct arch_fault){ .ipa = 0x1000, .va = 0x1234, .ipa_known = true };
	c->vector_dead = vector_dead;
	compute(cpu, running(cpu));
	return turn(cpu, ARCH_EXIT_FAULT);
}

struct vcpu *not_allowed(uint32_t cpu)
{
	sys.cpus[cpu].arch.timer = NULL;
	compute(cpu, running(cpu));
	return turn(cpu, ARCH_EXIT_TRAP);
}

struct vcpu *fault_at(uint32_t cpu, uint64_t ipa, unsigned int attrs, bool table)
{
	struct arch_cpu *c = &sys.cpus[cpu].arch;

	c->fault = (struct arch_fault){ .ipa = ipa & ~0xffful,
					.va = ipa,
					.ipa_known = true,
					.ns = (attrs & MEM_NS) != 0,
					.write = (attrs & MEM_W) != 0,
					.fetch = (attrs & MEM_X) != 0,
					.table = table };
	c->vector_dead = false;
	compute(cpu, running(cpu));
	return turn(cpu, ARCH_EXIT_FAULT);
}

struct vcpu *serror(uint32_t cpu)
{
	compute(cpu, running(cpu));
	return turn(cpu, ARCH_EXIT_SERROR);
}

void nwd_mask(uint32_t cpu, uint8_t pmr)
{
	ASSERT(running(cpu) == nwd(cpu));
	machine[cpu].nwd_pmr = pmr;
	machine[cpu].pmr = pmr;
}

uint8_t mask_of(uint32_t cpu)
{
	return machine[cpu].pmr;
}

/* --- Answers --------------------------------------------------------------------------------- */

uint32_t got(const struct vcpu *v, unsigned int reg)
{
	if (reg == 0 && vcpu_w(v, 0) != FFA_ERROR_32) {
		covers(v, "answer", vcpu_w(v, 0));
	}
	return vcpu_w(v, reg);
}

bool got_call(const struct vcpu *v, uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3)
{
	const uint64_t expected[8] = { fid, x1, x2, x3 };

	if (memcmp(v->arch.x, expected, sizeof(expected)) != 0) {
		return false;
	}
	if (fid == FFA_ERROR_32) {
		covers(v, "error", (uint32_t)x2);
	} else {
		covers(v, "answer", fid);
	}
	return true;
}

bool got_error(const struct vcpu *v, enum ffa_status status)
{
	return got_call(v, 0x84000060, 0, (uint32_t)status, 0);
}

bool got_success(const struct vcpu *v, uint32_t w2, uint32_t w3)
{
	return got_call(v, 0x84000061, 0, w2, w3);
}

/* --- Setting up ------------------------------------------------------------------------------ */

static void add_region(struct partition *p, uint64_t base, uint64_t size, uint32_t attrs)
{
	p->regions[p->region_count++] = (struct region){
		.range = { base, size },
		.attrs = attrs,
		.name = "memory",
	};
	ASSERT(space_map(&p->space, (struct range){ base, size }, attrs));
}

static void create_partition(enum which which)
{
	static char simd[SPS][CPUS][ARCH_SIMD_SP_BYTES];
	struct partition *p = &sys.partitions[which];
	uint64_t base = SP_MEMORY(which);

	p->id = ids[which];
	strncpy(p->name, names[which], sizeof(p->name) - 1);
	p->ffa_version = FFA_VERSION_1_2;
	p->services[0] = (struct service){
		.uuid = { { which + 1, 0x11, 0x22, 0x33 } },
		.methods = FFA_PROP_DIRECT_RECV | FFA_PROP_DIRECT_SEND,
	};
	p->service_count = 1;
	p->methods = p->services[0].methods;
	p->pm_messages = PM_CPU_OFF;
	p->ns_action = NS_SIGNALED;
	p->other_s_action = OTHER_S_SIGNALED;
	p->entry = base;
	p->secondary_entry = base + 0x1000;
	p->gp_register = 0;
	p->boot_info = base + 0x2000;
	p->memory = (struct range){ base, SP_BYTES };
	p->package_size = SP_PACKAGE_PAGES * PAGE_SIZE;
	p->interrupts[0] = (struct interrupt){ .intid = EDGE(which), .secure = true };
	p->interrupts[1] =
		(struct interrupt){ .intid = LEVEL(which), .secure = true, .level = true };
	p->interrupts[2] = (struct interrupt){ .intid = PPI(which), .secure = true };
	p->interrupt_count = 3;
	p->vcpus = sys.vcpus[which];
	p->vcpu_count = which == MP_A || which == MP_B ? CPUS : 1;
	ASSERT(space_init(&p->space, SPACE_STAGE2, (uint16_t)(which + 1), &spmc.pages));
	add_region(p, base, SP_BYTES - PAGE_SIZE, MEM_R | MEM_W | MEM_X);
	add_region(p, SP_READ_ONLY(which), PAGE_SIZE, MEM_R);
	ASSERT(page_pool_move(&p->pages.pool, &spmc.pages, SP_QUOTA));
	memory_space_init(&p->pages, &p->space);
	for (uint32_t i = 0; i < p->vcpu_count; i++) {
		struct vcpu *v = &p->vcpus[i];

		v->index = (uint16_t)i;
		v->partition = p;
		v->arch.space = &p->space;
		v->arch.simd.regs = simd[which][i];
	}
	sys.order[which] = p;
}

static void create_cpu(uint32_t cpu)
{
	static char simd[CPUS][32 * 256 + 17 * 32];
	struct cpu *c = &sys.cpus[cpu];

	c->index = cpu;
	c->mpidr = cpu;
	c->nwd.index = (uint16_t)cpu;
	arch_vcpu_init_nwd(&c->nwd.arch, simd[cpu]);
	c->nwd.word = vcpu_word(VCPU_OFF, RT_NONE, cpu);
	machine[cpu].pmr = GIC_PMR_OPEN;
	machine[cpu].nwd_pmr = GIC_PMR_OPEN;
}

void system_create(void)
{
	static bool has_memory;

	if (!has_memory) {
		ASSERT(host_memory_add(POOL_MEMORY, POOL_PAGES * PAGE_SIZE));
		ASSERT(host_memory_add(SP_MEMORY(0), SPS * SP_BYTES));
		ASSERT(host_memory_add(NWD_MEMORY, NWD_PAGES * PAGE_SIZE));
		has_memory = true;
	}
	gic_fake_reset();
	host_console_clear();
	memset(&spmc, 0, sizeof(spmc));
	memset(&sys, 0, sizeof(sys));
	memset(machine, 0, sizeof(machine));
	memset(seen, 0, sizeof(seen));
	memset(seen_nwd, 0, sizeof(seen_nwd));
	memset(sri_count, 0, sizeof(sri_count));
	freshness = 0;

	page_pool_add(&spmc.pages, (void *)POOL_MEMORY, POOL_PAGES);
	spmc.id = FFA_ID_SPMC;
	spmc.cpus = sys.cpus;
	spmc.cpu_count = CPUS;
	spmc.partitions = sys.order;
	spmc.partition_count = SPS;
	spmc.by_id = sys.by_id;
	spmc.id_count = SPS;
	spmc.nwd_pages.world = &nwd_world;
	spmc.nwd_pages.world_count = 1;
	ASSERT(page_pool_move(&spmc.nwd_pages.pool, &spmc.pages, NWD_QUOTA) &&
	       memory_world_init(&spmc.nwd_pages, &spmc.nwd_tree, range_last(nwd_world.range) + 1));
	ASSERT(stage1_slots_make(slot_count(spmc.id_count, spmc.cpu_count)));
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		create_cpu(cpu);
	}
	for (enum which which = 0; which < SPS; which++) {
		create_partition(which);
	}
}

/* A test has said that p is at S-EL0: it has another address space then. */
static void make_el0(struct partition *p)
{
	uint16_t number = (uint16_t)(p->space.vttbr >> 48);

	ASSERT(space_init(&p->space, SPACE_EL0, number, &spmc.pages));
	for (uint32_t i = 0; i < p->region_count; i++) {
		const struct region *r = &p->regions[i];

		ASSERT(space_map(&p->space, r->range, partition_rights(p, r)));
	}
	memory_space_init(&p->pages, &p->space);
}

/* As boot/ leaves it. */
static void finish_boot(void)
{
	for (enum which which = 0; which < SPS; which++) {
		struct partition *p = &sys.partitions[which];

		if (p->el0) {
			make_el0(p);
		}
		for (uint32_t i = 0; i < p->vcpu_count; i++) {
			struct vcpu *v = &p->vcpus[i];

			arch_vcpu_reset(&v->arch, p->entry, i);
			vint_reset(&v->vint, p);
			v->word = vcpu_word(i == 0 ? VCPU_CREATED : VCPU_OFF, RT_NONE, i);
		}
	}
	for (enum which which = 0; which < SPS; which++) {
		struct partition *p = &sys.partitions[which];

		ASSERT(p->abort_action != ABORT_RESTART || pristine_keep(p, &spmc.pages));
	}
	ASSERT(interrupt_init() && notification_init());
	interrupt_configure_shared();
	spmc_link();
}

void cpu_start(uint32_t cpu)
{
	struct cpu *c = &sys.cpus[cpu];
	struct vcpu *first;

	ASSERT(running(cpu) == NULL);
	machine[cpu] = (struct machine_cpu){ .pmr = GIC_PMR_OPEN, .nwd_pmr = GIC_PMR_OPEN };
	cpu_begin(cpu);
	interrupt_configure_private(c);
	first = lifecycle_start(c);
	context_switch(c, NULL, first);
	/* Nobody knows what is in registers that were never saved. */
	memcpy(seen_nwd[cpu].regs, c->nwd.arch.regs, sizeof(c->nwd.arch.regs));
	memcpy(seen_nwd[cpu].x, c->nwd.arch.x, sizeof(c->nwd.arch.x));
	seen_nwd[cpu].in_call = true;
	cpu_end(cpu, first);
}

void system_start(void)
{
	finish_boot();
	cpu_start(0);
}

void initialise(uint32_t cpu)
{
	struct vcpu *v = running(cpu);

	for (uint32_t i = 0; i < v->partition->interrupt_count; i++) {
		(void)hvc(cpu, v, HYP_INTERRUPT_ENABLE, v->partition->interrupts[i].intid, 1, 0);
	}
	CALL(cpu, v, FFA_MSG_WAIT_32);
}

static void finish_start(uint32_t cpu)
{
	for (uint32_t calls = 0; running(cpu) != nwd(cpu); calls++) {
		ASSERT(calls < ENOUGH);
		initialise(cpu);
	}
}

void cpu_up(uint32_t cpu)
{
	cpu_start(cpu);
	finish_start(cpu);
}

void cpu_down(uint32_t cpu)
{
	ASSERT(running(cpu) == nwd(cpu));
	machine[cpu].running = NULL;
	machine[cpu].kicked = false;
	machine[cpu].waiting_count = 0;
	sys.cpus[cpu].nwd.word = vcpu_word(VCPU_OFF, RT_NONE, cpu);
}

void system_finish_boot(void)
{
	finish_start(0);
	for (uint32_t cpu = 1; cpu < CPUS; cpu++) {
		cpu_up(cpu);
	}
	host_console_clear(); /* who panics is not interested in that */
}

void system_boot(void)
{
	system_start();
	system_finish_boot();
}

struct vcpu *system_boot_into(enum which which, enum runtime_model model)
{
	struct vcpu *v = sp(which, 0);

	system_start();
	if (model == RT_INIT) {
		while (running(0) != v) {
			initialise(0);
		}
		return v;
	}
	system_finish_boot();
	switch (model) {
	case RT_RUN:
		CALL(0, nwd(0), FFA_RUN_32, FFA_CTX(id_of(which), 0));
		break;
	case RT_DIRECT_REQ:
		CALL(0, nwd(0), FFA_MSG_SEND_DIRECT_REQ_32, id_of(which));
		break;
	default:
		interrupt_raise(0, EDGE(which));
		(void)interrupt_take(0);
		(void)hvc(0, v, HYP_INTERRUPT_GET, 0, 0, 0);
		break;
	}
	ASSERT(running(0) == v && model_of(v) == model);
	return v;
}

void bring_to(enum which which, uint32_t cpu, enum vcpu_state s)
{
	struct vcpu *v = sp(which, cpu);

	if (s == VCPU_OFF || s == VCPU_CREATED) {
		v->word = vcpu_word(s, RT_NONE, cpu);
	} else if (s != VCPU_WAITING) {
		CALL(cpu, nwd(cpu), FFA_RUN_32, FFA_CTX(v->partition->id, v->index));
	}
	switch (s) {
	case VCPU_BLOCKED:
		CALL(cpu, v, FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(v->partition->id, ids[MP_B]));
		break;
	case VCPU_YIELDED:
		CALL(cpu, v, FFA_YIELD_32);
		break;
	case VCPU_PREEMPTED:
		(void)interrupt_ns(cpu);
		break;
	case VCPU_ABORTED:
		(void)serror(cpu);
		break;
	default:
		break;
	}
	ASSERT(state_of(v) == s);
}

int fixture_boot(void **state)
{
	(void)state;
	system_create();
	system_boot();
	return 0;
}

/* --- The end of everything ------------------------------------------------------------------- */

void finish_work(uint32_t cpu)
{
	struct vcpu *v = running(cpu);
	uint32_t ids_back = FFA_IDS(v->partition->id, v->requester);

	do {
		(void)hvc(cpu, v, HYP_INTERRUPT_GET, 0, 0, 0);
		if (running(cpu) != v) {
			return;
		}
	} while (v->arch.x[0] != HYP_NO_INTERRUPT);
	if (v->preempted != NULL && model_of(v) != RT_SEC_INTERRUPT) {
		CALL(cpu, v, FFA_RUN_32);
	} else if (model_of(v) != RT_DIRECT_REQ) {
		CALL(cpu, v, FFA_MSG_WAIT_32);
	} else if (v->request == REQUEST_CPU_OFF) {
		CALL(cpu, v, FFA_MSG_SEND_DIRECT_RESP_32, ids_back,
		     FFA_MSG_FRAMEWORK | FFA_FW_PSCI_RESP, PSCI_SUCCESS);
	} else if (v->request == REQUEST_VM_CREATED || v->request == REQUEST_VM_DESTROYED) {
		CALL(cpu, v, FFA_MSG_SEND_DIRECT_RESP_32, ids_back,
		     FFA_MSG_FRAMEWORK |
			     (v->request == REQUEST_VM_CREATED ? FFA_FW_VM_CREATED_RESP
							       : FFA_FW_VM_DESTROYED_RESP));
	} else {
		CALL(cpu, v,
		     v->request == REQUEST_DIRECT2 ? FFA_MSG_SEND_DIRECT_RESP2_64
						   : FFA_MSG_SEND_DIRECT_RESP_32,
		     ids_back);
	}
}

/*
 * CPU cpu, which the normal world has, sees to v, which was left in the middle of its work. False:
 * somebody else comes first.
 */
static bool resume(uint32_t cpu, struct vcpu *v)
{
	uint32_t context = FFA_CTX(v->partition->id, v->index);
	const struct partition *requester = partition_find(v->requester);

	if (model_of(v) == RT_DIRECT_REQ && requester != NULL && !partition_is_aborted(requester)) {
		struct vcpu *by = partition_vcpu(requester, &sys.cpus[cpu]);

		if (state_of(by) != VCPU_WAITING) {
			return false; /* left in the middle, too */
		}
		CALL(cpu, nwd(cpu), FFA_RUN_32, FFA_CTX(requester->id, by->index));
		ASSERT(running(cpu) == by);
		CALL(cpu, by, FFA_RUN_32, context);
	} else {
		CALL(cpu, nwd(cpu), FFA_RUN_32, context);
	}
	ASSERT(running(cpu) == v);
	return true;
}

static bool left(const struct vcpu *v)
{
	return (state_of(v) == VCPU_YIELDED || state_of(v) == VCPU_PREEMPTED) &&
	       !partition_is_aborted(v->partition);
}

static bool settle_cpu(uint32_t cpu)
{
	bool did = false;

	if (running(cpu) == NULL) {
		return false;
	}
	for (uint32_t turns = 0; interrupt_take(cpu) || running(cpu) != nwd(cpu); turns++) {
		ASSERT(turns < ENOUGH);
		if (running(cpu) != nwd(cpu)) {
			finish_work(cpu);
		}
		did = true;
	}
	for (enum which which = 0; which < SPS; which++) {
		if (left(sp(which, cpu)) && resume(cpu, sp(which, cpu))) {
			return true;
		}
	}
	return did;
}

static void check_rest(const struct vcpu *v)
{
	bool dead = partition_is_aborted(v->partition);

	ASSERT(state_of(v) != VCPU_RUNNING && state_of(v) != VCPU_BLOCKED);
	ASSERT(!left(v));
	ASSERT(state_of(v) != VCPU_WAITING || dead || v->partition->sri_policy != 0 ||
	       running(v->index) == NULL || !vint_takes_cycles((struct vint *)&v->vint));
}

void system_settle(void)
{
	bool did = true;

	for (uint32_t rounds = 0; did; rounds++) {
		ASSERT(rounds < 100);
		did = false;
		for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
			did |= settle_cpu(cpu);
		}
	}
	for (enum which which = 0; which < SPS; which++) {
		for (uint32_t i = 0; i < sys.partitions[which].vcpu_count; i++) {
			check_rest(&sys.vcpus[which][i]);
		}
	}
}

/* --- Nothing has changed ---------------------------------------------------------------------- */

struct snapshot {
	struct system sys;
	struct spmc spmc;
	struct machine_cpu machine[CPUS];
	struct notification_vcpu notified[SPS + 1 + VM_MAX][CPUS];
};

static struct snapshot before;

static void notified_of(struct notification_vcpu *out, const struct notifications *n)
{
	for (uint32_t i = 0; i < n->vcpu_count && i < CPUS; i++) {
		out[i] = n->vcpus[0][i];
	}
}

static void snapshot_of(struct snapshot *s)
{
	memset(s->notified, 0, sizeof(s->notified));
	for (uint32_t i = 0; i < SPS; i++) {
		notified_of(s->notified[i], &sys.partitions[i].endpoint.notifications);
	}
	notified_of(s->notified[SPS], &spmc.nwd.notifications);
	for (uint32_t i = 0; i < VM_MAX; i++) {
		notified_of(s->notified[SPS + 1 + i], &spmc.vms.vms[i].endpoint.notifications);
	}
	s->sys = sys;
	s->spmc = spmc;
	memcpy(s->machine, machine, sizeof(machine));
}

static void forget_lock(struct spinlock *l)
{
	l->next = 0;
	l->serving = 0;
}

/* How many pages there are stays, not which of them come first. */
static void forget_pool(struct page_pool *p)
{
	*p = (struct page_pool){ .free_count = p->free_count };
}

static void forget_space(struct memory_space *s)
{
	forget_lock(&s->lock);
	forget_pool(&s->pool);
}

/* What a call may change though it fails: how often locks were taken, what is in registers. */
static void forget(struct snapshot *s, const struct vcpu *caller)
{
	size_t place = (size_t)((const char *)caller - (const char *)&sys);
	struct vcpu *v = (void *)((char *)&s->sys + place);

	memset(v->arch.x, 0, sizeof(v->arch.x));
	memset(v->arch.regs, 0, sizeof(v->arch.regs)); /* they are in the CPU */
	forget_pool(&s->spmc.pages);
	forget_space(&s->spmc.nwd_pages);
	forget_lock(&s->spmc.nwd.mailbox.lock);
	forget_lock(&s->spmc.nwd.notifications.lock);
	forget_lock(&s->spmc.vms.lock);
	for (uint32_t i = 0; i < VM_MAX; i++) {
		forget_lock(&s->spmc.vms.vms[i].endpoint.notifications.lock);
		forget_lock(&s->spmc.vms.vms[i].endpoint.mailbox.lock);
	}
	s->spmc.nwd.abi &= ~ENDPOINT_LOCKED;
	for (uint32_t i = 0; i < CPUS; i++) {
		memset(&s->sys.cpus[i].arch, 0, sizeof(s->sys.cpus[i].arch));
	}
	for (uint32_t i = 0; i < SPS; i++) {
		forget_space(&s->sys.partitions[i].pages);
		forget_lock(&s->sys.partitions[i].endpoint.mailbox.lock);
		forget_lock(&s->sys.partitions[i].endpoint.notifications.lock);
		s->sys.partitions[i].endpoint.abi &= ~ENDPOINT_LOCKED;
		for (uint32_t k = 0; k < CPUS; k++) {
			forget_lock(&s->sys.vcpus[i][k].vint.lock);
		}
	}
}

void snapshot_take(void)
{
	snapshot_of(&before);
}

bool snapshot_same(const struct vcpu *caller)
{
	static struct snapshot now;

	snapshot_of(&now);
	forget(&now, caller);
	forget(&before, caller);
	if (memcmp(&now, &before, sizeof(now)) != 0) {
		return false;
	}
	if (vcpu_w(caller, 0) == FFA_ERROR_32) {
		covers(caller, "unchanged", vcpu_w(caller, 2));
	}
	return true;
}
