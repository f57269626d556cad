/* SPDX-License-Identifier: BSD-3-Clause */
/* Start and end of partitions (FF-A 1.2 chapters 5 and 8.2; DEN0077A 1.2 aborts). */
#include "arch/gic.h"
#include "core/interrupt.h"
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

/*
 * The partition of v, which is current, ends: its interrupts go off, whoever waits for it learns
 * of it, none of its vCPUs runs again. Others of its vCPUs that run on other CPUs leave with their
 * next exit, which the kick brings about at once. Returns who runs.
 */
struct vcpu *lifecycle_abort(struct vcpu *v)
{
	struct partition *p = v->partition;

	if ((atomic_fetch_or_explicit(&p->attention, PARTITION_ABORTED, memory_order_relaxed) &
	     PARTITION_ABORTED) == 0) {
		log_error("%s: ends here; its interrupts are off, its callers get ABORTED",
			  p->name);
		interrupt_silence(p);
		timer_drop(p);
		notification_drop(p);
		memory_endpoint_ended(v, p->id);
		rxtx_drop(&p->endpoint);
		for (uint32_t i = 0; i < spmc.cpu_count && !partition_is_up(p); i++) {
			if (vcpu_word_state(vcpu_peek(&p->vcpus[i])) == VCPU_RUNNING &&
			    &p->vcpus[i] != v) {
				gic_send_secure_sgi(GIC_SGI_KICK, spmc.cpus[i].mpidr);
			}
		}
	}
	vcpu_leave(v, VCPU_ABORTED);
	return cycles_resume(cycles_of_dead(v));
}

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

/* v, at S-EL0, has done what it may not, other than an access to memory. Nobody can handle it: it ends. */
struct vcpu *lifecycle_refused(struct vcpu *v)
{
	log_error("%s: vCPU %u may not do what it does at pc %#lx (ESR %#lx)", v->partition->name,
		  v->index, v->arch.pc, arch_exit_syndrome());
	return lifecycle_abort(v);
}

/*
 * Whether v may do now what was refused: a block was being taken apart or put together, or somebody has
 * given it the page since. Under the lock, so that nobody is in the middle of that.
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
	if (arch_vcpu_vector_dead(&v->arch)) {
		log_error("%s: cannot handle it: its abort vector is where it faulted",
			  v->partition->name);
		return lifecycle_abort(v);
	}
	arch_vcpu_inject_abort(&v->arch, &f);
	return v;
}

/* An SError that an SP has caused, or at least has been hit by. What it did is not known: it ends. */
struct vcpu *lifecycle_serror(struct cpu *c, struct vcpu *v)
{
	(void)c;
	log_error("%s: vCPU %u: SError (ESR %#lx)", v->partition->name, v->index,
		  arch_exit_syndrome());
	return lifecycle_abort(v);
}
