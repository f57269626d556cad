/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The FF-A ABI as constants and types. Shared by the SPMC, the SP library, the monitor, the
 * normal-world program, the tests and the tools; it includes nothing of theirs.
 *
 * Function ids are made from ffa_abi.def: FFA_<NAME>_32 and FFA_<NAME>_64, whatever widths exist.
 */
#ifndef FFA_FFA_H
#define FFA_FFA_H

#include <stdint.h>

/* --- Function ids -------------------------------------------------------------------------- */

#define FFA_FID_BASE_32 0x84000000u
#define FFA_FID_BASE_64 0xC4000000u
#define FFA_FID_64BIT 0x40000000u /* the SMC64 form of a function */
#define FFA_FID_SVE_HINT 0x00010000u /* SMCCC 1.3: the caller has no live SVE state */
#define FFA_FID_NUM_FIRST 0x60u
#define FFA_FID_NUM_LAST 0x97u /* last number that has a row or is reserved by a draft */
#define FFA_FID_NUM_END 0xFFu /* end of the range that SMCCC gives to FF-A */

enum ffa_fid {
#define FFA_ABI(num, name, widths, since, from, models, mbz, handler, feature)                     \
	FFA_##name##_32 = FFA_FID_BASE_32 | (num), FFA_##name##_64 = FFA_FID_BASE_64 | (num),
#include "ffa/ffa_abi.def"
#undef FFA_ABI
};

/* --- Versions ------------------------------------------------------------------------------ */

#define FFA_VERSION(major, minor) (((uint32_t)(major) << 16) | (uint32_t)(minor))
#define FFA_VERSION_1_0 FFA_VERSION(1, 0)
#define FFA_VERSION_1_1 FFA_VERSION(1, 1)
#define FFA_VERSION_1_2 FFA_VERSION(1, 2)
#define FFA_VERSION_OURS FFA_VERSION_1_2
#define FFA_VERSION_MBZ 0x80000000u
#define FFA_VERSION_MAJOR(v) (((v) >> 16) & 0x7FFFu)

/* --- Status codes (w2 of FFA_ERROR) -------------------------------------------------------- */

enum ffa_status {
	FFA_OK = 0,
	FFA_NOT_SUPPORTED = -1,
	FFA_INVALID_PARAMETERS = -2,
	FFA_NO_MEMORY = -3,
	FFA_BUSY = -4,
	FFA_INTERRUPTED = -5,
	FFA_DENIED = -6,
	FFA_RETRY = -7,
	FFA_ABORTED = -8,
	FFA_NO_DATA = -9,
	FFA_NOT_READY = -10,
};

/* --- Endpoint ids -------------------------------------------------------------------------- */

#define FFA_ID_NWD 0x0000u /* OS kernel or hypervisor of the normal world */
#define FFA_ID_NONE 0x7FFFu /* nobody's */
#define FFA_ID_SPMC 0x8000u
#define FFA_ID_SECURE 0x8000u /* bit that every secure id carries */
#define FFA_ID_LP_FIRST 0xFFC0u /* EL3 logical partitions */
#define FFA_ID_LP_LAST 0xFFFEu
#define FFA_ID_SPMD 0xFFFFu

/* Sender and receiver of a message, endpoint and vCPU of a context: both in one word. */
#define FFA_IDS(sender, receiver) (((uint32_t)(sender) << 16) | (uint16_t)(receiver))
#define FFA_IDS_SENDER(w) ((uint16_t)((w) >> 16))
#define FFA_IDS_RECEIVER(w) ((uint16_t)(w))
#define FFA_CTX(id, vcpu) (((uint32_t)(id) << 16) | (uint16_t)(vcpu))
#define FFA_CTX_ID(w) ((uint16_t)((w) >> 16))
#define FFA_CTX_VCPU(w) ((uint16_t)(w))

/* --- Partition properties (PARTITION_INFO_GET, manifest messaging-method) ------------------- */

#define FFA_PROP_DIRECT_RECV (1u << 0)
#define FFA_PROP_DIRECT_SEND (1u << 1)
#define FFA_PROP_INDIRECT (1u << 2)
#define FFA_PROP_NOTIFICATIONS (1u << 3)
#define FFA_PROP_VM_CREATED (1u << 6)
#define FFA_PROP_VM_DESTROYED (1u << 7)
#define FFA_PROP_VM_MESSAGES_SHIFT 6 /* from the manifest's vm-availability-messages */
#define FFA_PROP_AARCH64 (1u << 8)
#define FFA_PROP_DIRECT2_RECV (1u << 9)
#define FFA_PROP_DIRECT2_SEND (1u << 10)
#define FFA_METHOD_MASK                                                                            \
	(FFA_PROP_DIRECT_RECV | FFA_PROP_DIRECT_SEND | FFA_PROP_INDIRECT | FFA_PROP_DIRECT2_RECV | \
	 FFA_PROP_DIRECT2_SEND)

struct ffa_uuid {
	uint32_t w[4]; /* SMCCC order: bits 7:0 of w[0] are byte 0 of the RFC 4122 string */
};

#define FFA_PARTITION_INFO_COUNT_ONLY (1u << 0)

struct ffa_partition_info {
	uint16_t id;
	uint16_t vcpu_count;
	uint32_t properties;
	struct ffa_uuid uuid; /* from here on only towards callers of 1.1 and later */
};
#define FFA_PARTITION_INFO_SIZE_1_0 8u
#define FFA_PARTITION_INFO_SIZE_1_1 24u
_Static_assert(sizeof(struct ffa_partition_info) == FFA_PARTITION_INFO_SIZE_1_1, "FF-A 1.1 layout");

/* x2 of the answer of PARTITION_INFO_GET_REGS. */
#define FFA_INFO_REGS(last, current, tag, size)                                                    \
	((uint64_t)(size) << 48 | (uint64_t)(tag) << 32 | (uint64_t)(current) << 16 | (last))
#define FFA_INFO_REGS_LAST(x2) ((uint16_t)(x2))
#define FFA_INFO_REGS_CURRENT(x2) ((uint16_t)((x2) >> 16))
#define FFA_INFO_REGS_TAG(x2) ((uint16_t)((x2) >> 32))
#define FFA_INFO_REGS_SIZE(x2) ((uint16_t)((x2) >> 48))

/* --- FEATURES ------------------------------------------------------------------------------ */

#define FFA_FEATURE_NPI 1u
#define FFA_FEATURE_SRI 2u
#define FFA_FEATURE_MEI 3u

/* --- Direct messages ----------------------------------------------------------------------- */

#define FFA_PAYLOAD2 14 /* registers of a direct message 2: x4-x17 */
#define FFA_MSG_FRAMEWORK (1u << 31)
#define FFA_MSG_TYPE_MASK 0xFFu

enum ffa_framework_msg {
	FFA_FW_PSCI_REQ = 0,
	FFA_FW_PSCI_WARM_BOOT = 1,
	FFA_FW_PSCI_RESP = 2,
	FFA_FW_VM_CREATED_REQ = 4,
	FFA_FW_VM_CREATED_RESP = 5,
	FFA_FW_VM_DESTROYED_REQ = 6,
	FFA_FW_VM_DESTROYED_RESP = 7,
	FFA_FW_VERSION_REQ = 8,
	FFA_FW_VERSION_RESP = 9,
};

#define PSCI_CPU_OFF_32 0x84000002u
#define PSCI_SUCCESS 0
#define PSCI_NOT_SUPPORTED (-1)
#define PSCI_DENIED (-3)

/* --- Indirect messages: MSG_SEND2 ---------------------------------------------------------- */

#define FFA_MSG_SEND2_DELAY_SRI (1u << 1)

/* At the start of TX and RX. */
struct ffa_msg_header {
	uint32_t flags;
	uint32_t reserved;
	uint32_t offset; /* of the payload, from here */
	uint32_t ids; /* FFA_IDS() */
	uint32_t size; /* of the payload */
	uint32_t reserved_1_2; /* from here on only of senders of 1.2 and later */
	struct ffa_uuid uuid; /* service of the receiver, or nil */
};
#define FFA_MSG_HEADER_SIZE_1_1 20u
_Static_assert(sizeof(struct ffa_msg_header) == 40, "FF-A 1.2 layout");

/* --- MSG_WAIT ------------------------------------------------------------------------------ */

#define FFA_MSG_WAIT_RETAIN_RX (1u << 0)

/* --- Notifications --------------------------------------------------------------------------- */

#define FFA_NOTIFICATION_PER_VCPU (1u << 0) /* BIND, SET */
#define FFA_NOTIFICATION_DELAY_SRI (1u << 1) /* SET */
#define FFA_NOTIFICATION_VCPU(vcpu) ((uint32_t)(vcpu) << 16) /* SET */

#define FFA_NOTIFICATION_FROM_SPS (1u << 0) /* GET: w2, w3 */
#define FFA_NOTIFICATION_FROM_VMS (1u << 1) /* w4, w5 */
#define FFA_NOTIFICATION_FROM_SPM (1u << 2) /* w6 */
#define FFA_NOTIFICATION_FROM_HYPERVISOR (1u << 3) /* w7 */

/* Framework notifications: the receiver's RX is full; w6 and w7 in one. */
#define FFA_NOTIFICATION_RX_FULL_SP (1ul << 0)
#define FFA_NOTIFICATION_RX_FULL_VM (1ul << 32)

/* Answer of INFO_GET, x2. */
#define FFA_NOTIFICATION_INFO_MORE (1u << 0)
#define FFA_NOTIFICATION_INFO_LISTS(x2) ((uint32_t)((x2) >> 7) & 0x1Fu)
#define FFA_NOTIFICATION_INFO_VCPUS(x2, list) ((uint32_t)((x2) >> (12 + 2 * (list))) & 3u)

/* --- RXTX_MAP ------------------------------------------------------------------------------ */

#define FFA_PAGE_SIZE 4096u
#define FFA_RXTX_PAGES_MASK 0x3Fu
#define FFA_RXTX_MAX_PAGES 16u

/* In a hypervisor's TX, when it maps the buffers of a VM: where their composite descriptors are. */
struct ffa_rxtx_desc {
	uint16_t vm_id;
	uint16_t reserved;
	uint32_t rx_offset; /* from here, multiples of 8 */
	uint32_t tx_offset;
	uint32_t reserved_end;
};
_Static_assert(sizeof(struct ffa_rxtx_desc) == 16, "FF-A 1.1 layout");

/* --- Memory management ----------------------------------------------------------------------- */

/* Memory attributes of a transaction (FF-A 1.2, 10.10.4). */
#define FFA_MEM_SHAREABILITY_MASK 0x3u
#define FFA_MEM_SHAREABILITY_NON 0x0u
#define FFA_MEM_SHAREABILITY_OUTER 0x2u
#define FFA_MEM_SHAREABILITY_INNER 0x3u
#define FFA_MEM_CACHEABILITY_MASK 0xCu
#define FFA_MEM_NON_CACHEABLE 0x4u /* of normal memory, as the next */
#define FFA_MEM_WRITE_BACK 0xCu
#define FFA_MEM_DEVICE_NGNRNE 0x0u /* of device memory, as the next three */
#define FFA_MEM_DEVICE_NGNRE 0x4u
#define FFA_MEM_DEVICE_NGRE 0x8u
#define FFA_MEM_DEVICE_GRE 0xCu
#define FFA_MEM_TYPE_MASK 0x30u
#define FFA_MEM_TYPE_NONE 0x00u /* the owner's business */
#define FFA_MEM_TYPE_DEVICE 0x10u
#define FFA_MEM_TYPE_NORMAL 0x20u
#define FFA_MEM_ATTR_NS 0x40u /* from 1.1 on, in responses only */
#define FFA_MEM_ATTR_DEFINED 0x7Fu
/* What nearly everybody asks for: normal, write-back, inner shareable. */
#define FFA_MEM_NORMAL (FFA_MEM_TYPE_NORMAL | FFA_MEM_WRITE_BACK | FFA_MEM_SHAREABILITY_INNER)

/* Flags of a transaction (10.10.4.1 and after), of RELINQUISH and of RECLAIM. */
#define FFA_MEM_FLAG_ZERO (1u << 0) /* a response: it has been. RELINQUISH, RECLAIM: after it */
#define FFA_MEM_FLAG_TIME_SLICE (1u << 1)
#define FFA_MEM_FLAG_ZERO_AFTER (1u << 2) /* RETRIEVE_REQ: after the borrower has gone */
#define FFA_MEM_FLAG_TYPE_SHIFT 3
#define FFA_MEM_FLAG_TYPE_MASK (3u << FFA_MEM_FLAG_TYPE_SHIFT) /* RETRIEVE_REQ and its response */
#define FFA_MEM_FLAG_TYPE_SHARE (1u << FFA_MEM_FLAG_TYPE_SHIFT)
#define FFA_MEM_FLAG_TYPE_LEND (2u << FFA_MEM_FLAG_TYPE_SHIFT)
#define FFA_MEM_FLAG_TYPE_DONATE (3u << FFA_MEM_FLAG_TYPE_SHIFT)
#define FFA_MEM_FLAG_HINT(n) ((uint32_t)(n) << 5) /* alignment of 2^n pages */
#define FFA_MEM_FLAG_HINT_VALID (1u << 9)
#define FFA_MEM_FLAG_BYPASS (1u << 10) /* RETRIEVE_REQ: the other borrowers are not listed */

/* Permissions of a borrower. */
#define FFA_MEM_DATA_MASK 0x3u
#define FFA_MEM_DATA_NONE 0x0u /* not specified */
#define FFA_MEM_DATA_RO 0x1u
#define FFA_MEM_DATA_RW 0x2u
#define FFA_MEM_EXEC_MASK 0xCu
#define FFA_MEM_EXEC_NONE 0x0u /* not specified */
#define FFA_MEM_EXEC_XN 0x4u
#define FFA_MEM_EXEC_X 0x8u
#define FFA_MEM_PERM_MASK (FFA_MEM_DATA_MASK | FFA_MEM_EXEC_MASK)

/* Permissions of pages, for FFA_MEM_PERM_GET and SET; other numbers than those of a borrower. */
#define FFA_PAGES_RX 0x3u
#define FFA_PAGES_RW 0x5u
#define FFA_PAGES_RO 0x7u

/* Flags of a borrower. */
#define FFA_MEM_ACCESS_NOT_MINE (1u << 0) /* RETRIEVE_REQ: listed, but does not retrieve */

/* Handles. */
#define FFA_MEM_HANDLE_NONE UINT64_MAX
#define FFA_MEM_HANDLE_HYPERVISOR (1ul << 63) /* given by the hypervisor, not by the SPMC */
#define FFA_MEM_HANDLE(lo, hi) ((uint64_t)(uint32_t)(hi) << 32 | (uint32_t)(lo))

#define FFA_MEM_ALIGN 16u /* of all parts of a descriptor, and of what a fragment ends with */

/* A transaction begins so, for callers of 1.0 and for all others. Borrowers follow. */
struct ffa_mem_transaction_1_0 {
	uint16_t sender;
	uint8_t attributes;
	uint8_t reserved;
	uint32_t flags;
	uint64_t handle;
	uint64_t tag;
	uint32_t reserved_end;
	uint32_t access_count;
};

struct ffa_mem_transaction {
	uint16_t sender;
	uint16_t attributes;
	uint32_t flags;
	uint64_t handle;
	uint64_t tag;
	uint32_t access_size; /* of one struct ffa_mem_access: 16, or from 1.2 on 32 */
	uint32_t access_count;
	uint32_t access_offset; /* of the first, from here */
	uint32_t reserved[3];
};
_Static_assert(sizeof(struct ffa_mem_transaction_1_0) == 32, "FF-A 1.0 layout");
_Static_assert(sizeof(struct ffa_mem_transaction) == 48, "FF-A 1.1 layout");

/* A borrower; FF-A 1.0 and 1.1 leave impdef out, so that reserved follows composite_offset. */
struct ffa_mem_access {
	uint16_t endpoint;
	uint8_t permissions;
	uint8_t flags;
	uint32_t composite_offset; /* of struct ffa_composite, from the start of the transaction */
	uint64_t impdef[2];
	uint64_t reserved;
};

struct ffa_mem_access_1_0 {
	uint16_t endpoint;
	uint8_t permissions;
	uint8_t flags;
	uint32_t composite_offset;
	uint64_t reserved;
};
_Static_assert(sizeof(struct ffa_mem_access) == 32, "FF-A 1.2 layout");
_Static_assert(sizeof(struct ffa_mem_access_1_0) == 16, "FF-A 1.0 layout");

struct ffa_composite {
	uint32_t pages; /* of all constituents, which follow */
	uint32_t count;
	uint64_t reserved;
};

struct ffa_constituent {
	uint64_t base;
	uint32_t pages;
	uint32_t reserved;
};
_Static_assert(sizeof(struct ffa_composite) == 16, "FF-A 1.0 layout");
_Static_assert(sizeof(struct ffa_constituent) == 16, "FF-A 1.0 layout");

/* RELINQUISH; `count` endpoint ids follow. */
struct ffa_mem_relinquish {
	uint64_t handle;
	uint32_t flags;
	uint32_t count;
};
_Static_assert(sizeof(struct ffa_mem_relinquish) == 16, "FF-A 1.0 layout");

/* FEATURES of RETRIEVE_REQ. */
#define FFA_FEATURE_RETRIEVE_NS (1u << 1) /* asked with and answered: the response has the NS bit */
#define FFA_FEATURE_RETRIEVE_HYPERVISOR (1u << 2)

/* --- CONSOLE_LOG --------------------------------------------------------------------------- */

#define FFA_CONSOLE_LOG_MAX_32 24u
#define FFA_CONSOLE_LOG_MAX_64 128u /* x2-x17 */
#define FFA_CONSOLE_LOG_MAX_64_1_1 48u /* x2-x7, callers before 1.2 */

/* --- Boot information (FF-A 1.1 boot protocol) ---------------------------------------------- */

#define FFA_BOOT_INFO_SIGNATURE 0x0FFAu
#define FFA_BOOT_INFO_TYPE_FDT 0u
#define FFA_BOOT_INFO_TYPE_HOB 1u

struct ffa_boot_info_header {
	uint32_t signature;
	uint32_t version;
	uint32_t blob_size;
	uint32_t desc_size;
	uint32_t desc_count;
	uint32_t desc_offset;
	uint64_t reserved;
};

struct ffa_boot_info_desc {
	char name[16];
	uint8_t type;
	uint8_t reserved;
	uint16_t flags; /* 0: name is a string, content is an address */
	uint32_t size;
	uint64_t content;
};
_Static_assert(sizeof(struct ffa_boot_info_header) == 32, "FF-A 1.1 layout");
_Static_assert(sizeof(struct ffa_boot_info_desc) == 32, "FF-A 1.1 layout");

/* --- Virtual interrupt ids that the SPMC defines towards SPs --------------------------------- */

#define FFA_VINT_TIMER 3u
#define FFA_VINT_MEI 4u /* managed exit */
#define FFA_VINT_NPI 5u /* notification pending */
#define FFA_VINT_IPI 9u
#define FFA_SRI_INTID 8u /* schedule receiver interrupt: an SGI of the normal world */

#endif
