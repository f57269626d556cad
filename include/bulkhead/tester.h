/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tester partition: commands of its direct requests (64 bit). p0-p4 are x3-x7 of request and
 * response. p0 of the request is the command, of the response TESTER_OK or another result below.
 */
#ifndef BULKHEAD_TESTER_H
#define BULKHEAD_TESTER_H

#ifndef __DTS__
#include <stdint.h>
#endif

/*
 * The device interrupt (SPI, edge, secure) that each variant's manifest has. The first two are of
 * devices of QEMU's virt, the clock and UART0; behind the others there is none.
 */
#define TESTER_INTID 34
#define TESTER_UP_INTID 33
#define TESTER_ME_INTID 46
#define TESTER_UP_ME_INTID 47
#define TESTER_QUEUED_INTID 48

/* --- Results, p0 ------------------------------------------------------------------------------ */

#define TESTER_OK 0x600d
#define TESTER_UNKNOWN 0xbad0 /* no such command, or a wrong argument */
/* p1 = number of differences, p2 = where, p3 = expected, p4 = found */
#define TESTER_DIFFERS 0xbad1
/* As TESTER_DIFFERS; something found is a value of a seed of TESTER_FOREIGN. */
#define TESTER_LEAKED 0xbad2
/* An FF-A call failed: p1 = status (negative) or the function id that came back instead, p2 = w1,
 * p3 = whom we had called */
#define TESTER_FFA 0xbad3
#define TESTER_TIMEOUT 0xbad4 /* what was waited for did not come */
#define TESTER_MANAGED_EXIT 0x3e17 /* left early because the SPMC said so; p1 = what was done */

/* --- Simple commands -------------------------------------------------------------------------- */

/* Answers p1 = TESTER_PONG(p1), p2-p4 as they came. */
#define TESTER_PING 1
#define TESTER_PONG(n) (3 * (n) + 1)

/* p1 = vCPU index, p2 = MPIDR_EL1, p3 = partition id, p4 = number of times this vCPU started. */
#define TESTER_WHO 2

/*
 * What this vCPU found when it started. p1 = TESTER_BOOT_* that are wrong (0: all is well),
 * p2 = where, p3 = expected, p4 = found of the first difference of the registers over the
 * FFA_MSG_WAIT that ended its initialisation. p0 = TESTER_OK or TESTER_DIFFERS.
 */
#define TESTER_BOOT 3
#define TESTER_BOOT_INFO (1 << 0) /* x0 does not point to boot information with a device tree */
#define TESTER_BOOT_INDEX (1 << 1) /* x4 is not the CPU's index (vCPU 0: not 0) */
#define TESTER_BOOT_GPRS (1 << 2) /* another general register is not zero */
#define TESTER_BOOT_SYSREGS (1 << 3) /* a system register differs from vCPU 0's at its start */
#define TESTER_BOOT_WAIT (1 << 4) /* something changed over the MSG_WAIT: p2-p4 */

/*
 * p1 = INTID. Answers p1 = how often this vCPU took it, p2 = managed exits (FFA_VINT_MEI) it took,
 * p3 = FFA_INTERRUPTs that woke it, p4 = how often it was run by FFA_RUN while waiting.
 */
#define TESTER_COUNTS 4

/* p1 = INTID, p2 = 1 enable, 0 disable, p3 = HYP_PIN_*. Answers p1 = x0 of the call. */
#define TESTER_ENABLE 5

/*
 * Yields p1 times. Answers p1 = yields that returned FFA_SUCCESS; the first other answer ends it
 * with TESTER_FFA.
 */
#define TESTER_YIELD 6

/*
 * Computes for p1 rounds from seed p2 with interrupts on: p1 = tester_sum(p2, rounds), p2 = rounds.
 * With managed exit: stops when told, TESTER_MANAGED_EXIT with p1 = sum, p2 = rounds so far.
 */
#define TESTER_BUSY 7

/* Spins p1 nanoseconds of the system counter, interrupts on. p1 as in TESTER_BUSY: managed exit. */
#define TESTER_SPIN 8

/* Keeps p1-p4 as p0-p3 of a command that it carries out when it is run next by FFA_RUN. */
#define TESTER_QUEUE 9

/*
 * What the last queued command answered (p0-p4), or what sweeps found that ended after their
 * response: TESTER_OK, TESTER_DIFFERS, TESTER_LEAKED. Forgets it. p0 = TESTER_OK and p1 = 0 when
 * there was nothing; else p1 = number of sweeps compared when all was well.
 */
#define TESTER_RESULT 10

/*
 * p1 = up to four partition ids, 16 bits each, the first in bits 15:0; p2-p4 = p0-p2 of a command.
 * Sends it along the chain to the last of them and answers what that one answers. When a callee is
 * preempted or yields it is run again, unless a managed exit is asked of us: then
 * TESTER_MANAGED_EXIT, and TESTER_RESUME goes on. A call that fails: TESTER_FFA.
 */
#define TESTER_FORWARD 11
/* Runs the callee of an interrupted TESTER_FORWARD and answers as that does. */
#define TESTER_RESUME 12

/* As TESTER_FORWARD to one partition, but the first thing that comes back is the answer: p0 =
 * TESTER_FFA, p1 = function id or status, p2 = w1, p3 = w2, p4 = x3. */
#define TESTER_SEND_ONCE 13

/*
 * Sends p2 TESTER_PINGs to partition p1 with payloads from seed p3, and sends again what was BUSY.
 * Answers p1 = right answers, p2 = BUSYs, p3 = wrong answers, p4 = other errors.
 */
#define TESTER_HAMMER 14

/* Touches address p1: p2 = 0 read, 1 write, 2 execute. Answers p1 = exceptions, p2 = ESR_EL1,
 * p3 = FAR_EL1, p4 = ELR_EL1 - what it should be. */
#define TESTER_TOUCH 15

/*
 * FFA_PARTITION_INFO_GET_REGS with x1-x3 = p1-p3. Answers p1-p4 = x2-x5; a call that fails:
 * TESTER_FFA.
 */
#define TESTER_INFO_REGS 19

/*
 * Direct message 2 has no commands, and p0-p13 are x4-x17. p0 = up to three partition ids, 16 bits
 * each: bits 15:0 name the one to which the message goes on, for the same service, with p0 shifted
 * down by 16. With none left each word is answered by TESTER_PONG of it. When a call fails p0 =
 * TESTER_FFA, p1 = status or function id.
 */

/* --- The register sweep ----------------------------------------------------------------------- */

/*
 * Writes patterns of seed p2 into everything that this partition can reach: x0-x30 as far as the
 * way out allows, both stack pointers, PSTATE, every system register (found by trying all
 * encodings), V0-V31; leaves in the way p1; and compares all of it when it has its cycles back.
 * p3 = argument. Answers TESTER_OK with p1 = number of registers compared, or TESTER_DIFFERS or
 * TESTER_LEAKED; each difference is also printed.
 */
#define TESTER_SWEEP 16
/* A call that the SPMC answers by itself (FFA_ID_GET). */
#define TESTER_SWEEP_CALL 0
/* This response; compared at the next entry, see TESTER_RESULT. */
#define TESTER_SWEEP_RESPONSE 1
/* Sends TESTER_SWEEP, TESTER_SWEEP_RESPONSE, seed p2 + 1 to p3; when that is preempted or yields,
 * leaves by FFA_RUN in the same way. */
#define TESTER_SWEEP_REQUEST 2
/* The next FFA_MSG_WAIT (after FFA_RUN or an interrupt); compared at the next entry. */
#define TESTER_SWEEP_WAIT 3
/* FFA_YIELD. */
#define TESTER_SWEEP_YIELD 4
/* Loops p3 times, two instructions each; to be interrupted in it. */
#define TESTER_SWEEP_SPIN 5
/* Loops until ISR_EL1 shows a virtual interrupt, which is then taken; on managed exit answers
 * TESTER_MANAGED_EXIT, p1 as TESTER_OK. At most p3 loops (0: 2^28), then TESTER_TIMEOUT; that is
 * also the answer when the managed exit came before. */
#define TESTER_SWEEP_IRQ 6
/* Added to the kind: PSTATE.I and F take part too. The caller makes sure that no virtual interrupt
 * comes meanwhile: there is no vector for it. */
#define TESTER_SWEEP_UNMASKED 0x100

/* p1-p4 = seeds (0: none) of others, to tell a leak from a loss. */
#define TESTER_FOREIGN 17

/* Prints what can be reached; p1 = registers that keep what is written, p2 = readable encodings,
 * p3 = left out by name. */
#define TESTER_LIST 18

/*
 * Makes an FF-A call that comes back: p1 = w0 | w1 << 32, p2 = w2 | w3 << 32, and so on to w7.
 * Answers what it got in the same way.
 */
#define TESTER_CALL 20

/* --- Memory ----------------------------------------------------------------------------------- */

/*
 * For these the vCPU's MMU is on, so that it may reach memory of the normal world: TESTER_MEM_NS
 * beside an address says that it is. TX and RX are pages of its own, 4 KiB each.
 */
#define TESTER_MEM_NS 0x80000000u

/*
 * p1 = 1: maps TX and RX, 0: unmaps them, 2: neither. Answers p1 = status of that call |
 * its FF-A version << 32, p2 = the first of TESTER_MEM_PAGES pages of its own that are for nothing
 * but this, p3 = TX, p4 = RX.
 */
#define TESTER_MEM_INFO 32
#define TESTER_MEM_PAGES 48

/* The 24 bytes p2-p4 go to offset p1 of TX; p1-p4 = the 32 bytes at offset p1 of RX. */
#define TESTER_MEM_STORE 33
#define TESTER_MEM_LOAD 34

/*
 * One access to address p1: p2 = TESTER_MEM_READ ... (| TESTER_MEM_NS), p3 = what is written.
 * Answers p1 = exceptions, p2 = ESR_EL1, p3 = FAR_EL1, p4 = what was read.
 */
#define TESTER_MEM_ACCESS 35
#define TESTER_MEM_READ 0
#define TESTER_MEM_WRITE 1
#define TESTER_MEM_EXECUTE 2 /* the instruction there has to be TESTER_MEM_RET */
#define TESTER_MEM_RET 0xD65F03C0u

/* p2 pages (| TESTER_MEM_NS) from address p1 on get the pattern p3; TESTER_MEM_ZEROES: zeroes. */
#define TESTER_MEM_FILL 36
/* Compares. Answers p1 = words that are wrong, p2 = address of the first, p3 = what is there; p0 =
 * TESTER_DIFFERS when an access faults, p1 = its address. */
#define TESTER_MEM_CHECK 37
#define TESTER_MEM_ZEROES 0

/*
 * Accesses address p1 as p2 says (TESTER_MEM_READ, TESTER_MEM_WRITE; | TESTER_MEM_NS) until it
 * faults, with no call and interrupts masked. Answers p1 = accesses that went well, p2 = ESR_EL1,
 * p3 = FAR_EL1.
 */
#define TESTER_MEM_SPIN 38
/* Of vCPU p1's TESTER_MEM_SPIN: p1 = accesses so far, p2 = 1 while it goes on; p3 = accesses when
 * the last TESTER_CALL or TESTER_MEM_* call of this vCPU came back. */
#define TESTER_MEM_PROGRESS 39

/*
 * Retrieves handle p1 of sender p2 (bits 15:0; 31:16 attributes, 63:32 flags) with permissions p3
 * (bits 7:0; 31:16 how many borrowers the request lists: itself, or p4's) and tag 0. p4 = ids of up
 * to four borrowers, 0: itself alone. Answers p1 = pages | constituents << 32, p2 = attributes |
 * permissions << 16 | flags << 32, p3 = fragments of the answer, p4 = address of the first page. A
 * call that fails: TESTER_FFA. One region at a time.
 */
#define TESTER_MEM_RETRIEVE 40
/*
 * Page n of what was retrieved must hold the pattern p1 + n (p1 = 0: zeroes); then it gets the
 * pattern p2 + n (p2 = 0: stays). Answers as TESTER_MEM_CHECK.
 */
#define TESTER_MEM_VERIFY 41
/* Gives back what was retrieved, p1 = flags. TESTER_FFA when that is refused. */
#define TESTER_MEM_RELINQUISH 42

/*
 * Sends pages of its own: p1 = function id (bits 31:0), receiver (bits 47:32), permissions (bits
 * 55:48); p2 = first page (bits 15:0), pages (bits 31:16), attributes (bits 47:32), bytes of a
 * fragment (bits 63:48, 0: the buffer); p3 = flags. p4 = 0: one range, n: n pages between the
 * beginnings of ranges of one page. Answers p1 = handle.
 */
#define TESTER_MEM_SEND 43
/* Reclaims handle p1 with flags p2. TESTER_FFA when that is refused. */
#define TESTER_MEM_RECLAIM 44
/*
 * TESTER_MEM_RETRIEVE, TESTER_MEM_VERIFY and TESTER_MEM_RELINQUISH in one: p1 = handle, p2 and p3
 * as there, p4 = pattern that is there (bits 31:0), and is to be (bits 63:32).
 */
#define TESTER_MEM_USE 45

/* Does not answer: sp_abort(). */
#define TESTER_MEM_END 46

/*
 * p1 = INTID. Answers p1 = how often this vCPU took it, p2 = the system counter (CNTVCT_EL0) when
 * it did last.
 */
#define TESTER_TAKEN 60

/* FF-A says nothing of it: HYP_INTERRUPT_RECONFIGURE of INTID p1, p2 = command, p3 = value. Answers
 * p1 = x0 of the call. */
#define TESTER_RECONFIGURE 61

/*
 * The partition's own timer: FFA_VINT_TIMER, enabled by this, comes p1 nanoseconds from now; 0: it
 * does not come. Whoever takes it stops the timer. See TESTER_COUNTS. Answers p1 = CNTP_CTL_EL0,
 * p2 = CNTP_CVAL_EL0 - now, of before.
 */
#define TESTER_TIMER 21

/* Sends an IPI (HYP_INTERRUPT_SEND_IPI) to its vCPU p1. Answers p1 = x0 of the call. */
#define TESTER_IPI 62

/* Answers p1 = how many VMs it was told were created, p2 = destroyed, p3 = the last one's id. What
 * it answers to the next such message: p1 = a status (bits 31:0). */
#define TESTER_VMS 63

/* Where a difference is: a system register's encoding, op0 << 14 | op1 << 11 | CRn << 7 |
 * CRm << 3 | op2, or one of these. */
#define TESTER_AT_X(n) (0x10000u + (n))
#define TESTER_AT_V(n, half) (0x20000u + 2 * (n) + (half)) /* half: 64 bits, 0 or 1 */
#define TESTER_AT_SP 0x30000u /* SP_EL1 */
#define TESTER_AT_SPSEL 0x30001u

#ifndef __DTS__

/* The pattern of a seed at a place (TESTER_AT_*, or an encoding). */
static inline uint64_t tester_pattern(uint64_t seed, uint32_t where)
{
	uint64_t n = (seed << 20) + where + 0x9E3779B97F4A7C15ul;

	n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9ul;
	n = (n ^ (n >> 27)) * 0x94D049BB133111EBul;
	return n ^ (n >> 31);
}

/* The seed of the patterns that a tester holds over the end of its initialisation. */
static inline uint64_t tester_init_seed(uint16_t id, uint32_t vcpu)
{
	return 0x1000000u + ((uint64_t)id << 8) + vcpu;
}

/* Word n of a page with that pattern. */
static inline uint64_t tester_mem_word(uint64_t seed, uint64_t n)
{
	return seed == TESTER_MEM_ZEROES ? 0 : seed << 32 ^ (n + 1) * 0x9E3779B97F4A7C15ul;
}

/* What TESTER_BUSY computes. */
static inline uint64_t tester_sum_round(uint64_t sum)
{
	return (sum ^ (sum << 13)) * 0x2545F4914F6CDD1Dul + 0x632BE59BD9B4E019ul;
}

static inline uint64_t tester_sum(uint64_t seed, uint64_t rounds)
{
	uint64_t sum = seed;

	for (uint64_t i = 0; i < rounds; i++) {
		sum = tester_sum_round(sum);
	}
	return sum;
}

#endif
#endif
