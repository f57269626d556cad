# SPDX-License-Identifier: BSD-3-Clause
"""Writes the archive that Linux unpacks as its first root folder: cpio's format "newc"."""

import os
import stat

CONSOLE = (5, 1)


class Archive:
    def __init__(self):
        self.parts = []
        self.folders = set()
        self.number = 0

    def entry(self, name, mode, data=b"", device=(0, 0)):
        """Adds one entry; mode is that of stat(2)."""
        self.number += 1
        path = name.encode() + b"\0"
        fields = (self.number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(path), 0)
        for part in (b"070701" + b"".join(b"%08X" % n for n in fields) + path, data):
            self.parts.append(part + bytes(-len(part) % 4))

    def folder(self, name):
        """Adds a folder and those above it, once."""
        if name and name not in self.folders:
            self.folder(os.path.dirname(name))
            self.folders.add(name)
            self.entry(name, stat.S_IFDIR | 0o755)

    def file(self, name, data, mode=0o644):
        self.folder(os.path.dirname(name))
        self.entry(name, stat.S_IFREG | mode, data)

    def tree(self, root):
        """Adds all that is below the folder root: folders, files, symbolic links."""
        for top, folders, files in os.walk(root):
            folders.sort()
            for name in sorted(files + [f for f in folders if os.path.islink(f"{top}/{f}")]):
                path = os.path.join(top, name)
                inside = os.path.relpath(path, root)
                self.folder(os.path.dirname(inside))
                if os.path.islink(path):
                    self.entry(inside, stat.S_IFLNK | 0o777, os.readlink(path).encode())
                else:
                    with open(path, "rb") as file:
                        self.file(inside, file.read(), os.stat(path).st_mode & 0o777)

    def close(self):
        """Returns the archive: with a console, without which nobody hears the first program."""
        self.folder("dev")
        self.entry("dev/console", stat.S_IFCHR | 0o600, device=CONSOLE)
        self.entry("TRAILER!!!", 0)
        return b"".join(self.parts)
