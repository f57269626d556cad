# SPDX-License-Identifier: BSD-3-Clause
"""What the world switch costs, in instructions of the SPMC, and whether that is within bounds."""

import json
import statistics
import subprocess
from pathlib import Path

from . import machine
from .results import Result
from .scenario import VARIANTS

BASELINE = Path(__file__).resolve().parents[2] / "bench" / "baseline.json"
WORSE = 1.05  # than the baseline, and it is told

# In the order in which the normal world measures them (nwd/bench.c).
SUBJECTS = ("null_call", "direct_nwd_sp", "direct_nwd_sp_sve", "direct_sp_sp")
BUDGETS = {
    "null_call": 150,
    "direct_nwd_sp": 1300,
    "direct_nwd_sp_sve": 1600,
    "direct_sp_sp": 1000,
    "boot": 600_000,
}


class BenchError(Exception):
    """The benchmark did not measure what it should."""


def compiler(build):
    """The compiler that the build was made with: its name and major version, as in baselines."""
    name = "clang" if "clang" in build.parts else "gcc"
    program = "clang" if name == "clang" else "aarch64-linux-gnu-gcc"
    version = subprocess.run([program, "-dumpversion"], stdout=subprocess.PIPE, text=True).stdout
    return f"{name}-{version.split('.')[0]}"


def parse(text):
    """Returns the counts by name, from what the plugin wrote: the median of each one's samples."""
    samples = {}
    boot = None
    for line in text.splitlines():
        kind, *numbers = line.split()
        if kind == "boot":
            boot = int(numbers[0])
        else:
            samples.setdefault(int(numbers[0]), []).append(int(numbers[1]))
    if boot is None:
        raise BenchError("the normal world was not reached")
    counts = {}
    for number, name in enumerate(SUBJECTS):
        if not samples.get(number):
            raise BenchError(f"{name} was not measured")
        counts[name] = int(statistics.median_low(samples[number]))
    counts["boot"] = boot
    return counts


def on_line(console, text):
    """Ends the run soon after a panic."""
    return 2 if console == machine.SECURE and "panic" in text else None


def measure(build, scenario):
    """Runs the benchmark and returns the counts by name."""
    flash = build / "flash" / "bench.bin"
    out = build / "logs" / "bench.counts"
    plugin = build / "tests" / "plugin" / "count.so"
    machine.load(plugin)
    out.parent.mkdir(parents=True, exist_ok=True)
    machine.make_flash(build, scenario, VARIANTS["bare"], scenario.nwd, flash)
    end = machine.SPMC_IMAGE + (build / "spmc.bin").stat().st_size
    options = (
        f"out={out}",
        f"image={machine.SPMC_IMAGE:#x}:{end:#x}",
        f"nwd={machine.NWD_IMAGE:#x}",
    )
    outcome = machine.run(
        flash,
        scenario.timeout,
        icount=True,
        cpus=scenario.cpus,
        extra=("-plugin", ",".join((str(plugin), *options))),
        on_line=on_line,
    )
    machine.write_log(build / "logs" / "bench.log", outcome, build)
    if outcome.exit_code != 0:
        last = outcome.lines[-1][1] if outcome.lines else outcome.messages
        raise BenchError(
            f"no end after {scenario.timeout} s" if outcome.timed_out
            else f"exit code {outcome.exit_code}: {last}"
        )
    return parse(out.read_text())


def write(build, counts):
    rows = [
        {"name": name, "instructions": counts[name], "budget": budget}
        for name, budget in BUDGETS.items()
    ]
    (build / "bench.json").write_text(json.dumps(rows, indent=1) + "\n")


def baselines():
    return json.loads(BASELINE.read_text()) if BASELINE.exists() else {}


def judge(counts, baseline):
    """
    Returns a Result for each subject. Budgets hold for the compilers that have a baseline: of others
    the numbers are shown. More than WORSE is told, and fails nothing as long as the budget holds.
    """
    results = []
    for name, budget in BUDGETS.items():
        count = counts[name]
        text = f"bench/{name}: {count} instructions, budget {budget}"
        reason = None
        if baseline:
            was = baseline[name]
            text += f", baseline {was} ({(count / was - 1) * 100:+.1f} %)"
            if count > was * WORSE:
                text += " WORSE"
            if count > budget:
                reason = "over budget"
        results.append(Result(text, reason))
    return results


def run(build, scenario):
    """The benchmark as tests."""
    try:
        counts = measure(build, scenario)
    except (BenchError, machine.SetupError) as error:
        return [Result("bench", str(error), build / "logs" / "bench.log")]
    write(build, counts)
    return judge(counts, baselines().get(compiler(build)))
