# SPDX-License-Identifier: BSD-3-Clause
"""docs/manifest.md has every property that boot reads, and says right which ones are needed."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r'^(\w+)_PROP\("([^"]+)",\s*\w+,\s*[^,]+,\s*(REQUIRED|OPTIONAL)', re.M)
SECTIONS = {
    "ROOT": "The SPMC manifest/`/`",
    "ATTRIBUTE": "The SPMC manifest/`/attribute`",
    "VM": "The SPMC manifest/`/hypervisor/vmN`",
    "CPU": "The SPMC manifest/`/cpus/...`",
    "GIC": "The SPMC manifest/`/interrupt-controller`",
    "SP": "The SP manifest/`/`",
    "SERVICE": "The SP manifest/`/services/...` (manifest 1.1)",
    "BOOT_INFO": "The SP manifest/`/boot-info`",
    "RX_TX": "The SP manifest/`/rx_tx-info`",
    "MEMORY": "The SP manifest/`/memory-regions/...`",
    "DEVICE": "The SP manifest/`/device-regions/...`",
}


def documented():
    """{section: {property: second column}}"""
    sections, chapter, rows = {}, "", {}
    for line in (ROOT / "docs/manifest.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            chapter = line[3:]
        elif line.startswith("### "):
            rows = sections.setdefault(f"{chapter}/{line[4:]}", {})
        elif line.startswith("| `"):
            cells = [cell.strip() for cell in line.split("|")]
            for name in re.findall(r"`([^`]+)`", cells[1]):
                rows[name] = cells[2]
    return sections


class ManifestDocTest(unittest.TestCase):
    def test_every_property_is_there(self):
        sections = documented()
        count = 0
        for table in ("spmc_manifest.def", "sp_manifest.def"):
            text = (ROOT / "src/boot" / table).read_text(encoding="utf-8")
            for node, name, need in ROW.findall(text):
                if node not in SECTIONS:  # nodes of memory, console, working memory share a table
                    self.assertEqual(node, "REG")
                    continue
                count += 1
                rows = sections[SECTIONS[node]]
                self.assertIn(name, rows, SECTIONS[node])
                if need == "REQUIRED":
                    self.assertEqual(rows[name], "needed", f"{SECTIONS[node]}: {name}")
        self.assertGreater(count, 50)


if __name__ == "__main__":
    unittest.main()
