# SPDX-License-Identifier: BSD-3-Clause
"""Runs test programs of this machine: cmocka's, models, and Python's for the tools."""

import os
import re
import subprocess
import time
import unittest

from .results import Result

TAP = re.compile(r"^(not ok|ok) \d+ - (\S+)")
TIMEOUT = 600
# ThreadSanitizer sees a race only if the threads meet; on a busy machine they may not, at first.
MUTANT_RUNS = 40
# Enough to see that a fuzzer still gets somewhere, the same each time; `make fuzz` looks for more.
FUZZ_RUNS = 3000
FUZZ_SEED = 1


def arguments(source, program):
    """What a program wants to be told: a fuzzer, how much, and where inputs are."""
    if source.parent.name != "fuzz":
        return []
    seeds = source.parent / "corpus" / source.stem
    return [
        f"-runs={FUZZ_RUNS}",
        f"-seed={FUZZ_SEED}",
        "-entropic=0",
        f"-artifact_prefix={program}.",
        # Not the folder, which would be written to: each run begins where the last one did.
        *(
            [f"-seed_inputs={','.join(map(str, sorted(seeds.iterdir())))}"]
            if seeds.is_dir()
            else []
        ),
    ]


def run_program(source, build):
    """Runs the program that was built of a source under tests/ and returns its Results."""
    name = f"{source.parent.name}/{source.stem}"
    program = build / "tests" / name
    log = build / "logs" / f"{source.stem}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    mutant = source.stem.startswith("mutant_")
    for _ in range(MUTANT_RUNS if mutant else 1):
        try:
            with open(log, "w", encoding="utf-8") as file:
                code = subprocess.run(
                    [program.resolve(), *arguments(source, program)],
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"},
                    timeout=TIMEOUT,
                ).returncode
        except FileNotFoundError:
            return [Result(name, f"{program} is missing: it was not built")]
        except subprocess.TimeoutExpired:
            return [Result(name, f"no end after {TIMEOUT} s", log=log)]
        text = log.read_text(encoding="utf-8", errors="replace")
        if mutant and code != 0 and "WARNING: ThreadSanitizer" in text:
            return [Result(name, None, log)]
    if mutant:
        return [Result(name, f"the race in it was not seen in {MUTANT_RUNS} runs", log)]
    results = []
    for line in text.splitlines():
        found = TAP.match(line)
        if found:
            verdict, test = found.groups()
            reason = None if verdict == "ok" else "see its log"
            results.append(Result(f"{name}/{test}", reason, log))
    failed = any(result.reason for result in results)
    if not results or (code != 0 and not failed):
        results.append(Result(name, f"exit code {code}" if code else None, log))
    results[-1].seconds = time.monotonic() - begin
    return results


def run_python(source):
    """Runs the unittest cases of a Python file and returns their Results."""
    results = []

    def cases(suite):
        for case in suite:
            if isinstance(case, unittest.TestSuite):
                yield from cases(case)
            else:
                yield case

    suite = unittest.TestLoader().discover(str(source.parent), source.name)
    for case in cases(suite):
        outcome = unittest.TestResult()
        case.run(outcome)
        errors = [text for _, text in outcome.errors + outcome.failures]
        method = case.id().split(".")[-1]
        results.append(
            Result(f"tools/{source.stem}/{method}", "\n" + errors[0] if errors else None)
        )
    return results or [Result(f"tools/{source.stem}", "has no tests")]
