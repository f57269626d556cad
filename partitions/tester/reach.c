/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which system registers can be reached is found by trying every encoding, so that no list can be
 * incomplete; code that loads and saves all of them is generated from what was found. Named here
 * are only registers, or bits, that the search or the sweep must leave alone, each with the reason.
 * What can be written but not read keeps nothing that could be compared, and is not tried.
 */
#include "reach.h"

#include "sp/probe.h"
#include "sp/sp.h"

uint16_t reach_enc[REACH_MAX];
uint64_t reach_mask[REACH_MAX];
uint64_t reach_first[REACH_MAX];
uint32_t reach_count;
uint32_t reach_readable;
uint32_t reach_left_out;

#define ALL (~0ul)
#define CPACR_EL1 SP_ENC(3, 0, 1, 0, 2)
#define NZCV SP_ENC(3, 3, 4, 2, 0)
#define NZCV_MASK 0xF0000000ul

static const struct {
	uint16_t enc;
	uint64_t bits; /* not to be touched */
	const char *why;
} limits[] = {
	{ SP_ENC(3, 0, 4, 2, 0), ALL, "SPSel: leave.S switches stack pointers" },
	{ SP_ENC(3, 0, 1, 0, 0), 1ul << 0 | 1ul << 25,
	  "SCTLR_EL1.M, EE: this program has no page table "
	  "and is little-endian" },
	{ CPACR_EL1, 3ul << 16 | 3ul << 20 | 3ul << 24 | 1ul << 28,
	  "CPACR_EL1.ZEN, FPEN, SMEN, TTA: would close what is compared" },
	{ SP_ENC(2, 0, 0, 2, 2), 1ul << 0 | 1ul << 13 | 1ul << 15,
	  "MDSCR_EL1.SS, KDE, MDE: would stop us" },
	{ SP_ENC(2, 3, 0, 4, 0), ALL, "DBGDTR_EL0: a channel" },
	{ SP_ENC(2, 3, 0, 5, 0), ALL, "DBGDTRRX_EL0, DBGDTRTX_EL0: a channel" },
	{ SP_ENC(3, 3, 14, 2, 0), ALL, "CNTP_TVAL_EL0: counts, a view of CNTP_CVAL_EL0" },
	{ SP_ENC(3, 3, 14, 2, 1), 1ul << 0, "CNTP_CTL_EL0.ENABLE: would interrupt" },
	{ SP_ENC(3, 3, 14, 3, 0), ALL, "CNTV_TVAL_EL0: counts, a view of CNTV_CVAL_EL0" },
	{ SP_ENC(3, 3, 14, 3, 1), 1ul << 0, "CNTV_CTL_EL0.ENABLE: would interrupt" },
	{ SP_ENC(3, 3, 9, 13, 0), ALL, "PMCCNTR_EL0: counts" },
	{ SP_ENC(3, 0, 4, 6, 0), ALL, "ICC_PMR_EL1: QEMU gives secure EL1 the physical GIC" },
};

/* Bits of a register that may not be touched; *why is set when there are any. */
static uint64_t untouchable(uint32_t enc, const char **why)
{
	uint32_t crn = (enc >> 7) & 0xF;
	uint32_t crm = (enc >> 3) & 0xF;

	for (unsigned int i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (limits[i].enc == enc) {
			*why = limits[i].why;
			return limits[i].bits;
		}
	}
	if (enc >> 11 == SP_ENC(3, 0, 0, 0, 0) >> 11 && crn == 12 && crm >= 8 && crm <= 12) {
		*why = "ICC_*: QEMU gives secure EL1 the physical GIC";
		return ALL;
	}
	return 0;
}

/* The bits of a register that keep what is written; its old value is put back. */
static uint64_t kept_bits(uint32_t enc, uint64_t old, uint64_t touch)
{
	uint64_t ones = 0;
	uint64_t zeros = 0;

	if (enc == NZCV) {
		return NZCV_MASK; /* C would change them between the write and the read */
	}
	if (!sp_try_write(enc, old | touch)) {
		return 0;
	}
	(void)sp_try_read(enc, &ones);
	(void)sp_try_write(enc, old & ~touch);
	(void)sp_try_read(enc, &zeros);
	(void)sp_try_write(enc, old);
	return (ones ^ zeros) & touch;
}

#define CODE_WORDS (2 * REACH_MAX + 2)
#define LDR_X1_X0_8 0xF8408401u /* ldr x1, [x0], #8 */
#define STR_X1_X0_8 0xF8008401u /* str x1, [x0], #8 */
#define ISB 0xD5033FDFu
#define RET 0xD65F03C0u

/* Code, called from leave.S too; it uses x0 and x1 and leaves the flags alone. */
uint32_t reach_load[CODE_WORDS];
uint32_t reach_save[CODE_WORDS];

static void generate(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < reach_count; i++) {
		reach_load[n] = LDR_X1_X0_8;
		reach_load[n + 1] = 0xD5000001u | (uint32_t)reach_enc[i] << 5;
		reach_save[n] = 0xD5200001u | (uint32_t)reach_enc[i] << 5;
		reach_save[n + 1] = STR_X1_X0_8;
		n += 2;
	}
	reach_load[n] = ISB;
	reach_save[n] = ISB;
	reach_load[n + 1] = RET;
	reach_save[n + 1] = RET;
	for (uint32_t i = 0; i < CODE_WORDS; i += 4) {
		__asm__ volatile(
			"dc cvau, %0\n\tdc cvau, %1\n\tdsb ish\n\tic ivau, %0\n\tic ivau, %1" ::"r"(
				&reach_load[i]),
			"r"(&reach_save[i])
			: "memory");
	}
	__asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

void reach_values_load(const uint64_t *values)
{
	((void (*)(const uint64_t *))(uintptr_t)reach_load)(values);
}

void reach_values_save(uint64_t *values)
{
	((void (*)(uint64_t *))(uintptr_t)reach_save)(values);
}

/* What the search itself changes by exceptions: their first values are read before it. */
static const uint16_t of_exceptions[] = {
	SP_ENC(3, 0, 4, 0, 0), /* SPSR_EL1 */
	SP_ENC(3, 0, 4, 0, 1), /* ELR_EL1 */
	SP_ENC(3, 0, 5, 2, 0), /* ESR_EL1 */
	SP_ENC(3, 0, 6, 0, 0), /* FAR_EL1 */
};
#define OF_EXCEPTIONS (sizeof(of_exceptions) / sizeof(of_exceptions[0]))

/* Takes a readable register into the list if it keeps anything. */
static void consider(uint32_t enc, uint64_t value)
{
	const char *why = NULL;
	uint64_t mask = ~untouchable(enc, &why);

	reach_readable++;
	reach_left_out += why != NULL;
	if (mask != 0) {
		mask = kept_bits(enc, value, mask);
	}
	if (mask == 0) {
		return;
	}
	if (reach_count == REACH_MAX) {
		sp_abort("more registers than REACH_MAX");
	}
	reach_enc[reach_count] = (uint16_t)enc;
	reach_mask[reach_count] = mask;
	reach_first[reach_count] = value;
	reach_count++;
}

/* Makes value the one that enc had at the start. */
static void set_first(uint32_t enc, uint64_t value)
{
	for (uint32_t i = 0; i < reach_count; i++) {
		if (reach_enc[i] == enc) {
			reach_first[i] = value;
		}
	}
}

/* All of op0 = 2 and 3. */
#define ENCODINGS 32768u
static struct sp_probe probes[ENCODINGS];

/*
 * Tries all encodings. Once, interrupts held; every exception has to come to sp_probe_fault().
 * cpacr is what CPACR_EL1 was, before it opened everything that there is to find.
 */
void reach_find(uint64_t cpacr)
{
	uint64_t before[OF_EXCEPTIONS];

	for (unsigned int i = 0; i < OF_EXCEPTIONS; i++) {
		(void)sp_try_read(of_exceptions[i], &before[i]);
	}
	for (uint32_t i = 0; i < ENCODINGS; i++) {
		sp_probe_write(&probes[i], SP_READ(SP_ENC(2, 0, 0, 0, 0) + i));
	}
	for (uint32_t i = 0; i < ENCODINGS; i++) {
		uint64_t value = 0;

		if (sp_probe_run(&probes[i], &value)) {
			consider(SP_ENC(2, 0, 0, 0, 0) + i, value);
		}
	}
	for (unsigned int i = 0; i < OF_EXCEPTIONS; i++) {
		set_first(of_exceptions[i], before[i]);
	}
	set_first(CPACR_EL1, cpacr);
	generate();
}

/* The list for people. */
void reach_print(void)
{
	for (uint32_t i = 0; i < reach_count; i++) {
		uint32_t enc = reach_enc[i];

		sp_print("reach S%u_%u_C%u_C%u_%u keeps %#018lx\n", enc >> 14, (enc >> 11) & 7,
			 (enc >> 7) & 15, (enc >> 3) & 15, enc & 7, reach_mask[i]);
	}
	for (unsigned int i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		uint64_t value = 0;

		if (sp_try_read(limits[i].enc, &value)) {
			sp_print("left out %#018lx of %s\n", limits[i].bits, limits[i].why);
		}
	}
	sp_print("%u registers keep what is written, %u encodings can be read, %u are left out\n",
		 reach_count, reach_readable, reach_left_out);
}
