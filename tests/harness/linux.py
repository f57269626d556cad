# SPDX-License-Identifier: BSD-3-Clause
"""Linux in the normal world, under TF-A: how it is put into memory, and what it is told."""

import subprocess
from pathlib import Path

from . import cpio, machine
from .firmware import Tfa, with_version
from .machine import SetupError, load

KERNEL = 0x40200000  # TF-A is built to enter the normal world there
ROOT = 0x58000000
# Our own part of its root folder.
FILES = Path(__file__).resolve().parents[1] / "linux/root"
# What Linux does not know is for the first program, as its environment. Debian's own kernels are
# preempted where they wish to be; the last `preempt` counts.
COMMAND_LINE = "console=ttyAMA0 panic=-1 loglevel=6 preempt=voluntary"


def command(*words):
    run = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if run.returncode:
        raise SetupError(f"{words[0]}: {run.stdout.decode().strip()}")


class Linux(Tfa):
    """TF-A, and in the normal world Linux instead of our own program."""

    client = "linux"

    def __init__(self, folder):
        """folder: what mk/client.mk puts together."""
        super().__init__(folder / "tfa-preloaded")
        self.clients = folder
        self.name += f", {with_version(folder, 'linux')}, {with_version(folder, 'optee')}"

    @staticmethod
    def variants(scenario):
        del scenario
        return ("linux",)

    @staticmethod
    def normal_world(build):
        del build
        return ()

    def images(self, root):
        """Yields (file, address) of what is put into memory; root is its root folder's archive."""
        return (self.clients / "linux/Image", KERNEL), (root, ROOT)

    def chosen(self, root, arguments):
        """Yields (node, property, type for fdtput, values) for the device tree's `chosen`."""
        del self
        yield "", "bootargs", "s", (f"{COMMAND_LINE} {arguments}",)
        yield "", "linux,initrd-start", "x", (f"{ROOT:x}",)
        yield "", "linux,initrd-end", "x", (f"{ROOT + machine.size_of(root):x}",)

    def preloaded(self, parts, build, scenario, arguments):
        del build
        archive = cpio.Archive()
        archive.tree(self.clients / "rootfs")
        archive.tree(FILES)
        for module in sorted((self.clients / "linux/modules").iterdir()):
            archive.file(f"modules/{module.name}", load(module))
        archive.file("bulkhead.ko", load(self.clients / "bulkhead.ko"))
        root = parts / "root"
        root.write_bytes(archive.close())
        tree = parts / "tree.dtb"
        # Without -bios it would have devices that are the secure world's.
        command(*machine.board(scenario.cpus, f",dumpdtb={tree}"), "-bios", "/dev/null")
        for node, name, kind, values in self.chosen(root, arguments):
            command("fdtput", "-p", "-t", kind, str(tree), f"/chosen{node}", name, *values)
        return (
            *(argument for image in self.images(root) for argument in machine.loader(*image)),
            *("-dtb", str(tree)),
            # It restarts the machine after a panic.
            "-no-reboot",
        )
