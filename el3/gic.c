/* SPDX-License-Identifier: BSD-3-Clause */
#include "gic.h"

#include <stdatomic.h>

#include "bulkhead/mon.h"
#include "console.h"
#include "cpu.h"
#include "mmio.h"
#include "sysreg.h"

#define GICD 0x08000000UL
#define GICD_CTLR (GICD + 0x0000)
#define GICD_CTLR_GROUPS 0x7u /* group 0, non-secure group 1, secure group 1 */
#define GICD_CTLR_ARE 0x30u /* affinity routing, both worlds */
#define GICD_CTLR_RWP (1u << 31)
#define GICD_TYPER (GICD + 0x0004)
#define GICD_IROUTER(n) (GICD + 0x6000 + 8UL * (n))

#define GICR(cpu) (0x080a0000UL + 0x20000UL * (cpu))
#define GICR_TYPER 0x0008
#define GICR_TYPER_LAST (1u << 4)
#define GICR_WAKER 0x0014
#define GICR_WAKER_PROCESSOR_SLEEP (1u << 1)
#define GICR_WAKER_CHILDREN_ASLEEP (1u << 2)
#define GICR_SGI_BASE 0x10000

/* At the same offsets in the distributor and in a redistributor's second page. */
#define IGROUPR 0x0080
#define ISENABLER 0x0100
#define ISPENDR 0x0200
#define ICPENDR 0x0280
#define IPRIORITYR 0x0400
#define IGRPMODR 0x0d00

/* A group as its bits in IGROUPR and IGRPMODR. */
#define GROUP_0 0u
#define GROUP_1NS 1u
#define GROUP_1S 2u

#define INTID_WAKE 15u /* SGI that ends the WFI of a CPU which is off */
#define INTID_SPURIOUS 1020u /* from here on no interrupt */

/* As the secure world sees them; the normal world sees its 0xd0 as 0xa0. */
static const uint8_t priority_of_group[] = {
	[GROUP_0] = 0x00,
	[GROUP_1NS] = 0xd0,
	[GROUP_1S] = 0x20,
};

static uint32_t spi_end; /* one past the last SPI */
static _Atomic uint64_t group0_count;

static void set_bit(uintptr_t base, uint32_t intid, bool on)
{
	uintptr_t reg = base + 4 * (intid / 32);
	uint32_t bit = 1u << intid % 32;
	uint32_t old = mmio_read32(reg);

	mmio_write32(reg, on ? old | bit : old & ~bit);
}

static void set_group(uintptr_t frame, uint32_t intid, unsigned int group)
{
	set_bit(frame + IGROUPR, intid, (group & GROUP_1NS) != 0);
	set_bit(frame + IGRPMODR, intid, (group & GROUP_1S) != 0);
	mmio_write8(frame + IPRIORITYR + intid, priority_of_group[group]);
}

/* The page that says of an interrupt what the distributor says of SPIs. */
static uintptr_t frame_of(uint32_t intid, uint32_t cpu)
{
	return intid < GIC_SPI_FIRST ? GICR(cpu) + GICR_SGI_BASE : GICD;
}

/* Distributor: all SPIs non-secure group 1, but for one of group 0. Returns the number of CPUs. */
unsigned int gic_init(void)
{
	unsigned int cpu = 0;

	spi_end = 32 * ((mmio_read32(GICD_TYPER) & 0x1F) + 1);
	mmio_write32(GICD_CTLR, GICD_CTLR_ARE);
	mmio_write32(GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GROUPS);
	while ((mmio_read32(GICD_CTLR) & GICD_CTLR_RWP) != 0) {
	}
	for (uint32_t intid = GIC_SPI_FIRST; intid < spi_end; intid++) {
		set_group(GICD, intid, GROUP_1NS);
	}
	set_group(GICD, MON_GROUP0_INTID, GROUP_0);
	mmio_write32(GICD + ISENABLER + 4 * (MON_GROUP0_INTID / 32), 1u << MON_GROUP0_INTID % 32);

	while ((mmio_read32(GICR(cpu) + GICR_TYPER) & GICR_TYPER_LAST) == 0) {
		cpu++;
	}
	return cpu + 1;
}

static unsigned int group_of_private(uint32_t intid)
{
	switch (intid) {
	case 8 ... 15: /* SGIs that TF-A keeps for the secure world */
	case 19: /* CNTHVS */
	case 20: /* CNTHPS */
		return GROUP_1S;
	case GIC_INTID_TIMER_EL3:
		return GROUP_0;
	default:
		return GROUP_1NS;
	}
}

/* The calling CPU's redistributor and CPU interface. The normal world enables its group itself. */
void gic_init_cpu(unsigned int index)
{
	uintptr_t waker = GICR(index) + GICR_WAKER;
	uintptr_t frame = GICR(index) + GICR_SGI_BASE;
	uint64_t scr = sysreg_read(SCR_EL3);

	mmio_write32(waker, mmio_read32(waker) & ~GICR_WAKER_PROCESSOR_SLEEP);
	while ((mmio_read32(waker) & GICR_WAKER_CHILDREN_ASLEEP) != 0) {
	}
	for (uint32_t intid = 0; intid < GIC_SPI_FIRST; intid++) {
		set_group(frame, intid, group_of_private(intid));
	}
	mmio_write32(frame + ISENABLER, 0xFF00 | 1u << GIC_INTID_TIMER_EL3);

	sysreg_write(ICC_SRE_EL3, 0xF);
	isb();
	sysreg_write(ICC_SRE_EL2, 0xF);
	sysreg_write(ICC_SRE_EL1, 7);
	sysreg_write(SCR_EL3, scr | SCR_NS);
	isb();
	sysreg_write(ICC_SRE_EL1, 7);
	sysreg_write(SCR_EL3, scr & ~SCR_NS);
	isb();
	sysreg_write(ICC_CTLR_EL3, 0);
	sysreg_write(ICC_PMR_EL1, 0xFF);
	sysreg_write(ICC_BPR0_EL1, 0);
	sysreg_write(ICC_IGRPEN0_EL1, 1);
	sysreg_write(ICC_IGRPEN1_EL3, 2); /* secure */
	isb();
}

/* INTID of the first pending interrupt of this CPU, if it is of group 0, else 1020 and above. */
uint32_t gic_first_pending(void)
{
	return sysreg_read(ICC_HPPIR0_EL1) & 0xFFFFFF;
}

/* Takes, counts and ends the pending group-0 interrupt; EL3 has no other use for one. */
void gic_handle_group0(void)
{
	uint64_t intid = sysreg_read(ICC_IAR0_EL1);

	if (intid >= INTID_SPURIOUS && intid < 1024) {
		return;
	}
	sysreg_write(ICC_EOIR0_EL1, intid);
	isb();
	if (atomic_fetch_add(&group0_count, 1) == 0) {
		console_print("group-0 interrupt 0x%lx handled; further ones are only counted",
			      intid);
	}
}

uint64_t gic_group0_count(void)
{
	return atomic_load(&group0_count);
}

static bool is_secure_group1(uint32_t intid)
{
	uint32_t bit = 1u << intid % 32;

	return (mmio_read32(GICD + IGROUPR + 4 * (intid / 32)) & bit) == 0 &&
	       (mmio_read32(GICD + IGRPMODR + 4 * (intid / 32)) & bit) != 0;
}

/* Whether there are such an interrupt and such a CPU. */
bool gic_exists(uint64_t intid, uint64_t cpu)
{
	return intid < spi_end && cpu < cpu_count;
}

/* Sets the pending bit of an interrupt that exists; routes it as MON_PEND says. */
void gic_set_pending(uint32_t intid, uint32_t cpu)
{
	if (intid >= GIC_SPI_FIRST && !is_secure_group1(intid)) {
		mmio_write64(GICD_IROUTER(intid), cpu);
	}
	mmio_write32(frame_of(intid, cpu) + ISPENDR + 4 * (intid / 32), 1u << intid % 32);
}

/* Gives an SPI to a world. False if it is none, or the one of group 0. */
bool gic_set_secure(uint32_t intid, bool secure)
{
	if (intid < GIC_SPI_FIRST || intid >= spi_end || intid == MON_GROUP0_INTID) {
		return false;
	}
	set_group(GICD, intid, secure ? GROUP_1S : GROUP_1NS);
	return true;
}

/* Ends the WFI of another CPU that waits at EL3. */
void gic_wake_cpu(unsigned int index)
{
	dsb();
	sysreg_write(ICC_SGI1R_EL1, (uint64_t)INTID_WAKE << 24 | 1u << index);
	isb();
}

void gic_clear_wake(unsigned int index)
{
	mmio_write32(GICR(index) + GICR_SGI_BASE + ICPENDR, 1u << INTID_WAKE);
}

/* MON_FORGET's part: the secure copies of the CPU interface, and the list registers. */
void gic_forget(void)
{
	unsigned int lists = (sysreg_read(ICH_VTR_EL2) & 0x1F) + 1;

	sysreg_write(ICC_CTLR_EL1, 0);
	sysreg_write(ICC_BPR1_EL1, 0);
	sysreg_write(ICC_IGRPEN1_EL1, 0);
	sysreg_write(ICC_AP1R0_EL1, 0);
	sysreg_write(S3_4_C12_C8_0, 0); /* ICH_AP0R0_EL2 */
	sysreg_write(S3_4_C12_C9_0, 0); /* ICH_AP1R0_EL2 */
#define FORGET_LR(n, crm, op2)                                                                     \
	if ((n) < lists) {                                                                         \
		sysreg_write(S3_4_C12_C##crm##_##op2, 0);                                          \
	}
#define FORGET_LRS(n, crm)                                                                         \
	FORGET_LR(n, crm, 0)                                                                       \
	FORGET_LR(n + 1, crm, 1)                                                                   \
	FORGET_LR(n + 2, crm, 2)                                                                   \
	FORGET_LR(n + 3, crm, 3)                                                                   \
	FORGET_LR(n + 4, crm, 4)                                                                   \
	FORGET_LR(n + 5, crm, 5)                                                                   \
	FORGET_LR(n + 6, crm, 6)                                                                   \
	FORGET_LR(n + 7, crm, 7)
	FORGET_LRS(0, 12)
	FORGET_LRS(8, 13)
	isb();
}
