# SPDX-License-Identifier: BSD-3-Clause
"""What the world switch costs, in instructions of the SPMC, and whether that is within bounds."""

import collections
import json
import statistics
import subprocess
from pathlib import Path

from . import machine
from .results import Result
from .scenario import VARIANTS

BASELINE = Path(__file__).resolve().parents[2] / "bench" / "baseline.json"
REFERENCE = "gcc-12"  # Debian 12's
WORSE = 1.05  # than the baseline, and it is told

# In the order in which the normal world measures them (nwd/bench.c).
MESSAGES = ("null_call", "direct_nwd_sp", "direct_nwd_sp_sve", "direct2_nwd_sp", "direct_sp_sp",
            "secure_interrupt_waiting", "notification_set", "notification_get")
MEMORY_CALLS = ("share", "retrieve", "relinquish", "reclaim")
MEMORY = tuple(
    f"mem_{call}_{region}"
    for region in ("1", "512", "512_across", "200x1", "1_1000_open")
    for call in MEMORY_CALLS
)
SUBJECTS = MESSAGES + MEMORY
# What is measured again in a system with many partitions: name there, and here.
MANY = ("direct_nwd_sp_64_partitions", "direct_nwd_sp")
# What has to cost the same as something else, and by how much it may be more.
LIKE = {
    MANY[0]: MANY[1],
    **{f"mem_{call}_1_1000_open": f"mem_{call}_1" for call in MEMORY_CALLS},
}
LIKE_FACTOR = 1.02
BUDGETS = {
    "null_call": 150,
    "direct_nwd_sp": 1300,
    "direct_nwd_sp_sve": 1600,
    "direct2_nwd_sp": 1450,
    "direct_sp_sp": 1000,
    "secure_interrupt_waiting": 1800,
    "notification_set": 400,
    "notification_get": 400,
    **{f"mem_{call}_1": 2500 for call in MEMORY_CALLS},
    **{f"mem_{call}_512": 8000 for call in MEMORY_CALLS},
    **{f"mem_{call}_512_across": 8000 for call in MEMORY_CALLS},
    **{f"mem_{call}_200x1": 30_000 for call in MEMORY_CALLS},
    "boot": 600_000,
}


class BenchError(Exception):
    """The benchmark did not measure what it should."""


def compiler(build):
    """The compiler that the build was made with: its name and major version, as in baselines."""
    program = (build / "flags").read_text().split()[0]
    name = "clang" if program == "clang" else "gcc"
    version = subprocess.run([program, "-dumpversion"], stdout=subprocess.PIPE, text=True).stdout
    debug = "-debug" if "debug" in build.parts else ""
    return f"{name}-{version.strip().split('.')[0]}{debug}"


def parse(text, subjects):
    """
    Returns the counts of the subjects, from what the plugin wrote: each one's median.
    """
    samples = {}
    boot = None
    for line in text.splitlines():
        kind, *numbers = line.split()
        if kind == "boot":
            boot = int(numbers[0])
        elif kind == "sample":
            samples.setdefault(int(numbers[0]), []).append(int(numbers[1]))
    if boot is None:
        raise BenchError("the normal world was not reached")
    counts = {}
    for number, name in enumerate(subjects):
        if not samples.get(number):
            raise BenchError(f"{name} was not measured")
        counts[name] = int(statistics.median_low(samples[number]))
    counts["boot"] = boot
    return counts


def on_line(console, text):
    """Ends the run soon after a panic."""
    return 2 if console == machine.SECURE and "panic" in text else None


def functions(build, text):
    """Returns (instructions, function) for the counts by address in a profile, dearest first."""
    counts = {address: int(count) for address, count in map(str.split, text.splitlines())}
    names = machine.symbols(build, counts)
    totals = collections.Counter()
    for address, count in counts.items():
        totals[names[address].split(" at ")[0]] += count
    return totals.most_common()


def measure(build, scenario, subjects=SUBJECTS, profile=None):
    """Runs the benchmark; returns the counts by name, and the file with the profile."""
    flash = build / "flash" / f"{scenario.name}.bin"
    out = build / "logs" / f"{scenario.name}.counts"
    profile_out = build / "logs" / f"{scenario.name}.profile"
    plugin = build / "tests" / "plugin" / "count.so"
    machine.load(plugin)
    out.parent.mkdir(parents=True, exist_ok=True)
    machine.make_flash(build, scenario, VARIANTS["bare"], scenario.nwd, flash)
    end = machine.SPMC_IMAGE + (build / "spmc.bin").stat().st_size
    options = [
        f"out={out}",
        f"image={machine.SPMC_IMAGE:#x}:{end:#x}",
        f"nwd={machine.NWD_IMAGE:#x}",
    ]
    if profile:
        number = SUBJECTS.index(profile) if profile in SUBJECTS else -1
        options += [f"profile={number}", f"profile-out={profile_out}"]
    outcome = machine.run(
        flash,
        scenario.timeout,
        icount=True,
        cpus=scenario.cpus,
        extra=("-plugin", ",".join((str(plugin), *options))),
        on_line=on_line,
    )
    machine.write_log(build / "logs" / f"{scenario.name}.log", outcome, build)
    if outcome.exit_code != 0:
        last = outcome.lines[-1][1] if outcome.lines else outcome.messages
        raise BenchError(
            f"no end after {scenario.timeout} s" if outcome.timed_out
            else f"exit code {outcome.exit_code}: {last}"
        )
    return parse(out.read_text(), subjects), profile_out


def write(build, counts):
    rows = [
        {"name": name, "instructions": count, "budget": budget(name, counts)}
        for name, count in counts.items()
    ]
    (build / "bench.json").write_text(json.dumps(rows, indent=1) + "\n")


def baselines():
    return json.loads(BASELINE.read_text()) if BASELINE.exists() else {}


def budget(subject, counts):
    like = LIKE.get(subject)
    return int(counts[like] * LIKE_FACTOR) if like else BUDGETS[subject]


def judge(counts, name, baseline):
    """
    Returns a Result for each subject. The budgets hold for REFERENCE; of other compilers, and of
    what is WORSE than the baseline, the numbers tell, and nothing fails.
    """
    results = []
    for subject, count in counts.items():
        most = budget(subject, counts)
        text = f"bench/{subject}: {count} instructions, budget {most}"
        if subject in baseline:
            was = baseline[subject]
            text += f", baseline {was} ({(count / was - 1) * 100:+.1f} %)"
            if count > was * WORSE:
                text += " WORSE"
        over = count > most
        if over:
            text += " OVER BUDGET"
        counts_here = over and name == REFERENCE
        results.append(Result(text, f"the budget holds for {REFERENCE}" if counts_here else None))
    return results


def run(build, scenario, many):
    """The benchmark as tests: of a small system, and of one with many partitions."""
    found = []
    for each, subjects in ((scenario, SUBJECTS), (many, MESSAGES)):
        try:
            found.append(measure(build, each, subjects)[0])
        except (BenchError, machine.SetupError) as error:
            return [Result("bench", str(error), build / "logs" / f"{each.name}.log")]
    counts, counts_many = found
    name, like = MANY
    counts[name] = counts_many[like]
    write(build, counts)
    name = compiler(build)
    return judge(counts, name, baselines().get(name, {}))
