# SPDX-License-Identifier: BSD-3-Clause
"""The firmware at EL3 that a scenario runs with: our monitor, or TF-A."""

import re
import subprocess
import uuid

from . import machine
from .machine import SetupError, load
from .scenario import VARIANTS


def with_version(folder, name):
    """Returns the name and the version of a program that scripts/NAME has built."""
    return f"{name} {load(folder / name / 'version').decode().strip()}"


class Monitor:
    """Our own: it takes all images from the flash, and ends QEMU with the status of the tests."""

    name = "our monitor at EL3"
    client = "ours"
    ends_with_status = True
    goodbye = None

    @staticmethod
    def variants(scenario):
        return scenario.variants

    @staticmethod
    def prepare(scenario, variant, build, seed, arguments, flash):
        """Writes the flash file of a scenario; returns more arguments for QEMU."""
        mode = " ".join(filter(None, (VARIANTS[variant], scenario.monitor, f"seed={seed}")))
        machine.make_flash(build, scenario, mode, arguments, flash)
        return ()


class Tfa:
    """TF-A: BL1, and behind it the FIP with all that BL2 loads."""

    client = "ours"
    ends_with_status = False  # PSCI SYSTEM_OFF has none
    # It does not wait for the machine to be off. What it says then is no complaint.
    goodbye = re.compile(r"^PANIC at PC")

    FIP = 0x40000
    # TF-A's, for its platform qemu.
    MANIFEST_SIZE = 0x1000
    PACKAGES = 8
    PACKAGE_SIZE = 4 << 20

    def __init__(self, folder):
        self.folder = folder
        self.name = f"TF-A {load(folder / 'version').decode().strip()} at EL3"

    @staticmethod
    def variants(scenario):
        return ("tfa",) if scenario.tfa else ()

    def prepare(self, scenario, variant, build, seed, arguments, flash):
        del variant, seed
        # fiptool takes a comma for the end of a name.
        parts = flash.with_name(flash.stem.replace(",", "-"))
        parts.mkdir(parents=True, exist_ok=True)
        images = [
            ("tb-fw", load(self.folder / "bl2.bin")),
            ("soc-fw", load(self.folder / "bl31.bin")),
            ("tos-fw", load(build / "spmc.bin")),
            ("tos-fw-config", self.limit("SPMC manifest", machine.spmc_manifest(build, scenario),
                                         self.MANIFEST_SIZE)),
            *self.normal_world(build),
        ]
        packages, tree = self.packages(build, scenario)
        images.append(("tb-fw-config", machine.compile_tree(tree)))
        command = [str(self.folder / "fiptool"), "create", "--align", "0x1000"]
        for name, blob in images:
            (parts / name).write_bytes(blob)
            command += [f"--{name}", str(parts / name)]
        for name, (number, blob) in packages.items():
            (parts / f"{name}.pkg").write_bytes(blob)
            command += ["--blob", f"uuid={number},file={parts / name}.pkg"]
        run = subprocess.run(
            [*command, str(parts / "fip")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        if run.returncode:
            raise SetupError(f"fiptool: {run.stdout.decode().strip()}")
        bl1 = load(self.folder / "bl1.bin")
        flash.write_bytes(bl1 + bytes(self.FIP - len(bl1)) + load(parts / "fip"))
        return self.preloaded(parts, build, scenario, arguments)

    @staticmethod
    def normal_world(build):
        """Returns what of the FIP is the normal world's: [(name for fiptool, bytes)]."""
        return [("nt-fw", load(build / "nwd.bin"))]

    @staticmethod
    def preloaded(parts, build, scenario, arguments):
        """Returns arguments for QEMU that put into memory what is not in the FIP."""
        del build, scenario
        (parts / "arguments").write_bytes(arguments.encode() + b"\0")
        return machine.loader(parts / "arguments", machine.NWD_ARGUMENTS)

    @staticmethod
    def limit(what, blob, size):
        if len(blob) > size:
            raise SetupError(f"{what}: {len(blob):#x} bytes, TF-A takes {size:#x}")
        return blob

    def packages(self, build, scenario):
        """Returns {name: (UUID in the FIP, bytes)}, and the TB_FW_CONFIG that says where to."""
        if len(scenario.packages) > self.PACKAGES:
            raise SetupError(f"{len(scenario.packages)} packages, TF-A takes {self.PACKAGES}")
        packages = {}
        nodes = ""
        for name, address in scenario.packages:
            blob = self.limit(name, machine.package(build, scenario, name), self.PACKAGE_SIZE)
            packages[name] = uuid.uuid5(uuid.NAMESPACE_OID, name), blob
            nodes += f'{name} {{ uuid = "{packages[name][0]}"; load-address = <{address:#x}>; }};\n'
        return packages, (
            "/dts-v1/;\n/ {\nsecure-partitions {\n"
            f'compatible = "arm,sp";\n{nodes}}};\n}};\n'
        )
