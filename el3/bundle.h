/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef EL3_BUNDLE_H
#define EL3_BUNDLE_H

void bundle_load(void);

#endif
