/* SPDX-License-Identifier: BSD-3-Clause */
#include "pend.h"

#include <stddef.h>

#include "bulkhead/mon.h"
#include "bulkhead/tester.h"
#include "cpu.h"
#include "gic.h"
#include "monitor.h"
#include "smc.h"
#include "test.h"

#define NEVER_NS 3000000000000u
#define TURN_NS 2000u

/* --- Devices --------------------------------------------------------------------------------- */

/* PL031, a clock: it interrupts when the time is what RTCMR says. */
#define RTC 0x09010000ull
#define RTCDR 0x00
#define RTCMR 0x04
#define RTCIMSC 0x10
#define RTCRIS 0x14

/* PL011, our console: it interrupts when it has sent something, which is long ago. */
#define UART 0x09000000ull
#define UARTIMSC 0x38
#define UARTIMSC_TX (1u << 5)

static volatile uint32_t *reg(uint64_t base, uint64_t offset)
{
	return (volatile uint32_t *)(base + offset);
}

/* A mask register lets the level through for a moment: the interrupt is configured as an edge. */
static void pulse(volatile uint32_t *mask, uint32_t bit)
{
	*mask = bit;
	*mask = 0;
	dsb();
}

static void clock_interrupt(void)
{
	while (*reg(RTC, RTCRIS) == 0) {
		*reg(RTC, RTCMR) = *reg(RTC, RTCDR);
	}
	pulse(reg(RTC, RTCIMSC), 1);
}

static void console_interrupt(void)
{
	pulse(reg(UART, UARTIMSC), UARTIMSC_TX);
}

static const struct device {
	uint32_t intid;
	void (*interrupt)(void);
} devices[] = {
	{ TESTER_INTID, clock_interrupt },
	{ TESTER_UP_INTID, console_interrupt },
};

static const struct device *device_of(uint32_t intid)
{
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		if (devices[i].intid == intid) {
			return &devices[i];
		}
	}
	return NULL;
}

/* --- Later ----------------------------------------------------------------------------------- */

static void pend_now(uint32_t intid, uint32_t cpu)
{
	const struct device *device = device_of(intid);

	if (device != NULL) {
		device->interrupt();
	} else {
		gic_send(intid, cpu);
	}
}

/* This CPU's helper may still have to do it. */
static bool is_late[CPU_COUNT];

/* The idle CPU that does it for this one. */
static uint32_t helper(void)
{
	return cpu_index() % (CPU_COUNT - 1) + 1;
}

#define LATE(ns, intid, cpu) ((ns) << 16 | (uint64_t)(intid) << 8 | (cpu))

/*
 * Under -icount QEMU's CPUs take turns, and a turn ends when a timer runs out. The first timer
 * wakes this CPU, the second one ends the turn of the CPU that has gone on until then.
 */
static void late_job(uint64_t late)
{
	uint64_t ns = late >> 16;
	uint64_t end = cpu_now() + timer_ticks(ns);

	timer_start(ns);
	timer_start_one(INTID_CNTP, ns + TURN_NS);
	while (cpu_now() < end) {
		__asm__ volatile("wfi" ::: "memory");
	}
	timer_stop();
	pend_now(late >> 8 & 0xff, late & 0xff);
}

bool pend_can(uint32_t intid)
{
	return monitor_is_there() || intid == INTID_TEST || device_of(intid) != NULL;
}

/*
 * The interrupt pends after ns, 0: before this returns; INTID_TEST for the calling CPU. One of them
 * for each CPU, which without our monitor has another one, idle, do it. False: the test has failed.
 */
bool pend(uint32_t intid, uint64_t ns)
{
	if (monitor_is_there()) {
		uint64_t status = smc(MON_PEND, intid, cpu_index(), ns);

		CHECK(status == 0, "MON_PEND(%u, %lu): %ld", intid, ns, status);
	} else if (ns == 0) {
		pend_now(intid, cpu_index());
	} else {
		cpu_start(helper(), late_job, LATE(ns, intid, cpu_index()));
		is_late[cpu_index()] = true;
	}
	return true;
}

/*
 * Waits until what this CPU has asked for has come. Our monitor is punctual; a helper may be late,
 * because the host, or QEMU, gave others the turn.
 */
void pend_settle(void)
{
	if (is_late[cpu_index()]) {
		is_late[cpu_index()] = false;
		cpu_wait(helper());
	}
}

/* INTID_TEST, of this CPU, that has not come, or not been taken: it does not come any more. */
void pend_cancel(void)
{
	if (monitor_is_there()) {
		/* There is one, and arming it again replaces it. */
		smc(MON_PEND, INTID_TEST, cpu_index(), NEVER_NS);
	} else {
		pend_settle();
	}
	gic_clear_pending(INTID_TEST);
}
