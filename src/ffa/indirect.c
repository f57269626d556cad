/* SPDX-License-Identifier: BSD-3-Clause */
/* Indirect messages (FF-A 1.2 chapter 7.2 and 15.1): from the sender's TX to the receiver's RX. */
#include <stddef.h>

#include "arch/fault_safe.h"
#include "core/vm.h"
#include "ffa/call.h"
#include "ffa/service.h"

/*
 * What is to be sent. The header is our own copy: what the sender makes of its TX does not count.
 */
struct message {
	struct endpoint *from, *to;
	uint16_t from_id, to_id;
	struct ffa_msg_header header;
	uint32_t header_size; /* in the sender's version */
	uint32_t size; /* of the message, header included */
	bool delay_sri;
};

static bool is_vm(uint16_t id)
{
	return (id & FFA_ID_SECURE) == 0;
}

/* A mailbox with TX and RX, that still belongs to the endpoint that was found by this id. */
static bool has_buffers(const struct endpoint *e, uint16_t id)
{
	return e->id == id && e->mailbox.tx != NULL;
}

/* Of two mailboxes the one at the lower address comes first. */
static void lock_both(struct mailbox *a, struct mailbox *b)
{
	spin_lock(a < b ? &a->lock : &b->lock);
	spin_lock(a < b ? &b->lock : &a->lock);
}

static void unlock_both(struct mailbox *a, struct mailbox *b)
{
	spin_unlock(&a->lock);
	spin_unlock(&b->lock);
}

/* Who sends: the caller, or the VM in w1[31:16] for which the hypervisor speaks. */
static enum ffa_status sender_find(struct vcpu *caller, struct message *m)
{
	uint16_t vm = FFA_IDS_SENDER(vcpu_w(caller, 1));

	m->from = caller->endpoint;
	m->from_id = caller->endpoint->id;
	if (vm == 0) {
		return FFA_OK;
	}
	if (!vcpu_is_nwd(caller) || !is_vm(vm)) {
		return FFA_INVALID_PARAMETERS;
	}
	m->from = vm_find(vm);
	m->from_id = vm;
	return m->from != NULL ? FFA_OK : FFA_DENIED;
}

/* Makes our copy of the header in the sender's TX. */
static enum ffa_status header_read(struct message *m)
{
	struct mailbox *box = &m->from->mailbox;
	enum ffa_status status = FFA_OK;

	m->header_size =
		m->from->version >= FFA_VERSION_1_2 ? sizeof(m->header) : FFA_MSG_HEADER_SIZE_1_1;
	m->header = (struct ffa_msg_header){ 0 };
	spin_lock(&box->lock);
	if (!has_buffers(m->from, m->from_id)) {
		status = FFA_DENIED;
	} else if (!copy_fault_safe(&m->header, box->tx, m->header_size)) {
		status = FFA_ABORTED;
	}
	spin_unlock(&box->lock);
	return status;
}

/* May p be sent messages for the service that the header names, if it names one? */
static enum ffa_status partition_check(const struct partition *p, const struct ffa_uuid *uuid)
{
	const struct service *s = service_find(p, uuid);

	if (s == NULL && !uuid_is_nil(uuid)) {
		return FFA_INVALID_PARAMETERS;
	}
	if (((s == NULL ? p->methods : s->methods) & FFA_PROP_INDIRECT) == 0) {
		return FFA_DENIED;
	}
	return partition_is_aborted(p) ? lifecycle_status(p) : FFA_OK;
}

/* From whom to whom: by the header, the flags, the manifests. */
static enum ffa_status parties_check(const struct vcpu *caller, struct message *m)
{
	bool nwd = vcpu_is_nwd(caller);
	uint32_t flags = vcpu_w(caller, 2);
	enum ffa_status status;

	m->to_id = FFA_IDS_RECEIVER(m->header.ids);
	m->delay_sri = (flags & FFA_MSG_SEND2_DELAY_SRI) != 0;
	if (FFA_IDS_SENDER(m->header.ids) != m->from_id || m->to_id == m->from_id ||
	    (flags & (nwd ? UINT32_MAX : ~FFA_MSG_SEND2_DELAY_SRI)) != 0) {
		return FFA_INVALID_PARAMETERS;
	}
	m->to = nwd && is_vm(m->to_id) ? NULL : endpoint_find(m->to_id);
	if (m->to == NULL) {
		return FFA_INVALID_PARAMETERS;
	}
	if (!is_vm(m->to_id)) {
		status = partition_check(endpoint_partition(m->to), &m->header.uuid);
		if (status != FFA_OK) {
			return status;
		}
	}
	if (m->to->version < FFA_VERSION_1_1 ||
	    (!nwd && (caller->partition->methods & FFA_PROP_INDIRECT) == 0)) {
		return FFA_DENIED;
	}
	return FFA_OK;
}

/* The buffers, which are locked. What has changed since we read the header is seen here. */
static enum ffa_status buffers_check(struct message *m)
{
	const struct mailbox *from = &m->from->mailbox;
	const struct mailbox *to = &m->to->mailbox;
	uint32_t offset = m->header.offset;
	uint32_t size = m->header.size;

	if (!has_buffers(m->from, m->from_id)) {
		return FFA_DENIED;
	}
	if (!has_buffers(m->to, m->to_id) || to->rx_full) {
		return FFA_BUSY;
	}
	if (offset < m->header_size || offset > from->pages * FFA_PAGE_SIZE ||
	    size > from->pages * FFA_PAGE_SIZE - offset ||
	    offset + size > to->pages * FFA_PAGE_SIZE) {
		return FFA_INVALID_PARAMETERS;
	}
	m->size = offset + size;
	return FFA_OK;
}

/*
 * Fills RX, which is ours until it is told to be full: the header as it was checked, and the rest.
 */
static bool message_copy(const struct message *m)
{
	char *rx = m->to->mailbox.rx;
	const char *tx = m->from->mailbox.tx;

	return copy_fault_safe(rx, &m->header, m->header_size) &&
	       copy_fault_safe(rx + m->header_size, tx + m->header_size, m->size - m->header_size);
}

static enum ffa_status message_send(struct message *m)
{
	struct mailbox *from = &m->from->mailbox;
	struct mailbox *to = &m->to->mailbox;
	enum ffa_status status;

	lock_both(from, to);
	status = buffers_check(m);
	if (status == FFA_OK && !message_copy(m)) {
		status = FFA_ABORTED;
	}
	if (status == FFA_OK) {
		to->rx_full = true;
		notification_rx_full(m->to, is_vm(m->from_id), m->delay_sri);
	}
	unlock_both(from, to);
	return status;
}

/*
 * FFA_MSG_SEND2: the message in TX, which begins with struct ffa_msg_header, is delivered to the
 * receiver's RX; w1[31:16] = the VM that sends, when its hypervisor calls, else 0; w2[1] = an SP
 * lets the schedule receiver interrupt wait until the normal world gets this CPU. The receiver is
 * an SP, or for SPs a VM that has buffers or a notification bitmap. The header's UUID counts when
 * the sender speaks 1.2. INVALID_PARAMETERS: w1, flags, ids, offset, size, the receiver has no such
 * service; DENIED: the sender has no TX or is no VM that we know, the manifests, the receiver
 * speaks 1.0; BUSY: RX is full or not there; ABORTED: a buffer was taken away, receiver dead. When
 * it fails RX stays the SPMC's.
 */
struct vcpu *ffa_msg_send2(struct vcpu *caller)
{
	struct message m;
	enum ffa_status status = sender_find(caller, &m);

	if (status == FFA_OK) {
		status = header_read(&m);
	}
	if (status == FFA_OK) {
		status = parties_check(caller, &m);
	}
	if (status == FFA_OK) {
		status = message_send(&m);
	}
	return answer_status(caller, status);
}
