# SPDX-License-Identifier: BSD-3-Clause
#
# FIRMWARE=tfa: Debian's TF-A at EL3 in the place of our monitor.

TFA := build/tfa
# The last two open FP, SVE and SME to the secure world; without them the SPMC may not even save
# them. With branch protection TF-A 2.12 crashes when a CPU comes back on.
TFA_OPTIONS := PLAT=qemu QEMU_USE_GIC_DRIVER=QEMU_GICV3 SPD=spmd SPMD_SPM_AT_SEL2=1 \
	ARM_ARCH_MINOR=5 BRANCH_PROTECTION=0 CTX_INCLUDE_PAUTH_REGS=1 ENABLE_FEAT_MTE2=2 \
	ENABLE_TRF_FOR_NS=2 ENABLE_SVE_FOR_NS=2 ENABLE_SME_FOR_NS=2 \
	ENABLE_SVE_FOR_SWD=1 ENABLE_SME_FOR_SWD=1

ifeq ($(FIRMWARE),monitor)
FIRMWARE_GOAL :=
RUN_FIRMWARE :=
TEST_GOAL := tests
RUN_GOAL := build
else ifeq ($(FIRMWARE),tfa)
FIRMWARE_GOAL := tfa
RUN_FIRMWARE := --tfa $(TFA)
# Only system tests have to do with the firmware.
TEST_GOAL := build
RUN_GOAL := build
else
$(error FIRMWARE is '$(FIRMWARE)': monitor and tfa are allowed)
endif

.PHONY: tfa
tfa: deps
	$(Q)scripts/tfa $(TFA) $(TFA_OPTIONS)
