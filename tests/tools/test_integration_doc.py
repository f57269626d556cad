# SPDX-License-Identifier: BSD-3-Clause
"""docs/integration.md names messages of the SPMC word for word."""

import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What stands for something else in a message of the page, and in a format of the program.
BLANK = re.compile(r"\.\.\.|0x|\b(?:vm)?N\b|\d+|\bread\b|\bsecure\b")
FORMAT = re.compile(r"%#?l?[suxd]|0x|vm(?=%)")
# "/node: property: " is put before a message by src/boot/dt.c.
WHERE = re.compile(r"^((/\S*|SPMC manifest|[\w-]+): )+")


def formats():
    """All string literals of the SPMC, those side by side made one, as pieces between formats."""
    text = ""
    for path in sorted((ROOT / "src").rglob("*")):
        if path.suffix in (".c", ".h", ".def"):
            source = re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8"))
            text += "\n".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', source)) + "\n"
    return FORMAT.sub("\0", text.replace('\\"', '"'))


def messages():
    """The first column of the table of what the SPMC says."""
    page = (ROOT / "docs/integration.md").read_text(encoding="utf-8")
    table = page.split("## 4.")[1].split("on TF-A's console")[0]
    return [
        code
        for line in table.splitlines()
        if line.startswith("| `")
        for code in re.findall(r"`([^`]+)`", line.split(" | ")[0])
    ]


class IntegrationDoc(unittest.TestCase):
    def test_messages(self):
        said = formats()
        count = 0
        for message in messages():
            for piece in BLANK.split(WHERE.sub("", message)):
                piece = piece.strip(" :")
                if len(piece) > 3:
                    count += 1
                    self.assertIn(piece, said, message)
        self.assertGreater(count, 25)

    def test_macros_of_the_build(self):
        """Each that the page names may be given, alone or with the others."""
        page = (ROOT / "docs/integration.md").read_text(encoding="utf-8")
        names = sorted(set(re.findall(r"\b(?:BOARD|CONFIG)_[A-Z_]+", page)))
        self.assertGreater(len(names), 4)
        command = ["gcc", "-std=gnu17", "-fsyntax-only", "-Wall", "-Werror", "-Iinclude", "-Isrc"]
        command += ["-Isrc/arch/host/include", "-isystem", "build/libfdt", "src/boot/boot.c"]
        for given in (names, *([name] for name in names)):
            with self.subTest(given):
                run = subprocess.run(
                    [*command, *(f"-D{name}=0x10000" for name in given)],
                    cwd=ROOT,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
                self.assertEqual(run.returncode, 0, run.stdout)


if __name__ == "__main__":
    unittest.main()
