/* SPDX-License-Identifier: BSD-3-Clause */
/* Partition discovery (FF-A 1.2 chapter 6 and 13.8). */
#include "arch/fault_safe.h"
#include "ffa/call.h"
#include "ffa/service.h"
#include "lib/addr.h"

/* An enumeration of what a query finds: partitions, and from 1.2 on each of their services. */
struct query {
	struct ffa_uuid uuid;
	bool all; /* the nil UUID */
	bool services; /* one entry for each service */
	uint32_t version; /* of who asks */
	bool nwd;
};

static struct query query_of(const struct vcpu *caller, struct ffa_uuid uuid)
{
	return (struct query){
		.uuid = uuid,
		.all = uuid_is_nil(&uuid),
		.services = caller->endpoint->version >= FFA_VERSION_1_2,
		.version = caller->endpoint->version,
		.nwd = vcpu_is_nwd(caller),
	};
}

/* What a caller of that version and world may know of p's service (FF-A 1.2, table 6.2). */
static uint32_t properties(const struct query *q, const struct partition *p, uint32_t methods)
{
	uint32_t shown =
		methods | (p->notifications ? FFA_PROP_NOTIFICATIONS : 0) | FFA_PROP_AARCH64;

	if (q->version < FFA_VERSION_1_1) {
		return shown & (FFA_PROP_DIRECT_RECV | FFA_PROP_DIRECT_SEND | FFA_PROP_INDIRECT);
	}
	if (p->endpoint.version < FFA_VERSION_1_1) {
		shown &= ~(FFA_PROP_INDIRECT | FFA_PROP_NOTIFICATIONS);
	}
	if (q->version < FFA_VERSION_1_2 || p->endpoint.version < FFA_VERSION_1_2) {
		shown &= ~(FFA_PROP_DIRECT2_RECV | FFA_PROP_DIRECT2_SEND);
	}
	if (q->nwd) {
		/* No SP ever sends a direct request to the normal world. */
		shown &= ~(FFA_PROP_DIRECT_SEND | FFA_PROP_DIRECT2_SEND);
		if ((p->methods & FFA_PROP_DIRECT_RECV) != 0) {
			shown |= p->vm_messages << FFA_PROP_VM_MESSAGES_SHIFT;
		}
	}
	return shown;
}

/* The entry for p's service i, if the query finds it. */
static bool query_entry(const struct query *q, const struct partition *p, uint32_t i,
			struct ffa_partition_info *out)
{
	const struct service *s = &p->services[i];

	if (!q->all && !uuid_equal(&q->uuid, &s->uuid)) {
		return false;
	}
	if (q->all && !q->services && i != 0) {
		return false;
	}
	*out = (struct ffa_partition_info){
		.id = p->id,
		.vcpu_count = (uint16_t)p->vcpu_count,
		.properties = properties(q, p, q->services ? s->methods : p->methods),
	};
	if (q->all) {
		out->uuid = s->uuid;
	}
	return true;
}

/* Where an enumeration is; it begins with all zero. */
struct cursor {
	uint32_t partition, service;
};

/* The next entry that the query finds; false: there are no more. */
static bool query_next(const struct query *q, struct cursor *at, struct ffa_partition_info *out)
{
	for (; at->partition < spmc.partition_count; at->partition++, at->service = 0) {
		const struct partition *p = spmc.partitions[at->partition];

		while (at->service < p->service_count && !partition_is_destroyed(p)) {
			if (query_entry(q, p, at->service++, out)) {
				return true;
			}
		}
	}
	return false;
}

static uint32_t entry_size(const struct query *q)
{
	return q->version < FFA_VERSION_1_1 ? FFA_PARTITION_INFO_SIZE_1_0
					    : FFA_PARTITION_INFO_SIZE_1_1;
}

/* Counts the entries; with `rx` it writes them there too, up to `room` bytes. */
static enum ffa_status query_run(const struct query *q, char *rx, uint32_t room, uint32_t *count)
{
	uint32_t size = entry_size(q);
	struct ffa_partition_info info;
	struct cursor at = { 0, 0 };

	for (*count = 0; query_next(q, &at, &info); (*count)++) {
		if (rx == NULL) {
			continue;
		}
		if ((*count + 1) * size > room) {
			return FFA_NO_MEMORY;
		}
		if (!copy_fault_safe(rx + *count * size, &info, size)) {
			return FFA_ABORTED;
		}
	}
	return *count == 0 && !q->all ? FFA_INVALID_PARAMETERS : FFA_OK;
}

/*
 * FFA_PARTITION_INFO_GET: w1-w4 = service UUID or nil for all, w5[0] = count only. Answers w2 =
 * count, w3 = bytes of a descriptor, the descriptors in the caller's RX, which is then its own.
 * INVALID_PARAMETERS: flags, nobody has that UUID; BUSY: RX is full or not there; NO_MEMORY: RX is
 * too small; ABORTED: RX was taken away.
 */
struct vcpu *ffa_partition_info_get(struct vcpu *caller)
{
	struct mailbox *m = &caller->endpoint->mailbox;
	struct query q =
		query_of(caller, (struct ffa_uuid){ { vcpu_w(caller, 1), vcpu_w(caller, 2),
						      vcpu_w(caller, 3), vcpu_w(caller, 4) } });
	uint32_t flags = vcpu_w(caller, 5);
	enum ffa_status status;
	uint32_t count;

	if ((flags & ~FFA_PARTITION_INFO_COUNT_ONLY) != 0 ||
	    (flags != 0 && q.version < FFA_VERSION_1_1)) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	status = query_run(&q, NULL, 0, &count);
	if (status != FFA_OK) {
		return answer_error(caller, status);
	}
	if (flags != 0) {
		return answer_success(caller, count, 0);
	}
	spin_lock(&m->lock);
	if (m->rx == NULL || m->rx_full) {
		status = FFA_BUSY;
	} else {
		status = query_run(&q, m->rx, m->pages * FFA_PAGE_SIZE, &count);
		m->rx_full = status == FFA_OK;
	}
	spin_unlock(&m->lock);
	if (status != FFA_OK) {
		return answer_error(caller, status);
	}
	return answer_success(caller, count, entry_size(&q));
}

/* --- FFA_PARTITION_INFO_GET_REGS ------------------------------------------------------------- */

/* Each entry takes three of the registers x3-x17. */
#define WORDS 3u
#define FIRST_WORD 3u
#define ROOM ((18 - FIRST_WORD) / WORDS)

/* One reply: the entries from number `start` on, as many as there is room for. */
struct reply {
	uint32_t start;
	uint32_t found; /* by the query, here or not */
	uint32_t filled;
	uint64_t words[ROOM * WORDS];
};

static void reply_add(struct reply *r, uint64_t id_and_properties, uint64_t lo, uint64_t hi)
{
	if (r->found >= r->start && r->filled < ROOM) {
		uint64_t *word = &r->words[r->filled * WORDS];

		word[0] = id_and_properties;
		word[1] = lo;
		word[2] = hi;
		r->filled++;
	}
	r->found++;
}

static void reply_add_partitions(struct reply *r, const struct query *q)
{
	struct ffa_partition_info info;
	struct cursor at = { 0, 0 };

	while (query_next(q, &at, &info)) {
		reply_add(r,
			  info.id | (uint64_t)info.vcpu_count << 16 |
				  (uint64_t)info.properties << 32,
			  uuid_lo(&info.uuid), uuid_hi(&info.uuid));
	}
}

/*
 * EL3's logical partitions, which it tells by the same call. Its entries may be longer than ours.
 * False: it knows the call, and refuses or makes no sense.
 */
static bool reply_add_logical(struct reply *r, const struct query *q, struct vcpu *caller)
{
	uint32_t next = 0;
	uint32_t last;
	uint32_t tag = 0;

	do {
		uint64_t x[18] = { FFA_PARTITION_INFO_GET_REGS_64, uuid_lo(&q->uuid),
				   uuid_hi(&q->uuid), next | tag << 16 };
		uint32_t current, stride;

		arch_el3_call(&cpu_this()->arch, &caller->arch, x);
		if ((uint32_t)x[0] != FFA_SUCCESS_64) {
			/* It has none; or it is not FF-A's to know the call. */
			return next == 0 && ((uint32_t)x[0] != FFA_ERROR_32 ||
					     (int32_t)x[2] == FFA_NOT_SUPPORTED);
		}
		last = FFA_INFO_REGS_LAST(x[2]);
		current = FFA_INFO_REGS_CURRENT(x[2]);
		tag = FFA_INFO_REGS_TAG(x[2]);
		stride = FFA_INFO_REGS_SIZE(x[2]) / sizeof(x[0]);
		if (current < next || current > last || stride < WORDS ||
		    FIRST_WORD + (current + 1 - next) * stride > 18) {
			return false;
		}
		for (uint64_t *word = &x[FIRST_WORD]; next <= current; next++, word += stride) {
			reply_add(r, word[0], word[1], word[2]);
		}
	} while (next <= last);
	return true;
}

/*
 * FFA_PARTITION_INFO_GET_REGS: x1, x2 = service UUID or nil for all, x3 = number of the first entry
 * wanted, and the tag of the last reply in bits 31:16. Answers by FFA_SUCCESS_64 x2 = last number,
 * number of the last one here, tag, size of an entry; the entries in x3-x17, full if there are so
 * many. What there is never changes, and so the tag is always 0. SPs are shown the logical
 * partitions of EL3 too, after ours. RETRY: another tag; INVALID_PARAMETERS: nobody has that UUID,
 * or there are not so many; DENIED: EL3 does not tell.
 */
struct vcpu *ffa_partition_info_get_regs(struct vcpu *caller)
{
	struct query q = query_of(caller, uuid_from(caller->arch.x[1], caller->arch.x[2]));
	struct reply r = { .start = vcpu_w(caller, 3) & 0xFFFF };
	uint64_t *x = caller->arch.x;

	if (vcpu_w(caller, 3) >> 16 != 0) {
		return answer_error(caller, FFA_RETRY);
	}
	reply_add_partitions(&r, &q);
	if (!q.nwd && !reply_add_logical(&r, &q, caller)) {
		return answer_error(caller, FFA_DENIED);
	}
	if (r.start >= r.found) {
		return answer_error(caller, FFA_INVALID_PARAMETERS);
	}
	answer(caller, FFA_SUCCESS_64, 0,
	       FFA_INFO_REGS(r.found - 1, r.start + r.filled - 1, 0, FFA_PARTITION_INFO_SIZE_1_1),
	       0);
	for (uint32_t i = 0; i < ROOM * WORDS; i++) {
		x[FIRST_WORD + i] = r.words[i];
	}
	return caller;
}
