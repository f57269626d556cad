# SPDX-License-Identifier: BSD-3-Clause
"""
Wrong manifests, packages and images: each is one change to what the demonstration boots. The secure
log has to say where the mistake is, what is there and what is allowed. Where only a partition is
wrong, the others boot; where no system can be made of it, EL3 is told.
"""

import re
import struct

from harness.scenario import Scenario

PACKAGES = (
    ("echo", 0x0E300000),
    ("echo-up", 0x0E400000),
    ("compute", 0x0E500000),
    ("rogue", 0x0E600000),
)
SPMC = "error: SPMC manifest: "
ECHO = "error: SP echo (vm1, package at 0xe300000): "
SKIPPED = "error: vm1 is not loaded; the others go on"
OTHERS = ("echo-up: id 0x8002, ready", "compute: id 0x8003, ready")
NO_SYSTEM = "EL3: the SPMC failed to initialise: FFA_ERROR"


def wrong(name, says, **changes):
    return Scenario(
        f"wrong-{name}",
        "spmc",
        packages=PACKAGES,
        variants=("bare",),
        tfa=False,
        done=False,
        secure=tuple(re.escape(text) for text in says),
        timeout=60,
        **changes,
    )


def fatal(name, old, new, says):
    """A change to the SPMC manifest of which no system can be made."""
    return wrong(f"spmc-{name}", (SPMC + says, NO_SYSTEM), manifest_edits=((old, new),))


def vm1(name, old, new, says):
    """A change to the SPMC manifest that keeps vm1 from being loaded."""
    return wrong(f"vm-{name}", (says, SKIPPED, *OTHERS), manifest_edits=((old, new),))


def sp(name, old, new, says):
    """A change to the manifest of echo."""
    edits = {"echo": ((old, new),)}
    return wrong(f"sp-{name}", (ECHO + says, SKIPPED, *OTHERS), package_edits=edits)


def region(name, kind, says, **properties):
    """A memory or device region in the manifest of echo; values are cells, None leaves one out."""
    place = {"memory": "0x0 0x0e800000", "device": "0x0 0x0a000000"}[kind]
    cells = {"base_address": place, "pages_count": "1", "attributes": "3", **properties}
    text = "".join(
        f"{key.replace('_', '-')} = <{value}>; " for key, value in cells.items() if value
    )
    compatible = f'compatible = "arm,ffa-manifest-{kind}-regions";'
    regions = f"{kind}-regions {{ {compatible} r {{ {text}}}; }};"
    return sp(f"{kind}-{name}", "boot-info {", f"{regions} boot-info {{", says)


def package(name, change, says):
    """A change to the bytes of the package of echo."""
    changes = {"echo": change}
    return wrong(f"package-{name}", (ECHO + says, SKIPPED, *OTHERS), package_bytes=changes)


HEADER = ("magic", "version", "manifest", "manifest_size", "image", "image_size")


def header(**fields):
    """A function that changes fields of a package's header."""

    def change(blob):
        values = {**dict(zip(HEADER, struct.unpack_from("<6I", blob))), **fields}
        return struct.pack("<6I", *values.values()) + blob[24:]

    return change


WRONG = [
    # The SPMC manifest as a whole.
    wrong("spmc-cut", (SPMC + "not a device tree of at most", NO_SYSTEM),
          manifest_bytes=lambda blob: blob[:200]),
    wrong("spmc-zero", (SPMC + "no device tree at 0xe010000 (x0)", NO_SYSTEM),
          manifest_bytes=lambda blob: bytes(64)),
    wrong("spmc-large", (SPMC + "size 0x20000 at 0xe010000 is not allowed: must be at most 0x10000",
                         NO_SYSTEM),
          manifest_bytes=lambda blob: blob[:4] + (0x20000).to_bytes(4, "big") + blob[8:]),
    fatal("compatible", "arm,ffa-core-manifest-1.0", "arm,other",
          '/: compatible: "arm,other" is not allowed: must be "arm,ffa-core-manifest-1.0"'),
    fatal("cells", "#address-cells = <2>", "#address-cells = <9>",
          "/: #address-cells: 9 is not allowed: must be 1 or 2"),
    fatal("too-little-memory", "binary_size = <0x200000>", "binary_size = <0x50000>",
          "/attribute: binary_size: too little working memory: 0x"),
    fatal("no-cpus", 'device_type = "cpu"', 'device_type = "none"',
          "/cpus: reg: none of 0 CPUs is 0x0, the MPIDR of the CPU that boots"),
    fatal("cpu-twice", "reg = <3>", "reg = <2>",
          "/cpus/cpu@3: reg: 0x2 is not allowed: it is listed twice"),
    fatal("console-unaligned", '"arm,pl011";\n  reg = <0x0 0x09040000',
          '"arm,pl011"; reg = <0x0 0x09040008',
          "/console@9040000: reg: 0x9040008, size 0x1000 is not allowed: must be whole pages"),
    wrong("spmc-gic-nowhere",
          ("error: GIC: distributor at 0xb000000: no GICv3 or GICv4 there", NO_SYSTEM),
          manifest_edits=(("0x0 0x08000000 0x0 0x00010000", "0x0 0x0b000000 0x0 0x00010000"),),
          static=False),
    fatal("memory-wraps", "0x0e000000 0x0 0x01000000", "0x0e000000 0xffffffff 0xfffff000",
          "/memory@e000000: reg: 0xe000000, size 0xfffffffffffff000 is not allowed"),
    fatal("memory-cut", "reg = <0x0 0x0e000000 0x0 0x01000000>", "reg = <0x0 0x0e000000 0x0>",
          "/memory@e000000: reg: 12 bytes are no list of address (2 cells) and size (2 cells)"),

    # A partition's node in it.
    vm1("address-unaligned", "<0x0 0x0e300000>", "<0x0 0x0e300800>",
        SPMC + "/hypervisor/vm1: load_address: 0xe300800 is not allowed: must be a multiple"),
    vm1("no-address", "load_address = <0x0 0x0e300000>;", "",
        SPMC + "/hypervisor/vm1: load_address: is missing: must be a multiple of 0x1000"),
    vm1("no-name", 'debug_name = "echo";', "",
        SPMC + "/hypervisor/vm1: debug_name: is missing: must be a string"),
    vm1("no-ffa", 'is_ffa_partition; debug_name = "echo"', 'debug_name = "echo"',
        SPMC + "/hypervisor/vm1: is_ffa_partition: is missing"),
    vm1("outside", "<0x0 0x0e300000>", "<0x0 0x0ff80000>",
        SPMC + "/hypervisor/vm1: load_address: 0xff80000, mem_size 0x100000 is not allowed: must "
        'be inside one range of a node with device_type "memory"'),
    vm1("on-spmc", "<0x0 0x0e300000>", "<0x0 0x0e180000>",
        "error: SP echo (vm1, package at 0xe180000): SPMC manifest: load_address 0xe180000, "
        "mem_size 0x100000 is not allowed: overlaps memory of the SPMC (working memory)"),

    # The manifest of a partition.
    sp("compatible", "arm,ffa-manifest-1.0", "arm,other",
       '/: compatible: "arm,other" is not allowed: must be "arm,ffa-manifest-1.0" or '
       '"arm,ffa-manifest-1.1"'),
    sp("version", "<0x00010002>", "<0x00020000>",
       "/: ffa-version: 0x20000 is not allowed: must be 0x10000 (1.0) to 0x10002 (1.2)"),
    sp("version-text", "ffa-version = <0x00010002>", 'ffa-version = "1.2"',
       "/: ffa-version: 0x312e3200 is not allowed: must be"),
    sp("no-version", "ffa-version = <0x00010002>;", "", "/: ffa-version: is missing: must be"),
    sp("no-uuid", "uuid = <0x9a64b16e 0x1c4b47d2 0x8f5d3c20 0x00000001>;", "",
       "/: uuid: has 0 cells: must be 1 to 8 times 4"),
    sp("uuid-cut", "0x8f5d3c20 0x00000001>", "0x8f5d3c20>",
       "/: uuid: has 12 bytes: must be 1 to 8 times 4 cells"),
    sp("messaging", "messaging-method = <3>", "messaging-method = <0x100>",
       "/: messaging-method: 0x100 is not allowed: must be made of bits 0, 1, 2, 9 and 10"),
    sp("exception-level", "exception-level = <2>", "exception-level = <0>",
       "/: exception-level: 0x0 is not allowed: must be 2 (S-EL1)"),
    sp("execution-state", "execution-state = <0>", "execution-state = <1>",
       "/: execution-state: 0x1 is not allowed: must be 0 (AArch64)"),
    sp("granule", "xlat-granule = <0>", "xlat-granule = <1>",
       "/: xlat-granule: 0x1 is not allowed: must be 0 (4 KiB)"),
    sp("contexts", "execution-ctx-count = <4>", "execution-ctx-count = <2>",
       "/: execution-ctx-count: 2 is not allowed: must be 4, the vcpu_count of vm1"),
    sp("no-contexts", "execution-ctx-count = <4>;", "",
       "/: execution-ctx-count: is missing: must be vcpu_count of the SPMC manifest"),
    sp("entry-outside", "entrypoint-offset = <0x4000>", "entrypoint-offset = <0x400000>",
       "/: entrypoint-offset: 0x400000 is not allowed: must be a multiple of 4 below mem_size"),
    sp("register", "gp-register-num = <0>", "gp-register-num = <9>",
       "/: gp-register-num: 0x9 is not allowed: must be 0 to 3 (x0 to x3)"),
    sp("ns-action", "ns-interrupts-action = <2>", "ns-interrupts-action = <5>",
       "/: ns-interrupts-action: 0x5 is not allowed: must be 0 (queued)"),
    sp("power", "power-management-messages = <1>", "power-management-messages = <64>",
       "/: power-management-messages: 0x40 is not allowed: must be made of bits 0 to 2"),
    wrong("sp-all-at-once",
          [ECHO + text for text in (
              "/: exception-level: 0x3 is not allowed: must be 2 (S-EL1)",
              "/: execution-ctx-count: 2 is not allowed: must be 4, the vcpu_count of vm1",
              "region r: 0xe400000, size 0x1000 is not allowed: overlaps memory of echo-up",
              "/device-regions: interrupts: 27 is not allowed: belongs to the virtual timer",
          )] + [SKIPPED, *OTHERS],
          package_edits={"echo": (
              ("exception-level = <2>", "exception-level = <3>"),
              ("execution-ctx-count = <4>", "execution-ctx-count = <2>"),
              ("boot-info {",
               "memory-regions { r { base-address = <0x0 0x0e400000>; pages-count = <1>; "
               "attributes = <3>; }; }; device-regions { d { base-address = <0x0 0x0a000000>; "
               "pages-count = <1>; attributes = <3>; interrupts = <27 0x901>; }; }; boot-info {"),
          )}),

    # Its regions.
    region("stream", "device", "/device-regions/r: smmu-id: 0x0 is not allowed: DMA cannot be "
           "confined yet; must be absent", smmu_id="0", stream_ids="1"),
    region("outside", "device", "region r: 0xb000000, size 0x1000 is not allowed: must be inside "
           'one range of a node with device_type "device-memory"', base_address="0x0 0x0b000000"),
    region("gic", "device", "region r: 0x8000000, size 0x1000 is not allowed: overlaps memory of "
           "the SPMC (GIC)", base_address="0x0 0x08000000"),
    region("unaligned", "device", "/device-regions/r: base-address: 0xa000800 is not allowed: must "
           "be a multiple of 0x1000", base_address="0x0 0x0a000800"),
    region("no-pages", "device", "/device-regions/r: pages-count: 0x0 is not allowed: must be 1 to",
           pages_count="0x0"),
    region("executable", "device", "/device-regions/r: attributes: 0x4 is not allowed: must be "
           "made of bit 0 R, 1 W, 3 non-secure", attributes="4"),
    region("spmc", "memory", "region r: 0xe100000, size 0x1000 is not allowed: overlaps memory of "
           "the SPMC, must be nobody's", base_address="0x0 0x0e100000"),
    region("other-sp", "memory", "region r: 0xe400000, size 0x1000 is not allowed: overlaps memory "
           "of echo-up, must be nobody's", base_address="0x0 0x0e400000"),
    region("no-place", "memory", "/memory-regions/r: base-address: is missing: must be either "
           "base-address or load-address-relative-offset", base_address=None),
    region("two-places", "memory", "/memory-regions/r: base-address: is there twice",
           load_address_relative_offset="0x8000"),
    region("world", "memory", "region r: 0xe800000, size 0x1000 is not allowed: must be inside one "
           'range of a node with device_type "ns-memory"', attributes="11"),
    region("huge", "memory", "region r: 0xe800000, size 0xffffffff000 is not allowed: must be",
           pages_count="0xffffffff"),

    # Its package.
    package("magic", header(magic=0x12345678),
            "package header: magic: 0x12345678 is not allowed: must be 0x474b5053 (SPKG)"),
    package("version", header(version=3),
            "package header: version: 3 is not allowed: must be 1 or 2"),
    package("version-1", header(version=1),
            "package header: manifest offset: 0x1000 is not allowed: must be 0x18 in version 1"),
    package("manifest-unaligned", header(manifest=0x1010),
            "package header: manifest offset: 0x1010 is not allowed: must be a multiple of 0x1000"),
    package("manifest-huge", header(manifest_size=0xFFFFFFF0),
            "package header: manifest size: 0xfffffff0 at 0x1000 is not allowed: must not be 0, "
            "and end before the image at 0x4000"),
    package("manifest-cut", header(manifest_size=16),
            "not a device tree of at most 16 bytes: FDT_ERR_TRUNCATED"),
    package("manifest-zero", lambda blob: blob[:0x1000] + bytes(0x3000) + blob[0x4000:],
            "not a device tree of at most"),
    package("image-unaligned", header(image=0x4100),
            "package header: image offset: 0x4100 is not allowed: must be a multiple of 0x1000"),
    package("image-on-manifest", header(image=0x1000), "package header: manifest size: 0x"),
    package("image-empty", header(image_size=0),
            "package header: image size: 0x0 at 0x4000 is not allowed: must not be 0"),
    package("image-huge", header(image_size=0xFFFFF000),
            "package header: image size: 0xfffff000 at 0x4000 is not allowed: must not be 0, and "
            "end inside mem_size 0x100000"),

    # An image that is none: it boots, and ends at once.
    wrong("image-zero", ("error: echo: ends here; its interrupts are off", *OTHERS),
          package_bytes={"echo": lambda blob: blob[:0x4000] + bytes(len(blob) - 0x4000)},
          static=False),
]
