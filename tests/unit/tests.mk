# SPDX-License-Identifier: BSD-3-Clause
#
# Sources beside a test's own.

BOOT_FIXTURE := tests/unit/boot_fixture.c tests/unit/dtb.c
test_manifest_SOURCES := $(BOOT_FIXTURE)
test_sp_manifest_SOURCES := $(BOOT_FIXTURE)
test_package_SOURCES := $(BOOT_FIXTURE)
test_transfer_list_SOURCES := $(BOOT_FIXTURE)
test_load_SOURCES := $(BOOT_FIXTURE)

SPMC_FIXTURE := tests/unit/spmc_fixture.c
test_vcpu_SOURCES := $(SPMC_FIXTURE)
test_dispatch_SOURCES := $(SPMC_FIXTURE)
test_cycles_SOURCES := $(SPMC_FIXTURE)
test_conversations_SOURCES := $(SPMC_FIXTURE)
test_direct_SOURCES := $(SPMC_FIXTURE)
test_direct2_SOURCES := $(SPMC_FIXTURE)
test_lifecycle_SOURCES := $(SPMC_FIXTURE)
test_interrupt_policy_SOURCES := $(SPMC_FIXTURE)
test_forms_SOURCES := $(SPMC_FIXTURE)
test_interrupt_matrix_SOURCES := $(SPMC_FIXTURE)
test_rxtx_SOURCES := $(SPMC_FIXTURE)
test_rxtx_vm_SOURCES := $(SPMC_FIXTURE)
test_indirect_SOURCES := $(SPMC_FIXTURE)
test_vm_message_SOURCES := $(SPMC_FIXTURE)
test_info_regs_SOURCES := $(SPMC_FIXTURE)
test_discovery_SOURCES := $(SPMC_FIXTURE)
test_notification_SOURCES := $(SPMC_FIXTURE)
test_ffa_mem_SOURCES := libffa/mem.c
test_timer_SOURCES := $(SPMC_FIXTURE)
test_restart_SOURCES := $(SPMC_FIXTURE)
test_el0_SOURCES := $(SPMC_FIXTURE)
MEM_FIXTURE := $(SPMC_FIXTURE) tests/unit/mem_fixture.c
test_mem_send_SOURCES := $(MEM_FIXTURE)
test_mem_retrieve_SOURCES := $(MEM_FIXTURE)
test_mem_end_SOURCES := $(MEM_FIXTURE)
fuzz_ffa_SOURCES := $(SPMC_FIXTURE) tests/fuzz/memory_input.c
test_check_firmware_SOURCES := tools/check/firmware.c tests/unit/dtb.c
test_memory_model_SOURCES = $(MEMORY_MODEL)
