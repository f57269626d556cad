# SPDX-License-Identifier: BSD-3-Clause
"""Runs a scenario and judges it."""

import re

from . import machine
from .results import Result

REPORT = re.compile(r"^(PASS|FAIL) ([^\s:]+)(?:: *(.*))?$")
# Seconds for what is still said after a panic.
LAST_WORDS = 2
DONE = re.compile(r"^DONE (\d+) (\d+)$")


def listed_tests(arguments):
    """The tests, and groups of tests, that the arguments of the normal world ask for."""
    found = re.search(r"(?:^|\s)tests=(\S+)", arguments)
    return found.group(1).split(",") if found else []


class Judge:
    """Follows the lines of a run; what it finds wrong beside failed tests is in problems."""

    def __init__(self, scenario, firmware):
        self.scenario = scenario
        self.firmware = firmware
        self.missing = [(machine.SECURE, re.compile(e)) for e in scenario.secure]
        self.missing += [(machine.NWD, re.compile(e)) for e in scenario.says]
        self.forbidden = [re.compile(e) for e in scenario.secure_not]
        self.results = []  # (test, reason or None)
        self.running = None
        self.done = None
        self.rest = None
        self.problems = []

    def line(self, console, text):
        """Returns for how many seconds more the run has to go on, or None."""
        if self.done and self.firmware.goodbye and self.firmware.goodbye.search(text):
            return self.rest
        self.missing = [(c, e) for c, e in self.missing if c != console or not e.search(text)]
        if console == machine.SECURE:
            if any(e.search(text) for e in self.forbidden):
                self.problems.append(f"secure log: {text}")
                self.rest = LAST_WORDS
        elif text.startswith("RUN "):
            self.running = text[4:]
        elif REPORT.match(text):
            verdict, test, reason = REPORT.match(text).groups()
            self.results.append((test, None if verdict == "PASS" else reason or "no reason given"))
            self.running = None
        elif DONE.match(text):
            self.done = tuple(int(n) for n in DONE.match(text).groups())
        if not self.scenario.done and not self.missing:
            self.rest = 0
        return self.rest

    def finish(self, outcome):
        if outcome.timed_out:
            where = f" in {self.running}" if self.running else ""
            self.problems.append(f"no end after {self.scenario.timeout} s{where}")
        if self.rest == LAST_WORDS:
            return
        self.problems += [f"{c} log has no line with {e.pattern!r}" for c, e in self.missing]
        if not self.scenario.done:
            return
        failed = sum(reason is not None for _, reason in self.results)
        counts = (len(self.results) - failed, failed)
        if self.done is None:
            where = f" (it was in {self.running})" if self.running else ""
            self.problems.append(f"the normal world ended without DONE{where}")
        elif self.done != counts:
            self.problems.append(f"DONE {self.done} after {counts} reports (passed, failed)")
        elif outcome.exit_code not in (None, int(self.firmware.ends_with_status and failed != 0)):
            self.problems.append(f"exit code {outcome.exit_code} after {failed} failed tests")
        seen = {part for test, _ in self.results for part in (test, test.split(".")[0])}
        self.problems += [
            f"{test} was not run" for test in listed_tests(self.scenario.nwd) if test not in seen
        ]


def run(scenario, firmware, variant, build, seed, on_line=None):
    """Runs a scenario with a variant of the firmware and returns its Results."""
    name = f"system/{scenario.name}/{variant}"
    stem = f"{scenario.name}-{variant}"
    flash = build / "flash" / f"{stem}.bin"
    log = build / "logs" / f"{stem}.log"
    judge = Judge(scenario, firmware)

    def line(console, text):
        if on_line:
            on_line(console, text)
        return judge.line(console, text)

    try:
        arguments = " ".join(filter(None, (scenario.nwd, f"seed={seed}")))
        extra = firmware.prepare(scenario, variant, build, seed, arguments, flash)
        outcome = machine.run(
            flash,
            scenario.timeout,
            scenario.icount,
            scenario.cpus,
            extra,
            line,
            scenario.keys,
            scenario.skip_idle,
            scenario.rme,
        )
    except machine.SetupError as error:
        return [Result(name, str(error))]
    except FileNotFoundError as error:
        return [Result(name, f"{error.filename} is not installed: run scripts/deps")]
    judge.finish(outcome)
    machine.write_log(log, outcome, build)
    reports = judge.results if scenario.done else []
    results = [Result(f"{name}/{test}", reason, log=log) for test, reason in reports]
    if judge.problems or not results:
        reason = "; ".join(dict.fromkeys(judge.problems)) or None
        if scenario.done and not reason:
            reason = "no test was run"
        results.append(Result(name, reason, log=log))
    results[-1].seconds = outcome.seconds
    return results
