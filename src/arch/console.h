/* SPDX-License-Identifier: BSD-3-Clause */
/* The secure UART. What is written before it is known is kept, as far as it fits. */
#ifndef ARCH_CONSOLE_H
#define ARCH_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Maps the PL011 at pa and writes what was kept; false when it cannot be mapped. */
bool console_init(uint64_t pa);

/* Writes n characters. Takes no lock: the log has one, and a panic goes without. */
void console_write(const char *s, size_t n);

#endif
