/* SPDX-License-Identifier: BSD-3-Clause */
/* Code runs in place from flash at 0; data lives in the monitor's part of the secure SRAM. */
OUTPUT_FORMAT(elf64-littleaarch64)
OUTPUT_ARCH(aarch64)
ENTRY(_start)

MEMORY {
	flash (rx) : ORIGIN = 0x00000000, LENGTH = 0x40000
	gpt (rw) : ORIGIN = 0x0e020000, LENGTH = 0x20000 /* behind the SPMC manifest */
	sram (rwx) : ORIGIN = 0x0e040000, LENGTH = 0xc0000
}

SECTIONS {
	.text : {
		KEEP(*(.text.entry))
		*(.text .text.*)
		*(.rodata .rodata.*)
		. = ALIGN(16);
	} > flash
	data_load = LOADADDR(.data);
	.data : ALIGN(16) {
		data_start = .;
		*(.data .data.*)
		. = ALIGN(16);
		data_end = .;
	} > sram AT > flash
	.gpt (NOLOAD) : { *(.gpt) } > gpt
	.bss (NOLOAD) : ALIGN(4096) {
		bss_start = .;
		*(.bss .bss.* COMMON)
		. = ALIGN(16);
		bss_end = .;
	} > sram
	/DISCARD/ : {
		*(.comment .note.* .eh_frame* .ARM.attributes)
	}
}
