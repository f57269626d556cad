/* SPDX-License-Identifier: BSD-3-Clause */
#include "boot/sp_manifest.h"

#include <libfdt.h>
#include <string.h>

#include "boot/boot_info.h"
#include "boot/sp_regions.h"
#include "ffa/ffa.h"
#include "lib/addr.h"
#include "lib/print.h"

#define UUID_TEXT 36
#define UUID_CELLS 4u
#define UNKNOWN UINT32_MAX

struct service_props {
	char uuid[UUID_TEXT + 2]; /* room to see that it is too long */
	uint32_t methods;
};

struct boot_info_props {
	struct dt_value compatible;
	bool manifest, hob_list;
};

struct rx_tx_props {
	uint32_t rx, tx;
};

static const struct prop sp_table[] = {
#define SP_PROP(...) PROP_ROW(struct sp_manifest, __VA_ARGS__)
#include "boot/sp_manifest.def"
};
static const struct prop service_table[] = {
#define SERVICE_PROP(...) PROP_ROW(struct service_props, __VA_ARGS__)
#include "boot/sp_manifest.def"
};
static const struct prop boot_info_table[] = {
#define BOOT_INFO_PROP(...) PROP_ROW(struct boot_info_props, __VA_ARGS__)
#include "boot/sp_manifest.def"
};
static const struct prop rx_tx_table[] = {
#define RX_TX_PROP(...) PROP_ROW(struct rx_tx_props, __VA_ARGS__)
#include "boot/sp_manifest.def"
};
/* --- Services -------------------------------------------------------------------------------- */

static void add_service(struct sp_manifest *s, int node, const struct ffa_uuid *uuid,
			uint32_t methods)
{
	static const struct ffa_uuid nil;
	struct partition *p = &s->partition;

	if (memcmp(uuid, &nil, sizeof(nil)) == 0) {
		dt_error(&s->dt, node, "uuid", "is all zeroes: must be a UUID of a service");
		return;
	}
	if (methods == 0 || (methods & ~FFA_METHOD_MASK) != 0) {
		dt_error(&s->dt, node, "messaging-method",
			 "0x%x is not allowed: must be made of bits 0, 1, 2, 9 and 10, not 0",
			 methods);
		return;
	}
	if ((methods & (FFA_PROP_DIRECT2_RECV | FFA_PROP_DIRECT2_SEND)) != 0 &&
	    p->ffa_version != 0 && p->ffa_version < FFA_VERSION_1_2) {
		dt_error(&s->dt, node, "messaging-method",
			 "0x%x is not allowed: bits 9 and 10 need ffa-version 0x10002 (1.2), not "
			 "0x%x",
			 methods, p->ffa_version);
		return;
	}
	for (uint32_t i = 0; i < p->service_count; i++) {
		if (memcmp(&p->services[i].uuid, uuid, sizeof(*uuid)) == 0) {
			dt_error(&s->dt, node, "uuid", "UUID %u is there twice: must be unique",
				 p->service_count);
			return;
		}
	}
	if (p->service_count == PARTITION_MAX_SERVICES) {
		dt_error(&s->dt, node, "uuid", "too many services: at most %u",
			 PARTITION_MAX_SERVICES);
		return;
	}
	p->services[p->service_count++] = (struct service){ .uuid = *uuid, .methods = methods };
	p->methods |= methods;
}

/* Manifest 1.0: "uuid" has four cells for each, "messaging-method" one cell, or one for each. */
static void read_services_1_0(struct sp_manifest *s)
{
	uint32_t methods = dt_value_cells(&s->methods);
	uint32_t count = dt_value_cells(&s->uuids) / UUID_CELLS;

	if (s->uuids.data == NULL || dt_value_cells(&s->uuids) % UUID_CELLS != 0) {
		dt_error(&s->dt, 0, "uuid", "has %u cells: must be 1 to %u times 4",
			 dt_value_cells(&s->uuids), PARTITION_MAX_SERVICES);
		return;
	}
	if (s->methods.data == NULL || (methods != 1 && methods != count)) {
		dt_error(&s->dt, 0, "messaging-method",
			 "has %u cells: must be one, or %u: one for each UUID", methods, count);
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		struct ffa_uuid uuid;

		for (uint32_t w = 0; w < UUID_CELLS; w++) {
			uuid.w[w] = dt_value_cell(&s->uuids, i * UUID_CELLS + w);
		}
		add_service(s, 0, &uuid, dt_value_cell(&s->methods, methods == 1 ? 0 : i));
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes of the text in order are the words of the UUID in memory (SMCCC). */
static bool parse_uuid(const char *text, struct ffa_uuid *uuid)
{
	unsigned int nibble = 0;

	*uuid = (struct ffa_uuid){ 0 };
	for (unsigned int i = 0; i < UUID_TEXT; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		int digit = hex_digit(text[i]);

		if (dash ? text[i] != '-' : digit < 0) {
			return false;
		}
		if (!dash) {
			unsigned int byte = nibble / 2;
			unsigned int shift = byte % 4 * 8 + (nibble % 2 == 0 ? 4 : 0);

			uuid->w[byte / 4] |= (uint32_t)digit << shift;
			nibble++;
		}
	}
	return text[UUID_TEXT] == '\0';
}

/* Manifest 1.1: a node for each. */
static void read_services_1_1(struct sp_manifest *s, int services)
{
	int node;

	fdt_for_each_subnode(node, s->dt.fdt, services)
	{
		struct service_props props = { 0 };
		struct ffa_uuid uuid;

		if (!dt_read(&s->dt, node, service_table, ROWS(service_table), &props)) {
			continue;
		}
		if (!parse_uuid(props.uuid, &uuid)) {
			dt_error(&s->dt, node, "uuid",
				 "\"%s\" is not allowed: must be text like "
				 "01234567-89ab-cdef-0123-456789abcdef",
				 props.uuid);
			continue;
		}
		add_service(s, node, &uuid, props.methods);
	}
}

/* --- Nodes below the root -------------------------------------------------------------------- */

static void read_boot_info(struct sp_manifest *s, int node, const struct package *package)
{
	struct boot_info_props props = { 0 };

	if (!dt_read(&s->dt, node, boot_info_table, ROWS(boot_info_table), &props)) {
		return;
	}
	if (props.hob_list && package->hob_list.size == 0) {
		dt_error(&s->dt, node, "hob_list",
			 "not allowed: the package has none; must be absent, or the package a "
			 "transfer list with one");
		return;
	}
	s->boot_info = (props.manifest ? BOOT_INFO_MANIFEST : 0) |
		       (props.hob_list ? BOOT_INFO_HOB_LIST : 0);
	if (s->boot_info != 0 && package->boot_info_room == 0) {
		dt_error(&s->dt, node, "ffa_manifest",
			 "not allowed: a package of version 1 has no room for boot information; "
			 "must be absent, or the package of version 2");
	}
}

static const struct region *find_phandle(const struct sp_manifest *s, uint32_t phandle)
{
	for (uint32_t i = 1; i < s->partition.region_count; i++) {
		const struct region *r = &s->partition.regions[i];

		if (s->phandles[i] == phandle && (r->attrs & MEM_DEVICE) == 0) {
			return r;
		}
	}
	return NULL;
}

/* RX and TX buffer in memory regions: load.c registers them, the SP does not call RXTX_MAP. */
static void read_rx_tx(struct sp_manifest *s, int node)
{
	struct mailbox *m = &s->partition.endpoint.mailbox;
	struct rx_tx_props props = { 0 };
	const struct region *rx, *tx;

	if (!dt_read(&s->dt, node, rx_tx_table, ROWS(rx_tx_table), &props)) {
		return;
	}
	rx = find_phandle(s, props.rx);
	tx = find_phandle(s, props.tx);
	if (rx == NULL || (rx->attrs & MEM_NS) != 0) {
		dt_error(&s->dt, node, "rx-buffer",
			 "0x%x is not allowed: must be the phandle of a secure memory region",
			 props.rx);
		return;
	}
	if (tx == NULL || (tx->attrs & MEM_NS) != 0 || tx == rx) {
		dt_error(&s->dt, node, "tx-buffer",
			 "0x%x is not allowed: must be the phandle of another secure memory region",
			 props.tx);
		return;
	}
	if (rx->range.size != tx->range.size ||
	    rx->range.size > FFA_RXTX_MAX_PAGES * (uint64_t)FFA_PAGE_SIZE) {
		dt_error(&s->dt, node, "tx-buffer",
			 "size 0x%lx, and 0x%lx of rx-buffer, is not allowed: must be the same, at "
			 "most %u pages",
			 tx->range.size, rx->range.size, FFA_RXTX_MAX_PAGES);
		return;
	}
	m->rx_ipa = rx->range.base;
	m->tx_ipa = tx->range.base;
	m->pages = (uint32_t)(rx->range.size >> PAGE_SHIFT);
}

static void read_nodes(struct sp_manifest *s, unsigned int minor, const struct package *package)
{
	int services = -1, rx_tx = -1;
	int node;

	fdt_for_each_subnode(node, s->dt.fdt, 0)
	{
		if (dt_node_is(&s->dt, node, "memory-regions")) {
			sp_regions_memory(s, node);
		} else if (dt_node_is(&s->dt, node, "device-regions")) {
			sp_regions_devices(s, node);
		} else if (dt_node_is(&s->dt, node, "boot-info")) {
			read_boot_info(s, node, package);
		} else if (dt_node_is(&s->dt, node, "rx_tx-info")) {
			rx_tx = node;
		} else if (dt_node_is(&s->dt, node, "services")) {
			services = node;
		} else {
			dt_warning(&s->dt, node, NULL, "is not known: ignored");
		}
	}
	if (minor == 0) {
		read_services_1_0(s);
	} else if (minor == 1 && services >= 0) {
		read_services_1_1(s, services);
	}
	if (s->partition.service_count == 0 && s->dt.errors == 0) {
		dt_error(&s->dt, 0, "services", "none: must be a node with at least one service");
	}
	if (rx_tx >= 0) {
		read_rx_tx(s, rx_tx); /* after the regions that it names */
	}
}

/* --- S-EL0 ----------------------------------------------------------------------------------- */

/*
 * What an S-EL0 partition cannot have, because it takes no exceptions: all that it learns of
 * interrupts comes as FFA_INTERRUPT when it has called (FF-A 1.2, 9.2).
 */
static void check_el0(struct sp_manifest *s)
{
	struct partition *p = &s->partition;

	if (s->vcpu_count > 1) {
		dt_error(&s->dt, 0, "execution-ctx-count",
			 "%u is not allowed: an S-EL0 partition has 1", s->vcpu_count);
	}
	if (s->managed_exit || s->ns_action == NS_MANAGED_EXIT) {
		dt_error(&s->dt, 0, s->managed_exit ? "managed-exit" : "ns-interrupts-action",
			 "not allowed: an S-EL0 partition cannot be told to leave; "
			 "ns-interrupts-action must be 0 or 2");
	}
	if (p->sri_policy != 0) {
		dt_error(&s->dt, 0, "sri-interrupts-policy",
			 "0x%x is not allowed: must be 0 for an S-EL0 partition", p->sri_policy);
	}
	if (p->pm_messages != 0) {
		dt_warning(&s->dt, 0, "power-management-messages",
			   "0x%x is ignored: an S-EL0 partition gets none", p->pm_messages);
	}
	/* Not the image, which begins as R X: see partition_rights(). */
	for (uint32_t i = 1; i < p->region_count; i++) {
		const struct region *r = &p->regions[i];

		if ((r->attrs & (MEM_W | MEM_X)) == (MEM_W | MEM_X)) {
			s->dt.errors++;
			log_error("%s: region %s: attributes 0x%x are not allowed: an S-EL0 "
				  "partition has no memory that is writable and executable",
				  s->dt.name, r->name, r->attrs);
		}
	}
}

/* --- What properties mean together ----------------------------------------------------------- */

static void check_identity(struct sp_manifest *s, const struct manifest_sp *sp)
{
	struct partition *p = &s->partition;

	if (s->id != 0 && s->id != p->id) {
		dt_warning(&s->dt, 0, "id", "0x%x is ignored: it is 0x%x, from the node vm%u",
			   s->id, p->id, sp->number);
	}
	if (s->load_address != ABSENT && s->load_address != p->memory.base) {
		dt_warning(&s->dt, 0, "load-address",
			   "0x%lx is ignored: the SPMC manifest has loaded it at 0x%lx",
			   s->load_address, p->memory.base);
	}
	if (s->vcpu_count != 0 && s->vcpu_count != sp->vcpu_count) {
		dt_error(&s->dt, 0, "execution-ctx-count",
			 "%u is not allowed: must be %u, the vcpu_count of vm%u in the SPMC "
			 "manifest",
			 s->vcpu_count, sp->vcpu_count, sp->number);
	}
}

static void check_entry(struct sp_manifest *s, const struct package *package)
{
	struct partition *p = &s->partition;

	if (s->entry_offset >= p->memory.size || s->entry_offset % 4 != 0) {
		dt_error(&s->dt, 0, "entrypoint-offset",
			 "0x%lx is not allowed: must be a multiple of 4 below mem_size 0x%lx",
			 s->entry_offset, p->memory.size);
		return;
	}
	if (!range_has(package->image, s->entry_offset)) {
		dt_warning(&s->dt, 0, "entrypoint-offset",
			   "0x%lx is outside the image, which is at 0x%lx, size 0x%lx",
			   s->entry_offset, package->image.base, package->image.size);
	}
	p->entry = p->memory.base + s->entry_offset;
	p->secondary_entry = p->entry;
}

static void check_interrupt_actions(struct sp_manifest *s)
{
	struct partition *p = &s->partition;

	if (s->ns_action == ABSENT) {
		p->ns_action = s->managed_exit ? NS_MANAGED_EXIT : NS_SIGNALED;
	} else {
		p->ns_action = (enum ns_action)s->ns_action;
		if (s->managed_exit && p->ns_action != NS_MANAGED_EXIT) {
			dt_warning(&s->dt, 0, "managed-exit", "ignored: ns-interrupts-action is %u",
				   (unsigned int)p->ns_action);
		}
	}
	if (p->ns_action != NS_MANAGED_EXIT) {
		p->managed_exit_virq = false;
	}
	if (p->other_s_action == OTHER_S_QUEUED && p->ns_action != NS_QUEUED) {
		dt_error(&s->dt, 0, "other-s-interrupts-action",
			 "0 (queued) is not allowed with ns-interrupts-action %u: must be 1, or "
			 "both 0",
			 (unsigned int)p->ns_action);
	}
}

static void check_lifecycle(struct sp_manifest *s)
{
	struct partition *p = &s->partition;

	if (p->lifecycle && !partition_is_up(p)) {
		dt_error(&s->dt, 0, "lifecycle-support",
			 "not allowed with execution-ctx-count %u: must be absent, or that 1",
			 p->vcpu_count);
	}
	if (s->abort_action == ABSENT) {
		return;
	}
	if (!p->lifecycle) {
		dt_error(&s->dt, 0, "abort-action",
			 "%u is not allowed: must be absent without lifecycle-support",
			 (unsigned int)s->abort_action);
		return;
	}
	p->abort_action = (enum abort_action)s->abort_action;
}

/* What is left of wishes that do not fit together. */
static void settle_boot(struct sp_manifest *s)
{
	struct partition *p = &s->partition;

	if (s->boot_info != 0 && p->gp_register < 0) {
		dt_warning(&s->dt, 0, "gp-register-num",
			   "is missing: boot information is not given without it");
		s->boot_info = 0;
	}
	if (s->boot_info == 0) {
		p->gp_register = -1;
	}
	if (p->vcpu_count == 1) {
		p->pm_messages = 0; /* a UP partition outlives any CPU */
	}
	p->pm_messages &= PM_CPU_OFF; /* EL3 tells of no other */
}

/* The minor version of the manifest; UNKNOWN when it is wrong (reported) or not there. */
static unsigned int check_compatible(struct sp_manifest *s)
{
	if (dt_value_has_string(&s->compatible, "arm,ffa-manifest-1.1")) {
		return 1;
	}
	if (dt_value_has_string(&s->compatible, "arm,ffa-manifest-1.0")) {
		return 0;
	}
	if (s->compatible.data != NULL) {
		dt_error_text(&s->dt, 0, "compatible", &s->compatible,
			      "\"arm,ffa-manifest-1.0\" or \"arm,ffa-manifest-1.1\"");
	}
	return UNKNOWN;
}

/* Empties *s for the partition at node sp: its name in messages, and what the node says of it. */
void sp_manifest_begin(struct sp_manifest *s, const struct manifest_sp *sp)
{
	struct partition *p = &s->partition;

	memset(s, 0, sizeof(*s));
	format_string(s->dt.name, sizeof(s->dt.name), "SP %s (vm%u, package at 0x%lx)", sp->name,
		      sp->number, sp->memory.base);
	p->id = (uint16_t)(FFA_ID_SPMC + sp->number);
	memcpy(p->name, sp->name, sizeof(p->name));
	p->memory = sp->memory;
	p->vcpu_count = sp->vcpu_count;
	p->quota = sp->quota;
	p->whitelist_permissive = sp->permissive;
	p->whitelist_count = dt_value_cells(&sp->whitelist);
	for (uint32_t i = 0; i < p->whitelist_count; i++) {
		p->whitelist[i] = dt_value_cell(&sp->whitelist, i);
	}
	p->regions[0] = (struct region){ .range = sp->memory,
					 .attrs = MEM_R | MEM_W | MEM_X,
					 .name = "image" };
	p->region_count = 1;
}

/*
 * Reads the SP manifest at fdt (the one of `package`, 8-byte aligned) into *s, which has begun with
 * sp_manifest_begin(). False when the partition cannot be loaded with it: every mistake has been
 * reported, and *s has what is right of it. Looks at this partition alone; what others own is for
 * claims_check().
 */
bool sp_manifest_read(struct sp_manifest *s, const void *fdt, const struct manifest_sp *sp,
		      const struct package *package)
{
	if (!dt_open(&s->dt, fdt, package->manifest.size)) {
		return false;
	}
	/* What is missing or wrong is reported; it is 0, or its fallback, in what is read on. */
	dt_read(&s->dt, 0, sp_table, ROWS(sp_table), s);
	s->partition.el0 = s->exception_level == 1;
	read_nodes(s, check_compatible(s), package);
	check_identity(s, sp);
	if (s->partition.el0) {
		check_el0(s);
	}
	check_entry(s, package);
	check_interrupt_actions(s);
	check_lifecycle(s);
	if (sp_regions_apart(s)) {
		sp_regions_cut_image(s);
	}
	if (s->dt.errors == 0) {
		settle_boot(s);
	}
	return s->dt.errors == 0;
}
