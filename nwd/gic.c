/* SPDX-License-Identifier: BSD-3-Clause */
#include "gic.h"

#include <stddef.h>

#include "cpu.h"
#include "histogram.h"

#define GICD 0x08000000ull
#define GICR 0x080a0000ull
#define GICR_STRIDE 0x20000ull
#define GICR_SGI 0x10000ull /* frame with the registers of SGIs and PPIs */

#define GICD_CTLR 0x0000u
#define GICD_CTLR_ENABLE_GRP1A (1u << 1)
#define GICD_CTLR_ARE_NS (1u << 4)
#define GIC_ISENABLER 0x0100u
#define GIC_ICENABLER 0x0180u
#define GIC_ICPENDR 0x0280u
#define GIC_IPRIORITYR 0x0400u
#define GICD_IROUTER 0x6000u

#define ICC_PMR_EL1 S3_0_C4_C6_0
#define ICC_IAR1_EL1 S3_0_C12_C12_0
#define ICC_EOIR1_EL1 S3_0_C12_C12_1
#define ICC_SGI1R_EL1 S3_0_C12_C11_5
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7
#define ICC_SRE_EL1 S3_0_C12_C12_5
#define ICC_SRE_EL2 S3_4_C12_C9_5
#define sysreg_read_(name) sysreg_read(name)
#define sysreg_write_(name, value) sysreg_write(name, value)

#define PRIORITY 0xa0u
#define PRIORITY_ALL 0xf0u
#define INTID_MASK 0xffffffu

#define TIMER_ENABLE 1u
#define TIMER_MASKED 2u

static volatile uint32_t *reg(uint64_t base, uint64_t offset)
{
	return (volatile uint32_t *)(base + offset);
}

/* The frame that holds an interrupt's bits: its CPU's redistributor, or the distributor. */
static uint64_t frame_of(uint32_t intid, uint32_t cpu)
{
	return intid < 32 ? GICR + cpu * GICR_STRIDE + GICR_SGI : GICD;
}

static void set_priority(uint32_t intid, uint32_t cpu)
{
	((volatile uint8_t *)(frame_of(intid, cpu) + GIC_IPRIORITYR))[intid] = PRIORITY;
}

void gic_init_distributor(void)
{
	*reg(GICD, GICD_CTLR) = GICD_CTLR_ARE_NS | GICD_CTLR_ENABLE_GRP1A;
}

void gic_init_cpu(uint32_t index)
{
	for (uint32_t i = 0; i < 32; i++) {
		set_priority(i, index);
	}
	*reg(frame_of(0, index), GIC_ISENABLER) =
		0xffffu | 1u << INTID_CNTHP | 1u << INTID_CNTV | 1u << INTID_CNTP;
	if (cpu_el() == 2) {
		sysreg_write_(ICC_SRE_EL2, 0xf);
		isb();
	}
	sysreg_write_(ICC_SRE_EL1, 0x7);
	isb();
	sysreg_write_(ICC_PMR_EL1, PRIORITY_ALL);
	sysreg_write_(ICC_IGRPEN1_EL1, 1);
	isb();
}

/* On this CPU where the interrupt is a CPU's own. */
void gic_enable(uint32_t intid, bool on)
{
	*reg(frame_of(intid, cpu_index()), (on ? GIC_ISENABLER : GIC_ICENABLER) + intid / 32 * 4) =
		1u << intid % 32;
}

/* What is pending is not any more, without having been taken. */
void gic_clear_pending(uint32_t intid)
{
	*reg(frame_of(intid, cpu_index()), GIC_ICPENDR + intid / 32 * 4) = 1u << intid % 32;
	dsb();
}

/* A shared interrupt, for one CPU. */
void gic_enable_spi(uint32_t intid, uint32_t cpu)
{
	set_priority(intid, 0);
	*(volatile uint64_t *)(GICD + GICD_IROUTER + 8ull * intid) = cpu;
	gic_enable(intid, true);
}

void gic_send(uint32_t intid, uint32_t cpu)
{
	dsb();
	sysreg_write_(ICC_SGI1R_EL1, (uint64_t)intid << 24 | 1ull << cpu);
	isb();
}

uint32_t gic_acknowledge(void)
{
	uint32_t intid = sysreg_read_(ICC_IAR1_EL1) & INTID_MASK;

	dsb();
	return intid;
}

void gic_end(uint32_t intid)
{
	sysreg_write_(ICC_EOIR1_EL1, intid);
	isb();
}

uint64_t timer_ticks(uint64_t ns)
{
	uint64_t frequency = sysreg_read(cntfrq_el0);

	return ns / 1000000000u * frequency + ns % 1000000000u * frequency / 1000000000u;
}

uint64_t timer_ns(uint64_t ticks)
{
	uint64_t frequency = sysreg_read(cntfrq_el0);

	return ticks / frequency * 1000000000u + ticks % frequency * 1000000000u / frequency;
}

/*
 * The timer that timer_start() uses. At EL2 its own one: a monitor that keeps our EL1 state for
 * itself stops the EL1 timers while the secure world runs, so that they never interrupt it.
 */
uint32_t timer_intid(void)
{
	return cpu_el() == 2 ? INTID_CNTHP : INTID_CNTP;
}

/* This CPU is interrupted once by that timer, ns from now. */
void timer_start_one(uint32_t intid, uint64_t ns)
{
	uint64_t at = sysreg_read(cntpct_el0) + timer_ticks(ns);

	switch (intid) {
	case INTID_CNTP:
		sysreg_write(cntp_cval_el0, at);
		sysreg_write(cntp_ctl_el0, TIMER_ENABLE);
		break;
	case INTID_CNTV:
		sysreg_write(cntv_cval_el0, at);
		sysreg_write(cntv_ctl_el0, TIMER_ENABLE);
		break;
	case INTID_CNTHP:
		sysreg_write(cnthp_cval_el2, at);
		sysreg_write(cnthp_ctl_el2, TIMER_ENABLE);
		break;
	default:
		break;
	}
	isb();
}

void timer_start(uint64_t ns)
{
	timer_start_one(timer_intid(), ns);
}

static void timer_mask(uint32_t intid)
{
	switch (intid) {
	case INTID_CNTP:
		sysreg_write(cntp_ctl_el0, TIMER_MASKED);
		break;
	case INTID_CNTV:
		sysreg_write(cntv_ctl_el0, TIMER_MASKED);
		break;
	case INTID_CNTHP:
		sysreg_write(cnthp_ctl_el2, TIMER_MASKED);
		break;
	default:
		break;
	}
	isb();
}

void timer_stop(void)
{
	cpu_this()->tick_max = 0;
	timer_mask(timer_intid());
}

/* Interrupts again and again, each time after a random while within the limits. */
void timer_tick(uint64_t ns_min, uint64_t ns_max)
{
	struct cpu *c = cpu_this();
	uint64_t ns = ns_min + random_below(ns_max - ns_min + 1);

	c->tick_min = ns_min;
	c->tick_max = ns_max;
	c->ticks++;
	c->tick_at = sysreg_read(cntpct_el0) + timer_ticks(ns);
	timer_start(ns);
}

/* An interrupt was taken: if it is a timer's, its level goes away. */
void timer_interrupt(uint32_t intid)
{
	struct cpu *c = cpu_this();

	timer_mask(intid);
	if (intid == timer_intid() && c->tick_late != NULL) {
		histogram_add(c->tick_late, timer_ns(sysreg_read(cntpct_el0) - c->tick_at));
	}
	if (intid == timer_intid() && c->tick_max != 0) {
		timer_tick(c->tick_min, c->tick_max);
	}
}
