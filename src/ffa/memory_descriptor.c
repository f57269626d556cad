/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Transaction descriptors as they stand in TX and RX. What is read is copied once, before anybody
 * looks at it: its author may go on writing.
 */
#include <string.h>

#include "arch/fault_safe.h"
#include "ffa/memory.h"

/* What differs between versions. */
static const struct layout {
	uint32_t header; /* bytes; in 1.0 borrowers follow at once, later the header says where */
	uint32_t access; /* bytes of the largest access descriptor; FFA_ACCESS_MIN always will do */
} layouts[] = {
	{ sizeof(struct ffa_mem_transaction_1_0), sizeof(struct ffa_mem_access_1_0) },
	{ sizeof(struct ffa_mem_transaction), sizeof(struct ffa_mem_access_1_0) },
	{ sizeof(struct ffa_mem_transaction), sizeof(struct ffa_mem_access) },
};

static const struct layout *layout_of(uint32_t version)
{
	uint32_t minor = version & 0xFFFF;

	return &layouts[minor < 2 ? minor : 2];
}

/* --- In --------------------------------------------------------------------------------------- */

/* False: what is reserved is not zero. */
static bool take_header_1_0(struct memory_request *r, const struct ffa_mem_transaction_1_0 *h)
{
	r->sender = h->sender;
	r->attributes = h->attributes;
	r->flags = h->flags;
	r->handle = h->handle;
	r->tag = h->tag;
	r->access_count = h->access_count;
	/* What 1.0 need not say. */
	r->access_size = h->access_count != 0 ? sizeof(struct ffa_mem_access_1_0) : 0;
	r->access_offset = h->access_count != 0 ? sizeof(*h) : 0;
	return h->reserved == 0 && h->reserved_end == 0;
}

static bool take_header(struct memory_request *r, const struct ffa_mem_transaction *h)
{
	r->sender = h->sender;
	r->attributes = h->attributes;
	r->flags = h->flags;
	r->handle = h->handle;
	r->tag = h->tag;
	r->access_size = h->access_size;
	r->access_count = h->access_count;
	r->access_offset = h->access_offset;
	return (h->reserved[0] | h->reserved[1] | h->reserved[2]) == 0;
}

/*
 * Reads the header of a descriptor of `length` bytes in the layout of `version`; what follows is
 * not touched. False, and *status says why: INVALID_PARAMETERS, ABORTED (TX was taken away).
 */
bool descriptor_read_header(struct memory_request *r, uint32_t version, const void *tx,
			    uint32_t length, enum ffa_status *status)
{
	const struct layout *layout = layout_of(version);
	union {
		struct ffa_mem_transaction_1_0 v1_0;
		struct ffa_mem_transaction v1_1;
	} copy;
	bool valid;

	*status = FFA_INVALID_PARAMETERS;
	if (length < layout->header) {
		return false;
	}
	if (!copy_fault_safe(&copy, tx, layout->header)) {
		*status = FFA_ABORTED;
		return false;
	}
	valid = layout->header == sizeof(copy.v1_0) ? take_header_1_0(r, &copy.v1_0)
						    : take_header(r, &copy.v1_1);
	if (valid) {
		*status = FFA_OK;
	}
	return valid;
}

/* Borrower i; false: TX was taken away. */
static bool access_read(struct memory_request *r, uint32_t i, const char *tx)
{
	const char *from = tx + r->access_offset + (size_t)i * r->access_size;
	struct ffa_mem_access_1_0 old;

	if (r->access_size == sizeof(r->access[i])) {
		return copy_fault_safe(&r->access[i], from, sizeof(r->access[i]));
	}
	if (!copy_fault_safe(&old, from, sizeof(old))) {
		return false;
	}
	r->access[i] = (struct ffa_mem_access){
		.endpoint = old.endpoint,
		.permissions = old.permissions,
		.flags = old.flags,
		.composite_offset = old.composite_offset,
		.reserved = old.reserved,
	};
	return true;
}

/*
 * Reads the borrowers that the header in r says there are in a descriptor of which `length` bytes
 * are in TX. Afterwards they lie within them, there is at least one, and what is reserved is zero;
 * permissions and the fields that depend on the call are not looked at. INVALID_PARAMETERS;
 * ABORTED: TX was taken away.
 */
enum ffa_status descriptor_read_borrowers(struct memory_request *r, uint32_t version,
					  const void *tx, uint32_t length)
{
	const struct layout *layout = layout_of(version);
	enum ffa_status status = FFA_OK;

	if ((r->access_size != sizeof(struct ffa_mem_access_1_0) &&
	     r->access_size != layout->access) ||
	    r->access_offset < layout->header || r->access_offset % FFA_MEM_ALIGN != 0 ||
	    r->access_offset > length || r->access_count == 0 ||
	    r->access_count > TRANSACTION_MAX_BORROWERS ||
	    r->access_count * r->access_size > length - r->access_offset) {
		return FFA_INVALID_PARAMETERS;
	}
	r->end = r->access_offset + r->access_count * r->access_size;
	for (uint32_t i = 0; i < r->access_count; i++) {
		if (!access_read(r, i, tx)) {
			return FFA_ABORTED;
		}
		if (r->access[i].reserved != 0) {
			status = FFA_INVALID_PARAMETERS;
		}
	}
	return status;
}

/* Header and borrowers. */
enum ffa_status descriptor_read(struct memory_request *r, uint32_t version, const void *tx,
				uint32_t length)
{
	enum ffa_status status;

	return descriptor_read_header(r, version, tx, length, &status)
		       ? descriptor_read_borrowers(r, version, tx, length)
		       : status;
}

/*
 * Memory attributes that a lender or borrower names are those that we map with, or left out (FF-A
 * 1.2, 10.10.4): DENIED for others, INVALID_PARAMETERS for what means nothing.
 */
enum ffa_status descriptor_check_attributes(uint16_t attributes)
{
	uint16_t kind = attributes & FFA_MEM_CACHEABILITY_MASK;

	switch (attributes & FFA_MEM_TYPE_MASK) {
	case FFA_MEM_TYPE_NONE:
		break;
	case FFA_MEM_TYPE_DEVICE:
		if (kind != FFA_MEM_DEVICE_NGNRNE) {
			return FFA_DENIED;
		}
		break;
	case FFA_MEM_TYPE_NORMAL:
		if (kind != FFA_MEM_WRITE_BACK) {
			return FFA_DENIED;
		}
		break;
	default:
		return FFA_INVALID_PARAMETERS;
	}
	return (attributes & FFA_MEM_SHAREABILITY_MASK) == FFA_MEM_SHAREABILITY_INNER ? FFA_OK
										      : FFA_DENIED;
}

/* Is the type that is named, if any, that of the memory? We map it as what it is. */
bool descriptor_type_fits(uint16_t attributes, bool device)
{
	switch (attributes & FFA_MEM_TYPE_MASK) {
	case FFA_MEM_TYPE_DEVICE:
		return device;
	case FFA_MEM_TYPE_NORMAL:
		return !device;
	default:
		return true;
	}
}

/* --- Out -------------------------------------------------------------------------------------- */

static uint32_t list_offset(const struct layout *layout, uint32_t borrowers)
{
	return layout->header + borrowers * layout->access + (uint32_t)sizeof(struct ffa_composite);
}

/* Bytes of a descriptor for a receiver of that version. */
uint32_t descriptor_size(uint32_t version, uint32_t borrowers, uint32_t constituents)
{
	return list_offset(layout_of(version), borrowers) +
	       constituents * (uint32_t)sizeof(struct ffa_constituent);
}

static bool header_write(void *rx, const struct layout *layout, const struct memory_request *r)
{
	const struct ffa_mem_transaction_1_0 v1_0 = {
		.sender = r->sender,
		.attributes = (uint8_t)r->attributes,
		.flags = r->flags,
		.handle = r->handle,
		.tag = r->tag,
		.access_count = r->access_count,
	};
	const struct ffa_mem_transaction v1_1 = {
		.sender = r->sender,
		.attributes = r->attributes,
		.flags = r->flags,
		.handle = r->handle,
		.tag = r->tag,
		.access_size = layout->access,
		.access_count = r->access_count,
		.access_offset = layout->header,
	};

	return layout->header == sizeof(v1_0) ? copy_fault_safe(rx, &v1_0, sizeof(v1_0))
					      : copy_fault_safe(rx, &v1_1, sizeof(v1_1));
}

static bool access_write(void *rx, const struct layout *layout, const struct ffa_mem_access *a,
			 uint32_t composite_offset)
{
	const struct ffa_mem_access_1_0 v1_0 = {
		.endpoint = a->endpoint,
		.permissions = a->permissions,
		.flags = a->flags,
		.composite_offset = composite_offset,
	};
	const struct ffa_mem_access v1_2 = {
		.endpoint = a->endpoint,
		.permissions = a->permissions,
		.flags = a->flags,
		.composite_offset = composite_offset,
		.impdef = { a->impdef[0], a->impdef[1] },
	};

	return layout->access == sizeof(v1_0) ? copy_fault_safe(rx, &v1_0, sizeof(v1_0))
					      : copy_fault_safe(rx, &v1_2, sizeof(v1_2));
}

/*
 * Writes all but the constituents, `count` of them with `pages` pages, in the layout of `version`:
 * header and borrowers as in r (whose sizes and offsets do not count), and the composite
 * descriptor. False: RX was taken away.
 */
bool descriptor_write(void *rx, uint32_t version, const struct memory_request *r, uint32_t pages,
		      uint32_t count)
{
	const struct layout *layout = layout_of(version);
	const struct ffa_composite composite = { .pages = pages, .count = count };
	uint32_t composite_offset =
		list_offset(layout, r->access_count) - (uint32_t)sizeof(composite);
	char *out = rx;

	if (!header_write(out, layout, r)) {
		return false;
	}
	for (uint32_t i = 0; i < r->access_count; i++) {
		if (!access_write(out + layout->header + i * layout->access, layout, &r->access[i],
				  composite_offset)) {
			return false;
		}
	}
	return copy_fault_safe(out + composite_offset, &composite, sizeof(composite));
}
