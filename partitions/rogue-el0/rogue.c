/* SPDX-License-Identifier: BSD-3-Clause */
/* What a partition at S-EL0 must not do, on command. samples.h has the commands. */
#include "sp/sp.h"

#include "bulkhead/samples.h"

#include <string.h>

#define PAGE 4096u
#define RET 0xD65F03C0u
#define NZCV_MASK (0xFul << 28)
#define FPCR_ROUND (3ul << 22)
#define FPSR_FLAGS 0x1Ful

/* rogue.S */
uint64_t rogue_run(uint64_t x0, const void *code);
void rogue_read(uint64_t address);
void rogue_write(uint64_t address);
void rogue_execute(uint64_t address);
_Noreturn void rogue_loop(void);
void rogue_state_set(const uint64_t state[5]);
void rogue_state_get(uint64_t state[5]);

extern char sp_image_start[], sp_rodata_start[], sp_data_start[], sp_image_end[];

/* One instruction and the way back: data until it is written, code from then on. */
static uint32_t code[PAGE / 4] __attribute__((aligned(PAGE)));

static uint8_t scratch[PAGE] __attribute__((aligned(PAGE)));

static uint64_t found;
static uint64_t interrupts;
static uint64_t last_intid;

static void require(bool good, uint64_t otherwise)
{
	if (!good) {
		found |= otherwise;
	}
}

static bool permission_is(const void *page, uint32_t permission)
{
	uint32_t is;

	return ffa_mem_perm_get(page, &is) == FFA_OK && is == permission;
}

static bool refused(void *base, uint32_t pages, uint32_t permission)
{
	return ffa_mem_perm_set(base, pages, permission) == FFA_INVALID_PARAMETERS;
}

static void look_at_rights(void)
{
	char *past = sp_image_end;

	require(permission_is(sp_image_start, FFA_PAGES_RX) &&
			permission_is(sp_rodata_start, FFA_PAGES_RO) &&
			permission_is(sp_data_start, FFA_PAGES_RW) &&
			permission_is(past, FFA_PAGES_RX) &&
			permission_is((void *)ROGUE_EL0_PAGE, FFA_PAGES_RO),
		ROGUE_EL0_FOUND_RIGHTS);
	require(refused(past + 1, 1, FFA_PAGES_RW) && refused(past, 0, FFA_PAGES_RW) &&
			refused(past, 1, 1) && refused(past, 1, 0) &&
			refused(past, UINT32_MAX, FFA_PAGES_RW) &&
			refused((void *)ROGUE_EL0_PAGE, 1, FFA_PAGES_RW) &&
			refused((void *)0x0e100000, 1, FFA_PAGES_RW) &&
			permission_is(past, FFA_PAGES_RX),
		ROGUE_EL0_FOUND_ERRORS);
}

/* Makes what the normal world has put there an instruction of ours. */
static void take_instruction(void)
{
	code[0] = *(const volatile uint32_t *)ROGUE_EL0_PAGE;
	code[1] = RET;
	__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" ::"r"(code)
			 : "memory");
	if (ffa_mem_perm_set(code, 1, FFA_PAGES_RX) != FFA_OK) {
		sp_abort("the page for code stays data");
	}
}

static void rogue_init(const struct sp_vcpu *v)
{
	uint64_t state[5];

	rogue_state_get(state);
	require((state[0] | state[1] | state[2] | state[3]) == 0 && v->x[1] == 0 && v->x[2] == 0 &&
			v->x[3] == 0,
		ROGUE_EL0_FOUND_REGISTERS);
	look_at_rights();
	take_instruction();
}

static void rogue_interrupt(uint32_t intid)
{
	interrupts++;
	last_intid = intid;
	if (intid == FFA_VINT_TIMER) {
		sp_timer_stop();
	}
}

/*
 * Registers that a switch has to move, full of `seed` while somebody else runs; what has changed.
 */
static uint64_t keep(uint64_t seed)
{
	struct ffa_regs r;
	const uint64_t set[5] = { seed, 0, seed & FPCR_ROUND, seed & FPSR_FLAGS, seed & NZCV_MASK };
	uint64_t now[5];
	uint64_t changed = 0;

	rogue_state_set(set);
	ffa_yield(&r);
	rogue_state_get(now);
	for (unsigned int i = 0; i < 4; i++) { /* not the flags: C has used them */
		changed |= (uint64_t)(now[i] != set[i]) << i;
	}
	rogue_state_set((const uint64_t[5]){ 0 });
	return changed;
}

static void call(uint64_t p[5])
{
	struct ffa_regs r = { .x = { p[1], p[2], p[3], p[4] } };

	ffa_call(&r);
	memcpy(&p[1], r.x, 4 * sizeof(p[0]));
}

static void rogue_direct_req(uint16_t from, uint64_t p[5])
{
	uint64_t argument = p[1];

	(void)from;
	p[1] = ROGUE_SURVIVED;
	switch (p[0]) {
	case ROGUE_READ:
		rogue_read(argument);
		break;
	case ROGUE_WRITE:
		rogue_write(argument);
		break;
	case ROGUE_EXECUTE:
		rogue_execute(argument);
		break;
	case ROGUE_EL0_RUN:
		p[2] = rogue_run(argument, code);
		break;
	case ROGUE_EL0_END:
		__asm__ volatile("udf #0");
		break;
	case ROGUE_EL0_LOOP:
		rogue_loop();
	case ROGUE_EL0_CALL:
		p[1] = argument;
		call(p);
		break;
	case ROGUE_EL0_STARTED:
		p[2] = found;
		p[3] = (uintptr_t)scratch;
		break;
	case ROGUE_EL0_KEEP:
		p[2] = keep(argument);
		break;
	case ROGUE_EL0_INTERRUPTS:
		p[2] = interrupts;
		p[3] = last_intid;
		break;
	case ROGUE_EL0_ENABLE:
		p[2] = sp_interrupt_enable(ROGUE_EL0_INTID, true, 0);
		break;
	case ROGUE_EL0_TIMER:
		p[2] = sp_interrupt_enable(FFA_VINT_TIMER, true, 0);
		sp_timer_set(sp_now() + sp_ticks(argument));
		break;
	default:
		p[1] = ROGUE_REFUSED;
		break;
	}
}

const struct sp_ops sp_ops = {
	.init = rogue_init,
	.direct_req = rogue_direct_req,
	.interrupt = rogue_interrupt,
};
