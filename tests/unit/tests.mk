# SPDX-License-Identifier: BSD-3-Clause
#
# Sources beside a test's own.

BOOT_FIXTURE := tests/unit/boot_fixture.c tests/unit/dtb.c
test_manifest_SOURCES := $(BOOT_FIXTURE)
test_sp_manifest_SOURCES := $(BOOT_FIXTURE)
test_package_SOURCES := $(BOOT_FIXTURE)
test_load_SOURCES := $(BOOT_FIXTURE)
