# SPDX-License-Identifier: BSD-3-Clause
"""What is known of a test after it ran, and how it is shown."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

TAIL = 40


@dataclass
class Result:
    name: str
    reason: Optional[str] = None  # None: it passed
    log: Optional[Path] = None
    seconds: Optional[float] = None


class Report:
    """Prints results as they come, and the line that counts them."""

    def __init__(self):
        self.passed = self.failed = 0
        self.shown = set()

    def add(self, results):
        for result in results:
            time = f"  ({result.seconds:.1f} s)" if result.seconds is not None else ""
            if result.reason is None:
                self.passed += 1
                print(f"ok    {result.name}{time}")
            else:
                self.failed += 1
                print(f"FAIL  {result.name}: {result.reason}{time}")
        for result in results:
            if result.reason is not None and result.log and result.log not in self.shown:
                self.shown.add(result.log)
                self.tail(result.log)
        sys.stdout.flush()

    @staticmethod
    def tail(log):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        print(f"      the last of {len(lines)} lines of {log}:")
        for line in lines[-TAIL:]:
            print(f"      {line}")

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0
