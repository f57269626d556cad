/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Notifications (FF-A 1.2 chapters 10 and 16) between us, a VM that we speak for, and partitions:
 * what is set arrives once, its receiver is told of to the scheduler, and the interrupts come.
 * Interrupts are unmasked on this CPU throughout.
 */
#include <stdatomic.h>
#include <stddef.h>

#include "cpu.h"
#include "print.h"
#include "test.h"
#include "tester.h"

#define VM 5u /* we speak for it */
#define VM_VCPUS 3u
#define RACE_ROUNDS 100u

/* w1-w4 of BIND, UNBIND and SET. */
static struct ffa_regs call_bits(uint32_t fid, uint16_t sender, uint16_t receiver, uint32_t flags,
				 uint64_t bits)
{
	return FFA_CALL(fid, FFA_IDS(sender, receiver), flags, (uint32_t)bits, bits >> 32);
}

static bool sp_call_bits(uint16_t id, uint32_t fid, uint16_t sender, uint16_t receiver,
			 uint32_t flags, uint64_t bits, uint32_t *interrupted)
{
	uint32_t w[8] = { fid, FFA_IDS(sender, receiver), flags, (uint32_t)bits, bits >> 32 };

	if (!tester_call(id, w, interrupted)) {
		return false;
	}
	CHECK(w[0] == FFA_SUCCESS_32, "%#x: call %#x, bits %#lx from %#x to %#x: w0 %#x, w2 %#x",
	      id, fid, bits, sender, receiver, w[0], w[2]);
	return true;
}

/* It takes all that is pending for itself and its vCPU. */
static bool sp_get(uint16_t id, uint32_t vcpu, uint64_t *sps, uint64_t *vms)
{
	uint32_t w[8] = { FFA_NOTIFICATION_GET_32, FFA_CTX(vcpu, id),
			  FFA_NOTIFICATION_FROM_SPS | FFA_NOTIFICATION_FROM_VMS };

	if (!tester_call(id, w, NULL)) {
		return false;
	}
	CHECK(w[0] == FFA_SUCCESS_32 && w[6] == 0 && w[7] == 0,
	      "%#x: NOTIFICATION_GET: w0 %#x, w2 %#x", id, w[0], w[2]);
	*sps = w[2] | (uint64_t)w[3] << 32;
	*vms = w[4] | (uint64_t)w[5] << 32;
	return true;
}

/* Notification pending interrupts that the tester's vCPU of this CPU has taken. */
static bool sp_npis(uint16_t id, uint64_t *count)
{
	struct ffa_regs r = FFA_DIRECT(id, TESTER_COUNTS, FFA_VINT_NPI);

	*count = r.x[4];
	return tester_ok(&r, id);
}

static bool is_success(struct ffa_regs r, const char *what)
{
	CHECK(r.x[0] == FFA_SUCCESS_32, "%s: %s", what, ffa_text(&r));
	return true;
}

static bool no_data(void)
{
	struct ffa_regs r = FFA_CALL(FFA_NOTIFICATION_INFO_GET_64);

	CHECK(ffa_is_error(&r, FFA_NO_DATA), "INFO_GET: %s", ffa_text(&r));
	return true;
}

/* INFO_GET tells of that one receiver, of its vCPU or (-1) of itself; and of nothing more. */
static bool info_is(uint16_t id, int vcpu)
{
	struct ffa_regs r = FFA_CALL(FFA_NOTIFICATION_INFO_GET_64);
	uint64_t sizes = vcpu < 0 ? 1u << 7 : 1u << 7 | 1u << 12;
	uint64_t list = vcpu < 0 ? id : id | (uint64_t)vcpu << 16;

	CHECK(r.x[0] == FFA_SUCCESS_64 && r.x[2] == sizes && r.x[3] == list && r.x[4] == 0 &&
		      r.x[5] == 0 && r.x[6] == 0 && r.x[7] == 0,
	      "INFO_GET for %#x, vCPU %d: %s", id, vcpu, ffa_text(&r));
	return no_data();
}

/* The schedule receiver interrupt has come so often to this CPU. */
static bool sris_are(uint32_t expected)
{
	CHECK(cpu_interrupts(FFA_SRI_INTID) == expected, "%u schedule receiver interrupts, not %u",
	      cpu_interrupts(FFA_SRI_INTID), expected);
	return true;
}

/* --- From us to partitions -------------------------------------------------------------------- */

static bool to_sp(const struct tester *t, uint64_t bits)
{
	uint16_t id = tester_id(t);
	uint32_t sris = cpu_interrupts(FFA_SRI_INTID);
	uint64_t npis, now, sps, vms;
	struct ffa_regs r;

	if (!sp_call_bits(id, FFA_NOTIFICATION_BIND_32, FFA_ID_NWD, id, 0, bits, NULL) ||
	    !sp_npis(id, &npis)) {
		return false;
	}
	for (unsigned int i = 0; i < 3; i++) {
		if (!is_success(call_bits(FFA_NOTIFICATION_SET_32, FFA_ID_NWD, id, 0, bits),
				"NOTIFICATION_SET") ||
		    !sris_are(sris + i + 1) || !info_is(id, -1)) {
			return false;
		}
		r = FFA_CALL(FFA_RUN_32, tester_context(t));
		CHECK(ffa_is_context(&r, FFA_MSG_WAIT_32, tester_context(t)), "RUN of %#x: %s", id,
		      ffa_text(&r));
		if (!sp_npis(id, &now)) {
			return false;
		}
		CHECK(now == npis + i + 1, "%#x: %lu notification pending interrupts, not %u", id,
		      now - npis, i + 1);
		if (!sp_get(id, 0, &sps, &vms)) {
			return false;
		}
		CHECK(sps == 0 && vms == bits, "%#x got %#lx of SPs, %#lx of VMs", id, sps, vms);
	}
	return sp_call_bits(id, FFA_NOTIFICATION_UNBIND_32, FFA_ID_NWD, id, 0, bits, NULL);
}

static bool notify_to_sp(void)
{
	for (unsigned int i = 0; i < TESTER_KINDS; i++) {
		if (!to_sp(&testers[i], 1) || !to_sp(&testers[i], 1ul << 63 | 1ul << 32 | 2)) {
			return false;
		}
	}
	return true;
}

/* --- From partitions to us -------------------------------------------------------------------- */

static bool to_vm(uint16_t vm, uint32_t flags, uint32_t vcpu)
{
	const uint64_t bits = 1ul << 33 | 1;
	uint16_t id = tester_id(&testers[0]);
	bool own = flags & FFA_NOTIFICATION_PER_VCPU;
	uint32_t sris = cpu_interrupts(FFA_SRI_INTID);
	uint32_t interrupted = 0;
	struct ffa_regs r;

	if (!is_success(call_bits(FFA_NOTIFICATION_BIND_32, id, vm,
				  flags & FFA_NOTIFICATION_PER_VCPU, bits),
			"NOTIFICATION_BIND") ||
	    !sp_call_bits(id, FFA_NOTIFICATION_SET_32, id, vm, flags | FFA_NOTIFICATION_VCPU(vcpu),
			  bits, &interrupted) ||
	    !sris_are(sris + 1)) {
		return false;
	}
	/* At once: it takes the CPU away from the partition, which signals our interrupts. */
	CHECK(interrupted == !(flags & FFA_NOTIFICATION_DELAY_SRI), "%#x, flags %#x: %u interrupts",
	      vm, flags, interrupted);
	if (!info_is(vm, own ? (int)vcpu : -1)) {
		return false;
	}
	r = FFA_CALL(FFA_NOTIFICATION_BITMAP_DESTROY_32, vm);
	CHECK(ffa_is_error(&r, FFA_DENIED), "BITMAP_DESTROY: %s", ffa_text(&r));
	r = call_bits(FFA_NOTIFICATION_UNBIND_32, id, vm, 0, bits);
	CHECK(ffa_is_error(&r, FFA_DENIED), "UNBIND: %s", ffa_text(&r));
	r = FFA_CALL(FFA_NOTIFICATION_GET_32, FFA_CTX(vcpu, vm),
		     FFA_NOTIFICATION_FROM_SPS | FFA_NOTIFICATION_FROM_SPM);
	CHECK(r.x[0] == FFA_SUCCESS_32 && r.x[2] == (uint32_t)bits && r.x[3] == bits >> 32 &&
		      r.x[4] == 0 && r.x[5] == 0 && r.x[6] == 0 && r.x[7] == 0,
	      "NOTIFICATION_GET of %#x: %s", vm, ffa_text(&r));
	return is_success(call_bits(FFA_NOTIFICATION_UNBIND_32, id, vm, 0, bits), "UNBIND");
}

static bool notify_to_us(void)
{
	static const uint16_t vms[] = { FFA_ID_NWD, VM };

	for (unsigned int i = 0; i < 2; i++) {
		if (!is_success(FFA_CALL(FFA_NOTIFICATION_BITMAP_CREATE_32, vms[i], VM_VCPUS),
				"BITMAP_CREATE") ||
		    !to_vm(vms[i], 0, 0) || !to_vm(vms[i], FFA_NOTIFICATION_DELAY_SRI, 0) ||
		    !to_vm(vms[i], FFA_NOTIFICATION_PER_VCPU | FFA_NOTIFICATION_DELAY_SRI, 2) ||
		    !to_vm(vms[i], FFA_NOTIFICATION_PER_VCPU, 1) ||
		    !is_success(FFA_CALL(FFA_NOTIFICATION_BITMAP_DESTROY_32, vms[i]),
				"BITMAP_DESTROY")) {
			return false;
		}
	}
	return true;
}

/* --- Between partitions ----------------------------------------------------------------------- */

static bool notify_between(void)
{
	uint16_t from = tester_id(&testers[0]);
	uint16_t to = tester_id(&testers[1]);
	uint32_t sris = cpu_interrupts(FFA_SRI_INTID);
	uint64_t npis, now, sps, vms;

	if (!sp_call_bits(to, FFA_NOTIFICATION_BIND_32, from, to, 0, 6, NULL) ||
	    !sp_call_bits(to, FFA_NOTIFICATION_BIND_32, FFA_ID_NWD, to, 0, 6, NULL) ||
	    !sp_npis(to, &npis) ||
	    !sp_call_bits(from, FFA_NOTIFICATION_SET_32, from, to, FFA_NOTIFICATION_DELAY_SRI, 2,
			  NULL) ||
	    !is_success(call_bits(FFA_NOTIFICATION_SET_32, FFA_ID_NWD, to, 0, 4),
			"NOTIFICATION_SET") ||
	    !sris_are(sris + 2) || !info_is(to, -1) || !sp_npis(to, &now)) {
		return false;
	}
	CHECK(now == npis + 1, "%lu notification pending interrupts", now - npis);
	if (!sp_get(to, 0, &sps, &vms)) {
		return false;
	}
	CHECK(sps == 2 && vms == 4, "got %#lx of SPs, %#lx of VMs", sps, vms);
	return sp_call_bits(to, FFA_NOTIFICATION_UNBIND_32, from, to, 0, 6, NULL) &&
	       sp_call_bits(to, FFA_NOTIFICATION_UNBIND_32, FFA_ID_NWD, to, 0, 6, NULL);
}

/* --- Per vCPU --------------------------------------------------------------------------------- */

/* On each CPU in turn: has the tester's vCPU there taken an interrupt more? */
static struct {
	uint64_t before[CPU_COUNT];
	bool first; /* only counts */
	uint64_t vcpu; /* whose interrupt it is */
} per_vcpu;

static void per_vcpu_look(uint64_t arg)
{
	uint32_t cpu = cpu_index();
	uint64_t now = 0;

	(void)arg;
	if (!sp_npis(tester_id(&testers[0]), &now)) {
		return; /* it has been told */
	}
	if (per_vcpu.first) {
		per_vcpu.before[cpu] = now;
	} else if (now != per_vcpu.before[cpu] + (cpu == per_vcpu.vcpu)) {
		test_fail("CPU %u: %lu interrupts for vCPU %lu", cpu, now - per_vcpu.before[cpu],
			  per_vcpu.vcpu);
	}
}

static bool notify_per_vcpu(void)
{
	const uint64_t bits = 1ul << 40;
	uint16_t id = tester_id(&testers[0]);
	uint64_t sps, vms;

	if (!sp_call_bits(id, FFA_NOTIFICATION_BIND_32, FFA_ID_NWD, id, FFA_NOTIFICATION_PER_VCPU,
			  bits, NULL)) {
		return false;
	}
	for (uint32_t vcpu = 0; vcpu < CPU_COUNT && !test_failed(); vcpu++) {
		per_vcpu.first = true;
		per_vcpu.vcpu = vcpu;
		cpu_run_all(per_vcpu_look, 0);
		if (!is_success(call_bits(FFA_NOTIFICATION_SET_32, FFA_ID_NWD, id,
					  FFA_NOTIFICATION_PER_VCPU | FFA_NOTIFICATION_VCPU(vcpu),
					  bits),
				"NOTIFICATION_SET") ||
		    !info_is(id, (int)vcpu)) {
			return false;
		}
		per_vcpu.first = false;
		cpu_run_all(per_vcpu_look, 0);
		if (!sp_get(id, (vcpu + 1) % CPU_COUNT, &sps, &vms)) {
			return false;
		}
		CHECK(vms == 0, "vCPU %u got those of %u", (vcpu + 1) % CPU_COUNT, vcpu);
		if (!sp_get(id, vcpu, &sps, &vms)) {
			return false;
		}
		CHECK(vms == bits, "vCPU %u got %#lx", vcpu, vms);
	}
	return sp_call_bits(id, FFA_NOTIFICATION_UNBIND_32, FFA_ID_NWD, id, 0, bits, NULL);
}

/* --- All CPUs at once ------------------------------------------------------------------------- */

static struct {
	uint16_t id;
	_Atomic uint64_t got; /* in this round */
} race;

/* CPU 0 takes, by direct requests, what the others set; each bit arrives once in each round. */
static void race_round(uint64_t rounds)
{
	const uint64_t all = (1ul << CPU_COUNT) - 2;
	uint32_t cpu = cpu_index();

	for (uint64_t i = 0; i < rounds; i++) {
		cpu_barrier();
		if (cpu != 0) {
			(void)is_success(call_bits(FFA_NOTIFICATION_SET_32, FFA_ID_NWD, race.id, 0,
						   1ul << cpu),
					 "NOTIFICATION_SET");
		}
		while (cpu == 0 && race.got != all && !test_failed()) {
			uint64_t sps = 0, vms = 0;

			(void)sp_get(race.id, 0, &sps, &vms);
			if ((race.got & vms) != 0 || (vms & ~all) != 0) {
				test_fail("round %lu: got %#lx after %#lx", i, vms,
					  (uint64_t)race.got);
			}
			race.got |= vms;
		}
		cpu_barrier();
		if (cpu == 0) {
			race.got = 0;
		}
	}
}

static bool notify_race(void)
{
	const uint64_t bits = (1ul << CPU_COUNT) - 1;

	race.id = tester_id(&testers[1]);
	race.got = 0;
	if (!sp_call_bits(race.id, FFA_NOTIFICATION_BIND_32, FFA_ID_NWD, race.id, 0, bits, NULL)) {
		return false;
	}
	cpu_run_all(race_round, test_count(RACE_ROUNDS));
	(void)FFA_CALL(FFA_NOTIFICATION_INFO_GET_64);
	return !test_failed() && no_data() &&
	       sp_call_bits(race.id, FFA_NOTIFICATION_UNBIND_32, FFA_ID_NWD, race.id, 0, bits,
			    NULL);
}

/* --- Errors ----------------------------------------------------------------------------------- */

static bool notify_errors(void)
{
	uint16_t id = tester_id(&testers[0]);
	uint16_t up = tester_id(&testers[1]);
	const struct {
		uint64_t x[5];
		int32_t status;
	} wrong[] = {
		{ { FFA_NOTIFICATION_BITMAP_CREATE_32, id, 1 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_BITMAP_CREATE_32, 0xFFFF, 1 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_BITMAP_CREATE_32, VM, 0 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_BITMAP_CREATE_32, VM, 1 }, FFA_DENIED },
		{ { FFA_NOTIFICATION_BITMAP_DESTROY_32, 0xFFFF }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_BITMAP_DESTROY_32, VM + 1 }, FFA_DENIED },
		{ { FFA_NOTIFICATION_BIND_32, FFA_IDS(id, VM), 0x10, 1 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_BIND_32, FFA_IDS(VM, id), 0, 1 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_BIND_32, FFA_IDS(id, up), 0, 1 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_BIND_32, FFA_IDS(id, VM), 0, 0 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_BIND_32, FFA_IDS(0xFFFF, VM), 0, 1 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_BIND_32, FFA_IDS(id, VM), 0, 2 }, FFA_DENIED },
		{ { FFA_NOTIFICATION_UNBIND_32, FFA_IDS(id, VM), 1, 2 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_UNBIND_32, FFA_IDS(id, VM), 0, 6 }, FFA_DENIED },
		{ { FFA_NOTIFICATION_UNBIND_32, FFA_IDS(up, VM), 0, 2 }, FFA_DENIED },
		{ { FFA_NOTIFICATION_SET_32, FFA_IDS(VM, id), 0, 1 }, FFA_DENIED },
		{ { FFA_NOTIFICATION_SET_32, FFA_IDS(VM, id), 2, 1 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_SET_32, FFA_IDS(id, VM), 0, 2 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_SET_32, FFA_IDS(VM, 0), 0, 1 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_GET_32, FFA_CTX(VM_VCPUS, VM), 1 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_GET_32, VM, 2 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_GET_32, VM, 0x10 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_GET_32, VM + 1, 1 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_GET_32, id, 1 }, FFA_INVALID_PARAMETERS },
		{ { FFA_NOTIFICATION_INFO_GET_32 }, FFA_NO_DATA },
		{ { FFA_NOTIFICATION_INFO_GET_64 }, FFA_NO_DATA },
	};

	if (!is_success(FFA_CALL(FFA_NOTIFICATION_BITMAP_CREATE_32, VM, VM_VCPUS),
			"BITMAP_CREATE") ||
	    !is_success(call_bits(FFA_NOTIFICATION_BIND_32, id, VM, 0, 2), "BIND")) {
		return false;
	}
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const uint64_t *x = wrong[i].x;
		struct ffa_regs r = FFA_CALL(x[0], x[1], x[2], x[3], x[4]);

		CHECK(ffa_is_error(&r, wrong[i].status), "%#lx %#lx %#lx %#lx: not %d: %s", x[0],
		      x[1], x[2], x[3], wrong[i].status, ffa_text(&r));
	}
	return is_success(FFA_CALL(FFA_NOTIFICATION_BITMAP_DESTROY_32, VM), "BITMAP_DESTROY");
}

const struct test notify_tests[] = {
	{ "notify.to_sp", notify_to_sp, ALL_TESTERS },
	{ "notify.to_us", notify_to_us, NEED(SAMPLE_TESTER) },
	{ "notify.between", notify_between, NEED(SAMPLE_TESTER) | NEED(SAMPLE_TESTER_UP) },
	{ "notify.per_vcpu", notify_per_vcpu, NEED(SAMPLE_TESTER) },
	{ "notify.race", notify_race, NEED(SAMPLE_TESTER_UP) },
	{ "notify.errors", notify_errors, NEED(SAMPLE_TESTER) | NEED(SAMPLE_TESTER_UP) },
	{ 0 },
};
