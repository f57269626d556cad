/* SPDX-License-Identifier: BSD-3-Clause */
/* See arch/gic_fake.h. Contracts are those of arch/aarch64/gicv3.c. */
#include "arch/gic_fake.h"

#include <stddef.h>
#include <string.h>

#include "arch/gic.h"

#define SPI_FIRST 32u
#define SPI_END 1020u
#define EXT_PPI_FIRST 1056u
#define EXT_PPI_END 1088u
#define EXT_SPI_FIRST 4096u
#define EXT_SPI_END 4160u

#define PRIVATE_LINES (SPI_FIRST + EXT_PPI_END - EXT_PPI_FIRST)

struct gic_fake gic_fake;

static struct gic_fake_line shared[EXT_SPI_END];
static struct gic_fake_line private[GIC_FAKE_CPUS][PRIVATE_LINES];
static _Thread_local uint8_t pmr = GIC_PMR_OPEN;

void gic_fake_reset(void)
{
	gic_fake = (struct gic_fake){ .pending = GIC_SPURIOUS };
	memset(gic_fake.cpu_up, true, sizeof(gic_fake.cpu_up));
	memset(shared, 0, sizeof(shared));
	memset(private, 0, sizeof(private));
	pmr = GIC_PMR_OPEN;
}

bool gic_is_shared(uint32_t intid)
{
	return (intid >= SPI_FIRST && intid < SPI_END) ||
	       (intid >= EXT_SPI_FIRST && intid < EXT_SPI_END);
}

bool gic_is_private(uint32_t intid)
{
	return intid < SPI_FIRST || (intid >= EXT_PPI_FIRST && intid < EXT_PPI_END);
}

static struct gic_fake_line *line_find(uint32_t intid, uint32_t cpu)
{
	if (gic_is_shared(intid)) {
		return &shared[intid];
	}
	if (gic_is_private(intid) && cpu < GIC_FAKE_CPUS && gic_fake.cpu_up[cpu]) {
		return &private[cpu][intid < SPI_FIRST ? intid : intid - EXT_PPI_FIRST + SPI_FIRST];
	}
	return NULL;
}

const struct gic_fake_line *gic_fake_line(uint32_t intid, uint32_t cpu)
{
	return line_find(intid, cpu);
}

bool gic_init(const struct gic_regions *r)
{
	return r->distributor.size != 0;
}

bool gic_cpu_init(uint32_t cpu, uint64_t mpidr)
{
	(void)mpidr;
	if (cpu >= GIC_FAKE_CPUS) {
		return false;
	}
	gic_fake.cpu_up[cpu] = true;
	return true;
}

void gic_cpu_restore(void)
{
	gic_fake.restores++;
}

void gic_cpu_restore_end(void)
{
	gic_fake.restores++;
}

void gic_configure(uint32_t intid, uint32_t cpu, bool secure, bool level, uint8_t priority)
{
	struct gic_fake_line *l = line_find(intid, cpu);

	if (l != NULL) {
		l->configured = true;
		l->enabled = false;
		l->secure = secure;
		l->level = level;
		l->priority = priority;
		l->changes++;
	}
}

void gic_enable(uint32_t intid, uint32_t cpu, bool enable)
{
	struct gic_fake_line *l = line_find(intid, cpu);

	if (l != NULL) {
		l->enabled = enable;
		l->changes++;
	}
}

void gic_route(uint32_t intid, uint64_t mpidr)
{
	if (gic_is_shared(intid)) {
		shared[intid].routed = true;
		shared[intid].route = mpidr;
		shared[intid].changes++;
	}
}

uint32_t gic_acknowledge(void)
{
	uint32_t intid = gic_fake.pending;

	gic_fake.pending = GIC_SPURIOUS;
	return intid;
}

void gic_end(uint32_t intid)
{
	gic_fake.ended = intid;
}

bool gic_group0_pending(void)
{
	return gic_fake.group0;
}

static void send(struct gic_fake_sgi sgi)
{
	if (gic_fake.sgi_count < GIC_FAKE_LOG) {
		gic_fake.sgis[gic_fake.sgi_count] = sgi;
	}
	gic_fake.sgi_count++;
}

void gic_send_secure_sgi(uint32_t sgi, uint64_t mpidr)
{
	send((struct gic_fake_sgi){ .sgi = sgi, .secure = true, .mpidr = mpidr });
}

void gic_send_secure_sgi_others(uint32_t sgi)
{
	(void)sgi; /* who panics on the host ends the program */
}

void gic_send_nwd_sgi(uint32_t sgi)
{
	send((struct gic_fake_sgi){ .sgi = sgi });
}

uint8_t gic_pmr(void)
{
	return pmr;
}

void gic_set_pmr(uint8_t value)
{
	pmr = value;
}
