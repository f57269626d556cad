/* SPDX-License-Identifier: BSD-3-Clause */
/* The tester partitions as the tests talk to them; their commands: bulkhead/tester.h. */
#ifndef NWD_TESTER_H
#define NWD_TESTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bulkhead/tester.h"
#include "call.h"

struct tester {
	uint32_t sample;
	uint32_t intid;
	bool up; /* one vCPU */
	bool managed_exit;
};

#define TESTER_KINDS 5u
extern const struct tester testers[TESTER_KINDS];
#define ALL_TESTERS                                                                                \
	(NEED(SAMPLE_TESTER) | NEED(SAMPLE_TESTER_UP) | NEED(SAMPLE_TESTER_ME) |                   \
	 NEED(SAMPLE_TESTER_UP_ME) | NEED(SAMPLE_TESTER_QUEUED))

uint16_t tester_id(const struct tester *t);
uint32_t tester_context(const struct tester *t);
bool tester_answers(const struct ffa_regs *r, uint16_t id);
bool tester_ok(const struct ffa_regs *r, uint16_t id);
bool tester_failed_with(const struct ffa_regs *r, uint16_t id, int64_t status);
bool tester_pings(uint16_t id);
void testers_ping(uint64_t rounds);
bool testers_answer(uint64_t rounds);
struct ffa_regs tester_resume(struct ffa_regs r, uint32_t *interrupted);
bool tester_call(uint16_t id, uint32_t in[8], uint32_t *interrupted);
bool tester_enable(const struct tester *t, bool on, uint32_t pin);

#endif
