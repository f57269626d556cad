# SPDX-License-Identifier: BSD-3-Clause
import tempfile
import unittest
from pathlib import Path

from harness import firmware
from harness.machine import SetupError
from harness.scenario import Scenario


class Tfa(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.build = Path(folder.name)
        (self.build / "version").write_text("2.12.1\n")
        (self.build / "partitions").mkdir()
        for n in range(9):
            (self.build / "partitions" / f"p{n}.pkg").write_bytes(b"SPKG")
        self.tfa = firmware.Tfa(self.build)

    def packages(self, count):
        placed = tuple((f"p{n}", 0x0E300000 + n * 0x100000) for n in range(count))
        return self.tfa.packages(self.build, Scenario("s", "spmc", packages=placed))

    def test_config_tells_where_each_package_goes(self):
        packages, tree = self.packages(2)
        for name, address in (("p0", "0xe300000"), ("p1", "0xe400000")):
            number, blob = packages[name]
            self.assertEqual(blob, b"SPKG")
            node = f'{name} {{ uuid = "{number}"; load-address = <{address}>; }};'
            self.assertIn(node, tree)

    def test_limits_are_those_of_tfa(self):
        self.assertEqual(len(self.packages(8)[0]), 8)
        with self.assertRaisesRegex(SetupError, "9 packages, TF-A takes 8"):
            self.packages(9)
        (self.build / "partitions" / "p0.pkg").write_bytes(bytes((4 << 20) + 1))
        with self.assertRaisesRegex(SetupError, "p0: 0x400001 bytes, TF-A takes 0x400000"):
            self.packages(1)

    def test_runs_what_is_not_for_the_monitor_only(self):
        self.assertEqual(self.tfa.variants(Scenario("s", "spmc")), ("tfa",))
        self.assertEqual(self.tfa.variants(Scenario("s", "spmc", tfa=False)), ())
        self.assertEqual(self.tfa.name, "TF-A 2.12.1 at EL3")
