# SPDX-License-Identifier: BSD-3-Clause
#
# What runs on AArch64: the SPMC, the monitor, the normal world, the SP library, the partitions.

LIBFDT := build/libfdt
LIBFDT_HEADER := $(LIBFDT)/libfdt.h
LIBFDT_SOURCES := $(addprefix $(LIBFDT)/,fdt.c fdt_ro.c fdt_addresses.c fdt_check.c fdt_strerror.c)
LIBFDT_WRITERS := $(addprefix $(LIBFDT)/,fdt_rw.c fdt_sw.c fdt_wip.c fdt_empty_tree.c)

$(LIBFDT_SOURCES) $(LIBFDT_WRITERS) $(LIBFDT_HEADER) &:
	$(call say,UNPACK,libfdt)
	$(Q)scripts/deps libfdt $(LIBFDT)

# A few functions that compilers call by themselves; every program has them.
STRING := src/lib/string.c
LIBC := -Isrc/lib/libc

sources = $(filter-out %.ld.S,$(wildcard $(foreach d,$(1),$(d)/*.c $(d)/*.S)))
# Flags for one source: string.c must not be made of calls of itself, libfdt is not ours to mend.
per_source = $(if $(filter $(STRING),$<),$(NO_LIBCALL)) \
	$(if $(filter $(LIBFDT)/%,$<),-w)
NO_FP := -mgeneral-regs-only

SPMC_FLAGS = $(CPPFLAGS) $(LIBC) -Isrc -Isrc/arch/aarch64 -Isrc/arch/aarch64/include -isystem $(LIBFDT) $(CFLAGS) \
	-fno-pic -fno-pie -march=armv8.4-a -mbranch-protection=standard -mstrict-align $(per_source)
EL3_FLAGS = $(CPPFLAGS) $(LIBC) -Iel3 $(CFLAGS) -fno-pic -fno-pie -march=armv8.5-a \
	-mstrict-align $(per_source)
NWD_FLAGS = $(CPPFLAGS) $(LIBC) -Inwd $(CFLAGS) -fno-pic -fno-pie -march=armv8.5-a \
	-mstrict-align $(per_source)
# How partitions are compiled and linked is the library's to say: SP_CFLAGS and SP_LDFLAGS.
-include libsp/sp.mk
SP_FLAGS = $(CPPFLAGS) $(LIBC) -Ilibsp -Ilibsp/include $(CFLAGS) -march=armv8.5-a -mstrict-align \
	$(SP_CFLAGS) $(per_source)
SPMC_FLAGS_C := $(NO_FP)
EL3_FLAGS_C := $(NO_FP)
NWD_FLAGS_C := $(NO_FP)
SP_FLAGS_C := $(NO_FP)

SPMC_SOURCES := $(call sources,src src/lib src/core src/ffa src/boot src/arch/aarch64)
spmc_CHECK := scripts/check-no-fp --objdump $(OBJDUMP)
$(eval $(call program,spmc,$(SPMC_SOURCES) $(LIBFDT_SOURCES),src/arch/aarch64/spmc.ld.S,SPMC_FLAGS))
$(eval $(call program,el3,$(call sources,el3) $(STRING),el3/el3.ld.S,EL3_FLAGS))
$(eval $(call program,nwd,$(call sources,nwd) $(STRING),nwd/nwd.ld.S,NWD_FLAGS))
$(eval $(call archive,$(OUT)/libsp.a,$(OUT)/obj/libsp,$(call sources,libsp) $(STRING),$(CC),SP_FLAGS))

# A folder is a partition, each manifest in it a package: manifest.dts gives NAME.pkg,
# manifest-VARIANT.dts gives NAME-VARIANT.pkg of the same image. build.mk may say more
# (FP_SOURCES, PKGFLAGS_NAME).
PARTITIONS := $(patsubst partitions/%/,%,$(sort $(dir $(wildcard partitions/*/manifest*.dts))))
-include $(wildcard partitions/*/build.mk)

# $(call package,PARTITION,MANIFEST,PACKAGE)
define package
PACKAGES += $(OUT)/partitions/$(3).pkg
DEPFILES += $(OUT)/partitions/$(3).dtb.d
$(OUT)/partitions/$(3).dtb: $(2)
	$$(device_tree)
$(OUT)/partitions/$(3).pkg: $(OUT)/partitions/$(3).dtb $(OUT)/partitions/$(1).bin tools/mkpkg.py
	$$(call say,PKG,$$@)
	$$(Q)tools/mkpkg.py $$(PKGFLAGS_$(3)) --manifest $$< --image $(OUT)/partitions/$(1).bin --output $$@
endef

define partition
$(call program,partitions/$(1),$(call sources,partitions/$(1)),libsp/sp.ld.S,SP_FLAGS,$(SP_LDFLAGS),$(OUT)/libsp.a)
$(foreach m,$(wildcard partitions/$(1)/manifest*.dts),
$(eval $(call package,$(1),$(m),$(1)$(patsubst manifest%.dts,%,$(notdir $(m))))))
endef
$(foreach p,$(PARTITIONS),$(eval $(call partition,$(p))))

# SPMC manifests of the board.
MANIFESTS := $(patsubst boards/qemu-virt/%.dts,$(OUT)/manifests/%.dtb,$(wildcard boards/qemu-virt/*.dts))
DEPFILES += $(addsuffix .d,$(MANIFESTS))
$(OUT)/manifests/%.dtb: boards/qemu-virt/%.dts
	$(device_tree)

PRODUCTS := $(OUT)/spmc.bin $(OUT)/el3.bin $(OUT)/nwd.bin $(OUT)/libsp.a $(PACKAGES) $(MANIFESTS)
