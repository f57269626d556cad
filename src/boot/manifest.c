/* SPDX-License-Identifier: BSD-3-Clause */
#include "boot/manifest.h"

#include <libfdt.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/print.h"

#define SIZE_ALLOWED "a multiple of 0x1000, not 0"
#define QUOTA_MAX 0x100000u /* pages: 4 GiB */
#define MPIDR_AFFINITY 0xFF00FFFFFFul
#define CPU_NO_REG UINT64_MAX

struct root_props {
	struct dt_value compatible;
};

struct attribute_props {
	uint32_t id, major, minor, exec_state;
	uint64_t load_address, binary_size, quota;
	bool protects;
};

struct cpu_props {
	struct dt_value device_type;
	uint64_t mpidr;
};

struct reg_props {
	struct dt_value device_type, compatible, reg;
};

struct gic_props {
	uint32_t distributors, redistributors, spi_ranges;
	struct dt_value reg;
};

static const struct prop root_table[] = {
#define ROOT_PROP(...) PROP_ROW(struct root_props, __VA_ARGS__)
#include "boot/spmc_manifest.def"
};
static const struct prop attribute_table[] = {
#define ATTRIBUTE_PROP(...) PROP_ROW(struct attribute_props, __VA_ARGS__)
#include "boot/spmc_manifest.def"
};
static const struct prop vm_table[] = {
#define VM_PROP(...) PROP_ROW(struct manifest_sp, __VA_ARGS__)
#include "boot/spmc_manifest.def"
};
static const struct prop cpu_table[] = {
#define CPU_PROP(...) PROP_ROW(struct cpu_props, __VA_ARGS__)
#include "boot/spmc_manifest.def"
};
static const struct prop reg_table[] = {
#define REG_PROP(...) PROP_ROW(struct reg_props, __VA_ARGS__)
#include "boot/spmc_manifest.def"
};
static const struct prop gic_table[] = {
#define GIC_PROP(...) PROP_ROW(struct gic_props, __VA_ARGS__)
#include "boot/spmc_manifest.def"
};

static const char *const memory_kind_names[MEMORY_KINDS] = {
	[MEMORY_SECURE] = "memory",
	[MEMORY_NS] = "ns-memory",
	[DEVICE_SECURE] = "device-memory",
	[DEVICE_NS] = "ns-device-memory",
};

/* The kind as device_type names it. */
const char *memory_kind_name(enum memory_kind kind)
{
	return memory_kind_names[kind];
}

/* True when r is inside one of the ranges of this kind. */
bool manifest_has_memory(const struct manifest *m, enum memory_kind kind, struct range r)
{
	for (uint32_t i = 0; i < m->memory_count; i++) {
		if (m->memory[i].kind == kind && range_contains(m->memory[i].range, r)) {
			return true;
		}
	}
	return false;
}

static void read_attribute(struct manifest *m, int node)
{
	struct attribute_props props = { 0 };

	if (!dt_read(&m->dt, node, attribute_table, ROWS(attribute_table), &props)) {
		return;
	}
	m->nwd_quota = props.quota;
	m->protects = props.protects;
	/* Both or none; boot.c says what is done without them. */
	if (props.binary_size != 0 &&
	    !range_make(&m->image, props.load_address, props.binary_size)) {
		dt_error(&m->dt, node, "binary_size", "0x%lx is not allowed: must end below 2^64",
			 props.binary_size);
	}
}

/* N of "vmN" without leading zeros, or -1. */
static int vm_number(const char *name)
{
	int n = 0;

	if (strncmp(name, "vm", 2) != 0 || name[2] == '\0' || (name[2] == '0' && name[3] != '\0')) {
		return -1;
	}
	for (name += 2; *name != '\0'; name++) {
		if (*name < '0' || *name > '9' || n > MANIFEST_MAX_SPS) {
			return -1;
		}
		n = n * 10 + (*name - '0');
	}
	return n;
}

static void read_vm(struct manifest *m, int node, struct manifest_sp *sp, uint32_t number)
{
	/* A mistake here is this partition's alone. */
	unsigned int errors_before = m->dt.errors;

	sp->number = number;
	sp->node = node;
	sp->usable = dt_read(&m->dt, node, vm_table, ROWS(vm_table), sp);
	if (sp->usable && !range_make(&sp->memory, sp->load_address, sp->mem_size)) {
		dt_error(&m->dt, node, "mem_size",
			 "0x%lx is not allowed: must end below 2^64 from load_address 0x%lx",
			 sp->mem_size, sp->load_address);
		sp->usable = false;
	}
	m->dt.errors = errors_before;
}

static void read_hypervisor(struct manifest *m, int hypervisor)
{
	int node;

	fdt_for_each_subnode(node, m->dt.fdt, hypervisor)
	{
		int number = vm_number(dt_node_name(&m->dt, node));

		if (number < 1 || number > MANIFEST_MAX_SPS) {
			dt_warning(&m->dt, node, NULL, "ignored: names are vm1 to vm%u",
				   MANIFEST_MAX_SPS);
			continue;
		}
		if (m->sps[number - 1].number != 0) {
			dt_warning(&m->dt, node, NULL, "ignored: this name is there already");
			continue;
		}
		read_vm(m, node, &m->sps[number - 1], (uint32_t)number);
	}
	/* The first gap ends the list: manifests may keep disabled nodes that way. */
	while (m->sp_count < MANIFEST_MAX_SPS && m->sps[m->sp_count].number != 0) {
		m->sp_count++;
	}
	for (uint32_t i = m->sp_count; i < MANIFEST_MAX_SPS; i++) {
		if (m->sps[i].number != 0) {
			dt_warning(&m->dt, m->sps[i].node, NULL, "ignored: there is no vm%u",
				   m->sp_count + 1);
		}
	}
}

static void read_cpu(struct manifest *m, int node)
{
	struct cpu_props props = { 0 };

	if (!dt_read_some(&m->dt, node, cpu_table, ROWS(cpu_table), &props) ||
	    !dt_value_has_string(&props.device_type, "cpu")) {
		return;
	}
	if (props.mpidr == CPU_NO_REG) {
		dt_error(&m->dt, node, "reg", "is missing: must be an MPIDR: affinity fields only");
		return;
	}
	if ((props.mpidr & ~MPIDR_AFFINITY) != 0) {
		dt_error(&m->dt, node, "reg",
			 "0x%lx is not allowed: must be an MPIDR: affinity fields only",
			 props.mpidr);
		return;
	}
	if (m->cpu_count == MANIFEST_MAX_CPUS) {
		dt_error(&m->dt, node, NULL, "too many CPUs: at most %u are supported",
			 MANIFEST_MAX_CPUS);
		return;
	}
	for (uint32_t i = 0; i < m->cpu_count; i++) {
		if (m->mpidr[i] == props.mpidr) {
			dt_error(&m->dt, node, "reg", "0x%lx is not allowed: it is listed twice",
				 props.mpidr);
			return;
		}
	}
	m->mpidr[m->cpu_count++] = props.mpidr;
}

static void read_cpus(struct manifest *m, int cpus)
{
	unsigned int errors_before = m->dt.errors;
	int node;

	fdt_for_each_subnode(node, m->dt.fdt, cpus)
	{
		read_cpu(m, node);
	}
	m->cpus_wrong = m->dt.errors != errors_before;
}

/* Index 0 is the CPU that boots; nothing else is taken from the order of the nodes. */
static void put_boot_cpu_first(struct manifest *m, uint64_t boot_mpidr)
{
	uint32_t i = 0;

	while (i < m->cpu_count && m->mpidr[i] != boot_mpidr) {
		i++;
	}
	if (i == m->cpu_count) {
		m->dt.errors++;
		log_error(
			"%s: /cpus: reg: none of %u CPUs is 0x%lx, the MPIDR of the CPU that boots",
			m->dt.name, m->cpu_count, boot_mpidr);
		return;
	}
	memmove(&m->mpidr[1], &m->mpidr[0], i * sizeof(m->mpidr[0]));
	m->mpidr[0] = boot_mpidr;
}

static void read_gic(struct manifest *m, int node)
{
	struct gic_props props = { 0 };
	uint32_t count;

	if (!dt_read_some(&m->dt, node, gic_table, ROWS(gic_table), &props) ||
	    !dt_reg_count(&m->dt, node, &props.reg, &count)) {
		return;
	}
	if (count < props.distributors + props.redistributors + props.spi_ranges) {
		dt_error(&m->dt, node, "reg",
			 "has %u regions: must have %u distributor, %u redistributor, %u SPI "
			 "regions",
			 count, props.distributors, props.redistributors, props.spi_ranges);
		return;
	}
	if (!dt_reg_range(&m->dt, node, &props.reg, 0, &m->gic.distributor)) {
		return;
	}
	for (uint32_t i = 0; i < props.redistributors; i++) {
		if (!dt_reg_range(&m->dt, node, &props.reg, 1 + i, &m->gic.redistributors[i])) {
			return;
		}
	}
	m->gic.redistributor_count = props.redistributors;
	m->has_gic = true;
}

static void read_memory(struct manifest *m, int node, const struct reg_props *props,
			enum memory_kind kind)
{
	uint32_t count;

	if (!dt_reg_count(&m->dt, node, &props->reg, &count)) {
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (m->memory_count == MANIFEST_MAX_MEMORY) {
			dt_error(&m->dt, node, "reg", "too many memory ranges: at most %u in all",
				 MANIFEST_MAX_MEMORY);
			return;
		}
		struct memory_range *r = &m->memory[m->memory_count];
		if (dt_reg_range(&m->dt, node, &props->reg, i, &r->range)) {
			r->kind = kind;
			m->memory_count++;
		}
	}
}

static void read_console(struct manifest *m, int node, const struct reg_props *props)
{
	uint32_t count;

	if (!dt_value_has_string(&props->compatible, "arm,pl011")) {
		dt_error_text(&m->dt, node, "compatible", &props->compatible, "\"arm,pl011\"");
		return;
	}
	m->has_console = dt_reg_count(&m->dt, node, &props->reg, &count) &&
			 dt_reg_range(&m->dt, node, &props->reg, 0, &m->console);
}

static void read_working(struct manifest *m, int node, const struct reg_props *props)
{
	uint32_t count;

	if (!dt_reg_count(&m->dt, node, &props->reg, &count)) {
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (m->working_count == MANIFEST_MAX_WORKING) {
			dt_error(&m->dt, node, "reg", "too many ranges: at most %u",
				 MANIFEST_MAX_WORKING);
			return;
		}
		if (dt_reg_range(&m->dt, node, &props->reg, i, &m->working[m->working_count])) {
			m->working_count++;
		}
	}
}

/* Nodes below the root that consist of "reg": which they are is told by type or name. */
static void read_reg_node(struct manifest *m, int node)
{
	struct reg_props props = { 0 };

	if (!dt_read_some(&m->dt, node, reg_table, ROWS(reg_table), &props)) {
		return;
	}
	for (enum memory_kind kind = 0; kind < MEMORY_KINDS; kind++) {
		if (dt_value_has_string(&props.device_type, memory_kind_names[kind])) {
			read_memory(m, node, &props, kind);
			return;
		}
	}
	if (dt_node_is(&m->dt, node, "console")) {
		read_console(m, node, &props);
	} else if (dt_node_is(&m->dt, node, "working-memory")) {
		read_working(m, node, &props);
	}
}

static void read_nodes(struct manifest *m)
{
	int node;

	fdt_for_each_subnode(node, m->dt.fdt, 0)
	{
		if (dt_node_is(&m->dt, node, "attribute")) {
			read_attribute(m, node);
		} else if (dt_node_is(&m->dt, node, "hypervisor")) {
			read_hypervisor(m, node);
		} else if (dt_node_is(&m->dt, node, "cpus")) {
			read_cpus(m, node);
		} else if (dt_node_is(&m->dt, node, "interrupt-controller")) {
			read_gic(m, node);
		} else {
			read_reg_node(m, node);
		}
	}
}

/* What no node can tell by itself. */
static void check_memory(struct manifest *m)
{
	if (m->memory_count == 0) {
		m->dt.errors++;
		log_error("%s: /: no node with device_type \"memory\": must be at least one",
			  m->dt.name);
	}
	for (uint32_t i = 0; i < m->working_count; i++) {
		struct range r = m->working[i];

		if (!manifest_has_memory(m, MEMORY_SECURE, r)) {
			m->dt.errors++;
			log_error(
				"%s: /working-memory: reg: 0x%lx, size 0x%lx is not allowed: must "
				"be inside one range of a node with device_type \"memory\"",
				m->dt.name, r.base, r.size);
		}
	}
}

static void check_sps(struct manifest *m)
{
	unsigned int errors_before = m->dt.errors;

	for (uint32_t i = 0; i < m->sp_count; i++) {
		struct manifest_sp *sp = &m->sps[i];

		if (!sp->usable) {
			continue;
		}
		if (sp->vcpu_count != 1 && sp->vcpu_count != m->cpu_count && !m->cpus_wrong) {
			dt_error(&m->dt, sp->node, "vcpu_count",
				 "%u is not allowed: must be 1, or %u, the number of CPUs",
				 sp->vcpu_count, m->cpu_count);
			sp->usable = false;
		}
		if (!manifest_has_memory(m, MEMORY_SECURE, sp->memory)) {
			dt_error(
				&m->dt, sp->node, "load_address",
				"0x%lx, mem_size 0x%lx is not allowed: must be inside one range of "
				"a node with device_type \"memory\"",
				sp->load_address, sp->mem_size);
			sp->usable = false;
		}
	}
	m->dt.errors = errors_before;
}

/*
 * Reads the manifest of `size` bytes at fdt (8-byte aligned, mapped as long as *m is used) into
 * *m, which comes zeroed. boot_mpidr: affinity of this CPU. False when no system can be made of
 * it; every mistake has been reported. A mistake in a vmN node costs that partition only.
 */
bool manifest_read(struct manifest *m, const void *fdt, size_t size, uint64_t boot_mpidr)
{
	struct root_props root = { 0 };

	format_string(m->dt.name, sizeof(m->dt.name), "SPMC manifest");
	if (!dt_open(&m->dt, fdt, size)) {
		return false;
	}
	if (dt_read_some(&m->dt, 0, root_table, ROWS(root_table), &root) &&
	    !dt_value_has_string(&root.compatible, MANIFEST_COMPATIBLE)) {
		dt_error_text(&m->dt, 0, "compatible", &root.compatible,
			      "\"" MANIFEST_COMPATIBLE "\"");
	}
	read_nodes(m);
	put_boot_cpu_first(m, boot_mpidr);
	check_memory(m);
	check_sps(m);
	return m->dt.errors == 0;
}
