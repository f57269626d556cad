/* SPDX-License-Identifier: BSD-3-Clause */
#include "arch/console.h"

#include "arch/stage1.h"

#define UART_DR 0x00
#define UART_FR 0x18
#define UART_FR_TXFF (1u << 5)
#define UART_CR 0x30
#define UART_CR_ON (1u << 0 | 1u << 8) /* UARTEN, TXE */

#define KEPT_SIZE 1024

/* Looks at a full FIFO before a character is lost: more than the time of one at 9600 baud. */
#define PATIENCE 1000000u
static bool stuck; /* it has been full for so long: one look for each character, until it is not */

static volatile uint8_t *uart; /* NULL: not known yet */
static char kept[KEPT_SIZE];
static size_t kept_count;

static volatile uint32_t *uart_register(unsigned int offset)
{
	return (volatile uint32_t *)(volatile void *)(uart + offset);
}

bool console_init(uint64_t pa)
{
	struct range r = { .base = pa, .size = PAGE_SIZE };

	uart = stage1_map(r, MEM_R | MEM_W | MEM_DEVICE);
	if (uart == NULL) {
		return false;
	}
	*uart_register(UART_CR) |= UART_CR_ON;
	console_write(kept, kept_count);
	kept_count = 0;
	return true;
}

void console_write(const char *s, size_t n)
{
	if (uart == NULL) {
		while (n-- > 0 && kept_count < KEPT_SIZE) {
			kept[kept_count++] = *s++;
		}
		return;
	}
	while (n-- > 0) {
		/* Not for ever: an SP may share the UART, and have stopped it. */
		uint32_t looks = stuck ? 1 : PATIENCE;

		do {
			stuck = (*uart_register(UART_FR) & UART_FR_TXFF) != 0;
		} while (stuck && --looks > 0);
		if (!stuck) {
			*uart_register(UART_DR) = (uint8_t)*s;
		}
		s++;
	}
}
