/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Indirect messages (FF-A 1.2 chapters 7.2, 15.1) between partitions, us and VMs that we speak for,
 * with the buffers of all of them; what partitions are told of VMs (18.4); IPIs that we schedule.
 */
#include <stddef.h>
#include <string.h>

#include "bulkhead/hyp.h"
#include "cpu.h"
#include "memory.h"
#include "partitions.h"
#include "test.h"
#include "tester.h"

#define VM_TOLD 6u /* has a bitmap of notifications */
#define VM_PLAIN 7u
#define VM_NONE 8u /* nobody knows it */

#define HEADER_1_1 FFA_MSG_HEADER_SIZE_1_1
#define HEADER_1_2 ((uint32_t)sizeof(struct ffa_msg_header))
#define ROOM (FFA_PAGE_SIZE - HEADER_1_2)

static uint8_t vm_tx[2][FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t vm_rx[2][FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

/* Who sends and gets messages. Buffers of partitions are reached by asking them. */
static struct talker {
	struct party p;
	uint8_t *tx, *rx;
	bool told; /* gets framework notifications */
} talkers[5];
enum { US, WITH_BITMAP, PLAIN, MP, UP, TALKERS };

static bool is_vm(const struct talker *t)
{
	return !party_is_sp(&t->p) && t->p.id != FFA_ID_NWD;
}

/* w1 of what we call for it. */
static uint32_t on_behalf(const struct talker *t)
{
	return is_vm(t) ? t->p.id : 0;
}

static bool put(const struct talker *t, uint32_t offset, const void *data, uint32_t length)
{
	if (party_is_sp(&t->p)) {
		return party_put(&t->p, offset, data, length);
	}
	memcpy(t->tx + offset, data, length);
	return true;
}

static bool get(const struct talker *t, uint32_t offset, void *data, uint32_t length)
{
	if (party_is_sp(&t->p)) {
		return party_get(&t->p, offset, data, length);
	}
	memcpy(data, t->rx + offset, length);
	return true;
}

static bool succeeds(struct ffa_regs r, const char *what)
{
	CHECK(r.x[0] == FFA_SUCCESS_32, "%s: %s", what, ffa_text(&r));
	return true;
}

static bool refused(struct ffa_regs r, int32_t status, const char *what)
{
	CHECK(ffa_is_error(&r, status), "%s: not %d: %s", what, status, ffa_text(&r));
	return true;
}

/* --- Beginning and end ----------------------------------------------------------------------- */

struct vm_buffers {
	struct ffa_rxtx_desc desc;
	struct {
		struct ffa_composite composite;
		struct ffa_constituent constituent;
	} rx, tx;
};

/* Maps the buffers of a VM: what they are stands in our TX. */
static struct ffa_regs vm_map(uint16_t vm, const void *tx, const void *rx)
{
	struct vm_buffers b = {
		.desc = { .vm_id = vm,
			  .rx_offset = offsetof(struct vm_buffers, rx),
			  .tx_offset = offsetof(struct vm_buffers, tx) },
		.rx = { { .pages = 1, .count = 1 }, { .base = (uint64_t)rx, .pages = 1 } },
		.tx = { { .pages = 1, .count = 1 }, { .base = (uint64_t)tx, .pages = 1 } },
	};

	memcpy(rxtx_tx, &b, sizeof(b));
	return FFA_CALL(FFA_RXTX_MAP_64);
}

static bool begin(void)
{
	talkers[US] = (struct talker){ party_nwd(), rxtx_tx, rxtx_rx, true };
	talkers[WITH_BITMAP] = (struct talker){ party_vm(VM_TOLD), vm_tx[0], vm_rx[0], true };
	talkers[PLAIN] = (struct talker){ party_vm(VM_PLAIN), vm_tx[1], vm_rx[1], false };
	talkers[MP].told = talkers[UP].told = true;
	CHECK(rxtx_map(), "RXTX_MAP fails");
	return succeeds(vm_map(VM_TOLD, vm_tx[0], vm_rx[0]), "RXTX_MAP for a VM") &&
	       succeeds(vm_map(VM_PLAIN, vm_tx[1], vm_rx[1]), "RXTX_MAP for a VM") &&
	       refused(vm_map(VM_PLAIN, vm_tx[1], vm_rx[1]), FFA_DENIED, "RXTX_MAP again") &&
	       succeeds(FFA_CALL(FFA_NOTIFICATION_BITMAP_CREATE_32, FFA_ID_NWD, CPU_COUNT),
			"BITMAP_CREATE") &&
	       succeeds(FFA_CALL(FFA_NOTIFICATION_BITMAP_CREATE_32, VM_TOLD, 1), "BITMAP_CREATE") &&
	       party_tester(&talkers[MP].p, SAMPLE_TESTER) &&
	       party_tester(&talkers[UP].p, SAMPLE_TESTER_UP);
}

static void end(void)
{
	FFA_CALL(FFA_NOTIFICATION_BITMAP_DESTROY_32, FFA_ID_NWD);
	FFA_CALL(FFA_NOTIFICATION_BITMAP_DESTROY_32, VM_TOLD);
	FFA_CALL(FFA_RXTX_UNMAP_32, (uint32_t)VM_TOLD << 16);
	FFA_CALL(FFA_RXTX_UNMAP_32, (uint32_t)VM_PLAIN << 16);
	rxtx_unmap();
}

static bool with_buffers(bool (*what)(void))
{
	bool ok = begin() && what();

	end();
	return ok;
}

/* --- Messages -------------------------------------------------------------------------------- */

static uint32_t header_size(const struct talker *from)
{
	return from->p.version >= FFA_VERSION_1_2 ? HEADER_1_2 : HEADER_1_1;
}

/* A sender before 1.2 has no UUID in it; what lies there is payload, or nothing. */
static struct ffa_msg_header header(const struct talker *from, const struct talker *to)
{
	return (struct ffa_msg_header){ .offset = header_size(from),
					.ids = FFA_IDS(from->p.id, to->p.id) };
}

static struct ffa_regs send(const struct talker *from, uint32_t flags)
{
	return party_call(&from->p, (struct ffa_regs){ .x = { FFA_MSG_SEND2_32,
							      on_behalf(from) << 16, flags } });
}

static struct ffa_regs release(const struct talker *t)
{
	return party_call(&t->p, (struct ffa_regs){ .x = { FFA_RX_RELEASE_32, on_behalf(t) } });
}

/* The receiver is told that RX is full, once, and by whose message. */
static bool is_told(const struct talker *from, const struct talker *to)
{
	bool sp = party_is_sp(&from->p);
	struct ffa_regs r = party_call(
		&to->p, (struct ffa_regs){ .x = { FFA_NOTIFICATION_GET_32, FFA_CTX(0, to->p.id),
						  FFA_NOTIFICATION_FROM_SPM } });

	if (!to->told) {
		return refused(r, FFA_NOT_SUPPORTED, "NOTIFICATION_GET without a bitmap");
	}
	CHECK(r.x[0] == FFA_SUCCESS_32 && r.x[2] == 0 && r.x[3] == 0 && r.x[4] == 0 &&
		      r.x[5] == 0 && r.x[6] == sp && r.x[7] == !sp,
	      "%#x is told of a message of %#x: %s", to->p.id, from->p.id, ffa_text(&r));
	return true;
}

/* What is in RX: the header, and what followed it in TX. */
static bool is_delivered(const struct talker *to, const struct ffa_msg_header *h, uint32_t size,
			 const uint8_t *payload)
{
	struct ffa_msg_header got = { 0 };
	uint8_t found[FFA_PAGE_SIZE];

	if (!get(to, 0, &got, size) || !get(to, h->offset, found, h->size)) {
		return false;
	}
	CHECK(memcmp(&got, h, size) == 0, "%#x got another header: offset %#x, ids %#x, size %#x",
	      to->p.id, got.offset, got.ids, got.size);
	CHECK(memcmp(found, payload, h->size) == 0, "%#x got another payload of %u bytes", to->p.id,
	      h->size);
	return true;
}

static bool deliver(const struct talker *from, const struct talker *to, uint32_t gap, uint32_t size)
{
	struct ffa_msg_header h = header(from, to);
	uint8_t payload[FFA_PAGE_SIZE];

	for (uint32_t i = 0; i < size; i++) {
		payload[i] = (uint8_t)random_next();
	}
	h.offset += gap;
	h.size = size;
	if (!put(from, 0, &h, header_size(from)) || !put(from, h.offset, payload, size) ||
	    !succeeds(send(from, 0), "MSG_SEND2") ||
	    !is_delivered(to, &h, header_size(from), payload) ||
	    !refused(send(from, 0), FFA_BUSY, "MSG_SEND2 while RX is full") || !is_told(from, to) ||
	    !succeeds(release(to), "RX_RELEASE") ||
	    !refused(release(to), FFA_DENIED, "RX_RELEASE again")) {
		return false;
	}
	return true;
}

/* From each to each; two of the normal world have a hypervisor for that, which is not us. */
static bool deliver_all(void)
{
	for (uint32_t f = 0; f < TALKERS; f++) {
		for (uint32_t t = 0; t < TALKERS; t++) {
			const struct talker *from = &talkers[f], *to = &talkers[t];

			if (f == t || (!party_is_sp(&from->p) && !party_is_sp(&to->p))) {
				continue;
			}
			if (!deliver(from, to, 0, 0) || !deliver(from, to, 8, 100)) {
				return false;
			}
		}
	}
	return deliver(&talkers[MP], &talkers[UP], 0, ROOM) &&
	       deliver(&talkers[WITH_BITMAP], &talkers[UP], 0, ROOM);
}

static bool message_delivered(void)
{
	return with_buffers(deliver_all);
}

/* --- What is refused ------------------------------------------------------------------------- */

/* With that header; nothing is delivered by it, and nobody is told. */
static bool send_fails(const struct talker *from, struct ffa_msg_header h, uint32_t flags,
		       int32_t status, const char *what)
{
	if (!put(from, 0, &h, header_size(from)) || !refused(send(from, flags), status, what)) {
		return false;
	}
	for (uint32_t t = 0; t < TALKERS; t++) {
		if (!refused(release(&talkers[t]), FFA_DENIED, what)) {
			return false;
		}
	}
	return true;
}

static bool errors_from(const struct talker *from, const struct talker *to)
{
	struct ffa_msg_header good = header(from, to), h;
	uint32_t least = header_size(from);
	static const uint32_t reserved[] = { 1, 4, 1u << 31 };

	h = good;
	h.ids = FFA_IDS(from->p.id ^ 1, to->p.id);
	if (!send_fails(from, h, 0, FFA_INVALID_PARAMETERS, "another's name")) {
		return false;
	}
	h.ids = FFA_IDS(from->p.id, from->p.id);
	if (!send_fails(from, h, 0, FFA_INVALID_PARAMETERS, "to itself")) {
		return false;
	}
	h.ids = FFA_IDS(from->p.id, 0x8FFF);
	if (!send_fails(from, h, 0, FFA_INVALID_PARAMETERS, "to nobody")) {
		return false;
	}
	h = good;
	h.offset = least - 4;
	if (!send_fails(from, h, 0, FFA_INVALID_PARAMETERS, "payload in the header")) {
		return false;
	}
	h.offset = FFA_PAGE_SIZE + 4;
	if (!send_fails(from, h, 0, FFA_INVALID_PARAMETERS, "payload behind TX")) {
		return false;
	}
	h = good;
	h.size = FFA_PAGE_SIZE - least + 1;
	if (!send_fails(from, h, 0, FFA_INVALID_PARAMETERS, "payload that is too long")) {
		return false;
	}
	h.size = UINT32_MAX;
	if (!send_fails(from, h, 0, FFA_INVALID_PARAMETERS, "payload that wraps")) {
		return false;
	}
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (!send_fails(from, good, reserved[i], FFA_INVALID_PARAMETERS, "flags")) {
			return false;
		}
	}
	if (!party_is_sp(&from->p) && !send_fails(from, good, FFA_MSG_SEND2_DELAY_SRI,
						  FFA_INVALID_PARAMETERS, "delay from a VM")) {
		return false;
	}
	if (from->p.version >= FFA_VERSION_1_2 && party_is_sp(&to->p)) {
		h = good;
		h.uuid = (struct ffa_uuid){ { 1, 2, 3, 4 } };
		if (!send_fails(from, h, 0, FFA_INVALID_PARAMETERS, "for no service of its")) {
			return false;
		}
	}
	return true;
}

/* A partition of 1.0 has no indirect messages. */
static bool errors_to_1_0(void)
{
	struct talker old = { 0 };

	return party_tester(&old.p, SAMPLE_TESTER_QUEUED) &&
	       (old.p.version >= FFA_VERSION_1_1 ||
		send_fails(&talkers[MP], header(&talkers[MP], &old), 0, FFA_DENIED, "to a 1.0"));
}

/* Those who have no buffers, or do not exist. */
static bool errors_without_buffers(void)
{
	const struct talker *sp = &talkers[MP], *vm = &talkers[PLAIN];
	struct ffa_msg_header to_vm = header(sp, vm);
	struct ffa_regs r;

	to_vm.ids = FFA_IDS(sp->p.id, VM_NONE);
	if (!send_fails(sp, to_vm, 0, FFA_INVALID_PARAMETERS, "to no VM") ||
	    !refused(FFA_CALL(FFA_MSG_SEND2_32, VM_NONE << 16), FFA_DENIED, "of no VM") ||
	    !refused(FFA_CALL(FFA_MSG_SEND2_32, (uint32_t)sp->p.id << 16), FFA_INVALID_PARAMETERS,
		     "as a partition")) {
		return false;
	}
	r = party_call(&sp->p, (struct ffa_regs){ .x = { FFA_MSG_SEND2_32, VM_PLAIN << 16 } });
	if (!refused(r, FFA_INVALID_PARAMETERS, "of a VM, by a partition") ||
	    !succeeds(FFA_CALL(FFA_RXTX_UNMAP_32, VM_TOLD << 16), "RXTX_UNMAP for a VM") ||
	    !refused(FFA_CALL(FFA_RXTX_UNMAP_32, VM_TOLD << 16), FFA_INVALID_PARAMETERS,
		     "RXTX_UNMAP again") ||
	    !refused(FFA_CALL(FFA_MSG_SEND2_32, VM_TOLD << 16), FFA_DENIED, "without a TX")) {
		return false;
	}
	/* It still has its bitmap. */
	to_vm = header(sp, &talkers[WITH_BITMAP]);
	return put(sp, 0, &to_vm, header_size(sp)) &&
	       refused(send(sp, 0), FFA_BUSY, "to a VM without RX") &&
	       succeeds(vm_map(VM_TOLD, vm_tx[0], vm_rx[0]), "RXTX_MAP for a VM");
}

static bool errors_all(void)
{
	for (uint32_t f = 0; f < TALKERS; f++) {
		if (!errors_from(&talkers[f], &talkers[f == MP ? UP : MP])) {
			return false;
		}
	}
	return errors_from(&talkers[MP], &talkers[PLAIN]) && errors_to_1_0() &&
	       errors_without_buffers();
}

static bool message_errors(void)
{
	return with_buffers(errors_all);
}

/* --- RX_ACQUIRE ------------------------------------------------------------------------------ */

static struct ffa_regs acquire(uint32_t id)
{
	return FFA_CALL(FFA_RX_ACQUIRE_32, id);
}

/* While the hypervisor has a VM's RX nobody else fills it. */
static bool acquire_all(void)
{
	const struct talker *sp = &talkers[MP], *vm = &talkers[PLAIN];
	struct ffa_msg_header h = header(sp, vm);
	struct ffa_regs r;

	if (!put(sp, 0, &h, header_size(sp)) || !succeeds(acquire(VM_PLAIN), "RX_ACQUIRE") ||
	    !refused(acquire(VM_PLAIN), FFA_DENIED, "RX_ACQUIRE again") ||
	    !refused(send(sp, 0), FFA_BUSY, "MSG_SEND2 while we have RX") ||
	    !succeeds(release(vm), "RX_RELEASE") || !succeeds(send(sp, 0), "MSG_SEND2") ||
	    !refused(acquire(VM_PLAIN), FFA_DENIED, "RX_ACQUIRE while RX is full") ||
	    !succeeds(release(vm), "RX_RELEASE")) {
		return false;
	}
	r = party_call(&sp->p, (struct ffa_regs){ .x = { FFA_RX_ACQUIRE_32, VM_PLAIN } });
	return refused(r, FFA_NOT_SUPPORTED, "RX_ACQUIRE by a partition") &&
	       refused(acquire(sp->p.id), FFA_NOT_SUPPORTED, "RX_ACQUIRE of a partition's") &&
	       refused(acquire(VM_NONE), FFA_INVALID_PARAMETERS, "RX_ACQUIRE of nobody's") &&
	       refused(FFA_CALL(FFA_RX_RELEASE_32, VM_NONE), FFA_INVALID_PARAMETERS,
		       "RX_RELEASE of nobody's") &&
	       refused(FFA_CALL(FFA_RX_RELEASE_32, sp->p.id), FFA_INVALID_PARAMETERS,
		       "RX_RELEASE of a partition's");
}

static bool message_acquire(void)
{
	return with_buffers(acquire_all);
}

/* --- Buffers of a manifest ------------------------------------------------------------------- */

/* rx_tx-info of tester-up-me: tests/system/scenarios.py. */
#define MANIFEST_RX 0x0ee00000ul
#define MANIFEST_TX 0x0ee01000ul

/* Its TX is not where it would have mapped one itself. */
static bool write_tx(const struct party *p, const struct ffa_msg_header *h)
{
	const uint64_t *words = (const uint64_t *)(const void *)h;
	struct access a;

	for (uint32_t i = 0; i < sizeof(*h) / sizeof(words[0]); i++) {
		if (!party_access(p, MANIFEST_TX + i * sizeof(words[0]), TESTER_MEM_WRITE, words[i],
				  &a)) {
			return false;
		}
		CHECK(a.exceptions == 0, "TX of the manifest: ESR %#lx", a.esr);
	}
	return true;
}

static bool manifest_buffers(void)
{
	struct talker *to = &talkers[MP];
	const struct talker from = { .p = { .id = sp_id(SAMPLE_TESTER_UP_ME),
					    .version = FFA_VERSION_1_2 } };
	const struct party p = from.p;
	struct ffa_msg_header h __attribute__((
		aligned(8))) = { .offset = HEADER_1_2, .ids = FFA_IDS(p.id, to->p.id), .size = 0 };
	struct ffa_regs r;
	struct access a;

	r = FFA_DIRECT(p.id, TESTER_MEM_INFO, 1);
	CHECK(tester_ok(&r, p.id) && (int32_t)r.x[4] == FFA_DENIED, "RXTX_MAP, too: %s",
	      ffa_text(&r));
	r = party_call(&p, (struct ffa_regs){ .x = { FFA_PARTITION_INFO_GET_32 } });
	CHECK(r.x[0] == FFA_SUCCESS_32 && r.x[2] > TESTER_KINDS, "PARTITION_INFO_GET: %s",
	      ffa_text(&r));
	if (!party_access(&p, MANIFEST_RX, TESTER_MEM_READ, 0, &a)) {
		return false;
	}
	CHECK(a.exceptions == 0 && (uint16_t)a.value == FFA_ID_SPMC + 1,
	      "RX of the manifest: %lu exceptions, %#lx", a.exceptions, a.value);
	if (!succeeds(party_call(&p, (struct ffa_regs){ .x = { FFA_RX_RELEASE_32 } }),
		      "RX_RELEASE") ||
	    !write_tx(&p, &h) ||
	    !succeeds(party_call(&p, (struct ffa_regs){ .x = { FFA_MSG_SEND2_32 } }),
		      "MSG_SEND2") ||
	    !is_delivered(to, &h, HEADER_1_2, NULL) || !is_told(&from, to) ||
	    !succeeds(release(to), "RX_RELEASE")) {
		return false;
	}
	/* They can be given back, and be mapped like any others. */
	return succeeds(party_call(&p, (struct ffa_regs){ .x = { FFA_RXTX_UNMAP_32 } }),
			"RXTX_UNMAP") &&
	       refused(party_call(&p, (struct ffa_regs){ .x = { FFA_PARTITION_INFO_GET_32 } }),
		       FFA_BUSY, "PARTITION_INFO_GET without RX") &&
	       succeeds(party_call(&p, (struct ffa_regs){ .x = { FFA_RXTX_MAP_32, MANIFEST_TX,
								 MANIFEST_RX, 1 } }),
			"RXTX_MAP");
}

static bool message_manifest(void)
{
	return with_buffers(manifest_buffers);
}

/* --- VMs are created and destroyed ----------------------------------------------------------- */

static struct ffa_regs tell(uint16_t id, uint32_t type, uint16_t vm)
{
	return FFA_CALL(FFA_MSG_SEND_DIRECT_REQ_32, FFA_IDS(FFA_ID_NWD, id),
			FFA_MSG_FRAMEWORK | type, 0xFFFFFFFF, 0xFFFFFFFF, vm);
}

static bool tell_works(uint16_t id, uint32_t type, int32_t status)
{
	struct ffa_regs before = FFA_DIRECT(id, TESTER_VMS, (uint32_t)status), r, after;
	bool created = type == FFA_FW_VM_CREATED_REQ;

	r = tell(id, type, VM_PLAIN);
	CHECK(r.x[0] == FFA_MSG_SEND_DIRECT_RESP_32 && r.x[1] == FFA_IDS(id, FFA_ID_NWD) &&
		      r.x[2] == (FFA_MSG_FRAMEWORK | (type + 1)) && r.x[3] == (uint32_t)status,
	      "%#x is told: %s", id, ffa_text(&r));
	after = FFA_DIRECT(id, TESTER_VMS);
	CHECK(after.x[4] == before.x[4] + created && after.x[5] == before.x[5] + !created &&
		      after.x[6] == VM_PLAIN,
	      "%#x knows of %lu and %lu VMs, the last %#lx", id, after.x[4] - before.x[4],
	      after.x[5] - before.x[5], after.x[6]);
	return true;
}

static bool message_of_vms(void)
{
	const uint32_t created = FFA_FW_VM_CREATED_REQ, destroyed = FFA_FW_VM_DESTROYED_REQ;
	uint16_t both = sp_id(SAMPLE_TESTER), one = sp_id(SAMPLE_TESTER_UP);
	uint16_t none = sp_id(SAMPLE_TESTER_ME);

	return tell_works(both, created, FFA_OK) && tell_works(both, destroyed, FFA_OK) &&
	       tell_works(both, created, FFA_DENIED) && tell_works(both, destroyed, FFA_RETRY) &&
	       tell_works(one, destroyed, FFA_INTERRUPTED) &&
	       refused(tell(one, created, VM_PLAIN), FFA_INVALID_PARAMETERS,
		       "created, not asked") &&
	       refused(tell(none, created, VM_PLAIN), FFA_INVALID_PARAMETERS,
		       "asked for nothing") &&
	       refused(tell(none, destroyed, VM_PLAIN), FFA_INVALID_PARAMETERS, "likewise") &&
	       refused(tell(0x8FFF, created, VM_PLAIN), FFA_INVALID_PARAMETERS, "nobody") &&
	       refused(tell(both, created, both), FFA_INVALID_PARAMETERS, "no VM") &&
	       refused(tell(both, created, FFA_ID_NWD), FFA_INVALID_PARAMETERS, "no VM") &&
	       refused(tell(both, 10, VM_PLAIN), FFA_INVALID_PARAMETERS, "another message");
}

/* --- IPIs ------------------------------------------------------------------------------------ */

static struct {
	uint16_t id;
	uint64_t taken;
	struct ffa_regs run;
} ipi;

static void ipi_enable(uint64_t on)
{
	struct ffa_regs r = FFA_DIRECT(ipi.id, TESTER_ENABLE, FFA_VINT_IPI, on, HYP_PIN_IRQ);

	(void)tester_ok(&r, ipi.id);
}

static void ipi_count(uint64_t arg)
{
	struct ffa_regs r = FFA_DIRECT(ipi.id, TESTER_COUNTS, FFA_VINT_IPI);

	(void)arg;
	(void)tester_ok(&r, ipi.id);
	ipi.taken = r.x[4];
}

static void ipi_run(uint64_t arg)
{
	(void)arg;
	ipi.run = FFA_CALL(FFA_RUN_32, FFA_CTX(ipi.id, cpu_index()));
}

/*
 * A vCPU that waits gets no cycles for an IPI alone: the normal world is told of that vCPU, like of
 * a notification, and gives it some.
 */
static bool message_ipi(void)
{
	const uint32_t cpu = 2;
	uint64_t before;
	struct ffa_regs r;

	ipi.id = sp_id(SAMPLE_TESTER);
	cpu_run(cpu, ipi_enable, true);
	cpu_run(cpu, ipi_count, 0);
	before = ipi.taken;
	r = FFA_DIRECT(ipi.id, TESTER_IPI, cpu);
	CHECK(tester_ok(&r, ipi.id) && r.x[4] == 0, "SEND_IPI: %s", ffa_text(&r));
	r = FFA_DIRECT(ipi.id, TESTER_IPI, CPU_COUNT);
	CHECK(tester_ok(&r, ipi.id) && r.x[4] == ~0ul, "SEND_IPI to no vCPU: %s", ffa_text(&r));
	/* The other CPU has to look: it is told by an interrupt. */
	do {
		r = FFA_CALL(FFA_NOTIFICATION_INFO_GET_64);
	} while (ffa_is_error(&r, FFA_NO_DATA));
	CHECK(r.x[0] == FFA_SUCCESS_64 && r.x[2] == (1u << 7 | 1u << 12) &&
		      r.x[3] == (ipi.id | (uint64_t)cpu << 16),
	      "INFO_GET after the IPI: %s", ffa_text(&r));
	cpu_run(cpu, ipi_run, 0);
	CHECK(ffa_is_context(&ipi.run, FFA_MSG_WAIT_32, FFA_CTX(ipi.id, cpu)), "RUN: %s",
	      ffa_text(&ipi.run));
	cpu_run(cpu, ipi_count, 0);
	CHECK(ipi.taken == before + 1, "vCPU %u took %lu IPIs", cpu, ipi.taken - before);
	cpu_run(cpu, ipi_enable, false);
	return !test_failed();
}

const struct test message_tests[] = {
	{ "message.delivered", message_delivered, ALL_TESTERS },
	{ "message.errors", message_errors, ALL_TESTERS },
	{ "message.acquire", message_acquire, ALL_TESTERS },
	{ "message.manifest", message_manifest, ALL_TESTERS },
	{ "message.of_vms", message_of_vms, ALL_TESTERS },
	{ "message.ipi", message_ipi, ALL_TESTERS },
	{ 0 },
};
