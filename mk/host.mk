# SPDX-License-Identifier: BSD-3-Clause
#
# What runs on this machine: unit tests, models and fuzzers, on the SPMC's code with src/arch/host.

# The C library of this machine has the string functions; tests/unit/test_string.c tests ours.
HOST_DIRS := src/lib src/core src/ffa src/boot src/arch src/arch/host
HOST_SOURCES := $(filter-out $(STRING),$(wildcard $(HOST_DIRS:%=%/*.c)))
HOST_SOURCES += $(LIBFDT_SOURCES) $(LIBFDT_WRITERS)

HOST_FLAGS = $(HOST_CPPFLAGS) -isystem $(LIBFDT) $(HOST_CFLAGS) $(per_source)
ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all
TSAN := -fsanitize=thread
# bulkhead-check is linked with the models' objects: it has to be the SPMC that is built.
MODEL_FLAGS = $(HOST_FLAGS) $(addprefix -D,$(DEFINES))
ASAN_FLAGS = $(HOST_FLAGS) $(ASAN)
TSAN_FLAGS = $(HOST_FLAGS) $(TSAN)
FUZZ_FLAGS = $(filter-out $(WARN_COMPILER),$(HOST_FLAGS)) $(ASAN) -fsanitize=fuzzer-no-link

# Sources that a test wants beside its own: test_NAME_SOURCES, in these files.
-include $(wildcard tests/*/tests.mk)

# $(call host_tests,KIND,SOURCES,COMPILER,FLAGS,LINKER FLAGS): a program for each of SOURCES, linked
# with all of HOST_SOURCES compiled in the same way. Puts the programs into KIND_TESTS.
define host_tests
$(eval objdir := $(OUT)/host/$(1))
$(1)_TESTS := $(patsubst %.c,$(OUT)/%,$(2))
$(call archive,$(objdir)/libspmc.a,$(objdir),$(HOST_SOURCES),$(3),$(4))
$(foreach t,$(2),
$(eval objs := $(call objects,$(objdir),$(t) $($(basename $(notdir $(t)))_SOURCES)))
DEPFILES += $(objs:.o=.d)
$(patsubst %.c,$(OUT)/%,$(t)): $(objs) $(objdir)/libspmc.a
	$$(call say,LD,$$@)
	$$(mkdir)
	$$(Q)$(3) $(5) -o $$@ $$^ $(6)
)
endef

UNIT_SOURCES := $(wildcard tests/unit/test_*.c)
# Races have to stay unseen by ThreadSanitizer, those of mutants have to be seen.
RACE_SOURCES := $(wildcard tests/model/race_*.c tests/model/mutant_*.c)
MODEL_SOURCES := $(wildcard tests/model/model_*.c)
FUZZ_SOURCES := $(wildcard tests/fuzz/fuzz_*.c)
FUZZER := $(ASAN) -fsanitize=fuzzer
$(eval $(call host_tests,unit,$(UNIT_SOURCES),$(HOST_CC),ASAN_FLAGS,$(ASAN),-lcmocka))
$(eval $(call host_tests,race,$(RACE_SOURCES),$(HOST_CC),TSAN_FLAGS,$(TSAN),-pthread))
$(eval $(call host_tests,model,$(MODEL_SOURCES),$(HOST_CC),MODEL_FLAGS))
$(eval $(call host_tests,fuzz,$(FUZZ_SOURCES),clang,FUZZ_FLAGS,$(FUZZER)))

# bulkhead-check: the SPMC's boot as a program of this machine.
CHECK := $(OUT)/bulkhead-check
$(eval check_objs := $(call objects,$(OUT)/host/model,$(wildcard tools/check/*.c)))
PRODUCTS += $(CHECK)
DEPFILES += $(check_objs:.o=.d)
$(CHECK): $(check_objs) $(OUT)/host/model/libspmc.a
	$(call say,LD,$@)
	$(mkdir)
	$(Q)$(HOST_CC) -o $@ $^

# The same with the sanitizers, for tests/tools.
CHECK_TEST := $(OUT)/tests/tools/bulkhead-check
$(eval check_objs := $(call objects,$(OUT)/host/unit,$(wildcard tools/check/*.c)))
DEPFILES += $(check_objs:.o=.d)
$(CHECK_TEST): $(check_objs) $(OUT)/host/unit/libspmc.a
	$(call say,LD,$@)
	$(mkdir)
	$(Q)$(HOST_CC) $(ASAN) -o $@ $^

# The plugin of tests/bench. Its QEMU resolves what it leaves undefined.
PLUGIN := $(OUT)/tests/plugin/count.so
PLUGIN_FLAGS = $(HOST_CFLAGS) -fPIC
$(eval $(call compile,$(OUT)/host/plugin,$(HOST_CC),PLUGIN_FLAGS))
DEPFILES += $(OUT)/host/plugin/tests/plugin/count.c.d
$(PLUGIN): $(OUT)/host/plugin/tests/plugin/count.c.o
	$(call say,LD,$@)
	$(mkdir)
	$(Q)$(HOST_CC) -shared -o $@ $<

UNIT_TESTS := $(unit_TESTS) $(CHECK_TEST)
MODEL_TESTS := $(model_TESTS) $(race_TESTS)
FUZZERS := $(fuzz_TESTS)
