/* SPDX-License-Identifier: BSD-3-Clause */
/* Granule protection: which world may touch a page of the normal world's memory (RME). */
#ifndef EL3_GPT_H
#define EL3_GPT_H

#include <stdbool.h>
#include <stdint.h>

/* Whose a page is: the value of its entry (Arm ARM, D9.7 "GPT entries"). */
enum gpi { GPI_SECURE = 0x8, GPI_NORMAL = 0x9, GPI_ROOT = 0xA, GPI_ANY = 0xF };

void gpt_init(void);
void gpt_enable_cpu(void);
bool gpt_set(uint64_t base, uint64_t size, enum gpi from, enum gpi to, uint64_t *last);
bool gpt_covers(uint64_t base, uint64_t size);

#endif
