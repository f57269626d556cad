# SPDX-License-Identifier: BSD-3-Clause
#
# CLIENT=linux: Linux in the normal world instead of our own program, OP-TEE beside a partition of
# ours, TF-A at EL3. All of it from Debian, unmodified, kept outside the checkout.

ifeq ($(CLIENT),linux)
CLIENT_OUT := build/linux
FIRMWARE_GOAL := client
RUN_FIRMWARE := --linux $(CLIENT_OUT) --case $(XTEST)
TEST_GOAL := build client-files
RUN_GOAL := build client-files
DEPS := client

# TF-A enters Linux where QEMU has put it, and tells it where its device tree is.
LINUX_TFA_OPTIONS := $(TFA_OPTIONS) PRELOADED_BL33_BASE=0x40200000 ARM_LINUX_KERNEL_AS_BL33=1
# Its memory begins behind the header of its package: boards/qemu-virt/optee.dts.
OPTEE_OPTIONS := PLATFORM=vexpress-qemu_armv8a CFG_CORE_SEL2_SPMC=y CFG_ARM64_core=y \
	CFG_ARM_GICV3=y CFG_TZDRAM_START=0x0e404000 CFG_TZDRAM_SIZE=0x00bfc000 \
	CFG_USER_TA_TARGETS=ta_arm64

.PHONY: client client-files
client: deps
	$(Q)scripts/tfa $(CLIENT_OUT)/tfa $(LINUX_TFA_OPTIONS)
	$(Q)scripts/optee $(CLIENT_OUT)/optee $(OPTEE_OPTIONS)
	$(Q)scripts/linux $(CLIENT_OUT)/kernel $(LINUX) boards/qemu-virt/linux.config
	$(Q)[ -d $(CLIENT_OUT)/root ] || scripts/deps rootfs $(CLIENT_OUT)/root

client-files: $(OUT)/partitions/optee.pkg $(CLIENT_OUT)/bulkhead.ko

OPTEE_IMAGE := $(CLIENT_OUT)/optee/tee-raw.bin
$(OUT)/partitions/optee.pkg: $(OUT)/manifests/optee.dtb $(OPTEE_IMAGE) tools/mkpkg.py
	$(call say,PKG,$@)
	$(mkdir)
	$(Q)tools/mkpkg.py --manifest $< --image $(OPTEE_IMAGE) --output $@

# Linux's makefile writes beside the sources.
MODULE := $(wildcard tests/linux/module/*.c tests/linux/module/*.h) tests/linux/module/Kbuild
$(CLIENT_OUT)/bulkhead.ko: $(MODULE) $(wildcard include/bulkhead/*.h) $(CLIENT_OUT)/kernel/Image
	$(call say,MODULE,$@)
	$(Q)rm -rf $(CLIENT_OUT)/module && mkdir -p $(CLIENT_OUT)/module
	$(Q)cp $(MODULE) $(CLIENT_OUT)/module
	$(Q)$(MAKE) -s -C $(CLIENT_OUT)/kernel/tree M=$(abspath $(CLIENT_OUT)/module) ARCH=arm64 \
		CROSS_COMPILE=aarch64-linux-gnu- BULKHEAD=$(CURDIR) modules
	$(Q)cp $(CLIENT_OUT)/module/bulkhead.ko $@
else ifneq ($(CLIENT),ours)
$(error CLIENT is '$(CLIENT)': ours and linux are allowed)
endif
