# SPDX-License-Identifier: BSD-3-Clause
"""A run of QEMU: the flash file for a scenario, and the lines of both consoles as they come."""

import os
import re
import selectors
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import List, Optional, Tuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import mkflash  # noqa: E402
import mkpkg  # noqa: E402

NWD = "nwd"
SECURE = "secure"

# Where the monitor puts what the flash holds.
MONITOR_ARGUMENTS = 0x0E001000
SPMC_MANIFEST = 0x0E010000
SPMC_IMAGE = 0x0E100000
NWD_ARGUMENTS = 0x5FFFF000
NWD_IMAGE = 0x60000000

# Where scripts/deps puts a QEMU that the system does not have.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bulkhead"
QEMU_PATH = os.pathsep.join((str(CACHE / "qemu/bin"), os.environ.get("PATH", os.defpath)))
QEMU = shutil.which("qemu-system-aarch64", path=QEMU_PATH) or "qemu-system-aarch64"

# Lines of a panic with addresses, which are the SPMC's link addresses.
BACKTRACE = re.compile(r"panic|^\s+from ")
SPMC_ADDRESS = re.compile(r"\b0xffff80[0-9a-f]{10}\b")


# Machines that run now.
RUNNING = set()


class SetupError(Exception):
    """A run that cannot begin: a build product is missing, an edit does not fit."""


def load(path):
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SetupError(f"{path} is missing: it was not built") from None


def edit_text(path, edits):
    """Returns the text of the file with each (old, new) replaced; each old has to be there."""
    text = load(path).decode()
    for old, new in edits:
        if old not in text:
            raise SetupError(f"{path}: has no {old!r} to replace")
        text = text.replace(old, new)
    return text


def compile_tree(text):
    run = subprocess.run(
        ["dtc", "-q", "-f", "-I", "dts", "-O", "dtb"],
        input=text.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    if run.returncode:
        raise SetupError(f"dtc: {run.stderr.decode().strip()}")
    return run.stdout


def spmc_manifest(build, scenario):
    path = build / "manifests" / scenario.manifest
    blob = load(path.with_name(path.name + ".dtb"))
    if scenario.manifest_edits:
        blob = compile_tree(edit_text(path.with_name(path.name + ".dts"), scenario.manifest_edits))
    return scenario.manifest_bytes(blob)


def package(build, scenario, name):
    """The package of that name; NAME@ANYTHING is a copy of NAME, with edits of its own."""
    path = build / "partitions" / name.partition("@")[0]
    blob = load(path.with_name(path.name + ".pkg"))
    edits = scenario.package_edits.get(name)
    if edits:
        tree = compile_tree(edit_text(path.with_name(path.name + ".dts"), edits))
        _, _, _, _, image, size = mkpkg.HEADER.unpack_from(blob)
        blob = mkpkg.build(tree, blob[image : image + size])
    return scenario.package_bytes.get(name, bytes)(blob)


def make_flash(build, scenario, monitor_arguments, nwd_arguments, path):
    """Writes the flash file of a scenario."""
    blobs = [
        ("monitor arguments", monitor_arguments.encode() + b"\0", MONITOR_ARGUMENTS),
        ("SPMC manifest", spmc_manifest(build, scenario), SPMC_MANIFEST),
        ("SPMC", load(build / "spmc.bin"), SPMC_IMAGE),
        ("normal world's arguments", nwd_arguments.encode() + b"\0", NWD_ARGUMENTS),
        ("normal world", load(build / "nwd.bin"), NWD_IMAGE),
    ]
    for name, address in scenario.packages:
        blobs.append((name, package(build, scenario, name), address))
    try:
        flash = mkflash.build(load(build / "el3.bin"), blobs)
    except mkflash.FlashError as error:
        raise SetupError(f"flash: {error}") from None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(flash)


@dataclass
class Outcome:
    lines: List[Tuple[str, str]] = field(default_factory=list)  # (console, text), as they came
    exit_code: Optional[int] = None  # None: it was stopped
    timed_out: bool = False
    messages: str = ""  # of QEMU itself
    seconds: float = 0

    def of(self, console):
        return [text for where, text in self.lines if where == console]


class Console:
    """Puts the bytes of a console together to lines."""

    def __init__(self, name):
        self.name = name
        self.rest = b""

    def feed(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [line.decode(errors="replace").rstrip("\r") for line in lines]


def size_of(path):
    return len(load(path))


def loader(path, address):
    """Returns arguments for QEMU that put a file into memory before the machine starts."""
    return ("-device", f"loader,file={path},addr={address:#x},force-raw=on")


def board(cpus, more="", rme=False):
    cpu = "max,pauth-impdef=on" + (",x-rme=on" if rme else "")
    return [
        QEMU,
        *("-M", f"virt,virtualization=on,secure=on,gic-version=3{more}"),
        *("-cpu", cpu, "-smp", str(cpus), "-m", "1024"),
        *("-display", "none", "-net", "none"),
    ]


def command(flash, icount, cpus, consoles, keyboard, extra, skip_idle, rme):
    """consoles: where each UART writes to; keyboard: where the secure one reads from."""
    return [
        *board(cpus, rme=rme),
        *(
            ("-icount", "shift=0" + (",sleep=off" if skip_idle else ""))
            if icount
            else ("-accel", "tcg,thread=multi")
        ),
        *("-semihosting-config", "enable=on,target=native"),
        *("-monitor", "none", "-bios", str(flash)),
        *("-chardev", f"file,id=nwd,path=/dev/fd/{consoles[0]}", "-serial", "chardev:nwd"),
        *("-chardev", f"file,id=secure,path=/dev/fd/{consoles[1]},input-path=/dev/fd/{keyboard}"),
        *("-serial", "chardev:secure"),
        *extra,
    ]


def run(
    flash,
    timeout,
    icount=False,
    cpus=4,
    extra=(),
    on_line=lambda *_: None,
    keys=(),
    skip_idle=False,
    rme=False,
):
    """
    Runs the machine until it ends by itself or timeout seconds are over. Where on_line(console,
    text) returns a number, it runs for that many seconds more at most. keys are pairs: a regular
    expression, and the bytes typed on the secure UART for each line of the normal world it matches.
    """
    outcome = Outcome()
    begin = time.monotonic()
    pipes = [(Console(name), *os.pipe()) for name in (NWD, SECURE)]
    writers = [writer for _, _, writer in pipes]
    keyboard, fingers = os.pipe()
    with selectors.DefaultSelector() as selector:
        for console, reader, _ in pipes:
            selector.register(reader, selectors.EVENT_READ, console)
        with open(flash.with_suffix(".qemu"), "w+", encoding="utf-8", errors="replace") as messages:
            qemu = subprocess.Popen(
                command(flash, icount, cpus, writers, keyboard, extra, skip_idle, rme),
                stdin=subprocess.DEVNULL,
                stdout=messages,
                stderr=messages,
                pass_fds=(*writers, keyboard),
            )
            RUNNING.add(qemu)
            for theirs in (*writers, keyboard):
                os.close(theirs)
            deadline = begin + timeout
            try:
                while selector.get_map() and time.monotonic() < deadline:
                    for key, _ in selector.select(max(deadline - time.monotonic(), 0)):
                        data = os.read(key.fd, 65536)
                        if not data:
                            selector.unregister(key.fd)
                        for text in key.data.feed(data):
                            outcome.lines.append((key.data.name, text))
                            for expression, typed in keys:
                                if key.data.name == NWD and re.search(expression, text):
                                    os.write(fingers, typed)
                            more = on_line(key.data.name, text)
                            if more is not None:
                                deadline = min(deadline, time.monotonic() + more)
                if not selector.get_map():
                    outcome.exit_code = qemu.wait(10)
            finally:
                qemu.kill()
                qemu.wait()
                RUNNING.discard(qemu)
            messages.seek(0)
            outcome.messages = messages.read().strip()
    os.close(fingers)
    for console, reader, _ in pipes:
        os.close(reader)
        if console.rest:
            outcome.lines.append((console.name, console.rest.decode(errors="replace")))
    outcome.seconds = time.monotonic() - begin
    outcome.timed_out = outcome.exit_code is None and outcome.seconds >= timeout
    return outcome


def stop_all():
    """Ends what run() has started in other threads; they go on as if it had ended by itself."""
    for qemu in list(RUNNING):
        qemu.kill()


def symbols(build, lines):
    """Returns what the addresses of the SPMC that lines name are, by address."""
    addresses = sorted({found for line in lines for found in SPMC_ADDRESS.findall(line)})
    if not addresses:
        return {}
    listing = subprocess.run(
        ["aarch64-linux-gnu-addr2line", "-ipfse", str(build / "spmc.elf"), *addresses],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ).stdout.splitlines()
    outermost = [line for line in listing if not line.startswith(" (inlined by)")]
    return dict(zip(addresses, outermost))


def write_log(path, outcome, build):
    """Writes what was said in a run, the addresses of a backtrace with their names."""
    names = symbols(build, [text for text in outcome.of(SECURE) if BACKTRACE.search(text)])
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        for console, text in outcome.lines:
            found = SPMC_ADDRESS.findall(text) if BACKTRACE.search(text) else ()
            for address in found:
                text += f" [{names.get(address)}]"
            print(f"{console:6} | {text}", file=file)
        if outcome.messages:
            print(f"QEMU says: {outcome.messages}", file=file)
