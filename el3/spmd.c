/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The SPMD as TF-A has it. A call is either answered here or forwarded to the other world. While
 * the SPMC has a duty towards EL3 (its own start, a framework message, a secure interrupt), the
 * normal world waits, and the call that ends the duty comes to EL3 instead of the normal world.
 */
#include "spmd.h"

#include "args.h"
#include "bulkhead/mon.h"
#include "console.h"
#include "ffa/ffa.h"
#include "gic.h"
#include "hostile.h"
#include "pend.h"
#include "sysreg.h"
#include "world.h"

#define SPMC_ENTRY 0x0e100000UL
#define SPMC_END 0x0e300000UL /* bound of the secondary entry point */
#define SPMC_MANIFEST 0x0e010000UL
#define ARGUMENTS 18 /* x0-x17 may cross between the worlds */
#define ARGUMENTS_1_1 8 /* x0-x7 always do */
#define FRAMEWORK(type) ((uint64_t)(FFA_MSG_FRAMEWORK | (type)))

static struct {
	bool started; /* the SPMC has initialised on the first CPU */
	uint64_t secondary_entry;
	uint32_t version[WORLD_COUNT]; /* 0 until the normal world has called FFA_VERSION */
} spmd = { .secondary_entry = SPMC_ENTRY };

static void answer(uint64_t *x, uint32_t fid, uint32_t w1, uint64_t x2)
{
	x[0] = fid;
	x[1] = w1;
	x[2] = x2;
	for (unsigned int i = 3; i < ARGUMENTS_1_1; i++) {
		x[i] = 0;
	}
}

static bool answer_error(uint64_t *x, enum ffa_status status)
{
	answer(x, FFA_ERROR_32, 0, (uint32_t)status);
	return true;
}

static bool answer_success(uint64_t *x, uint32_t w2)
{
	answer(x, FFA_SUCCESS_32, 0, w2);
	return true;
}

/* --- What the SPMC is entered for by EL3 itself ---------------------------------------------- */

static void enter_for_duty(struct cpu *cpu, enum duty duty, uint32_t fid, uint32_t w1, uint64_t x2,
			   uint64_t x3)
{
	uint64_t *x = cpu->world[WORLD_SECURE].x;

	world_switch(cpu, WORLD_SECURE);
	cpu->duty = duty;
	answer(x, fid, w1, x2);
	x[3] = x3;
}

static void enter_with_message(struct cpu *cpu, enum duty duty, enum ffa_framework_msg type,
			       uint64_t value)
{
	enter_for_duty(cpu, duty, FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(FFA_ID_SPMD, FFA_ID_SPMC),
		       FRAMEWORK(type), value);
}

/* Prepares a CPU that came on: the SPMC runs first, the normal world when it says MSG_WAIT. */
void spmd_start_spmc(struct cpu *cpu)
{
	struct world *secure = &cpu->world[WORLD_SECURE];

	if (args.hostile) {
		hostile_scramble_arguments(cpu);
	}
	secure->x[0] = spmd.started && args.hostile ? secure->x[0] : SPMC_MANIFEST;
	if (!spmd.started) {
		secure->x[1] = 0;
		secure->x[2] = 0;
		secure->x[3] = 0;
	}
	secure->x[4] = cpu->index;
	world_start(secure, spmd.started ? spmd.secondary_entry : SPMC_ENTRY, SPSR_EL2H_MASKED);
	cpu->duty = DUTY_INIT;
}

/* A secure group-1 interrupt came while the normal world ran. */
void spmd_secure_interrupt(struct cpu *cpu)
{
	enter_for_duty(cpu, DUTY_INTERRUPT, FFA_INTERRUPT_32, 0, 0, 0);
}

/* The normal world has called PSCI CPU_OFF: the SPMC has to agree. */
bool spmd_cpu_off(struct cpu *cpu)
{
	enter_with_message(cpu, DUTY_CPU_OFF, FFA_FW_PSCI_REQ, PSCI_CPU_OFF_32);
	return true;
}

static bool is_init_over(const uint64_t *x)
{
	return (uint32_t)x[0] == FFA_MSG_WAIT_32 || (uint32_t)x[0] == FFA_ERROR_32;
}

static bool is_message_answered(const uint64_t *x)
{
	return (uint32_t)x[0] == FFA_ERROR_32 ||
	       ((uint32_t)x[0] == FFA_MSG_SEND_DIRECT_RESP_32 &&
		(uint32_t)x[1] == FFA_IDS(FFA_ID_SPMC, FFA_ID_SPMD));
}

static bool is_interrupt_over(const uint64_t *x)
{
	return (uint32_t)x[0] == FFA_NORMAL_WORLD_RESUME_32;
}

/* All 64 bits count, as in TF-A. */
static bool is_response(const uint64_t *x, enum ffa_framework_msg type)
{
	return x[0] == FFA_MSG_SEND_DIRECT_RESP_32 && x[2] == FRAMEWORK(type);
}

static bool finish_init(struct cpu *cpu)
{
	const uint64_t *secure = cpu->world[WORLD_SECURE].x;
	struct world *nwd = &cpu->world[WORLD_NORMAL];

	if ((uint32_t)secure[0] == FFA_ERROR_32) {
		if (!spmd.started) {
			console_die("the SPMC failed to initialise: FFA_ERROR 0x%lx", secure[2]);
		}
		console_print("CPU %u stays off: the SPMC answered FFA_ERROR 0x%lx", cpu->index,
			      secure[2]);
		return false;
	}
	spmd.started = true;
	nwd->x[0] = cpu->nwd_context;
	world_start(nwd, cpu->nwd_entry, args.nwd_el1 ? SPSR_EL1H_MASKED : SPSR_EL2H_MASKED);
	world_switch(cpu, WORLD_NORMAL);
	if (args.nwd_el1) {
		world_reset_el1();
	}
	cpu->power = CPU_ON;
	return true;
}

static bool finish_version(struct cpu *cpu)
{
	const uint64_t *secure = cpu->world[WORLD_SECURE].x;
	uint64_t *nwd = cpu->world[WORLD_NORMAL].x;
	uint32_t ours = (uint32_t)FFA_NOT_SUPPORTED;

	if (is_response(secure, FFA_FW_VERSION_RESP)) {
		ours = secure[3];
	}
	if (ours != (uint32_t)FFA_NOT_SUPPORTED) {
		spmd.version[WORLD_SECURE] = ours;
		spmd.version[WORLD_NORMAL] = nwd[1];
	}
	answer(nwd, ours, 0, 0);
	world_switch(cpu, WORLD_NORMAL);
	return true;
}

static bool finish_cpu_off(struct cpu *cpu)
{
	const uint64_t *secure = cpu->world[WORLD_SECURE].x;

	if ((uint32_t)secure[0] != FFA_ERROR_32 &&
	    (!is_response(secure, FFA_FW_PSCI_RESP) || secure[3] != PSCI_SUCCESS)) {
		console_die("CPU %u: the SPMC answered CPU_OFF with 0x%lx 0x%lx 0x%lx status 0x%lx",
			    cpu->index, secure[0], secure[1], secure[2], secure[3]);
	}
	return false;
}

static bool finish_interrupt(struct cpu *cpu)
{
	world_switch(cpu, WORLD_NORMAL);
	return true;
}

static const struct {
	const char *name;
	bool (*is_over)(const uint64_t *x);
	bool (*finish)(struct cpu *cpu); /* false: the CPU goes off */
} duties[DUTY_COUNT] = {
	[DUTY_INIT] = { "its initialisation", is_init_over, finish_init },
	[DUTY_VERSION] = { "a version message", is_message_answered, finish_version },
	[DUTY_CPU_OFF] = { "a CPU_OFF message", is_message_answered, finish_cpu_off },
	[DUTY_INTERRUPT] = { "a secure interrupt", is_interrupt_over, finish_interrupt },
};

/* Whether the SMC that the current world has just made ends what the SPMC was entered for. */
bool spmd_is_duty_over(const struct cpu *cpu)
{
	return cpu->current == WORLD_SECURE && cpu->duty != DUTY_NONE &&
	       duties[cpu->duty].is_over(cpu->world[WORLD_SECURE].x);
}

/* Goes on with what waited for the end of the duty. False: the CPU goes off. */
bool spmd_finish_duty(struct cpu *cpu)
{
	enum duty duty = cpu->duty;

	cpu->duty = DUTY_NONE;
	return duties[duty].finish(cpu);
}

/* --- FF-A calls ------------------------------------------------------------------------------ */

/*
 * TF-A 2.9 to 2.13 hands x0-x17 over as they are. From 2.14 on x8-x17 cross in SMC64 calls to a
 * party of FF-A 1.2, zero if the sender is older; in all others the receiver sees its own.
 */
static bool forward(struct cpu *cpu, uint64_t *from)
{
	enum world_id sender = cpu->current;
	enum world_id receiver = sender == WORLD_SECURE ? WORLD_NORMAL : WORLD_SECURE;
	uint64_t *to = cpu->world[receiver].x;
	bool both = !args.tfa_2_14 || spmd.version[sender] >= FFA_VERSION_1_2;
	unsigned int count = ARGUMENTS_1_1;

	if (cpu->duty != DUTY_NONE) {
		console_die("CPU %u: the SPMC left %s with 0x%lx", cpu->index,
			    duties[cpu->duty].name, from[0]);
	}
	if (!args.tfa_2_14 ||
	    ((from[0] & FFA_FID_64BIT) != 0 && spmd.version[receiver] >= FFA_VERSION_1_2)) {
		count = ARGUMENTS;
	}
	for (unsigned int i = 0; i < count; i++) {
		to[i] = i < ARGUMENTS_1_1 || both ? from[i] : 0;
	}
	world_switch(cpu, receiver);
	return true;
}

static bool deny(struct cpu *cpu, uint64_t *x)
{
	(void)cpu;
	return answer_error(x, FFA_DENIED);
}

static bool version_nwd(struct cpu *cpu, uint64_t *x)
{
	if ((x[1] & FFA_VERSION_MBZ) != 0) {
		answer(x, (uint32_t)FFA_NOT_SUPPORTED, 0, 0);
		return true;
	}
	enter_with_message(cpu, DUTY_VERSION, FFA_FW_VERSION_REQ, (uint32_t)x[1]);
	return true;
}

static bool version_spmc(struct cpu *cpu, uint64_t *x)
{
	(void)cpu;
	answer(x, FFA_VERSION_1_2, 0, 0);
	return true;
}

static bool features_spmc(struct cpu *cpu, uint64_t *x)
{
	(void)cpu;
	return answer_success(x, 0);
}

static bool id_get_nwd(struct cpu *cpu, uint64_t *x)
{
	(void)cpu;
	return answer_success(x, FFA_ID_NWD);
}

static bool id_get_spmc(struct cpu *cpu, uint64_t *x)
{
	(void)cpu;
	return answer_success(x, FFA_ID_SPMC);
}

static bool spm_id_get_nwd(struct cpu *cpu, uint64_t *x)
{
	(void)cpu;
	return answer_success(x, FFA_ID_SPMC);
}

static bool spm_id_get_spmc(struct cpu *cpu, uint64_t *x)
{
	(void)cpu;
	return answer_success(x, FFA_ID_SPMD);
}

/* The normal world may neither speak for the secure world nor to EL3's logical partitions. */
static bool direct_nwd(struct cpu *cpu, uint64_t *x)
{
	if ((FFA_IDS_SENDER((uint32_t)x[1]) & FFA_ID_SECURE) != 0 ||
	    FFA_IDS_RECEIVER((uint32_t)x[1]) >= FFA_ID_LP_FIRST) {
		return answer_error(x, FFA_INVALID_PARAMETERS);
	}
	return forward(cpu, x);
}

static bool direct_spmc(struct cpu *cpu, uint64_t *x)
{
	return cpu->duty == DUTY_INTERRUPT ? answer_error(x, FFA_DENIED) : forward(cpu, x);
}

static bool secondary_ep_register(struct cpu *cpu, uint64_t *x)
{
	if (spmd.started || cpu->duty != DUTY_INIT || x[1] < SPMC_ENTRY || x[1] >= SPMC_END) {
		answer(x, FFA_ERROR_64, 0, (uint32_t)FFA_INVALID_PARAMETERS);
		return true;
	}
	spmd.secondary_entry = x[1];
	answer(x, FFA_SUCCESS_64, 0, 0);
	return true;
}

/* One logical partition, as TF-A may have them: it only sends. SPs are told of it. */
static bool partition_info_spmc(struct cpu *cpu, uint64_t *x)
{
	const uint64_t entry[3] = { FFA_ID_LP_FIRST | 1ul << 16 |
					    (uint64_t)(FFA_PROP_DIRECT_SEND | FFA_PROP_AARCH64)
						    << 32,
				    MON_LOGICAL_UUID_LO, MON_LOGICAL_UUID_HI };
	bool all = (x[1] | x[2]) == 0;

	(void)cpu;
	if (!all && (x[1] != entry[1] || x[2] != entry[2])) {
		return answer_error(x, FFA_NOT_SUPPORTED);
	}
	if (x[3] >> 16 != 0) {
		return answer_error(x, FFA_RETRY);
	}
	if (x[3] != 0) {
		return answer_error(x, FFA_INVALID_PARAMETERS);
	}
	answer(x, FFA_SUCCESS_64, 0, FFA_INFO_REGS(0, 0, 0, sizeof(entry)));
	x[3] = entry[0];
	x[4] = all ? entry[1] : 0;
	x[5] = all ? entry[2] : 0;
	return true;
}

/* A group-0 interrupt made the SPMC call. If it has gone, the registers stay as they are. */
static bool el3_intr_handle(struct cpu *cpu, uint64_t *x)
{
	uint32_t intid = gic_first_pending();

	if (intid >= GIC_PENDING_SECURE_G1) {
		return true;
	}
	if (intid == GIC_INTID_TIMER_EL3) {
		pend_fire(cpu);
	} else {
		gic_handle_group0();
	}
	return answer_success(x, 0);
}

/* A partition has ended without which the system is not to go on, says the SPMC. */
static bool abort_spmc(struct cpu *cpu, uint64_t *x)
{
	console_die("CPU %u: the SPMC ends the system: FFA_ABORT 0x%lx", cpu->index, x[2]);
}

#define W32 1u
#define W64 2u
#define NUMBER(name) (FFA_##name##_32 - FFA_FID_BASE_32)

/* In which calling conventions a function exists. */
static const uint8_t call_widths[] = {
#define FFA_ABI(num, name, widths, since, from, models, mbz, handler, feature) [num] = (widths),
#include "ffa/ffa_abi.def"
#undef FFA_ABI
};

/* Who may call what, and what comes of it. Not here: NOT_SUPPORTED. */
static const struct {
	bool (*from[WORLD_COUNT])(struct cpu *cpu, uint64_t *x); /* secure, normal */
} calls[] = {
	[NUMBER(ERROR)] = { { forward, forward } },
	[NUMBER(SUCCESS)] = { { forward, forward } },
	[NUMBER(INTERRUPT)] = { { forward, NULL } },
	[NUMBER(VERSION)] = { { version_spmc, version_nwd } },
	[NUMBER(FEATURES)] = { { features_spmc, forward } },
	[NUMBER(RX_RELEASE)] = { { NULL, forward } },
	[NUMBER(RXTX_MAP)] = { { NULL, forward } },
	[NUMBER(RXTX_UNMAP)] = { { NULL, forward } },
	[NUMBER(PARTITION_INFO_GET)] = { { NULL, forward } },
	[NUMBER(ID_GET)] = { { id_get_spmc, id_get_nwd } },
	[NUMBER(MSG_WAIT)] = { { forward, NULL } },
	[NUMBER(YIELD)] = { { forward, NULL } },
	[NUMBER(RUN)] = { { NULL, forward } },
	[NUMBER(MSG_SEND)] = { { forward, forward } },
	[NUMBER(MSG_SEND_DIRECT_REQ)] = { { direct_spmc, direct_nwd } },
	[NUMBER(MSG_SEND_DIRECT_RESP)] = { { forward, forward } },
	[NUMBER(MEM_DONATE)] = { { forward, forward } },
	[NUMBER(MEM_LEND)] = { { forward, forward } },
	[NUMBER(MEM_SHARE)] = { { forward, forward } },
	[NUMBER(MEM_RETRIEVE_REQ)] = { { forward, forward } },
	[NUMBER(MEM_RETRIEVE_RESP)] = { { forward, forward } },
	[NUMBER(MEM_RELINQUISH)] = { { forward, forward } },
	[NUMBER(MEM_RECLAIM)] = { { forward, forward } },
	[NUMBER(MEM_FRAG_RX)] = { { forward, forward } },
	[NUMBER(MEM_FRAG_TX)] = { { forward, forward } },
	[NUMBER(NORMAL_WORLD_RESUME)] = { { deny, deny } },
	[NUMBER(NOTIFICATION_BITMAP_CREATE)] = { { NULL, forward } },
	[NUMBER(NOTIFICATION_BITMAP_DESTROY)] = { { NULL, forward } },
	[NUMBER(NOTIFICATION_BIND)] = { { NULL, forward } },
	[NUMBER(NOTIFICATION_UNBIND)] = { { NULL, forward } },
	[NUMBER(NOTIFICATION_SET)] = { { NULL, forward } },
	[NUMBER(NOTIFICATION_GET)] = { { NULL, forward } },
	[NUMBER(NOTIFICATION_INFO_GET)] = { { NULL, forward } },
	[NUMBER(RX_ACQUIRE)] = { { NULL, forward } },
	[NUMBER(SPM_ID_GET)] = { { spm_id_get_spmc, spm_id_get_nwd } },
	[NUMBER(MSG_SEND2)] = { { NULL, forward } },
	[NUMBER(SECONDARY_EP_REGISTER)] = { { secondary_ep_register, NULL } },
	[NUMBER(PARTITION_INFO_GET_REGS)] = { { partition_info_spmc, forward } },
	[NUMBER(EL3_INTR_HANDLE)] = { { el3_intr_handle, NULL } },
	[NUMBER(MSG_SEND_DIRECT_REQ2)] = { { direct_spmc, direct_nwd } },
	[NUMBER(MSG_SEND_DIRECT_RESP2)] = { { forward, forward } },
	[NUMBER(NS_RES_INFO_GET)] = { { NULL, forward } },
	[NUMBER(ABORT)] = { { abort_spmc, NULL } },
};

/* Whether SMCCC gives this function id, without the SVE hint, to FF-A. */
bool spmd_is_ffa(uint32_t fid)
{
	uint32_t number = fid & 0xFFFF;

	return (fid & ~FFA_FID_64BIT & 0xFFFF0000) == FFA_FID_BASE_32 &&
	       number >= FFA_FID_NUM_FIRST && number <= FFA_FID_NUM_END;
}

/* An FF-A call of the current world that ends no duty. False: the CPU goes off. */
bool spmd_call(struct cpu *cpu, uint32_t fid)
{
	uint32_t number = fid & 0xFFFF;
	uint32_t width = (fid & FFA_FID_64BIT) != 0 ? W64 : W32;
	uint64_t *x = cpu->world[cpu->current].x;

	if (number >= sizeof(calls) / sizeof(calls[0]) ||
	    calls[number].from[cpu->current] == NULL || (call_widths[number] & width) == 0) {
		return answer_error(x, FFA_NOT_SUPPORTED);
	}
	return calls[number].from[cpu->current](cpu, x);
}
