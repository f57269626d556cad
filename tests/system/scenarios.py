# SPDX-License-Identifier: BSD-3-Clause
"""The system tests. tests/harness/scenario.py says what a scenario may have."""

from harness.scenario import Scenario

# Where partitions are loaded, 1 MiB each.
SP1, SP2, SP3, SP4 = (0x0E300000 + n * 0x100000 for n in range(4))

DEMO = Scenario(
    "demo",
    "spmc",
    packages=(("echo", SP1), ("echo-up", SP2), ("compute", SP3), ("rogue", SP4)),
    nwd="demo",
)
BENCH = Scenario(
    "bench", "spmc-bench", packages=(("bench-a", SP1), ("bench-b", SP2)), nwd="bench"
)

SCENARIOS = [
    DEMO,
]
