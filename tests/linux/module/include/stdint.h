/* SPDX-License-Identifier: BSD-3-Clause */
/* Our headers ask for it; a module has the names from here. */
#include <linux/types.h>
