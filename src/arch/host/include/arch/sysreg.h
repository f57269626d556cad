/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARCH_SYSREG_H
#define ARCH_SYSREG_H

#include "arch/host.h"

#define sysreg_read(name) host_##name

#endif
