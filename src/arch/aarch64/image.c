/* SPDX-License-Identifier: BSD-3-Clause */
/* What the image knows of itself, and the CPUs that may enter it. */
#include "arch/boot.h"

#include "arch/stage1.h"
#include "arch/sysreg.h"
#include "boot_tables.h"

extern char secondary_entry[];

/* boot.S: physical address of image_start; what secondary CPUs look themselves up in. */
uint64_t image_pa;
struct {
	const struct arch_secondary *first;
	uint64_t count;
	uint64_t stride;
} secondaries;

uint64_t image_load_pa(void)
{
	return image_pa;
}

size_t image_size(void)
{
	return (size_t)(image_end - image_start);
}

void arch_secondary_publish(const struct arch_secondary *first, uint32_t count, size_t stride)
{
	secondaries.first = first;
	secondaries.count = count;
	secondaries.stride = stride;
}

uint64_t arch_secondary_entry(void)
{
	return stage1_pa(secondary_entry).pa;
}

void arch_secondary_open(void)
{
	sysreg_write(TTBR0_EL2, stage1_pa(boot_identity).pa);
	sysreg_write(TCR_EL2, sysreg_read(TCR_EL2) & ~TCR_EPD0);
	isb();
}
