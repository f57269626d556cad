# SPDX-License-Identifier: BSD-3-Clause
"""docs/spec-coverage.md says nothing that tests do not do, and leaves nothing out."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class SpecCoverageTest(unittest.TestCase):
    def test_page_is_true(self):
        build = os.environ.get("BULKHEAD_BUILD", "build")
        run = subprocess.run(
            [sys.executable, ROOT / "scripts/coverage", "--check", "--build", build],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertEqual(run.returncode, 0, run.stdout)


if __name__ == "__main__":
    unittest.main()
