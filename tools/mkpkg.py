#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Builds the package of a secure partition (SPKG): its manifest and its image behind a header.

Memory holds the package as the file has it; the image runs where it lies in it, so the manifest's
entrypoint-offset is counted from the start of the package.
"""

import argparse
import struct
import sys

PAGE = 0x1000
# Magic, version, offset and size of the manifest, offset and size of the image.
HEADER = struct.Struct("<4sIIIII")
MAGIC = b"SPKG"
DTB_MAGIC = b"\xd0\x0d\xfe\xed"
# Version 2 has room before the manifest, which becomes the boot information; version 1 has none.
MANIFEST_OFFSET = {1: HEADER.size, 2: 0x1000}
IMAGE_OFFSET = 0x4000
SIZE_MAX = 1 << 32


class PackageError(Exception):
    """What is wrong, where, and what is allowed."""


def align_up(value):
    return -(-value // PAGE) * PAGE


def build(manifest, image, version=2, manifest_offset=None, image_offset=IMAGE_OFFSET):
    """Returns the package of a manifest (a device tree blob) and an image, both bytes."""
    if version not in MANIFEST_OFFSET:
        raise PackageError(f"version {version}: 1 and 2 are allowed")
    if manifest_offset is None:
        manifest_offset = MANIFEST_OFFSET[version]
    if manifest[:4] != DTB_MAGIC:
        raise PackageError(
            f"manifest: begins with {manifest[:4].hex() or 'nothing'}, "
            f"a device tree blob begins with {DTB_MAGIC.hex()}"
        )
    if not image:
        raise PackageError("image: is empty")
    if version == 1 and manifest_offset != HEADER.size:
        raise PackageError(
            f"manifest offset {manifest_offset:#x}: version 1 allows {HEADER.size:#x} only"
        )
    if version == 2 and (manifest_offset % PAGE or manifest_offset < PAGE):
        raise PackageError(
            f"manifest offset {manifest_offset:#x}: multiples of {PAGE:#x} are allowed"
        )
    least = align_up(manifest_offset + len(manifest))
    if image_offset % PAGE or image_offset < least:
        raise PackageError(
            f"image offset {image_offset:#x}: multiples of {PAGE:#x} from {least:#x} are allowed, "
            f"because the manifest has {len(manifest):#x} bytes at {manifest_offset:#x}"
        )
    if image_offset + len(image) > SIZE_MAX:
        raise PackageError(
            f"image: {len(image):#x} bytes at {image_offset:#x}, "
            f"a package has at most {SIZE_MAX:#x}"
        )
    header = HEADER.pack(
        MAGIC, version, manifest_offset, len(manifest), image_offset, len(image)
    )
    package = bytearray(image_offset + len(image))
    package[: len(header)] = header
    package[manifest_offset : manifest_offset + len(manifest)] = manifest
    package[image_offset:] = image
    return bytes(package)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def number(text):
    return int(text, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--manifest", required=True, help="the partition's manifest (.dtb)")
    parser.add_argument("--image", required=True, help="the partition's raw binary")
    parser.add_argument("--output", required=True, help="the package")
    parser.add_argument("--version", type=number, default=2, help="format: 1 or 2 (default)")
    parser.add_argument("--manifest-offset", type=number, help="default: 0x1000 (version 1: 0x18)")
    parser.add_argument("--image-offset", type=number, default=IMAGE_OFFSET, help="default: 0x4000")
    arguments = parser.parse_args()
    try:
        package = build(
            read(arguments.manifest),
            read(arguments.image),
            arguments.version,
            arguments.manifest_offset,
            arguments.image_offset,
        )
        with open(arguments.output, "wb") as file:
            file.write(package)
    except PackageError as error:
        sys.exit(f"mkpkg: {arguments.manifest}, {arguments.image}: {error}")
    except OSError as error:
        sys.exit(f"mkpkg: {error.filename}: {error.strerror}")


if __name__ == "__main__":
    main()
