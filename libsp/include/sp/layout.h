/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers that assembly, the linker script and C share. */
#ifndef SP_LAYOUT_H
#define SP_LAYOUT_H

/* Memory that a partition may count on: mem_size of the SPMC manifest. */
#define SP_MEM_SIZE 0x100000
#define SP_IMAGE_OFFSET 0x4000 /* of the image in its package: entrypoint-offset of the manifest */

/* 1: compiled for partitions at S-EL0, which have one vCPU and take no exceptions. */
#ifndef SP_AT_EL0
#define SP_AT_EL0 0
#endif

#if SP_AT_EL0
#define SP_MAX_VCPUS 1
#else
#define SP_MAX_VCPUS 8
#endif
#define SP_STACK_SIZE 0x2000 /* of each vCPU */

/* Offsets in struct sp_vcpu and struct sp_frame. */
#define SP_VCPU_SIZE 256
#define SP_FRAME_SIZE 288
#define SP_FRAME_SP 248
#define SP_FRAME_PC 256
#define SP_FRAME_ESR 272

/* Operands of the register block macros. */
#define X0_X17 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
#define X2_X17 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
#define X2_X30 X2_X17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30

#endif
