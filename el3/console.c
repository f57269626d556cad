/* SPDX-License-Identifier: BSD-3-Clause */
#include "console.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>

#include "mmio.h"

#define UART1 0x09040000UL
#define UART_DR 0x00
#define UART_FR 0x18
#define UART_FR_TXFF (1u << 5)
#define UART_CR 0x30
#define UART_CR_ENABLE 0x301u /* UARTEN, TXE, RXE */

static atomic_flag console_lock = ATOMIC_FLAG_INIT;

void console_init(void)
{
	mmio_write32(UART1 + UART_CR, UART_CR_ENABLE);
}

static void put_char(char c)
{
	while ((mmio_read32(UART1 + UART_FR) & UART_FR_TXFF) != 0) {
	}
	mmio_write32(UART1 + UART_DR, (uint8_t)c);
}

static void put_string(const char *s)
{
	while (*s != '\0') {
		put_char(*s++);
	}
}

static void put_number(uint64_t value, unsigned int base)
{
	char digits[20];
	unsigned int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	while (n > 0) {
		put_char(digits[--n]);
	}
}

/* The conversions %s, %u (unsigned int) and %lx (uint64_t); one line, prefixed with "EL3: ". */
static void print_line(const char *format, va_list args)
{
	while (atomic_flag_test_and_set_explicit(&console_lock, memory_order_acquire)) {
	}
	put_string("EL3: ");
	for (; *format != '\0'; format++) {
		if (*format != '%') {
			put_char(*format);
			continue;
		}
		format++;
		switch (*format) {
		case 's':
			put_string(va_arg(args, const char *));
			break;
		case 'u':
			put_number(va_arg(args, unsigned int), 10);
			break;
		case 'l':
			format++;
			put_number(va_arg(args, uint64_t), 16);
			break;
		}
	}
	put_string("\r\n");
	atomic_flag_clear_explicit(&console_lock, memory_order_release);
}

void console_print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line(format, args);
	va_end(args);
}

/* Says why, and ends QEMU with EXIT_STATUS_ERROR. */
noreturn void console_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line(format, args);
	va_end(args);
	qemu_exit(EXIT_STATUS_ERROR);
}

#define SYS_EXIT_EXTENDED 0x20
#define ADP_STOPPED_APPLICATION_EXIT 0x20026

/* Ends QEMU with the given exit status, by semihosting. */
noreturn void qemu_exit(unsigned int status)
{
	const uint64_t block[2] = { ADP_STOPPED_APPLICATION_EXIT, status & 0xFF };
	register uint64_t x0 __asm__("x0") = SYS_EXIT_EXTENDED;
	register const uint64_t *x1 __asm__("x1") = block;

	__asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
	for (;;) {
		__asm__ volatile("wfi");
	}
}
