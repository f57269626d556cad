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

/* What a caller of that version and world may know of p's service (FF-A 1.2, table 6.2). */
static uint32_t properties(const struct query *q, const struct partition *p, uint32_t methods)
{
	uint32_t shown = methods | (p->notifications ? FFA_PROP_NOTIFICATIONS : 0) |
			 FFA_PROP_AARCH64;

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

static uint32_t entry_size(const struct query *q)
{
	return q->version < FFA_VERSION_1_1 ? FFA_PARTITION_INFO_SIZE_1_0
					    : FFA_PARTITION_INFO_SIZE_1_1;
}

/* Counts the entries; with `rx` it writes them there too, up to `room` bytes. */
static enum ffa_status query_run(const struct query *q, char *rx, uint32_t room, uint32_t *count)
{
	uint32_t size = entry_size(q);

	*count = 0;
	for (uint32_t p = 0; p < spmc.partition_count; p++) {
		for (uint32_t i = 0; i < spmc.partitions[p]->service_count; i++) {
			struct ffa_partition_info info;

			if (!query_entry(q, spmc.partitions[p], i, &info)) {
				continue;
			}
			if (rx != NULL) {
				if ((*count + 1) * size > room) {
					return FFA_NO_MEMORY;
				}
				if (!copy_fault_safe(rx + *count * size, &info, size)) {
					return FFA_ABORTED;
				}
			}
			(*count)++;
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
	struct query q = {
		.uuid = {{vcpu_w(caller, 1), vcpu_w(caller, 2), vcpu_w(caller, 3), vcpu_w(caller, 4)}},
		.version = caller->endpoint->version,
		.nwd = vcpu_is_nwd(caller),
	};
	uint32_t flags = vcpu_w(caller, 5);
	enum ffa_status status;
	uint32_t count;

	q.all = uuid_is_nil(&q.uuid);
	q.services = q.version >= FFA_VERSION_1_2;
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
	return answer_success(caller, count, q.version < FFA_VERSION_1_1 ? 0 : entry_size(&q));
}
