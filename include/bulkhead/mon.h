/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Test calls of the EL3 monitor: SMC64, owner "SiP". For the normal world; MON_MODE also answers
 * the secure world. x0 = function id, arguments in x1..x3; x0 (and x1 where said) hold the
 * answer, all other registers come back as they were. MON_ERROR: arguments out of range.
 */
#ifndef BULKHEAD_MON_H
#define BULKHEAD_MON_H

#define MON_ERROR (-1)

/* Ends QEMU with exit status x1 (bits 7:0). Does not return. */
#define MON_EXIT 0xC3000001u

/*
 * Makes interrupt x1 pending after x3 nanoseconds of the system counter, 0 = before the call
 * returns (with -icount shift=0 a nanosecond is one instruction). x2 is a linear CPU index: the CPU
 * whose SGI/PPI it is; an SPI that is not secure group 1 is also routed there, one that is stays
 * routed as its owner configured it. Only the pending bit is set: enabling is the owner's business.
 * One delayed interrupt per calling CPU; arming again replaces it. The delay is counted by the
 * calling CPU's group-0 timer, which interrupts whichever world runs there and changes no register
 * of it; if the secure world has group 0 masked by priority, it fires when it unmasks. x0 = 0 or
 * MON_ERROR.
 */
#define MON_PEND 0xC3000002u

/*
 * Zeroes on the calling CPU what EL3 does not promise to keep over a suspend: secure ICC_CTLR,
 * ICC_BPR1, ICC_IGRPEN1, ICC_AP1R and ICH_LR, ICH_AP registers, CNTHPS_*, CNTHVS_*, VSTCR_EL2,
 * VSTTBR_EL2. ICC_PMR_EL1 has one copy for both worlds and stays. x0 = 0.
 */
#define MON_FORGET 0xC3000003u

/* x0 = MON_MODE_* bits, x1 = seed. */
#define MON_MODE 0xC3000004u
#define MON_MODE_HOSTILE (1u << 0) /* else bare */
#define MON_MODE_TFA_2_14 (1u << 1) /* forwards registers as TF-A 2.14 and later, else as 2.12 */
#define MON_MODE_NWD_EL1 (1u << 2) /* the normal world was started at EL1, else at EL2 */
#define MON_MODE_RME (1u << 3) /* there is a granule protection table */

/* Makes SPI x1 secure group 1 (x2 = 1) or non-secure group 1 (x2 = 0). x0 = 0 or MON_ERROR. */
#define MON_NS_GROUP 0xC3000005u

/* x0 = number of group-0 interrupts, other than delayed MON_PENDs, that EL3 has handled so far. */
#define MON_GROUP0_COUNT 0xC3000006u

/* The one SPI of group 0: enabled, handled and counted by EL3. */
#define MON_GROUP0_INTID 60u

/*
 * Page x1 of the DRAM becomes memory of x2's, for which it is that of nobody else; at first all are
 * the normal world's. x0 = 0 or MON_ERROR, which it always is without MON_MODE_RME.
 */
#define MON_PAS 0xC3000007u
#define MON_PAS_NORMAL 0
#define MON_PAS_SECURE 1
#define MON_PAS_ROOT 2 /* EL3's own */

/* UUID of EL3's logical partition, id FFA_ID_LP_FIRST, in two registers. */
#define MON_LOGICAL_UUID_LO 0x4b3a29180f1e2d3cul
#define MON_LOGICAL_UUID_HI 0x8f9eadbc5d6c7b8aul

#endif
