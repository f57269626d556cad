/* SPDX-License-Identifier: BSD-3-Clause */
/* From manifests to partitions that can be started, and claims that collide. */
#include <libfdt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "arch/gic_fake.h"
#include "arch/host.h"
#include "boot_fixture.h"
#include "core/cpu.h"
#include "core/interrupt.h"

#define RWX (MEM_R | MEM_W | MEM_X)

static const struct wrong claims[] = {
	{ "another partition's memory",
	  VM1,
	  { CELLS("/memory-regions/shared", "base-address", 0x0e4ff000) },
	  .boots = WITHOUT(1),
	  .says = { "SP one (vm1", "region shared: 0xe4ff000, size 0x2000 is not allowed: overlaps "
				   "memory of two" } },
	{ "another partition's region",
	  VM2,
	  { CELLS("/memory-regions/tx", "base-address", 0x0e901000) },
	  .boots = WITHOUT(2),
	  .says = { "SP two (vm2",
		    "region tx: 0xe901000, size 0x2000 is not allowed: overlaps memory of one" } },
	{ "another partition's device",
	  VM2,
	  { CELLS("/device-regions/timer", "base-address", 0x09050000) },
	  .boots = WITHOUT(2),
	  .says = { "region timer: 0x9050000", "overlaps memory of one" } },
	{ "the SPMC's image",
	  VM1,
	  { CELLS("/memory-regions/shared", "base-address", 0x0e100000) },
	  .boots = WITHOUT(1),
	  .says = { "region shared: 0xe100000", "overlaps memory of the SPMC, must" } },
	{ "working memory",
	  VM1,
	  { CELLS("/memory-regions/shared", "base-address", 0x0e1ff000) },
	  .boots = WITHOUT(1),
	  .says = { "region shared: 0xe1ff000", "of the SPMC (working memory)" } },
	{ "the manifest",
	  VM1,
	  { CELLS("/memory-regions/shared", "base-address", 0x0e00f000) },
	  .boots = WITHOUT(1),
	  .says = { "region shared: 0xe00f000", "of the SPMC (manifest)" } },
	{ "the distributor",
	  VM1,
	  { CELLS("/device-regions/uart", "base-address", 0x08000000) },
	  .boots = WITHOUT(1),
	  .says = { "region uart: 0x8000000", "overlaps memory of the SPMC (GIC)" } },
	{ "a redistributor",
	  VM1,
	  { CELLS("/device-regions/uart", "base-address", 0x080c0000) },
	  .boots = WITHOUT(1),
	  .says = { "region uart: 0x80c0000", "overlaps memory of the SPMC (GIC)" } },
	{ "the console",
	  VM1,
	  { CELLS("/device-regions/uart", "base-address", 0x09040000) },
	  .boots = ALL_BOOT,
	  .says = { "warning: SP one",
		    "region uart: 0x9040000 is the SPMC's console: both will write" } },
	{ "the default GIC", SPMC, { DROP("/interrupt-controller", NULL) }, .boots = ALL_BOOT },
	{ "a console in the manifest",
	  SPMC,
	  { TEXT("/console@9050000", "compatible", "arm,pl011"),
	    CELLS("/console@9050000", "reg", 0, 0x09050000, 0, 0x1000) },
	  .boots = ALL_BOOT,
	  .says = { "region uart: 0x9050000 is the SPMC's console" } },
};

static void test_claims(void **state)
{
	(void)state;
	check_wrong(claims, sizeof(claims) / sizeof(claims[0]));
}

static void test_boot_order(void **state)
{
	static const struct wrong same = { .where = VM3, .edits = { CELLS("/", "boot-order", 5) } };

	(void)state;
	assert_int_equal(boot_machine(NULL), ALL_BOOT);
	assert_string_equal(spmc.partitions[0]->name, "two"); /* 5 */
	assert_string_equal(spmc.partitions[1]->name, "one"); /* 7 */
	assert_string_equal(spmc.partitions[2]->name, "three"); /* none: last */
	assert_int_equal(boot_machine(&same), ALL_BOOT);
	assert_string_equal(spmc.partitions[0]->name, "two");
	assert_string_equal(spmc.partitions[1]->name, "three");
	assert_string_equal(spmc.partitions[2]->name, "one");
}

static unsigned int attrs(enum where vm, uint64_t ipa, bool ns)
{
	return space_lookup(&booted(vm)->space, ipa_of(ipa), ns);
}

static void test_address_spaces(void **state)
{
	(void)state;
	assert_int_equal(boot_machine(NULL), ALL_BOOT);
	for (enum where vm = VM1; vm <= VM3; vm++) {
		assert_int_equal(attrs(vm, SP_PA(vm), false), RWX);
		assert_int_equal(attrs(vm, SP_PA(vm) + SP_BYTES - 1, false), RWX);
		assert_int_equal(attrs(vm, SP_PA(vm) - 1, false), 0);
		assert_int_equal(attrs(vm, SP_PA(vm) + SP_BYTES, false), 0);
		assert_int_equal(attrs(vm, SP_PA(vm), true), 0);
		for (enum where other = VM1; other < vm; other++) {
			assert_int_not_equal(booted(vm)->space.vttbr, booted(other)->space.vttbr);
		}
	}
	/* Regions of vm1; one is a part of its image. */
	assert_int_equal(attrs(VM1, 0x0e30ffff, false), RWX);
	assert_int_equal(attrs(VM1, 0x0e310000, false), MEM_R);
	assert_int_equal(attrs(VM1, 0x0e31ffff, false), MEM_R);
	assert_int_equal(attrs(VM1, 0x0e320000, false), RWX);
	assert_int_equal(attrs(VM1, 0x0e901fff, false), MEM_R | MEM_W);
	assert_int_equal(attrs(VM1, 0x0e902000, false), 0);
	assert_int_equal(attrs(VM1, 0x50000000, true), MEM_R | MEM_W | MEM_NS);
	assert_int_equal(attrs(VM1, 0x50000000, false), 0);
	assert_int_equal(attrs(VM1, 0x09050000, false), MEM_R | MEM_W | MEM_DEVICE);
	assert_int_equal(attrs(VM2, 0x09060000, false), MEM_R | MEM_DEVICE);
	assert_int_equal(attrs(VM2, 0x09050000, false), 0);
}

/* Regions are apart, and their sum is what the manifest says. */
static void test_regions(void **state)
{
	const struct partition *p;
	uint64_t bytes = 0;

	(void)state;
	assert_int_equal(boot_machine(NULL), ALL_BOOT);
	p = booted(VM1);
	for (uint32_t i = 0; i < p->region_count; i++) {
		bytes += p->regions[i].range.size;
		for (uint32_t k = 0; k < i; k++) {
			assert_false(range_overlaps(p->regions[i].range, p->regions[k].range));
		}
	}
	assert_int_equal(bytes, SP_BYTES + 0x2000 + 0x1000 + 0x1000);
	assert_int_equal(p->region_count, 6);
}

/* Where regions cover an end of the image, or all of it, there is no empty piece. */
static void test_image_covered(void **state)
{
	static const struct wrong start = {
		.where = VM1,
		.edits = { CELLS("/memory-regions/rodata", "load-address-relative-offset", 0) },
	};
	static const struct wrong end = {
		.where = VM1,
		.edits = { CELLS("/memory-regions/rodata", "load-address-relative-offset",
				 0xf0000) },
	};
	static const struct wrong all = {
		.where = VM1,
		.edits = { CELLS("/memory-regions/rodata", "load-address-relative-offset", 0),
			   CELLS("/memory-regions/rodata", "pages-count", 256),
			   CELLS("/memory-regions/rodata", "attributes", 5) },
	};

	(void)state;
	assert_int_equal(boot_machine(&start), ALL_BOOT);
	assert_int_equal(booted(VM1)->region_count, 5);
	assert_int_equal(attrs(VM1, 0x0e300000, false), MEM_R);
	assert_int_equal(attrs(VM1, 0x0e310000, false), RWX);
	assert_int_equal(boot_machine(&end), ALL_BOOT);
	assert_int_equal(booted(VM1)->region_count, 5);
	assert_int_equal(attrs(VM1, 0x0e3fffff, false), MEM_R);
	assert_int_equal(attrs(VM1, 0x0e300000, false), RWX);
	assert_int_equal(boot_machine(&all), ALL_BOOT);
	assert_int_equal(booted(VM1)->region_count, 4);
	assert_int_equal(attrs(VM1, 0x0e300000, false), MEM_R | MEM_X);
	assert_int_equal(attrs(VM1, 0x0e3fffff, false), MEM_R | MEM_X);
}

static void check_vcpu(const struct partition *p, uint32_t i)
{
	const struct vcpu *v = &p->vcpus[i];

	assert_int_equal(v->index, i);
	assert_ptr_equal(v->partition, p);
	assert_ptr_equal(v->arch.space, &p->space);
	assert_int_equal(v->arch.pc, p->entry);
	assert_int_equal((uintptr_t)v->arch.simd.regs % 16, 0);
	assert_int_equal(vcpu_word_state(vcpu_peek(v)), i == 0 ? VCPU_CREATED : VCPU_OFF);
	assert_int_equal(vcpu_word_model(vcpu_peek(v)), RT_NONE);
	for (uint32_t k = 0; k < i; k++) {
		ptrdiff_t apart = (char *)v->arch.simd.regs - (char *)p->vcpus[k].arch.simd.regs;

		assert_true(apart >= ARCH_SIMD_SP_BYTES || apart <= -ARCH_SIMD_SP_BYTES);
	}
}

static void test_vcpus(void **state)
{
	(void)state;
	assert_int_equal(boot_machine(NULL), ALL_BOOT);
	assert_int_equal(booted(VM1)->vcpu_count, CPUS);
	assert_int_equal(booted(VM2)->vcpu_count, 1);
	for (enum where vm = VM1; vm <= VM3; vm++) {
		for (uint32_t i = 0; i < booted(vm)->vcpu_count; i++) {
			check_vcpu(booted(vm), i);
		}
	}
}

static void test_cpus(void **state)
{
	(void)state;
	assert_int_equal(boot_machine(NULL), ALL_BOOT);
	assert_int_equal(spmc.id, FFA_ID_SPMC);
	for (uint32_t i = 0; i < CPUS; i++) {
		const struct cpu *c = &spmc.cpus[i];

		assert_int_equal(c->index, i);
		assert_int_equal(c->nwd.index, i);
		assert_true(vcpu_is_nwd(&c->nwd));
		assert_int_equal(vcpu_word_state(vcpu_peek(&c->nwd)),
				 i == 0 ? VCPU_RUNNING : VCPU_OFF);
		assert_int_equal(c->stack % 4096, 0);
		for (uint32_t k = 0; k < i; k++) {
			uint64_t other = spmc.cpus[k].stack;

			assert_true(c->stack >= other + 0x3000 || other >= c->stack + 0x3000);
		}
	}
}

static void test_boot_info(void **state)
{
	const struct ffa_boot_info_header *h = (const void *)SP_PA(VM1);
	const struct ffa_boot_info_desc *d;

	(void)state;
	assert_int_equal(boot_machine(NULL), ALL_BOOT);
	assert_int_equal(h->signature, FFA_BOOT_INFO_SIGNATURE);
	assert_int_equal(h->version, FFA_VERSION_1_2);
	assert_int_equal(h->desc_size, 32);
	assert_int_equal(h->desc_count, 1);
	assert_int_equal(h->desc_offset, 32);
	d = (const void *)((const char *)h + h->desc_offset);
	assert_int_equal(d->type, FFA_BOOT_INFO_TYPE_FDT);
	assert_int_equal(d->flags, 0);
	assert_int_equal(d->content, SP_PA(VM1) + 0x1000);
	assert_int_equal(fdt_check_full((const void *)d->content, d->size), 0);
	assert_int_equal(h->blob_size, d->content + d->size - SP_PA(VM1));
	/* Who did not ask for it keeps its package as it was. */
	assert_int_equal(*package_word(VM2, 0), PACKAGE_MAGIC);
}

/* The format is that of 1.1 or 1.2, whatever the partition's version. */
static void test_boot_info_version(void **state)
{
	static const struct wrong old = {
		.where = VM1,
		.edits = { CELLS("/", "ffa-version", 0x10000), CELLS("/", "messaging-method", 3) },
	};

	(void)state;
	assert_int_equal(boot_machine(&old), ALL_BOOT);
	assert_int_equal(*package_word(VM1, 1), FFA_VERSION_1_1);
	assert_int_equal(booted(VM1)->ffa_version, FFA_VERSION_1_0);
}

static void test_interrupts(void **state)
{
	(void)state;
	assert_int_equal(boot_machine(NULL), ALL_BOOT);
	assert_ptr_equal(interrupt_find(41)->p, booted(VM1));
	assert_ptr_equal(interrupt_find(43)->p, booted(VM2));
	assert_true(gic_fake_line(42, 0)->configured);
	assert_true(gic_fake_line(42, 0)->routed && gic_fake_line(42, 0)->route == 3);
	assert_false(gic_fake_line(42, 0)->enabled);
}

/* --- Quotas ---------------------------------------------------------------------------------- */

static size_t quota_of(enum where vm)
{
	return page_pool_count(&booted(vm)->pages.pool);
}

/* What manifests ask for is given; who does not ask shares the rest, down to a least. */
static void test_quotas(void **state)
{
	static const struct wrong asked = {
		.where = SPMC,
		.edits = { CELLS("/hypervisor/vm2", "quota_pages", 17),
			   CELLS("/attribute", "nwd_quota_pages", 21),
			   CELLS("/attribute", "binary_size", 0x180000) },
	};
	struct wrong little = { .where = SPMC };
	unsigned int seen[3] = { 0 };

	(void)state;
	assert_int_equal(boot_machine(&asked), ALL_BOOT);
	assert_int_equal(quota_of(VM2), 17);
	assert_int_equal(quota_of(VM3), 32);
	/* Less the root of its tree, and the table that says what is vm1's. */
	assert_in_range(page_pool_count(&spmc.nwd_pages.pool), 17, 20);
	assert_null(strstr(host_console(), "working memory is short"));
	for (uint64_t size = 0x180000; size >= 0x24000; size -= 0x4000) {
		little.edits[0] = (struct dt_edit)CELLS("/attribute", "binary_size", 0, size);
		if (boot_machine(&little) != ALL_BOOT) {
			assert_non_null(strstr(host_console(), "too little working memory"));
			seen[2]++;
		} else if (strstr(host_console(), "working memory is short") != NULL) {
			assert_in_range(quota_of(VM2), 4, 31);
			assert_int_equal(quota_of(VM2), quota_of(VM3));
			assert_int_equal(seen[2], 0);
			seen[1]++;
		} else {
			assert_int_equal(quota_of(VM2), 32);
			assert_int_equal(seen[1], 0);
			seen[0]++;
		}
	}
	assert_true(seen[0] > 0 && seen[1] > 0 && seen[2] > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_boot_order),
		cmocka_unit_test(test_address_spaces),
		cmocka_unit_test(test_regions),
		cmocka_unit_test(test_image_covered),
		cmocka_unit_test(test_vcpus),
		cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_boot_info),
		cmocka_unit_test(test_boot_info_version),
		cmocka_unit_test(test_interrupts),
		cmocka_unit_test(test_quotas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
