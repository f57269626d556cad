# SPDX-License-Identifier: BSD-3-Clause
#
# Toolchains and flags.

OUT := build
ifeq ($(COMPILER),gcc)
CROSS_COMPILE ?= aarch64-linux-gnu-
CC := $(CROSS_COMPILE)gcc
LD := $(CROSS_COMPILE)ld
AR := $(CROSS_COMPILE)ar
HOST_CC := gcc
WARN_COMPILER := -Wduplicated-branches -Wduplicated-cond -Wlogical-op
LDFLAGS_COMPILER := --no-warn-rwx-segments
# Else the loops of memcpy() and memset() would become calls of themselves.
NO_LIBCALL := -fno-tree-loop-distribute-patterns
else ifeq ($(COMPILER),clang)
OUT := $(OUT)/clang
CROSS_COMPILE ?= llvm-
CC := clang --target=aarch64-linux-gnu
LD := ld.lld
AR := ar
HOST_CC := clang
WARN_COMPILER := -Wno-gnu-designator
LDFLAGS_COMPILER :=
NO_LIBCALL :=
else
$(error COMPILER is '$(COMPILER)': gcc and clang are allowed)
endif

ifeq ($(BUILD),release)
OPTIMISE := -O2 -fomit-frame-pointer
else ifeq ($(BUILD),debug)
OUT := $(OUT)/debug
OPTIMISE := -Og -fno-omit-frame-pointer -DDEBUG
else
$(error BUILD is '$(BUILD)': release and debug are allowed)
endif

# binutils reads every AArch64 program, whoever linked it.
OBJCOPY := aarch64-linux-gnu-objcopy
OBJDUMP := aarch64-linux-gnu-objdump

WARNINGS := -Wall -Wextra -Werror $(WARN_COMPILER) \
	-Wcast-align -Wformat=2 -Wimplicit-fallthrough -Wmissing-prototypes -Wnull-dereference \
	-Wold-style-definition -Wpointer-arith -Wshadow -Wstrict-prototypes \
	-Wundef -Wvla -Wwrite-strings

# Build options: DEFINES='CONFIG_ALLOW_UNCONFINED_DMA=1 ...'
DEFINES ?=

CFLAGS := -std=gnu17 -g $(OPTIMISE) $(WARNINGS) $(addprefix -D,$(DEFINES)) \
	-ffreestanding -fno-common -fno-stack-protector -ffunction-sections -fdata-sections
# Only the compiler's own headers; src/lib/libc has the few of a C library that libfdt asks for.
# Expanded when the first file is compiled, because the compiler may not be installed before.
CC_HEADERS = $(eval CC_HEADERS := $(shell $(CC) -print-file-name=include))$(CC_HEADERS)
CPPFLAGS = -nostdinc -isystem $(CC_HEADERS) -Iinclude
LDFLAGS := -nostdlib -static --gc-sections --build-id=none --fatal-warnings \
	-z noexecstack -z max-page-size=4096 $(LDFLAGS_COMPILER)

HOST_CFLAGS := -std=gnu17 -g -O1 -fno-omit-frame-pointer $(WARNINGS)
HOST_CPPFLAGS := -Iinclude -Isrc -Isrc/arch/host/include
