/* SPDX-License-Identifier: BSD-3-Clause */
/* The program's RX and TX buffers, and the partitions that it finds with them. */
#ifndef NWD_PARTITIONS_H
#define NWD_PARTITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "ffa/ffa.h"

#define PARTITIONS_MAX 64u

extern uint8_t rxtx_tx[FFA_PAGE_SIZE], rxtx_rx[FFA_PAGE_SIZE];

bool rxtx_map(void);
bool rxtx_unmap(void);

uint32_t partitions_find(void);
const struct ffa_partition_info *partitions_info(uint32_t index);
uint16_t sp_id(uint32_t sample);
bool uuid_is(const struct ffa_uuid *uuid, uint32_t sample);

#endif
