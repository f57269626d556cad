# SPDX-License-Identifier: BSD-3-Clause
#
# How things are made: the templates that mk/target.mk and mk/host.mk are written with.

say = $(if $(V),,@printf '  %-8s%s\n' '$(1)' '$(2)')
mkdir = $(Q)mkdir -p $(@D)

# Sources may use floating point when they are listed here: the .c files of a partition, say.
FP_SOURCES ?=
DEPFILES :=
FLAG_SETS :=

# $(call objects,DIR,SOURCES): the object files of SOURCES in DIR
objects = $(patsubst %,$(1)/%.o,$(2))

# $(call compile,DIR,COMPILER,FLAGS): how sources become objects in DIR.
# FLAGS is expanded late, so it may name $< and what is found out only when it is needed.
define compile
FLAG_SETS += $(3)
$(1)/%.c.o: %.c $(OUT)/flags | $(LIBFDT_HEADER)
	$$(call say,CC,$$<)
	$$(mkdir)
	$$(Q)$(2) $$($(3)) $$(if $$(filter $$<,$$(FP_SOURCES)),,$$($(3)_C)) -MMD -MP -c -o $$@ $$<
$(1)/%.S.o: %.S $(OUT)/flags
	$$(call say,AS,$$<)
	$$(mkdir)
	$$(Q)$(2) $$($(3)) -MMD -MP -c -o $$@ $$<
endef

# $(call program,NAME,SOURCES,LINKER SCRIPT,FLAGS,LINKER FLAGS,ARCHIVES): an AArch64 program, as
# build/NAME.elf and build/NAME.bin. FLAGS names a variable; NAME_CHECK may name a check of the ELF.
define program
$(eval objdir := $(OUT)/obj/$(notdir $(1)))
$(eval objs := $(call objects,$(objdir),$(2)))
DEPFILES += $(objs:.o=.d) $(objdir)/script.d
$(call compile,$(objdir),$(CC),$(4))

$(objdir)/script.ld: $(3) $(OUT)/flags
	$$(mkdir)
	$$(Q)$(CC) -E -P -x assembler-with-cpp $$($(4)) \
		-MMD -MP -MF $$(@:.ld=.d) -MT $$@ -o $$@ $$<

$(OUT)/$(1).elf: $(objs) $(6) $(objdir)/script.ld
	$$(call say,LD,$$@)
	$(if $(2),,@echo '$(1): no sources yet' >&2; exit 1)
	$$(mkdir)
	$$(Q)$(LD) $(LDFLAGS) $(5) -T $(objdir)/script.ld -Map $(objdir)/map -o $$@ $(objs) $(6)
	$$(if $$($(1)_CHECK),$$(Q)$$($(1)_CHECK) $$@)

$(OUT)/$(1).bin: $(OUT)/$(1).elf
	$$(Q)$(OBJCOPY) -O binary $$< $$@
endef

# $(call archive,FILE,DIR,SOURCES,COMPILER,FLAGS): a static library. FLAGS names a variable.
define archive
$(eval objs := $(call objects,$(2),$(3)))
DEPFILES += $(objs:.o=.d)
$(call compile,$(2),$(4),$(5))

$(1): $(objs)
	$$(call say,AR,$$@)
	$$(mkdir)
	$$(Q)rm -f $$@ && $(AR) rcs $$@ $$^
endef

# Preprocessed device trees stay beside the binary ones: tests change them, and people read them.
define device_tree
	$(call say,DTC,$<)
	$(mkdir)
	$(Q)$(CC) -E -P -x assembler-with-cpp -nostdinc -undef -D__DTS__ -Iinclude -I$(<D) \
		-MMD -MP -MF $@.d -MT $@ -o $(@:.dtb=.dts) $<
	$(Q)dtc -q -I dts -O dtb -o $@ $(@:.dtb=.dts)
endef

# $(call header_checks,HEADERS,FLAGS): a mark for each header that compiles with nothing before it.
define header_checks
$(eval marks := $(patsubst %,$(OUT)/headers/%.ok,$(1)))
HEADER_CHECKS += $(marks)
DEPFILES += $(marks:.ok=.d)
$(marks): $(OUT)/headers/%.ok: % $(OUT)/flags | $(LIBFDT_HEADER)
	$$(mkdir)
	$$(Q)echo '#include "$$<"' | $(CC) $$($(2)) -I. -x c -MMD -MP -MF $$(@:.ok=.d) -MT $$@ \
		-fsyntax-only -
	$$(Q)touch $$@
endef

# What was compiled with other flags is compiled again; one more program changes nothing.
all_flags = $(foreach s,$(sort $(FLAG_SETS)),$($(s)) $($(s)_C))
$(OUT)/flags: FORCE
	$(Q)mkdir -p $(@D); new=$@.$$$$; \
	printf '%s\n' '$(subst ','\'',$(CC) $(HOST_CC) $(all_flags) $(LDFLAGS) $(SP_LDFLAGS) $(FP_SOURCES))' >$$new; \
	if cmp -s $@ $$new; then rm $$new; else mv $$new $@; fi
.PHONY: FORCE
