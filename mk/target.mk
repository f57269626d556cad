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
# What endpoints of FF-A have in common: partitions and the normal world.
LIBFFA := libffa/mem.c

sources = $(filter-out %.ld.S,$(wildcard $(foreach d,$(1),$(d)/*.c $(d)/*.S)))
# Flags for one source: string.c must not be made of calls of itself, libfdt is not ours to mend.
per_source = $(if $(filter $(STRING),$<),$(NO_LIBCALL)) \
	$(if $(filter $(LIBFDT)/%,$<),-w)
NO_FP := -mgeneral-regs-only

# libfdt reads words byte by byte if they must be aligned; it only runs with the MMU on.
ALL_FLAGS = $(CPPFLAGS) -Isrc/lib/libc $(CFLAGS) $(if $(filter $(LIBFDT)/%,$<),,-mstrict-align) \
	$(per_source)
FIXED := -fno-pic -fno-pie

SPMC_FLAGS = $(ALL_FLAGS) -Isrc -Isrc/arch/aarch64 -Isrc/arch/aarch64/include -isystem $(LIBFDT) \
	$(FIXED) -march=armv8.4-a -mbranch-protection=standard $(addprefix -D,$(DEFINES))
EL3_FLAGS = $(ALL_FLAGS) -Iel3 $(FIXED) -march=armv8.5-a
NWD_FLAGS = $(ALL_FLAGS) -Inwd $(FIXED) -march=armv8.5-a
# How partitions are compiled and linked is the library's to say: SP_CFLAGS and SP_LDFLAGS.
-include libsp/sp.mk
SP_FLAGS = $(ALL_FLAGS) -Ilibsp -Ilibsp/include -march=armv8.5-a $(SP_CFLAGS)
SPMC_FLAGS_C := $(NO_FP)
EL3_FLAGS_C := $(NO_FP)
NWD_FLAGS_C := $(NO_FP)
SP_FLAGS_C := $(NO_FP)
SP_EL0_FLAGS = $(SP_FLAGS) -DSP_AT_EL0=1
SP_EL0_FLAGS_C := $(NO_FP)

SPMC_SOURCES := $(call sources,src src/lib src/core src/ffa src/boot src/arch src/arch/aarch64)
spmc_CHECK := scripts/check-no-fp --objdump $(OBJDUMP)
$(eval $(call program,spmc,$(SPMC_SOURCES) $(LIBFDT_SOURCES),src/arch/aarch64/spmc.ld.S,SPMC_FLAGS))
$(eval $(call program,el3,$(call sources,el3) $(STRING),el3/el3.ld.S,EL3_FLAGS))
$(eval $(call program,nwd,$(call sources,nwd) $(LIBFFA) $(STRING),nwd/nwd.ld.S,NWD_FLAGS))
SP_LIBRARY := $(OUT)/libsp.a
SP_SOURCES := $(call sources,libsp) $(LIBFFA) $(STRING)
# What there is at one of the two exception levels only.
SP_EL0_ONLY := libsp/start_el0.S libsp/el0.c
SP_EL1_ONLY := $(addprefix libsp/,start.S vectors.S mmu.c probe.c)
SP_EL1_SOURCES := $(filter-out $(SP_EL0_ONLY),$(SP_SOURCES))
$(eval $(call archive,$(SP_LIBRARY),$(OUT)/obj/libsp,$(SP_EL1_SOURCES),$(CC),SP_FLAGS))
SP_EL0_LIBRARY := $(OUT)/libsp-el0.a
SP_EL0_SOURCES := $(filter-out $(SP_EL1_ONLY),$(SP_SOURCES))
$(eval $(call archive,$(SP_EL0_LIBRARY),$(OUT)/obj/libsp-el0,$(SP_EL0_SOURCES),$(CC),SP_EL0_FLAGS))

# A folder is a partition, each manifest in it a package: manifest.dts gives NAME.pkg,
# manifest-VARIANT.dts gives NAME-VARIANT.pkg of the same image. build.mk may say more
# (FP_SOURCES, PKGFLAGS_NAME; EL0_PARTITIONS, for those at S-EL0; SOURCES_NAME, if they are
# another's). SP names more such folders, wherever they are.
SP_FOLDERS := $(abspath $(SP))
$(foreach d,$(SP_FOLDERS),\
	$(if $(wildcard $(d)/manifest*.dts),,$(error SP: $(d)/manifest.dts is not there)))
PARTITIONS := $(patsubst %/,%,$(sort $(dir \
	$(wildcard $(addsuffix /manifest*.dts,partitions/* $(SP_FOLDERS))))))
-include $(wildcard $(addsuffix /build.mk,$(PARTITIONS)))

# $(call package,PARTITION,MANIFEST,PACKAGE)
define package
$(eval pkg := $(OUT)/partitions/$(3))
$(eval image := $(OUT)/partitions/$(1).bin)
PACKAGES += $(pkg).pkg
DEPFILES += $(pkg).dtb.d
$(pkg).dtb: $(2)
	$$(device_tree)
$(pkg).pkg: $(pkg).dtb $(image) tools/mkpkg.py
	$$(call say,PKG,$$@)
	$$(Q)tools/mkpkg.py $$(PKGFLAGS_$(3)) --manifest $$< --image $(image) --output $$@
endef

# $(call partition,NAME,FOLDER)
define partition
$(eval parts := $(or $(SOURCES_$(1)),$(call sources,$(2))))
$(if $(filter $(1),$(EL0_PARTITIONS)),
$(call program,partitions/$(1),$(parts),libsp/sp.ld.S,SP_EL0_FLAGS,$(SP_LDFLAGS),$(SP_EL0_LIBRARY)),
$(call program,partitions/$(1),$(parts),libsp/sp.ld.S,SP_FLAGS,$(SP_LDFLAGS),$(SP_LIBRARY)))
$(foreach m,$(wildcard $(2)/manifest*.dts),
$(eval $(call package,$(1),$(m),$(1)$(patsubst manifest%.dts,%,$(notdir $(m))))))
endef
$(foreach p,$(PARTITIONS),$(eval $(call partition,$(notdir $(p)),$(p))))

# SPMC manifests of the board.
BOARD := boards/qemu-virt
MANIFESTS := $(patsubst $(BOARD)/%.dts,$(OUT)/manifests/%.dtb,$(wildcard $(BOARD)/*.dts))
DEPFILES += $(addsuffix .d,$(MANIFESTS))
$(OUT)/manifests/%.dtb: $(BOARD)/%.dts
	$(device_tree)

PRODUCTS := $(OUT)/spmc.bin $(OUT)/el3.bin $(OUT)/nwd.bin $(SP_LIBRARY) $(SP_EL0_LIBRARY) \
	$(PACKAGES) $(MANIFESTS)

# Each header compiles alone; those for assembly are named asm.h.
headers = $(filter-out %/asm.h,$(wildcard $(foreach d,$(1),$(d)/*.h)))
SPMC_HEADERS := $(call headers,include/* src/* src/arch/aarch64/include/arch)
$(eval $(call header_checks,$(SPMC_HEADERS),SPMC_FLAGS))
$(eval $(call header_checks,$(call headers,el3),EL3_FLAGS))
$(eval $(call header_checks,$(call headers,nwd),NWD_FLAGS))
$(eval $(call header_checks,$(call headers,libsp libsp/include/*),SP_FLAGS))
