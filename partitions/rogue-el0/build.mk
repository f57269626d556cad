# SPDX-License-Identifier: BSD-3-Clause
EL0_PARTITIONS += rogue-el0
