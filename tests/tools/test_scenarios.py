# SPDX-License-Identifier: BSD-3-Clause
"""The lists of scenarios: each is there once, so that a name means one."""

import sys
import unittest
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "system")]
import scenarios  # noqa: E402


class Scenarios(unittest.TestCase):
    def test_names_are_unique(self):
        for name in ("SCENARIOS", "LINUX", "UBOOT", "XEN", "XTEST"):
            counts = Counter(scenario.name for scenario in getattr(scenarios, name))
            twice = [scenario for scenario, count in counts.items() if count > 1]
            self.assertEqual(twice, [], name)
