# SPDX-License-Identifier: BSD-3-Clause
"""The system tests. tests/harness/scenario.py says what a scenario may have."""

from harness.scenario import ALL, Scenario
from wrong import WRONG

# Partitions are loaded here one after the other, 1 MiB each.
FIRST = 0x0E300000
SIZE = 0x100000


def packages(*names):
    """The packages of these names, each where the manifests of boards/qemu-virt say."""
    return tuple((name, FIRST + n * SIZE) for n, name in enumerate(names))


TESTERS = packages("tester", "tester-up", "tester-me", "tester-up-me", "rogue", "tester-queued")

DEMO = Scenario(
    "demo", "spmc", packages=packages("echo", "echo-up", "compute", "rogue"), nwd="demo"
)
BENCH = Scenario("bench", "spmc-bench", packages=packages("bench-a", "bench-b"), nwd="bench")


def tests(groups, name=None, **more):
    """A scenario with the testers that runs these groups of the normal world's tests."""
    return Scenario(
        name or groups, "spmc-test", packages=TESTERS, nwd=f"tests={groups}", **more
    )


# Interrupts hit where a test wants them when time is the number of instructions.
SCENARIOS = [
    DEMO,
    tests("setup"),
    tests("direct"),
    tests("direct2,info_regs", variants=ALL),
    tests("state", variants=ALL, icount=True),
    tests("sweep", variants=ALL, icount=True),
    tests("setup,direct,state", name="nwd-el1", monitor="nwd_el=1", tfa=False),
    tests("migrate", timeout=600),
    tests("hammer", timeout=600),
    tests("interrupt", icount=True),
    tests("notify", variants=ALL),
    tests("power"),
    tests("garbage"),
    tests("rogue"),
    # Each of these ends the partition.
    tests("rogue_ends.bad_vector", secure=(r"error: rogue: ends here",)),
    tests("rogue_ends.bad_stack"),
    tests("rogue_ends.nowhere", secure=(r"warning: rogue: .* may not execute .*0x7f000000",)),
    tests("rogue_ends.abort", secure=(r"error: rogue: ends here",)),
    tests("rogue_ends.called"),
    *WRONG,
]
