# SPDX-License-Identifier: BSD-3-Clause
"""What a system test consists of; tests/system/scenarios.py is a list of these."""

from dataclasses import dataclass, field
from typing import Callable, Dict, Tuple

# The monitor's arguments for each way in which it can play EL3 (see docs and el3/).
VARIANTS = {
    "bare": "bare tfa=2.12",
    "hostile": "hostile tfa=2.14",
    "bare-2.14": "bare tfa=2.14",
    "hostile-2.12": "hostile tfa=2.12",
}
BOTH = ("bare", "hostile")
ALL = tuple(VARIANTS)

Edits = Tuple[Tuple[str, str], ...]


@dataclass(frozen=True)
class Scenario:
    name: str
    manifest: str  # of the SPMC: build/manifests/MANIFEST.dtb
    packages: Tuple[Tuple[str, int], ...] = ()  # (build/partitions/NAME.pkg, load address)
    nwd: str = ""  # arguments of the normal world: "tests=a,b count=100"
    monitor: str = ""  # more arguments for the monitor
    variants: Tuple[str, ...] = BOTH
    tfa: bool = True  # it also runs with TF-A: nothing in it is only for the monitor

    # The normal world reports its tests and says DONE. Without: the run ends well as soon as the
    # secure log has all that is expected of it.
    done: bool = True
    secure: Tuple[str, ...] = ()  # regular expressions, each must match a line of the secure log
    says: Tuple[str, ...] = ()  # the same for lines of the normal world
    secure_not: Tuple[str, ...] = (r"(?i)\bpanic",)  # and none of these may

    # What is typed on the secure UART when a line of the normal world matches: (expression, bytes).
    keys: Tuple[Tuple[str, bytes], ...] = ()

    timeout: int = 180  # seconds; it only tells a hang from work
    icount: bool = False  # an instruction is a nanosecond, and runs repeat exactly
    skip_idle: bool = False  # with icount: time in which nobody has anything to do takes none
    cpus: int = 4
    rme: bool = False  # the CPUs have RME; the monitor's argument rme makes use of it

    static: bool = True  # bulkhead-check sees as much of it as the SPMC does

    # To give the SPMC what is wrong. Edits are (old, new) in the text of a device tree after the
    # preprocessor; packages have edits of their manifest, or a function that changes their bytes.
    manifest_edits: Edits = ()
    manifest_bytes: Callable[[bytes], bytes] = bytes
    package_edits: Dict[str, Edits] = field(default_factory=dict)
    package_bytes: Dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)
