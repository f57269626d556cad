/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sample partitions: service UUIDs, and what a direct request says to each. Payload p0-p4 is
 * x3-x7 of request and response. tester.h has the commands of the tester.
 */
#ifndef BULKHEAD_SAMPLES_H
#define BULKHEAD_SAMPLES_H

/* The UUIDs differ in their last word. In device trees: uuid = <SAMPLE_UUID(SAMPLE_ECHO)>. */
#ifdef __DTS__
#define SAMPLE_UUID(n) 0x9a64b16e 0x1c4b47d2 0x8f5d3c20 n
#else
/* clang-format off */
#define SAMPLE_UUID(n) { { 0x9a64b16e, 0x1c4b47d2, 0x8f5d3c20, n } }
/* clang-format on */
#endif

#define SAMPLE_ECHO 0x00000001 /* MP */
#define SAMPLE_ECHO_UP 0x00000002
#define SAMPLE_COMPUTE 0x00000003 /* MP, FP and PAuth live */
#define SAMPLE_ROGUE 0x00000004 /* UP */
#define SAMPLE_BENCH_A 0x00000005 /* UP */
#define SAMPLE_BENCH_B 0x00000006 /* UP */
#define SAMPLE_MEASURE 0x00000007 /* UP, S-EL0 */
#define SAMPLE_ROGUE_EL0 0x00000008 /* UP, S-EL0 */
#define SAMPLE_COMPUTE_EL0 0x00000009 /* UP, S-EL0 */
#define SAMPLE_SCRIBE 0x0000000a /* UP */
#define SAMPLE_TESTER 0x00000010 /* MP, ns-interrupts-action signaled */
#define SAMPLE_TESTER_UP 0x00000011 /* UP, signaled */
#define SAMPLE_TESTER_ME 0x00000012 /* MP, managed exit by vFIQ */
#define SAMPLE_TESTER_UP_ME 0x00000013 /* UP, managed exit by vIRQ */
#define SAMPLE_TESTER_QUEUED 0x00000014 /* UP, queued */
#define SAMPLES_END 0x00000020

/* echo: answers p0 + 1 and p1-p4 as they came. */

/*
 * compute. p0 = COMPUTE_RUN, p1 = seed, p2 = rounds (0: COMPUTE_ROUNDS_DEFAULT), p3 = how often it
 * yields meanwhile, p4 = id of a partition to which it sends a direct request in each yield's
 * place (0: none). Answers p0 = COMPUTE_RIGHT or COMPUTE_WRONG, p1 = checksum, p2 = what was wrong
 * (COMPUTE_BAD_*), p3 = vCPU index. The same seed and rounds give the same checksum everywhere.
 */
#define COMPUTE_RUN 1
#define COMPUTE_RIGHT 0x600d
#define COMPUTE_WRONG 0xbad
#define COMPUTE_BAD_SUM (1 << 0) /* the calculation in integer registers disagrees */
#define COMPUTE_BAD_SIMD (1 << 1) /* a vector register changed */
#define COMPUTE_BAD_FPCR (1 << 2) /* the rounding mode changed */
#define COMPUTE_BAD_PAUTH (1 << 3) /* a signed pointer does not authenticate */
#define COMPUTE_ROUNDS_DEFAULT 100000

/*
 * bench. BENCH_NULL is answered at once, as it came. BENCH_CALL sends `p1` direct requests
 * BENCH_NULL to partition p2, each between the instructions `mov x28, x28` and `mov x27, x27`, and
 * answers p0 = BENCH_CALL, p1 = how many were answered. BENCH_BIND lets the normal world set the
 * partition's notifications in p1, and answers p1 = 1. BENCH_GET answers in p1 which of them have
 * come. BENCH_ENABLE enables the interrupt of its device, and answers p1 = 1 if it has one;
 * BENCH_INTERRUPTS answers in p1 how often it has come. BENCH_RETRIEVE retrieves what the normal
 * world shares with it by handle p1, BENCH_RELINQUISH gives it back; with p2 = 1 the call is
 * between the markers. Both answer p1 = 1, or the status that the call failed with.
 */
#define BENCH_NULL 0
#define BENCH_CALL 1
#define BENCH_BIND 2
#define BENCH_GET 3
#define BENCH_ENABLE 4
#define BENCH_INTERRUPTS 5
#define BENCH_RETRIEVE 6
#define BENCH_RELINQUISH 7
#define BENCH_INTID 46 /* of A: SPI, edge; nothing is behind its device */
/* The copies of B in a system of 64 partitions: this and their number, 3 to 64. */
#define SAMPLE_BENCH_COPY 0x00000100

/*
 * measure, by direct messages 2: p0 = MEASURE_*, p1 = a register, 0 to MEASURE_REGISTERS - 1.
 * EXTEND makes the register, 32 bytes that begin as zeros, SHA-256(register, p2-p5); READ leaves
 * it. HASH makes no use of a register: p1 = number of bytes, at most MEASURE_HASH_MAX, p2 and on:
 * the bytes. Answers p0 = the command, p1 = MEASURE_DONE or MEASURE_REFUSED, p2-p5 = register or
 * hash.
 */
#define MEASURE_EXTEND 1
#define MEASURE_READ 2
#define MEASURE_HASH 3
#define MEASURE_DONE 0
#define MEASURE_REFUSED 1
#define MEASURE_REGISTERS 8
#define MEASURE_HASH_MAX 96

/*
 * scribe. Each answers p1 = an enum ffa_status. SCRIBE_TAKE retrieves what the requester has sent
 * it by handle p1, lent (p2 = 1) or shared (0). SCRIBE_CAPITALS makes capitals of the letters in
 * the first p1 bytes of it, p2 = how many. SCRIBE_GIVE_BACK relinquishes it.
 */
#define SCRIBE_TAKE 1
#define SCRIBE_CAPITALS 2
#define SCRIBE_GIVE_BACK 3

/*
 * rogue. p0 = ROGUE_*, p1 = argument. When it survives it answers p0 = the command,
 * p1 = ROGUE_SURVIVED or ROGUE_REFUSED, p2 = ESR_EL1 of the last exception that it took or 0,
 * p3 = FAR_EL1, p4 = number of exceptions, or of wrong answers where that is what the command
 * counts. Its fault handler skips the instruction, or returns from the jump.
 */
#define ROGUE_SURVIVED 0x5a
#define ROGUE_REFUSED 0x5b /* the command is unknown */

#define ROGUE_UNDEFINED 1 /* executes UDF, an EL2 and an EL3 instruction, an EL2 register access */
#define ROGUE_READ 2 /* reads the byte at address p1 */
#define ROGUE_WRITE 3 /* writes it */
#define ROGUE_EXECUTE 4 /* jumps there */
#define ROGUE_HYPERCALLS 5 /* unknown HVCs, all immediates; p4 = answers that are not -1 */
#define ROGUE_SMCS 6 /* PSCI, SMCCC, vendor SMCs; p4 = answers that are not -1 */
#define ROGUE_FFA 7 /* every FF-A number with rubbish; p4 = answers that are not an FFA_ERROR */
#define ROGUE_REGISTERS 8 /* reads and writes every encoding of op0 = 2, 3 and SYS */
#define ROGUE_SYSTEM 9 /* SEV and WFE, TLBI, cache maintenance by set and way, AT */
#define ROGUE_STATE 10 /* sets a word of its image to p1; p2 = what it was, at first ROGUE_FRESH */
#define ROGUE_FRESH 0x600d57a7e
/* It does not answer these: */
#define ROGUE_LOOP 16 /* loops for ever, interrupts masked */
#define ROGUE_BAD_VECTOR 17 /* VBAR_EL1 in unmapped memory, then a fault: is ended */
#define ROGUE_BAD_STACK 18 /* SP in unmapped memory, then a fault: its vector faults, and again */
#define ROGUE_NOWHERE 19 /* jumps to unmapped memory, VBAR_EL1 there too: is ended */
#define ROGUE_ABORT 20 /* sp_abort() */

/*
 * rogue-el0: does whatever a partition at S-EL0 must not, and ends by it. Each time that it starts
 * it takes the instruction at ROGUE_EL0_PAGE, memory of the normal world. p0 = ROGUE_EL0_*, or
 * ROGUE_READ, ROGUE_WRITE, ROGUE_EXECUTE with the address p1. If it survives it answers p0 = the
 * command, p1 = ROGUE_SURVIVED.
 */
#define ROGUE_EL0_RUN 32 /* x0 = p1, the instruction; answers p2 = x0 after */
#define ROGUE_EL0_END 33 /* UDF */
#define ROGUE_EL0_LOOP 34 /* for ever */
#define ROGUE_EL0_CALL 35 /* SVC with x0-x3 = p1-p4: answers p1-p4 = x0-x3 */
#define ROGUE_EL0_STARTED 36 /* p2 = ROGUE_EL0_FOUND_* when it started, p3 = a page to write to */
#define ROGUE_EL0_KEEP                                                                             \
	37 /* TPIDR_EL0, PSTATE, FPCR, FPSR full of p1 while it yields; p2 = what changed */
#define ROGUE_EL0_INTERRUPTS 38 /* p2 = how many came; p3 = id of the last one */
#define ROGUE_EL0_ENABLE 39 /* its device's interrupt; p2 = 1 when it could */
#define ROGUE_EL0_TIMER 40 /* sets its timer to p1 ns from now; p2 = 1 when it could */
#define ROGUE_EL0_PAGE 0x5ffe0000
#define ROGUE_EL0_INTID 62 /* SPI, edge; nothing is behind its device */

/* 0, or what was not as it should be. */
#define ROGUE_EL0_FOUND_REGISTERS (1 << 0) /* a register was not zero */
#define ROGUE_EL0_FOUND_RIGHTS (1 << 1) /* FFA_MEM_PERM_GET: text, constants, data, the rest */
#define ROGUE_EL0_FOUND_ERRORS (1 << 2) /* FFA_MEM_PERM_SET: what is not allowed */

#endif
