/* SPDX-License-Identifier: BSD-3-Clause */
OUTPUT_ARCH(aarch64)
ENTRY(entry)

SECTIONS
{
	. = 0x60000000;
	.text : {
		KEEP(*(.text.entry))
		*(.text .text.*)
	}
	.rodata : ALIGN(4096) { *(.rodata .rodata.*) }
	.data : ALIGN(4096) { *(.data .data.*) }
	.bss (NOLOAD) : ALIGN(4096) {
		bss_start = .;
		*(.bss .bss.* COMMON)
		. = ALIGN(16);
		bss_end = .;
	}
	/DISCARD/ : { *(.comment) *(.note .note.*) *(.eh_frame) }
}
