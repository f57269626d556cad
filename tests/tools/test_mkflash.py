# SPDX-License-Identifier: BSD-3-Clause
import struct
import unittest

from harness.machine import mkflash

MONITOR = b"monitor!" * 8


class Mkflash(unittest.TestCase):
    def test_table_leads_to_each_blob(self):
        blobs = [("a", b"A" * 5000, 0x0E300000), ("b", b"B", 0x60000000), ("c", b"C" * 4096, 0)]
        flash = mkflash.build(MONITOR, blobs)
        self.assertEqual(flash[: len(MONITOR)], MONITOR)
        magic, count = struct.unpack_from("<8sQ", flash, 0x40000)
        self.assertEqual((magic, count), (b"BLHDBND1", 3))
        for n, (_, data, dest) in enumerate(blobs):
            offset, size, where, zero = struct.unpack_from("<4Q", flash, 0x40010 + n * 32)
            self.assertEqual((offset % 4096, size, where, zero), (0, len(data), dest, 0))
            self.assertEqual(flash[offset : offset + size], data)

    def test_errors_name_the_blob(self):
        for message, monitor, blobs in (
            ("monitor: 0x0 bytes", b"", []),
            ("monitor: 0x40001 bytes", bytes(0x40001), []),
            ("x: is empty", MONITOR, [("x", b"", 0)]),
            ("x at 0x1000: its 0x1001 bytes reach into y", MONITOR,
             [("y", b"1", 0x2000), ("x", bytes(0x1001), 0x1000)]),
            ("the flash has 0x4000000", MONITOR, [("x", bytes(64 << 20), 0)]),
        ):
            with self.subTest(message):
                with self.assertRaises(mkflash.FlashError) as caught:
                    mkflash.build(monitor, blobs)
                self.assertIn(message, str(caught.exception))
