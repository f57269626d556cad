/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Notifications (FF-A 1.2 chapters 10 and 16): who may bind, set and get them, and what the
 * scheduler of the normal world is told.
 *
 * Receivers are SPs whose manifest says so, and VMs for whom the normal world has made a bitmap.
 * Each has a lock of its own; none is held while another one's is taken.
 */
#include <string.h>

#include "arch/gic.h"
#include "core/vm.h"
#include "ffa/call.h"

#define SET_MBZ 0x0000FFFCu
#define GET_FRAMEWORK (FFA_NOTIFICATION_FROM_SPM | FFA_NOTIFICATION_FROM_HYPERVISOR)
#define GET_OF_SP (FFA_NOTIFICATION_FROM_SPS | FFA_NOTIFICATION_FROM_VMS | GET_FRAMEWORK)
#define GET_OF_VM (FFA_NOTIFICATION_FROM_SPS | FFA_NOTIFICATION_FROM_SPM)

static bool is_vm(uint16_t id)
{
	return (id & FFA_ID_SECURE) == 0;
}

static enum notification_from world_of(uint16_t sender)
{
	return is_vm(sender) ? NOTIFICATION_FROM_VMS : NOTIFICATION_FROM_SPS;
}

/* The bitmap in two registers, the lower half first. */
static uint64_t bitmap(const struct vcpu *v, unsigned int reg)
{
	return vcpu_w(v, reg) | (uint64_t)vcpu_w(v, reg + 1) << 32;
}

/* With n locked: does e, found by that id, receive notifications? A VM may have gone meanwhile. */
static bool receives(const struct endpoint *e, uint16_t id)
{
	return e->notifications.enabled && e->id == id;
}

/* Asks the normal world to schedule receivers: at once, or when it gets this CPU back. */
static void raise_sri(bool delayed)
{
	if (delayed) {
		cpu_this()->sri_delayed = true;
	} else {
		gic_send_nwd_sgi(FFA_SRI_INTID);
	}
}

/* --- Bitmaps of VMs -------------------------------------------------------------------------- */

/* Pages for the vCPUs of a VM into n; false, and none is taken, when there are too few. */
static bool bitmap_pages(struct notifications *n, uint32_t vcpu_count)
{
	uint32_t pages = (vcpu_count + NOTIFICATION_CHUNK - 1) / NOTIFICATION_CHUNK;

	if (page_pool_count(&spmc.pages) < pages + VM_PAGES_LEFT) {
		return false;
	}
	for (uint32_t i = 0; i < pages; i++) {
		n->vcpus[i] = page_pool_get(&spmc.pages);
		if (n->vcpus[i] == NULL) {
			while (i-- > 0) {
				page_pool_put(&spmc.pages, n->vcpus[i]);
				n->vcpus[i] = NULL;
			}
			return false;
		}
	}
	return true;
}

/* The table of VMs is locked. */
static enum ffa_status bitmap_create(uint16_t id, uint32_t vcpu_count)
{
	struct endpoint *e = vm_find(id);
	struct notifications *n;

	if (e != NULL && e->notifications.enabled) {
		return FFA_DENIED;
	}
	if (vcpu_count > NOTIFICATION_MAX_VCPUS) {
		return FFA_NO_MEMORY;
	}
	e = vm_use(id, VM_NOTIFICATIONS);
	if (e == NULL) {
		return FFA_NO_MEMORY;
	}
	n = &e->notifications;
	if (!bitmap_pages(n, vcpu_count)) {
		vm_unuse(e, VM_NOTIFICATIONS);
		return FFA_NO_MEMORY;
	}
	spin_lock(&n->lock);
	n->vcpu_count = vcpu_count;
	n->enabled = true;
	spin_unlock(&n->lock);
	return FFA_OK;
}

/*
 * FFA_NOTIFICATION_BITMAP_CREATE: w1[15:0] = VM id, w2 = its vCPUs. That VM may be notified from
 * now on. The normal world itself (0) has at least a vCPU for each of our CPUs, whatever it says.
 * INVALID_PARAMETERS: not a VM, no vCPUs; DENIED: it has one; NO_MEMORY: too many VMs or vCPUs.
 */
struct vcpu *ffa_notification_bitmap_create(struct vcpu *caller)
{
	uint16_t id = (uint16_t)vcpu_w(caller, 1);
	uint32_t vcpu_count = vcpu_w(caller, 2);
	enum ffa_status status;

	if (!is_vm(id) || vcpu_count == 0) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	if (id == FFA_ID_NWD && vcpu_count < spmc.cpu_count) {
		vcpu_count = spmc.cpu_count;
	}
	spin_lock(&spmc.vms.lock);
	status = bitmap_create(id, vcpu_count);
	spin_unlock(&spmc.vms.lock);
	return answer_status(caller, status);
}

static bool any_pending(struct notifications *n)
{
	return n->global[NOTIFICATION_FRAMEWORK].pending != 0 ||
	       notification_any_pending(n, NOTIFICATION_FROM_SPS, UINT64_MAX);
}

/* The table of VMs is locked. */
static enum ffa_status bitmap_destroy(uint16_t id)
{
	struct endpoint *e = vm_find(id);
	struct notifications *n;

	if (e == NULL || !e->notifications.enabled) {
		return FFA_DENIED;
	}
	n = &e->notifications;
	spin_lock(&n->lock);
	if (any_pending(n)) {
		spin_unlock(&n->lock);
		return FFA_DENIED;
	}
	for (uint32_t i = 0; i < NOTIFICATION_CHUNKS; i++) {
		if (n->vcpus[i] != NULL) {
			page_pool_put(&spmc.pages, n->vcpus[i]);
			n->vcpus[i] = NULL;
		}
	}
	memset(n->bindings, 0, sizeof(n->bindings));
	n->vcpu_count = 0;
	n->enabled = false;
	spin_unlock(&n->lock);
	vm_unuse(e, VM_NOTIFICATIONS);
	return FFA_OK;
}

/*
 * FFA_NOTIFICATION_BITMAP_DESTROY: w1[15:0] = VM id. Nobody may notify it any more; what was bound
 * is not. INVALID_PARAMETERS: not a VM; DENIED: it has no bitmap, or something is pending in it.
 */
struct vcpu *ffa_notification_bitmap_destroy(struct vcpu *caller)
{
	uint16_t id = (uint16_t)vcpu_w(caller, 1);
	enum ffa_status status;

	if (!is_vm(id)) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	spin_lock(&spmc.vms.lock);
	status = bitmap_destroy(id);
	spin_unlock(&spmc.vms.lock);
	return answer_status(caller, status);
}

/* --- Bindings -------------------------------------------------------------------------------- */

struct binding {
	uint16_t sender, receiver;
	enum notification_from from;
	uint64_t bits;
	struct endpoint *e; /* the receiver's */
};

/* What BIND and UNBIND have in common, from w1, w3 and w4. */
static enum ffa_status binding_check(const struct vcpu *caller, struct binding *b)
{
	bool nwd = vcpu_is_nwd(caller);

	b->sender = FFA_IDS_SENDER(vcpu_w(caller, 1));
	b->receiver = FFA_IDS_RECEIVER(vcpu_w(caller, 1));
	b->from = world_of(b->sender);
	b->bits = bitmap(caller, 3);
	if (b->sender == b->receiver || b->bits == 0 ||
	    (nwd ? is_vm(b->sender) || !is_vm(b->receiver) : b->receiver != caller->endpoint->id)) {
		return FFA_INVALID_PARAMETERS;
	}
	b->e = endpoint_find(b->receiver);
	return b->e != NULL ? FFA_OK : FFA_INVALID_PARAMETERS;
}

/* The receiver is locked. */
static enum ffa_status binding_parties_check(const struct binding *b)
{
	if (!receives(b->e, b->receiver)) {
		return FFA_NOT_SUPPORTED;
	}
	return is_vm(b->sender) || partition_find(b->sender) != NULL ? FFA_OK
								     : FFA_INVALID_PARAMETERS;
}

/*
 * FFA_NOTIFICATION_BIND: w1 = sender and receiver, w2[0] = per-vCPU, w3, w4 = bitmap. The sender
 * may set these notifications of the receiver, which is the caller or a VM. INVALID_PARAMETERS:
 * flags, ids, no bits, no such receiver or sender; NOT_SUPPORTED: the receiver may not be notified;
 * DENIED: one of them is bound already. None is bound then.
 */
struct vcpu *ffa_notification_bind(struct vcpu *caller)
{
	uint32_t flags = vcpu_w(caller, 2);
	struct binding b;
	enum ffa_status status;
	struct notifications *n;

	if ((flags & ~FFA_NOTIFICATION_PER_VCPU) != 0 || binding_check(caller, &b) != FFA_OK) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	n = &b.e->notifications;
	spin_lock(&n->lock);
	status = binding_parties_check(&b);
	if (status == FFA_OK && (n->bindings[b.from].bound & b.bits) != 0) {
		status = FFA_DENIED; /* among them what is pending: it is bound */
	}
	if (status == FFA_OK) {
		notification_bind(n, b.from, b.bits, b.sender,
				  (flags & FFA_NOTIFICATION_PER_VCPU) != 0);
	}
	spin_unlock(&n->lock);
	return answer_status(caller, status);
}

/*
 * FFA_NOTIFICATION_UNBIND: w1 = sender and receiver, w2 = 0, w3, w4 = bitmap. The inverse.
 * INVALID_PARAMETERS and NOT_SUPPORTED as in BIND; DENIED: one of them is not bound to that sender,
 * or is pending. All stay bound then.
 */
struct vcpu *ffa_notification_unbind(struct vcpu *caller)
{
	struct binding b;
	enum ffa_status status;
	struct notifications *n;

	if (vcpu_w(caller, 2) != 0 || binding_check(caller, &b) != FFA_OK) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	n = &b.e->notifications;
	spin_lock(&n->lock);
	status = binding_parties_check(&b);
	if (status == FFA_OK && (!notification_all_bound(n, b.from, b.bits, b.sender) ||
				 notification_any_pending(n, b.from, b.bits))) {
		status = FFA_DENIED;
	}
	if (status == FFA_OK) {
		notification_unbind(n, b.from, b.bits);
	}
	spin_unlock(&n->lock);
	return answer_status(caller, status);
}

/* --- Set ------------------------------------------------------------------------------------- */

struct signal {
	uint16_t sender, receiver;
	enum notification_from from;
	bool per_vcpu, delay_sri;
	uint32_t vcpu;
	uint64_t bits;
	struct endpoint *e; /* the receiver's */
};

/* FFA_NOTIFICATION_SET, as far as it is right without a look at the receiver. */
static bool signal_check(const struct vcpu *caller, struct signal *s)
{
	uint32_t flags = vcpu_w(caller, 2);
	bool nwd = vcpu_is_nwd(caller);

	s->sender = FFA_IDS_SENDER(vcpu_w(caller, 1));
	s->receiver = FFA_IDS_RECEIVER(vcpu_w(caller, 1));
	s->from = world_of(s->sender);
	s->per_vcpu = (flags & FFA_NOTIFICATION_PER_VCPU) != 0;
	s->delay_sri = (flags & FFA_NOTIFICATION_DELAY_SRI) != 0;
	s->vcpu = flags >> 16;
	s->bits = bitmap(caller, 3);
	if ((flags & SET_MBZ) != 0 || (!s->per_vcpu && s->vcpu != 0) || s->bits == 0 ||
	    s->sender == s->receiver) {
		return false;
	}
	if (nwd ? !is_vm(s->sender) || is_vm(s->receiver) || s->delay_sri
		: s->sender != caller->endpoint->id) {
		return false;
	}
	s->e = endpoint_find(s->receiver);
	return s->e != NULL;
}

/* The receiver is locked. */
static enum ffa_status signal_receiver_check(const struct signal *s)
{
	const struct notifications *n = &s->e->notifications;
	uint64_t per_vcpu;

	if (!receives(s->e, s->receiver) || s->e->version < FFA_VERSION_1_1) {
		return FFA_DENIED;
	}
	if (s->vcpu >= n->vcpu_count) {
		return FFA_INVALID_PARAMETERS;
	}
	if (!notification_all_bound(n, s->from, s->bits, s->sender)) {
		return FFA_DENIED;
	}
	per_vcpu = n->bindings[s->from].per_vcpu & s->bits;
	return per_vcpu == (s->per_vcpu ? s->bits : 0) ? FFA_OK : FFA_INVALID_PARAMETERS;
}

/*
 * FFA_NOTIFICATION_SET: w1 = sender and receiver, w2[0] = per-vCPU, w2[1] = the schedule receiver
 * interrupt can wait until the normal world gets this CPU, w2[31:16] = the vCPU, w3, w4 = bitmap.
 * They are pending. INVALID_PARAMETERS: flags, ids, no bits, no such receiver or vCPU, or bound as
 * the other kind; DENIED: the receiver may not be notified, or one is not bound to the sender. None
 * is pending by it then.
 */
struct vcpu *ffa_notification_set(struct vcpu *caller)
{
	struct signal s;
	enum ffa_status status;

	if (!signal_check(caller, &s)) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	spin_lock(&s.e->notifications.lock);
	status = signal_receiver_check(&s);
	if (status == FFA_OK) {
		notification_pend(s.e, s.from, s.bits, s.per_vcpu ? s.vcpu : NOTIFICATION_GLOBAL);
	}
	spin_unlock(&s.e->notifications.lock);
	if (status == FFA_OK) {
		raise_sri(s.delay_sri);
	}
	return answer_status(caller, status);
}

/*
 * The RX buffer of e, an SP or VM, is full: a message from an SP, or from a VM. Its framework
 * notification is pending, if it may be notified; the schedule receiver interrupt as in SET.
 */
void notification_rx_full(struct endpoint *e, bool from_vm, bool delay_sri)
{
	struct notifications *n = &e->notifications;
	bool enabled;

	spin_lock(&n->lock);
	enabled = n->enabled;
	if (enabled) {
		notification_pend(e, NOTIFICATION_FRAMEWORK,
				  from_vm ? FFA_NOTIFICATION_RX_FULL_VM
					  : FFA_NOTIFICATION_RX_FULL_SP,
				  NOTIFICATION_GLOBAL);
	}
	spin_unlock(&n->lock);
	if (enabled) {
		raise_sri(delay_sri);
	}
}

/* --- Get ------------------------------------------------------------------------------------- */

/* Of the framework's, those that `flags` ask for. For an SP both come with either. */
static uint64_t take_framework(struct endpoint *e, uint32_t flags)
{
	if ((flags & GET_FRAMEWORK) == 0) {
		return 0;
	}
	return notification_take(&e->notifications, NOTIFICATION_FRAMEWORK, 0);
}

static void get(struct vcpu *caller, struct endpoint *e, uint32_t flags, uint32_t vcpu)
{
	struct notifications *n = &e->notifications;
	uint64_t *x = caller->arch.x;
	uint64_t sps = 0;
	uint64_t vms = 0;
	uint64_t framework;

	if ((flags & FFA_NOTIFICATION_FROM_SPS) != 0) {
		sps = notification_take(n, NOTIFICATION_FROM_SPS, vcpu);
	}
	if ((flags & FFA_NOTIFICATION_FROM_VMS) != 0) {
		vms = notification_take(n, NOTIFICATION_FROM_VMS, vcpu);
	}
	framework = take_framework(e, flags);
	if (e->kind == ENDPOINT_SP_EL1) {
		notification_taken_by(caller, vcpu);
	}
	answer(caller, FFA_SUCCESS_32, 0, (uint32_t)sps, sps >> 32);
	x[4] = (uint32_t)vms;
	x[5] = vms >> 32;
	x[6] = (uint32_t)framework;
	x[7] = framework >> 32;
}

/*
 * FFA_NOTIFICATION_GET: w1 = vCPU and receiver, w2 = from whom: SPs, VMs, SPM, hypervisor. Answers
 * and forgets what is pending globally or for that vCPU: w2, w3 from SPs, w4, w5 from VMs, w6, w7
 * of the framework. INVALID_PARAMETERS: flags (a VM has none of VMs and the hypervisor from us),
 * the receiver is not the caller or a VM, no such VM or vCPU; NOT_SUPPORTED: it may not be
 * notified.
 */
struct vcpu *ffa_notification_get(struct vcpu *caller)
{
	uint16_t receiver = FFA_CTX_VCPU(vcpu_w(caller, 1));
	uint32_t vcpu = FFA_CTX_ID(vcpu_w(caller, 1));
	uint32_t flags = vcpu_w(caller, 2);
	bool nwd = vcpu_is_nwd(caller);
	enum ffa_status status = FFA_OK;
	struct endpoint *e;

	if ((flags & ~(nwd ? GET_OF_VM : GET_OF_SP)) != 0 ||
	    (nwd ? !is_vm(receiver) : receiver != caller->endpoint->id)) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	e = endpoint_find(receiver);
	if (e == NULL) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	spin_lock(&e->notifications.lock);
	if (!receives(e, receiver)) {
		status = FFA_NOT_SUPPORTED;
	} else if (vcpu >= e->notifications.vcpu_count) {
		status = FFA_INVALID_PARAMETERS;
	} else {
		get(caller, e, flags, vcpu);
	}
	spin_unlock(&e->notifications.lock);
	return status == FFA_OK ? caller : answer_error(caller, status);
}

/* --- What the scheduler is told -------------------------------------------------------------- */

/*
 * An answer of FFA_NOTIFICATION_INFO_GET: lists of an endpoint id and up to three vCPUs, 16 bits
 * each. A driver in wide use takes one id less than there is room for.
 */
#define INFO_IDS_64 19u
#define INFO_IDS_32 9u
#define INFO_LIST_VCPUS 3u
#define INFO_COUNT_SHIFT 7
#define INFO_SIZE_SHIFT(list) (12 + 2 * (list))

struct info {
	uint16_t ids[INFO_IDS_64];
	uint32_t count, room; /* ids */
	uint32_t lists;
	uint64_t sizes; /* as in the answer */
	uint16_t last; /* endpoint of the last list, and its vCPUs; 0: it is for the endpoint */
	uint32_t last_vcpus;
	bool more;
};

/* A list of its own for endpoint `id`. False: there is no room. */
static bool info_add(struct info *info, uint16_t id)
{
	if (info->count == info->room) {
		info->more = true;
		return false;
	}
	info->ids[info->count++] = id;
	info->lists++;
	info->last = id;
	info->last_vcpus = 0;
	return true;
}

/* A vCPU, in the last list if that is one of vCPUs of `id`. Never without its endpoint. */
static bool info_add_vcpu(struct info *info, uint16_t id, uint32_t vcpu)
{
	bool fits = info->lists != 0 && info->last == id && info->last_vcpus != 0 &&
		    info->last_vcpus < INFO_LIST_VCPUS;

	if (info->count + (fits ? 1 : 2) > info->room) {
		info->more = true;
		return false;
	}
	if (!fits) {
		(void)info_add(info, id);
	}
	info->ids[info->count++] = (uint16_t)vcpu;
	info->last_vcpus++;
	info->sizes += 1ul << INFO_SIZE_SHIFT(info->lists - 1);
	return true;
}

/* Tells of what is pending globally and has not been told of. False: there was no room. */
static bool info_global(struct info *info, struct notifications *n, uint16_t id)
{
	uint64_t untold = 0;

	for (enum notification_from from = 0; from < NOTIFICATION_SOURCES; from++) {
		untold |= n->global[from].pending & ~n->global[from].told;
	}
	if (untold == 0) {
		return true;
	}
	if (!info_add(info, id)) {
		return false;
	}
	for (enum notification_from from = 0; from < NOTIFICATION_SOURCES; from++) {
		n->global[from].told = n->global[from].pending;
	}
	return true;
}

static bool info_vcpu(struct info *info, struct notifications *n, uint16_t id, uint32_t vcpu)
{
	struct notification_bits *sps = notification_of_vcpu(n, NOTIFICATION_FROM_SPS, vcpu);
	struct notification_bits *vms = notification_of_vcpu(n, NOTIFICATION_FROM_VMS, vcpu);

	if (((sps->pending & ~sps->told) | (vms->pending & ~vms->told)) == 0) {
		return true;
	}
	if (!info_add_vcpu(info, id, vcpu)) {
		return false;
	}
	sps->told = sps->pending;
	vms->told = vms->pending;
	return true;
}

/* Tells of e's notifications. What there is no room for stays for the next time. */
static void info_notifications(struct info *info, struct endpoint *e)
{
	struct notifications *n = &e->notifications;
	bool told;

	if (!atomic_load_explicit(&n->untold, memory_order_relaxed)) {
		return;
	}
	spin_lock(&n->lock);
	told = info_global(info, n, e->id);
	if ((n->bindings[NOTIFICATION_FROM_SPS].per_vcpu |
	     n->bindings[NOTIFICATION_FROM_VMS].per_vcpu) != 0) {
		for (uint32_t i = 0; told && i < n->vcpu_count; i++) {
			told = info_vcpu(info, n, e->id, i);
		}
	}
	atomic_store_explicit(&n->untold, !told, memory_order_relaxed);
	spin_unlock(&n->lock);
}

/*
 * Tells of vCPUs of p that wait, with an interrupt that they are to handle when the normal world
 * schedules them: see notification_schedule().
 */
static void info_interrupts(struct info *info, struct partition *p)
{
	bool later = false;

	if (!atomic_load_explicit(&p->unscheduled, memory_order_relaxed) ||
	    !atomic_exchange_explicit(&p->unscheduled, false, memory_order_acquire)) {
		return;
	}
	for (uint32_t i = 0; i < p->vcpu_count && !partition_is_aborted(p); i++) {
		struct vcpu *v = &p->vcpus[i];

		if (!atomic_exchange_explicit(&v->unscheduled, false, memory_order_relaxed) ||
		    vint_lines(&v->vint) == 0) {
			continue;
		}
		if (vcpu_word_state(vcpu_peek(v)) != VCPU_WAITING ||
		    !info_add_vcpu(info, p->id, i)) {
			/* On its way to wait, or there is no room. */
			atomic_store_explicit(&v->unscheduled, true, memory_order_relaxed);
			later = true;
		}
	}
	if (later) {
		atomic_store_explicit(&p->unscheduled, true, memory_order_release);
	}
}

static void info_collect(struct info *info)
{
	uint32_t vms = atomic_load_explicit(&spmc.vms.count, memory_order_acquire);

	info_notifications(info, &spmc.nwd);
	for (uint32_t i = 0; i < vms; i++) {
		info_notifications(info, &spmc.vms.vms[i].endpoint);
	}
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		info_notifications(info, &spmc.partitions[i]->endpoint);
		info_interrupts(info, spmc.partitions[i]);
	}
}

static bool is_untold(const struct endpoint *e)
{
	return atomic_load_explicit(&e->notifications.untold, memory_order_relaxed);
}

/*
 * CPU `from` goes off, and with it a schedule receiver interrupt that the normal world has not
 * taken: if there may be something to tell, `to`, which is to be kicked, raises one.
 */
void notification_leave_cpu(struct cpu *from, struct cpu *to)
{
	uint32_t vms = atomic_load_explicit(&spmc.vms.count, memory_order_acquire);
	bool untold = is_untold(&spmc.nwd);

	for (uint32_t i = 0; i < vms; i++) {
		untold |= is_untold(&spmc.vms.vms[i].endpoint);
	}
	for (uint32_t i = 0; i < spmc.partition_count; i++) {
		untold |= is_untold(&spmc.partitions[i]->endpoint) ||
			  atomic_load_explicit(&spmc.partitions[i]->unscheduled,
					       memory_order_relaxed);
	}
	from->sri_delayed = false;
	if (untold) {
		atomic_store(&to->sri_left, true);
	}
}

/*
 * FFA_NOTIFICATION_INFO_GET, 32 and 64 bit: who has to be scheduled. Each receiver or vCPU is told
 * of once, until it is notified again. Answers x2 = flags and sizes, x3-x7 = lists, four ids in
 * each register, or two. NO_DATA: nobody.
 */
struct vcpu *ffa_notification_info_get(struct vcpu *caller)
{
	bool wide = (vcpu_w(caller, 0) & FFA_FID_64BIT) != 0;
	uint32_t per_register = wide ? 4 : 2;
	struct info info = { .room = wide ? INFO_IDS_64 : INFO_IDS_32 };

	info_collect(&info);
	if (info.lists == 0) {
		return answer_error(caller, FFA_NO_DATA);
	}
	answer(caller, wide ? FFA_SUCCESS_64 : FFA_SUCCESS_32, 0,
	       (info.more ? FFA_NOTIFICATION_INFO_MORE : 0) | info.lists << INFO_COUNT_SHIFT |
		       info.sizes,
	       0);
	for (uint32_t i = 0; i < info.count; i++) {
		caller->arch.x[3 + i / per_register] |= (uint64_t)info.ids[i]
							<< (i % per_register * 16);
	}
	return caller;
}

/*
 * v waits, or is about to, and has an interrupt that it handles only when the normal world
 * schedules it, by its manifest's sri-interrupts-policy: the normal world is asked to.
 */
void notification_schedule(struct vcpu *v)
{
	atomic_store_explicit(&v->unscheduled, true, memory_order_relaxed);
	atomic_store_explicit(&v->partition->unscheduled, true, memory_order_release);
	raise_sri(true);
}
