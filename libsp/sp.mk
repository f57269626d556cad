# SPDX-License-Identifier: BSD-3-Clause
#
# How partitions are compiled and linked: position-independent, at address 0, no dynamic linker.
# libsp/start.S applies the relocations (R_AARCH64_RELATIVE and no others) to itself.

SP_CFLAGS := -fpie -fvisibility=hidden -ffixed-x18
SP_LDFLAGS := -pie --no-dynamic-linker -z text -z norelro
