# SPDX-License-Identifier: BSD-3-Clause
#
# Bulkhead. `make help` lists what there is.
#
#   COMPILER=gcc|clang     the compiler
#   BUILD=release|debug    optimised, or to be looked into
#   FIRMWARE=monitor|tfa   what is at EL3 in run, test and system
#   CLIENT=ours|linux|uboot|xen  what is in the normal world in run and test
#   LINUX=6.12             the Linux of CLIENT=linux
#   XTEST=1004             the case of OP-TEE's own tests that make run CLIENT=linux shows
#   V=1                    shows the commands
#   SP='FOLDER ...'        partitions that are elsewhere: absolute paths (docs/sp-author.md)
#   DEFINES='A=1 B=2'      macros for the SPMC, LOG_LEVEL among them
#   FILTER=TEXT            only tests with TEXT in their name
#   COUNT=N                how often the long system tests do their thing: 100000 for storm, say;
#                          operations of make memory-model
#   PROFILE=NAME           which functions a number of make bench is made of
#   FUZZ_SECONDS=N         time for each fuzzer
#   TABLES=NAMES           tables for make mutate: ffa_abi states id_regs el1_regs

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

COMPILER ?= gcc
BUILD ?= release
FIRMWARE ?= monitor
CLIENT ?= ours
LINUX ?= 6.12
XTEST ?= 1004
FUZZ_SECONDS ?= 30
JOBS ?= $(shell nproc)
Q := $(if $(V),,@)

include mk/config.mk
include mk/rules.mk
include mk/target.mk
include mk/host.mk
include mk/tfa.mk
include mk/client.mk

# Goals that install what they need first: then all else in a second make, which finds it there.
RUN := tests/run --build $(OUT) $(RUN_FIRMWARE) $(if $(FILTER),--filter '$(FILTER)') \
	$(if $(COUNT),--count $(COUNT))
SUBMAKE = +$(Q)$(MAKE) $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS))

.PHONY: help deps build headers tests run test unit check system xtest bench fuzz model lint
.PHONY: memory-model format docs mutate clean distclean

help: ## this list
	@echo 'make GOAL [COMPILER=gcc|clang] [BUILD=release|debug] [FIRMWARE=monitor|tfa]'
	@echo '     [CLIENT=ours|linux|uboot|xen] [V=1]'
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' Makefile | expand -t 16

deps: ## installs compilers, QEMU and libraries where they are missing
	$(Q)scripts/deps $(DEPS)

build: $(PRODUCTS) ## all programs, packages and manifests, under build/

headers: $(HEADER_CHECKS)

tests: build $(UNIT_TESTS) $(MODEL_TESTS) $(FUZZERS) $(PLUGIN)

run: deps $(FIRMWARE_GOAL) ## installs, builds and shows the demonstration in QEMU
	$(SUBMAKE) $(RUN_GOAL)
	$(Q)$(RUN) --demo

test: deps $(FIRMWARE_GOAL) ## installs, builds and runs all tests; the last line counts them
	$(SUBMAKE) $(TEST_GOAL)
	$(Q)$(RUN)

unit: deps ## the unit tests on this machine
	$(SUBMAKE) $(UNIT_TESTS)
	$(Q)$(RUN) unit tools

model: deps ## the models, and the lock-free code under ThreadSanitizer
	$(SUBMAKE) $(MODEL_TESTS)
	$(Q)$(RUN) model

check: deps ## bulkhead-check, with every manifest and package of the system tests
	$(SUBMAKE) build
	$(Q)$(RUN) check

memory-model: deps ## memory management beside its model: COUNT random operations (long)
	$(SUBMAKE) $(OUT)/tests/model/model_memory
	$(Q)$(OUT)/tests/model/model_memory --count $(or $(COUNT),1000000)

system: deps $(FIRMWARE_GOAL) ## the system tests in QEMU; FILTER=TEXT chooses
	$(SUBMAKE) $(RUN_GOAL)
	$(Q)$(RUN) system

xtest: deps $(FIRMWARE_GOAL) ## all of OP-TEE's own tests, with CLIENT=linux (15 minutes)
	$(SUBMAKE) $(RUN_GOAL)
	$(Q)$(RUN) xtest

bench: deps ## counts the instructions of the world switch
	$(SUBMAKE) build $(PLUGIN)
	$(Q)tests/bench --build $(OUT) $(if $(PROFILE),--profile $(PROFILE))

fuzz: deps ## every fuzzer for FUZZ_SECONDS
	$(SUBMAKE) $(FUZZERS)
	$(Q)scripts/fuzz $(FUZZ_SECONDS) $(FUZZERS)

mutate: deps ## takes rows out of tables: does a test notice? (long; TABLES=NAMES)
	$(Q)tests/mutate --jobs $(JOBS) $(or $(TABLES),ffa_abi states)

lint: deps ## formatting, licence lines, headers that compile alone, scripts
	$(SUBMAKE) headers
	$(Q)scripts/lint

format: ## formats the C code as lint wants it
	$(Q)git ls-files -z '*.c' '*.h' | xargs -0 clang-format -i

docs: deps ## writes docs/ffa-abi.md and docs/spec-coverage.md (runs the unit tests), checks links
	$(SUBMAKE) $(UNIT_TESTS)
	$(Q)scripts/docs
	$(Q)scripts/coverage --build $(OUT)

clean: ## removes build/
	$(Q)rm -rf build

distclean: clean ## and what scripts/deps keeps outside the checkout
	$(Q)rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/bulkhead"

-include $(DEPFILES)
