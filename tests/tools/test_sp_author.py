# SPDX-License-Identifier: BSD-3-Clause
"""What docs/sp-author.md tells an author to do, in a folder outside of this one."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import machine

ROOT = Path(__file__).resolve().parents[2]
CHECK = Path(os.environ.get("BULKHEAD_BUILD", "build")) / "tests/tools/bulkhead-check"


class SpAuthor(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name)
        text = (ROOT / "docs/sp-author.md").read_text(encoding="utf-8")
        self.code = dict(reversed(re.findall(r"^```(\w+)\n(.*?)^```", text, re.M | re.S)))

    def make(self, *arguments):
        """Builds into a folder of its own, so that it depends on nothing that was built."""
        run = subprocess.run(
            ["make", "-s", "-C", ROOT, f"OUT={self.path}/build", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={key: value for key, value in os.environ.items() if key != "MAKEFLAGS"},
            timeout=300,
        )
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_the_smallest_one(self):
        hello = self.path / "hello"
        hello.mkdir()
        (hello / "hello.c").write_text(self.code["c"], encoding="utf-8")
        manifest = (ROOT / "partitions/echo/manifest.dts").read_bytes()
        (hello / "manifest.dts").write_bytes(manifest)
        before = sorted(hello.iterdir())
        package = self.path / "build/partitions/hello.pkg"
        self.make(f"SP={hello}/", str(package))
        self.assertEqual(sorted(hello.iterdir()), before)
        tree = subprocess.run(
            ["cpp", "-P", "-nostdinc", "-undef", "-x", "assembler-with-cpp"]
            + ["-I", ROOT / "boards/qemu-virt"],
            input=self.code["dts"],
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        ).stdout
        (self.path / "hello.dtb").write_bytes(machine.compile_tree(tree))
        said = subprocess.run(
            [CHECK.resolve(), self.path / "hello.dtb", f"{package}@0x0e300000"],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.assertEqual(said.returncode, 0, said.stdout)
        self.assertIn("SP hello: id 0x8001, 0x100000 bytes at 0xe300000, 4 vCPUs", said.stdout)


if __name__ == "__main__":
    unittest.main()
