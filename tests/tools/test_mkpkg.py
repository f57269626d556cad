# SPDX-License-Identifier: BSD-3-Clause
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness.machine import mkpkg

ROOT = Path(__file__).resolve().parents[2]

MANIFEST = mkpkg.DTB_MAGIC + bytes(range(96))
IMAGE = b"image" * 100


class Mkpkg(unittest.TestCase):
    def header(self, package):
        return struct.unpack_from("<6I", package)

    def test_version_2_by_default(self):
        package = mkpkg.build(MANIFEST, IMAGE)
        self.assertEqual(
            self.header(package), (0x474B5053, 2, 0x1000, len(MANIFEST), 0x4000, len(IMAGE))
        )
        self.assertEqual(package[0x1000 : 0x1000 + len(MANIFEST)], MANIFEST)
        self.assertEqual(package[0x4000:], IMAGE)

    def test_version_1_has_its_manifest_behind_the_header(self):
        package = mkpkg.build(MANIFEST, IMAGE, version=1, image_offset=0x1000)
        self.assertEqual(self.header(package)[1:5], (1, 24, len(MANIFEST), 0x1000))
        self.assertEqual(package[24 : 24 + len(MANIFEST)], MANIFEST)
        self.assertEqual(package[0x1000:], IMAGE)

    def test_manifest_may_end_where_the_image_begins(self):
        manifest = mkpkg.DTB_MAGIC + bytes(0x1000 - 4)
        package = mkpkg.build(manifest, IMAGE, image_offset=0x2000)
        self.assertEqual(len(package), 0x2000 + len(IMAGE))

    def entries(self, package):
        """Tag, offset and data of each entry of a transfer list but the empty ones."""
        fields = struct.unpack_from("<IBBBBIIII", package)
        signature, _, version, at, _, used, size, flags, _ = fields
        self.assertEqual((signature, version, flags), (0x4A0FB10B, 1, 1))
        self.assertEqual((used, size), (len(package), len(package)))
        self.assertEqual(sum(package) % 256, 0)
        found = []
        while at < used:
            word, length = struct.unpack_from("<II", package, at)
            start = at + (word >> 24)
            if word & 0xFFFFFF:
                found.append((word & 0xFFFFFF, start, package[start : start + length]))
            at = start + length + -(start + length) % 8
        return found

    def test_transfer_list(self):
        for length in range(96, 110):
            manifest = mkpkg.DTB_MAGIC + bytes(length)
            for hob in (b"", b"hob" * 7):
                expected = [(0x106, 0x1000, manifest), (0x103, 0x4000, IMAGE)]
                if hob:
                    expected.insert(1, (3, 0x2000, hob))
                with self.subTest(length=length, hob=hob):
                    self.assertEqual(self.entries(mkpkg.build_list(manifest, IMAGE, hob)), expected)

    def test_transfer_list_parts_as_close_as_they_can_be(self):
        manifest = mkpkg.DTB_MAGIC + bytes(0x1000 - 4 - 8)
        package = mkpkg.build_list(manifest, IMAGE, b"hob", 0x3000)
        self.assertEqual([e[1] for e in self.entries(package)], [0x1000, 0x2000, 0x3000])
        with self.assertRaises(mkpkg.PackageError):
            mkpkg.build_list(manifest + b"+", IMAGE, b"hob", 0x3000)

    def test_errors_say_what_is_allowed(self):
        long = mkpkg.DTB_MAGIC + bytes(0x1000)
        for message, arguments in (
            ("version 3: 1 and 2", (MANIFEST, IMAGE, 3)),
            ("manifest: begins with 6e6f7065", (b"nope", IMAGE)),
            ("manifest: begins with nothing", (b"", IMAGE)),
            ("image: is empty", (MANIFEST, b"")),
            ("manifest offset 0x1000: version 1 allows 0x18", (MANIFEST, IMAGE, 1, 0x1000)),
            ("manifest offset 0x1010: multiples of 0x1000", (MANIFEST, IMAGE, 2, 0x1010)),
            ("manifest offset 0x0: multiples of 0x1000", (MANIFEST, IMAGE, 2, 0)),
            ("image offset 0x4010: multiples of 0x1000", (MANIFEST, IMAGE, 2, 0x1000, 0x4010)),
            ("from 0x3000 are allowed", (long, IMAGE, 2, 0x1000, 0x2000)),
            ("from 0x2000 are allowed", (long, IMAGE, 1, None, 0x1000)),
            ("at most 0x100000000", (MANIFEST, IMAGE, 2, 0x1000, 0xFFFFF000 + 0x1000)),
        ):
            with self.subTest(message):
                with self.assertRaises(mkpkg.PackageError) as caught:
                    mkpkg.build(*arguments)
                self.assertIn(message, str(caught.exception))

    def test_an_empty_hob_list_is_a_mistake(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)
            for name, blob in (("m", MANIFEST), ("i", IMAGE), ("hob", b"")):
                (path / name).write_bytes(blob)
            command = [ROOT / "tools/mkpkg.py", "--manifest", "m", "--image", "i", "--output", "o"]
            run = subprocess.run(
                [*command, "--format", "tl", "--hob-list", "hob"],
                cwd=folder,
                stderr=subprocess.PIPE,
                text=True,
            )
            self.assertEqual(run.returncode, 1)
            self.assertIn("HOB list hob: is empty", run.stderr)
            self.assertFalse((path / "o").exists())

