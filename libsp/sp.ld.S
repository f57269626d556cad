/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A partition's image, linked at 0. It stands at SP_IMAGE_OFFSET in the package. Text, constants
 * and data begin on pages of their own, so that sp_mmu_enable() can give each its rights.
 */
#include "sp/layout.h"

ENTRY(sp_entry)

SECTIONS
{
	. = 0;
	sp_image_start = .;
	.text : {
		KEEP(*(.text.sp_entry))
		*(.text .text.*)
	}
	. = ALIGN(4096);
	sp_rodata_start = .;
	.rodata : {
		*(.rodata .rodata.*)
		*(.data.rel.ro .data.rel.ro.*)
		*(.got .got.plt)
	}
	.rela.dyn : {
		sp_rela_start = .;
		*(.rela .rela.*)
		sp_rela_end = .;
	}
	. = ALIGN(4096);
	sp_data_start = .;
	.data : {
		*(.data .data.*)
	}
	/* The loader need not clear memory after the image: start.S does, up to sp_bss_end. */
	.bss (NOLOAD) : ALIGN(16) {
		sp_bss_start = .;
		*(.bss .bss.*)
		. = ALIGN(16);
		sp_bss_end = .;
		/* What is written before .bss is cleared, or by other vCPUs than the first. */
		*(.noinit)
		. = ALIGN(4096);
	}
	sp_image_end = .;

	/DISCARD/ : {
		*(.interp .dynamic .dynsym .dynstr .hash .gnu.hash .gnu.version*)
		*(.comment .note .note.* .eh_frame .eh_frame_hdr)
	}
}

ASSERT(sp_image_end <= SP_MEM_SIZE - SP_IMAGE_OFFSET, "the image does not fit SP_MEM_SIZE")
