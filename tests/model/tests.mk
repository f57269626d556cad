# SPDX-License-Identifier: BSD-3-Clause
#
# What models and races are made of: the SPMC's sources, as they are and with one thing wrong.

# For the explorer: copies of the sources in which explore.h stands before all.
explored = $(patsubst src/%,$(OUT)/explored/$(1)/%,$(2))
EXPLORED := $(wildcard src/core/*.c src/ffa/*.c)
MODEL := tests/model/handover.c tests/model/explore.c tests/unit/spmc_fixture.c
INSTRUMENT = echo '\#include "$(abspath tests/model/explore.h)"'

$(OUT)/explored/as-is/%.c: src/%.c
	$(mkdir)
	$(Q)($(INSTRUMENT) && cat $<) >$@

# With threads as CPUs: copies in which race_gic.h stands before all.
RACE_GIC = echo '\#include "$(abspath tests/model/race_gic.h)"'
$(OUT)/raced/%.c: src/%.c
	$(mkdir)
	$(Q)($(RACE_GIC) && cat $<) >$@

RACED := $(patsubst src/%,$(OUT)/raced/%,$(EXPLORED))
race_spmc_SOURCES := tests/unit/spmc_fixture.c $(RACED)

# Make would remove them, and make them again the next time.
.SECONDARY: $(call explored,as-is,$(EXPLORED)) $(RACED)

# $(call wrong,COPY,SOURCE,SED,FIRST LINE): COPY is SOURCE with what the sed script does to it,
# which must be something.
define wrong
$(1): $(2)
	$$(mkdir)
	$$(Q)sed -E $(3) $$< >$$@.new
	$$(Q)if cmp -s $$< $$@.new; then echo '$$@: there is nothing to change in $$<' >&2; exit 1; fi
	$$(Q)($(4) && cat $$@.new) >$$@ && rm $$@.new
endef

model_handover_SOURCES := $(MODEL) $(call explored,as-is,$(EXPLORED))
race_handover_SOURCES := tests/model/race.c

# $(call mutant,NAME,SOURCE,SED): for tests/model/model_mutant_NAME.c, which the explorer has to
# find something in.
define mutant
$(call wrong,$(call explored,$(1),$(2)),$(2),$(3),$$(INSTRUMENT))
model_mutant_$(1)_SOURCES := $(MODEL) $(call explored,$(1),$(2)) \
	$(call explored,as-is,$(filter-out $(2),$(EXPLORED)))
endef

# $(call race_mutant,NAME,SOURCE,SED): for tests/model/mutant_NAME.c, which ThreadSanitizer has to
# find something in.
define race_mutant
$(call wrong,$(OUT)/wrong/$(1)/$(notdir $(2)),$(2),$(3),true)
mutant_$(1)_SOURCES := tests/model/race.c $(OUT)/wrong/$(1)/$(notdir $(2))
endef

VCPU := src/core/vcpu.c
SWITCH := src/core/switch.c
VINT := src/core/vint.c
PREEMPT := src/ffa/preempt.c

# What is wrong, as sed scripts.
publish_relaxed := 's/memory_order_seq_cst\)/memory_order_relaxed)/'
publish_release := 's/memory_order_seq_cst\)/memory_order_release)/'
claim_relaxed := 's/memory_order_acquire, (memory_order_relaxed)/\1, \1/'
publish_first := '/^\t\tvcpu_publish\(from\);/d; s/^(\t\t)arch_vcpu_save\(.*/\1vcpu_publish(from);\n&/'
lines_first := 's/(waits = .*);/\1 \&\& vint_lines(\&from->vint) != 0;/; s/vint_lines.* != 0\) \{/true) {/'
no_kick := 's/gic_send_secure_sgi\(.*/;/'
pend_release := 's/atomic_store\((.*)\);/atomic_store_explicit(\1, memory_order_release);/'
look_relaxed := 's/atomic_load\((.*)\);/atomic_load_explicit(\1, memory_order_relaxed);/'
claim_once := 's/while \(!(vcpu_claim\(.*\))\);/while (0);\nif (!\1) return current;/'

# $(call mutants,KIND,SOURCE,NAMES)
mutants = $(foreach name,$(3),$(eval $(call $(1),$(name),$(2),$($(name)))))
$(call mutants,mutant,src/core/vcpu.c,publish_relaxed publish_release claim_relaxed)
$(call mutants,mutant,src/core/switch.c,publish_first lines_first no_kick)
$(call mutants,mutant,src/core/vint.c,pend_release)
$(call mutants,mutant,src/ffa/preempt.c,look_relaxed claim_once)
$(call mutants,race_mutant,src/core/vcpu.c,publish_relaxed claim_relaxed)
$(call mutants,race_mutant,src/core/switch.c,publish_first)

# Memory management beside its model.
MEMORY_MODEL := $(addprefix tests/model/memory_,model.c wire.c real.c calls.c steps.c run.c) \
	tests/unit/spmc_fixture.c
model_memory_SOURCES := $(MEMORY_MODEL)
MEMORY_RACE := tests/model/memory_race.c tests/unit/spmc_fixture.c
race_memory_SOURCES := $(MEMORY_RACE) $(RACED)

# $(call memory_race_mutant,NAME,SOURCE,SED): for tests/model/mutant_NAME.c, as race_mutant.
define memory_race_mutant
$(call wrong,$(OUT)/wrong/race_$(1)/$(notdir $(2)),$(2),$(3),$$(RACE_GIC))
mutant_$(1)_SOURCES := $(MEMORY_RACE) $(OUT)/wrong/race_$(1)/$(notdir $(2)) \
	$(filter-out $(2:src/%=$(OUT)/raced/%),$(RACED))
endef

# $(call memory_mutant,NAME,SOURCE,SED): for tests/model/model_mutant_NAME.c, which has to differ
# from the model.
define memory_mutant
$(call wrong,$(OUT)/wrong/$(1)/$(notdir $(2)),$(2),$(3),true)
model_mutant_$(1)_SOURCES := $(MEMORY_MODEL) $(OUT)/wrong/$(1)/$(notdir $(2))
endef

memory_overlap := 's/(overlap \|= p->base < end);/\1 \&\& end == 1;/'
memory_mixed := 's/differ = \(first \^ e->leaf\) & LEAF_MASK;/differ = 0;/'
memory_tables := 's/^\t\ttable_tidy\(c->t, c->at.base, .*/\t\t;/'
memory_list_pages := 's/^\t\tpage_pool_put\(pool, l\);/\t\t;/'
memory_write := 's/may == FFA_MEM_DATA_RW \? FFA_OK : FFA_DENIED/FFA_OK/'
memory_tag := 's/ \|\| r->tag != t->tag \|\|/ ||/'
memory_offset := 's/\*stream.sent == vcpu_w\(caller, 3\)/true/'
memory_fetch := 's/nwd \&\& !memory_is_vm\(id\)/false/'
memory_give := 's/^\t\t(pages_give\(q->t\);)/\t\tif (size == 0) { \1 }/'
memory_held := 's/return t->holders != 0 \|\| /return /'
memory_world := 's/if \((t->lender != caller->endpoint) \|\| /if ((\1 \&\& t->tag == 1) || /'
memory_zero_last := 's/t->zero \|= zero;/t->zero = zero;/'
memory_zero_after := 's/(borrower_leave\(.*), b->zero_after\)/\1, false)/'
memory_name := 's/return t->lender == caller->endpoint \&\& /return /'

$(call mutants,memory_mutant,src/core/memory_list.c,memory_overlap)
$(call mutants,memory_mutant,src/core/memory.c,memory_mixed memory_tables)
$(call mutants,memory_mutant,src/core/transaction.c,memory_list_pages)
$(call mutants,memory_mutant,src/ffa/memory_retrieve.c,memory_write memory_tag)
$(call mutants,memory_mutant,src/ffa/memory_retrieve.c,memory_offset memory_give memory_fetch)
$(call mutants,memory_mutant,src/ffa/memory_end.c,memory_held memory_world)
$(call mutants,memory_mutant,src/ffa/memory_end.c,memory_zero_last memory_zero_after)
$(call mutants,memory_mutant,src/ffa/memory_send.c,memory_name)

memory_space := '/^static void borrower_leave/,/^}/{/spin_(un)?lock/d}'
memory_transaction := 's/^\t(borrower_leave\(t, b, zero\);)/transaction_unlock(t);\n\1\nspin_lock(\&t->lock);/'
$(call mutants,memory_race_mutant,src/ffa/memory_end.c,memory_space memory_transaction)
