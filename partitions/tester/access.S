/* SPDX-License-Identifier: BSD-3-Clause */
#include "sp/asm.inc"

	/*
	 * uint64_t access_read(uint64_t address), access_write(uint64_t address, uint64_t value),
	 * access_execute(uint64_t address): the first instruction is the access. When it faults,
	 * memory_fault() goes on with the second, or returns from the jump.
	 */
func access_read
	ldr	x0, [x0]
	ret
endfunc access_read

func access_write
	str	x1, [x0]
	ret
endfunc access_write

func access_execute
	br	x0
endfunc access_execute
