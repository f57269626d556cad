/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The SPMC's image. It is linked at one virtual address and runs at any page-aligned physical one;
 * the file ends with .data. Each of text, read-only and writable data has pages of its own.
 */
#include "arch/stage1_layout.h"

ENTRY(image_entry)

SECTIONS
{
	. = STAGE1_IMAGE_VA;
	image_start = .;

	.boot : {
		KEEP(*(.boot))
	}
	/* The only place for FP and SIMD instructions: scripts/check-no-fp looks at the others. */
	.text.simd : {
		*(.text.simd .text.simd.*)
	}
	.text : {
		*(.text .text.*)
		. = ALIGN(4096);
	}
	image_text_end = .;

	.rodata : {
		*(.rodata .rodata.*)
		. = ALIGN(8);
		fixups_start = .;
		KEEP(*(.fixups))
		fixups_end = .;
		. = ALIGN(4096);
	}
	image_rodata_end = .;

	.data : {
		*(.data .data.*)
		. = ALIGN(64);
	}

	.bss (NOLOAD) : ALIGN(4096) {
		/* Written with the MMU off. The page below the stack is its guard. */
		boot_area_start = .;
		*(.bss.boot_tables)
		boot_tables_end = .;
		boot_guard = .;
		. += 4096;
		boot_stack = .;
		. += BOOT_STACK_SIZE;
		boot_stack_top = .;
		boot_area_end = .;

		bss_start = .;
		*(.bss .bss.* COMMON)
		. = ALIGN(4096);
		bss_end = .;
	}
	image_end = .;

	/DISCARD/ : {
		*(.comment .note .note.* .eh_frame .eh_frame_hdr)
		*(.interp .dynamic .dynsym .dynstr .hash .gnu.hash)
	}
}

ASSERT(boot_end - image_start <= 4096, "boot.S has to fit the page of the identity mapping")
ASSERT(image_end - image_start <= 0x200000, "the image has to fit one table of pages")
