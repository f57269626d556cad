# SPDX-License-Identifier: BSD-3-Clause
"""Xen in the normal world, under TF-A, and Linux as its first domain."""

from . import machine
from .firmware import with_version
from .linux import COMMAND_LINE, KERNEL, ROOT, Linux

# TF-A enters Xen where it enters Linux without it.
DOMAIN_KERNEL = 0x44000000
OPTIONS = "dtuart=/pl011@9000000 dom0_mem=384M dom0_max_vcpus=4 bootscrub=0"


class Xen(Linux):
    """TF-A, Xen, and Linux above it."""

    client = "xen"

    def __init__(self, folder):
        """folder: what mk/client.mk puts together."""
        super().__init__(folder)
        self.name += f", {with_version(folder, 'xen')}"

    @staticmethod
    def variants(scenario):
        del scenario
        return ("xen",)

    def images(self, root):
        return (
            (self.clients / "xen/xen", KERNEL),
            (self.clients / "linux/Image", DOMAIN_KERNEL),
            (root, ROOT),
        )

    def chosen(self, root, arguments):
        line = COMMAND_LINE.replace("ttyAMA0", "hvc0")
        yield "", "bootargs", "s", ("",)
        yield "", "xen,xen-bootargs", "s", (OPTIONS,)
        yield "", "xen,dom0-bootargs", "s", (f"{line} {arguments}",)
        yield "", "#address-cells", "x", ("2",)
        yield "", "#size-cells", "x", ("2",)
        image = self.clients / "linux/Image"
        for kind, path, address in (("kernel", image, DOMAIN_KERNEL), ("ramdisk", root, ROOT)):
            node = f"/module@{address:x}"
            yield node, "compatible", "s", (f"multiboot,{kind}", "multiboot,module")
            size = machine.size_of(path)
            yield node, "reg", "x", ("0", f"{address:x}", "0", f"{size:x}")
