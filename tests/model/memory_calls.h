/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls to both the model and the SPMC; what differs ends the program. */
#ifndef MEMORY_CALLS_H
#define MEMORY_CALLS_H

#include <stdarg.h>

#include "memory.h"

/* Adds to what the step is said to be. */
void told(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* EL3 takes a buffer, or a page, away during the next call of this step. */
void refuse_tx(uint32_t who);
void refuse_rx(uint32_t who);
void refuse_page(int n); /* or NONE */
void refuse_nothing(void);

void call_send(uint32_t who, enum kind kind, bool wide, const struct registers *r,
	       const struct descriptor *d);
void call_send_more(uint32_t who, const struct registers *r, bool wrong);
void call_retrieve(uint32_t who, bool wide, const struct registers *r, const struct descriptor *d);
void call_inspect(uint32_t who, const struct registers *r, const struct descriptor *d);
void call_fetch(uint32_t who, const struct registers *r);
void call_relinquish(uint32_t who, const struct relinquish *q);
void call_reclaim(uint32_t who, const struct registers *r);
void call_map(uint32_t party, uint64_t tx, uint64_t rx, uint32_t pages);
void call_unmap(uint32_t party);
void call_release(uint32_t who);
void write_page(uint32_t n);

#endif
