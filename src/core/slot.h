/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who has which slot, that is a window of the SPMC's that needs no memory when it is used: RX and
 * TX of the normal world, of its VMs, of each partition; and one for each CPU.
 */
#ifndef CORE_SLOT_H
#define CORE_SLOT_H

#include "arch/stage1.h"
#include "core/cpu.h"

#define SLOT_NWD 0u
#define SLOT_VMS 1u
#define SLOT_SPS (SLOT_VMS + VM_MAX)

static inline unsigned int slot_of_partition(const struct partition *p)
{
	return SLOT_SPS + p->id - FFA_ID_SPMC - 1;
}

static inline unsigned int slot_of_endpoint(const struct endpoint *e)
{
	if (e->kind != ENDPOINT_NWD) {
		return SLOT_SPS + e->id - FFA_ID_SPMC - 1;
	}
	return e == &spmc.nwd ? SLOT_NWD : SLOT_VMS + vm_place(e);
}

static inline unsigned int slot_of_cpu(const struct cpu *c)
{
	return SLOT_SPS + spmc.id_count + c->index;
}

/* How many there are, with id_count partitions and cpu_count CPUs. */
static inline unsigned int slot_count(uint32_t id_count, uint32_t cpu_count)
{
	return SLOT_SPS + id_count + cpu_count;
}

/* Shows both buffers of m, where its fields say they are, to us; and no more. */
static inline void mailbox_show(struct mailbox *m, unsigned int slot)
{
	struct range tx = { m->tx_ipa, (uint64_t)m->pages << PAGE_SHIFT };
	struct range rx = { m->rx_ipa, tx.size };

	m->tx = stage1_slot_map(slot, 0, tx, MEM_R | (m->tx_ns ? MEM_NS : 0));
	m->rx = stage1_slot_map(slot, STAGE1_SLOT_PAGES / 2, rx,
				MEM_R | MEM_W | (m->rx_ns ? MEM_NS : 0));
}

static inline void mailbox_hide(struct mailbox *m, unsigned int slot)
{
	uint64_t size = (uint64_t)m->pages << PAGE_SHIFT;

	stage1_slot_unmap(slot, 0, (struct range){ m->tx_ipa, size });
	stage1_slot_unmap(slot, STAGE1_SLOT_PAGES / 2, (struct range){ m->rx_ipa, size });
	m->tx = NULL;
	m->rx = NULL;
}

_Static_assert(FFA_RXTX_MAX_PAGES == STAGE1_SLOT_PAGES / 2, "RX and TX fit a slot");

#endif
