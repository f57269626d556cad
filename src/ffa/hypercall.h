/* SPDX-License-Identifier: BSD-3-Clause */
/* The paravirtual interrupt calls of bulkhead/hyp.h. */
#ifndef FFA_HYPERCALL_H
#define FFA_HYPERCALL_H

#include <stdbool.h>

#include "core/vcpu.h"

bool hypercall(struct vcpu *v);

#endif
