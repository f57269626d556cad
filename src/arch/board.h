/* SPDX-License-Identifier: BSD-3-Clause */
/* What a manifest need not name: QEMU's machine "virt", unless the build says otherwise. */
#ifndef ARCH_BOARD_H
#define ARCH_BOARD_H

#ifndef BOARD_CONSOLE
#define BOARD_CONSOLE 0x09040000ul /* PL011 */
#endif
#ifndef BOARD_GICD
#define BOARD_GICD 0x08000000ul
#endif
#define BOARD_GICD_SIZE 0x10000ul
#ifndef BOARD_GICR
#define BOARD_GICR 0x080a0000ul
#endif
#ifndef BOARD_GICR_SIZE
#define BOARD_GICR_SIZE 0xf60000ul
#endif

#endif
