/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A GIC for tests: remembers what it is told, and shows it. It has SPIs to 1019, extended SPIs
 * 4096 to 4159 and extended PPIs 1056 to 1087. gic_fake_reset() first; not thread-safe but for the
 * priority mask.
 */
#ifndef ARCH_GIC_FAKE_H
#define ARCH_GIC_FAKE_H

#include <stdbool.h>
#include <stdint.h>

#define GIC_FAKE_CPUS 8
#define GIC_FAKE_LOG 64

struct gic_fake_line {
	bool configured;
	bool enabled;
	bool secure;
	bool level;
	uint8_t priority;
	bool routed;
	uint64_t route; /* MPIDR */
	uint32_t changes; /* calls that named it */
};

struct gic_fake_sgi {
	uint32_t sgi;
	bool secure;
	uint64_t mpidr; /* of secure ones */
};

struct gic_fake {
	bool cpu_up[GIC_FAKE_CPUS];
	uint32_t pending; /* what the next gic_acknowledge() gives */
	bool group0;
	uint32_t ended; /* argument of the last gic_end() */
	uint32_t restores; /* calls of gic_cpu_restore() */
	struct gic_fake_sgi sgis[GIC_FAKE_LOG];
	uint32_t sgi_count; /* may be more than were kept */
};

extern struct gic_fake gic_fake;

/* All CPUs up, all interrupts untouched, nothing pending, priority mask open. */
void gic_fake_reset(void);

/* What is known of an interrupt that gic_is_shared() or gic_is_private() knows. */
const struct gic_fake_line *gic_fake_line(uint32_t intid, uint32_t cpu);

#endif
