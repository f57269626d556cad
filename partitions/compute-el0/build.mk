# SPDX-License-Identifier: BSD-3-Clause
# The same partition, at S-EL0.
EL0_PARTITIONS += compute-el0
SOURCES_compute-el0 := partitions/compute/compute.c partitions/compute/call.S
