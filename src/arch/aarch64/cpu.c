/* SPDX-License-Identifier: BSD-3-Clause */
/* What the CPUs have, and EL2 as every context expects to find it. */
#include "arch/features.h"
#include "arch/fixup.h"
#include "arch/sysreg.h"
#include "arch/vcpu.h"
#include "lib/print.h"
#include "simd.h"

/* Registers that the assembler does not know at our -march. */
#define HCRX_EL2 S3_4_C1_C2_2
#define HFGRTR_EL2 S3_4_C1_C1_4
#define HFGWTR_EL2 S3_4_C1_C1_5
#define HFGITR_EL2 S3_4_C1_C1_6
#define HDFGRTR_EL2 S3_4_C3_C1_4
#define HDFGWTR_EL2 S3_4_C3_C1_5
#define HFGRTR2_EL2 S3_4_C3_C1_2
#define HFGWTR2_EL2 S3_4_C3_C1_3
#define HFGITR2_EL2 S3_4_C3_C1_7
#define HDFGRTR2_EL2 S3_4_C3_C1_0
#define HDFGWTR2_EL2 S3_4_C3_C1_1
#define MPAM2_EL2 S3_4_C10_C5_0
#define ZCR_EL2 S3_4_C1_C2_0
#define SMCR_EL2 S3_4_C1_C2_6
#define ID_AA64ISAR2_EL1 S3_0_C0_C6_2
#define ID_AA64PFR2_EL1 S3_0_C0_C4_2

#define FIELD(value, lsb) (((value) >> (lsb)) & 0xf)
#define LENGTH_MAX 0xful /* ZCR_EL2.LEN, SMCR_EL2.LEN */

#define MDCR_TPMCR (1ul << 5)
#define MDCR_TPM (1ul << 6)
#define MDCR_TDA (1ul << 9)
#define MDCR_TDOSA (1ul << 10)
#define MDCR_TDRA (1ul << 11)
#define MDCR_TPMS (1ul << 14)
#define MDCR_HPMD (1ul << 17)
#define MDCR_TTRF (1ul << 19)
#define MDCR_HCCD (1ul << 23)
#define MDCR_TDCC (1ul << 27)
#define PMCR_N(pmcr) (((pmcr) >> 11) & 0x1f)

#define CNTHCTL_EL0PCTEN (1ul << 0) /* with TGE */
#define CNTHCTL_EL0VCTEN (1ul << 1) /* likewise */
#define CNTHCTL_EL1PCTEN (1ul << 10)
#define CNTHCTL_EL1TVT (1ul << 13)

#define MPAM2_TRAPMPAM0EL1 (1ul << 48)
#define MPAM2_TRAPMPAM1EL1 (1ul << 49)

struct cpu_features cpu_features;

static bool has_pauth(void)
{
	uint64_t isar1 = sysreg_read(ID_AA64ISAR1_EL1);
	uint64_t isar2 = sysreg_read(ID_AA64ISAR2_EL1);
	uint64_t key;

	return (FIELD(isar1, 4) != 0 || FIELD(isar1, 8) != 0 || FIELD(isar2, 12) != 0) &&
	       probe_sysreg_read(APIAKEYLO_EL1, &key);
}

/* The longest vector that EL3 lets S-EL2 use. It stays open, whatever the normal world uses. */
static uint32_t longest_vector(void)
{
	uint64_t bytes = 0;

	if (cpu_features.sve) {
		sysreg_write(ZCR_EL2, LENGTH_MAX);
		isb();
		bytes = simd_vector_bytes();
	}
	if (cpu_features.sme) {
		uint64_t smcr = sysreg_read(SMCR_EL2);

		sysreg_write(SMCR_EL2, smcr | LENGTH_MAX);
		isb();
		bytes = simd_streaming_bytes() > bytes ? simd_streaming_bytes() : bytes;
	}
	return (uint32_t)bytes;
}

/*
 * Runs on the boot CPU before any other context; the others are taken to be alike. What an ID
 * register shows may still be closed by EL3: what matters is whether an access gets through.
 */
void cpu_features_init(void)
{
	uint64_t pfr0 = sysreg_read(ID_AA64PFR0_EL1);
	uint64_t pfr1 = sysreg_read(ID_AA64PFR1_EL1);
	uint64_t mmfr0 = sysreg_read(ID_AA64MMFR0_EL1);
	uint64_t mmfr1 = sysreg_read(ID_AA64MMFR1_EL1);
	uint64_t value;

	cpu_features = (struct cpu_features){
		.pauth = has_pauth(),
		.no_ecv = FIELD(mmfr0, 60) == 0,
		.fp = simd_present() != 0,
		.fpmr = FIELD(sysreg_read(ID_AA64PFR2_EL1), 32) != 0 && simd_fpmr_present() != 0,
		.gcs = FIELD(pfr1, 44) != 0 && probe_sysreg_read(S3_5_C2_C5_0, &value),
		.sve = FIELD(pfr0, 32) != 0 && probe_sysreg_read(S3_4_C1_C2_0, &value),
		.sme = FIELD(pfr1, 24) != 0 && probe_sysreg_read(S3_4_C1_C2_6, &value),
		.fgt = FIELD(mmfr0, 56) != 0 && probe_sysreg_write(S3_4_C1_C1_4, 0),
		.fgt2 = FIELD(mmfr0, 56) >= 2 && probe_sysreg_write(S3_4_C3_C1_2, 0),
		.hcrx = FIELD(mmfr1, 40) != 0 && probe_sysreg_write(S3_4_C1_C2_2, 0),
		.mpam = (FIELD(pfr0, 40) != 0 || FIELD(pfr1, 16) != 0) &&
			probe_sysreg_read(S3_4_C10_C5_0, &value),
	};
	cpu_features.sve &= cpu_features.fp;
	cpu_features.sme &= cpu_features.fp;
	cpu_features.tpidr2 = !cpu_features.fgt && probe_sysreg_read(S3_3_C13_C0_5, &value);
	cpu_features.rare = cpu_features.gcs || cpu_features.tpidr2 || cpu_features.mpam;
	cpu_features.sve_bytes = longest_vector();
	if (FIELD(pfr1, 24) != 0 && !cpu_features.sme) {
		log_warning("EL3 keeps SME closed in the secure world: a normal world in streaming "
			    "mode loses its vectors when an SP uses its own");
	}
	cpu_features.pmu = probe_sysreg_read(PMCR_EL0, &value);
	if (FIELD(mmfr0, 56) != 0 && !cpu_features.fgt) {
		log_warning("EL3 keeps FEAT_FGT closed: registers that only it can deny to SPs "
			    "(docs/state.md) are shared with the normal world");
	}
}

/*
 * Traps for everything that an SP is denied (el1_regs.def says which denies what). Fine-grained
 * traps and HCRX_EL2 are all zero: of the registers that came after Armv8.5 nothing is open.
 */
static void close_sp(void)
{
	sysreg_write(MDCR_EL2, MDCR_TPMCR | MDCR_TPM | MDCR_TDA | MDCR_TDOSA | MDCR_TDRA |
				       MDCR_TPMS | MDCR_HPMD | MDCR_TTRF | MDCR_HCCD | MDCR_TDCC |
				       (cpu_features.pmu ? PMCR_N(sysreg_read(PMCR_EL0)) : 0));
	/* The timers of S-EL2 itself are UNKNOWN at reset; CNTHPS is for core/timer.c to set. */
	(void)probe_sysreg_write(S3_4_C14_C5_1 /* CNTHPS_CTL_EL2 */, 0);
	(void)probe_sysreg_write(S3_4_C14_C4_1 /* CNTHVS_CTL_EL2 */, 0);
	sysreg_write(CNTHCTL_EL2, CNTHCTL_EL0PCTEN | CNTHCTL_EL0VCTEN | CNTHCTL_EL1PCTEN |
					  (cpu_features.no_ecv ? 0 : CNTHCTL_EL1TVT));
	sysreg_write(CNTVOFF_EL2, 0);
	sysreg_write(HSTR_EL2, 0);
	if (cpu_features.fgt) {
		sysreg_write(HFGRTR_EL2, 0);
		sysreg_write(HFGWTR_EL2, 0);
		sysreg_write(HFGITR_EL2, 0);
		sysreg_write(HDFGRTR_EL2, 0);
		sysreg_write(HDFGWTR_EL2, 0);
	}
	if (cpu_features.fgt2) {
		sysreg_write(HFGRTR2_EL2, 0);
		sysreg_write(HFGWTR2_EL2, 0);
		sysreg_write(HFGITR2_EL2, 0);
		sysreg_write(HDFGRTR2_EL2, 0);
		sysreg_write(HDFGWTR2_EL2, 0);
	}
	if (cpu_features.hcrx) {
		sysreg_write(HCRX_EL2, 0);
	}
	if (cpu_features.mpam) {
		sysreg_write(MPAM2_EL2, MPAM2_TRAPMPAM0EL1 | MPAM2_TRAPMPAM1EL1);
	}
}

void arch_cpu_keep_key(struct arch_cpu *c)
{
	c->pauth = cpu_features.pauth;
	if (cpu_features.pauth) {
		c->apia[0] = sysreg_read(APIAKEYLO_EL1);
		c->apia[1] = sysreg_read(APIAKEYHI_EL1);
	}
}

bool arch_cpu_init(struct arch_cpu *c)
{
	if (longest_vector() > cpu_features.sve_bytes) {
		log_error("a CPU has longer vectors than the one that booted: it stays off");
		return false;
	}
	arch_cpu_keep_key(c); /* that boot has made */
	c->simd_owner = NULL;
	c->hcr = HCR_HOST;
	sysreg_write(HCR_EL2, HCR_HOST);
	sysreg_write(CPTR_EL2, CPTR_HOST);
	sysreg_write(VPIDR_EL2, sysreg_read(MIDR_EL1));
	sysreg_write(VSESR_EL2, 0);
	close_sp();
	isb();
	return true;
}

/* --- Exceptions of our own ------------------------------------------------------------------ */

#define VECTORS_OWN 0x400ul /* bytes of our own eight; those of lower ELs follow */
extern const char vectors[]; /* enter.S */
uint64_t own_exception_handle(const uint64_t frame[31], uint64_t kind);

/*
 * Only an access that expects to be refused may cause one: returns where to go on. frame is
 * x0-x30. Called by the vectors.
 */
uint64_t own_exception_handle(const uint64_t frame[31], uint64_t kind)
{
	static const char *const kinds[] = { "exception", "IRQ", "FIQ", "SError" };
	uint64_t elr = sysreg_read(ELR_EL2);
	uint64_t resume = kind == VECTOR_SYNC ? fault_fixup(elr) : 0;

	if (resume == 0 && elr - (uint64_t)vectors < VECTORS_OWN) {
		/* The frame did not fit: each try began further down, past the guard page. */
		panic("stack overflow at EL2: ESR %#lx ELR %#lx FAR %#lx", sysreg_read(ESR_EL2),
		      elr, sysreg_read(FAR_EL2));
	}
	if (resume == 0) {
		panic("%s at EL2: ESR %#lx ELR %#lx FAR %#lx x30 %#lx", kinds[kind],
		      sysreg_read(ESR_EL2), elr, sysreg_read(FAR_EL2), frame[30]);
	}
	return resume;
}
