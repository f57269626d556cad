/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The SPMC's own address space: EL2&0 stage 1 through TTBR1_EL2. The image has its link address;
 * everything else is seen through two windows at a fixed offset from its physical address, one for
 * the secure and one for the non-secure physical address space, and only while it is mapped.
 * Nothing is ever writable and executable, and nothing in a window is executable.
 */
#ifndef ARCH_STAGE1_H
#define ARCH_STAGE1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/mem.h"
#include "arch/window.h"
#include "lib/addr.h"
#include "lib/page_pool.h"
#include "lib/range.h"

#define STAGE1_PA_BITS 46 /* what a window can show */

/*
 * Maps r (page aligned, below 2^46) into its window with attrs of MEM_R, MEM_W, MEM_NS, MEM_DEVICE
 * and returns its address, or NULL when tables are missing, r is not below 2^46, or part of it is
 * mapped with other attributes. Mapping again what is mapped with the same attributes is allowed
 * and changes nothing. Each 2 MiB need a table; before stage1_use_pool() there are only a few.
 */
void *stage1_map(struct range r, unsigned int attrs);

/* Takes r, mapped or not, out of its window again, on all CPUs, before it returns. */
void stage1_unmap(struct range r, bool ns);

/*
 * Slots: windows whose tables are made once, for memory that comes and goes after boot. Nobody's
 * slot takes memory that another one may need, and mapping cannot fail. A slot has one owner, who
 * has it to himself by a lock of his.
 */
#define STAGE1_SLOT_PAGES 32u

/* At boot, once: makes `count` slots. False: there are no pages for their tables. */
bool stage1_slots_make(unsigned int count);
/* Pages of tables that it takes. */
size_t stage1_slots_pages(unsigned int count);

/*
 * Maps r (page aligned, below 2^46) from page `page` of the slot on, where nothing is mapped, and
 * within it. attrs as for stage1_map(). Returns the address.
 */
void *stage1_slot_map(unsigned int slot, unsigned int page, struct range r, unsigned int attrs);

/* Takes that out again, on all CPUs, before it returns. */
void stage1_slot_unmap(unsigned int slot, unsigned int page, struct range r);

/* Table pages beyond the static ones come from here (from boot on); the ones left go there too. */
void stage1_use_pool(struct page_pool *pages);

#endif
