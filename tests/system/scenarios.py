# SPDX-License-Identifier: BSD-3-Clause
"""The system tests. tests/harness/scenario.py says what a scenario may have."""

from dataclasses import replace

from harness.scenario import ALL, Scenario
from wrong import WRONG

# Partitions are loaded here one after the other, 1 MiB each.
FIRST = 0x0E300000
SIZE = 0x100000
END = 0x0F000000  # of secure memory


def packages(*names):
    """The packages of these names, each where the manifests of boards/qemu-virt say."""
    return tuple((name, FIRST + n * SIZE) for n, name in enumerate(names))


TESTERS = packages("tester", "tester-up", "tester-me", "tester-up-me", "rogue", "tester-queued")

DEMO = Scenario(
    "demo",
    "spmc",
    packages=packages("echo", "echo-up", "compute", "rogue", "measure", "scribe"),
    nwd="demo",
)
BENCH = Scenario("bench", "spmc-bench", packages=packages("bench-a", "bench-b"), nwd="bench")

# As many partitions as there can be. The copies have their own UUIDs, and just the memory that
# they need.
MANY = 64
COPY_SIZE = 0x28000
SAMPLE_BENCH_B = "0x00000006"  # samples.h
SAMPLE_BENCH_COPY = 0x100


def with_copies(name, nwd):
    """The benchmark's scenario, and copies of its second partition behind the two."""
    first = FIRST + len(BENCH.packages) * SIZE
    numbers = range(len(BENCH.packages) + 1, MANY + 1)
    places = {n: (f"bench-b@{n}", first + i * COPY_SIZE) for i, n in enumerate(numbers)}
    hypervisor = 'compatible = "hafnium,hafnium";'
    rest = first + len(places) * COPY_SIZE  # for the SPMC
    nodes = "".join(
        f'vm{n} {{ is_ffa_partition; debug_name = "copy{n}"; vcpu_count = <1>; '
        f"load_address = <0x0 {at:#x}>; mem_size = <0x0 {COPY_SIZE:#x}>; }};\n"
        for n, (_, at) in places.items()
    )
    return replace(
        BENCH,
        name=name,
        nwd=nwd,
        tfa=False,  # which carries 8
        packages=BENCH.packages + tuple(places.values()),
        manifest_edits=(
            (hypervisor, hypervisor + nodes),
            (
                "cpus {",
                f"working-memory {{ reg = <0x0 {rest:#x} 0x0 {END - rest:#x}>; }};\ncpus {{",
            ),
        ),
        package_edits={
            copy: ((f"0x8f5d3c20 {SAMPLE_BENCH_B}>", f"0x8f5d3c20 {SAMPLE_BENCH_COPY + n:#x}>"),)
            for n, (copy, _) in places.items()
        },
    )


BENCH_MANY = with_copies("bench-many", "bench messages")


def tests(groups, name=None, nwd_minor=2, **more):
    """
    A scenario with the testers that runs these groups of the normal world's tests, which speaks
    FF-A 1.nwd_minor.
    """
    return Scenario(
        name or groups,
        "spmc-test",
        packages=TESTERS,
        nwd=f"tests={groups} minor={nwd_minor}",
        **more,
    )


def speaking(version, methods):
    """Edits of a tester's manifest: its FF-A version, and the messaging-method it has in that."""
    return (
        ("ffa-version = <0x00010002>", f"ffa-version = <{version}>"),
        ("messaging-method = <0x607>", f"messaging-method = <{methods}>"),
    )


OLD_1_1 = speaking("0x00010001", "0x7")
OLD_1_0 = (*speaking("0x00010000", "0x3"), ("notification-support;", ""))

EL0 = Scenario(
    "el0",
    "spmc-el0",
    packages=packages(*(name for name, _ in TESTERS), "rogue-el0", "compute-el0"),
    nwd="tests=el0",
    icount=True,
    skip_idle=True,
    timeout=600,
)

# RX and TX of tester-up-me, as nwd/test_message.c expects them.
RX_TX = (
    (
        "device-regions {",
        """memory-regions {
            compatible = "arm,ffa-manifest-memory-regions";
            rx: rx { base-address = <0x0 0x0ee00000>; pages-count = <1>; attributes = <3>; };
            tx: tx { base-address = <0x0 0x0ee01000>; pages-count = <1>; attributes = <3>; };
        };
        rx_tx-info {
            compatible = "arm,ffa-manifest-rx_tx-buffer";
            rx-buffer = <&rx>;
            tx-buffer = <&tx>;
        };
        device-regions {""",
    ),
)


def ending(group, action, **more):
    """The tests of that group, with that abort-action of the rogue."""
    edit = ("gp-register-num", f"lifecycle-support; abort-action = <{action}>; gp-register-num")
    return tests(f"lifecycle_{group}", package_edits={"rogue": (edit,)}, **more)


# Interrupts hit where a test wants them when time is the number of instructions.
SCENARIOS = [
    DEMO,
    tests("setup"),
    tests("direct"),
    tests("direct2,info_regs", variants=ALL),
    tests("state", variants=ALL, icount=True),
    tests("sweep", variants=ALL, icount=True),
    tests("setup,direct,state", name="nwd-el1", monitor="nwd_el=1", tfa=False),
    tests("migrate", timeout=600),
    tests("hammer", timeout=600),
    tests("interrupt", icount=True),
    # Where time is not the number of instructions, the CPUs run at once.
    tests("storm.all", name="storm", tfa=False, timeout=600),
    tests("storm", name="storm-latency", icount=True, tfa=False, timeout=600),
    tests("timer", variants=ALL, icount=True),
    tests("notify", variants=ALL),
    *(tests("version", name=f"version-1.{minor}", nwd_minor=minor) for minor in (0, 1, 2)),
    tests("memory", timeout=300),
    tests("memory_errors", timeout=600),
    tests("memory_load", timeout=600),
    tests("message", package_edits={"tester-up-me": RX_TX}),
    tests(
        "message",
        name="message-1.1",
        nwd_minor=1,
        package_edits={
            "tester-up": OLD_1_1,
            "tester-up-me": RX_TX, "tester-queued": OLD_1_0,
        },
    ),
    tests("power"),
    with_copies("many", "tests=many,setup.partition_info,info_regs.pages"),
    tests(
        "memory,memory_errors",
        name="memory-1.1",
        nwd_minor=1,
        package_edits={"tester-up": OLD_1_1, "tester-up-me": OLD_1_0},
        timeout=600,
    ),
    tests(
        "memory,memory_errors",
        name="memory-1.0",
        nwd_minor=0,
        package_edits={"tester-up": OLD_1_0, "tester-me": OLD_1_1},
        timeout=600,
    ),
    # EL3 takes pages away.
    tests("memory_taken", monitor="rme", rme=True, tfa=False),
    tests(
        "memory_protected",
        monitor="rme",
        rme=True,
        tfa=False,
        manifest_edits=(("attribute {", "attribute { protect_ns_memory;"),),
    ),
    # Each of these ends a partition.
    *(tests(f"memory_ends.{who}", timeout=300) for who in ("borrower", "lender", "meanwhile")),
    tests("garbage"),
    tests("rogue"),
    EL0,
    # Each of these ends the partition.
    tests("rogue_ends.bad_vector", secure=(r"error: rogue: ends here",)),
    tests("rogue_ends.bad_stack"),
    tests("rogue_ends.nowhere", secure=(r"warning: rogue: .* may not execute .*0x7f000000",)),
    tests("rogue_ends.abort", secure=(r"error: rogue: ends here",)),
    tests("rogue_ends.called"),
    ending("stop", 0, secure=(r"error: rogue: ends here.*it stays stopped",)),
    ending("destroy", 1),
    ending("restart", 2, secure=(r"rogue: has ended 5 times",)),
    ending("propagate", 3, tfa=False, done=False, secure=(r"the SPMC ends the system",)),
    *WRONG,
]


# OP-TEE beside the tester.
OPTEE = (*packages("tester"), ("optee", FIRST + SIZE))
# Ours and OP-TEE's; that a program of OP-TEE's panicked is what some of its tests want.
PANICS = (r"\bpanic: ", r"TC:.* Panic ")

# What boards/qemu-virt/uboot.config lets it do: the tester has no such command, and nobody is
# 0x8005.
UBOOT = [
    Scenario(
        "uboot",
        "spmc-optee",
        packages=OPTEE,
        secure_not=PANICS,
        done=False,
        says=(
            r"device arm_ffa",
            r"Partition: id = 8001 , exec_ctxt 4 , properties",
            r"Partition: id = 8002 , exec_ctxt 4 , properties",
            r"^bad0$",
            r"Sending direct request error \(-22\)",
        ),
    ),
]


def linux(tests, name, options="", **more):
    """
    A scenario where Linux, with these options on its command line, runs these tests of tests/linux.
    """
    arguments = f"{options} tests={tests}".strip()
    return Scenario(
        name, "spmc-optee", packages=OPTEE, nwd=arguments, secure_not=PANICS, **more
    )


def linux_demo(case):
    """The demonstration of Linux, with a case of xtest, OP-TEE's own tests."""
    return linux(f"probe,listing,module.direct.100,xtest.{case}", "linux-demo", timeout=600)


# A kernel that is preempted everywhere, also in the middle of a call to us.
PREEMPT = "preempt=full"
LINUX = [
    # 1027 wants a module that Linux has to find itself.
    linux(
        "probe,listing,module.direct.500,module.direct2.500,module.busy.20000000,xtest.1027",
        "messages",
    ),
    linux("module.notify.100,key", "notifications", keys=((r"press a key", b"k"),)),
    linux("hotplug.5", "hotplug", PREEMPT),
    # OP-TEE does long work: Linux's interrupts wait for its end, tell it to leave, or stop it where
    # it is. The last is nothing for a kernel that is preempted everywhere (docs/clients.md).
    *(
        linux("xtest.1013", f"action-{n}", preemption, timeout=600, package_edits={
            "optee": (("ns-interrupts-action = <1>", f"ns-interrupts-action = <{n}>"),)
        })
        for n, preemption in ((0, PREEMPT), (1, PREEMPT), (2, ""))
    ),
    linux("module.share.1,module.share.250,module.share.4096,module.lend.500", "memory", PREEMPT),
]
# Linux's own hypervisor between Linux and us: it looks at each call that has to do with memory.
# It takes lists of up to 2,048 ranges.
PKVM = "kvm-arm.mode=protected"
LINUX += [
    linux(
        "pkvm,probe,listing,module.direct.100,module.share.1,module.share.2000,xtest.1004",
        "pkvm",
        PKVM,
        timeout=600,
    ),
]
# Xen's mediator takes FFA_INTERRUPT for an error: only who is not interrupted answers.
XEN = [
    linux(
        "probe,listing,module.direct.20,module.share.200,xtest.1004",
        "xen",
        package_edits={"tester": (("ns-interrupts-action = <2>", "ns-interrupts-action = <0>"),)},
        timeout=900,
    ),
]
XTEST = [linux("xtest.regression", "xtest", timeout=7200)]
