# SPDX-License-Identifier: BSD-3-Clause
"""
bulkhead-check with a small machine on which something is wrong: it says that, all of it, with the
file, and nothing else. The program under test is built with the sanitizers.
"""

import os
import re
import subprocess
import tempfile
import unittest
import xml.dom.minidom
from pathlib import Path

from harness import machine
from harness.machine import mkpkg

CHECK = Path(os.environ.get("BULKHEAD_BUILD", "build")) / "tests/tools/bulkhead-check"

SPMC = """/dts-v1/;
/ {
	compatible = "arm,ffa-core-manifest-1.0";
	#address-cells = <2>;
	#size-cells = <2>;
	attribute {
		spmc_id = <0x8000>; maj_ver = <1>; min_ver = <2>; exec_state = <0>;
		load_address = <0x0 0x0e100000>; entrypoint = <0x0 0x0e100000>;
		binary_size = <0x200000>;
	};
	cpus {
		#address-cells = <1>; #size-cells = <0>;
		cpu@0 { device_type = "cpu"; reg = <0>; };
		cpu@1 { device_type = "cpu"; reg = <1>; };
	};
	secure { device_type = "memory"; reg = <0x0 0x0e000000 0x0 0x01000000>; };
	normal { device_type = "ns-memory"; reg = <0x0 0x40000000 0x0 0x10000000>; };
	devices { device_type = "device-memory"; reg = <0x0 0x08000000 0x0 0x02000000>; };
	interrupt-controller {
		reg = <0x0 0x08000000 0x0 0x00010000 0x0 0x080a0000 0x0 0x00080000>;
	};
	console { compatible = "arm,pl011"; reg = <0x0 0x09040000 0x0 0x00001000>; };
	hypervisor {
		vm1 {
			is_ffa_partition; debug_name = "one"; load_address = <0x0e300000>;
			mem_size = <0x100000>; vcpu_count = <2>;
		};
		vm2 {
			is_ffa_partition; debug_name = "two"; load_address = <0x0e400000>;
			mem_size = <0x100000>; vcpu_count = <1>;
		};
	};
};
"""
ONE = """/dts-v1/;
/ {
	compatible = "arm,ffa-manifest-1.0";
	ffa-version = <0x10002>;
	uuid = <1 2 3 4>;
	messaging-method = <0x603>;
	execution-ctx-count = <2>;
	exception-level = <2>;
	execution-state = <0>;
	load-address = <0x0e300000>;
	entrypoint-offset = <0x4000>;
	ns-interrupts-action = <2>;
	gp-register-num = <0>;
	boot-info { compatible = "arm,ffa-manifest-boot-info"; ffa_manifest; };
	memory-regions {
		r { base-address = <0x0e900000>; pages-count = <1>; attributes = <3>; };
	};
	device-regions {
		d {
			base-address = <0x09050000>; pages-count = <1>; attributes = <3>;
			interrupts = <41 0x901>;
		};
	};
};
"""
TWO = """/dts-v1/;
/ {
	compatible = "arm,ffa-manifest-1.1";
	ffa-version = <0x10001>;
	execution-ctx-count = <1>;
	exception-level = <1>;
	execution-state = <0>;
	load-address = <0x0 0x0e400000>;
	entrypoint-offset = <0x4000>;
	services {
		s { uuid = "486178e0-e7f8-11e3-bc5e-0002a5d5c51b"; messaging-method = <3>; };
	};
};
"""
IMAGE = bytes(range(256)) * 32

AT_ONE = "one.pkg: error: SP one (vm1, package at 0xe300000): "
AT_TWO = "two.pkg: error: SP two (vm2, package at 0xe400000): "
AT_SPMC = "spmc.dtb: error: SPMC manifest: "
GONE = "error: vm{} is not loaded; the others go on"
STOPS = "spmc.dtb: error: SPMC manifest at 0x"


class Case:
    """What is changed, and how each line with "error:" begins that is said of it, in order."""

    def __init__(self, says, status=1, spmc=(), one=(), two=(), arguments=(), **more):
        self.says = [says] if isinstance(says, str) else list(says)
        self.status = status
        self.edits = {"spmc.dtb": spmc, "one.pkg": one, "two.pkg": two}
        self.arguments = arguments
        self.more = more


def one(says, *edits):
    """One partition is wrong."""
    says = [says] if isinstance(says, str) else says
    return Case([AT_ONE + text for text in says] + [GONE.format(1)], one=edits)


def two(says, *edits):
    says = [says] if isinstance(says, str) else says
    return Case([AT_TWO + text for text in says] + [GONE.format(2)], two=edits)


def spmc(says, *edits):
    """No system can be made of the SPMC manifest; the packages are right."""
    says = [says] if isinstance(says, str) else says
    return Case([AT_SPMC + text for text in says] + [STOPS], spmc=edits)


CASES = {
    "good": Case([], status=0),
    # Several mistakes, each of which hid others once.
    "sp: properties, regions, others' memory": one(
        ["/: ffa-version: 0x20000 is not allowed",
         "/memory-regions/r: attributes: 0x13 is not allowed",
         "/: execution-ctx-count: 4 is not allowed: must be 2, the vcpu_count of vm1",
         "/: entrypoint-offset: 0x4002 is not allowed",
         "region d: 0x8000000, size 0x1000 is not allowed: overlaps memory of the SPMC (GIC)"],
        ("<0x10002>", "<0x20000>"), ("ctx-count = <2>", "ctx-count = <4>"),
        ("<0x4000>", "<0x4002>"), ("attributes = <3>; };\n\t};\n\tdev", "attributes = <0x13>; };"
                                   "\n\t};\n\tdev"), ("<0x09050000>", "<0x08000000>")),
    "spmc: compatible, attribute, cpu, vm": Case(
        [AT_SPMC + '/: compatible: "arm,ffa-core-manifest-2.0" is not allowed',
         AT_SPMC + "/attribute: spmc_id: 0x1 is not allowed",
         AT_SPMC + "/cpus/cpu@1: reg: 0x0 is not allowed: it is listed twice",
         AT_SPMC + "/hypervisor/vm2: debug_name: is missing", STOPS, GONE.format(2)],
        spmc=(("manifest-1.0", "manifest-2.0"), ("<0x8000>", "<1>"), ("reg = <1>", "reg = <0>"),
              ('debug_name = "two";', ""))),
    "both partitions": Case(
        [AT_ONE + "/: gp-register-num: 0x4 is not allowed", GONE.format(1),
         AT_TWO + "/: execution-state: 0x1 is not allowed", GONE.format(2)],
        one=(("num = <0>", "num = <4>"),), two=(("state = <0>", "state = <1>"),)),
    "a vm that is wrong, and its package": Case(
        [AT_SPMC + "/hypervisor/vm1: mem_size: 0x80 is not allowed", GONE.format(1),
         AT_ONE + "/: exception-level: 0x3 is not allowed"],
        spmc=(("<0x100000>; vcpu_count = <2>", "<0x80>; vcpu_count = <2>"),),
        one=(("level = <2>", "level = <3>"),)),
    "a manifest that cannot be read, and a package": Case(
        [AT_SPMC + "/: #address-cells: 3 is not allowed: must be 1 or 2", STOPS,
         "one.pkg: error: package: /: messaging-method: has 0 cells"],
        spmc=(("#address-cells = <2>", "#address-cells = <3>"),),
        one=(("messaging-method = <0x603>;", ""),)),
    # The SPMC manifest.
    "attribute: load_address": spmc("/attribute: load_address: 0xe100010 is not allowed",
                                    ("<0x0 0x0e100000>; entry", "<0x0 0x0e100010>; entry")),
    "attribute: text": spmc("/attribute: maj_ver: has 6 bytes: must be one or two cells",
                            ("maj_ver = <1>", 'maj_ver = "1.0.0"')),
    "attribute: version": spmc("/attribute: maj_ver: 0x2 is not allowed: must be 1",
                               ("maj_ver = <1>", "maj_ver = <2>")),
    "attribute: AArch32": spmc("/attribute: exec_state: 0x1 is not allowed: must be 0",
                               ("exec_state = <0>", "exec_state = <1>")),
    "attribute: flag": spmc("/attribute: protect_ns_memory: has 4 bytes: must be empty",
                            ("spmc_id", "protect_ns_memory = <1>; spmc_id")),
    "attribute: quota": spmc("/attribute: nwd_quota_pages: 0x1 is not allowed: must be 16 to",
                             ("spmc_id", "nwd_quota_pages = <1>; spmc_id")),
    "attribute: image does not fit": Case(
        [AT_SPMC + "/attribute: binary_size: 0x20000 is not allowed: must be at least 0x50000"],
        spmc=(("<0x200000>", "<0x20000>"),)),
    "cpu: not an MPIDR": spmc("/cpus/cpu@1: reg: 0x1000000 is not allowed: must be an MPIDR",
                              ("reg = <1>", "reg = <0x1000000>")),
    "cpu: without reg": spmc("/cpus/cpu@1: reg: is missing: must be an MPIDR",
                             ("reg = <1>;", "")),
    "console: not a PL011": spmc('/console: compatible: "ns16550a" is not allowed: must be',
                                 ("arm,pl011", "ns16550a")),
    "gic: no redistributor": spmc("/interrupt-controller: reg: has 1 regions: must have 1",
                                  ("0x0 0x00010000 0x0 0x080a0000 0x0 0x00080000>",
                                   "0x0 0x00010000>")),
    "gic: nine redistributors": spmc(
        "/interrupt-controller: #redistributor-regions: 0x9 is not allowed: must be 1 to 8",
        ("interrupt-controller {", "interrupt-controller { #redistributor-regions = <9>;")),
    "memory: none": Case(
        [AT_SPMC + '/: no node with device_type "memory": must be at least one',
         AT_SPMC + "/hypervisor/vm1: load_address: 0xe300000, mem_size 0x100000 is not allowed",
         AT_SPMC + "/hypervisor/vm2: load_address: 0xe400000, mem_size 0x100000 is not allowed",
         STOPS, GONE.format(1), GONE.format(2)],
        spmc=(('"memory"', '"x"'), ('"ns-memory"', '"x"'), ('"device-memory"', '"x"'))),
    "memory: half a page": spmc("/normal: reg: 0x40000800, size 0x10000000 is not allowed",
                                ("0x40000000", "0x40000800")),
    "working memory: not secure": spmc(
        "/working-memory: reg: 0x40000000, size 0x1000 is not allowed: must be inside one range",
        ("console {", "working-memory { reg = <0x0 0x40000000 0x0 0x1000>; }; console {")),
    "working memory: at the end of all addresses": spmc(
        "/working-memory: reg: 0xfffffffffffff000, size 0x1000 is not allowed",
        ("console {", "working-memory { reg = <0xffffffff 0xfffff000 0 0x1000>; }; console {")),
    "working memory: the image's": Case(
        [AT_SPMC + "working memory 0xe100000, size 0x1000 is not allowed: overlaps memory of"],
        spmc=(("console {", "working-memory { reg = <0 0x0e100000 0 0x1000>; }; console {"),)),
    "vm: two at one place": Case(
        ["one.pkg: error: SP one (vm1, package at 0xe300000): SPMC manifest: load_address "
         "0xe300000, mem_size 0x100000 is not allowed: overlaps memory of two", GONE.format(1),
         AT_ONE.replace("one (vm1", "two (vm2") + "SPMC manifest: load_address 0xe300000",
         GONE.format(2), AT_ONE + "/: exception-level: 0x3 is not allowed",
         "two.pkg: error: is loaded at 0xe400000, and no vm"],
        spmc=(("0x0e400000", "0x0e300000"),), one=(("level = <2>", "level = <3>"),)),
    "vm: no vCPU": Case(
        [AT_SPMC + "/hypervisor/vm2: vcpu_count: 0x0 is not allowed: must be 1 or the number",
         GONE.format(2)], spmc=(("vcpu_count = <1>", "vcpu_count = <0>"),)),
    "vm: list of half cells": Case(
        [AT_SPMC + "/hypervisor/vm2: smc_whitelist: has 3 bytes: must be a list of at most 32",
         GONE.format(2)],
        spmc=(("vcpu_count = <1>", "smc_whitelist = [01 02 03]; vcpu_count = <1>"),)),
    "vm: quota": Case(
        [AT_SPMC + "/hypervisor/vm2: quota_pages: 0x3 is not allowed: must be 4", GONE.format(2)],
        spmc=(("vcpu_count = <1>", "quota_pages = <3>; vcpu_count = <1>"),)),
    "vm: a gap": Case(["two.pkg: error: is loaded at 0xe400000, and no vm of the SPMC"],
                      spmc=(("vm2 {", "vm3 {"),)),
    # SP manifests.
    "sp: methods of 1.2 in 1.1": two(
        "/services/s: messaging-method: 0x203 is not allowed: bits 9 and 10 need",
        ("method = <3>", "method = <0x203>")),
    "sp: UUID too short": two('/services/s: uuid: "486178e0" is not allowed: must be text like',
                              ("-e7f8-11e3-bc5e-0002a5d5c51b", "")),
    "sp: UUID in cells": two(
        "/services/s: uuid: is no text: must be text like",
        ('"486178e0-e7f8-11e3-bc5e-0002a5d5c51b"', "<1 2 3 4>")),
    "sp: no services": two("/: services: none: must be a node with at least one service",
                           ("services {", "other {")),
    "sp: granule and order": one(
        ["/: xlat-granule: 0x1 is not allowed", "/: boot-order: 0x10000 is not allowed"],
        ("gp-reg", "xlat-granule = <1>; boot-order = <0x10000>; gp-reg")),
    "sp: actions that do not fit": one(
        "/: other-s-interrupts-action: 0 (queued) is not allowed with ns-interrupts-action 2",
        ("gp-reg", "other-s-interrupts-action = <0>; gp-reg")),
    "sp: lifecycle of two vCPUs": one(
        "/: lifecycle-support: not allowed with execution-ctx-count 2",
        ("gp-reg", "lifecycle-support; abort-action = <2>; gp-reg")),
    "sp: abort-action alone": two("/: abort-action: 2 is not allowed: must be absent without",
                                  ("services {", "abort-action = <2>; services {")),
    "sp: all that S-EL0 has not": two(
        ["/: managed-exit: not allowed: an S-EL0 partition cannot be told to leave",
         "/: sri-interrupts-policy: 0x1 is not allowed: must be 0 for an S-EL0 partition",
         "region r: attributes 0x7 are not allowed: an S-EL0 partition has no memory"],
        ("services {", "managed-exit; sri-interrupts-policy = <1>; memory-regions { r { "
         "base-address = <0x0ea00000>; pages-count = <1>; attributes = <7>; }; }; services {")),
    "sp: S-EL0 with two vCPUs": Case(
        [AT_TWO + "/: execution-ctx-count: 2 is not allowed: an S-EL0 partition has 1",
         GONE.format(2)], two=(("ctx-count = <1>", "ctx-count = <2>"),),
        spmc=(("vcpu_count = <1>", "vcpu_count = <2>"),)),
    "sp: no HOB list": one("/boot-info: hob_list: not allowed: the package has none",
                           ("ffa_manifest;", "hob_list;")),
    "sp: buffers": one(
        "/rx_tx-info: rx-buffer: 0x7 is not allowed: must be the phandle of a secure",
        ("boot-info {", "rx_tx-info { rx-buffer = <7>; tx-buffer = <8>; }; boot-info {")),
    "sp: regions that overlap": one(
        "region s: 0xe900000, size 0x2000 is not allowed: overlaps region r of the same manifest",
        ("r { base", "r { base-address = <0x0e900000>; pages-count = <1>; attributes = <3>; }; "
         "s { pages-count = <2>; attributes = <3>; base"),
        ("pages-count = <1>; attributes = <3>; };\n\t};\n\tdev", "};\n\t};\n\tdev")),
    "sp: a region partly in the image": one(
        ["region r: 0xe3ff000, size 0x2000 is not allowed: overlaps the image memory",
         "region r: 0xe3ff000, size 0x2000 is not allowed: overlaps memory of two"],
        ("<0x0e900000>; pages-count = <1>", "<0x0e3ff000>; pages-count = <2>")),
    "sp: write only": one("/memory-regions/r: attributes: 0x2 is not allowed: must be R (1), RW",
                          ("<3>; };\n\t};\n\tdev", "<2>; };\n\t};\n\tdev")),
    "sp: a secure device as non-secure": one(
        'region d: 0x9050000, size 0x1000 is not allowed: must be inside one range of a node with '
        'device_type "ns-device-memory"',
        ("attributes = <3>;\n", "attributes = <0xb>;\n")),
    "sp: interrupts": one(
        ["/device-regions/d: interrupts: 41 is not allowed: this partition has it already",
         "/device-regions: interrupts: 27 is not allowed: belongs to the virtual timer",
         "/device-regions: interrupts: 8 is not allowed: must be a PPI or SPI of this GIC"],
        ("<41 0x901>", "<41 0x901 41 0x901 27 0x901 8 0x901>")),
    "sp: interrupt without attributes": one(
        "/device-regions/d: interrupts: has 1 cells: must be pairs: id, attributes",
        ("<41 0x901>", "<41>")),
    "sp: target of another's": one(
        "/device-regions/d: interrupts-target: 42 is not allowed: must be one of the ids in",
        ("<41 0x901>", "<41 0x901>; interrupts-target = <42 0 0>")),
    "sp: target nowhere": one(
        "/device-regions: interrupts-target: 0x7 of interrupt 41 is not allowed: must be the MPIDR",
        ("<41 0x901>", "<41 0x901>; interrupts-target = <41 0 7>")),
    "sp: another's interrupt": two(
        "/device-regions: interrupts: 41 is not allowed: it belongs to one",
        ("services {", "device-regions { d { base-address = <0x09060000>; pages-count = <1>; "
         "attributes = <3>; interrupts = <41 0x901>; }; }; services {")),
    # Packages.
    "package: each word": Case(
        [AT_ONE + "package header: manifest offset: 0x1008", AT_ONE + "package header: image o",
         AT_ONE + "package header: manifest size: 0x0", AT_ONE + "package header: image size: 0x0",
         GONE.format(1)],
        bytes={"one.pkg": lambda blob: mkpkg.HEADER.pack(b"SPKG", 2, 0x1008, 0, 0x4100, 0)
               + blob[24:]}, places={"one.pkg": 0x0E300000}),
    "package: empty": Case([AT_ONE + "package header: magic: 0x0 is not allowed", GONE.format(1)],
                           bytes={"one.pkg": lambda blob: b""}, places={"one.pkg": 0x0E300000}),
    "package: not all of it": Case("one.pkg: error: has 0x4100 bytes, its header says 0x6000",
                                   bytes={"one.pkg": lambda blob: blob[:0x4100]}),
    "package: the list is not all there": Case(
        "one.pkg: error: has 0x5000 bytes, its header says 0x6000", form="tl",
        bytes={"one.pkg": lambda blob: blob[:0x5000]}, places={"one.pkg": 0x0E300000}),
    "package: transfer list": Case([], status=0, form="tl"),
    "package: two at one place": Case(
        ["error: SP one (vm1, package at 0xe300000): package header: magic: 0x0", GONE.format(1),
         AT_TWO.replace("two.pkg", "one.pkg") + "/: execution-ctx-count: 2 is not allowed",
         GONE.format(2), "two.pkg: error: is loaded at 0xe400000, where one.pkg is, too"],
        places={"one.pkg": 0x0E400000, "two.pkg": 0x0E400000}),
    "package: nobody says where": Case(
        [AT_TWO.replace("two.pkg: ", "") + "package header: magic: 0x0", GONE.format(2),
         "two.pkg: error: its SP manifest has no load-address: say where it is loaded, as in",
         "two.pkg: error: package: /: execution-state: 0x2 is not allowed"],
        two=(("load-address = <0x0 0x0e400000>;", ""), ("state = <0>", "state = <2>"))),
    # What is around.
    "TF-A: attribute": Case(
        ["spmc.dtb: error: tfa-2.12: SPMC manifest: /attribute: spmc_id: is missing",
         "spmc.dtb: error: tfa-2.12: SPMC manifest: /attribute: min_ver: 8 bytes are not allowed",
         "spmc.dtb: error: tfa-2.12: SPMC manifest: /attribute: binary_size: 8 bytes are not"],
        spmc=(("spmc_id = <0x8000>;", ""), ("<0x200000>", "<0 0x200000>"),
              ("min_ver = <2>", "min_ver = <0 2>")),
        arguments=("--firmware", "tfa-2.12")),
    "another CPU boots": Case(
        [AT_SPMC + "/cpus: reg: none of 2 CPUs is 0x9, the MPIDR of the CPU that boots", STOPS],
        arguments=("--boot-cpu", "9")),
    "the firmware puts the manifest there": Case(
        [AT_ONE + "SPMC manifest: load_address 0xe300000, mem_size 0x100000 is not allowed: "
         "overlaps memory of the SPMC (manifest)", GONE.format(1)],
        arguments=("--manifest-at", "0x0e3ff000")),
    "the manifest says that it is longer": Case(
        "spmc.dtb: error: has 0x",
        bytes={"spmc.dtb": lambda blob: blob[:4] + (0x9000).to_bytes(4, "big") + blob[8:]}),
    "the manifest is none": Case(
        "spmc.dtb: error: SPMC manifest: no device tree at 0x",
        bytes={"spmc.dtb": lambda blob: b""}),
}

# Arguments that it cannot be called with, and what is said.
USAGE = (
    ((), "usage: "),
    (("nowhere",), "nowhere: No such file"),
    (("/",), "/: "),
    (("--bogus", "spmc.dtb"), "usage: "),
    (("--firmware", "tfa", "spmc.dtb"), '--firmware: "tfa" is not allowed: must be one of'),
    (("--map", "no/where", "spmc.dtb"), "no/where: No such file"),
    (("--map", "/dev/full", "spmc.dtb"), "/dev/full: No space left"),
    (("--manifest-at", "-1", "spmc.dtb"), '--manifest-at: "-1" is not allowed'),
    (("--manifest-at", "0x400000000000", "spmc.dtb"), "is not allowed: must be a number"),
    (("--image-bytes", "1M", "spmc.dtb"), '--image-bytes: "1M" is not allowed'),
    (("spmc.dtb", "one.pkg@"), 'one.pkg: "" is not allowed'),
    (("spmc.dtb", "one.pkg@ -5"), 'one.pkg: " -5" is not allowed'),
    (("spmc.dtb", "one.pkg@0xfffffffffffff000"), "is not allowed: must be a number"),
)


def edited(text, edits):
    for old, new in edits:
        if text.count(old) != 1:
            raise AssertionError(f"{old!r} is {text.count(old)} times there")
        text = text.replace(old, new)
    return machine.compile_tree(text)


def check(folder, *arguments):
    return subprocess.run(
        [CHECK.resolve(), *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=60,
    )


def run(folder, case):
    """Writes the machine of a case and shows it."""
    texts = {"spmc.dtb": SPMC, "one.pkg": ONE, "two.pkg": TWO}
    names = []
    for name, text in texts.items():
        blob = edited(text, case.edits[name])
        if name != "spmc.dtb":
            form = case.more.get("form") == "tl" and name == "one.pkg"
            blob = (mkpkg.build_list if form else mkpkg.build)(blob, IMAGE)
        (folder / name).write_bytes(case.more.get("bytes", {}).get(name, bytes)(blob))
        place = case.more.get("places", {}).get(name)
        names.append(f"{name}@{place:#x}" if place else name)
    return check(folder, *case.arguments, *names)


class BulkheadCheck(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)

    def test_every_mistake_and_no_other(self):
        for name, case in CASES.items():
            with self.subTest(name):
                done = run(self.path, case)
                lines = [text for text in done.stdout.splitlines() if "error:" in text]
                self.assertNotIn("Sanitizer", done.stdout)
                self.assertNotIn("runtime error", done.stdout)
                for line, says in zip(lines, case.says):
                    self.assertTrue(line.startswith(says), f"{line}\nis not: {says}")
                self.assertEqual(len(lines), len(case.says), done.stdout)
                self.assertEqual(done.returncode, case.status, done.stdout)

    def test_usage(self):
        run(self.path, CASES["good"])
        for arguments, says in USAGE:
            with self.subTest(arguments):
                done = check(self.path, *arguments)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(says, done.stdout)
        self.assertEqual(check(self.path, "--help").returncode, 0)

    def test_a_folder_with_an_at_sign(self):
        folder = self.path / "a@b"
        folder.mkdir()
        run(folder, CASES["good"])
        done = check(self.path, "a@b/spmc.dtb", "a@b/one.pkg", "a@b/two.pkg@0x0e400000")
        self.assertEqual(done.returncode, 0, done.stdout)

    def picture(self, **edits):
        done = run(self.path, Case([], arguments=("--map", "map.svg"), **edits))
        tree = xml.dom.minidom.parse(str(self.path / "map.svg"))
        texts = tree.getElementsByTagName("text")
        return done, [
            (int(t.getAttribute("x")), int(t.getAttribute("y")), t.firstChild.data) for t in texts
        ]

    def test_map_says_who_may_do_what(self):
        _, texts = self.picture()
        rows = {}
        for x, y, text in sorted(texts):
            rows.setdefault(y, []).append(text)
        rows = list(rows.values())
        self.assertIn("2 of 2 partitions", texts[0][2])
        for row in (
            ["from", "size", "what", "SPMC", "normal world", "one", "two"],
            ["0x8000000", "64 KiB", "device-memory", "GIC"],
            ["0x9040000", "4 KiB", "device-memory", "console"],
            ["0x9050000", "4 KiB", "device-memory", "RW d"],
            ["0xe100000", "320 KiB", "memory", "image"],
            ["0xe300000", "1 MiB", "memory", "RWX image"],
            ["0xe400000", "1 MiB", "memory", "RX image"],  # S-EL0
            ["0xe900000", "4 KiB", "memory", "RW r"],
            ["0x40000000", "256 MiB", "ns-memory", "RWX"],
        ):
            self.assertIn(row, rows)
        self.assertFalse([row for row in rows if "manifest" in row])  # nobody has said where it is

    def test_no_text_over_another(self):
        reg = "<0xffffffff 0xfffff000 0 0x1000 0x3fff 0 1 0>"
        last = f'ns2 {{ device_type = "ns-memory"; reg = {reg}; }};'
        name = "a-name-of-as-many-as-31-letters"
        done, texts = self.picture(
            spmc=(("console {", f"{last} console {{"), ('"one"', f'"{name}"')),
            one=(("r { base", "a-memory-region-of-a-long-name { base"),),
        )
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertTrue({"0xfffffffffffff000", name, "RW a-memory-region-of-a-long-name"}
                        <= {text for _, _, text in texts})
        by_row = {}
        for x, y, text in sorted(texts):
            if y in by_row:
                self.assertGreaterEqual(x, by_row[y], text)
            by_row[y] = x + 7 * len(text)

    def test_map_of_many_partitions(self):
        """Too many for a column each: the cells say whose they are."""
        nodes = "".join(
            f'vm{n} {{ is_ffa_partition; debug_name = "sp{n}"; mem_size = <0x8000>; '
            f"load_address = <{0x0E500000 + n * 0x8000:#x}>; vcpu_count = <1>; }};\n"
            for n in range(3, 16)
        )
        run(self.path, Case([], spmc=(("\t};\n};\n", f"{nodes}\t}};\n}};\n"),)))
        blob = mkpkg.build(edited(TWO, (("level = <1>", "level = <2>"),)), IMAGE)
        names = ["spmc.dtb", "one.pkg", "two.pkg"]
        for n in range(3, 16):
            (self.path / f"{n}.pkg").write_bytes(blob)
            names.append(f"{n}.pkg@{0x0E500000 + n * 0x8000:#x}")
        done = check(self.path, "--map", "map.svg", *names)
        self.assertEqual(done.returncode, 0, done.stdout)
        text = (self.path / "map.svg").read_text(encoding="utf-8")
        for whose in ("15 of 15 partitions", "one: RWX image", "two: RX image", "sp15: RWX image"):
            self.assertIn(f"{whose}</text>", text)

    def test_names_are_any_bytes(self):
        for name in ("<b>&amp;]]>", "\\x1b[2J\\r\\n", "\\xff\\x80", "'\\\""):
            with self.subTest(name):
                done, texts = self.picture(
                    spmc=(('"one"', f'"{name}"'),), one=(("level = <2>", "level = <9>"),)
                )
                self.assertEqual(done.returncode, 1)
                self.assertIsNone(re.search(r"[^\n -~]", done.stdout))
                self.assertEqual(done.stdout.count("error:"), 2, done.stdout)


if __name__ == "__main__":
    unittest.main()
