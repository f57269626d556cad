/* SPDX-License-Identifier: BSD-3-Clause */
/* The monitor's lines on the secure UART, and the ways to end QEMU. */
#ifndef EL3_CONSOLE_H
#define EL3_CONSOLE_H

#include <stdnoreturn.h>

#define EXIT_STATUS_OK 0u
#define EXIT_STATUS_ERROR 2u
#define EXIT_STATUS_RESET 3u

void console_init(void);
void console_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
noreturn void console_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
noreturn void qemu_exit(unsigned int status);

#endif
