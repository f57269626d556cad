/* SPDX-License-Identifier: BSD-3-Clause */
/* What assembly knows of the C structs; pinned in arch/vcpu.h. */
#ifndef ARCH_OFFSETS_H
#define ARCH_OFFSETS_H

/* struct arch_vcpu; x0-x30 from 0. */
#define ARCH_VCPU_PC 248
#define ARCH_VCPU_PSTATE 256
#define ARCH_VCPU_CPU 264
#define ARCH_VCPU_APIA 272

/* struct arch_cpu */
#define ARCH_CPU_SP 0
#define ARCH_CPU_PAUTH 8
#define ARCH_CPU_APIA 16

/* What arch_enter_sp() returns. */
#define VECTOR_SYNC 0
#define VECTOR_IRQ 1
#define VECTOR_FIQ 2
#define VECTOR_SERROR 3

#define OWN_FRAME_SIZE 256 /* x0-x30 and eight bytes to keep sp aligned */

#endif
