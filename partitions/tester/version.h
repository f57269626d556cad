/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTER_VERSION_H
#define TESTER_VERSION_H

#include <stdint.h>

#include "sp/sp.h"

uint32_t version_of_manifest(const struct sp_vcpu *v);

#endif
