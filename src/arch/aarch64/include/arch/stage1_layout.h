/* SPDX-License-Identifier: BSD-3-Clause */
/* The SPMC's virtual addresses; for C, assembly and the linker script. */
#ifndef ARCH_STAGE1_LAYOUT_H
#define ARCH_STAGE1_LAYOUT_H

#define STAGE1_IMAGE_VA 0xffff800000000000
#define STAGE1_WINDOW_SECURE 0xffff000000000000
#define STAGE1_WINDOW_NS 0xffff400000000000
#define STAGE1_SLOTS 0xffffc00000000000

#define BOOT_STACK_SIZE 8192

#endif
