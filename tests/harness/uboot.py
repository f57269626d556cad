# SPDX-License-Identifier: BSD-3-Clause
"""U-Boot in the normal world, under TF-A; what it does there is in its options."""

from .firmware import Tfa, with_version
from .machine import load


class UBoot(Tfa):
    """TF-A, and in the normal world U-Boot instead of our own program."""

    client = "uboot"

    def __init__(self, folder):
        """folder: what mk/client.mk puts together."""
        super().__init__(folder / "tfa")
        self.image = folder / "uboot/u-boot.bin"
        self.name += f", {with_version(folder, 'uboot')}, {with_version(folder, 'optee')}"

    @staticmethod
    def variants(scenario):
        del scenario
        return ("uboot",)

    def normal_world(self, build):
        del build
        return [("nt-fw", load(self.image))]

    @staticmethod
    def preloaded(parts, build, scenario, arguments):
        del parts, build, scenario, arguments
        return ("-no-reboot",)
