# SPDX-License-Identifier: BSD-3-Clause
import subprocess
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).resolve().parents[2] / "scripts" / "check-no-fp"
ARCH = ".arch armv8.5-a+sve+sme+aes+memtag\n"
ALLOWED = """
	ldr x0, [x1]
	stp x0, x1, [sp, #-16]!
	prfm pldl1keep, [x0]
	casal x0, x1, [x2]
	crc32x w0, w1, x2
	pacia x0, x1
	stg x0, [x1]
	msr nzcv, x0
	msr zcr_el1, x0
	mrs x0, cntvct_el0
	dc zva, x0
	ldr x0, =0x1e2f0000fd000000
	brk #0
"""
REFUSED = """
	fmov d0, x0
	fadd s0, s1, s2
	add v0.4s, v1.4s, v2.4s
	aese v0.16b, v1.16b
	ldr q0, [x1]
	str b3, [x0]
	ldp d0, d1, [sp]
	ld1 {v0.16b}, [x0]
	mrs x0, fpcr
	msr fpsr, x1
	rdvl x0, #1
	cntb x0
	ptrue p0.b
	ldr z0, [x0]
	str p0, [x0]
	wrffr p0.b
	smstart
	smstop za
	mrs x0, svcr
	zero {za}
	ldr za[w12, 0], [x0]
"""


def check(text):
    """Assembles the text and returns the exit code and the messages of the check."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.o"
        subprocess.run(
            ["aarch64-linux-gnu-as", "-o", program, "-"], input=(ARCH + text).encode(), check=True
        )
        run = subprocess.run([CHECK, program], stderr=subprocess.PIPE, text=True)
        return run.returncode, run.stderr


class CheckNoFp(unittest.TestCase):
    def test_general_instructions_pass(self):
        self.assertEqual(check(ALLOWED), (0, ""))

    def test_every_other_kind_is_refused(self):
        for line in REFUSED.strip().splitlines():
            with self.subTest(line.strip()):
                code, messages = check("guilty:\n\tnop\n" + line + "\n")
                self.assertEqual(code, 1)
                self.assertIn("4 in guilty (.text)", messages)

    def test_simd_section_is_free(self):
        self.assertEqual(check("nop\n.section .text.simd, \"ax\"\n" + REFUSED), (0, ""))

    def test_a_program_without_code_is_refused(self):
        code, messages = check(".data\n.word 1\n")
        self.assertEqual(code, 1)
        self.assertIn("no instructions found", messages)
