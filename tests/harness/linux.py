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
# What Linux does not know is for the first program, as its environment.
COMMAND_LINE = "console=ttyAMA0 panic=-1 loglevel=6"


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

    def preloaded(self, parts, build, scenario, arguments):
        del build
        root = cpio.Archive()
        root.tree(self.clients / "root")
        root.tree(FILES)
        for module in sorted((self.clients / "linux/modules").iterdir()):
            root.file(f"modules/{module.name}", load(module))
        root.file("bulkhead.ko", load(self.clients / "bulkhead.ko"))
        (parts / "root").write_bytes(root.close())
        tree = parts / "tree.dtb"
        end = ROOT + (parts / "root").stat().st_size
        self.device_tree(tree, scenario.cpus, (
            ("bootargs", "s", f"{COMMAND_LINE} {arguments}"),
            ("linux,initrd-start", "x", f"{ROOT:x}"),
            ("linux,initrd-end", "x", f"{end:x}"),
        ))
        return (
            *machine.loader(self.clients / "linux/Image", KERNEL),
            *machine.loader(parts / "root", ROOT),
            *("-dtb", str(tree)),
            # It restarts the machine after a panic.
            "-no-reboot",
        )

    @staticmethod
    def device_tree(path, cpus, chosen):
        """Writes the machine's device tree with these (property, type, value) in its `chosen`."""
        for command in (
            # Without -bios it would have devices that are the secure world's.
            [*machine.board(cpus, f",dumpdtb={path}"), "-bios", "/dev/null"],
            *(["fdtput", "-t", kind, str(path), "/chosen", name, value]
              for name, kind, value in chosen),
        ):
            run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if run.returncode:
                raise SetupError(f"{command[0]}: {run.stdout.decode().strip()}")
