# SPDX-License-Identifier: BSD-3-Clause
import stat
import tempfile
import unittest
from pathlib import Path

from harness import cpio


def entries(archive):
    """Yields (name, mode, data, device) as Linux reads them."""
    at = 0
    while True:
        assert archive[at : at + 6] == b"070701" and at % 4 == 0
        fields = [int(archive[at + 6 + 8 * n : at + 14 + 8 * n], 16) for n in range(13)]
        mode, size, device, length = fields[1], fields[6], fields[9:11], fields[11]
        name = archive[at + 110 : at + 110 + length - 1].decode()
        assert archive[at + 110 + length - 1] == 0
        at += 110 + length
        at += -at % 4
        if name == "TRAILER!!!":
            return
        yield name, mode, archive[at : at + size], tuple(device)
        at += size
        at += -at % 4


class Archive(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def found(self, archive):
        return {name: rest for name, *rest in entries(archive.close())}

    def test_tree_with_its_rights_and_links(self):
        (self.root / "usr/bin").mkdir(parents=True)
        (self.root / "usr/bin/tool").write_bytes(b"12345")
        (self.root / "usr/bin/tool").chmod(0o755)
        (self.root / "usr/bin/other").symlink_to("tool")
        (self.root / "bin").symlink_to("usr/bin")
        archive = cpio.Archive()
        archive.tree(self.root)
        found = self.found(archive)
        self.assertEqual(found["usr/bin/tool"][:2], [stat.S_IFREG | 0o755, b"12345"])
        self.assertEqual(found["usr/bin/other"][:2], [stat.S_IFLNK | 0o777, b"tool"])
        self.assertEqual(found["bin"][:2], [stat.S_IFLNK | 0o777, b"usr/bin"])
        self.assertTrue(stat.S_ISDIR(found["usr"][0]) and stat.S_ISDIR(found["usr/bin"][0]))

    def test_folders_come_once_and_before_what_is_in_them(self):
        archive = cpio.Archive()
        archive.file("a/b/one", b"")
        archive.file("a/b/two", b"x")
        names = [name for name, *_ in entries(archive.close())]
        self.assertEqual(names, ["a", "a/b", "a/b/one", "a/b/two", "dev", "dev/console"])

    def test_has_a_console(self):
        mode, _, device = self.found(cpio.Archive())["dev/console"]
        self.assertTrue(stat.S_ISCHR(mode))
        self.assertEqual(device, (5, 1))
