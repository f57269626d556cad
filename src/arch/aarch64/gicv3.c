/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GICv3 and later, from the secure side. EL3 has woken the redistributors and chosen defaults; the
 * normal world uses its half all the time. So we write only what is ours: the interrupts that
 * somebody asks for by number, and the secure copies of the CPU interface's registers.
 */
#include "arch/gic.h"

#include <stddef.h>

#include "arch/fixup.h"
#include "arch/stage1.h"
#include "arch/sysreg.h"
#include "lib/print.h"
#include "lib/spinlock.h"

/* Distributor. */
#define GICD_CTLR 0x0000
#define GICD_CTLR_GROUPS 0x7u
#define GICD_CTLR_GROUP1S (1u << 2)
#define GICD_CTLR_ARE_S (1u << 4)
#define GICD_CTLR_DS (1u << 6)
#define GICD_CTLR_RWP (1u << 31)
#define GICD_TYPER 0x0004
#define GICD_TYPER_LINES 0x1Fu
#define GICD_TYPER_ESPI (1u << 8)
#define GICD_TYPER_ESPI_RANGE(t) ((t) >> 27)
#define GICD_BYTES 0x10000u

/* Redistributor: a page for control, a page for SGIs and PPIs, two more with GICv4. */
#define GICR_CTLR 0x0000
#define GICR_CTLR_RWP (1u << 3)
#define GICR_TYPER 0x0008
#define GICR_TYPER_VLPIS (1u << 1)
#define GICR_TYPER_LAST (1u << 4)
#define GICR_TYPER_PPI_NUM(t) ((uint32_t)((t) >> 27) & 0x1Fu)
#define GICR_TYPER_AFFINITY(t) ((uint32_t)((t) >> 32))
#define GICR_WAKER 0x0014
#define GICR_WAKER_PROCESSOR_SLEEP (1u << 1)
#define GICR_WAKER_CHILDREN_ASLEEP (1u << 2)
#define GICR_SGI_PAGE 0x10000u
#define GICR_BYTES 0x20000u
#define GICR_BYTES_V4 0x40000u

#define GIC_PIDR2 0xFFE8
#define GIC_PIDR2_REV(p) (((p) >> 4) & 0xFu)

/* INTIDs. */
#define PPI_FIRST 16u
#define SPI_FIRST 32u
#define SPI_END 1020u
#define EXT_PPI_FIRST 1056u
#define EXT_SPI_FIRST 4096u
#define SPECIAL_FIRST 1020u /* to 1023: answers that are no interrupt */
#define INTID_MASK 0xFFFFFFu

#define ICFGR_EDGE 2u

/* CPU interface. */
#define ICC_SRE_SYSTEM_REGISTERS 0x7u /* SRE, no bypass; and not for EL1 */
#define ICC_SRE_SRE (1u << 0)
#define ICH_HCR_TRAP_ALL 0x7C00u /* TC, TALL0, TALL1, TSEI, TDIR; En = 0: no list registers */

/* Times that a register is read before we take it for stuck: some seconds on any system. */
#define PATIENCE 10000000u

/* Where the registers of interrupt n are: arrays of 1, 2, 8 and 64 bits for each. */
struct layout {
	uint16_t igroupr;
	uint16_t isenabler;
	uint16_t icenabler;
	uint16_t ipriorityr;
	uint16_t icfgr;
	uint16_t igrpmodr;
	uint16_t irouter;
};

static const struct layout layout_standard = {
	.igroupr = 0x0080,
	.isenabler = 0x0100,
	.icenabler = 0x0180,
	.ipriorityr = 0x0400,
	.icfgr = 0x0C00,
	.igrpmodr = 0x0D00,
	.irouter = 0x6000,
};

static const struct layout layout_extended_spi = {
	.igroupr = 0x1000,
	.isenabler = 0x1200,
	.icenabler = 0x1400,
	.ipriorityr = 0x2000,
	.icfgr = 0x3000,
	.igrpmodr = 0x3400,
	.irouter = 0x8000,
};

/* One interrupt: its registers, and the one that tells when a write to them has taken effect. */
struct line {
	uintptr_t base;
	const struct layout *at;
	uint32_t n;
	uintptr_t ctlr;
	uint32_t rwp;
};

static struct {
	struct spinlock lock; /* for changes of registers that hold several interrupts */
	uintptr_t gicd;
	uintptr_t region[GIC_MAX_REGIONS];
	uint64_t region_bytes[GIC_MAX_REGIONS];
	uint32_t region_count;
	uint32_t spi_end; /* one past the last; SPI_FIRST or EXT_SPI_FIRST when there is none */
	uint32_t ext_spi_end;
	uint32_t ext_ppi_end;
	uintptr_t gicr[GIC_MAX_CPUS]; /* 0: not found yet */
} gic;

static uint32_t read32(uintptr_t reg)
{
	return *(volatile uint32_t *)reg;
}

static uint64_t read64(uintptr_t reg)
{
	return *(volatile uint64_t *)reg;
}

static void write32(uintptr_t reg, uint32_t value)
{
	*(volatile uint32_t *)reg = value;
}

/* Waits until all of `bits` are clear in a register. False when that never happens. */
static bool wait_clear(uintptr_t reg, uint32_t bits)
{
	for (uint32_t i = 0; i < PATIENCE; i++) {
		if ((read32(reg) & bits) == 0) {
			return true;
		}
	}
	return false;
}

/* The affinity fields of an MPIDR, as IROUTER has them. */
static uint64_t affinity(uint64_t mpidr)
{
	return mpidr & 0xFF00FFFFFFul;
}

/* The same, as GICR_TYPER has them. */
static uint32_t affinity32(uint64_t mpidr)
{
	return (uint32_t)((mpidr & 0xFFFFFF) | (mpidr >> 32 & 0xFF) << 24);
}

/* --- Which interrupt is where --------------------------------------------------------------- */

/* An SPI or extended SPI that this distributor has. */
bool gic_is_shared(uint32_t intid)
{
	return (intid >= SPI_FIRST && intid < gic.spi_end) ||
	       (intid >= EXT_SPI_FIRST && intid < gic.ext_spi_end);
}

/* An SGI, a PPI, or an extended PPI that the redistributors have; after gic_cpu_init(). */
bool gic_is_private(uint32_t intid)
{
	return intid < SPI_FIRST || (intid >= EXT_PPI_FIRST && intid < gic.ext_ppi_end);
}

/* False when there is no such interrupt, or the CPU has not come up yet. */
static bool line_find(struct line *l, uint32_t intid, uint32_t cpu)
{
	if (gic_is_shared(intid)) {
		bool extended = intid >= EXT_SPI_FIRST;

		*l = (struct line){
			.base = gic.gicd,
			.at = extended ? &layout_extended_spi : &layout_standard,
			.n = extended ? intid - EXT_SPI_FIRST : intid,
			.ctlr = gic.gicd + GICD_CTLR,
			.rwp = GICD_CTLR_RWP,
		};
		return true;
	}
	if (gic_is_private(intid) && cpu < GIC_MAX_CPUS && gic.gicr[cpu] != 0) {
		*l = (struct line){
			.base = gic.gicr[cpu] + GICR_SGI_PAGE,
			.at = &layout_standard,
			/* Extended PPIs follow the others in the arrays of a redistributor. */
			.n = intid < SPI_FIRST ? intid : intid - EXT_PPI_FIRST + SPI_FIRST,
			.ctlr = gic.gicr[cpu] + GICR_CTLR,
			.rwp = GICR_CTLR_RWP,
		};
		return true;
	}
	return false;
}

/* --- Bringing it up -------------------------------------------------------------------------- */

/* Sees r, which the manifest calls a part of the GIC, as device memory; 0 when it is none. */
static uintptr_t map_part(struct range r, uint64_t bytes, const char *what)
{
	uint32_t pidr2;
	void *va;

	if (r.size < bytes || !is_page_aligned(r.base) || !is_page_aligned(r.size)) {
		log_error("GIC: %s at 0x%lx, size 0x%lx: must be page aligned and at least 0x%lx "
			  "long (reg of interrupt-controller in the SPMC manifest)",
			  what, r.base, r.size, bytes);
		return 0;
	}
	va = stage1_map(r, MEM_R | MEM_W | MEM_DEVICE);
	if (va == NULL) {
		log_error("GIC: %s at 0x%lx, size 0x%lx: cannot be mapped: the address is too "
			  "high or working memory too small",
			  what, r.base, r.size);
		return 0;
	}
	if (!probe_read32((uintptr_t)va + GIC_PIDR2, &pidr2) || GIC_PIDR2_REV(pidr2) < 3) {
		log_error("GIC: %s at 0x%lx: no GICv3 or GICv4 there (PIDR2 is 0x%x): see reg of "
			  "interrupt-controller in the SPMC manifest",
			  what, r.base, pidr2);
		return 0;
	}
	return (uintptr_t)va;
}

/*
 * Secure group 1 enabled, affinity routing on. EL3 has done that; if it has not, affinity routing
 * is turned on with all groups off, because nothing else is allowed.
 */
static bool distributor_enable(void)
{
	uintptr_t reg = gic.gicd + GICD_CTLR;
	uint32_t ctlr = read32(reg) & ~GICD_CTLR_RWP;
	bool done = true;

	if ((ctlr & GICD_CTLR_DS) != 0) {
		log_error("GIC: the firmware at EL3 has set GICD_CTLR.DS: without two security "
			  "states there are no secure interrupts");
		return false;
	}
	if ((ctlr & GICD_CTLR_ARE_S) == 0) {
		write32(reg, ctlr & ~GICD_CTLR_GROUPS);
		done = wait_clear(reg, GICD_CTLR_RWP);
	}
	if ((ctlr & (GICD_CTLR_ARE_S | GICD_CTLR_GROUP1S)) !=
	    (GICD_CTLR_ARE_S | GICD_CTLR_GROUP1S)) {
		write32(reg, (ctlr & ~GICD_CTLR_GROUPS) | GICD_CTLR_ARE_S);
		write32(reg, ctlr | GICD_CTLR_ARE_S | GICD_CTLR_GROUP1S);
		done = done && wait_clear(reg, GICD_CTLR_RWP);
	}
	if (!done) {
		log_error("GIC: distributor does not answer: GICD_CTLR stays at 0x%x", read32(reg));
	}
	return done;
}

/*
 * Maps the GIC that r describes and makes sure that it is one that we can use. Once, on the boot
 * CPU, before everything else here. False, with a message, when it is not.
 */
bool gic_init(const struct gic_regions *r)
{
	uint32_t typer;

	gic.gicd = map_part(r->distributor, GICD_BYTES, "distributor");
	if (gic.gicd == 0) {
		return false;
	}
	for (uint32_t i = 0; i < r->redistributor_count; i++) {
		gic.region[i] = map_part(r->redistributors[i], GICR_BYTES, "redistributor");
		if (gic.region[i] == 0) {
			return false;
		}
		gic.region_bytes[i] = r->redistributors[i].size;
	}
	gic.region_count = r->redistributor_count;

	typer = read32(gic.gicd + GICD_TYPER);
	gic.spi_end = 32 * ((typer & GICD_TYPER_LINES) + 1);
	if (gic.spi_end > SPI_END) {
		gic.spi_end = SPI_END;
	}
	gic.ext_spi_end = EXT_SPI_FIRST;
	if ((typer & GICD_TYPER_ESPI) != 0) {
		gic.ext_spi_end += 32 * (GICD_TYPER_ESPI_RANGE(typer) + 1);
	}
	gic.ext_ppi_end = EXT_PPI_FIRST;
	return distributor_enable();
}

/* The redistributor of the CPU with that affinity (Aff3.Aff2.Aff1.Aff0 in 32 bits), or 0. */
static uintptr_t redistributor_find(uint32_t aff)
{
	for (uint32_t i = 0; i < gic.region_count; i++) {
		uint64_t at = 0;
		uint64_t typer = 0;

		while ((typer & GICR_TYPER_LAST) == 0 && gic.region_bytes[i] - at >= GICR_BYTES) {
			uintptr_t gicr = gic.region[i] + at;

			typer = read64(gicr + GICR_TYPER);
			if (GICR_TYPER_AFFINITY(typer) == aff) {
				return gicr;
			}
			at += (typer & GICR_TYPER_VLPIS) != 0 ? GICR_BYTES_V4 : GICR_BYTES;
			if (at > gic.region_bytes[i]) {
				break;
			}
		}
	}
	return 0;
}

/* EL3 does this before it starts a CPU; a redistributor asleep would swallow our interrupts. */
static bool redistributor_wake(uintptr_t gicr)
{
	uint32_t waker = read32(gicr + GICR_WAKER);

	if ((waker & GICR_WAKER_CHILDREN_ASLEEP) == 0) {
		return true;
	}
	write32(gicr + GICR_WAKER, waker & ~GICR_WAKER_PROCESSOR_SLEEP);
	return wait_clear(gicr + GICR_WAKER, GICR_WAKER_CHILDREN_ASLEEP);
}

/* What the first CPU says of extended PPIs holds for all. */
static void ext_ppi_init(uintptr_t gicr)
{
	uint32_t num = GICR_TYPER_PPI_NUM(read64(gicr + GICR_TYPER));

	if (num == 1 || num == 2) {
		gic.ext_ppi_end = EXT_PPI_FIRST + 32 * num;
	}
}

/*
 * Prepares redistributor and CPU interface of the calling CPU, which is spmc.cpus[cpu] and has
 * that MPIDR. Each time it comes up. False, with a message, when it has none.
 */
bool gic_cpu_init(uint32_t cpu, uint64_t mpidr)
{
	uintptr_t gicr;

	if (cpu >= GIC_MAX_CPUS) {
		log_error("GIC: CPU %u: at most %u are allowed", cpu, GIC_MAX_CPUS);
		return false;
	}
	gicr = redistributor_find(affinity32(mpidr));
	if (gicr == 0) {
		log_error("GIC: no redistributor of CPU %u (MPIDR 0x%lx): see reg of "
			  "interrupt-controller in the SPMC manifest",
			  cpu, mpidr);
		return false;
	}
	if (!redistributor_wake(gicr)) {
		log_error("GIC: the redistributor of CPU %u does not wake up", cpu);
		return false;
	}
	if (cpu == 0) {
		ext_ppi_init(gicr);
	}
	gic.gicr[cpu] = gicr;
	gic_cpu_restore();
	isb();
	if ((sysreg_read(ICC_SRE_EL2) & ICC_SRE_SRE) == 0) {
		log_error(
			"GIC: CPU %u has no system registers for it: the firmware at EL3 must set "
			"ICC_SRE_EL3.SRE",
			cpu);
		return false;
	}
	return true;
}

/*
 * Writes each secure register of the CPU interface that EL3 does not promise to keep (but the
 * priority mask), whatever it holds: secure group 1 on, no grouping of priorities, an
 * acknowledged interrupt is ended by one write; SPs have no access. Called on the way from the
 * normal world into an SP; it takes effect there, with the ERET.
 */
void gic_cpu_restore(void)
{
	sysreg_write(ICC_SRE_EL2, ICC_SRE_SYSTEM_REGISTERS);
	isb(); /* the registers below exist from here on */
	sysreg_write(ICC_IGRPEN1_EL1, 1);
	sysreg_write(ICC_BPR1_EL1, 0);
	sysreg_write(ICC_CTLR_EL1, 0);
	sysreg_write(ICH_HCR_EL2, ICH_HCR_TRAP_ALL);
}

/*
 * Only what gic_end() needs of it: EL3 has entered us for an interrupt, and the rest follows on the
 * way into an SP.
 */
void gic_cpu_restore_end(void)
{
	sysreg_write(ICC_SRE_EL2, ICC_SRE_SYSTEM_REGISTERS);
	isb();
	sysreg_write(ICC_CTLR_EL1, 0);
}

/* --- One interrupt --------------------------------------------------------------------------- */

/*
 * Sets field n of an array of fields of `bits` bits. What holds the value already is not written:
 * the other fields may be the normal world's, which does not know our lock.
 */
static void set_field(uintptr_t array, uint32_t n, uint32_t bits, uint32_t value)
{
	uintptr_t reg = array + 4 * (uintptr_t)(n * bits / 32);
	uint32_t shift = n * bits % 32;
	uint32_t mask = ((1u << bits) - 1) << shift;
	uint32_t old = read32(reg);

	if ((old & mask) != value << shift) {
		write32(reg, (old & ~mask) | value << shift);
	}
}

static void line_enable(const struct line *l, bool enable)
{
	uint16_t array = enable ? l->at->isenabler : l->at->icenabler;

	write32(l->base + array + 4 * (uintptr_t)(l->n / 32), 1u << l->n % 32);
	if (!enable && !wait_clear(l->ctlr, l->rwp)) {
		log_warning("GIC: the write that disables an interrupt does not finish");
	}
}

/*
 * Makes an interrupt one of secure group 1, or of non-secure group 1, triggered by level or edge,
 * with that priority (secure view: below 0x80 if secure, else not). It is disabled after; if it
 * is pending it stays so. Nothing happens when the CPU it belongs to has not come up yet.
 */
void gic_configure(uint32_t intid, uint32_t cpu, bool secure, bool level, uint8_t priority)
{
	struct line l;

	if (!line_find(&l, intid, cpu)) {
		return;
	}
	line_enable(&l, false);
	spin_lock(&gic.lock);
	set_field(l.base + l.at->igroupr, l.n, 1, secure ? 0 : 1);
	set_field(l.base + l.at->igrpmodr, l.n, 1, secure ? 1 : 0);
	set_field(l.base + l.at->icfgr, l.n, 2, level ? 0 : ICFGR_EDGE);
	spin_unlock(&gic.lock);
	*(volatile uint8_t *)(l.base + l.at->ipriorityr + l.n) = priority;
}

/*
 * Lets an interrupt through, or not: it has stopped when this returns. Nothing happens when the
 * CPU it belongs to has not come up yet.
 */
void gic_enable(uint32_t intid, uint32_t cpu, bool enable)
{
	struct line l;

	if (line_find(&l, intid, cpu)) {
		line_enable(&l, enable);
	}
}

/* Sends an SPI to the CPU with that affinity from now on. */
void gic_route(uint32_t intid, uint64_t mpidr)
{
	struct line l;

	if (gic_is_shared(intid) && line_find(&l, intid, 0)) {
		*(volatile uint64_t *)(l.base + l.at->irouter + 8ul * l.n) = affinity(mpidr);
	}
}

/* --- CPU interface --------------------------------------------------------------------------- */

/* Acknowledges the first pending interrupt of secure group 1: its INTID, or GIC_SPURIOUS. */
uint32_t gic_acknowledge(void)
{
	uint32_t intid = (uint32_t)sysreg_read(ICC_IAR1_EL1) & INTID_MASK;

	/* What its device has written is seen after this, and not before. */
	__asm__ volatile("dsb sy" ::: "memory");
	return intid >= SPECIAL_FIRST && intid <= GIC_SPURIOUS ? GIC_SPURIOUS : intid;
}

/* Ends an acknowledged interrupt: the running priority drops and it may come again. */
void gic_end(uint32_t intid)
{
	sysreg_write(ICC_EOIR1_EL1, intid);
	isb();
}

/* True when a group 0 interrupt, which is EL3's, is the first one that waits for this CPU. */
bool gic_group0_pending(void)
{
	uint32_t intid = (uint32_t)sysreg_read(ICC_HPPIR0_EL1) & INTID_MASK;

	return intid < SPECIAL_FIRST || intid > GIC_SPURIOUS;
}

#define SGI_TO_OTHERS (1ul << 40) /* IRM: all CPUs but this one */

/* The operand of ICC_SGI1R_EL1 and ICC_ASGI1R_EL1 for one CPU. */
static uint64_t sgi_to(uint32_t sgi, uint64_t mpidr)
{
	uint64_t aff0 = mpidr & 0xFF;
	uint64_t aff1 = mpidr >> 8 & 0xFF;
	uint64_t aff2 = mpidr >> 16 & 0xFF;
	uint64_t aff3 = mpidr >> 32 & 0xFF;

	return aff3 << 48 | (aff0 >> 4) << 44 | aff2 << 32 | (uint64_t)sgi << 24 | aff1 << 16 |
	       1ul << (aff0 & 0xF);
}

/* Interrupts one CPU, which then sees all that this CPU has written. */
void gic_send_secure_sgi(uint32_t sgi, uint64_t mpidr)
{
	__asm__ volatile("dsb ishst" ::: "memory");
	sysreg_write(ICC_SGI1R_EL1, sgi_to(sgi, mpidr));
	isb();
}

/* Interrupts all other CPUs. */
void gic_send_secure_sgi_others(uint32_t sgi)
{
	__asm__ volatile("dsb ishst" ::: "memory");
	sysreg_write(ICC_SGI1R_EL1, SGI_TO_OTHERS | (uint64_t)sgi << 24);
	isb();
}

/* Pends a non-secure SGI on this CPU. */
void gic_send_nwd_sgi(uint32_t sgi)
{
	__asm__ volatile("dsb ishst" ::: "memory");
	sysreg_write(ICC_ASGI1R_EL1, sgi_to(sgi, sysreg_read(MPIDR_EL1)));
	isb();
}
