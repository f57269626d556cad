/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/interrupt.h"

#include <stddef.h>

#include "arch/gic.h"
#include "core/vint.h"
#include "ffa/ffa.h"
#include "lib/addr.h"
#include "lib/print.h"

#define FIRST_PPI 16u

/* Secure priorities are the upper half of what there is: the NWd can mask none of them. */
#define PRIORITY_SECURE_LAST 0x7Fu
#define PRIORITY_NS 0x80u
#define PRIORITY_KICK 0x40u
#define PRIORITY_TIMER 0x40u
#define PRIORITY_SRI 0xF0u

/* Every interrupt of every partition, by INTID. Made at boot. */
static struct {
	struct interrupt_owner *owners;
	uint32_t count;
} table;

static uint32_t cpu_find(uint64_t mpidr)
{
	for (uint32_t i = 0; i < spmc.cpu_count; i++) {
		if (spmc.cpus[i].mpidr == mpidr) {
			return i;
		}
	}
	return INTERRUPT_NO_HOME;
}

/* --- Boot ------------------------------------------------------------------------------------ */

static bool declares(const struct partition *p, uint32_t intid, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (p->interrupts[i].intid == intid) {
			return true;
		}
	}
	return false;
}

static const struct partition *declared_by_other(const struct partition *p, uint32_t intid)
{
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		const struct partition *other = spmc.partitions[i];

		if (other != p && declares(other, intid, other->interrupt_count)) {
			return other;
		}
	}
	return NULL;
}

static bool check_one(const struct partition *p, uint32_t index, const char *name)
{
	const struct interrupt *irq = &p->interrupts[index];
	const struct partition *other = declared_by_other(p, irq->intid);

	if (irq->intid < FIRST_PPI || (!gic_is_shared(irq->intid) && !gic_is_private(irq->intid))) {
		log_error("%s: /device-regions: interrupts: %u is not allowed: must be a PPI or "
			  "SPI of this GIC",
			  name, irq->intid);
		return false;
	}
	if (irq->intid == GIC_PPI_SEL2_TIMER) {
		log_error("%s: /device-regions: interrupts: %u is not allowed: the SPMC itself has "
			  "that timer",
			  name, irq->intid);
		return false;
	}
	if (declares(p, irq->intid, index)) {
		log_error("%s: /device-regions: interrupts: %u is listed twice: once is allowed",
			  name, irq->intid);
		return false;
	}
	if (other != NULL) {
		log_error("%s: /device-regions: interrupts: %u is not allowed: it belongs to %s",
			  name, irq->intid, other->name);
		return false;
	}
	if (irq->has_target && cpu_find(irq->target) == INTERRUPT_NO_HOME) {
		log_error("%s: /device-regions: interrupts-target: 0x%lx of interrupt %u is not "
			  "allowed: must be the MPIDR of a CPU in the SPMC manifest",
			  name, irq->target, irq->intid);
		return false;
	}
	if (irq->secure && irq->priority > PRIORITY_SECURE_LAST) {
		log_warning("%s: /device-regions: interrupts: priority 0x%x of %u is one of the "
			    "normal world: 0x%x is used instead",
			    name, irq->priority, irq->intid, PRIORITY_SECURE_LAST);
	}
	return true;
}

/*
 * Can p have the interrupts of its manifest, beside the partitions that are in spmc.partitions
 * already? False, with a message that begins with name for each that it cannot have. After
 * gic_cpu_init().
 */
bool interrupt_check(const struct partition *p, const char *name)
{
	bool good = true;

	for (uint32_t i = 0; i < p->interrupt_count; i++) {
		good = check_one(p, i, name) && good;
	}
	return good;
}

/* Keeps the table in order. */
static void insert(const struct interrupt_owner *o)
{
	uint32_t i = table.count;

	for (; i > 0 && table.owners[i - 1].intid > o->intid; i--) {
		table.owners[i] = table.owners[i - 1];
	}
	table.owners[i] = *o;
	table.count++;
}

/* The CPU that the manifest names, if it does. */
static uint32_t home_described(const struct interrupt *irq)
{
	return irq->has_target ? cpu_find(irq->target) : INTERRUPT_NO_HOME;
}

static void insert_all(struct partition *p)
{
	for (uint32_t i = 0; i < p->interrupt_count; i++) {
		const struct interrupt *irq = &p->interrupts[i];

		insert(&(struct interrupt_owner){
			.intid = irq->intid,
			.p = p,
			.slot = vint_slot(p, irq->intid),
			.described = irq,
			.secure = irq->secure,
			.home = home_described(irq),
		});
	}
}

/*
 * Makes the table of owners from spmc.partitions, each of which has passed interrupt_check(), with
 * pages of spmc.pages. False, with a message, when there are not enough.
 */
bool interrupt_init(void)
{
	size_t bytes = 0;

	table.owners = NULL;
	table.count = 0;
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		bytes += spmc.partitions[i]->interrupt_count * sizeof(struct interrupt_owner);
	}
	if (bytes == 0) {
		return true;
	}
	table.owners = page_pool_get_run(&spmc.pages, page_align_up(bytes) / PAGE_SIZE);
	if (table.owners == NULL) {
		log_error("working memory is too small: 0x%lx more bytes in one piece are needed "
			  "for the interrupts of the partitions",
			  page_align_up(bytes));
		return false;
	}
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		insert_all(spmc.partitions[i]);
	}
	return true;
}

/* --- At the GIC ------------------------------------------------------------------------------ */

/* The CPU whose physical interrupt it is when c asks. For an SPI: the one it is routed to. */
static uint32_t home_of(const struct interrupt_owner *o, const struct cpu *c)
{
	return gic_is_private(o->intid) && !partition_is_up(o->p) ? c->index : o->home;
}

/* The vint that says whether the interrupt is enabled and held. */
static struct vint *home_vint(const struct interrupt_owner *o, uint32_t home)
{
	return &partition_vcpu(o->p, &spmc.cpus[home])->vint;
}

/* Group, trigger and priority, as the manifest says and `secure` demands; off after it. */
static void configure(const struct interrupt_owner *o, uint32_t cpu)
{
	uint8_t priority = o->described->priority;

	if (!o->secure) {
		priority = (uint8_t)(PRIORITY_NS | priority >> 1);
	} else if (priority > PRIORITY_SECURE_LAST) {
		priority = PRIORITY_SECURE_LAST;
	}
	gic_configure(o->intid, cpu, o->secure, o->described->level, priority);
}

/* Brings the GIC into step. A non-secure interrupt is the normal world's to enable. */
static void apply(const struct interrupt_owner *o, uint32_t home)
{
	if (o->secure && home != INTERRUPT_NO_HOME) {
		gic_enable(o->intid, home,
			   vint_open(home_vint(o, home), o->slot) && !partition_is_aborted(o->p));
	}
}

/* SPIs as the manifests describe them, all disabled. Once, after interrupt_init(). */
void interrupt_configure_shared(void)
{
	for (uint32_t i = 0; i < table.count; i++) {
		struct interrupt_owner *o = &table.owners[i];

		if (gic_is_shared(o->intid)) {
			configure(o, 0);
			if (o->home != INTERRUPT_NO_HOME) {
				gic_route(o->intid, spmc.cpus[o->home].mpidr);
			}
		}
	}
}

/*
 * PPIs of CPU c, S-EL2's timer among them, and the SGIs between CPUs and to the normal world. Each
 * time c comes up, on c, after gic_cpu_init(). The vCPUs that start with c have none of them
 * enabled.
 */
void interrupt_configure_private(const struct cpu *c)
{
	gic_configure(GIC_SGI_KICK, c->index, true, false, PRIORITY_KICK);
	gic_enable(GIC_SGI_KICK, c->index, true);
	gic_configure(GIC_PPI_SEL2_TIMER, c->index, true, true, PRIORITY_TIMER);
	gic_enable(GIC_PPI_SEL2_TIMER, c->index, true);
	gic_configure(FFA_SRI_INTID, c->index, false, false, PRIORITY_SRI);
	for (uint32_t i = 0; i < table.count; i++) {
		struct interrupt_owner *o = &table.owners[i];

		if (!gic_is_private(o->intid)) {
			continue;
		}
		spin_lock(&o->lock);
		configure(o, c->index);
		if (partition_is_up(o->p) && o->home == c->index) {
			apply(o, o->home);
		}
		spin_unlock(&o->lock);
	}
}

/* --- An interrupt comes ---------------------------------------------------------------------- */

/* Whose intid is; NULL: nobody's. */
struct interrupt_owner *interrupt_find(uint32_t intid)
{
	uint32_t low = 0;
	uint32_t high = table.count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (table.owners[middle].intid == intid) {
			return &table.owners[middle];
		}
		if (table.owners[middle].intid < intid) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return NULL;
}

/*
 * Physical interrupt intid was acknowledged on CPU c: pends it in its owner's vCPU for c, which is
 * returned, and masks it there if its device may still raise it. NULL when nobody is there to take
 * it: then it is masked for good, so it is reported once.
 */
struct vcpu *interrupt_pend(uint32_t intid, const struct cpu *c)
{
	struct interrupt_owner *o = interrupt_find(intid);
	struct vcpu *v;
	uint32_t home;

	if (o == NULL || partition_is_aborted(o->p)) {
		log_warning("interrupt %u on CPU %u belongs to no partition that runs: disabled",
			    intid, c->index);
		gic_enable(intid, c->index, false);
		return NULL;
	}
	v = partition_vcpu(o->p, c);
	if (!o->described->level) {
		vint_pend(&v->vint, o->slot);
		return v;
	}
	spin_lock(&o->lock);
	home = home_of(o, c);
	vint_hold(home_vint(o, home), o->slot, true);
	apply(o, home);
	vint_pend(&v->vint, o->slot);
	spin_unlock(&o->lock);
	return v;
}

/* p has been marked as aborted: what it owns is off, on all CPUs, and stays so. */
void interrupt_silence(const struct partition *p)
{
	for (uint32_t i = 0; i < table.count; i++) {
		struct interrupt_owner *o = &table.owners[i];
		uint32_t cpus = gic_is_private(o->intid) ? spmc.cpu_count : 1;

		if (o->p != p) {
			continue;
		}
		spin_lock(&o->lock);
		for (uint32_t cpu = 0; o->secure && cpu < cpus; cpu++) {
			gic_enable(o->intid, cpu, false);
		}
		spin_unlock(&o->lock);
	}
}

/* p, which has been silenced, starts anew: its interrupts are as the manifest says, all off. */
void interrupt_renew(const struct partition *p)
{
	for (uint32_t i = 0; i < table.count; i++) {
		struct interrupt_owner *o = &table.owners[i];
		uint32_t cpus = gic_is_private(o->intid) ? spmc.cpu_count : 1;

		if (o->p != p) {
			continue;
		}
		spin_lock(&o->lock);
		o->secure = o->described->secure;
		o->home = home_described(o->described);
		for (uint32_t cpu = 0; cpu < cpus; cpu++) {
			configure(o, cpu);
		}
		if (gic_is_shared(o->intid) && o->home != INTERRUPT_NO_HOME) {
			gic_route(o->intid, spmc.cpus[o->home].mpidr);
		}
		spin_unlock(&o->lock);
	}
}

/* --- What an SP asks for --------------------------------------------------------------------- */

static struct cpu *cpu_of(const struct vcpu *v)
{
	return &spmc.cpus[vcpu_word_cpu(vcpu_peek(v))];
}

static struct interrupt_owner *owned(const struct vcpu *v, uint32_t intid)
{
	struct interrupt_owner *o = interrupt_find(intid);

	return o != NULL && o->p == v->partition ? o : NULL;
}

static bool set_virtual(struct vint *v, int slot, bool enable, enum interrupt_pin pin)
{
	if (pin != INTERRUPT_PIN_KEEP) {
		vint_set_pin(v, slot, pin == INTERRUPT_PIN_FIQ);
	}
	return vint_enable(v, slot, enable);
}

/*
 * Who asks first for an interrupt that the manifest gives no target: a UP partition gets it here,
 * an MP one on the boot CPU, whose vCPU is the one that always runs; here if that has gone off.
 */
static void choose_home(struct interrupt_owner *o, const struct cpu *c)
{
	o->home = partition_is_up(o->p) || !atomic_load(&spmc.cpus[0].up) ? c->index : 0;
	gic_route(o->intid, spmc.cpus[o->home].mpidr);
}

/*
 * Enables or disables an interrupt of v's manifest, at its home, or a virtual one for v itself; the
 * pin first, if it is to change. If another CPU's vCPU has a line up by it, that CPU is told.
 */
bool interrupt_enable(struct vcpu *v, uint32_t intid, bool enable, enum interrupt_pin pin)
{
	const struct cpu *c = cpu_of(v);
	int slot = vint_slot(v->partition, intid);
	struct interrupt_owner *o = owned(v, intid);
	uint32_t home;

	if (slot == VINT_NO_SLOT) {
		return false;
	}
	if (o == NULL) {
		set_virtual(&v->vint, slot, enable, pin);
		return true;
	}
	spin_lock(&o->lock);
	if (home_of(o, c) == INTERRUPT_NO_HOME) {
		choose_home(o, c);
	}
	home = home_of(o, c);
	if (set_virtual(home_vint(o, home), slot, enable, pin) && home != c->index) {
		gic_send_secure_sgi(GIC_SGI_KICK, spmc.cpus[home].mpidr);
	}
	apply(o, home);
	spin_unlock(&o->lock);
	return true;
}

/* v is done with a level interrupt: it may fire again, if it is enabled. Others need nothing. */
bool interrupt_deactivate(struct vcpu *v, uint32_t intid)
{
	struct interrupt_owner *o = owned(v, intid);
	uint32_t home;

	if (o == NULL) {
		return vint_slot(v->partition, intid) != VINT_NO_SLOT;
	}
	if (!o->described->level) {
		return true;
	}
	spin_lock(&o->lock);
	home = home_of(o, cpu_of(v));
	if (home != INTERRUPT_NO_HOME) {
		vint_hold(home_vint(o, home), o->slot, false);
		apply(o, home);
	}
	spin_unlock(&o->lock);
	return true;
}

/*
 * An SPI goes to `cpu` from now on; for the vCPU there it is then as it was for the old one. Its
 * owner is locked.
 */
static void move_home(struct interrupt_owner *o, uint32_t cpu)
{
	if (!partition_is_up(o->p) && o->home != INTERRUPT_NO_HOME && o->home != cpu) {
		vint_copy(home_vint(o, cpu), home_vint(o, o->home), o->slot);
		if (vint_lines(home_vint(o, cpu)) != 0) {
			/* One that was pending there has become enabled by it. */
			gic_send_secure_sgi(GIC_SGI_KICK, spmc.cpus[cpu].mpidr);
		}
	}
	o->home = cpu;
	gic_route(o->intid, spmc.cpus[cpu].mpidr);
}

/*
 * Sends an SPI to another CPU. Of an MP partition, it is then as enabled in the vCPU there as it
 * was in the old one; what is pending in the old one stays there. A UP partition gets interrupts
 * only where it runs.
 */
bool interrupt_set_home(struct vcpu *v, uint32_t intid, uint32_t cpu)
{
	struct interrupt_owner *o = owned(v, intid);

	if (o == NULL || !gic_is_shared(intid) || cpu >= spmc.cpu_count ||
	    (partition_is_up(v->partition) && cpu != cpu_of(v)->index)) {
		return false;
	}
	spin_lock(&o->lock);
	move_home(o, cpu);
	spin_unlock(&o->lock);
	return true;
}

/*
 * The vCPU that has an SPI ends with its CPU, `from`. What it has not seen is pending where the SPI
 * goes; one that it was handling, which nobody will deactivate, may come again.
 */
static void leave_home(struct interrupt_owner *o, const struct cpu *from, const struct cpu *to)
{
	struct vint *old = home_vint(o, from->index);
	bool pending = vint_pending(old, o->slot);

	if (!pending) {
		vint_hold(old, o->slot, false);
	}
	if (to == NULL) {
		apply(o, from->index);
		return;
	}
	if (pending) {
		vint_withdraw(old, o->slot);
		vint_pend(home_vint(o, to->index), o->slot);
	}
	move_home(o, to->index);
	apply(o, to->index);
}

/*
 * CPU `from` goes off: the SPIs that it gets come to CPU `to` from now on, which is to be kicked.
 * NULL: they wait for the next that comes up there.
 */
void interrupt_leave_cpu(const struct cpu *from, const struct cpu *to)
{
	for (uint32_t i = 0; i < table.count; i++) {
		struct interrupt_owner *o = &table.owners[i];

		spin_lock(&o->lock);
		if (gic_is_shared(o->intid) && o->home == from->index) {
			if (!partition_is_up(o->p)) {
				leave_home(o, from, to);
			} else if (to != NULL) {
				move_home(o, to->index);
			}
		}
		spin_unlock(&o->lock);
	}
}

/*
 * Gives an interrupt to the normal world, or takes it back. A PPI changes on all CPUs. It is then
 * on for us as it was before; for the normal world it is off until that enables it.
 */
bool interrupt_set_secure(struct vcpu *v, uint32_t intid, bool secure)
{
	struct interrupt_owner *o = owned(v, intid);
	uint32_t cpus = gic_is_private(intid) ? spmc.cpu_count : 1;

	if (o == NULL) {
		return false;
	}
	spin_lock(&o->lock);
	o->secure = secure;
	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		configure(o, cpu);
		apply(o, home_of(o, &spmc.cpus[cpu]));
	}
	spin_unlock(&o->lock);
	return true;
}
