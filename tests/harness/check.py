# SPDX-License-Identifier: BSD-3-Clause
"""Shows a scenario to bulkhead-check, which has to say of it what the SPMC says in its boot."""

import re
import subprocess

from . import machine
from .results import Result

# What only a system that runs says, and what stands for it when nothing runs.
NO_SYSTEM = "EL3: the SPMC failed to initialise"
READY = re.compile(r"^(\S+): id (0x[0-9a-f]+), ready")


def expected(pattern):
    """The regular expression that a line of bulkhead-check has to match."""
    text = re.sub(r"\\(.)", r"\1", pattern)
    if text.startswith(NO_SYSTEM):
        return "^no system: "
    ready = READY.match(text)
    return f"^SP {ready[1]}: id {ready[2]}" if ready else pattern


def arguments(build, scenario, folder):
    """Writes the files that the scenario boots, and returns how to name them."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "spmc.dtb"
    manifest.write_bytes(machine.spmc_manifest(build, scenario))
    names = ["--manifest-at", hex(machine.SPMC_MANIFEST), manifest]
    for number, (name, address) in enumerate(scenario.packages):
        # A partition's node may have been moved: the package is where the monitor puts it.
        path = folder / f"{number}-{name}.pkg"
        path.write_bytes(machine.package(build, scenario, name))
        names.append(f"{path}@{address:#x}")
    return names


def run(scenario, build):
    name = f"check/{scenario.name}"
    folder = build / "check" / scenario.name
    picture = folder / "map.svg"
    try:
        files = arguments(build, scenario, folder)
    except machine.SetupError as error:
        return [Result(name, str(error))]
    check = subprocess.run(
        [build / "bulkhead-check", "--map", picture, *files],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=60,
    )
    log = folder / "log"
    log.write_text(check.stdout)
    wrong = scenario.name.startswith("wrong-")
    if check.returncode != (1 if wrong else 0):
        return [Result(name, f"exit status {check.returncode}", log)]
    for pattern in scenario.secure if wrong else ():
        if not re.search(expected(pattern), check.stdout, re.MULTILINE):
            return [Result(name, f"did not say {expected(pattern)}", log)]
    if not picture.read_text().rstrip().endswith("</svg>"):
        return [Result(name, "the map is not complete", log)]
    return [Result(name, None, log)]
