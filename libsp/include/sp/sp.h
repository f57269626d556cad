/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a partition links against. It defines one object, `const struct sp_ops sp_ops`, and has a
 * manifest; the library starts its vCPUs, fetches messages and interrupts, and calls back.
 * docs/sp-author.md begins with an example.
 */
#ifndef SP_SP_H
#define SP_SP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sp/ffa.h"
#include "sp/layout.h"

/*
 * A vCPU as it was entered first; struct ffa_boot_info_header at x[0] for the first one. At S-EL0
 * only x0-x4 are kept.
 */
struct sp_vcpu {
	uint64_t x[31];
	uint32_t index;
	uint32_t unused;
};
_Static_assert(sizeof(struct sp_vcpu) == SP_VCPU_SIZE, "assembly");

/* What an exception interrupted. Handlers may change x, pc and pstate: that is where it goes on. */
struct sp_frame {
	uint64_t x[31];
	uint64_t sp;
	uint64_t pc;
	uint64_t pstate;
	uint64_t esr;
	uint64_t far;
};
_Static_assert(sizeof(struct sp_frame) == SP_FRAME_SIZE, "assembly");
_Static_assert(offsetof(struct sp_frame, sp) == SP_FRAME_SP, "assembly");
_Static_assert(offsetof(struct sp_frame, pc) == SP_FRAME_PC, "assembly");
_Static_assert(offsetof(struct sp_frame, esr) == SP_FRAME_ESR, "assembly");

/* What a partition does; each may be NULL. */
struct sp_ops {
	/* On each vCPU, each time it starts. A partition that cannot go on calls sp_abort(). */
	void (*init)(const struct sp_vcpu *v);
	/* A direct request of endpoint `from`: the answer replaces its payload, x3-x7. */
	void (*direct_req)(uint16_t from, uint64_t payload[5]);
	/* The same for direct message 2: x4-x17, and the service that it is for or nil. */
	void (*direct_req2)(uint16_t from, const struct ffa_uuid *service,
			    uint64_t payload[FFA_PAYLOAD2]);
	/* A VM has been created or destroyed, if vm-availability-messages asks to be told: FFA_OK,
	 * or another status for the hypervisor. */
	enum ffa_status (*vm)(uint16_t vm, bool created);
	/* FFA_RUN while there was no message. */
	void (*run)(void);
	/* An interrupt, FFA_VINT_MEI among them. Any time after init when it is not NULL; it is
	 * deactivated after. */
	void (*interrupt)(uint32_t intid);
	/*
	 * A synchronous exception of our own; true: it is dealt with, go on as *f says. Not at
	 * S-EL0: that ends the partition.
	 */
	bool (*fault)(struct sp_frame *f);
	/* How FFA_MSG_WAIT and responses are called; NULL: ffa_call(). */
	void (*call)(struct ffa_regs *r);
	/*
	 * Run with MMU and caches on: the image is mapped, all else by sp_map(). S-EL0 always does.
	 */
	bool mmu;
	/* The FF-A version to speak, asked on the first vCPU before any call; NULL: 1.2. */
	uint32_t (*version)(const struct sp_vcpu *v);
};

extern const struct sp_ops sp_ops;
extern struct sp_vcpu sp_vcpus[SP_MAX_VCPUS];

/* Our partition id, and the FF-A version that the SPMC uses with us. */
extern uint16_t sp_id;
extern uint32_t sp_version;

/* The number of the vCPU that asks; 0 in a partition with one, whatever CPU it is on. */
static inline uint32_t sp_vcpu_index(void)
{
	uint64_t mpidr;

	if (SP_AT_EL0) {
		return 0;
	}
	__asm__("mrs %0, mpidr_el1" : "=r"(mpidr));
	return mpidr & 0xFFFF;
}

_Noreturn void sp_abort(const char *why);
void sp_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- Interrupts: paravirtual calls of bulkhead/hyp.h ----------------------------------------- */

int64_t sp_hypercall(uint64_t id, uint64_t a1, uint64_t a2, uint64_t a3);
bool sp_interrupt_enable(uint32_t intid, bool enable, uint32_t pin);
uint32_t sp_interrupt_get(void);
bool sp_interrupt_deactivate(uint32_t intid);
bool sp_interrupt_mask(uint32_t intid, bool mask);
bool sp_ipi_send(uint32_t vcpu);
void sp_interrupts_handle(void);

/*
 * Interrupts of this vCPU held back; the previous state for sp_interrupts_restore(). At S-EL0 they
 * come only when we wait.
 */
static inline uint64_t sp_interrupts_hold(void)
{
	uint64_t daif;

	if (SP_AT_EL0) {
		return 0;
	}
	__asm__ volatile("mrs %0, daif\n\tmsr daifset, #3" : "=r"(daif)::"memory");
	return daif;
}

static inline void sp_interrupts_restore(uint64_t daif)
{
	if (!SP_AT_EL0) {
		__asm__ volatile("msr daif, %0" ::"r"(daif) : "memory");
	}
}

/* --- Time: contracts in libsp/timer.c --------------------------------------------------------- */

uint64_t sp_now(void);
uint64_t sp_ticks(uint64_t ns);
void sp_timer_set(uint64_t deadline);
void sp_timer_stop(void);

/* --- Address space: needs sp_ops.mmu. At S-EL0 the SPMC has mapped it all --------------------- */

#define SP_MAP_RW 0u
#define SP_MAP_RO (1u << 0)
#define SP_MAP_RX (1u << 1)
#define SP_MAP_DEVICE (1u << 2)
#define SP_MAP_NS (1u << 3) /* memory of the normal world */

bool sp_map(uint64_t base, uint64_t size, uint32_t attrs);
void sp_unmap(uint64_t base, uint64_t size);
void sp_map_reserve(void *pages, uint32_t count);

/* For sp.c. */
void sp_mmu_init(void);
void sp_mmu_enable(void);

#endif
