/* SPDX-License-Identifier: BSD-3-Clause */
#include "psci.h"

#include <stdatomic.h>
#include <stddef.h>

#include "console.h"
#include "gic.h"
#include "smccc.h"
#include "spmd.h"
#include "sysreg.h"

#define PSCI_1_1 0x10001
#define MIGRATE_NOT_REQUIRED 2

enum psci_status {
	PSCI_OK = 0,
	PSCI_NOT_SUPPORTED = -1,
	PSCI_INVALID_PARAMETERS = -2,
	PSCI_ALREADY_ON = -4,
	PSCI_ON_PENDING = -5,
	PSCI_INVALID_ADDRESS = -9,
};

#define NS_DRAM_FIRST 0x40000000UL
#define MPIDR_AFFINITY 0xFF00FFFFFFUL

/* The CPU whose affinity fields PSCI was given; NULL: none. */
static struct cpu *cpu_of(uint64_t mpidr)
{
	return (mpidr & ~MPIDR_AFFINITY) == 0 && mpidr < cpu_count ? &cpus[mpidr] : NULL;
}

static bool answer(uint64_t *x, int64_t value)
{
	x[0] = (uint64_t)value;
	return true;
}

static bool version(struct cpu *cpu, uint64_t *x)
{
	(void)cpu;
	return answer(x, PSCI_1_1);
}

static bool migrate_info_type(struct cpu *cpu, uint64_t *x)
{
	(void)cpu;
	return answer(x, MIGRATE_NOT_REQUIRED);
}

static bool cpu_off(struct cpu *cpu, uint64_t *x)
{
	(void)x;
	return spmd_cpu_off(cpu);
}

/* x1 = MPIDR, x2 = entry, x3 = context id. */
static bool cpu_on(struct cpu *cpu, uint64_t *x)
{
	struct cpu *target = cpu_of(x[1]);
	enum cpu_power found = CPU_OFF;

	(void)cpu;
	if (target == NULL) {
		return answer(x, PSCI_INVALID_PARAMETERS);
	}
	if (x[2] < NS_DRAM_FIRST || x[2] % 4 != 0) {
		return answer(x, PSCI_INVALID_ADDRESS);
	}
	if (!atomic_compare_exchange_strong(&target->power, &found, CPU_ON_PENDING)) {
		return answer(x, found == CPU_ON ? PSCI_ALREADY_ON : PSCI_ON_PENDING);
	}
	target->nwd_context = x[3];
	atomic_store_explicit(&target->nwd_entry, x[2], memory_order_release);
	gic_wake_cpu(target->index);
	return answer(x, PSCI_OK);
}

/* x1 = MPIDR, x2 = lowest affinity level. */
static bool affinity_info(struct cpu *cpu, uint64_t *x)
{
	struct cpu *target = cpu_of(x[1]);

	(void)cpu;
	if (target == NULL || x[2] != 0) {
		return answer(x, PSCI_INVALID_PARAMETERS);
	}
	return answer(x, (int64_t)target->power);
}

static noreturn bool system_off(struct cpu *cpu, uint64_t *x)
{
	(void)cpu;
	(void)x;
	console_print("system off");
	qemu_exit(EXIT_STATUS_OK);
}

static noreturn bool system_reset(struct cpu *cpu, uint64_t *x)
{
	(void)cpu;
	(void)x;
	console_print("system reset: ends QEMU");
	qemu_exit(EXIT_STATUS_RESET);
}

static bool features(struct cpu *cpu, uint64_t *x);

static const struct {
	uint32_t fid;
	bool also_64; /* has an SMC64 form */
	bool (*call)(struct cpu *cpu, uint64_t *x); /* false: the CPU goes off */
} calls[] = {
	/* The handlers get x0-x3 and put the answer into x0. */
	{ 0x84000000, false, version },
	{ 0x84000002, false, cpu_off },
	{ 0x84000003, true, cpu_on },
	{ 0x84000004, true, affinity_info },
	{ 0x84000006, false, migrate_info_type },
	{ 0x84000008, false, system_off },
	{ 0x84000009, false, system_reset },
	{ 0x8400000A, false, features },
};

#define CALL_COUNT (sizeof(calls) / sizeof(calls[0]))
#define SMC64 0x40000000u

/* Index in calls[], CALL_COUNT if it is not there. */
static size_t find(uint32_t fid)
{
	size_t i;

	for (i = 0; i < CALL_COUNT; i++) {
		if (fid == calls[i].fid || (calls[i].also_64 && fid == (calls[i].fid | SMC64))) {
			break;
		}
	}
	return i;
}

static bool features(struct cpu *cpu, uint64_t *x)
{
	bool known = (uint32_t)x[1] == SMCCC_VERSION || find((uint32_t)x[1]) < CALL_COUNT;

	(void)cpu;
	return answer(x, known ? PSCI_OK : PSCI_NOT_SUPPORTED);
}

/* Whether the function id is in PSCI's range. */
bool psci_is_psci(uint32_t fid)
{
	return (fid & ~SMC64) >= 0x84000000 && (fid & ~SMC64) < 0x84000020;
}

/* A PSCI call of the normal world, answered in x. False: the CPU goes off. */
bool psci_call(struct cpu *cpu, uint32_t fid, uint64_t *x)
{
	size_t i = find(fid);
	uint64_t a[4];
	bool on;

	if (i == CALL_COUNT) {
		return answer(x, PSCI_NOT_SUPPORTED);
	}
	for (unsigned int n = 0; n < 4; n++) {
		a[n] = (fid & SMC64) != 0 ? x[n] : (uint32_t)x[n];
	}
	on = calls[i].call(cpu, a);
	x[0] = a[0];
	return on;
}

/* Sleeps until a CPU_ON has named this CPU; nwd_entry, nwd_context are then valid. */
void psci_wait_until_on(struct cpu *cpu)
{
	while (cpu->power != CPU_ON_PENDING) {
		wfi();
	}
	while (atomic_load_explicit(&cpu->nwd_entry, memory_order_acquire) == 0) {
	}
	gic_clear_wake(cpu->index);
}
