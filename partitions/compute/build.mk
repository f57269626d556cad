# SPDX-License-Identifier: BSD-3-Clause
# This partition keeps FP and SIMD registers live on purpose.
FP_SOURCES += partitions/compute/compute.c

# The others are SPKGs: both forms are booted.
PKGFLAGS_compute := --format tl
