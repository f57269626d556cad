# SPDX-License-Identifier: BSD-3-Clause
"""scripts/deps with an archive of our own: which suite it takes, and what it says otherwise."""

import hashlib
import io
import os
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path

DEPS = Path(__file__).resolve().parents[2] / "scripts/deps"


def sums(data):
    return len(data), hashlib.md5(data).hexdigest(), hashlib.sha256(data).hexdigest()


def tarball(files, packed="gz"):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=f"w:{packed}") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return data.getvalue()


class Archive:
    """A Debian archive in a folder. Nobody has signed it, so that its entry has to be trusted."""

    def __init__(self, folder):
        self.root = folder / "debian"
        self.suites = {}

    def source(self, suite, package, version, files):
        """Adds a source package: `files` are what is in its tarball, below a folder."""
        data = tarball({f"{package}-{version}/{name}": text for name, text in files.items()})
        name = f"{package}_{version}.orig.tar.gz"
        size, md5, sha256 = sums(data)
        place = f"pool/{package}"
        (self.root / place).mkdir(parents=True, exist_ok=True)
        (self.root / place / name).write_bytes(data)
        self.stanza(suite, "main/source/Sources", (
            f"Package: {package}\nBinary: {package}\nVersion: {version}-1\nFormat: 3.0 (quilt)\n"
            f"Architecture: any\nDirectory: {place}\nFiles:\n {md5} {size} {name}\n"
            f"Checksums-Sha256:\n {sha256} {size} {name}\n"
        ))
        return self.root / place / name

    def stanza(self, suite, index, text):
        self.suites.setdefault(suite, {}).setdefault(index, []).append(text)

    def close(self):
        """Writes the lists of all suites."""
        for suite, lists in self.suites.items():
            folder = self.root / "dists" / suite
            release = f"Origin: Test\nSuite: {suite}\nCodename: {suite}\nComponents: main\n"
            release += "Architectures: amd64 arm64\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n"
            for index, stanzas in lists.items():
                data = "\n".join(stanzas).encode()
                (folder / index).parent.mkdir(parents=True, exist_ok=True)
                (folder / index).write_bytes(data)
                size, _, sha256 = sums(data)
                release += f" {sha256} {size} {index}\n"
            (folder / "Release").write_text(release)

    def binary(self, suite, package, version, files):
        """Adds a package for arm64."""
        place = f"pool/{package}/{package}_{version}_arm64.deb"
        (self.root / place).parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as top:
            control = (
                f"Package: {package}\nVersion: {version}\nArchitecture: arm64\n"
                "Maintainer: nobody <nobody@example.org>\nDescription: none\n"
            )
            for name, data in {**files, "DEBIAN/control": control.encode()}.items():
                (Path(top) / name).parent.mkdir(parents=True, exist_ok=True)
                (Path(top) / name).write_bytes(data)
            subprocess.run(
                ["dpkg-deb", "--root-owner-group", "-b", top, str(self.root / place)],
                stdout=subprocess.DEVNULL,
                check=True,
            )
        size, _, sha256 = sums((self.root / place).read_bytes())
        self.stanza(suite, "main/binary-arm64/Packages", (
            control + f"Filename: {place}\nSize: {size}\nSHA256: {sha256}\n"
        ))
        return self.root / place


class Deps(unittest.TestCase):
    ENTRY = "deb [arch=amd64 trusted=yes] copy:{archive}/debian bookworm main contrib\n"
    LIST = "sources.list"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.archive = Archive(self.folder)
        self.cache = self.folder / "cache/bulkhead"
        self.out = self.folder / "out"
        (self.folder / "etc/apt/sources.list.d").mkdir(parents=True)
        self.entry(self.LIST, self.ENTRY)
        (self.folder / "etc/os-release").write_text('VERSION_CODENAME=bookworm\nVERSION_ID="12"\n')

    def entry(self, name, text):
        (self.folder / "etc/apt" / name).write_text(text.format(archive=self.folder))

    def run_deps(self, *arguments, without=""):
        """Returns (exit status, what it said)."""
        self.archive.close()
        done = subprocess.run(
            [str(DEPS), *arguments],
            env={
                **os.environ,
                "BULKHEAD_ETC": str(self.folder / "etc"),
                "XDG_CACHE_HOME": str(self.folder / "cache"),
                "TMPDIR": str(self.folder),
                "WITHOUT_SUITES": without,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        left = [*self.folder.glob("tmp.*"), *self.cache.glob("fetching.*")]
        self.assertEqual(left, [], "it has left something behind")
        return done.returncode, done.stdout

    def optee(self, **options):
        return self.run_deps("optee", str(self.out), **options)

    def version(self):
        return (self.out / ".debian-version").read_text().strip()

    def two_suites(self):
        return [
            self.archive.source(suite, "optee-os", version, {"Makefile": version})
            for suite, version in (("sid", "4.10.0"), ("trixie", "4.5.0"))
        ]

    def test_first_suite_is_taken(self):
        self.two_suites()
        status, said = self.optee()
        self.assertEqual((status, self.version()), (0, "4.10.0"), said)
        self.assertEqual((self.out / "Makefile").read_text(), "4.10.0")
        self.assertIn("none of the versions that are known to be good", said)

    def test_entry_as_a_stanza(self):
        self.two_suites()
        self.entry(self.LIST, "")
        self.entry("sources.list.d/others.list", "deb https://example.org/apt bookworm main\n")
        self.entry(
            "sources.list.d/debian.sources",
            "Types: deb\nURIs: https://example.org/apt\nSuites: bookworm\nComponents: main\n\n"
            "Types: deb\nURIs: copy:{archive}/debian\nSuites: bookworm bookworm-updates\n"
            "Components: main\nTrusted: yes\n",
        )
        status, said = self.optee()
        self.assertEqual((status, self.version()), (0, "4.10.0"), said)

    def test_package_dropped_by_the_first_suite(self):
        self.two_suites()
        self.archive.suites["sid"] = {"main/source/Sources": []}
        status, said = self.optee()
        self.assertEqual((status, self.version()), (0, "4.5.0"), said)
        self.assertIn("sid does not have optee-os", said)

    def test_file_listed_but_gone(self):
        gone, _ = self.two_suites()
        gone.unlink()
        status, said = self.optee()
        self.assertEqual((status, self.version()), (0, "4.5.0"), said)
        self.assertIn("sid does not have optee-os", said)

    def test_file_that_is_not_what_the_list_says(self):
        spoilt, _ = self.two_suites()
        spoilt.write_bytes(spoilt.read_bytes()[:-1] + b"?")
        status, said = self.optee()
        self.assertEqual((status, self.version()), (0, "4.5.0"), said)

    def test_suite_gone(self):
        self.two_suites()
        del self.archive.suites["sid"]
        status, said = self.optee()
        self.assertEqual((status, self.version()), (0, "4.5.0"), said)

    def test_suite_left_out(self):
        self.two_suites()
        status, said = self.optee(without="trixie-backports sid")
        self.assertEqual((status, self.version()), (0, "4.5.0"), said)
        self.assertNotIn("from sid", said)

    def test_package_of_a_suite_left_out(self):
        self.two_suites()
        status, said = self.optee(without="rootfs/trixie optee-os/sid")
        self.assertEqual((status, self.version()), (0, "4.5.0"), said)
        self.assertEqual(self.optee(without="optee-os/sid optee-os/trixie")[0], 1)

    def test_left_out_after_it_was_fetched(self):
        self.two_suites()
        self.optee()
        status, said = self.optee(without="sid")
        self.assertEqual((status, self.version()), (0, "4.5.0"), said)
        status, said = self.optee()
        self.assertEqual((status, self.version()), (0, "4.10.0"), said)
        self.assertNotIn("fetching", said)

    def test_fetched_once(self):
        self.two_suites()
        self.optee()
        self.archive.suites.clear()
        self.entry(self.LIST, "")
        status, said = self.optee()
        self.assertEqual((status, self.version()), (0, "4.10.0"), said)

    def test_no_suite_has_it(self):
        self.archive.source("sid", "another", "1", {})
        self.archive.source("trixie", "another", "1", {})
        status, said = self.optee()
        self.assertEqual(status, 1)
        for part in ("optee-os could not be fetched", ": sid trixie;", "by-hand/optee-os"):
            self.assertIn(part, said)
        self.assertFalse(self.out.exists())

    def test_all_suites_left_out(self):
        self.two_suites()
        status, said = self.optee(without="sid trixie")
        self.assertEqual(status, 1)
        self.assertIn("none is left", said)

    def test_by_hand_comes_first(self):
        self.two_suites()
        place = self.cache / "by-hand/optee-os"
        place.mkdir(parents=True)
        name = place / "optee-os_9.orig.tar.gz"
        name.write_bytes(tarball({"optee-os-9/Makefile": "9"}))
        self.assertEqual(self.optee()[0], 0)
        self.assertEqual(self.version(), "9")

    def test_by_hand_without_the_file(self):
        place = self.cache / "by-hand/optee-os"
        place.mkdir(parents=True)
        status, said = self.optee()
        self.assertEqual(status, 1)
        self.assertIn(f"{place} has no optee-os_*.orig.tar", said)

    def test_no_entry_for_debian(self):
        self.entry(self.LIST, "deb https://example.org/apt bookworm main\n")
        status, said = self.optee()
        self.assertEqual(status, 1)
        self.assertIn("no entry for Debian's main of bookworm", said)

    def test_packages_of_another_architecture(self):
        names = DEPS.read_text().split("ROOTFS_PACKAGES=(")[1].split(")")[0].split()
        for suite, version in (("sid", "2"), ("trixie", "1")):
            for name in names[suite == "sid" :]:
                program = {f"usr/bin/{name}": version.encode()}
                self.archive.binary(suite, name, version, program)
        status, said = self.run_deps("rootfs", str(self.out))
        # Of the first suite one is missing, so that all come from the second.
        self.assertEqual(status, 0, said)
        self.assertEqual(self.version().splitlines(), [f"{name} 1" for name in names])
        self.assertEqual((self.out / "usr/bin" / names[-1]).read_text(), "1")

    def test_linux_of_backports(self):
        name = "linux-source-6.12"
        inner = tarball({f"{name}/Makefile": "6.12.9"}, "xz")
        self.archive.suites["trixie"] = {"main/binary-arm64/Packages": []}
        self.archive.binary(
            "bookworm-backports", name, "6.12.9-1", {f"usr/src/{name}.tar.xz": inner}
        )
        status, said = self.run_deps("linux", str(self.out), "6.12")
        self.assertEqual((status, self.version()), (0, "6.12.9-1"), said)
        self.assertEqual((self.out / "Makefile").read_text(), "6.12.9")

    def test_linux_of_no_suite(self):
        self.archive.source("trixie", "another", "1", {})
        status, said = self.run_deps("linux", str(self.out), "2.4")
        self.assertEqual(status, 1)
        self.assertIn("linux-source-2.4 could not be fetched", said)


if __name__ == "__main__":
    unittest.main()
