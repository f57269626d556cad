/* SPDX-License-Identifier: BSD-3-Clause */
#include "hostile.h"

#include "console.h"

void hostile_init(void)
{
	console_die("the hostile mode is not built yet");
}
void hostile_power_up(struct cpu *cpu) { (void)cpu; }
void hostile_keep_nwd(struct cpu *cpu) { (void)cpu; }
void hostile_give_back_nwd(struct cpu *cpu) { (void)cpu; }
void hostile_scramble(struct cpu *cpu) { (void)cpu; }
void hostile_scramble_arguments(struct cpu *cpu) { (void)cpu; }
