#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Builds the flash file that QEMU's virt machine starts from: the monitor and all that it loads.

The monitor lies at 0. A table at BUNDLE says what it copies where in memory before it starts the
SPMC: images, packages, manifests and arguments.
"""

import argparse
import struct
import sys

BUNDLE = 0x40000
PAGE = 0x1000
MAGIC = 0x31444E4244484C42  # "BLHDBND1"
HEADER = struct.Struct("<QQ")  # magic, count
ENTRY = struct.Struct("<QQQQ")  # offset in the flash, size, destination, 0
FLASH_SIZE = 64 << 20


class FlashError(Exception):
    """What is wrong, where, and what is allowed."""


def build(monitor, blobs):
    """Returns the flash of the monitor (bytes) and of blobs: (name, bytes, destination) each."""
    if not monitor or len(monitor) > BUNDLE:
        raise FlashError(f"monitor: {len(monitor):#x} bytes, 1 to {BUNDLE:#x} are allowed")
    placed = sorted(blobs, key=lambda blob: blob[2])
    for (name, data, dest), (next_name, _, next_dest) in zip(placed, placed[1:]):
        if dest + len(data) > next_dest:
            raise FlashError(
                f"{name} at {dest:#x}: its {len(data):#x} bytes reach into "
                f"{next_name} at {next_dest:#x}"
            )
    flash = bytearray(monitor)
    flash.extend(bytes(BUNDLE - len(flash)))
    offset = BUNDLE + HEADER.size + len(blobs) * ENTRY.size
    table = HEADER.pack(MAGIC, len(blobs))
    bodies = bytearray()
    first = -(-offset // PAGE) * PAGE
    for name, data, dest in blobs:
        if not data:
            raise FlashError(f"{name}: is empty")
        table += ENTRY.pack(first + len(bodies), len(data), dest, 0)
        bodies += data + bytes(-len(data) % PAGE)
    flash += table
    flash += bytes(first - len(flash))
    flash += bodies
    if len(flash) > FLASH_SIZE:
        raise FlashError(f"{len(flash):#x} bytes in all, the flash has {FLASH_SIZE:#x}")
    return bytes(flash)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--monitor", required=True, help="el3.bin")
    parser.add_argument("--output", required=True, help="the flash file")
    parser.add_argument("blob", nargs="*", metavar="FILE@ADDRESS", help="what goes to memory where")
    arguments = parser.parse_args()
    try:
        with open(arguments.monitor, "rb") as file:
            monitor = file.read()
        blobs = []
        for text in arguments.blob:
            path, separator, address = text.rpartition("@")
            if not separator:
                sys.exit(f"mkflash: {text}: FILE@ADDRESS is allowed")
            with open(path, "rb") as file:
                blobs.append((path, file.read(), int(address, 0)))
        flash = build(monitor, blobs)
        with open(arguments.output, "wb") as file:
            file.write(flash)
    except (FlashError, ValueError) as error:
        sys.exit(f"mkflash: {error}")
    except OSError as error:
        sys.exit(f"mkflash: {error.filename}: {error.strerror}")


if __name__ == "__main__":
    main()
