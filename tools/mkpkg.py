#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Builds the package of a secure partition: its manifest and its image behind a header.

The header is an SPKG's (version 1 or 2), or a transfer list's, which may bring a HOB list along.

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

# A transfer list: signature, checksum, version, size of this header, log2 of the alignment, used
# and whole size, flags, reserved. An entry: tag in 24 bits, size of this header, size of the data.
LIST_HEADER = struct.Struct("<IBBBBIIII")
LIST_SIGNATURE = 0x4A0FB10B
LIST_HAS_CHECKSUM = 1
LIST_ALIGN_LOG2 = 12
ENTRY_HEADER = struct.Struct("<II")
ENTRY_ALIGN = 8
TAG_EMPTY = 0
TAG_HOB_LIST = 3
TAG_SP_BINARY = 0x103
TAG_SP_MANIFEST = 0x106


class PackageError(Exception):
    """What is wrong, where, and what is allowed."""


def align_up(value):
    return -(-value // PAGE) * PAGE


def check_parts(manifest, image):
    if manifest[:4] != DTB_MAGIC:
        raise PackageError(
            f"manifest: begins with {manifest[:4].hex() or 'nothing'}, "
            f"a device tree blob begins with {DTB_MAGIC.hex()}"
        )
    if not image:
        raise PackageError("image: is empty")


def check_size(image, image_offset):
    if image_offset + len(image) > SIZE_MAX:
        raise PackageError(
            f"image: {len(image):#x} bytes at {image_offset:#x}, "
            f"a package has at most {SIZE_MAX:#x}"
        )


def entry_header(tag, size):
    return ENTRY_HEADER.pack(ENTRY_HEADER.size << 24 | tag, size)


def build_list(manifest, image, hob_list=b"", image_offset=IMAGE_OFFSET):
    """Returns the same as a transfer list: each part begins at a page, the image comes last."""
    check_parts(manifest, image)
    parts = [(TAG_SP_MANIFEST, manifest, PAGE)]
    if hob_list:
        parts.append((TAG_HOB_LIST, hob_list, align_up(PAGE + len(manifest) + ENTRY_HEADER.size)))
    _, last, start = parts[-1]
    least = align_up(start + len(last) + ENTRY_ALIGN - 1 + ENTRY_HEADER.size)
    if image_offset % PAGE or image_offset < least:
        raise PackageError(
            f"image offset {image_offset:#x}: multiples of {PAGE:#x} from {least:#x} are allowed"
        )
    check_size(image, image_offset)
    parts.append((TAG_SP_BINARY, image, image_offset))
    package = bytearray(LIST_HEADER.size)
    for tag, data, offset in parts:
        package += bytes(-len(package) % ENTRY_ALIGN)
        gap = offset - ENTRY_HEADER.size - len(package)
        if gap:
            # An empty entry moves the next one to where its data begin at a page.
            package += entry_header(TAG_EMPTY, gap - ENTRY_HEADER.size)
            package += bytes(gap - ENTRY_HEADER.size)
        package += entry_header(tag, len(data)) + data
    size = len(package)
    header = LIST_HEADER.pack(
        LIST_SIGNATURE, 0, 1, LIST_HEADER.size, LIST_ALIGN_LOG2, size, size, LIST_HAS_CHECKSUM, 0
    )
    package[: len(header)] = header
    package[4] = -sum(package) % 256
    return bytes(package)


def build(manifest, image, version=2, manifest_offset=None, image_offset=IMAGE_OFFSET):
    """Returns the package of a manifest (a device tree blob) and an image, both bytes."""
    if version not in MANIFEST_OFFSET:
        raise PackageError(f"version {version}: 1 and 2 are allowed")
    if manifest_offset is None:
        manifest_offset = MANIFEST_OFFSET[version]
    check_parts(manifest, image)
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
    check_size(image, image_offset)
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
    parser.add_argument("--format", choices=("spkg", "tl"), default="spkg",
                        help="tl: transfer list")
    parser.add_argument("--version", type=number, help="of an SPKG: 1 or 2 (default)")
    parser.add_argument("--hob-list", help="file to bring along (tl only)")
    parser.add_argument("--manifest-offset", type=number, help="default: 0x1000 (version 1: 0x18)")
    parser.add_argument("--image-offset", type=number, default=IMAGE_OFFSET, help="default: 0x4000")
    arguments = parser.parse_args()
    is_list = arguments.format == "tl"
    if is_list and (arguments.version is not None or arguments.manifest_offset is not None):
        parser.error("--version and --manifest-offset are for --format spkg")
    if not is_list and arguments.hob_list:
        parser.error("--hob-list needs --format tl")
    try:
        manifest, image = read(arguments.manifest), read(arguments.image)
        if is_list:
            hob_list = read(arguments.hob_list) if arguments.hob_list else b""
            if arguments.hob_list and not hob_list:
                raise PackageError(f"HOB list {arguments.hob_list}: is empty")
            package = build_list(manifest, image, hob_list, arguments.image_offset)
        else:
            version = 2 if arguments.version is None else arguments.version
            package = build(
                manifest, image, version, arguments.manifest_offset, arguments.image_offset
            )
        with open(arguments.output, "wb") as file:
            file.write(package)
    except PackageError as error:
        sys.exit(f"mkpkg: {arguments.manifest}, {arguments.image}: {error}")
    except OSError as error:
        sys.exit(f"mkpkg: {error.filename}: {error.strerror}")


if __name__ == "__main__":
    main()
