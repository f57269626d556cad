/* SPDX-License-Identifier: BSD-3-Clause */
#include "arch/console.h"

#include <stdio.h>
#include <stdlib.h>

#include "arch/host.h"
#include "arch/panic.h"

#define KEPT_SIZE 65536

static char kept[KEPT_SIZE];
static size_t kept_count;

bool console_init(uint64_t pa)
{
	(void)pa;
	return true;
}

void console_write(const char *s, size_t n)
{
	while (n-- > 0 && kept_count < KEPT_SIZE - 1) {
		kept[kept_count++] = *s++;
	}
	kept[kept_count] = '\0';
}

const char *host_console(void)
{
	return kept;
}

void host_console_clear(void)
{
	kept_count = 0;
	kept[0] = '\0';
}

void arch_panic_others(void)
{
}

void arch_panic_join(void)
{
}

_Noreturn void arch_panic(void)
{
	fputs(kept, stderr);
	abort();
}
