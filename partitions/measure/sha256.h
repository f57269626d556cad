/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32u

void sha256(uint8_t digest[SHA256_BYTES], const uint8_t *data, size_t length);

#endif
