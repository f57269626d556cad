/* SPDX-License-Identifier: BSD-3-Clause */
/* Start and end of partitions (FF-A 1.2 chapters 5 and 8.2; DEN0077A 1.2 aborts). */
#include "arch/gic.h"
#include "core/interrupt.h"
#include "core/memory.h"
#include "core/pristine.h"
#include "core/switch.h"
#include "ffa/call.h"
#include "lib/print.h"

/*
 * x0-x17 as an SP finds them at its first instruction: x4 the core index, its boot information
 * where the manifest wants it (on the boot CPU), all else zero.
 */
static void set_entry(struct vcpu *v, struct cpu *c)
{
	const struct partition *p = v->partition;

	v->arch.x[4] = c->index;
	if (v->index == 0 && p->gp_register >= 0) {
		v->arch.x[p->gp_register] = p->boot_info;
	}
}

/* The next vCPU that has to initialise on c, claimed; NULL when all have. */
static struct vcpu *start_claim(struct cpu *c)
{
	while (c->next < spmc.partition_count) {
		struct partition *p = spmc.partitions[c->next++];
		struct vcpu *v = partition_vcpu(p, c);

		if (partition_is_aborted(p)) {
			continue;
		}
		if (vcpu_word_state(vcpu_peek(v)) == VCPU_OFF && !partition_is_up(p)) {
			/* OFF and pinned: nobody but this CPU looks at it. */
			arch_vcpu_reset(
				&v->arch,
				atomic_load_explicit(&p->secondary_entry, memory_order_relaxed),
				v->index);
			vint_reset(&v->vint, p);
			timer_reset(v);
			v->preempted = NULL;
			v->managed_exit = false;
			v->request = REQUEST_DIRECT;
			atomic_store_explicit(&v->word, vcpu_word(VCPU_CREATED, RT_NONE, c->index),
					      memory_order_relaxed);
		}
		if (vcpu_word_state(vcpu_peek(v)) == VCPU_CREATED &&
		    vcpu_claim(v, vcpu_peek(v), RT_INIT, c->index)) {
			return v;
		}
	}
	return NULL;
}

/*
 * The next vCPU to initialise on c, in boot order, on the normal world's account; when all have,
 * tells the SPMD by FFA_MSG_WAIT and returns the normal world's vCPU, still BLOCKED.
 */
struct vcpu *lifecycle_start_next(struct cpu *c)
{
	struct vcpu *v = start_claim(c);

	if (v == NULL) {
		c->sequence = CPU_NONE;
		answer(&c->nwd, FFA_MSG_WAIT_32, 0, 0, 0);
		return &c->nwd;
	}
	log_debug("%s: vCPU %u starts on CPU %u", v->partition->name, v->index, c->index);
	set_entry(v, c);
	v->caller = &c->nwd;
	v->pmr = v->partition->other_s_action == OTHER_S_QUEUED ? GIC_PMR_CLOSED
								: GIC_PMR_SECURE_ONLY;
	return v;
}

/*
 * Starting is a sequence: SPs that run one after the other on the normal world's account, before
 * it. The normal world's turn (resume_nwd() in cycles.c) takes the next of them each time.
 *
 * What runs first on a CPU that has come up: each SP to its first FFA_MSG_WAIT, then the normal
 * world. Nothing ran before, so that there is nothing to save.
 */
struct vcpu *lifecycle_start(struct cpu *c)
{
	arch_vcpu_init_nwd(&c->nwd.arch, c->nwd.arch.simd.regs); /* nothing of its last life */
	atomic_store_explicit(&c->nwd.word, vcpu_word(VCPU_BLOCKED, RT_NONE, c->index),
			      memory_order_relaxed);
	c->nwd.pmr = gic_pmr();
	c->nwd_interrupted = false;
	timer_restore(c);
	atomic_store(&c->up, true);
	c->sequence = CPU_STARTING;
	c->next = 0;
	return cycles_resume(&c->nwd);
}

/* --- The end --------------------------------------------------------------------------------- */

/*
 * Others of its vCPUs that run on other CPUs leave with their next exit: now. Every CPU is told,
 * whatever the vCPU there seems to do: one that it is just about to enter leaves by it, too.
 */
static void kick_others(const struct vcpu *v)
{
	for (uint32_t i = 0; i < spmc.cpu_count && !partition_is_up(v->partition); i++) {
		if (i != v->index && atomic_load(&spmc.cpus[i].up)) {
			gic_send_secure_sgi(GIC_SGI_KICK, spmc.cpus[i].mpidr);
		}
	}
}

/* Nobody knows p any more, which has ended: it is not found, and nobody waits for its signals. */
static void destroy(struct partition *p)
{
	uint32_t vms = atomic_load_explicit(&spmc.vms.count, memory_order_acquire);

	atomic_fetch_or_explicit(&p->attention, PARTITION_DESTROYED, memory_order_relaxed);
	atomic_store_explicit(&spmc.by_id[p->id - FFA_ID_SPMC - 1], NULL, memory_order_relaxed);
	notification_forget(&spmc.nwd, p->id);
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		notification_forget(&spmc.partitions[i]->endpoint, p->id);
	}
	for (uint32_t i = 0; i < vms; i++) {
		notification_forget(&spmc.vms.vms[i].endpoint, p->id);
	}
}

/* The manifest says that the system cannot go on without it: EL3 is told, and does not return. */
static void propagate(struct vcpu *v)
{
	uint64_t x[18] = { FFA_ABORT_32, 0, (uint32_t)FFA_ABORTED };

	arch_el3_call(&cpu_this()->arch, &v->arch, x);
	log_error("%s: EL3 goes on though it was told by FFA_ABORT (%#lx, %d): the partition stays "
		  "stopped",
		  v->partition->name, x[0], (int)x[2]);
}

/* What the end of a partition with lifecycle-support means. */
static const char *const meanings[] = {
	[ABORT_STOP] = "; it stays stopped",
	[ABORT_DESTROY] = "; it is not known any more",
	[ABORT_RESTART] = "; it is to start anew",
	[ABORT_PROPAGATE] = "; the system is not to go on without it",
};

/* All that v's partition has with others is undone. Once, by the vCPU that ends first. */
static void end(struct vcpu *v)
{
	struct partition *p = v->partition;

	log_error("%s: ends here; its interrupts are off, its callers get ABORTED%s", p->name,
		  p->lifecycle ? meanings[p->abort_action] : "");
	interrupt_silence(p);
	timer_drop(p);
	notification_drop(p);
	memory_endpoint_ended(v, p->id);
	rxtx_drop(&p->endpoint);
	kick_others(v);
	if (p->lifecycle && p->abort_action == ABORT_DESTROY) {
		destroy(p);
	} else if (p->lifecycle && p->abort_action == ABORT_PROPAGATE) {
		propagate(v);
	}
}

/*
 * The partition of v, which is current, ends: its interrupts go off, whoever waits for it learns
 * of it, none of its vCPUs runs again, unless it starts anew. Others of its vCPUs that run on other
 * CPUs leave with their next exit, which the kick brings about at once. Returns who runs.
 */
struct vcpu *lifecycle_abort(struct vcpu *v)
{
	uint32_t before = atomic_fetch_or(&v->partition->attention, PARTITION_ABORTED);

	if ((before & PARTITION_ABORTED) == 0) {
		end(v);
	}
	if (vcpu_model(v) != RT_DIRECT_REQ && v->restart == RESTART_NOT) {
		v->requester = FFA_ID_NWD; /* who may run it should it start anew */
	}
	vcpu_leave(v, VCPU_ABORTED);
	return cycles_resume(cycles_of_dead(v));
}

/* --- Starting anew --------------------------------------------------------------------------- */

/*
 * One that ends again and again is stopped in the end: nobody needs it like that, and a device that
 * it does not understand, say, would keep a CPU busy with it for ever.
 */
#define RESTARTS_IN_A_ROW 4u
#define LIFE_SECONDS 1u /* one that has lived so long begins a new row */

/* May p, which has ended, start anew? Why it may not is told. */
static bool may_restart(struct partition *p)
{
	if (!p->initialised) {
		log_error("%s: has not initialised: it stays stopped", p->name);
		return false;
	}
	if (arch_timer_now() - p->started >= LIFE_SECONDS * arch_timer_frequency()) {
		p->restarts = 0;
	}
	if (p->restarts == RESTARTS_IN_A_ROW) {
		log_error(
			"%s: has ended %u times, each time soon after its start: it stays stopped",
			p->name, RESTARTS_IN_A_ROW + 1);
		return false;
	}
	p->restarts++;
	return true;
}

/* All that p's manifest gives it is its own. Else another endpoint has some of it. */
static bool has_its_memory(const struct partition *p)
{
	for (uint32_t i = 0; i < p->region_count; i++) {
		struct range r = p->regions[i].range;
		bool ns = (p->regions[i].attrs & MEM_NS) != 0;

		for (uint64_t at = 0; at < r.size; at += PAGE_SIZE) {
			if (memory_look(&p->pages, r.base + at, ns, NULL) != MEMORY_OWNED) {
				return false;
			}
		}
	}
	return true;
}

/* An S-EL0 partition may have changed what it may do with its memory: it may what it might. */
static bool give_rights(struct partition *p)
{
	for (uint32_t i = 0; p->el0 && i < p->region_count; i++) {
		const struct region *r = &p->regions[i];

		if ((r->attrs & MEM_DEVICE) == 0 &&
		    !space_protect(&p->space, r->range, (r->attrs & MEM_NS) != 0,
				   partition_rights(p, r) & (MEM_R | MEM_W | MEM_X))) {
			return false;
		}
	}
	return true;
}

/* Its memory, and what others know of it, are as at its first start. Else why not is told. */
static bool renew(struct partition *p)
{
	bool whole;

	spin_lock(&p->pages.lock);
	whole = has_its_memory(p) && give_rights(p);
	spin_unlock(&p->pages.lock);
	if (!whole) {
		log_error("%s: another endpoint has some of its memory: it stays stopped", p->name);
		return false;
	}
	if (!pristine_restore(p) || !rxtx_renew(p)) {
		log_error("%s: no table pages to load it again: it stays stopped", p->name);
		return false;
	}
	space_forget(&p->space);
	interrupt_renew(p);
	notification_renew(p);
	endpoint_renew(&p->endpoint, p->ffa_version);
	atomic_store_explicit(&p->unscheduled, false, memory_order_relaxed);
	p->initialised = false;
	return true;
}

/* v as at its first instruction. Whom it owes an answer, or has preempted, is its caller. */
static void renew_vcpu(struct vcpu *v)
{
	v->restart = v->caller != NULL ? RESTART_OWES : RESTART_PREEMPTS;
	if (v->caller == NULL) {
		v->caller = v->preempted;
	}
	v->preempted = NULL;
	v->managed_exit = false;
	v->request = REQUEST_DIRECT;
	v->log_length = 0;
	atomic_store_explicit(&v->unscheduled, false, memory_order_relaxed);
	vint_clear(&v->vint);
	vint_reset(&v->vint, v->partition);
	timer_reset(v);
}

/*
 * The partition of v has ended, and nobody on this CPU will come back to v. It starts anew if its
 * manifest says so and it can: then v, current still or not, is RUNNING, and initialises under the
 * mask of its call chain before who waits for it goes on. False: nothing has changed for v.
 */
bool lifecycle_restart(struct vcpu *v)
{
	struct partition *p = v->partition;
	struct cpu *c = cpu_this();
	bool current = vcpu_word_state(vcpu_peek(v)) == VCPU_RUNNING;

	if (!p->lifecycle || p->abort_action != ABORT_RESTART || !may_restart(p) || !renew(p)) {
		return false;
	}
	log_warning("%s: starts anew", p->name);
	renew_vcpu(v);
	atomic_store_explicit(&v->word, vcpu_word(VCPU_RUNNING, RT_INIT, c->index),
			      memory_order_relaxed);
	if (current) {
		context_renew(c, v, p->entry);
	} else {
		arch_vcpu_reset(&v->arch, p->entry, v->index);
	}
	set_entry(v, c);
	atomic_fetch_and_explicit(&p->attention, ~PARTITION_ABORTED, memory_order_relaxed);
	return true;
}

/* v has initialised: who has lent it the cycles goes on. Returns who runs. */
struct vcpu *lifecycle_initialised(struct vcpu *v)
{
	enum vcpu_restart restart = v->restart;

	log_debug("%s: vCPU %u has initialised", v->partition->name, v->index);
	if (v->partition->lifecycle) {
		v->partition->initialised = true;
		v->partition->started = arch_timer_now();
	}
	v->restart = RESTART_NOT;
	if (restart == RESTART_OWES) {
		answer_error(v->caller, FFA_ABORTED);
	}
	return cycles_wait(v, v->caller);
}

/* --- Faults ---------------------------------------------------------------------------------- */

/* The region of p that is nearest to addr, and how far away it is; NULL when p has none. */
static const struct region *nearest_region(const struct partition *p, uint64_t addr,
					   uint64_t *distance)
{
	const struct region *nearest = NULL;

	for (uint32_t i = 0; i < p->region_count; i++) {
		struct range r = p->regions[i].range;
		uint64_t d = 0;

		if (addr < r.base) {
			d = r.base - addr;
		} else if (addr > range_last(r)) {
			d = addr - range_last(r);
		}
		if (nearest == NULL || d < *distance) {
			nearest = &p->regions[i];
			*distance = d;
		}
	}
	return nearest;
}

/* An SP that faults on and on must not keep the console, which all CPUs share. */
#define FAULTS_TOLD 16u

static void report_fault(const struct vcpu *v, const struct arch_fault *f)
{
	const struct partition *p = v->partition;
	uint64_t distance = 0;
	const struct region *r = nearest_region(p, f->ipa, &distance);
	uint32_t before = atomic_fetch_add_explicit(&v->partition->faults, 1, memory_order_relaxed);

	if (before >= FAULTS_TOLD) {
		if (before == FAULTS_TOLD) {
			log_warning("%s: further faults are not reported", p->name);
		}
		return;
	}
	log_warning("%s: vCPU %u may not %s %s %#lx (VA %#lx, pc %#lx, ESR %#x)", p->name, v->index,
		    f->fetch ? "execute" : (f->write ? "write" : "read"),
		    p->el0 ? "page" : (f->ns ? "non-secure IPA" : "secure IPA"), f->ipa, f->va,
		    v->arch.pc, f->esr);
	if (r != NULL) {
		log_warning("%s: nearest is its region \"%s\" %#lx-%#lx, %#lx bytes away", p->name,
			    r->name, r->range.base, range_last(r->range), distance);
	}
}

/*
 * v, at S-EL0, has done what it may not, other than an access to memory. Nobody can handle it: it
 * ends.
 */
struct vcpu *lifecycle_refused(struct vcpu *v)
{
	log_error("%s: vCPU %u may not do what it does at pc %#lx (ESR %#lx)", v->partition->name,
		  v->index, v->arch.pc, arch_exit_syndrome());
	return lifecycle_abort(v);
}

/*
 * Whether v may do now what was refused: a block was being taken apart or put together, or somebody
 * has given it the page since. Under the lock, so that nobody is in the middle of that.
 */
static bool may_by_now(struct vcpu *v, const struct arch_fault *f)
{
	struct partition *p = v->partition;
	unsigned int need = f->fetch ? MEM_X : f->write ? MEM_W : MEM_R;
	unsigned int attrs;

	if (!f->table) {
		return false;
	}
	spin_lock(&p->pages.lock);
	attrs = space_lookup(&p->space, ipa_of(f->ipa), f->ns);
	if (p->el0 && attrs == 0) {
		attrs = space_lookup(&p->space, ipa_of(f->ipa), true);
	}
	spin_unlock(&p->pages.lock);
	if (p->el0 && (attrs & MEM_W) != 0) {
		attrs &= ~MEM_X; /* SCTLR_EL2.WXN */
	}
	return (attrs & need) != 0;
}

/*
 * Its address space has refused an access of v: reported, and reflected into v as an abort at its
 * EL1. An SP ends that is at S-EL0, or faults on the way into its own abort vector: it can never
 * handle it.
 */
struct vcpu *lifecycle_fault(struct cpu *c, struct vcpu *v)
{
	struct arch_fault f = arch_vcpu_fault(&v->arch);

	(void)c;
	if (!f.ipa_known) {
		return v; /* its own stage 1 has changed since: it tries again */
	}
	if (may_by_now(v, &f)) {
		return v;
	}
	report_fault(v, &f);
	if (v->partition->el0) {
		return lifecycle_abort(v);
	}
	if (arch_vcpu_vector_dead(&v->arch, &f)) {
		log_error("%s: cannot handle it: its abort vector is where it faulted",
			  v->partition->name);
		return lifecycle_abort(v);
	}
	arch_vcpu_inject_abort(&v->arch, &f);
	return v;
}

/*
 * An SError that an SP has caused, or at least has been hit by. What it did is not known: it ends.
 */
struct vcpu *lifecycle_serror(struct cpu *c, struct vcpu *v)
{
	(void)c;
	log_error("%s: vCPU %u: SError (ESR %#lx)", v->partition->name, v->index,
		  arch_exit_syndrome());
	return lifecycle_abort(v);
}
