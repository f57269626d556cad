# SPDX-License-Identifier: BSD-3-Clause
#
# CLIENT=linux, uboot or xen: programs of others in the normal world, OP-TEE beside a partition of
# ours, TF-A at EL3. All of it from Debian, unmodified, kept outside the checkout.

CLIENTS := build/clients
# TF-A enters Linux where QEMU has put it, and tells it where its device tree is.
PRELOADED_OPTIONS := PRELOADED_BL33_BASE=0x40200000 ARM_LINUX_KERNEL_AS_BL33=1
# Its memory begins behind the header of its package: boards/qemu-virt/optee.dts.
OPTEE_OPTIONS := PLATFORM=vexpress-qemu_armv8a CFG_CORE_SEL2_SPMC=y CFG_ARM64_core=y \
	CFG_ARM_GICV3=y CFG_TZDRAM_START=0x0e404000 CFG_TZDRAM_SIZE=0x00bfc000 \
	CFG_USER_TA_TARGETS=ta_arm64

ifneq ($(CLIENT),ours)
FIRMWARE_GOAL := client-$(CLIENT)
RUN_GOAL := build files-$(CLIENT)
TEST_GOAL := $(RUN_GOAL)
DEPS := client
endif

ifeq ($(CLIENT),linux)
RUN_FIRMWARE := --linux $(CLIENTS) --case $(XTEST)
else ifeq ($(CLIENT),uboot)
RUN_FIRMWARE := --uboot $(CLIENTS)
else ifeq ($(CLIENT),xen)
RUN_FIRMWARE := --xen $(CLIENTS)
else ifneq ($(CLIENT),ours)
$(error CLIENT is '$(CLIENT)': ours, linux, uboot and xen are allowed)
endif

.PHONY: client-linux client-uboot client-xen client-optee files-linux files-uboot files-xen
client-linux: client-optee
	$(Q)scripts/tfa $(CLIENTS)/tfa-preloaded $(TFA_OPTIONS) $(PRELOADED_OPTIONS)
	$(Q)scripts/linux $(CLIENTS)/linux $(LINUX) boards/qemu-virt/linux.config
	$(Q)scripts/rootfs $(CLIENTS)/rootfs

client-uboot: client-optee
	$(Q)scripts/tfa $(CLIENTS)/tfa $(TFA_OPTIONS)
	$(Q)scripts/uboot $(CLIENTS)/uboot boards/qemu-virt/uboot.config

client-xen: client-linux
	$(Q)scripts/xen $(CLIENTS)/xen boards/qemu-virt/xen.config

client-optee: deps
	$(Q)scripts/optee $(CLIENTS)/optee $(OPTEE_OPTIONS)

files-xen: files-linux
files-uboot: $(OUT)/partitions/optee.pkg
files-linux: $(OUT)/partitions/optee.pkg $(CLIENTS)/bulkhead.ko

OPTEE_IMAGE := $(CLIENTS)/optee/tee-raw.bin
$(OUT)/partitions/optee.pkg: $(OUT)/manifests/optee.dtb $(CLIENTS)/optee.is tools/mkpkg.py
	$(call say,PKG,$@)
	$(mkdir)
	$(Q)cp $(<:.dtb=.dts) $(@:.pkg=.dts)
	$(Q)tools/mkpkg.py --manifest $< --image $(OPTEE_IMAGE) --output $@

# Linux's makefile writes beside the sources.
MODULE := $(wildcard tests/linux/module/*.c tests/linux/module/*.h) tests/linux/module/Kbuild
$(CLIENTS)/bulkhead.ko: $(MODULE) $(wildcard include/bulkhead/*.h) $(CLIENTS)/linux.is
	$(call say,MODULE,$@)
	$(Q)rm -rf $(CLIENTS)/module && mkdir -p $(CLIENTS)/module
	$(Q)cp $(MODULE) $(CLIENTS)/module
	$(Q)$(MAKE) -s -C $(CLIENTS)/linux/tree M=$(abspath $(CLIENTS)/module) ARCH=arm64 \
		CROSS_COMPILE=aarch64-linux-gnu- BULKHEAD=$(CURDIR) modules
	$(Q)cp $(CLIENTS)/module/bulkhead.ko $@
